# SPDX-License-Identifier: Apache-2.0
"""The table of kinds: written out, and the same as what the classes say."""

from __future__ import annotations

import subprocess
import sys

from territoire_sante import model
from territoire_sante.model import Entity
from territoire_sante.serialization import KINDS
from territoire_sante.store import _references


def classes():
    """Return every public class of entities, in the order of the door."""
    things = (getattr(model, name) for name in model.__all__)
    return [thing for thing in things if isinstance(thing, type) and issubclass(thing, Entity)]


def test_every_class_has_its_kind():
    """The kinds are those of all public classes of entities, in their order, and no others."""
    assert dict(KINDS) == {cls.KIND: cls for cls in classes() if cls is not Entity}
    assert list(KINDS) == [cls.KIND for cls in classes() if cls is not Entity]
    assert "entity" not in KINDS
    assert KINDS.get("nothing") is None


def test_every_kind_of_id_is_known_to_the_references():
    """An id of any class of entities is found in the text of another one."""
    kinds = {kind for cls in classes() for kind in cls.ID_KINDS}
    text = " ".join(f'"{kind}:1"' for kind in kinds)

    assert _references.named_in(text) == {f"{kind}:1" for kind in kinds}


def test_reading_one_kind_loads_no_other():
    """Who reads an event loads neither conventions nor levers."""
    code = (
        "import sys\n"
        "from territoire_sante.serialization import from_plain\n"
        "from_plain({'entity': 'event', 'schema': 1, 'id': 'event:1'})\n"
        "print(*(name for name in sys.modules if name.startswith('territoire_sante.model.')))\n"
    )
    told = subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    loaded = set(told.stdout.split())

    assert "territoire_sante.model._event" in loaded
    assert "territoire_sante.model._convention" not in loaded
    assert "territoire_sante.model._lever" not in loaded
