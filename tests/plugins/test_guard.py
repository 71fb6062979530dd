# SPDX-License-Identifier: Apache-2.0
"""A connector's bugs are called so, and nobody else's are blamed on it."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from territoire_sante.errors import ConnectorCrashedError, FormatError, UnreachableError
from territoire_sante.plugins import guard, guarded, open_transport


class Listing:
    """A transport that can be read, of nothing."""

    def list(self):
        """Yield nothing."""
        return iter(())

    def read(self, hrefs):  # noqa: ARG002 - the protocol's names
        """Yield nothing."""
        return iter(())


@pytest.mark.parametrize("error", [KeyError("mistral"), RuntimeError("mistral"), SystemExit(2)])
def test_foreign_errors_become_crashes(error):
    """An error outside our tree becomes a crash that names class and place but not its text."""
    with pytest.raises(ConnectorCrashedError) as caught, guard("demo"):
        raise error

    assert caught.value.__cause__ is error
    assert str(caught.value).startswith(f"connector demo: {type(error).__name__} in test_guard.py")
    assert "mistral" not in str(caught.value)


@pytest.mark.parametrize("error", [UnreachableError("x"), FormatError("y"), KeyboardInterrupt()])
def test_our_errors_and_interrupts_pass(error):
    """An error of our tree and an interrupt pass the guard as they are."""
    with pytest.raises(type(error)) as caught, guard("demo"):
        raise error

    assert caught.value is error


def test_a_guarded_iterator_blames_its_steps_only():
    """A crash while iterating is the connector's; one in the loop's body stays the host's."""

    def answers():
        yield 1
        raise KeyError("x")

    with pytest.raises(ConnectorCrashedError):
        list(guarded("demo", answers))
    with pytest.raises(ZeroDivisionError):
        [1 / 0 for _ in guarded("demo", answers)]
    assert list(guarded("demo", lambda: [1, 2])) == [1, 2]


@pytest.mark.parametrize("fails", [False, True])
def test_a_guarded_iterator_ends_what_it_began(fails):
    """Closed early, it closes the connector's generator, whose own trouble then is nobody's."""
    ended = []

    def answers():
        try:
            yield from range(3)
        finally:
            ended.append(True)
            if fails:
                raise OSError

    begun = guarded("demo", answers)
    assert next(begun) == 0
    assert ended == []
    begun.close()
    assert ended == [True]


def test_a_transport_is_opened_and_closed(make_spec):
    """The transport is given for the block and closed after it, whatever the block does."""
    steps = []

    @contextmanager
    def opening(config):
        steps.append(config)
        try:
            yield Listing()
        finally:
            steps.append("closed")

    spec = make_spec(open=opening)
    with open_transport(spec, "config") as transport:
        assert isinstance(transport, Listing)
        assert steps == ["config"]
    with pytest.raises(ZeroDivisionError), open_transport(spec, "again"):
        raise ZeroDivisionError
    assert steps == ["config", "closed", "again", "closed"]


@pytest.mark.parametrize("moment", ["call", "enter", "exit"])
def test_crashes_at_the_door_are_the_connectors(make_spec, moment):
    """A crash when opening or closing is a crash of the connector, with its cause."""

    @contextmanager
    def opening(_config):
        if moment == "enter":
            raise KeyError("x")
        yield Listing()
        if moment == "exit":
            raise KeyError("x")

    def calling(_config):
        raise KeyError("x")

    spec = make_spec(open=calling if moment == "call" else opening)
    with pytest.raises(ConnectorCrashedError) as caught, open_transport(spec, None):
        pass

    assert isinstance(caught.value.__cause__, KeyError)


def test_the_hosts_error_survives_a_failing_close(make_spec):
    """When block and closing both fail, the block's own error is raised with a note."""

    @contextmanager
    def opening(_config):
        yield Listing()
        raise KeyError("x")

    with pytest.raises(ZeroDivisionError) as caught, open_transport(make_spec(open=opening), None):
        raise ZeroDivisionError

    assert "closing failed too: connector demo: KeyError" in caught.value.__notes__[0]


def test_a_connector_cannot_swallow_the_hosts_error(make_spec):
    """A connector whose context manager swallows errors never gets to see the host's."""

    class Swallowing:
        def __enter__(self):
            return Listing()

        def __exit__(self, *error):
            return True

    spec = make_spec(open=lambda _config: Swallowing())
    with pytest.raises(ZeroDivisionError), open_transport(spec, None):
        raise ZeroDivisionError


def test_our_errors_when_opening_pass(make_spec):
    """A connector that says why it cannot be opened is heard."""

    def opening(_config):
        raise UnreachableError("no such host")

    with (
        pytest.raises(UnreachableError, match="no such host"),
        open_transport(make_spec(open=opening), None),
    ):
        pytest.fail("opened although it should not")


def test_a_declared_capability_must_be_there(make_spec):
    """A transport without the methods of a declared capability is refused, and closed."""
    closed = []

    @contextmanager
    def opening(_config):
        try:
            yield object()
        finally:
            closed.append(True)

    with (
        pytest.raises(ConnectorCrashedError, match="declares READ but its object is not Readable"),
        open_transport(make_spec(open=opening), None),
    ):
        pytest.fail("opened although it should not")
    assert closed == [True]
