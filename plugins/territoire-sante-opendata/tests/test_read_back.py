# SPDX-License-Identifier: Apache-2.0
"""What this library writes after data.inclusion, these readers read back."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from pathlib import Path

import attrs
import pytest

from territoire_sante.exports import EXPORTERS
from territoire_sante.model import (
    Actor,
    ActorKind,
    ContactPoint,
    ContactPointKind,
    Cost,
    CostKind,
    Lever,
    LeverOffer,
    LeverType,
    OfferState,
    RequestMode,
    Visibility,
)
from territoire_sante.privacy import disclose
from territoire_sante.snapshot import Snapshot
from territoire_sante_opendata import read_inclusion_services, read_inclusion_structures

STRUCTURE = {
    "source": "dora",
    "id": "dora--ccas-canourgue",
    "nom": "CCAS de La Canourgue",
    "description": "Aide sociale de la commune.",
    "date_maj": "2026-05-04",
    "siret": "73282932000074",
    "code_insee": "48034",
    "code_postal": "48500",
    "commune": "La Canourgue",
    "adresse": "1 place de la Mairie",
    "latitude": 44.43,
    "longitude": 3.21,
    "telephone": "+33465710001",
    "courriel": "ccas@canourgue.example.org",
    "site_web": "https://ccas.example.org/",
    "horaires_accueil": "Mo-Fr 09:00-12:00",
    "reseaux_porteurs": ["ccas-cias"],
}
SERVICE = {
    "source": "dora",
    "id": "dora--transport",
    "structure_id": "dora--ccas-canourgue",
    "nom": "Transport solidaire",
    "description": "Des bénévoles vous conduisent à vos rendez-vous.",
    "date_maj": "2026-05-04",
    "thematiques": ["mobilite--etre-accompagne-dans-son-parcours-mobilite"],
    "frais": "gratuit",
    "frais_precisions": "Participation libre",
    "conditions_acces": "Réserver la veille",
    "modes_mobilisation": ["telephoner", "utiliser-lien-mobilisation"],
    "lien_mobilisation": "https://ccas.example.org/transport",
    "zone_eligibilite": ["48034", "2A", "974", "200069268", "france"],
    "telephone": "+33465710002",
    "horaires_accueil": "Mo 09:00-12:00",
}


class Picture:
    """Entities as a source of a snapshot."""

    def __init__(self, entities):
        self.entities = sorted(entities, key=lambda one: one.id)

    def reading(self):
        """Give itself."""
        return contextlib.nullcontext(self)

    def all(self, cls):
        """Yield the entities of a class."""
        return (one for one in self.entities if type(one) is cls)

    def last_revision(self):
        """Return a revision."""
        return 1


@pytest.fixture
def read_back(tmp_path, day):
    """Return what exports entities for the public and reads the export again."""

    def done(entities):
        disclosed = disclose(Snapshot.of(Picture(entities)), Visibility.PUBLIC)
        out = io.BytesIO()
        EXPORTERS["data-inclusion"].write(disclosed, out, today=day)
        with zipfile.ZipFile(out) as opened:
            opened.extractall(tmp_path)
        return _read(tmp_path, day)

    return done


def _read(folder: Path, day):
    return [
        *read_inclusion_structures(folder / "structures.json", retrieved_on=day),
        *read_inclusion_services(folder / "services.json", retrieved_on=day),
    ]


def test_an_import_comes_back_as_it_was(tmp_path, day, read_back):
    """Structures and services of data.inclusion, exported and read again, are the same entities."""
    (tmp_path / "structures.json").write_text(json.dumps([STRUCTURE]), encoding="utf-8")
    (tmp_path / "services.json").write_text(json.dumps([SERVICE]), encoding="utf-8")
    read = _read(tmp_path, day)

    assert len(read) == 3
    assert read_back(read) == read
    assert json.loads((tmp_path / "services.json").read_text(encoding="utf-8"))[0]["id"] == (
        "dora--transport"
    )


@pytest.mark.parametrize(
    "kind",
    [
        LeverType.VEHICLE_LOAN,
        LeverType.SOLIDARITY_TRANSPORT,
        LeverType.CARPOOL,
        LeverType.CHILDCARE,
        LeverType.HEALTH_MEDIATOR,
    ],
)
def test_our_own_levers_come_back(kind, read_back):
    """A lever of ours with a theme comes back with all that the schema can say, under a new id."""
    public = Visibility.PUBLIC
    holder = Actor(
        id="actor:ccas", kind=ActorKind.CCAS, name="CCAS de La Canourgue", visibility=public
    )
    lever = Lever(
        id="lever:mien",
        type=kind,
        title="L'aide du village",
        description="Une aide à tous, le matin.",
        holder_id=holder.id,
        coverage=("commune:48034", "departement:2B"),
        visibility=public,
    )
    phone = ContactPoint(kind=ContactPointKind.PHONE, value="+33465710002", visibility=public)
    offer = LeverOffer(
        id="lever_offer:mien",
        lever_id=lever.id,
        title=lever.title,
        opening_hours="Mo 09:00-12:00",
        cost=Cost(kind=CostKind.QUOTE, per="au kilomètre"),
        conditions="Réserver la veille",
        contact=phone,
        contact_id=holder.id,
        request_modes=(RequestMode.PHONE, RequestMode.ONLINE_FORM),
        request_url="https://ccas.example.org/transport",
        state=OfferState.PUBLISHED,
        visibility=public,
    )
    actor, back, terms = read_back([holder, lever, offer])
    theme = back.tags

    assert (actor.kind, actor.name) == (holder.kind, holder.name)
    assert len(theme) == 1
    assert attrs.evolve(back, id=lever.id, holder_id=holder.id, provenance=None, tags=()) == lever
    assert (
        attrs.evolve(terms, id=offer.id, lever_id=lever.id, contact_id=holder.id, provenance=None)
        == offer
    )
    assert back.holder_id == terms.contact_id == actor.id
