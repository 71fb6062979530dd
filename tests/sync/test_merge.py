# SPDX-License-Identifier: Apache-2.0
"""The three-way merge, as laws and as the cases that item-level tools lose."""

from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.sync._merge import RULES, Rules, decide, diff, merge3, merge_set

NAMES = ("summary", "location", "start", "end", "rrule", "categories")
RULE = RULES["Event"]
TEXTS = st.sampled_from(["", "a", "b", "c"])


@st.composite
def views(draw):
    """Draw a plain view with some text fields and one set."""
    texts = {name: draw(TEXTS) for name in NAMES if name != "categories"}
    members = draw(st.lists(st.sampled_from(["x", "y", "z"]), unique=True))
    return {**texts, "categories": members}


@given(views(), views())
def test_one_side_alone_wins(base, edited):
    """What only one side changed is taken over by the other, whole."""
    there = merge3(RULE, base, base, base, edited)
    here = merge3(RULE, base, edited, base, base)

    assert there.view == edited
    assert there.to_local == diff(base, edited)
    assert here.view == edited
    assert here.to_remote == diff(base, edited)
    assert not there.conflicts
    assert not here.conflicts


@given(views(), views())
def test_same_edit_is_settled(base, edited):
    """The same edit on both sides is no conflict and moves nothing."""
    merged = merge3(RULE, base, edited, base, edited)

    assert merged.view == edited
    assert not merged.conflicts
    assert not merged.to_local
    assert not merged.to_remote


@given(views(), views(), views(), views())
@settings(max_examples=300)
def test_no_edit_is_lost(local_base, local, remote_base, remote):
    """Every edited text ends in the merged view or in a conflict that names both values."""
    merged = merge3(RULE, local_base, local, remote_base, remote)
    named = {conflict.field for conflict in merged.conflicts}

    for name in diff(local_base, local) - {"categories"}:
        assert name in named or merged.view[name] == local[name]
    for name in diff(remote_base, remote) - {"categories"}:
        assert name in named or merged.view[name] == remote[name] or local[name] == remote[name]


@given(views(), views(), views())
def test_sides_are_told_apart(base, local, remote):
    """After both sides took over what they are told to, they hold the same view."""
    merged = decide(merge3(RULE, base, local, base, remote), "local")
    here = {**local, **{name: merged.view[name] for name in merged.to_local}}
    there = {**remote, **{name: merged.view[name] for name in merged.to_remote}}

    assert here == there


def test_disjoint_edits_merge():
    """SUMMARY changed here and LOCATION there are both kept."""
    base = {"summary": "Soirée", "location": "Mairie"}
    merged = merge3(
        RULE,
        base,
        {"summary": "Soirée MSP", "location": "Mairie"},
        base,
        {"summary": "Soirée", "location": "Salle des fêtes"},
    )

    assert merged.view == {"summary": "Soirée MSP", "location": "Salle des fêtes"}
    assert merged.to_local == {"location"}
    assert merged.to_remote == {"summary"}


def test_rewriting_server_is_no_edit():
    """A server that keeps another text than it was sent did not edit anything."""
    merged = merge3(
        RULE,
        {"summary": "Café, thé", "location": "A"},
        {"summary": "Café, thé", "location": "B"},
        {"summary": "Café", "location": "A"},
        {"summary": "Café", "location": "A"},
    )

    assert merged.view["summary"] == "Café, thé"
    assert merged.to_remote == {"location"}
    assert not merged.to_local


def test_times_are_one_atom():
    """A start moved here and an end moved there is one conflict, not a third meeting."""
    base = {"start": "10:00", "end": "11:00", "rrule": ""}
    merged = merge3(RULE, base, {**base, "start": "09:00"}, base, {**base, "end": "12:00"})

    assert {conflict.field for conflict in merged.conflicts} == {"start", "end"}


def test_exception_follows_its_rule():
    """A rule moved here and an exception added there cannot be merged blindly."""
    base = {"start": "mon", "end": "", "rrule": "FREQ=WEEKLY", "exdates": []}
    merged = merge3(RULE, base, {**base, "start": "tue"}, base, {**base, "exdates": ["mon 2"]})

    assert merged.conflicts


def test_sets_merge_by_member():
    """A category added on each side, and one removed here, give all three changes."""
    merged = merge_set(str, (["a", "b"], ["a", "c"]), (["a", "b"], ["a", "b", "d"]))

    assert merged == (["a", "d", "c"], ["a", "d", "c"])


def test_equal_members_are_all_kept():
    """Two telephones with the same number stay two."""
    twice = [{"value": "1", "types": ["home"]}, {"value": "1", "types": ["work"]}]
    new = {"value": "2", "types": []}
    merged = merge_set(lambda m: m["value"], (twice, twice), (twice, [*twice, new]))

    assert merged == ([*twice, new], [*twice, new])


def test_member_without_room_here_stays_there():
    """A category that this side cannot hold survives an edit made here of the others."""
    merged = merge3(
        RULE,
        {"categories": ["a"]},
        {"categories": ["a", "b"]},
        {"categories": ["a", "foreign"]},
        {"categories": ["a", "foreign"]},
    )

    assert merged.view == {"categories": ["a", "b"]}
    assert merged.there == {"categories": ["a", "foreign", "b"]}
    assert merged.to_remote == {"categories"}
    assert not merged.to_local


def test_respelled_telephone_is_the_same():
    """A number that the server writes in its own way is neither doubled nor out of reach."""
    merged = merge_set(
        str,
        (["04 65 71 00 01", "04 65 71 00 02"], ["04 65 71 00 02", "04 65 71 00 03"]),
        (["+33465710001", "+33465710002"], ["+33465710001", "+33465710002", "+33465710004"]),
    )

    assert merged == (
        ["04 65 71 00 02", "+33465710004", "04 65 71 00 03"],
        ["+33465710002", "+33465710004", "04 65 71 00 03"],
    )


def test_edited_member_beats_removed_member():
    """A telephone removed on one side and edited on the other stays, edited."""
    old, edited = {"value": "1", "label": ""}, {"value": "1", "label": "accueil"}
    merged = merge_set(lambda m: m["value"], ([old], []), ([old], [edited]))

    assert merged == ([edited], [edited])


def test_member_changed_in_two_ways_is_a_conflict():
    """One telephone labelled differently on both sides is left to a person."""
    merged = merge3(
        Rules(sets={"telephones": lambda m: m["value"]}),
        {"telephones": [{"value": "1", "label": ""}]},
        {"telephones": [{"value": "1", "label": "a"}]},
        {"telephones": [{"value": "1", "label": ""}]},
        {"telephones": [{"value": "1", "label": "b"}]},
    )

    assert [conflict.field for conflict in merged.conflicts] == ["telephones"]


def test_decision_keeps_both_values():
    """Whoever wins, the conflict still names the losing value."""
    base = {"summary": "a"}
    merged = merge3(RULE, base, {"summary": "b"}, base, {"summary": "c"})
    remote = decide(merged, "remote")

    assert remote.view == {"summary": "c"}
    assert remote.to_local == {"summary"}
    assert remote.conflicts[0].local == "b"
