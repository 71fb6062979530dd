# SPDX-License-Identifier: Apache-2.0
"""
A small Flask application around the library: levers near a commune, and a door that starts a sync.

    pip install flask
    TERRITOIRE_SANTE_FILE=territoire.toml SYNC_TOKEN=… flask --app examples/embedding/web_app.py run

The application has a database of its own, that of the configuration file. The page shows what the
public may see and nothing else, because it is made of a disclosed snapshot.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
import threading
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, render_template_string, request

from territoire_sante import Workspace
from territoire_sante.cooperation import find_levers
from territoire_sante.errors import InvalidValueError
from territoire_sante.model import Visibility
from territoire_sante.privacy import Disclosed, disclose

PAGE = """\
<!doctype html>
<html lang="fr">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Qui peut aider près d'ici ?</title>
  <style>
    body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 2rem auto;
           padding: 0 1rem }
    label { display: block; margin: .5rem 0 } input { font: inherit; padding: .3rem }
    article { border-top: 1px solid #bbb; padding: .5rem 0 } .error { color: #a00 }
  </style>
</head>
<body>
  <h1>Qui peut aider près d'ici ?</h1>
  <form>
    <label>Quoi ? <input name="text" value="{{ text }}" placeholder="barnum, salle"></label>
    <label>Code INSEE de la commune <input name="near" value="{{ near }}" required></label>
    <button>Chercher</button>
  </form>
  {% if problem %}<p class="error" role="alert">{{ problem }}</p>{% endif %}
  {% for lines in found %}
  <article><h2>{{ lines[0] }}</h2><p>{{ lines[1] }}</p></article>
  {% else %}{% if near and not problem %}<p>Rien, à ce que l'on sait.</p>{% endif %}
  {% endfor %}
</body>
</html>
"""


def application(
    open_workspace: Callable[[], Workspace], *, token: str, today: Callable[[], dt.date]
) -> Flask:
    """Return the application; ``token`` is what a scheduler must send to start a sync."""
    app = Flask(__name__)
    workspace = open_workspace()
    shown = _Shown(workspace)
    one_at_a_time = threading.Lock()

    @app.get("/")
    def page() -> str:
        text, near = request.args.get("text", ""), request.args.get("near", "")
        found, problem = [], ""
        if near:
            try:
                found = [one.lines("fr") for one in _levers(shown, text, near, today())]
            except InvalidValueError:
                problem = (
                    "Ce n'est pas le code INSEE d'une commune : il a cinq signes, comme 48034."
                )
        return render_template_string(PAGE, text=text, near=near, found=found, problem=problem)

    @app.get("/api/levers")
    def levers() -> Response:
        matches = _levers(
            shown, request.args.get("text", ""), request.args.get("near", ""), today()
        )
        return jsonify(
            [{"id": one.lever.id, "lines": one.lines("fr"), "score": one.score} for one in matches]
        )

    @app.post("/sync")
    def sync() -> tuple[Response, int]:
        # As bytes: of texts it compares none that are not ASCII.
        sent = request.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(sent, f"Bearer {token}".encode()):
            return jsonify(error="unauthorized"), HTTPStatus.UNAUTHORIZED
        if not one_at_a_time.acquire(blocking=False):
            return jsonify(error="a sync is running"), HTTPStatus.CONFLICT
        try:
            runs = [
                {"link": run.link, "error": str(run.error) if run.error else None}
                for run in workspace.each(deadline=60)
            ]
        finally:
            one_at_a_time.release()
        failed = any(run["error"] for run in runs)
        return jsonify(runs), HTTPStatus.BAD_GATEWAY if failed else HTTPStatus.OK

    @app.errorhandler(InvalidValueError)
    def wrong(error: InvalidValueError) -> tuple[Response, int]:
        return jsonify(error=error.what, remedy=error.remedy), HTTPStatus.BAD_REQUEST

    return app


class _Shown:
    """What the public may see, made anew when something in the store has changed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._snapshot = workspace.store.snapshot()
        self._disclosed = disclose(self._snapshot, Visibility.PUBLIC)

    def now(self) -> Disclosed:
        """Return it."""
        with self._lock:
            fresh = self._snapshot.refresh(self._workspace.store)
            if fresh.revision != self._snapshot.revision:
                self._disclosed = disclose(fresh, Visibility.PUBLIC)
            self._snapshot = fresh
            return self._disclosed


def _levers(shown: _Shown, text: str, near: str, today: dt.date) -> Any:
    return find_levers(
        shown.now().snapshot, text, near=near, today=today, audience=Visibility.PUBLIC
    )


def create_app() -> Flask:
    """Return the application as the environment describes it; ``flask run`` calls this."""
    return application(
        lambda: Workspace.open(os.environ.get("TERRITOIRE_SANTE_FILE", "territoire.toml")),
        token=os.environ["SYNC_TOKEN"],
        today=lambda: dt.datetime.now(dt.UTC).astimezone().date(),
    )
