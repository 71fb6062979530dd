# SPDX-License-Identifier: Apache-2.0
"""Connectors that lose, cut, rewrite, overwrite or forget."""

from __future__ import annotations

import json
import uuid

import attrs
from kit import Broken, BrokenTransport

from territoire_sante.formats import Document
from territoire_sante.model import Announcement, ChannelLimits, Contact
from territoire_sante.testing import MemoryTransport, PlainLens

TEXTS = frozenset({"test_hostile_text_is_kept_or_refused"})


class TestLosesAProperty(Broken):
    """Loses a property."""

    caught_by = "test_samples_come_back"
    also = TEXTS

    def broken(self, spec, server):  # noqa: ARG002 - the signature of the kit
        """Read no note."""

        class Losing(PlainLens):
            def get(self, document):
                return attrs.evolve(super().get(document), note="")

        return attrs.evolve(spec, lens=Losing(Contact))


class TestChangesText(Broken):
    """Turns tabs into spaces in silence."""

    caught_by = "test_hostile_text_is_kept_or_refused"

    def broken(self, spec, server):
        """Replace tabs on the server."""
        server.normalise = lambda d: Document(d.data.replace(b"\\t", b" "), d.media_type)
        return spec


class TestCutsText(Broken):
    """Cuts text in silence where it declares a limit."""

    caught_by = "test_nothing_is_cut"
    view = Announcement
    also = TEXTS

    def broken(self, spec, server):
        """Store 500 characters of a body."""

        def cut(document):
            held = json.loads(document.data)
            held["body"] = held["body"][:500]
            return Document(json.dumps(held).encode(), document.media_type)

        server.normalise = cut
        return attrs.evolve(spec, limits=ChannelLimits(body_max=500))


class TestIsNotDeterministic(Broken):
    """Writes something else each time."""

    caught_by = "test_the_lens_says_the_same_twice"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Add a random member to each new document."""

        class Random(PlainLens):
            def put(self, view, document=None, *, now=None):
                made = super().put(view, document, now=now)
                if document is not None:
                    return made
                held = {**json.loads(made.data), "x": str(uuid.uuid4())}
                return Document(json.dumps(held).encode(), made.media_type)

        return attrs.evolve(spec, lens=Random(Contact))


class TestRewritesWhatItDidNotChange(Broken):
    """Rewrites what it did not change."""

    caught_by = "test_what_is_read_is_written_back_unchanged"

    def broken(self, spec, server):  # noqa: ARG002 - likewise
        """Add a space at each write."""

        class Rewriting(PlainLens):
            def put(self, view, document=None, *, now=None):
                made = super().put(view, document, now=now)
                return Document(made.data + b" ", made.media_type)

        return attrs.evolve(spec, lens=Rewriting(Contact))


class TestIgnoresVersionTags(BrokenTransport):
    """Ignores an ETag and overwrites what somebody else wrote."""

    caught_by = "test_a_stale_write_is_refused"

    class Transport(MemoryTransport):
        """The broken one."""

        def replace(self, ref, document):
            """Overwrite whatever is there."""
            return super().replace(self.server.ref(ref.href), document)


class TestOverwritesOnCreation(BrokenTransport):
    """Overwrites an item of the same name when it creates one."""

    caught_by = "test_creating_twice_is_refused"

    class Transport(MemoryTransport):
        """The broken one."""

        def create(self, href_hint, document):
            """Store without looking."""
            return self.server.put(f"/memory/{href_hint}", document)


class TestMutatesDocumentsOfOthers(BrokenTransport):
    """Changes the other documents when it writes one."""

    caught_by = "test_replacing_changes_one_item"

    class Transport(MemoryTransport):
        """The broken one."""

        def replace(self, ref, document):
            """Write every item anew."""
            written = super().replace(ref, document)
            for href, other in self.server.documents.items():
                if href != ref.href:
                    self.server.put(href, Document(other.data + b" ", other.media_type))
            return written


class TestKeepsWhatItDeletes(BrokenTransport):
    """Keeps what it deletes."""

    caught_by = "test_deleting_removes_one_item"
    also = frozenset(
        {
            "test_a_delta_names_what_changed",
            "test_a_stale_write_is_refused",
            "test_what_is_there_is_confirmed",
            "test_writing_to_a_deleted_item_is_refused",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def delete(self, ref):
            """Leave everything as it is."""


class TestForgets(BrokenTransport):
    """Forgets what it stored when it is closed."""

    caught_by = "test_items_outlive_the_connection"
    also = frozenset(
        {
            "test_a_delta_names_what_changed",
            "test_a_lost_connection_is_told",
            "test_names_stay_in_another_session",
        }
    )

    def broken(self, spec, server):
        """Begin with nothing each time."""
        opening = spec.open

        def opened(config):
            for href in tuple(server.documents):
                server.remove(href)
            return opening(config)

        return attrs.evolve(spec, open=opened)


class TestHidesNewItems(BrokenTransport):
    """Does not list what it created."""

    caught_by = "test_a_new_item_is_listed"
    also = frozenset(
        {
            "test_a_delta_names_what_changed",
            "test_an_unknown_cursor_starts_anew",
            "test_answers_are_of_the_contract",
            "test_deleting_removes_one_item",
            "test_writes_may_overlap_as_declared",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def create(self, href_hint, document):
            """Create it out of sight."""
            ref = super().create(href_hint, document)
            self.server.hidden.add(ref.href)
            return ref
