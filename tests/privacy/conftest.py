# SPDX-License-Identifier: Apache-2.0
"""A store in memory, and one in which every field is a canary that says who may see it."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import enum
import itertools
import quopri
import re
import types
import typing
from pathlib import Path

import attrs
import pytest

from territoire_sante import model
from territoire_sante.model import ContactPoint, ContactPointKind, Visibility
from territoire_sante.privacy._levels import FLOORS, level_of
from territoire_sante.store import Store

TODAY = dt.date(2026, 11, 22)
COMMUNE = "48095"
PUBLIC, PARTNERS, TEAM, PRIVATE = Visibility

# What must have a certain value for a sheet to be shown at all by calendars, books and boards.
FIXED = {
    (model.Announcement, "state"): model.AnnouncementState.PUBLISHED,
    (model.Announcement, "publish_from"): TODAY,
    (model.Announcement, "publish_until"): TODAY + dt.timedelta(days=9),
    (model.Announcement, "event_start"): TODAY + dt.timedelta(days=5),
    (model.Announcement, "event_end"): TODAY + dt.timedelta(days=6),
    (model.Announcement, "audience"): (COMMUNE,),
    (model.Announcement, "language"): "fr",
    (model.Attachment, "media_type"): "image/png",
    (model.Event, "start"): TODAY + dt.timedelta(days=5),
    (model.Event, "end"): TODAY + dt.timedelta(days=6),
    (model.Event, "rrule"): "",
    (model.Event, "occurrences"): (),
    (model.Mobilisation, "start"): TODAY + dt.timedelta(days=5),
    (model.Mobilisation, "end"): TODAY + dt.timedelta(days=6),
    (model.LeverOffer, "state"): model.OfferState.PUBLISHED,
    (model.LeverOffer, "availability"): "",
    (model.LeverRequest, "state"): model.RequestState.SUBMITTED,
    (model.LeverRequest, "due_answer_on"): TODAY + dt.timedelta(days=5),
    (model.Practice, "state"): model.PracticeState.PUBLISHED,
    (model.Convention, "state"): model.ConventionState.ACTIVE,
    (model.Convention, "starts_on"): TODAY - dt.timedelta(days=100),
    (model.Convention, "ends_on"): TODAY + dt.timedelta(days=100),
    (model.Commitment, "due"): TODAY + dt.timedelta(days=50),
    (model.LocalHealthContract, "stage"): model.ClsStage.RUNNING,
    (model.LocalHealthContract, "ends_on"): TODAY + dt.timedelta(days=100),
    (model.Action, "due"): TODAY + dt.timedelta(days=5),
    (model.Stop, "rrule"): "",
    (model.Territory, "kind"): model.TerritoryKind.CUSTOM,
    (model.Territory, "communes"): (COMMUNE,),
    (model.OppositionEntry, "hash"): "0" * 64,
    (model.OppositionEntry, "algorithm"): model.OppositionEntry.of(
        "a@example.org", model.OppositionKind.EMAIL, key=b"0" * 16, since=TODAY
    ).algorithm,
    (model.OppositionEntry, "provenance"): None,
    (model.Person, "opposed"): False,
    (model.Actor, "kind"): model.ActorKind.MSP,
    (model.Actor, "opening_hours"): "",
    (model.Money, "currency"): "EUR",
    (model.GovernanceBody, "min_meetings_per_year"): 1,
    (model.Channel, "limits"): model.ChannelLimits(),
    (model.Merge, "at"): None,
    (model.Outcome, "satisfaction"): 5,
}

# Which class an id is of, where the name of the field does not say it.
NAMED = {
    "signed_by": model.Person,
    "representative": model.Person,
    "reporter": model.Person,
    "author": model.Person,
    "facilitator": model.Person,
    "host": model.Person,
    "chair": model.Person,
    "coordinator": model.Person,
    "member": model.Person,
    "organiser": model.Person,
    "minutes": model.Document,
    "annex": model.Document,
    "context": model.Document,
    "insurance_proof": model.Document,
    "inventory_in": model.Document,
    "inventory_out": model.Document,
    "diagnostic": model.Document,
    "parent": model.Territory,
    "zone": model.Territory,
    "contact": model.Appointment,
    "merged_into": model.CareProject,
    "replaced_by": model.Convention,
    "derived_from": model.Statement,
    "support": model.SupportRequest,
    "offer": model.LeverOffer,
    "project": model.CareProject,
    "request": model.LeverRequest,
    "document": model.Document,
}
SIMPLE = {
    model.Geo: model.Geo(latitude=44.5, longitude=3.5),
    model.Duration: model.Duration(months=3),
    model.Period: model.Period(start=TODAY - dt.timedelta(days=100)),
}
URLS = frozenset({"url", "source_url", "calendar_url", "request_url"})


@attrs.frozen(kw_only=True)
class Canary:
    """One value that stands nowhere else, and who may see it: what each step to it allows."""

    mark: str
    path: tuple

    @property
    def level(self):
        """The widest audience that sees it."""
        return self.level_without(None)

    def level_without(self, step):
        """Return the widest audience, were it not for this one row of the table."""
        levels = [level for named, level in self.path if step is None or named != step]
        return max(levels, key=lambda one: one.rank, default=PUBLIC)


class Aviary:
    """Makes entities whose every field holds a canary."""

    def __init__(self):
        self.canaries = []
        self.entities = []
        self._numbers = itertools.count(10_001)
        self._ids = {}

    def hidden_from(self, audience):
        """Return the canaries that an audience may not see."""
        return [one for one in self.canaries if not one.level.may_be_seen_by(audience)]

    def leaks(self, shown, audience):
        """Return the canaries in what is shown that an audience may not see."""
        return traces(shown, self.hidden_from(audience))

    def seen(self, shown):
        """Return all canaries in what is shown."""
        return traces(shown, self.canaries)

    def text(self, path):
        """Return a new canary."""
        mark = f"canari{next(self._numbers)}"
        self.canaries.append(Canary(mark=mark, path=path))
        return mark

    def number(self, path):
        """Return a new canary of digits."""
        number = 7_310_000 + next(self._numbers)
        self.canaries.append(Canary(mark=str(number), path=path))
        return number

    def plan(self, classes):
        """Give an id to one sheet of each class for each visibility and that of what it names."""
        pairs = [(one, one) for one in Visibility] + [(PUBLIC, TEAM), (PARTNERS, PRIVATE)]
        for cls in classes:
            for level, named in pairs:
                floor = FLOORS.get(cls, PUBLIC)
                real = max(level, floor, key=lambda one: one.rank)
                id_ = f"{cls.ID_KINDS[0]}:{self.text(((cls.__name__, real),))}"
                self._ids[cls, level, named] = id_
        for cls, level, named in self._ids:
            self.entities.append(self._entity(cls, level, named))

    def grants(self):
        """Add grants of a public authority: one for the team, and public ones of each kind."""
        kinds, states = model.ConventionKind, model.ConventionState
        # An amount of a signed public grant is public by law; no other one is.
        hidden = ((model.ConventionResource, "valuation"), PARTNERS)
        active = states.ACTIVE
        self._grant("grant", TEAM, (("grant", TEAM),), kinds.SUBSIDY, active)
        self._grant("open", PUBLIC, (("grant", PUBLIC),), kinds.SUBSIDY, active)
        path = (("grant", PUBLIC), hidden)
        self._grant("draft", PUBLIC, path, kinds.SUBSIDY, states.SIGNING)
        self._grant("loan", PUBLIC, path, kinds.EQUIPMENT_LOAN, active)
        bonus = model.AidTerms(
            kind=model.AidKind.INSTALLATION_BONUS,
            amount=model.Money(self.number((path[0], ((model.AidTerms, "amount"), PARTNERS)))),
        )
        self._grant("bonus", PUBLIC, path, kinds.SUBSIDY, active, aid=bonus)

    def _grant(self, name, level, path, kind, state, **more):
        siret = model.Identifier(scheme="siret", value="21480095500012")
        giver, taker = (
            model.Actor(
                id=f"actor:{name}-{role}",
                visibility=level,
                kind=own,
                name=self.text(path[:1]),
                identifiers=(siret,),
            )
            for role, own in (("gives", model.ActorKind.COMMUNE), ("takes", model.ActorKind.MSP))
        )
        money = model.ConventionResource(
            kind=model.ResourceKind.MONEY,
            description=self.text(path[:1]),
            party_id=giver.id,
            valuation=model.Money(self.number(path)),
        )
        agreement = model.Convention(
            id=f"convention:{name}",
            visibility=level,
            kind=kind,
            title="Subvention",
            purpose=self.text(path[:1]),
            parties=(
                model.Party(actor_id=giver.id, role=model.PartyRole.COLLECTIVITE),
                model.Party(actor_id=taker.id, role=model.PartyRole.MSP),
            ),
            resources=(money,),
            starts_on=TODAY,
            ends_on=TODAY + dt.timedelta(days=300),
            signatures=(model.Signature(party_id=giver.id, signed_on=TODAY),),
            state=state,
            **more,
        )
        self.entities += [giver, taker, agreement]

    def _entity(self, cls, level, named):
        floor = FLOORS.get(cls, PUBLIC)
        real = max(level, floor, key=lambda one: one.rank)
        made = {"id": self._ids[cls, level, named], "visibility": level}
        return self._made(cls, named, ((cls.__name__, real),), made)

    def _made(self, cls, named, path, made):
        hints = typing.get_type_hints(cls)
        for field in attrs.fields(cls):
            if field.name in made:
                continue
            if (cls, field.name) in FIXED:
                made[field.name] = FIXED[cls, field.name]
                continue
            step = ((cls, field.name), level_of(cls, field.name))
            value = self._value(field, hints[field.name], named, (*path, step))
            if value is not None:
                made[field.name] = value
        return cls(**made)

    def _value(self, field, hint, named, path):
        if hint is str or hint == tuple[str, ...]:
            texts = (*self._texts(field.name, hint is not str, named, path),)
            return texts if hint is not str else texts[0]
        if typing.get_origin(hint) is tuple:
            (inner, *_) = typing.get_args(hint)
            if inner is ContactPoint:
                return tuple(self._points(path))
            one = self._value(field, inner, named, path)
            return () if one is None else (one,)
        if hint is ContactPoint or ContactPoint in typing.get_args(hint):
            return next(self._points(path, [named]))
        for part in typing.get_args(hint) if _is_union(hint) else [hint]:
            if isinstance(part, type) and part is not type(None):
                return self._plain(part, named, path, field)
        return None

    def _plain(self, part, named, path, field):
        restricted = any(level is not PUBLIC for _, level in path[1:])
        needed = field.default is attrs.NOTHING
        if part in SIMPLE:
            return SIMPLE[part]
        if attrs.has(part):
            return self._made(part, named, path, {})
        if issubclass(part, enum.Enum):
            return next(iter(part)) if needed else None
        if part is decimal.Decimal or (part is int and restricted):
            return part(self.number(path))
        if part is int:
            return 1 if needed else None
        return TODAY if part is dt.date and needed else None

    def _texts(self, name, many, named, path):
        if name in ("communes", "audience", "commune"):
            yield COMMUNE
        elif name == "coverage":
            yield from (COMMUNE, self._ids[model.Territory, named, named])
        elif name.endswith(("_id", "_ids")) and name not in ("source_id", "ban_id"):
            cls = self._class_of(name.removesuffix("s").removesuffix("_id"))
            yield self._ids[cls, named, named]
            if many:
                yield self._ids[cls, PUBLIC, PUBLIC]
        elif name in URLS:
            yield f"https://{self.text(path)}.example.org/"
        elif name == "address":
            yield f"mailto:{self.text(path)}@example.org"
        else:
            yield self.text(path)

    def _class_of(self, name):
        by_kind = {cls.KIND: cls for cls, _, _ in self._ids}
        return NAMED.get(name) or by_kind.get(name) or model.Actor

    def _points(self, path, levels=tuple(Visibility)):
        for own in levels:
            here = (*path, ("visibility", own))
            kind = [*ContactPointKind][own.rank]
            if kind in (ContactPointKind.EMAIL, ContactPointKind.SECURE_EMAIL):
                value = f"{self.text(here)}@example.org"
            else:
                value = f"+999 {self.number(here)} 1"
            yield ContactPoint(kind=kind, value=value, label=self.text(here), visibility=own)


def _is_union(hint):
    return typing.get_origin(hint) in (types.UnionType, typing.Union)


def traces(output, canaries):
    """Return those canaries that stand in bytes, however they were folded, quoted or encoded."""
    raw = output if isinstance(output, bytes) else str(output).encode()
    unfolded = re.sub(rb"\r?\n[ \t]", b"", raw)
    readings = [raw, unfolded, quopri.decodestring(re.sub(rb"=\r?\n", b"", raw))]
    for run in re.findall(rb"[A-Za-z0-9+/_-]{16,}={0,2}", unfolded):
        padded = run.rstrip(b"=") + b"=" * (-len(run.rstrip(b"=")) % 4)
        try:
            readings.append(base64.b64decode(padded.translate(bytes.maketrans(b"-_", b"+/"))))
        except ValueError:
            continue
    said = b"\n".join(readings).decode("utf-8", "replace").casefold()
    closed = re.sub(r"(?<=[0-9])[ \u00a0\u202f.](?=[0-9])", "", said)
    words = set(re.findall(r"canari[0-9]{5}", closed))
    digits = {
        run[at : at + 7] for run in re.findall(r"[0-9]{7,}", closed) for at in range(len(run) - 6)
    }
    return [one for one in canaries if one.mark in words or one.mark in digits]


@pytest.fixture
def store():
    """Give an empty store in memory."""
    with Store.open("memory:") as opened:
        yield opened


@pytest.fixture(scope="session")
def aviary():
    """Return the canaries, and the entities that hold them."""
    with Store.open("memory:") as empty:
        classes = empty.snapshot().classes
    made = Aviary()
    made.plan(classes)
    made.grants()
    return made


@pytest.fixture(scope="session")
def full(aviary):
    """Give a store that holds them all, to be read."""
    with Store.open("memory:") as opened:
        opened.put(*aviary.entities)
        yield opened


@attrs.frozen
class Linked:
    """A store in a file, and a folder for the other side."""

    store: Store
    file: Path
    there: Path


@pytest.fixture
def linked(aviary, tmp_path):
    """Give a store in a file that holds them all, for links."""
    file, there = tmp_path / "canaries.db", tmp_path / "there"
    there.mkdir()
    with Store.open(f"sqlite:///{file}") as opened:
        opened.put(*aviary.entities)
        yield Linked(opened, file, there)
