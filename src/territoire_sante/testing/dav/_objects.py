# SPDX-License-Identifier: Apache-2.0
"""Collections in memory, with the indexes that keep a hundred thousand items quick."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

import attrs

from territoire_sante.testing.dav._xml import Vocabulary

_FOLD: Final = re.compile(rb"\r?\n[ \t]")
_UID: Final = re.compile(rb"^UID(?:;[^:\r\n]*)?:([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


def uid_of(data: bytes) -> bytes:
    r"""
    Return the first UID in ``data``, empty if there is none.

    >>> uid_of(b"BEGIN:VCARD\r\nUID:a\r\n b\r\nEND:VCARD\r\n")
    b'ab'
    """
    match = _UID.search(_FOLD.sub(b"", data))
    return match.group(1).strip() if match else b""


@attrs.frozen(kw_only=True)
class Item:
    """
    One stored object.

    ``version`` is the collection's number when it was written; ``edits`` counts the writes
    to its name since it was made.
    """

    data: bytes
    version: int
    edits: int = 0

    @property
    def uid(self) -> bytes:
        """The object's UID, empty if it has none."""
        return uid_of(self.data)


class Collection:
    """
    A calendar or address book.

    What is done by these methods is what "somebody else" does: no condition or fault applies.

    Args:
        path: where it is, with a slash at both ends.
        kind: calendar or address book.
        title: its displayname.
        clock: seconds since 1970, for tokens made of seconds.
        start: the number of its first version, so that tokens of an earlier collection at
            the same path stay unknown.
        lock: held while it changes or is told of; its own if left out.
    """

    def __init__(
        self,
        path: str,
        kind: Vocabulary,
        *,
        title: str = "",
        clock: Callable[[], float],
        start: int = 0,
        lock: threading.RLock | None = None,
    ) -> None:
        self.path = path
        self.kind = kind
        self.clock = clock
        self.start = self.version = start
        self.lock = lock if lock is not None else threading.RLock()
        self.properties: dict[str, str] = {
            "D:resourcetype": kind.resource_type,
            "D:displayname": title,
            "D:supported-report-set": "{reports}",
            "D:sync-token": "{token}",
            "S:getctag": "{ctag}",
            "D:current-user-principal": "<D:href>{principal}</D:href>",
            "D:current-user-privilege-set": "<D:privilege><D:all/></D:privilege>",
            **dict(kind.own_properties),
        }
        self._items: dict[str, Item] = {}
        self._log: list[str] = []
        self._times: list[int] = []
        self._names: dict[bytes, dict[str, None]] = {}

    @property
    def items(self) -> Mapping[str, Item]:
        """What is stored, by name."""
        return MappingProxyType(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._items))

    def data(self, name: str) -> bytes:
        """Return the bytes of an object."""
        return self._items[name].data

    def put(self, name: str, data: bytes) -> Item:
        """Store an object, in place of the one that had this name."""
        with self.lock:
            old = self._items.get(name)
            if old is not None:
                self._unname(name, old)
            edits = old.edits + 1 if old is not None else 0
            item = Item(data=data, version=self._tick(name), edits=edits)
            self._items[name] = item
            self._names.setdefault(item.uid, {})[name] = None
            return item

    def fill(self, items: Iterable[tuple[str, bytes]]) -> None:
        """Store many objects."""
        for name, data in items:
            self.put(name, data)

    def remove(self, name: str) -> None:
        """Delete an object; a KeyError tells that there is none."""
        with self.lock:
            self._unname(name, self._items.pop(name))
            self._tick(name)

    def clear(self) -> None:
        """Delete everything, one by one."""
        for name in self:
            self.remove(name)

    def touch(self, name: str) -> None:
        """Give an object a new version without changing it."""
        self.put(name, self._items[name].data)

    def named(self, uid: bytes) -> tuple[str, ...]:
        """Return the names of the objects with this UID."""
        return tuple(self._names.get(uid, ()))

    def forget(self) -> None:
        """Make every token given so far unknown, as after a clean-up or a restored backup."""
        with self.lock:
            self.version += 1
            self.start = self.version
            self._log.clear()
            self._times.clear()

    def since(self, version: int) -> list[str]:
        """Return the names changed after ``version``, those changed last at the end."""
        with self.lock:
            return _latest(self._log[max(0, version - self.start) :])

    def since_second(self, second: int) -> list[str]:
        """Return the names changed in ``second`` or later."""
        with self.lock:
            return _latest(self._log[bisect_left(self._times, second) :])

    def version_of(self, name: str) -> int:
        """Return the number of a name's last change, deletion included."""
        item = self._items.get(name)
        if item is not None:
            return item.version
        return self.start + len(self._log) - self._log[::-1].index(name)

    @property
    def second(self) -> int:
        """The second of the last change, -1 if there was none."""
        return self._times[-1] if self._times else -1

    def _tick(self, name: str) -> int:
        self.version += 1
        self._log.append(name)
        self._times.append(int(self.clock()))
        return self.version

    def _unname(self, name: str, item: Item) -> None:
        names = self._names[item.uid]
        names.pop(name)
        if not names:
            del self._names[item.uid]


def _latest(log: list[str]) -> list[str]:
    """Return each name once, where it stands last."""
    return list(dict.fromkeys(reversed(log)))[::-1]
