# SPDX-License-Identifier: Apache-2.0
"""Territories: named sets of communes, each with a kind and a date."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._checks import between
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._values import Geo, Visibility


class TerritoryKind(LabelledEnum):
    """What a set of communes is: an administrative area, or one drawn by people."""

    COMMUNE = "commune", "Commune", "Municipality"
    COMMUNE_DELEGUEE = "commune_deleguee", "Commune déléguée", "Delegated municipality"
    COMMUNE_ASSOCIEE = "commune_associee", "Commune associée", "Associated municipality"
    ARRONDISSEMENT = "arrondissement", "Arrondissement municipal", "City district"
    EPCI = "epci", "EPCI à fiscalité propre", "Intercommunal body"
    PETR = "petr", "Pays ou PETR", "Rural grouping (PETR)"
    DEPARTEMENT = "departement", "Département", "Département"
    REGION = "region", "Région", "Region"
    CLS_AREA = "cls_area", "Périmètre de CLS", "Area of a local health contract"
    CPTS_AREA = "cpts_area", "Territoire de CPTS", "Area of a CPTS"
    CATCHMENT = "catchment", "Bassin de vie ou de patientèle", "Catchment area"
    UNDERSERVED_ZONE = "underserved_zone", "Zone sous-dense (ZIP, ZAC)", "Underserved zone"
    CUSTOM = "custom", "Territoire de projet", "Project area"


class Institution(LabelledEnum):
    """What may be missing on a territory; that it is, is a statement of its own."""

    EPCI = "epci", "Intercommunalité", "Intercommunal body"
    CLS = "cls", "Contrat local de santé", "Local health contract"
    CARE_TEAM = "care_team", "Équipe de soins (MSP, ESP…)", "Care team"
    CCAS = "ccas", "CCAS ou CIAS", "Social-action centre"
    DAC = "dac", "Dispositif d'appui à la coordination", "Coordination support body (DAC)"
    HEALTH_REFERENT = "health_referent", "Référent santé", "Health contact of an authority"
    ANNOUNCEMENT_CHANNEL = (
        "announcement_channel",
        "Canal d'information aux habitants",
        "Announcement channel",
    )


@attrs.frozen(kw_only=True)
class Territory(Entity):
    """
    A set of communes, as it was on ``as_of``.

    ``code`` is the official code where one exists (INSEE code, SIREN of an
    EPCI, number of a département or region). ``communes`` holds the INSEE
    codes of the members, that of a commune being its own; ``parent_ids`` the
    territories it lies in (EPCI, département, region), which may be none: 98
    communes are in no EPCI. ``geo`` is a centre for maps. ``population`` is
    in inhabitants. ``absent`` is what somebody made sure serves no commune of it; what is not
    listed there is not known, never missing.
    """

    KIND: ClassVar[str] = "territory"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("territory", "commune", "epci", "departement", "region")

    visibility: Visibility = Visibility.PUBLIC
    kind: TerritoryKind
    name: str
    code: str = ""
    communes: tuple[str, ...] = ()
    parent_ids: tuple[str, ...] = ()
    postal_codes: tuple[str, ...] = ()
    population: int | None = attrs.field(default=None, validator=between(0))
    as_of: dt.date | None = None
    geo: Geo | None = None
    absent: tuple[Institution, ...] = ()

    def contains(self, commune: str) -> bool:
        """Say whether the commune with this INSEE code is a member."""
        return commune in self.communes

    def overlaps(self, other: Territory) -> bool:
        """Say whether the two territories share a commune."""
        return not frozenset(self.communes).isdisjoint(other.communes)
