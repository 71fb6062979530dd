# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.announcements import RULES, LinkState, RemarkLevel, lint
from territoire_sante.model import (
    Announcement,
    AnnouncementState,
    Attachment,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
)

TODAY = dt.date(2026, 11, 1)
TABLE = Path(__file__).parents[2] / "docs" / "reference" / "announcement-rules.md"

DESK = ContactPoint(
    kind=ContactPointKind.MOBILE, value="06 00 00 00 00", visibility=Visibility.PUBLIC
)

#: An announcement that no rule has anything to say about.
GOOD = Announcement(
    id="announcement:1",
    title="Dépistage gratuit, samedi 14 novembre",
    body="Samedi 14 novembre 2026 de 9\u00a0h à 12\u00a0h, sans rendez-vous.\n"
    "Lieu\u00a0: maison de santé de Saint-Exemple.",
    place="Maison de santé, Saint-Exemple",
    severity=Severity.EVENT,
    event_start=dt.datetime(2026, 11, 14, 9, tzinfo=dt.UTC),
    event_end=dt.datetime(2026, 11, 14, 11, tzinfo=dt.UTC),
    publish_from=TODAY,
    publish_until=dt.date(2026, 11, 14),
    audience=("48095",),
    url="https://example.org/depistage",
    contact=DESK,
    attachments=(Attachment(url="https://example.org/affiche.pdf", alt="Affiche"),),
    approved_by="Secrétariat",
    approved_on=TODAY,
    state=AnnouncementState.APPROVED,
)

_UNDATED = {"event_start": None, "event_end": None}
_LONG = " ".join(["mot"] * 31)
_HARD = "Cette expérimentation territoriale pluriprofessionnelle contractualisée. " * 10
_EASY = "Venez nous voir. On vous aide. C'est gratuit. " * 5


def _alive(url: str) -> LinkState:
    del url
    return LinkState.ALIVE


def _codes(one: Announcement, **options) -> set[str]:
    return {remark.code for remark in lint(one, today=TODAY, **options)}


def test_a_careful_announcement_gets_no_remark():
    """Nothing is said where nothing is wrong."""
    assert lint(GOOD, today=TODAY, links=_alive) == ()


FIRES = [
    ("AN001", {"title": "DÉPISTAGE gratuit"}),
    ("AN001", {"title": "DON DU SANG"}),
    ("AN001", {"body": "ATTENTION, changement d'horaire."}),
    ("AN001", {"body": "Venez à L'HÔPITAL."}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Venez nombreux."}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Un mardi de fête, une semaine."}),
    ("AN002", _UNDATED),
    ("AN003", {"place": " "}),
    ("AN004", {"event_start": dt.date(2026, 10, 30), "event_end": dt.date(2026, 11, 1)}),
    ("AN004", {"publish_from": None, "publish_until": dt.date(2026, 10, 31)}),
    ("AN005", {"body": "Le 3 octobre 2026."}),
    ("AN005", {"body": "Réunion du 03/10/26."}),
    ("AN006", {"title": "Marche, samedi 13 novembre 2026"}),
    ("AN006", {"title": "Marche, sam. 13 nov."}),
    ("AN006", {"title": "Marche, samedi 13/11/2026"}),
    ("AN006", {"title": "Marche, SAMEDI 13 NOVEMBRE"}),
    ("AN006", {"body": "Mardi 1er novembre 2026"}),
    ("AN007", {"body": "Le 31 novembre."}),
    ("AN007", {"body": "Le 29 février 2027."}),
    ("AN007", {"body": "Le 12/13/2026."}),
    ("AN008", {"title": "Marche, samedi 21 novembre"}),
    ("AN009", {"title": "Marche demain", "body": "Venez."}),
    ("AN009", {"title": "Marche", "body": "Rendez-vous ce soir."}),
    ("AN010", {"publish_until": None}),
    ("AN010", {"publish_until": dt.date(2026, 11, 20)}),
    ("AN010", {"publish_from": dt.date(2026, 11, 16), "publish_until": dt.date(2026, 11, 20)}),
    ("AN011", {"url": "www.example.org"}),
    ("AN011", {"url": "https://example"}),
    ("AN011", {"body": "Voir http://exemple ou venez."}),
    ("AN013", {"body": "Appelez le 06 12 34 56 78."}),
    ("AN013", {"body": "Appelez le +33 6 12 34 56 78."}),
    ("AN013", {"body": "Appelez le 07.12.34.56.78"}),
    ("AN014", {"body": "Écrivez à camille.exemple@example.org."}),
    ("AN014", {"body": "Écrivez à lili48@gmail.com."}),
    ("AN015", {"body": "Numéro 2 84 05 48 095 012 34"}),
    ("AN015", {"body": "Numéro 184052A095012"}),
    ("AN016", {"body": "Mme Exemple est hospitalisée."}),
    ("AN016", {"body": "M. Exemple, qui souffre du dos, ne consulte plus."}),
    ("AN017", {"body": f"{_LONG}."}),
    ("AN018", {"body": _HARD}),
    ("AN019", {"body": "La CPTS vous invite."}),
    ("AN019", {"body": "Le XYZ vous invite."}),
    ("AN020", {"body": "Venez nombreux!"}),
    ("AN020", {"body": "Lieu : ici."}),
    ("AN020", {"body": "Lieu: ici."}),
    ("AN020", {"body": "«Octobre rose\u00a0»"}),
    ("AN021", {"body": "Venez nombreux\u00a0!!"}),
    ("AN022", {"title": "Marche dimanche."}),
    ("AN023", {"attachments": (Attachment(url="https://example.org/a.pdf", alt=" "),)}),
    ("AN024", {"contact": None, "url": ""}),
    ("AN025", {"contact": attrs.evolve(DESK, visibility=Visibility.TEAM)}),
    ("AN026", {"state": AnnouncementState.DRAFT}),
    ("AN026", {"approved_by": " "}),
    ("AN027", {"audience": ()}),
    ("AN028", {"title": " "}),
]

SILENT = [
    ("AN001", {"title": "La MSP et le CPTS de l'EHPAD"}),
    ("AN001", {"body": "Mme EXEMPLE et M. DUPONT-EXEMPLE"}),
    ("AN001", {"body": "Louis XVIII, salle A, COVID, code CE1"}),
    ("AN001", {"body": "Voir https://example.org/DEPISTAGE/GRATUIT"}),
    ("AN002", {**_UNDATED, "severity": Severity.INFO}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Chaque samedi à 9\u00a0h."}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Le premier mardi du mois."}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Tous les mardis."}),
    ("AN002", {**_UNDATED, "title": "Marche", "body": "Un mardi sur deux."}),
    ("AN003", {**_UNDATED, "severity": Severity.INFO, "place": ""}),
    ("AN004", {"event_start": dt.date(2026, 11, 1), "event_end": None}),
    ("AN004", {"event_start": dt.date(2026, 10, 30), "event_end": dt.date(2026, 11, 2)}),
    ("AN005", {"body": "Le 3 octobre, ou le 1er novembre 2026."}),
    ("AN005", {"body": "Le cabinet est fermé depuis le 3 octobre 2026."}),
    ("AN006", {"title": "Marche, samedi 14 novembre 2026, dimanche 1er novembre"}),
    ("AN006", {"title": "Vœux, samedi 2 janvier"}),
    ("AN006", {"title": "Marche, samedi 13 novembre 2027"}),
    ("AN007", {"body": "Le 29 février, le 31/12/2026, page 31/11."}),
    ("AN008", {"body": "Inscription avant le 10 novembre, marche le 14 novembre."}),
    ("AN008", {"body": "Inscription avant le 10 novembre, ou jusqu'au 12 novembre."}),
    ("AN009", {"body": "Demain, samedi 14 novembre."}),
    ("AN010", {"publish_until": dt.date(2026, 11, 14)}),
    ("AN011", {"body": "Voir https://www.example.org/a?b=c#d, ou (http://example.org)."}),
    ("AN013", {"body": "Appelez le 06 00 00 00 00, le 04 66 12 34 56 ou le 0612345678901."}),
    ("AN014", {"body": "Écrivez à mairie.exemple@orange.fr ou accueil@example.org."}),
    ("AN014", {"body": "Écrivez à rdv@gmail.com."}),
    ("AN015", {"body": "SIRET 123 456 789 00012, tél. 04 66 00 00 00, FINESS 480001234"}),
    ("AN016", {"body": "Mme Exemple, infirmière, vous invite au dépistage du diabète."}),
    ("AN016", {"body": "Le Dr Exemple consultera. Les malades sont reçus le matin."}),
    ("AN017", {"body": f"{_LONG.removesuffix(' mot')}."}),
    ("AN017", {"body": f"{_LONG[:60]}\n{_LONG[:60]}"}),
    ("AN018", {"body": _EASY}),
    ("AN018", {"body": "Expérimentation pluriprofessionnelle territoriale."}),
    ("AN019", {"body": "La communauté professionnelle territoriale de santé (CPTS) et la CPTS."}),
    ("AN019", {"body": "La MSP (maison de santé) et le SAMU, salle XII, 48A."}),
    (
        "AN020",
        {"body": "Lieu\u00a0: ici\u202f! 9:30, https://example.org/?a=b;c «\u00a0a\u00a0»."},
    ),
    ("AN021", {"body": "Venez… Vraiment\u00a0!"}),
    ("AN022", {"title": "Marche, concert, etc."}),
    ("AN023", {"attachments": ()}),
    ("AN024", {"contact": None, "url": "", "body": "Appelez le 3966 ou le 15."}),
    ("AN024", {"contact": None, "url": "", "body": "Écrivez à accueil@example.org."}),
    ("AN025", {"contact": None}),
    ("AN026", {"state": AnnouncementState.WITHDRAWN, "approved_by": ""}),
    ("AN027", {"audience": ("48095", "48001")}),
    ("AN028", {"title": "a"}),
]


@pytest.mark.parametrize(("code", "changes"), FIRES)
def test_a_rule_fires(code, changes):
    """What the rule is about is found, in words of both languages."""
    remarks = [one for one in lint(attrs.evolve(GOOD, **changes), today=TODAY) if one.code == code]

    assert remarks
    for remark in remarks:
        assert remark.message("fr")
        assert remark.message("en") != remark.message("fr")
        assert remark.field.partition("[")[0] in attrs.fields_dict(Announcement)


@pytest.mark.parametrize(("code", "changes"), SILENT)
def test_a_rule_stays_silent(code, changes):
    """What only looks alike is left alone."""
    assert code not in _codes(attrs.evolve(GOOD, **changes))


def test_every_rule_is_tried_both_ways():
    """No rule is without an example that it finds and one that it leaves alone."""
    codes = {rule.code for rule in RULES} - {"AN012"}  # dead links have tests of their own

    assert {code for code, _ in FIRES} == codes
    assert {code for code, _ in SILENT} == codes


def test_the_weekday_is_set_right():
    """The remark says which day it is, and shows the words."""
    (remark,) = [
        one
        for one in lint(attrs.evolve(GOOD, title="Marche samedi 13 novembre 2026"), today=TODAY)
        if one.code == "AN006"
    ]

    assert remark.severity is RemarkLevel.ERROR
    assert (remark.field, remark.excerpt) == ("title", "samedi 13 novembre 2026")
    assert remark.message_fr == "Le 13 novembre 2026 est un vendredi, pas un samedi."
    assert remark.message_en == "2026-11-13 is a Friday, not a Saturday."


def test_a_year_that_is_not_written_is_that_of_the_event():
    """A date without a year is read around the event, not around today."""
    later = attrs.evolve(
        GOOD,
        event_start=dt.date(2027, 11, 13),
        event_end=None,
        title="Marche, samedi 13 novembre",
        body="",
        publish_until=dt.date(2027, 11, 13),
    )

    assert not {"AN006", "AN008"} & _codes(later)


def test_numbers_of_persons_are_not_repeated():
    """A social security number is named, never printed; its key makes it an error."""
    sure, unsure = "2 84 05 48 095 012 48", "2 84 05 48 095 012 34"
    levels = {}
    for number in (sure, unsure):
        for remark in lint(attrs.evolve(GOOD, body=f"Numéro {number}"), today=TODAY):
            assert "84" not in str(remark)
            if remark.code == "AN015":
                levels[number] = remark.severity

    assert levels == {sure: RemarkLevel.ERROR, unsure: RemarkLevel.WARNING}


@pytest.mark.parametrize(
    ("state", "level"),
    [(LinkState.ALIVE, None), (LinkState.DEAD, "ERROR"), (LinkState.UNKNOWN, "HINT")],
)
def test_links_are_asked_about_once(state, level):
    """Link, files and addresses in texts are looked at once each; a doubt is only a hint."""
    asked = []

    def look(url: str) -> LinkState:
        asked.append(url)
        return state

    one = attrs.evolve(GOOD, body_short="Voir https://example.org/depistage, http://b.example.org.")
    remarks = [remark for remark in lint(one, today=TODAY, links=look) if remark.code == "AN012"]

    assert asked == [
        "https://example.org/depistage",
        "https://example.org/affiche.pdf",
        "http://b.example.org",
    ]
    fields = ["url", "attachments[0]", "body_short", "body_short"]
    assert [remark.field for remark in remarks] == (fields if level else [])
    assert {remark.severity.name for remark in remarks} == ({level} if level else set())


def test_a_territory_teaches_its_acronyms():
    """What a territory calls its own is not shouting, and is asked to be explained."""
    one = attrs.evolve(GOOD, body="Le PAYSLOT vous invite.")

    assert "AN001" in _codes(one)
    meant = {"PAYSLOT": "pays du Lot"}
    assert "AN001" not in _codes(one, acronyms=meant)
    assert "AN019" in _codes(one, acronyms=meant)
    explained = attrs.evolve(one, body="Le Pays du Lot (PAYSLOT) vous invite.")
    assert not {"AN001", "AN019"} & _codes(explained, acronyms=meant)


def test_french_habits_are_not_asked_of_other_languages():
    """No-break spaces, acronyms and readability are only judged in French, or where it is open."""
    text = {"body": "Come: the ARS invites you!" + _HARD, "title": "Walk: today"}
    asked = {
        language: {"AN018", "AN019", "AN020"}
        & _codes(attrs.evolve(GOOD, language=language, **text))
        for language in ("en", "oc", "fr", "fr-FR", "FR", "")
    }

    assert asked["en"] == asked["oc"] == set()
    french = {"AN018", "AN019", "AN020"}
    assert asked["fr"] == asked["fr-FR"] == asked["FR"] == asked[""] == french


def test_rules_can_be_left_out():
    """A code in ``ignore`` is not asked."""
    one = attrs.evolve(GOOD, audience=())

    assert _codes(one) == {"AN027"}
    assert _codes(one, ignore=frozenset({"AN027"})) == set()


def test_what_matters_most_comes_first():
    """Errors, then warnings, then hints."""
    one = attrs.evolve(
        GOOD, title="MARCHE samedi 13 novembre 2026!!", body="Le 31 novembre: CPTS", audience=()
    )
    order = [remark.severity for remark in lint(one, today=TODAY)]

    assert order == sorted(order, key=list(RemarkLevel).index)
    assert set(order) == set(RemarkLevel)


def test_the_published_table_lists_every_rule():
    """docs/reference/announcement-rules.md has one line per rule, as the code has it."""
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("| AN")]

    assert rows == [
        f"| {rule.code} | {rule.level.value} | {rule.summary_en} | {rule.summary_fr} |"
        for rule in RULES
    ]


WORDS = st.sampled_from(
    [
        *(
            "SAMEDI 31 février 2026",
            "dim. 1er nov.",
            "00/00/00",
            "Mme E. est malade",
            "DON DU SANG",
        ),
        *("06 12 34 56 78", "a@b.fr", "http://", "https://é.fr/\ud800", "2 84 05 48 095 012 34"),
        *("!!!", "« »", "«", "\u00a0:", "\x00", "\n", "e\u0301", "🩺", "CPTS", "(CPTS)", "demain"),
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=12).map(" ".join)
WHENS = st.none() | st.dates() | st.datetimes(timezones=st.none() | st.just(dt.UTC))


FIELDS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("title", "title_short", "body", "body_short", "place", "url"), TEXTS),
        "event_start": WHENS,
        "event_end": WHENS,
        "publish_from": st.none(),
        "publish_until": st.none() | st.dates(),
        "attachments": st.tuples(st.builds(Attachment, url=TEXTS, alt=TEXTS)),
    }
)


@settings(max_examples=200, deadline=None)
@given(fields=FIELDS, today=st.dates())
def test_the_linter_never_raises_and_never_changes_anything(fields, today):
    """Any text is looked at; the announcement stays what it was, and the remarks are the same."""
    one = attrs.evolve(GOOD, **fields)

    remarks = lint(one, today=today, links=_alive)

    assert one == attrs.evolve(GOOD, **fields)
    assert remarks == lint(one, today=today, links=_alive)
    assert all(len(remark.excerpt) <= 80 for remark in remarks)


@pytest.mark.parametrize(
    "text", ["A " * 5_000, "a" * 50_000, "1 " * 20_000, " " * 50_000, "M. A" * 9_000]
)
def test_long_texts_are_looked_at_quickly(text):
    """No rule takes longer than in proportion to the text (seconds would show it)."""
    before = dt.datetime.now(dt.UTC)
    lint(attrs.evolve(GOOD, body=text, title=text[:2_000]), today=TODAY)

    assert dt.datetime.now(dt.UTC) - before < dt.timedelta(seconds=5)
