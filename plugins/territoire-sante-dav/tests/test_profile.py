# SPDX-License-Identifier: Apache-2.0
"""Which makes of server are recognised, and what is done differently on them."""

from __future__ import annotations

import pytest

from territoire_sante.testing.dav import MAKES, Faults
from territoire_sante_dav._profile import PROFILES, recognise

HOST = "https://nuage.example.org"


@pytest.mark.parametrize(
    ("url", "headers", "name"),
    [
        (f"{HOST}/SOGo/dav/msp/Calendar/personal/", {}, "SOGo"),
        ("https://zimbra.example.org/dav/msp/Calendar/", {}, "Zimbra"),
        (f"{HOST}/caldav.php/msp/calendar/", {}, "DAViCal"),
        (f"{HOST}/dav/", {"X-DAViCal-Version": "DAViCal/1.1.12; DB/1.3.4"}, "DAViCal"),
        (f"{HOST}/ucaldav/user/msp/calendar/", {}, "Bedework"),
        ("https://dav.mailbox.org/caldav/31/", {}, "Open-Xchange"),
        ("https://purelymail.com/webdav/1/", {}, "Purelymail"),
        (f"{HOST}/dav/cal/", {"Server": "Stalwart"}, "Stalwart"),
        (f"{HOST}/remote.php/dav/calendars/msp/personal/", {"Server": "nginx"}, "Nextcloud"),
        (f"{HOST}/nuage/remote.php/dav/", {}, "Nextcloud"),
        (f"{HOST}/dav/calendars/", {"Server": "Cyrus-HTTP/3.6.1 Cyrus-SASL/2.1"}, "Cyrus"),
        ("https://p42-caldav.icloud.com/1/calendars/", {}, "iCloud"),
        (f"{HOST}/dav.php/", {"X-Sabre-Version": "4.6.0"}, "sabre/dav"),
        (f"{HOST}/dav/", {"Server": "nginx"}, ""),
        ("https://icloud.com.example.org/", {}, ""),
        (f"{HOST}/notes/SOGo/", {}, ""),
    ],
)
def test_recognised(url, headers, name):
    """A make is recognised by its own header, host or path, and by nothing that looks like it."""
    assert recognise(url, headers).name == name


def test_every_profile_can_be_recognised():
    """Each row of the table says by what it is recognised, and none is there twice."""
    assert all(row.headers or row.hosts or row.paths for row in PROFILES)
    assert len({row.name for row in PROFILES}) == len(PROFILES)


def test_real_servers_are_recognised(place):
    """Radicale and Xandikos are recognised as what they are."""
    with place.open() as transport:
        told = {fact.key: fact for fact in transport.diagnose()}

    assert told["server"].found.en.lower() == place.server


DAVICAL = Faults(sync_unknown="accept", deletions=False)


@pytest.mark.parametrize("known", [True, False], ids=["recognised", "configured"])
def test_tokens_that_prove_nothing_are_not_used(faulty, event, known):
    """Where any token is taken, deletions that the server does not tell are seen all the same."""
    faulty.faults = DAVICAL
    options = {"trust_tokens": known}
    if known:
        faulty.agenda = faulty.calendar("/caldav.php/msp/agenda/")
    with faulty.open(**options) as transport:
        kept = transport.create("a", event("a"))
        gone = transport.create("b", event("b"))
        cursor = transport.changes(None).cursor
        faulty.remove(gone.href)
        batch = transport.changes(cursor)
        quiet = transport.changes(batch.cursor)

    assert (batch.changed, batch.reset, batch.complete) == ((kept,), True, True)
    assert (quiet.changed, quiet.reset) == ((), False)
    assert all(not asked.wants("sync-collection") for asked in faulty.asked)


def test_a_cursor_of_before_is_not_used_either(faulty, event):
    """A token remembered from the time when tokens were trusted gives a full listing."""
    with faulty.open() as transport:
        ref = transport.create("a", event("a"))
        cursor = transport.changes(None).cursor
    with faulty.open(trust_tokens=False) as transport:
        batch = transport.changes(cursor)

    assert (batch.changed, batch.reset) == ((ref,), True)


def test_two_changes_in_one_second(faulty, event):
    """On SOGo, whose tags are seconds, a second change within one second is not lost."""
    faulty.site.clock = lambda: 1_790_000_000.0
    faulty.faults = Faults(seconds=True, sync_unknown="accept")
    faulty.agenda = faulty.calendar("/SOGo/dav/msp/Calendar/personal/")
    with faulty.open() as transport:
        first = transport.create("a", event("a"))
        cursor = transport.changes(None).cursor
        second = transport.create("b", event("b"))

        assert set(transport.changes(cursor).changed) == {first, second}


def test_of_a_known_make_no_token_is_advised_against(faulty):
    """Where tokens are weak but useful, as on SOGo, doctor says what covers them instead."""
    faulty.faults = MAKES["SOGo 5.8"]
    faulty.agenda = faulty.calendar("/SOGo/dav/msp/Calendar/personal/")
    with faulty.open() as transport:
        told = {fact.key: fact for fact in transport.diagnose()}

    assert told["tokens"].value == "known"
    assert "trust_tokens" not in told["tokens"].handling.fr
