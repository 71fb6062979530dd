# SPDX-License-Identifier: Apache-2.0
"""Every real calendar and card of the shared corpus: no crash, no hang, no byte lost."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from territoire_sante.errors import FormatError
from territoire_sante.formats import check, contentline

SECONDS = 5.0  # of processor time for one file, however slow the machine

#: Why a whole file is refused, with the number of files of the corpus.
REFUSED = {
    r"components are nested deeper than 32": 1,
    r"there is neither a calendar nor a card in it": 4,
}

#: Why an item is set aside, with the most items of the corpus that it may concern.
UNREADABLE = {
    r"[A-Z-]+: '.*' is no date or time\. .*": 20,
    r"[A-Z-]+: '.*' is no duration\. .*": 1,
    r"DTEND: DTSTART and the end are not both days or both times": 3,
    r"[A-Z-]+: the time zone '.*' is neither known nor defined in the document\. .*": 10,
    r"the document holds 2 cards\. .*": 1,
}


@pytest.fixture(scope="module")
def checked(ics_files, vcf_files):
    """Return each file of the corpus with what check found and its seconds of processor time."""
    found = []
    for path in (*ics_files, *vcf_files):
        begun = time.process_time()
        result = check(path)
        found.append((path, result, time.process_time() - begun))
    return found


def sorted_by(reasons, causes):
    """Return how often each of the known reasons is met, and the causes that have none."""
    met, unknown = Counter(), []
    for name, cause in causes:
        known = next((reason for reason in reasons if re.fullmatch(reason, cause)), None)
        if known is None:
            unknown.append((name, cause))
        else:
            met[known] += 1
    return met, unknown


def test_no_file_takes_long(checked):
    """No file takes five seconds of processor time, read twice over and put back."""
    assert max(seconds for _, _, seconds in checked) < SECONDS


def test_nearly_all_are_accepted(checked):
    """At least 97 % of the files are accepted, and the refusals have exactly the known reasons."""
    refused = [(path.name, result.refused) for path, result, _ in checked if result.refused]
    met, unknown = sorted_by(REFUSED, refused)

    assert unknown == []
    assert met == REFUSED
    assert len(refused) <= len(checked) * 3 / 100


def test_accepted_files_come_back(checked):
    """Each file that is accepted, and each item read from it, comes back byte for byte."""
    changed = [
        path.name for path, result, _ in checked if result.round_trips == bool(result.refused)
    ]

    assert changed == []
    assert sum(result.items for _, result, _ in checked) > 3_000


def test_even_refused_files_come_back_as_lines(checked):
    """Only a file that is nested too deeply is refused as lines; all others come back."""
    refused = []
    for path, _, _ in checked:
        data = path.read_bytes()
        try:
            assert contentline.parse(data).to_bytes() == data, path.name
        except FormatError as error:
            refused.append(str(error))

    assert refused == ["components are nested deeper than 32"]


def test_items_set_aside_have_known_reasons(checked):
    """The items that cannot be read are few, and each has one of the known reasons and its line."""
    faults = [(path, fault) for path, result, _ in checked for fault in result.unreadable]
    met, unknown = sorted_by(UNREADABLE, [(path.name, fault.message) for path, fault in faults])

    assert unknown == []
    assert all(met[reason] <= most for reason, most in UNREADABLE.items())
    assert set(met) == set(UNREADABLE)
    for path, fault in faults:
        assert 1 <= fault.line <= len(path.read_bytes().splitlines()), path.name


def test_problems_have_a_line(checked):
    """Every problem names a line of its file."""
    for path, result, _ in checked:
        height = len(re.split(rb"\r\n|\r|\n", path.read_bytes()))
        assert all(1 <= problem.line <= height for problem in result.problems), path.name
