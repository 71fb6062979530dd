# SPDX-License-Identifier: Apache-2.0
"""A file of items: nothing but the item that changes is touched, and nothing looks deleted."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import nullcontext
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
)
from territoire_sante.formats import Document, icalendar
from territoire_sante.plugins import Stored, Unreadable, open_transport
from territoire_sante_files import ICS, VCF, FilesConfig
from territoire_sante_files._file import File
from territoire_sante_files._flavour import CALENDAR

HEAD = b"BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:Agenda\n"
TAIL = b"END:VCALENDAR\n"


def component(uid, summary="Réunion"):
    """Return one event's lines as another program, with other line ends, writes them."""
    text = f"BEGIN:VEVENT\nUID:{uid}\nDTSTART:20260504T100000Z\nSUMMARY:{summary}\nEND:VEVENT\n"
    return text.encode()


def calendar(*parts):
    """Return a calendar of components."""
    return HEAD + b"".join(parts) + TAIL


@pytest.fixture
def agenda(tmp_path):
    """Give a file with the events a, b and c."""
    path = tmp_path / "agenda.ics"
    path.write_bytes(calendar(component("a"), component("b"), component("c")))
    return path


def stored(transport, uid):
    """Return what a transport reads of one item."""
    (answer,) = transport.read([uid])
    return answer


def retitled(item, summary):
    """Return an item's document with another summary."""
    event = icalendar.EVENT.get(item.document)
    return icalendar.EVENT.put(type(event)(id=event.id, uid=event.uid, start=event.start,
                                           summary=summary), item.document)  # fmt: skip


def test_only_the_changed_item_is_written(agenda, use):
    """Replacing one event changes its lines and no other byte of the file."""
    with use(ICS, agenda) as transport:
        item = stored(transport, "b")
        transport.replace(item.ref, retitled(item, "Autre"))

    assert agenda.read_bytes() == calendar(component("a"), component("b", "Autre"), component("c"))


def test_adding_and_removing_leave_the_rest(agenda, use, event):
    """A new event comes behind the last one, a deleted one leaves no trace."""
    with use(ICS, agenda) as transport:
        ref = transport.create("hint", event("d"))
        with_d = agenda.read_bytes()
        transport.delete(stored(transport, "b").ref)
        without_b = agenda.read_bytes()
        transport.delete(stored(transport, "d").ref)

    assert ref.href == "d"
    assert with_d.startswith(calendar(component("a"), component("b"), component("c"))[: -len(TAIL)])
    assert with_d.endswith(b"END:VEVENT\n" + TAIL)
    assert without_b == with_d.replace(component("b"), b"")
    assert agenda.read_bytes() == calendar(component("a"), component("c"))


def test_another_programs_other_item_is_no_conflict(agenda, use):
    """What another program does to another event is kept, and does not hinder our write."""
    with use(ICS, agenda) as transport:
        item = stored(transport, "b")
        agenda.write_bytes(calendar(component("a", "Sienne"), component("b")))
        transport.replace(item.ref, retitled(item, "Nôtre"))

    assert agenda.read_bytes() == calendar(component("a", "Sienne"), component("b", "Nôtre"))


def test_another_programs_change_of_the_item_is_a_conflict(agenda, use):
    """A write based on an item that another program has changed or removed is refused."""
    with use(ICS, agenda) as transport:
        changed, removed = stored(transport, "a"), stored(transport, "b")
        theirs = calendar(component("a", "Sienne"), component("c"))
        agenda.write_bytes(theirs)
        for item, error in ((changed, ConflictError), (removed, ItemNotFoundError)):
            with pytest.raises(error):
                transport.replace(item.ref, retitled(item, "Nôtre"))
            with pytest.raises(error):
                transport.delete(item.ref)

    assert agenda.read_bytes() == theirs


@pytest.mark.parametrize(("times", "won"), [(2, True), (3, False)])
def test_a_write_that_is_overtaken_starts_again(agenda, times, won):
    """A write that another program overtakes is tried three times, then a conflict."""
    rivals = [calendar(component("a", f"v{n}"), component("b")) for n in range(times)]
    left = list(rivals)

    def merge(data, uid, document):
        if left:
            agenda.write_bytes(left.pop(0))
        return CALENDAR.merge(data, uid, document)

    file = File(agenda, attrs.evolve(CALENDAR, merge=merge))
    item = stored(file, "b")
    with nullcontext() if won else pytest.raises(ConflictError, match="keeps changing"):
        file.replace(item.ref, retitled(item, "Nôtre"))

    kept = component("b", "Nôtre") if won else component("b")
    assert agenda.read_bytes() == calendar(component("a", f"v{times - 1}"), kept)


@pytest.mark.parametrize("size", range(len(calendar(component("a"), component("b")))))
def test_a_file_that_is_cut_off_is_no_listing(tmp_path, use, size):
    """A calendar cut off at any byte is refused as a whole, or still lists every event."""
    whole = calendar(component("a"), component("b"))
    (tmp_path / "agenda.ics").write_bytes(whole[:size])
    with use(ICS, "agenda.ics") as transport:
        if size == len(whole) - 1:  # only the last line end is missing
            assert [ref.href for ref in transport.list()] == ["a", "b"]
        else:
            with pytest.raises(ProtocolError, match=r"agenda\.ics: "):
                list(transport.list())


@pytest.mark.parametrize("line", range(12))
def test_a_lost_begin_or_end_is_no_deletion(tmp_path, use, line):
    """A calendar that lost any one line that opens or closes something is refused as a whole."""
    lines = calendar(component("a"), component("b")).splitlines(keepends=True)
    if not lines[line].startswith((b"BEGIN", b"END")):
        lines[line] = lines[0]
    else:
        del lines[line]
    (tmp_path / "agenda.ics").write_bytes(b"".join(lines))
    with use(ICS, "agenda.ics") as transport, pytest.raises(ProtocolError, match=r"line \d+: "):
        list(transport.list())


@pytest.mark.parametrize(
    ("spec", "content"),
    [
        (ICS, b""),
        (VCF, b""),
        (ICS, b"\r\n"),
        (ICS, b"<!doctype html><p>login</p>"),
        (VCF, b"<!doctype html><p>login</p>"),
        (ICS, b"BEGIN:VCARD\r\nEND:VCARD\r\n"),
        (ICS, b"\x00\x01\x02"),
        (VCF, b"BEGIN:VCARD\r\nFN:x\r\n"),
        (ICS, calendar(b"BEGIN:VEVENT\nUID:a\n" + component("b") + b"END:VEVENT\n")),
    ],
    ids=["empty ics", "empty vcf", "blank", "html", "html vcf", "cards", "binary", "cut", "nested"],
)  # fmt: skip
def test_what_is_no_collection_is_never_an_empty_one(tmp_path, use, spec, content):
    """A file that cannot be understood raises ProtocolError for every verb and stays as it is."""
    path = tmp_path / "file"
    path.write_bytes(content)
    item = Document(component("d"), "text/calendar")
    with use(spec, path) as transport:
        for verb in (
            lambda: list(transport.list()),
            lambda: list(transport.read(["a"])),
            lambda: transport.create("d", item),
        ):
            with pytest.raises((ProtocolError, ItemRefusedError)):
                verb()
    assert path.read_bytes() == content


def test_a_file_that_vanishes_is_gone(agenda, use, event):
    """When the file goes away in between, every verb says so and none makes it anew."""
    with use(ICS, agenda) as transport:
        agenda.unlink()
        for verb in (
            lambda: list(transport.list()),
            lambda: list(transport.read(["a"])),
            lambda: transport.create("d", event("d")),
        ):
            with pytest.raises(CollectionGoneError):
                verb()
    assert not agenda.exists()


def test_the_last_item_leaves_an_empty_collection(agenda, use, tmp_path, card):
    """After the last deletion the file is a collection without items, not a broken one."""
    with use(ICS, agenda) as transport:
        for ref in list(transport.list()):
            transport.delete(ref)
        assert list(transport.list()) == []
    assert agenda.read_bytes() == HEAD + TAIL
    with use(VCF, "cards.vcf", create=True) as transport:
        transport.delete(transport.create("a", card("a")))
        assert list(transport.list()) == []
    assert (tmp_path / "cards.vcf").read_bytes() == b"\r\n"


def test_twins_are_set_aside_and_the_rest_goes_on(tmp_path, use, card):
    """Two cards with one UID are unreadable together, with the line; the others are read."""
    (tmp_path / "cards.vcf").write_bytes(card("a").data + card("b").data + card("a", "Sosie").data)
    with use(VCF, "cards.vcf") as transport:
        assert [ref.href for ref in transport.list()] == ["a", "b"]
        twin, other = transport.read(["a", "b"])

    assert isinstance(other, Stored)
    assert isinstance(twin, Unreadable)
    assert "item a, its line 7: VCARD begins a second item with the UID a" in twin.reason


def test_items_without_uid_keep_their_name_while_unchanged(tmp_path, use, card):
    """A card without UID is listed under the same href each time, and can be given a UID."""
    anonymous = card("x").data.replace(b"UID:x\r\n", b"")
    (tmp_path / "cards.vcf").write_bytes(anonymous + card("b").data)
    with use(VCF, "cards.vcf") as transport:
        first, _ = transport.list()
        assert next(iter(transport.list())) == first
        ref = transport.replace(first, card("x"))
        assert (ref.href, [r.href for r in transport.list()]) == ("x", ["x", "b"])
        made = transport.create("c", Document(anonymous.replace(b"\r\n", b"\n"), "text/vcard"))
        assert made in list(transport.list())


def test_a_uid_is_never_taken_over(tmp_path, use, card):
    """An item cannot be given the UID of another one."""
    (tmp_path / "cards.vcf").write_bytes(card("a").data + card("b").data)
    with use(VCF, "cards.vcf") as transport:
        item = stored(transport, "a")
        with pytest.raises(ItemRefusedError, match="another item has the UID b"):
            transport.replace(item.ref, card("b"))


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_the_mode_is_kept_and_nothing_left_behind(agenda, use, event):
    """A write keeps the file's mode, and leaves the lock alone behind; others' files stay."""
    agenda.chmod(0o640)
    with use(ICS, agenda) as transport:
        transport.create("d", event("d"))
        dead = agenda.with_name(".territoire-sante-0-dead.tmp")
        dead.write_bytes(b"of another file's writer")
        transport.create("e", event("e"))

    assert stat.S_IMODE(agenda.stat().st_mode) == 0o640
    names = sorted(path.name for path in agenda.parent.iterdir())
    assert names == [".agenda.ics.lock", dead.name, "agenda.ics"]


UIDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=12
).filter(lambda uid: uid.strip() == uid and "\\" not in uid)


@given(
    uids=st.lists(UIDS, min_size=1, max_size=6, unique=True),
    data=st.data(),
)
@settings(max_examples=40, deadline=None)
def test_any_uid_is_found_again(uids, data):
    """Whatever the UIDs, hrefs find their items, and a deletion removes exactly one of them."""
    chosen = data.draw(st.sampled_from(uids))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "agenda.ics"
        path.write_bytes(calendar(*map(component, uids)))
        with open_transport(ICS, FilesConfig(path=path)) as transport:
            refs = dict(zip(uids, transport.list(), strict=True))
            answers = list(transport.read([ref.href for ref in refs.values()]))
            transport.delete(refs[chosen])
        left = path.read_bytes()

    assert [icalendar.EVENT.get(answer.document).uid for answer in answers] == uids
    assert left == calendar(*(component(uid) for uid in uids if uid != chosen))
