# SPDX-License-Identifier: Apache-2.0
"""Samples are what tests can rely on, and the plain lens keeps the laws."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante import testing
from territoire_sante.errors import FormatError
from territoire_sante.formats import Document, Lens
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.testing import HOSTILE_TEXTS, PlainLens, samples_for

VIEWS = [Event, Contact, Announcement]


@pytest.mark.parametrize("view", VIEWS)
def test_samples_are_different_items(view):
    """The samples of a kind are of that kind, and no two share a uid."""
    samples = list(samples_for(view).values())

    assert {type(sample) for sample in samples} == {view}
    assert len({sample.uid for sample in samples}) == len(samples) > 1


@pytest.mark.parametrize("view", VIEWS)
def test_the_plain_lens_keeps_the_laws(view):
    """Reading back gives the view, putting back the bytes, and foreign keys survive a change."""
    lens = PlainLens(view)
    one, other = list(samples_for(view).values())[:2]
    document = lens.put(one)
    foreign = Document(
        json.dumps({**json.loads(document.data), "x": [1]}).encode(), lens.media_type
    )
    changed = lens.put(other, foreign)

    assert isinstance(lens, Lens)
    assert lens.get(document) == one
    assert lens.put(one, foreign) is foreign
    assert lens.get(changed) == other
    assert json.loads(changed.data)["x"] == [1]


@given(st.binary().filter(lambda data: b"{" not in data))
@settings(max_examples=50)
def test_junk_is_refused_by_the_plain_lens(data):
    """Bytes that are no object of JSON raise FormatError, never anything else."""
    with pytest.raises(FormatError):
        PlainLens(Contact).get(Document(data, "application/json"))


def test_a_bad_field_is_named_by_the_plain_lens():
    """A field of another form is a FormatError with its path."""
    with pytest.raises(FormatError, match=r"\$\.title"):
        PlainLens(Contact).get(Document(b'{"title": 3}', "application/json"))


def test_hostile_texts_are_hostile():
    """The texts hold what careless code trips over."""
    together = "".join(HOSTILE_TEXTS.values())

    assert all(mark in together for mark in ",;:\n\t\\\"'\u2028\u0085\u0301💉&<")
    assert max(map(len, HOSTILE_TEXTS.values())) > 10_000


def test_testing_needs_no_pytest():
    """Importing territoire_sante.testing imports pytest only when a suite is asked for."""
    code = (
        "import sys; import territoire_sante.testing as t; before = 'pytest' in sys.modules; "
        "t.ConnectorSuite; print(before, 'pytest' in sys.modules)"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["False", "True"]


def test_unknown_names_are_refused():
    """A name that territoire_sante.testing does not have raises AttributeError."""
    with pytest.raises(AttributeError, match="no_such_name"):
        testing.no_such_name  # noqa: B018 - the access is the test
