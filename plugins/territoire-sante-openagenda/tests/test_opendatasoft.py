# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    FormatError,
    ProtocolError,
    UnsupportedError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Capability, open_transport, structure_config
from territoire_sante_openagenda import OPENDATASOFT, RecordLens

PARIS = ZoneInfo("Europe/Paris")
LENS = RecordLens()


@pytest.fixture
def contribute(server):
    """Give a function that publishes events at a place."""

    def made(count, location=11):
        for n in range(count):
            server.contribute(
                title={"fr": f"Marche {n}"},
                description={"fr": "Tous niveaux"},
                locationUid=location,
                timings=[
                    {"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"},
                ],
            )

    return made


@pytest.fixture
def records_with(server):
    """Give a function that opens the dataset round Exempleville."""

    def opened(**changes):
        options = {"latitude": 44.5, "longitude": 3.5, "base_url": server.records_url, **changes}
        return open_transport(OPENDATASOFT, structure_config(OPENDATASOFT, options))

    return opened


def _record(**changes):
    told = {"uid": "7", "title_fr": "Marche", "canonicalurl": "https://example.org/7", **changes}
    return Document(json.dumps(told).encode(), "application/json")


def test_it_can_be_read_and_nothing_else():
    """The dataset is made by its portal."""
    assert OPENDATASOFT.capabilities == {Capability.READ}
    with pytest.raises(UnsupportedError, match="not written"):
        LENS.put(attrs.evolve(LENS.get(_record()), title="Autre"), _record())
    with pytest.raises(UnsupportedError):
        LENS.put(LENS.get(_record()))


def test_events_near_by_are_read_without_a_key(server, contribute, records_with):
    """Events within the distance come, those elsewhere do not, and no key is sent."""
    contribute(1)
    contribute(1, location=12)
    with records_with() as records:
        refs = list(records.list())
        (item,) = records.read([ref.href for ref in refs])
    view = LENS.get(item.document)
    assert view.title == "Marche 0"
    assert view.body == "Tous niveaux"
    assert view.place == "Salle des fêtes, Exempleville"
    assert view.event_start == dt.datetime(2026, 11, 14, 9, tzinfo=PARIS)
    assert view.event_end == dt.datetime(2026, 11, 14, 12, tzinfo=PARIS)
    assert view.url.startswith("https://openagenda.example.org/")
    query = dict(server.requests[-1].query)
    assert query["where"] == (
        "within_distance(location_coordinates, geom'POINT(3.500000 44.500000)', 20000m)"
    )


@pytest.mark.parametrize("count", [99, 100, 101, 200, 201])
def test_pages_of_a_hundred(server, contribute, records_with, count):
    """All pages are read, each of the 100 records that the portal gives at most."""
    contribute(count)
    with records_with() as records:
        assert len(list(records.list())) == count
    assert len(server.requests) == -(-count // 100)
    assert {dict(one.query)["limit"] for one in server.requests} == {"100"}


def test_a_further_condition_is_joined(server, records_with):
    """The condition of the configuration is one more, not one instead."""
    with records_with(where="a = 1 or b = 2") as records:
        list(records.list())
    assert dict(server.requests[-1].query)["where"].endswith("20000m) and (a = 1 or b = 2)")


def test_too_many_are_refused(server, records_with):
    """More than the portal's window is refused with what to do, not read in part."""
    server.fail(200, body={"total_count": 10_001, "results": []})
    with records_with() as records, pytest.raises(ConfigError, match="radius_km"):
        list(records.list())


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"total_count": 3, "results": [{"uid": "1"}]}, ProtocolError),
        (200, {"total_count": 1, "results": [{"title_fr": "a"}]}, ProtocolError),
        (200, {"records": []}, ProtocolError),
        (200, "<html>Maintenance</html>", ProtocolError),
        (400, {"message": "ODSQL"}, ConfigError),
        (404, {"message": "no dataset"}, CollectionGoneError),
        (404, "<html>Maintenance</html>", ProtocolError),
    ],
    ids=["short", "no id", "old form", "page", "query", "dataset", "missing page"],
)
def test_what_is_no_whole_list_proves_nothing(server, records_with, status, body, error):
    """A list that is not whole, or none, is an error: nothing was deleted."""
    server.fail(status, times=4, body=body)
    with records_with() as records, pytest.raises(error):
        list(records.list())


def test_slots_come_as_text():
    """The slots are JSON in a text; without readable ones the first and the last time count."""
    slots = [{"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T10:00:00+01:00"}]
    ends = {
        "firstdate_begin": "2026-11-20T08:00:00+00:00",
        "lastdate_end": "2026-11-20T09:00:00+00:00",
    }
    first = LENS.get(_record(timings=json.dumps(slots), **ends))
    second = LENS.get(_record(timings="[{", **ends))
    assert first.event_start == dt.datetime(2026, 11, 14, 9, tzinfo=PARIS)
    assert second.event_start == dt.datetime(2026, 11, 20, 9, tzinfo=PARIS)


@pytest.mark.parametrize("data", [b"junk", b"{}", b'{"uid": null}'])
def test_what_is_no_record_is_refused(data):
    """A record without an id, or none, is refused in words."""
    with pytest.raises(FormatError):
        LENS.get(Document(data, "application/json"))


@pytest.mark.parametrize(
    "changes",
    [{"latitude": 91.0}, {"radius_km": 0.0}, {"base_url": "http://example.org"}, {"timezone": "x"}],
    ids=["latitude", "radius", "http", "zone"],
)
def test_wrong_options_are_named(records_with, changes):
    """An option that cannot be meant is named."""
    with pytest.raises(ConfigError, match=next(iter(changes))), records_with(**changes):
        pytest.fail("opened")
