# SPDX-License-Identifier: Apache-2.0
"""What readers see is the whole text, or nothing was sent."""

from __future__ import annotations

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import InputError, ItemRefusedError
from territoire_sante.plugins import Shown, Stored

_PIECES = st.sampled_from(
    [
        *("Dépistage ", "œuvre d'Aïcha", "« gratuit »", "15 €", "été", "e\u0301te\u0301", "ﬁn "),
        *("👩🏽‍⚕️", "💉 ", "🇫🇷", "\u00a0!", "\u202f;", "\n", "\n\n", "# ", "1. ", "- ", "* ", "_a_"),
        *("<b>", "</p>", "&amp;", "&eacute;", "[lien](x)", "\\", "`", "~~", "|", "\t", "  ", "+ "),
    ]
)
_TEXTS = st.lists(_PIECES | st.text(st.characters(codec="utf-8"), max_size=6), max_size=40).map(
    "".join
)


def _words(text):
    return text.split()


@given(title=_TEXTS, body=_TEXTS, short=_TEXTS, factor=st.sampled_from([1, 1, 1, 30, 300]))
@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_readers_see_the_whole_text_or_nothing_was_sent(  # noqa: PLR0917 - fixtures and what Hypothesis gives
    server, agenda, lens, notice, title, body, short, factor
):
    """Any text is shown whole and confirmed as visible, or refused before it is sent."""
    for uid in list(server.events):
        server.remove(uid)
    sent = len(server.writes)
    view = notice(title=title, body=body * factor, body_short=short)
    try:
        document = lens.put(view)
        ref = agenda.create("one", document)
    except (InputError, ItemRefusedError):
        # Refused here, not there: the service never has to say no.
        assert len(server.writes) == sent
        return
    (seen,) = server.shown().values()
    assert seen["title"] == view.title
    assert _words(seen["text"]) == _words(view.body)
    assert _words(seen["description"]) == (_words(view.body_short) or _words(view.body))
    assert [one.shown for one in agenda.confirm([Stored(ref, document)])] == [Shown.VISIBLE]
    (read,) = agenda.read(["one"])
    back = attrs.evolve(lens.get(read.document), id=view.id)
    assert (back.title, _words(back.body)) == (view.title, _words(view.body))
