# SPDX-License-Identifier: Apache-2.0
"""A secret can be revealed on purpose and in no other way."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback

import attrs
import cattrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from territoire_sante.errors import ConfigError
from territoire_sante.plugins import Secret, SecretSources, structure_options

TEXT = "mistral-en-juin"


@attrs.frozen
class Holder:
    password: Secret


@attrs.frozen
class _Held:
    token: Secret
    word: Secret


WAYS = {
    "repr": repr,
    "str": str,
    "f-string": lambda secret: f"{secret}",
    "padded": lambda secret: f"{secret:>20}",
    "!r": lambda secret: f"{secret!r}",
    "percent": lambda secret: "%s %r" % (secret, [secret]),  # noqa: UP031 - the old way leaks no more
    "holder": lambda secret: repr(Holder(secret)),
    "asdict": lambda secret: repr(attrs.asdict(Holder(secret))),
    "astuple": lambda secret: repr(attrs.astuple(Holder(secret))),
    "cattrs": lambda secret: repr(cattrs.unstructure(Holder(secret))),
    "json": lambda secret: json.dumps(attrs.asdict(Holder(secret)), default=str),
    "error": lambda secret: str(ValueError(secret)),
    "traceback": lambda secret: "".join(traceback.format_exception(ValueError(Holder(secret)))),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_shows_nowhere(way):
    """No way of turning a secret, or what holds it, into text gives its text."""
    shown = WAYS[way](Secret(TEXT))

    assert TEXT not in shown
    assert "***" in shown


def test_a_secret_shows_in_no_log(caplog):
    """A secret given to a logger is logged as three stars."""
    logging.getLogger("demo").warning("opening with %s", Holder(Secret(TEXT)))

    assert caplog.messages == ["opening with Holder(password=Secret('***'))"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_cannot_be_pickled(protocol):
    """Pickling a secret, alone or held, raises TypeError with each protocol."""
    for value in (Secret(TEXT), Holder(Secret(TEXT))):
        with pytest.raises(TypeError, match="cannot be pickled"):
            pickle.dumps(value, protocol)


def test_a_secret_has_no_state_to_look_at():
    """A secret has no dictionary of attributes, and a copy is itself."""
    secret = Secret(TEXT)

    assert not hasattr(secret, "__dict__")
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    with pytest.raises(TypeError):
        json.dumps(secret)


@given(st.text(), st.text())
def test_secrets_compare_by_their_text(one, other):
    """Two secrets are equal, with equal hashes, exactly if their texts are; none equals a text."""
    assert (Secret(one) == Secret(other)) == (one == other)
    assert hash(Secret(one)) == hash(Secret(one))
    assert Secret(one) != one
    assert bool(Secret(one)) == bool(one)
    assert Secret(one).reveal() == one


def test_a_secret_of_a_source_can_be_asked_for_again():
    """A reference is followed anew each time; a text that stands in the configuration is not."""
    printed = iter([b"first\n", b"second\n"])
    sources = SecretSources(environ={}, run=lambda _argv, _seconds: next(printed))
    held = structure_options(
        _Held, {"token": {"$command": ["token"]}, "word": "kept"}, title="", sources=sources
    )

    assert held.token.is_renewable
    assert held.token.reveal() == "first"
    assert held.token.renewed().reveal() == "second"
    assert not held.word.is_renewable
    assert held.word.renewed() is held.word


def test_a_source_that_dried_up_is_named_without_the_secret():
    """A source that gives nothing the second time is a ConfigError, which quotes no secret."""
    environ = {"TOKEN": "made-up-token"}
    held = structure_options(
        _Held,
        {"token": {"$env": "TOKEN"}, "word": "kept"},
        title="",
        sources=SecretSources(environ=environ),
    )
    environ.clear()

    with pytest.raises(ConfigError, match="TOKEN is not set") as caught:
        held.token.renewed()
    assert "made-up-token" not in str(caught.value)
