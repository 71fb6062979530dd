# SPDX-License-Identifier: Apache-2.0
"""Connectors caldav and carddav: two-way sync with CalDAV calendars and CardDAV address books."""
