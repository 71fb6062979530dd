# SPDX-License-Identifier: Apache-2.0
"""A configuration file, its store, its plug-ins and its links, as one object."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal, overload

import attrs

from territoire_sante import model
from territoire_sante import sync as engine
from territoire_sante.errors import (
    ConfigError,
    LinkBusyError,
    SyncError,
    TerritoireSanteError,
)
from territoire_sante.store import Hit
from territoire_sante.sync import JournalEntry, Link, Plan, Report
from territoire_sante.workspace._opened import Opened, keyless

if TYPE_CHECKING:
    from territoire_sante.cooperation import rules
    from territoire_sante.exports import Exported
    from territoire_sante.privacy import Disclosed
    from territoire_sante.sync import Delivery
    from territoire_sante.workspace._examine import Finding
    from territoire_sante.workspace._transfer import Imported, Progress


@attrs.frozen(kw_only=True)
class LinkRun:
    """
    What became of one link: a plan, a report as well unless it was a dry run, or an error.

    A report may be there beside nothing else wrong and still tell of single items that failed.
    """

    link: str
    plan: Plan | None = None
    report: Report | None = None
    error: TerritoireSanteError | None = None


class Workspace(Opened):
    """
    What a ``territoire.toml`` describes, ready to use; a context manager that closes the store.

    Args:
        settings: the file as it was read.
        catalog: the connectors that its links may name.
        clock: the present, aware, where no ``now`` is passed.
    """

    def each(
        self,
        names: Sequence[str] = (),
        *,
        dry_run: bool = False,
        confirm: str | None = None,
        progress: engine.Progress | None = None,
        now: dt.datetime | None = None,
        deadline: float | None = None,
    ) -> Iterator[LinkRun]:
        """
        Sync the links named, or all, one after the other; one that fails doesn't stop the rest.

        ``confirm`` is the fingerprint of the plan whose many deletions are meant.
        With ``dry_run`` both sides are read and nothing is written anywhere. ``deadline``
        is how many seconds all of it may take: what was not begun by then is left to the next
        time, and the reports say so (:attr:`Report.stopped <territoire_sante.sync.Report>`).

        Raises:
            ConfigError: a name is unknown; nothing was done.
        """
        links = [self.link(name) for name in names] or self.links
        end = None if deadline is None else time.monotonic() + deadline
        for link in links:
            yield self._one(
                link,
                dry_run=dry_run,
                confirm=confirm,
                progress=progress,
                now=now or self.clock(),
                end=end,
            )

    @overload
    def sync(
        self,
        names: Sequence[str] = ...,
        *,
        dry_run: Literal[True],
        progress: engine.Progress | None = ...,
        now: dt.datetime | None = ...,
    ) -> list[Plan]: ...
    @overload
    def sync(
        self,
        names: Sequence[str] = ...,
        *,
        dry_run: Literal[False] = ...,
        confirm: str | None = ...,
        progress: engine.Progress | None = ...,
        now: dt.datetime | None = ...,
        deadline: float | None = ...,
    ) -> list[Report]: ...
    def sync(
        self,
        names: Sequence[str] = (),
        *,
        dry_run: bool = False,
        confirm: str | None = None,
        progress: engine.Progress | None = None,
        now: dt.datetime | None = None,
        deadline: float | None = None,
    ) -> list[Plan] | list[Report]:
        """
        Do :meth:`each` and return the reports, or the plans of a dry run.

        Raises:
            ConfigError: a name is unknown; nothing was done.
            SyncError: some links failed; the others are done. Use :meth:`each` to see both.
        """
        runs = list(
            self.each(
                names,
                dry_run=dry_run,
                confirm=confirm,
                progress=progress,
                now=now,
                deadline=deadline,
            )
        )
        failed = {run.link: run.error for run in runs if run.error}
        if failed:
            raise SyncError(
                "; ".join(f"{name}: {error}" for name, error in failed.items()),
                where=str(self.path),
                remedy="The other links are done; mend these and run the sync again",
            ) from next(iter(failed.values()))
        if dry_run:
            return [run.plan for run in runs if run.plan is not None]
        return [run.report for run in runs if run.report is not None]

    def announcement_links(self) -> tuple[str, ...]:
        """Return the names of the links that publish announcements."""
        return tuple(
            link.name
            for link in self.links
            if link.view == "announcement" and link.direction.writes
        )

    def channels(self, names: Sequence[str] = ()) -> tuple[str, ...]:
        """
        Return the links that announcements go out through, or those named with their fallbacks.

        A fallback comes after the links that it helps out, so that one round is enough.

        Raises:
            ConfigError: a name is unknown.
        """
        wanted = [self.link(name) for name in names or self.announcement_links()]
        helpers = {link.fallback for link in self.links if link.fallback}
        found: list[str] = []
        for link in [*(one for one in wanted if one.name not in helpers), *wanted]:
            chain, name = [], link.name
            while name and name not in chain:
                chain.append(name)
                name = self.link(name).fallback
            # A fallback goes behind the last link that may hand it something.
            found = [one for one in found if one not in chain[1:]]
            found += [one for one in chain if one not in found]
        return tuple(found)

    def deliveries(self, *, link: str = "", announcement: str = "") -> tuple[Delivery, ...]:
        """Return what became of each announcement on each channel, as far as is known here."""
        return tuple(engine.deliveries(self.store, link=link, announcement=announcement))

    def refresh(
        self, names: Sequence[str] = (), *, now: dt.datetime | None = None
    ) -> Iterator[LinkRun]:
        """
        Ask the channels named, or all, what they show now; nothing is sent.

        Raises:
            ConfigError: a name is unknown.
        """
        for name in [self.link(one).name for one in names] or self.channels():
            link = self.link(name)
            if not link.publishes:
                continue
            try:
                when = now or self.clock()
                engine.refresh(self.store, link, catalog=self.catalog, now=when)
            except TerritoireSanteError as error:
                yield LinkRun(link=name, error=error)
            else:
                yield LinkRun(link=name)

    def withdraw(
        self, announcement: str, *, channels: Sequence[str] = (), now: dt.datetime | None = None
    ) -> model.Announcement:
        """
        Withdraw an announcement, from everywhere or from some links; the next sync carries it out.

        Raises:
            ConfigError: a name of a link is unknown.
            EntityNotFoundError: there is no such announcement.
            TransitionError: it was never approved, or is over.
        """
        names = [self.link(name).name for name in channels]
        when = now or self.clock()
        return engine.withdraw(self.store, announcement, links=names, now=when)

    def mark_done(
        self, announcement: str, link: str, *, now: dt.datetime | None = None
    ) -> Delivery:
        """
        Note that a person did what was handed over to them.

        Raises:
            InvalidValueError: nothing was.
        """
        when = now or self.clock()
        return engine.mark_done(self.store, announcement, self.link(link).name, now=when)

    def conflicts(self) -> tuple[JournalEntry, ...]:
        """Return the conflicts that wait for a person, oldest first."""
        return engine.conflicts.list(self.store)

    def find(
        self,
        text: str,
        *,
        near: str | None = None,
        kinds: Sequence[type[model.Entity]] | None = None,
        limit: int = 50,
    ) -> list[Hit]:
        """Search the store; ``near`` is an INSEE code, what is close to it comes first."""
        return self.store.search(text, near=near, kinds=kinds, limit=limit)

    def check(
        self,
        *,
        today: dt.date | None = None,
        only: Collection[str] = (),
        parameters: rules.Parameters | None = None,
        mutes: Iterable[rules.Mute] = (),
        commune: str = "",
        team: str = "",
    ) -> list[rules.Finding]:
        """
        Ask the rules of the cooperation what is missing or late, here or about one commune or team.

        ``commune`` is an INSEE code, ``team`` the id of an actor; ``today`` is the day of the
        machine if left out. The rest goes to :func:`territoire_sante.cooperation.rules.check`;
        parameters and mutes come before, and beside, those of the table ``[check]``.

        Raises:
            ConfigError: the table ``[check]`` is wrong.
            InvalidValueError: there is no such rule, parameter or commune.
        """
        from territoire_sante.cooperation import rules  # noqa: PLC0415 - a sync needs none
        from territoire_sante.workspace._rules import check_settings  # noqa: PLC0415 - likewise

        settings = check_settings(self._check, where=str(self.path))
        own = parameters or {}
        merged = {
            code: {**settings.parameters.get(code, {}), **own.get(code, {})}
            for code in (*settings.parameters, *own)
        }
        day = today or dt.datetime.now(dt.UTC).astimezone().date()
        snapshot = self.store.snapshot()
        found = rules.check(
            snapshot,
            today=day,
            only=only,
            parameters=merged,
            mutes=(*settings.mutes, *mutes),
        )
        return list(rules.concerning(found, snapshot, commune=commune, team=team))

    def disclosed(self, audience: model.Visibility) -> Disclosed:
        """
        Return what an audience may see of the store: what exporters and public pages are made of.

        Raises:
            ConfigError: the key of the opposition list cannot be had, and there is such a list.
        """
        from territoire_sante.privacy import disclose  # noqa: PLC0415 - a sync needs none

        return disclose(self.store.snapshot(), audience, opposition=self._opposition())

    def _opposition(self) -> model.OppositionList | None:
        """
        Return the list of who objected, ``None`` without a key.

        Raises:
            ConfigError: somebody did, and the key is missing.
        """
        key = self.opposition_key()
        entries = tuple(self.store.all(model.OppositionEntry))
        if key is None and entries:
            raise keyless(self.path)
        return None if key is None else model.OppositionList.of(entries, key=key)

    def hand_out(
        self,
        path: str | os.PathLike[str],
        form: str,
        *,
        audience: model.Visibility = model.Visibility.PUBLIC,
        language: str = "fr",
        now: dt.datetime | None = None,
    ) -> Exported:
        """
        Write what an audience may see into a file, in one of the formats of ``exports.EXPORTERS``.

        The file is replaced at once or not at all. What the format cannot say is
        left out and told.

        Raises:
            ConfigError: there is no such format, or the file cannot be written.
        """
        from territoire_sante.workspace._handing import write_out  # noqa: PLC0415 - likewise

        today = (now or self.clock()).astimezone().date()
        shown = self.disclosed(audience)
        return write_out(shown, path, form, today=today, language=language, own=self.files())

    def import_files(
        self, paths: Sequence[str | os.PathLike[str]], *, progress: Progress | None = None
    ) -> Imported:
        """
        Store what JSON and JSON Lines files hold; a bad entity doesn't stop the others.

        Raises:
            ConfigError: somebody objected, and the key to know whom is missing.
        """
        from territoire_sante.workspace import _transfer  # noqa: PLC0415 - a sync needs none

        known = self._opposition()
        return _transfer.import_files(self.store, paths, opposition=known, progress=progress)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        kinds: Sequence[str] = (),
        progress: Progress | None = None,
    ) -> int:
        """
        Write the store, or the ``kinds`` of it, to a .json or .jsonl file; return the number.

        Raises:
            ConfigError: an unknown suffix or kind; nothing was written.
        """
        from territoire_sante.workspace import _transfer  # noqa: PLC0415 - a sync needs none

        own = self.files()
        return _transfer.export_entities(self.store, path, kinds=kinds, own=own, progress=progress)

    def examine(
        self, names: Sequence[str] = (), *, create: bool = False, probe_writes: bool = False
    ) -> Iterator[Finding]:
        """
        Look over the store and the links named, or all; nothing is written on the other sides.

        Unless told so, for links that are named: with ``create`` a collection that is missing
        is made, with ``probe_writes`` a made-up item is written and removed again.

        Raises:
            ConfigError: a name is unknown, or none is given where something would be written.
        """
        if (create or probe_writes) and not names:
            raise ConfigError(
                "nothing is written on the other sides of all links at once",
                where=str(self.path),
                remedy="Name the link",
            )
        from territoire_sante.workspace import _examine  # noqa: PLC0415 - a sync needs none

        links = [self.link(name) for name in names] or self.links
        finding = _examine.examine_store(self.store_url)
        yield finding if finding.error else self._examine_privacy()
        for link in links:
            yield _examine.examine_link(
                link, self.catalog, create=create, probe_writes=probe_writes
            )

    def _examine_privacy(self) -> Finding:
        """Say whether the opposition list can be respected: a sync refuses to start otherwise."""
        from territoire_sante.workspace._examine import Finding  # noqa: PLC0415 - as above

        try:
            key = self.opposition_key()
        except ConfigError as error:
            return Finding(error=error)
        if key is None and any(self.store.all(model.OppositionEntry)):
            return Finding(error=keyless(self.path))
        return Finding()

    def _one(
        self,
        link: Link,
        *,
        dry_run: bool,
        confirm: str | None,
        progress: engine.Progress | None,
        now: dt.datetime,
        end: float | None,
    ) -> LinkRun:
        plan: Plan | None = None
        if end is not None and time.monotonic() >= end:
            over = Report(link=link.name, started=now, stopped=engine.TIME_IS_UP)
            return LinkRun(link=link.name, report=over)
        try:
            key = self.opposition_key()
            plan = engine.plan(self.store, link, catalog=self.catalog, now=now, opposition_key=key)
            if dry_run:
                return LinkRun(link=link.name, plan=plan)
            report = engine.apply(
                self.store,
                plan,
                catalog=self.catalog,
                confirm=confirm,
                now=now,
                opposition_key=key,
                progress=progress,
                deadline=None if end is None else end - time.monotonic(),
            )
        except TerritoireSanteError as error:
            if not dry_run:
                self._note_failure(link, error, now)
            return LinkRun(link=link.name, plan=plan, error=error)
        return LinkRun(link=link.name, plan=plan, report=report)

    def _note_failure(self, link: Link, error: TerritoireSanteError, now: dt.datetime) -> None:
        """Note in the ledger what could not go out; the error itself is what is told of."""
        if isinstance(error, LinkBusyError):
            return
        with contextlib.suppress(TerritoireSanteError):
            engine.note_failure(self.store, link, error, catalog=self.catalog, now=now)
