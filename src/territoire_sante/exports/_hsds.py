# SPDX-License-Identifier: Apache-2.0
"""Open Referral's HSDS 3.0, and 3.1 with capacities: one JSON document, or tables in an archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._hsds_organisations import Job, organisations
from territoire_sante.exports._hsds_services import services, taxonomies, taxonomy_terms
from territoire_sante.exports._hsds_tables import write_tables
from territoire_sante.exports._plain import dumped, write_list
from territoire_sante.privacy import Disclosed

_SCHEMA: Final = (
    "https://raw.githubusercontent.com/openreferral/specification/{}/schema/openapi.json"
)
_PROFILE: Final = "https://docs.openreferral.org/en/{}/hsds/schema_reference.html"

#: The lists of a document: each value follows the schema of its kind.
LISTS: Final[dict[str, Callable[[Job], Iterator[dict[str, Any]]]]] = {
    "organizations": organisations,
    "services": services,
    "taxonomies": taxonomies,
    "taxonomy_terms": taxonomy_terms,
}
#: Of these a record is counted; the taxonomy is the same for all.
COUNTED: Final = frozenset({"organizations", "services"})


def write_hsds(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """Write organisations, services, and the taxonomy of levers as one document of HSDS 3.0."""
    return _document(_job(disclosed, today, lang, "3.0"), out)


def write_hsds_31(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """Write the same after HSDS 3.1, where a service also says its capacity."""
    return _document(_job(disclosed, today, lang, "3.1"), out)


def write_hsds_tables(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """Write HSDS 3.0 as tables: a tabular data package with one CSV for each kind of thing."""
    job = _job(disclosed, today, lang, "3.0")
    with_counts = ((name, _counted(job, name, values(job))) for name, values in LISTS.items())
    write_tables(with_counts, out)
    return job.tally.done()


def _job(disclosed: Disclosed, today: dt.date, lang: str, version: str) -> Job:
    snapshot = disclosed.snapshot
    return Job(snapshot=snapshot, today=today, lang=lang, version=version, tally=Tally())


def _document(job: Job, out: BinaryIO) -> Exported:
    head = {
        "version": job.version,
        "profile": _PROFILE.format(job.version),
        "openapi_url": _SCHEMA.format(job.version),
    }
    out.write(dumped(head)[:-1])
    for name, values in LISTS.items():
        out.write(b",\n" + dumped(name) + b": ")
        write_list(out, _counted(job, name, values(job)))
    out.write(b"\n}\n")
    return job.tally.done()


def _counted(job: Job, name: str, values: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for value in values:
        job.tally.count += name in COUNTED
        yield value
