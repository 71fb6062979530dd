# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError
from territoire_sante.formats import Document
from territoire_sante.model import Announcement, Attachment, Severity, ends_before, make_id
from territoire_sante_panneaupocket import PANNEAU

NOW = dt.datetime(2026, 3, 29, 22, 30, tzinfo=dt.UTC)
NOTICE = Announcement(
    id="announcement:urn:example:1",
    uid="urn:example:1",
    title="Dépistage gratuit",
    body="Samedi, 9 h - 12 h\nMaison de santé <entrée B>",
    severity=Severity.EVENT,
    publish_from=dt.date(2026, 11, 2),
    publish_until=dt.date(2026, 11, 14),
    attachments=(Attachment(url="https://example.org/a.pdf", alt="Affiche", size=12),),
)

TEXTS = st.text(st.characters(codec="utf-8") | st.sampled_from("\r\n <>&\"'\u00a0é🩺"), max_size=40)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))
TIMES = st.builds(
    dt.datetime.combine,
    DAYS | st.just(dt.date(2026, 3, 29)),
    st.times() | st.just(dt.time(2, 30)),
    st.sampled_from([ZoneInfo("Europe/Paris"), dt.UTC]),
)
PUBLICATIONS = st.tuples(st.none() | DAYS | TIMES, st.none() | DAYS | TIMES).filter(
    lambda pair: None in pair or not ends_before(*pair)
)
ATTACHMENTS = st.builds(
    Attachment,
    url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/b.png"]),
    media_type=st.sampled_from(["", "image/png"]),
    size=st.integers(0, 10**8),
    alt=TEXTS,
)


@st.composite
def views(draw) -> Announcement:
    """Draw an announcement of what a sign can carry."""
    uid = draw(TEXTS.filter(bool))
    publish_from, publish_until = draw(PUBLICATIONS)
    return Announcement(
        id=make_id("announcement", uid),
        uid=uid,
        title=draw(TEXTS | st.text("ab é", min_size=51, max_size=60)),
        title_short=draw(TEXTS),
        body=draw(TEXTS),
        severity=draw(st.sampled_from(Severity)),
        publish_from=publish_from,
        publish_until=publish_until,
        attachments=tuple(draw(st.lists(ATTACHMENTS, max_size=3))),
    )


@settings(max_examples=150, deadline=None)
@given(view=views())
def test_what_is_put_is_got(view):
    """A sign tells every field of the lens, exactly as it was given."""
    assert PANNEAU.get(PANNEAU.put(view, now=NOW)) == view


@settings(max_examples=150, deadline=None)
@given(before=views(), after=views())
def test_what_is_put_over_another_is_got(before, after):
    """A sign written over tells the new announcement, with a time or without one."""
    document = PANNEAU.put(before, now=NOW)

    assert PANNEAU.get(PANNEAU.put(after, document)) == after
    assert PANNEAU.get(PANNEAU.put(after, document, now=NOW)) == after


@settings(max_examples=60, deadline=None)
@given(view=views())
def test_putting_back_what_was_got_changes_nothing(view):
    """An unchanged announcement leaves the document as it is, whatever the time."""
    document = PANNEAU.put(view, now=NOW)

    later = PANNEAU.put(PANNEAU.get(document), document, now=NOW + dt.timedelta(days=9))

    assert later is document


def test_a_sign_is_the_documented_json():
    """Id, title, one paragraph, type, days and documents are as the service expects them."""
    sign = json.loads(PANNEAU.put(NOTICE).data)

    kept = sign.pop("_territoire_sante")
    assert sign == {
        "id": "urn:example:1",
        "title": "Dépistage gratuit",
        "content": "<p>Samedi, 9 h - 12 h<br />Maison de santé &lt;entrée B&gt;</p>",
        "type": "info",
        "startAt": "2026-11-02",
        "endAt": "2026-11-14",
        "documents": ["https://example.org/a.pdf"],
    }
    assert kept["severity"] == "event"


def test_what_needs_no_memory_has_none():
    """A plain notice is the bare sign, nothing is kept beside it."""
    plain = attrs.evolve(NOTICE, severity=Severity.ALERT, attachments=())

    sign = json.loads(PANNEAU.put(plain).data)

    assert (sign["type"], sign["documents"]) == ("alert", [])
    assert "_territoire_sante" not in sign


def test_a_short_title_written_by_a_person_is_shown():
    """If only the short title has room it is the sign's, and the long one is kept beside."""
    long = attrs.evolve(NOTICE, title="Dépistage gratuit " * 4, title_short="Dépistage")

    document = PANNEAU.put(long)

    assert json.loads(document.data)["title"] == "Dépistage"
    assert PANNEAU.get(document) == long
    again = attrs.evolve(long, title="Dépistage gratuit")
    assert json.loads(PANNEAU.put(again, document).data)["title"] == "Dépistage gratuit"


def test_many_empty_lines_are_shown_as_one():
    """The application takes two breaks in a row at most; the exact text is kept beside."""
    document = PANNEAU.put(attrs.evolve(NOTICE, body="a\n\n\n\nb"))

    assert json.loads(document.data)["content"] == "<p>a<br /><br />b</p>"
    assert PANNEAU.get(document).body == "a\n\n\n\nb"


def test_memory_that_no_longer_fits_the_sign_is_ignored():
    """If somebody edits the sign itself, it counts and not what was kept of before."""
    sign = json.loads(PANNEAU.put(attrs.evolve(NOTICE, body="a\n\n\nb")).data)
    sign["_territoire_sante"]["title"] = "Un titre qui n'est pas celui du panneau"
    sign |= {"content": "<p>Autre <strong>texte</strong><br>ici</p>", "type": "alert"}
    sign["documents"] = ["https://example.org/c.pdf"]

    view = PANNEAU.get(Document(json.dumps(sign).encode(), "application/json"))

    assert (view.body, view.severity) == ("Autre texte\nici", Severity.ALERT)
    assert view.title == NOTICE.title
    assert view.attachments == (Attachment(url="https://example.org/c.pdf"),)


def test_a_sign_begins_today_unless_told():
    """Without a first day it is the day of publication, as people in Paris count."""
    undated = attrs.evolve(NOTICE, publish_from=None, publish_until=None)

    document = PANNEAU.put(undated, now=NOW)
    edited = PANNEAU.put(
        attrs.evolve(undated, title="Autre"), document, now=NOW + dt.timedelta(days=3)
    )

    assert [json.loads(one.data)["startAt"] for one in (document, edited)] == ["2026-03-30"] * 2
    assert json.loads(PANNEAU.put(undated).data)["startAt"] == "1970-01-01"


def test_times_of_publication_become_days_in_paris():
    """A release at 23:30 UTC is on the next day, and an end at midnight on the day before."""
    paris = ZoneInfo("Europe/Paris")
    timed = attrs.evolve(
        NOTICE,
        publish_from=dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC),
        publish_until=dt.datetime(2026, 11, 15, tzinfo=paris),
    )

    document = PANNEAU.put(timed, now=NOW)
    sign = json.loads(document.data)

    assert (sign["startAt"], sign["endAt"]) == ("2026-11-02", "2026-11-14")
    assert PANNEAU.get(document) == timed
    sign["endAt"] = "2026-11-20"
    edited = PANNEAU.get(Document(json.dumps(sign).encode(), "application/json"))
    assert edited.publish_until == dt.date(2026, 11, 20)


def test_other_members_are_kept():
    """What the lens does not know in a sign stays there when it is changed."""
    sign = {"id": "a", "title": "Un", "startAt": "2026-01-01", "other": [1]}
    document = Document(json.dumps(sign).encode(), "application/json")

    changed = PANNEAU.put(attrs.evolve(PANNEAU.get(document), title="Deux"), document)

    assert json.loads(changed.data) == {**sign, "title": "Deux"}


def test_a_sign_without_uid_goes_by_the_id():
    """The local part of the id stands in for an empty uid."""
    assert PANNEAU.get(PANNEAU.put(attrs.evolve(NOTICE, uid=""))).uid == "urn:example:1"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "line 1: not JSON"),
        (b"\n[1]", "line 1: not a JSON object"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"{}", "id: a sign without id"),
    ],
)
def test_what_is_no_sign_is_refused(data, message):
    """Broken JSON, JSON of another shape and a sign without id are FormatErrors."""
    with pytest.raises(FormatError, match=message):
        PANNEAU.get(Document(data, "application/json"))


@pytest.mark.parametrize("value", [None, 3, "", "2026-02-30", [], {}])
def test_odd_values_are_read_as_nothing(value):
    """A member of another type does not keep the rest of the sign from being read."""
    names = ("title", "content", "type", "startAt", "endAt", "documents", "_territoire_sante")
    sign = {"id": "a", **dict.fromkeys(names, value)}

    view = PANNEAU.get(Document(json.dumps(sign).encode(), "application/json"))

    assert (view.uid, view.severity, view.publish_from) == ("a", Severity.INFO, None)


def test_half_a_pair_is_refused():
    """Half a surrogate pair is no text, and names its code point."""
    with pytest.raises(FormatError, match=r"U\+D800"):
        PANNEAU.put(attrs.evolve(NOTICE, title="\ud800"))


def test_the_time_of_writing_is_kept_beside_the_sign():
    """It tells later what should be visible by then; without a time there is none."""
    written = json.loads(PANNEAU.put(NOTICE, now=NOW).data)["_territoire_sante"]["written"]
    never = json.loads(PANNEAU.put(NOTICE).data)["_territoire_sante"]

    assert written == "2026-03-29T22:30:00+00:00"
    assert "written" not in never
