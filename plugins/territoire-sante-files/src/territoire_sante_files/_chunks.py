# SPDX-License-Identifier: Apache-2.0
"""
A file cut into its items, so that a change of one costs no reading of the others.

An item is changed in a small file that has only it and what lies around the items (the header,
the time zones), by the same function that changes whole files. If that leaves everything around
the items as it was, the new lines of the item can be put into the large file as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from territoire_sante.formats import Document, contentline
from territoire_sante_files._flavour import Flavour


@attrs.frozen
class Chunk:
    """Some bytes of a file: a part of the item ``key``, or what lies around (``""``)."""

    key: str
    data: bytes


@attrs.frozen
class Cut:
    """A file as its chunks, in order, with the line end that is used in it."""

    chunks: Sequence[Chunk]
    eol: bytes

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return b"".join([chunk.data for chunk in self.chunks])

    @property
    def around(self) -> bytes:
        """What is no item."""
        return b"".join([chunk.data for chunk in self.chunks if not chunk.key])


def cut(data: bytes, flavour: Flavour) -> Cut | None:
    """
    Return a file as its chunks; items without UID count as what lies around.

    ``None`` for files whose lines mean something only as a whole: several calendars, another
    encoding than UTF-8, a last line without end.
    """
    content = contentline.parse(data)
    plain = not content.bom and not content.codec and content.fallback == "utf-8"
    single = not flavour.container or len(content.components) == 1
    if not plain or not single or not data.endswith((b"\n", b"\r")):
        return None
    chunks: list[Chunk] = []
    at = 0
    for part in flavour.parts(content):
        key = flavour.key_of(part)
        if not key:
            continue
        if part.start > at:
            chunks.append(Chunk("", b"".join([one.raw for one in content.lines[at : part.start]])))
        chunks.append(Chunk(key, part.raw))
        at = part.stop
    chunks.append(Chunk("", b"".join([one.raw for one in content.lines[at:]])))
    return Cut(chunks, content.eol)


def put(
    file: Cut, key: str, document: Document | None, flavour: Flavour
) -> tuple[Cut, Mapping[str, Document]] | None:
    """
    Return the file with the item ``key`` as in ``document``, and that item as it is in the file.

    ``None`` if more than the item would change, so that the whole file has to be looked at.

    Raises:
        FormatError: the document cannot be put into such a file.
    """
    small = b"".join([chunk.data for chunk in file.chunks if chunk.key in ("", key)])
    if not small or contentline.parse(small).eol != file.eol:
        return None
    after = flavour.merge(small, key, document)
    pieces = cut(after, flavour) if after else None
    if pieces is None or pieces.around != file.around or pieces.eol != file.eol:
        return None
    flavour.check_file(contentline.parse(after))
    new = [chunk for chunk in pieces.chunks if chunk.key]
    changed = {chunk.key for chunk in new}
    items = {name: item for name, item in flavour.split(after).items() if name in changed}
    placed = _placed(file.chunks, key, new)
    if len(items) != len(changed) or len(items) != (document is not None) or not placed:
        return None
    return Cut(placed, file.eol), items


def _placed(chunks: Sequence[Chunk], key: str, new: Sequence[Chunk]) -> list[Chunk]:
    """Put the new parts of an item where the old ones were, or behind the last item."""
    places = [at for at, chunk in enumerate(chunks) if chunk.key == key]
    if not places:
        last = max((at for at, chunk in enumerate(chunks) if chunk.key), default=None)
        return [] if last is None else [*chunks[: last + 1], *new, *chunks[last + 1 :]]
    placed: list[Chunk] = []
    for at, chunk in enumerate(chunks):
        if chunk.key != key:
            placed.append(chunk)
        elif at == places[-1]:
            placed.extend(new[len(places) - 1 :])
        else:
            number = places.index(at)
            placed.extend(new[number : number + 1])
    return placed
