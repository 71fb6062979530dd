# SPDX-License-Identifier: Apache-2.0
"""The stand-in for a web server with a feed behaves as real ones do, faults included."""

from __future__ import annotations

import gzip

import pytest
import requests

from territoire_sante.testing.feed import Fault, FeedServer

FEED = b'<rss><channel><item><guid isPermaLink="false">a</guid></item></channel></rss>'


def _get(server, **headers):
    return requests.get(server.url, headers={"Accept-Encoding": "identity", **headers}, timeout=5)


def test_it_publishes_with_validators():
    """The feed comes with its media type, an ETag and a date; each version has its own."""
    with FeedServer(FEED, media_type="application/rss+xml", clock=lambda: 0.0) as server:
        first = _get(server)
        server.publish(FEED + b"<!-- -->")
        second = _get(server)

    assert (first.content, first.headers["Content-Type"]) == (FEED, "application/rss+xml")
    assert first.headers["Last-Modified"] == "Thu, 01 Jan 1970 00:00:00 GMT"
    assert first.headers["ETag"] != second.headers["ETag"]


@pytest.mark.parametrize(
    ("name", "weak"),
    [("If-None-Match", ""), ("If-None-Match", "W/"), ("If-Modified-Since", "")],
)
def test_it_answers_304_to_whom_has_it(name, weak):
    """Either validator is enough, a weak tag too; without a body."""
    with FeedServer(FEED) as server:
        known = _get(server).headers
        value = known["ETag"] if name == "If-None-Match" else known["Last-Modified"]
        answer = _get(server, **{name: weak + value})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_tag_counts_first():
    """A tag of another version wins over a date that still holds (RFC 9110, 13.2.2)."""
    with FeedServer(FEED) as server:
        since = _get(server).headers["Last-Modified"]
        answer = _get(server, **{"If-None-Match": '"other"', "If-Modified-Since": since})

    assert answer.status_code == 200


def test_it_can_do_without_validators():
    """A server may know neither tag nor date."""
    with FeedServer(FEED, etag=False, last_modified=False) as server:
        headers = _get(server).headers

    assert not {"ETag", "Last-Modified"} & set(headers)


def test_it_delivers_a_file_as_it_is(tmp_path):
    """A file is read at each request; while it is missing there is nothing."""
    path = tmp_path / "annonces"
    with FeedServer(path=path) as server:
        before = _get(server).status_code
        path.write_bytes(FEED)
        after = _get(server)
        elsewhere = requests.get(server.url + "x", timeout=5).status_code

        assert (before, after.status_code, after.content, elsewhere) == (404, 200, FEED, 404)
        assert server.shown() == FEED


def test_faults_pass():
    """A fault is for as many answers as it was said; then all is well again."""
    with FeedServer(FEED) as server:
        server.fail(Fault.ERROR, times=2)
        assert [_get(server).status_code for _ in range(3)] == [500, 500, 200]
        assert [one.status for one in server.asked] == [500, 500, 200]


@pytest.mark.parametrize(
    ("fault", "status", "page"),
    [
        (Fault.HTML, 200, True),
        (Fault.GONE, 410, True),
        (Fault.BUSY, 429, True),
        (Fault.NEW_IDS, 200, False),
    ],
)
def test_faults_are_what_they_are_called(fault, status, page):
    """Each fault gives its status, and a web page where a server would."""
    with FeedServer(FEED) as server:
        server.always(fault)
        answer = _get(server)

    assert answer.status_code == status
    assert answer.content.startswith(b"<!DOCTYPE html>") is page


def test_a_cut_answer_ends_early():
    """The length that was told is not reached."""
    with FeedServer(FEED) as server:
        server.always(Fault.CUT)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            _get(server)


def test_a_slow_answer_does_not_come():
    """Whoever waits gives up; stopping the server does not wait for it."""
    with FeedServer(FEED) as server:
        server.always(Fault.SLOW)
        with pytest.raises(requests.Timeout):
            requests.get(server.url, timeout=0.2)


def test_identifiers_can_change_at_each_download():
    """Nothing but the identifiers is new."""
    with FeedServer(FEED) as server:
        server.always(Fault.NEW_IDS)
        first, second = _get(server).content, _get(server).content

    assert len({FEED, first, second}) == 3
    assert first.replace(b"?1", b"") == FEED


def test_a_packed_answer_is_packed():
    """It is packed even for whom asked for no packing."""
    with FeedServer(FEED) as server:
        server.always(Fault.GZIP)
        answer = requests.get(server.url, stream=True, timeout=5)

        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.raw.read(decode_content=False)) == FEED


def test_outside_of_its_block_it_has_no_address():
    """The address is known while the server runs."""
    with pytest.raises(RuntimeError, match="with block"):
        assert FeedServer(FEED).url
