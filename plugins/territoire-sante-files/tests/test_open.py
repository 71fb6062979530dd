# SPDX-License-Identifier: Apache-2.0
"""What is opened, what is made, and what is refused."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time

import pytest

from territoire_sante.errors import CollectionGoneError, ProtocolError, RetryableError
from territoire_sante.plugins import locked
from territoire_sante_files import ICS, VCF


@pytest.mark.parametrize("name", ["agenda", "agenda.ics"])
def test_nothing_is_made_unasked(tmp_path, use, name):
    """A missing path is a collection that is gone, and stays missing."""
    with pytest.raises(CollectionGoneError, match="create = true"), use(ICS, name):
        pytest.fail("opened although nothing is there")

    assert list(tmp_path.iterdir()) == []


SHELL = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//territoire_sante//FR\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("spec", "name", "content"),
    [
        (ICS, "agenda.ics", SHELL),
        (VCF, "cards.vcf", b"\r\n"),
        (ICS, "agenda", None),
        (ICS, "cards.vcf", None),
    ],
    ids=["calendar", "cards", "folder", "other ending"],
)
def test_the_ending_says_what_is_made(tmp_path, use, spec, name, content):
    """With create, a path with the connector's ending becomes a file, any other a folder."""
    with use(spec, name, create=True) as transport:
        assert list(transport.list()) == []

    path = tmp_path / name
    assert (path.read_bytes() if content is not None else None) == content
    assert path.is_dir() == (content is None)
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_only_the_last_part_is_made(tmp_path, use):
    """A missing parent folder (a disk that is not mounted) is never made."""
    with (
        pytest.raises(CollectionGoneError, match="the folder that it is to be made in"),
        use(ICS, "disk/agenda", create=True),
    ):
        pytest.fail("opened although nothing is there")

    assert list(tmp_path.iterdir()) == []


def test_what_is_there_decides(tmp_path, use, event):
    """A folder whose name ends in .ics is a folder, a file without ending is a file."""
    (tmp_path / "folder.ics").mkdir()
    (tmp_path / "file").write_bytes(event("a").data)

    with use(ICS, "folder.ics") as transport:
        assert list(transport.list()) == []
    with use(ICS, "file") as transport:
        assert len(list(transport.list())) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are POSIX")
def test_other_things_are_refused(tmp_path, use):
    """A pipe is neither file nor folder, and is not waited for."""
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(ProtocolError, match="neither a file nor a folder"), use(ICS, "pipe"):
        pytest.fail("opened although it is a pipe")


@pytest.mark.parametrize("name", ["real.ics", "real"])
def test_a_link_to_a_collection_is_followed(tmp_path, use, event, name):
    """A path that is a link keeps being one: what it names is changed."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / name)
    with use(ICS, "link", create=True) as transport:
        transport.create("one", event("a"))

    assert link.is_symlink()
    with use(ICS, name) as transport:
        assert len(list(transport.list())) == 1


HOLD = """
import sys, time
from pathlib import Path
from territoire_sante.plugins import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_writers_wait_for_each_other(tmp_path):
    """A lock that another process holds is waited for, then reported; it ends with its holder."""
    lock = tmp_path / "lock"
    holder = subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout.readline() == "held\n"
        started = time.monotonic()
        with (
            pytest.raises(RetryableError, match=r"more than 0\.2 s"),
            locked(lock, seconds=0.2),
        ):
            pytest.fail("two writers at once")
        assert time.monotonic() - started >= 0.2
    finally:
        holder.kill()
        holder.communicate()
    with locked(lock, seconds=0.2):
        assert lock.read_bytes() == b""


WRITE = """
import sys
from pathlib import Path
from territoire_sante.errors import ConflictError
from territoire_sante.formats import Document
from territoire_sante.plugins import open_transport
from territoire_sante_files import ICS, FilesConfig

path, who = Path(sys.argv[1]), sys.argv[2]
with open_transport(ICS, FilesConfig(path=path)) as transport:
    for n in range(20):
        lines = "BEGIN:VCALENDAR", "BEGIN:VEVENT", f"UID:{who}-{n}", "END:VEVENT", "END:VCALENDAR"
        text = "".join(f"{line}\\r\\n" for line in lines)
        transport.create(f"{who}-{n}", Document(text.encode(), "text/calendar"))
"""


@pytest.mark.parametrize("name", ["agenda.ics", "agenda"])
def test_two_processes_lose_nothing(tmp_path, use, name):
    """Two processes that write 20 items each into one place leave 40 items."""
    with use(ICS, name, create=True):
        pass
    command = [sys.executable, "-c", WRITE, str(tmp_path / name)]
    writers = [subprocess.Popen([*command, who]) for who in ("a", "b")]  # noqa: S603 - ours
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]

    with use(ICS, name) as transport:
        assert len(list(transport.list())) == 40
