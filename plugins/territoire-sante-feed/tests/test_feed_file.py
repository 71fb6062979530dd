# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import errno
import multiprocessing
import os
from pathlib import Path

import attrs
import pytest

from territoire_sante.errors import (
    CollectionGoneError,
    ConfigError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
    ProtocolError,
    RetryableError,
    UnsupportedError,
)
from territoire_sante.formats import Document
from territoire_sante.formats.feed import ATOM, RSS, FeedFormat
from territoire_sante.model import Announcement
from territoire_sante.plugins import Ref, Shown, Stored, open_transport, structure_config
from territoire_sante_feed import FEED, FeedConfig, FeedFile

NOW = dt.datetime(2026, 3, 29, 12, 30, tzinfo=dt.UTC)
NOTICE = Announcement(
    id="announcement:1", uid="urn:example:1", title="Dépistage", body="Samedi\nSalle des fêtes"
)


@pytest.fixture
def config(tmp_path):
    """Give the configuration of an Atom feed that is yet to be made."""
    return FeedConfig(path=tmp_path / "annonces.atom", title="Santé au village", create=True)


@pytest.fixture
def feed(config):
    """Give the transport, whose clock stands still."""
    return FeedFile(config, clock=lambda: NOW)


def _notice(number: int) -> Document:
    return ATOM.put(attrs.evolve(NOTICE, uid=f"urn:example:{number}"), now=NOW)


def _stored(feed: FeedFile, href: str) -> Stored:
    (stored,) = feed.read([href])
    return stored


def test_listing_makes_no_file(config, feed):
    """A feed that is yet to be made is empty, and looking at it writes nothing."""
    assert list(feed.list()) == []
    assert list(config.path.parent.iterdir()) == []


def test_what_is_written_is_read_back(config, feed):
    """The entry comes back byte for byte, under its own identifier, newest first."""
    first, second = (feed.create("hint", _notice(number)) for number in (1, 2))

    assert [ref.href for ref in (first, second)] == ["urn:example:1", "urn:example:2"]
    assert list(feed.list()) == [second, first]
    assert _stored(feed, "urn:example:1") == Stored(first, _notice(1))
    assert b"<updated>2026-03-29T12:30:00Z</updated>" in config.path.read_bytes()


def test_a_new_feed_can_be_read_by_others(config, feed):
    """The file is not private, unlike its lock: a web server must read it."""
    old = os.umask(0o022)
    try:
        feed.create("hint", _notice(1))
    finally:
        os.umask(old)

    assert config.path.stat().st_mode & 0o777 == 0o644


def test_a_write_keeps_mode_and_link(config, feed, tmp_path):
    """Replacing the file keeps its mode, and follows a symbolic link to it."""
    feed.create("hint", _notice(1))
    config.path.chmod(0o640)
    link = tmp_path / "public.atom"
    link.symlink_to(config.path)

    FeedFile(attrs.evolve(config, path=link)).create("hint", _notice(2))

    assert link.is_symlink()
    assert config.path.stat().st_mode & 0o777 == 0o640
    assert len(list(feed.list())) == 2


def test_other_programs_are_noticed(config, feed):
    """An entry edited by hand has another version tag, and the edit stays around our writes."""
    ref = feed.create("hint", _notice(1))
    feed.create("hint", _notice(2))
    text = config.path.read_text().replace("<feed", "<!-- par la mairie -->\n<feed", 1)
    config.path.write_text(text.replace("Samedi", "Dimanche"))

    assert ref not in list(feed.list())
    with pytest.raises(ConflictError, match="another version"):
        feed.replace(ref, _notice(1))
    with pytest.raises(ConflictError, match="another version"):
        feed.delete(ref)
    current = _stored(feed, ref.href)
    assert ATOM.get(current.document).body == "Dimanche\nSalle des fêtes"
    feed.replace(current.ref, _notice(1))
    assert config.path.read_text().count("<!-- par la mairie -->") == 1


def test_a_version_that_is_not_known_is_not_written_over(feed):
    """Without a version tag, nothing says what was seen: that is a conflict."""
    ref = feed.create("hint", _notice(1))

    with pytest.raises(ConflictError):
        feed.replace(Ref(ref.href), _notice(1))


def test_identifiers_stay_unique(feed):
    """Neither a new entry nor a new identifier may take the place of another entry."""
    feed.create("hint", _notice(1))
    second = feed.create("hint", _notice(2))

    with pytest.raises(ConflictError, match="identifier"):
        feed.create("hint", _notice(1))
    with pytest.raises(ConflictError, match="identifier"):
        feed.replace(second, _notice(1))
    renamed = feed.replace(second, _notice(3))
    assert renamed.href == "urn:example:3"
    assert [ref.href for ref in feed.list()] == ["urn:example:3", "urn:example:1"]


def test_what_is_gone_is_not_found(feed):
    """Replacing or deleting an entry that is not there names it."""
    with pytest.raises(ItemNotFoundError, match="urn:example:1"):
        feed.delete(Ref("urn:example:1", '"x"'))


@pytest.mark.parametrize("document", [RSS.put(NOTICE), Document(b"<entry", ATOM.media_type)])
def test_a_document_that_is_no_entry_is_refused(config, feed, document):
    """An RSS item or broken XML does not get into an Atom feed."""
    with pytest.raises(ItemRefusedError, match="no entry"):
        feed.create("hint", document)

    assert not config.path.exists()


@pytest.mark.parametrize("data", [b"<html/>", b"<rss><channel/></rss>", b"", b"<feed"])
def test_a_file_that_is_no_such_feed_is_left_alone(config, feed, data):
    """A file of another format, or none, is reported and keeps its bytes."""
    config.path.write_bytes(data)

    with pytest.raises(ProtocolError, match="the file is"):
        list(feed.list())
    with pytest.raises(ProtocolError):
        feed.create("hint", _notice(1))
    (answer,) = feed.confirm([Stored(Ref("urn:example:1"), _notice(1))])
    assert answer.shown is Shown.UNKNOWN
    assert config.path.read_bytes() == data


def test_confirmation_tells_what_the_file_holds(config, feed):
    """Visible as written, different once edited, gone once removed."""
    items = [_stored(feed, feed.create("hint", _notice(number)).href) for number in range(3)]
    feed.delete(items[2].ref)
    config.path.write_text(config.path.read_text().replace("Dépistage", "Vaccins", 1))

    shown = [answer.shown for answer in feed.confirm(items)]

    assert shown == [Shown.VISIBLE, Shown.DIFFERS, Shown.GONE]


def test_a_missing_file_is_not_an_empty_feed(config):
    """Unless it may be made, a missing file stops the link, and so does a missing folder."""
    with (
        pytest.raises(CollectionGoneError, match="create"),
        open_transport(FEED, attrs.evolve(config, create=False)),
    ):
        pytest.fail("opened")
    elsewhere = attrs.evolve(config, path=config.path.parent / "absent" / "a.atom")
    with pytest.raises(CollectionGoneError, match="folder"), open_transport(FEED, elsewhere):
        pytest.fail("opened")


def test_a_file_that_vanishes_is_not_an_empty_feed(config, feed):
    """A file that was there and is not any more stops the link."""
    feed.create("hint", _notice(1))
    strict = FeedFile(attrs.evolve(config, create=False))
    config.path.unlink()

    with pytest.raises(CollectionGoneError):
        list(strict.list())


def test_a_folder_that_takes_no_file_is_said(config, feed, monkeypatch):
    """A file that is yet to be made and cannot be is no collection that is gone."""
    monkeypatch.setattr(os, "fsync", _full)

    with pytest.raises(RetryableError, match=os.strerror(errno.ENOSPC)):
        feed.create("hint", _notice(1))
    assert [path.name for path in config.path.parent.iterdir()] == [f".{config.path.name}.lock"]


def _full(_handle):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_change_at_the_last_moment_is_a_conflict(config, feed):
    """What another program wrote between our look and our write is not lost."""
    feed.create("hint", _notice(1))
    before = config.path.read_bytes()

    def clock():
        config.path.write_bytes(before + b"<!-- theirs -->")
        return NOW

    late = FeedFile(config, clock=clock)
    with pytest.raises(ConflictError, match="just now"):
        late.create("hint", _notice(2))

    assert [ref.href for ref in feed.list()] == ["urn:example:1"]
    assert not list(config.path.parent.glob(".*.tmp"))


def _write_ten(path: Path, first: int) -> None:
    feed = FeedFile(FeedConfig(path=path, title="T", create=True))
    for number in range(first, first + 10):
        feed.create("hint", _notice(number))


def test_two_processes_lose_nothing(config, feed):
    """Two programs that write the same feed at the same time both get all entries in."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_ten, args=(config.path, n)) for n in (0, 100)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0, 0]
    expected = {
        f"urn:example:{number}" for first in (0, 100) for number in range(first, first + 10)
    }
    assert {ref.href for ref in feed.list()} == expected


def test_options_are_structured(tmp_path):
    """Options of a configuration file become the configuration, with its zone and format."""
    options = {"path": str(tmp_path / "a.xml"), "title": "T", "format": "rss", "timezone": "UTC"}

    config = structure_config(FEED, options)

    assert config.format is FeedFormat.RSS
    assert (
        b"+0000"
        in FEED.lens_for(config).put(attrs.evolve(NOTICE, publish_from=dt.date(2026, 3, 29))).data
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"format": "cap"}, "'atom', 'rss', 'json'"),
        ({"timezone": "Europe/Atlantide"}, "no time zone"),
        ({"title": " "}, "needs a title"),
        ({"url": "https://example.org/feed"}, "web-feed reads"),
        ({"public_url": "annonces.atom"}, "in full"),
    ],
)
def test_a_wrong_option_is_explained(tmp_path, options, message):
    """Each wrong option is named in a ConfigError that says what to write."""
    with pytest.raises(ConfigError, match=message):
        structure_config(FEED, {"path": str(tmp_path / "a"), "title": "T", **options})


def test_an_address_to_read_is_for_the_other_connector(tmp_path):
    """A configuration made in code refuses the same option, as unsupported."""
    with pytest.raises(UnsupportedError, match="url"):
        FeedConfig(path=tmp_path / "a", title="T", url="https://example.org/feed")
