# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from territoire_sante.errors import ConfigError
from territoire_sante.plugins import structure_config
from territoire_sante_illiwap import ILLIWAP, ILLIWAP_AGENDA

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_the_readme_shows_a_configuration_that_works():
    """The options of the example are known to the connectors that it names."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    specs = {one.name: one for one in (ILLIWAP, ILLIWAP_AGENDA)}
    links = tomllib.loads(text)["link"]

    configs = [structure_config(specs[one["connector"]], one["config"]) for one in links]

    assert [one.origin for one in configs] == ["https://station.illiwap.com"] * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"station": ""}, "code of a station"),
        ({"station": "../48000"}, "code of a station"),
        ({"station": "48000?a"}, "code of a station"),
        ({"station": "https://station.illiwap.com/rss/48000"}, "code of a station"),
        ({"origin": "https://station.illiwap.com.example.org"}, "Illiwap's own"),
        ({"origin": "https://station-illiwap.com"}, "Illiwap's own"),
        ({"origin": "https://station.illiwap.com@example.org"}, "Illiwap's own"),
        ({"origin": "http://station.illiwap.com"}, "Illiwap's own"),
        ({"origin": "https://station.illiwap.com:8443"}, "Illiwap's own"),
        ({"origin": "http://a@127.0.0.1"}, "Illiwap's own"),
        ({"origin": "http://127.0.0.1/rss"}, "Illiwap's own"),
        ({"origin": "http://[/"}, "Illiwap's own"),
        ({"days": 0}, "days"),
        ({"past_days": -1}, "past_days"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_option_is_explained(options, message):
    """Look-alike servers and codes that are none are refused before anything is asked."""
    with pytest.raises(ConfigError, match=message):
        structure_config(ILLIWAP_AGENDA, {"station": "48000", **options})


@pytest.mark.parametrize("station", ["22047", "cc-loir-exemple", "Exempleville"])
def test_codes_numbers_and_names_are_stations(station):
    """INSEE codes, postcodes and names are seen in addresses."""
    assert structure_config(ILLIWAP, {"station": station}).station == station
