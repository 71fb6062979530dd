# SPDX-License-Identifier: Apache-2.0
"""Connectors that read badly, tell lies about what they read, or leave things behind."""

from __future__ import annotations

import itertools
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs
import pytest
from kit import ALL_THAT_LIST, ALL_THAT_READ, BrokenTransport

from territoire_sante.errors import ConnectorError
from territoire_sante.formats import Document
from territoire_sante.http import HttpClient
from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, Confirmation, Ref, Shown, Stored
from territoire_sante.testing import MemoryServer, MemoryTransport, PlainLens, memory_connector


class TestListsTwice(BrokenTransport):
    """Lists each item twice."""

    caught_by = "test_listing_names_each_item_once"
    also = frozenset(
        {
            "test_a_new_item_is_listed",
            "test_deleting_removes_one_item",
            "test_writes_may_overlap_as_declared",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def list(self):
            """List everything, and again."""
            yield from super().list()
            yield from super().list()


class TestReturnsForeignTypes(BrokenTransport):
    """Returns foreign types instead of those of the contract."""

    caught_by = "test_answers_are_of_the_contract"
    also = ALL_THAT_READ

    class Transport(MemoryTransport):
        """The broken one."""

        def read(self, hrefs):
            """Give plain dictionaries."""
            yield from (attrs.asdict(one) for one in super().read(hrefs))


class TestReturnsTuples(BrokenTransport):
    """Answers a creation with the bare href."""

    caught_by = "test_answers_are_of_the_contract"
    also = frozenset(
        {
            "test_replacing_changes_one_item",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def replace(self, ref, document):
            """Give the href only."""
            return super().replace(ref, document).href


class TestInventsAnswers(BrokenTransport):
    """Answers for items that are not there."""

    caught_by = "test_a_missing_item_has_no_answer"
    also = frozenset(
        {
            "test_deleting_removes_one_item",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def read(self, hrefs):
            """Make an empty document for whatever is missing."""
            yield from super().read(hrefs)
            for href in set(hrefs) - set(self.server.documents):
                yield Stored(Ref(href), Document(b"{}", "application/json"))


class TestHrefsAreNotStable(BrokenTransport):
    """Gives its items other names in each session."""

    caught_by = "test_names_stay_in_another_session"
    also = frozenset(
        {
            "test_a_first_delta_is_everything",
            "test_a_lost_connection_is_told",
            "test_a_new_item_is_listed",
            "test_answers_are_of_the_contract",
            "test_deleting_removes_one_item",
            "test_items_outlive_the_connection",
        }
    )

    def broken(self, spec, server):
        """Number the sessions."""
        sessions = itertools.count()

        class Renaming(MemoryTransport):
            session = 0

            def list(self):
                for ref in super().list():
                    yield attrs.evolve(ref, href=f"{ref.href}?session={self.session}")

            def read(self, hrefs):
                for href in hrefs:
                    for one in super().read([href.partition("?")[0]]):
                        yield attrs.evolve(one, ref=attrs.evolve(one.ref, href=href))

        @contextmanager
        def opened(_config):
            transport = Renaming(server)
            type(transport).session = next(sessions)
            yield transport

        return attrs.evolve(spec, open=opened)


class TestWritesWhenListing(BrokenTransport):
    """Writes when it is asked to list."""

    caught_by = "test_reading_changes_nothing"
    also = frozenset(
        {
            "test_a_new_item_is_listed",
            "test_deleting_removes_one_item",
            "test_items_outlive_the_connection",
        }
    )

    class Transport(MemoryTransport):
        """The broken one."""

        def list(self):
            """Touch each item."""
            self.server.touch()
            return super().list()


class TestSwallowsErrors(BrokenTransport):
    """Swallows errors: an unreachable server looks like an empty collection."""

    caught_by = "test_a_lost_connection_is_told"

    def broken(self, spec, server):
        """Ask a web server first, and go on without its answer."""

        class Quiet(MemoryTransport):
            def list(self):
                try:
                    with HttpClient(origin) as client:
                        client.request("GET", "/")
                except ConnectorError:
                    return iter(())
                return super().list()

        origin = self.origin

        @contextmanager
        def opened(_config):
            yield Quiet(server)

        return attrs.evolve(spec, open=opened)

    @pytest.fixture(autouse=True)
    def web(self):
        """Start a web server that has nothing to say."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
            type(self).origin = f"http://127.0.0.1:{web.server_address[1]}"
            thread = threading.Thread(target=web.serve_forever, args=(0.01,), daemon=True)
            thread.start()
            yield
            web.shutdown()
            thread.join()


class Connecting(BrokenTransport):
    """A connector that opens a socket of its own to a port of this machine."""

    closes = True

    @pytest.fixture(autouse=True)
    def port(self):
        """Listen."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            type(self).address = server.getsockname()
            yield

    def broken(self, spec, server):
        """Connect when opened."""

        @contextmanager
        def opened(_config):
            try:
                connection = socket.create_connection(self.address, timeout=5)
            except OSError as error:
                raise ConnectorError(str(error)) from None
            if self.closes:
                connection.close()
            else:
                KEPT.append(connection)
            yield MemoryTransport(server)

        return attrs.evolve(spec, open=opened)


KEPT = []


class TestGoesAroundTheClient(Connecting):
    """Uses the network outside of our HTTP client."""

    caught_by = "test_requests_go_through_the_client"


class TestLeavesASocketOpen(Connecting):
    """Leaves a connection open."""

    closes = False
    caught_by = "test_closing_leaves_nothing_behind"
    also = frozenset({"test_requests_go_through_the_client"})


class TestLeavesAThreadBehind(BrokenTransport):
    """Leaves a thread running."""

    caught_by = "test_closing_leaves_nothing_behind"

    def broken(self, spec, server):
        """Wait in a thread for what never comes."""

        @contextmanager
        def opened(_config):
            threading.Thread(target=threading.Event().wait, name="watcher", daemon=True).start()
            yield MemoryTransport(server)

        return attrs.evolve(spec, open=opened)


class TestLeavesAFileOpen(BrokenTransport):
    """Leaves a file open."""

    caught_by = "test_closing_leaves_nothing_behind"

    def broken(self, spec, server):
        """Open a file and forget it."""

        @contextmanager
        def opened(_config):
            KEPT.append(open(__file__, "rb"))  # noqa: PTH123, SIM115 - that is the defect
            yield MemoryTransport(server)

        return attrs.evolve(spec, open=opened)


class TestReachesOut(BrokenTransport):
    """Connects to a machine of the world."""

    caught_by = "test_an_empty_collection_lists_nothing"
    also = ALL_THAT_LIST

    class Transport(MemoryTransport):
        """The broken one."""

        def list(self):
            """Ask a machine of the world first."""
            socket.create_connection(("192.0.2.1", 80), 1)
            return super().list()


class TestReachesOutAndHidesIt(BrokenTransport):
    """Connects to a machine of the world, and hides that it was refused."""

    caught_by = "test_an_empty_collection_lists_nothing"
    also = ALL_THAT_LIST

    class Transport(MemoryTransport):
        """The broken one."""

        def list(self):
            """Ask a machine of the world first, and never mind."""
            try:
                socket.create_connection(("192.0.2.1", 80), 1)
            except Exception:  # noqa: BLE001 - that is the defect
                return super().list()
            return super().list()


class TestRepeatsItsDeltas(BrokenTransport):
    """Tells everything in each delta."""

    caught_by = "test_a_quiet_delta_is_empty"
    also = frozenset({"test_a_delta_names_what_changed", "test_an_unknown_cursor_starts_anew"})

    class Transport(MemoryTransport):
        """The broken one."""

        def changes(self, _cursor):
            """Begin again."""
            return super().changes(None)


class TestTakesAnyCursor(BrokenTransport):
    """Takes a cursor that it never gave."""

    caught_by = "test_an_unknown_cursor_starts_anew"

    class Transport(MemoryTransport):
        """The broken one."""

        def changes(self, cursor):
            """Never say that a cursor was refused."""
            return attrs.evolve(super().changes(cursor), reset=False)


class TestConfirmsWhatIsGone(BrokenTransport):
    """Confirms what is gone as visible."""

    caught_by = "test_what_is_there_is_confirmed"

    class Transport(MemoryTransport):
        """The broken one."""

        def confirm(self, items):
            """Say yes."""
            return [Confirmation(one.ref.href, Shown.VISIBLE) for one in items]


class TestReadsOnlyAndHidesIt(BrokenTransport):
    """Can do more than it declares (told of by a skipped test, not a failure)."""

    caught_by = ""

    @pytest.fixture
    def spec(self):
        """Declare reading only."""
        server, lens = MemoryServer(), PlainLens(Announcement)
        server.put("/one", lens.put(Announcement(id="announcement:a", uid="a")))
        return memory_connector(server, lens=lens, capabilities=[Capability.READ])
