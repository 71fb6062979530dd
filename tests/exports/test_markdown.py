# SPDX-License-Identifier: Apache-2.0
"""The directory to print: everything at its place, and no text taken for markup."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from territoire_sante.exports._markup import escaped, link
from territoire_sante.model import (
    Actor,
    ActorKind,
    ContactPoint,
    ContactPointKind,
    Event,
    Lever,
    LeverOffer,
    LeverType,
    LiaisonAssignment,
    LiaisonKind,
    OfferState,
    Period,
    Territory,
    TerritoryKind,
)
from territoire_sante.testing.strategies import texts

GROUND = [
    Territory(
        id="epci:200069268",
        kind=TerritoryKind.EPCI,
        name="CC du Lot",
        communes=("48034", "48039"),
    ),
    Territory(id="commune:48034", kind=TerritoryKind.COMMUNE, name="La Canourgue"),
    Territory(id="commune:48039", kind=TerritoryKind.COMMUNE, name="Chanac"),
    Territory(id="commune:2A004", kind=TerritoryKind.COMMUNE, name="Ajaccio"),
]
MAIRIE = Actor(
    id="mairie:48034",
    kind=ActorKind.COMMUNE,
    name="Mairie de La Canourgue",
    territory_id="commune:48034",
    contact_points=(ContactPoint(kind=ContactPointKind.PHONE, value="+33 4 66 00 00 00"),),
)
TENT = Lever(id="lever:1", type=LeverType.TENT, title="Barnum", holder_id=MAIRIE.id)
OFFER = LeverOffer(id="lever_offer:1", lever_id=TENT.id, state=OfferState.PUBLISHED)


def headings(done):
    """Return the headings with their levels."""
    return [line for line in done.text.splitlines() if line.startswith("#")]


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_example_territory(lang, territory, picture, write):
    """Town halls, teams, relays, levers, conventions and events are there, in either language."""
    text = write("markdown", picture(territory), lang=lang).text
    words = {
        "fr": ("Comment demander : ", "Prochains rendez-vous", "Relais", "Demander 15 jours avant"),
        "en": ("How to ask: ", "Next events", "Relays", "Ask 15 days before"),
    }

    for one in (*words[lang], "Barnums 3 m × 3 m", "Soirée MSP–élus", "Odile Exemple"):
        assert one in text
    for one in words["en" if lang == "fr" else "fr"]:
        assert one not in text


def test_places_in_their_order(export):
    """EPCI come first, each with its communes, then what lies outside; nothing stands twice."""
    ajaccio = attrs.evolve(MAIRIE, id="mairie:2A004", name="Ajaccio", territory_id="commune:2A004")
    chanac = attrs.evolve(MAIRIE, id="mairie:48039", name="Chanac", territory_id="commune:48039")
    nowhere = attrs.evolve(MAIRIE, id="actor:1", name="Nulle part", territory_id="")
    wide = attrs.evolve(TENT, coverage=("commune:48034", "commune:48039"))
    done = export("markdown", *GROUND, MAIRIE, ajaccio, chanac, nowhere, wide)

    assert headings(done) == [
        "# Annuaire de la coopération en santé",
        "## CC du Lot",
        "### Chanac",
        "### La Canourgue",
        "## Ajaccio",
        "## Sans lieu connu",
    ]
    before_communes = done.text.partition("### ")[0]
    assert "**Barnum**" in before_communes
    assert done.text.count("**Barnum**") == 1
    assert done.said.count == 5


def test_a_lever_says_how_to_ask(export):
    """Where no offer is open that is said; where nobody is named, the holder is asked."""
    closed = export("markdown", *GROUND, MAIRIE, TENT).text
    (line,) = [
        one
        for one in export("markdown", *GROUND, MAIRIE, TENT, OFFER).text.splitlines()
        if "demander" in one
    ]

    assert "    - Comment demander : aucune offre ouverte à ce jour" in closed
    assert line == "    - Comment demander : Mairie de La Canourgue — +33 4 66 00 00 00"


def test_relays_and_events_of_today(export, today):
    """Relays that are over and events that are past are not there."""
    relay = LiaisonAssignment(
        id="liaison:1", kind=LiaisonKind.CCAS, actor_id=MAIRIE.id, purpose="Écouter"
    )
    over = attrs.evolve(relay, id="liaison:2", purpose="Passé", period=Period(end=today))
    event = Event(
        id="event:1",
        summary="Rencontre",
        start=dt.date(2026, 12, 1),
        rrule="FREQ=WEEKLY;COUNT=9",
        organiser_ids=(MAIRIE.id,),
    )
    past = attrs.evolve(
        event, id="event:2", summary="Autrefois", rrule="", start=dt.date(2020, 1, 1)
    )
    text = export("markdown", *GROUND, MAIRIE, relay, over, event, past).text

    assert "Pour quoi : Écouter" in text
    assert "Passé" not in text
    assert "Autrefois" not in text
    dates = "1er décembre 2026 ; 8 décembre 2026 ; 15 décembre 2026 ; 22 décembre 2026 ; "
    assert f"Quand : {dates}29 décembre 2026" in text


BAD = (
    "*gras* _x_ <script>alert(1)</script> [a](javascript:b) `c` &amp; # d | e\n# titre\n\n- f 👩🏽‍⚕️"
)


def test_no_text_is_markup(export):
    """What strangers write is shown as it is: no tag, link, heading or emphasis comes of it."""
    done = export("markdown", *GROUND, attrs.evolve(MAIRIE, name=BAD, description=BAD))
    tokens = MarkdownIt("commonmark").parse(done.text)
    inline = [child for token in tokens for child in token.children or ()]
    shown = "".join(child.content for child in inline if child.type.startswith("text"))

    assert {child.type for child in inline} <= {
        "text",
        "text_special",
        "strong_open",
        "strong_close",
    }
    assert (
        shown.count("*gras* _x_ <script>alert(1)</script> [a](javascript:b) `c` &amp; # d | e") == 2
    )
    assert len([token for token in tokens if token.type == "heading_open"]) == 3


@given(texts())
def test_any_text_reads_as_itself(text):
    """Escaped, any text is one line, and a reader of Markdown shows the same words."""
    line = escaped(text)
    (paragraph,) = [t for t in MarkdownIt("commonmark").parse(f"x {line}") if t.type == "inline"]
    shown = "".join(child.content for child in paragraph.children)
    words = [" ".join(one.split()) for one in text.replace("\0", "\ufffd").splitlines()]

    assert "\n" not in line
    assert {child.type for child in paragraph.children} <= {"text", "text_special"}
    assert shown.strip() == f"x {' / '.join(filter(None, words))}".strip()


def test_only_addresses_of_the_web_are_links():
    """A script in place of an address stays text, an address with spaces and signs is one link."""
    assert link("javascript:alert(1)") == "javascript:alert(1)"
    assert link("https://a.example.org/x y>") == "<https://a.example.org/x%20y%3E>"


def test_lines_are_short_things_of_one_kind(territory, picture, write):
    """Every line is a heading, a group, an item, a fact, one sentence or empty: it prints well."""
    lines = write("markdown", picture(territory)).text.splitlines()

    assert all(
        not line or line.startswith(("# ", "## ", "### ", "**", "- **", "    - ", "Au "))
        for line in lines
    )
