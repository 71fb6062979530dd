# SPDX-License-Identifier: Apache-2.0
"""What real servers do with listings, reports and tokens: rows of the reference by number."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    ConnectorError,
    MassDeletionError,
    ProtocolError,
)
from territoire_sante.plugins import Ref, Stored
from territoire_sante.sync import Outcome
from territoire_sante.testing.dav import Faults, Incident

NO_SYNC = {"sync": False, "ctag": False}


# --- 3: seconds instead of versions ----------------------------------------------------------


@pytest.mark.parametrize("sync", [True, False])
def test_row_03_two_changes_in_one_second(linked, event, sync):
    """Where token and ctag are seconds, the second change of one second is seen too."""
    world = linked(seconds=True, sync=sync)
    world.far.clock = lambda: 1_800_000_000.0
    world.fill()
    world.edit("E1", "SUMMARY:E1", "SUMMARY:first")
    world.sync()
    world.edit("E2", "SUMMARY:E2", "SUMMARY:second")
    world.far.remove("3.ics")
    world.sync()

    assert world.here == world.there
    assert {"first", "second"} <= set(world.here)
    assert "E3" not in world.here


def test_row_03_told_again(linked, event):
    """What is told again without having changed is not read again."""
    world = linked(seconds=True)
    world.far.clock = lambda: 1_800_000_000.0
    world.fill()

    assert world.sync().is_quiet
    assert world.asked() == ["PROPFIND", "REPORT"]


def test_row_03_an_empty_collection(linked, event):
    """The token ``-1`` of an empty collection is a token like any other."""
    world = linked(seconds=True)
    world.sync()
    world.far.put("a.ics", event("u", "A").data)
    world.sync()

    assert world.here == ["A"]


# --- 4: tokens that are not known ------------------------------------------------------------


@pytest.mark.parametrize("how", ["refuse", "412", "bare", "500", "accept"])
def test_row_04_a_token_that_is_not_known(linked, event, how):
    """However a server answers a token it forgot, what was deleted meanwhile is found in a day."""
    world = linked(sync_unknown=how)
    world.fill()
    world.far.remove("3.ics")
    world.far.forget()
    world.far.put("new.ics", event("new", "Neuf").data)
    world.sync()
    if how == "accept":
        world.sync_next_day()

    assert world.here == world.there
    assert "E3" not in world.here


@pytest.mark.parametrize(
    "form", ["{}", "data:,{}", "http://example.org/ns/sync/{}", "a<b>&\"{}'", "é{}", "f00-{}"]
)
def test_row_04_forms_of_tokens(linked, event, form):
    """A token is opaque text, sent back as it came."""
    world = linked(sync_form=form, sync_unknown="500")
    world.fill()
    world.far.remove("3.ics")
    world.sync()

    assert "E3" not in world.here
    depths = [asked.headers["Depth"] for asked in world.server.log if asked.method == "PROPFIND"]
    assert set(depths) == {"0"}


def test_row_04_a_restored_backup(linked, event):
    """A server that went back to an old state is told from one that lost edits within a day."""
    world = linked(sync_unknown="accept")
    world.fill()
    old = world.far.data("1.ics")
    world.edit("E1", "SUMMARY:E1", "SUMMARY:newer")
    world.sync()
    assert "newer" in world.here
    world.far.put("1.ics", old)
    world.far.forget()
    world.sync()

    assert world.here == world.there


# --- 6: multiget -----------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["404", "left-out", "fails"])
def test_row_06_one_is_missing(linked, event, missing):
    """One missing item is gone; the others are read, however the report tells it."""
    world = linked(multiget_missing=missing)
    hrefs = [f"{world.far.path}{n}.ics" for n in range(8)]
    for n in range(8):
        world.far.put(f"{n}.ics", event(f"u{n}").data)
    world.far.remove("5.ics")
    with world.open() as transport:
        read = [answer.ref.href for answer in transport.read(hrefs)]

    assert sorted(read) == [href for href in hrefs if "5.ics" not in href]


@pytest.mark.parametrize("faults", [{"multiget_max": 3}, {"multiget_limit": 3}])
def test_row_06_fewer_than_asked_for(linked, event, faults):
    """A server that answers only some, or refuses many, loses none of them."""
    world = linked(**faults)
    world.fill(11)

    assert len(world.here) == 11


def test_row_06_nothing_to_ask_for(linked):
    """No report is sent about no items."""
    world = linked()
    with world.open() as transport:
        world.asked()
        assert list(transport.read([])) == []
    assert world.asked() == []


# --- 7: what XML cannot hold -----------------------------------------------------------------


@pytest.mark.parametrize("fails", [True, False])
@pytest.mark.parametrize(
    "poison", ["bell \x07", "Réunion".encode("latin-1"), b"\xef\xbf\xbf", "nul \x00"]
)
def test_row_07_one_bad_object(linked, event, poison, fails):
    """An object that XML cannot hold harms no other, in any report and with any answer."""
    world = linked(poison_fails=fails)
    world.fill()
    bad = poison if isinstance(poison, bytes) else poison.encode()
    world.far.put("bad.ics", event("bad", "X").data.replace(b"SUMMARY:X", b"SUMMARY:" + bad))
    world.edit("E2", "SUMMARY:E2", "SUMMARY:edited")
    report = world.sync()
    kept = world.far.data("bad.ics")
    world.sync()

    assert "edited" in world.here
    assert len(world.here) in {8, 9}
    assert (len(world.here) == 9) != any(
        entry.outcome is Outcome.QUARANTINED for entry in report.entries
    )
    assert world.far.data("bad.ics") == kept


def test_row_07_an_emoji_in_a_name(linked, event):
    """A name written as surrogate references in the changes breaks nothing."""
    world = linked(sync_hrefs="surrogates")
    world.fill()
    world.far.put("😀.ics", event("smile", "Sourire").data)
    world.sync()

    assert "Sourire" in world.here
    world.edit("Sourire", "SUMMARY:Sourire", "SUMMARY:Rire")
    world.sync()
    assert "Rire" in world.here


# --- 8: pages --------------------------------------------------------------------------------


def test_row_08_no_limit_is_asked_for(linked, event):
    """We never ask for a part, since some servers lose the rest."""
    world = linked(limit="cut")
    world.fill()
    world.far.fill((f"n{n}.ics", event(f"n{n}", f"N{n}").data) for n in range(30))
    world.sync()

    assert len(world.here) == 38
    assert not any(b"limit" in asked.body for asked in world.server.log)


def test_row_08_a_507_is_followed(linked, event):
    """Where a server pages on its own account, all pages are read."""
    world = linked(page=4)
    world.fill()
    for n in range(30):
        world.far.put(f"n{n}.ics", event(f"n{n}", f"N{n}").data)
    world.far.remove("3.ics")
    world.sync()

    assert len(world.here) == 37
    assert "E3" not in world.here


def test_row_08_a_listing_that_is_cut_off(linked, event):
    """A listing with 507 for the collection deletes nothing."""
    world = linked(**NO_SYNC)
    world.fill()
    world.server.faults |= Faults(listing_cut=2)
    with pytest.raises(ProtocolError):
        world.sync()

    assert len(world.here) == 8


def test_row_08_a_rest_that_is_lost_is_found(linked, event):
    """What a server loses of the changes without a word is found within a day."""
    world = linked(page=4, page_told=False)
    world.fill()
    for n in range(10):
        world.far.put(f"n{n}.ics", event(f"n{n}", f"N{n}").data)
    world.sync()
    world.sync_next_day()

    assert world.here == world.there


# --- 17, 18: first syncs, line ends ----------------------------------------------------------


def test_row_17_tombstones_at_first(linked, event):
    """What was deleted before we came, or came and went between two runs, is no deletion here."""
    world = linked(first_tombstones=True)
    for n in range(8):
        world.far.put(f"{n}.ics", event(f"u{n}", f"E{n}").data)
    world.far.remove("3.ics")
    world.sync()
    assert len(world.here) == 7
    world.far.put("brief.ics", event("brief").data)
    world.far.remove("brief.ics")
    world.far.remove("2.ics")
    world.far.put("2.ics", event("u2", "Refait").data)

    world.sync()
    assert world.here == world.there
    assert "Refait" in world.here


def test_row_18_line_ends(linked, event):
    """Bytes are the same whether XML or GET brought them, so no run sees a difference."""
    world = linked(etags="missing", rewrites={"lf"})
    world.put("a", summary="A", description="Une\nDeux")
    world.sync()
    world.sync()
    world.server.faults |= Faults(multiget=False)
    quiet = world.sync()
    world.server.faults = Faults(etags="missing")

    assert quiet.is_quiet
    assert world.get("A").description == "Une\nDeux"


# --- 21: no help at all ----------------------------------------------------------------------


@pytest.mark.parametrize("faults", [{}, {"ctag": False}])
def test_row_21_without_sync_collection(linked, event, faults):
    """With a ctag, or nothing, changes and deletions are found by listing."""
    world = linked(sync=False, http10=True, **faults)
    world.fill()
    world.edit("E2", "SUMMARY:E2", "SUMMARY:edited")
    world.far.remove("3.ics")
    world.sync()

    assert world.here == world.there
    assert world.sync().is_quiet


def test_row_21_a_filter_that_is_ignored(linked, event):
    """An item renamed in silence is found by its UID where queries answer with everything."""
    world = linked(renames="silent", filters=False, etag_on_put=False)
    for n in range(3):
        world.far.put(f"{n}.ics", event(f"u{n}", f"E{n}").data)
    world.put("a", summary="A")
    world.sync()
    world.sync()
    world.put("a", location="Salle")
    world.sync()

    assert sorted(world.there) == ["A", "E0", "E1", "E2"]
    assert world.view(world.name("A")).location == "Salle"
    assert world.sync().is_quiet


# --- what is left out ------------------------------------------------------------------------


@pytest.mark.parametrize("sync", [True, False])
def test_left_out_of_listings(linked, event, sync):
    """Items that a listing leaves out, refuses or shows without ETag are not deleted here."""
    world = linked(sync=sync, ctag=False)
    world.fill()
    world.server.faults |= Faults(
        unlisted={"0.ics"}, forbidden={"1.ics"}, tagless={"2.ics"}, listed_twice=True
    )
    world.sync()
    world.sync_next_day()

    assert len(world.here) == 8


@pytest.mark.parametrize(
    "happening",
    [
        Incident(status=404, times=None),
        Incident(status=410, times=None),
        Incident(status=401, times=None),
        Incident(status=401, times=None, skip=2),
        Incident(status=207, body="<multistatus xmlns='DAV:'/>", times=None, skip=1),
        Incident(cut=-9, times=None),
        Incident(cut=-9, times=None, skip=1),
        Incident.login_page(),
        Incident.login_page(skip=1),
        Incident.busy("600", times=None),
        Incident.busy("Sun, 22 Nov 2099 08:49:37 GMT", 429, times=None),
        Incident.lost_request(times=None),
    ],
    ids=lambda incident: f"{incident.status}-{incident.cut}-{incident.skip}-{incident.hang_up}",
)
def test_failures_delete_nothing(linked, event, happening):
    """Whatever comes instead of a listing, at once or midway, nothing is deleted or written."""
    world = linked(sync=False, ctag=False)
    world.fill()
    world.far.put("9.ics", event("u9", "E9").data)
    world.server.happen(happening)
    with pytest.raises(ConnectorError):
        world.sync()

    assert len(world.here) == 8
    world.server.recover()
    world.sync()
    assert world.here == world.there
    assert len(world.there) == 9


def test_everything_gone_needs_a_word(linked, event):
    """A collection made anew and empty deletes nothing without a confirmation."""
    world = linked()
    world.fill()
    world.server.drop(world.far)
    world.far = world.server.calendar("agenda")
    with pytest.raises(MassDeletionError):
        world.sync()

    assert len(world.here) == 8


def test_two_writers_meet(linked, event):
    """Somebody who writes between our plan and our write wins nothing and loses nothing."""
    world = linked()
    world.fill(2)
    (known,) = (e for e in world.store.all(type(world.get("E0"))) if e.summary == "E0")
    world.put(known.id.partition(":")[2], location="Salle")
    made = world.plan()
    world.edit("E0", "SUMMARY:E0", "SUMMARY:Theirs")
    world.apply(made)
    world.sync()

    assert world.view("0.ics").summary == "Theirs"
    assert world.view("0.ics").location == "Salle"
    assert world.here == world.there


def test_read_one_by_one(linked, event):
    """Without multiget each item is got by itself, and all are there."""
    world = linked(multiget=False)
    world.fill()
    with world.open() as transport:
        refs = list(transport.list())
        read = list(transport.read([ref.href for ref in refs]))

    assert [answer.ref for answer in read] == refs
    assert all(isinstance(answer, Stored) and isinstance(answer.ref, Ref) for answer in read)
