# SPDX-License-Identifier: Apache-2.0
"""What real servers do with writes and versions: rows of the reference, each by its number."""

from __future__ import annotations

import pytest

from territoire_sante.errors import (
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Ref
from territoire_sante.sync import Outcome, conflicts
from territoire_sante.testing.dav import Faults, Incident, Reply

ALL = {"create", "replace-missing", "delete"}
SOGO = "/SOGo/dav/msp/Calendar/personal/"


# --- 1: preconditions that are not kept ------------------------------------------------------


def test_row_01_creation_overwrites_nothing(linked, event):
    """On SOGo, a creation under a name that is taken leaves what is there."""
    world = linked(SOGO, ignores=ALL, uid_conflict="accept")
    world.far.put("taken.ics", event("theirs").data)
    with world.open() as transport, pytest.raises(ConflictError):
        transport.create("taken", event("ours"))

    assert world.far.data("taken.ics") == event("theirs").data


def test_row_01_stale_deletion_deletes_nothing(linked):
    """On SOGo, what somebody edited after we read it is not deleted, but brought here."""
    world = linked(SOGO, ignores=ALL)
    world.put("a", summary="Bilan")
    world.sync()
    world.store.delete(type(world.get("Bilan")), "event:a")
    made = world.plan()
    world.edit("Bilan", "SUMMARY:Bilan", "SUMMARY:Bilan annuel")
    world.apply(made)
    world.sync()
    world.sync()

    assert world.there == world.here == ["Bilan annuel"]


def test_row_01_replacement_revives_nothing(linked):
    """On SOGo, an edit of what somebody deleted meanwhile is settled, not written blindly."""
    world = linked(SOGO, ignores=ALL)
    world.put("a", summary="Bilan")
    world.sync()
    world.put("a", location="Salle")
    made = world.plan()
    world.far.remove(world.name("Bilan"))
    world.apply(made)
    world.sync()
    world.sync()

    assert world.there == world.here
    assert len(world.there) < 2
    assert world.sync().is_quiet


def test_row_01_learnt_of_any_server(linked, event):
    """A server with any name that was seen to overwrite is looked at before the next write."""
    world = linked(ignores=ALL, uid_conflict="accept")
    for name in "ab":
        world.far.put(f"{name}.ics", event(name).data)
    with world.open() as transport:
        transport.create("a", event("a", "B"))
        with pytest.raises(ConflictError):
            transport.create("b", event("c"))
        with pytest.raises(ConflictError):
            transport.delete(Ref(f"{world.far.path}b.ics", '"1"'))

    assert world.far.data("b.ics") == event("b").data


# --- 2: versions that come back --------------------------------------------------------------


@pytest.mark.parametrize("path", [SOGO, "/dav/agenda/"])
def test_row_02_an_etag_that_comes_back(linked, event, path):
    """An item deleted and made again with other content gets the same ETag, and is read anew."""
    world = linked(path, etags="counter", seconds=True)
    world.far.put("x.ics", event("u", "Avant").data)
    world.sync()
    world.far.remove("x.ics")
    world.far.put("x.ics", event("u", "Après").data)
    world.sync()

    assert world.here == ["Après"]
    assert world.sync().is_quiet


def test_row_02_another_item_under_an_old_name(linked, event):
    """Another item that takes a deleted one's name and ETag is another item."""
    world = linked(etags="counter")
    world.far.put("x.ics", event("u", "Avant").data)
    world.sync()
    world.far.remove("x.ics")
    world.far.put("x.ics", event("v", "Autre").data)
    world.sync()
    world.sync()

    assert world.here == ["Autre"]
    assert world.there == ["Autre"]


def test_row_02_a_deletion_is_no_hint(linked, event):
    """What sync-collection says is gone, and is, goes here too although its ETag may return."""
    world = linked(etags="counter")
    for uid in "uvwxyz":
        world.far.put(f"{uid}.ics", event(uid, uid).data)
    world.sync()
    world.far.remove("x.ics")
    world.sync()

    assert world.here == ["u", "v", "w", "y", "z"]


# --- 5, 19: what a refusal means -------------------------------------------------------------


@pytest.mark.parametrize("how", ["refuse", "bare", "403", "412"])
def test_row_05_a_uid_that_is_taken(linked, event, how):
    """A UID taken by another name is told as such, not as a conflict of versions."""
    world = linked(uid_conflict=how)
    world.far.put("other.ics", event("u").data)
    wanted = pytest.raises(ItemRefusedError, match="UID" if how != "bare" else "409")
    with world.open() as transport, wanted:
        transport.create("new", event("u"))

    assert list(world.far) == ["other.ics"]


@pytest.mark.parametrize("how", ["refuse", "bare", "403", "412", "accept"])
def test_row_05_both_sides_make_the_same_item(linked, how):
    """When another of us made the same item under another name, there is one in the end."""
    world = linked(uid_conflict=how)
    world.put("a", summary="Bilan")
    world.sync()
    name = world.name("Bilan")
    world.far.put("other.ics", world.far.data(name))
    world.far.remove(name)
    world.put("a", location="Salle")
    world.sync()
    world.sync()

    assert world.there == world.here == ["Bilan"]
    assert world.view(world.name("Bilan")).location == "Salle"
    assert world.sync().is_quiet


def test_row_05_duplicates_of_a_uid(linked, event):
    """Of two objects with one UID one is the item; the other is set aside and left alone."""
    world = linked(uid_conflict="accept")
    world.far.put("a.ics", event("u", "Un").data)
    world.far.put("b.ics", event("u", "Deux").data)
    report = world.sync()
    world.sync()

    assert len(world.here) == 1
    assert [e.outcome for e in report.entries].count(Outcome.QUARANTINED) == 1
    assert world.far.data("a.ics") == event("u", "Un").data
    assert world.far.data("b.ics") == event("u", "Deux").data


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 415, 500])
@pytest.mark.parametrize("named", [True, False])
def test_row_19_refused_data(linked, status, named):
    """Whatever status bad data get, they concern one item; the others are written."""
    world = linked()
    for name in ("Un", "Refusé", "Trois"):
        world.put(f"{len(name)}", summary=name)

    def refuse(asked):
        if "Refusé".encode() not in asked.body:
            return None
        body = b'<D:error xmlns:D="DAV:"><C:valid-calendar-data xmlns:C="urn:x"/></D:error>'
        return Reply(status, body if named else b"", {"Content-Type": "application/xml"})

    world.server.on("PUT", refuse)
    world.sync()
    world.sync()

    assert world.there == ["Trois", "Un"]
    assert world.here == ["Refusé", "Trois", "Un"]
    assert not conflicts.list(world.store)
    world.server.recover()
    world.put("6", location="Salle")
    world.sync()
    assert world.there == world.here


@pytest.mark.parametrize("status", [500, 502, 503])
def test_row_19_failed_and_stored_all_the_same(linked, status):
    """A 5xx to a write that was stored is settled by reading: nothing twice, nothing lost."""
    world = linked()
    world.put("a", summary="Un")
    world.put("b", summary="Deux")
    world.server.happen(Incident.failed_but_done("PUT", status))
    world.sync()
    world.sync()

    assert world.there == world.here == ["Deux", "Un"]
    assert world.sync().is_quiet


def test_row_19_a_gone_item_is_no_gone_collection(linked):
    """A 404 to a PUT, with the collection there, is not the collection's end."""
    world = linked()
    world.put("a", summary="Un")
    world.server.on("PUT", Reply(404))
    with world.open() as transport, pytest.raises(ItemRefusedError):
        transport.create("a", Document(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar"))


# --- 9, 10: what is stored is not what was sent ----------------------------------------------


def test_row_09_rewriting_is_no_edit(linked):
    """A server that reorders, splits, upper-cases and adds makes no edit, conflict or write."""
    world = linked(
        rewrites={"reorder", "upper", "split-categories", "lf"},
        adds=("CLASS:PUBLIC", "X-SERVER:1"),
    )
    world.put("a", summary="Bilan", categories=("Un", "Deux"), description="a, b; c")
    world.sync()
    first = world.sync()
    second = world.sync()
    world.put("a", summary="Bilan 2")
    world.sync()

    assert second.is_quiet
    assert first.counts()["failed"] == 0
    assert world.get("Bilan 2").categories == ("Un", "Deux")
    assert world.there == ["Bilan 2"]
    assert b"X-SERVER:1" in world.far.data(world.name("Bilan 2"))
    assert not conflicts.list(world.store)


def test_row_09_what_a_server_drops_stays_here(linked):
    """A property that the server doesn't keep is not lost here, and not written again and again."""
    world = linked(drops={"LOCATION", "X-"})
    world.put("a", summary="Bilan", location="Salle")
    world.sync()
    world.sync()
    quiet = world.sync()
    world.edit("Bilan", "SUMMARY:Bilan", "SUMMARY:Bilan 2")
    world.sync()

    assert quiet.is_quiet
    assert world.get("Bilan 2").location == "Salle"


@pytest.mark.parametrize("faults", [{"etag_on_put": False}, {"etags": "missing"}])
def test_row_09_no_etag_after_put(linked, faults):
    """Without an ETag in the answer, the stored form is read, and the next run is quiet."""
    world = linked(rewrites={"reorder"}, **faults)
    world.put("a", summary="Bilan")
    world.sync()
    world.asked()

    assert world.sync().is_quiet
    assert "PUT" not in world.asked()


def test_row_10_a_card_changes_its_version(cards):
    """A server that turns vCard 4.0 into 3.0 on its way back is no conflict for the next write."""
    server, book, open_book = cards
    server.faults = Faults(rewrites={"vcard3"})
    card = b"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:u\r\nFN:%b\r\nEND:VCARD\r\n"
    with open_book() as transport:
        ref = transport.create("u", Document(card % b"A", "text/vcard"))
        (read,) = transport.read([ref.href])
        assert b"VERSION:3.0" in read.document.data
        ref = transport.replace(read.ref, Document(card % b"B", "text/vcard"))
        (listed,) = transport.list()

    assert ref == listed
    assert b"FN:B" in book.data("u.vcf")


# --- 11: weak and strong ---------------------------------------------------------------------


def test_row_11_compression_makes_an_etag_weak(linked, event):
    """Our own requests ask for no compression, so GET, PUT and PROPFIND tell one ETag."""
    world = linked(gzip=True)
    world.far.put("a.ics", event("u").data)
    world.server.on("REPORT", Reply(501))
    with world.open() as transport:
        (listed,) = transport.list()
        (read,) = transport.read([listed.href])

    assert read.ref == listed
    assert not listed.etag.startswith("W/")


@pytest.mark.parametrize("etags", ["strong", "weak"])
def test_row_11_a_weak_etag_is_compared_without_its_mark(linked, event, etags):
    """An ETag that was seen weak is the same version, and is sent in its strong form."""
    world = linked(etags=etags)
    world.far.put("a.ics", event("u").data)
    href = f"{world.far.path}a.ics"
    with world.open() as transport:
        transport.replace(Ref(href, 'W/"1"'), event("u", "B"))
        with pytest.raises(ConflictError):
            transport.delete(Ref(href, 'W/"1"'))
    sent = [asked.headers["If-Match"] for asked in world.server.log if asked.method == "PUT"]

    assert sent == (['"1"'] if etags == "strong" else [None])
    assert world.far.data("a.ics") == event("u", "B").data


@pytest.mark.parametrize("etags", ["unquoted", "percent", "empty", "changing"])
def test_row_11_odd_etags(linked, etags):
    """ETags without quotes, with escaped quotes, empty or never the same lose no edit."""
    world = linked(etags=etags)
    world.put("a", summary="Bilan")
    world.sync()
    world.put("a", summary="Bilan 2")
    world.sync()
    world.edit("Bilan 2", "SUMMARY:Bilan 2", "SUMMARY:Bilan 3")
    world.put("a", location="Salle")
    world.sync()
    world.sync()

    assert world.there == world.here == ["Bilan 3"]
    assert world.view(world.name("Bilan 3")).location == "Salle"
    assert world.sync().is_quiet
    assert "PUT" not in world.asked()[-3:]


# --- 20: scheduling --------------------------------------------------------------------------

PEOPLE = (
    "ORGANIZER:mailto:chef@example.org\r\nATTENDEE:mailto:chef@example.org\r\n"
    "ATTENDEE:mailto:ami@example.org\r\nEND:VEVENT"
)


@pytest.mark.parametrize("stays", [True, False])
def test_row_20_scheduling(linked, event, stays):
    """Copies and marks that the server makes of invitations come here, and are never undone."""
    world = linked(mails=True, copies_stay=stays)
    elsewhere = world.server.calendar("chef")
    world.server.faults |= Faults(copies_to=world.far.path)
    data = event("u", "Invitation").data.replace(b"END:VEVENT", PEOPLE.encode())
    with world.open(url=world.server.url_of(elsewhere)) as transport:
        ref = transport.create("u", Document(data, "text/calendar"))
        world.sync()
        assert world.here == ["Invitation"]
        mails = len(world.server.mails)
        world.put("a", summary="À nous")
        world.sync()
        assert len(world.server.mails) == mails
        assert b"SCHEDULE-STATUS" in world.far.data(world.name("Invitation"))
        transport.delete(ref)
    world.sync()

    assert world.here == (["Invitation", "À nous"] if stays else ["À nous"])
    assert world.sync().is_quiet


def test_row_20_our_edit_of_an_invitation(linked, event):
    """Our edit of an event with people changes its own line and leaves the server's marks."""
    world = linked(mails=True)
    data = event("u", "Invitation").data.replace(b"END:VEVENT", PEOPLE.encode())
    world.far.put("u.ics", data)
    world.sync()
    (known,) = world.store.all(type(world.get("Invitation")))
    world.put(known.id.partition(":")[2], location="Salle")
    world.sync()

    assert b"LOCATION:Salle" in world.far.data("u.ics")
    assert b"ATTENDEE;SCHEDULE-STATUS=1.2:mailto:ami@example.org" in world.far.data("u.ics")
    assert world.sync().is_quiet


# --- 21: small things ------------------------------------------------------------------------


def test_row_21_a_missing_item_gets_412(linked, event):
    """A deletion that is refused by 412 because nothing is there says that nothing is there."""
    world = linked(delete_missing=412)
    with (
        world.open() as transport,
        pytest.raises(ItemNotFoundError),
    ):
        transport.delete(Ref(f"{world.far.path}a.ics", '"1"'))


def test_row_21_a_location_that_is_another_host(linked, event):
    """A Location of ``//alice/…`` is not believed: the item is where it was put."""
    world = linked(location="//alice/calendars/{name}")
    world.put("a", summary="Bilan")
    world.sync()

    assert world.sync().is_quiet
    assert {asked.path.partition("agenda/")[0] for asked in world.server.log} == {"/dav/"}


def test_row_21_bodies_are_whole_and_named(linked):
    """A PUT is never chunked, and tells its type with its characters."""
    world = linked(http10=True)
    world.put("a", summary="Bilan")
    world.sync()
    (put,) = (asked for asked in world.server.log if asked.method == "PUT")

    assert "Transfer-Encoding" not in put.headers
    assert int(put.headers["Content-Length"]) == len(put.body)
    assert put.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert world.sync().is_quiet


def test_row_21_a_slow_write_is_settled(linked):
    """A write that takes longer than our patience is of unknown outcome, and settled later."""
    world = linked(config={"timeout": 0.3})
    world.put("a", summary="Bilan")
    world.server.happen(Incident(method="PUT", stall=0.8))
    world.sync()
    world.sync()

    assert world.there == ["Bilan"]
    assert world.sync().is_quiet


def test_row_12_interim_answers(linked):
    """After ``102 Processing`` nothing is taken for the answer to something else."""
    world = linked()
    for name in ("Un", "Deux", "Trois"):
        world.put(name.lower(), summary=name)
    world.server.happen(Incident(method="PUT", interim=(102,), skip=1))
    world.server.happen(Incident(method="REPORT", interim=(102, 102)))
    world.sync()
    world.sync()
    world.sync()

    assert world.there == world.here == ["Deux", "Trois", "Un"]
    assert world.sync().is_quiet


def test_row_12_interim_answer_to_one_write(linked, event):
    """A write answered by an interim answer first is of unknown outcome, never of another's."""
    world = linked()
    world.server.happen(Incident(method="PUT", interim=(102,)))
    with world.open() as transport:
        with pytest.raises(OutcomeUnknownError):
            transport.create("a", event("u"))
        (listed,) = transport.list()

    assert listed == Ref(f"{world.far.path}a.ics", '"1"')
