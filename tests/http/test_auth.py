# SPDX-License-Identifier: Apache-2.0
"""Credentials: what is signed, what never is, and how tokens are renewed."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import threading
import urllib.request

import pytest
import requests
from requests.auth import AuthBase

from territoire_sante.errors import (
    AuthError,
    ConfigError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import HttpClient, Token, basic, bearer, digest, pinned

NOON = dt.datetime(2026, 3, 29, 12, tzinfo=dt.UTC)


def authorizations(server):
    """Return the Authorization header of each request."""
    return [seen.headers.get("Authorization") for seen in server.seen]


def only(credentials):
    """Return a script that lets in those who send ``credentials``."""

    def script(handler):
        ok = handler.headers.get("Authorization") == credentials
        handler.answer(200 if ok else 401, b"x", WWW_Authenticate='basic realm="dav"')

    return script


# --- pinning ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda origins: basic("u", "p", origins=origins),
        lambda origins: digest("u", "p", origins=origins),
        lambda origins: bearer(lambda: ("abc", None), origins=origins),
    ],
    ids=["basic", "digest", "bearer"],
)
def test_credentials_sign_for_their_origins_only(server, other_server, make):
    """No scheme signs for another origin, even by a redirecting client or on its challenge."""
    challenge = 'Digest realm="r", nonce="n", qop="auth"'

    def entrance(handler):
        if "Authorization" in handler.headers:
            handler.answer(307, Location=other_server.url + "/")
        else:
            handler.answer(401, WWW_Authenticate=challenge)

    server.on("/", entrance)
    other_server.on("/", lambda h: h.answer(401, WWW_Authenticate=challenge))

    with requests.Session() as session:
        # Any other client, which follows redirects by itself, is held to the origins, too.
        assert session.get(server.url, auth=make([server.url]), timeout=5).status_code == 401

    assert authorizations(server)[-1] is not None
    assert set(authorizations(other_server)) == {None}


def test_several_origins_may_be_named(server, other_server):
    """A secret goes to each of the origins it was made for, and a redirect may lead there."""
    server.on("/", lambda h: h.answer(302, Location=other_server.url + "/home"))
    other_server.on("/home", lambda h: h.answer(200))
    auth = basic("u", "p", origins=[server.url, other_server.url + "/any/path"])

    HttpClient(server.url, auth=auth).request("PROPFIND")

    assert authorizations(other_server) == authorizations(server) != [None]


def test_any_authenticator_can_be_pinned(server, other_server):
    """An authenticator of the host's own is pinned, by hand or to the client's base address."""

    class Key(AuthBase):
        def __call__(self, r):
            r.headers["X-Key"] = "k"
            return r

    for place in (server, other_server):
        place.on("/", lambda h: h.answer(200))
    for auth in (Key(), pinned(Key(), origins=[server.url])):
        client = HttpClient(server.url, auth=auth, allowed_origins=[other_server.url])
        client.request("GET")
        client.request("GET", other_server.url)

    assert [seen.headers.get("X-Key") for seen in server.seen] == ["k", "k"]
    assert [seen.headers.get("X-Key") for seen in other_server.seen] == [None, None]


def test_credentials_for_another_server_are_a_mistake():
    """A client is not made with credentials that would never sign its requests."""
    auth = basic("u", "p", origins=["https://dav.example.org"])

    with pytest.raises(ConfigError, match="another server"):
        HttpClient("https://dav.example.net", auth=auth)
    with pytest.raises(ConfigError, match="not an http"):
        basic("u", "p", origins=["dav.example.org"])


def test_representations_hold_no_secret():
    """What is printed of credentials and tokens names neither passwords nor tokens."""
    origins = ["https://dav.example.org"]
    shown = [
        basic("u", "SECRET", origins=origins),
        digest("u", "SECRET", origins=origins),
        bearer("SECRET", origins=origins),
        Token("SECRET", NOON),
    ]

    assert "SECRET" not in repr(shown)


# --- Basic and Digest ------------------------------------------------------------------------


def test_basic_takes_a_challenge_in_lower_case(server):
    """Basic is sent at once, in UTF-8, whatever the case of the challenge it answers."""
    told = "Basic " + base64.b64encode("hélène:€".encode()).decode()
    server.on("/", only(told))

    with HttpClient(server.url, auth=basic("hélène", "€", origins=[server.url])) as client:
        assert client.request("GET").status == 200
    with (
        HttpClient(server.url, auth=basic("hélène", "x", origins=[server.url])) as client,
        pytest.raises(AuthError, match=r"\(401, basic\)"),
    ):
        client.request("GET")


@pytest.mark.parametrize("word", ["Digest", "digest", "DIGEST"])
@pytest.mark.parametrize(
    ("algorithm", "hashed"), [("MD5", hashlib.md5), ("SHA-256", hashlib.sha256)]
)
def test_digest_is_right(server, word, algorithm, hashed):
    """A name and a realm with accents give the response that RFC 7616 tells, in UTF-8."""

    def sha(text):
        return hashed(text.encode()).hexdigest()

    def script(handler):
        sent = handler.headers.get("Authorization", "")
        if not sent:
            realm = "santé".encode().decode("latin-1")
            told = f'{word} realm="{realm}", qop="auth-int, auth", nonce="n", algorithm={algorithm}'
            handler.answer(401, b"", WWW_Authenticate=told)
            return
        told = urllib.request.parse_keqv_list(
            urllib.request.parse_http_list(sent.encode("latin-1").decode().partition(" ")[2])
        )
        ends = f"{told['nonce']}:{told['nc']}:{told['cnonce']}:auth:{sha('PUT:/a')}"
        right = sha(f"{sha('hélène €:santé:mot')}:{ends}")
        handler.answer(201 if told["response"] == right else 403)

    server.on("/a", script)
    auth = digest("hélène €", "mot", origins=[server.url])

    with HttpClient(server.url, auth=auth) as client:
        assert client.request("PUT", "/a", body=b"1").status == 201
        assert client.request("PUT", "/a", body=b"2").status == 201

    # The second request is signed at once.
    assert [seen.body for seen in server.seen] == [b"1", b"1", b"2"]


@pytest.mark.parametrize(
    "challenge",
    [
        "Digest",
        'Digest realm="r"',
        'Digest realm="r", nonce="n", algorithm=SHA-512-256',
        'Digest realm="r", nonce="n", qop="auth-int"',
        "Digest realm, nonce",
    ],
)
def test_odd_digest_challenges(server, challenge):
    """A challenge that nobody can answer is an AuthError, each time."""
    server.on("/", lambda h: h.answer(401, WWW_Authenticate=challenge))

    with HttpClient(server.url, auth=digest("u", "p", origins=[server.url])) as client:
        for _ in range(2):
            with pytest.raises(AuthError):
                client.request("PUT", body=b"x")


# --- tokens ----------------------------------------------------------------------------------


class Source:
    """Gives numbered tokens that live a while, or raises what it is told to."""

    def __init__(self, life=dt.timedelta(hours=1)):
        self.life = life
        self.now = NOON
        self.given = 0
        self.error = None

    def __call__(self):
        """Give the next token."""
        if self.error is not None:
            raise self.error
        self.given += 1
        return f"t{self.given}", None if self.life is None else self.now + self.life


@pytest.fixture
def source():
    """Give a source of tokens of one hour."""
    return Source()


@pytest.fixture
def signed_in(server, source):
    """Give a client whose tokens come from ``source``."""
    auth = bearer(source, origins=[server.url], now=lambda: source.now)
    with HttpClient(server.url, auth=auth) as client:
        yield client


def test_a_token_is_kept_while_it_lasts(server, source, signed_in):
    """A token is fetched once, and again two minutes before it expires."""
    server.on("/", lambda h: h.answer(200))

    for minutes in (0, 57, 58, 59):
        source.now = NOON + dt.timedelta(minutes=minutes)
        signed_in.request("PUT", body=b"x")

    assert authorizations(server) == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"]


def test_a_short_life_has_two_halves(server, source, signed_in):
    """A token that lives shorter than the margin is used for half of its life."""
    server.on("/", lambda h: h.answer(200))
    source.life = dt.timedelta(seconds=60)

    for seconds in (0, 29, 30):
        source.now = NOON + dt.timedelta(seconds=seconds)
        signed_in.request("GET")

    assert authorizations(server) == ["Bearer t1", "Bearer t1", "Bearer t2"]


def test_one_refresh_after_a_refusal(server, source, signed_in):
    """A refused token is replaced once, and the write sent again whole; then it is an AuthError."""
    server.on("/a", only("Bearer t2"))
    server.on("/b", lambda h: h.answer(401, b"z" * 300_000))

    assert signed_in.request("PUT", "/a", body=b"data").status == 200
    assert [seen.body for seen in server.seen] == [b"data", b"data"]
    with pytest.raises(AuthError, match="other credentials"):
        signed_in.request("PUT", "/b", body=b"data")

    assert authorizations(server)[2:] == ["Bearer t2", "Bearer t3"]


def test_a_fixed_token_is_not_refreshed(server):
    """A token given as text is sent as it is, without the line end of the file it came from."""
    server.on("/", lambda h: h.answer(401))

    with (
        HttpClient(server.url, auth=bearer("abc\n", origins=[server.url])) as client,
        pytest.raises(AuthError),
    ):
        client.request("GET")

    assert authorizations(server) == ["Bearer abc"]


class InvalidGrantError(Exception):
    """What a library for OAuth raises."""

    error = "invalid_grant"


@pytest.mark.parametrize(
    "error", [InvalidGrantError("SECRET"), AuthError("gone", remedy="Sign in")]
)
def test_sign_in_again(server, source, signed_in, error):
    """A permission that is gone is told with its remedy, and not asked for again."""
    server.on("/", lambda h: h.answer(200))
    source.error = error

    with pytest.raises(AuthError, match="Sign in"):
        signed_in.request("GET")
    source.error = None
    with pytest.raises(AuthError, match="Sign in again") as caught:
        signed_in.request("GET")

    assert "SECRET" not in str(caught.value)
    assert (server.seen, source.given) == ([], 0)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (requests.ConnectionError("SECRET"), RetryableError),
        (KeyError("SECRET"), RetryableError),
        (UnreachableError("the sign-in server does not answer"), UnreachableError),
    ],
)
def test_a_source_that_fails_is_asked_again(server, source, signed_in, error, raised):
    """Another failure of the source is told without its text, and may pass: nothing was sent."""
    server.on("/", lambda h: h.answer(200))
    source.error = error

    with pytest.raises(raised) as caught:
        signed_in.request("PUT")
    source.error = None

    assert "SECRET" not in str(caught.value)
    assert signed_in.request("PUT").status == 200


def test_an_empty_token_is_no_token(server):
    """A source that gives an empty token is told of; nothing is sent."""
    auth = bearer(lambda: (" ", None), origins=[server.url])

    with (
        HttpClient(server.url, auth=auth) as client,
        pytest.raises(AuthError, match="no access token"),
    ):
        client.request("GET")
    assert server.seen == []


def test_threads_share_a_token(server, source, signed_in):
    """Eight threads need one token, and one more when it is refused to all of them."""
    start = threading.Barrier(8)
    server.on("/", only("Bearer t2"))
    statuses = []

    def ask():
        start.wait(5)
        statuses.append(signed_in.request("PUT", body=b"x").status)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert (statuses, source.given) == ([200] * 8, 2)


def test_a_refusal_and_no_other_token(server, source, signed_in):
    """A token refused by the server when no other can be had means to sign in again."""
    server.on("/", lambda h: h.answer(200), lambda h: h.answer(401, b"z" * 300_000))
    signed_in.request("GET")
    source.error = InvalidGrantError

    with pytest.raises(AuthError, match="Sign in again"):
        signed_in.request("PUT", body=b"data")

    assert [seen.method for seen in server.seen] == ["GET", "PUT"]
