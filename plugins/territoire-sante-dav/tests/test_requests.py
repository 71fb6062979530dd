# SPDX-License-Identifier: Apache-2.0
"""How many requests a run takes, case by case: what a sync costs where the way is long."""

from __future__ import annotations

from collections import Counter

from territoire_sante_dav import DavConfig, open_calendar
from territoire_sante_dav._flavour import CALENDAR
from territoire_sante_dav._transport import open_collection


def test_quiet(linked):
    """A run in which nothing changed takes two requests: the collection, and its changes."""
    world = linked()
    world.fill(20)
    assert world.sync().is_quiet
    assert world.asked() == ["PROPFIND", "REPORT"]


def test_ten_changes(linked):
    """Five edits on either side take four requests, and one more for each write."""
    world = linked()
    world.fill(20)
    for number in range(5):
        world.edit(f"E{number}", f"E{number}", f"there {number}")
        event = world.get(f"E{number + 10}")
        world.put(event.id.removeprefix("event:"), summary=f"here {number}")
    world.asked()

    report = world.sync()
    asked = Counter(world.asked())

    assert report.counts()["done"] == 10
    assert asked.pop("PUT") == 5
    assert asked == {"PROPFIND": 1, "REPORT": 3}


def test_first_pull(linked, event):
    """A thousand items come here in at most five requests."""
    world = linked()
    for number in range(1000):
        world.far.put(f"m{number}.ics", event(f"m{number}").data)
    world.asked()

    report = world.sync()

    assert report.counts()["done"] == 1000
    assert len(world.asked()) <= 5


def test_the_collection_is_found_once_for_two_openings(faulty):
    """The second opening shortly after the first finds the collection without asking."""
    config = DavConfig(url=faulty.url)
    for _ in range(2):
        with open_calendar(config) as transport:
            assert transport.url == faulty.url
    assert faulty.methods() == ["PROPFIND"]

    with open_calendar(config):
        pass
    assert faulty.methods() == ["PROPFIND"]


def test_what_was_found_long_ago_is_looked_for_again(faulty):
    """Five minutes later the collection is looked for as if for the first time."""
    config = DavConfig(url=faulty.url)
    times = iter((0.0, 0.0, 301.0, 301.0))
    for _ in range(2):
        with open_collection(config, CALENDAR, clock=lambda: next(times)):
            pass
    assert faulty.methods() == ["PROPFIND"] * 2
