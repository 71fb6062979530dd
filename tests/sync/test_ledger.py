# SPDX-License-Identifier: Apache-2.0
"""The delivery ledger: what became of each announcement on each channel."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import attrs
import pytest

from territoire_sante import sync
from territoire_sante.errors import (
    TransitionError,
)
from territoire_sante.model import (
    AnnouncementState,
    ChannelLimits,
    DateGranularity,
)
from territoire_sante.plugins import Capability, Catalog, Shown
from territoire_sante.sync import DeliveryState

START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
WRITES = (Capability.WRITE, Capability.CONFIRM)
ONE = "announcement:1"


def test_a_notice_goes_out_once_and_is_seen(town):
    """What was accepted is confirmed by read-back, and a second publish sends nothing."""
    town.channel("app")
    town.put()
    town.publish()
    first = town.line("app")
    town.publish()

    assert first.state is DeliveryState.VISIBLE
    assert (first.sent_at, first.checked_at) == (START + dt.timedelta(hours=1),) * 2
    assert town.get().state is AnnouncementState.PUBLISHED
    assert town.sent("app") == 1
    assert town.line("app").checked_at == town.now
    assert [c.state.value for c in sync.delivery_history(town.store, "app", ONE)] == [
        "accepted",
        "visible",
    ]


@pytest.mark.parametrize("shown", list(Shown))
def test_what_readers_see_is_told(town, shown):
    """The ladder follows what the channel shows, and a correction starts it anew."""
    server = town.channel("app")
    town.put()
    server.shown["/memory/announcement-1"] = shown
    server.choose_href = lambda _hint: "/memory/announcement-1"
    town.publish()

    assert town.states("app") == {"1": shown.value}
    server.shown.clear()
    town.change(body="De 14 h à 17 h.")
    town.publish()

    assert town.states("app") == {"1": "visible"}
    assert town.sent("app") == 2


def test_without_confirm_nobody_can_look(town):
    """A channel that cannot be looked at leaves what it accepted unknown, and says so."""
    town.channel("app", capabilities=(Capability.WRITE,))
    town.put()
    town.publish()
    line = town.line("app")

    assert (line.state, line.cause) == (DeliveryState.UNKNOWN, "no_confirm")
    assert "ne dit pas ce qu'il affiche" in line.why("fr")


@pytest.mark.parametrize("dates", [DateGranularity.DAY, DateGranularity.NONE])
def test_a_scheduled_notice_is_held_to_the_minute(town, dates):
    """What is not due is not sent to a channel without times; it is at its minute."""
    town.channel("app", limits=ChannelLimits(dates=dates))
    town.put(publish_from=START + dt.timedelta(hours=2, minutes=30))
    town.publish()
    held = town.line("app")
    town.publish()

    assert (held.state, held.cause) == (DeliveryState.HELD, "schedule")
    assert "01/03/2027 à 11:30" in held.why("fr")
    assert town.get().state is AnnouncementState.SCHEDULED
    assert town.sent("app") == 0
    town.publish()

    assert town.states("app") == {"1": "visible"}
    assert town.get().state is AnnouncementState.PUBLISHED


def test_a_channel_that_knows_times_gets_it_at_once(town):
    """A channel that releases notices at their minute is told in advance."""
    town.channel("app", limits=ChannelLimits(dates=DateGranularity.MINUTE))
    town.put(publish_from=START + dt.timedelta(days=2))
    town.publish()

    assert town.sent("app") == 1


def test_an_expired_notice_is_never_sent(town):
    """What is over before it was sent anywhere stays here."""
    for dates in DateGranularity:
        town.channel(dates.value, limits=ChannelLimits(dates=dates))
    town.put(publish_until=START)
    town.put("2", publish_until=dt.date(2027, 2, 28))
    town.publish()

    assert {name: town.sent(name) for name in town.links} == {"none": 0, "day": 0, "minute": 0}


@pytest.mark.parametrize(("dates", "writes"), [("none", 2), ("day", 1), ("minute", 1)])
def test_what_is_over_is_taken_down_where_nobody_else_does(town, dates, writes):
    """At its end a notice is expired; a channel without dates is told to take it down."""
    town.channel("app", limits=ChannelLimits(dates=DateGranularity(dates)))
    town.put(publish_until=START + dt.timedelta(hours=2, minutes=30))
    town.publish()
    town.publish()
    town.publish()

    assert town.states("app") == {"1": "expired"}
    assert town.get().state is AnnouncementState.EXPIRED
    assert town.sent("app") == writes
    town.publish()

    assert town.sent("app") == writes


def test_many_may_expire_on_one_day(town):
    """Ends that were planned are no accident: no confirmation of a mass deletion is asked for."""
    server = town.channel("app", limits=ChannelLimits(dates=DateGranularity.NONE))
    for number in range(8):
        town.put(str(number), publish_until=dt.date(2027, 3, 1))
    town.publish()
    town.publish(hours=24)

    assert dict(server.documents) == {}
    assert set(town.states("app").values()) == {"expired"}


def test_a_withdrawal_is_done(town):
    """A withdrawn notice is taken down everywhere, and one not yet sent never goes."""
    town.channel("app")
    town.channel("site")
    town.put()
    town.put("2", publish_from=START + dt.timedelta(days=2))
    town.publish()
    for local in ("1", "2"):
        sync.withdraw(town.store, f"announcement:{local}", now=town.now)
    town.publish()

    assert town.states("app") == town.states("site") == {"1": "withdrawn", "2": "withdrawn"}
    assert town.get().state is AnnouncementState.WITHDRAWN
    town.publish(hours=72)

    assert (town.sent("app"), town.sent("site")) == (2, 2)


def test_a_draft_cannot_be_withdrawn(town):
    """What was never approved has nothing to be called back."""
    town.put(state=AnnouncementState.DRAFT)
    with pytest.raises(TransitionError):
        sync.withdraw(town.store, ONE, now=START)


def test_a_withdrawal_from_one_channel(town):
    """From the channel named it is taken down, on the other it stays."""
    town.channel("app")
    town.channel("site")
    town.put()
    town.publish()
    sync.withdraw(town.store, ONE, links=["app"], now=town.now)
    town.publish()
    town.publish(hours=30)

    assert (town.states("app"), town.states("site")) == ({"1": "withdrawn"}, {"1": "visible"})
    assert town.get().state is AnnouncementState.PUBLISHED


def test_a_refresh_looks_and_sends_nothing(town):
    """Without a run, the ledger can be told what is shown now."""
    server = town.channel("app")
    town.put()
    town.publish()
    (href,) = server.documents
    server.remove(href)
    now = town.now + dt.timedelta(minutes=5)
    looked = sync.refresh(town.store, town.links["app"], catalog=town.catalog, now=now)

    assert looked == 1
    assert town.states("app") == {"1": "gone"}
    assert town.sent("app") == 1


def test_a_lost_answer_is_unknown_until_it_is_settled(town):
    """A write whose answer was lost is unknown; the next run settles it without a double."""
    server = town.channel("app", capabilities=(Capability.READ, *WRITES))
    town.put()
    server.lose_answer(verb="create")
    town.publish()

    assert town.states("app") == {"1": "unknown"}
    assert town.line("app").cause == "OutcomeUnknownError"
    town.publish()

    assert town.states("app") == {"1": "visible"}
    assert len(server.documents) == 1


def test_the_limits_of_the_instance_count(town):
    """Where an instance tells what it takes, that is what a notice is held to."""
    town.channel("app", limits=ChannelLimits(title_max=100))
    spec = town.catalog.get("app")

    @contextmanager
    def opened(config):
        with spec.open(config) as transport:
            yield Telling(transport, ChannelLimits(title_max=5))

    town.catalog = Catalog()
    town.catalog.register(attrs.evolve(spec, open=opened))
    town.put()
    town.publish()

    assert town.states("app") == {"1": "refused"}
    assert "5" in town.line("app").why("fr")


@attrs.frozen
class Telling:
    """A transport that tells what its instance takes."""

    transport: object
    told: ChannelLimits

    def limits(self):
        """Return it."""
        return self.told

    def __getattr__(self, name):
        return getattr(self.transport, name)
