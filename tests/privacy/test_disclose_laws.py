# SPDX-License-Identifier: Apache-2.0
"""Laws of disclosing, over made-up territories of every kind of sheet."""

from __future__ import annotations

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.model import Entity, LabelledEnum, Visibility
from territoire_sante.privacy import disclose
from territoire_sante.store import Store
from territoire_sante.testing.strategies import entities

territories = st.lists(entities(), max_size=12, unique_by=lambda one: (one.KIND, one.id))
audiences = st.sampled_from(Visibility)
laws = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


def snapshot_of(some):
    """Return the snapshot of a store that holds these."""
    with Store.open("memory:") as store:
        store.put(*some)
        return store.snapshot()


def all_of(snapshot):
    """Return everything in a snapshot by id."""
    return {one.id: one for cls in snapshot.classes for one in snapshot.all(cls)}


def texts(value):
    """Return every text in a value, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for member in value:
            yield from texts(member)
    elif attrs.has(type(value)) and not isinstance(value, LabelledEnum):
        for field in attrs.fields(type(value)):
            yield from texts(getattr(value, field.name))


@laws
@given(some=territories, audience=audiences)
def test_nothing_dangles(some, audience):
    """What is shown names nothing that was there and is hidden."""
    before = all_of(snapshot_of(some))
    after = all_of(disclose(snapshot_of(some), audience).snapshot)
    hidden = before.keys() - after.keys()
    assert after.keys() <= before.keys()
    assert hidden.isdisjoint(text for one in after.values() for text in texts(one))


@laws
@given(some=territories, audience=audiences)
def test_disclosing_again_changes_nothing(some, audience):
    """What an audience may see, it may see."""
    once = disclose(snapshot_of(some), audience)
    assert all_of(disclose(once.snapshot, audience).snapshot) == all_of(once.snapshot)
    assert once.audience is audience


@laws
@given(some=territories, narrow=audiences, wide=audiences)
def test_a_narrower_audience_sees_as_much_and_more(some, narrow, wide):
    """Disclosing for insiders first loses nothing that outsiders may see."""
    if wide.rank > narrow.rank:
        narrow, wide = wide, narrow
    snapshot = snapshot_of(some)
    inner = disclose(snapshot, narrow)
    both = all_of(disclose(inner.snapshot, wide).snapshot)
    assert both == all_of(disclose(snapshot, wide).snapshot)
    assert both.keys() <= all_of(inner.snapshot).keys()


@laws
@given(some=territories)
def test_for_oneself_nothing_changes_unless_somebody_objected(some):
    """At PRIVATE everything is as it was."""
    willing: list[Entity] = [
        attrs.evolve(one, opposed=False) if one.KIND == "person" else one for one in some
    ]
    snapshot = snapshot_of(willing)
    assert all_of(disclose(snapshot, Visibility.PRIVATE).snapshot) == all_of(snapshot)
