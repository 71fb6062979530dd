# SPDX-License-Identifier: Apache-2.0
"""The records of a public dataset round a place: listed whole, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from territoire_sante.errors import CollectionGoneError, ConfigError, ProtocolError
from territoire_sante.formats import Document
from territoire_sante.http import HttpClient, Response
from territoire_sante.plugins import Readable, Ref, Stored, tag
from territoire_sante_openagenda._event import received
from territoire_sante_openagenda._ods_config import OpendatasoftConfig
from territoire_sante_openagenda._ods_lens import id_of

_PAGE: Final = 100
_MOST: Final = 10_000
_METRES: Final = 1000

Record = Mapping[str, Any]


@contextmanager
def opened(config: OpendatasoftConfig) -> Iterator[Records]:
    """
    Give the transport; the first request is that of the first listing.

    Raises:
        ConfigError: the address is none.
    """
    with HttpClient(
        f"{config.base_url.rstrip('/')}/",
        read_timeout=config.timeout,
        deadline=4 * config.timeout,
        max_bytes=32_000_000,
    ) as client:
        yield Records(client, config)


class Records:
    """
    The records of one query; the href of a record is its id, its version a hash of its content.

    What was listed is kept until it is read, so that both tell of the same moment.
    """

    def __init__(self, client: HttpClient, config: OpendatasoftConfig) -> None:
        self._client = client
        self._config = config
        self._listed: Mapping[str, Document] | None = None

    def list(self) -> Iterator[Ref]:
        """
        Yield every record; ending without an error, none is missing.

        Raises:
            CollectionGoneError: there is no such dataset.
            ConfigError: the condition is wrong, or finds more than the portal gives.
            ProtocolError: the pages end before the number that they promise.
        """
        self._listed = dict(self._read_all())
        yield from [Ref(href, tag(document.data)) for href, document in self._listed.items()]

    def read(self, hrefs: Sequence[str]) -> Iterator[Stored]:
        """Yield the records that are there."""
        if hrefs and self._listed is None:
            self._listed = dict(self._read_all())
        for href in hrefs:
            document = (self._listed or {}).get(href)
            if document is not None:
                yield Stored(Ref(href, tag(document.data)), document)

    def _read_all(self) -> Iterator[tuple[str, Document]]:
        met = set[str]()
        offset = 0
        while True:
            found, total = self._page(offset)
            for record in found:
                href = id_of(record)
                if not href:
                    raise ProtocolError("a record without id is listed", where=self._route)
                if href not in met:
                    met.add(href)
                    yield href, received(record)
            offset += len(found)
            if not found or offset >= total:
                break
        # Records that move between pages while they are read are listed twice, others never.
        if len(met) < total:
            raise ProtocolError(
                f"the list has {len(met)} of {total} records; nothing is concluded from it",
                where=self._route,
            )

    @property
    def _route(self) -> str:
        return f"catalog/datasets/{self._config.dataset}/records"

    def _page(self, offset: int) -> tuple[Sequence[Record], int]:
        query = {
            "where": self._where(),
            "order_by": "canonicalurl",
            "limit": _PAGE,
            "offset": offset,
        }
        answer = self._client.request("GET", f"{self._route}?{urlencode(query)}")
        self._look_at(answer)
        told = answer.json()
        found = told.get("results") if isinstance(told, dict) else None
        total = told.get("total_count") if isinstance(told, dict) else None
        if not isinstance(found, list) or not isinstance(total, int):
            raise ProtocolError("this is no list of records", where=self._route)
        if total > _MOST:
            raise ConfigError(
                f"{total} records are found, the portal gives the first {_MOST} only",
                where="radius_km",
                remedy="Make radius_km smaller, or add a condition in where",
            )
        return [one for one in found if isinstance(one, dict)], total

    def _look_at(self, answer: Response) -> None:
        if answer.looks_like_html:
            raise ProtocolError("a web page came where JSON was expected", where=self._route)
        if answer.status == HTTPStatus.NOT_FOUND:
            raise CollectionGoneError(
                "there is no such dataset", where=self._route, remedy="Check the option dataset"
            )
        if answer.status == HTTPStatus.BAD_REQUEST:
            raise ConfigError(
                "the portal does not understand the query",
                where=self._route,
                remedy="Check the option where",
            )
        if not answer.ok:
            raise ProtocolError(f"unexpected answer {answer.status}", where=self._route)

    def _where(self) -> str:
        config = self._config
        point = f"geom'POINT({config.longitude:f} {config.latitude:f})'"
        metres = round(config.radius_km * _METRES)
        near = f"within_distance(location_coordinates, {point}, {metres}m)"
        return f"{near} and ({config.where})" if config.where.strip() else near


if TYPE_CHECKING:

    def _keeps_the_contract(records: Records) -> Readable:
        return records
