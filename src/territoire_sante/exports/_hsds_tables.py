# SPDX-License-Identifier: Apache-2.0
"""HSDS documents as tables: every nested object a row of its own that names its parent."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, TextIO

from territoire_sante.exports._cells import defused
from territoire_sante.exports._plain import archive, member

#: For each list: the kind of its rows, their file, and what each row says, links first.
_TABLES: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "addresses": (
        *("address", "addresses.csv"),
        (
            *("id", "location_id", "attention", "address_1", "address_2", "city", "region"),
            *("state_province", "postal_code", "country", "address_type"),
        ),
    ),
    "attributes": (
        *("attribute", "attributes.csv"),
        ("id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"),
    ),
    "contacts": (
        *("contact", "contacts.csv"),
        (
            *("id", "organization_id", "service_id", "service_at_location_id", "location_id"),
            *("name", "title", "department", "email"),
        ),
    ),
    "cost_options": (
        *("cost_option", "cost_options.csv"),
        (
            *("id", "service_id", "valid_from", "valid_to", "option", "currency", "amount"),
            "amount_description",
        ),
    ),
    "locations": (
        *("location", "locations.csv"),
        (
            *("id", "location_type", "url", "organization_id", "name", "alternate_name"),
            *("description", "transportation", "latitude", "longitude", "external_identifier"),
            "external_identifier_type",
        ),
    ),
    "metadata": (
        *("metadata", "metadata.csv"),
        (
            *("id", "resource_id", "resource_type", "last_action_date", "last_action_type"),
            *("field_name", "previous_value", "replacement_value", "updated_by"),
        ),
    ),
    "organization_identifiers": (
        *("organization_identifier", "organization_identifiers.csv"),
        ("id", "organization_id", "identifier_scheme", "identifier_type", "identifier"),
    ),
    "organizations": (
        *("organization", "organizations.csv"),
        (
            *("id", "name", "alternate_name", "description", "email", "website", "legal_status"),
            "parent_organization_id",
        ),
    ),
    "phones": (
        *("phone", "phones.csv"),
        (
            *("id", "location_id", "service_id", "organization_id", "contact_id"),
            *("service_at_location_id", "number", "type", "description"),
        ),
    ),
    "required_documents": (
        *("required_document", "required_documents.csv"),
        ("id", "service_id", "document", "uri"),
    ),
    "schedules": (
        *("schedule", "schedules.csv"),
        (
            *("id", "service_id", "location_id", "service_at_location_id", "valid_from"),
            *("valid_to", "dtstart", "until", "count", "wkst", "freq", "interval", "byday"),
            *("byweekno", "bymonthday", "byyearday", "description", "opens_at", "closes_at"),
            *("schedule_link", "attending_type", "notes"),
        ),
    ),
    "service_areas": (
        *("service_area", "service_areas.csv"),
        ("id", "service_id", "name", "description", "extent", "extent_type", "uri"),
    ),
    "service_at_locations": (
        *("service_at_location", "service_at_location.csv"),
        ("id", "service_id", "location_id", "description"),
    ),
    "services": (
        *("service", "services.csv"),
        (
            *("id", "organization_id", "name", "description", "url", "email", "status"),
            *("application_process", "fees_description", "eligibility_description"),
            "assured_date",
        ),
    ),
    "taxonomies": (
        *("taxonomy", "taxonomies.csv"),
        ("id", "name", "description", "uri", "version"),
    ),
    "taxonomy_terms": (
        *("taxonomy_term", "taxonomy_terms.csv"),
        (
            *("id", "code", "name", "description", "parent_id", "taxonomy", "language"),
            *("taxonomy_id", "term_uri"),
        ),
    ),
}
_NUMBERS: Final = frozenset({"latitude", "longitude", "amount", "count", "interval"})
_PHONE: Final = re.compile(r"\+[0-9][0-9 .()]*")
_IN_MEMORY: Final = 1 << 20


class _Table:
    """The rows of one file so far, in memory or in a file of the system; each id once."""

    def __init__(self, name: str) -> None:
        self.kind, self.path, self.columns = _TABLES[name]
        self._bytes = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._text: TextIO = io.TextIOWrapper(
            self._bytes, encoding="utf-8", newline="", write_through=True
        )
        self._rows = csv.DictWriter(self._text, self.columns, lineterminator="\r\n")
        self._rows.writeheader()
        self._ids: set[str] = set()

    def add(self, row: dict[str, Any]) -> None:
        """Add a row unless its id is there."""
        if row["id"] not in self._ids:
            self._ids.add(row["id"])
            self._rows.writerow({name: _cell(row.get(name)) for name in self.columns})

    def copy_to(self, out: BinaryIO) -> None:
        """Write the file."""
        self._text.flush()
        self._bytes.seek(0)
        shutil.copyfileobj(self._bytes, out)

    def close(self) -> None:
        """Let the file of the system go."""
        self._text.close()


def _cell(value: Any) -> str:
    if isinstance(value, str):
        # A telephone number adds up to nothing that could do harm, and must stay one.
        return value if _PHONE.fullmatch(value) else defused(value)
    return "" if value is None else str(value)


def write_tables(lists: Iterable[tuple[str, Iterator[dict[str, Any]]]], out: BinaryIO) -> None:
    """Write the rows of all lists into an archive, and the package that describes them."""
    with contextlib.ExitStack() as stack:
        tables = {name: _Table(name) for name in sorted(_TABLES)}
        for table in tables.values():
            stack.callback(table.close)
        for name, values in lists:
            for value in values:
                _flatten(tables, name, value, {})
        with archive(out) as opened:
            with member(opened, "datapackage.json") as stream:
                stream.write(json.dumps(_package(), indent=2).encode() + b"\n")
            for table in sorted(tables.values(), key=lambda one: one.path):
                with member(opened, table.path) as stream:
                    table.copy_to(stream)


def _flatten(
    tables: dict[str, _Table], name: str, value: dict[str, Any], links: dict[str, str]
) -> None:
    table = tables[name]
    table.add({**value, **links})
    for field, inner in value.items():
        if field == "location":
            _flatten(tables, "locations", inner, {})
        elif field in _TABLES and isinstance(inner, list):
            for one in inner:
                _flatten(tables, field, one, _links(field, table.kind, value["id"]))


def _links(field: str, kind: str, parent_id: str) -> dict[str, str]:
    if field == "attributes":
        return {"link_id": parent_id, "link_entity": kind}
    if field == "metadata":
        return {"resource_id": parent_id, "resource_type": kind}
    return {f"{kind}_id": parent_id}


def _package() -> dict[str, Any]:
    """Return the description of the tables (Tabular Data Package)."""
    return {
        "name": "human_services_data",
        "profile": "tabular-data-package",
        "resources": [
            {
                "name": kind,
                "path": path,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "primaryKey": "id",
                    "fields": [
                        {"name": one, "type": "number" if one in _NUMBERS else "string"}
                        for one in columns
                    ],
                },
            }
            for kind, path, columns in sorted(_TABLES.values(), key=lambda one: one[1])
        ],
    }
