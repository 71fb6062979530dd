# SPDX-License-Identifier: Apache-2.0
"""Pictures: uploaded as bytes, with the text that stands for them."""

from __future__ import annotations

import attrs
import pytest

from territoire_sante.errors import ItemRefusedError, RetryableError
from territoire_sante.model import Announcement, Attachment
from territoire_sante.plugins import Shown, Stored
from territoire_sante.testing.mastodon import MastodonServer
from territoire_sante_mastodon import NOTICE
from territoire_sante_mastodon._transport import opened

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
VIEW = Announcement(id="announcement:1", uid="urn:example:1", title="Dépistage", body="Samedi")


@pytest.fixture
def picture(server):
    """Give the picture of a poster, hosted."""
    url = server.host("affiche.png", PNG, "image/png")
    return Attachment(url=url, alt="Affiche : « dépistage », samedi à 9 h 🩺")


def _document(*pictures, **changes):
    return NOTICE.put(attrs.evolve(VIEW, attachments=tuple(pictures), **changes))


def _posts(server, path):
    return [one for one in server.requests if one.method == "POST" and one.path == path]


def test_a_picture_is_uploaded_byte_for_byte(server, statuses, picture):
    """The picture is read at its address and uploaded, with its text, before the status."""
    statuses.create("a", _document(picture))

    (seen,) = server.shown()
    ((data, kind, alt),) = ((one.data, one.media_type, one.alt) for one in seen.pictures)
    assert (data, kind, alt) == (PNG, "image/png", picture.alt)


def test_a_picture_that_is_being_processed_is_waited_for(settings, clock):
    """202 is no failure: the picture is asked for until it can be attached."""
    with (
        MastodonServer(token="jeton-invente", processing=3, clock=clock) as server,
        opened(settings(server), clock=clock, sleep=lambda _: None) as statuses,
    ):
        url = server.host("a.png", PNG, "image/png")
        statuses.create("a", _document(Attachment(url=url)))

        assert len(server.shown()[0].pictures) == 1
        assert [one.status for one in server.requests if "/media/" in one.path] == [206, 206, 200]


def test_a_picture_that_is_never_ready_sends_nothing(settings, clock):
    """A status is not sent without its picture; it is tried again later."""
    with (
        MastodonServer(token="jeton-invente", processing=99, clock=clock) as server,
        opened(settings(server), clock=clock, sleep=lambda _: None) as statuses,
    ):
        url = server.host("a.png", PNG, "image/png")
        with pytest.raises(RetryableError) as caught:
            statuses.create("a", _document(Attachment(url=url)))

        assert caught.value.retry_after == 60.0
        assert server.shown() == ()


def test_a_correction_of_the_text_keeps_the_pictures(server, statuses, picture):
    """Mastodon drops files that an edit does not name: they are named, and not uploaded again."""
    ref = statuses.create("a", _document(picture))

    statuses.replace(ref, _document(picture, body="Dimanche"))

    (seen,) = server.shown()
    assert [one.alt for one in seen.pictures] == [picture.alt]
    assert len(_posts(server, "/api/v2/media")) == 1


def test_another_text_of_a_picture_is_an_edit(server, statuses, picture):
    """A corrected description changes the status without another upload."""
    ref = statuses.create("a", _document(picture))

    statuses.replace(ref, _document(attrs.evolve(picture, alt="Une affiche")))

    assert [one.alt for one in server.shown()[0].pictures] == ["Une affiche"]
    assert len(_posts(server, "/api/v2/media")) == 1


def test_a_picture_can_be_exchanged_and_taken_away(server, statuses, picture):
    """Another address is uploaded; an announcement without pictures has none any more."""
    other = attrs.evolve(picture, url=server.host("b.png", PNG[::-1], "image/png"))
    ref = statuses.create("a", _document(picture))

    ref = statuses.replace(ref, _document(other))
    assert [one.data for one in server.shown()[0].pictures] == [PNG[::-1]]
    statuses.replace(ref, _document())
    assert server.shown()[0].pictures == ()


@pytest.mark.parametrize(
    ("name", "data", "kind", "why"),
    [
        ("page.png", b"<!DOCTYPE html><html>", "text/html", "image acceptée"),
        ("film.png", PNG, "video/mp4", "image acceptée"),
        ("lourde.png", PNG * 100, "image/png", "trop lourde"),
        ("absente.png", None, "", "image acceptée"),
    ],
)
def test_what_is_no_picture_sends_nothing(settings, name, data, kind, why):
    """A web page, a film, a heavy file or none at all is refused in French, and nothing is sent."""
    with (
        MastodonServer(token="jeton-invente", image_bytes=5000) as server,
        opened(settings(server)) as statuses,
    ):
        url = f"{server.origin}/files/{name}" if data is None else server.host(name, data, kind)
        with pytest.raises(ItemRefusedError) as caught:
            statuses.create("a", _document(Attachment(url=url)))

        assert why in caught.value.remedy
        assert server.shown() == ()


def test_a_file_of_the_own_network_is_not_read(server, statuses):
    """An address inside of the network of the machine is refused: it is nobody's public picture."""
    url = "http://127.0.0.1:1/affiche.png"
    with pytest.raises(ItemRefusedError) as caught:
        statuses.create("a", _document(Attachment(url=url)))

    assert "n'a pas pu être lue" in caught.value.remedy
    assert server.shown() == ()


@pytest.mark.parametrize("attachment", [
    Attachment(url="https://example.org/affiche.pdf"),
    Attachment(url="https://example.org/affiche.png", alt="x" * 1501),
    Attachment(url="https://example.org/affiche.png", size=20_000_000),
])  # fmt: skip
def test_files_beyond_the_limits_are_refused_before_anything_is_read(server, statuses, attachment):
    """Another type, a text of 1,501 characters, or a size too large: nothing is read or sent."""
    with pytest.raises(ItemRefusedError):
        statuses.create("a", _document(attachment))

    assert _posts(server, "/api/v2/media") == []


def test_a_missing_picture_or_text_differs(server, statuses, picture):
    """Readers who miss a picture or its text do not see the notice as it was meant."""
    document = _document(picture)
    bare = statuses.create("a", _document())
    silent = statuses.create("b", _document(attrs.evolve(picture, alt=""), body="Lundi"))

    (first,) = statuses.confirm([Stored(bare, document)])
    (second,) = statuses.confirm([Stored(silent, _document(picture, body="Lundi"))])

    assert (first.shown, second.shown) == (Shown.DIFFERS, Shown.DIFFERS)
    assert "0 image(s) sur 1" in first.detail
    assert "remplacement" in second.detail
