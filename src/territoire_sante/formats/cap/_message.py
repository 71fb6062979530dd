# SPDX-License-Identifier: Apache-2.0
"""What makes an alert a message: who sent it, when, and which ones it replaces or cancels."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from typing import Final

import attrs

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats._document import Document
from territoire_sante.formats.cap._edit import Edits
from territoire_sante.formats.cap._read import (
    child,
    children,
    is_signed,
    parameters,
    parsed,
    text,
    time_text,
    told_time,
    word,
)
from territoire_sante.formats.cap._words import PARAMETER

MEDIA_TYPE: Final = "application/cap+xml"

# CAP 1.2, 3.2.1: neither identifier nor sender may have them, as references are cut at them.
FORBIDDEN: Final = re.compile(r"[\s,<&]")

_CANCELLED: Final = {"fr": "Annulé\u00a0: "}


@attrs.frozen(kw_only=True)
class Header:
    """
    The identity of a message (CAP 1.2, 3.2.1).

    ``sent`` is the text as it is written, because references repeat it; ``references`` holds one
    ``sender,identifier,sent`` for each message that this one replaces or cancels.
    """

    identifier: str
    sender: str
    sent: str
    status: str
    msg_type: str
    scope: str
    references: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """How later messages name this one."""
        return f"{self.sender},{self.identifier},{self.sent}"


def header(document: Document) -> Header:
    """
    Return the identity of a message.

    Raises:
        FormatError: it is no alert, or has no identifier, sender or time.
    """
    root = parsed(document).root
    for local in ("identifier", "sender", "sent"):
        if not word(root, local):
            raise FormatError(f"an alert without {local}", line=root.line, where=local)
    if told_time(root, "sent") is None:
        line = (child(root, "sent") or root).line
        raise FormatError(f"{word(root, 'sent')!r} is no time", line=line, where="sent")
    return Header(
        identifier=word(root, "identifier"),
        sender=word(root, "sender"),
        sent=word(root, "sent"),
        status=word(root, "status"),
        msg_type=word(root, "msgType"),
        scope=word(root, "scope"),
        references=tuple(word(root, "references").split()),
    )


def checked_sender(sender: str) -> str:
    """
    Return ``sender`` if CAP allows it.

    Raises:
        InvalidValueError: it is empty, or has a blank, a comma, ``<`` or ``&``.
    """
    if not sender or FORBIDDEN.search(sender):
        raise InvalidValueError(
            f"{sender!r} names no sender of CAP",
            where="sender",
            remedy="Write a domain or an address of yours, without blanks or commas",
        )
    return sender


def identifier_base(uid: str) -> str:
    """
    Return what the identifiers of an announcement's messages begin with.

    >>> identifier_base("urn:uuid:0b54dfb8-7dc0-4d6a-a4b0-40db53b6a3e2")
    'urn:uuid:0b54dfb8-7dc0-4d6a-a4b0-40db53b6a3e2'
    >>> identifier_base("canicule, juillet")
    'canicule--juillet-ce064693'
    """
    plain = FORBIDDEN.sub("-", uid)
    return plain if plain == uid else f"{plain}-{hashlib.sha256(uid.encode()).hexdigest()[:8]}"


def alert(
    document: Document, *, sender: str, sent: dt.datetime, after: Header | None = None
) -> Document:
    """
    Return ``document`` as a first message, an Alert.

    ``after`` is a message about the same announcement that was cancelled, so that no
    identifier comes twice.
    """
    number = 1 if after is None else len(after.references) + 2
    return _stamped(document, "Alert", (), sender=checked_sender(sender), sent=sent, number=number)


def update(document: Document, previous: Header, *, sent: dt.datetime) -> Document:
    """Return ``document`` as the Update that replaces ``previous`` and all before it."""
    references = (*previous.references, previous.reference)
    number = len(references) + 1
    return _stamped(
        document, "Update", references, sender=previous.sender, sent=sent, number=number
    )


def cancel(document: Document, *, sent: dt.datetime, note: str = "") -> Document:
    """
    Return the Cancel message for an alert: it says so in its headline, and why in its note.

    Raises:
        FormatError: it is no alert.
        UnsupportedError: it is signed.
    """
    previous = header(document)
    references = (*previous.references, previous.reference)
    number = len(references) + 1
    stamped = _stamped(
        document, "Cancel", references, sender=previous.sender, sent=sent, number=number
    )
    source = parsed(stamped)
    edits = Edits(source)
    edits.text(source.root, "note", note or None)
    for info in children(source.root, "info"):
        language = (word(info, "language") or "en")[:2].lower()
        headline = text(info, "headline") or word(info, "event")
        mark = _CANCELLED.get(language, "Cancelled: ")
        edits.text(info, "headline", headline if headline.startswith(mark) else mark + headline)
        edits.text(info, "urgency", "Past")
    return Document(edits.result(), document.media_type)


def _stamped(
    document: Document,
    kind: str,
    references: tuple[str, ...],
    *,
    sender: str,
    sent: dt.datetime,
    number: int,
) -> Document:
    source = parsed(document)
    if is_signed(source):
        raise UnsupportedError(
            "a signed alert cannot be changed", remedy="Ask its sender for a new message"
        )
    root = source.root
    infos = list(children(root, "info"))
    uids = [uid for info in infos if (uid := parameters(info).get("uid"))]
    uid = next(iter(uids), word(root, "identifier"))
    edits = Edits(source)
    base = identifier_base(uid)
    edits.text(root, "identifier", f"{base}.{sent.astimezone(dt.UTC):%Y%m%d%H%M%S}.{number}")
    edits.text(root, "sender", sender)
    edits.text(root, "sent", time_text(sent))
    edits.text(root, "msgType", kind)
    edits.text(root, "references", " ".join(references) or None)
    for info in infos:
        if "uid" not in parameters(info):
            # The identifier changes with each message; what it was at first stays its name.
            pair = edits.group("parameter", ("valueName", f"{PARAMETER}uid"), ("value", uid))
            edits.put(info, "parameter", (pair,), mine=lambda _: False)
    return Document(edits.result(), document.media_type)
