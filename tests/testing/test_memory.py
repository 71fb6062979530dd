# SPDX-License-Identifier: Apache-2.0
"""The memory server keeps the contract, and every knob does what it says."""

from __future__ import annotations

from typing import Any

import pytest

from territoire_sante.errors import (
    AuthError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    OutcomeUnknownError,
    UnreachableError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Capability, Ref, Shown, Stored, Unreadable
from territoire_sante.testing import (
    Call,
    ETags,
    MemoryConfig,
    MemoryServer,
    MemoryTransport,
    Moment,
    memory_connector,
)

A = Document(b"a", "text/plain")
B = Document(b"b", "text/plain")


@pytest.fixture
def server():
    """Give an empty server."""
    return MemoryServer()


@pytest.fixture
def transport(server):
    """Give our client of the server."""
    return MemoryTransport(server)


def test_what_is_written_is_listed_and_read(server, transport):
    """A created document is listed with the ref of its creation and read as it was."""
    ref = transport.create("x", A)

    assert [ref] == list(transport.list())
    assert [Stored(ref, A)] == list(transport.read(["/memory/x", "/memory/other"]))
    assert [Call("create", ("/memory/x",))] == list(server.writes)


def test_a_second_creation_is_refused(transport):
    """Creating where something is already raises ConflictError and changes nothing."""
    transport.create("x", A)

    with pytest.raises(ConflictError):
        transport.create("x", B)
    assert [answer.document for answer in transport.read(["/memory/x"])] == [A]


@pytest.mark.parametrize("etags", [ETags.STRONG, ETags.WEAK])
def test_stale_writes_are_refused(server, transport, etags):
    """A replacement or deletion of an older version is refused, whatever kind the tags are."""
    server.etags = etags
    old = transport.create("x", A)
    new = transport.replace(old, B)

    for write in (lambda: transport.replace(old, A), lambda: transport.delete(old)):
        with pytest.raises(ConflictError):
            write()
    assert dict(server.documents) == {"/memory/x": B}
    assert (new.etag or "").startswith("W/") == (etags is ETags.WEAK)


def test_without_tags_every_write_passes(server, transport):
    """A server that gives no tags cannot refuse a stale write; one that does wants one named."""
    server.put("/memory/x", A)
    with pytest.raises(ConflictError):
        transport.replace(Ref("/memory/x"), B)

    server.etags = ETags.MISSING
    assert Ref("/memory/x") == transport.replace(Ref("/memory/x"), B)


def test_writes_to_nothing_say_so(transport):
    """Replacing or deleting what is not there raises ItemNotFoundError with the href."""
    for write in (lambda: transport.replace(Ref("/q"), A), lambda: transport.delete(Ref("/q"))):
        with pytest.raises(ItemNotFoundError) as caught:
            write()
        assert caught.value.href == "/q"


def test_a_fault_strikes_once_at_its_call(server, transport):
    """A fault planned for the second call spares the first and the third."""
    server.fail(UnreachableError("no route"), at=2)

    assert list(transport.list()) == []
    with pytest.raises(UnreachableError):
        transport.create("x", A)
    transport.create("x", A)


def test_a_fault_may_wait_for_a_verb(server, transport):
    """With a verb named, calls of the others are neither counted nor struck."""
    server.fail(UnreachableError("no route"), verb="read")
    transport.create("x", A)

    with pytest.raises(UnreachableError):
        transport.read(["/memory/x"])


def test_two_faults_of_one_verb_strike_two_calls_of_it(server, transport):
    """Of two faults that are due at one call the second waits for another call of its verb."""
    server.fail(UnreachableError("first"), verb="read")
    server.fail(UnreachableError("second"), verb="read")
    with pytest.raises(UnreachableError, match="first"):
        list(transport.read([]))
    transport.create("x", A)

    with pytest.raises(UnreachableError, match="second"):
        list(transport.read([]))


def test_a_lost_answer_leaves_the_write_done(server, transport):
    """A lost answer raises OutcomeUnknownError although the document was stored."""
    server.lose_answer(verb="create")

    with pytest.raises(OutcomeUnknownError):
        transport.create("x", A)
    assert dict(server.documents) == {"/memory/x": A}


def test_a_listing_can_break_off(server, transport):
    """A fault midway yields half of the listing, then raises: it never just ends."""
    for name in "abcd":
        server.put(name, A)
    server.fail(UnreachableError("cut"), moment=Moment.MIDWAY)
    seen = []

    with pytest.raises(UnreachableError):
        seen.extend(ref.href for ref in transport.list())
    assert list(transport.list())[:2] == [server.ref("a"), server.ref("b")]


def test_the_server_may_rewrite(server, transport):
    """The normaliser changes what is stored by the transport, not what another client puts."""
    server.normalise = lambda document: Document(document.data.upper(), document.media_type)
    transport.create("x", A)
    server.put("/y", A)

    assert [document.data for document in server.documents.values()] == [b"A", b"a"]


def test_the_server_may_keep_its_tag(server, transport):
    """With etag_on_write off, an answer to a write carries no tag but the listing does."""
    server.etag_on_write = False

    assert Ref("/memory/x") == transport.create("x", A)
    assert [server.ref("/memory/x")] == list(transport.list())


def test_a_read_only_server_refuses_writes(server, transport):
    """Each write on a read-only server raises AuthError and stores nothing."""
    ref = server.put("/x", A)
    server.read_only = True

    for write in (
        lambda: transport.create("y", B),
        lambda: transport.replace(ref, B),
        lambda: transport.delete(ref),
    ):
        with pytest.raises(AuthError):
            write()
    assert dict(server.documents) == {"/x": A}


def test_a_server_may_refuse_one_item(server, transport):
    """The refusal chosen for a document is raised and the document is not stored."""
    server.refuse = lambda href, document: (
        ItemRefusedError("too large", href=href) if document == B else None
    )
    transport.create("x", A)

    with pytest.raises(ItemRefusedError):
        transport.create("y", B)
    assert dict(server.documents) == {"/memory/x": A}


def test_another_client_may_act_in_between(server, transport):
    """on_call runs before the call, so that a write meets what somebody else just changed."""
    ref = transport.create("x", A)
    server.on_call = lambda call: server.put("/memory/x", B) if call.verb == "replace" else None

    with pytest.raises(ConflictError):
        transport.replace(ref, A)


def test_listings_may_be_stale_or_lack_items(server, transport):
    """A frozen listing shows the past, a hidden item is left out, thawing tells the truth."""
    old = server.put("/x", A)
    server.freeze_listing()
    new = server.put("/x", B)
    server.put("/y", A)

    assert [old] == list(transport.list())
    server.thaw_listing()
    server.hidden.add("/y")
    assert [new] == list(transport.list())


def test_unreadable_items_come_with_their_reason(server, transport):
    """An item marked unreadable is answered as Unreadable, never left out."""
    ref = server.put("/x", A)
    server.unreadable["/x"] = "broken line"

    assert [Unreadable(ref, "broken line")] == list(transport.read(["/x"]))


def test_touch_changes_the_tag_only(server):
    """A touched item has another tag and the same bytes."""
    before = server.put("/x", A)
    server.touch()

    assert before.etag != server.ref("/x").etag
    assert server.current("/x") == A


def test_deltas_tell_each_change_once(server, transport):
    """A delta names what changed and what went since its cursor, and the next one nothing."""
    server.put("/x", A)
    server.put("/y", A)
    first = transport.changes(None)
    server.remove("/x")
    new = server.put("/z", A)
    second = transport.changes(first.cursor)
    third = transport.changes(second.cursor)

    assert [ref.href for ref in first.changed] == ["/x", "/y"]
    assert ((new,), ("/x",)) == (second.changed, second.removed)
    assert (third.changed, third.removed, third.reset) == ((), (), False)


@pytest.mark.parametrize("cursor", ["forged", "memory:0:999", "memory:0:", ""])
def test_a_cursor_not_given_resets(server, transport, cursor):
    """A cursor that was never given is answered with a full listing and reset."""
    server.put("/x", A)
    batch = transport.changes(cursor)

    assert (batch.reset, len(batch.changed)) == (True, 1)


def test_forgotten_cursors_reset(server, transport):
    """After forget_cursors, a good cursor gives a full listing without removals."""
    server.put("/x", A)
    cursor = transport.changes(None).cursor
    server.put("/y", A)
    server.remove("/x")
    server.forget_cursors()
    batch = transport.changes(cursor)

    assert batch.reset
    assert [(ref.href, batch.removed) for ref in batch.changed] == [("/y", ())]


def test_pages_add_up(server, transport):
    """Batches of two follow each other by their cursors and leave nothing out."""
    for name in "abcde":
        server.put(name, A)
    server.page = 2
    seen: list[str] = []
    batch = transport.changes(None)
    while not batch.complete:
        seen += [ref.href for ref in batch.changed]
        batch = transport.changes(batch.cursor)
    seen += [ref.href for ref in batch.changed]

    assert list("abcde") == seen


def test_confirmation_compares_bytes(server, transport):
    """Confirmation says visible for equal bytes, differs for others, gone for nothing."""
    refs = {name: server.put(name, A) for name in "xyz"}
    server.put("y", B)
    server.remove("z")
    items = [Stored(ref, A) for ref in refs.values()]

    assert [answer.shown for answer in transport.confirm(items)] == [
        Shown.VISIBLE,
        Shown.DIFFERS,
        Shown.GONE,
    ]
    server.shown["x"] = Shown.UNKNOWN
    assert Shown.UNKNOWN is next(iter(transport.confirm(items))).shown


class _Plain:
    """The smallest lens: a document is its text."""

    view: type[Any] = str
    media_type = "text/plain"
    fields = frozenset({"text"})

    def get(self, document):
        return document.data.decode()

    def put(self, view, document=None, *, now=None):  # noqa: ARG002 - the protocol's names
        return Document(view.encode(), self.media_type)


def test_the_connector_opens_its_server(server):
    """The spec names the lens's view and opens a transport of the server given; it may fail."""
    spec = memory_connector(server, lens=_Plain(), capabilities=[Capability.READ])

    assert (spec.view, spec.capabilities) == (str, {Capability.READ})
    with spec.open(MemoryConfig()) as transport:
        transport.create("x", A)
    assert list(server.documents) == ["/memory/x"]
    server.fail(UnreachableError("down"), verb="open")
    with pytest.raises(UnreachableError), spec.open(MemoryConfig()):
        pytest.fail("opened although it should not")
