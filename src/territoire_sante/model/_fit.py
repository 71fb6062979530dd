# SPDX-License-Identifier: Apache-2.0
"""
Does an announcement fit a channel? If not: every reason, and a proposal for a person.

Nothing is ever cut here. A short variant written by a person is taken by
itself; any other shortening is a proposal, which keeps all that it moves.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import attrs

from territoire_sante.errors import AnnouncementRefusedError
from territoire_sante.model._announcement import Announcement, Attachment, ChannelLimits
from territoire_sante.model._shorten import one_line, shorten_title

_TYPES_BY_ENDING = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "odt": "application/vnd.oasis.opendocument.text",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
}


@attrs.frozen(kw_only=True)
class Reason:
    """Why an announcement does not fit: the field, and a sentence in French and in English."""

    field: str
    message_fr: str
    message_en: str

    def message(self, language: str = "fr") -> str:
        """Return the sentence in ``language``: ``"fr"``, and English for any other."""
        return self.message_fr if language == "fr" else self.message_en


@attrs.frozen(kw_only=True)
class Fit:
    """
    The answer of :func:`fit`.

    ``shown`` is the announcement as the channel will show it (a short variant may
    stand in ``title`` or ``body``), ``None`` if it does not fit. ``proposal`` would fit; it
    is for a person to accept, never to be sent by itself.
    """

    fits: bool
    shown: Announcement | None = None
    reasons: tuple[Reason, ...] = ()
    proposal: Announcement | None = None

    def or_refuse(self, *, where: str = "", language: str = "fr") -> Announcement:
        """
        Return :attr:`shown`.

        Raises:
            AnnouncementRefusedError: it does not fit; with the reasons in
                ``language`` and the proposal as text.
        """
        if self.shown is not None:
            return self.shown
        proposal = self.proposal
        raise AnnouncementRefusedError(
            "the announcement does not fit its channel",
            reasons=[reason.message(language) for reason in self.reasons],
            proposal=None if proposal is None else f"{proposal.title}\n\n{proposal.body}",
            where=where,
            remedy="Accept the proposal, or write a short variant (title_short, body_short)",
        )


def fit(announcement: Announcement, limits: ChannelLimits) -> Fit:
    """
    Say whether ``announcement`` can be shown whole within ``limits``.

    Lengths hold in code points and in UTF-16 units; ``lines_max`` counts the lines of
    the body; an attachment without a media type is judged by its URL's ending,
    one without a size is let through.

    >>> short = ChannelLimits(title_max=30)
    >>> long = Announcement(
    ...     id="announcement:1", title="Dépistage gratuit du diabète samedi 14 novembre"
    ... )
    >>> result = fit(long, short)
    >>> result.fits, result.proposal.title, result.proposal.body
    (False, 'Dépistage gratuit du diabète', 'Dépistage gratuit du diabète samedi 14 novembre')
    """
    shown = attrs.evolve(
        announcement,
        title=_variant(announcement.title, announcement.title_short, limits.title_max, None),
        body=_variant(
            announcement.body, announcement.body_short, limits.body_max, limits.lines_max
        ),
    )
    reasons = tuple(_reasons(shown, limits))
    if not reasons:
        return Fit(fits=True, shown=shown)
    return Fit(fits=False, reasons=reasons, proposal=_proposal(announcement, limits))


def _length(text: str) -> int:
    """Return the larger of the counts in code points and in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _lines(text: str) -> int:
    return len(text.splitlines())


def _has_room(text: str, length_max: int | None, lines_max: int | None) -> bool:
    return (length_max is None or _length(text) <= length_max) and (
        lines_max is None or _lines(text) <= lines_max
    )


def _variant(long: str, short: str, length_max: int | None, lines_max: int | None) -> str:
    usable = short and not _has_room(long, length_max, lines_max)
    return short if usable and _has_room(short, length_max, lines_max) else long


def _reasons(announcement: Announcement, limits: ChannelLimits) -> Iterator[Reason]:
    if not (announcement.title.strip() or announcement.body.strip() or announcement.attachments):
        yield Reason(
            field="title",
            message_fr="L'annonce est vide : ni titre, ni texte, ni pièce jointe.",
            message_en="The announcement is empty: no title, no text, no attachment.",
        )
    for field, name_fr, maximum in (
        ("title", "Le titre", limits.title_max),
        ("body", "Le texte", limits.body_max),
    ):
        yield from _too_long(announcement, field, name_fr, maximum)
    lines = _lines(announcement.body)
    if limits.lines_max is not None and lines > limits.lines_max:
        yield Reason(
            field="body",
            message_fr=f"Le texte fait {lines} lignes ; ce canal en montre {limits.lines_max}.",
            message_en=f"The body has {lines} lines; this channel shows {limits.lines_max}.",
        )
    yield from _attachment_reasons(announcement.attachments, limits)


def _too_long(
    announcement: Announcement, field: str, name_fr: str, maximum: int | None
) -> Iterator[Reason]:
    for name, label in ((field, name_fr), (f"{field}_short", f"{name_fr} court")):
        text: str = getattr(announcement, name)
        main = name == field
        # A short variant is looked at only where the long one fails: else it isn't used.
        failed = maximum is not None and not _has_room(getattr(announcement, field), maximum, None)
        if maximum is None or not failed or (not main and not text) or _length(text) <= maximum:
            continue
        points, units = len(text), _length(text)
        unit_fr = "" if points == units else f" ({units} en unités UTF-16)"
        unit_en = "" if points == units else f" ({units} in UTF-16 units)"
        yield Reason(
            field=name,
            message_fr=f"{label} fait {points} caractères{unit_fr} ; "
            f"ce canal en accepte {maximum}.",
            message_en=f"The {name} has {points} characters{unit_en}; "
            f"this channel takes {maximum}.",
        )


def _attachment_reasons(
    attachments: tuple[Attachment, ...], limits: ChannelLimits
) -> Iterator[Reason]:
    if limits.attachments_max is not None and len(attachments) > limits.attachments_max:
        yield Reason(
            field="attachments",
            message_fr=f"L'annonce a {len(attachments)} pièces jointes ; "
            f"ce canal en accepte {limits.attachments_max}.",
            message_en=f"The announcement has {len(attachments)} attachments; "
            f"this channel takes {limits.attachments_max}.",
        )
    for number, attachment in enumerate(attachments):
        field = f"attachments[{number}]"
        if not _type_allowed(attachment, limits):
            found = _media_type(attachment)
            wanted = ", ".join(limits.attachment_types)
            yield Reason(
                field=field,
                message_fr=f"La pièce jointe {attachment.url} est de type "
                f"{found or 'inconnu'} ; ce canal accepte : {wanted}.",
                message_en=f"The attachment {attachment.url} is of type "
                f"{found or 'unknown'}; this channel takes: {wanted}.",
            )
        if not _size_allowed(attachment, limits):
            size, room = attachment.size / 1e6, (limits.attachment_bytes_max or 0) / 1e6
            french = f"{size:.1f} Mo ; ce canal accepte {room:.1f} Mo".replace(".", ",")
            yield Reason(
                field=field,
                message_fr=f"La pièce jointe {attachment.url} pèse {french}.",
                message_en=f"The attachment {attachment.url} has {size:.1f} MB; "
                f"this channel takes {room:.1f} MB.",
            )


def _media_type(attachment: Attachment) -> str:
    ending = attachment.url.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
    given = attachment.media_type.partition(";")[0].strip().lower()
    return given or _TYPES_BY_ENDING.get(ending, "")


def _type_allowed(attachment: Attachment, limits: ChannelLimits) -> bool:
    return not limits.attachment_types or _media_type(attachment) in limits.attachment_types


def _size_allowed(attachment: Attachment, limits: ChannelLimits) -> bool:
    return limits.attachment_bytes_max is None or attachment.size <= limits.attachment_bytes_max


def _proposal(announcement: Announcement, limits: ChannelLimits) -> Announcement | None:
    """Return an announcement that fits and loses nothing, or ``None`` if there is none."""
    title, lead = _proposed_title(announcement, limits.title_max)
    kept, moved = _proposed_attachments(announcement.attachments, limits)
    for text in (announcement.body, announcement.body_short):
        body = unicodedata.normalize("NFC", text)
        if lead and not body.startswith(lead):
            body = f"{lead}\n{body}" if body else lead
        body = "\n".join([*([body] if body else []), *(_as_line(one) for one in moved)])
        candidate = attrs.evolve(announcement, title=title, body=body, attachments=kept)
        if (text or not announcement.body) and not any(_reasons(candidate, limits)):
            return candidate
    return None


def _proposed_title(announcement: Announcement, maximum: int | None) -> tuple[str, str]:
    """Return a title with room, and the line that the body must begin with (may be empty)."""
    title = one_line(unicodedata.normalize("NFC", announcement.title))
    if maximum is None or _length(title) <= maximum:
        return title, ""
    if announcement.title_short and _length(announcement.title_short) <= maximum:
        return announcement.title_short, ""
    return shorten_title(title, lambda text: _length(text) <= maximum) or title, title


def _proposed_attachments(
    attachments: tuple[Attachment, ...], limits: ChannelLimits
) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
    """Return the attachments that the channel can hold, and those to name in the body instead."""
    good = [one for one in attachments if _type_allowed(one, limits) and _size_allowed(one, limits)]
    kept = tuple(good[: limits.attachments_max])
    return kept, tuple(one for one in attachments if one not in kept)


def _as_line(attachment: Attachment) -> str:
    return f"{attachment.alt or 'Pièce jointe'} : {attachment.url}"
