# SPDX-License-Identifier: Apache-2.0
"""Alert, Update and Cancel in a folder: one file each, all earlier messages named."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from territoire_sante.errors import (
    ConfigError,
    ConflictError,
    ItemNotFoundError,
    ItemRefusedError,
)
from territoire_sante.formats import Document, cap
from territoire_sante.model import Announcement, Severity
from territoire_sante.plugins import Outbox, Shown, structure_config
from territoire_sante_cap import CAP
from territoire_sante_cap._transport import Alerts

HEAT = Announcement(
    id="announcement:heat",
    uid="heat",
    title="Canicule",
    body="Buvez.",
    severity=Severity.ALERT,
    audience=("48095",),
)


@pytest.fixture
def config(tmp_path):
    """Describe a folder of alerts."""
    options = {"path": str(tmp_path), "sender": "msp.example.org", "communes": {"48095": "Mende"}}
    return structure_config(CAP, options)


@pytest.fixture
def alerts(config):
    """Give a transport whose clock stands still at noon of a summer day in Paris."""
    paris = dt.timezone(dt.timedelta(hours=2))
    noon = dt.datetime(2026, 7, 1, 12, tzinfo=paris)
    severities = frozenset(config.severities)
    return Alerts(Outbox(config.path), config.lens, severities, clock=lambda: noon)


@pytest.fixture
def item(alerts, config):
    """Write an alert and return it as it is read."""
    alerts.create("heat", config.lens.put(HEAT))
    (item,) = alerts.read(["heat"])
    return item


def on_disk(config):
    """Return the message in the folder."""
    return Document((config.path / "heat.xml").read_bytes(), "application/cap+xml")


def test_an_alert_names_its_sender_its_time_and_its_area(item, config):
    """The file is an Alert of the configured sender, with an offset and the commune's name."""
    head = cap.header(on_disk(config))

    assert (head.msg_type, head.sender) == ("Alert", "msp.example.org")
    assert head.sent == "2026-07-01T12:00:00+02:00"
    assert b"<areaDesc>Mende</areaDesc>" in item.document.data


def test_a_correction_is_an_update(alerts, item, config):
    """It names the alert, has an identifier of its own, and is the same announcement."""
    first = cap.header(item.document)
    corrected = config.lens.put(attrs.evolve(HEAT, body="Restez au frais."), item.document)
    ref = alerts.replace(item.ref, corrected)
    (now,) = alerts.read(["heat"])
    head = cap.header(now.document)

    assert (head.msg_type, head.references) == ("Update", (first.reference,))
    assert head.identifier != first.identifier
    assert config.lens.get(now.document) == attrs.evolve(HEAT, body="Restez au frais.")
    assert ref == now.ref


def test_a_withdrawal_is_a_cancel_that_stays(alerts, item, config):
    """The Cancel stays for relays to read; the alert is neither listed nor read any more."""
    alerts.delete(item.ref)
    head = cap.header(on_disk(config))

    assert head.msg_type == "Cancel"
    assert head.references == (cap.header(item.document).reference,)
    assert b"<note>Annul\xc3\xa9 par" in on_disk(config).data
    assert list(alerts.list()) == list(alerts.read(["heat"])) == []
    assert [one.shown for one in alerts.confirm([item])] == [Shown.GONE]
    with pytest.raises(ItemNotFoundError):
        alerts.delete(item.ref)


def test_a_new_alert_after_a_cancel_has_a_new_identifier(alerts, item, config):
    """Published again within the same second, no identifier comes twice."""
    alerts.delete(item.ref)
    cancelled = cap.header(on_disk(config))
    alerts.create("heat", config.lens.put(HEAT))
    again = cap.header(on_disk(config))

    assert (again.msg_type, again.references) == ("Alert", ())
    first = cap.header(item.document).identifier
    assert len({first, cancelled.identifier, again.identifier}) == 3


def test_only_what_is_allowed_goes_out(alerts, config):
    """An information is refused in French, and nothing is written."""
    with pytest.raises(ItemRefusedError, match="severities") as refused:
        alerts.create("heat", config.lens.put(attrs.evolve(HEAT, severity=Severity.INFO)))

    assert "« Information »" in refused.value.remedy
    assert list(config.path.iterdir()) == []


def test_what_breaks_a_rule_is_not_sent(alerts, config):
    """An alert whose link is no full address is refused with the section of the standard."""
    with pytest.raises(ItemRefusedError, match=r"CAP 1\.2, 3\.2\.2"):
        alerts.create("heat", config.lens.put(attrs.evolve(HEAT, url="example.org")))

    assert list(config.path.iterdir()) == []


def test_a_read_back_finds_what_differs(alerts, item, config):
    """An edited, a broken and a missing file are told apart, in French."""
    path = config.path / "heat.xml"
    seen = []
    for data in (item.document.data, item.document.data.replace(b"Buvez", b"Mangez"), b"<a/>"):
        path.write_bytes(data)
        seen += alerts.confirm([item])
    path.unlink()
    seen += alerts.confirm([item])

    assert [one.shown for one in seen] == [
        Shown.VISIBLE,
        Shown.DIFFERS,
        Shown.DIFFERS,
        Shown.GONE,
    ]
    assert all(one.detail for one in seen)


def test_a_file_of_another_kind_is_no_alert_of_ours(alerts, item, config):
    """A file that somebody put in our place is neither updated nor cancelled."""
    (config.path / "heat.xml").write_bytes(b"<a/>")
    with pytest.raises(ItemRefusedError):
        alerts.replace(item.ref, item.document)
    with pytest.raises(ItemRefusedError):
        alerts.delete(item.ref)
    with pytest.raises(ConflictError):
        alerts.create("heat", config.lens.put(HEAT))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("sender", "a, b"),
        ("status", "Draft"),
        ("severities", ["red"]),
        ("zone", "Mende"),
    ],
)
def test_a_wrong_option_is_named(tmp_path, option, value):
    """What CAP or this connector does not know is a ConfigError."""
    options = {"path": str(tmp_path), "sender": "msp.example.org"}
    with pytest.raises(ConfigError, match=option):
        structure_config(CAP, {**options, option: value})
