# SPDX-License-Identifier: Apache-2.0
"""What is said of a server to the person who set it up, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.plugins import Fact, Words

_WHAT: Final[Mapping[str, Words]] = {
    "address": Words("adresse", "address"),
    "title": Words("titre", "title"),
    "server": Words("serveur", "server"),
    "protocol": Words("protocole", "protocol"),
    "encryption": Words("chiffrement", "encryption"),
    "changes": Words("changements", "changes"),
    "tokens": Words("jetons inconnus", "unknown tokens"),
    "etags": Words("versions (ETag)", "versions (ETags)"),
    "bulk": Words("lecture groupée", "reading many"),
    "preconditions": Words("écritures conditionnelles", "conditional writes"),
    "writing": Words("droit d'écrire", "right to write"),
    "size": Words("taille d'un élément", "size of an item"),
    "components": Words("contenu", "components"),
    "versions": Words("versions de vCard", "vCard versions"),
    "scheduling": Words("invitations", "invitations"),
    "probe": Words("essai d'écriture", "test of writing"),
    "naming": Words("nom d'un élément", "name of an item"),
    "written-version": Words("version d'un élément écrit", "version of a written item"),
    "create-twice": Words("création d'un nom déjà pris", "creating a name that is taken"),
    "replace-stale": Words("remplacement d'une version passée", "replacing a past version"),
    "delete-stale": Words("suppression d'une version passée", "deleting a past version"),
    "content": Words("contenu relu", "content read back"),
    "removed": Words("élément d'essai", "made-up item"),
}


@attrs.frozen
class _Said:
    """What was found, and what is done about it; ``good`` where nothing is missing."""

    fr: str
    en: str
    then_fr: str = ""
    then_en: str = ""
    good: bool = True


_LOOKED = (
    "rien : chaque élément est regardé juste avant",
    "nothing: each item is looked at right before",
)
_CARDS = (
    "une fiche garde sa version ; les nouvelles sont en {new} (vcard_version)",
    "a card keeps its version; new ones are {new} (vcard_version)",
)
_CAREFUL = (
    "mettre careful = true dans le lien : chaque élément est alors regardé juste avant",
    "set careful = true in the link: each item is then looked at right before",
)

_SAID: Final[Mapping[tuple[str, str], _Said]] = {
    ("address", "found"): _Said("{text}", "{text}"),
    ("address", "made"): _Said(
        "{text}", "{text}",
        "elle manquait et vient d'être créée", "it was missing and has been made",
    ),
    ("title", "told"): _Said("{text}", "{text}"),
    ("title", "none"): _Said("(aucun)", "(none)"),
    ("server", "known"): _Said("{text}", "{text}"),
    ("server", "unknown"): _Said(
        "non reconnu ({text})",
        "not recognised ({text})",
        "on le suppose conforme, et ce qu'il montre d'autre vaut tant que le lien est ouvert",
        "it is taken to keep the standards; what it shows else counts while the link is open",
    ),
    ("protocol", "announced"): _Said("annoncé ({text})", "announced ({text})"),
    ("protocol", "not announced"): _Said(
        "pas annoncé ({text})", "not announced ({text})",
        "la collection répond quand même comme il faut",
        "the collection answers properly all the same",
        good=False,
    ),
    ("encryption", "yes"): _Said("oui", "yes"),
    ("encryption", "no"): _Said(
        "non : mot de passe et données peuvent être lus en chemin",
        "no: password and data can be read on the way",
        "donner une adresse en https", "give an https address", good=False,
    ),
    ("encryption", "local"): _Said(
        "non, et rien ne quitte cette machine", "no, and nothing leaves this machine"
    ),
    ("changes", "sync-collection"): _Said(
        "dits par le serveur (sync-collection)", "told by the server (sync-collection)"
    ),
    ("changes", "getctag"): _Said(
        "il dit seulement s'il y en a (getctag)", "it tells only whether there are any (getctag)",
        "s'il y en a, tout est listé et comparé", "if there are, everything is listed and compared",
        good=False,
    ),
    ("changes", "listing"): _Said(
        "le serveur ne les dit pas", "the server does not tell them",
        "tout est listé et comparé à chaque passage",
        "everything is listed and compared at each run", good=False,
    ),
    ("tokens", "refused"): _Said("refusés, comme il se doit", "refused, as they should be"),
    ("tokens", "accepted"): _Said(
        "acceptés : un serveur rétabli d'une sauvegarde passerait inaperçu",
        "accepted: a server restored from a backup would go unnoticed",
        "mettre trust_tokens = false dans le lien ; sinon seule la comparaison complète "
        "(24 h ou 20 passages) le voit",
        "set trust_tokens = false in the link; otherwise only the full comparison "
        "(24 hours or 20 runs) sees it",
        good=False,
    ),
    ("tokens", "known"): _Said(
        "acceptés, comme on le sait de ce serveur", "accepted, as is known of this server",
        "la comparaison complète (24 h ou 20 passages) voit ce qui manquerait",
        "the full comparison (24 hours or 20 runs) sees what might be missing", good=False,
    ),
    ("tokens", "distrusted"): _Said(
        "acceptés par ce serveur, ou écartés par le lien",
        "accepted by this server, or ruled out by the link",
        "ses jetons ne servent pas : getctag ou la liste complète",
        "its tokens are not used: getctag or the full listing instead", good=False,
    ),
    ("tokens", "unclear"): _Said(
        "pas de réponse claire", "no clear answer",
        "tout ce qui n'est pas une liste de changements vaut refus : tout est listé",
        "whatever is no list of changes counts as a refusal: everything is listed", good=False,
    ),
    ("etags", "strong"): _Said("fortes ({text})", "strong ({text})"),
    ("etags", "weak"): _Said(
        "faibles ou absentes ({text})", "weak or missing ({text})",
        "chaque élément est relu et comparé juste avant d'être écrit ; le temps d'une requête, "
        "un autre peut encore s'y glisser",
        "each item is read and compared right before it is written; for one request, another "
        "client can still slip in", good=False,
    ),
    ("etags", "untried"): _Said("pas encore d'élément à regarder", "no item to look at yet"),
    ("bulk", "works"): _Said("par multiget", "by multiget"),
    ("bulk", "silent"): _Said(
        "multiget tait ce qui manque", "multiget leaves out what is missing",
        "ce qui n'est pas répondu est demandé seul", "what is not answered is asked for alone",
        good=False,
    ),
    ("bulk", "fails"): _Said(
        "multiget échoue", "multiget fails",
        "par moitiés, puis un par un (GET)", "in halves, then one by one (GET)", good=False,
    ),
    ("bulk", "untried"): _Said("pas encore d'élément à lire", "no item to read yet"),
    ("preconditions", "relied on"): _Said(
        "toujours envoyées, on compte sur le serveur", "always sent, the server is relied on",
        "--probe-writes l'essaie pour de bon", "--probe-writes tries it for real",
    ),
    ("preconditions", "tried"): _Said(
        "toujours envoyées, essai ci-dessous", "always sent, tried below"
    ),
    ("preconditions", "ignored"): _Said(
        "ce serveur en ignore, ou le lien dit careful", "this server ignores some, or the link "
        "says careful", *_LOOKED, good=False,
    ),
    ("writing", "allowed"): _Said("oui", "yes"),
    ("writing", "not allowed"): _Said(
        "non : ce compte peut seulement lire", "no: this account may only read",
        "le lien lit ; les écritures sont refusées sans être envoyées",
        "the link reads; writes are refused without being sent", good=False,
    ),
    ("writing", "not told"): _Said(
        "le serveur ne le dit pas", "the server does not tell",
        "un refus (403) l'apprend, et le lien continue de lire",
        "a refusal (403) will show, and the link goes on reading",
    ),
    ("size", "told"): _Said(
        "{text} octets au plus", "{text} bytes at most",
        "un élément plus grand est refusé ici, sans être envoyé",
        "a larger item is refused here, without being sent",
    ),
    ("size", "not told"): _Said(
        "le serveur ne le dit pas", "the server does not tell",
        "un refus (413, 507) met l'élément de côté", "a refusal (413, 507) sets the item aside",
    ),
    ("components", "told"): _Said("{text}", "{text}"),
    ("components", "not told"): _Said("le serveur ne le dit pas", "the server does not tell"),
    ("components", "no events"): _Said(
        "{text} : pas d'événements", "{text}: no events",
        "rien n'y est écrit ; choisir un autre agenda",
        "nothing is written to it; choose another calendar", good=False,
    ),
    ("versions", "told"): _Said("{text}", "{text}", *_CARDS),
    ("versions", "not told"): _Said(
        "le serveur ne le dit pas", "the server does not tell", *_CARDS
    ),
    ("versions", "not offered"): _Said(
        "{text}, pas {new}", "{text}, not {new}",
        "les nouvelles fiches sont en {new} : le serveur les convertira peut-être, avec perte",
        "new cards are {new}: the server may convert them, and lose something", good=False,
    ),
    ("scheduling", "yes"): _Said(
        "le serveur écrit lui-même aux invités", "the server itself writes to attendees",
        "aucun participant n'est écrit sans qu'on le demande",
        "no attendee is written unless asked for",
    ),
    ("scheduling", "no"): _Said("le serveur n'en envoie pas", "the server sends none"),
    ("probe", "done"): _Said("fait", "done"),
    ("probe", "refused"): _Said(
        "un élément d'essai est refusé ({text})", "a made-up item is refused ({text})",
        "ce que le lien voudra écrire le sera sans doute aussi",
        "what the link wants to write probably will be, too", good=False,
    ),
    ("probe", "not allowed"): _Said(
        "pas fait : ce compte peut seulement lire", "not done: this account may only read"
    ),
    ("naming", "kept"): _Said("celui qui est demandé", "the one that is asked for"),
    ("naming", "changed"): _Said(
        "choisi par le serveur", "chosen by the server",
        "un élément est reconnu par Location, ou par son UID",
        "an item is recognised by Location, or by its UID",
    ),
    ("written-version", "told"): _Said("dite avec la réponse", "told by the answer"),
    ("written-version", "asked"): _Said(
        "pas dite avec la réponse", "not told by the answer",
        "elle est demandée après chaque écriture", "it is asked for after each write",
    ),
    ("written-version", "weak"): _Said(
        "faible ou absente", "weak or missing",
        "chaque élément est relu et comparé juste avant d'être écrit",
        "each item is read and compared right before it is written", good=False,
    ),
    ("create-twice", "refused"): _Said("refusée (412)", "refused (412)"),
    ("create-twice", "ignored"): _Said(
        "If-None-Match est ignoré : écrasé ({text})",
        "If-None-Match is ignored: overwritten ({text})",
        *_CAREFUL, good=False,
    ),
    ("replace-stale", "refused"): _Said("refusé (412)", "refused (412)"),
    ("replace-stale", "ignored"): _Said(
        "If-Match est ignoré : écrasé ({text})", "If-Match is ignored: overwritten ({text})",
        'mettre direction = "pull" : rien ne protège ici les changements des autres',
        'set direction = "pull": nothing here protects the edits of others', good=False,
    ),
    ("delete-stale", "refused"): _Said("refusée (412)", "refused (412)"),
    ("delete-stale", "ignored"): _Said(
        "If-Match est ignoré : supprimé ({text})", "If-Match is ignored: deleted ({text})",
        *_CAREFUL, good=False,
    ),
    ("content", "same"): _Said("tel qu'envoyé", "as it was sent"),
    ("content", "rewritten"): _Said(
        "réécrit par le serveur", "rewritten by the server",
        "chaque écriture est relue : sa forme à lui n'est pas prise pour un changement",
        "each write is read back: its own form is not taken for an edit",
    ),
    ("content", "dropped"): _Said(
        "réécrit, et une propriété X- en est perdue", "rewritten, and an X- property is lost",
        "ce qui manque à la relecture n'efface rien ici",
        "what is missing in the read-back erases nothing here", good=False,
    ),
    ("content", "unread"): _Said(
        "il ne se relit pas ({text})", "it cannot be read back ({text})", good=False
    ),
    ("removed", "yes"): _Said("retiré", "removed"),
    ("removed", "no"): _Said(
        "pas retiré : {text}", "not removed: {text}",
        "le supprimer à la main", "delete it by hand", good=False,
    ),
}  # fmt: skip


def fact(key: str, value: str, text: object = "", new: object = "") -> Fact:
    """
    Return what is said of ``key`` when it is found to be ``value``.

    >>> fact("size", "told", 1000).found.text("en")
    '1000 bytes at most'
    """

    def filled(said: str) -> str:
        return said.replace("{text}", str(text)).replace("{new}", str(new))

    said = _SAID[key, value]
    return Fact(
        key=key,
        value=value,
        what=_WHAT[key],
        found=Words(filled(said.fr), filled(said.en)),
        handling=Words(filled(said.then_fr), filled(said.then_en)),
        good=said.good,
    )
