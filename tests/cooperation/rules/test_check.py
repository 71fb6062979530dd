# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import attrs
import pytest

from territoire_sante import Store
from territoire_sante.cooperation import Sentence
from territoire_sante.cooperation.rules import (
    RULES,
    Hit,
    Mute,
    RuleBook,
    RuleEntry,
    Severity,
    check,
    concerning,
    grouped,
    installed_rules,
    to_html,
    to_markdown,
    to_plain,
    to_sarif,
)
from territoire_sante.cooperation.rules._quotes import PLENARY, QUOTES
from territoire_sante.cooperation.rules._reference import page
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Actor,
    ActorKind,
    ClsStage,
    Duration,
    LiaisonAssignment,
    LiaisonKind,
    LocalHealthContract,
    Period,
)

ROOT = Path(__file__).parents[3]
SEEDS = ROOT.parent / "shared" / "seeds"
TODAY = dt.date(2026, 11, 20)
BOOK = RuleBook(own=RULES)
TEAM = Actor(
    id="actor:msp", kind=ActorKind.MSP, name="MSP <du> *Causse*", territory_id="commune:48001"
)
OVER = LiaisonAssignment(
    id="liaison:1",
    kind=LiaisonKind.DAC,
    actor_id="actor:dac",
    serves_ids=("actor:msp",),
    period=Period(end=TODAY),
)
ENDING = LocalHealthContract(
    id="cls:1",
    name="CLS",
    territory_id="epci:nord",
    stage=ClsStage.RUNNING,
    ends_on=dt.date(2027, 1, 1),
)


@pytest.fixture
def snapshot(ground):
    """Give a picture in which TS007, TS010 and TS011 find something."""
    with Store.open("memory:") as store:
        store.put(*ground, TEAM, OVER, ENDING)
        yield store.snapshot()


def codes(findings):
    """Return the codes of findings."""
    return [one.code for one in findings]


def test_all_rules_are_asked(snapshot):
    """Without a choice every rule is asked, and what it finds comes by code."""
    assert codes(check(snapshot, today=TODAY, book=BOOK)) == ["TS007", "TS010", "TS011"]


def test_some_rules_and_some_subjects(snapshot):
    """Rules can be chosen by code, and subjects by id."""
    assert codes(check(snapshot, today=TODAY, only=["TS010"], book=BOOK)) == ["TS010"]
    found = check(snapshot, today=TODAY, among=["cls:1", "nobody:1"], book=BOOK)
    assert codes(found) == ["TS010"]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"only": ["TS999"]}, id="rule"),
        pytest.param({"parameters": {"TS999": {}}}, id="parameters of no rule"),
        pytest.param({"parameters": {"TS010": {"never": 1}}}, id="parameter"),
        pytest.param({"parameters": {"TS010": {"within": 3}}}, id="kind of value"),
        pytest.param({"parameters": {"TS010": {"within": "soon"}}}, id="value"),
    ],
)
def test_what_there_is_not_is_refused_at_once(snapshot, wrong):
    """A rule, parameter or value that there is not is refused before anything is checked."""
    with pytest.raises(InvalidValueError) as refused:
        check(snapshot, today=TODAY, book=BOOK, **wrong)

    assert refused.value.where


@pytest.mark.parametrize(
    ("within", "count"),
    [(Duration(days=42), 1), ("P42D", 1), ("P41D", 0)],
    ids=["value", "text", "shorter"],
)
def test_parameters(snapshot, within, count):
    """A parameter is given as a value, or as text as a configuration has it."""
    given = {"TS010": {"within": within}}
    found = list(check(snapshot, today=TODAY, only=["TS010"], parameters=given, book=BOOK))

    assert len(found) == count


@pytest.mark.parametrize(
    ("mute", "hidden"),
    [
        pytest.param(Mute(code="TS010", reason="Vu en comité", until=TODAY), True, id="last day"),
        pytest.param(
            Mute(code="TS010", reason="Vu", until=TODAY - dt.timedelta(days=1)), False, id="expired"
        ),
        pytest.param(
            Mute(code="TS010", reason="Vu", until=TODAY, subject_id="cls:1"), True, id="subject"
        ),
        pytest.param(
            Mute(code="TS010", reason="Vu", until=TODAY, subject_id="cls:2"), False, id="other"
        ),
        pytest.param(Mute(code="TS011", reason="Vu", until=TODAY), False, id="other rule"),
    ],
)
def test_mutes(snapshot, mute, hidden):
    """A mute hides a rule, or one subject of it, up to its last day."""
    found = list(check(snapshot, today=TODAY, only=["TS010"], mutes=[mute], book=BOOK))

    assert (found == []) is hidden


def test_a_mute_says_why():
    """A mute without a reason is refused."""
    with pytest.raises(InvalidValueError, match="why"):
        Mute(code="TS010", reason=" ", until=TODAY)


def crash(view, subject):
    """Fail for one subject, and find something about the others."""
    if subject.id == TEAM.id:
        raise ZeroDivisionError(subject.id)
    yield Hit(subject=subject, message=Sentence(fr="…", en="…"))


def test_a_rule_that_crashes(snapshot, ground):
    """One that fails is told of once, goes on with its other subjects, and stops no other rule."""
    rule = attrs.evolve(RULES[0], code="AA001", about=(LocalHealthContract, Actor), check=crash)
    found = list(check(snapshot, today=TODAY, book=RuleBook(own=(*RULES, rule))))
    (fault,) = (one for one in found if one.code == "TS000")

    assert codes(found) == ["AA001", "TS000", "TS007", "TS010", "TS011"]
    assert (fault.subject_id, fault.severity) == ("AA001", Severity.ERROR)
    assert "ZeroDivisionError" in fault.message.en
    assert [one.id for one in fault.evidence] == [TEAM.id]


MODULE = """
import attrs
from territoire_sante.cooperation.rules import RULES
def find_nothing(view, subject):
    return ()
rule = attrs.evolve(RULES[0], code="XY001", check=find_nothing)
several = (rule, attrs.evolve(rule, code="XY002"))
clash = attrs.evolve(rule, code="TS001")
none = 3
"""


@pytest.fixture
def entry(tmp_path, monkeypatch):
    """Return a function that makes an entry of a module that is not imported yet."""
    (tmp_path / "third_party_rules.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "third_party_rules", raising=False)

    def entry(attribute, module="third_party_rules"):
        return RuleEntry(attribute, "third-party", "1.0", f"{module}:{attribute}")

    return entry


def test_rules_of_others(entry):
    """An entry gives one rule or several, which stand among the others by code."""
    rules, broken = RuleBook(own=RULES, entries=(entry("several"),)).load()

    assert [rule.code for rule in rules[-2:]] == ["XY001", "XY002"]
    assert broken == ()


def test_a_distribution_with_rules_is_found_without_importing_it(entry, tmp_path):
    """Entry points are listed by name and distribution, and nothing is imported for that."""
    info = tmp_path / "third_party-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[territoire_sante.rules]\nseveral = third_party_rules:several\n"
    )
    book = installed_rules()

    assert entry("several") in book.entries
    assert "third_party_rules" not in sys.modules
    assert {"XY001", "XY002"} <= {rule.code for rule in book.load()[0]}


@pytest.mark.parametrize(
    ("attribute", "module"),
    [
        pytest.param("rule", "no_such_module_of_rules", id="module"),
        pytest.param("absent", "third_party_rules", id="attribute"),
        pytest.param("none", "third_party_rules", id="no rule"),
        pytest.param("clash", "third_party_rules", id="code of another"),
    ],
)
def test_a_broken_distribution_is_named(snapshot, entry, attribute, module):
    """What cannot be loaded is a finding that names it; the other rules are asked."""
    book = RuleBook(own=RULES, entries=(entry(attribute, module),))
    fault, *rest = check(snapshot, today=TODAY, book=book)

    assert fault.code == "TS000"
    assert "third-party" in fault.message.en
    assert codes(rest) == ["TS007", "TS010", "TS011"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ({"commune": "48001"}, ["TS007", "TS010", "TS011"]),
        ({"commune": "commune:48002"}, ["TS010"]),
        ({"commune": "48003"}, []),
        ({"team": "actor:msp"}, ["TS007", "TS011"]),
        ({"team": "actor:other"}, []),
    ],
    ids=["seat", "same EPCI", "other EPCI", "team", "other team"],
)
def test_the_findings_of_a_commune_or_a_team(snapshot, scope, expected):
    """A commune is concerned by what is about the territories it is part of."""
    found = check(snapshot, today=TODAY, book=BOOK)

    assert codes(concerning(found, snapshot, **scope)) == expected


def test_each_rule_is_whole():
    """Codes and names are unique, in order, and a rule says what to do and when it is silent."""
    assert [rule.code for rule in RULES] == sorted({rule.code for rule in RULES})
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        for sentence in (rule.title, rule.action, rule.unknown):
            assert sentence.fr.strip()
            assert sentence.en.strip()


def test_each_rule_is_tried():
    """For each rule some test of this folder names its code."""
    tests = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))

    assert {rule.code for rule in RULES} <= set(re.findall(r"TS\d{3}", tests))


def test_the_published_page_is_made_from_the_code():
    """docs/reference/rules.md is what the code says."""
    assert (ROOT / "docs" / "reference" / "rules.md").read_text("utf-8") == page()


@pytest.mark.skipif(not SEEDS.is_dir(), reason="shared corpus absent")
@pytest.mark.parametrize("quote", QUOTES, ids=lambda quote: f"{quote.line} {quote.text[:20]}")
def test_quotes_are_the_words_of_the_reports(quote):
    """Each quote stands in its report, on the line that it names."""
    name = "000_a929e4f5bc273313.txt" if quote.source == PLENARY else "004_6c4c8719ff630a49.txt"
    lines = (SEEDS / name).read_text("utf-8").split("\n")

    assert quote.text in lines[quote.line - 1]


class Page(HTMLParser):
    """The tags of a page in their order."""

    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, _):
        """Keep the name of a tag."""
        self.tags.append(tag)


@pytest.fixture
def groups(snapshot):
    """Return a function that gives the findings by commune in a language."""
    found = list(check(snapshot, today=TODAY, book=BOOK))
    return lambda language, by="commune": grouped(
        found, by=by, name=snapshot.name_of, language=language
    )


def test_groups(groups):
    """Findings stand under their territory or team, the gravest first, those of neither last."""
    assert [codes(found) for found in groups("fr").values()] == [["TS007", "TS011"], ["TS010"]]
    assert list(groups("fr", "team"))[-1] == "Sans équipe"
    assert list(groups("en", "team"))[-1] == "Without a team"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_markdown_and_html_hold_every_finding(groups, language):
    """Both texts say the message, the action and the quote, and names are no markup."""
    markdown, html = (
        write(groups(language), language=language) for write in (to_markdown, to_html)
    )
    page = Page()
    page.feed(html)

    assert r"MSP \<du\> \*Causse\*" in markdown
    assert "MSP &lt;du&gt; *Causse*" in html
    assert "du" not in page.tags
    assert page.tags.count("li") == page.tags.count("blockquote") == 3
    assert markdown.count("TS0") == 3


def test_nothing_found_is_said(groups):
    """A report without findings says so."""
    assert "Aucun constat" in to_markdown({}, language="fr")
    assert "No finding" in to_html({}, language="en")


def test_json_and_sarif(snapshot):
    """Both are JSON; SARIF names each rule, its level, the subject and a fingerprint."""
    found = list(check(snapshot, today=TODAY, book=BOOK))
    plain = json.loads(json.dumps([to_plain(one) for one in found]))
    log = json.loads(json.dumps(to_sarif(found, RULES, language="fr", version="1")))
    (run,) = log["runs"]

    assert [one["code"] for one in plain] == codes(found)
    assert plain[0]["quote"]["line"] == 27
    assert log["version"] == "2.1.0"
    assert [one["level"] for one in run["results"]] == ["error", "warning", "note"]
    assert {one["ruleId"] for one in run["results"]} <= {
        one["id"] for one in run["tool"]["driver"]["rules"]
    }
    prints = {one["partialFingerprints"]["finding/v1"] for one in run["results"]}
    assert len(prints) == 3
