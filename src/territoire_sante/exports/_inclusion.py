# SPDX-License-Identifier: Apache-2.0
"""data.inclusion (schema 1): organisations as structures, levers with an open offer as services."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

import attrs

from territoire_sante.exports._actors import at_work, changed_on, main_address
from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._inclusion_services import Service, service_record, services_of
from territoire_sante.exports._plain import (
    archive,
    code_in,
    coded,
    member,
    reached,
    uri,
    write_list,
)
from territoire_sante.formats.inclusion import NETWORKS
from territoire_sante.model import (
    Actor,
    Address,
    CommuneCode,
    ContactPointKind,
    Entity,
    Lever,
    PostalCode,
    Siret,
)
from territoire_sante.privacy import Disclosed
from territoire_sante.snapshot import Snapshot

#: Who publishes, as the schema names producers: the first half of each number.
SOURCE: Final = "territoire-sante"

_IMPORTED: Final = "data-inclusion:"
_NUMBER: Final = re.compile(r"[a-z0-9-]+--.+")
_SHORTEST_NAME: Final = 3
_LONGEST_NAME: Final = 150
_SHORTEST: Final = 5
_LONGEST: Final = 10_000
_LONGEST_URI: Final = 2083
_K: Final = ContactPointKind


@attrs.frozen(kw_only=True)
class Inclusion:
    """What structures and services are made of, and what was left out of them."""

    snapshot: Snapshot
    today: dt.date
    lang: str
    tally: Tally


def write_inclusion(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """
    Write ``structures.json`` and ``services.json`` into one archive.

    A service is a lever under one offer that is published and valid today. Its contact is that
    of a post or an organisation; a person is never named. What came from data.inclusion keeps its
    number there, all else has ``territoire-sante--`` and its id.
    """
    job = Inclusion(snapshot=disclosed.snapshot, today=today, lang=lang, tally=Tally())
    with archive(out) as opened:
        with member(opened, "services.json") as stream:
            job.tally.count += write_list(stream, _services(job))
        with member(opened, "structures.json") as stream:
            job.tally.count += write_list(stream, _structures(job))
    return job.tally.done()


def _structures(job: Inclusion) -> Iterator[dict[str, Any]]:
    for actor in job.snapshot.all(Actor):
        if not at_work(actor):
            job.tally.leave("closed", actor.id)
        elif not _named(actor.name):
            job.tally.leave("name_not_valid", actor.id)
        else:
            yield _structure(job, actor)


def _structure(job: Inclusion, actor: Actor) -> dict[str, Any]:
    source, number = _number(actor)
    return {
        "source": source,
        "id": number,
        "nom": actor.name,
        "date_maj": _changed(job, actor),
        "description": _description(job, actor),
        "siret": coded(actor, Siret) or None,
        **_place(main_address(actor)),
        "telephone": next(iter(reached(actor.contact_points, _K.PHONE, _K.MOBILE)), None),
        "courriel": next(iter(reached(actor.contact_points, _K.EMAIL)), None),
        "site_web": link(job.tally, actor.id, next(iter(_sites(actor)), "")),
        "horaires_accueil": actor.opening_hours or None,
        "reseaux_porteurs": _networks(job, actor),
    }


def _services(job: Inclusion) -> Iterator[dict[str, Any]]:
    for lever in job.snapshot.all(Lever):
        holder = job.snapshot.find(Actor, lever.holder_id)
        services = services_of(job.snapshot, lever, job.today)
        if holder is None or not at_work(holder) or not _named(holder.name):
            job.tally.leave("no_holder", lever.id)
        elif not services:
            job.tally.leave("no_open_offer", lever.id)
        elif not _named(lever.title):
            job.tally.leave("name_not_valid", lever.id)
        else:
            for place, offer in enumerate(services):
                # The first offer is the lever itself, so that an import comes back as it was.
                source, number = _number(lever if place == 0 else offer)
                service = Service(lever=lever, offer=offer, holder=holder)
                record = _service(job, service)
                if record is not None:
                    yield {
                        "source": source,
                        "id": number,
                        "structure_id": _number(holder)[1],
                        "date_maj": _changed(job, lever),
                        **record,
                    }


def _service(job: Inclusion, service: Service) -> dict[str, Any] | None:
    lever = service.lever
    text = lever.description
    if len(text) < _SHORTEST:
        # Required, so what is known is said again, and nothing is made up.
        text = f"{lever.type.label_fr} : {lever.title}"
    if len(text) > _LONGEST:
        job.tally.leave("text_too_long", lever.id)
        return None
    record = service_record(job.snapshot, service, job.today, job.tally)
    address = link(job.tally, lever.id, service.offer.request_url)
    return {"nom": lever.title, "description": text, **record, "lien_mobilisation": address}


def link(tally: Tally, entity_id: str, text: str) -> str | None:
    """Return an address of the web that the schema takes, ``None`` if there is none."""
    found = uri(text)
    if text and not 0 < len(found) <= _LONGEST_URI:
        tally.leave("field_not_valid", entity_id)
        return None
    return found or None


def _named(name: str) -> bool:
    return _SHORTEST_NAME <= len(name) <= _LONGEST_NAME and not name.endswith(".")


def _number(entity: Entity) -> tuple[str, str]:
    """Return the source and the whole number of a record."""
    local = entity.id.partition(":")[2]
    if local.startswith(_IMPORTED) and _NUMBER.fullmatch(local.removeprefix(_IMPORTED)):
        number = local.removeprefix(_IMPORTED)
        return number.partition("--")[0], number
    return SOURCE, f"{SOURCE}--{entity.id}"


def _changed(job: Inclusion, entity: Entity) -> str:
    found = changed_on(entity, job.today)
    if found is None:
        job.tally.leave("dated_today", entity.id)
    return (found or job.today).isoformat()


def _description(job: Inclusion, actor: Actor) -> str | None:
    if len(actor.description) > _LONGEST:
        job.tally.leave("description_too_long", actor.id)
        return None
    return actor.description if len(actor.description) >= _SHORTEST else None


def _place(address: Address | None) -> dict[str, Any]:
    if address is None:
        return {}
    postcode, commune = (
        code_in(PostalCode, address.postcode),
        code_in(CommuneCode, address.citycode),
    )
    place: dict[str, Any] = {
        "commune": address.city or None,
        "code_postal": postcode.value if postcode is not None else None,
        "code_insee": commune.value if commune is not None else None,
        "adresse": address.street or None,
        "complement_adresse": address.complement or None,
    }
    if address.geo is not None:
        place["longitude"] = address.geo.longitude
        place["latitude"] = address.geo.latitude
    return place


def _sites(actor: Actor) -> list[str]:
    return reached(actor.contact_points, _K.URL)


def _networks(job: Inclusion, actor: Actor) -> list[str] | None:
    own = NETWORKS.get(actor.kind)
    known = set(NETWORKS.values())
    tagged = [tag.removeprefix("reseau:") for tag in actor.tags if tag.startswith("reseau:")]
    if any(one not in known for one in tagged):
        job.tally.leave("code_not_in_schema", actor.id)
    found = dict.fromkeys(one for one in (*tagged, own) if one in known)
    return list(found) or None
