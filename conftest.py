# SPDX-License-Identifier: Apache-2.0
"""
Run the Python blocks of README.md and of the documentation, each page in a folder of its own.

Laws are tried on 100 examples each, and on 2000 with ``pytest --hypothesis-profile=long``.
"""

from __future__ import annotations

import contextlib
import tempfile
from typing import Any

from hypothesis import settings
from sybil import Sybil
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser

collect_ignore = ["docs/conf.py"]  # read by Sphinx, no example

settings.register_profile("usual", deadline=None)  # a busy machine is no defect
settings.register_profile("long", deadline=None, max_examples=2000)
settings.load_profile("usual")


def _enter_folder(namespace: dict[str, Any]) -> None:
    stack = namespace["_stack"] = contextlib.ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    stack.enter_context(contextlib.chdir(folder))


def _leave_folder(namespace: dict[str, Any]) -> None:
    namespace["_stack"].close()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(), SkipParser()],
    patterns=["README.md", "docs/**/*.md"],
    setup=_enter_folder,
    teardown=_leave_folder,
).pytest()
