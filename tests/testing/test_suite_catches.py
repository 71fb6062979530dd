# SPDX-License-Identifier: Apache-2.0
"""Each bad connector is caught by the standard test that is meant for it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from territoire_sante.plugins import ENTRY_POINT_GROUP

BAD = """
import attrs, logging, pytest
from contextlib import contextmanager
from territoire_sante.errors import AuthError
from territoire_sante.formats import Document
from territoire_sante.model import Contact
from territoire_sante.plugins import (
    Capability, Catalog, Confirmation, Ref, Secret, Shown, Stored
)
from territoire_sante.testing import *
from territoire_sante.testing import ConnectorSuite

class TestBad(ConnectorSuite):
    installed = {installed}
    @pytest.fixture
    def config(self):
        return {{}}
    @pytest.fixture
    def spec(self):
        server = MemoryServer()
        lens = PlainLens(Contact)
        spec = memory_connector(server, lens=lens, capabilities=Capability)
        opening = spec.open
        {change}
"""

SUBCLASS = """
        class Bad(MemoryTransport):
            {method}
        @contextmanager
        def open_bad(config):
            yield Bad(server)
        return attrs.evolve(spec, open=open_bad)
"""

SECRET = """
        @attrs.frozen
        class Config:
            password: Secret = Secret("mistral-en-juin")
        @contextmanager
        def leak(config):
            {leak}
            yield Bad(server, config)
        class Bad(MemoryTransport):
            def __init__(self, server, config):
                object.__setattr__(self, "server", server)
                object.__setattr__(self, "config", config)
            {method}
        return attrs.evolve(spec, config=Config, open=leak)
"""


def bad(method):
    """Return the body of a fixture whose transport has one bad method."""
    return SUBCLASS.format(method=method.replace("\n", "\n            "))


PASSING = "\n    def test_samples_come_back(self):\n        pass"

LIES = {
    "lies about a capability": (
        """
        @contextmanager
        def nothing(config):
            yield object()
        return attrs.evolve(spec, open=nothing)""",
        "test_declared_capabilities_are_there",
    ),
    "crashes when opened": (
        "return attrs.evolve(spec, open=lambda config: 1 / 0)",
        "test_opening_twice_in_a_row",
    ),
    "loses a field": (
        """
        class Losing(PlainLens):
            def get(self, document):
                return attrs.evolve(super().get(document), note="")
        return attrs.evolve(spec, lens=Losing(Contact))""",
        "test_samples_come_back",
    ),
    "changes text": (
        """
        server.normalise = lambda d: Document(d.data.replace(b"\\\\t", b" "), d.media_type)
        return spec""",
        "test_hostile_text_is_kept_or_refused[tab]",
    ),
    "rewrites what it did not change": (
        """
        class Rewriting(PlainLens):
            def put(self, view, document=None, *, now=None):
                return Document(super().put(view, document).data + b" ", self.media_type)
        return attrs.evolve(spec, lens=Rewriting(Contact))""",
        "test_what_is_read_is_written_back_unchanged",
    ),
    "ignores version tags": (
        bad(
            "def replace(self, ref, document):\n"
            "    return super().replace(self.server.ref(ref.href), document)"
        ),
        "test_a_stale_write_is_refused",
    ),
    "overwrites on creation": (
        bad("def create(self, hint, document):\n    return self.server.put(hint, document)"),
        "test_creating_twice_is_refused",
    ),
    "lists twice": (
        bad("def list(self):\n    yield from super().list()\n    yield from super().list()"),
        "test_a_new_item_is_listed",
    ),
    "invents answers": (
        bad(
            "def read(self, hrefs):\n"
            "    yield from super().read(hrefs)\n"
            "    for href in set(hrefs) - set(self.server.documents):\n"
            "        yield Stored(Ref(href), Document(b'{}', 'application/json'))"
        ),
        "test_a_missing_item_has_no_answer",
    ),
    "keeps what it deletes": (
        bad("def delete(self, ref):\n    pass"),
        "test_deleting_removes_one_item",
    ),
    "returns foreign types": (
        bad("def read(self, hrefs):\n    yield from (h.upper() for h in hrefs)"),
        "test_samples_come_back",
    ),
    "repeats its deltas": (
        bad("def changes(self, cursor):\n    return super().changes(None)"),
        "test_a_quiet_delta_is_empty",
    ),
    "takes any cursor": (
        bad(
            "def changes(self, cursor):\n"
            "    return attrs.evolve(super().changes(cursor), reset=False)"
        ),
        "test_an_unknown_cursor_starts_anew",
    ),
    "confirms what is gone": (
        bad(
            "def confirm(self, items):\n"
            "    return [Confirmation(i.ref.href, Shown.VISIBLE) for i in items]"
        ),
        "test_what_is_there_is_confirmed",
    ),
    "follows another contract": (
        "return attrs.evolve(spec, api_version=2)",
        "test_specification_is_sound",
    ),
    "leaks its secret into the log": (
        SECRET.format(
            leak="logging.getLogger('bad').debug(config.password.reveal())", method="pass"
        ),
        "test_secrets_show_nowhere",
    ),
    "leaks its secret in an error": (
        SECRET.format(
            leak="pass",
            method="def read(self, hrefs):\n                "
            "raise AuthError(f'refused: {self.config.password.reveal()}')",
        ),
        "test_secrets_show_nowhere",
    ),
    "reaches out to the network": (
        bad(
            "def list(self):\n    import socket\n    socket.create_connection(('192.0.2.1', 80), 1)"
        ),
        "test_an_empty_collection_lists_nothing",
    ),
    "drops a standard test": (
        "return spec\n    test_samples_come_back = None",
        "test_no_standard_test_is_lost",
    ),
    "overrides a standard test": (
        "return spec" + PASSING,
        "test_no_standard_test_is_lost",
    ),
    "skips a standard test": (
        "return spec\n    @pytest.mark.skip(reason='x')" + PASSING,
        "test_no_standard_test_is_lost",
    ),
    "loosens an expected failure": (
        "return spec\n    @pytest.mark.xfail(reason='x', strict=False)" + PASSING,
        "test_no_standard_test_is_lost",
    ),
    "expects no failure without a reason": (
        "return spec\n    @pytest.mark.xfail\n    def test_samples_come_back(self):\n        1 / 0",
        "test_no_standard_test_is_lost",
    ),
    "skips everything": (
        "return spec\n    pytestmark = [pytest.mark.skipif(False, reason='x')]",
        "test_no_standard_test_is_lost",
    ),
    "imports heavy modules": (
        "from heavy_board import SPEC\n        return SPEC",
        "test_importing_is_cheap",
    ),
    "is not what is installed": (
        "return attrs.evolve(spec, name='bad')",
        "test_registered_under_its_own_name",
    ),
}

INSTALLED = {"imports heavy modules", "is not what is installed"}

HEAVY = """
import vobject
from territoire_sante.model import Contact
from territoire_sante.testing import MemoryServer, PlainLens, memory_connector
SPEC = memory_connector(MemoryServer(), lens=PlainLens(Contact), name="bad")
"""


def slug(lie):
    """Return a file name's middle for a lie."""
    return re.sub(r"\W", "_", lie)


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory):
    """Run the suite once on every bad connector; give (module, test) of each failure and why."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "heavy_board.py").write_text(HEAVY)
    info = folder / "heavy_board-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: heavy-board\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\nbad = heavy_board:SPEC\n")
    for lie, (change, _) in LIES.items():
        text = BAD.format(change=change, installed=lie in INSTALLED)
        (folder / f"test_{slug(lie)}.py").write_text(text)
    report = folder / "report.xml"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [
            *(sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)),
            *("-p", "no:cacheprovider", "--junitxml", str(report), str(folder)),
        ],
        env={**os.environ, "PYTHONPATH": str(folder)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    found = {}
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - written by pytest just now
        faults = [*case.findall("failure"), *case.findall("error")]
        if faults:
            module = case.get("classname", "").removesuffix(".TestBad")
            found[module, case.get("name")] = faults[0].text
    return found


@pytest.mark.parametrize("lie", LIES)
def test_each_lie_is_caught_by_name(lie, verdicts):
    """A connector with this fault fails the standard test that names it."""
    assert (f"test_{slug(lie)}", LIES[lie][1]) in verdicts


def test_failures_show_values(verdicts):
    """A failing assert of the suite shows what was compared, not only that it failed."""
    text = verdicts["test_loses_a_field", "test_samples_come_back"]

    assert "Joindre le matin" in text


def test_the_network_guard_says_where_to(verdicts):
    """A connector that connects elsewhere fails with the host it tried."""
    text = verdicts["test_reaches_out_to_the_network", "test_an_empty_collection_lists_nothing"]

    assert "a test tried to reach 192.0.2.1" in text.replace("'", "")
