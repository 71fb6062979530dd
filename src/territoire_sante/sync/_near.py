# SPDX-License-Identifier: Apache-2.0
"""This side of a link: which views its audience may see, under the rules on personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import attrs

from territoire_sante import model, projections, serialization
from territoire_sante.errors import ConfigError, InvalidValueError
from territoire_sante.plugins import ConnectorSpec
from territoire_sante.projections import (
    Opposed,
    Projected,
    Projection,
    nobody,
    projection_for,
)
from territoire_sante.store import Reader, Store, Transaction
from territoire_sante.sync._fitting import FittingProjection
from territoire_sante.sync._ledger import Ledger
from territoire_sante.sync._link import Direction, Link
from territoire_sante.sync._notices import holds, shows_announcements
from territoire_sante.sync._records import Quarantined, Waiting
from territoire_sante.sync._sides import Local


@attrs.frozen(kw_only=True)
class Near:
    """
    This side as the link shows it, by UID.

    ``doubles`` share a UID with another one; ``waiting`` has them to be looked at again.
    """

    views: Mapping[str, Local]
    doubles: tuple[Quarantined, ...] = ()
    waiting: tuple[Waiting, ...] = ()


def link_projection(
    reader: Reader,
    spec: ConnectorSpec[Any],
    link: Link,
    *,
    now: dt.datetime,
    opposition_key: bytes | None,
) -> Projection:
    """
    Return the projection of a link: what of the store its audience may see.

    A channel of the store that names this link limits the announcements to its own.

    Raises:
        ConfigError: somebody objected to being listed, and the key to know whom is missing.
    """
    opposed = _opposed(reader, link, opposition_key)
    if not shows_announcements(spec):
        return projection_for(
            spec.view,
            name=link.projection,
            audience=link.audience,
            today=now.date(),
            provenance=model.Provenance(source=f"link {link.name}", retrieved_on=now.date()),
            opposed=opposed,
            people=link.people,
        )
    shown = announcements_of(reader, link, spec.limits, now=now, opposed=opposed)
    return shown if spec.limits is None else FittingProjection(inner=shown, limits=spec.limits)


def announcements_of(
    reader: Reader,
    link: Link,
    limits: model.ChannelLimits | None,
    *,
    now: dt.datetime,
    opposed: Opposed = nobody,
) -> projections.AnnouncementProjection:
    """
    Return which announcements a link shows: those of its channel, within their time.

    What a link only publishes, it shows from the first instant on unless the channel can wait
    by itself, and not beyond the last. What a person withdrew from it, it shows no more; what
    another channel could not take, it shows in its stead.
    """
    channel = _channel(reader, link)
    pushes = link.direction is Direction.PUSH
    undated = limits is not None and limits.dates is model.DateGranularity.NONE
    with _connected(reader) as transaction:
        ledger = Ledger(transaction.connection, link.name)
        included, excluded = ledger.taken_over(), ledger.called_back()
    return projections.AnnouncementProjection(
        today=now.date(),
        now=now,
        provenance=model.Provenance(source=f"link {link.name}", retrieved_on=now.date()),
        opposed=opposed,
        channel=channel.id if channel is not None else "",
        current_only=holds(limits) if pushes else undated,
        live_only=pushes,
        included=included,
        excluded=excluded,
    )


def _connected(reader: Reader) -> AbstractContextManager[Transaction]:
    return reader.reading() if isinstance(reader, Store) else nullcontext(_as_transaction(reader))


def _as_transaction(reader: Reader) -> Transaction:
    assert isinstance(reader, Transaction)  # noqa: S101 - there is no third kind
    return reader


def _channel(reader: Reader, link: Link) -> model.Channel | None:
    return next((c for c in reader.all(model.Channel) if c.link == link.name), None)


def _opposed(reader: Reader, link: Link, key: bytes | None) -> Opposed:
    """Return who must not be listed (GDPR, article 21)."""
    entries = tuple(reader.all(model.OppositionEntry))
    if not entries:
        return nobody
    if key is None:
        raise ConfigError(
            f"{len(entries)} persons objected, and the key of the opposition list is missing",
            where=f"link {link.name!r}",
            remedy="Give the key that the entries were made with; nothing was sent",
        )
    opposition = model.OppositionList.of(entries, key=key)

    def opposed(kind: model.ContactPointKind, value: str) -> bool:
        try:
            return opposition.opposes(model.ContactPoint(kind=kind, value=value))
        except InvalidValueError:
            # No address at all: it was never on the list.
            return False

    return opposed


def local_of(projected: Projected, fields: Collection[str]) -> Local:
    """Return a projected view as the engine compares it."""
    main, _ = projected.revision_of[0]
    view = serialization.view_to_plain(projected.view, fields)
    return Local(key=projected.key, kind=main.KIND, view=view, uid=str(projected.view.uid))


def look_here(
    reader: Reader, projection: Projection, fields: Collection[str], linked: Mapping[str, str]
) -> Near:
    """Project the store; of two views with one UID the ``linked`` one is shown, or the first."""
    shown = (local_of(projected, fields) for projected in projection.project(reader))
    return near_of(shown, linked)


def near_of(shown: Iterable[Local], linked: Mapping[str, str]) -> Near:
    """Bring views in order by UID; ``linked`` has the keys that the link knows UIDs by."""
    views: dict[str, Local] = {}
    doubles: dict[str, Quarantined] = {}
    waiting: list[Waiting] = []
    for one in shown:
        local, uid = one, one.uid
        other = views.setdefault(uid, local)
        if other is not local:
            if local.key == linked.get(uid):
                views[uid], other, local = local, local, other
            reason = f"it has the same UID as {other.key}"
            doubles[local.key] = Quarantined(
                href=local.key, etag=None, reason=reason, lasting=False
            )
            waiting.append(Waiting(uid=uid, key=local.key))
    return Near(views=views, doubles=tuple(doubles.values()), waiting=tuple(waiting))
