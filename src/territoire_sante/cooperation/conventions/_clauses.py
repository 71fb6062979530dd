# SPDX-License-Identifier: Apache-2.0
"""
The clauses of a convention as French text, each from the fields that it is about.

What is not known becomes a visible blank, and is told. The clauses are those that published
conventions have (domain reference, 2.3); none of them replaces the advice of a lawyer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from territoire_sante.cooperation._words import day_words, duration_words
from territoire_sante.model import (
    Convention,
    ConventionResource,
    Duration,
    Money,
    Party,
    Person,
    Quantity,
    RenewalMode,
    Tri,
    Unit,
)
from territoire_sante.snapshot import Snapshot

_NBSP = "\u00a0"


@attrs.frozen(kw_only=True)
class Blank:
    """Something that the draft leaves open: the field, and what is to be written there."""

    field: str
    label: str


@attrs.define(kw_only=True)
class Writer:
    """Writes the clauses of one convention, and notes what is missing."""

    snapshot: Snapshot
    convention: Convention
    blanks: list[Blank] = attrs.field(factory=list)

    def blank(self, field: str, label: str) -> str:
        """Return a visible blank, and note it."""
        found = Blank(field=field, label=label)
        if found not in self.blanks:
            self.blanks.append(found)
        return f"[à compléter{_NBSP}: {label}]"

    def title(self) -> str:
        """Return the title."""
        return self.convention.title.strip() or self.blank("title", "titre")

    def parties(self) -> str:
        """Return who the parties are, for whom they speak, and what empowers them."""
        if not self.convention.parties:
            return self.blank("parties", "les parties")
        return "\n".join(f"- {self._party(one)}" for one in self.convention.parties)

    def _party(self, party: Party) -> str:
        name = _bare(self.snapshot.name_of(party.actor_id))
        role = party.role.label_fr
        text = f"**{name}** ({role}), {self._speaker(party)}"
        deliberation = party.empowered_by
        if deliberation is not None:
            day = (
                f"du {day_words(deliberation.on).fr}"
                if deliberation.on
                else self.blank(f"parties.{party.actor_id}.empowered_by.on", "date")
            )
            number = f" n°{_NBSP}{_bare(deliberation.number)}" if deliberation.number else ""
            return f"{text}, dûment habilité par la délibération{number} {day}{_NBSP};"
        if party.deliberation_needed is Tri.YES:
            open_ = self.blank(
                f"parties.{party.actor_id}.empowered_by", f"délibération de {name}, numéro et date"
            )
            return f"{text}, dûment habilité par {open_}{_NBSP};"
        return f"{text}{_NBSP};"

    def _speaker(self, party: Party) -> str:
        person = self.snapshot.find(Person, party.representative_id)
        who = _bare(person.display_name) if person is not None else ""
        capacity = _bare(party.capacity)
        said = ", ".join(part for part in (who, capacity) if part)
        name = _bare(self.snapshot.name_of(party.actor_id))
        return "représenté par " + (
            said
            or self.blank(f"parties.{party.actor_id}.representative_id", f"qui signe pour {name}")
        )

    def preamble(self) -> str:
        """Return the preamble, the texts it rests on, and the documents it refers to."""
        lines = [_text(self.convention.preamble)] if self.convention.preamble.strip() else []
        lines += [f"Vu {_bare(one)}{_NBSP};" for one in self.convention.legal_bases]
        lines += [
            f"Vu «{_NBSP}{_bare(self.snapshot.name_of(one))}{_NBSP}»{_NBSP};"
            for one in self.convention.context_ids
        ]
        return "\n\n".join(lines) or self.blank("preamble", "contexte et textes visés")

    def purpose(self) -> str:
        """Return what the convention is for."""
        return _text(self.convention.purpose) or self.blank("purpose", "objet")

    def area(self) -> str:
        """Return where it applies, and to which themes."""
        place = (
            _bare(self.snapshot.name_of(self.convention.territory_id))
            if self.convention.territory_id
            else self.blank("territory_id", "territoire")
        )
        themes = ", ".join(_bare(one) for one in self.convention.themes)
        return f"Territoire{_NBSP}: {place}." + (f" Thèmes{_NBSP}: {themes}." if themes else "")

    def commitments(self) -> str:
        """Return what each party promises, also a party that promises nothing yet."""
        parts = []
        known = {one.actor_id for one in self.convention.parties}
        strangers = [
            one.party_id for one in self.convention.commitments if one.party_id not in known
        ]
        for actor_id in dict.fromkeys([*(p.actor_id for p in self.convention.parties), *strangers]):
            name = _bare(self.snapshot.name_of(actor_id))
            lines = list(self._promises(actor_id)) or [
                f"- {self.blank(f'commitments.{actor_id}', f'engagement de {name}')}"
            ]
            parts.append("\n".join([f"**{name}** s'engage à{_NBSP}:", "", *lines]))
        return "\n\n".join(parts) or self.blank("commitments", "engagements")

    def _promises(self, actor_id: str) -> Iterator[str]:
        for one in self.convention.commitments:
            if one.party_id != actor_id:
                continue
            extra = [
                f"moyen{_NBSP}: {_bare(self.snapshot.name_of(one.lever_id))}"
                if one.lever_id
                else "",
                f"quantité{_NBSP}: {_quantity(one.quantity)}" if one.quantity else "",
                f"au plus tard le {day_words(one.due).fr}" if one.due else "",
                f"indicateur{_NBSP}: {_bare(one.indicator)}" if one.indicator else "",
            ]
            told = f"{_NBSP}; ".join(part for part in extra if part)
            yield f"- {_bare(one.text)}" + (f" ({told})" if told else "")

    def resources(self) -> str:
        """Return the means that each party brings in, and what they are worth."""
        if not self.convention.resources:
            return "Aucun moyen particulier n'est apporté."
        lines = "\n".join(f"- {self._resource(one)}" for one in self.convention.resources)
        return (
            f"{lines}\n\nUn bien ou un service prêté gratuitement est une subvention en nature"
            f" (loi n° 2000-321 du 12 avril 2000, art. 9-1){_NBSP}: sa valeur est déclarée."
        )

    def _resource(self, one: ConventionResource) -> str:
        worth = (
            _money(one.valuation)
            if one.valuation is not None
            else self.blank(
                "resources.valuation", f"valeur de «{_NBSP}{_bare(one.description)}{_NBSP}»"
            )
        )
        by = f", par {_bare(self.snapshot.name_of(one.party_id))}" if one.party_id else ""
        return f"{one.kind.label_fr}{_NBSP}: {_bare(one.description)}{by}, valeur {worth}"

    def governance(self) -> str:
        """Return who steers it, and how often they meet."""
        lines = []
        for body in self.convention.governance:
            members = ", ".join(_bare(self.snapshot.name_of(one)) for one in body.member_ids)
            chair = _bare(self.snapshot.name_of(body.chair_id)) if body.chair_id else ""
            count = body.min_meetings_per_year
            lines.append(
                f"- {body.kind.label_fr}{_NBSP}: {members or self.blank('governance', 'membres')}"
                + (f", présidé par {chair}" if chair else "")
                + f"{_NBSP}; il se réunit au moins {count} fois par an."
            )
        return "\n".join(lines) or self.blank("governance", "comité de pilotage et réunions")

    def data(self) -> str:
        """Return what holds for data; without words of its own, that none of patients is shared."""
        return _text(self.convention.data_clause) or (
            "Aucune donnée concernant un patient n'est échangée au titre de la présente convention."
            " Les coordonnées des personnes qui la suivent ne servent qu'à cela, et sont effacées"
            " quand leur mission prend fin (règlement (UE) 2016/679)."
        )

    def special(self) -> str:
        """Return what the loan of premises and aids to installation add, empty without them."""
        return "\n\n".join([*self._premises(), *self._aid()])

    def _premises(self) -> Iterator[str]:
        terms = self.convention.premises
        if terms is None:
            return
        law = "l'article L2144-3 du code général des collectivités territoriales"
        lines = [
            f"La mise à disposition suit {law}.",
            _text(terms.use_rules) or self.blank("premises.use_rules", "règles d'usage des locaux"),
            "L'occupant est assuré et en remet la preuve avant d'entrer."
            if terms.insurance_proof_id
            else self.blank("premises.insurance_proof_id", "attestation d'assurance"),
            "Un état des lieux est dressé à l'entrée et à la sortie.",
        ]
        if terms.precarious is Tri.YES:
            lines.append(
                "La mise à disposition est précaire et révocable pour un motif d'intérêt général."
            )
        yield "\n\n".join(lines)

    def _aid(self) -> Iterator[str]:
        aid = self.convention.aid
        if aid is None:
            return
        amount = _money(aid.amount) if aid.amount else self.blank("aid.amount", "montant de l'aide")
        zone = (
            _bare(self.snapshot.name_of(aid.zone_id))
            if aid.zone_id
            else self.blank("aid.zone_id", "zone sous-dense arrêtée par l'ARS")
        )
        length = (
            duration_words(aid.commitment).fr
            if aid.commitment
            else self.blank("aid.commitment", "durée d'exercice, trois ans au moins")
        )
        yield (
            f"L'aide ({aid.kind.label_fr.lower()}, {amount}) est accordée en application de"
            " l'article L1511-8 du code général des collectivités territoriales. Le bénéficiaire"
            f" s'engage à exercer dans la zone «{_NBSP}{zone}{_NBSP}» pendant {length} au moins"
            " (art. R1511-44). La présente convention est transmise à l'agence régionale de santé"
            " et à l'organisme local d'assurance maladie."
        )

    def term(self) -> str:
        """Return when it begins and how long it lasts."""
        convention = self.convention
        start = (
            f"Elle prend effet le {day_words(convention.starts_on).fr}"
            if convention.starts_on
            else "Elle prend effet le jour de la dernière signature"
        )
        if convention.ends_on:
            return f"{start} et prend fin le {day_words(convention.ends_on).fr}."
        length = (
            duration_words(convention.duration).fr
            if convention.duration
            else self.blank("duration", "durée")
        )
        return f"{start}, pour une durée de {length}."

    def renewal(self) -> str:
        """Return what follows its end."""
        renewal = self.convention.renewal
        if renewal is None:
            return self.blank("renewal", "reconduction\u00a0: aucune, expresse ou tacite")
        if renewal.mode is RenewalMode.NONE:
            return "Elle n'est pas reconduite."
        period = f" pour {_length(renewal.period)}" if renewal.period else ""
        times = f", {renewal.max_count} fois au plus" if renewal.max_count is not None else ""
        if renewal.mode is RenewalMode.EXPRESS:
            return f"Elle peut être reconduite expressément, par écrit{period}{times}."
        notice = (
            _length(renewal.opt_out_notice)
            if renewal.opt_out_notice
            else self.blank("renewal.opt_out_notice", "préavis de refus")
        )
        return (
            f"Elle est reconduite tacitement{period}{times}, sauf refus d'une partie notifié au"
            f" moins {notice} avant son terme."
        )

    def termination(self) -> str:
        """Return how it can be ended before."""
        terms = self.convention.termination
        notice = (
            _length(terms.notice_period)
            if terms is not None and terms.notice_period
            else self.blank("termination.notice_period", "préavis de résiliation")
        )
        grounds = _text(terms.grounds) if terms is not None else ""
        said = f"Chaque partie peut y mettre fin par écrit, avec un préavis de {notice}."
        return f"{said} {grounds}".strip()

    def disputes(self) -> str:
        """Return who decides disputes."""
        court = _bare(self.convention.jurisdiction)
        return (
            "Les parties cherchent d'abord un accord. À défaut, le litige est porté devant"
            f" {court or self.blank('jurisdiction', 'tribunal compétent')}."
        )

    def signatures(self) -> str:
        """Return a line for each party, signed or to be signed."""
        signed = {one.party_id: one for one in self.convention.signatures}
        lines = []
        for party in self.convention.parties:
            name = _bare(self.snapshot.name_of(party.actor_id))
            one = signed.get(party.actor_id)
            if one is None:
                lines.append(f"- Pour {name}, le ____________{_NBSP}:")
            else:
                place = f" à {_bare(one.place)}" if one.place else ""
                lines.append(f"- Pour {name}, signé{place} le {day_words(one.signed_on).fr}")
        return "\n".join(lines) or self.blank("parties", "les parties")

    def annexes(self) -> str:
        """Return the list of annexes."""
        names: Iterable[str] = (
            _bare(self.snapshot.name_of(one)) for one in self.convention.annex_ids
        )
        return "\n".join(f"- {name}" for name in names) or "Aucune."


def _bare(text: str) -> str:
    """Return a text in one line, with the signs of Markdown as they are written."""
    return "".join(
        f"\\{sign}" if sign in "\\`*_[]<>#|" else sign for sign in " ".join(text.split())
    )


def _text(text: str) -> str:
    """Return a text of several lines, each of them as it is written."""
    return "\n".join(_bare(line) for line in text.strip().splitlines())


def _length(duration: Duration) -> str:
    return duration_words(duration).fr


def _money(money: Money) -> str:
    return f"{money.amount:f}{_NBSP}€".replace(".", ",")


def _quantity(quantity: Quantity) -> str:
    unit = quantity.detail if quantity.unit is Unit.OTHER else quantity.unit.label_fr.lower()
    return f"{quantity.value.normalize():f} {_bare(unit)}".strip()
