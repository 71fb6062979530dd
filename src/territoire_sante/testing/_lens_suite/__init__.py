# SPDX-License-Identifier: Apache-2.0
"""
The suite of lenses: that a format loses nothing, as pytest tests.

.. code-block:: python

    class TestBoardLines(LensSuite):
        @pytest.fixture
        def lens(self):
            return BoardLens()

A lens that cannot keep a promise overrides that one test with
``@pytest.mark.xfail(reason="…", strict=True)``; leaving one out is found.
"""

from __future__ import annotations

from territoire_sante.testing._lens_suite._laws import LawTests
from territoire_sante.testing._lens_suite._values import ValueTests
from territoire_sante.testing._standard import Defended


class LensSuite(ValueTests, LawTests, Defended, suite=True):
    """
    Derive from it, and give the fixture ``lens``.

    Two more may be overridden: ``documents``, a list of documents as others write them, with
    what the lens does not know of; and ``views`` by name, those that the format can carry, where
    the usual ones do not suit. Together they must fill each field that the lens declares. Set
    ``reads_only = True`` for a lens that refuses to write.
    """


__all__ = ["LensSuite"]
