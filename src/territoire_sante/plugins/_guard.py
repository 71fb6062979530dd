# SPDX-License-Identifier: Apache-2.0
"""Keeping a connector's bugs from passing for anybody else's."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final, TypeVar

from territoire_sante.errors import ConnectorCrashedError, TerritoireSanteError
from territoire_sante.plugins._contract import (
    Capability,
    Confirmable,
    ConnectorSpec,
    Incremental,
    Readable,
    Writable,
)

T = TypeVar("T")
Config = TypeVar("Config")

#: The protocol that a transport follows for each capability its connector declares.
PROTOCOLS: Final[Mapping[Capability, type]] = MappingProxyType(
    {
        Capability.READ: Readable,
        Capability.WRITE: Writable,
        Capability.DELTA: Incremental,
        Capability.CONFIRM: Confirmable,
    }
)


@contextmanager
def guard(name: str) -> Iterator[None]:
    """
    Turn whatever is not an error of this library into a crash of connector ``name``.

    The message has the error's class and place but not its text, which nobody has
    looked through for secrets; the error itself is chained. Interrupts pass.

    >>> with guard("demo"):  # doctest: +ELLIPSIS
    ...     {}["x"]
    Traceback (most recent call last):
    territoire_sante.errors.ConnectorCrashedError: connector demo: KeyError in ...

    Raises:
        ConnectorCrashedError: the body raised an :class:`Exception` or :class:`SystemExit`.
    """
    try:
        yield
    except TerritoireSanteError:
        raise
    except (Exception, SystemExit) as error:
        raise ConnectorCrashedError(
            f"{type(error).__name__} in {_place(error)}",
            where=f"connector {name}",
            remedy="Tell the connector's maintainers",
        ) from error


def guarded(name: str, answers: Callable[[], Iterable[T]]) -> Generator[T, None, None]:
    """
    Yield what ``answers()`` yields, each step under :func:`guard`.

    The loop that consumes them stays outside of the guard. Closed before its end, it closes what
    the connector gave, if that can be: threads may be at work for it.
    """
    with guard(name):
        iterator = iter(answers())
    try:
        while True:
            with guard(name):
                try:
                    item = next(iterator)
                except StopIteration:
                    return
            yield item
    finally:
        if isinstance(iterator, Generator):
            # Whatever ended the loop is the error to tell.
            with suppress(TerritoireSanteError), guard(name):
                iterator.close()


@contextmanager
def open_transport(spec: ConnectorSpec[Config], config: Config) -> Iterator[Any]:
    """
    Open the transport of ``spec`` for a ``with`` block and close it at its end.

    Entering and leaving are guarded; the block itself is not, so that an error of
    the host is never blamed on the connector. The connector is always closed as after
    success: it can neither see nor swallow the host's errors. An error while
    closing is raised after a good block, and noted on the block's own error otherwise.

    Raises:
        ConnectorError: the other side cannot be used.
        ConnectorCrashedError: the connector failed, or lacks a method of a capability it declares.
    """
    stack = ExitStack()
    with guard(spec.name):
        transport = stack.enter_context(spec.open(config))
    try:
        _verify(spec, transport)
        yield transport
    except BaseException as error:
        try:
            with guard(spec.name):
                stack.close()
        except TerritoireSanteError as closing:
            error.add_note(f"closing failed too: {closing}")
        raise
    with guard(spec.name):
        stack.close()


def _verify(spec: ConnectorSpec[Any], transport: object) -> None:
    for capability in spec.capabilities:
        if not isinstance(transport, PROTOCOLS[capability]):
            raise ConnectorCrashedError(
                f"it declares {capability.name} but its {type(transport).__name__} "
                f"is not {PROTOCOLS[capability].__name__}",
                where=f"connector {spec.name}",
                remedy="Tell the connector's maintainers",
            )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f"{PurePath(last.filename).name}, line {last.lineno}" if last else "an unknown place"
