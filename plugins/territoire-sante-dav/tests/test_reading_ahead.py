# SPDX-License-Identifier: Apache-2.0
"""While the caller works on the items of one report, the next ones come."""

from __future__ import annotations

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import AuthError, RetryableError
from territoire_sante.plugins import Stored
from territoire_sante.testing.dav import Incident

BATCH = 4
COUNT = 30
REPORT = "calendar-multiget"


@pytest.fixture
def thirty(faulty, event):
    """Store thirty items, of which eight reports tell, and give their hrefs."""
    return [faulty.put(f"m{n:02}.ics", event(f"m{n}")) for n in range(COUNT)]


def readers():
    """Return the threads that read ahead."""
    return [one for one in threading.enumerate() if "territoire-sante-read" in one.name]


incidents = st.builds(
    lambda skip, what: Incident(report=REPORT, skip=skip, **what),
    st.integers(0, 8),
    st.sampled_from([
        {"status": 500}, {"status": 502}, {"status": 507}, {"hang_up": True}, {"cut": 300},
        {"cut": -20}, {"stall": 0.02}, {"status": 207, "body": b"<x/>"}, {"status": 405},
        {"status": 503, "headers": {"Retry-After": "0"}},
    ]),
)  # fmt: skip


@given(happening=st.lists(incidents, max_size=4))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_the_same_as_one_after_the_other(faulty, thirty, happening):
    """Whatever happens to some reports, each item is read once and as it is, or it ends."""
    faulty.recover()
    faulty.happen(*happening)
    read, whole = [], True
    with faulty.open(batch=BATCH) as transport:
        try:
            read.extend(transport.read(thirty))
        except RetryableError:
            whole = False
            assert any(one.hang_up or one.cut for one in happening)
    told = {one.ref.href: one.document.data for one in read if isinstance(one, Stored)}

    assert len(told) == len(read)
    assert told == {href: faulty.items[href] for href in told}
    assert not whole or set(told) == set(thirty)
    assert readers() == []


def test_in_order_and_once(faulty, thirty):
    """Where all goes well the items come in the order asked for, by as few reports as fit."""
    with faulty.open(batch=BATCH) as transport:
        faulty.methods()

        assert [one.ref.href for one in transport.read(thirty)] == thirty
    assert faulty.methods() == ["REPORT"] * 8


def test_the_next_report_is_under_way(faulty, thirty):
    """The second report reaches the server while the caller still holds the first item."""
    second = threading.Event()

    def noted(asked):
        if thirty[BATCH] in asked.hrefs():
            second.set()

    faulty.on_report(REPORT, noted)
    with faulty.open(batch=BATCH) as transport:
        answers = transport.read(thirty)
        assert next(answers).ref.href == thirty[0]

        assert second.wait(5)
        answers.close()


def test_no_more_than_two_ahead(faulty, thirty):
    """A caller that takes its time finds the answers of two more reports at most."""
    with faulty.open(batch=BATCH) as transport:
        faulty.methods()
        answers = transport.read(thirty)
        next(answers)
        for reader in readers():
            # Nothing tells that nothing comes any more but some time.
            reader.join(0.3)

        assert len(faulty.methods()) <= 3
        answers.close()


def test_errors_come_at_their_place(faulty, thirty):
    """What ends the third report is raised once the items of the first two were given."""
    faulty.happen(Incident(report=REPORT, skip=2, status=401, times=None))
    with faulty.open(batch=BATCH) as transport:
        answers = transport.read(thirty)
        for href in thirty[: 2 * BATCH]:
            assert next(answers).ref.href == href
        with pytest.raises(AuthError):
            next(answers)
    assert readers() == []


def test_an_interrupted_caller_leaves_nothing_behind(faulty, thirty):
    """An exception of the caller, whatever it is, ends the reading ahead with the reading."""

    def work():
        with faulty.open(batch=BATCH) as transport:
            answers = transport.read(thirty)
            try:
                for _ in answers:
                    raise KeyboardInterrupt
            finally:
                answers.close()

    with pytest.raises(KeyboardInterrupt):
        work()
    assert readers() == []


def test_one_report_needs_no_thread(faulty, thirty):
    """What fits one report is asked for by the caller's own thread."""
    with faulty.open() as transport:
        answers = transport.read(thirty)
        next(answers)

        assert readers() == []
        answers.close()


def test_an_interrupted_run_leaves_nothing_behind(linked, event, monkeypatch):
    """A run that is interrupted while it reads ends with its threads, before anybody looks."""
    world = linked(config={"batch": BATCH})
    for number in range(COUNT):
        world.far.put(f"m{number}.ics", event(f"m{number}").data)

    def interrupted(_lens, _document):
        raise KeyboardInterrupt

    monkeypatch.setattr(type(world.lens), "require_whole", interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        world.plan()

    assert caught.tb is not None
    assert readers() == []
