# SPDX-License-Identifier: Apache-2.0
"""What a channel can hold: lengths, markup, files, dates, how often, and what it insists on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from territoire_sante.model._checks import between
from territoire_sante.model._labels import LabelledEnum


class DateGranularity(LabelledEnum):
    """How finely a channel can date a publication."""

    NONE = "none", "Aucune date", "No date"
    DAY = "day", "Au jour", "By day"
    MINUTE = "minute", "À la minute", "By minute"


class Markup(LabelledEnum):
    """In what a channel takes its texts; those of an announcement are plain, always."""

    PLAIN = "plain", "Texte brut", "Plain text"
    PARAGRAPH = "paragraph", "Un paragraphe avec sauts de ligne", "One paragraph with breaks"
    HTML = "html", "HTML restreint", "HTML subset"
    MARKDOWN = "markdown", "Markdown", "Markdown"


class RequiredField(LabelledEnum):
    """What a channel may insist on."""

    TITLE = "title", "un titre", "a title"
    BODY = "body", "un texte", "a body"
    DATE = "date", "la date de ce qui est annoncé", "the date of what is announced"
    PLACE = "place", "un lieu", "a place"
    CATEGORY = "category", "une rubrique autre que « Autre »", "a category other than OTHER"
    CONTACT = "contact", "un contact", "a contact"
    URL = "url", "un lien", "a link"
    AUDIENCE = "audience", "les communes concernées", "the communes that it is for"
    PUBLISH_UNTIL = "publish_until", "une fin de publication", "an end of publication"


@attrs.frozen(kw_only=True)
class PostRate:
    """
    How often a channel may be written to: ``posts`` in any ``seconds``.

    >>> once_a_minute = PostRate(posts=1, seconds=60)
    >>> noon = dt.datetime(2026, 11, 14, 12, tzinfo=dt.UTC)
    >>> once_a_minute.next_at([noon - dt.timedelta(seconds=20)], noon).isoformat()
    '2026-11-14T12:00:40+00:00'
    """

    posts: int = attrs.field(validator=between(1))
    seconds: int = attrs.field(validator=between(1))

    def next_at(self, sent: Iterable[dt.datetime], now: dt.datetime) -> dt.datetime:
        """Return when the next post may go, ``now`` at the earliest; all times are aware."""
        period = dt.timedelta(seconds=self.seconds)
        recent = sorted(moment for moment in sent if moment + period > now)
        return now if len(recent) < self.posts else max(now, recent[-self.posts] + period)


@attrs.frozen(kw_only=True)
class ChannelLimits:
    """
    What a channel can hold; ``None`` means no limit is known.

    Lengths hold in Unicode code points *and* in UTF-16 code units, because few vendors say which
    they count; ``body_max`` holds for the text as it is sent, with its ``markup``. ``text_max``
    is one budget for title, body and link
    (:func:`~territoire_sante.model.whole_text`), where each address counts as
    ``url_cost`` characters if that is given. ``summary_max`` is for channels that show a
    short text beside the body (:func:`~territoire_sante.model.summary_of`); ``alt_max`` for
    the text that stands for an attachment; ``url_max`` for the link. A
    ``title_max`` of 0 is a channel without titles. :func:`~territoire_sante.model.fit` does
    not look at ``rate``: that takes knowing what was sent.
    """

    title_min: int = 0
    title_max: int | None = None
    body_max: int | None = None
    text_max: int | None = None
    url_cost: int | None = None
    summary_max: int | None = None
    url_max: int | None = None
    lines_max: int | None = None
    markup: Markup = Markup.PLAIN
    attachments_max: int | None = None
    attachment_types: tuple[str, ...] = ()
    attachment_bytes_max: int | None = None
    alt_max: int | None = None
    dates: DateGranularity = DateGranularity.MINUTE
    rate: PostRate | None = None
    required: tuple[RequiredField, ...] = ()
