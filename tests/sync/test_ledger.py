# SPDX-License-Identifier: Apache-2.0
"""The delivery ledger: what became of each announcement on each channel."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager

import attrs
import pytest

from territoire_sante import sync
from territoire_sante.errors import (
    AuthError,
    InvalidValueError,
    ItemRefusedError,
    NeedsPersonError,
    RetryableError,
    TransitionError,
)
from territoire_sante.formats import feed
from territoire_sante.model import (
    Announcement,
    AnnouncementState,
    Channel,
    ChannelKind,
    ChannelLimits,
    DateGranularity,
)
from territoire_sante.plugins import Capability, Catalog, Shown
from territoire_sante.store import Store
from territoire_sante.sync import DeliveryState, Direction, Link
from territoire_sante.testing import MemoryServer, memory_connector

START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
WRITES = (Capability.WRITE, Capability.CONFIRM)
ONE = "announcement:1"


@attrs.define
class Town:
    """A store, and channels that each have a server in memory and a link."""

    store: Store
    catalog: Catalog
    now: dt.datetime = START
    links: dict = attrs.field(factory=dict)
    servers: dict = attrs.field(factory=dict)

    def channel(self, name, *, capabilities=WRITES, limits=None, **link):
        """Add a channel; it can be written to and looked at."""
        server = MemoryServer()
        spec = memory_connector(
            server, lens=feed.FeedFormat.JSON.lens(), name=name, capabilities=capabilities
        )
        self.catalog.register(attrs.evolve(spec, limits=limits))
        self.servers[name] = server
        self.links[name] = Link(
            name=name, connector=name, view="announcement", direction=Direction.PUSH, **link
        )
        return server

    def put(self, local="1", **fields):
        """Store an approved announcement."""
        known = {"title": f"Médicobus {local}", "body": "De 9 h à 12 h."}
        state = {"state": AnnouncementState.APPROVED}
        one = Announcement(id=f"announcement:{local}", **{**known, **state, **fields})
        self.store.put(one)
        return one

    def change(self, local="1", **fields):
        """Correct an announcement."""
        self.store.put(attrs.evolve(self.get(local), **fields))

    def get(self, local="1"):
        """Return an announcement."""
        return self.store.get(Announcement, f"announcement:{local}")

    def publish(self, *names, hours=1):
        """Sync the channels named, or all, some hours later."""
        self.now += dt.timedelta(hours=hours)
        reports = []
        for name in names or self.links:
            plan = sync.plan(self.store, self.links[name], catalog=self.catalog, now=self.now)
            reports.append(sync.apply(self.store, plan, now=self.now))
        return reports

    def line(self, link, local="1"):
        """Return what became of an announcement on a link."""
        found = list(sync.deliveries(self.store, link=link, announcement=f"announcement:{local}"))
        return found[0] if found else None

    def states(self, link):
        """Return the states on a link by the last part of the announcement's id."""
        return {
            one.announcement.partition(":")[2]: one.state.value
            for one in sync.deliveries(self.store, link=link)
        }

    def sent(self, name):
        """Return how many writes a channel saw."""
        return len(self.servers[name].writes)


@pytest.fixture
def town():
    """Give a town without channels."""
    with Store.open("memory:") as store:
        yield Town(store, Catalog())


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


TEXT = "Dans la console, « Liste des panneaux », archivez « Médicobus 1 »."


def no_delete(server):
    """Make a channel unable to take anything down."""
    server.fail(NeedsPersonError("no call for it", hand_over=TEXT), verb="delete")


def test_a_withdrawal_is_handed_over(town):
    """Where only a person can do it, the text stays until a person says that it is done."""
    server = town.channel("app")
    town.put()
    town.publish()
    no_delete(server)
    sync.withdraw(town.store, ONE, now=town.now)
    (report,) = town.publish()
    town.publish()
    line = town.line("app")

    assert (line.state, line.hand_over) == (DeliveryState.HANDED_OVER, TEXT)
    assert [e.why("fr") for e in report.entries] == [TEXT]
    sync.mark_done(town.store, ONE, "app", now=town.now)
    town.publish()

    assert town.states("app") == {"1": "withdrawn"}
    with pytest.raises(InvalidValueError):
        sync.mark_done(town.store, ONE, "app", now=town.now)


def test_a_refused_removal_is_handed_over(town):
    """A channel that refuses to take down what it showed needs a person, too."""
    server = town.channel("app")
    town.put()
    town.publish()
    server.fail(ItemRefusedError("403"), verb="delete")
    sync.withdraw(town.store, ONE, now=town.now)
    town.publish()
    line = town.line("app")

    assert line.state is DeliveryState.HANDED_OVER
    assert "« Médicobus 1 »" in line.hand_over
    assert "announcements done announcement:1 app" in line.hand_over


def test_what_does_not_fit_is_refused_with_a_proposal(town):
    """A title that is too long is refused in French with what would fit; corrected, it goes."""
    town.channel("app", limits=ChannelLimits(title_max=20))
    town.put(title="Dépistage du diabète au marché, samedi")
    town.publish()
    line = town.line("app")

    assert (line.state, line.cause) == (DeliveryState.REFUSED, "misfit")
    assert line.proposal is not None
    assert "20" in line.why("fr")
    town.change(title="Dépistage samedi")
    town.publish()

    assert town.states("app") == {"1": "visible"}


def test_a_correction_that_does_not_fit_leaves_the_older_version(town):
    """What was shown is shown still, and the ledger says that it is the older version."""
    town.channel("app", limits=ChannelLimits(title_max=20))
    town.put(title="Dépistage samedi")
    town.publish()
    town.change(title="Dépistage du diabète au marché, samedi")
    town.publish()

    assert town.states("app") == {"1": "partial"}
    town.change(title="Dépistage dimanche")
    town.publish()

    assert town.states("app") == {"1": "visible"}


def test_the_same_notice_twice_is_held(town):
    """Of two notices with one content and audience the second is held, until the first goes."""
    town.channel("app")
    town.put(title="Pareil", audience=("48095",))
    town.put("2", title="Pareil", audience=("48095",))
    town.put("3", title="Pareil", audience=("48001",))
    town.publish()
    line = town.line("app", "2")

    assert town.states("app") == {"1": "visible", "2": "held", "3": "visible"}
    assert line.cause == "duplicate"
    assert "announcement:1" in line.why("fr")
    sync.withdraw(town.store, ONE, now=town.now)
    town.publish()
    town.publish()

    assert town.states("app") == {"1": "withdrawn", "2": "visible", "3": "visible"}


def test_patience_is_kept_to_the_minute(town):
    """A channel that asks for patience is not asked again before, and then gets the notice."""
    server = town.channel("app")
    town.put()
    server.fail(RetryableError("429", retry_after=5400), verb="create")
    town.publish()
    line = town.line("app")
    town.publish()

    assert (line.state, line.cause) == (DeliveryState.FAILED, "RetryableError")
    assert "à partir du 01/03/2027 à 11:30" in line.why("fr")
    assert town.sent("app") == 1
    town.publish()

    assert town.states("app") == {"1": "visible"}


def with_reserve(town):
    """Give a town two channels, the second of which helps the first out."""
    town.channel("site")
    server = town.channel("app", limits=ChannelLimits(title_max=20), fallback="site")
    for name, of in (("app", "app"), ("site", "site")):
        kind = ChannelKind.WEBSITE
        town.store.put(Channel(id=f"channel:{of}", kind=kind, name=name, link=name))
    town.put(title="Dépistage du diabète au marché", channel_ids=("channel:app",))
    return server


def test_a_refused_notice_goes_to_the_fallback(town):
    """What does not fit one channel is shown by its fallback, until it fits."""
    with_reserve(town)
    town.publish("app")
    town.publish("site")
    app, site = town.line("app"), town.line("site")

    assert (app.state, app.fallback) == (DeliveryState.REFUSED, "site")
    assert (site.state, site.fallback_of) == (DeliveryState.VISIBLE, "app")
    town.change(title="Dépistage")
    town.publish("app")
    town.publish("site")

    assert (town.states("app"), town.states("site")) == ({"1": "visible"}, {"1": "withdrawn"})


@pytest.mark.parametrize(
    ("error", "helped"),
    [
        (ItemRefusedError("422"), True),
        (AuthError("401"), True),
        (RetryableError("503"), False),
    ],
)
def test_only_what_lasts_asks_the_fallback(town, error, helped):
    """A refusal and a dead key call the fallback, a passing trouble does not."""
    server = with_reserve(town)
    town.change(title="Dépistage")
    server.fail(error, verb="create")
    town.publish("app")
    town.publish("site")

    assert (town.sent("site") == 1) is helped


def test_a_link_that_cannot_be_opened_is_noted(town):
    """What was due on a channel that did not even open is not lost: the ledger says why."""
    server = town.channel("app")
    town.put()
    error = AuthError("401 Unauthorized", where="https://example.org")
    server.fail(error, verb="open")
    with pytest.raises(AuthError):
        town.publish()
    sync.note_failure(town.store, town.links["app"], error, catalog=town.catalog, now=town.now)
    line = town.line("app")

    assert (line.state, line.cause) == (DeliveryState.FAILED, "AuthError")
    assert "demandez-en un" in line.why("fr").lower()
    assert "401" not in line.why("fr")
    town.publish()

    assert town.states("app") == {"1": "visible"}


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
