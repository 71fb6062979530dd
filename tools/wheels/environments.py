# SPDX-License-Identifier: Apache-2.0
"""Clean environments: some of the wheels, and of other distributions what these require."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
from contents import Wheel
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# Wherever a process of the environment opens something of the repository, it fails, and so does
# one that leaves the machine.
_GUARD = """
import os, sys
FORBIDDEN = {forbidden!r}

def _guard(event, arguments):
    if event == "open" and isinstance(arguments[0], str):
        path = os.path.abspath(arguments[0])
        if path.startswith(FORBIDDEN):
            raise AssertionError(f"{{path}} belongs to the sources, which are gone")
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        if arguments[1][0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"{{arguments[1]}} is another machine")

sys.addaudithook(_guard)
"""


@attrs.frozen
class Environment:
    """A virtual environment without pip, filled from outside."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Environment:
        """Create an empty one."""
        venv.create(folder, with_pip=False, symlinks=True)
        return cls(folder)

    def close(self, root: Path) -> None:
        """Take the sources under ``root`` away from it, and the network."""
        gone = ("src", "plugins", "tests", "examples", "docs", "conftest.py", "pyproject.toml")
        forbidden = tuple(str(root / name) for name in gone)
        guard = _GUARD.format(forbidden=forbidden)
        (self.packages / "sources_gone.py").write_text(guard, encoding="utf-8")
        (self.packages / "sources_gone.pth").write_text("import sources_gone\n", encoding="utf-8")

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where distributions are installed."""
        bases = {"base": str(self.folder), "platbase": str(self.folder)}
        return Path(sysconfig.get_path("purelib", "venv", vars=bases))

    def install(self, dist: Path, *wanted: str) -> None:
        """Let pip install wheels of ours; what they require has to be there, or be a wheel too."""
        self._pip("install", "--no-index", "--find-links", str(dist), *wanted)

    def install_from_index(self, *files: str) -> None:
        """Let pip install wheels of ours, named by their files, and fetch what they require."""
        self._pip("install", *files)

    def check(self) -> None:
        """Let pip say whether everything that is required is there, in the versions required."""
        self._pip("check")

    def run(self, *command: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run its Python on something; both outputs come as one text."""
        return subprocess.run(
            [str(self.python), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **options,
        )

    def _pip(self, command: str, *arguments: str) -> None:
        pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        quiet = ["--quiet", "--disable-pip-version-check"]
        done = subprocess.run(
            [*pip, command, *quiet, *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Broken(f"pip {command} {' '.join(arguments)}: {done.stdout}{done.stderr}")

    def link(self, names: Iterable[str]) -> None:
        """Link distributions of the environment that runs this script."""
        for name in sorted(names):
            distribution = metadata.distribution(name)
            for file in distribution.files or ():
                if not file.parts[0].startswith(("..", "__pycache__")):
                    self._place(Path(str(distribution.locate_file(""))), file.parts)

    def _place(self, source: Path, parts: tuple[str, ...]) -> None:
        """Link a module or a package as a whole; of a folder that several share, what is in it."""
        target = self.packages
        for part in parts:
            source, target = source / part, target / part
            shared = source.is_dir() and source.suffix != ".dist-info"
            if target.is_symlink() or not source.exists():
                return
            if not shared or (source / "__init__.py").exists():
                target.symlink_to(source.resolve())
                return
            target.mkdir(exist_ok=True)


class Broken(Exception):  # noqa: N818 - it is the wheel that is broken
    """Something about a wheel is not as it should be; the sentence says what."""


def closure(wheels: Mapping[str, Wheel], *wanted: str) -> set[str]:
    """
    Return the names of all others that these distributions require, directly or not.

    Each of ``wanted`` is a requirement, such as ``territoire-sante[testing]``; those of ours are
    read in their wheels.

    Raises:
        Broken: one is not installed where this script runs, so that it cannot be linked.
    """
    others: set[str] = set()
    seen: set[tuple[str, str]] = set()
    open_ones = [Requirement(one) for one in wanted]
    while open_ones:
        one = open_ones.pop()
        name = canonicalize_name(one.name)
        if name not in wheels:
            others.add(name)
        for extra in ("", *one.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                open_ones += _required(wheels, name, extra)
    return others


def _required(wheels: Mapping[str, Wheel], name: str, extra: str) -> Iterator[Requirement]:
    try:
        told = wheels[name].requirements if name in wheels else _installed(name)
    except metadata.PackageNotFoundError as error:
        raise Broken(f"{name} is not installed here, so it cannot be linked") from error
    for one in told:
        if one.marker is None or one.marker.evaluate({"extra": extra}):
            yield one


def _installed(name: str) -> list[Requirement]:
    return [Requirement(one) for one in metadata.requires(name) or ()]
