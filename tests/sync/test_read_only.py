# SPDX-License-Identifier: Apache-2.0
"""A collection that this account may read, and not write to."""

from __future__ import annotations

from territoire_sante.errors import ReadOnlyError
from territoire_sante.formats import Document
from territoire_sante.sync import Outcome


def test_reading_goes_on_where_writing_is_refused(world):
    """The edit made here is refused with its reason; what is there comes here all the same."""
    world.put("ours", summary="Ours")
    there = b'{"uid": "theirs", "summary": "Theirs"}'
    world.server.put("/theirs", Document(there, "application/json"))
    world.server.fail(ReadOnlyError("this account may not write"), verb="create")

    report = world.sync()
    outcomes = {entry.title: entry.outcome for entry in report.entries}

    assert outcomes == {"Ours": Outcome.REFUSED, "Theirs": Outcome.DONE}
    assert "may not write" in next(e.detail for e in report.entries if e.title == "Ours")
    assert list(world.there()) == ["Theirs"]


def test_a_right_given_later_is_used(world):
    """Once the account may write, the edit that was refused goes through by itself."""
    world.put("ours", summary="Ours")
    world.server.fail(ReadOnlyError("this account may not write"), verb="create")
    world.sync()

    world.sync()

    assert list(world.there()) == ["Ours"]
    assert world.sync().is_quiet
