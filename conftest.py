# SPDX-License-Identifier: Apache-2.0
"""
Run the Python blocks of README.md and of the documentation, each page in a folder of its own.

A page that defines ``_console(line)`` has its console blocks run as well: each line that begins
with ``$`` must print the lines below it, blanks at their ends apart. The last block of JSON is
there as ``_json``, the folder of the project as ``_repository``.

Laws are tried on 100 examples each, and on 2000 with ``pytest --hypothesis-profile=long``; where
``CI`` is set, on the same ones each time.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import settings
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser, SkipParser

pytest_plugins = ["territoire_sante.testing.fixtures"]

collect_ignore = ["docs/conf.py"]  # read by Sphinx, no example

settings.register_profile("usual", deadline=None)  # a busy machine is no defect
settings.register_profile("long", deadline=None, max_examples=2000)
# The same tree gives the same answer before a merge; new examples are looked for at the desk.
settings.register_profile("merge", deadline=None, derandomize=True)
settings.load_profile("merge" if os.environ.get("CI") else "usual")


def _enter_folder(namespace: dict[str, Any]) -> None:
    stack = namespace["_stack"] = contextlib.ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(contextlib.chdir(folder))
    namespace["_repository"] = Path(__file__).parent


def _leave_folder(namespace: dict[str, Any]) -> None:
    namespace["_stack"].close()


def _keep_json(example: Example) -> None:
    example.namespace["_json"] = str(example.parsed)


def _run_console(example: Example) -> str | None:
    """Run the commands of a block; return how what they print differs from what stands there."""
    run = example.namespace.get("_console")
    if run is None:
        return None
    shown = str(example.parsed).splitlines()
    printed: list[str] = []
    for line in shown:
        if line.startswith("$ "):
            printed += [line, *(one.rstrip() for one in run(line[2:]).splitlines())]
    return "\n".join(difflib.unified_diff(shown, printed, "page", "run", lineterm="")) or None


pytest_collect_file = Sybil(
    parsers=[
        PythonCodeBlockParser(),
        CodeBlockParser("console", _run_console),
        CodeBlockParser("json", _keep_json),
        SkipParser(),
    ],
    patterns=["README.md", "docs/*.md", "docs/*/*.md", "docs/*/*/*.md"],
    # What plug-ins show needs their services; tests/docs reads it without running it.
    excludes=["plugins/*/README.md"],
    setup=_enter_folder,
    teardown=_leave_folder,
).pytest()
