# SPDX-License-Identifier: Apache-2.0
"""State machines as tables of data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import attrs

from territoire_sante.errors import TransitionError
from territoire_sante.model._labels import LabelledEnum

S = TypeVar("S", bound=LabelledEnum)


@attrs.frozen(kw_only=True)
class Machine(Generic[S]):
    """
    What may follow what: verb -> {state it is allowed in: state it leads to}.

    The table is the only place where transitions are written; verbs of the
    entities ask :meth:`step`, tests read ``table``. The verbs in
    ``back`` lead to where the thing was before, as far as that is known; the
    table names the state that stands in for it.
    """

    name: str
    states: type[S]
    initial: S
    table: Mapping[str, Mapping[S, S]]
    back: frozenset[str] = frozenset()

    def allowed(self, state: S) -> tuple[str, ...]:
        """Return the verbs that are possible from ``state``, in the table's order."""
        return tuple(verb for verb, steps in self.table.items() if state in steps)

    def step(self, state: S, verb: str, *, subject: str = "", before: S | None = None) -> S:
        """
        Return the state that ``verb`` leads to; ``before`` matters to verbs that lead back.

        Raises:
            TransitionError: the table has no such step from ``state``.
        """
        steps = self.table.get(verb, {})
        if state in steps:
            return before if before is not None and verb in self.back else steps[state]
        allowed = self.allowed(state)
        raise TransitionError(
            f"a {self.name} in state {state.name} cannot {verb}",
            state=state.name,
            wish=verb,
            allowed=allowed,
            where=subject,
            remedy=(
                f"Allowed from {state.name}: {', '.join(allowed)}"
                if allowed
                else f"{state.name} is a final state"
            ),
        )
