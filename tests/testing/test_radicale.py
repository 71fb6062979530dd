# SPDX-License-Identifier: Apache-2.0
"""The Radicale runner: a real server that keeps its collections and asks for its password."""

from __future__ import annotations

import socket

import pytest
import requests

from territoire_sante.errors import ConnectorError, UnreachableError
from territoire_sante.testing.radicale import RadicaleServer

EVENT = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//test//EN\r\n"
    b"BEGIN:VEVENT\r\nUID:a@example.org\r\nDTSTAMP:20260101T000000Z\r\n"
    b"DTSTART;VALUE=DATE:20260329\r\nSUMMARY:R\xc3\xa9union\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LOGIN = ("msp", "made-up: not a secret")


def test_it_serves_and_keeps(tmp_path):
    """What was stored is there again when a new server starts on the same folder."""
    with RadicaleServer(tmp_path) as server:
        first = server.create_calendar("agenda", title="Agenda <équipe>")
        assert requests.put(f"{first}a.ics", data=EVENT, timeout=10).status_code == 201

    with RadicaleServer(tmp_path, port=server.port) as server:
        assert server.create_calendar("agenda") == first
        assert b"SUMMARY:R\xc3\xa9union" in requests.get(f"{first}a.ics", timeout=10).content


def test_it_stops(tmp_path):
    """After the block nothing listens any more."""
    with RadicaleServer(tmp_path) as server:
        assert requests.get(server.url, timeout=10).ok

    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=10)


def test_it_asks_for_its_password(tmp_path):
    """With a password, the wrong one is refused and the right one is let in."""
    with RadicaleServer(tmp_path, username=LOGIN[0], password=LOGIN[1]) as server:
        book = server.create_addressbook("contacts")

        assert requests.get(book, auth=(LOGIN[0], "wrong"), timeout=10).status_code == 401
        assert requests.get(book, auth=LOGIN, timeout=10).ok


def test_a_port_in_use_is_named(tmp_path):
    """A server that cannot start is reported with its address and what it said."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(UnreachableError, match=f"127.0.0.1:{port}"):
            RadicaleServer(tmp_path, port=port).__enter__()


def test_a_refused_collection_is_named(tmp_path):
    """A collection that the server refuses is reported with its address."""
    with RadicaleServer(tmp_path) as server:
        server.create_calendar("agenda")

        with pytest.raises(ConnectorError, match="agenda/inner"):
            server.create_calendar("agenda/inner")
