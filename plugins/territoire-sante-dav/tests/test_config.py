# SPDX-License-Identifier: Apache-2.0
"""What can be configured, and what never shows."""

from __future__ import annotations

import base64
import subprocess
import sys

import pytest

from territoire_sante.errors import AuthError, ConfigError
from territoire_sante.model import Contact, Event
from territoire_sante.plugins import (
    Catalog,
    ConnectorSpec,
    Secret,
    structure_config,
    unstructure_config,
)
from territoire_sante_dav import CALDAV, CARDDAV, AuthScheme, DavConfig

URL = "https://nuage.example.org/dav/calendars/msp/"


def test_installed():
    """Both connectors are found by their names, with the views that they sync."""
    catalog = Catalog.installed()

    assert catalog.get("caldav") is CALDAV
    assert catalog.get("carddav") is CARDDAV
    assert (CALDAV.view, CARDDAV.view) == (Event, Contact)
    assert isinstance(CALDAV, ConnectorSpec)


def test_importing_is_cheap():
    """Naming the connectors loads neither the network stack nor a format library."""
    code = (
        "import sys, territoire_sante_dav; "
        "print([m for m in ('requests', 'urllib3', 'icalendar', 'vobject') if m in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_lenses():
    """Each connector reads its documents by the lens of its view."""
    config = DavConfig(url=URL)

    assert CALDAV.lens_for(config).view is Event
    assert CARDDAV.lens_for(config).view is Contact


def test_structured(monkeypatch):
    """Options as a configuration file gives them become a configuration."""
    monkeypatch.setenv("AGENDA_PASSWORD", "correct horse")
    options = {
        "url": URL,
        "username": "msp",
        "password": {"$env": "AGENDA_PASSWORD"},
        "auth": "digest",
        "create": True,
        "timeout": 5,
    }

    config = structure_config(CALDAV, options)

    assert config.auth is AuthScheme.DIGEST
    assert config.password.reveal() == "correct horse"
    assert "correct horse" not in repr(config) + str(unstructure_config(config))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({}, "url"),
        ({"url": "nuage.example.org"}, "in full"),
        ({"url": "https://u:p@example.org/"}, "must not hold credentials"),
        ({"url": "http://["}, "in full"),
        ({"url": URL, "usrname": "x"}, "did you mean username"),
        ({"url": URL, "username": "x"}, "go together"),
        ({"url": URL, "password": "x"}, "go together"),
        ({"url": URL, "auth": "bearer"}, "takes a token"),
        ({"url": URL, "auth": "bearer", "token": "t", "password": "p"}, "no password"),
        ({"url": URL, "token": "t"}, "bearer only"),
        ({"url": URL, "auth": "ntlm"}, "'basic', 'digest', 'bearer'"),
        ({"url": URL, "timeout": 0}, "more than 0"),
        ({"url": URL, "batch": -1}, "more than 0"),
    ],
)
def test_wrong_options(options, complaint):
    """Each wrong option is named with what is wrong."""
    with pytest.raises(ConfigError) as caught:
        structure_config(CALDAV, options, where="territoire.toml: link agenda")

    assert complaint in str(caught.value)
    assert "territoire.toml: link agenda" in str(caught.value)


@pytest.mark.parametrize(
    ("options", "header"),
    [
        ({}, None),
        (
            {"username": "hélène", "password": Secret("mot €")},
            "Basic " + base64.b64encode("hélène:mot €".encode()).decode(),
        ),
        ({"auth": AuthScheme.BEARER, "token": Secret("abc")}, "Bearer abc"),
    ],
)
def test_credentials(faulty, options, header):
    """Each scheme sends its own header, none sends none."""
    with faulty.open(**options):
        pass

    assert faulty.asked[0].headers["Authorization"] == header


def test_digest(faulty, reply):
    """Digest answers the server's challenge."""
    challenge = {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}
    faulty.on(
        "PROPFIND",
        lambda asked: None if asked.headers["Authorization"] else reply(401, b"", challenge),
    )
    with faulty.open(auth=AuthScheme.DIGEST, username="msp", password=Secret("x")):
        pass

    assert 'username="msp"' in faulty.asked[-1].headers["Authorization"]


def test_refused_credentials(faulty, reply):
    """Refused credentials are an AuthError that doesn't show them."""
    faulty.on("PROPFIND", reply(401))
    with (
        pytest.raises(AuthError) as caught,
        faulty.open(username="msp", password=Secret("hidden")),
    ):
        pass

    assert "hidden" not in str(caught.value)
