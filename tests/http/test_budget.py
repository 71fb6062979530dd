# SPDX-License-Identifier: Apache-2.0
"""One run asks a server for no more than its budget, from however many threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from territoire_sante.errors import RetryableError, UnreachableError
from territoire_sante.http import HttpClient, OriginBudget, basic, digest


class Crowd:
    """Counts how many requests a server sees at the same time."""

    def __init__(self, seconds=0.03):
        self.seconds = seconds
        self.lock = threading.Lock()
        self.now = self.most = 0

    def __call__(self, handler):
        """Take a while to answer by the body that came."""
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.seconds)
        with self.lock:
            self.now -= 1
        handler.answer(201, handler.server.seen[0].method.encode() + handler.path.encode())


def test_threads_write_through_one_client(server):
    """Forty writes by eight threads each get their own answer, four in flight at most."""
    crowd = Crowd()
    paths = [f"/{number}" for number in range(40)]
    for path in paths:
        server.on(path, crowd)

    with HttpClient(server.url, auth=basic("u", "p", origins=[server.url])) as client:
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(lambda path: client.request("PUT", path, body=path.encode()), paths)
        bodies = [answer.body.decode() for answer in answers]

    assert bodies == [f"PUT{path}" for path in paths]
    assert {seen.path: seen.body.decode() for seen in server.seen} == {path: path for path in paths}
    assert 2 <= crowd.most <= 4


def test_threads_keep_their_deadlines_apart(server):
    """A slow request in one thread neither lends nor takes time from those of the others."""
    server.on("/slow", lambda h: h.server.stop.wait(5))
    server.on("/fast", lambda h: h.answer(200, b"ok"))

    with HttpClient(server.url, deadline=0.8) as client, ThreadPoolExecutor(2) as pool:
        slow = pool.submit(client.request, "GET", "/slow")
        started = time.monotonic()
        while not slow.done():
            assert client.request("GET", "/fast").body == b"ok"
        with pytest.raises(UnreachableError, match="time allowed"):
            slow.result()

    assert time.monotonic() - started < 4


def test_digest_in_several_threads(server):
    """Each thread answers the challenge by itself; every write arrives."""

    def script(handler):
        if "Authorization" in handler.headers:
            handler.answer(201)
        else:
            handler.answer(401, WWW_Authenticate='Digest realm="r", nonce="n", qop="auth"')

    server.on("/", script)
    auth = digest("u", "p", origins=[server.url])

    with HttpClient(server.url, auth=auth) as client, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(client.request, "PUT", body=b"x") for _ in range(20)]
        statuses = [answer.result().status for answer in answers]

    assert statuses == [201] * 20


def test_clients_share_a_budget(server):
    """Two clients with one budget have no more requests in flight than it allows."""
    crowd = Crowd()
    server.on("/", crowd)
    budget = OriginBudget(in_flight=2)
    clients = [HttpClient(server.url, budget=budget) for _ in range(2)]

    with ThreadPoolExecutor(8) as pool:
        for index in range(12):
            pool.submit(clients[index % 2].request, "GET")
    for client in clients:
        client.close()

    assert (len(server.seen), crowd.most) == (12, 2)


def test_origins_have_budgets_of_their_own(server, other_server):
    """A server that takes its time does not keep others waiting."""
    release = threading.Event()
    server.on("/", lambda h: release.wait(5) and h.answer(200))
    other_server.on("/", lambda h: h.answer(200))
    budget = OriginBudget(in_flight=1)

    with (
        HttpClient(server.url, budget=budget) as slow,
        HttpClient(other_server.url, budget=budget) as fast,
        ThreadPoolExecutor(1) as pool,
    ):
        waiting = pool.submit(slow.request, "GET")
        assert fast.request("GET").status == 200
        release.set()
        assert waiting.result().status == 200


def test_no_turn_before_the_deadline(server):
    """A request whose turn does not come in time was not sent: it may be repeated."""
    release = threading.Event()
    server.on("/", lambda h: release.wait(5) and h.answer(200))
    budget = OriginBudget(in_flight=1)

    with (
        HttpClient(server.url, budget=budget) as first,
        HttpClient(server.url, budget=budget, deadline=0.2) as second,
        ThreadPoolExecutor(1) as pool,
    ):
        waiting = pool.submit(first.request, "GET")
        while not server.seen:
            time.sleep(0.01)
        with pytest.raises(RetryableError, match="was not sent"):
            second.request("PUT", body=b"x")
        release.set()
        waiting.result()

    assert [seen.method for seen in server.seen] == ["GET"]


def test_retries_are_counted_for_the_whole_run(server, sleeper):
    """Once the retries of a run are spent, a busy server is not asked again by anybody."""
    server.on("/", lambda h: h.answer(503))
    budget = OriginBudget(retries=4)

    for _ in range(3):
        with (
            HttpClient(server.url, budget=budget, sleep=sleeper) as client,
            pytest.raises(RetryableError),
        ):
            client.request("GET")

    assert (len(server.seen), len(sleeper.naps)) == (7, 4)


def test_waiting_is_bounded_for_the_whole_run(server, sleeper):
    """A server that asks each request to wait is not waited for longer than the run allows."""
    server.on("/", lambda h: h.answer(429, Retry_After="10"))
    budget = OriginBudget(waiting=25)
    client = HttpClient(server.url, budget=budget, sleep=sleeper, jitter=lambda: 0.0)

    with client:
        for _ in range(3):
            with pytest.raises(RetryableError) as caught:
                client.request("GET")

    assert sleeper.naps == [10.0, 10.0]
    assert caught.value.retry_after == 10.0


def test_a_server_that_hangs_up_each_time_uses_up_the_retries(server):
    """Resending on a connection that was closed meanwhile counts as a retry."""
    server.on("/", lambda h: h.answer(200), lambda h: h.raw(b""))

    with HttpClient(server.url, budget=OriginBudget(retries=0)) as client:
        client.request("GET")
        with pytest.raises(UnreachableError):
            client.request("GET")

    assert len(server.seen) == 2
