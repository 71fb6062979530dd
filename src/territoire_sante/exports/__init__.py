# SPDX-License-Identifier: Apache-2.0
"""
A territory for others: the formats in which what is disclosed can be handed out.

>>> import datetime as dt, io
>>> from territoire_sante import Store
>>> from territoire_sante.model import Actor, ActorKind, Visibility
>>> from territoire_sante.privacy import disclose
>>> with Store.open("memory:") as store:
...     _ = store.put(
...         Actor(
...             id="mairie:48034",
...             kind=ActorKind.COMMUNE,
...             name="Mairie de La Canourgue",
...             visibility=Visibility.PUBLIC,
...         )
...     )
...     disclosed = disclose(store.snapshot(), Visibility.PUBLIC)
>>> out = io.BytesIO()
>>> EXPORTERS["hsds"].write(disclosed, out, today=dt.date(2026, 11, 22)).count
1
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from territoire_sante.exports._cells import guarded, unguarded
from territoire_sante.exports._contract import Exported, Exporter, LeftOut, Write
from territoire_sante.exports._hsds import write_hsds, write_hsds_31, write_hsds_tables
from territoire_sante.exports._inclusion import write_inclusion
from territoire_sante.exports._json import write_json
from territoire_sante.exports._markdown import write_markdown
from territoire_sante.exports._schema_org import embeddable, write_schema_org
from territoire_sante.exports._spreadsheet import write_csv
from territoire_sante.exports._subventions import (
    THRESHOLD,
    write_due_subventions,
    write_subventions,
)

__all__ = [
    "EXPORTERS",
    "THRESHOLD",
    "Exported",
    "Exporter",
    "LeftOut",
    "Write",
    "embeddable",
    "guarded",
    "unguarded",
]

_ZIP: Final = "application/zip"
_ALL: Final = (
    Exporter(
        name="csv",
        title_fr="Tableaux pour tableur (CSV, dans une archive)",
        title_en="Tables for spreadsheets (CSV, in an archive)",
        media_type=_ZIP,
        extension=".zip",
        write=write_csv,
    ),
    Exporter(
        name="data-inclusion",
        title_fr="data.inclusion, structures et services (schéma 1)",
        title_en="data.inclusion, structures and services (schema 1)",
        media_type=_ZIP,
        extension=".zip",
        write=write_inclusion,
    ),
    Exporter(
        name="hsds",
        title_fr="HSDS 3.0 d'Open Referral",
        title_en="Open Referral HSDS 3.0",
        media_type="application/json",
        extension=".json",
        write=write_hsds,
    ),
    Exporter(
        name="hsds-3.1",
        title_fr="HSDS 3.1 d'Open Referral, avec les capacités",
        title_en="Open Referral HSDS 3.1, with capacities",
        media_type="application/json",
        extension=".json",
        write=write_hsds_31,
    ),
    Exporter(
        name="hsds-tables",
        title_fr="HSDS 3.0 en tableaux (Tabular Data Package)",
        title_en="HSDS 3.0 as tables (Tabular Data Package)",
        media_type=_ZIP,
        extension=".zip",
        write=write_hsds_tables,
    ),
    Exporter(
        name="json",
        title_fr="Tout le territoire, relisible par cette bibliothèque",
        title_en="The whole territory, which this library reads back",
        media_type="application/json",
        extension=".json",
        write=write_json,
    ),
    Exporter(
        name="markdown",
        title_fr="Annuaire à lire et à imprimer (Markdown)",
        title_en="Directory to read and to print (Markdown)",
        media_type="text/markdown",
        extension=".md",
        write=write_markdown,
    ),
    Exporter(
        name="scdl-subventions",
        title_fr="Subventions (SCDL 2.1.1)",
        title_en="Grants (SCDL 2.1.1)",
        media_type="text/csv",
        extension=".csv",
        write=write_subventions,
    ),
    Exporter(
        name="scdl-subventions-23000",
        title_fr="Subventions de plus de 23 000 €, à publier (SCDL 2.1.1)",
        title_en="Grants above €23,000, to be published (SCDL 2.1.1)",
        media_type="text/csv",
        extension=".csv",
        write=write_due_subventions,
    ),
    Exporter(
        name="schema-org",
        title_fr="Événements et organismes pour une page web (schema.org)",
        title_en="Events and organisations for a web page (schema.org)",
        media_type="application/ld+json",
        extension=".jsonld",
        write=write_schema_org,
    ),
)

#: The exporters by their names, in the order of the alphabet.
EXPORTERS: Final[Mapping[str, Exporter]] = MappingProxyType({one.name: one for one in _ALL})
