# SPDX-License-Identifier: Apache-2.0
"""The server that is checked is the server that is asked, however its address is written."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from urllib3.util import parse_url

from territoire_sante.errors import ConfigError, ProtocolError
from territoire_sante.http import HttpClient, basic, origin_of

TRICKS = [
    "http://inner.example.org\\@dav.example.org/",
    "http://inner.example.org\\.dav.example.org/",
    "http://dav.example.org\t.inner.example.org/",
    "http://dav.example.org\n/",
    "http://dav.example.org /",
    "http://dav.exa\x00mple.org/",
    "\x01http://dav.example.org/",
    "http://dav.example.org|inner.example.org/",
    "http://<dav.example.org>/",
    "http://%64av.example.org/",
    "http://127%2e0.0.1/",
]


@pytest.mark.parametrize("url", TRICKS)
def test_addresses_read_in_two_ways(url):
    """An address that libraries read differently is refused."""
    with pytest.raises(ConfigError, match="odd characters"):
        origin_of(url)


HOSTS = st.text("a1.-_~@:\\/?#[]%|<> \t\xa0éß。%40", max_size=12)


@given(HOSTS, HOSTS)
def test_one_reading_of_each_address(host, rest):
    """What origin_of reads in an address is what requests and urllib3 will connect to."""
    url = f"http://{host}.example.org{rest}"
    try:
        origin = origin_of(url)
        prepared = requests.Request("GET", url).prepare().url
    except (ConfigError, requests.RequestException, UnicodeError):
        return

    parsed = parse_url(prepared)
    assert origin_of(prepared) == origin
    assert (parsed.host or "").lower().strip("[]") == origin[1]
    assert (parsed.port or 80) == origin[2]


@pytest.mark.parametrize("host", ["dav.santé.example.org", "DAV.SANTÉ.example.org"])
def test_hosts_in_other_letters(host):
    """A host written with accents is the same as its spelling in ASCII."""
    ascii_host = urlsplit(requests.Request("GET", f"http://{host}/").prepare().url).hostname

    assert origin_of(f"https://{host}/") == ("https", ascii_host, 443)
    signed = requests.Request(
        "GET", f"https://{host}/", auth=basic("u", "p", origins=[f"https://{host}"])
    ).prepare()
    assert "Authorization" in signed.headers


def test_hosts_that_cannot_be():
    """A host that has no spelling in ASCII is a configuration error."""
    with pytest.raises(ConfigError, match="host"):
        origin_of(f"https://{70 * chr(233)}.example.org/")


def test_tricks_in_answers(server, other_server, client):
    """Neither a reference nor a redirect that reads in two ways gets anywhere."""
    trick = f"http://127.0.0.1:{other_server.server_port}\\@127.0.0.1:{server.server_port}/"
    server.on("/dav/", lambda h: h.answer(302, Location=trick))

    with pytest.raises(ConfigError):
        client.request("PUT", trick, body=b"x")
    with pytest.raises(ConfigError):
        client.request("GET", "http://[")
    for ask in (client.fetch, lambda: client.request("PROPFIND")):
        with pytest.raises(ProtocolError, match="no web address"):
            ask()

    assert other_server.seen == []
    assert [seen.path for seen in server.seen] == ["/dav/", "/dav/"]


def test_a_user_name_in_a_reference_is_not_sent(server):
    """Credentials written into an address are not used, whoever wrote them."""
    server.on("/", lambda h: h.answer(200))

    with HttpClient(server.url) as client:
        client.fetch(server.url.replace("http://", "http://u:p@") + "/")

    assert "Authorization" not in server.seen[0].headers
