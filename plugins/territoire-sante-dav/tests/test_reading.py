# SPDX-License-Identifier: Apache-2.0
"""Reading from servers that leave out, fail as a whole, and pass on what XML forbids."""

from __future__ import annotations

import threading

import pytest

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ProtocolError,
    RetryableError,
)
from territoire_sante.formats import Document
from territoire_sante.plugins import Stored, Unreadable
from territoire_sante.testing.dav import Faults

PAGE = b"<html><title>Log in</title></html>"
MULTIGET = "calendar-multiget"


@pytest.fixture
def eight(faulty, event):
    """Store eight items and give their hrefs."""
    return [faulty.put(f"{n}.ics", event(f"u{n}")) for n in range(8)]


def texts(answers):
    """Return the bytes of what was read, by href."""
    return {a.ref.href: a.document.data for a in answers if isinstance(a, Stored)}


def test_one_report_for_many(faulty, eight):
    """Items are read in reports of the batch size, and nothing is asked for nothing."""
    with faulty.open(batch=3) as transport:
        faulty.methods()

        assert list(transport.read([])) == []
        assert set(texts(transport.read(eight))) == set(eight)
    assert faulty.methods() == ["REPORT"] * 3


def test_left_out(faulty, eight, event):
    """An item that the report leaves out is asked for alone: read if there, gone if 404."""
    missing = "/dav/cal/missing.ics"
    faulty.on_report(MULTIGET, lambda asked: faulty.multistatus(
        "".join(faulty.member(h, data=True) for h in asked.hrefs() if h in eight[2:])
    ))  # fmt: skip
    with faulty.open() as transport:
        faulty.methods()

        assert set(texts(transport.read([*eight, missing]))) == set(eight)
    assert faulty.methods().count("GET") == 3


def test_without_data(faulty, eight):
    """An item answered without data, or with its data refused, is asked for alone."""
    faulty.on_report(MULTIGET, lambda asked: faulty.multistatus(
        "".join(faulty.member(href) for href in asked.hrefs()[:4])
        + "".join(faulty.found(h, "<C:calendar-data/>", "403 Forbidden") for h in asked.hrefs()[4:])
    ))  # fmt: skip
    with faulty.open() as transport:
        assert set(texts(transport.read(eight))) == set(eight)


@pytest.mark.parametrize("status", [400, 404, 409, 413, 500, 502, 504, 507, 200])
def test_the_report_fails_as_a_whole(faulty, eight, reply, status):
    """A report that one item makes fail is asked again in halves; only that item is asked alone."""

    def spoiled(asked):
        return reply(status, PAGE) if eight[5] in asked.hrefs() else None

    faulty.on_report(MULTIGET, spoiled)
    with faulty.open() as transport:
        faulty.methods()
        read = texts(transport.read(eight))

    assert set(read) == set(eight)
    assert faulty.methods().count("GET") == 1


@pytest.mark.parametrize("status", [405, 501])
def test_no_report_at_all(faulty, eight, reply, status):
    """A server without the report is asked once for it, then item by item."""
    faulty.on("REPORT", reply(status))
    with faulty.open() as transport:
        faulty.methods()

        assert set(texts(transport.read(eight))) == set(eight)
        assert faulty.methods() == ["REPORT"] + ["GET"] * 8
        assert set(texts(transport.read(eight))) == set(eight)
    assert faulty.methods() == ["GET"] * 8


def test_control_characters(faulty, event, eight):
    """An item with a control character is read byte for byte, and the others as usual."""
    poisoned = faulty.put("bad.ics", event("bad", "bell \x07 rings"))
    with faulty.open() as transport:
        faulty.methods()
        read = texts(transport.read([*eight, poisoned]))

    assert set(read) == {*eight, poisoned}
    assert read[poisoned] == event("bad", "bell \x07 rings").data
    assert faulty.methods().count("GET") == 1


def test_bytes_of_another_encoding(faulty, event, eight, reply):
    """An item in Latin-1, which makes the report invalid, is read byte for byte."""
    data = event("bad", "Réunion").data.decode().encode("latin-1")
    poisoned = faulty.put("bad.ics", Document(data, "text/calendar"))

    def spoiled(asked):
        if poisoned not in asked.hrefs():
            return None
        body = faulty.xml("".join(faulty.member(h, data=True) for h in asked.hrefs()[:-1]))
        return reply(207, body.replace(b"</D:multistatus>", data + b"</D:multistatus>"))

    faulty.on_report(MULTIGET, spoiled)
    with faulty.open() as transport:
        read = texts(transport.read([*eight, poisoned]))

    assert read[poisoned] == data
    assert set(read) == {*eight, poisoned}


def test_document_types(faulty, eight, reply):
    """A report with a document type is refused and not expanded; the items are asked alone."""
    bomb = b'<!DOCTYPE x [<!ENTITY a "%s">]><x>&a;&a;</x>' % (b"a" * 1000)
    faulty.on_report(MULTIGET, reply(207, bomb))
    with faulty.open() as transport:
        assert set(texts(transport.read(eight))) == set(eight)


@pytest.mark.parametrize(("status", "body"), [(403, b""), (500, b""), (406, b""), (200, PAGE)])
def test_one_unreadable_item(faulty, event, reply, status, body):
    """An item that cannot be got is unreadable, with the ETag it was listed with and a reason."""
    good, bad = (faulty.put(f"{n}.ics", event(n)) for n in "ab")
    faulty.on_report(MULTIGET, faulty.multistatus(faulty.member(good, data=True)))
    faulty.on("GET", reply(status, body), where="b.ics")
    with faulty.open() as transport:
        list(transport.list())
        answers = {answer.ref.href: answer for answer in transport.read([good, bad])}

    assert isinstance(answers[good], Stored)
    assert isinstance(answers[bad], Unreadable)
    assert answers[bad].ref.etag == '"2"'
    assert str(status) in answers[bad].reason


def test_an_item_too_large(faulty, event):
    """An item larger than the limit is unreadable; the others are read."""
    good = faulty.put("a.ics", event("a"))
    big = faulty.put("b.ics", event("b", "x" * 20_000))
    with faulty.open(max_bytes=10_000) as transport:
        answers = {answer.ref.href: answer for answer in transport.read([good, big])}

    assert isinstance(answers[good], Stored)
    assert "larger" in answers[big].reason


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, PAGE, ProtocolError),
        (404, b"", CollectionGoneError),
        (403, b"", AuthError),
        (401, b"", AuthError),
        (429, b"", RetryableError),
        (302, b"", ProtocolError),
    ],
)
def test_everything_fails(faulty, reply, status, body, error):
    """When the whole server answers something else, no item is called gone or unreadable."""
    answer = reply(status, body, {"Location": "http://192.0.2.1/portal", "Retry-After": "600"})
    with faulty.open() as transport:
        for method in ("GET", "REPORT", "PROPFIND"):
            faulty.on(method, answer)

        with pytest.raises(error):
            list(transport.read(["/dav/cal/a.ics", "/dav/cal/b.ics"]))


def test_line_ends(faulty, event):
    """Bytes are equal whether a report or GET gave them, and whatever line ends are stored."""
    data = event("a").data
    stored = [data, data.replace(b"\r\n", b"\n"), data.rstrip(), b"\n" + data + b"\r\n\n"]
    hrefs = [
        faulty.put(f"{n}.ics", Document(bytes_, "text/calendar")) for n, bytes_ in enumerate(stored)
    ]
    with faulty.open() as transport:
        many = texts(transport.read(hrefs))
        transport._wire.multiget = False
        alone = texts(transport.read(hrefs))

    assert many == alone == dict.fromkeys(hrefs, data)


def test_no_etags_at_all(faulty, event):
    """On a server without ETags a version is known by its content."""
    faulty.faults = Faults(etags="missing")
    href = faulty.put("a.ics", event("a", "one"))
    with faulty.open() as transport:
        (listed,) = transport.list()
        (first,) = transport.read([href])
        (again,) = transport.read([href])
        faulty.put("a.ics", event("a", "two"))
        (changed,) = transport.read([href])

    assert listed.etag is None
    assert first.ref == again.ref
    assert first.ref.etag != changed.ref.etag


def many(faulty, event, count):
    """Store items and give their hrefs."""
    return [faulty.put(f"m{n}.ics", event(f"m{n}")) for n in range(count)]


def test_reports_grow_while_all_is_well(faulty, event):
    """A thousand items take two reports: the first one is small, and the rest follows."""
    hrefs = many(faulty, event, 1000)
    with faulty.open() as transport:
        faulty.methods()

        assert set(texts(transport.read(hrefs))) == set(hrefs)
    assert faulty.methods() == ["REPORT"] * 2


def test_answers_cut_short(faulty, event):
    """A server that answers twenty items at most is asked for the rest by further reports."""
    hrefs = many(faulty, event, 200)
    faulty.on_report(MULTIGET, lambda asked: faulty.multistatus(
        "".join(faulty.member(href, data=True) for href in asked.hrefs()[:20])
    ))  # fmt: skip
    with faulty.open() as transport:
        faulty.methods()

        assert set(texts(transport.read(hrefs))) == set(hrefs)
    methods = faulty.methods()
    assert methods.count("REPORT") <= 14
    assert methods.count("GET") <= 20


def test_large_reports_refused(faulty, event, reply):
    """A server that refuses more than sixty items at a time is asked for fewer from then on."""
    hrefs = many(faulty, event, 600)
    faulty.on_report(MULTIGET, lambda asked: reply(507) if len(asked.hrefs()) > 60 else None)
    with faulty.open() as transport:
        faulty.methods()

        assert set(texts(transport.read(hrefs))) == set(hrefs)
    methods = faulty.methods()
    assert methods.count("GET") == 0
    assert methods.count("REPORT") <= 40


def test_an_abandoned_reading_ends(faulty, event):
    """Whoever takes only the first answer leaves nothing under way behind."""
    hrefs = many(faulty, event, 200)
    with faulty.open() as transport:
        answers = transport.read(hrefs)
        assert next(answers).ref.href == hrefs[0]
        answers.close()
    assert not [one for one in threading.enumerate() if "territoire-sante-read" in one.name]
