# SPDX-License-Identifier: Apache-2.0
"""Broken distributions, by the code under which ``plugins --check`` tells of them."""

from __future__ import annotations

from pathlib import Path

import attrs

from territoire_sante.plugins import ENTRY_POINT_GROUP

SOUND = """
import attrs
from territoire_sante.model import Announcement
from territoire_sante.plugins import Capability, ConnectorSpec
from territoire_sante.testing import PlainLens

@attrs.frozen(kw_only=True)
class Config:
    path: str = ""

def opened(config):
    raise SystemExit("nobody may open it here")

SPEC = ConnectorSpec(
    name="board", summary="A board", summary_fr="Un panneau", view=Announcement, config=Config,
    capabilities=frozenset([Capability.READ]), lens=PlainLens(Announcement), open=opened,
)
"""

_LOOSE = """
@attrs.define
class Loose:
    path: str = ""
"""


@attrs.frozen(kw_only=True)
class Broken:
    """What is wrong, the code that tells of it, and the distribution that has it."""

    what: str
    code: str
    source: str = SOUND
    change: str = ""
    requires: tuple[str, ...] = ()
    usable: bool = False
    metadata: str | None = None
    twice: bool = False

    def write(self, folder: Path) -> None:
        """Write the distribution, whose connector is called "board", into a folder to import of."""
        for name in ("town-board", "other-board") if self.twice else ("town-board",):
            module = name.replace("-", "_")
            (folder / f"{module}.py").write_text(self.source + self.change)
            info = folder / f"{module}-1.0.dist-info"
            info.mkdir()
            lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0"]
            lines += [f"Requires-Dist: {one}" for one in self.requires]
            text = "\n".join([*lines, ""]) if self.metadata is None else self.metadata
            (info / "METADATA").write_text(text)
            points = f"[{ENTRY_POINT_GROUP}]\nboard = {module}:SPEC\n"
            (info / "entry_points.txt").write_text(points)


def _evolved(**parts: str) -> str:
    given = ", ".join(f"{name}={value}" for name, value in parts.items())
    return f"\nSPEC = attrs.evolve(SPEC, {given})\n"


BROKEN = (
    Broken(what="its metadata are damaged", code="metadata", metadata=""),
    Broken(what="shares its name with another one", code="clash", twice=True),
    Broken(
        what="needs a version of the library that is not there",
        code="requirement",
        requires=("territoire-sante>=99",),
        source="raise SystemExit('must not be imported')\n",
    ),
    Broken(
        what="needs a package that is not there",
        code="requirement",
        requires=("no-such-package>=1",),
        source="raise SystemExit('must not be imported')\n",
    ),
    Broken(what="a requirement is no requirement", code="metadata", requires=("a b c",)),
    Broken(what="crashes when imported", code="import", change="\n1 / 0\n"),
    Broken(what="ends the interpreter when imported", code="import", change="\nquit()\n"),
    Broken(
        what="ends the interpreter at once when imported",
        code="import",
        change="\nimport os\nos._exit(3)\n",
    ),
    Broken(what="names what is not there", code="import", source="SPEK = 1\n"),
    Broken(
        what="imports heavy modules when listed",
        code="heavy",
        change="\nprint('hello')\nimport icalendar\n",
        usable=True,
    ),
    Broken(what="follows another version", code="version", change=_evolved(api_version="2")),
    Broken(what="names no ConnectorSpec", code="specification", change="\nSPEC = 3\n"),
    Broken(what="names a class", code="specification", change="\nSPEC = ConnectorSpec\n"),
    Broken(what="gives itself another name", code="name", change=_evolved(name="'bord'")),
    Broken(what="has no configuration class", code="config", change=_evolved(config="dict")),
    Broken(
        what="its configuration can be changed",
        code="config",
        change=_LOOSE + _evolved(config="Loose"),
        usable=True,
    ),
    Broken(
        what="declares a capability that there is not",
        code="capabilities",
        change=_evolved(capabilities="frozenset(['read'])"),
    ),
    Broken(
        what="declares no capability",
        code="capabilities",
        change=_evolved(capabilities="frozenset()"),
        usable=True,
    ),
    Broken(what="shows items of a foreign type", code="view", change=_evolved(view="dict")),
    Broken(what="cannot be opened at all", code="open", change=_evolved(open="None")),
    Broken(
        what="does not say what it is in French",
        code="summary",
        change=_evolved(summary_fr="''"),
        usable=True,
    ),
)
