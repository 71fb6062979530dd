# SPDX-License-Identifier: Apache-2.0
"""Every kind of bad input gets its own error, with place, cause and remedy."""

import http.server
import threading

import attrs
import pytest

from territoire_sante import Catalog, Direction, Link, Store, sync
from territoire_sante.errors import (
    ConfigError,
    DecodingError,
    FormatError,
    InvalidValueError,
    PluginNotFoundError,
    ProtocolError,
    TerritoireSanteError,
    TransitionError,
    UnreachableError,
)
from territoire_sante.formats import Document, icalendar
from territoire_sante.model import Announcement, CommuneCode, Event, Siret
from territoire_sante.serialization import from_plain
from territoire_sante.workspace import Workspace


def test_malformed_identifier():
    """A postal name for an INSEE code is refused, with an example of a right one."""
    with pytest.raises(InvalidValueError) as caught:
        CommuneCode("2C004")

    assert "2C004" in str(caught.value)
    assert caught.value.remedy


def test_wrong_check_digit():
    """A SIRET with a wrong check digit is refused."""
    with pytest.raises(InvalidValueError) as caught:
        Siret("73282932000075")

    assert caught.value.remedy


def test_wrong_id_of_an_entity():
    """An id of another kind of entity names the field and the form."""
    with pytest.raises(InvalidValueError) as caught:
        Event(id="commune:48095")

    assert caught.value.where == "id"
    assert "event:" in caught.value.remedy


def test_unknown_fields_are_all_named():
    """Every unknown and every wrong field of a file is told at once, with its path."""
    with pytest.raises(DecodingError) as caught:
        from_plain(
            {"entity": "event", "schema": 1, "id": "event:a", "sumary": "x", "start": "demain"}
        )
    paths = {problem.path for problem in caught.value.problems}

    assert "$.start" in paths
    assert any("sumary" in str(problem) for problem in caught.value.problems)


def test_wrong_state_change():
    """A draft cannot be published: the error names state, wish and what is allowed."""
    with pytest.raises(TransitionError) as caught:
        Announcement(id="announcement:a").publish()

    assert (caught.value.state, caught.value.wish) == ("DRAFT", "publish")
    assert caught.value.allowed == ("approve",)
    assert "announcement:a" in str(caught.value)


def test_broken_calendar_line():
    """A start that is no date names its line in the file."""
    data = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\n"
        b"DTSTART:demain\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    with pytest.raises(FormatError) as caught:
        icalendar.EVENT.get(Document(data, "text/calendar"))

    assert caught.value.line == 5
    assert "line 5" in str(caught.value)


def test_wrong_configuration_is_told_whole(tmp_path):
    """All the mistakes of a configuration file are told at once, with table and key."""
    path = tmp_path / "territoire.toml"
    path.write_text('[store]\nurll = "x"\n[[link]]\nname = "a"\nview = "evnt"\n')
    with pytest.raises(ConfigError) as caught:
        Workspace.open(path)

    assert str(path) in str(caught.value)
    assert len(caught.value.problems) >= 4


def test_unknown_connector_has_a_suggestion():
    """A connector's name with a slip is answered with the right one."""
    with pytest.raises(PluginNotFoundError) as caught:
        Catalog.installed().get("caldaf")

    assert "caldav" in str(caught.value)


class Lying(http.server.BaseHTTPRequestHandler):
    """A login page with status 200 for everything."""

    def do_PROPFIND(self):
        """Answer with HTML."""
        body = b"<html><body>Connexion</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_REPORT = do_OPTIONS = do_GET = do_PROPFIND  # noqa: N815 - likewise

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def lying():
    """Serve login pages on loopback and give the address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lying)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/agenda/"
    server.shutdown()
    server.server_close()
    thread.join()


@attrs.frozen
class Known:
    """A store that holds one synced event, and its link."""

    store: Store
    link: Link


@pytest.fixture
def known(tmp_path):
    """Sync one event with a folder, so that there is something to lose."""
    with Store.open("memory:") as store:
        store.put(Event(id="event:a", summary="Soirée"))
        link = Link(
            name="agenda",
            connector="ics",
            view="event",
            config={"path": str(tmp_path / "agenda"), "create": True},
            direction=Direction.BOTH,
        )
        sync.apply(store, sync.plan(store, link))
        yield Known(store, link)


def refused(known, url):
    """Point the link at ``url``, plan, and return the error; nothing here may change."""
    link = attrs.evolve(
        known.link, connector="caldav", config={"url": url, "username": "a", "password": "b"}
    )
    before = list(known.store.changes(0))
    with pytest.raises(TerritoireSanteError) as caught:
        sync.plan(known.store, link)

    assert list(known.store.changes(0)) == before
    assert known.store.get(Event, "event:a").summary == "Soirée"
    return caught.value


def test_lying_server_deletes_nothing(known, lying):
    """A login page instead of a calendar is a protocol error, not an empty calendar."""
    error = refused(known, lying)

    assert isinstance(error, ProtocolError)
    assert error.remedy


def test_unreachable_server_deletes_nothing(known):
    """A port where nobody listens is told with its address and a remedy."""
    error = refused(known, "http://127.0.0.1:9/agenda/")

    assert isinstance(error, UnreachableError)
    assert "127.0.0.1" in str(error)
    assert error.remedy
