# SPDX-License-Identifier: Apache-2.0
"""
The public page of the PanneauPocket stand-in, in the structure that readers of the real one know.

With its traps: the public id is not ``data-id``, and the first ``?panneau=`` inside a
notice is the link to the *next* one.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

import attrs


@attrs.frozen(kw_only=True)
class Entity:
    """Whose page it is; ``address`` is the page's own, without query."""

    name: str
    postcode: str
    address: str


@attrs.frozen(kw_only=True)
class Notice:
    """A sign as the page shows it."""

    external_id: str
    sign: Mapping[str, Any]
    cancelled: bool

    @property
    def internal_id(self) -> str:
        """The number in ``data-id``."""
        return str(self._number("data"))

    @property
    def public_id(self) -> str:
        """The number in ``?panneau=``."""
        return str(self._number("panneau"))

    def _number(self, salt: str) -> int:
        edition = self.sign.get("_edition", "") if salt == "panneau" else ""
        digest = hashlib.sha256(f"{salt}:{self.external_id}{edition}".encode()).digest()
        return int.from_bytes(digest[:4], "big")


@attrs.frozen(kw_only=True)
class Seen:
    """
    What a reader sees of a notice, in plain text.

    Attributes:
        number: the public number, which its address to share ends with.
        title: one line.
        text: its text, with its line breaks.
        date: the label with the day.
        files: how many pictures and files.
        alert: shown white on red.
        cancelled: stamped as cancelled.
    """

    number: str
    title: str
    text: str
    date: str
    files: int
    alert: bool
    cancelled: bool


def seen(one: Notice) -> Seen:
    """Return what a reader sees of a notice."""
    reader = _Text()
    reader.feed(one.sign.get("content", ""))
    reader.close()
    return Seen(
        number=one.public_id,
        title=one.sign.get("title", ""),
        text="".join(reader.parts),
        date=_label(one),
        files=len(one.sign.get("documents") or ()),
        alert=one.sign["type"] == "alert",
        cancelled=one.cancelled,
    )


class _Text(HTMLParser):
    """Collects the text of a sign's one paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def _label(one: Notice) -> str:
    return f"Le {dt.date.fromisoformat(one.sign['startAt']):%d/%m/%Y}"


def shown(notices: Sequence[Notice], today: dt.date) -> list[Notice]:
    """Return the notices that are on air ``today``, alerts first."""
    day = today.isoformat()
    on_air = [
        one
        for one in notices
        if one.sign["startAt"] <= day <= (one.sign.get("endAt") or "9999-12-31")
    ]
    return sorted(on_air, key=lambda one: one.sign["type"] != "alert")


def page(notices: Sequence[Notice], entity: Entity, *, nameless: int = 0) -> str:
    """Return the HTML page of an entity; the first ``nameless`` notices cannot be shared."""
    following = [*notices[1:], *notices[:1]]
    items = [
        _item(one, after, entity, shared=n >= nameless)
        for n, (one, after) in enumerate(zip(notices, following, strict=True))
    ]
    if items:
        items[0] = items[0].replace("--item ", "--item sign-carousel--item--active", 1)
    title = f"<title>{html.escape(entity.name)}</title>"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            f'<html lang="fr"><head><meta charset="utf-8">{title}</head>',
            '<body><div class="sign-carousel">',
            *items,
            "</div></body></html>\n",
        ]
    )


def _item(one: Notice, following: Notice, entity: Entity, *, shared: bool) -> str:
    sign = one.sign
    address = html.escape(entity.address)
    share = f"{address}?panneau={one.public_id}"
    card = " sign-preview--event" if sign.get("_event") else ""
    sharing = f"""\
  <div data-facebook-share-share-url-value="{share}"></div>
  <button class="dropdown-item" href="{share}">Partager</button>"""
    stamp = '<img class="overlay" src="/images/sign-cancel-status/annule.png" alt="">'
    return f"""\
<div class="sign-carousel--item " data-id="{one.internal_id}">
  <a class="action" title="Suivant" href="{address}?panneau={following.public_id}"></a>
  <div class="sign-preview{card}">
    <div class="sign-preview__title">
      <div class="infos"><p class="city">{html.escape(entity.name)}</p>
      <p class="postcode">{html.escape(entity.postcode)}</p></div>
      <span class="date">{_label(one)}</span>
    </div>
    <div class="sign-preview__content">
      <div class="title">{html.escape(sign.get("title", ""))}</div>
      <div class="content">{sign.get("content", "")}{_documents(sign)}</div>
    </div>
    {stamp if one.cancelled else ""}
  </div>
{sharing if shared else ""}
</div>"""


def _documents(sign: Mapping[str, Any]) -> str:
    parts = []
    for address in sign.get("documents") or ():
        quoted = html.escape(address)
        inner = "PDF" if address.lower().endswith(".pdf") else f'<img src="{quoted}" alt="">'
        parts.append(f'<a target="_blank" href="{quoted}">{inner}</a>')
    return "".join(parts)
