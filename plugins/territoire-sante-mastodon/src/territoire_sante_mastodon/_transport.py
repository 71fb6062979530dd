# SPDX-License-Identifier: Apache-2.0
"""Statuses of one account: sent once, edited, deleted, and read back as readers see them."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final

from territoire_sante.errors import ItemNotFoundError, ProtocolError
from territoire_sante.formats import Document
from territoire_sante.model import ChannelLimits
from territoire_sante.plugins import (
    Confirmable,
    Confirmation,
    Diagnosable,
    Fact,
    Limited,
    Recognising,
    Ref,
    Stored,
    Words,
    Writable,
)
from territoire_sante_mastodon._api import Api, Status, opened_api
from territoire_sante_mastodon._config import MastodonConfig, StatusVisibility
from territoire_sante_mastodon._confirm import confirmations
from territoire_sante_mastodon._limits import limits_of
from territoire_sante_mastodon._pictures import Pictures
from territoire_sante_mastodon._post import (
    Post,
    expected,
    pictures_of,
    post_of,
    same_text,
    seen_text,
    seen_title,
)

#: For how long a status of ours that nobody knows of is taken for one whose answer was lost.
LOST_FOR: Final = dt.timedelta(days=7)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@contextmanager
def opened(
    config: MastodonConfig,
    *,
    clock: Callable[[], dt.datetime] = _utc_now,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Statuses]:
    """
    Give the transport, once the instance has accepted the token and told its limits.

    ``clock`` gives the present as an aware time, ``sleep`` waits for pictures.

    Raises:
        AuthError: the token is refused.
        ProtocolError: there is no such service at this address.
        RetryableError: the instance cannot be reached, or asks for patience.
    """
    with opened_api(config) as api:
        account = api.account()
        if not account.get("id"):
            raise ProtocolError("the instance names no account", where=config.base_url)
        yield Statuses(api, config, account, clock=clock, sleep=sleep)


class Statuses:
    """
    The statuses of one account; the href of a status is its id on the instance.

    The service tells no versions of what was sent: the ETag of a status is a hash of what readers
    were to get, and a person's edits on the site are noticed by reading back.

    Attributes:
        replay_safe: a write whose answer was lost may be repeated as it is.
    """

    replay_safe: ClassVar[bool] = True

    def __init__(
        self,
        api: Api,
        config: MastodonConfig,
        account: Mapping[str, Any],
        *,
        clock: Callable[[], dt.datetime],
        sleep: Callable[[float], object],
    ) -> None:
        self._api = api
        self._account = account
        self._visibility = config.visibility
        self._look_back = config.look_back
        self._clock = clock
        self._limits = limits_of(api.instance())
        self._pictures = Pictures(api, sleep=sleep)
        self._known: dict[str, Document] = {}
        self._told = False
        self._application: str | None = None

    def limits(self) -> ChannelLimits:
        """Return what this instance takes, as it says itself."""
        return self._limits

    def recognise(self, known: Iterable[Stored]) -> None:
        """Take note of the statuses of the link: any other of ours may be one that was lost."""
        self._known.update((item.ref.href, item.document) for item in known)
        self._told = True

    def create(self, href_hint: str, document: Document) -> Ref:
        """
        Send a status, unless it is there already, as after a lost answer.

        Raises:
            ItemRefusedError: it does not fit, or the instance says that it is invalid.
            OutcomeUnknownError: the answer was lost; repeating it is harmless.
        """
        post = post_of(href_hint, document, self._limits)
        lost = self._lost(post)
        if lost is not None:
            return self._adopted(lost, post, document)
        return self._sent(href_hint, post, document)

    def replace(self, ref: Ref, document: Document) -> Ref:
        """
        Edit a status; send it again if a person deleted it on the site.

        Nothing is sent if readers would see no change: an edit may notify people.

        Raises:
            ItemRefusedError: it does not fit, or the instance says that it is invalid.
        """
        post = post_of(ref.href, document, self._limits)
        if ref.etag == post.tag:
            return ref
        status = self._api.status(ref.href)
        if status is None:
            return self._sent(ref.href, post, document)
        return self._edited(status, post, document)

    def delete(self, ref: Ref) -> None:
        """
        Delete a status.

        Raises:
            ItemNotFoundError: there is none any more.
        """
        self._api.delete(ref.href)
        self._known.pop(ref.href, None)

    def confirm(self, items: Sequence[Stored]) -> Iterator[Confirmation]:
        """Say what readers without an account see of each status (followers, if it is theirs)."""
        public = self._visibility is not StatusVisibility.PRIVATE
        return confirmations(items, self._api, self._limits, public=public)

    def diagnose(self, *, probe_writes: bool = False) -> tuple[Fact, ...]:  # noqa: ARG002 - a status would be seen by people
        """Say whose account it is, and what the instance takes."""
        name, limits = str(self._account.get("acct") or ""), self._limits
        return (
            Fact(
                key="account",
                value=name,
                what=Words("Compte", "Account"),
                found=Words(f"@{name}", f"@{name}"),
                good=bool(name),
            ),
            Fact(
                key="characters",
                value=str(limits.text_max),
                what=Words("Longueur d'un message", "Length of a status"),
                found=Words(
                    f"{limits.text_max} caractères, chaque lien comptant pour {limits.url_cost}",
                    f"{limits.text_max} characters, each link counting as {limits.url_cost}",
                ),
            ),
        )

    def _sent(self, hint: str, post: Post, document: Document) -> Ref:
        value = self._value(post, self._pictures.uploaded(post.pictures, self._limits, href=hint))
        value["visibility"] = self._visibility.value
        status = self._api.post(value, post.key(hint))
        if status is None:
            # Sent with this key within the hour, and deleted since.
            status = self._api.post(value, post.key(f"{hint}\n{self._clock().isoformat()}"))
        if status is None:
            raise ItemNotFoundError("the instance knows no way to post", href=hint)
        return self._ref(status, post, document)

    def _edited(self, status: Status, post: Post, document: Document) -> Ref:
        status_id = str(status["id"])
        media = [str(one.get("id")) for one in pictures_of(status)]
        kept = self._same_pictures(status_id, post, len(media))
        if not kept:
            media = self._pictures.uploaded(post.pictures, self._limits, href=status_id)
        value = self._value(post, media)
        if kept and media:
            pairs = zip(media, post.pictures, strict=True)
            value["media_attributes"] = [{"id": id_, "description": p.alt} for id_, p in pairs]
        answer = self._api.put(status_id, value)
        if answer is None:
            return self._sent(status_id, post, document)
        return self._ref(answer, post, document)

    def _same_pictures(self, status_id: str, post: Post, number: int) -> bool:
        """Say whether the files under a status are known to be those of ``post``, in its order."""
        known = self._known.get(status_id)
        before = None if known is None else expected(known, self._limits)
        if before is None:
            return not post.pictures and not number
        same = [one.url for one in before.pictures] == [one.url for one in post.pictures]
        return same and number == len(post.pictures)

    def _value(self, post: Post, media: Sequence[str]) -> dict[str, Any]:
        value: dict[str, Any] = {"status": post.text, "media_ids": list(media)}
        if post.language:
            value["language"] = post.language
        return value

    def _ref(self, status: Status, post: Post, document: Document) -> Ref:
        href = str(status["id"])
        self._known[href] = document
        return Ref(href, post.tag)

    # A status says nothing of which announcement it is, and nothing is put into it for that.

    def _lost(self, post: Post) -> Status | None:
        """
        Return the status of ours that is this post, but that the link does not know.

        It has this very text; or its title and its link, if the announcement was changed since.
        """
        if self._application is None:
            self._application = self._api.application()
        application = self._application
        account = str(self._account["id"])
        ours = [
            one
            for one in self._api.newest(account, self._look_back)
            if str(one["id"]) not in self._known and _made_by(one, application)
        ]
        same = [one for one in ours if same_text(seen_text(one)) == same_text(post.text)]
        if same or not self._told:
            return same[0] if same else None
        return next((one for one in ours if self._alike(one, post)), None)

    def _alike(self, status: Status, post: Post) -> bool:
        title = same_text(post.title)
        young = _created(status) + LOST_FOR > self._clock()
        linked = post.url in seen_text(status) if post.url else "://" not in seen_text(status)
        return bool(title) and young and linked and same_text(seen_title(status)) == title

    def _adopted(self, status: Status, post: Post, document: Document) -> Ref:
        same = same_text(seen_text(status)) == same_text(post.text)
        told = [str(one.get("description") or "") for one in pictures_of(status)]
        if same and told == [one.alt for one in post.pictures]:
            return self._ref(status, post, document)
        return self._edited(status, post, document)


def _made_by(status: Status, application: str) -> bool:
    told = status.get("application")
    name = str(told.get("name") or "") if isinstance(told, dict) else ""
    return bool(application) and name == application


def _created(status: Status) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(str(status.get("created_at")))
    except ValueError:
        return dt.datetime.min.replace(tzinfo=dt.UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


if TYPE_CHECKING:

    def _keeps_the_contract(
        statuses: Statuses,
    ) -> tuple[Writable, Confirmable, Recognising, Limited, Diagnosable]:
        return statuses, statuses, statuses, statuses, statuses
