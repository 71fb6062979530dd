# SPDX-License-Identifier: Apache-2.0
"""Who may see the credentials, what they are, and what is said when they are refused."""

from __future__ import annotations

import itertools

import pytest
from requests.auth import AuthBase

from territoire_sante import Link
from territoire_sante.errors import AuthError, ConfigError, OtherHostError, RetryableError
from territoire_sante.plugins import Secret, structure_config
from territoire_sante.testing.dav import FaultServer
from territoire_sante_dav import CALDAV, AuthScheme, DavConfig, open_calendar

BASIC = {"username": "msp", "password": Secret("hidden")}


@pytest.fixture
def elsewhere():
    """Give a second server, which is another origin, with one calendar."""
    with FaultServer(username="msp", password="hidden") as server:
        server.calendar("cal", "Agenda")
        yield server


def host(server):
    """Return host and port of a server."""
    return server.origin.removeprefix("http://")


@pytest.fixture
def spread(faulty, elsewhere, reply):
    """Give a server whose account has its home on the second one."""
    home = f"<C:calendar-home-set><D:href>{elsewhere.url}dav/</D:href></C:calendar-home-set>"
    answer = faulty.multistatus(faulty.found("/dav/me/", home))
    faulty.on("PROPFIND", answer, where="/dav/me/")
    return faulty


def test_a_home_elsewhere_is_named_and_not_asked(spread, elsewhere):
    """A home on another host gets no request, and the error says what to allow."""
    with (
        pytest.raises(OtherHostError) as caught,
        spread.open(url=f"{spread.origin}/dav/me/", **BASIC),
    ):
        pass

    assert f'allowed_hosts = ["{host(elsewhere)}"]' in caught.value.remedy
    assert elsewhere.log == []
    assert "hidden" not in str(caught.value)


def test_a_home_elsewhere_works_once_it_is_allowed(spread, elsewhere, event):
    """With the host allowed, the calendar there is found, read and written, signed in as here."""
    allowed = (host(elsewhere),)
    url = f"{spread.origin}/dav/me/"
    with spread.open(url=url, allowed_hosts=allowed, **BASIC) as transport:
        ref = transport.create("a", event("a"))

        assert transport.url == f"{elsewhere.url}dav/cal/"
        assert list(transport.list()) == [ref]
    assert {asked.status for asked in elsewhere.log} <= {200, 201, 204, 207}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_elsewhere_needs_the_same(faulty, elsewhere, reply, status):
    """A redirect to another host is followed only if that host is allowed, and then signed in."""
    target = f"{elsewhere.url}dav/cal/"
    faulty.on("PROPFIND", reply(status, b"", {"Location": target}))
    with pytest.raises(OtherHostError, match=host(elsewhere)), faulty.open(**BASIC):
        pass
    assert elsewhere.log == []

    with faulty.open(allowed_hosts=(host(elsewhere),), **BASIC) as transport:
        assert transport.url == target


@pytest.mark.parametrize(
    "value",
    ["https://p42.example.org", "p42.example.org/", "u@p42.example.org", "", "*.example.org"],
    ids=["address", "path", "user", "empty", "pattern"],
)
def test_only_names_of_hosts_can_be_allowed(value):
    """An allowed host is a name, perhaps with a port, and nothing that could mean more."""
    with pytest.raises(ConfigError, match="names of hosts"):
        structure_config(CALDAV, {"url": "https://example.org/", "allowed_hosts": [value]})


def bearer_only(faulty, reply, *good):
    """Let the server accept these tokens only."""
    challenge = {"WWW-Authenticate": 'Bearer realm="r", error="invalid_token"'}

    def judge(asked):
        given = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        return None if given in good else reply(401, b"", challenge)

    for method in ("PROPFIND", "REPORT", "PUT"):
        faulty.on(method, judge)


def test_a_refused_token_is_asked_for_again(faulty, reply, event):
    """A token that was withdrawn is taken anew from its source, also for a write."""
    bearer_only(faulty, reply, "one")
    tokens = iter(["two", "three"])
    token = Secret("one", renew=lambda: next(tokens))
    with faulty.open(auth=AuthScheme.BEARER, token=token) as transport:
        faulty.rules.clear()
        bearer_only(faulty, reply, "two")
        ref = transport.create("a", event("a"))

        assert list(transport.list()) == [ref]
    assert next(tokens) == "three"


def test_a_token_with_a_lifetime_is_renewed_before_its_end(faulty):
    """With a lifetime told, the next token is asked for without waiting for a refusal."""
    numbers = itertools.count(2)
    token = Secret("t1", renew=lambda: f"t{next(numbers)}")
    with faulty.open(auth=AuthScheme.BEARER, token=token, token_lifetime=1e-6) as transport:
        list(transport.list())

    given = [asked.headers["Authorization"] for asked in faulty.asked]
    assert given == ["Bearer t1", "Bearer t2"]


def test_a_token_s_source_may_fail(faulty, reply):
    """A source that has no token any more ends in an error that says so."""
    bearer_only(faulty, reply, "none")
    token = Secret("one", renew=lambda: next(iter(())))
    with (
        pytest.raises(RetryableError, match="StopIteration"),
        faulty.open(auth=AuthScheme.BEARER, token=token),
    ):
        pass


def test_a_command_that_fails_later(faulty, reply, tmp_path, event):
    """A command that has no token any more stops the writes, with its own reason and no crash."""
    program = tmp_path / "token"
    program.write_text("#!/bin/sh\necho first; rm $0\n")
    program.chmod(0o700)
    options = {"url": faulty.url, "auth": "bearer", "token": {"$command": [str(program)]}}
    with open_calendar(structure_config(CALDAV, options)) as transport:
        bearer_only(faulty, reply, "second")
        with pytest.raises(RetryableError, match="cannot be started") as caught:
            transport.create("a", event("a"))

    assert "first" not in str(caught.value)
    assert faulty.items == {}


def test_a_token_from_a_command(faulty, reply, tmp_path):
    """A command in the configuration is run again for the next token."""
    bearer_only(faulty, reply, "second")
    program = tmp_path / "token"
    program.write_text('#!/bin/sh\ncat "$0.next"; echo second > "$0.next"\n')
    program.chmod(0o700)
    (tmp_path / "token.next").write_text("first\n")
    options = {"url": faulty.url, "auth": "bearer", "token": {"$command": [str(program)]}}
    with open_calendar(structure_config(CALDAV, options)) as transport:
        assert list(transport.list()) == []


@pytest.mark.parametrize(
    ("challenges", "options", "advice"),
    [
        ('Basic realm="x"', {}, "Give username and password"),
        ('basic realm="x"', BASIC, "application password"),
        ('Digest realm="x", nonce="n"', BASIC, 'auth = "digest"'),
        ('Bearer realm="x"', BASIC, 'auth = "bearer"'),
        ("Negotiate", BASIC, "takes negotiate only"),
        ("", BASIC, "Check username"),
        ("Bearer", {"auth": AuthScheme.BEARER, "token": Secret("hidden")}, "$command"),
    ],
    ids=["none", "wrong", "digest", "bearer", "negotiate", "silent", "expired"],
)
def test_what_is_said_of_a_refusal(faulty, reply, challenges, options, advice):
    """A refused sign-in says what the server takes and what to do, and shows no secret."""
    headers = {"WWW-Authenticate": challenges} if challenges else {}
    faulty.on("PROPFIND", reply(401, b"", headers))
    with pytest.raises(AuthError) as caught, faulty.open(**options):
        pass

    assert advice in caught.value.remedy
    assert "hidden" not in str(caught.value)


class Own(AuthBase):
    """An authenticator as a host program has it."""

    def __call__(self, r):
        """Sign a request."""
        r.headers["Authorization"] = "Own made-up"
        return r


def test_an_authenticator_of_the_host_s_own(faulty):
    """A program gives its authenticator in the configuration, or beside it."""
    options = {"url": faulty.url, "authenticator": Own()}
    for opening in (
        open_calendar(structure_config(CALDAV, options)),
        open_calendar(DavConfig(url=faulty.url), auth=Own()),
    ):
        with opening:
            pass

    assert [asked.headers["Authorization"] for asked in faulty.asked] == ["Own made-up"] * 2


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"authenticator": "oauth"}, "given by programs"),
        ({"authenticator": Own(), "username": "msp", "password": "x"}, "takes the place"),
        ({"authenticator": Own(), "token": "x"}, "takes the place"),
        ({"auth": "bearer", "token": "x", "token_lifetime": 0}, "more than 0"),
    ],
    ids=["text", "password", "token", "lifetime"],
)
def test_wrong_credentials_options(options, complaint):
    """An authenticator is an object, and stands alone."""
    with pytest.raises(ConfigError, match=complaint):
        structure_config(CALDAV, {"url": "https://example.org/", **options})


def test_an_authenticator_does_not_move_the_link():
    """A link with an authenticator of the host's own is at the same place in every process."""
    places = {
        Link(name="a", connector="caldav", view="event", config={"authenticator": Own()}).place
        for _ in range(3)
    }

    assert len(places) == 1
