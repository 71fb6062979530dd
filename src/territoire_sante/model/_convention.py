# SPDX-License-Identifier: Apache-2.0
"""Conventions between care teams, authorities and agencies (domain reference, 2.3)."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs

from territoire_sante.errors import InvalidValueError, TransitionError
from territoire_sante.model._checks import between
from territoire_sante.model._convention_parts import (
    AidTerms,
    Amendment,
    Commitment,
    ConventionResource,
    GovernanceBody,
    GovernanceKind,
    Party,
    PartyRole,
    PremisesTerms,
    Renewal,
    RenewalMode,
    Signature,
    Termination,
    last_day,
    next_end,
)
from territoire_sante.model._convention_states import (
    CONVENTION_MACHINE,
    IN_FORCE,
    ConventionKind,
    ConventionState,
)
from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._values import Period, Tri

_TRIPARTITE = (PartyRole.MSP, PartyRole.CLS, PartyRole.COLLECTIVITE)
_DAY = dt.timedelta(days=1)
_NOT_BY_AMENDMENT = frozenset({"id", "state", "signatures", "amendments", "term_no", "past_terms"})


@attrs.frozen(kw_only=True)
class Convention(Entity):
    """
    Who promised what to whom, for how long, and who signed.

    ``ends_on`` is the last day in force, as conventions write it; left out it
    follows from ``starts_on`` and ``duration``. ``starts_on`` and ``ends_on`` are
    those of the running term, number ``term_no``; ``past_terms`` are the ones before.
    """

    KIND: ClassVar[str] = "convention"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("convention",)

    kind: ConventionKind
    title: str
    parties: tuple[Party, ...] = ()
    preamble: str = ""
    legal_bases: tuple[str, ...] = ()
    context_ids: tuple[str, ...] = ()
    purpose: str = ""
    territory_id: str = ""
    themes: tuple[str, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    resources: tuple[ConventionResource, ...] = ()
    governance: tuple[GovernanceBody, ...] = ()
    data_clause: str = ""
    premises: PremisesTerms | None = None
    aid: AidTerms | None = None
    starts_on: dt.date | None = None
    duration: Duration | None = None
    ends_on: dt.date | None = None
    term_no: int = attrs.field(default=1, validator=between(1))
    past_terms: tuple[Period, ...] = ()
    renewal: Renewal | None = None
    amendments: tuple[Amendment, ...] = ()
    termination: Termination | None = None
    jurisdiction: str = ""
    signatures: tuple[Signature, ...] = ()
    annex_ids: tuple[str, ...] = ()
    suspended_on: dt.date | None = None
    closed_because: str = ""
    replaced_by_id: str = ""
    state: ConventionState = ConventionState.DRAFT

    def __attrs_post_init__(self) -> None:
        if (
            self.starts_on is not None
            and self.ends_on is not None
            and self.ends_on < self.starts_on
        ):
            message = f"{self.ends_on} is before starts_on, {self.starts_on}"
            raise InvalidValueError(message, where="ends_on", remedy="Swap the two days")

    # Facts about parties and signatures.

    @property
    def in_force(self) -> bool:
        """Whether it binds its parties: active, renewed, or under notice."""
        return self.state in IN_FORCE

    def missing_roles(self) -> tuple[PartyRole, ...]:
        """Return the roles that a tripartite convention lacks; nothing for other kinds."""
        if self.kind is not ConventionKind.TRIPARTITE_PARTNERSHIP:
            return ()
        present = {party.role for party in self.parties}
        return tuple(role for role in _TRIPARTITE if role not in present)

    def doubled_parties(self) -> tuple[str, ...]:
        """Return the ids of actors that fill more than one of the three roles."""
        if self.kind is not ConventionKind.TRIPARTITE_PARTNERSHIP:
            return ()
        actors = [party.actor_id for party in self.parties if party.role in _TRIPARTITE]
        return tuple(sorted({actor for actor in actors if actors.count(actor) > 1}))

    def unsigned_by(self) -> tuple[Party, ...]:
        """Return the parties whose signature is missing."""
        signed = {signature.party_id for signature in self.signatures}
        return tuple(party for party in self.parties if party.actor_id not in signed)

    def without_deliberation(self) -> tuple[Party, ...]:
        """Return the parties that need a deliberation and have none."""
        return tuple(
            party
            for party in self.parties
            if party.deliberation_needed is Tri.YES and party.empowered_by is None
        )

    def uncommitted_parties(self) -> tuple[Party, ...]:
        """Return the parties that promise nothing."""
        promising = {commitment.party_id for commitment in self.commitments}
        return tuple(party for party in self.parties if party.actor_id not in promising)

    def effective_on(self) -> dt.date | None:
        """Return the stated first day, else the day of the last signature once all have signed."""
        if self.starts_on is not None:
            return self.starts_on
        if not self.signatures or self.unsigned_by():
            return None
        return max(signature.signed_on for signature in self.signatures)

    # Facts that depend on the day.

    def end_on(self, today: dt.date) -> dt.date | None:
        """
        Return the last day of the term that runs ``today``; ``None`` if it has no known end.

        Under notice it is the day before the notice takes effect. Tacit renewals
        that nobody noted are counted, as far as the convention allows them.
        """
        under_notice = self.state is ConventionState.TERMINATION_NOTICE
        if under_notice and self.termination and self.termination.effective_on:
            return self.termination.effective_on - _DAY
        end, _ = self._running_term(today)
        return end

    def last_notice_day(self, today: dt.date) -> dt.date | None:
        """
        Return the last day to refuse the next tacit renewal; ``None`` if there is none.

        It is the opt-out notice before the end of the running term, or the
        general notice period where no other is written.
        """
        end, renewals = self._running_term(today)
        tacit = self._tacit()
        if end is None or tacit is None or not tacit.allows(renewals):
            return None
        notice = tacit.opt_out_notice
        if notice is None and self.termination is not None:
            notice = self.termination.notice_period
        return notice.before(end) if notice is not None else None

    def opt_out_window_open(self, today: dt.date, within: Duration) -> bool:
        """Say whether the last day to refuse a tacit renewal comes ``within`` this time."""
        last = self.last_notice_day(today)
        return last is not None and today <= last <= within.after(today)

    def expiring_soon(self, today: dt.date, within: Duration) -> bool:
        """Say whether it is in force and its term ends ``within`` this time, today included."""
        end = self.end_on(today)
        return self.in_force and end is not None and today <= end <= within.after(today)

    def past_end(self, today: dt.date) -> bool:
        """Say whether it is still marked as in force though its term is over."""
        end = self.end_on(today)
        return self.in_force and end is not None and end < today

    def overdue_meeting(self, today: dt.date) -> bool:
        """Say whether a steering body of a convention in force should have met by ``today``."""
        return self.in_force and any(
            body.overdue(today, since=self.effective_on())
            for body in self.governance
            if body.kind is GovernanceKind.STEERING
        )

    def overdue_commitments(self, today: dt.date) -> tuple[Commitment, ...]:
        """Return the commitments that were due before ``today`` and are still open."""
        return tuple(
            commitment
            for commitment in self.commitments
            if commitment.due is not None and commitment.due < today and commitment.is_open
        )

    # Verbs.

    def negotiate(self) -> Convention:
        """Return it as being discussed between the parties."""
        return self._step("negotiate")

    def approve(self) -> Convention:
        """
        Return it as approved by the parties.

        Raises:
            TransitionError: wrong state, or a party lacks the deliberation it needs.
        """
        stepped = self._step("approve")
        self._require("approve", "needs a deliberation of", self.without_deliberation())
        return stepped

    def sign(self, signature: Signature) -> Convention:
        """
        Return it with one more signature.

        Raises:
            TransitionError: it is not ready to be signed, or already in force.
            InvalidValueError: the signature is of no party, or of one that has signed.
        """
        stepped = self._step("sign")
        waiting = [party.actor_id for party in self.unsigned_by()]
        if signature.party_id not in waiting:
            message = f"{signature.party_id!r} is not a party that has still to sign"
            remedy = f"Still to sign: {', '.join(waiting) or 'nobody'}"
            raise InvalidValueError(message, where="signatures", remedy=remedy)
        return attrs.evolve(stepped, signatures=(*self.signatures, signature))

    def activate(self, *, on: dt.date | None = None) -> Convention:
        """
        Return it in force from ``on``, from the stated day, or from the last signature.

        Raises:
            TransitionError: wrong state, or a signature is missing.
        """
        stepped = self._step("activate")
        self._require("activate", "needs the signature of", self.unsigned_by())
        return attrs.evolve(stepped, starts_on=on or self.effective_on())

    def suspend(self, *, on: dt.date, reason: str = "") -> Convention:
        """Return it as suspended from this day."""
        return attrs.evolve(self._step("suspend"), suspended_on=on, closed_because=reason)

    def resume(self) -> Convention:
        """Return it in force again after a suspension."""
        return attrs.evolve(self._step("resume"), suspended_on=None, closed_because="")

    def renew(self, *, ends_on: dt.date | None = None) -> Convention:
        """
        Return it in its next term, under the same id.

        The term begins on the day after the last one; it lasts to ``ends_on``,
        or as long as the renewal clause or the first term says.

        Raises:
            TransitionError: it is not in force.
            InvalidValueError: the end of the running or of the next term is not known.
        """
        stepped = self._step("renew")
        end = self._written_end()
        if end is None:
            message = "the end of the running term is not known"
            raise InvalidValueError(message, where="ends_on", remedy="Amend ends_on first")
        length = self._next_length()
        following = ends_on or (next_end(end, length) if length else None)
        if following is None:
            message = "the length of the next term is not known"
            raise InvalidValueError(message, where="ends_on", remedy="Give ends_on")
        return attrs.evolve(
            stepped,
            starts_on=end + _DAY,
            ends_on=following,
            term_no=self.term_no + 1,
            past_terms=(*self.past_terms, Period(start=self.effective_on(), end=end + _DAY)),
        )

    def amend(self, amendment: Amendment, **changes: Any) -> Convention:
        """
        Return it with an amendment and the fields that it ``changes``, noted in it.

        Raises:
            TransitionError: it is not in force.
            InvalidValueError: the change is to something that only a verb may change.
        """
        if refused := sorted(_NOT_BY_AMENDMENT.intersection(changes)):
            message = f"an amendment cannot change {', '.join(refused)}"
            raise InvalidValueError(message, where=refused[0], remedy="Use the verb for it")
        noted = amendment
        if not amendment.changed_fields:
            noted = attrs.evolve(amendment, changed_fields=tuple(sorted(changes)))
        stepped = self._step("amend")
        return attrs.evolve(stepped, **changes, amendments=(*self.amendments, noted))

    def give_notice(self, *, by: str, on: dt.date, grounds: str = "") -> Convention:
        """Return it under notice given by the party ``by``; the notice period sets the end."""
        stepped = self._step("give_notice")
        terms = self.termination or Termination()
        effective = terms.notice_period.after(on) if terms.notice_period else None
        given = attrs.evolve(
            terms,
            noticed_on=on,
            by_party_id=by,
            grounds=grounds or terms.grounds,
            effective_on=effective,
        )
        return attrs.evolve(stepped, termination=given)

    def terminate(self, *, on: dt.date) -> Convention:
        """Return it as ended by notice: ``on`` is the first day without it."""
        terms = attrs.evolve(self.termination or Termination(), effective_on=on)
        return attrs.evolve(self._step("terminate"), termination=terms)

    def expire(self) -> Convention:
        """Return it as arrived at the end of its term."""
        return self._step("expire")

    def abandon(self, *, reason: str = "") -> Convention:
        """Return it as given up before it came into force."""
        return attrs.evolve(self._step("abandon"), closed_because=reason)

    def replace(self, *, by: str) -> Convention:
        """Return it as followed by the convention with the id ``by``."""
        return attrs.evolve(self._step("replace"), replaced_by_id=by)

    # Steps shared by the above.

    def _step(self, verb: str) -> Convention:
        before = ConventionState.RENEWED if self.term_no > 1 else ConventionState.ACTIVE
        state = CONVENTION_MACHINE.step(self.state, verb, subject=self.id, before=before)
        return attrs.evolve(self, state=state)

    def _require(self, verb: str, need: str, missing: tuple[Party, ...]) -> None:
        if missing:
            names = ", ".join(party.actor_id for party in missing)
            raise TransitionError(
                f"the convention {need} {names} to {verb}",
                state=self.state.name,
                wish=verb,
                allowed=tuple(v for v in CONVENTION_MACHINE.allowed(self.state) if v != verb),
                where=self.id,
                remedy=f"Add what is missing, then {verb}",
            )

    def _running_term(self, today: dt.date) -> tuple[dt.date | None, int]:
        """Return the end of the term that runs ``today``, and how many renewals led to it."""
        end, renewals = self._written_end(), self.term_no - 1
        tacit, length = self._tacit(), self._next_length()
        if end is None or tacit is None or not length:
            return end, renewals
        while end < today and tacit.allows(renewals):
            end, renewals = next_end(end, length), renewals + 1
        return end, renewals

    def _written_end(self) -> dt.date | None:
        if self.ends_on is not None:
            return self.ends_on
        start = self.effective_on()
        return last_day(start, self.duration) if start and self.duration else None

    def _next_length(self) -> Duration | None:
        return (self.renewal.period if self.renewal else None) or self.duration

    def _tacit(self) -> Renewal | None:
        running = self.state in (ConventionState.ACTIVE, ConventionState.RENEWED)
        tacit = self.renewal is not None and self.renewal.mode is RenewalMode.TACIT
        return self.renewal if running and tacit else None
