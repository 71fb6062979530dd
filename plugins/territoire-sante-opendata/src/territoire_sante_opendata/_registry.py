# SPDX-License-Identifier: Apache-2.0
"""The registers: what they are called, under which licence, where they are published."""

from __future__ import annotations

import datetime as dt
from typing import Final

import attrs

from territoire_sante.model import ProcessingBasis, Provenance


@attrs.frozen(kw_only=True)
class Registry:
    """
    A public register, as provenance names it.

    The open licence asks to name the source and the date of its last update.
    """

    source: str
    licence: str = "etalab-2.0"
    url: str = ""
    basis: ProcessingBasis | None = None

    def provenance(
        self, source_id: str, *, retrieved_on: dt.date, source_date: dt.date | None = None
    ) -> Provenance:
        """Return where the record of this number comes from."""
        return Provenance(
            source=self.source,
            source_id=source_id,
            retrieved_on=retrieved_on,
            source_date=source_date,
            licence=self.licence,
            url=self.url,
            basis=self.basis,
        )


COG: Final = Registry(
    source="INSEE, Code officiel géographique",
    url="https://www.data.gouv.fr/datasets/code-officiel-geographique-cog",
)
EPCI: Final = Registry(
    source="DGCL, liste des EPCI à fiscalité propre",
    url="https://www.collectivites-locales.gouv.fr",
)
FINESS: Final = Registry(source="FINESS", url="https://finess.esante.gouv.fr")
RNE: Final = Registry(
    source="Répertoire national des élus",
    url="https://www.data.gouv.fr/datasets/repertoire-national-des-elus-1",
    basis=ProcessingBasis.LEGITIMATE_INTEREST,
)
SERVICE_PUBLIC: Final = Registry(
    source="DILA, annuaire de l'administration",
    url="https://lannuaire.service-public.gouv.fr",
)
INCLUSION: Final = Registry(source="data.inclusion", url="https://data.inclusion.gouv.fr")
SCDL_EQUIPMENT: Final = Registry(
    source="SCDL, équipements", url="https://schema.data.gouv.fr/scdl/equipements"
)
SCDL_DELIBERATIONS: Final = Registry(
    source="SCDL, délibérations", url="https://schema.data.gouv.fr/scdl/deliberations"
)
