# SPDX-License-Identifier: Apache-2.0
"""Build a distribution, and say what its wheel holds that it should not, or lacks."""

from __future__ import annotations

import ast
import configparser
import email
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from importlib import metadata
from pathlib import Path, PurePosixPath

import attrs
from markdown_it import MarkdownIt
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

# What a package may hold beside its modules.
_DATA = ("py.typed", "cli/starter_*.toml", "plugins/template/**/*.tmpl")
_DIST_INFO = {"METADATA", "RECORD", "WHEEL", "licenses/LICENSE"}
_SDIST = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}
_HEADS = {
    "License-Expression": "Apache-2.0",
    "License-File": "LICENSE",
    "Requires-Python": ">=3.11",
    "Description-Content-Type": "text/markdown",
}


@attrs.frozen(kw_only=True)
class Wheel:
    """A wheel that was built, and what can be read in it."""

    project: Path
    file: Path
    sdist: Path
    paths: tuple[str, ...]
    head: Message
    points: Mapping[str, Mapping[str, str]]

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return str(self.head["Name"])

    @property
    def requirements(self) -> list[Requirement]:
        """What it requires, those of its extras too."""
        return [Requirement(one) for one in self.head.get_all("Requires-Dist", [])]


def build(project: Path, dist: Path) -> Wheel:
    """Build the sdist of a project, and its wheel from the sdist, as an index would have it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _hatch("sdist", project, folder / "sdist")
        (sdist,) = (folder / "sdist").iterdir()
        with tarfile.open(sdist) as packed:
            # Python 3.11.2, Debian's, knows no filters; later ones ask for one.
            if hasattr(tarfile, "data_filter"):
                packed.extraction_filter = tarfile.data_filter
            packed.extractall(folder / "unpacked")  # noqa: S202 - it was made above
        (unpacked,) = (folder / "unpacked").iterdir()
        _hatch("wheel", unpacked, folder / "wheel")
        (wheel,) = (folder / "wheel").iterdir()
        dist.mkdir(exist_ok=True)
        return _read(project, wheel.rename(dist / wheel.name), sdist.rename(dist / sdist.name))


def problems(wheel: Wheel) -> Iterator[str]:
    """Yield what is wrong with a wheel and its sdist, one sentence for each thing."""
    for found in (_files, _heads, _readme, _imports, _sdist):
        yield from (f"{wheel.name}: {line}" for line in found(wheel))


def page(wheels: Iterable[Wheel]) -> str:
    """Return the page of the documentation that says what each wheel holds."""
    return _PAGE + "".join(_section(one) for one in wheels)


_PAGE = """\
# Wheels

What each distribution installs, as `make wheels` builds and checks it. A wheel holds the modules of
its package, the data listed here and nothing else: no tests, no caches. Its licence and its README
are in its metadata. `python tools/wheels --list` lists the files one by one, `--page` writes this
page anew.
"""


def _section(wheel: Wheel) -> str:
    package = _package(wheel.project).name
    data = [one for one in _DATA if any((_package(wheel.project)).glob(one))]
    needs = [one for one in wheel.requirements if one.marker is None]
    extras = [f"`{name}`" for name in wheel.head.get_all("Provides-Extra", [])]
    rows = [
        ("package", f"`{package}`"),
        ("data", ", ".join(f"`{one}`" for one in data)),
        ("requires", ", ".join(sorted(f"`{one}`" for one in needs))),
        ("extras", ", ".join(extras)),
        *(
            (group, ", ".join(f"`{name}`" for name in wheel.points[group]))
            for group in wheel.points
        ),
    ]
    told = "".join(f"| {head} | {text} |\n" for head, text in rows if text)
    return f"\n## {wheel.name}\n\n| | |\n| --- | --- |\n{told}"


def _hatch(target: str, project: Path, dist: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(dist)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{project.name}: the {target} cannot be built\n{done.stdout}{done.stderr}")


def _read(project: Path, file: Path, sdist: Path) -> Wheel:
    with zipfile.ZipFile(file) as packed:
        paths = tuple(sorted(packed.namelist()))
        (head,) = (path for path in paths if path.endswith(".dist-info/METADATA"))
        points = configparser.ConfigParser(delimiters=("=",))
        if (path := head.replace("METADATA", "entry_points.txt")) in paths:
            points.read_string(packed.read(path).decode())
        return Wheel(
            project=project,
            file=file,
            sdist=sdist,
            paths=paths,
            head=email.message_from_bytes(packed.read(head)),
            points={group: dict(points[group]) for group in points.sections()},
        )


def _package(project: Path) -> Path:
    (package,) = (path.parent for path in project.glob("src/*/__init__.py"))
    return package


def _files(wheel: Wheel) -> Iterator[str]:
    if not wheel.file.name.endswith("-py3-none-any.whl"):
        yield f"it is no wheel for every Python: {wheel.file.name}"
    info = {path.split(".dist-info/")[1] for path in wheel.paths if ".dist-info/" in path}
    expected = _DIST_INFO | ({"entry_points.txt"} if wheel.points else set())
    yield from (f"unexpected in its .dist-info: {one}" for one in sorted(info - expected))
    yield from (f"missing in its .dist-info: {one}" for one in sorted(expected - info))
    package = _package(wheel.project)
    wanted = {
        path.relative_to(package.parent).as_posix()
        for pattern in ("**/*.py", *_DATA)
        for path in package.glob(pattern)
    }
    held = {path for path in wheel.paths if ".dist-info/" not in path}
    yield from (f"should not be in the wheel: {one}" for one in sorted(held - wanted))
    yield from (f"is not in the wheel: {one}" for one in sorted(wanted - held))
    if f"{package.name}/py.typed" not in held:
        yield "py.typed is missing: its types would not be seen"


def _heads(wheel: Wheel) -> Iterator[str]:
    for head, value in _HEADS.items():
        if wheel.head[head] != value:
            yield f"{head} is {wheel.head[head]!r}, not {value!r}"
    for head in ("Summary", "Author"):
        if not wheel.head[head]:
            yield f"its metadata have no {head}"
    if wheel.head["Version"] not in wheel.file.name:
        yield f"version {wheel.head['Version']} is in a file named {wheel.file.name}"
    for one in wheel.requirements:
        if one.url or not one.specifier:
            yield f"{one} names no versions"


def _readme(wheel: Wheel) -> Iterator[str]:
    text = str(wheel.head.get_payload())
    if not MarkdownIt("commonmark").render(text).startswith("<h1>"):
        yield "its README does not begin with a title"
    if wheel.project.parent.name != "plugins":
        return  # the page of the repository leads into it
    for target in re.findall(r"\]\((?!https?:|mailto:)([^)]*)\)", text):
        yield f"its README leads to {target}, which is not where the wheel is read about"


def _imports(wheel: Wheel) -> Iterator[str]:
    declared = {canonicalize_name(one.name) for one in wheel.requirements}
    homes = metadata.packages_distributions()
    ours = {_package(wheel.project).name}
    with zipfile.ZipFile(wheel.file) as packed:
        modules = [path for path in wheel.paths if path.endswith(".py")]
        tops = {top for path in modules for top in _imported(packed.read(path))}
    for top in sorted(tops - set(sys.stdlib_module_names) - ours):
        names = {canonicalize_name(one) for one in (*homes.get(top, []), top)}
        if not names & declared:
            yield f"imports {top}, which its metadata do not require"


def _imported(source: bytes) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _sdist(wheel: Wheel) -> Iterator[str]:
    with tarfile.open(wheel.sdist) as packed:
        paths = [PurePosixPath(one.name).relative_to(one.name.split("/")[0]) for one in packed]
    allowed = {_package(wheel.project).relative_to(wheel.project).as_posix(), "tests"}
    for path in sorted(paths):
        inside = any(path.is_relative_to(folder) for folder in allowed)
        junk = "__pycache__" in path.parts or any(part.startswith(".") for part in path.parts[:-1])
        if junk or not (inside or str(path) in _SDIST | {".gitignore"}):
            yield f"should not be in the sdist: {path}"
    yield from (f"is not in the sdist: {one}" for one in sorted(_SDIST - set(map(str, paths))))
