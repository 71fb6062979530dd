# SPDX-License-Identifier: Apache-2.0
"""What the validators of options let pass, and what they say of the rest."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import InvalidValueError
from territoire_sante.plugins import validators


def options(validator):
    """Return a class with one option of this validator."""
    return attrs.make_class("Options", {"option": attrs.field(validator=validator)}, kw_only=True)


@pytest.mark.parametrize(
    ("validator", "passed"),
    [
        (validators.web_address, ["http://example.org", "https://example.org:8443/a?b=c"]),
        (
            validators.encrypted_address,
            [
                "https://example.org/api",
                "http://127.0.0.1:5000",
                "http://[::1]/",
                "http://localhost",
            ],
        ),
        (validators.known_zone, ["Europe/Paris", "America/Guadeloupe", "UTC"]),
    ],
)
def test_what_is_right_passes(validator, passed):
    """Addresses in full and names of zones pass as they are."""
    for value in passed:
        assert options(validator)(option=value).option == value


@pytest.mark.parametrize("value", ["", "example.org", "ftp://example.org", "https://", "http://["])
def test_what_is_no_address_is_refused(value):
    """Half of an address, another scheme or a broken one is refused, naming the option."""
    with pytest.raises(ValueError, match="option must be an http or https address"):
        options(validators.web_address)(option=value)
    with pytest.raises(InvalidValueError, match="https only") as caught:
        options(validators.encrypted_address)(option=value)
    assert caught.value.where == "option"


def test_credentials_have_options_of_their_own():
    """An address with a password is refused, and the password is not repeated."""
    with pytest.raises(ValueError, match="must not hold credentials") as caught:
        options(validators.web_address)(option="https://msp:made-up@example.org/")
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize("value", ["http://example.org", "http://127.0.0.1.example.org/"])
def test_credentials_travel_in_the_clear_on_this_machine_only(value):
    """Without https nothing is sent to another machine, whatever its name looks like."""
    with pytest.raises(InvalidValueError):
        options(validators.encrypted_address)(option=value)


@pytest.mark.parametrize("value", ["", "Paris", "Europe/Mende", "../etc/passwd", "/etc/passwd"])
def test_an_unknown_zone_is_refused(value):
    """What names no zone is refused with an example of one that does."""
    with pytest.raises(InvalidValueError, match="Europe/Paris"):
        options(validators.known_zone)(option=value)
