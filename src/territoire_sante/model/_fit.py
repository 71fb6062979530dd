# SPDX-License-Identifier: Apache-2.0
"""
Does an announcement fit a channel? If not: every reason, and a proposal for a person.

Nothing is ever cut here. A short variant written by a person is taken by
itself; any other shortening is a proposal, which keeps all that it moves.
"""

from __future__ import annotations

import unicodedata

import attrs

from territoire_sante.errors import AnnouncementRefusedError
from territoire_sante.model._announcement import Announcement, Attachment
from territoire_sante.model._lengths import length, whole_text
from territoire_sante.model._limits import ChannelLimits
from territoire_sante.model._reasons import (
    Reason,
    body_has_room,
    reasons_against,
    size_allowed,
    type_allowed,
)
from territoire_sante.model._shorten import one_line, shorten_title


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
        Return ``shown``.

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
    shown = _with_variants(announcement, limits)
    reasons = tuple(reasons_against(shown, limits))
    if not reasons:
        return Fit(fits=True, shown=shown)
    return Fit(fits=False, reasons=reasons, proposal=_proposal(announcement, limits))


def _title_has_room(text: str, limits: ChannelLimits) -> bool:
    return limits.title_max is None or length(text) <= limits.title_max


def _with_variants(announcement: Announcement, limits: ChannelLimits) -> Announcement:
    """Return it with the short variants where the long texts have no room and they have."""
    title, body = announcement.title, announcement.body
    short_title = announcement.title_short
    short_title = short_title if _title_has_room(short_title, limits) else ""
    short_body = announcement.body_short
    short_body = short_body if body_has_room(short_body, limits) else ""
    if short_title and not _title_has_room(title, limits):
        title = short_title
    if short_body and not body_has_room(body, limits):
        body = short_body
    first = attrs.evolve(announcement, title=title, body=body)
    if limits.text_max is None:
        return first
    # Saving on the body first: a title that says everything is read most.
    for pair in ((title, short_body), (short_title, body), (short_title, short_body)):
        if length(whole_text(first), limits.url_cost) <= limits.text_max:
            return first
        candidate = attrs.evolve(announcement, title=pair[0] or title, body=pair[1] or body)
        if length(whole_text(candidate), limits.url_cost) <= limits.text_max:
            return candidate
    return first


def _proposal(announcement: Announcement, limits: ChannelLimits) -> Announcement | None:
    """Return an announcement that fits and loses nothing, or ``None`` if there is none."""
    title, lead = _proposed_title(announcement, limits.title_max)
    kept, moved = _proposed_attachments(announcement.attachments, limits)
    for text in (announcement.body, announcement.body_short):
        body = unicodedata.normalize("NFC", text)
        if lead and body.splitlines()[:1] != [lead]:
            body = f"{lead}\n{body}" if body else lead
        body = "\n".join([*([body] if body else []), *(_as_line(one) for one in moved)])
        candidate = attrs.evolve(announcement, title=title, body=body, attachments=kept)
        if (text or not announcement.body) and not any(reasons_against(candidate, limits)):
            return candidate
    return None


def _proposed_title(announcement: Announcement, maximum: int | None) -> tuple[str, str]:
    """Return a title with room, and the line that the body must begin with (may be empty)."""
    title = one_line(unicodedata.normalize("NFC", announcement.title))
    if maximum is None or length(title) <= maximum:
        return title, ""
    if announcement.title_short and length(announcement.title_short) <= maximum:
        return announcement.title_short, ""
    if maximum == 0:
        return "", title
    return shorten_title(title, lambda text: length(text) <= maximum) or title, title


def _proposed_attachments(
    attachments: tuple[Attachment, ...], limits: ChannelLimits
) -> tuple[tuple[Attachment, ...], tuple[Attachment, ...]]:
    """Return the attachments that the channel can hold, and those to name in the body instead."""
    good = [one for one in attachments if type_allowed(one, limits) and size_allowed(one, limits)]
    kept = tuple(good[: limits.attachments_max])
    return kept, tuple(one for one in attachments if one not in kept)


def _as_line(attachment: Attachment) -> str:
    return f"{attachment.alt or 'Pièce jointe'} : {attachment.url}"
