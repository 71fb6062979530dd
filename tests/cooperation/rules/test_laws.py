# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante import Store
from territoire_sante.cooperation.rules import (
    RULES,
    RuleBook,
    check,
    to_html,
    to_markdown,
    to_sarif,
)
from territoire_sante.cooperation.rules import grouped as groups_of
from territoire_sante.testing.strategies import entities

BOOK = RuleBook(own=RULES)
KINDS = sorted({cls.KIND for rule in RULES for cls in rule.about})
TODAY = dt.date(2026, 11, 20)


def asked(*those, today=TODAY):
    """Return what the rules find in a store with these entities, and its picture."""
    with Store.open("memory:") as store:
        store.put(*those)
        snapshot = store.snapshot()
    return list(check(snapshot, today=today, book=BOOK)), snapshot


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(entities(*KINDS), max_size=5, unique_by=lambda one: one.id),
    st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)),
)
def test_no_rule_crashes(those, today):
    """Whatever a store holds, rules find or are silent; only days off the calendar stop one."""
    found, snapshot = asked(*those, today=today)

    for one in found:
        assert one.code != "TS000" or "leaves the calendar" in one.message.en
        assert one.message.fr.strip()
        assert one.subject_id
    for language in ("fr", "en"):
        groups = groups_of(found, by="commune", name=snapshot.name_of, language=language)
        assert to_markdown(groups, language=language).count("\n## ") == len(groups)
        assert to_html(groups, language=language).count("<li") == len(found)
    log = to_sarif(found, RULES, language="fr", version="1")
    assert len(log["runs"][0]["results"]) == len(found)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(entities(*KINDS), max_size=5, unique_by=lambda one: one.id))
def test_one_subject_alone_is_found_as_among_all(those):
    """What is asked about each subject alone is what is found about all at once."""
    found, snapshot = asked(*those)
    alone = [
        one
        for subject in those
        for one in check(snapshot, today=TODAY, among=[subject.id], book=BOOK)
        if one.code != "TS000"
    ]
    together = [one for one in found if one.code != "TS000"]

    def order(one):
        return (one.code, one.subject_id, one.message.fr)

    assert sorted(alone, key=order) == sorted(together, key=order)


def test_an_empty_store_has_no_finding():
    """Where nothing is known, nothing is found."""
    assert asked()[0] == []
