# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from territoire_sante.errors import AuthError, CollectionGoneError, ProtocolError
from territoire_sante.plugins import Batch
from territoire_sante.testing.openagenda import OpenAgendaServer


def _others(server, count):
    return [
        server.contribute(
            title={"fr": f"Marche {n}"},
            description={"fr": "Tous niveaux"},
            locationUid=11,
            timings=[{"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"}],
        )
        for n in range(count)
    ]


@pytest.fixture
def small_pages():
    """Give a stand-in that gives two events a page."""
    with OpenAgendaServer(secret="s", key="k", page=2) as running:
        yield running


@pytest.fixture
def reading(agenda_with, small_pages):
    """Give the agenda of small pages, read with the public key."""
    with agenda_with(
        secret=None, key="k", agenda=small_pages.agenda, base_url=small_pages.api_url
    ) as transport:
        yield transport


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
def test_paging_ends(small_pages, reading, count):
    """All are listed once, although the cursor of the last page is not empty."""
    small_pages._locations[11] = small_pages._locations[1]
    _others(small_pages, count)
    before = len(small_pages.requests)

    refs = list(reading.list())

    assert len(refs) == len({ref.href for ref in refs}) == count
    assert len(small_pages.requests) - before == max(1, -(-count // 2))
    assert all(("size", "300") in one.query for one in small_pages.requests[before:])


def test_the_cursor_is_sent_back_piece_by_piece(small_pages, reading):
    """The array ``after`` comes back as repeated ``after[]``."""
    small_pages._locations[11] = small_pages._locations[1]
    _others(small_pages, 3)
    list(reading.list())
    assert [name for name, _ in small_pages.requests[-1].query].count("after[]") == 2


@pytest.mark.parametrize("total", [5, 1_000_000])
def test_a_list_that_ends_too_early_proves_nothing(server, agenda, total):
    """Fewer events than promised are an error: what is missing was not deleted."""
    server.fail(200, body={"total": total, "events": [{"uid": 1}], "after": None})
    with pytest.raises(ProtocolError, match=f"1 of {total}"):
        list(agenda.list())


def test_a_cursor_that_runs_in_circles_ends(server, agenda):
    """The same cursor twice ends the list, with an error as it is not whole."""
    page = {"total": 9, "events": [{"uid": 1, "title": {"fr": "a"}}], "after": ["1"]}
    server.fail(200, times=9, body=page)
    with pytest.raises(ProtocolError, match="2 of 9"):
        list(agenda.list())


def test_listing_and_reading_ask_once(server, agenda, publish):
    """What was listed just now is not asked for again; a second reading is fresh."""
    publish("one")
    list(agenda.list())
    asked = len(server.requests)
    list(agenda.read(["one"]))
    assert len(server.requests) == asked
    list(agenda.read(["one"]))
    assert len(server.requests) == asked + 1


def test_what_waits_is_listed_to_members_only(server, agenda_with, agenda, publish):
    """An event that waits for moderators is there for us, and not for the public key."""
    publish("one")
    (uid,) = server.events
    server.moderate(uid, state=0)
    assert [ref.href for ref in agenda.list()] == ["one"]
    with agenda_with(secret=None) as public:
        assert list(public.list()) == []
        assert list(public.read(["one"])) == []


def test_changes_ask_for_what_is_new_only(server, agenda, publish):
    """The second look asks since the last change seen, removals included."""
    publish("one")
    first = agenda.changes(None)
    publish("two", uid="urn:two")
    second = agenda.changes(first.cursor)

    query = dict(server.requests[-1].query)
    assert query["removed"] == "null"
    assert query["updatedAt[gte]"] == min(one["updatedAt"] for one in server.events.values())
    assert [ref.href for ref in second.changed] == ["two"]
    assert second.removed == ()


def test_a_removal_is_told_by_its_name(server, agenda, publish):
    """A moderator's removal, told by number only, is told as the item it was."""
    publish("one")
    uids = _others(server, 1)
    (mine,) = set(server.events) - set(uids)
    cursor = agenda.changes(None).cursor
    server.remove(mine)
    server.remove(uids[0])

    assert set(agenda.changes(cursor).removed) == {"one", f"uid:{uids[0]}"}


def test_a_removed_and_new_one_is_changed(server, agenda, publish):
    """An event that was removed and made again under its id is changed, not removed."""
    publish("one")
    cursor = agenda.changes(None).cursor
    (uid,) = server.events
    server.remove(uid)
    publish("one")
    batch = agenda.changes(cursor)
    assert ([ref.href for ref in batch.changed], batch.removed) == (["one"], ())


@pytest.mark.parametrize("cursor", ["junk", "{}", "[1]", '{"agenda":1}'])
def test_a_cursor_of_something_else_starts_anew(agenda, publish, cursor):
    """A cursor that was not made for this agenda is answered by everything."""
    publish("one")
    batch = agenda.changes(cursor)
    assert isinstance(batch, Batch)
    assert (batch.reset, [ref.href for ref in batch.changed]) == (True, ["one"])


def test_a_wrong_key_is_said_on_opening(server, agenda_with):
    """A public key that opens nothing names the option, in French, and is not shown."""
    with pytest.raises(AuthError) as caught, agenda_with(secret=None, key="une-autre"):
        pytest.fail("opened")
    assert "options key et agenda" in caught.value.remedy
    assert "une-autre" not in str(caught.value)
    assert server.requests[-1].status == 403


def test_another_agenda_is_said_on_opening(agenda_with):
    """A number that is no agenda is the whole collection missing, never "all deleted"."""
    with pytest.raises(CollectionGoneError), agenda_with(agenda=5):
        pytest.fail("opened")
