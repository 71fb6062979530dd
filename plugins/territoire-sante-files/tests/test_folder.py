# SPDX-License-Identifier: Apache-2.0
"""A folder of items: what counts as one, who may change it, and what is kept."""

from __future__ import annotations

import os
import stat

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.plugins import Ref, Stored, Unreadable
from territoire_sante_files import ICS, VCF
from territoire_sante_files._folder import free_name

needs_modes = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="the superuser may do everything"
)


@pytest.fixture
def folder(tmp_path):
    """Give an empty folder for calendars."""
    path = tmp_path / "agenda"
    path.mkdir()
    return path


def test_only_plain_visible_files_with_the_ending_are_items(folder, use, event, tmp_path):
    """Links, hidden files, other endings and folders are neither listed nor read nor touched."""
    data = event("a").data
    (folder / "one.ics").write_bytes(data)
    (folder / "TWO.ICS").write_bytes(data)
    outside = tmp_path / "outside.ics"
    outside.write_bytes(data)
    (folder / "link.ics").symlink_to(outside)
    (folder / ".hidden.ics").write_bytes(data)
    (folder / "~$lock.ics").write_bytes(data)
    (folder / "card.vcf").write_bytes(data)
    (folder / "sub.ics").mkdir()
    others = [
        "link.ics",
        ".hidden.ics",
        "~$lock.ics",
        "card.vcf",
        "sub.ics",
        "../outside.ics",
        "/etc/x.ics",
        "",
    ]

    with use(ICS, "agenda") as transport:
        assert [ref.href for ref in transport.list()] == ["TWO.ICS", "one.ics"]
        assert list(transport.read(others)) == []
        for href in others:
            for write in (transport.delete, lambda ref: transport.replace(ref, event("a"))):
                with pytest.raises(ItemNotFoundError):
                    write(Ref(href, '"x"'))
    assert outside.read_bytes() == data


def test_the_tag_follows_the_bytes(folder, use, event):
    """Another program's change gives another tag, restoring the bytes the old one."""
    file = folder / "one.ics"
    file.write_bytes(event("a").data)
    with use(ICS, "agenda") as transport:
        (first,) = transport.list()
        file.write_bytes(event("a", "Autre").data)
        (second,) = transport.list()
        os.utime(file, (0, 0))
        (third,) = transport.list()
        file.write_bytes(event("a").data)

        assert first.etag != second.etag == third.etag
        assert [first] == list(transport.list())


def test_a_change_by_another_program_is_a_conflict(folder, use, event):
    """A write based on what another program has changed since is refused, its bytes kept."""
    file = folder / "one.ics"
    file.write_bytes(event("a").data)
    with use(ICS, "agenda") as transport:
        (ref,) = transport.list()
        file.write_bytes(event("a", "Autre").data)
        with pytest.raises(ConflictError, match=r"one\.ics: the file was changed since"):
            transport.replace(ref, event("a", "Notre"))
        with pytest.raises(ConflictError):
            transport.delete(ref)
        with pytest.raises(ConflictError):
            transport.replace(Ref("one.ics"), event("a", "Notre"))
    assert file.read_bytes() == event("a", "Autre").data


def test_a_creation_never_overwrites(folder, use, event):
    """A file that appears under the wanted name is kept, and the creation refused."""
    with use(ICS, "agenda") as transport:
        (folder / "one.ics").write_bytes(b"mine")
        with pytest.raises(ConflictError, match="already there"):
            transport.create("one", event("a"))
    assert (folder / "one.ics").read_bytes() == b"mine"


@pytest.mark.parametrize("hint", ["", ".hidden", "../up", "a/b", "a\\b", "x" * 300, "é"])
def test_names_that_are_none_are_refused(folder, use, event, hint):
    """A hint that is no plain file name, or too long for the disk, is refused for this item."""
    with use(ICS, "agenda") as transport, pytest.raises(ItemRefusedError):
        transport.create(hint, event("a"))
    assert [path.name for path in folder.iterdir() if path.suffix == ".ics"] == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_modes_are_kept_and_new_files_private(folder, use, event):
    """A replaced file keeps its mode; a new one is its owner's alone."""
    file = folder / "one.ics"
    file.write_bytes(event("a").data)
    file.chmod(0o664)
    with use(ICS, "agenda") as transport:
        (ref,) = transport.list()
        transport.replace(ref, event("a", "Autre"))
        transport.create("two", event("b"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o664
    assert stat.S_IMODE((folder / "two.ics").stat().st_mode) == 0o600


def test_no_temporary_file_is_left(folder, use, event):
    """After writes and failures only items and the lock are left, a dead writer's file is not."""
    (folder / ".territoire-sante-item-dead.tmp").write_bytes(b"half")
    with use(ICS, "agenda") as transport:
        ref = transport.create("one", event("a"))
        with pytest.raises(ConflictError):
            transport.create("one", event("a"))
        transport.replace(ref, event("a", "Autre"))

    assert sorted(path.name for path in folder.iterdir()) == [".territoire-sante.lock", "one.ics"]


def test_unreadable_items_say_line_and_reason(folder, use, event):
    """Junk and files with several items are answered with path, line and reason, and listed."""
    (folder / "good.ics").write_bytes(event("g").data)
    (folder / "html.ics").write_bytes(b"<!doctype html><p>login</p>")
    (folder / "nul.ics").write_bytes(b"")
    two = event("a").data.replace(b"END:VCALENDAR\r\n", b"") + event("b").data.split(b"test\r\n")[1]
    (folder / "two.ics").write_bytes(two)
    with use(ICS, "agenda") as transport:
        names = [ref.href for ref in transport.list()]
        answers = {answer.ref.href: answer for answer in transport.read(names)}

    assert names == ["good.ics", "html.ics", "nul.ics", "two.ics"]
    assert isinstance(answers["good.ics"], Stored)
    reasons = {n: a.reason for n, a in answers.items() if isinstance(a, Unreadable)}
    assert reasons["html.ics"].startswith(f"{folder / 'html.ics'}: line 1: there is none of VEVENT")
    assert "line 1" in reasons["nul.ics"]
    assert "line 10: VEVENT begins a second item with the UID b" in reasons["two.ics"]


def test_two_cards_in_one_file_are_unreadable(tmp_path, use, card):
    """A file of two cards in a folder of cards is named, whatever their UIDs."""
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "both.vcf").write_bytes(card("a").data * 2)
    with use(VCF, "cards") as transport:
        (answer,) = transport.read(["both.vcf"])

    assert "line 7: VCARD begins a second item with the UID a" in answer.reason


@needs_modes
def test_a_file_that_may_not_be_read_is_unreadable(folder, use, event):
    """A file without the right to read is listed and unreadable, not left out."""
    file = folder / "one.ics"
    file.write_bytes(event("a").data)
    file.chmod(0)
    with use(ICS, "agenda") as transport:
        assert [ref.href for ref in transport.list()] == ["one.ics"]
        (answer,) = transport.read(["one.ics"])

    assert isinstance(answer, Unreadable)


@needs_modes
def test_rights_are_respected(folder, use, event):
    """A read-only file is refused for itself, a read-only folder stops the link."""
    file = folder / "one.ics"
    file.write_bytes(event("a").data)
    file.chmod(0o400)
    with use(ICS, "agenda") as transport:
        (ref,) = transport.list()
        with pytest.raises(ItemRefusedError, match="read-only"):
            transport.replace(ref, event("a", "Autre"))
        folder.chmod(0o500)
        try:
            with pytest.raises(AuthError):
                transport.create("two", event("b"))
        finally:
            folder.chmod(0o700)
    assert file.read_bytes() == event("a").data


def test_a_folder_that_vanishes_is_gone_not_empty(folder, use, event):
    """When the folder goes away in between, every verb says so; nothing looks deleted."""
    with use(ICS, "agenda") as transport:
        ref = transport.create("one", event("a"))
        folder.rename(folder.with_name("elsewhere"))
        verbs = (
            lambda: list(transport.list()),
            lambda: list(transport.read(["one.ics"])),
            lambda: transport.create("two", event("b")),
            lambda: transport.replace(ref, event("a")),
            lambda: transport.delete(ref),
        )
        for verb in verbs:
            with pytest.raises(CollectionGoneError):
                verb()
    assert not folder.exists()


def test_duplicates_in_a_request_are_answered_once(folder, use, event):
    """Naming one file twice yields one answer."""
    with use(ICS, "agenda") as transport:
        ref = transport.create("one", event("a"))

        assert list(transport.read([ref.href, ref.href])) == [Stored(ref, event("a"))]


def test_names_with_percent_signs_are_told_apart(folder, use, event):
    """Files whose names differ only by an escape have hrefs that differ without escapes too."""
    (folder / "a%40b.ics").write_bytes(event("a").data)
    (folder / "a@b.ics").write_bytes(event("b").data)
    with use(ICS, "agenda") as transport:
        refs = list(transport.list())
        answers = list(transport.read([ref.href for ref in refs]))
        transport.delete(refs[0])

    assert [ref.href for ref in refs] == ["a%2540b.ics", "a@b.ics"]
    assert [answer.ref for answer in answers] == refs
    assert [path.name for path in sorted(folder.glob("*.ics"))] == ["a@b.ics"]


@pytest.mark.parametrize(
    ("hint", "there", "name"),
    [
        ("b", [], "b.ics"),
        ("b", ["b.ics"], "b.ics"),
        ("B", ["a.ics"], "B.ics"),
        ("B", ["b.ics"], "B-df7e70e5.ics"),
        ("b", ["B.ICS"], "b-3e23e816.ics"),
    ],
)
def test_names_that_differ_in_case_alone_are_two(hint, there, name):
    """Where case does not count an item gets another name, always the same; else it keeps its."""
    assert free_name(hint, ".ics", there) == name
