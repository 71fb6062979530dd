# SPDX-License-Identifier: Apache-2.0
"""The network guard keeps tests on this machine and leaves everything as it was."""

from __future__ import annotations

import socket

import pytest

from territoire_sante.testing import network_guard


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", b"example.net"])
def test_other_machines_are_out_of_reach(host):
    """Connecting to, or looking up, any other machine fails with its name."""
    with network_guard():
        with pytest.raises(AssertionError, match="only this machine"):
            socket.create_connection((host, 80), timeout=1)
        with pytest.raises(AssertionError, match="only this machine"):
            socket.getaddrinfo(host, 80)


@pytest.mark.parametrize("verb", ["connect", "connect_ex"])
def test_no_socket_gets_through(verb):
    """A socket that is used directly is stopped too."""
    with network_guard(), socket.socket() as client, pytest.raises(AssertionError):
        getattr(client, verb)(("192.0.2.1", 80))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_in_reach(host):
    """A server on this machine can be connected to."""
    with network_guard(), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection((host, server.getsockname()[1]), timeout=5) as client:
            client.sendall(b"x")
            connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b"x"


def test_everything_is_as_before():
    """After the block, and after an error in it, the socket module is what it was."""
    before = (socket.getaddrinfo, dict(vars(socket.socket)))

    with pytest.raises(ZeroDivisionError), network_guard():
        raise ZeroDivisionError

    assert (socket.getaddrinfo, dict(vars(socket.socket))) == before
