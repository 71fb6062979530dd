# SPDX-License-Identifier: Apache-2.0
"""What is said of a server, and what of it was really tried."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import OutcomeUnknownError
from territoire_sante.model import Contact
from territoire_sante.plugins import Diagnosable, structure_config
from territoire_sante.testing.dav import Faults, FaultServer
from territoire_sante_dav import CARDDAV, open_addressbook
from territoire_sante_dav._sayings import _SAID, _WHAT, fact


def named(value):
    """Return what a case is called: the faults that it has, in the same words in each process."""
    if not isinstance(value, Faults):
        return str(value)
    changed = {
        field.name: getattr(value, field.name)
        for field in attrs.fields(Faults)
        if getattr(value, field.name) != getattr(Faults(), field.name)
    }
    shown = (
        f"{name}={'+'.join(sorted(told)) if isinstance(told, frozenset) else told}"
        for name, told in changed.items()
    )
    return ",".join(shown) or "none"


def told(transport, **options):
    """Return the facts by key."""
    return {fact.key: fact for fact in transport.diagnose(**options)}


@pytest.mark.parametrize(("key", "value"), _SAID, ids="-".join)
def test_everything_is_said_in_both_languages(key, value):
    """Each fact has its texts in French and in English, filled, and says what follows if bad."""
    said = fact(key, value, "12")

    assert said.what.fr
    assert said.what.en
    for language in ("fr", "en"):
        assert said.found.text(language)
        assert "{" not in said.found.text(language)
    assert bool(said.handling.fr) == bool(said.handling.en)
    assert said.good or said.handling.fr or key == "content"


def test_no_text_is_left_over():
    """Every subject has something to be said of it, and the other way round."""
    assert {key for key, _ in _SAID} == set(_WHAT)


def test_real_servers_without_writing(place):
    """Of a real server the main facts are told, and nothing in the collection changes."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        cursor = transport.changes(None).cursor
        found = told(transport)
        batch = transport.changes(cursor)

        assert isinstance(transport, Diagnosable)
    assert found["address"].found.fr == place.url
    own = {"size", "versions", "components", "scheduling"}
    assert {key: fact.value for key, fact in found.items() if key not in own} == {
        "address": "found",
        "title": "told",
        "server": "known",
        "protocol": "announced",
        "encryption": "local",
        "changes": "sync-collection",
        "tokens": "refused",
        "etags": "strong",
        "bulk": "works",
        "preconditions": "relied on",
        "writing": "allowed",
    }
    assert (
        own & set(found)
        == ({"size", "versions"}, {"size", "components", "scheduling"})[place.kind.name == "caldav"]
    )
    assert (batch.changed, batch.removed) == ((), ())
    assert ref.etag is not None


def test_real_servers_keep_their_promises(place):
    """Radicale and Xandikos check each condition, and the made-up item is gone afterwards."""
    with place.open() as transport:
        ref = transport.create("i", place.kind.item("u"))
        found = told(transport, probe_writes=True)

        assert list(transport.list()) == [ref]
    values = {key: found[key].value for key in ("probe", "create-twice", "replace-stale")}
    assert values == {"probe": "done", "create-twice": "refused", "replace-stale": "refused"}
    assert found["delete-stale"].value == "refused"
    assert found["content"].value in {"same", "rewritten"}
    assert found["removed"].value == "yes"


@pytest.mark.parametrize(
    ("faults", "key", "value"),
    [
        (Faults(), "tokens", "refused"),
        (Faults(sync_unknown="412"), "tokens", "refused"),
        (Faults(sync_unknown="500"), "tokens", "unclear"),
        (Faults(sync_unknown="accept"), "tokens", "accepted"),
        (Faults(sync_form="http://example.org/ns/{}"), "tokens", "refused"),
        (Faults(sync=False), "changes", "getctag"),
        (Faults(sync=False, ctag=False), "changes", "listing"),
        (Faults(etags="weak"), "etags", "weak"),
        (Faults(etags="missing"), "etags", "weak"),
        (Faults(etags="unquoted"), "etags", "weak"),
        (Faults(multiget_missing="left-out"), "bulk", "silent"),
        (Faults(multiget_missing="fails"), "bulk", "fails"),
        (Faults(poison_fails=True), "bulk", "works"),
    ],
    ids=named,
)
def test_what_reading_shows(faulty, event, faults, key, value):
    """Each weakness that shows without writing is found, and something is done about it."""
    faulty.faults = faults
    faulty.put("a.ics", event("a"))
    with faulty.open() as transport:
        found = told(transport)

    assert found[key].value == value
    assert found[key].good == (value in {"refused", "works"})
    assert set(faulty.methods()) <= {"OPTIONS", "PROPFIND", "REPORT"}


@pytest.mark.parametrize(
    ("ignored", "key"),
    [("create", "create-twice"), ("replace", "replace-stale"), ("delete", "delete-stale")],
    ids=["create", "replace", "delete"],
)
def test_what_writing_shows(faulty, event, ignored, key):
    """A condition that the server ignores is found, and the items that were there are untouched."""
    faulty.faults = Faults(ignores={ignored})
    faulty.put("a.ics", event("a"))
    before = faulty.items
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    conditions = ("create-twice", "replace-stale", "delete-stale")
    assert [name for name in conditions if not found[name].good] == [key]
    assert found[key].handling.fr
    assert faulty.items == before


def test_what_is_learnt_counts_at_once(faulty, event):
    """A server that was seen to ignore conditions is looked at before it is written to."""
    faulty.faults = Faults(ignores={"create", "delete"})
    with faulty.open() as transport:
        told(transport, probe_writes=True)
        faulty.methods()
        transport.create("b", event("b"))

        methods = faulty.methods()
        assert methods.index("PROPFIND") < methods.index("PUT")
        assert told(transport)["preconditions"].value == "ignored"


@pytest.mark.parametrize(
    ("faults", "value"),
    [
        (Faults(), "told"),
        (Faults(etag_on_put=False), "asked"),
        (Faults(etags="weak"), "weak"),
        (Faults(etags="missing"), "weak"),
    ],
    ids=named,
)
def test_which_version_a_written_item_has(faulty, faults, value):
    """In an empty collection, too, it is told whether items have versions to rely on."""
    faulty.faults = faults
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert found["etags"].value == "untried"
    assert found["written-version"].value == value
    assert found["preconditions"].value == "tried"


@pytest.mark.parametrize(
    ("faults", "value"),
    [
        (Faults(), "same"),
        (Faults(rewrites={"reorder", "lf"}), "rewritten"),
        (Faults(drops={"X-"}), "dropped"),
        (Faults(renames="location"), "same"),
    ],
    ids=named,
)
def test_what_becomes_of_content(faulty, faults, value):
    """It is told whether the server keeps what it is sent; the item is removed either way."""
    faulty.faults = faults
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert found["content"].value == value
    assert found["removed"].value == "yes"
    assert faulty.items == {}


@pytest.mark.parametrize(
    ("faults", "value"),
    [
        (Faults(), "kept"),
        (Faults(renames="location"), "changed"),
        (Faults(renames="silent"), "changed"),
        (Faults(renames="silent", ignores={"create", "replace", "replace-missing"}), "changed"),
    ],
    ids=named,
)
def test_an_item_under_another_name_is_removed_too(faulty, event, faults, value):
    """Whatever name the server gives the made-up item, it is found there and removed."""
    faulty.put("a.ics", event("a"))
    before = faulty.items
    faulty.faults = faults
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert found["naming"].value == value
    assert found["removed"].value == "yes"
    assert faulty.items == before


def test_stored_in_spite_of_a_refusal(faulty, reply):
    """An item that was stored although the answer is a failure is removed."""

    def stored_and_failed(asked):
        faulty.truth(asked)
        return reply(500)

    faulty.on("PUT", stored_and_failed)
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert (found["probe"].value, found["removed"].value) == ("refused", "yes")
    assert faulty.items == {}


def test_a_refused_item(faulty, reply):
    """If even the made-up item is refused, that is what is told."""
    faulty.on("PUT", reply(507))
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert (found["probe"].value, found["removed"].value) == ("refused", "yes")
    assert "507" in found["probe"].found.en


def test_an_item_that_stays_is_named(faulty, reply):
    """A made-up item that cannot be removed is told by its address."""
    faulty.on("DELETE", reply(403))
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    (left,) = faulty.items
    assert not found["removed"].good
    assert left in found["removed"].found.fr


def test_removed_even_if_it_breaks_off(faulty, reply):
    """When the connection breaks in the middle, the made-up item is removed all the same."""
    seen = []

    def second_put_is_lost(asked):
        seen.append(asked)
        return reply(None) if len(seen) == 2 else None

    faulty.on("PUT", second_put_is_lost)
    with faulty.open() as transport, pytest.raises(OutcomeUnknownError):
        transport.diagnose(probe_writes=True)

    assert len(seen) == 2
    assert faulty.items == {}


def test_nothing_is_tried_where_only_reading_is_allowed(faulty):
    """On a collection that may only be read the test of writing sends nothing."""
    faulty.properties["D:current-user-privilege-set"] = "<D:privilege><D:read/></D:privilege>"
    with faulty.open() as transport:
        found = told(transport, probe_writes=True)

    assert (found["writing"].value, found["probe"].value) == ("not allowed", "not allowed")
    assert "PUT" not in faulty.methods()


def test_what_the_server_tells_of_itself(faulty, reply):
    """Sizes, components and scheduling are told as the server announces them."""
    faulty.properties["C:max-resource-size"] = "1000"
    faulty.properties["C:supported-calendar-component-set"] = (
        '<C:comp name="VEVENT"/><C:comp name="VTODO"/>'
    )
    features = {"DAV": "1, 3, calendar-access, calendar-auto-schedule", "Server": "nginx"}
    faulty.on("OPTIONS", reply(200, b"", features))
    with faulty.open() as transport:
        found = told(transport)

    assert found["size"].found.fr == "1000 octets au plus"
    assert found["components"].found.en == "VEVENT, VTODO"
    assert found["scheduling"].value == "yes"
    assert "nginx" in found["server"].found.en


@pytest.mark.parametrize(
    ("offered", "wanted", "value", "words"),
    [
        ("3.0", "3.0", "told", "new ones are 3.0"),
        ("4.0", "4.0", "told", "new ones are 4.0"),
        ("3.0", "4.0", "not offered", "may convert"),
        ("", "4.0", "not told", "new ones are 4.0"),
    ],
)
def test_versions_of_cards(offered, wanted, value, words):
    """It is told which versions of cards a server takes, and which one new cards have."""
    with FaultServer() as server:
        book = server.address_book("contacts")
        book.properties["A:supported-address-data"] = (
            f'<A:address-data-type content-type="text/vcard" version="{offered}"/>'
            if offered
            else ""
        )
        options = {"url": server.url_of(book), "vcard_version": wanted}
        config = structure_config(CARDDAV, options)
        with open_addressbook(config) as transport:
            found = told(transport)

    assert found["versions"].value == value
    assert words in found["versions"].handling.en
    new = CARDDAV.lens_for(config).put(Contact(uid="a", formatted_name="A"))
    assert f"VERSION:{wanted}".encode() in new.data
