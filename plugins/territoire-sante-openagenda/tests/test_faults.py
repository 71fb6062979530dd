# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from territoire_sante.errors import (
    AuthError,
    ConflictError,
    ItemRefusedError,
    OutcomeUnknownError,
    ProtocolError,
    ReadOnlyError,
    RetryableError,
    UnreachableError,
)
from territoire_sante.http import HttpClient
from territoire_sante.plugins import Secret, Stored
from territoire_sante_openagenda._tokens import Tokens

PAGE = "<!doctype html><title>Maintenance</title>"


def _tokens_asked(server):
    return sum(one.path.endswith("requestAccessToken") for one in server.requests)


def test_a_token_serves_many_requests(server, publish):
    """One token is asked for, and used for reading and writing."""
    publish("one")
    publish("two", uid="urn:two")
    assert _tokens_asked(server) == 1


def test_a_refused_token_is_renewed_once(server, publish):
    """A token that expired before its time is replaced, and the write done."""
    server.expire_tokens()
    publish("one")
    assert _tokens_asked(server) == 2
    assert len(server.events) == 1


def test_a_secret_that_is_refused_says_who_gives_another(agenda_with):
    """Who must renew which key where is said in French; the key itself is not."""
    with pytest.raises(AuthError) as caught, agenda_with(secret="perimee"):
        pytest.fail("opened")
    assert "openagenda.com/settings/apiKey" in caught.value.remedy
    assert "perimee" not in str(caught.value)


def test_an_account_without_rights_goes_on_reading(server, agenda, publish):
    """403 to a write says that the account is no member; reading is not concerned."""
    publish("one")
    server.fail_writes(403)
    server.fail_writes(403)
    with pytest.raises(ReadOnlyError) as caught:
        publish("two", uid="urn:two")
    assert "membre" in caught.value.remedy
    assert [ref.href for ref in agenda.list()] == ["one"]


@pytest.mark.parametrize(
    ("seconds", "early"), [(3600, 3480), (60, 30), (100_000, 99_880)], ids=["hour", "short", "long"]
)
def test_tokens_are_renewed_before_they_end(server, seconds, early):
    """Two minutes before the end, or at half of a shorter life, another token is asked for."""
    server._token_seconds = seconds
    clock = [1000.0]
    with HttpClient(f"{server.api_url}/") as client:
        tokens = Tokens(client, Secret("cle-secrete-inventee"), clock=lambda: clock[0])
        first = tokens.current()
        clock[0] += early - 1
        assert tokens.current() == first
        clock[0] += 1
        assert tokens.current() != first


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [{"field": "title", "code": "string.toolong", "message": "too long"}]},
        {"error": {"details": {"errors": [{"field": "title", "code": "string.toolong"}]}}},
        {"field": "title", "code": "string.toolong"},
    ],
    ids=["list", "nested", "bare"],
)
@pytest.mark.parametrize("status", [400, 422])
def test_a_complaint_names_the_field(server, publish, status, body):
    """Whatever its shape, a refusal says which field, in French, and stays with its item."""
    server.fail_writes(status, body=body)
    with pytest.raises(ItemRefusedError, match=r"title: string\.toolong") as caught:
        publish("one")
    assert caught.value.href == "one"
    assert "le titre (title) : string.toolong" in caught.value.remedy
    publish("one")
    assert len(server.events) == 1


def test_a_refusal_without_a_reason_is_still_one(server, publish):
    """A refusal that says nothing stays with its item."""
    server.fail_writes(422, body=[])
    with pytest.raises(ItemRefusedError, match="without a reason"):
        publish("one")


def test_asked_for_patience(server, publish):
    """429 says when it is tried again, and nothing was written."""
    server.fail(429, retry_after=77)
    server.fail(429, retry_after=77)
    with pytest.raises(RetryableError) as caught:
        publish("one")
    assert caught.value.retry_after == 77
    assert server.events == {}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after storing"])
def test_a_failure_of_the_server_is_settled_by_reading(server, agenda, lens, notice, after):
    """A 500 to a write leaves the outcome open; looking tells, and there is one event."""
    server.fail_writes(500, after=after)
    document = lens.put(notice())
    with pytest.raises(OutcomeUnknownError):
        agenda.create("one", document)
    answers = list(agenda.read(["one"]))
    assert [isinstance(one, Stored) for one in answers] == [True] * after
    if after:
        with pytest.raises(ConflictError):
            agenda.create("one", document)
    else:
        agenda.create("one", document)
    assert len(server.events) == 1


def test_a_lost_answer_makes_no_second_event(server, agenda, lens, notice):
    """After a lost answer the same write again says that it is there."""
    server.lose_answers()
    with pytest.raises(OutcomeUnknownError):
        agenda.create("one", lens.put(notice()))
    with pytest.raises(ConflictError):
        agenda.create("one", lens.put(notice()))
    assert len(server.shown()) == 1


@pytest.mark.parametrize("status", [200, 404])
def test_a_web_page_tells_nothing(server, agenda, publish, status):
    """An error page is not taken for an empty agenda, nor for an event that is gone."""
    publish("one")
    server.fail(status, body=PAGE, times=2)
    with pytest.raises(ProtocolError, match="web page"):
        list(agenda.list())
    with pytest.raises(ProtocolError, match="web page"):
        list(agenda.read(["one"]))


def test_a_web_page_is_no_answer_to_a_write(server, publish):
    """A page with status 200 leaves the outcome open."""
    server.fail_writes(200, body=PAGE)
    with pytest.raises(OutcomeUnknownError):
        publish("one")
    assert server.events == {}


def test_a_page_with_an_error_status_is_no_complaint(server, publish):
    """A 400 of some proxy, in HTML, is not quoted as what OpenAgenda says."""
    server.fail_writes(400, body=PAGE)
    with pytest.raises(ProtocolError, match="400"):
        publish("one")


def test_a_slow_server_is_given_up(server, agenda_with):
    """Nothing is waited for longer than the time-out says."""
    with agenda_with(timeout=0.2) as agenda:
        server.delay(1.0, times=2)
        with pytest.raises(UnreachableError):
            list(agenda.list())
