# SPDX-License-Identifier: Apache-2.0
"""What becomes of the file: every other byte stays, whoever writes, in whatever encoding."""

from __future__ import annotations

import datetime as dt
import threading
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
)
from territoire_sante.model import Event
from territoire_sante.plugins import Stored, Unreadable

PARIS = ZoneInfo("Europe/Paris")
MEETING = Event(
    id="event:a",
    uid="a@example.org",
    summary="Réunion publique",
    location="Mairie",
    start=dt.datetime(2027, 6, 13, 18, tzinfo=PARIS),
)


def find(transport, lens, title):
    """Return the entry with a title, and its event."""
    for answer in transport.read([ref.href for ref in transport.list()]):
        if isinstance(answer, Stored) and lens.get(answer.document).summary == title:
            return answer, lens.get(answer.document)
    raise AssertionError(title)


def retitle(transport, lens, title, new):
    """Write another title; return the new ref."""
    stored, event = find(transport, lens, title)
    return transport.replace(
        stored.ref, lens.put(attrs.evolve(event, summary=new), stored.document)
    )


def test_entries_are_told_from_what_stands_around(opened):
    """Headings, comments, blank lines and sentences are no entries, even with a day in them."""
    with opened() as (transport, lens):
        answers = list(transport.read([ref.href for ref in transport.list()]))
        titles = [lens.get(answer.document).summary for answer in answers]
    assert titles == [
        "Journée de prévention",
        "Loto des aînés",
        "Semaine de la vaccination",
        "Feu d'artifice et bal",
    ]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "windows-1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_a_change_keeps_every_other_byte(opened, path, text, codec, end):
    """In any encoding and with any line ends, only the words of the one cell change."""
    before = text.replace("\n", end).encode(codec)
    path.write_bytes(before)
    with opened() as (transport, lens):
        retitle(transport, lens, "Loto des aînés", "Grand loto d'été")
    plain = codec.removesuffix("-sig")
    old, new = (words.encode(plain) for words in ("Loto des aînés", "Grand loto d'été"))
    assert path.read_bytes() == before.replace(old, new)


def test_a_new_entry_goes_where_its_day_is(opened, path, text):
    """A new line stands behind the last entry that does not start later."""
    path.write_bytes(text.replace("\n", "\r\n").encode())
    with opened() as (transport, lens):
        transport.create("x", lens.put(MEETING))
        transport.create("y", lens.put(attrs.evolve(MEETING, uid="b", start=dt.date(2027, 1, 1))))
    line = "13/06/2027 18h | Mairie | Réunion publique\n"
    first = "01/01/2027 | Mairie | Réunion publique\n"
    wanted = text.replace("   14/06", f"{line}   14/06").replace("05/06", f"{first}05/06")
    assert path.read_bytes() == wanted.replace("\n", "\r\n").encode()


def test_an_agenda_without_entries_takes_one_at_its_end(opened, path):
    """A last line without an end gets one, and nothing else is touched."""
    path.write_bytes(b"AGENDA\r\nrien pour l'instant")
    with opened() as (transport, lens):
        transport.create("x", lens.put(MEETING))
    line = "13/06/2027 18h | Mairie | Réunion publique"
    assert path.read_bytes() == f"AGENDA\r\nrien pour l'instant\r\n{line}\r\n".encode()


def test_deleting_takes_one_line(opened, path, text):
    """A deleted entry takes its line with it and no other."""
    with opened() as (transport, lens):
        transport.delete(find(transport, lens, "Loto des aînés")[0].ref)
    lines = text.splitlines(keepends=True)
    assert path.read_text("utf-8") == "".join(one for one in lines if "Loto" not in one)


def test_a_line_with_a_mistake_is_told_and_keeps_its_name(opened, path, text):
    """A slip in a known line makes it unreadable, with its number; it is not gone."""
    with opened() as (transport, lens):
        stored, _ = find(transport, lens, "Loto des aînés")
    path.write_bytes(text.replace("12/06/2027", "32/06/2027").encode())
    with opened() as (transport, _):
        transport.recognise([stored])
        (answer,) = transport.read([stored.ref.href])
    assert isinstance(answer, Unreadable)
    assert "agenda.txt, line 9: " in answer.reason
    assert "no such day" in answer.reason


def test_known_entries_are_found_again_after_an_edit(opened, path, text):
    """Moved, retitled and rescheduled lines keep their names; a new line gets a new one."""
    with opened() as (transport, lens):
        before = list(transport.read([ref.href for ref in transport.list()]))
    names = {lens.get(one.document).summary: one.ref.href for one in before}
    edited = text.replace("Journée de prévention", "Journée de la prévention").replace(
        "Samedi 12/06/2027 20h30", "Samedi 19/06/2027 20h"
    )
    lines = edited.splitlines(keepends=True)
    path.write_text("".join([*lines[-3:], "06/06/2027 | Vide-grenier\n", *lines[:-3]]), "utf-8")
    with opened() as (transport, lens):
        transport.recognise(before)
        after = list(transport.read([ref.href for ref in transport.list()]))
    found = {lens.get(one.document).summary: one for one in after}
    assert found["Journée de la prévention"].ref.href == names["Journée de prévention"]
    assert found["Feu d'artifice et bal"].ref.href == names["Feu d'artifice et bal"]
    loto = found["Loto des aînés"]
    assert loto.ref.href == names["Loto des aînés"]
    assert lens.get(loto.document).uid == lens.get(before[1].document).uid
    assert found["Vide-grenier"].ref.href not in names.values()


def test_what_is_kept_here_only_comes_back_by_its_own_words(opened, path):
    """An entry that the link follows no more is not mistaken for another that resembles it."""
    with opened() as (transport, lens):
        stored, _ = find(transport, lens, "Loto des aînés")
    released = attrs.evolve(stored, ref=attrs.evolve(stored.ref, etag=None))
    for line, same in (("Samedi 12/06/2027 20h30 | Foyer | Loto des aînés | complet !", True),
                       ("Samedi 19/06/2027 20h30 | Foyer | Loto des aînés", False)):  # fmt: skip
        path.write_text(f"{line}\n", "utf-8")
        with opened() as (transport, _):
            transport.recognise([released])
            assert ([ref.href for ref in transport.list()] == [stored.ref.href]) is same


def test_two_lines_that_say_the_same_are_two(opened, path):
    """Twins have names of their own, and one of them can go."""
    path.write_text("05/06/2027 | Loto\n" * 2 + "06/06/2027 | Bal\n", "utf-8")
    with opened() as (transport, lens):
        refs = list(transport.list())
        assert len({ref.href for ref in refs}) == 3
        uids = {lens.get(one.document).uid for one in transport.read([r.href for r in refs])}
        assert len(uids) == 3
        transport.delete(refs[0])
        assert list(transport.list()) == refs[1:]


def test_an_edit_of_the_same_line_is_a_conflict(opened, path, text):
    """A line that somebody changed meanwhile is not written, nor one that they removed."""
    with opened() as (transport, lens):
        stored, event = find(transport, lens, "Loto des aînés")
        document = lens.put(attrs.evolve(event, summary="Bal"), stored.document)
        path.write_bytes(text.replace("complet !", "annulé").encode())
        for write in (lambda: transport.replace(stored.ref, document),
                      lambda: transport.delete(stored.ref)):  # fmt: skip
            with pytest.raises(ConflictError, match="line"):
                write()
        path.write_text("\n", "utf-8")
        with pytest.raises(ItemNotFoundError):
            transport.replace(stored.ref, document)
    assert path.read_bytes() == b"\n"


def test_edits_of_other_lines_are_no_conflict(opened, path, text):
    """What somebody does to other lines meanwhile stays, and the write goes through."""
    with opened() as (transport, lens):
        stored, event = find(transport, lens, "Loto des aînés")
        path.write_bytes(text.replace("AGENDA", "NOTRE AGENDA").replace("13/07", "14/07").encode())
        new = lens.put(attrs.evolve(event, summary="Bal"), stored.document)
        assert transport.replace(stored.ref, new).href == stored.ref.href
    for words in ("NOTRE AGENDA", "14/07/2027 22h-2h", "Foyer | Bal | complet !"):
        assert words in path.read_text("utf-8")


def test_two_writers_lose_nothing(opened, path, text):
    """Two writers that add entries at once both find all of theirs, and all the rest."""
    path.write_bytes(text.encode())
    together = threading.Barrier(2, timeout=30)

    def write(who):
        with opened() as (transport, lens):
            together.wait()
            for n in range(15):
                event = attrs.evolve(MEETING, uid=f"{who}{n}", summary=f"Réunion {who}{n}")
                transport.create("x", lens.put(event))

    threads = [threading.Thread(target=write, args=(who,)) for who in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = path.read_text("utf-8").splitlines()
    ours = {f"13/06/2027 18h | Mairie | Réunion {who}{n}" for who in "ab" for n in range(15)}
    assert ours <= set(lines)
    assert [line for line in lines if line not in ours] == text.splitlines()


def test_what_the_encoding_cannot_say_is_refused(opened, path, text):
    """A sign that Windows-1252 has not is refused by name, and the file stays as it is."""
    before = text.encode("windows-1252")
    path.write_bytes(before)
    with opened() as (transport, lens), pytest.raises(ItemRefusedError, match="windows-1252"):
        retitle(transport, lens, "Loto des aînés", "Vaccins 💉")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("05/06/2027 | Été".encode("utf-16"), {}),
        (b"PK\x03\x04\x00\x00", {}),
        (b"05/06/2027 | \x81", {}),
        ("05/06/2027 | Été".encode("windows-1252"), {"encoding": "utf-8"}),
    ],
    ids=["utf-16", "not text", "no codec", "another codec"],
)
def test_what_is_no_text_is_not_an_empty_agenda(opened, path, data, options):
    """A file in another encoding, or of another kind, is an error and no empty listing."""
    path.write_bytes(data)
    with opened(**options) as (transport, _), pytest.raises(ProtocolError, match="Save it as"):
        list(transport.list())


def test_a_missing_file_is_no_empty_agenda(opened, path):
    """A file that is not there, or goes, is a collection that is gone."""
    with opened() as (transport, _):
        path.unlink()
        with pytest.raises(CollectionGoneError):
            list(transport.list())
    with pytest.raises(CollectionGoneError, match="create"), opened():
        raise AssertionError


@pytest.mark.parametrize("options", [{"time_zone": "Paris"}, {"encoding": "ebcdic"}])
def test_wrong_options_are_named(opened, options):
    """An option that means nothing is refused by its name."""
    with pytest.raises(ConfigError, match=next(iter(options))), opened(**options):
        raise AssertionError
