# SPDX-License-Identifier: Apache-2.0
"""A patch under construction: which lines change, and proof that no others did."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from territoire_sante.errors import LossyConversionError, UnsupportedError
from territoire_sante.formats._contentline_cut import PackedLines, logical_lines
from territoire_sante.formats._contentline_document import Component, ContentDocument
from territoire_sante.formats._contentline_line import Line, make_line


class Edit:
    """
    Collects changes to one document; :meth:`apply` makes the new one.

    New lines take the document's line end and charset.
    """

    def __init__(self, content: ContentDocument) -> None:
        self.content = content
        self.eol = content.eol
        self._fallback: str | None = None
        self._replaced: dict[Line, Sequence[Line]] = {}
        self._inserted: dict[Line, list[Line]] = {}
        self._whole: set[Line] = set()

    @property
    def size(self) -> int:
        """How many places are changed so far."""
        return len(self._replaced) + sum(map(len, self._inserted.values()))

    @property
    def empty(self) -> bool:
        """Whether nothing was asked for."""
        return not self._replaced and not self._inserted

    @property
    def fallback(self) -> str:
        """The charset in which new lines are written."""
        if self._fallback is None:
            self._fallback = self.content.fallback
        return self._fallback

    def line(
        self,
        name: str,
        value: str,
        params: Iterable[tuple[str, Sequence[str]]] = (),
        group: str = "",
        *,
        folded: bool = True,
    ) -> Line:
        """Return a new line in the document's manner; it is not yet placed."""
        return make_line(
            name,
            value,
            params=params,
            group=group,
            eol=self.eol,
            fallback=self.fallback,
            folded=folded,
        )

    def replace(self, line: Line, *new: Line) -> None:
        """Put ``new`` in the place of ``line``."""
        self._replaced[line] = new

    def remove(self, lines: Iterable[Line]) -> None:
        """Remove ``lines``."""
        for line in lines:
            self._replaced[line] = ()

    def insert(self, after: Line, lines: Iterable[Line]) -> None:
        """Put ``lines`` behind the line ``after`` (and behind what was put there before)."""
        self._inserted.setdefault(after, []).extend(lines)

    def need_closed(self, component: Component) -> None:
        """
        Refuse to change a component that has no END.

        Raises:
            UnsupportedError: it is not sure which lines belong to it.
        """
        if not component.closed:
            raise UnsupportedError(
                f"{component.name} is never closed: it can be read, not changed",
                line=self.content.number(component.begin),
                remedy=f"Add the missing END:{component.name}",
            )

    def append(self, component: Component, *lines: Line) -> None:
        """
        Add ``lines`` as the last own lines of ``component``, before its subcomponents.

        Raises:
            UnsupportedError: the component has no END, so it is not sure what belongs to it.
        """
        self.need_closed(component)
        bound = component.components[0].start if component.components else component.stop - 1
        for at in range(bound - 1, component.start - 1, -1):
            place = self.content.lines[at]
            if place.name:
                self.insert(place, lines)
                break

    def arrange(
        self,
        component: Component,
        old: Sequence[Line],
        new: Sequence[tuple[int | None, Sequence[Line]]],
    ) -> None:
        """
        Make the entries of a list of lines be ``new``, touching as few of ``old`` as can be.

        Each new entry says which old one it continues (``None``: none) and its lines. While the
        entries keep their order, each stays in its place, and new ones follow the one before
        them; entries that swap fill the old places from the top.
        """
        content: list[list[Line]] = [[] for _ in old]
        origins = [origin for origin, _ in new if origin is not None]
        if not old:
            self.append(component, *(line for _, lines in new for line in lines))
        elif origins == sorted(origins):
            last, first = -1, origins[0] if origins else 0
            for origin, lines in new:
                last = last if origin is None else origin
                content[last if last >= 0 else first].extend(lines)
        else:
            for at, (_, lines) in enumerate(new):
                content[min(at, len(old) - 1)].extend(lines)
        for line, lines in zip(old, content, strict=True):
            if lines != [line]:
                self._replaced[line] = tuple(lines)

    def substitute(self, component: Component, lines: Iterable[Line] = ()) -> None:
        """Put ``lines`` in the place of a whole component; none removes it."""
        span = self.content.span(component)
        self.remove(span)
        self._replaced[span[0]] = tuple(lines)
        self._whole.update(span)

    def apply(self, owned: AbstractSet[str]) -> ContentDocument:
        """
        Return the new document, after proving that only lines named in ``owned`` change.

        Raises:
            LossyConversionError: the patch would touch another line, or a new
                line would not be read back as the one line that it is, or old ones
                would run together.
        """
        self._prove(owned)
        patched = self.content.patched(self._replaced, self._inserted)
        if not isinstance(self.content.lines, PackedLines):
            _check_ends(patched.lines)
        return patched

    def to_bytes(self, owned: AbstractSet[str]) -> bytes:
        """
        Return the bytes of the new document, proven as by :meth:`apply`.

        Raises:
            LossyConversionError: as :meth:`apply`.
        """
        if not isinstance(self.content.lines, PackedLines):
            return self.apply(owned).to_bytes()
        self._prove(owned)
        return self.content.patched_bytes(self._replaced, self._inserted)

    def _prove(self, owned: AbstractSet[str]) -> None:
        lost = [
            line.name or line.raw[:40].decode("ascii", "replace")
            for line, new in self._replaced.items()
            if line not in self._whole and line.name not in owned and line not in new
        ]
        for line in itertools.chain(*self._replaced.values(), *self._inserted.values()):
            raw = line.raw
            if logical_lines(raw) != [raw]:
                lost.append(line.name)
        if lost:
            raise LossyConversionError(
                "the change would reach lines that it does not own",
                lost=lost,
                remedy="Report the document: this is a defect of the format layer",
            )


def _check_ends(lines: Sequence[Line]) -> None:
    """Refuse lines that are cut otherwise once joined: CR, then LF of what was between them."""
    raws = [line.raw for line in lines]
    if logical_lines(b"".join(raws)) != raws:
        raise LossyConversionError(
            "among the mixed line ends of this document, lines would run together",
            remedy="Save the document with one kind of line end",
        )
