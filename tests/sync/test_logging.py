# SPDX-License-Identifier: Apache-2.0
"""Logs say what was done to how many items, and nothing that is in them."""

import contextlib
import datetime as dt
import logging
import traceback

import attrs
import pytest

from territoire_sante.errors import (
    AuthError,
    ConflictError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    RetryableError,
    TerritoireSanteError,
)
from territoire_sante.formats import icalendar
from territoire_sante.model import CalendarUser, Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.store import Store
from territoire_sante.sync import Direction, Link, apply, plan
from territoire_sante.testing import Moment

CANARY = "kanarienvogel"
START = dt.datetime(2027, 3, 1, 8, tzinfo=dt.UTC)
CAPABILITIES = frozenset({Capability.READ, Capability.WRITE, Capability.DELTA})


def canaries(number):
    """Return an event with a canary in each field that takes text."""
    texts = {
        field.name: f"{CANARY}-{field.name}-{number}"
        for field in attrs.fields(Event)
        if field.type in ("str", str) and field.name not in ("id", "rrule")
    }
    return Event(
        **texts,
        id=f"event:{CANARY}-{number}",
        categories=(f"{CANARY}-category",),
        attendees=(CalendarUser(address=f"{CANARY}@example.org", name=CANARY),),
        start=START,
        end=START + dt.timedelta(hours=1),
        visibility=Visibility.PARTNERS,
    )


def told(records):
    """Return everything that log records say, or give to whom they are handed."""
    parts = []
    for record in records:
        parts += [record.getMessage(), *(f"{k}={v!r}" for k, v in record.__dict__.items())]
        if record.exc_info:
            parts += traceback.format_exception(*record.exc_info)
    return "\n".join(parts)


def test_the_canary_sings_at_all():
    """The event of these tests has its canary in the fields that calendars show."""
    document = icalendar.EVENT.put(canaries(1))

    for name in ("uid", "summary", "description", "location"):
        assert f"{CANARY}-{name}-1".encode() in document.data


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
@pytest.mark.parametrize(
    "error",
    [
        AuthError,
        ConflictError,
        ItemRefusedError,
        OutcomeUnknownError,
        ProtocolError,
        RetryableError,
        RuntimeError,
    ],
)
def test_no_content_in_the_logs(make_world, caplog, error, moment):
    """Whatever fails, at the lowest level no field of an event is in any log record."""
    world = make_world(capabilities=CAPABILITIES, lens=icalendar.EVENT)
    with caplog.at_level(logging.DEBUG):
        for verb in ("create", "replace", "delete", "read", "list", "changes"):
            for number in range(4):
                world.store.put(canaries(number))
            world.server.fail(error(f"{CANARY} in the error"), verb=verb, at=2, moment=moment)
            run(world)
            world.store.put(attrs.evolve(canaries(1), location=f"{CANARY}-ici"))
            world.store.delete(Event, f"event:{CANARY}-2")
            run(world)
            world.server._faults.clear()
            run(world)

    assert "link agenda" in told(caplog.records)
    assert CANARY not in told(caplog.records)


def run(world):
    """Sync, whatever becomes of it."""
    with contextlib.suppress(TerritoireSanteError):
        world.sync()


def test_records_are_data(make_world, caplog):
    """Each record carries link, action, outcome and the mark by which the report knows the item."""
    world = make_world(capabilities=CAPABILITIES)
    world.put("a", summary="A")
    with caplog.at_level(logging.INFO, logger="territoire_sante.sync"):
        report = world.sync()
    first, last = caplog.records[0], caplog.records[-1]
    (entry,) = report.entries

    assert (first.link, first.action, first.outcome) == ("agenda", "create_remote", "done")
    assert first.item == entry.mark == entry.to_plain()["mark"]
    assert (last.there, last.here, last.counts["done"]) == (1, 0, 1)


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_no_secret_in_the_logs(radicale, caplog, auth):
    """With a real server, no record has the password, and none of ours what is sent."""
    link = Link(
        name="agenda",
        connector="caldav",
        view="event",
        direction=Direction.BOTH,
        config={
            "url": radicale.create_calendar(f"logs-{auth}"),
            "username": "territoire",
            "password": f"{CANARY}-password",
            "auth": auth,
        },
    )
    catalog = Catalog.installed()
    with caplog.at_level(logging.DEBUG), Store.open("memory:") as store:
        store.put(canaries(1))
        for _ in range(2):
            with contextlib.suppress(AuthError):  # this Radicale knows no digest
                made = plan(store, link, catalog=catalog, now=START)
                apply(store, made, now=START)
    ours = [record for record in caplog.records if record.name.startswith("territoire_sante")]

    assert "territoire_sante.http" in {record.name for record in ours}
    assert f"{CANARY}-password" not in told(caplog.records)
    assert CANARY not in told(ours)
