# SPDX-License-Identifier: Apache-2.0
"""The base of stand-ins: what a derived server answers, what is noted, and each fault."""

from __future__ import annotations

import time

import pytest
import requests

from territoire_sante.testing.stand_in import Answer, Asked, StandIn


class Board(StandIn):
    """Notices, which can be read and put up."""

    def __init__(self, state=None) -> None:
        super().__init__(state=state)
        self.notices: list[str] = self.remembered() or []

    def routed(self, asked: Asked) -> Answer:
        """Return the notices, having put up what was sent."""
        if asked.path != "/an address/notices":
            return Answer(status=404, body="<h1>404</h1>", content_type="text/html")
        if asked.method == "POST":
            self.notices.append(asked.json["title"])
            self.remember(self.notices)
            return Answer(status=201, headers={"Location": "/1"})
        if asked.method == "DELETE":
            return Answer(status=204)
        return Answer(body=self.notices, cut="cut" in asked.query)


@pytest.fixture
def board():
    """Give a running board."""
    with Board() as server:
        yield server


def ask(board, method="GET", query="", **options):
    """Ask the board; the connection is a new one each time."""
    url = f"{board.origin}/an%20address/notices{query}"
    return requests.request(method, url, timeout=5, **options)


def test_what_is_asked_is_answered_and_noted(board):
    """Values are told as JSON; a request is kept with its query and without its credentials."""
    headers = {"Authorization": "Bearer made-up", "X-Team": "msp"}
    put_up = ask(board, "POST", "?key=made-up&page=2&empty=", json={"title": "é"}, headers=headers)
    gone = ask(board, "DELETE")

    assert (put_up.status_code, put_up.headers["Location"]) == (201, "/1")
    assert (gone.status_code, gone.content) == (204, b"")
    assert ask(board).json() == ["é"]
    first = board.requests[0]
    assert (first.method, first.path, first.status) == ("POST", "/an address/notices", 201)
    assert (first.query, first.body) == ((("page", "2"), ("empty", "")), {"title": "é"})
    assert first.headers["x-team"] == "msp"
    assert "made-up" not in repr(first) + str(first.headers)


def test_half_an_answer_is_noticed(board):
    """An answer that is cut has the length that it should have had."""
    board.notices.append("a long notice")
    with pytest.raises(requests.exceptions.RequestException):
        _ = ask(board, query="?cut=1").content


def test_faults_hold_for_as_many_as_they_are_set_to(board):
    """Each fault comes to whom it is meant for, as often as asked, and does nothing."""
    board.fail(503, times=2, on="POST", retry_after=7)
    board.fail(500, html=True, on="GET", after=1)
    answers = [ask(board, "POST", json={"title": str(n)}) for n in range(3)]
    read = [ask(board) for _ in range(3)]

    assert [one.status_code for one in answers] == [503, 503, 201]
    assert answers[0].headers["Retry-After"] == "7"
    assert [one.status_code for one in read] == [200, 500, 200]
    assert read[1].headers["Content-Type"].startswith("text/html")
    assert board.notices == ["2"]


@pytest.mark.parametrize("way", ["lost", "failed"])
def test_what_was_done_may_not_be_told(board, way):
    """A lost answer, or a failure behind the write: it is done, and who asked cannot know."""
    if way == "lost":
        board.lose_answers()
        with pytest.raises(requests.exceptions.ConnectionError):
            ask(board, "POST", json={"title": "a"})
    else:
        board.fail(502, stored=True)
        assert ask(board, "POST", json={"title": "a"}).status_code == 502

    assert ask(board).json() == ["a"]


def test_an_answer_may_be_late(board):
    """A delay holds for one answer."""
    board.delay(0.3)
    begun = time.monotonic()
    ask(board)

    assert time.monotonic() - begun >= 0.3


def test_it_may_remember(tmp_path):
    """With a file, what it keeps is there in the next run."""
    for _ in range(2):
        with Board(tmp_path / "board.json") as board:
            ask(board, "POST", json={"title": "é"})

    assert Board(tmp_path / "board.json").notices == ["é", "é"]
    assert Board().notices == []


def test_it_runs_inside_of_its_block_only():
    """Before and behind the block there is no address."""
    board = Board()
    with board:
        assert ask(board).status_code == 200
    with pytest.raises(RuntimeError, match="with block"):
        _ = board.origin
