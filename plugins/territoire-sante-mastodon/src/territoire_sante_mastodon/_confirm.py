# SPDX-License-Identifier: Apache-2.0
"""Whether people see a status: read as readers without an account get it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from territoire_sante.errors import AuthError, ConnectorError
from territoire_sante.model import ChannelLimits
from territoire_sante.plugins import Confirmation, Shown, Stored
from territoire_sante_mastodon._api import Api, Status
from territoire_sante_mastodon._post import Post, expected, pictures_of, same_text, seen_text


def confirmations(
    items: Sequence[Stored], api: Api, limits: ChannelLimits, *, public: bool
) -> Iterator[Confirmation]:
    """
    Yield what is shown of each item; ``public`` if everybody should see it.

    What cannot be read proves nothing.
    """
    for item in items:
        href = item.ref.href
        post = expected(item.document, limits)
        if post is None:
            yield Confirmation(href, Shown.UNKNOWN, "Ce document n'est pas une annonce.")
            continue
        try:
            status, closed = _read(api, href, public=public)
        except ConnectorError as error:
            yield Confirmation(href, Shown.UNKNOWN, f"Le message n'a pas pu être lu : {error.what}")
            continue
        yield _seen(href, post, status, closed=closed)


def _read(api: Api, href: str, *, public: bool) -> tuple[Status | None, bool]:
    """Return a status as readers get it, and whether only those who sign in do."""
    if public:
        try:
            return api.status(href, as_reader=True), False
        except AuthError:
            # Some instances show nothing to people without an account.
            return api.status(href), True
    return api.status(href), True


def _seen(href: str, post: Post, status: Status | None, *, closed: bool) -> Confirmation:
    if status is None:
        why = "Le message n'est plus là : il a été supprimé sur l'instance."
        return Confirmation(href, Shown.GONE, why)
    where = str(status.get("url") or "")
    if same_text(seen_text(status)) != same_text(post.text):
        why = f"Le message affiché a un autre texte : {where}"
        return Confirmation(href, Shown.DIFFERS, why)
    told = [str(one.get("description") or "") for one in pictures_of(status)]
    wanted = [one.alt for one in post.pictures]
    if len(told) != len(wanted):
        why = f"Texte affiché, mais {len(told)} image(s) sur {len(wanted)} : {where}"
        return Confirmation(href, Shown.DIFFERS, why)
    if [same_text(one) for one in told] != [same_text(one) for one in wanted]:
        why = f"Le texte de remplacement d'une image n'est pas le bon : {where}"
        return Confirmation(href, Shown.DIFFERS, why)
    why = f"{where} (lu avec le compte)" if closed else where
    return Confirmation(href, Shown.VISIBLE, why)
