# SPDX-License-Identifier: Apache-2.0
"""Grants of public authorities as a table after the schema scdl/subventions, 2.1.1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, Final

import attrs

from territoire_sante.errors import InvalidValueError
from territoire_sante.exports._cells import defused, write_rows
from territoire_sante.exports._contract import Exported, Tally
from territoire_sante.exports._plain import coded
from territoire_sante.model import (
    Actor,
    ActorKind,
    AidKind,
    Convention,
    ConventionKind,
    ConventionState,
    Money,
    PartyRole,
    ResourceKind,
    Rna,
    Siret,
)
from territoire_sante.privacy import Disclosed
from territoire_sante.snapshot import Snapshot

#: Above this, in one year, an authority needs a convention with a private body (act 2000-321,
#: article 10; decree 2001-495), and publishes its essential data (decree 2017-779).
THRESHOLD: Final = Money("23000")

COLUMNS: Final = (
    "nomAttribuant",
    "idAttribuant",
    "dateConvention",
    "referenceDecision",
    "nomBeneficiaire",
    "idBeneficiaire",
    "rnaBeneficiaire",
    "objet",
    "montant",
    "nature",
    "conditionsVersement",
    "datesPeriodeVersement",
    "idRAE",
    "notificationUE",
    "pourcentageSubvention",
    "dispositifAide",
)

_MONEY: Final = "aide en numéraire"
_KIND: Final = "aide en nature"
_LONGEST: Final = 256
_UNSIGNED: Final = frozenset(
    {
        ConventionState.DRAFT,
        ConventionState.NEGOTIATION,
        ConventionState.APPROVED,
        ConventionState.SIGNING,
        ConventionState.ABANDONED,
    }
)
_IN_KIND_AIDS: Final = frozenset({AidKind.PREMISES, AidKind.HOUSING})
_GIVING: Final = frozenset(
    {ActorKind.ARS, ActorKind.ARS_DD, ActorKind.CPAM, ActorKind.MSA, ActorKind.CAF}
    | {ActorKind.PREFECTURE}
)


@attrs.frozen(kw_only=True)
class Grant:
    """What one authority gives to one body under a convention; the amount is above zero."""

    convention: Convention
    giver: Actor
    beneficiary: Actor
    amount: Decimal
    in_money: bool
    in_kind: bool

    @property
    def must_be_published(self) -> bool:
        """Whether it is above the threshold on its own; yearly sums are not looked at."""
        return self.amount > THRESHOLD.amount


def write_subventions(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """
    Write a row for each grant of a signed convention, in money or in kind, whatever its amount.

    Free premises and lent equipment count with their worth (act of 12 April 2000, article 9-1).
    """
    return _write(disclosed, out, today=today, lang=lang, due_only=False)


def write_due_subventions(
    disclosed: Disclosed, out: BinaryIO, /, *, today: dt.date, lang: str = "fr"
) -> Exported:
    """Write only the grants above 23,000 €, whose data must be published."""
    return _write(disclosed, out, today=today, lang=lang, due_only=True)


def _write(
    disclosed: Disclosed,
    out: BinaryIO,
    *,
    today: dt.date,  # noqa: ARG001 - of the contract; signed is signed on any day
    lang: str,  # noqa: ARG001 - the schema is in French
    due_only: bool,
) -> Exported:
    tally = Tally()

    def rows() -> Iterator[tuple[str, ...]]:
        yield COLUMNS
        for grant in grants(disclosed.snapshot, tally):
            if grant.must_be_published or not due_only:
                row = _row(grant, tally)
                if row is not None:
                    yield row

    tally.count += write_rows(out, rows(), separator=",", bom=False) - 1
    return tally.done()


def grants(snapshot: Snapshot, tally: Tally | None = None) -> Iterator[Grant]:
    """Yield the grants of signed conventions; ``tally`` is told which are not clear enough."""
    notes = tally if tally is not None else Tally()
    for one in snapshot.all(Convention):
        amount, in_money, in_kind = _means(snapshot, one)
        given = in_money or in_kind or one.aid is not None
        if not given and one.kind is not ConventionKind.SUBSIDY:
            continue
        if one.state in _UNSIGNED or _signed_on(one) is None:
            notes.leave("not_signed", one.id)
        elif amount <= 0:
            notes.leave("amount_not_exact", one.id)
        else:
            giver, beneficiary = _giver(snapshot, one), _beneficiary(snapshot, one)
            if giver is None:
                notes.leave("giver_unclear", one.id)
            elif beneficiary is None or beneficiary.id == giver.id:
                notes.leave("beneficiary_unclear", one.id)
            else:
                yield Grant(
                    convention=one,
                    giver=giver,
                    beneficiary=beneficiary,
                    amount=amount,
                    in_money=in_money,
                    in_kind=in_kind,
                )


def _means(snapshot: Snapshot, one: Convention) -> tuple[Decimal, bool, bool]:
    """Return the worth of what authorities bring in, and whether it is money, kind, or both."""
    brought = [
        means
        for means in one.resources
        if means.valuation is not None and (not means.party_id or _gives(snapshot, means.party_id))
    ]
    amount = sum((m.valuation.amount for m in brought if m.valuation is not None), Decimal(0))
    in_money = any(means.kind is ResourceKind.MONEY for means in brought)
    in_kind = any(means.kind is not ResourceKind.MONEY for means in brought)
    if not brought and one.aid is not None and one.aid.amount is not None:
        in_kind = one.aid.kind in _IN_KIND_AIDS
        return one.aid.amount.amount, not in_kind, in_kind
    return amount, in_money, in_kind


def _gives(snapshot: Snapshot, actor_id: str) -> bool:
    actor = snapshot.find(Actor, actor_id)
    return actor is not None and (actor.kind.is_public_authority or actor.kind in _GIVING)


def _giver(snapshot: Snapshot, one: Convention) -> Actor | None:
    """Return the one authority that brings something in, or the only one among the parties."""
    parties = [party.actor_id for party in one.parties]
    bringing = [m.party_id for m in one.resources if m.valuation is not None and m.party_id]
    ids = dict.fromkeys(i for i in bringing or parties if i in parties and _gives(snapshot, i))
    return snapshot.find(Actor, next(iter(ids))) if len(ids) == 1 else None


def _beneficiary(snapshot: Snapshot, one: Convention) -> Actor | None:
    """Return the one party that is no authority, the care team if there are several."""
    others = [party for party in one.parties if not _gives(snapshot, party.actor_id)]
    teams = [party for party in others if party.role is PartyRole.MSP]
    ids = dict.fromkeys(party.actor_id for party in (teams or others))
    return snapshot.find(Actor, next(iter(ids))) if len(ids) == 1 else None


def _signed_on(one: Convention) -> dt.date | None:
    return max((signature.signed_on for signature in one.signatures), default=one.starts_on)


def _period(one: Convention) -> str:
    """Return from when to when it is paid: the day of a payment is not known, the term is."""
    start, end = one.effective_on(), one.ends_on
    if end is None and start is not None and one.duration:
        try:
            end = one.duration.after(start) - dt.timedelta(days=1)
        except (InvalidValueError, OverflowError):
            return ""
    if start is None or end is None or end < start:
        return ""
    return f"{start.isoformat()}/{end.isoformat()}"


def _subject(one: Convention) -> str:
    """Return the purpose, or the title where that is too long or empty."""
    texts = (" ".join(text.split()) for text in (one.purpose, one.title))
    fitting = (text for text in texts if text and len(defused(text)) <= _LONGEST)
    return next(fitting, "")


def _row(grant: Grant, tally: Tally) -> tuple[str, ...] | None:
    one = grant.convention
    giver_id, subject, period = coded(grant.giver, Siret), _subject(one), _period(one)
    names = _line(grant.giver.name), _line(grant.beneficiary.name)
    needed = (
        ("no_siret", giver_id),
        ("subject_too_long", subject),
        ("no_period", period),
        ("name_not_valid", all(names)),
    )
    missing = [code for code, value in needed if not value]
    for code in missing:
        tally.leave(code, one.id)
    if missing:
        return None
    tally.leave("aid_notice_assumed", one.id)
    natures = (_MONEY if grant.in_money else "", _KIND if grant.in_kind else "")
    signed = _signed_on(one)
    party = next(party for party in one.parties if party.actor_id == grant.giver.id)
    decision = party.empowered_by.number if party.empowered_by is not None else ""
    return (
        defused(names[0]),
        giver_id,
        signed.isoformat() if signed is not None else "",
        defused(_line(decision)),
        defused(names[1]),
        coded(grant.beneficiary, Siret),
        coded(grant.beneficiary, Rna),
        defused(subject),
        f"{grant.amount:.2f}",
        ";".join(filter(None, natures)),
        # Free words are allowed: how it is paid is written in the convention, not known here.
        "Selon les modalités de la convention",
        period,
        "",
        "non",
        "1.00",
        "",
    )


def _line(text: str) -> str:
    return " ".join(text.split())
