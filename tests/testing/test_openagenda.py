# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import http.client
import json
import urllib.parse

import pytest

from territoire_sante.testing.openagenda import Location, OpenAgendaServer

SECRET, KEY = "secret-inventé", "cle-inventee"
SLOT = {"begin": "2026-11-14T09:00:00+01:00", "end": "2026-11-14T12:00:00+01:00"}
EVENT = {
    "title": {"fr": "Dépistage gratuit"},
    "description": {"fr": "Sans rendez-vous"},
    "locationUid": 1,
    "timings": [SLOT],
}
EXT = "/events/ext/msp/1"


@pytest.fixture
def server():
    """Give a running stand-in."""
    with OpenAgendaServer(
        secret=SECRET, key=KEY, fields={"thematique": {61: "sante"}}, page=2
    ) as running:
        yield running


def _raw(server, method, path, body=None, headers=None):
    """Ask with nothing but the standard library; return status and what was told."""
    connection = http.client.HTTPConnection(
        urllib.parse.urlsplit(server.api_url).netloc, timeout=10
    )
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        data = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(data)


def _token(server):
    status, told = _raw(server, "POST", "/v2/requestAccessToken", json.dumps({"code": SECRET}))
    assert (status, told["expires_in"]) == (200, 3600)
    return told["access_token"]


@pytest.fixture
def ask(server):
    """Give a function that asks about the agenda, with a token."""
    token = _token(server)

    def asked(method, route, value=None, **headers):
        body = None if value is None else json.dumps(value)
        path = f"/v2/agendas/{server.agenda}{route}"
        return _raw(server, method, path, body, {"access-token": token, **headers})

    return asked


def _codes(told):
    return {(one["field"], one["code"]) for one in told["errors"]}


def test_without_a_key_nothing_is_told(server):
    """403, in the words of the service, without a key and with a wrong one."""
    path = f"/v2/agendas/{server.agenda}/events"
    for headers in ({}, {"key": "une-autre"}):
        status, told = _raw(server, "GET", path, headers=headers)
        assert (status, told["error"]) == (403, "could not find user or agenda matching key")


def test_the_public_key_reads_and_does_not_write(server, ask):
    """What is published is shown for the public key, by header or query; a write is refused."""
    ask("PUT", EXT, EVENT)
    server.contribute(**EVENT)
    path = f"/v2/agendas/{server.agenda}/events"
    assert _raw(server, "GET", f"{path}?key={KEY}")[1]["total"] == 2
    server.moderate(next(iter(server.events)), state=0)
    status, told = _raw(server, "GET", f"{path}?state[]=0&state[]=2", headers={"key": KEY})
    assert (status, told["total"]) == (200, 1)
    assert _raw(server, "PUT", path + "/ext/a/b", json.dumps(EVENT), {"key": KEY})[0] == 403


def test_tokens_expire(server, ask):
    """A token that is over is told as such; a wrong secret gets none."""
    server.expire_tokens()
    assert ask("GET", "/events") == (401, {"error": "access token is invalid"})
    assert _raw(server, "POST", "/v2/requestAccessToken", json.dumps({"code": "x"}))[0] == 403


def test_the_same_id_is_the_same_event(server, ask):
    """PUT under an external id makes one event and writes it over."""
    first = ask("PUT", EXT, EVENT)[1]["event"]
    second = ask("PUT", EXT, {**EVENT, "title": {"fr": "Reporté"}})[1]["event"]
    assert first["uid"] == second["uid"]
    assert first["updatedAt"] < second["updatedAt"]
    assert [one["title"] for one in server.shown().values()] == ["Reporté"]


def test_bare_texts_take_the_language_of_the_header(ask):
    """With ``lang`` a text may come bare; without, it is refused."""
    bare = {**EVENT, "title": "Dépistage"}
    assert ask("PUT", EXT, bare, lang="fr")[1]["event"]["title"] == {"fr": "Dépistage"}
    assert ask("PUT", EXT, bare)[0] == 422


def test_a_full_update_forgets_what_it_does_not_name(ask):
    """What a later PUT leaves out is gone."""
    ask("PUT", EXT, {**EVENT, "longDescription": {"fr": "Long"}})
    assert ask("PUT", EXT, EVENT)[1]["event"]["longDescription"] == {}


@pytest.mark.parametrize(
    ("field", "cap"), [("title", 140), ("description", 200), ("longDescription", 10_000)]
)
@pytest.mark.parametrize("sign", ["é", "🩺"])
def test_caps_are_counted_in_both_units(ask, field, cap, sign):
    """The larger of code points and UTF-16 units holds."""
    full = sign * (cap // (2 if sign == "🩺" else 1))
    assert ask("PUT", EXT, {**EVENT, field: {"fr": full}})[0] == 200
    status, told = ask("PUT", EXT, {**EVENT, field: {"fr": full + sign}})
    assert (status, _codes(told)) == (422, {(field, "string.toolong")})


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"title": {}}, "title", "required"),
        ({"description": {"fr": " "}}, "description", "required"),
        ({"timings": []}, "timings", "required"),
        ({"timings": [{"begin": "x", "end": "y"}]}, "timings", "date.invalid"),
        ({"timings": [SLOT] * 2}, "timings", "overlap"),
        ({"timings": [{**SLOT, "end": SLOT["begin"]}]}, "timings", "endBeforeBegin"),
        (
            {
                "timings": [
                    {"begin": "2026-10-25T00:00:00+02:00", "end": "2026-10-25T23:59:00+01:00"}
                ]
            },
            "timings",
            "diffExceeded",
        ),
        ({"locationUid": None}, "locationUid", "location.required"),
        ({"locationUid": 99}, "locationUid", "location.notfound"),
        ({"attendanceMode": 2}, "onlineAccessLink", "link.invalid"),
        ({"registration": ["https://"]}, "registration", "link.invalid"),
        ({"extIds": [{"key": "a", "value": "x" * 101}]}, "extIds", "string.toolong"),
        ({"conditions": {"fr": "x" * 256}}, "conditions", "string.toolong"),
        ({"keywords": {"fr": ["x" * 200, "y" * 56]}}, "keywords", "string.toolong"),
        ({"status": 7}, "status", "invalid"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_what_is_wrong_is_told_by_field(ask, changes, field, code):
    """Each documented rule is checked, with the field and the code in the answer."""
    status, told = ask("PUT", EXT, {**EVENT, **changes})
    assert status == 422
    assert (field, code) in _codes(told)


def test_eight_hundred_slots_are_the_most(ask):
    """800 slots are taken, 801 are not."""
    slots = [
        {
            "begin": f"{year}-{month:02}-{day:02}T09:00:00Z",
            "end": f"{year}-{month:02}-{day:02}T10:00:00Z",
        }
        for year in (2027, 2028, 2029)
        for month in range(1, 13)
        for day in range(1, 29)
    ]
    assert ask("PUT", EXT, {**EVENT, "timings": slots[:800]})[0] == 200
    assert ask("PUT", EXT, {**EVENT, "timings": slots[:801]})[0] == 422


def test_a_picture_as_bare_text_is_left_out_in_silence(server, ask):
    """The answer is a success, and there is no picture."""
    status, told = ask("PUT", EXT, {**EVENT, "image": "https://example.org/a.jpg"})
    assert (status, told["event"]["image"]) == (200, None)
    assert not next(iter(server.shown().values()))["image"]


def test_a_picture_by_address_cannot_be_fetched(ask):
    """The fetcher of the service is shut out: 400 with ``url.invalid``."""
    status, told = ask("PUT", EXT, {**EVENT, "image": {"url": "https://example.org/a.jpg"}})
    assert (status, _codes(told)) == (400, {("image", "url.invalid")})


def test_an_option_by_its_name_is_ignored_in_silence(ask):
    """The number of an option is kept; its name is a success without effect."""
    assert ask("PUT", EXT, {**EVENT, "thematique": [61]})[1]["event"]["thematique"] == [61]
    status, told = ask("PUT", EXT, {**EVENT, "thematique": ["sante"]})
    assert (status, told["event"]["thematique"]) == (200, None)


def test_the_cursor_stays_after_the_end(server, ask):
    """The last page has a cursor too; what it leads to is empty."""
    for _ in range(3):
        server.contribute(**EVENT)
    first = ask("GET", "/events?size=300")[1]
    assert (first["total"], len(first["events"])) == (3, 2)
    after = "&".join(f"after[]={one}" for one in first["after"])
    second = ask("GET", f"/events?{after}")[1]
    assert (len(second["events"]), bool(second["after"])) == (1, True)
    after = "&".join(f"after[]={one}" for one in second["after"])
    third = ask("GET", f"/events?{after}")[1]
    assert (third["events"], third["after"]) == ([], second["after"])


def test_removals_are_told_by_number(server, ask):
    """With ``removed=null`` they stand among the others, with ``1`` alone, else not at all."""
    uid = server.contribute(**EVENT)
    server.contribute(**EVENT)
    server.remove(uid)
    counts = [ask("GET", f"/events{query}")[1]["total"] for query in ("", "?removed=1")]
    both = ask("GET", "/events?removed=null&sort=updatedAt.asc")[1]["events"]
    assert counts == [1, 1]
    assert both[-1] == {"uid": uid, "removed": True, "updatedAt": both[-1]["updatedAt"]}


def test_no_geocoder_finds_a_name(ask):
    """A place without coordinates whose address cannot be resolved is refused with 400."""
    route = "/locations/ext/msp/salle"
    status, told = ask("PUT", route, {"name": "Salle", "address": "Salle des fêtes"})
    assert (status, told["errors"][0]["message"]) == (400, "geocoder didn't find address")
    given = {"name": "Salle", "address": "Salle des fêtes", "latitude": 44.5, "longitude": 3.5}
    assert ask("PUT", route, given)[1]["location"]["uid"] == 2


def test_html_is_not_kept(server, ask):
    """HTML in the long text is converted: what is meant as text is not seen by readers."""
    ask("PUT", EXT, {**EVENT, "longDescription": {"fr": "Salle <b>2</b> \\<b\\>"}})
    assert next(iter(server.shown().values()))["text"] == "Salle 2 <b>"


def test_portals_give_a_hundred_at_most():
    """The limits of the portal hold: 100 a page, the first 10,000, and a distance."""
    near = Location(name="Salle", latitude=44.5, longitude=3.5)
    with OpenAgendaServer(secret=SECRET, key=KEY, locations={1: near}) as server:
        server.contribute(**EVENT)
        base = "/api/explore/v2.1/catalog/datasets/evenements-publics-openagenda/records"
        point = urllib.parse.quote(
            "within_distance(location_coordinates, geom'POINT(3.5 44.6)', 20km)"
        )
        assert _raw(server, "GET", f"{base}?limit=101")[0] == 400
        assert _raw(server, "GET", f"{base}?limit=100&offset=9901")[0] == 400
        assert _raw(server, "GET", f"{base}?where=junk")[0] == 400
        status, told = _raw(server, "GET", f"{base}?where={point}&limit=100")
        assert (status, told["total_count"]) == (200, 1)
        assert json.loads(told["results"][0]["timings"])
        far = point.replace("44.6", "45.6")
        assert _raw(server, "GET", f"{base}?where={far}")[1]["total_count"] == 0
