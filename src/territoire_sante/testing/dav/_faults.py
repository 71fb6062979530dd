# SPDX-License-Identifier: Apache-2.0
"""How a server may behave otherwise than the standards say, as data."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from territoire_sante.testing.dav._rewriting import REWRITINGS


def _set(values: Iterable[str]) -> frozenset[str]:
    return frozenset(values)


def _lines(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _one_of(*values: str) -> Any:
    return attrs.field(default=values[0], validator=attrs.validators.in_(values))


@attrs.frozen(kw_only=True)
class Faults:
    """
    The standing behaviour of a server; without arguments it does what the standards ask.

    Values are plain (text, numbers, sets of text), so that they can come from JSON.
    ``a | b`` has the faults of both; where both set a single value, that of ``b`` counts.

    >>> (Faults(etags="weak") | Faults(drops={"LOCATION"})).etags
    'weak'

    **Content, on PUT**

    - ``rewrites``: changes made before storing: ``reorder`` the properties, ``upper``-case
      parameters and groups, ``lf`` as line ends, ``split-categories`` to one line each,
      ``vcard3`` as version.
    - ``drops``: properties not stored; one that ends in ``-`` is a prefix, like ``X-``.
    - ``adds``: content lines added to the event or card unless it has that property.
    - ``uid_conflict``: a UID taken by another name is refused by 409 with the element
      (``refuse``), 409 without it (``bare``), 403 (``403``) or 412 (``412``)
      with one, or accepted (``accept``).
    - ``bad_data``: what is no item is refused with this status, 0 to take it.
    - ``bad_data_named``: whether the refusal names the precondition.
    - ``bad_data_stored``: whether it is stored all the same.
    - ``max_size``: the largest item in bytes.
    - ``name_characters``: characters in names that are refused by 400.
    - ``max_name``: longest name; above it the answer is 500.
    - ``renames``: items are stored under a name of the server's: told by ``location``, not told
      (``silent``), or not done at all (``no``).
    - ``location``: what Location says for every new item; ``{name}`` is its name.

    **People**

    - ``mails``: everybody in an ATTENDEE line without ``SCHEDULE-AGENT=CLIENT`` is sent mail
      (see :attr:`FaultServer.mails`), and the line gets a SCHEDULE-STATUS.
    - ``copies_to``: path of a calendar that gets a copy of such events under the same name.
    - ``copies_stay``: whether the copy stays when the event is deleted.

    **Versions and conditions**

    - ``etags``: ``strong``; ``weak``; ``missing``; ``empty``; ``unquoted``; ``percent``
      (quotes as ``%22``); ``changing`` (another one each time it is asked for);
      ``counter`` (counts the writes to one name, and starts again after a deletion).
    - ``etag_on_put``: whether the answer to PUT has the ETag.
    - ``gzip``: GET compresses for those who accept it, and makes the ETag weak then.
    - ``weak_match``: whether If-Match takes a weak ETag.
    - ``ignores``: conditions not looked at: ``create`` (If-None-Match), ``replace``, ``delete``
      (If-Match), ``replace-missing`` (If-Match of what is not there makes it).
    - ``delete_missing``: status for the deletion of what is not there, with If-Match.

    **Listing and reports**

    - ``unlisted``: names left out of listings and changes.
    - ``forbidden``: names whose properties are refused by 403.
    - ``tagless``: names whose ETag is listed empty.
    - ``listed_twice``: whether every item is listed twice.
    - ``listing_cut``: a listing shows this many items and 507 for the collection.
    - ``missing_207``: PROPFIND of what is not there is a 207 with 404 inside.
    - ``extras``: pseudo-files listed in the home, as Cyrus and SOGo do.
    - ``multiget``: whether the report is offered.
    - ``multiget_missing``: what is not there gets ``404``, is ``left-out``, or ``fails`` the whole.
    - ``multiget_max``: only as many are answered, the others left out in silence.
    - ``multiget_limit``: with more hrefs the report is refused by 507.
    - ``poison_fails``: a report with an item that XML cannot hold is answered by 500; else its
      bytes are passed on as they are.
    - ``filters``: whether calendar-query and addressbook-query look at their filter.
    - ``hrefs``: ``escaped``; ``bare`` (not escaped at all); ``lower``-case hex; too ``much``
      escaped; ``relative``; ``absolute``; with the name of an ``other-host``;
      ``surrogates`` as character references, which is not XML.
    - ``sync_hrefs``: the same for sync-collection alone; empty for no difference.
    - ``namespace_noise``: properties nobody asked for are added to each item.

    **Changes**

    - ``sync``: whether sync-collection is offered.
    - ``ctag``: whether getctag is offered.
    - ``seconds``: token and ctag are the seconds of the last change, ``-1`` if there was none.
    - ``sync_form``: text around the token, ``{}`` is its number.
    - ``sync_unknown``: an unknown token is refused by 403 with the element (``refuse``), 412
      with it (``412``), 403 without it (``bare``), 500 (``500``), or taken, and
      everything is listed (``accept``).
    - ``deletions``: whether sync-collection tells them.
    - ``first_tombstones``: whether the first sync lists what was deleted before.
    - ``page``: sync-collection tells this many changes at once; 0 for all.
    - ``page_told``: whether 507 says that there are more; else they are lost.
    - ``limit``: what is done about DAV:limit: ``ignored``, ``cut`` without a word, or ``paged``.

    **Connections**

    - ``http10``: HTTP/1.0, one connection a request.
    """

    rewrites: frozenset[str] = attrs.field(
        default=frozenset(),
        converter=_set,
        validator=attrs.validators.deep_iterable(attrs.validators.in_(REWRITINGS)),
    )
    drops: frozenset[str] = attrs.field(default=frozenset(), converter=_set)
    adds: tuple[str, ...] = attrs.field(default=(), converter=_lines)
    uid_conflict: str = _one_of("refuse", "bare", "403", "412", "accept")
    bad_data: int = 403
    bad_data_named: bool = True
    bad_data_stored: bool = False
    max_size: int = 10_000_000
    name_characters: str = ""
    max_name: int = 1000
    renames: str = _one_of("no", "location", "silent")
    location: str = ""

    mails: bool = False
    copies_to: str = ""
    copies_stay: bool = False

    etags: str = _one_of(
        "strong", "weak", "missing", "empty", "unquoted", "percent", "changing", "counter"
    )
    etag_on_put: bool = True
    gzip: bool = False
    weak_match: bool = False
    ignores: frozenset[str] = attrs.field(default=frozenset(), converter=_set)
    delete_missing: int = 404

    unlisted: frozenset[str] = attrs.field(default=frozenset(), converter=_set)
    forbidden: frozenset[str] = attrs.field(default=frozenset(), converter=_set)
    tagless: frozenset[str] = attrs.field(default=frozenset(), converter=_set)
    listed_twice: bool = False
    listing_cut: int | None = None
    missing_207: bool = False
    extras: tuple[str, ...] = attrs.field(default=(), converter=_lines)
    multiget: bool = True
    multiget_missing: str = _one_of("404", "left-out", "fails")
    multiget_max: int | None = None
    multiget_limit: int | None = None
    poison_fails: bool = False
    filters: bool = True
    hrefs: str = _one_of(
        "escaped", "bare", "lower", "much", "relative", "absolute", "other-host", "surrogates"
    )
    sync_hrefs: str = ""
    namespace_noise: bool = False

    sync: bool = True
    ctag: bool = True
    seconds: bool = False
    sync_form: str = "{}"
    sync_unknown: str = _one_of("refuse", "412", "bare", "500", "accept")
    deletions: bool = True
    first_tombstones: bool = False
    page: int = 0
    page_told: bool = True
    limit: str = _one_of("ignored", "cut", "paged")

    http10: bool = False

    def __or__(self, other: Faults) -> Faults:
        changes: dict[str, Any] = {}
        for field in attrs.fields(Faults):
            mine, theirs = getattr(self, field.name), getattr(other, field.name)
            if isinstance(mine, (frozenset, tuple)):
                changes[field.name] = type(mine)([*mine, *theirs])
            elif theirs != field.default:
                changes[field.name] = theirs
        return attrs.evolve(self, **changes)
