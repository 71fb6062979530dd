# SPDX-License-Identifier: Apache-2.0
"""Is an event shown to readers, and does it say what was sent?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from territoire_sante.plugins import Shown
from territoire_sante_openagenda import _event as events
from territoire_sante_openagenda._event import CANCELLED, PUBLISHED, Event
from territoire_sante_openagenda._texts import plain
from territoire_sante_openagenda._times import read_slots

_REFUSED: Final = -1
_WAITS: Final = "OpenAgenda : en attente de modération (state {state})."


def compared(
    sent: Event, there: Event, *, language: str, extra: Mapping[str, Any]
) -> tuple[Shown, str]:
    """
    Return what readers see of ``sent``, given the event that is ``there``, and a French sentence.

    Only published events are shown; what moderators changed differs, and so does a picture or a
    field of the agenda's own form that the service left out without a word.
    """
    state = events.number_of(there, "state")
    if state == _REFUSED:
        return Shown.GONE, "OpenAgenda : refusée par les modérateurs de l'agenda (state -1)."
    if state != PUBLISHED:
        return Shown.UNKNOWN, _WAITS.format(state="absent" if state is None else state)
    status = events.number_of(there, "status")
    if status == CANCELLED and events.number_of(sent, "status") != CANCELLED:
        return Shown.DIFFERS, "OpenAgenda : marquée comme annulée (status 6)."
    different = list(_differences(sent, there, language, extra))
    if different:
        return Shown.DIFFERS, f"OpenAgenda montre autre chose : {', '.join(different)}."
    return Shown.VISIBLE, ""


def _differences(
    sent: Event, there: Event, language: str, extra: Mapping[str, Any]
) -> Iterator[str]:
    for name, reading in _READINGS.items():
        if reading(sent, language) != reading(there, language):
            yield name
    if bool(events.image_url(sent)) != bool(events.image_url(there)):
        yield "image"
    for field, wanted in extra.items():
        if _options(there.get(field)) != _options(wanted):
            yield field


def _title(event: Event, language: str) -> str:
    return _words(events.text_in(event, "title", language))


def _description(event: Event, language: str) -> str:
    return _words(events.text_in(event, "description", language))


def _long(event: Event, language: str) -> str:
    return _words(plain(events.text_in(event, "longDescription", language)))


def _times(event: Event, language: str) -> Any:
    del language
    return read_slots(event.get("timings"))


def _place(event: Event, language: str) -> Any:
    del language
    return events.location_uid(event)


def _link(event: Event, language: str) -> Any:
    del language
    return events.links_of(event), event.get("onlineAccessLink") or ""


_READINGS: Final[Mapping[str, Callable[[Event, str], Any]]] = {
    "titre": _title,
    "texte court": _description,
    "texte": _long,
    "dates": _times,
    "lieu": _place,
    "lien": _link,
}


def _words(text: str) -> str:
    return " ".join(text.split())


def _options(told: Any) -> set[Any]:
    given = told if isinstance(told, list | tuple) else [told]
    return {one.get("id") if isinstance(one, Mapping) else one for one in given}
