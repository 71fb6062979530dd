# SPDX-License-Identifier: Apache-2.0
"""What doctor advises about servers that it does not recognise, and that following it helps."""

from __future__ import annotations

import pytest

from territoire_sante.errors import ConflictError
from territoire_sante.testing.dav import MAKES, Faults

ADVICE = {"careful = true": {"careful": True}, "trust_tokens = false": {"trust_tokens": False}}


def advised(facts):
    """Return the options that the facts advise."""
    handlings = [fact.handling.en for fact in facts if not fact.good]
    found = [ADVICE[text] for text in ADVICE if any(text in said for said in handlings)]
    return {name: value for options in found for name, value in options.items()}


@pytest.fixture
def made(request, faulty, event):
    """Give a server of this make with an item, and the options that doctor advises for it."""
    faulty.faults = MAKES[request.param]
    faulty.put("a.ics", event("a"))
    before = faulty.items
    with faulty.open() as transport:
        options = advised(transport.diagnose(probe_writes=True))
    assert faulty.items == before
    return faulty, options


EXPECTED = {
    "Radicale 3.9": {},
    "Xandikos 0.4": {},
    "DAViCal 1.1": {"trust_tokens": False},
    "Cyrus 3.6": {},
    "SOGo 5.8": {"careful": True, "trust_tokens": False},
    "sabre/dav 1.8": {},
}


def test_every_make_has_its_advice():
    """No make is left out of the table below."""
    assert set(EXPECTED) == set(MAKES)


@pytest.mark.parametrize(
    ("made", "options"), EXPECTED.items(), indirect=["made"], ids=list(EXPECTED)
)
def test_what_is_advised(made, options):
    """Behind a proxy that hides its make, each server is advised what it needs, and no more."""
    assert made[1] == options


@pytest.mark.parametrize("made", EXPECTED, indirect=True)
def test_following_it_helps(made, event):
    """With the options advised, nobody's item is overwritten or deleted by a stale version."""
    server, options = made
    with server.open(**options) as transport:
        old = transport.create("b", event("b", "old"))
        new = transport.replace(old, event("b", "new"))
        for write in (
            lambda: transport.create("b", event("b", "again")),
            lambda: transport.replace(old, event("b", "stale")),
            lambda: transport.delete(old),
        ):
            with pytest.raises(ConflictError):
                write()
        stored = [item.document for item in transport.read([new.href])]

    assert b":new" in stored[0].data


def test_a_server_that_protects_nothing_is_only_to_be_read(faulty, event):
    """Where even a replacement on condition overwrites, reading only is what is advised."""
    faulty.faults = Faults(ignores={"create", "replace", "delete"})
    with faulty.open() as transport:
        handlings = [fact.handling.fr for fact in transport.diagnose(probe_writes=True)]

    assert any('direction = "pull"' in said for said in handlings)
