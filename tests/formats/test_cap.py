# SPDX-License-Identifier: Apache-2.0
"""Announcements as CAP alerts: laws of the lens, messages, and other people's alerts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import FormatError, InvalidValueError, UnsupportedError
from territoire_sante.formats import Document, cap
from territoire_sante.formats.cap import ALERT
from territoire_sante.model import (
    Announcement,
    AnnouncementCategory,
    Attachment,
    CapCertainty,
    CapSeverity,
    CapUrgency,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
    ends_before,
)

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "feeds"
FILES = [path for path in sorted(CORPUS.glob("*")) if b"emergency:cap" in path.read_bytes()]
PARIS = ZoneInfo("Europe/Paris")
NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)

FOREIGN = Document(
    b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- from elsewhere -->
<c:alert xmlns:c="urn:oasis:names:tc:emergency:cap:1.2" xmlns:x="urn:example:x">
\t<c:identifier>A.1</c:identifier>
\t<c:sender>prefecture.example.org</c:sender>
\t<c:sent>2026-07-01T09:00:00+02:00</c:sent>
\t<c:status>Actual</c:status>\t<c:msgType>Alert</c:msgType>
\t<c:scope>Public</c:scope>
\t<c:info><c:language>en</c:language><c:category>Met</c:category><c:event>Heat</c:event>
\t<c:urgency>Future</c:urgency><c:severity>Severe</c:severity><c:certainty>Likely</c:certainty>
\t</c:info>
\t<c:info>
\t\t<c:language>fr-FR</c:language>
\t\t<c:category>Met</c:category><c:category>Health</c:category>
\t\t<c:event>Canicule</c:event>
\t\t<c:urgency>Future</c:urgency>
\t\t<c:severity>Severe</c:severity>
\t\t<c:certainty>Likely</c:certainty>
\t\t<c:headline>Canicule \xe0 venir</c:headline>
\t\t<c:description>Il fera chaud.</c:description>
\t\t<c:instruction>Buvez.</c:instruction>
\t\t<c:parameter><c:valueName>level</c:valueName><c:value>orange</c:value></c:parameter>
\t\t<c:area><c:areaDesc>Loz\xe8re</c:areaDesc>
\t\t\t<c:geocode><c:valueName>INSEE_DEP</c:valueName><c:value>48</c:value></c:geocode></c:area>
\t</c:info>
</c:alert>
""",
    "application/cap+xml",
)

texts = st.text(
    st.sampled_from("aàéœ «»’…–💉\u00a0\u202f<>&\"'\n\t\r]e\u0301") | st.characters(codec="utf-8"),
    max_size=30,
).filter(lambda text: not any(ord(sign) < 32 and sign not in "\n\t\r" for sign in text))
texts = texts.filter(lambda text: "\ufffe" not in text and "\uffff" not in text)
zones = st.sampled_from([dt.UTC, PARIS, dt.timezone(dt.timedelta(hours=-4)), ZoneInfo("UTC")])
instants = st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2100, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds are naive
whens = st.none() | st.dates(dt.date(1970, 1, 2), dt.date(2100, 1, 1)) | instants
floating = whens | st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2100, 1, 1))  # noqa: DTZ001 - likewise
contacts = st.builds(
    ContactPoint,
    kind=st.just(ContactPointKind.PHONE),
    value=st.sampled_from(["04 66 00 00 00", "+33 4 66 00 00 00"]),
    label=st.sampled_from(["", "Accueil"]),
    rank=st.integers(0, 3),
    visibility=st.just(Visibility.PUBLIC),
)
attachments = st.builds(
    Attachment,
    url=st.sampled_from(["https://example.org/a.pdf", "https://example.org/b?c=1&d=2"]),
    media_type=st.sampled_from(["", "application/pdf", "image/png"]),
    size=st.integers(0, 10**9),
    alt=texts,
)


@st.composite
def announcements(draw):
    """Draw an announcement with what CAP carries."""
    start, end = draw(whens), draw(whens)
    if start is not None and end is not None and ends_before(start, end):
        end = None
    return Announcement(
        id="announcement:a",
        uid="a",
        title=draw(texts),
        body=draw(texts),
        place=draw(texts.map(str.strip)),
        category=draw(st.sampled_from(AnnouncementCategory)),
        severity=draw(st.sampled_from(Severity)),
        cap_urgency=draw(st.sampled_from(CapUrgency)),
        cap_severity=draw(st.sampled_from(CapSeverity)),
        cap_certainty=draw(st.sampled_from(CapCertainty)),
        language=draw(st.sampled_from(["fr", "fr-FR", "en"])),
        audience=tuple(draw(st.lists(st.sampled_from(["48095", "2A004", "97411"]), unique=True))),
        publish_from=start,
        publish_until=end,
        event_start=draw(floating),
        event_end=draw(floating),
        url=draw(st.sampled_from(["", "https://example.org/?a=1&b=2"])),
        attachments=tuple(draw(st.lists(attachments, max_size=2))),
        contact=draw(st.none() | contacts),
    )


def exact(view):
    """Return the fields of a view with times that differ by their zone too."""
    plain = {name: getattr(view, name) for name in ALERT.fields}
    return {k: (v, str(getattr(v, "tzinfo", ""))) for k, v in plain.items()}


@settings(max_examples=150)
@given(view=announcements())
def test_what_is_written_is_read(view):
    """Every field comes back as it was, days and zones too; putting it back changes nothing."""
    document = ALERT.put(view)
    back = ALERT.get(document)

    assert exact(back) == exact(view)
    assert ALERT.put(back, document).data == document.data


@settings(max_examples=150)
@given(first=announcements(), second=announcements())
def test_any_alert_can_become_any_other(first, second):
    """After a change, the alert reads as the new announcement and keeps every rule."""
    document = ALERT.put(second, ALERT.put(first))
    sent = cap.alert(document, sender="msp.example.org", sent=NOON)

    assert exact(ALERT.get(document)) == exact(second)
    assert cap.faults(sent) == ()


@settings(max_examples=80)
@given(view=announcements())
def test_another_s_alert_keeps_what_is_not_changed(view):
    """Whatever is written into a foreign alert, the other language and its own elements stay."""
    own = attrs.evolve(view, uid="A.1", language="fr")
    changed = ALERT.put(own, FOREIGN)

    assert exact(ALERT.get(changed)) == exact(own)
    for kept in (
        b"<!-- from elsewhere -->",
        b"<c:event>Heat</c:event>",
        b"<c:valueName>level</c:valueName><c:value>orange</c:value>",
        b"<c:areaDesc>Loz\xe8re</c:areaDesc>",
    ):
        assert kept in changed.data
    assert cap.faults(changed) == ()
    with pytest.raises(UnsupportedError, match="language"):
        ALERT.put(attrs.evolve(own, language="en"), FOREIGN)


def test_a_change_touches_its_own_line():
    """Another title changes the headline alone, in the encoding of the alert."""
    view = ALERT.get(FOREIGN)
    changed = ALERT.put(attrs.evolve(view, title="Canicule passée"), FOREIGN)

    assert (view.title, view.body) == ("Canicule à venir", "Il fera chaud.\n\nBuvez.")
    assert view.category is AnnouncementCategory.HEALTH
    assert changed.data == FOREIGN.data.replace(b"Canicule \xe0 venir", b"Canicule pass\xe9e")


def test_a_signed_alert_is_read_only():
    """An alert under a signature is read, and any change is refused."""
    mark = b'<s:Signature xmlns:s="http://www.w3.org/2000/09/xmldsig#"/></c:alert>'
    signed = Document(FOREIGN.data.replace(b"</c:alert>", mark), FOREIGN.media_type)
    view = ALERT.get(signed)

    assert ALERT.put(view, signed) is signed
    with pytest.raises(UnsupportedError):
        ALERT.put(attrs.evolve(view, title="x"), signed)
    with pytest.raises(UnsupportedError):
        cap.cancel(signed, sent=NOON)


def test_a_chain_of_messages():
    """Alert, Updates and Cancel have identifiers of their own and name all messages before."""
    view = Announcement(id="announcement:a", uid="a b", title="Canicule", audience=("48095",))
    sent = [cap.alert(ALERT.put(view), sender="msp.example.org", sent=NOON)]
    for hours in (1, 2):
        corrected = ALERT.put(attrs.evolve(view, title=f"Canicule {hours}"), sent[-1])
        at = NOON.astimezone(PARIS) + dt.timedelta(hours=hours)
        sent.append(cap.update(corrected, cap.header(sent[-1]), sent=at))
    sent.append(cap.cancel(sent[-1], sent=NOON + dt.timedelta(hours=3), note="Fini"))
    heads = [cap.header(one) for one in sent]

    assert [head.msg_type for head in heads] == ["Alert", "Update", "Update", "Cancel"]
    assert len({head.identifier for head in heads}) == 4
    for number, head in enumerate(heads):
        assert list(head.references) == [earlier.reference for earlier in heads[:number]]
    assert heads[1].sent == "2026-07-01T15:00:00+02:00"
    assert {ALERT.get(one).uid for one in sent} == {"a b"}
    assert ALERT.get(sent[-1]).title == "Annulé\u00a0: Canicule 2"
    assert [cap.faults(one) for one in sent] == [()] * 4


def test_an_update_of_another_s_alert_keeps_its_name():
    """What had no uid of ours is still the same announcement after an Update."""
    updated = cap.update(FOREIGN, cap.header(FOREIGN), sent=NOON)

    assert ALERT.get(updated).uid == ALERT.get(FOREIGN).uid == "A.1"
    assert cap.header(updated).references == (
        "prefecture.example.org,A.1,2026-07-01T09:00:00+02:00",
    )


def test_a_private_contact_is_not_published():
    """A contact that is not public is refused, like a text that XML cannot hold."""
    contact = ContactPoint(kind=ContactPointKind.MOBILE, value="06 00 00 00 00")
    for fields in ({"contact": contact}, {"title": "a\x00b"}, {"language": ""}):
        with pytest.raises(FormatError):
            ALERT.put(Announcement(id="announcement:a", **fields))


@pytest.mark.parametrize("sender", ["", "a b", "a,b", "a<b", "a&b", "a\u00a0b"])
def test_a_sender_is_one_word(sender):
    """CAP's references are cut at blanks and commas, so a sender has none."""
    with pytest.raises(InvalidValueError):
        cap.checked_sender(sender)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "not well-formed"),
        (b"<feed/>", "no CAP alert"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "DOCTYPE"),
        (FOREIGN.data[:900], "not well-formed"),
        (b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"/>', "without info"),
        (
            b'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><info/></alert>',
            "without identifier",
        ),
        (b"<a>" * 2000, "deeper"),
    ],
    ids=["empty", "a feed", "a doctype", "cut off", "no info", "no identifier", "deep"],
)
def test_what_is_no_alert_is_refused(data, told):
    """Whatever else there is, the reason says what it is and where."""
    with pytest.raises(FormatError, match=told):
        ALERT.get(Document(data, "application/cap+xml"))


@pytest.mark.skipif(not FILES, reason="the shared corpus is not here")
def test_every_alert_of_the_corpus_is_read_or_refused():
    """Each file is read and comes back byte for byte, or is refused with its reason."""
    read, refused = [], []
    for path in FILES:
        document = Document(path.read_bytes(), "application/cap+xml")
        try:
            view = ALERT.get(document)
        except FormatError as error:
            refused.append(str(error))
            continue
        read.append(path.name)
        assert ALERT.put(view, document).data == document.data
        # A file without scope or level breaks the rules and is read all the same.
        assert all(fault.line and fault.message for fault in cap.faults(document))

    assert len(read) == 12
    # Four feeds of alerts, and a message that only tests the line.
    assert len(refused) == 5


@settings(max_examples=150)
@given(
    cuts=st.lists(
        st.tuples(st.integers(0, len(FOREIGN.data)), st.integers(0, 40), st.binary(max_size=12)),
        min_size=1,
        max_size=4,
    ),
    view=announcements(),
)
def test_a_damaged_alert_is_read_or_refused(cuts, view):
    """Whatever happens to its bytes, an alert is read, or refused with a reason, and written so."""
    data = FOREIGN.data
    for start, length, new in cuts:
        data = data[:start] + new + data[start + length :]
    document = Document(data, FOREIGN.media_type)
    try:
        assert ALERT.put(ALERT.get(document), document).data == data
        changed = ALERT.put(view, document)
    except FormatError:
        return
    assert exact(ALERT.get(changed)) == exact(view)
    assert all(fault.line and fault.message for fault in cap.faults(changed))
