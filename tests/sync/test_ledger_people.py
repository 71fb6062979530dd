# SPDX-License-Identifier: Apache-2.0
"""The delivery ledger: what people are asked to do, and what helps in the meantime."""

from __future__ import annotations

import datetime as dt

import pytest

from territoire_sante import sync
from territoire_sante.errors import (
    AuthError,
    InvalidValueError,
    ItemRefusedError,
    NeedsPersonError,
    RetryableError,
)
from territoire_sante.model import (
    AnnouncementState,
    Channel,
    ChannelKind,
    ChannelLimits,
)
from territoire_sante.plugins import Capability
from territoire_sante.sync import DeliveryState

START = dt.datetime(2027, 3, 1, 8, 0, tzinfo=dt.UTC)
WRITES = (Capability.WRITE, Capability.CONFIRM)
ONE = "announcement:1"


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


def test_what_only_a_person_can_put_there(town):
    """Put there by hand, it is not asked for again; corrected or withdrawn, it is handed over."""
    server = town.channel("copy")
    server.refuse = lambda href, _: NeedsPersonError("by hand", hand_over="À coller.", href=href)
    town.put()
    town.publish()

    assert town.line("copy").hand_over == "À coller."
    done = sync.mark_done(town.store, ONE, "copy", now=town.now)
    town.publish(hours=30)
    town.publish(hours=30)

    assert (done.state, town.states("copy")) == (DeliveryState.UNKNOWN, {"1": "unknown"})
    assert town.get().state is AnnouncementState.PUBLISHED
    assert town.sent("copy") == 1
    town.change(body="De 14 h à 17 h.")
    town.publish()

    assert town.states("copy") == {"1": "handed_over"}
    sync.mark_done(town.store, ONE, "copy", now=town.now)
    sync.withdraw(town.store, ONE, now=town.now)
    town.publish()

    assert "« Médicobus 1 »" in town.line("copy").hand_over
    sync.mark_done(town.store, ONE, "copy", now=town.now)
    town.publish()

    assert town.states("copy") == {"1": "withdrawn"}
