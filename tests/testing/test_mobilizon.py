# SPDX-License-Identifier: Apache-2.0
"""The stand-in for Mobilizon keeps the schema, the codes and the traps."""

from __future__ import annotations

import pytest
import requests

from territoire_sante.testing._graphql import QueryError, parse
from territoire_sante.testing.mobilizon import MobilizonServer

ACCOUNT = {"email": "mairie@example.org", "password": "mot-de-passe-invente"}
LOGIN = "mutation L($e: String!, $p: String!) { login(email: $e, password: $p) { accessToken } }"
CREATE = """
mutation C($title: String!, $description: String!, $beginsOn: DateTime!, $id: ID!) {
  createEvent(title: $title, description: $description, beginsOn: $beginsOn, organizerActorId: $id) {
    uuid title beginsOn
  }
}
"""  # noqa: E501 - one line of the query
EVENT = {"title": "Marche", "description": "", "beginsOn": "2026-11-14T09:00:00+01:00", "id": "7"}


@pytest.fixture
def server():
    """Give a running stand-in."""
    with MobilizonServer(**ACCOUNT) as running:
        yield running


@pytest.fixture
def ask(server):
    """Give a function that sends an operation, signed in, and returns the answer."""
    login = {"query": LOGIN, "variables": {"e": ACCOUNT["email"], "p": ACCOUNT["password"]}}
    told = requests.post(f"{server.origin}/api", json=login, timeout=5).json()
    token = told["data"]["login"]["accessToken"]

    def send(query, variables=None, *, signed_in=True):
        headers = {"Authorization": f"Bearer {token}"} if signed_in else {}
        body = {"query": query, "variables": variables or {}}
        return requests.post(f"{server.origin}/api", json=body, headers=headers, timeout=5)

    return send


def test_an_event_is_told_as_it_is_kept(ask):
    """A title loses tags and blanks around it, an instant becomes UTC without fractions."""
    told = ask(CREATE, {**EVENT, "title": " <b>Marche</b> "}).json()["data"]["createEvent"]

    assert (told["title"], told["beginsOn"]) == ("Marche", "2026-11-14T08:00:00Z")
    assert set(told) == {"uuid", "title", "beginsOn"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "ab"}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"title": "🩺" * 101}, "title"),
        ({"beginsOn": "demain"}, "begins_on"),
    ],
)
def test_what_is_invalid_is_told_with_status_200(server, ask, changes, field):
    """A validation is an error of code 422 in an answer of status 200, with the schema's field."""
    answer = ask(CREATE, {**EVENT, **changes})

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["status_code"], error["field"]) == (200, 422, field)
    assert server.shown() == ()


@pytest.mark.parametrize("title", ["abc", "t" * 200, "🩺" * 100])
def test_titles_at_the_limits_are_taken(server, ask, title):
    """3 and 200 characters are taken, by the stricter count."""
    ask(CREATE, {**EVENT, "title": title})

    assert [one.title for one in server.shown()] == [title]


@pytest.mark.parametrize(
    "query",
    [
        "query { config { nothing } }",
        "query { nothing { id } }",
        "query { config }",
        "query { config { name }",
        "subscription { config { name } }",
        "query { loggedPerson { ...Missing } }",
        'mutation { createEvent(titel: "Marche") { uuid } }',
    ],
)
def test_a_query_that_does_not_follow_the_schema_fails(ask, query):
    """Unknown fields, arguments and operations are errors, never answered with nothing."""
    assert ask(query).json()["errors"]


def test_signing_in_is_asked_for(ask):
    """Without a token a writing gets the code unauthenticated, and so does a person's own list."""
    answer = ask(CREATE, EVENT, signed_in=False).json()

    assert answer["errors"][0]["code"] == "unauthenticated"
    assert answer["data"] == {"createEvent": None}


def test_variables_that_are_not_declared_are_refused():
    """A value that the operation does not declare is a mistake of the caller."""
    with pytest.raises(QueryError, match="not defined"):
        parse("query { config { name } }", {"id": "1"})


def test_events_outlive_the_server(tmp_path, ask):
    """With a state file the events are there in the next run."""
    state = tmp_path / "mobilizon.json"
    with MobilizonServer(**ACCOUNT, state=state) as server:
        server.add("Marche", EVENT["beginsOn"])
        before = server.shown()
    with MobilizonServer(**ACCOUNT, state=state) as server:
        assert server.shown() == before
        server.add("Loto", EVENT["beginsOn"])
        assert len(server.shown()) == 2
