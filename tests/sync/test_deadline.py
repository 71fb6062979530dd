# SPDX-License-Identifier: Apache-2.0
"""A run that has to end in time, and two runs that want the same link."""

import datetime as dt
import os

import attrs
import pytest

from territoire_sante.errors import LinkBusyError, RetryableError, StoreUnusableError
from territoire_sante.sync import TIME_IS_UP, apply
from territoire_sante.sync._lease import LENGTH, Holder, Lease


class Clock:
    """Seconds that pass with each call of the server."""

    def __init__(self, world, each=1.0):
        self.seconds = 0.0
        self.each = each
        world.server.on_call = self._tick

    def _tick(self, call):
        if call.verb in ("create", "replace", "delete"):
            self.seconds += self.each

    def __call__(self):
        """Return the time."""
        return self.seconds


def test_a_run_ends_in_time_and_the_next_goes_on(world):
    """After the deadline nothing new is begun; cursor and rest are left, later runs finish."""
    for number in range(10):
        world.put(f"e{number}", summary=f"e{number}")
    made = world.plan()
    first = apply(world.store, made, now=world.now, deadline=4.0, clock=Clock(world))

    assert first.counts()["done"] == 4
    assert first.counts()["deferred"] == 6
    assert first.stopped == TIME_IS_UP
    assert len(world.server.documents) == 4

    second = apply(world.store, world.plan(), now=world.now, deadline=4.0, clock=Clock(world))

    assert second.remote_writes == 4

    last = world.sync()

    assert last.remote_writes == 2
    assert not last.stopped
    assert world.sync().is_quiet
    assert len(world.server.documents) == 10


def test_no_time_at_all(world):
    """With no time left nothing is asked of the server but to be opened."""
    world.put("a", summary="A")
    made = world.plan()
    world.server.calls.clear()
    report = apply(world.store, made, now=world.now, deadline=0.0)

    assert report.counts()["deferred"] == 1
    assert [call.verb for call in world.server.calls] == ["open"]


def test_conflicts_are_noted_even_when_the_time_is_over(world):
    """What waits for a person touches neither side, and is in the journal all the same."""
    world.put("a", summary="A")
    world.sync()
    world.put("a", summary="Ici")
    world.edit("A", summary="Là-bas")
    world.put("b", summary="B")
    report = apply(world.store, world.plan(), now=world.now, deadline=0.0)

    assert report.counts()["conflict"] == 1
    assert report.counts()["deferred"] == 1


def test_a_wait_beyond_the_deadline_is_not_waited(world):
    """A server that asks for more time than there is ends the run at once; the rest is deferred."""
    for number in range(3):
        world.put(f"e{number}", summary=f"e{number}")
    world.server.fail(RetryableError("busy", retry_after=30.0), at=2, verb="create")
    waits = []
    report = apply(
        world.store,
        world.plan(),
        now=world.now,
        deadline=20.0,
        clock=lambda: 0.0,
        sleep=waits.append,
    )

    assert waits == []
    assert "busy" in report.stopped
    assert report.counts()["deferred"] == 1
    world.sync()

    assert len(world.server.documents) == 3


# Holding a link.


def hold(world, hours=0, **other):
    """Hold the world's link as another process would, from so many hours on."""
    world.sync()  # makes the tables
    since = world.now + dt.timedelta(hours=hours)
    holder = attrs.evolve(Holder.here(), token="another", **other)
    lease = Lease(link=world.link.name, holder=holder)
    with world.store.transaction() as transaction:
        lease.take(transaction.connection, since)
    return lease


def test_two_runs_at_a_time_are_refused(world):
    """Who comes second is told who is at work, and since when; nothing is written."""
    hold(world, host="un-autre-poste", pid=4242)
    world.put("a", summary="A")
    made = world.plan()
    with pytest.raises(LinkBusyError) as caught:
        apply(world.store, made, now=world.now - dt.timedelta(minutes=55))

    assert "4242" in str(caught.value)
    assert "un-autre-poste" in str(caught.value)
    assert "2027-03-01T09:00:00+00:00" in str(caught.value)
    assert not world.server.documents


def test_a_quiet_run_needs_no_hold(world):
    """A run that has nothing to write is not refused because another one is at work."""
    hold(world, 1, host="un-autre-poste", pid=4242)

    assert world.sync().is_quiet


def test_the_hold_of_a_dead_process_ends_at_once(world):
    """On the same machine it is seen that a process is gone."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    hold(world, 1, pid=child)
    world.put("a", summary="A")

    assert world.sync().remote_writes == 1


def test_the_hold_of_a_live_process_ends_with_its_time(world):
    """A process that lives but does not renew its hold loses it after a while."""
    lease = hold(world, pid=os.getppid())
    world.put("a", summary="A")
    made = world.plan()
    with pytest.raises(LinkBusyError):
        apply(world.store, made, now=world.now - dt.timedelta(hours=1) + LENGTH / 2)
    apply(world.store, made, now=world.now)

    assert len(world.server.documents) == 1
    with world.store.transaction() as transaction:
        assert not lease.renew(transaction.connection, world.now)


def test_a_run_that_failed_in_this_process_holds_nothing(world):
    """A run of this process that has ended counts as gone, even if it could not say so."""
    hold(world, 1)
    world.put("a", summary="A")

    assert world.sync().remote_writes == 1


def test_an_error_gives_the_link_back(world):
    """A run that ends with an exception lets the next one begin."""
    world.put("a", summary="A")
    made = world.plan()

    def stop(*_):
        raise StoreUnusableError("no room")

    with pytest.raises(StoreUnusableError):
        apply(world.store, made, now=world.now, progress=stop)

    assert world.sync().counts()["failed"] == 0
    assert len(world.server.documents) == 1


def test_a_run_that_was_taken_over_stops(world):
    """A run whose hold was lost while it was asleep begins nothing new."""
    for number in range(40):
        world.put(f"e{number:02}", summary=f"e{number:02}")
    other = Lease(link=world.link.name, holder=Holder(token="another", host="x", pid=1))

    def steal(call):
        if call.verb == "create":
            world.server.on_call = None
            with world.store.transaction() as transaction:
                other.take(transaction.connection, world.now + dt.timedelta(hours=1))

    world.server.on_call = steal
    report = apply(world.store, world.plan(), now=world.now)

    assert "taken over" in report.stopped
    assert report.counts()["deferred"] == 24
    assert len(world.server.documents) == 16
