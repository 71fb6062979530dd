# SPDX-License-Identifier: Apache-2.0
"""
Build the wheels of the core and of every plug-in, look into them, and test them without sources.

Each is tested apart, with nothing but what its metadata require, and all are tested together.
Nothing is fetched: other distributions are linked from the environment that runs this. With --all
every suite runs together too, and pip installs everything once from its index.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import attrs
from contents import Wheel, build, page, problems
from environments import Broken, Environment, closure
from suites import copy_suite, run_suite

ROOT = Path(__file__).resolve().parents[2]
CORE = "territoire-sante"
_DESCRIBED = """
from territoire_sante.plugins import Catalog, check_plugins
problems = list(check_plugins(Catalog.installed()))
assert not problems, problems
"""


@attrs.frozen(kw_only=True)
class Bench:
    """The wheels, and a folder to install and test them in."""

    folder: Path
    wheels: dict[str, Wheel]

    def environment(self, name: str, *wanted: str) -> Environment:
        """Return a new environment with these of our wheels and what they require."""
        made = Environment.create(self.folder / name / "env")
        made.link(closure(self.wheels, *wanted))
        made.install(self.folder / "dist", *wanted)
        made.close(ROOT)
        made.check()
        return made

    def suite(self, name: str, wheel: Wheel) -> Path:
        """Copy the suite of a distribution to where it is run."""
        return copy_suite(ROOT, wheel.project, self.folder / name / "suite" / wheel.name)


def apart(bench: Bench, wheel: Wheel) -> str:
    """Install one distribution with what it requires, describe its connectors, run its suite."""
    alone = bench.environment(f"alone-{wheel.name}", wheel.name)
    done = alone.run("-c", _DESCRIBED, cwd=alone.folder)
    if done.returncode:
        raise Broken(done.stdout)
    environment = bench.environment(f"apart-{wheel.name}", tested(wheel))
    return run_suite(environment, bench.suite(f"apart-{wheel.name}", wheel))


def together(bench: Bench, *, whole: bool) -> str:
    """Install all of them, check them, and run what claims conformance, or every suite."""
    extras = ",".join(bench.wheels[CORE].head.get_all("Provides-Extra", []))
    others = [tested(one) for one in bench.wheels.values() if one.name != CORE]
    environment = bench.environment("together", f"{CORE}[{extras}]", *others)
    _check(environment)
    told = []
    for wheel in bench.wheels.values():
        suite = bench.suite("together", wheel)
        conformance = [str(path) for path in suite.glob("tests/test_conformance.py")]
        if tests := ["tests"] if whole else conformance:
            told.append(run_suite(environment, suite, tests))
    passed = sum(int(line.partition(" passed")[0].rpartition(" ")[2]) for line in told)
    return f"{passed} passed in {len(told)} suites"


def _check(environment: Environment) -> None:
    folder = environment.folder
    done = environment.run(str(folder / "bin" / CORE), "plugins", "--check", cwd=folder)
    if done.returncode:
        raise Broken(done.stdout)


def from_index(bench: Bench) -> str:
    """Let pip resolve everything from its index into an empty environment."""
    environment = Environment.create(bench.folder / "index" / "env")
    files = {name: str(one.file) for name, one in bench.wheels.items()}
    files[CORE] += "[cli]"
    environment.install_from_index(*files.values())
    environment.close(ROOT)
    environment.check()
    _check(environment)
    return "installed"


def tested(wheel: Wheel) -> str:
    """Return the requirement that brings a distribution with what its suite needs."""
    return f"{wheel.name}[{'servers,testing' if wheel.name == CORE else 'test'}]"


def main() -> int:
    """Run it all, and return 1 if anything was wrong."""
    given = _arguments()
    with tempfile.TemporaryDirectory(prefix="wheels-") as name:
        folder = Path(name).resolve()
        projects = [ROOT, *sorted(path.parent for path in ROOT.glob("plugins/*/pyproject.toml"))]
        with ThreadPoolExecutor(given.jobs) as pool:
            wheels = list(pool.map(lambda project: build(project, folder / "dist"), projects))
        if given.page:
            sys.stdout.write(page(wheels))
            return 0
        if given.list:
            print("\n".join(f"{one.file.name}: {path}" for one in wheels for path in one.paths))
        wrong = [*(line for one in wheels for line in problems(one)), *_stale(page(wheels))]
        print("\n".join(wrong) or f"{len(wheels)} wheels hold what they should", flush=True)
        bench = Bench(folder=folder, wheels={one.name: one for one in wheels})
        works = _works(bench, given.names, whole=given.all)
        with ThreadPoolExecutor(given.jobs) as pool:
            good = list(pool.map(lambda work: _tried(*work), works))
    return int(bool(wrong) or not all(good))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tools/wheels", description=__doc__)
    parser.add_argument("names", nargs="*", help="only test these distributions, each apart")
    parser.add_argument("--all", action="store_true", help="all suites together too, and the index")
    parser.add_argument("--list", action="store_true", help="list the files of each wheel")
    parser.add_argument("--page", action="store_true", help="only print the page of the wheels")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="suites at once")
    return parser.parse_args()


def _works(
    bench: Bench, names: Sequence[str], *, whole: bool
) -> list[tuple[str, Callable[[], str]]]:
    """Return what is to be tried, by name, what takes longest first."""
    works: list[tuple[str, Callable[[], str]]] = []
    if not names:
        works.append(("together", lambda: together(bench, whole=whole)))
    if whole:
        works.append(("from the index", lambda: from_index(bench)))
    chosen = [one for one in bench.wheels.values() if one.name in (names or bench.wheels)]
    chosen.sort(key=lambda one: one.sdist.stat().st_size, reverse=True)
    return [*works, *((one.name, partial(apart, bench, one)) for one in chosen)]


def _tried(name: str, work: Callable[[], str]) -> bool:
    """Do something, print how it went and how long it took, and say whether it went well."""
    begun = time.monotonic()
    try:
        told, good = work(), True
    except Broken as broken:
        told, good = f"BROKEN\n{broken}", False
    print(f"{name} ({time.monotonic() - begun:.0f} s): {told}", flush=True)
    return good


def _stale(text: str) -> list[str]:
    """Return what is to be done if the page in the documentation is another one."""
    path = ROOT / "docs" / "reference" / "wheels.md"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return []
    return [f"{path.relative_to(ROOT)} is out of date: python tools/wheels --page > {path.name}"]


if __name__ == "__main__":
    sys.exit(main())
