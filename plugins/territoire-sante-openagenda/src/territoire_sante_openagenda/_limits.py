# SPDX-License-Identifier: Apache-2.0
"""What an event of OpenAgenda can hold (developers.openagenda.com, structure of an event)."""

from __future__ import annotations

from typing import Final

from territoire_sante.model import ChannelLimits, DateGranularity, Markup, RequiredField

#: What an event of an OpenAgenda agenda can hold.
LIMITS: Final = ChannelLimits(
    title_max=140,
    body_max=10_000,
    summary_max=200,
    url_max=2000,
    markup=Markup.MARKDOWN,
    attachments_max=1,
    attachment_types=("image/jpeg", "image/png", "image/gif", "image/webp"),
    attachment_bytes_max=10_000_000,
    dates=DateGranularity.NONE,
    required=(RequiredField.TITLE, RequiredField.BODY, RequiredField.DATE),
)

#: The longest value of an external id.
EXT_ID_MAX: Final = 100

#: The most time slots of an event, and none lasts longer than 24 hours.
SLOTS_MAX: Final = 800
