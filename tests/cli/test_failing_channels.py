# SPDX-License-Identifier: Apache-2.0
"""Channels fail in six ways, two others are published, and a clerk is told what to do."""

from __future__ import annotations

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

LINK = """
[[link]]
name = "{name}"
connector = "panneaupocket"
view = "announcement"
direction = "push"
audience = "public"
[link.config]
base_url = "{url}"
token = "made-up"
timeout = 0.4
"""
FEED = """
[[link]]
name = "{name}"
connector = "feed"
view = "announcement"
direction = "push"
audience = "public"
[link.config]
path = "{name}.atom"
title = "Annonces"
create = true
"""
VENDOR = "Vendor exception 0x2A in module sign_validator"
PAGE = f"<html><h1>Maintenance</h1>{VENDOR}</html>"

#: What a channel answers to a write: status, body, headers.
ANSWERS = {
    "401": (401, json.dumps({"message": VENDOR}), {}),
    "422": (422, json.dumps({"message": VENDOR}), {}),
    "429": (429, json.dumps({"message": VENDOR}), {"X-RateLimit-Retry-After": "7200"}),
    "html": (200, PAGE, {}),
}
#: What the clerk reads, and how the ledger calls it.
TOLD = {
    "slow": ("Le canal ne répond pas", "failed"),
    "401": ("la clé ou le mot de passe n'est plus valable", "failed"),
    "422": ("Le canal refuse cette annonce telle qu'elle est", "refused"),
    "429": ("Le canal demande de patienter", "failed"),
    "html": ("on ne sait pas si l'annonce est passée", "unknown"),
    "page": ("une page de maintenance", "failed"),
}


@contextlib.contextmanager
def failing(mode):
    """Run a service that lets in, and fails in its way as soon as something is written."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if mode == "slow":
                over.wait(10)
            text = PAGE if mode == "page" else json.dumps({"count": 12})
            self.answer(200, text, {})

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(*ANSWERS[mode])

        def do_PUT(self):
            self.do_POST()

        def answer(self, status, text, headers):
            kind = "text/html" if text.startswith("<") else "application/json"
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in {**headers, "Content-Type": kind}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/public-api"
        finally:
            over.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def channels(run, territory, configure):
    """Configure six channels that fail between two that do not, and approve a notice."""
    notice = {
        "entity": "announcement",
        "id": "announcement:1",
        "title": "Médicobus mardi",
        "body": "De 9 h à 12 h, sans rendez-vous.",
        "state": "approved",
    }
    (territory / "in.json").write_text(json.dumps([notice]), encoding="utf-8")
    with contextlib.ExitStack() as stack:
        configure(FEED.format(name="premier"))
        for mode in TOLD:
            url = stack.enter_context(failing(mode))
            configure(LINK.format(name=f"canal-{mode}", url=url))
        configure(FEED.format(name="dernier"))
        assert run("import", "in.json").code == 0
        yield


@pytest.mark.usefixtures("channels")
def test_channels_fail_in_six_ways(run, territory):
    """The other two are published, and a French sentence for each failure says who must act."""
    ran = run("publish", language="fr")
    lines = run("announcements", "status", "--json").json["deliveries"]
    told = {line["link"].removeprefix("canal-"): line for line in lines}
    to_do = ran.out.partition("À faire")[2]

    assert ran.code == 3
    for name in ("premier", "dernier"):
        assert "Médicobus" in (territory / f"{name}.atom").read_text(encoding="utf-8")
        assert told[name]["state"] == "visible"
    for mode, (sentence, state) in TOLD.items():
        assert sentence in told[mode]["reason_fr"], mode
        assert told[mode]["state"] == state, mode
        assert f"canal-{mode}" in to_do, mode
    assert VENDOR.split(maxsplit=1)[0] not in to_do
    assert told["429"]["retry_at"] is not None
    assert "made-up" not in ran.out + ran.err
