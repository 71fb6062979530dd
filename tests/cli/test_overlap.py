# SPDX-License-Identifier: Apache-2.0
"""Timers that overlap: several runs of the same link at once, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys

from territoire_sante.model import Event, Visibility
from territoire_sante.store import Store
from territoire_sante.testing.dav import FaultServer

THERE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//example.org//EN\r\nBEGIN:VEVENT\r\n"
    "UID:there-{n}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20270101T090000Z\r\n"
    "SUMMARY:Là-bas {n}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_runs_that_overlap_double_nothing(territory, configure):
    """Of four runs each is done or told that another is at work; each item is there once."""
    url = f"sqlite:///{territory}/territoire.db"
    with Store.open(url) as store:
        store.put(
            *(
                Event(id=f"event:{n}", summary=f"Ici {n}", visibility=Visibility.PUBLIC)
                for n in range(20)
            )
        )
    with FaultServer() as server:
        agenda = server.calendar("agenda")
        agenda.fill((f"there-{n}.ics", THERE.format(n=n).encode()) for n in range(20))
        configure(
            '[[link]]\nname = "agenda"\nconnector = "caldav"\nview = "event"\n'
            f'config = {{ url = "{server.url_of(agenda)}" }}\n'
        )
        command = [sys.executable, "-m", "territoire_sante", "--lang", "en", "sync"]
        runs = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - ours
            for _ in range(4)
        ]
        ended = [(*run.communicate(), run.returncode) for run in runs]
        assert {code for *_, code in ended} <= {0, 3}
        assert all("another run is at work" in err for _, err, code in ended if code == 3)
        assert 0 in {code for *_, code in ended}
        last = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        assert last.returncode == 0, last.stderr
        there = [agenda.data(name) for name in agenda]
    with Store.open(url) as store:
        here = [event.summary for event in store.all(Event)]
    assert len(here) == len(set(here)) == 40
    assert len(there) == 40
    assert all(sum(f"SUMMARY:{name}\r\n".encode() in data for data in there) == 1 for name in here)
