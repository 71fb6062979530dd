# SPDX-License-Identifier: Apache-2.0
"""What differs between calendars and address books on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.formats.contentline import Component, ContentDocument


@attrs.frozen(kw_only=True)
class Flavour:
    """
    A file ending, a media type, and how items lie in a file.

    Attributes:
        container: the component that holds items, ``""`` if they stand alone.
        kind: the components that :attr:`split` makes items of.
        kinds: the components that may be found as items, or parts of one.
        fleeting: lines that say nothing about an item, and change without a reason.
        empty: a file without items.
        split: the items of a file by key, the key of one item, and one item changed in a file.
    """

    suffix: str
    media_type: str
    container: str
    kind: str
    kinds: frozenset[str]
    fleeting: frozenset[str]
    empty: bytes
    split: Callable[[bytes], Mapping[str, Document]]
    key: Callable[[Document], str]
    merge: Callable[[bytes, str, Document | None], bytes]

    def check_one(self, content: ContentDocument) -> None:
        """
        Check that ``content`` is one whole item.

        Raises:
            FormatError: it is broken, or no item.
            UnsupportedError: it is several items.
        """
        self._check_nesting(content)
        found = list(self.parts(content))
        if not found:
            kinds = ", ".join(sorted(self.kinds))
            raise FormatError(f"there is none of {kinds} in it", line=1)
        masters = [part for part in found if part.first("RECURRENCE-ID") is None]
        strangers = [part for part in found if _uid(part) != _uid(found[0])]
        if strangers or len(masters) > 1:
            second = (strangers or masters[1:])[0]
            raise UnsupportedError(
                f"{second.name} begins a second item"
                + (f" with the UID {_uid(second)}" if _uid(second) else ""),
                line=content.number(second.begin),
                remedy="Keep one of them here, or give the other a UID (and file) of its own",
            )

    def check_file(self, content: ContentDocument) -> None:
        """
        Check that no item of a whole file can be missing from :attr:`split`.

        Raises:
            FormatError: it is empty, cut off, or something else altogether.
        """
        self._check_nesting(content)
        if self.container:
            sound = any(component.name == self.container for component in content.components)
        else:
            sound = bool(content.components) or all(line.blank for line in content.lines)
        if not sound or not content.lines:
            wanted = self.container or ", ".join(sorted(self.kinds))
            raise FormatError(f"there is no {wanted} in it", line=1)

    def parts(self, content: ContentDocument) -> Iterator[Component]:
        """Yield the components that are items, or parts of one."""
        for outer in content.components:
            if outer.name in self.kinds:
                yield outer
            elif outer.name == self.container:
                yield from (inner for inner in outer.components if inner.name in self.kinds)

    def key_of(self, part: Component) -> str:
        """Return the UID of a part of an item, empty for other components and without one."""
        return _uid(part) if part.name == self.kind else ""

    def uid(self, content: ContentDocument) -> str:
        """Return the UID of a document of one item, empty without one."""
        return next(filter(None, map(_uid, self.parts(content))), "")

    def _check_nesting(self, content: ContentDocument) -> None:
        # A lost or damaged BEGIN or END hides what follows it: it must not look deleted.
        ends = [line for line in content.lines if line.name == "END"]
        parts = list(content.walk())
        for part in parts:
            if not part.closed:
                raise FormatError(
                    f"{part.name} is never closed; the file may be cut off",
                    line=content.number(part.begin),
                )
        if len(ends) != len(parts):
            raise FormatError("an END closes nothing; its BEGIN is missing", line=_stray(content))
        hidden = self.container and sum(part.name in self.kinds for part in parts) - sum(
            1 for _ in self.parts(content)
        )
        if hidden:
            raise FormatError("an item stands inside another one", line=1)


def _uid(component: Component) -> str:
    line = component.first("UID")
    return line.value.strip() if line is not None else ""


def _stray(content: ContentDocument) -> int:
    closing = {id(content.lines[part.stop - 1]) for part in content.walk()}
    strays = (line for line in content.lines if line.name == "END" and id(line) not in closing)
    return content.number(next(strays))


CALENDAR: Final = Flavour(
    suffix=".ics",
    media_type="text/calendar",
    container="VCALENDAR",
    kind="VEVENT",
    kinds=frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"}),
    fleeting=frozenset({"UID", "DTSTAMP", "SEQUENCE", "LAST-MODIFIED", "CREATED"}),
    empty=b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//territoire_sante//FR\r\nEND:VCALENDAR\r\n",
    split=icalendar.items,
    key=icalendar.key,
    merge=icalendar.merge_into,
)

# A file of no bytes is what a crashed program leaves, so an empty address book has one line end.
CARDS: Final = Flavour(
    suffix=".vcf",
    media_type="text/vcard",
    container="",
    kind="VCARD",
    kinds=frozenset({"VCARD"}),
    fleeting=frozenset({"UID", "REV", "PRODID"}),
    empty=b"\r\n",
    split=vcard.items,
    key=vcard.key,
    merge=vcard.merge_into,
)
