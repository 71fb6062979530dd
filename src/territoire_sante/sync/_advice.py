# SPDX-License-Identifier: Apache-2.0
"""
What a person has to do about an error, by its class: who, and what.

The sentences are for the secretary of a town hall. They name no word of a vendor and no code of
a protocol; those stay in the detail of the error.
"""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from territoire_sante.errors import (
    AuthError,
    CollectionGoneError,
    ConfigError,
    ConnectorCrashedError,
    InputError,
    ItemRefusedError,
    LinkBusyError,
    NeedsPersonError,
    OtherHostError,
    OutcomeUnknownError,
    PluginError,
    ProtocolError,
    ReadOnlyError,
    RetryableError,
    StoreError,
    UnreachableError,
)
from territoire_sante.plugins import Words

_PARIS: Final = "Europe/Paris"

#: The first class that an error is of counts.
_ADVICE: Final[tuple[tuple[type[Exception], Words], ...]] = (
    (
        NeedsPersonError,
        Words(
            "Ce canal ne sait pas le faire seul : suivez le texte donné ci-dessous, puis notez-le "
            "avec « announcements done »",
            "This channel cannot do it by itself: follow the text given below, then note it with "
            '"announcements done"',
        ),
    ),
    (
        ItemRefusedError,
        Words(
            "Le canal refuse cette annonce telle qu'elle est : corrigez-la (titre, texte, dates ou "
            "pièces jointes), puis publiez à nouveau",
            "The channel refuses this notice as it is: correct it (title, text, dates or files), "
            "then publish again",
        ),
    ),
    (
        ReadOnlyError,
        Words(
            "Le compte n'a pas le droit d'écrire : demandez ce droit à qui administre le canal",
            "The account may not write: ask whoever runs the channel for that right",
        ),
    ),
    (
        AuthError,
        Words(
            "L'accès est refusé : la clé ou le mot de passe n'est plus valable. Demandez-en un "
            "nouveau à qui administre le canal, et faites-le noter dans la configuration",
            "Access is refused: the key or password is no longer valid. Ask whoever runs the "
            "channel for a new one, and have it put into the configuration",
        ),
    ),
    (
        UnreachableError,
        Words(
            "Le canal ne répond pas : rien à corriger dans l'annonce. Publiez à nouveau plus "
            "tard ; si cela dure un jour, prévenez l'informaticien",
            "The channel does not answer: nothing is wrong with the notice. Publish again later; "
            "if it lasts for a day, tell the technician",
        ),
    ),
    (
        RetryableError,
        Words(
            "Le canal demande de patienter : rien à corriger. Publiez à nouveau plus tard",
            "The channel asks for patience: nothing to correct. Publish again later",
        ),
    ),
    (
        OutcomeUnknownError,
        Words(
            "La réponse du canal s'est perdue : on ne sait pas si l'annonce est passée. Publiez à "
            "nouveau, cela ne l'affichera pas deux fois",
            "The channel's answer was lost: whether the notice arrived is not known. Publish "
            "again; that will not show it twice",
        ),
    ),
    (
        OtherHostError,
        Words(
            "Le canal renvoie vers une autre adresse : par prudence rien n'y a été envoyé. "
            "Prévenez l'informaticien",
            "The channel points to another address: to be safe, nothing was sent there. Tell the "
            "technician",
        ),
    ),
    (
        ProtocolError,
        Words(
            "Le canal a répondu autre chose que prévu, par exemple une page de maintenance. "
            "Publiez à nouveau plus tard ; si cela dure un jour, prévenez l'informaticien",
            "The channel answered something unexpected, such as a maintenance page. Publish again "
            "later; if it lasts for a day, tell the technician",
        ),
    ),
    (
        CollectionGoneError,
        Words(
            "L'espace de publication n'existe plus à cette adresse : demandez à qui administre le "
            "canal s'il a été déplacé ou supprimé",
            "The place to publish to is no longer at this address: ask whoever runs the channel "
            "whether it was moved or removed",
        ),
    ),
    (
        ConnectorCrashedError,
        Words(
            "Le module de ce canal est en défaut : prévenez l'informaticien",
            "The module for this channel is faulty: tell the technician",
        ),
    ),
    (
        PluginError,
        Words(
            "Le module de ce canal manque ou ne convient pas : prévenez l'informaticien",
            "The module for this channel is missing or does not fit: tell the technician",
        ),
    ),
    (
        ConfigError,
        Words(
            "Le canal est mal configuré : prévenez l'informaticien",
            "The channel is configured wrongly: tell the technician",
        ),
    ),
    (
        LinkBusyError,
        Words(
            "Une autre publication est en cours sur ce canal : attendez qu'elle finisse",
            "Another run is publishing to this channel: wait until it ends",
        ),
    ),
    (
        InputError,
        Words(
            "Cette annonce ne peut pas être écrite pour ce canal : corrigez-la",
            "This notice cannot be written for this channel: correct it",
        ),
    ),
    (
        StoreError,
        Words(
            "La base de données ne répond pas comme il faut : prévenez l'informaticien",
            "The database does not answer as it should: tell the technician",
        ),
    ),
)

_OTHERWISE: Final = Words(
    "L'envoi n'a pas eu lieu : publiez à nouveau ; si cela dure, prévenez l'informaticien",
    "It was not sent: publish again; if it lasts, tell the technician",
)

#: Of these a connector knows more: who renews which key where, and which part is wrong.
_EXPLAINED: Final = (AuthError, ItemRefusedError)
_BOTH: Final = " / "

#: What does not pass by itself: somebody has to act before it can work again.
_LASTING: Final = (
    ItemRefusedError,
    AuthError,
    CollectionGoneError,
    ConnectorCrashedError,
    PluginError,
    ConfigError,
    InputError,
)


def advice_on(error: Exception | None, *, retry_at: dt.datetime | None = None) -> Words:
    """
    Return who has to do what about an error, in French and in English.

    ``retry_at`` is when it may be tried again; it is told on the clock of Paris. Of a refusal, what
    the connector advises is told too if it does so in both languages, "French / English".

    >>> advice_on(AuthError("401")).fr[:20]
    "L'accès est refusé :"
    """
    words = next((w for cls, w in _ADVICE if isinstance(error, cls)), _OTHERWISE)
    if isinstance(error, _EXPLAINED):
        words = _explained(words, error.remedy)
    if retry_at is None:
        return words
    when = in_paris(retry_at + dt.timedelta(seconds=59))
    return Words(
        f"{words.fr}, à partir du {when:%d/%m/%Y à %H:%M}",
        f"{words.en}, from {when:%Y-%m-%d %H:%M} (Paris) on",
    )


def _explained(words: Words, remedy: str) -> Words:
    french, *english = remedy.split(_BOTH)
    if len(english) != 1:
        return words
    return Words(f"{words.fr}. {french.strip()}", f"{words.en}. {english[0].strip()}")


def in_paris(moment: dt.datetime) -> dt.datetime:
    """Return a time as people in France read it."""
    return moment.astimezone(ZoneInfo(_PARIS))


def is_lasting(error: Exception) -> bool:
    """Say whether an error stays until somebody acts, so that another channel is to take over."""
    return isinstance(error, _LASTING)
