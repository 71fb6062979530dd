# SPDX-License-Identifier: Apache-2.0
"""Both connectors on a real Radicale and a real Xandikos."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    ConflictError,
    InvalidValueError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.plugins import Incremental, Readable, Ref, Stored, Writable
from territoire_sante_dav import open_addressbook, open_calendar


def test_protocols(place):
    """The transport follows the protocols of the capabilities that its connector declares."""
    with place.open() as transport:
        assert isinstance(transport, Readable)
        assert isinstance(transport, Writable)
        assert isinstance(transport, Incremental)


def test_create_list_read(place):
    """What is created is listed under the same ref and read back with its text."""
    with place.open() as transport:
        ref = transport.create("item-1", place.kind.item("uid-1", "Réunion d'équipe"))

        assert list(transport.list()) == [ref]
        (stored,) = transport.read([ref.href])
    assert stored.ref == ref
    assert "Réunion d'équipe".encode() in stored.document.data
    assert stored.document.media_type == place.kind.media_type


def test_multiget_and_get_agree(place):
    """The bytes read by a report are those that GET gives, line ends included."""
    with place.open() as transport:
        refs = [transport.create(f"i{n}", place.kind.item(f"u{n}")) for n in range(3)]
        many = {s.ref: s.document for s in transport.read([ref.href for ref in refs])}
        transport._wire.multiget = False
        alone = {s.ref: s.document for s in transport.read([ref.href for ref in refs])}

    assert many == alone
    assert all(document.data.endswith(b"\r\n") for document in many.values())


def test_many_items(place):
    """Items beyond one batch are all read, each once."""
    with place.open(batch=4) as transport:
        refs = {transport.create(f"i{n}", place.kind.item(f"u{n}")) for n in range(9)}
        read = [stored.ref for stored in transport.read([ref.href for ref in refs])]

        assert set(transport.list()) == set(read) == refs
        assert len(read) == 9


def test_replace(place):
    """A replaced item has another version and the new text."""
    with place.open() as transport:
        old = transport.create("i", place.kind.item("u", "old"))
        new = transport.replace(old, place.kind.item("u", "new"))

        (stored,) = transport.read([old.href])
    assert new.href == old.href
    assert new.etag != old.etag
    assert stored.ref == new
    assert b":new" in stored.document.data


def test_stale_writes_are_refused(place):
    """Neither replacing nor deleting by an old version changes anything."""
    with place.open() as transport:
        old = transport.create("i", place.kind.item("u", "old"))
        new = transport.replace(old, place.kind.item("u", "new"))

        with pytest.raises(ConflictError):
            transport.replace(old, place.kind.item("u", "stale"))
        with pytest.raises(ConflictError):
            transport.delete(old)
        with pytest.raises(ConflictError, match="no version"):
            transport.delete(Ref(old.href))
        assert list(transport.list()) == [new]


def test_two_clients(place):
    """Of two clients that start from the same version, the second is told and loses nothing."""
    with place.open() as ours, place.open() as theirs:
        base = ours.create("i", place.kind.item("u", "base"))
        theirs.replace(base, place.kind.item("u", "theirs"))

        with pytest.raises(ConflictError):
            ours.replace(base, place.kind.item("u", "ours"))
        (stored,) = ours.read([base.href])
        assert b":theirs" in stored.document.data
        ours.replace(stored.ref, place.kind.item("u", "merged"))
        (merged,) = theirs.read([base.href])
    assert b":merged" in merged.document.data


def test_writes_side_by_side(place):
    """Four threads may write at once: each write is done, and none is refused for a lock."""
    numbers = range(24)
    with place.open() as transport, ThreadPoolExecutor(4) as threads:
        made = list(
            threads.map(lambda n: transport.create(f"i{n}", place.kind.item(f"u{n}")), numbers)
        )
        changed = threads.map(
            lambda n: transport.replace(made[n], place.kind.item(f"u{n}", "new")), numbers
        )

        assert set(changed) == set(transport.list())
        assert len(set(made)) == len(numbers)


def test_create_twice(place):
    """Creating under a name that is taken is a conflict, and the first stays."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u", "first"))

        with pytest.raises(ConflictError):
            transport.create("i", place.kind.item("u", "second"))
        assert list(transport.list()) == [ref]


def test_delete(place):
    """A deleted item is neither listed nor read, and cannot be deleted or replaced again."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        transport.delete(ref)

        assert list(transport.list()) == []
        assert list(transport.read([ref.href])) == []
        with pytest.raises(ItemNotFoundError):
            transport.delete(ref)
        with pytest.raises(ItemNotFoundError):
            transport.replace(ref, place.kind.item("u"))


def test_changes(place):
    """Each call tells what was created, changed and deleted since the cursor, and only that."""
    with place.open() as transport:
        start = transport.changes(None)
        one = transport.create("one", place.kind.item("u1"))
        two = transport.create("two", place.kind.item("u2"))
        created = transport.changes(start.cursor)
        two = transport.replace(two, place.kind.item("u2", "B"))
        transport.delete(one)
        later = transport.changes(created.cursor)
        quiet = transport.changes(later.cursor)

    assert (start.changed, start.reset) == ((), False)
    assert {ref.href for ref in created.changed} == {one.href, two.href}
    assert (later.changed, later.removed) == ((two,), (one.href,))
    assert (quiet.changed, quiet.removed, quiet.complete, quiet.reset) == ((), (), True, False)


def test_everything(place):
    """Without a cursor, changes are the whole listing."""
    with place.open() as transport:
        refs = {transport.create(f"i{n}", place.kind.item(f"u{n}")) for n in range(3)}

        batch = transport.changes(None)
    assert set(batch.changed) == refs
    assert batch.complete
    assert not batch.reset


@pytest.mark.parametrize("cursor", ["sync:http://example.org/never-issued", "sync:", "x", "ctag:1"])
def test_bad_cursors(place, cursor):
    """A cursor that the server refuses, or nobody knows, gives a full listing with reset."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        batch = transport.changes(cursor)

        assert (batch.changed, batch.reset, batch.complete) == ((ref,), True, True)
        assert transport.changes(batch.cursor).changed == ()


def test_cursor_of_an_earlier_session(place):
    """A cursor is good in a later session, and costs two requests when nothing changed."""
    with place.open() as transport:
        transport.create("i", place.kind.item("u"))
        cursor = transport.changes(None).cursor

    with place.open() as transport:
        assert transport.changes(cursor).changed == ()


def test_missing_items(place):
    """An href where nothing is has no answer; the others are answered."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        missing = ref.href.replace("i.", "nothing.")

        assert [stored.ref for stored in transport.read([missing, ref.href, missing])] == [ref]


def test_refused_items(place):
    """What the server cannot read is refused, item by item."""
    with place.open() as transport:
        with pytest.raises(ItemRefusedError) as caught:
            transport.create("i", place.kind.rubbish())
        assert list(transport.list()) == []
    assert caught.value.href.endswith("/i" + place.kind.suffix)


def test_uid_taken(place):
    """A UID that another item holds is refused as such, where the server minds."""
    with place.open() as transport:
        transport.create("one", place.kind.item("u"))
        if (place.server, place.kind.name) == ("xandikos", "carddav"):
            # Xandikos lets two cards have one UID.
            transport.create("two", place.kind.item("u"))
            return
        with pytest.raises(ItemRefusedError, match="UID is already taken"):
            transport.create("two", place.kind.item("u"))


@pytest.mark.parametrize("hint", ["", "a/b", "é", "x" * 181, "a?b", ".hidden"])
def test_bad_hints(place, hint):
    """A name that some server would stumble over is never sent."""
    with place.open() as transport, pytest.raises(InvalidValueError):
        transport.create(hint, place.kind.item("u"))


def test_names_with_every_allowed_character(place):
    """Names of all allowed characters come back as they went."""
    with place.open() as transport:
        ref = transport.create("A-z_0.9" + "x" * 150, place.kind.item("u"))

        assert list(transport.list()) == [ref]


def test_strange_names_of_others(place):
    """Items whose names others chose are listed and read, however they are spelled."""
    names = ["caf%C3%A9", "a%20b", "at%40home", "100%25"]
    if place.server == "xandikos":
        names.append("co%3Alon")
    for number, name in enumerate(names):
        answer = requests.put(
            f"{place.url}{name}{place.kind.suffix}",
            data=place.kind.item(f"uid-{number}").data,
            headers={"Content-Type": place.kind.media_type},
            timeout=10,
        )
        assert answer.status_code == 201
    with place.open() as transport:
        refs = set(transport.list())

        assert {stored.ref for stored in transport.read([r.href for r in refs])} == refs
        assert set(transport.changes(None).changed) == refs
        for ref in refs:
            transport.delete(ref)
        assert list(transport.list()) == []


def test_poisoned_item(place):
    """A control character inside one item spoils neither the listing nor the other items."""
    text = "bell \x07 rings"
    with place.open() as transport:
        good = [transport.create(f"g{n}", place.kind.item(f"g{n}")) for n in range(5)]
        poisoned = f"{place.url}bad{place.kind.suffix}"
        answer = requests.put(
            poisoned,
            data=place.kind.item("bad", text).data,
            headers={"Content-Type": place.kind.media_type},
            timeout=10,
        )
        refs = list(transport.list())
        answers = {item.ref.href: item for item in transport.read([ref.href for ref in refs])}

    # Radicale drops the character, Xandikos keeps it in a card and refuses it in an event.
    refused = (place.server, place.kind.name) == ("xandikos", "caldav")
    assert answer.ok is not refused
    assert len(refs) == (5 if refused else 6)
    assert set(answers) == {ref.href for ref in refs}
    assert all(isinstance(answers[ref.href], Stored) for ref in good)


def test_a_quiet_session_costs_two_requests(place, caplog):
    """Opening a collection and asking for changes takes one request each."""
    with place.open() as transport:
        cursor = transport.changes(None).cursor
    caplog.set_level("DEBUG", logger="territoire_sante.http")
    with place.open() as transport:
        transport.changes(cursor)

    lines = [r.getMessage().split(" ")[0] for r in caplog.records if r.name.endswith(".http")]
    assert lines == ["PROPFIND", "REPORT"]


def test_deleted_collection(place):
    """A collection that was deleted is gone as a whole: nothing is listed, read or written."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        cursor = transport.changes(None).cursor
        assert requests.delete(place.url, timeout=10).ok

        for call in (
            lambda: list(transport.list()),
            lambda: list(transport.read([ref.href])),
            lambda: transport.changes(cursor),
            lambda: transport.changes(None),
            lambda: transport.replace(ref, place.kind.item("u")),
            lambda: transport.delete(ref),
        ):
            with pytest.raises(CollectionGoneError):
                call()
    with pytest.raises(CollectionGoneError), place.open():
        pass


def test_creating_the_collection(place):
    """A missing collection is made when allowed, and kept with its items the next time."""
    url = place.url.rstrip("/") + "-new"
    with place.open(url=url, create=True, title="R&D <x>") as transport:
        ref = transport.create("i", place.kind.item("u"))
        told = {fact.key: fact for fact in transport.diagnose()}
        assert told["title"].found.en == "R&D <x>"
        assert told["address"].value == "made"
    with place.open(url=url, create=True) as transport:
        assert list(transport.list()) == [ref]
        assert transport.url == url + "/"


def test_discovery(place):
    """From the root of the server, the collection is found by its last segment or title."""
    root = "/".join(place.url.split("/")[:3])
    name = place.url.rstrip("/").rpartition("/")[2]
    for start in (root, root + "/"):
        with place.open(url=start, collection=name) as transport:
            assert transport.url == place.url
    with (
        pytest.raises(ConfigError, match="'nowhere'") as caught,
        place.open(url=root, collection="nowhere"),
    ):
        pass
    assert place.url in [problem.path for problem in caught.value.problems]


def test_wrong_kind(place):
    """A calendar is not taken for an address book, nor the other way round."""
    other = open_addressbook if place.kind.name == "caldav" else open_calendar
    with pytest.raises(ConfigError, match="this is no"), other(place.config()):
        pass
