# SPDX-License-Identifier: Apache-2.0
"""What a sign can hold, as far as is known of the service."""

from __future__ import annotations

from typing import Final

from territoire_sante.model import ChannelLimits, DateGranularity, Markup

#: What a panel of PanneauPocket can hold.
LIMITS: Final = ChannelLimits(
    title_max=50,
    markup=Markup.PARAGRAPH,
    attachments_max=5,
    attachment_types=("image/jpeg", "image/png", "application/pdf"),
    attachment_bytes_max=15_000_000,
    dates=DateGranularity.DAY,
)
