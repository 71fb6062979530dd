# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import FormatError, UnsupportedError
from territoire_sante.formats import Document
from territoire_sante.model import Attachment, Severity
from territoire_sante_panneaupocket import PAGE_NOTICE
from territoire_sante_panneaupocket._page import Notice
from territoire_sante_panneaupocket._page_lens import day_of, notice_document

URL = "https://app.panneaupocket.com/ville/1?panneau=10"
NOTICE = Notice(
    number="10",
    url=URL,
    title="Dépistage",
    content="<p>Samedi<br />9 h</p>",
    files=("https://app.panneaupocket.com/a.pdf",),
    label="Le 02/11/2026",
    event=False,
    cancelled=False,
    city="Exempleville",
    postcode="48000",
    bare="Samedi\n9 h",
)


def shown(**changes):
    """Return the announcement that a notice shows."""
    return PAGE_NOTICE.get(notice_document(attrs.evolve(NOTICE, **changes)))


def test_an_announcement_is_what_the_notice_shows():
    """Each field comes from the page; the day is a day, without an hour or a zone."""
    one = shown()

    assert (one.uid, one.url) == ("panneaupocket:1:10", URL)
    assert (one.title, one.body) == ("Dépistage", "Samedi\n9 h")
    assert (one.publish_from, one.event_start) == (dt.date(2026, 11, 2), None)
    assert one.severity is Severity.INFO
    assert one.attachments == (Attachment(url="https://app.panneaupocket.com/a.pdf"),)


def test_the_day_of_a_card_is_that_of_the_event():
    """Of a card of an event the day is not taken for that of its publication."""
    one = shown(event=True)

    assert (one.publish_from, one.event_start) == (None, dt.date(2026, 11, 2))
    assert one.severity is Severity.EVENT


def test_the_stamp_stands_in_the_title():
    """Who reads a cancelled notice elsewhere sees that it is cancelled."""
    assert shown(cancelled=True).title == "ANNULÉ : Dépistage"


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ("Le 02/11/2026", dt.date(2026, 11, 2)),
        ("Publié le 2/1/2026 ", dt.date(2026, 1, 2)),
        ("31/02/2026", None),
        ("02/11/2026 à 9 h", None),
        ("hier", None),
        ("", None),
    ],
)
def test_a_label_that_ends_in_no_day_tells_none(label, day):
    """The label stays in the document as it is; a day is read where it ends in one."""
    document = notice_document(attrs.evolve(NOTICE, label=label))

    assert day_of(label) == day
    assert f'"date": "{label}"' in document.data.decode()
    assert PAGE_NOTICE.get(document).publish_from == day


def test_what_is_shown_can_be_put_and_nothing_else():
    """Putting back what was read gives the same bytes; a change is refused."""
    document = notice_document(NOTICE)

    assert PAGE_NOTICE.put(PAGE_NOTICE.get(document), document) is document
    with pytest.raises(UnsupportedError):
        PAGE_NOTICE.put(attrs.evolve(PAGE_NOTICE.get(document), title="Autre"), document)
    with pytest.raises(UnsupportedError):
        PAGE_NOTICE.put(PAGE_NOTICE.get(document))


def test_another_name_of_the_entity_is_the_same_notice():
    """The name in the address may change; the notice keeps its identity."""
    renamed = "https://app.panneaupocket.com/ville/1-autre-nom-48000?panneau=10"

    assert shown(url=renamed).uid == shown().uid


@pytest.mark.parametrize(
    "data",
    [b"junk", b"[]", b"{}", b'{"url": 3, "id": "1"}', b'{"url": "/ville/1"}', b"[" * 100_000],
)
def test_junk_is_no_notice(data):
    """A document that is none is a FormatError."""
    with pytest.raises(FormatError):
        PAGE_NOTICE.get(Document(data, "application/json"))


def test_odd_members_are_left_out():
    """Members of another type than expected count as empty."""
    start = b'{"url": "/ville/1", "id": "2", '
    data = start + b'"title": 3, "files": [1, "a"], "content": null, "date": []}'
    one = PAGE_NOTICE.get(Document(data, "application/json"))

    assert (one.title, one.body, one.publish_from) == ("", "", None)
    assert one.attachments == (Attachment(url="a"),)
    odd = Document(start + b'"files": "a", "title": "\\ud800"}', "application/json")
    assert PAGE_NOTICE.get(odd).attachments == ()
