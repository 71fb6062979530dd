# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the format tests: the shared corpus of real files, when it is there."""

import pathlib

import pytest

CORPUS = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "corpus"


def _files(kind: str) -> list[pathlib.Path]:
    return sorted((CORPUS / kind).glob("*")) if (CORPUS / kind).is_dir() else []


@pytest.fixture(scope="session")
def ics_files() -> list[pathlib.Path]:
    """Return the real calendars of the corpus."""
    return _files("ics") or pytest.skip("the shared corpus of real files is absent")


@pytest.fixture(scope="session")
def vcf_files() -> list[pathlib.Path]:
    """Return the real address books of the corpus."""
    return _files("vcf") or pytest.skip("the shared corpus of real files is absent")
