# SPDX-License-Identifier: Apache-2.0
"""Any server with any faults at once, and answers that get lost: both sides agree in the end."""

from __future__ import annotations

import contextlib
import datetime as dt

import attrs
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConnectorError
from territoire_sante.model import Event
from territoire_sante.testing.dav import MAKES, Faults, Incident

_FLAGS = [
    "listed_twice", "missing_207", "poison_fails", "first_tombstones", "seconds", "http10", "gzip",
    "namespace_noise", "weak_match", "mails",
]  # fmt: skip
_CHOICES = [
    "uid_conflict", "renames", "etags", "multiget_missing", "hrefs", "sync_unknown", "limit",
]  # fmt: skip
_OFF = ["etag_on_put", "multiget", "filters", "sync", "ctag", "deletions"]


def _sync(world):
    """Run, and say yes to as many deletions as it wants."""
    made = world.plan()
    return world.apply(made, confirm=made.fingerprint)


def _choice(name):
    """Return a strategy for one of the values that a fault may have."""
    (check,) = [getattr(attrs.fields_dict(Faults)[name].validator, "options", ())]
    return st.sampled_from(sorted(check))


_faults = st.one_of(
    st.sampled_from(sorted(MAKES)).map(MAKES.__getitem__),
    st.builds(
        lambda flags, off, numbers, choices, rewrites: Faults(
            **dict.fromkeys(flags, True),
            **dict.fromkeys(off, False),
            **numbers,
            **choices,
            rewrites=rewrites,
        ),
        st.sets(st.sampled_from(_FLAGS), max_size=3),
        st.sets(st.sampled_from(_OFF), max_size=2),
        st.fixed_dictionaries(
            {},
            optional={
                "page": st.integers(1, 3),
                "multiget_max": st.integers(1, 2),
                "multiget_limit": st.integers(1, 3),
                "delete_missing": st.sampled_from([404, 410, 412]),
                "bad_data": st.sampled_from([400, 403, 404, 409, 412, 415]),
            },
        ),
        st.fixed_dictionaries(
            {},
            optional={
                name: _choice(name)
                for name in (
                    "uid_conflict",
                    "renames",
                    "etags",
                    "multiget_missing",
                    "hrefs",
                    "sync_unknown",
                    "limit",
                )
            },
        ),
        st.sets(st.sampled_from(["reorder", "upper", "lf", "split-categories"])),
    ),
)
_incidents = st.builds(
    lambda kind, method, skip: kind(method=method, skip=skip),
    st.sampled_from(
        [
            Incident.lost_answer,
            Incident.lost_request,
            Incident.failed_but_done,
            Incident.busy,
            lambda **options: Incident(**options, interim=(102,)),
            lambda **options: Incident(**options, cut=-7),
            lambda **options: Incident(**options, status=401),
            lambda **options: Incident.login_page(**options, times=1),
        ]
    ),
    st.sampled_from(["PUT", "DELETE", "REPORT", "PROPFIND", "GET"]),
    st.integers(0, 3),
)
_edits = st.lists(
    st.tuples(
        st.sampled_from(["here", "there"]), st.sampled_from(["new", "edit", "touch", "delete"])
    ),
    max_size=6,
)


@attrs.define
class _Story:
    """
    What both sides are to hold in the end: by key, summary and place.

    The side that made an event edits its summary, the other one its place.
    """

    world: object
    template: object
    told: dict[str, list[str]] = attrs.field(factory=dict)
    count: int = 0

    def step(self, side, verb):
        """Make, edit, touch or delete an event on one side."""
        self.count += 1
        mine = sorted(key for key in self.told if key.startswith(side))
        theirs = sorted(set(self.told).difference(mine))
        if verb == "touch":
            if theirs:
                self._touch(side, theirs[self.count % len(theirs)])
        elif verb == "new" or not mine:
            self._write(side, f"{side}{self.count}")
        elif verb == "edit":
            self._write(side, mine[self.count % len(mine)])
        elif not self.told[mine[0]][1]:
            # Who deletes what the other one edits meanwhile has another story.
            self._delete(side, mine[0])

    def _write(self, side, key):
        summary = f"{key} v{self.count}"
        self.told.setdefault(key, ["", ""])[0] = summary
        if side == "here":
            self.world.put(key, summary=summary)
        elif f"{key}.ics" in self.world.far.items:
            self._put_line(f"{key}.ics", "SUMMARY", summary)
        else:
            self.world.far.put(f"{key}.ics", self.template(key, summary).data)

    def _touch(self, side, key):
        place = f"place {self.count}"
        if side == "here":
            known = [e for e in self.world.store.all(Event) if e.summary.startswith(f"{key} ")]
            for event in known:
                self.world.store.put(attrs.evolve(event, location=place))
        else:
            start = f"{key} "
            known = [n for n in self.world.far if self.world.view(n).summary.startswith(start)]
            for name in known:
                self._put_line(name, "LOCATION", place)
        if known:
            self.told[key][1] = place

    def _put_line(self, name, prop, value):
        lines = self.world.far.data(name).decode().splitlines()
        kept = [line for line in lines if not line.startswith(prop)]
        kept.insert(kept.index("END:VEVENT"), f"{prop}:{value}")
        self.world.far.put(name, "".join(f"{line}\r\n" for line in kept).encode())

    def _delete(self, side, key):
        del self.told[key]
        if side == "here":
            self.world.store.delete(Event, f"event:{key}")
        else:
            self.world.far.remove(f"{key}.ics")


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(_faults, st.lists(st.tuples(_edits, st.lists(_incidents, max_size=3)), max_size=3))
def test_both_sides_agree_in_the_end(linked, event, faults, rounds):
    """Whatever the faults and however many answers are lost, no edit is lost or doubled."""
    world = linked("/SOGo/dav/agenda/" if faults.ignores else "/dav/agenda/")
    world.server.faults = faults
    world.link = attrs.evolve(
        world.link, config={**world.link.config, "url": world.server.url_of(world.far)}
    )
    story = _Story(world, event)
    for n in range(12):
        story.step("here" if n % 2 else "there", "new")
    world.sync()
    for edits, incidents in rounds:
        for edit in edits:
            story.step(*edit)
        world.server.happen(*incidents)
        with contextlib.suppress(ConnectorError):
            _sync(world)
    world.server._incidents.clear()
    note(str(faults))
    for _ in range(3):
        world.now += dt.timedelta(days=1)
        last = _sync(world)
    expected = sorted(map(tuple, story.told.values()))
    views = map(world.view, world.far)

    assert sorted((view.summary, view.location) for view in views) == expected
    assert sorted((e.summary, e.location) for e in world.store.all(Event)) == expected
    assert last.is_quiet
