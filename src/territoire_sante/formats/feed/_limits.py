# SPDX-License-Identifier: Apache-2.0
"""How large a feed may be before it is refused."""

from __future__ import annotations

import attrs

from territoire_sante.errors import LimitExceededError


@attrs.frozen(kw_only=True)
class Limits:
    """Bytes of the whole, depth of nesting, and number of entries that are read at most."""

    bytes_max: int = 10 * 1024 * 1024
    depth_max: int = 64
    entries_max: int = 20_000

    def check_size(self, data: bytes) -> None:
        """
        Let ``data`` pass, or refuse it before anything is parsed.

        Raises:
            LimitExceededError: it is too large.
        """
        if len(data) > self.bytes_max:
            raise LimitExceededError(
                f"the feed has {len(data)} bytes, more than {self.bytes_max}",
                remedy="Raise Limits.bytes_max if you trust its source",
            )

    def check_entries(self, count: int) -> None:
        """
        Let a feed of ``count`` entries pass.

        Raises:
            LimitExceededError: there are too many.
        """
        if count > self.entries_max:
            raise LimitExceededError(
                f"the feed has {count} entries, more than {self.entries_max}",
                remedy="Raise Limits.entries_max if you trust its source",
            )
