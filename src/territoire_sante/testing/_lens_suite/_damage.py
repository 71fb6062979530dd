# SPDX-License-Identifier: Apache-2.0
"""Documents as they come from broken programs and lines: cut, doubled, flipped, overgrown."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Final

from territoire_sante.formats import Document

_JUNK: Final = (
    b"\x00",
    b"\xff\xfe",
    b"\r",
    b"\n\n",
    b"<![CDATA[",
    b"&#0;",
    b"\\",
    b'"',
    b"{" * 50,
    b"9" * 40,
    b":;,=",
    "é💉\u2028".encode(),
    b"END:VCALENDAR\r\n",
)


def damaged(documents: Sequence[Document], rounds: int) -> Iterator[Document]:
    """Yield damaged copies of documents, the same ones each time."""
    chance = random.Random(20260328)  # noqa: S311 - the same damage each time, no secret
    for _ in range(rounds):
        document = chance.choice(documents)
        data = document.data
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            data = _once(chance, data)
        yield Document(data, document.media_type)


def _once(chance: random.Random, data: bytes) -> bytes:
    a, b = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    lines = data.splitlines(keepends=True) or [b""]
    n, m = (chance.randrange(len(lines)) for _ in range(2))
    turned = list(lines)
    turned[n], turned[m] = lines[m], lines[n]
    flipped = bytes(byte ^ 0x20 for byte in data[a : a + 1])
    return chance.choice(
        (
            data[:a],
            data[:a] + data[b:],
            data[:a] + flipped + data[a + 1 :],
            data[:a] + chance.choice(_JUNK) + data[a:],
            b"".join([*lines[:n], *lines[n + 1 :]]),
            b"".join([*lines[:n], lines[m], *lines[n:]]),
            b"".join(turned),
        )
    )
