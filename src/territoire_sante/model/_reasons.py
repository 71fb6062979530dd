# SPDX-License-Identifier: Apache-2.0
"""Why an announcement does not fit a channel: every reason, in French and in English."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from territoire_sante.model._announcement import Announcement, AnnouncementCategory, Attachment
from territoire_sante.model._lengths import (
    length,
    line_count,
    marked_up,
    summary_of,
    whole_text,
)
from territoire_sante.model._limits import ChannelLimits, RequiredField

_TYPES_BY_ENDING: Final = {
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

_Present = Callable[[Announcement], bool]
_PRESENT: Final[Mapping[RequiredField, _Present]] = {
    RequiredField.TITLE: lambda one: bool(one.title.strip()),
    RequiredField.BODY: lambda one: bool(one.body.strip()),
    RequiredField.DATE: lambda one: one.event_start is not None,
    RequiredField.PLACE: lambda one: bool(one.place.strip()),
    RequiredField.CATEGORY: lambda one: one.category is not AnnouncementCategory.OTHER,
    RequiredField.CONTACT: lambda one: one.contact is not None,
    RequiredField.URL: lambda one: bool(one.url.strip()),
    RequiredField.AUDIENCE: lambda one: bool(one.audience),
    RequiredField.PUBLISH_UNTIL: lambda one: one.publish_until is not None,
}
_FIELDS: Final[Mapping[RequiredField, str]] = {RequiredField.DATE: "event_start"}


@attrs.frozen(kw_only=True)
class Reason:
    """Why an announcement does not fit: the field, and a sentence in French and in English."""

    field: str
    message_fr: str
    message_en: str

    def message(self, language: str = "fr") -> str:
        """Return the sentence in ``language``: ``"fr"``, and English for any other."""
        return self.message_fr if language == "fr" else self.message_en


def reasons_against(announcement: Announcement, limits: ChannelLimits) -> Iterator[Reason]:
    """Yield why ``announcement`` cannot be shown as it is within ``limits``."""
    if not (announcement.title.strip() or announcement.body.strip() or announcement.attachments):
        yield Reason(
            field="title",
            message_fr="L'annonce est vide : ni titre, ni texte, ni pièce jointe.",
            message_en="The announcement is empty: no title, no text, no attachment.",
        )
    yield from _title_reasons(announcement, limits)
    yield from _too_long(announcement, "body", "Le texte", limits)
    lines = line_count(announcement.body)
    if limits.lines_max is not None and lines > limits.lines_max:
        yield Reason(
            field="body",
            message_fr=f"Le texte fait {lines} lignes ; ce canal en montre {limits.lines_max}.",
            message_en=f"The body has {lines} lines; this channel shows {limits.lines_max}.",
        )
    yield from _whole_reasons(announcement, limits)
    yield from _required_reasons(announcement, limits)
    yield from _attachment_reasons(announcement.attachments, limits)


def body_has_room(text: str, limits: ChannelLimits) -> bool:
    """Say whether a body has room, in its markup and by its lines."""
    return (limits.body_max is None or _sent_length("body", text, limits) <= limits.body_max) and (
        limits.lines_max is None or line_count(text) <= limits.lines_max
    )


def type_allowed(attachment: Attachment, limits: ChannelLimits) -> bool:
    """Say whether the channel takes files of this type."""
    return not limits.attachment_types or _media_type(attachment) in limits.attachment_types


def size_allowed(attachment: Attachment, limits: ChannelLimits) -> bool:
    """Say whether the channel takes files of this size; one that is not known is let through."""
    return limits.attachment_bytes_max is None or attachment.size <= limits.attachment_bytes_max


def _sent_length(field: str, text: str, limits: ChannelLimits) -> int:
    """Return the length of a text as it is sent: a body with its markup."""
    sent = marked_up(text, limits.markup) if field == "body" else text
    return max(length(sent), length(text))


def _title_reasons(announcement: Announcement, limits: ChannelLimits) -> Iterator[Reason]:
    points = len(announcement.title)
    if points < limits.title_min:
        yield Reason(
            field="title",
            message_fr=f"Le titre fait {_points_fr(points)} ; "
            f"ce canal en demande au moins {limits.title_min}.",
            message_en=f"The title has {_points_en(points)}; "
            f"this channel asks for {limits.title_min} or more.",
        )
    yield from _too_long(announcement, "title", "Le titre", limits)


def _too_long(
    announcement: Announcement, field: str, name_fr: str, limits: ChannelLimits
) -> Iterator[Reason]:
    maximum = limits.title_max if field == "title" else limits.body_max
    # A short variant is looked at only where the long one fails: else it isn't used.
    if maximum is None or _sent_length(field, getattr(announcement, field), limits) <= maximum:
        return
    for name, label in ((field, name_fr), (f"{field}_short", f"{name_fr} court")):
        text: str = getattr(announcement, name)
        sent = _sent_length(field, text, limits)
        if sent > maximum:
            yield Reason(
                field=name,
                message_fr=f"{label} fait {_counted_fr(text, sent)} ; "
                f"ce canal en accepte {maximum}.",
                message_en=f"The {name} has {_counted_en(text, sent)}; "
                f"this channel takes {maximum}.",
            )


def _counted_fr(text: str, sent: int) -> str:
    units = length(text)
    told = [f"{units} en unités UTF-16"] if units != len(text) else []
    told += [f"{sent} avec sa mise en forme"] if sent != units else []
    return _points_fr(len(text)) + (f" ({', '.join(told)})" if told else "")


def _counted_en(text: str, sent: int) -> str:
    units = length(text)
    told = [f"{units} in UTF-16 units"] if units != len(text) else []
    told += [f"{sent} with its markup"] if sent != units else []
    return _points_en(len(text)) + (f" ({', '.join(told)})" if told else "")


def _points_fr(count: int) -> str:
    return f"{count} caractère{'s' if count > 1 else ''}"


def _points_en(count: int) -> str:
    return f"{count} character{'' if count == 1 else 's'}"


def _whole_reasons(announcement: Announcement, limits: ChannelLimits) -> Iterator[Reason]:
    whole = length(whole_text(announcement), limits.url_cost)
    if limits.text_max is not None and whole > limits.text_max:
        cost = limits.url_cost
        yield Reason(
            field="text",
            message_fr=f"Titre, texte et lien font ensemble {whole} caractères"
            f"{'' if cost is None else f' (chaque adresse comptée pour {cost})'} ; "
            f"ce canal en accepte {limits.text_max}.",
            message_en=f"Title, body and link have {whole} characters together"
            f"{'' if cost is None else f' (each address counted as {cost})'}; "
            f"this channel takes {limits.text_max}.",
        )
    if limits.summary_max is not None and summary_of(announcement, limits) is None:
        yield Reason(
            field="body_short",
            message_fr=f"Ce canal montre un résumé de {limits.summary_max} caractères au plus : "
            "ni le texte court ni le texte n'y tiennent.",
            message_en=f"This channel shows a summary of {limits.summary_max} characters at most: "
            "neither the short body nor the body has room.",
        )
    if limits.url_max is not None and length(announcement.url) > limits.url_max:
        yield Reason(
            field="url",
            message_fr=f"Le lien fait {length(announcement.url)} caractères ; "
            f"ce canal en accepte {limits.url_max}.",
            message_en=f"The link has {length(announcement.url)} characters; "
            f"this channel takes {limits.url_max}.",
        )


def _required_reasons(announcement: Announcement, limits: ChannelLimits) -> Iterator[Reason]:
    for required in limits.required:
        if not _PRESENT[required](announcement):
            yield Reason(
                field=_FIELDS.get(required, str(required.value)),
                message_fr=f"Ce canal demande {required.label_fr}.",
                message_en=f"This channel asks for {required.label_en}.",
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
        yield from _file_reasons(attachment, f"attachments[{number}]", limits)


def _file_reasons(attachment: Attachment, field: str, limits: ChannelLimits) -> Iterator[Reason]:
    if not type_allowed(attachment, limits):
        found = _media_type(attachment)
        wanted = ", ".join(limits.attachment_types)
        yield Reason(
            field=field,
            message_fr=f"La pièce jointe {attachment.url} est de type "
            f"{found or 'inconnu'} ; ce canal accepte : {wanted}.",
            message_en=f"The attachment {attachment.url} is of type "
            f"{found or 'unknown'}; this channel takes: {wanted}.",
        )
    if not size_allowed(attachment, limits):
        size, room = attachment.size / 1e6, (limits.attachment_bytes_max or 0) / 1e6
        french = f"{size:.1f} Mo ; ce canal accepte {room:.1f} Mo".replace(".", ",")
        yield Reason(
            field=field,
            message_fr=f"La pièce jointe {attachment.url} pèse {french}.",
            message_en=f"The attachment {attachment.url} has {size:.1f} MB; "
            f"this channel takes {room:.1f} MB.",
        )
    if limits.alt_max is not None and length(attachment.alt) > limits.alt_max:
        yield Reason(
            field=field,
            message_fr=f"La description de la pièce jointe {attachment.url} fait "
            f"{length(attachment.alt)} caractères ; ce canal en accepte {limits.alt_max}.",
            message_en=f"The description of the attachment {attachment.url} has "
            f"{length(attachment.alt)} characters; this channel takes {limits.alt_max}.",
        )


def _media_type(attachment: Attachment) -> str:
    ending = attachment.url.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
    given = attachment.media_type.partition(";")[0].strip().lower()
    return given or _TYPES_BY_ENDING.get(ending, "")
