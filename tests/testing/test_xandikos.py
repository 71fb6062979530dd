# SPDX-License-Identifier: Apache-2.0
"""The Xandikos runner: a real server that keeps its collections, byte for byte."""

from __future__ import annotations

import pytest
import requests

from territoire_sante.errors import ConnectorError
from territoire_sante.testing.xandikos import XandikosServer

CARD = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:\xc3\x89lan\r\nN:;\xc3\x89lan;;;\r\nEND:VCARD\r\n"
)


def test_it_serves_and_keeps(tmp_path):
    """What was stored is there again when a new server starts on the same folder."""
    with XandikosServer(tmp_path) as server:
        book = server.create_addressbook("équipe")
        put = requests.put(
            f"{book}a.vcf", data=CARD, headers={"Content-Type": "text/vcard"}, timeout=10
        )
        assert put.status_code == 201

    with XandikosServer(tmp_path, port=server.port) as server:
        assert server.create_addressbook("équipe") == book
        assert requests.get(f"{book}a.vcf", timeout=10).content == CARD


def test_it_stops(tmp_path):
    """After the block nothing listens any more."""
    with XandikosServer(tmp_path) as server:
        assert server.create_calendar("agenda").endswith("/user/calendars/agenda/")

    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=10)


def test_a_refused_collection_is_named(tmp_path):
    """A collection that the server refuses is reported with its address."""
    with XandikosServer(tmp_path) as server, pytest.raises(ConnectorError, match="no/where"):
        server.create_calendar("no/where")
