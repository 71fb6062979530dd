# SPDX-License-Identifier: Apache-2.0
"""No server leads this program into the network it runs in."""

from __future__ import annotations

import ipaddress
import socket

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.errors import ConfigError, ProtocolError, UnreachableError
from territoire_sante.http import ANY_ADDRESS, AddressPolicy, HttpClient

LOOPBACK = AddressPolicy(allow=["127.0.0.1"])
REFUSED = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.254",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:0:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "2a01:e0a::5efe:10.0.0.1",
    "3fff::1",
    "4000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "example.org",
    "",
]
ALLOWED = [
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:67c:2218::1",
    "2606:4700::1111",
    "2a01:e0a:1::1",
    "64:ff9b::1.1.1.1",
]


class Names:
    """Takes the place of the name service, and notes who asked."""

    def __init__(self, **names):
        self.names = {name.replace("_", "."): list(found) for name, found in names.items()}
        self.asked = []

    def __call__(self, host, port):
        """Return the next answer for ``host``; the last one stays."""
        self.asked.append((host, port))
        if host not in self.names:
            raise socket.gaierror("no such name")
        found = self.names[host]
        return found.pop(0) if len(found) > 1 else found[0]


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_that_are_not_public(address):
    """Loopback, private, link-local, shared, test, multicast, mapped, tunnelled: all refused."""
    assert AddressPolicy().refusal(address)


@pytest.mark.parametrize("address", ALLOWED)
def test_public_addresses(address):
    """Public addresses are let through, up to the edges of the ranges that are not."""
    assert AddressPolicy().refusal(address) is None


@given(st.ip_addresses())
def test_never_wider_than_the_library(address):
    """What Python itself knows as not global is refused, but for translated IPv4 (NAT64)."""
    if AddressPolicy().refusal(str(address)) is None:
        translated = address in ipaddress.ip_network("64:ff9b::/96", strict=False)
        assert address.is_global or translated


@given(st.ip_addresses(v=4))
def test_translated_addresses_are_judged_by_what_they_stand_for(address):
    """A NAT64 address is refused exactly if the IPv4 address within it is."""
    translated = ipaddress.IPv6Address((0x64FF9B << 96) | int(address))
    policy = AddressPolicy()

    assert policy.refusal(str(translated)) == policy.refusal(str(address))


def test_networks_of_an_intranet_can_be_allowed():
    """What is allowed is let through, what is beside it is not; everything can be, too."""
    policy = AddressPolicy(allow=["10.20.0.0/16", "fd12::/16", "192.168.1.7"])

    assert policy.refusal("10.20.3.4") is policy.refusal("fd12::1") is None
    assert policy.refusal("192.168.1.7") is None
    assert policy.refusal("10.21.0.1")
    assert policy.refusal("192.168.1.8")
    assert [ANY_ADDRESS.refusal(address) for address in REFUSED[:-2]] == [None] * len(REFUSED[:-2])
    for wrong in (["10.0.0.0/99"], ["intranet"], [""]):
        with pytest.raises(ConfigError, match="not a network"):
            AddressPolicy(allow=wrong)


# --- the client ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:{port}/inside",
        "http://localhost:{port}/inside",
        "http://2130706433:{port}/inside",
        "http://127.1:{port}/inside",
        "http://0x7f.0.0.1:{port}/inside",
        "http://0:{port}/inside",
        "http://[::1]:{port}/inside",
        "http://[::ffff:127.0.0.1]:{port}/inside",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[fe80::1%25lo]/",
    ],
)
def test_no_redirect_leads_inside(server, other_server, location):
    """Whatever way an inner address is written in a redirect, nothing is sent there."""
    server.on("/", lambda h: h.answer(302, Location=location.format(port=other_server.server_port)))
    other_server.on("/inside", lambda h: h.answer(200, b"secret"))

    with HttpClient(server.url) as client, pytest.raises((ProtocolError, UnreachableError)):
        client.fetch()

    assert other_server.seen == []


def test_an_address_that_nobody_typed_is_judged(server, other_server):
    """Only the typed server and the named ones are exempt; an address found in a feed is not."""
    for place in (server, other_server):
        place.on("/", lambda h: h.answer(200, b"ok"))

    with HttpClient(server.url) as client:
        assert client.fetch().body == b"ok"
        with pytest.raises(ProtocolError, match="belongs to this machine"):
            client.fetch(other_server.url)
    with HttpClient(server.url, allowed_origins=[other_server.url]) as client:
        assert client.fetch(other_server.url).body == b"ok"
    with HttpClient(server.url, addresses=LOOPBACK) as client:
        assert client.fetch(other_server.url).body == b"ok"


def test_typed_addresses_can_be_judged_too(server):
    """A program whose users type the addresses holds them to the policy, for every verb."""
    with HttpClient(server.url, addresses=AddressPolicy(configured_too=True)) as client:
        for ask in (client.fetch, lambda: client.request("GET"), lambda: client.request("PUT")):
            with pytest.raises(ProtocolError, match="belongs to this machine"):
                ask()
    assert server.seen == []


def test_a_name_is_judged_by_all_its_addresses(server):
    """A name with one inner address among public ones is refused before anything connects."""
    names = Names(feeds_example_org=[["1.1.1.1", "10.0.0.1"]])
    server.on("/", lambda h: h.answer(302, Location="http://feeds.example.org/"))

    with (
        HttpClient(server.url, resolve=names) as client,
        pytest.raises(ProtocolError, match="private network"),
    ):
        client.fetch()

    assert names.asked == [("feeds.example.org", 80)]


def test_the_connection_goes_to_the_address_that_was_judged(server, other_server):
    """The name is looked up once for each connection: a second answer of its DNS is never used."""
    names = Names(feeds_example_org=[["127.0.0.1"], ["10.0.0.1"]])
    port = other_server.server_port
    server.on("/", lambda h: h.answer(302, Location=f"http://feeds.example.org:{port}/"))
    other_server.on("/", lambda h: h.answer(200, b"ok"))

    with HttpClient(server.url, addresses=LOOPBACK, resolve=names) as client:
        assert client.fetch().body == b"ok"
        # The connection is kept: nobody is asked for the name again.
        assert client.fetch().body == b"ok"

    assert names.asked == [("feeds.example.org", port)]
    assert other_server.seen[0].headers["Host"] == f"feeds.example.org:{port}"


def test_a_name_that_changes_between_two_hops_gains_nothing(server, other_server):
    """A name that first leads to an allowed address and then inside is refused on that hop."""
    names = Names(feeds_example_org=[["127.0.0.1"], ["10.0.0.1"]])
    port = other_server.server_port
    server.on("/", lambda h: h.answer(302, Location=f"http://feeds.example.org:{port}/"))
    # The kept connection is given up, so that the name is looked up again.
    away = {"Location": f"http://feeds.example.org:{port}/again", "Connection": "close"}
    other_server.on("/", lambda h: h.answer(302, **away))

    with (
        HttpClient(server.url, addresses=LOOPBACK, resolve=names) as client,
        pytest.raises(ProtocolError, match="private network"),
    ):
        client.fetch()

    assert [seen.path for seen in other_server.seen] == ["/"]


@pytest.mark.allow_hosts(["127.0.0.1", "0.0.0.0"])
def test_the_other_end_of_the_connection_is_judged(server, other_server):
    """A connection that ends at another address than it was made to is dropped unused."""
    # Connecting to 0.0.0.0, which this policy allows, ends at 127.0.0.1, which it does not.
    policy = AddressPolicy(allow=["0.0.0.0"])
    names = Names(feeds_example_org=[["0.0.0.0"]])
    port = other_server.server_port
    server.on("/", lambda h: h.answer(302, Location=f"http://feeds.example.org:{port}/"))

    with (
        HttpClient(server.url, addresses=policy, resolve=names) as client,
        pytest.raises(ProtocolError, match="belongs to this machine"),
    ):
        client.fetch()

    assert other_server.seen == []


def test_the_next_address_is_tried(server, other_server):
    """Where one address of a name accepts no connection, the next one is asked."""
    policy = AddressPolicy(allow=["127.0.0.1", "::1"])
    names = Names(feeds_example_org=[["::1", "127.0.0.1"]])
    port = other_server.server_port
    server.on("/", lambda h: h.answer(302, Location=f"http://feeds.example.org:{port}/"))
    other_server.on("/", lambda h: h.answer(200, b"ok"))

    with HttpClient(server.url, addresses=policy, resolve=names) as client:
        assert client.fetch().body == b"ok"


@pytest.mark.parametrize("names", [Names(), Names(feeds_example_org=[[]])])
def test_unknown_names(server, names):
    """A name without an address is unreachable, as it is without a policy."""
    server.on("/", lambda h: h.answer(302, Location="http://feeds.example.org/"))

    with (
        HttpClient(server.url, resolve=names) as client,
        pytest.raises(UnreachableError, match="name is not known"),
    ):
        client.fetch()


def test_certificates_are_checked_by_name(server, secure_server, certificate):
    """Behind TLS the certificate has to fit the name, though the address was connected to."""
    port = secure_server.server_port
    secure_server.on("/", lambda h: h.answer(200, b"ok"))
    names = Names(localhost=[["127.0.0.1"]], feeds_example_org=[["127.0.0.1"]])
    client = HttpClient(server.url, addresses=LOOPBACK, resolve=names, ca_file=str(certificate))

    with client:
        assert client.fetch(f"https://localhost:{port}/").body == b"ok"
        with pytest.raises(UnreachableError, match="certificate"):
            client.fetch(f"https://feeds.example.org:{port}/")


def test_a_named_server_does_not_vouch_for_its_other_ports(server, other_server):
    """A redirect to another port of the typed host is held to the policy; to its https it isn't."""
    location = f"http://localhost:{other_server.server_port}/"
    server.on("/", lambda h: h.answer(302, Location=location))
    typed = server.url.replace("127.0.0.1", "localhost")

    with HttpClient(typed) as client, pytest.raises(ProtocolError, match="this machine"):
        client.fetch()
    server.on("/", lambda h: h.answer(302, Location="https://127.0.0.1/"))
    with HttpClient(server.url) as client, pytest.raises(UnreachableError, match="no connection"):
        client.fetch()


# --- proxies and sessions of the host's ------------------------------------------------------


def test_a_proxy_is_not_sent_inside_either(server, other_server, monkeypatch):
    """Where a proxy connects, names are judged by what they lead to from here."""
    names = Names(inner_example_org=[["10.0.0.1"]], feeds_example_org=[["1.1.1.1"]])
    monkeypatch.setenv("http_proxy", other_server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    for name in ("feeds", "inner", "unknown"):
        server.on(f"/{name}", lambda h, n=name: h.answer(302, Location=f"http://{n}.example.org/"))
    other_server.on("http://feeds.example.org/", lambda h: h.answer(200, b"by proxy"))

    with HttpClient(server.url, resolve=names) as client:
        assert client.fetch("/feeds").body == b"by proxy"
        with pytest.raises(ProtocolError, match="private network"):
            client.fetch("/inner")
        with pytest.raises(UnreachableError, match="cannot be judged"):
            client.fetch("/unknown")

    assert [seen.path for seen in other_server.seen] == ["http://feeds.example.org/"]


def test_a_session_of_the_host_s_own_stays_at_home(server, other_server):
    """Its headers go to the servers that get credentials; others are asked by a guarded one."""
    server.on("/", lambda h: h.answer(302, Location=other_server.url))
    other_server.on("/", lambda h: h.answer(200, b"ok"))

    with requests.Session() as session:
        session.headers["X-Api-Key"] = "secret"
        with HttpClient(server.url, session=session) as client, pytest.raises(ProtocolError):
            client.fetch()
        with HttpClient(server.url, session=session, addresses=LOOPBACK) as client:
            assert client.fetch().body == b"ok"
        with pytest.raises(ConfigError, match="cannot be checked"):
            HttpClient(server.url, session=session, addresses=AddressPolicy(configured_too=True))

    assert "X-Api-Key" in server.seen[0].headers
    assert "X-Api-Key" not in other_server.seen[0].headers
