# SPDX-License-Identifier: Apache-2.0
"""The network guard keeps tests on this machine and leaves everything as it was."""

from __future__ import annotations

import contextlib
import re
import socket

import pytest

from territoire_sante.testing import no_network


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", b"example.net"])
def test_other_machines_are_out_of_reach(host):
    """Connecting to, or looking up, any other machine fails with its name."""
    name = host if isinstance(host, str) else host.decode()
    with no_network() as refused:
        with pytest.raises(AssertionError, match=f"reach '{re.escape(name)}'; only this machine"):
            socket.create_connection((host, 80), timeout=1)
        for look_up in (socket.gethostbyname, lambda one: socket.getaddrinfo(one, 80)):
            with pytest.raises(AssertionError, match="only this machine"):
                look_up(host)
        assert refused == [name] * 3
        refused.clear()


def test_datagrams_go_nowhere_else():
    """A datagram to another machine is refused like a connection."""
    with no_network() as refused, socket.socket(type=socket.SOCK_DGRAM) as client:
        with pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
            client.sendto(b"x", ("192.0.2.1", 53))
        refused.clear()


def test_what_was_hidden_is_told_at_the_end():
    """Code that keeps the refusal to itself is found out when the block ends."""
    with (
        pytest.raises(AssertionError, match=r"reach 192\.0\.2\.1 and hid"),
        no_network(),
        contextlib.suppress(AssertionError),
    ):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


@pytest.mark.parametrize("verb", ["connect", "connect_ex"])
def test_no_socket_gets_through(verb):
    """A socket that is used directly is stopped too."""
    with no_network() as refused, socket.socket() as client:
        with pytest.raises(AssertionError):
            getattr(client, verb)(("192.0.2.1", 80))
        refused.clear()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_in_reach(host):
    """A server on this machine can be connected to."""
    with no_network(), socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection((host, server.getsockname()[1]), timeout=5) as client:
            client.sendall(b"x")
            connection, _ = server.accept()
        with connection:
            assert connection.recv(1) == b"x"


def test_everything_is_as_before():
    """After the block, and after an error in it, the socket module is what it was."""
    before = (socket.getaddrinfo, dict(vars(socket.socket)))

    with pytest.raises(ZeroDivisionError), no_network():
        raise ZeroDivisionError

    assert (socket.getaddrinfo, dict(vars(socket.socket))) == before
