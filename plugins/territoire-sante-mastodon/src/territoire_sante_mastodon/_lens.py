# SPDX-License-Identifier: Apache-2.0
"""
The documents of this connector: announcements as JSON.

What is sent is made of them when it is sent: how much of an announcement a status can say
depends on the instance, which is asked for it.
"""

from __future__ import annotations

from typing import Final

from territoire_sante.formats import AnnouncementJson

#: The lens between an announcement and what the transport makes a status of.
NOTICE: Final = AnnouncementJson()
