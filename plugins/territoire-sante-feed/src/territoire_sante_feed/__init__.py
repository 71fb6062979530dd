# SPDX-License-Identifier: Apache-2.0
"""Connector feed: announcements as an Atom, RSS 2.0 or JSON Feed file."""
