# SPDX-License-Identifier: Apache-2.0
"""The rules of CAP 1.2 by section: ours keep them, and what breaks one is named."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
import xmlschema

from territoire_sante.formats import Document, cap
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
)

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "cap" / "cap12.xsd"
NS = {"c": cap.NAMESPACE}
NOON = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)

FULL = Announcement(
    id="announcement:canicule",
    uid="canicule",
    title="Canicule : « salle fraîche » ouverte",
    body="De 9 h à 20 h, salle des fêtes.\nAppelez vos voisins & buvez.",
    category=AnnouncementCategory.CRISIS,
    severity=Severity.ALERT,
    cap_urgency=CapUrgency.EXPECTED,
    cap_severity=CapSeverity.SEVERE,
    cap_certainty=CapCertainty.LIKELY,
    audience=("48095", "48061"),
    publish_from=dt.date(2026, 7, 1),
    publish_until=dt.datetime(2026, 7, 3, 20, tzinfo=ZoneInfo("Europe/Paris")),
    event_start=dt.date(2026, 7, 2),
    place="Salle des fêtes",
    url="https://example.org/canicule?a=1&b=2",
    attachments=(
        Attachment(url="https://example.org/a.pdf", media_type="application/pdf", size=9),
    ),
    contact=ContactPoint(
        kind=ContactPointKind.PHONE, value="04 66 00 00 00", visibility=Visibility.PUBLIC
    ),
)
LENS = cap.CapLens(sender="msp.example.org", sender_name="MSP", names={"48095": "Mende"})


def messages():
    """Return one message of each kind, of the fullest and of the emptiest announcement."""
    for view in (FULL, Announcement(id="announcement:bare", title="Alerte")):
        first = cap.alert(LENS.put(view), sender="msp.example.org", sent=NOON)
        corrected = LENS.put(attrs.evolve(view, audience=("48095",), title="Corrigé"), first)
        second = cap.update(corrected, cap.header(first), sent=NOON + dt.timedelta(hours=1))
        yield from (first, second, cap.cancel(second, sent=NOON + dt.timedelta(hours=2)))


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the shared schemas are not here")
def test_messages_are_valid_against_the_schema():
    """Alert, Update and Cancel, full and bare, are valid CAP 1.2 (section 3.4)."""
    schema = xmlschema.XMLSchema(str(SCHEMA))
    found = list(messages())

    assert len(found) == 6
    for message in found:
        assert [str(error.reason) for error in schema.iter_errors(message.data.decode())] == []


def test_messages_keep_every_rule():
    """No message of ours breaks a rule that is listed here."""
    assert [cap.faults(message) for message in messages()] == [()] * 6


def test_an_independent_reader_finds_it_all():
    """A plain XML reader finds each field of an announcement under CAP's own names."""
    root = ET.fromstring(next(messages()).data)  # noqa: S314 - our own bytes
    info = root.find("c:info", NS)

    def told(path):
        return info.findtext(path, None, NS)

    assert root.findtext("c:sent", None, NS) == "2026-07-01T12:00:00-00:00"
    assert root.findtext("c:status", None, NS) == "Actual"
    assert told("c:headline") == FULL.title
    assert told("c:description") == FULL.body
    assert (told("c:category"), told("c:event")) == ("Safety", "Crise")
    assert (told("c:urgency"), told("c:severity")) == ("Expected", "Severe")
    assert told("c:effective") == "2026-07-01T00:00:00+02:00"
    assert told("c:expires") == "2026-07-03T20:00:00+02:00"
    assert told("c:onset") == "2026-07-02T00:00:00+02:00"
    assert told("c:web") == FULL.url
    assert told("c:contact") == "04 66 00 00 00"
    assert told("c:senderName") == "MSP"
    assert told("c:area/c:areaDesc") == "Mende, commune 48061"
    codes = [
        (one.findtext("c:valueName", None, NS), one.findtext("c:value", None, NS))
        for one in info.iterfind("c:area/c:geocode", NS)
    ]
    assert codes == [("INSEE", "48095"), ("INSEE", "48061")]
    assert told("c:resource/c:uri") == "https://example.org/a.pdf"


GOOD = next(messages()).data.decode()

BROKEN = {
    "1.5 namespace": ("cap:1.2", "cap:1.1", "namespace"),
    "3.2.1 identifier": ("<identifier>canicule", "<identifier>cani, cule", "identifier has"),
    "3.2.1 sender": (
        "<sender>msp.example.org",
        "<sender>msp &amp; co",
        "sender has",
    ),
    "3.2.1 required": ("<scope>Public</scope>", "", "without scope"),
    "3.2.1 status": ("<status>Actual", "<status>actual", "no status"),
    "3.2.1 references": ("<msgType>Alert", "<msgType>Update", "takes references"),
    "3.2.1 reference": (
        "<scope>Public</scope>",
        "<scope>Public</scope><references>abc</references>",
        "no sender,identifier,sent",
    ),
    "3.2.1 restricted": ("<scope>Public", "<scope>Restricted", "takes restriction"),
    "3.2.1 private": ("<scope>Public", "<scope>Private", "takes addresses"),
    "3.2.2 required": ("<certainty>Likely</certainty>", "", "without certainty"),
    "3.2.2 code": ("<urgency>Expected", "<urgency>Soon", "no urgency"),
    "3.2.2 once": ("<headline>", "<headline>x</headline><headline>", "2 times"),
    "3.2.2 web": ("<web>https://example.org", "<web>example.org", "no full address"),
    "3.2.2 parameter": ("<value>canicule</value>", "", "without value"),
    "3.2.3 resource": ("<mimeType>application/pdf</mimeType>", "", "without mimeType"),
    "3.2.3 size": ("<size>9<", "<size>many<", "number of bytes"),
    "3.2.4 area": ("<areaDesc>Mende, commune 48061</areaDesc>", "", "without areaDesc"),
    "3.2.4 polygon": ("</areaDesc>", "</areaDesc><polygon>1,2 3,4</polygon>", "polygon"),
    "3.2.4 open": (
        "</areaDesc>",
        "</areaDesc><polygon>1,2 3,4 5,6 7,8</polygon>",
        "closes",
    ),
    "3.2.4 circle": ("</areaDesc>", "</areaDesc><circle>1,2</circle>", "radius"),
    "3.2.4 ceiling": ("</geocode></area>", "</geocode><ceiling>9</ceiling></area>", "altitude"),
    "3.3.2 no Z": ("12:00:00-00:00", "12:00:00Z", "sent is"),
    "3.3.2 no fraction": ("00:00:00+02:00", "00:00:00.5+02:00", "effective is"),
    "3.4 order": ("<scope>Public</scope>", "<note>x</note><scope>Public</scope>", "after note"),
    "3.4 unknown": ("<scope>", "<colour>red</colour><scope>", "no element of alert"),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_is_named(rule):
    """Each rule, broken by itself, is found with its section and its line."""
    good, bad, told = BROKEN[rule]
    assert good in GOOD
    found = cap.faults(Document(GOOD.replace(good, bad, 1).encode(), "application/cap+xml"))

    assert any(told in fault.message for fault in found)
    assert any(rule.split(" ")[0] in fault.message for fault in found)
    assert all(fault.line > 0 for fault in found)


@pytest.mark.skipif(not SCHEMA.is_file(), reason="the shared schemas are not here")
@pytest.mark.parametrize("rule", [rule for rule in BROKEN if rule[0:3] in {"3.3", "3.4"}])
def test_the_schema_agrees(rule):
    """What we find in form and order, the schema refuses too."""
    good, bad, _ = BROKEN[rule]
    schema = xmlschema.XMLSchema(str(SCHEMA))

    assert not schema.is_valid(GOOD.replace(good, bad, 1))
