# SPDX-License-Identifier: Apache-2.0
"""Ask one rule about a handful of entities on the ground of the cooperation tests."""

from __future__ import annotations

import pytest

from territoire_sante import Store
from territoire_sante.cooperation.rules import RULES, RuleBook, check


@pytest.fixture
def ask(ground, today):
    """Return a function that gives what one rule finds, in a store with these entities."""

    def ask(code, *entities, on=today, **parameters):
        replaced = {one.id for one in entities}
        with Store.open("memory:") as store:
            store.put(*(one for one in ground if one.id not in replaced), *entities)
            return list(
                check(
                    store.snapshot(),
                    today=on,
                    only=[code],
                    parameters={code: parameters},
                    book=RuleBook(own=RULES),
                )
            )

    return ask
