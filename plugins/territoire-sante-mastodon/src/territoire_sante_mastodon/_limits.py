# SPDX-License-Identifier: Apache-2.0
"""What a status can hold: what any instance takes, and what one says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from territoire_sante.model import ChannelLimits, DateGranularity, PostRate

#: Those of an instance that was not changed. No dates: a status is shown as soon as it is sent.
LIMITS: Final = ChannelLimits(
    text_max=500,
    url_cost=23,
    attachments_max=4,
    attachment_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    attachment_bytes_max=16_777_216,
    alt_max=1500,
    dates=DateGranularity.NONE,
    rate=PostRate(posts=300, seconds=3 * 3600),
)


def limits_of(instance: Mapping[str, Any]) -> ChannelLimits:
    """
    Return what an instance says of itself, and what is usual where it says nothing.

    >>> limits_of({"configuration": {"statuses": {"max_characters": 5000}}}).text_max
    5000
    """
    configuration = _part(instance, "configuration")
    statuses = _part(configuration, "statuses")
    media = _part(configuration, "media_attachments")
    return attrs.evolve(
        LIMITS,
        text_max=_number(statuses, "max_characters", LIMITS.text_max),
        url_cost=_number(statuses, "characters_reserved_per_url", LIMITS.url_cost),
        attachments_max=_number(statuses, "max_media_attachments", LIMITS.attachments_max),
        attachment_types=_images(media) or LIMITS.attachment_types,
        attachment_bytes_max=_number(media, "image_size_limit", LIMITS.attachment_bytes_max),
        alt_max=_number(media, "description_limit", LIMITS.alt_max),
    )


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = whole.get(name)
    return value if isinstance(value, dict) else {}


def _number(part: Mapping[str, Any], name: str, usual: int | None) -> int | None:
    value = part.get(name)
    return value if isinstance(value, int) and value > 0 else usual


def _images(media: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the media types of pictures; a status has pictures or a film, never both."""
    told = media.get("supported_mime_types")
    kinds = told if isinstance(told, list) else []
    return tuple(one for one in kinds if isinstance(one, str) and one.startswith("image/"))
