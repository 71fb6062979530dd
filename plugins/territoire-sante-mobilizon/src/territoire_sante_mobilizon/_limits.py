# SPDX-License-Identifier: Apache-2.0
"""What an event can hold."""

from __future__ import annotations

from typing import Final

from territoire_sante.model import (
    ChannelLimits,
    DateGranularity,
    Markup,
    PostRate,
    RequiredField,
)

#: No dates of publication: ``publishAt`` is told and does not release anything.
LIMITS: Final = ChannelLimits(
    title_min=3,
    title_max=200,
    url_max=2000,
    markup=Markup.HTML,
    attachments_max=0,
    dates=DateGranularity.NONE,
    rate=PostRate(posts=60, seconds=60),
    required=(RequiredField.TITLE, RequiredField.DATE),
)
