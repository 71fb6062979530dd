# SPDX-License-Identifier: Apache-2.0
"""Whatever happens to announcements and to their channels, the ledger does not lie."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from territoire_sante import sync
from territoire_sante.errors import (
    AuthError,
    ItemRefusedError,
    NeedsPersonError,
    RetryableError,
    TransitionError,
)
from territoire_sante.formats import feed
from territoire_sante.model import Announcement, AnnouncementState, ChannelLimits, DateGranularity
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.store import Store
from territoire_sante.sync import DeliveryState

LENS = feed.FeedFormat.JSON.lens()
ERRORS = {
    "auth": lambda: AuthError("401"),
    "refused": lambda: ItemRefusedError("422"),
    "busy": lambda: RetryableError("429", retry_after=5400),
    "person": lambda: NeedsPersonError("by hand", hand_over="À faire."),
}
WHO = st.sampled_from(["1", "2", "3"])
CHANNELS = st.sampled_from(["read", "blind"])
STEP = st.one_of(
    st.tuples(st.just("put"), WHO, st.integers(-30, 60), st.integers(1, 60)),
    st.tuples(st.just("change"), WHO),
    st.tuples(st.just("withdraw"), WHO, st.sampled_from([(), ("read",), ("blind",)])),
    st.tuples(st.just("done"), WHO, CHANNELS),
    st.tuples(
        st.just("fail"),
        CHANNELS,
        st.sampled_from(sorted(ERRORS)),
        st.sampled_from(["create", "replace", "delete", "confirm"]),
    ),
    st.tuples(st.just("lose"), CHANNELS, st.sampled_from(["create", "replace", "delete"])),
    st.tuples(st.just("publish"), st.integers(1, 20)),
)


def carry_out(town, number, step):
    """Do one thing that may happen in a town hall, or on a channel."""
    verb, *values = step
    if verb == "fail":
        town.servers[values[0]].fail(ERRORS[values[1]](), verb=values[2])
    elif verb == "lose":
        town.servers[values[0]].lose_answer(verb=values[1])
    elif verb == "publish":
        town.publish(hours=values[0])
        look(town)
    else:
        in_the_town_hall(town, number, verb, *values)


def in_the_town_hall(town, number, verb, who, *values):
    """Do what people do here; who is not there yet is only put."""
    if verb == "put" and not exists(town, who):
        start = town.now + dt.timedelta(hours=values[0])
        town.put(who, publish_from=start, publish_until=start + dt.timedelta(hours=values[1]))
    elif not exists(town, who):
        return
    elif verb == "change":
        town.change(who, body=f"Version {number}")
    elif verb == "withdraw":
        with contextlib.suppress(TransitionError):
            sync.withdraw(town.store, f"announcement:{who}", links=values[0], now=town.now)
    elif verb == "done":
        line = town.line(values[0], who)
        if line is not None and line.state is DeliveryState.HANDED_OVER:
            removed(town, values[0], line)
            sync.mark_done(town.store, line.announcement, values[0], now=town.now)


def removed(town, channel, line):
    """Do by hand what a person was asked to do: take it down if it is no longer wanted."""
    server = town.servers[channel]
    if line.href in server.documents:
        server.remove(line.href)


def exists(town, who):
    """Say whether there is such an announcement."""
    try:
        town.get(who)
    except LookupError:
        return False
    return True


def look(town):
    """Compare the ledger with what the channels show."""
    for name, server in town.servers.items():
        shown = [LENS.get(one) for one in server.documents.values()]
        uids = [one.uid for one in shown]

        assert len(uids) == len(set(uids))
        for line in sync.deliveries(town.store, link=name):
            there = {one.uid: one for one in shown}.get(line.uid)
            entity = town.store.get(Announcement, line.announcement)
            told = (name, line.announcement, line.state.value, line.cause)
            if line.state is DeliveryState.VISIBLE and line.cause != "not_withdrawn":
                assert there is not None, told
                assert there.body == entity.body, told
            if line.state in (DeliveryState.WITHDRAWN, DeliveryState.EXPIRED):
                assert there is None, told
            if line.state in (DeliveryState.HELD, DeliveryState.REFUSED, DeliveryState.FAILED):
                assert there is None, told
            if there is not None and entity.state is AnnouncementState.WITHDRAWN:
                assert line.needs_a_person or line.turn_at is not None, told


@pytest.fixture
def new_town(town):
    """Give a function that makes a town with two channels; the first can also be read."""
    made = type(town)

    def make(store):
        fresh = made(store, Catalog())
        limits = ChannelLimits(dates=DateGranularity.NONE)
        both = (Capability.WRITE, Capability.CONFIRM)
        fresh.channel("read", capabilities=(Capability.READ, *both), limits=limits)
        fresh.channel("blind", capabilities=both, limits=limits)
        return fresh

    return make


def test_the_ledger_never_lies(new_town):
    """After each publish, what the ledger calls visible, gone or waiting is so on the channel."""

    @settings(max_examples=settings.default.max_examples // 4, phases=(Phase.generate,))
    @given(st.lists(STEP, min_size=4, max_size=16))
    def law(steps):
        with Store.open("memory:") as store:
            town = new_town(store)
            for number, step in enumerate(steps):
                carry_out(town, number, step)
            for server in town.servers.values():
                server._faults.clear()
            for _ in range(4):
                town.publish(hours=30)
                look(town)
            before = [server.documents for server in town.servers.values()]
            town.publish(hours=1)
            look(town)

            assert [server.documents for server in town.servers.values()] == before

    law()
