# SPDX-License-Identifier: Apache-2.0
"""Of an address only the whole is known: what is asked for, kept, and told as changed."""

from __future__ import annotations

import pytest

from territoire_sante.errors import CollectionGoneError, ProtocolError
from territoire_sante.http import Fetched, Validators
from territoire_sante.plugins import AddressConfig, Ref, Secret, published
from territoire_sante.testing.feed import FeedServer


class Board:
    """Lines at an address, with or without a version to ask by."""

    def __init__(self, text: str, version: str | None = '"1"') -> None:
        self.text, self.version = text, version
        self.asked: list[Validators | None] = []

    def ask(self, known: Validators | None) -> Fetched:
        """Answer as a server does that knows about conditions."""
        self.asked.append(known)
        same = known is not None and self.version is not None and known.etag == self.version
        return Fetched(
            status=304 if same else 200,
            not_modified=same,
            body=b"" if same else self.text.encode(),
            validators=Validators(self.version),
            url="https://example.org/board",
            content_type="text/plain",
        )

    def opened(self) -> published.Published[list[str]]:
        """Give what a run asks with."""
        return published.Published(self.ask, _lines)


def _lines(answer: Fetched) -> list[str]:
    if not answer.body:
        raise ProtocolError("no board")
    return answer.body.decode().split()


def _changes(run: published.Published[list[str]], cursor: str | None):
    return run.changes(cursor, lambda: [Ref(line) for line in run.contents()])


@pytest.mark.parametrize("version", ['"1"', None])
def test_what_is_as_it_was_is_not_told_again(version):
    """With a version to ask by or without one, the second run lists nothing, the third all."""
    board = Board("a b", version)
    first = _changes(board.opened(), None)
    second = _changes(board.opened(), first.cursor)
    board.text, board.version = "a c", version and '"2"'
    third = _changes(board.opened(), second.cursor)

    assert [ref.href for ref in first.changed] == ["a", "b"]
    assert (second.changed, second.reset) == ((), False)
    assert ([ref.href for ref in third.changed], third.reset) == (["a", "c"], True)


def test_it_is_asked_for_once_in_a_run():
    """What was listed and what changed comes out of one answer, which can be looked at."""
    board = Board("a")
    run = board.opened()

    assert (_changes(run, None).cursor, run.contents(), run.answer().body) == (
        _changes(board.opened(), None).cursor,
        ["a"],
        b"a",
    )
    assert len(board.asked) == 2


def test_a_reading_that_failed_is_not_kept():
    """After an answer that nothing can be concluded from, the next call asks anew."""
    board = Board("")
    run = board.opened()
    for _ in range(2):
        with pytest.raises(ProtocolError):
            run.contents()
    board.text = "a"

    assert run.contents() == ["a"]
    assert len(board.asked) == 3


@pytest.mark.parametrize("cursor", ["", "{}", '{"v":0}', '{"v":1,"no":1}', "no JSON"])
def test_a_cursor_of_something_else_starts_anew(cursor):
    """What no run of this version wrote is not asked with."""
    board = Board("a")

    assert [ref.href for ref in _changes(board.opened(), cursor).changed] == ["a"]
    assert board.asked == [None]


def test_an_address_is_not_shown(tmp_path):
    """A feed that is missing is gone; the path of its address, which may be secret, is not told."""
    with FeedServer(path=tmp_path / "absent") as server:
        opened = published.opened(AddressConfig(), server.url, accept="*/*")
        with opened as address, pytest.raises(CollectionGoneError, match="404") as caught:
            address.get()
        assert caught.value.where == server.url.replace("/flux", "/…")


def test_name_and_password_go_together():
    """Half of an account is a mistake, and no number of seconds or bytes is nothing."""
    assert AddressConfig(username="msp", password=Secret("x")).username == "msp"
    for options in ({"username": "msp"}, {"password": Secret("x")}, {"timeout": 0}):
        with pytest.raises(ValueError, match=r"go together|must be > 0"):
            AddressConfig(**options)
