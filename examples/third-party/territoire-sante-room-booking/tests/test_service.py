# SPDX-License-Identifier: Apache-2.0
"""What the service answers, and what the connector makes of it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import subprocess
import sys
from contextlib import suppress
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    ConflictError,
    FormatError,
    ItemRefusedError,
    ProtocolError,
    ReadOnlyError,
    RetryableError,
)
from territoire_sante.model import Event
from territoire_sante.plugins import Stored

PARIS = ZoneInfo("Europe/Paris")
MEETING = Event(
    id="event:a",
    uid="a@example.org",
    summary="Réunion",
    location="Salle du conseil",
    start=dt.datetime(2027, 6, 13, 18, tzinfo=PARIS),
    end=dt.datetime(2027, 6, 13, 20, tzinfo=PARIS),
)


def read(transport, href):
    """Return a booking as it is there."""
    (answer,) = transport.read([href])
    assert isinstance(answer, Stored)
    return answer


def test_pages_are_followed_to_their_end(service, opened, booking):
    """A listing and a delta give all of seven bookings, three to a page."""
    ids = [service.book.add(booking(f"n° {n}")).id for n in range(7)]
    with opened(service) as (transport, _):
        assert [ref.href for ref in transport.list()] == ids
        batch = transport.changes(None)
        assert [ref.href for ref in batch.changed] == ids
        for id_ in ids[:5]:
            service.book.remove(id_, "*")
        removed, cursor, complete = [], batch.cursor, False
        while not complete:
            batch = transport.changes(cursor)
            removed, cursor, complete = [*removed, *batch.removed], batch.cursor, batch.complete
        assert removed == ids[:5]


def test_what_changes_during_a_listing_is_told_after_it(start, opened, booking):
    """The cursor of a listing is of its first page, so that nothing falls between."""
    with start(page=1) as service:
        first = service.book.add(booking("un"))
        service.book.add(booking("deux"))

        def later():
            if not service.requests:
                service.book.change(first.id, booking("un, changé"), "*")
            return dt.datetime.now(dt.UTC)

        inner = service.book.page
        service.book.page = lambda *given: (inner(*given), later())[0]
        with opened(service) as (transport, _):
            cursor = transport.changes(None).cursor
            assert [ref.href for ref in transport.changes(cursor).changed] == [first.id]


def test_a_cursor_that_is_too_old_starts_anew(start, opened, booking):
    """When the service has forgotten deletions since, all is listed again and nothing is lost."""
    with start(memory=1) as service, opened(service) as (transport, _):
        kept = [service.book.add(booking(f"n° {n}")) for n in range(4)]
        cursor = transport.changes(None).cursor
        for one in kept[:3]:
            service.book.remove(one.id, "*")
        batch = transport.changes(cursor)
        assert batch.reset
        assert [ref.href for ref in batch.changed] == [kept[3].id]


def test_two_kinds_of_409_are_told_apart(service, opened):
    """A booking that is there already is a conflict; a room that is taken is refused for good."""
    with opened(service) as (transport, lens):
        transport.create("a", lens.put(MEETING))
        with pytest.raises(ConflictError):
            transport.create("a", lens.put(MEETING))
        other = attrs.evolve(MEETING, uid="b@example.org", summary="Loto")
        with pytest.raises(ItemRefusedError, match="room is taken"):
            transport.create("b", lens.put(other))


def test_a_refusal_names_the_member(service, opened):
    """What the service finds wrong is told in its words, without the content."""
    with opened(service) as (transport, lens):
        nowhere = lens.put(attrs.evolve(MEETING, location=""))
        with pytest.raises(ItemRefusedError, match=r"422.*room is required"):
            transport.create("a", nowhere)
        long = lens.put(attrs.evolve(MEETING, summary="x" * 201))
        with pytest.raises(ItemRefusedError, match="title has more than 200") as refused:
            transport.create("a", long)
        assert "xxx" not in str(refused.value)


def test_members_of_others_outlive_a_write(service, opened, booking):
    """What the service keeps beside stays, through the wire and back."""
    kept = service.book.add(booking())
    with opened(service) as (transport, lens):
        stored = read(transport, kept.id)
        event = attrs.evolve(lens.get(stored.document), summary="Bilan")
        transport.replace(stored.ref, lens.put(event, stored.document))
        held = json.loads(read(transport, kept.id).document.data)
    assert (held["title"], held["seats"], held["contact"]["extras"]) == ("Bilan", 40, ["vidéo"])


def test_a_booking_that_is_none_harms_no_other(service, opened, booking):
    """One broken booking is refused by the lens; the next one is read."""
    first, second = (service.book.add(booking(name)) for name in ("un", "deux"))
    service.book._write(first.id, 9, 2, {"title": 3})
    with opened(service) as (transport, lens):
        titles = []
        for href in (first.id, second.id):
            with suppress(FormatError):
                titles.append(lens.get(read(transport, href).document).summary)
    assert titles == ["deux"]


def test_who_asks_too_often_is_told_to_wait(start, opened, booking):
    """429 is waited for when reading, and is an error with its delay when writing."""
    # Each request comes 0.6 s after the one before, however slow this machine is.
    with start(rate=1, window=1.0, clock=itertools.count(0, 0.6).__next__) as service:
        service.book.add(booking())
        with opened(service) as (transport, lens):
            assert len(list(transport.list())) == 1
            assert len(list(transport.list())) == 1
            with pytest.raises(RetryableError) as told:
                transport.create("a", lens.put(MEETING))
        assert told.value.retry_after == 1


def test_maintenance_is_no_empty_service(service, opened, booking):
    """A web page instead of an answer is an error, and no empty listing."""
    service.book.add(booking())
    with opened(service) as (transport, _):
        service.fail(503, html=True, retry_after=120)
        with pytest.raises(RetryableError):
            list(transport.list())
        assert len(list(transport.list())) == 1


def test_tokens_are_told_apart(service, opened, booking, reader_token):
    """A token that only reads cannot write; an unknown one nothing."""
    service.book.add(booking())
    with opened(service, token=reader_token) as (transport, lens):
        assert len(list(transport.list())) == 1
        with pytest.raises(ReadOnlyError):
            transport.create("a", lens.put(MEETING))
    with opened(service, token="wrong") as (transport, _), pytest.raises(AuthError) as refused:
        list(transport.list())
    assert "wrong" not in str(refused.value)


def test_a_wrong_address_is_a_missing_collection(service, opened):
    """A path where no bookings are is told, and is no empty listing."""
    wrong = service.url.replace("/api/", "/interface/")
    with opened(service, url=wrong) as (transport, _), pytest.raises(CollectionGoneError):
        list(transport.list())


@pytest.mark.parametrize("url", ["salles.example.org", "https://a:b@example.org/", "ftp://a/"])
def test_wrong_options_are_named(service, opened, url):
    """An address that is none, or holds credentials, is refused by its name."""
    with pytest.raises(ConfigError, match="url"), opened(service, url=url):
        raise AssertionError


def test_answers_that_are_no_answers_conclude_nothing(service, opened, monkeypatch):
    """JSON of another form is an error of the protocol."""
    with opened(service) as (transport, _):
        for body in ([], {}, {"bookings": [3]}, {"bookings": [{"id": "b1"}], "cursor": "1"}):
            monkeypatch.setattr(service, "_listed", lambda _query, body=body: body)
            with pytest.raises(ProtocolError):
                list(transport.list())


def test_the_service_runs_by_itself(tmp_path, booking, opened):
    """The command serves a database, which outlives it."""
    (tmp_path / "token").write_text("jeton\n", "utf-8")
    command = [sys.executable, "-m", "territoire_sante_room_booking.server", "--port", "0"]
    command += ["--database", str(tmp_path / "b.db"), "--token-file", str(tmp_path / "token")]
    for before in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own module
            try:
                url = process.stdout.readline().split()[-1]
                running = attrs.make_class("Running", ["url"])(url)
                with opened(running, token="jeton") as (transport, lens):
                    assert len(list(transport.list())) == before
                    event = attrs.evolve(MEETING, uid=f"{before}@example.org")
                    transport.create("a", lens.put(event))
            finally:
                process.terminate()
