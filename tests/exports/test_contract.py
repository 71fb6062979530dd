# SPDX-License-Identifier: Apache-2.0
"""What is true of every exporter: its names, its file, what it says."""

from __future__ import annotations

import io
import tracemalloc

import attrs
import pytest

from territoire_sante.exports import EXPORTERS, LeftOut, _reasons
from territoire_sante.model import Actor, ActorKind, ActorStatus

LONG = "Un très long texte, " * 2000
NASTY = f"</script><!-- \u2028 L'été 👩🏽‍⚕️ *gras* `code` [x](javascript:alert(1)) {LONG}fin."


@pytest.mark.parametrize("name", EXPORTERS)
def test_titles_and_types(name):
    """An exporter is known by its name, has titles in both languages, a type and an ending."""
    one = EXPORTERS[name]

    assert one.name == name
    assert one.title("fr") == one.title_fr != one.title("en") == one.title_en
    assert "/" in one.media_type
    assert one.extension.startswith(".")


def test_names_are_in_order():
    """The names are in the order of the alphabet, and nobody can add one in passing."""
    assert list(EXPORTERS) == sorted(EXPORTERS)
    with pytest.raises(TypeError):
        EXPORTERS["new"] = EXPORTERS["json"]


class Pipe(io.RawIOBase):
    """A file that only goes forward, as a pipe or an answer over the network."""

    def __init__(self):
        super().__init__()
        self.parts = []

    def writable(self):
        """Say that one can write into it."""
        return True

    def write(self, data):
        """Keep the bytes."""
        self.parts.append(bytes(data))
        return len(data)


@pytest.mark.parametrize("name", EXPORTERS)
def test_a_pipe_will_do(name, territory, picture, write, today):
    """The file that is written to need not be seekable; it stays open and holds the same things."""
    pipe, disclosed = Pipe(), picture(territory)
    said = EXPORTERS[name].write(disclosed, pipe, today=today)
    done = write(name, disclosed)

    assert not pipe.closed
    assert said == done.said
    piped = attrs.evolve(done, data=b"".join(pipe.parts))
    if EXPORTERS[name].extension == ".zip":
        assert piped.files() == done.files()
    else:
        assert piped.data == done.data


@pytest.mark.parametrize("name", EXPORTERS)
def test_an_empty_territory(name, export):
    """Of nothing, a valid file of nothing is written, and nothing is left out."""
    done = export(name)

    assert done.data
    assert (done.said.count, done.said.left_out) == (0, ())


@pytest.mark.parametrize("name", [one for one in EXPORTERS if not one.startswith("scdl")])
def test_texts_are_never_cut(name, export):
    """A text that goes out goes out whole; one that is too long is left out, and that is said."""
    actor = Actor(id="actor:1", kind=ActorKind.MSP, name="MSP", description=NASTY)
    done = export(name, actor)
    data = b"".join(done.files().values()) if done.data[:2] == b"PK" else done.data

    if name == "data-inclusion":
        assert done.codes()["description_too_long"] == ("actor:1",)
        assert b"long texte" not in data
    else:
        assert data.count(b"long texte") == 2000
        assert done.codes() == {}


@pytest.mark.parametrize("name", ["data-inclusion", "hsds", "schema-org", "markdown"])
def test_closed_organisations_are_in_no_directory(name, export):
    """Who is closed is left out with the reason, in both languages."""
    actor = Actor(id="actor:1", kind=ActorKind.MSP, name="MSP", status=ActorStatus.CLOSED)
    done = export(name, actor)

    assert done.said.count == 0
    assert done.said.left_out == (LeftOut(code="closed", ids=("actor:1",)),)
    (line,) = done.said.lines("fr")
    assert line == "1 × organisme fermé ou encore en projet : il est absent."
    assert str(done.said.left_out[0]) == done.said.lines("en")[0]


def test_every_reason_is_a_sentence():
    """A reason is a whole sentence in each language, and they are in order."""
    assert list(_reasons.TEXTS) == sorted(_reasons.TEXTS)
    for fr, en in _reasons.TEXTS.values():
        assert fr.endswith(".")
        assert en.endswith(".")
        assert fr != en


class Sink(io.RawIOBase):
    """A file that keeps nothing."""

    def writable(self):
        """Say that one can write into it."""
        return True

    def write(self, data):
        """Take the bytes."""
        return len(data)


@pytest.mark.parametrize("name", ["csv", "data-inclusion", "hsds", "json", "schema-org"])
def test_memory_does_not_grow_with_the_territory(name, picture, today):
    """A territory is written as a stream: ten times as many organisations take no more room."""

    def peak(count):
        made = Actor(id="actor:1", kind=ActorKind.MSP, name="MSP", verified_on=today)
        disclosed = picture([attrs.evolve(made, id=f"actor:{n:05}") for n in range(count)])
        tracemalloc.start()
        EXPORTERS[name].write(disclosed, Sink(), today=today)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)  # what is loaded or cached once
    assert peak(2000) < peak(200) + 200_000
