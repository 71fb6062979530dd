# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    AnnouncementRefusedError,
    CollectionGoneError,
    ConfigError,
    ConflictError,
    ItemRefusedError,
)
from territoire_sante.formats import Document
from territoire_sante.formats.panel import PanelProfile, panel_lens, transliterate
from territoire_sante.model import Announcement
from territoire_sante.plugins import Shown, open_transport, structure_config
from territoire_sante_panel import PANEL

NOTICE = Announcement(
    id="announcement:1",
    uid="1",
    title="Médecin de garde",
    body="Dr Martin, samedi 14 novembre 2026 de 9 h à 12 h, sans rendez-vous : 04 66 00 00 00",
    publish_until=dt.date(2026, 11, 14),
)


@pytest.fixture
def config(tmp_path):
    """Describe a panel of two pages."""
    options = {"path": str(tmp_path / "panneau"), "size": "8x16", "pages": 2, "create": True}
    return structure_config(PANEL, options)


@pytest.fixture
def lens(config):
    """Give the lens of the panel."""
    return PANEL.lens_for(config)


@pytest.fixture
def pages(config):
    """Open the folder."""
    with open_transport(PANEL, config) as transport:
        yield transport


def page_files(folder):
    """Return the names of all page files."""
    return sorted(path.name for path in folder.glob("*.txt"))


def stored(pages, href="notice"):
    """Return an item as it is read."""
    (item,) = pages.read([href])
    return item


def test_files_are_the_pages(pages, lens, config):
    """The description names the page files in order, and they hold the rows in Latin-1."""
    pages.create("notice", lens.put(NOTICE))
    described = json.loads((config.path / "notice.json").read_bytes())

    assert described["show_until"] == "2026-11-14T23:00:00Z"
    assert described["panel"]["encoding"] == "latin-1"
    assert page_files(config.path) == described["files"]
    texts = [(config.path / name).read_text("latin-1") for name in described["files"]]
    assert [text.splitlines() for text in texts] == described["pages"]
    assert all(len(row) == 16 for page in described["pages"] for row in page)
    assert described["pages"][0][:3] == ["Médecin de garde", "Dr Martin,      ", "samedi          "]


def test_a_correction_leaves_no_former_page(pages, lens, config):
    """After a replacement, the folder holds the new pages only."""
    pages.create("notice", lens.put(NOTICE))
    pages.create("notice.2", lens.put(attrs.evolve(NOTICE, uid="2", title="Autre annonce")))
    before = page_files(config.path)
    item = stored(pages)
    pages.replace(item.ref, lens.put(attrs.evolve(NOTICE, body="Fermé"), item.document))

    names = json.loads((config.path / "notice.json").read_bytes())["files"]
    other = json.loads((config.path / "notice.2.json").read_bytes())["files"]
    assert page_files(config.path) == sorted([*names, *other])
    assert not set(names) & set(before)


def test_a_refused_write_harms_nothing(pages, lens, config):
    """A stale correction leaves description and pages as they are, and no file behind."""
    pages.create("notice", lens.put(NOTICE))
    there = {path: path.read_bytes() for path in config.path.iterdir()}
    stale = attrs.evolve(stored(pages).ref, etag='"0"')
    with pytest.raises(ConflictError):
        pages.replace(stale, lens.put(attrs.evolve(NOTICE, body="Fermé")))

    assert {path: path.read_bytes() for path in config.path.iterdir()} == there


def test_withdrawing_removes_all(pages, lens, config):
    """A deleted announcement leaves neither description nor pages, and is gone."""
    pages.create("notice", lens.put(NOTICE))
    item = stored(pages)
    pages.delete(item.ref)

    assert list(config.path.iterdir()) == []
    assert [answer.shown for answer in pages.confirm([item])] == [Shown.GONE]


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda folder: next(folder.glob("*.txt")).unlink(), id="a page is missing"),
        pytest.param(lambda folder: next(folder.glob("*.txt")).write_text("x"), id="another page"),
        pytest.param(lambda folder: (folder / "notice.json").write_text("{"), id="no description"),
    ],
)
def test_a_read_back_finds_what_differs(pages, lens, config, harm):
    """Whatever happened to the files is found, and said in French."""
    pages.create("notice", lens.put(NOTICE))
    item = stored(pages)
    assert [answer.shown for answer in pages.confirm([item])] == [Shown.VISIBLE]
    harm(config.path)

    (answer,) = pages.confirm([item])
    assert answer.shown is Shown.DIFFERS
    assert answer.detail


def test_what_has_no_room_is_refused_by_the_lens(lens):
    """An announcement that does not fit is refused before anything is sent, with its reasons."""
    with pytest.raises(AnnouncementRefusedError) as refused:
        lens.put(attrs.evolve(NOTICE, body="anticonstitutionnellement 💉"))

    reasons = refused.value.reasons
    assert [reason.split(" ")[0] for reason in reasons] == ["Le", "«"]


def test_the_transport_looks_for_itself(pages, lens, config):
    """A document made for a wider panel is refused with reasons and proposals; nothing is there."""
    wide = panel_lens(PanelProfile.sized("8x40"))
    long = attrs.evolve(NOTICE, body="Le docteur Saint-Hilaire reçoit")
    with pytest.raises(ItemRefusedError, match="abréviations : « Médecin de garde / Le Dr St-"):
        pages.create("notice", wide.put(long))
    forged = json.loads(lens.put(NOTICE).data) | {"pages": [["Tout va bien    "] * 8]}
    with pytest.raises(ItemRefusedError, match="not the pages"):
        pages.create("notice", Document(json.dumps(forged).encode(), "application/json"))

    assert list(config.path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "value"), [("size", "8 rows"), ("charset", "cp850"), ("pages", 0), ("size", "0x9")]
)
def test_a_wrong_panel_is_named(tmp_path, option, value):
    """An option that describes no panel is a ConfigError."""
    with pytest.raises(ConfigError):
        structure_config(PANEL, {"path": str(tmp_path), option: value})


def test_a_missing_folder_is_no_empty_panel(tmp_path):
    """Without ``create``, a folder that is missing is an error that says so."""
    config = structure_config(PANEL, {"path": str(tmp_path / "not-there")})
    with pytest.raises(CollectionGoneError, match="no such folder"), open_transport(PANEL, config):
        pass


WORDS = st.sampled_from(
    (
        *("œuvre", "« Été »", "14 novembre 2026", "Dr Martin", "18 h 30", "💉", "e\u0301te\u0301"),
        *("04 66 00 00 00", "aujourd’hui", "5 €", "Saint-Étienne-Vallée-Française", "à", "…"),
    )
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(WORDS, min_size=1, max_size=25), joint=st.sampled_from([" ", "\u00a0", "\n"]))
def test_all_is_read_or_nothing_is_there(pages, config, words, joint):
    """What the page files show is the whole text in the panel's signs, or there are none."""
    notice = attrs.evolve(NOTICE, body=joint.join(words))
    try:
        ref = pages.create("notice", panel_lens(config.profile).put(notice))
    except AnnouncementRefusedError:
        assert list(config.path.iterdir()) == []
        return
    names = json.loads((config.path / "notice.json").read_bytes())["files"]
    shown = " ".join((config.path / name).read_text("latin-1") for name in names)
    wanted = transliterate(f"{notice.title} {notice.body}", config.profile.charset)
    assert shown.split() == wanted.text.split()
    pages.delete(ref)


def test_pages_for_another_panel_differ(pages, lens, config):
    """Pages that were made for a panel described otherwise are told as different."""
    pages.create("notice", lens.put(NOTICE))
    item = stored(pages)
    other = attrs.evolve(config, size="4x20", pages=4)
    with open_transport(PANEL, other) as transport:
        (answer,) = transport.confirm([item])

    assert answer.shown is Shown.DIFFERS
    assert "décrit autrement" in answer.detail


def test_pages_of_a_dead_run_go(pages, lens, config):
    """Pages that a run left before it could write their description go with the next write."""
    (config.path / "notice.0123abcd-1.txt").write_text("half a version")
    (config.path / "notice.txt").write_text("somebody else's")
    pages.create("notice", lens.put(NOTICE))

    names = json.loads((config.path / "notice.json").read_bytes())["files"]
    assert page_files(config.path) == sorted([*names, "notice.txt"])
