# SPDX-License-Identifier: Apache-2.0
"""
The doors to the objects of other libraries; none of them is imported before it is asked for.

All are safe in threads: they change nothing outside their result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from territoire_sante.formats._contentline_document import ContentDocument
from territoire_sante.formats._document import Document

if TYPE_CHECKING:
    import icalendar


def to_icalendar(
    document: Document | ContentDocument, *, lossy: bool = False
) -> icalendar.Calendar:
    """
    Return the calendar in ``document`` as an object of the ``icalendar`` library.

    Times are in the zones of the document itself; icalendar's process-wide cache of zones is
    neither read nor changed.

    Args:
        document: a document with a VCALENDAR; the first one is taken.
        lossy: convert even what the library cannot hold or would write differently.

    Raises:
        LossyConversionError: something would be lost; ``lost`` names each thing with its line.
        FormatError: there is no VCALENDAR, or the bytes cannot be read.
    """
    from territoire_sante.formats import _interop_icalendar  # noqa: PLC0415 - loads icalendar

    return _interop_icalendar.to_calendar(document, lossy=lossy)


def from_icalendar(calendar: icalendar.Calendar, *, lossy: bool = False) -> Document:
    """
    Return the document that an object of the ``icalendar`` library says.

    What icalendar itself dropped when it read the calendar is named if it noted it
    (``component.errors``); a value that it silently changed cannot be known any more.

    Raises:
        LossyConversionError: the bytes would not say all of it (a zone without a name …).
    """
    from territoire_sante.formats import _interop_icalendar  # noqa: PLC0415 - loads icalendar

    return _interop_icalendar.from_calendar(calendar, lossy=lossy)


def to_vobject(document: Document | ContentDocument, *, lossy: bool = False) -> Any:
    """
    Return the card in ``document`` as a component of the ``vobject`` library.

    A value that vobject would cut or escape wrongly is given as it is written, with ``encoded``
    set, so that it is written back untouched. ``serialize(validate=False)`` keeps all of it.

    Args:
        document: a document with a VCARD of any version; the first one is taken.
        lossy: convert even what the library cannot hold.

    Raises:
        LossyConversionError: something would be lost; ``lost`` names each thing with its line.
        FormatError: there is no VCARD, or the bytes cannot be read.
    """
    from territoire_sante.formats import _interop_vobject  # noqa: PLC0415 - loads vobject

    return _interop_vobject.to_component(document, lossy=lossy)


def from_vobject(component: Any, *, lossy: bool = False) -> Document:
    """
    Return the card that a component of the ``vobject`` library says, written by ourselves.

    What ``vobject.readOne`` cut off when it read the card cannot be known any more: make
    the component with :func:`to_vobject`.

    Raises:
        LossyConversionError: the bytes would not say all of it.
        FormatError: it is no VCARD.
    """
    from territoire_sante.formats import _interop_vobject  # noqa: PLC0415 - loads vobject

    return _interop_vobject.from_component(component, lossy=lossy)


def to_jcal(document: Document | ContentDocument, *, lossy: bool = False) -> list[Any]:
    """
    Return the calendar in ``document`` as jCal (RFC 7265), ready for ``json.dumps``.

    Raises:
        LossyConversionError: something would be lost; ``lost`` names each thing with its line.
        FormatError: there is no VCALENDAR, or the bytes cannot be read.
    """
    from territoire_sante.formats import _jcal  # noqa: PLC0415 - few callers need it

    return _jcal.to_json(document, _jcal.JCAL, lossy=lossy)


def from_jcal(data: Any, *, lossy: bool = False) -> Document:
    """
    Return the calendar that jCal says, as ``json.loads`` gives it.

    Raises:
        FormatError: it is no jCal; ``where`` is the JSON path.
        LossyConversionError: something in it would be lost; ``lost`` names the paths.
    """
    from territoire_sante.formats import _jcal  # noqa: PLC0415 - few callers need it

    return _jcal.from_json(data, _jcal.JCAL, lossy=lossy)


def to_jcard(document: Document | ContentDocument, *, lossy: bool = False) -> list[Any]:
    """
    Return the card in ``document`` as jCard (RFC 7095), ready for ``json.dumps``.

    jCard is of vCard 4.0: an older card is converted first
    (see :func:`territoire_sante.formats.vcard.convert`).

    Raises:
        LossyConversionError: something would be lost; ``lost`` names each thing with its line
            in the card of version 4.0.
        FormatError: no card, or several; or the bytes cannot be read.
    """
    from territoire_sante.formats import (  # noqa: PLC0415 - few callers need them
        _jcal,
        _vcard_convert,
    )

    card = _vcard_convert.convert(document, "4.0").document
    return _jcal.to_json(card, _jcal.JCARD, lossy=lossy)


def from_jcard(data: Any, *, lossy: bool = False) -> Document:
    """
    Return the card that jCard says, as ``json.loads`` gives it.

    Raises:
        FormatError: it is no jCard; ``where`` is the JSON path.
        LossyConversionError: something in it would be lost; ``lost`` names the paths.
    """
    from territoire_sante.formats import _jcal  # noqa: PLC0415 - few callers need it

    return _jcal.from_json(data, _jcal.JCARD, lossy=lossy)
