# SPDX-License-Identifier: Apache-2.0
"""
Which machines may be asked when a server, not the operator, named them.

A feed may redirect to ``http://169.254.169.254/`` or to a name that leads into the network
this program runs in. Names are resolved once, every address they lead to is judged, the
connection is made to an address that was judged, and the address at its other end is
judged again: an answer of the name service that changes in between gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Collection, Sequence
from typing import Final

import attrs

from territoire_sante.errors import ConfigError, ProtocolError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

Resolver = Callable[[str, int], Sequence[str]]
"""Returns the addresses of a host name and port, as text; raises OSError if there are none."""


def _networks(*texts: str) -> tuple[_Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


# IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and those since).
_NOT_PUBLIC: Final[tuple[tuple[str, tuple[_Network, ...]], ...]] = (
    ("this machine", _networks("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128")),
    (
        "a private network",
        _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    ),
    ("the local link", _networks("169.254.0.0/16", "fe80::/10")),
    ("a provider's inner network", _networks("100.64.0.0/10", "168.63.129.16/32")),
    ("multicast", _networks("224.0.0.0/4", "ff00::/8")),
    (
        "a test network",
        _networks(
            "192.0.2.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "2001:db8::/32",
            "3fff::/20",
        ),
    ),
    ("an IPv4 address written as IPv6", _networks("::ffff:0:0/96", "::/96", "::ffff:0:0:0/96")),
    ("a tunnel", _networks("192.88.99.0/24", "2002::/16", "2001::/32", "3ffe::/16")),
    ("reserved", _networks("192.0.0.0/24", "240.0.0.0/4", "2001::/23")),
)
_PUBLIC_V6: Final = ipaddress.IPv6Network("2000::/3")
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


def _allowed(texts: Collection[str]) -> tuple[_Network, ...]:
    try:
        return tuple(ipaddress.ip_network(text, strict=False) for text in texts)
    except ValueError as error:
        raise ConfigError(
            f"not a network: {error}",
            remedy="Write it like 10.0.0.0/8, 192.168.1.20 or fd00::/8.",
        ) from None


@attrs.frozen(kw_only=True)
class AddressPolicy:
    """
    The addresses that may be asked beside public ones.

    >>> AddressPolicy().refusal("192.168.1.20")
    'a private network'
    >>> AddressPolicy(allow=["192.168.0.0/16"]).refusal("192.168.1.20") is None
    True

    Args:
        allow: networks or single addresses to be asked although they are not public, for
            intranets; ``0.0.0.0/0`` and ``::/0`` switch the policy off.
        configured_too: whether hosts that the operator named are held to the policy as well,
            for programs whose users type the addresses.

    Raises:
        ConfigError: a member of ``allow`` is no network.
    """

    allow: tuple[_Network, ...] = attrs.field(default=(), converter=_allowed)
    configured_too: bool = False

    def refusal(self, address: str) -> str | None:
        """Return what is wrong with ``address``; ``None`` if it may be asked."""
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return "no address"
        if any(parsed in network for network in self.allow):
            return None
        return self._refused(parsed)

    def _refused(self, address: _Address) -> str | None:
        for why, networks in _NOT_PUBLIC:
            if any(address in network for network in networks):
                return why
        if isinstance(address, ipaddress.IPv4Address):
            return None
        if address in _NAT64:
            # Networks without IPv4 give such addresses to every server that has no other.
            return self.refusal(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        if address not in _PUBLIC_V6:
            return "reserved"
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return "a tunnel"
        return None


ANY_ADDRESS: Final = AddressPolicy(allow=["0.0.0.0/0", "::/0"])
"""Refuses nothing: for closed networks, where no server can be reached that must not be."""


def system_resolver(host: str, port: int) -> Sequence[str]:
    """Return what this machine resolves ``host`` to."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@attrs.frozen(kw_only=True)
class Guard:
    """The policy of one client: ``trusted`` are the hosts and ports that the operator named."""

    policy: AddressPolicy
    trusted: frozenset[tuple[str, int]]
    resolve: Resolver

    def covers(self, host: str, port: int) -> bool:
        """Return whether this host is held to the policy."""
        return self.policy.configured_too or (host.lower(), port) not in self.trusted

    def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """
        Return the addresses of ``host``, each of which may be asked.

        Raises:
            ProtocolError: one of them may not.
            OSError: there are none.
        """
        found = (host,) if _is_address(host) else tuple(self.resolve(host, port))
        if not found:
            raise OSError("the name has no address")
        for address in found:
            self.check(host, address)
        return found

    def check(self, host: str, address: str) -> None:
        """
        Check one address, before connecting or at the other end of a connection.

        Raises:
            ProtocolError: it must not be asked.
        """
        why = self.policy.refusal(address)
        if why is not None:
            raise ProtocolError(
                f"{host} is not asked: its address belongs to {why}",
                where=host,
                remedy="If that is right, name this server or its network in the configuration.",
            )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
