# SPDX-License-Identifier: Apache-2.0
"""What the command line says to people, in French and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from territoire_sante.cli._check_messages import CHECKS
from territoire_sante.cli._cooperation_messages import COOPERATION
from territoire_sante.cli._notice_messages import NOTICES
from territoire_sante.cli._personal_messages import PERSONAL
from territoire_sante.cli._preview_messages import PREVIEW

LANGUAGES: Final = ("fr", "en")

#: key -> (French, English); the two have the same places to fill.
MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    # heads of help pages
    "app": (
        (
            "Tenir un territoire de santé et le synchroniser avec agendas, carnets d'adresses et "
            "panneaux d'information."
        ),
        "Keep a health territory, and sync it with calendars, address books and notice boards.",
    ),
    "codes": (
        (
            "Codes de sortie : 0 fait ; 1 constats ou conflits ; 2 usage ou configuration ; "
            "3 certains éléments ont échoué."
        ),
        (
            "Exit codes: 0 done; 1 findings or conflicts; 2 usage or configuration; "
            "3 some items failed."
        ),
    ),
    "init": (
        "Écrire un territoire.toml commenté.",
        "Write a commented territoire.toml.",
    ),
    "import": ("Enregistrer le contenu de fichiers JSON.", "Store what JSON files hold."),
    "export": (
        "Écrire tout dans un fichier .json ou .jsonl.",
        "Write everything into a .json or .jsonl file.",
    ),
    "find": (
        "Chercher un texte, accents et majuscules indifférents.",
        "Search for a text, whatever its accents and capitals.",
    ),
    "sync": (
        "Synchroniser les liens nommés, ou tous.",
        "Sync the links named, or all of them.",
    ),
    "publish": (
        "Publier les annonces par les liens nommés, ou tous.",
        "Publish announcements through the links named, or all.",
    ),
    "conflicts": (
        "Voir et régler les conflits, et faire revenir ce qui a été supprimé.",
        "See and settle conflicts, and bring back what was deleted.",
    ),
    "conflicts_list": ("Lister les conflits.", "List the conflicts."),
    "conflicts_show": ("Montrer les deux versions.", "Show both versions."),
    "conflicts_resolve": (
        "Choisir la version à garder ; l'autre reste au journal.",
        "Choose the version to keep; the other stays in the journal.",
    ),
    "conflicts_restore": (
        "Remettre la version qui avait été écartée.",
        "Bring back the version that had lost.",
    ),
    "conflicts_deleted": (
        "Lister ce que la synchronisation a supprimé, et jusqu'à quand c'est gardé.",
        "List what syncing deleted, and until when it is kept.",
    ),
    "conflicts_undelete": (
        "Faire revenir ici, et au prochain passage là-bas, ce qui a été supprimé.",
        "Bring back what was deleted, here and at the next run there.",
    ),
    "plugins": (
        "Lister les connecteurs installés, sans en charger aucun.",
        "List the installed connectors without loading any.",
    ),
    "plugins_show": (
        "Montrer un connecteur : options, capacités, limites, version, problèmes.",
        "Show a connector: options, capabilities, limits, version, problems.",
    ),
    "plugins_new": (
        "Écrire une nouvelle extension, dont les tests passent telle quelle.",
        "Write a new plug-in, whose tests pass as it is.",
    ),
    "doctor": (
        "Vérifier la base et chaque lien : ce que sait l'autre côté, ou ce qui est fait sinon.",
        "Look over the store and each link: what the other side can do, or what is done if not.",
    ),
    "formats": (
        "Examiner des fichiers d'agendas et de contacts.",
        "Look into calendar and card files.",
    ),
    "formats_check": (
        "Dire ce qui est lu de chaque fichier, ses problèmes par ligne, et s'il revient intact.",
        "Say what is read of each file, its problems by line, and whether it comes back intact.",
    ),
    # options
    "opt_file": ("Le fichier de configuration.", "The configuration file."),
    "opt_lang": (
        "Langue des textes ; sinon celle de l'environnement.",
        "Language of the texts; otherwise that of the environment.",
    ),
    "opt_debug": (
        "Montrer la trace d'une erreur imprévue.",
        "Show the trace of an unexpected error.",
    ),
    "opt_version": ("Montrer la version et finir.", "Show the version and exit."),
    "opt_help": ("Montrer cette aide et finir.", "Show this message and exit."),
    "opt_json": ("Répondre en JSON.", "Answer in JSON."),
    "opt_near": (
        "Code INSEE d'une commune : d'abord ce qui en est proche.",
        "INSEE code of a commune: what is near to it comes first.",
    ),
    "opt_kind": ("Seulement ce genre (répétable).", "Only this kind (repeatable)."),
    "opt_limit": ("Nombre de réponses au plus.", "How many answers at most."),
    "opt_dry_run": (
        "Montrer ce qui serait fait, sans rien écrire.",
        "Show what would be done, and write nothing.",
    ),
    "opt_confirm": (
        "Empreinte d'un plan dont les nombreuses suppressions sont voulues.",
        "Fingerprint of a plan whose many deletions are meant.",
    ),
    "opt_deadline": (
        "Secondes permises ; ce qui n'est pas commencé alors est remis au prochain passage.",
        "Seconds allowed; what is not begun by then is left to the next run.",
    ),
    "opt_check": (
        "Charger chaque connecteur et dire s'il fonctionne.",
        "Load each connector and say whether it works.",
    ),
    "opt_plugin_kind": (
        "Un connecteur à des documents ou à une interface JSON, ou une règle.",
        "A connector to documents or to a JSON interface, or a rule.",
    ),
    "opt_plugin_folder": (
        "Le dossier à créer ; territoire-sante-NAME sinon.",
        "The folder to be made; else territoire-sante-NAME.",
    ),
    "opt_create": (
        "Créer la collection des liens nommés si elle manque.",
        "Make the collection of the links named if it is missing.",
    ),
    "opt_probe_writes": (
        "Écrire un élément d'essai dans les liens nommés, puis le retirer.",
        "Write a made-up item to the links named, then remove it.",
    ),
    "opt_keep": ("La version à garder.", "The version to keep."),
    "opt_all": ("Aussi ceux qui sont réglés.", "Also those that are settled."),
    # words of the help pages
    "usage": ("Utilisation : ", "Usage: "),
    "Options": ("Options", "Options"),
    "Commands": ("Commandes", "Commands"),
    # heads of columns, and words in them
    "kind": ("Genre", "Kind"),
    "name": ("Nom", "Name"),
    "id": ("Identifiant", "Id"),
    "excerpt": ("Extrait", "Excerpt"),
    "where": ("Où", "Where"),
    "what": ("Quoi", "What"),
    "link": ("Lien", "Link"),
    "option": ("Option", "Option"),
    "type": ("Type", "Type"),
    "default": ("Sinon", "Default"),
    "required": ("obligatoire", "required"),
    "can": ("Capacités : {what}.", "Capabilities: {what}."),
    "limited": ("Limites : {what}.", "Limits: {what}."),
    "fine": ("Aucun problème.", "No problem."),
    "remedy": ("Remède", "Remedy"),
    "plugin_made": (
        "Écrits dans {folder} : {count} fichiers. La suite est dans {readme}.",
        "Written into {folder}: {count} files. What to do next is in {readme}.",
    ),
    "connector": ("Connecteur", "Connector"),
    "distribution": ("Distribution", "Distribution"),
    "version": ("Version", "Version"),
    "state": ("État", "State"),
    "ok": ("bon", "ok"),
    "broken": ("cassé", "broken"),
    "poor": ("à savoir", "note"),
    "fact": ("{what} : {found}", "{what}: {found}"),
    "checked": ("Vérifié", "Checked"),
    # kinds of entities
    "kind_action": ("Action", "Action"),
    "kind_actor": ("Acteur", "Actor"),
    "kind_announcement": ("Annonce", "Announcement"),
    "kind_appointment": ("Fonction", "Appointment"),
    "kind_care_project": ("Projet de santé", "Care project"),
    "kind_channel": ("Canal", "Channel"),
    "kind_cls": ("Contrat local de santé", "Local health contract"),
    "kind_merge": ("Fusion", "Merge"),
    "kind_distinction": ("Distinction", "Distinction"),
    "kind_convention": ("Convention", "Convention"),
    "kind_document": ("Document", "Document"),
    "kind_document_share": ("Partage de document", "Document share"),
    "kind_event": ("Événement", "Event"),
    "kind_lever": ("Levier", "Lever"),
    "kind_lever_awareness": ("Connaissance d'un levier", "Awareness of a lever"),
    "kind_lever_offer": ("Offre de levier", "Lever offer"),
    "kind_lever_request": ("Demande de levier", "Lever request"),
    "kind_liaison": ("Référent", "Liaison"),
    "kind_maturity_review": ("Bilan de maturité", "Maturity review"),
    "kind_mobilisation": ("Mobilisation", "Mobilisation"),
    "kind_opposition": ("Opposition", "Opposition"),
    "kind_peer_exchange": ("Échange entre pairs", "Peer exchange"),
    "kind_person": ("Personne", "Person"),
    "kind_practice": ("Pratique", "Practice"),
    "kind_safeguard_plan": ("Plan de sauvegarde", "Safeguard plan"),
    "kind_statement": ("Parole", "Statement"),
    "kind_support_request": ("Demande d'appui", "Support request"),
    "kind_tension": ("Tension", "Tension"),
    "kind_territory": ("Territoire", "Territory"),
    "kind_workshop": ("Atelier", "Workshop"),
    # answers
    "init_done": (
        "{path} est écrit. Adaptez-le, puis lancez « territoire-sante doctor ».",
        "{path} is written. Adapt it, then run “territoire-sante doctor”.",
    ),
    "init_exists": ("le fichier existe déjà", "the file is there already"),
    "init_remedy": (
        "Nommez-en un autre avec --file, ou supprimez-le",
        "Name another with --file, or remove it",
    ),
    "imported": (
        "Enregistrés : {stored} ; inchangés : {unchanged} ; problèmes : {bad}.",
        "Stored: {stored}; unchanged: {unchanged}; problems: {bad}.",
    ),
    "imported_opposed": (
        "S'est opposé ou a été effacé ici, rien n'en est pris : {ids}.",
        "Objected or was erased here, nothing of them is taken: {ids}.",
    ),
    "exported": ("Écrits dans {path} : {count}.", "Written into {path}: {count}."),
    "found_none": ("Rien ne correspond à « {text} ».", "Nothing matches “{text}”."),
    "found": ("Réponses : {count}", "Answers: {count}"),
    "formats_icalendar": ("agenda", "calendar"),
    "formats_vcard": ("contacts", "cards"),
    "formats_whole": (
        "{path} : {kind} ; éléments lus : {count} ; revient octet pour octet.",
        "{path}: {kind}; items read: {count}; comes back byte for byte.",
    ),
    "formats_changed": (
        "{path} : {kind} ; éléments lus : {count} ; NE REVIENT PAS octet pour octet.",
        "{path}: {kind}; items read: {count}; DOES NOT come back byte for byte.",
    ),
    "formats_refused": ("{path} : illisible : {why}", "{path}: unreadable: {why}"),
    "formats_others": ("  gardés, non lus : {names}", "  kept, not read: {names}"),
    "formats_problem": ("  ligne {line} : {what}", "  line {line}: {what}"),
    "formats_unreadable": (
        "  ligne {line} : {what} (élément illisible : {item})",
        "  line {line}: {what} (item unreadable: {item})",
    ),
    "formats_done": (
        (
            "Fichiers : {files}, dont illisibles : {refused} ; éléments lus : {items}, "
            "illisibles : {unreadable} ; problèmes : {problems}."
        ),
        (
            "Files: {files}, of which unreadable: {refused}; items read: {items}, "
            "unreadable: {unreadable}; problems: {problems}."
        ),
    ),
    "formats_none": (
        "il n'y a ni agenda ni carnet d'adresses",
        "there is no calendar and no address book",
    ),
    "formats_remedy": (
        "Nommez un fichier, ou un dossier qui en a : {suffixes}",
        "Name a file, or a folder that has some: {suffixes}",
    ),
    "no_plugins": (
        "Aucun connecteur n'est installé.",
        "No connector is installed.",
    ),
    "item": ("Élément", "Item"),
    "action": ("Action", "Action"),
    "result": ("Résultat", "Result"),
    "detail": ("Détail", "Detail"),
    "field": ("Champ", "Field"),
    "proposal": ("Proposition", "Proposal"),
    "proposals": (
        "Ce qui ne tient pas dans son canal n'est jamais coupé ; voici ce qui tiendrait :",
        "What does not fit its channel is never cut; this would fit:",
    ),
    "set_aside": ("Mis de côté", "Set aside"),
    "sync_done": (
        (
            "{link} : lus : {read} ; écrits là-bas : {there} ; écrits ici : {here} ; "
            "fusionnés : {merged} ; inchangés : {unchanged}."
        ),
        (
            "{link}: read: {read}; written there: {there}; written here: {here}; "
            "merged: {merged}; unchanged: {unchanged}."
        ),
    ),
    "sync_stopped": (
        "{link} : arrêté avant la fin ({why}) ; remis au prochain passage : {count}.",
        "{link}: stopped before the end ({why}); left to the next run: {count}.",
    ),
    "sync_quiet": (
        "{link} : rien à faire ; inchangés : {unchanged}.",
        "{link}: nothing to do; unchanged: {unchanged}.",
    ),
    "plan_done": (
        (
            "{link} : opérations prévues : {count} ; inchangés : {unchanged} ; rien n'est écrit "
            "(empreinte {fingerprint})."
        ),
        (
            "{link}: operations planned: {count}; unchanged: {unchanged}; nothing is written "
            "(fingerprint {fingerprint})."
        ),
    ),
    "plan_quiet": (
        "{link} : rien à faire ; inchangés : {unchanged}.",
        "{link}: nothing to do; unchanged: {unchanged}.",
    ),
    "plan_blocked": (
        "Suppressions : {count}. Si elles sont voulues, relancez avec --confirm {fingerprint}",
        "Deletions: {count}. If they are meant, run it again with --confirm {fingerprint}",
    ),
    "link_failed": ("{link} : échec.", "{link}: failed."),
    "publish_none": (
        "aucun lien d'annonces ne convient ({link})",
        "no announcement link fits ({link})",
    ),
    "publish_remedy": (
        'Nommez un lien où view = "announcement" et direction = "push"',
        'Name a link with view = "announcement" and direction = "push"',
    ),
    "number": ("N°", "No."),
    "date": ("Date", "Date"),
    "before": ("Avant", "Before"),
    "here": ("Ici", "Here"),
    "there": ("Là-bas", "There"),
    "conflict_open": ("à trancher", "to be decided"),
    "conflict_decided": ("tranché, au prochain passage", "decided, at the next run"),
    "conflict_settled": ("réglé", "settled"),
    "conflicts_none": ("Aucun conflit.", "No conflict."),
    "conflict_head": (
        "Conflit {number} du lien {link} : {title}",
        "Conflict {number} of link {link}: {title}",
    ),
    "conflict_resolved": (
        "Conflit {number} tranché ; le prochain passage de {link} l'applique.",
        "Conflict {number} is decided; the next run of {link} applies it.",
    ),
    "conflict_restored": (
        (
            "Conflit {number} : les valeurs écartées sont remises ; le prochain passage de {link} "
            "les porte là-bas."
        ),
        (
            "Conflict {number}: the values that had lost are back; the next run of {link} "
            "carries them over."
        ),
    ),
    "until": ("Gardé jusqu'au", "Kept until"),
    "deleted_none": ("Rien n'a été supprimé.", "Nothing was deleted."),
    "deleted_local": ("supprimé ici, comme là-bas", "deleted here, as it was there"),
    "deleted_remote": ("supprimé là-bas, comme ici", "deleted there, as it was here"),
    "deleted_restored": ("revenu, au prochain passage", "back, at the next run"),
    "deleted_back": (
        "« {title} » est de retour ; le prochain passage de {link} le porte là-bas.",
        "“{title}” is back; the next run of {link} carries it over.",
    ),
    "no_links": (
        "Rien à synchroniser : {path} n'a pas de table [[link]].",
        "Nothing to sync: {path} has no table [[link]].",
    ),
    "syncing": ("Synchronisation", "Syncing"),
    "importing": ("Lecture", "Reading"),
    "exporting": ("Écriture", "Writing"),
    # errors
    "error": ("Erreur : {what}", "Error: {what}"),
    "error_where": ("  Où : {where}", "  Where: {where}"),
    "error_remedy": ("  Remède : {remedy}", "  Remedy: {remedy}"),
    "unexpected": (
        "erreur imprévue, sans doute une faute du programme : {kind}: {text}",
        "unexpected error, probably a fault of the program: {kind}: {text}",
    ),
    "unexpected_remedy": (
        "Relancez avec --debug et signalez la trace",
        "Run it again with --debug and report the trace",
    ),
    "unwritable": (
        "la réponse n'a pas pu être écrite ({text})",
        "the answer could not be written ({text})",
    ),
    "unwritable_where": ("la sortie standard", "the standard output"),
    "unwritable_remedy": (
        "Faites de la place ou dirigez-la ailleurs ; ce qui a été fait reste fait",
        "Make room or send it elsewhere; what was done stays done",
    ),
    "interrupted": ("interrompu", "interrupted"),
    # the doctor
    "store": ("base", "store"),
    "doctor_items": ("répond ; éléments : {count}", "answers; items: {count}"),
    "examining": ("Vérification", "Looking"),
    "doctor_good": ("Tout va bien.", "All is well."),
    "doctor_bad": ("Constats : {count}.", "Findings: {count}."),
    **PREVIEW,
    **NOTICES,
    **CHECKS,
    **COOPERATION,
    **PERSONAL,
}


@attrs.frozen
class Texts:
    """
    The messages of one language.

    >>> Texts("fr")("exported", count=2, path="x.json")
    'Écrits dans x.json : 2.'
    """

    language: str

    def __call__(self, key: str, **values: object) -> str:
        """Return the message ``key`` with its places filled."""
        return MESSAGES[key][LANGUAGES.index(self.language)].format(**values)


def choose_language(arguments: list[str], environment: Mapping[str, str]) -> str:
    """
    Return the language of ``--lang``, else of the environment; French only if it says so.

    >>> choose_language(["sync"], {"LANG": "fr_FR.UTF-8"})
    'fr'
    >>> choose_language(["--lang", "en", "sync"], {"LANG": "fr_FR.UTF-8"})
    'en'
    """
    for position, argument in enumerate(arguments):
        value = argument.partition("=")[2]
        if argument == "--lang":
            value = "".join(arguments[position + 1 : position + 2])
        if argument.startswith("--lang") and value in LANGUAGES:
            return value
    spoken = next(
        (environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)),
        "",
    )
    return "fr" if spoken.lower().startswith("fr") else "en"
