# SPDX-License-Identifier: Apache-2.0
"""Folders, files and items to put in them."""

from __future__ import annotations

import pytest

from territoire_sante.formats import Document
from territoire_sante.plugins import open_transport, structure_config


@pytest.fixture
def use(tmp_path):
    """Give a function that opens a connector on a path below a folder of the test's own."""

    def run(spec, path, **options):
        return open_transport(
            spec, structure_config(spec, {"path": str(path), **options}, base=tmp_path)
        )

    return run


@pytest.fixture
def event():
    """Give a function that makes a calendar of one event."""

    def make(uid, summary="Réunion", extra=""):
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test\r\n"
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n"
            f"DTSTART;VALUE=DATE:20260504\r\nSUMMARY:{summary}\r\n{extra}"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        return Document(text.encode(), "text/calendar")

    return make


@pytest.fixture
def card():
    """Give a function that makes a card."""

    def make(uid, name="Camille Exemple", extra=""):
        text = (
            f"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\n{extra}"
            "END:VCARD\r\n"
        )
        return Document(text.encode(), "text/vcard")

    return make
