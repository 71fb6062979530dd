# SPDX-License-Identifier: Apache-2.0
"""Announcements on light panels: the whole text in order, nothing torn, refusals with reasons."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import AnnouncementRefusedError, ConfigError, InvalidValueError
from territoire_sante.formats.panel import (
    CHARSETS,
    Alignment,
    Charset,
    PanelProfile,
    _picture,
    abbreviated,
    graphemes,
    layout,
    panel_lens,
    picture,
    proposals,
    reading,
    transliterate,
)
from territoire_sante.model import Announcement

WHOLE = (
    *("14 novembre 2026", "1er mars", "18 h 30", "9 h", "9h30", "04 66 00 00 00", "Dr Martin"),
    *("+33 4 66 00 00 00", "Mme Exemple", "5 €", "12 000 €", "n° 12", "65 ans", "Docteur Martin"),
    *("0 800 00 00 00", "3 km", "septembre 2026", "30/09/2026", "+33 (0) 4 66 00 00 00"),
)
ON_ONE_PAGE = ("samedi 14 novembre", "sans rendez-vous", "9 h à 12 h", "pas de visite", "14 au 16")
WORDS = (
    *("à", "le", "œuvre", "aujourd’hui", "« Été »", "…", "l'hôpital", "SANTÉ", "Saint-Jean"),
    *("e\u0301te\u0301", "ŒUVRE", "Cœur", "2026", "–", "Vaccin", "ouvert :", "où\u00a0?", "n'est"),
)
EMOJI = ("💉", "👨‍👩‍👧", "🇫🇷", "مستشفى")

phrases = st.lists(st.sampled_from((*WHOLE, *ON_ONE_PAGE, *WORDS)), min_size=1, max_size=14)
texts = st.lists(phrases.map(" ".join), max_size=3).map("\n".join)
profiles = st.builds(
    PanelProfile,
    rows=st.integers(1, 9),
    columns=st.integers(6, 36),
    charset=st.sampled_from(sorted(CHARSETS.values(), key=lambda one: one.name)),
    pages_max=st.integers(1, 9),
    alignment=st.sampled_from(Alignment),
)


def notice(title, body=""):
    """Return an announcement."""
    return Announcement(id="announcement:1", uid="1", title=title, body=body)


def flat(text):
    """Return a text with single ordinary spaces."""
    return " ".join(text.split())


@settings(max_examples=150)
@given(title=texts, body=texts, profile=profiles)
def test_pages_read_in_order_are_the_whole_text(title, body, profile):
    """What is shown is the whole text in the panel's signs, in cells of the panel; else reasons."""
    shown = layout(notice(title, body), profile)
    wanted = transliterate(flat(f"{title} {body}"), profile.charset).text

    assert flat(shown.text) == flat(wanted)
    assert bool(shown.pages) is not bool(shown.reasons)
    if shown.fits:
        assert reading(shown.pages) == flat(wanted)
        assert 1 <= len(shown.pages) <= profile.pages_max
    for page in shown.pages:
        assert [len(row) for row in page.rows] == [profile.columns] * profile.rows
        assert {cell for row in page.rows for cell in row} <= profile.charset.cells


@settings(max_examples=150)
@given(
    before=phrases,
    fact=st.sampled_from(WHOLE),
    after=phrases,
    rows=st.integers(1, 6),
    columns=st.integers(17, 40),
)
def test_facts_stay_on_one_line(before, fact, after, rows, columns):
    """A date, a time, a number or a name with its title is never on two lines."""
    profile = PanelProfile(rows=rows, columns=columns, pages_max=99)
    marked = f"{' '.join(before)} ( {fact} ) {' '.join(after)}"
    shown = layout(notice(marked), profile)
    written = transliterate(fact, profile.charset).text
    for reason in shown.reasons:
        assert "ne se coupe pas" in reason.message_fr or "entre deux pages" in reason.message_fr
    lines = [line for page in shown.pages for line in page.lines]
    assert not shown.fits or any(written in line for line in lines)


@settings(max_examples=100)
@given(before=phrases, fact=st.sampled_from(ON_ONE_PAGE), rows=st.integers(2, 5))
def test_what_belongs_together_stays_on_one_page(before, fact, rows):
    """A day of the week with its date, a range, "sans" and what follows are never on two pages."""
    profile = PanelProfile(rows=rows, columns=18, pages_max=99)
    shown = layout(notice(f"{' '.join(before)} ( {fact} )"), profile)
    wanted = transliterate(fact, profile.charset).text

    assert not shown.fits or any(wanted in page.text for page in shown.pages)


@pytest.mark.parametrize("columns", range(5, 40))
def test_words_are_never_split(columns):
    """Every word stands on one line whole, or the panel is refused with the word's name."""
    text = "Permanence anticonstitutionnellement annulée à Saint-Étienne-Vallée-Française"
    shown = layout(notice(text), PanelProfile(rows=8, columns=columns, pages_max=3))
    too_wide = [word for word in text.split() if len(word) > columns]

    assert len([reason for reason in shown.reasons if "coupe" in reason.message_fr]) == len(
        too_wide
    )
    if not too_wide:
        assert " ".join(w for page in shown.pages for line in page.lines for w in line.split()) == (
            text
        )


@pytest.mark.parametrize(
    ("text", "charset", "written"),
    [
        ("« Œuvre » d’été", "latin-1", "« Oeuvre » d'été"),
        ("« Œuvre » d’été", "ascii", '"Oeuvre" d\'ete'),
        ("« Œuvre » d’été", "upper", '"OEUVRE" D\'ETE'),
        ("« Œuvre » d’été", "upper-latin-1", "« OEUVRE » D'ÉTÉ"),
        ("ŒUVRE – cœur… 5 €", "latin-1", "OEUVRE - coeur... 5 EUR"),
        ("n° 12, 38 °C, ½ m²", "ascii", "no 12, 38 degC, 1/2 m2"),
        ("e\u0301te\u0301 ﬁn in\u00advisible", "ascii", "ete fin invisible"),
        ("ß Ÿ ø", "latin-1", "ß Y ø"),
    ],
)
def test_french_signs_are_written_otherwise(text, charset, written):
    """Each sign that a charset lacks is written as the table says, and none is missing."""
    result = transliterate(text, Charset.named(charset))

    assert result.text == written
    assert result.missing == ()


def test_replacements_are_counted_for_a_person():
    """The result names what was written otherwise and how often; capitals are no change."""
    result = transliterate("« cœur » et « sœur »", Charset.named("upper"))
    told = {one.sign: (one.by, one.count) for one in result.replaced}

    assert told == {"«": ('"', 2), "»": ('"', 2), "œ": ("OE", 2)}


@pytest.mark.parametrize("sign", EMOJI)
def test_a_sign_without_equivalent_refuses(sign):
    """An emoji or another script is named as a reason and never left out, except by a person."""
    one = notice("Vaccin", f"Samedi {sign} matin")
    shown = layout(one, PanelProfile())
    (proposal,) = proposals(one, PanelProfile())

    assert shown.pages == ()
    assert graphemes(sign)[0] in shown.reasons[0].message_fr
    assert proposal.announcement.body == "Samedi matin"
    assert layout(proposal.announcement, PanelProfile()).fits


def test_the_short_variant_is_taken_where_the_long_one_has_no_room():
    """A short text that a person wrote stands in, title and body by themselves."""
    one = attrs.evolve(notice("Médecin de garde", "mot " * 100), body_short="Appeler le 15")

    assert layout(one, PanelProfile()).text == "Médecin de garde\nAppeler le 15"
    assert layout(one, PanelProfile(pages_max=9)).text.endswith("mot mot")


def test_more_pages_are_proposed():
    """A text that is only too long can be shown on as many pages as are named."""
    one = notice("Titre", "mot " * 60)
    ways = proposals(one, PanelProfile())
    (more,) = [way.profile for way in ways if way.profile is not None]

    assert len(layout(one, more).pages) == more.pages_max > 1
    assert "court" in ways[-1].message_fr
    assert all(way.message("en") for way in ways)


def test_an_empty_announcement_is_refused():
    """Nothing to show is no page."""
    assert not layout(notice(" ", "\n"), PanelProfile()).fits


def test_a_paragraph_is_kept_on_a_page_where_pages_suffice():
    """With pages to spare a paragraph begins a new one; without, it is filled on."""
    one = notice("Titre", "un deux trois\nquatre cinq six")
    roomy = layout(one, PanelProfile(rows=4, columns=6, pages_max=3))
    tight = layout(one, PanelProfile(rows=7, columns=6, pages_max=1))

    assert [page.text for page in roomy.pages] == ["Titre un deux trois", "quatre cinq six"]
    assert [page.text for page in tight.pages] == ["Titre un deux trois quatre cinq six"]


@pytest.mark.parametrize(
    ("alignment", "line"),
    [(Alignment.LEFT, "ab   "), (Alignment.CENTRE, " ab  "), (Alignment.RIGHT, "   ab")],
)
def test_rows_are_aligned(alignment, line):
    """Blanks fill the row on the side that the profile asks for."""
    shown = layout(notice("ab"), PanelProfile(rows=1, columns=5, alignment=alignment))

    assert shown.pages[0].lines == (line,)


def test_abbreviations_leave_other_words_alone():
    """Only whole words are abbreviated; their capital stays."""
    assert abbreviated("Samedis, novembre-décembre, Rendez-vous") == (
        "Samedis, novembre-décembre, RDV"
    )


@pytest.mark.parametrize("size", ["8", "x8", "0x16", "8x16x2", "-1x4"])
def test_what_is_no_size_is_refused(size):
    """A size is two numbers of 1 or more."""
    with pytest.raises(InvalidValueError):
        PanelProfile.sized(size)


def test_own_sets_of_signs():
    """A panel's own signs are what is listed; its files then take the narrowest encoding."""
    own = Charset.of("ABCDEFGHIJKLMNOPQRSTUVWXYZÀÉÈ0123456789:'€")

    assert transliterate("Été à 5 €", own).text == "ÉTÉ À 5 €"
    assert [own.encoding, CHARSETS["upper-latin-1"].encoding] == ["utf-8", "latin-1"]


@settings(max_examples=60)
@given(title=texts, body=texts)
def test_the_lens_keeps_its_laws(title, body):
    """What is written reads as before; putting back what was read changes no byte."""
    lens = panel_lens(PanelProfile(rows=20, columns=40, pages_max=9))
    one = notice(title, body)
    if not layout(one, PanelProfile(rows=20, columns=40, pages_max=9)).fits:
        with pytest.raises(AnnouncementRefusedError):
            lens.put(one)
        return
    document = lens.put(one)
    back = lens.get(document)

    assert (back.title, back.body) == (title, body)
    assert lens.put(back, document).data == document.data
    assert b'"pages"' in lens.put(attrs.evolve(back, title="Autre"), document).data


@pytest.mark.parametrize("text", ["0 " * 20_000, "a " * 20_000, "lun. 1 à 2 h " * 5_000])
def test_long_texts_take_linear_time(text):
    """Forty thousand signs are laid out in a moment, or refused."""
    shown = layout(notice(text), PanelProfile())

    assert not shown.fits
    assert re.search(r"Il faut \d+ pages", " ".join(r.message_fr for r in shown.reasons))


@pytest.mark.parametrize("fonts", [_picture._FONTS, ()], ids=["a system's", "Pillow's own"])
def test_pictures_have_french_letters(monkeypatch, fonts):
    """With a font of the system or without, letters with and without accent look different."""
    monkeypatch.setattr(_picture, "_FONTS", fonts)
    letters = "eéèêëEÉÈÊËcçCÇuùûü"
    seen = {
        picture(layout(notice(letter), PanelProfile(rows=1, columns=1)).pages[0])
        for letter in letters
    }

    assert len(seen) == len(letters)
    assert all(data.startswith(b"\x89PNG") for data in seen)


def test_a_sign_that_no_font_draws_is_named():
    """A picture never shows a box for a sign: without a font for it there is none."""
    own = Charset.of("a\ue123")
    page = layout(notice("a\ue123"), PanelProfile(rows=1, columns=2, charset=own)).pages[0]
    with pytest.raises(ConfigError, match="draws"):
        picture(page)
    with pytest.raises(ConfigError, match="font"):
        picture(page, font="no-such-font.ttf")
