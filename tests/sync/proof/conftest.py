# SPDX-License-Identifier: Apache-2.0
"""The world of the random histories: its writers, its servers, and what they do to each other."""

import datetime as dt
import json
import re
import shutil
import tempfile
import uuid
from collections import Counter
from pathlib import Path

import attrs
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from territoire_sante.errors import TerritoireSanteError
from territoire_sante.formats import Document, icalendar, vcard
from territoire_sante.model import Contact, ContactKind, Event, Visibility
from territoire_sante.plugins import Capability, Catalog
from territoire_sante.projections import projection_for
from territoire_sante.serialization import KINDS, view_to_plain
from territoire_sante.store import Store
from territoire_sante.sync import ConflictPolicy, Link
from territoire_sante.testing import ETags, MemoryServer, memory_connector
from territoire_sante.testing._commits import before_commits
from territoire_sante.testing._edits import edited, fields_of, touched
from territoire_sante.testing._rewrites import DROPPED_FIELDS, REWRITES

LENSES = {Event: icalendar.EVENT, Contact: vcard.CONTACT}
#: What the entities of this side have room for; the rest stays in the documents.
CARRIED = {Event: icalendar.EVENT.fields, Contact: {"uid", "telephones", "emails", "urls", "name"}}
LISTS = {"categories", "rdates", "exdates", "occurrences", "telephones", "emails", "urls"}
WHICH = st.integers(0, 63)


class Killed(BaseException):
    """The process ends here: nothing that follows is executed."""


class Death:
    """Ends the process at a given point of input or output, for good."""

    def __init__(self, left=None):
        self.left, self.dead, self.points = left, False, 0

    def pass_by(self):
        """Live on, or not."""
        self.points += 1
        if self.left is not None:
            self.left -= 1
            self.dead = self.dead or self.left <= 0
        if self.dead:
            raise Killed


class Server(MemoryServer):
    """A memory server at whose every call we may die, and whose every write is looked at."""

    def __init__(self, machine, lens, **knobs):
        super().__init__(**knobs)
        self.machine, self.lens = machine, lens
        self.intrusion = None
        self.good = {}

    def begin(self, verb, *hrefs):
        """Die, or let somebody else act first."""
        self.machine.death.pass_by()
        if self.intrusion is not None:
            left, act = self.intrusion
            self.intrusion = (left - 1, act) if left > 1 else None
            if left == 1:
                act()
        return super().begin(verb, *hrefs)

    def write(self, href, document):
        """Look at what changes, then die or answer."""
        old = self.documents.get(href)
        if old is not None and document is not None:
            assert not touched(self.lens, old, document), (old, document)
            assert old.data != document.data
        ref = super().write(href, document)
        self.machine.death.pass_by()
        return ref


def comparable(view, plain, rewriting):
    """Return what both sides have to agree on, given what the server is known to rewrite."""
    agreed = {}
    for name in sorted(CARRIED[view]):
        value = plain[name]
        if rewriting == "drop" and name in DROPPED_FIELDS:
            continue
        if name in ("telephones", "emails", "urls"):
            value = [one["value"].replace(" ", "") for one in value]
        if name == "categories" and rewriting == "respell":
            value = [one.upper() for one in value]
        if name in LISTS:
            value = sorted(json.dumps(one, sort_keys=True) for one in value)
        # A time in UTC takes the zone that the document has: the instant is what counts.
        agreed[name] = AWARE.sub(_instant, json.dumps(value))
    return agreed


AWARE = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))(\[[A-Za-z/_]+\])?")


def _instant(found):
    return dt.datetime.fromisoformat(found[1]).astimezone(dt.UTC).isoformat()


def _differing(mine, theirs):
    """Return the fields that are not the same, for a message."""
    return [{k: (v, other[k]) for k, v in mine.items() if other[k] != v} for other in theirs]


@attrs.define(eq=False)
class Side:
    """A server, its link, and how it rewrites."""

    server: Server
    link: Link
    rewriting: str

    def there(self, document):
        """Return the document as this server stores it."""
        rewrite = REWRITES[self.rewriting]
        return rewrite(document) if rewrite is not None else document


class History(RuleBasedStateMachine):
    """A store, and one or two servers that others edit too; runs and what holds come on top."""

    view: type
    steps: Counter
    Death = Death
    Killed = Killed

    comparable = staticmethod(comparable)
    differing = staticmethod(_differing)

    @initialize(
        links=st.sampled_from([1, 1, 2]),
        delta=st.booleans(),
        versions=st.sampled_from(["strong", "strong", "weak", "none", "unsaid"]),
        rewritings=st.tuples(*2 * [st.sampled_from(sorted(REWRITES))]),
        policies=st.tuples(*2 * [st.sampled_from(list(ConflictPolicy))]),
        page=st.sampled_from([None, 2]),
    )
    def start(self, links, delta, versions, rewritings, policies, page):  # noqa: PLR0917 - hypothesis names them
        """Open everything."""
        memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
        self.folder = tempfile.mkdtemp(dir=memory if memory.is_dir() else None)
        self.log = []
        self.death, self.lens = Death(), LENSES[self.view]
        self.now = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
        self.number, self.owed, self.lines = 1000, {}, {}
        # Without tags for what was sent there is a window that no client can close (limits).
        self.safe = versions in ("strong", "weak")
        self.catalog, self.sides = Catalog(), []
        for index in range(links):
            knobs = {"etags": {"weak": ETags.WEAK, "none": ETags.MISSING}.get(versions)}
            server = Server(
                self, self.lens, normalise=REWRITES[rewritings[index]], page=page,
                etag_on_write=versions != "unsaid", etags=knobs["etags"] or ETags.STRONG,
            )  # fmt: skip
            able = {Capability.READ, Capability.WRITE} | ({Capability.DELTA} if delta else set())
            name = f"memory{index}"
            self.catalog.register(
                memory_connector(server, lens=self.lens, capabilities=able, name=name)
            )
            link = Link(
                name=f"l{index}", connector=name, view=self.view.__name__.lower(),
                conflict=policies[index],
            )  # fmt: skip
            self.sides.append(Side(server, link, rewritings[index]))
        self.open()

    def open(self):
        """Open the file, as a new process does."""
        self.death = Death()
        self.store = Store.open(f"sqlite:///{self.folder}/t.db", clock=lambda: self.now)
        before_commits(self.store, self.death.pass_by)

    def teardown(self):
        """Let everything settle once more."""
        try:
            if hasattr(self, "store"):
                self.settle()
        finally:
            if hasattr(self, "store"):
                self.store.close()
                shutil.rmtree(self.folder)

    # What is where.

    def next(self):
        """Return a number that was not used yet."""
        self.number += 1
        return self.number

    def projection(self):
        """Return how this side shows itself."""
        return projection_for(self.view, audience=Visibility.PARTNERS, today=self.now.date())

    def here(self):
        """Return what this side shows, by UID."""
        return {one.view.uid: one for one in self.projection().project(self.store)}

    def plain(self, document):
        """Return the view of a document, or nothing if it cannot be read."""
        try:
            plain = view_to_plain(self.lens.get(document), self.lens.fields)
        except TerritoireSanteError:
            return None
        return plain if plain["uid"] else None

    def local_plain(self, view):
        """Return a view of this side as plain data."""
        return view_to_plain(view, self.lens.fields)

    def pick(self, side, which):
        """Return the href of a readable document that is no double, or nothing."""
        held = [(h, p) for h, d in side.server.documents.items() if (p := self.plain(d))]
        uids = Counter(plain["uid"] for _, plain in held)
        free = [href for href, plain in held if uids[plain["uid"]] == 1]
        return free[which % len(free)] if free else None

    def replaced(self, uid, before, after):
        """Forget the marks that somebody saw and replaced."""
        was, now = (json.dumps(side, ensure_ascii=False) for side in (before, after))
        for marks in [m for m, of in self.owed.items() if of == uid]:
            if any(m in was for m in marks) and not any(m in now for m in marks):
                del self.owed[marks]

    # Edits here.

    @rule(which=WHICH, times=st.sampled_from([1, 1, 1, 8]))
    def create_here(self, which, times):
        """Add items here."""
        for _ in range(times):
            view = self.new(which)
            absorbed = self.projection().absorb(self.store, view, None, frozenset(self.lens.fields))
            self.store.put(*absorbed.entities)

    def new(self, which):
        """Make a view of a new item."""
        number = self.next()
        if self.view is Event:
            view, _ = edited(Event(id="event:x", uid=f"u{number}"), "summary", number)
            return edited(edited(view, "retimed", number)[0], "rrule", number)[0]
        kind = (ContactKind.INDIVIDUAL, ContactKind.ORG)[which % 2]
        view = Contact(uid=f"urn:uuid:{uuid.UUID(int=number)}", kind=kind)
        return edited(edited(view, "name", number)[0], "emails", number + 1)[0]

    @rule(which=WHICH, edit=WHICH)
    def edit_here(self, which, edit):
        """Change one field here, as a person would who sees the item."""
        shown = list(self.here().values())
        names = fields_of(self.view)
        if not shown:
            return
        one = shown[which % len(shown)]
        made = edited(one.view, names[edit % len(names)], self.next())
        if made is None:
            return
        view, marks = made
        before, after = self.local_plain(one.view), self.local_plain(view)
        changed = frozenset(name for name in after if after[name] != before[name])
        absorbed = self.projection().absorb(self.store, view, one.key, changed)
        self.store.put(*absorbed.entities)
        now = self.projection().project_one(self.store, one.key)
        after = self.local_plain(now.view)
        self.replaced(one.view.uid, before, after)
        if any(mark in json.dumps(after, ensure_ascii=False) for mark in marks):
            self.owed[marks] = one.view.uid

    @rule(which=WHICH)
    def delete_here(self, which):
        """Delete an item here."""
        shown = list(self.here().values())
        if shown:
            one = shown[which % len(shown)]
            self.store.delete(KINDS[one.key.partition(":")[0]], one.key)
            self.replaced(one.view.uid, self.local_plain(one.view), None)

    @rule(which=WHICH, seen=st.sampled_from([Visibility.PRIVATE, Visibility.PARTNERS]))
    def hide_here(self, which, seen):
        """Hide an item of this side from everybody else, or show it again."""
        kinds = (Event,) if self.view is Event else (KINDS["person"], KINDS["actor"])
        held = [one for kind in kinds for one in self.store.all(kind)]
        if held:
            self.store.put(attrs.evolve(held[which % len(held)], visibility=seen))

    # Edits there.

    def side(self, which):
        """Return one of the servers."""
        return self.sides[which % len(self.sides)]

    def overwrite(self, side, href, data):
        """Store other bytes there, and forget the marks of what was replaced."""
        old = side.server.documents.get(href)
        new = side.there(Document(data, self.lens.media_type))
        before, after = old and self.plain(old), self.plain(new)
        if before is not None and after is None:
            side.server.good[href] = old
        elif before is not None:
            self.replaced(before["uid"], before, after)
            self.lines.pop((side.link.name, before["uid"]), None)
        side.server.put(href, new)
        return after

    @rule(which=WHICH, times=st.sampled_from([1, 1, 1, 8]))
    def create_there(self, which, times):
        """Add items there."""
        side = self.side(which)
        for _ in range(times):
            document = self.lens.put(self.new(which))
            self.overwrite(side, f"/there/{self.number}", document.data)

    @rule(which=WHICH, edit=WHICH)
    def edit_there(self, which, edit):
        """Change one field there, with a client that keeps what it does not know."""
        side, names = self.side(which), fields_of(self.view)
        href = self.pick(side, which)
        if href is None:
            return
        document = side.server.current(href)
        made = edited(self.lens.get(document), names[edit % len(names)], self.next())
        if made is None:
            return
        after = self.overwrite(side, href, self.lens.put(made[0], document, now=self.now).data)
        if any(mark in json.dumps(after, ensure_ascii=False) for mark in made[1]):
            self.owed[made[1]] = after["uid"]

    @rule(which=WHICH)
    def add_line_there(self, which):
        """Add a line that we do not know, spelled as nobody would."""
        side = self.side(which)
        href = self.pick(side, which)
        if href is not None:
            document = side.server.current(href)
            last = b"END:VEVENT" if self.view is Event else b"END:VCARD"
            line = b'x-Foreign;X-P="a:b;c":t%d\\,  odd\r\n  \xc3\xa9\r\n' % self.next()
            head, found, tail = document.data.partition(last)
            after = self.overwrite(side, href, head + line + found + tail)
            if side.rewriting == "keep":
                self.lines[(side.link.name, after["uid"])] = line

    @rule(which=WHICH)
    def delete_there(self, which):
        """Delete a document there."""
        side = self.side(which)
        if side.server.documents:
            self.remove(side, sorted(side.server.documents)[which % len(side.server.documents)])

    @rule(which=WHICH)
    def delete_all_there(self, which):
        """Delete everything there."""
        side = self.side(which)
        for href in list(side.server.documents):
            self.remove(side, href)

    def remove(self, side, href):
        """Delete a document, and forget the marks that its reader saw."""
        document = side.server.good.pop(href, None) or side.server.current(href)
        plain = self.plain(document)
        if plain is not None:
            copies = [d for d in side.server.documents.values() if self.plain(d) or {}]
            doubles = [d for d in copies if self.plain(d)["uid"] == plain["uid"]]
            self.replaced(plain["uid"], plain, None)
            if len(doubles) > 1:
                # The double that takes its place may say something older.
                self.owed = {m: uid for m, uid in self.owed.items() if uid != plain["uid"]}
            self.lines.pop((side.link.name, plain["uid"]), None)
        side.server.remove(href)
        side.server.hidden.discard(href)
        side.server.unreadable.pop(href, None)

    @rule(which=WHICH)
    def double_there(self, which):
        """Store a copy under another name: the same UID twice."""
        side = self.side(which)
        href = self.pick(side, which)
        if href is not None:
            side.server.put(f"/double/{self.next()}", side.server.current(href))

    @rule(which=WHICH, how=st.sampled_from(["rubbish", "cut", "bell", "bytes"]))
    def poison_there(self, which, how):
        """Break a document, or add a broken one."""
        side = self.side(which)
        href = self.pick(side, which)
        if href is None or how == "rubbish":
            side.server.put(f"/poison/{self.next()}", Document(b"rubbish", "text/plain"))
            return
        data = side.server.current(href).data
        broken = {
            "cut": data[: data.index(b"UID:")],
            "bell": data.replace(b":Texte", b":\x07\x00Texte", 1),
            "bytes": data.replace(b"\xc3\xa9", b"\xc3\xff", 1),
        }
        self.overwrite(side, href, broken[how])

    @rule(which=WHICH, what=st.sampled_from(["touch", "forget", "hide", "bar"]))
    def lie(self, which, what):
        """Let a server give new tags, forget its tokens, leave an item out or be unable to read."""
        side = self.side(which)
        href = self.pick(side, which)
        if what == "touch":
            side.server.touch()
        elif what == "forget":
            side.server.forget_cursors()
        elif href is not None and what == "hide":
            side.server.hidden.add(href)
        elif href is not None:
            side.server.unreadable[href] = "503"


@pytest.fixture
def history():
    """Give the base of the histories: everything but the runs."""
    return History
