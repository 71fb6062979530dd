# SPDX-License-Identifier: Apache-2.0
"""What the command line says of duplicates and of personal data, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: key -> (French, English), as in :data:`territoire_sante.cli._messages.MESSAGES`.
PERSONAL: Final[Mapping[str, tuple[str, str]]] = {
    "opt_export_format": (
        "Un format pour d'autres ; sinon tout, en JSON, d'après le nom du fichier.",
        "A format for others; else everything, in JSON, after the name of the file.",
    ),
    "opt_audience": (
        "Pour qui : seul ce que ce public peut voir est écrit (avec --format).",
        "For whom: only what this audience may see is written (with --format).",
    ),
    "export_kind_and_format": (
        "--kind et --format ne vont pas ensemble",
        "--kind and --format do not go together",
    ),
    "export_kind_remedy": ("Choisissez l'un ou l'autre", "Choose one of them"),
    "handed_out": (
        "Écrits pour {audience} : {count}, dans {path}.",
        "Written for {audience}: {count}, in {path}.",
    ),
    "duplicates": (
        "Chercher les fiches qui n'en font qu'une, et les fusionner quand on le décide.",
        "Find records that are one, and merge them when somebody decides so.",
    ),
    "duplicates_list": ("Lister les doublons possibles.", "List what may be duplicates."),
    "duplicates_merge": (
        "Fusionner la seconde fiche dans la première ; cela peut être défait.",
        "Merge the second record into the first; that can be undone.",
    ),
    "duplicates_undo": ("Défaire une fusion.", "Undo a merge."),
    "duplicates_distinct": (
        "Noter que deux fiches sont bien deux ; elles ne sont plus montrées.",
        "Note that two records are two; they are not shown again.",
    ),
    "opt_take": (
        "Prendre ce champ de la fiche qui disparaît (répétable).",
        "Take this field from the record that goes (repeatable).",
    ),
    "opt_reason": ("Pourquoi.", "Why."),
    "opt_threshold": ("Score à partir duquel montrer.", "Score from which a pair is shown."),
    "score": ("Score", "Score"),
    "first": ("Première", "First"),
    "second": ("Seconde", "Second"),
    "reasons": ("Raisons", "Reasons"),
    "stays": ("Reste", "Stays"),
    "goes": ("Disparaît", "Goes"),
    "why": ("Pourquoi", "Why"),
    "duplicates_count": (
        "Paires : {count} ; déjà dites distinctes : {refused}.",
        "Pairs: {count}; said to be two: {refused}.",
    ),
    "merge_told": (
        "Fiches qui nommeront l'autre : {count} ; liens concernés : {links}.",
        "Records that will name the other: {count}; links concerned: {links}.",
    ),
    "merge_done": ("Fusion faite : {id}.", "Merged: {id}."),
    "undo_done": ("Fiches rétablies : {count}.", "Records restored: {count}."),
    "distinct_done": ("Noté : {id}.", "Noted: {id}."),
    "privacy": (
        "Répondre aux personnes : accès, opposition, effacement, fin de conservation.",
        "Answer persons: access, objection, erasure, end of keeping.",
    ),
    "privacy_access": (
        "Écrire dans un dossier tout ce qui est su d'une personne (RGPD, art. 15).",
        "Write into a folder all that is known of a person (GDPR, art. 15).",
    ),
    "privacy_object": (
        "Noter qu'une personne s'oppose à figurer (RGPD, art. 21).",
        "Note that a person objects to being listed (GDPR, art. 21).",
    ),
    "privacy_erase": (
        "Effacer une personne, aussi du passé (RGPD, art. 17).",
        "Erase a person, also from the past (GDPR, art. 17).",
    ),
    "privacy_retention": (
        "Lister ce qui ne doit plus être gardé ; l'anonymiser avec --apply.",
        "List what must not be kept any longer; anonymise it with --apply.",
    ),
    "opt_yes": ("C'est voulu : cela ne se défait pas.", "It is meant: there is no way back."),
    "opt_apply": ("Anonymiser ce qui est listé.", "Anonymise what is listed."),
    "privacy_sure": ("cela ne se défait pas", "there is no way back from this"),
    "privacy_sure_remedy": ("Ajoutez --yes si c'est voulu", "Add --yes if it is meant"),
    "privacy_written": ("Écrit : {paths}.", "Written: {paths}."),
    "privacy_objected": (
        "Opposition notée ; adresses reconnues désormais : {count}.",
        "Objection noted; addresses that are recognised from now on: {count}.",
    ),
    "privacy_no_key": (
        "Sans clé dans [privacy], ses adresses ne seront pas reconnues si elles reviennent.",
        "Without a key in [privacy], the addresses are not recognised when they come back.",
    ),
    "privacy_nobody": (
        "personne n'est enregistré sous cet identifiant, ou n'y est plus",
        "nobody is stored under this id, or not any more",
    ),
    "privacy_nobody_remedy": (
        "Cherchez l'identifiant par le nom : territoire-sante find",
        "Look the id up by the name: territoire-sante find",
    ),
    "privacy_erased": ("Effacé ; fiches changées : {count}.", "Erased; records changed: {count}."),
    "privacy_links": (
        (
            "Ces liens en gardent une copie jusqu'à leur prochain passage, et dans un conflit "
            "jusqu'à ce qu'il soit tranché : {names}."
        ),
        (
            "These links hold a copy until their next run, and in a conflict until it is decided: "
            "{names}."
        ),
    ),
    "privacy_dropped": (
        (
            "Oublié aussi par des liens qui ne sont plus configurés (rien n'a été supprimé "
            "là-bas) : {names}."
        ),
        "Forgotten also by links that are configured no more (nothing was deleted there): {names}.",
    ),
    "privacy_to_check": (
        "À regarder, le nom y figure encore : {ids}.",
        "To be looked at, the name still stands there: {ids}.",
    ),
    "ground": ("Fondement", "Ground"),
    "retention_count": ("À ne plus garder : {count}.", "Not to be kept any longer: {count}."),
    "retention_done": ("Anonymisés : {count}.", "Anonymised: {count}."),
}
