# SPDX-License-Identifier: Apache-2.0
"""
From an empty folder to a territory synced with a calendar, an address book and a notice board.

Run it with ``make demo``. It needs no network: a real Radicale and a stand-in for PanneauPocket
run on this machine and keep their data in ``demo-output/``. Run it again: nothing moves.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import locale
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import attrs
from rich.console import Console
from rich.table import Table

from territoire_sante import Workspace
from territoire_sante.model import Announcement, Contact, Event
from territoire_sante.plugins import guarded, open_transport, structure_config
from territoire_sante.serialization import view_from_plain
from territoire_sante.sync import Action, Outcome, Report
from territoire_sante.testing.panneaupocket import PanneauPocketServer
from territoire_sante.testing.radicale import RadicaleServer

DATA = Path(__file__).parent / "data"
FILES = [DATA / name for name in ("territory.json", "cooperation.jsonl", "workshop.json")]

MEETING = "event:soiree-msp-elus"
COORDINATOR = "Inès Maquette"
NEW_NUMBER = "04 65 71 10 99"
LONG_TITLE = "announcement:depistages"

#: When the story takes place: notices go out from their first day on, and not after the last.
DAY = dt.datetime(2027, 5, 20, 9, tzinfo=dt.UTC)

CONFIGURATION = """\
[store]
url = "sqlite:///territoire.db"

[[link]]
name = "agenda"
connector = "caldav"
view = "event"
direction = "both"
conflict = "ask"
[link.config]
url = "{calendar}"
username = "territoire"
password = {{ "$env" = "DEMO_PASSWORD" }}

[[link]]
name = "contacts"
connector = "carddav"
view = "contact"
direction = "both"
conflict = "ask"
[link.config]
url = "{cards}"
username = "territoire"
password = {{ "$env" = "DEMO_PASSWORD" }}

[[link]]
name = "panneaupocket"
connector = "panneaupocket"
view = "announcement"
direction = "push"
[link.config]
base_url = "{board}"
token = {{ "$env" = "DEMO_TOKEN" }}

[[link]]
name = "flux"
connector = "feed"
view = "announcement"
direction = "push"
[link.config]
path = "annonces.atom"
create = true
title = "Annonces de la MSP"
site_url = "https://msp.example.org/"

[[link]]
name = "fichier-agenda"
connector = "ics"
view = "event"
direction = "push"
audience = "public"
[link.config]
path = "agenda-public.ics"
create = true

[[link]]
name = "fichier-contacts"
connector = "vcf"
view = "contact"
direction = "push"
[link.config]
path = "annuaire.vcf"
create = true
"""

TEXTS = {
    "loaded": (
        "Territoire chargé : {count} fiches de {files} fichiers.",
        "Territory loaded: {count} records from {files} files.",
    ),
    "kept": (
        "Le territoire est déjà là ({count} fiches) : rien n'est rechargé.",
        "The territory is there already ({count} records): nothing is loaded again.",
    ),
    "find": ("Recherche « barnum » près de {commune} :", "Search for “barnum” near {commune}:"),
    "first": ("Première synchronisation", "First sync"),
    "elsewhere": (
        "Là-bas quelqu'un change le lieu de la soirée et un téléphone ; ici, on change son titre.",
        "There somebody changes the evening's place and a phone; here its title is changed.",
    ),
    "second": ("Synchronisation des deux côtés", "Sync of both sides"),
    "merged": ("Fusion : {summary} — {location}", "Merged: {summary} — {location}"),
    "phone": ("Téléphone reçu : {name}, {value}", "Phone received: {name}, {value}"),
    "refused": ("Refusé, jamais coupé : {reason}", "Refused, never cut: {reason}"),
    "proposal": ("Proposition : {title}", "Proposal: {title}"),
    "accepted": (
        "Une personne accepte ce titre court pour le canal.",
        "A person accepts this short title for the channel.",
    ),
    "last": ("Dernière synchronisation", "Last sync"),
    "quiet": ("Rien à faire : tout est à jour.", "Nothing to do: everything is up to date."),
    "same": (
        "Les serveurs sont inchangés : {count} fichiers, octet pour octet.",
        "The servers are unchanged: {count} files, byte for byte.",
    ),
    "files": ("Fichiers écrits dans {folder} :", "Files written to {folder}:"),
    "again": (
        "Relancez `make demo` : rien ne bougera.",
        "Run `make demo` again: nothing will move.",
    ),
    "summary": ("Bilan", "Summary"),
}

COLUMNS = {
    "fr": ("lien", "lus", "écrits là-bas", "écrits ici", "fusionnés", "refusés", "inchangés"),
    "en": ("link", "read", "written there", "written here", "merged", "refused", "unchanged"),
}


@attrs.define
class Story:
    """The demonstration: where it happens, in which language, and every report so far."""

    console: Console
    language: str
    workspace: Workspace
    reports: list[Report] = attrs.field(factory=list)

    def say(self, key: str, **values: object) -> None:
        """Print one of the texts."""
        text = TEXTS[key][0 if self.language == "fr" else 1]
        self.console.print(text.format(**values), highlight=False)

    def heading(self, key: str) -> None:
        """Print a heading."""
        self.console.rule(TEXTS[key][0 if self.language == "fr" else 1])

    def sync(self) -> list[Report]:
        """Sync every link and show what happened, link by link."""
        reports = self.workspace.sync(now=DAY)
        self.reports += reports
        self.table(reports)
        return reports

    def table(self, reports: Iterable[Report]) -> None:
        """Show the figures of some runs."""
        table = Table(*COLUMNS[self.language])
        for report in reports:
            refused = report.counts()[Outcome.REFUSED.value]
            figures = (report.read, report.remote_writes, report.local_writes, report.merged)
            table.add_row(report.link, *map(str, (*figures, refused, report.unchanged)))
        self.console.print(table)


def load(story: Story) -> None:
    """Import the example data, unless an earlier run did."""
    store = story.workspace.store
    known = {change.id for change in store.changes(0)}
    if known:
        story.say("kept", count=len(known))
    else:
        imported = story.workspace.import_files(FILES)
        story.say("loaded", count=imported.stored, files=len(FILES))
    story.say("find", commune="La Canourgue (48034)")
    for hit in story.workspace.find("barnum", near="48034", limit=3):
        story.console.print(f"  • {hit.entity.id} — {hit.excerpt}", highlight=False)


def as_somebody_else(
    workspace: Workspace,
    link_name: str,
    chosen: Callable[[Any], bool],
    change: Callable[[Any], Any],
) -> None:
    """Edit one item on the server, as another program would, through the same connector."""
    link = workspace.link(link_name)
    spec = workspace.catalog.get(link.connector)
    config = structure_config(spec, link.config, base=link.base)
    lens = spec.lens_for(config)
    with open_transport(spec, config) as transport:
        hrefs = [ref.href for ref in transport.list()]
        for answer in guarded(spec.name, lambda: transport.read(hrefs)):
            view = lens.get(answer.document)
            if chosen(view):
                transport.replace(answer.ref, lens.put(change(view), answer.document))


def edit_both_sides(story: Story) -> None:
    """Change the place of a meeting and a number on the server, the meeting's title here."""
    store = story.workspace.store
    meeting = store.get(Event, MEETING)

    def moved(event: Event) -> Event:
        return attrs.evolve(event, location="Foyer rural, La Canourgue")

    def renumbered(contact: Contact) -> Contact:
        first, *rest = contact.telephones
        return attrs.evolve(contact, telephones=(attrs.evolve(first, value=NEW_NUMBER), *rest))

    as_somebody_else(
        story.workspace, "agenda", lambda event: event.summary == meeting.summary, moved
    )
    as_somebody_else(
        story.workspace, "contacts", lambda card: card.formatted_name == COORDINATOR, renumbered
    )
    store.put(attrs.evolve(meeting, summary="Soirée MSP–élus : qui fait quoi ?"))
    story.say("elsewhere")


def show_merged(story: Story) -> None:
    """Show that both edits are there, on this side."""
    store = story.workspace.store
    meeting = store.get(Event, MEETING)
    story.say("merged", summary=meeting.summary, location=meeting.location)
    if story.workspace.find(NEW_NUMBER, limit=1):
        story.say("phone", name=COORDINATOR, value=NEW_NUMBER)


def accept_proposal(story: Story, reports: Iterable[Report]) -> None:
    """Show what a channel refused and why, and take its proposal as a person would."""
    for entry in (entry for report in reports for entry in report.entries):
        if entry.action is not Action.REFUSE or entry.proposal is None:
            continue
        proposal = view_from_plain(Announcement, entry.proposal)
        story.say("refused", reason=f"{entry.title} — {entry.why(story.language)}")
        story.say("proposal", title=proposal.title)
        store = story.workspace.store
        announcement = store.get(Announcement, LONG_TITLE)
        store.put(attrs.evolve(announcement, title_short=proposal.title))
        story.say("accepted")


def fingerprint(folder: Path) -> dict[str, str]:
    """Return the hash of every file that the servers keep, without their logs and caches."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".Radicale" not in str(path) and path.suffix != ".log"
    }


def tell(story: Story, output: Path, *, first: bool) -> None:
    """Go through the whole story; a later run only sees that nothing has to be done."""
    before = fingerprint(output / "servers")
    load(story)
    story.heading("first" if first else "last")
    reports = story.sync()
    if first:
        edit_both_sides(story)
        story.heading("second")
        reports = story.sync()
        show_merged(story)
        accept_proposal(story, reports)
        story.heading("last")
        story.sync()
        before = fingerprint(output / "servers")
        reports = story.sync()
    if all(report.is_quiet for report in reports):
        story.say("quiet")
    after = fingerprint(output / "servers")
    if before == after:
        story.say("same", count=len(after))
    else:
        raise SystemExit("the servers changed although there was nothing to do")
    finish(story, output, first=first)


def finish(story: Story, output: Path, *, first: bool) -> None:
    """Sum up what was read, written, merged and refused, and name the files."""
    story.heading("summary")
    total = [
        attrs.evolve(
            runs[-1],
            read=sum(run.read for run in runs),
            remote_writes=sum(run.remote_writes for run in runs),
            local_writes=sum(run.local_writes for run in runs),
            # An item that was refused twice is one item.
            entries=tuple({e.uid: e for run in runs for e in run.entries if e.proposal}.values())
            + tuple(e for run in runs for e in run.entries if not e.proposal),
        )
        for link in story.workspace.links
        if (runs := [run for run in story.reports if run.link == link.name])
    ]
    story.table(total)
    story.say("files", folder=output)
    for path in sorted(output.glob("*.*")):
        if path.suffix in (".ics", ".vcf", ".atom"):
            story.console.print(f"  • {path.name} ({path.stat().st_size:,} bytes)")
    if first:
        story.say("again")


def main() -> None:
    """Start both servers, write the configuration, tell the story, stop the servers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--output", type=Path, default=Path("demo-output"))
    parser.add_argument("--lang", choices=("fr", "en"))
    options = parser.parse_args()
    output = options.output.absolute()
    output.mkdir(parents=True, exist_ok=True)
    first = not (output / "territoire.db").exists()
    os.environ.setdefault("DEMO_PASSWORD", "demonstration")
    os.environ.setdefault("DEMO_TOKEN", "jeton-de-demonstration")
    language = options.lang or ("fr" if (locale.getlocale()[0] or "fr").startswith("fr") else "en")
    with (
        RadicaleServer(
            output / "servers" / "radicale", password=os.environ["DEMO_PASSWORD"]
        ) as dav,
        PanneauPocketServer(
            state=output / "servers" / "panneaupocket.json", token=os.environ["DEMO_TOKEN"]
        ) as board,
    ):
        configuration = CONFIGURATION.format(
            calendar=dav.create_calendar("agenda"),
            cards=dav.create_addressbook("contacts"),
            board=board.api_url,
        )
        (output / "territoire.toml").write_text(configuration, encoding="utf-8")
        with Workspace.open(output / "territoire.toml") as workspace:
            console = Console(width=100 if not os.isatty(1) else None)
            tell(Story(console, language, workspace), output, first=first)


if __name__ == "__main__":
    main()
