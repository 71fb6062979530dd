# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from territoire_sante.errors import ConfigError
from territoire_sante.plugins import structure_config
from territoire_sante_openagenda import OPENAGENDA


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"agenda": 0}, "agenda"),
        ({"secret": "deux mots"}, "secret"),
        ({"secret": None, "key": None}, "support@openagenda.com"),
        ({"ext_key": "a/b"}, "ext_key"),
        ({"timezone": "Europe/Nulle-Part"}, "timezone"),
        ({"state": 3}, "state"),
        ({"additional": {"thematique": "sante"}}, "numbers of its options"),
        ({"additional": {"thematique": ["sante"]}}, "numbers of its options"),
        ({"additional": {"thematique": True}}, "numbers of its options"),
        ({"withdrawal": "hide"}, "withdrawal"),
        ({"removal_floor": 2.0}, "removal_floor"),
        ({"base_url": "http://example.org/v2"}, "https"),
    ],
    ids=[
        *("agenda", "secret", "no key", "ext key", "zone", "state", "slug", "slugs", "truth"),
        *("withdrawal", "floor", "http"),
    ],
)
def test_wrong_options_are_named(options, changes, word):
    """What cannot be meant, or would be ignored in silence, is refused before anything is sent."""
    with pytest.raises(ConfigError, match=word):
        structure_config(OPENAGENDA, {**options, **changes})


def test_numbers_of_options_are_taken(options):
    """One number or several of an agenda's own field are good."""
    given = {"thematique": [61, 8], "public": 3}
    config = structure_config(OPENAGENDA, {**options, "additional": given})
    assert config.additional == given
