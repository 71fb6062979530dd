# SPDX-License-Identifier: Apache-2.0
"""Distributions made up for one test, and a connector to put in them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import attrs
import pytest

from territoire_sante.formats import Document
from territoire_sante.model import Announcement
from territoire_sante.plugins import ENTRY_POINT_GROUP, Capability, ConnectorSpec, Secret

GOOD = """
import attrs
from territoire_sante.plugins import Capability, ConnectorSpec

@attrs.frozen
class Config:
    path: str = ""

class Lens:
    view, media_type, fields = dict, "text/plain", frozenset()
    def get(self, document): ...
    def put(self, view, document=None, *, now=None): ...

SPEC = ConnectorSpec(
    name={name!r}, summary="", view=dict, config=Config, lens=Lens(), open=lambda config: None,
    capabilities=frozenset([Capability.READ]),
)
"""


@attrs.frozen
class Site:
    """A folder on the import path, into which a test puts distributions."""

    path: Path

    def add(self, distribution, entry_points, *, version="1.0", metadata=None, **modules):
        """Write the metadata of a distribution and the source of its modules."""
        folder = self.path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (folder / "METADATA").write_text(text if metadata is None else metadata)
        lines = [f"[{ENTRY_POINT_GROUP}]", *entry_points]
        (folder / "entry_points.txt").write_text("\n".join(lines) + "\n")
        for name, source in modules.items():
            (self.path / f"{name}.py").write_text(source)

    def good(self, distribution, name, module):
        """Write a distribution with one sound connector."""
        self.add(distribution, [f"{name} = {module}:SPEC"], **{module: GOOD.format(name=name)})


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Give an empty folder on the import path; its modules are forgotten afterwards."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield Site(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


class TextLens:
    """A lens whose views are announcements with a body only."""

    view = Announcement
    media_type = "text/plain"
    fields = frozenset({"body"})

    def get(self, document):
        """Return the text as a body."""
        return Announcement(id="announcement:x", body=document.data.decode())

    def put(self, view, document=None, *, now=None):  # noqa: ARG002 - the protocol's names
        """Return the body as text."""
        return Document(view.body.encode(), self.media_type)


@attrs.frozen(kw_only=True)
class PasswordConfig:
    """A configuration with a secret."""

    url: str
    password: Secret


@pytest.fixture
def make_spec():
    """Give a function that makes a connector from an opening function and any other parts."""

    @contextmanager
    def nothing(_config):
        yield object()

    def make(**parts):
        return ConnectorSpec(
            **{
                "name": "demo",
                "summary": "For tests",
                "view": Announcement,
                "config": PasswordConfig,
                "capabilities": frozenset([Capability.READ]),
                "lens": TextLens(),
                "open": nothing,
                **parts,
            }
        )

    return make
