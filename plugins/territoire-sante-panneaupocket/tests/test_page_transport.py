# SPDX-License-Identifier: Apache-2.0
"""Reading the page of the stand-in: what is noticed, and what is never concluded."""

from __future__ import annotations

import socket

import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    ConnectorError,
    OtherHostError,
    ProtocolError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.plugins import Stored, Unreadable, open_transport, structure_config
from territoire_sante_panneaupocket import PAGE_NOTICE, PANNEAUPOCKET_PAGE, PageConfig


@pytest.fixture
def notices(board):
    """Give a function that opens the page of the stand-in anew and calls a function with it."""

    def opened(work):
        with open_transport(PANNEAUPOCKET_PAGE, PageConfig(page=board.page_url)) as transport:
            return work(transport)

    return opened


def titles(transport):
    """Return the titles of all that is listed and read."""
    answers = transport.read([ref.href for ref in transport.list()])
    return [PAGE_NOTICE.get(one.document).title for one in answers]


def test_notices_are_read_with_the_numbers_that_people_share(board, notices):
    """Hrefs are the public numbers, alerts come first, a stamp shows."""
    board.put_up("a", title="Dépistage", content="<p>Samedi</p>")
    board.put_up("b", title="Eau coupée", content="<p>Demain</p>", type="alert")
    board.cancel("a")

    assert notices(titles) == ["Eau coupée", "ANNULÉ : Dépistage"]
    assert notices(lambda one: [ref.href for ref in one.list()]) == [
        seen.number for seen in board.shown()
    ]


def test_an_address_to_share_leads_to_the_page(board):
    """Whoever copies the address of one notice has configured its page."""
    config = PageConfig(page=f"{board.page_url}?panneau=12#haut")

    assert config.page == board.page_url


def test_changes_follow_each_other(board, notices):
    """Nothing new gives nothing; an edit, a new notice and an archived one give all of it anew."""
    board.put_up("a", title="Dépistage", content="<p>Samedi</p>")
    first = notices(lambda one: one.changes(None))
    quiet = notices(lambda one: one.changes(first.cursor))
    board.put_up("b", title="Marche", content="<p>Dimanche</p>")
    after = notices(lambda one: one.changes(quiet.cursor))
    unknown = notices(lambda one: one.changes("another"))
    odd = notices(lambda one: one.changes('{"v": 1, "odd": 1}'))

    assert (len(first.changed), first.reset) == (1, False)
    assert (quiet.changed, quiet.reset) == ((), False)
    assert (len(after.changed), after.reset) == (2, True)
    assert (len(unknown.changed), unknown.reset) == (2, True)
    assert odd == unknown
    board.archive("a")
    board.archive("b")
    assert notices(lambda one: list(one.list())) == []


def test_not_modified_is_not_empty(board, notices):
    """304 keeps what is known: no change, the same cursor."""
    board.put_up("a", title="Dépistage")
    first = notices(lambda one: one.changes(None))
    marked = first.cursor.replace('"etag":null', '"etag":"W/1"')
    board.fail_page(304)

    batch = notices(lambda one: one.changes(marked))

    assert (batch.changed, batch.removed, batch.cursor) == ((), (), marked)
    board.fail_page(304)
    with pytest.raises(ProtocolError):
        notices(lambda one: list(one.list()))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"status": 404}, CollectionGoneError),
        ({"status": 410}, CollectionGoneError),
        ({"status": 403, "body": "<html>non"}, ProtocolError),
        ({"status": 500}, RetryableError),
        ({"body": "<!DOCTYPE html><html><h1>Maintenance</h1>"}, ProtocolError),
        ({"body": ""}, ProtocolError),
        ({"body": "[]", "content_type": "application/json"}, ProtocolError),
        ({"body": "<p>" * 400_000}, ProtocolError),
        ({"status": 301, "location": "https://panneaupocket.example.org/ville/1"}, OtherHostError),
        ({"status": 302, "location": "/ville/7654321"}, ProtocolError),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_failed_reading_is_no_withdrawal(board, notices, fault, expected):
    """Each failure raises, and the next good reading finds all that was there."""
    board.put_up("a", title="Dépistage")
    cursor = notices(lambda one: one.changes(None)).cursor
    board.fail_page(**fault, times=2)

    with pytest.raises(expected) as caught:
        notices(lambda one: list(one.list()))
    with pytest.raises(expected):
        notices(lambda one: one.changes(cursor))

    assert isinstance(caught.value, ConnectorError)
    assert notices(titles) == ["Dépistage"]
    assert notices(lambda one: one.changes(cursor)).changed == ()


def test_a_reading_that_failed_is_not_kept(board):
    """In one session, a failure is forgotten as soon as the page answers."""
    board.put_up("a", title="Dépistage")
    board.fail_page(body="<html>")

    with open_transport(PANNEAUPOCKET_PAGE, PageConfig(page=board.page_url)) as transport:
        with pytest.raises(ProtocolError):
            list(transport.list())
        assert titles(transport) == ["Dépistage"]


def test_what_cannot_be_told_apart_takes_nobody_away(board, notices):
    """As long as a notice has no address to share, one that is not found is not gone."""
    board.put_up("a", title="Dépistage")
    board.put_up("b", title="Marche")
    first, second = notices(lambda one: [ref.href for ref in one.list()])
    board.hide_shares(1)

    assert notices(lambda one: [ref.href for ref in one.list()]) == [second]
    answers = {
        one.ref.href: type(one) for one in notices(lambda one: list(one.read([first, second])))
    }
    assert answers == {first: Unreadable, second: Stored}


def test_doctor_shows_who_is_configured(board, notices):
    """Name and postcode come from the page itself; without a notice nobody can tell."""
    nobody = {fact.key: fact for fact in notices(lambda one: one.diagnose())}
    board.put_up("a", title="Dépistage")
    facts = {fact.key: fact for fact in notices(lambda one: one.diagnose())}
    board.put_up("b", title="Marche")
    board.hide_shares(1)
    partly = {fact.key: fact for fact in notices(lambda one: one.diagnose())}

    assert (nobody["entity"].value, nobody["entity"].good) == ("", False)
    assert (facts["entity"].value, facts["entity"].good) == ("Exempleville (48000)", True)
    assert board.page_url in facts["entity"].found.fr
    assert (facts["notices"].value, facts["notices"].good) == ("1", True)
    assert not partly["notices"].good


def test_nobody_there_is_unreachable():
    """A page that nobody serves can be tried again later."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    config = PageConfig(page=f"http://127.0.0.1:{port}/ville/1")

    with pytest.raises(UnreachableError), open_transport(PANNEAUPOCKET_PAGE, config) as transport:
        list(transport.list())


@pytest.mark.parametrize(
    "page",
    [
        "",
        "app.panneaupocket.com/ville/1",
        "http://app.panneaupocket.com/ville/1-a-48000",
        "https://app.panneaupocket.com.example.org/ville/1-a-48000",
        "https://app-panneaupocket.com/ville/1-a-48000",
        "https://gestion.panneaupocket.com/ville/1-a-48000",
        "https://someone@app.panneaupocket.com/ville/1-a-48000",
        "https://app.panneaupocket.com:8443/ville/1-a-48000",
        "https://app.panneaupocket.com/embeded/1?mode=widget",
        "https://app.panneaupocket.com/ville/a",
        "https://app.panneaupocket.com/ville/1/../2",
        "https://[/ville/1",
    ],
)
def test_only_public_pages_are_read(page):
    """Look-alike servers, other paths and plain http are refused before anything is asked."""
    with pytest.raises(ConfigError, match="page"):
        structure_config(PANNEAUPOCKET_PAGE, {"page": page})


@pytest.mark.parametrize(
    "page",
    [
        "https://app.panneaupocket.com/ville/1",
        " https://app.panneaupocket.com/ville/110180054-exempleville-48000 ",
        "http://127.0.0.1:8000/ville/1",
    ],
)
def test_public_pages_are_accepted(page):
    """The service's own pages by https, and a stand-in on this machine, are read."""
    assert structure_config(PANNEAUPOCKET_PAGE, {"page": page}).page == page.strip()
