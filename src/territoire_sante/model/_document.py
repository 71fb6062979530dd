# SPDX-License-Identifier: Apache-2.0
"""Documents and who they were shared with (domain reference, 2.1 and 2.2)."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from territoire_sante.model._duration import Duration
from territoire_sante.model._entity import Entity
from territoire_sante.model._labels import LabelledEnum
from territoire_sante.model._states import Machine
from territoire_sante.model._values import Tri


class DocumentKind(LabelledEnum):
    """What a document is."""

    PCS = "pcs", "Plan communal de sauvegarde", "Municipal safeguard plan"
    PICS = "pics", "Plan intercommunal de sauvegarde", "Intercommunal safeguard plan"
    DIAGNOSTIC = "diagnostic", "Diagnostic territorial", "Territorial diagnosis"
    HEALTH_PROJECT = "health_project", "Projet de santé", "Health project"
    DELIBERATION = "deliberation", "Délibération", "Deliberation"
    MINUTES = "minutes", "Compte rendu", "Minutes"
    CHARTER = "charter", "Charte", "Charter"
    OTHER = "other", "Autre", "Other"


class DiagnosticKind(LabelledEnum):
    """Which diagnosis it is."""

    CLS = "cls", "Diagnostic local de santé (CLS)", "Local health diagnosis (CLS)"
    ABS = "abs", "Analyse des besoins sociaux", "Analysis of social needs"
    ORS = "ors", "Portrait de l'observatoire régional", "Portrait by the regional observatory"
    MSP = "msp", "Diagnostic du projet de santé", "Diagnosis of a health project"
    OTHER = "other", "Autre", "Other"


@attrs.frozen(kw_only=True)
class Document(Entity):
    """
    What is known of a document; its bytes stay where they are.

    ``url`` or ``file_ref`` says where, ``data_as_of`` how old the facts in it are.
    """

    KIND: ClassVar[str] = "document"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("document",)

    kind: DocumentKind
    title: str
    diagnostic_kind: DiagnosticKind | None = None
    owner_id: str = ""
    territory_id: str = ""
    contributor_ids: tuple[str, ...] = ()
    published_on: dt.date | None = None
    data_as_of: dt.date | None = None
    themes: tuple[str, ...] = ()
    url: str = ""
    file_ref: str = ""
    media_type: str = ""
    checksum: str = ""

    def older_than(self, age: Duration, today: dt.date) -> Tri:
        """Say whether its facts are older than ``age``; UNKNOWN without any date."""
        dated = self.data_as_of or self.published_on
        return Tri.of(None if dated is None else age.after(dated) < today)


class ShareState(LabelledEnum):
    """Life of the sharing of a document."""

    REQUESTED = "requested", "Demandé", "Requested"
    SENT = "sent", "Envoyé", "Sent"
    RECEIVED = "received", "Reçu", "Received"
    REFUSED = "refused", "Refusé", "Refused"


_S = ShareState

SHARE_MACHINE = Machine(
    name="document share",
    states=ShareState,
    initial=_S.REQUESTED,
    table={
        "send": {_S.REQUESTED: _S.SENT},
        "receive": {_S.SENT: _S.RECEIVED},
        "refuse": {_S.REQUESTED: _S.REFUSED},
    },
)


@attrs.frozen(kw_only=True)
class DocumentShare(Entity):
    """
    A document, or a safeguard plan, asked for by or sent to an actor.

    ``redacted`` means that personal numbers and addresses were hidden before
    (needed for a safeguard plan: CADA 20227101). A share that
    nobody asked for is made in the state SENT.
    """

    KIND: ClassVar[str] = "document_share"
    ID_KINDS: ClassVar[tuple[str, ...]] = ("document_share",)

    document_id: str
    to_id: str
    requested_on: dt.date | None = None
    sent_on: dt.date | None = None
    received_on: dt.date | None = None
    refused_on: dt.date | None = None
    redacted: Tri = Tri.UNKNOWN
    reason: str = ""
    state: ShareState = ShareState.REQUESTED

    def overdue(self, today: dt.date, *, within: Duration) -> bool:
        """Say whether a request has waited for more than ``within``."""
        if self.state is not ShareState.REQUESTED or self.requested_on is None:
            return False
        return within.after(self.requested_on) < today

    def send(self, *, on: dt.date, redacted: Tri = Tri.UNKNOWN) -> DocumentShare:
        """Return it as sent."""
        known = redacted if redacted is not Tri.UNKNOWN else self.redacted
        return attrs.evolve(self._step("send"), sent_on=on, redacted=known)

    def receive(self, *, on: dt.date) -> DocumentShare:
        """Return it as received."""
        return attrs.evolve(self._step("receive"), received_on=on)

    def refuse(self, *, on: dt.date, reason: str) -> DocumentShare:
        """Return it as refused, with the reason."""
        return attrs.evolve(self._step("refuse"), refused_on=on, reason=reason)

    def _step(self, verb: str) -> DocumentShare:
        return attrs.evolve(self, state=SHARE_MACHINE.step(self.state, verb, subject=self.id))
