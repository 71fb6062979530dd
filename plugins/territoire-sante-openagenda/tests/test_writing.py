# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from territoire_sante.errors import (
    ConflictError,
    ItemError,
    ItemNotFoundError,
    ItemRefusedError,
    ReadOnlyError,
)
from territoire_sante.formats import Document
from territoire_sante.model import Attachment
from territoire_sante.plugins import Ref, Stored, structure_config
from territoire_sante_openagenda import OPENAGENDA

PARIS = ZoneInfo("Europe/Paris")
PNG = b"\x89PNG\r\n\x1a\n-made-up"


def _shown(server):
    (only,) = server.shown().values()
    return only


def _stored(agenda, href):
    (answer,) = agenda.read([href])
    assert isinstance(answer, Stored)
    return answer


def test_an_event_is_put_in(server, agenda, lens, notice):
    """A creation is one PUT under our id, in the form and with the fields of the documentation."""
    agenda.create("depistage-1", lens.put(notice(url="https://example.org/d")))

    (write,) = server.writes
    assert (write.method, write.status) == ("PUT", 200)
    assert write.path.endswith("/events/ext/territoire-sante/depistage-1")
    assert write.body == {
        "extIds": [
            {"key": "territoire-sante", "value": "depistage-1"},
            {"key": "territoire-sante-uid", "value": notice().uid},
        ],
        "title": {"fr": "Dépistage gratuit du diabète"},
        "description": {"fr": "Sans rendez-vous, avec l'équipe de la maison de santé."},
        "longDescription": {"fr": "Sans rendez-vous, avec l'équipe de la maison de santé."},
        "timings": [{"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"}],
        "timezone": "Europe/Paris",
        "registration": ["https://example.org/d"],
        "attendanceMode": 1,
        "locationUid": 11,
    }
    assert _shown(server)["place"] == "Salle des fêtes"


@pytest.mark.parametrize(
    ("sign", "units"), [("é", 1), ("🩺", 2), ("e\u0301", 2), ("\u00a0»", 2), ("ﬁ", 1)]
)
@pytest.mark.parametrize("field", ["title", "body_short"])
def test_caps_hold_at_their_very_end(server, publish, field, sign, units):
    """Of what fills a field to its cap all is shown; one sign more is refused and not sent."""
    cap = {"title": 140, "body_short": 200}[field]
    full = sign * (cap // units)

    publish("one", **{field: full})
    assert _shown(server)[{"title": "title", "body_short": "description"}[field]] == full

    with pytest.raises(ItemRefusedError, match=str(cap)):
        publish("two", **{field: full + sign, "body": "x" * 300})
    assert len(server.writes) == 1


@pytest.mark.parametrize(("length", "good"), [(9_999, True), (10_000, True), (10_001, False)])
def test_the_cap_of_the_long_text(server, publish, length, good):
    """10 000 characters are sent whole, one more is refused."""
    texts = {"body": "é" * length, "body_short": "Résumé"}
    if good:
        publish("one", **texts)
        assert _shown(server)["text"] == "é" * length
    else:
        with pytest.raises(ItemRefusedError, match="10000"):
            publish("one", **texts)
        assert server.writes == ()


def test_signs_of_markdown_count(server, agenda, lens, notice):
    """What must be escaped counts as it is sent: 5 001 asterisks have no room."""
    with pytest.raises(ItemRefusedError):
        agenda.create("one", lens.put(notice(body="*" * 5_001, body_short="Résumé")))
    assert server.writes == ()


def test_a_description_is_required_and_never_cut(server, agenda, lens, notice):
    """A long body without a short one is refused, with what to write in French."""
    with pytest.raises(ItemRefusedError) as caught:
        agenda.create("one", lens.put(notice(body="mot " * 60)))
    assert "résumé de 200 caractères" in caught.value.remedy
    assert server.writes == ()


def test_html_in_a_text_is_shown_as_it_is_written(server, agenda, lens, notice):
    """The service would take HTML for markup; escaped, readers see each sign."""
    body = "Réunion <b>salle 2</b> &amp; *entrée* libre\n# 3 places_libres\n\n1. Accueil"
    agenda.create("one", lens.put(notice(body=body)))
    assert _shown(server)["text"] == body


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"event_start": None, "event_end": None}, "la date"),
        ({"event_end": None}, "heure de fin"),
        ({"event_end": dt.datetime(2026, 11, 14, 9, tzinfo=PARIS)}, "après son début"),
        ({"event_start": dt.date(2027, 1, 1), "event_end": dt.date(2029, 3, 13)}, "800"),
        ({"place": "Chez Paul"}, "« Chez Paul »"),
        ({"place": ""}, "demande un lieu"),
        ({"place": "", "audience": ("48999",)}, "demande un lieu"),
        ({"url": "à la mairie"}, "adresse http"),
        ({"title": " "}, "un titre"),
        ({"body": "", "body_short": "court"}, "un texte"),
        ({"uid": "u" * 101}, "100 caractères"),
        ({"attachments": (Attachment(url="https://example.org/a.pdf"),)}, "application/pdf"),
        ({"attachments": (Attachment(url="https://example.org/a.png"),) * 2}, "2 pièces jointes"),
    ],
    ids=[
        *("no times", "no end", "no length", "too many", "unknown place", "no place"),
        *("unknown commune", "no link", "no title", "no body", "long id", "pdf", "two pictures"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_sent(server, publish, changes, word):
    """Each thing that OpenAgenda would refuse is said in French, and nothing is asked of it."""
    asked = len(server.requests)
    with pytest.raises(ItemRefusedError) as caught:
        publish("one", **changes)
    assert word in caught.value.remedy
    assert len(server.requests) == asked


@pytest.mark.parametrize("hint", ["a" * 100, "a" * 101], ids=["100", "101"])
def test_the_cap_of_external_ids(server, agenda, lens, notice, hint):
    """An id of 100 characters is good, one of 101 is refused before it is sent."""
    if len(hint) == 100:
        assert agenda.create(hint, lens.put(notice())).href == hint
        return
    with pytest.raises(ItemRefusedError, match="more than 100"):
        agenda.create(hint, lens.put(notice()))
    assert server.writes == ()


def test_overlapping_slots_of_others_are_refused(agenda, lens, notice):
    """A document with slots that overlap, or one of more than 24 hours, is refused here."""
    text = lens.put(notice()).data.decode()
    twice = text.replace(
        '"timings": [',
        '"timings": [{"begin": "2026-11-14T08:00:00+01:00", "end": "2026-11-15T09:00:00+01:00"},',
    )
    with pytest.raises(ItemRefusedError, match=r"24 hours.*overlap"):
        agenda.create("one", Document(twice.encode(), "application/json"))


def test_the_day_of_the_clock_change_is_accepted(server, agenda, lens, notice):
    """A whole day of 24 h 59 goes through, in two slots."""
    agenda.create("one", lens.put(notice(event_start=dt.date(2026, 10, 25), event_end=None)))
    assert len(_shown(server)["timings"]) == 2


def test_places_come_from_communes_and_links(server, options, agenda_with, notice):
    """Without words the commune names the place, then the default, then the link is online."""

    def reading(**changes):
        return OPENAGENDA.lens_for(structure_config(OPENAGENDA, {**options, **changes}))

    lens = reading(location=11, online=True)
    with agenda_with(location=11, online=True) as agenda:
        agenda.create("commune", lens.put(notice(place="", audience=("48001",))))
        agenda.create("default", lens.put(notice(place="", uid="urn:b")))
    lens = reading(online=True)
    with agenda_with(online=True) as agenda:
        online = notice(place="", uid="urn:c", url="https://example.org/visio")
        agenda.create("online", lens.put(online))
    modes = {
        one["extIds"][0]["value"]: (one["attendanceMode"], one["onlineAccessLink"])
        for one in server.events.values()
    }
    assert {key: one["place"] for key, one in server.shown().items()} == {
        "commune": "Mairie",
        "default": "Salle des fêtes",
        "online": "",
    }
    assert modes["online"] == (2, "https://example.org/visio")


def test_a_picture_is_sent_as_bytes(server, agenda, lens, notice):
    """The picture is fetched here and uploaded; a later correction does not lose it."""
    url = server.host("affiche.png", PNG)
    agenda.create("one", lens.put(notice(attachments=(Attachment(url=url, alt="Affiche"),))))
    assert server.writes[0].files == ("image",)
    assert _shown(server)["image"]

    item = _stored(agenda, "one")
    changed = attrs.evolve(lens.get(item.document), title="Dépistage reporté")
    agenda.replace(item.ref, lens.put(changed, item.document))

    assert server.writes[1].files == ("image",)
    assert _shown(server)["image"]


@pytest.mark.parametrize("data", [None, b"<html>not here</html>"], ids=["missing", "page"])
def test_a_picture_that_is_none_is_refused(server, agenda, lens, notice, data):
    """Without its picture the event is not sent: it would be shown without it."""
    url = server.host("a.png", data) if data else f"{server.api_url}/nowhere.png"
    with pytest.raises(ItemError, match="picture"):
        agenda.create("one", lens.put(notice(attachments=(Attachment(url=url),))))
    assert server.writes == ()


def test_creating_again_says_so(server, agenda, lens, notice):
    """The same id again is a conflict, and nothing is written."""
    agenda.create("one", lens.put(notice()))
    with pytest.raises(ConflictError):
        agenda.create("one", lens.put(notice(title="Autre")))
    assert _shown(server)["title"] == notice().title


def test_an_edit_in_between_is_noticed(server, agenda, lens, notice):
    """What a moderator changed since is not written over, nor removed."""
    ref = agenda.create("one", lens.put(notice()))
    (uid,) = server.events
    server.moderate(uid, title={"fr": "Corrigé"})

    with pytest.raises(ConflictError):
        agenda.replace(ref, lens.put(notice(title="Autre")))
    with pytest.raises(ConflictError):
        agenda.delete(ref)
    assert _shown(server)["title"] == "Corrigé"


def test_events_of_others_are_changed_by_number(server, agenda, lens):
    """An event without an id of ours keeps its name, and is written and removed under it."""
    uid = server.contribute(
        title={"fr": "Marche"},
        description={"fr": "Tous niveaux"},
        locationUid=12,
        timings=[{"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"}],
    )
    (ref,) = agenda.list()
    item = _stored(agenda, ref.href)
    changed = lens.put(attrs.evolve(lens.get(item.document), title="Longue marche"), item.document)
    after = agenda.replace(item.ref, changed)

    assert after.href == ref.href == f"uid:{uid}"
    assert _shown(server)["title"] == "Longue marche"
    agenda.delete(after)
    assert server.events == {}


def test_own_fields_and_state_are_sent(server, agenda_with, lens, notice):
    """The configuration's fields go to the top level, the state with them."""
    with agenda_with(additional={"thematique": [61]}, state=0) as agenda:
        agenda.create("one", lens.put(notice()))
    (event,) = server.events.values()
    assert (event["thematique"], event["state"]) == ([61], 0)
    assert server.shown() == {}


def test_withdrawing_can_leave_a_cancelled_event(server, agenda_with, lens, notice):
    """With ``cancel`` readers see that it is cancelled; for us it is gone, and can come back."""
    soon = dt.datetime.now(PARIS) + dt.timedelta(days=30)
    times = {"event_start": soon, "event_end": soon + dt.timedelta(hours=2)}
    with agenda_with(withdrawal="cancel") as agenda:
        agenda.delete(agenda.create("one", lens.put(notice(**times))))
        assert _shown(server)["cancelled"]
        assert list(agenda.list()) == []
        assert list(agenda.read(["one"])) == []
        with pytest.raises(ItemNotFoundError):
            agenda.delete(Ref("one"))
        agenda.create("one", lens.put(notice(**times)))
        assert not _shown(server)["cancelled"]


def test_what_is_over_is_removed(server, agenda_with, lens, notice):
    """An event of the past is no cancelled one: it goes."""
    past = dt.datetime(2020, 1, 1, 9, tzinfo=PARIS)
    gone = notice(event_start=past, event_end=past + dt.timedelta(hours=1))
    with agenda_with(withdrawal="cancel") as agenda:
        agenda.delete(agenda.create("one", lens.put(gone)))
    assert server.events == {}


def test_a_shrunken_source_empties_no_agenda(server, agenda, lens, notice):
    """Of 12 events, the one that would be the half is not removed any more."""
    refs = [agenda.create(f"n-{n}", lens.put(notice(uid=f"urn:{n}"))) for n in range(12)]
    for ref in refs[:5]:
        agenda.delete(ref)
    with pytest.raises(ItemRefusedError, match="5 of our 12"):
        agenda.delete(refs[5])
    assert len(server.events) == 7


def test_few_events_may_all_go(server, agenda_with, lens, notice):
    """Five events may go in one run, and any number if that is configured."""
    with agenda_with(removal_floor=1.0) as agenda:
        for ref in [agenda.create(f"n-{n}", lens.put(notice(uid=f"u:{n}"))) for n in range(7)]:
            agenda.delete(ref)
    assert server.events == {}


def test_the_public_key_only_reads(server, agenda_with, lens, notice):
    """Without a secret key nothing is sent, and who grants one is said."""
    with agenda_with(secret=None) as agenda:
        with pytest.raises(ReadOnlyError) as caught:
            agenda.create("one", lens.put(notice()))
        assert list(agenda.list()) == []
    assert "support@openagenda.com" in caught.value.remedy
    assert server.writes == ()
