# SPDX-License-Identifier: Apache-2.0
"""Personal data: what an audience may see, how long it is kept, and the rights of persons."""

from territoire_sante.privacy._disclose import Disclosed, disclose

__all__ = ["Disclosed", "disclose"]
