# SPDX-License-Identifier: Apache-2.0
"""Texts that a person copies, and what the person says by renaming them."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    AnnouncementRefusedError,
    ConfigError,
    FormatError,
    ItemRefusedError,
    NeedsPersonError,
)
from territoire_sante.formats import Document
from territoire_sante.model import (
    Announcement,
    Attachment,
    ContactPoint,
    ContactPointKind,
    Severity,
    Visibility,
)
from territoire_sante.plugins import Shown, Stored, open_transport, structure_config
from territoire_sante_copy import COPY, SHAPES

NAME = "depistage-gratuit-010a4e39"
NOTICE = Announcement(
    id="announcement:1",
    uid="1",
    title="Dépistage gratuit",
    body="Samedi de 9 h à 12 h.\nSans rendez-vous.",
    severity=Severity.ALERT,
    publish_from=dt.date(2026, 11, 10),
    publish_until=dt.date(2026, 11, 14),
    place="Salle des fêtes",
    url="https://example.org/depistage",
    contact=ContactPoint(
        kind=ContactPointKind.PHONE, value="04 66 00 00 00", visibility=Visibility.PUBLIC
    ),
    attachments=(Attachment(url="https://example.org/a.pdf", alt="Affiche"),),
)


@pytest.fixture
def config(tmp_path):
    """Describe a folder of blocks for PanneauPocket's console."""
    return structure_config(COPY, {"path": str(tmp_path), "shape": "panneaupocket"})


@pytest.fixture
def lens(config):
    """Give the lens of that shape."""
    return COPY.lens_for(config)


@pytest.fixture
def texts(config):
    """Open the folder."""
    with open_transport(COPY, config) as transport:
        yield transport


def files(config):
    """Return the names of what is in the folder."""
    return sorted(path.name for path in config.path.iterdir())


def said(texts, ref, document):
    """Return what is known of one announcement."""
    (answer,) = texts.confirm([Stored(ref, document)])
    assert answer.detail
    return answer.shown


def test_the_block_for_the_console(texts, lens, config):
    """It has what the console asks for, in its order, to be ticked off."""
    texts.create("avis", lens.put(NOTICE))

    assert (config.path / f"{NAME}.txt").read_text(encoding="utf-8").splitlines() == [
        "[ ] Dans la console de PanneauPocket, créer une alerte.",
        "",
        "[ ] Titre (17 signes sur 50) :",
        "Dépistage gratuit",
        "",
        "[ ] Texte :",
        "Samedi de 9 h à 12 h.",
        "Sans rendez-vous.",
        "",
        "[ ] Début de publication : 10/11/2026",
        "[ ] Fin de publication : 14/11/2026",
        "",
        "Pièces jointes :",
        "[ ] https://example.org/a.pdf – Affiche",
    ]


def test_an_e_mail_and_a_plain_text():
    """The e-mail names whom it is for, the subject and the days; both have link and contact."""
    email = SHAPES["email"].text(NOTICE, "mairie@example.org").splitlines()
    plain = SHAPES["plain"].text(attrs.evolve(NOTICE, attachments=())).splitlines()

    assert email[:2] == ["À : mairie@example.org", "Objet : Annonce à publier – Dépistage gratuit"]
    assert "À publier à partir du 10/11/2026 jusqu'au 14/11/2026 inclus." in email
    assert plain == [
        *("Dépistage gratuit", "", "Samedi de 9 h à 12 h.", "Sans rendez-vous."),
        *("Lieu : Salle des fêtes", "En savoir plus : https://example.org/depistage"),
        "Contact : 04 66 00 00 00",
    ]


def test_a_person_says_that_it_is_published(texts, lens, config):
    """Unknown until the file is renamed; an editor's line ends do no harm, another text does."""
    document = lens.put(NOTICE)
    ref = texts.create("avis", document)
    copied = config.path / f"{NAME}.publie.txt"
    assert said(texts, ref, document) is Shown.UNKNOWN

    (config.path / f"{NAME}.txt").rename(copied)
    assert said(texts, ref, document) is Shown.VISIBLE
    copied.write_bytes(b"\xef\xbb\xbf" + copied.read_bytes().replace(b"\n", b"\r\n"))
    assert said(texts, ref, document) is Shown.VISIBLE
    copied.write_text("autre chose", encoding="utf-8")
    assert said(texts, ref, document) is Shown.DIFFERS


def test_a_correction_has_to_be_copied_again(texts, lens, config):
    """What was said of the former text holds no more; the very same text leaves it."""
    document = lens.put(NOTICE)
    ref = texts.create("avis", document)
    (config.path / f"{NAME}.txt").rename(config.path / f"{NAME}.publie.txt")
    same = lens.put(attrs.evolve(NOTICE, place="Ailleurs"), document)
    ref = texts.replace(ref, same)
    assert (files(config), said(texts, ref, same)) == ([f"{NAME}.publie.txt"], Shown.VISIBLE)

    other = lens.put(attrs.evolve(NOTICE, body="Annulé"), document)
    ref = texts.replace(ref, other)
    assert (files(config), said(texts, ref, other)) == ([f"{NAME}.txt"], Shown.UNKNOWN)


@pytest.mark.parametrize("ending", ["txt", "publie.txt"])
@pytest.mark.parametrize("shape", sorted(SHAPES))
def test_a_withdrawal_is_handed_over(tmp_path, shape, ending):
    """A person is told in French where to look and for what; it is done once the person says so."""
    config = structure_config(COPY, {"path": str(tmp_path), "shape": shape})
    document = COPY.lens_for(config).put(NOTICE)
    with open_transport(COPY, config) as texts:
        ref = texts.create("avis", document)
        if ending != "txt":
            (tmp_path / f"{NAME}.txt").rename(tmp_path / f"{NAME}.{ending}")
        for _ in range(2):
            with pytest.raises(NeedsPersonError) as handed:
                texts.delete(ref)
            assert "« Dépistage gratuit »" in handed.value.hand_over
            assert files(config) == [f"{NAME}.a-retirer.txt"]
        assert said(texts, ref, document) is Shown.UNKNOWN

        (tmp_path / f"{NAME}.a-retirer.txt").rename(tmp_path / f"{NAME}.retire.txt")
        assert said(texts, ref, document) is Shown.GONE
        texts.delete(ref)
        assert files(config) == [f"{NAME}.retire.txt"]
        texts.create("avis", document)
        assert files(config) == [f"{NAME}.txt"]


def test_without_a_folder_texts_are_printed(capsys):
    """The text goes to the error stream, and what is shown stays unknown."""
    config = structure_config(COPY, {"shape": "plain"})
    document = COPY.lens_for(config).put(NOTICE)
    with open_transport(COPY, config) as texts:
        ref = texts.create("avis", document)
        assert said(texts, ref, document) is Shown.UNKNOWN
        with pytest.raises(NeedsPersonError, match=NAME):
            texts.delete(ref)
    printed = capsys.readouterr()

    assert printed.out == ""
    assert "Samedi de 9 h à 12 h." in printed.err


@pytest.mark.parametrize(
    ("length", "fits"), [(49, True), (50, True), (51, False)], ids=["n-1", "n", "n+1"]
)
@pytest.mark.parametrize("sign", ["a", "é", "«", "\u00a0", "œ"])
def test_fifty_signs(lens, length, fits, sign):
    """A title of 50 signs is the longest; one more is refused with the reason in French."""
    notice = attrs.evolve(NOTICE, title="T" + sign * (length - 2) + "T")
    if fits:
        assert notice.title in json.loads(lens.put(notice).data)["copy"].splitlines()
        return
    with pytest.raises(AnnouncementRefusedError) as refused:
        lens.put(notice)
    assert refused.value.reasons == ("Le titre fait 51 caractères ; ce canal en accepte 50.",)


def test_an_emoji_counts_as_two_where_that_is_more(lens):
    """Titles are counted in UTF-16 units too, because nobody says which unit is meant."""
    lens.put(attrs.evolve(NOTICE, title="💉" * 25))
    with pytest.raises(AnnouncementRefusedError):
        lens.put(attrs.evolve(NOTICE, title="💉" * 26))


def test_the_transport_looks_for_itself(texts, lens, config):
    """A text of another shape, a forged one and junk are refused, and nothing is put down."""
    plain = SHAPES["plain"].lens().put(attrs.evolve(NOTICE, title="x" * 60))
    forged = json.loads(lens.put(NOTICE).data) | {"copy": "Tout va bien"}
    for data in (plain.data, json.dumps(forged).encode(), b"junk"):
        with pytest.raises(ItemRefusedError):
            texts.create("avis", Document(data, "application/json"))

    assert files(config) == []
    assert texts.limits().title_max == 50


def test_a_private_contact_is_not_put_down(lens):
    """A contact that is not public is refused."""
    contact = ContactPoint(kind=ContactPointKind.PHONE, value="04 66 00 00 00")
    with pytest.raises(FormatError, match="public"):
        lens.put(attrs.evolve(NOTICE, contact=contact))


def test_an_unknown_shape_is_named(tmp_path):
    """There are three shapes."""
    with pytest.raises(ConfigError, match="panneaupocket, email, plain"):
        structure_config(COPY, {"path": str(tmp_path), "shape": "fax"})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    title=st.text(st.sampled_from("aé œ«»’💉\u00a0e\u0301"), max_size=60),
    body=st.text(st.sampled_from("aé œ«»’💉\u00a0\ne\u0301"), max_size=60),
)
def test_the_whole_text_or_nothing(texts, lens, config, title, body):
    """What a person has before them is the full text, or there is no file."""
    for path in config.path.iterdir():
        path.unlink()
    try:
        document = lens.put(attrs.evolve(NOTICE, title=title, body=body))
    except AnnouncementRefusedError:
        assert files(config) == []
        return
    ref = texts.create("avis", document)
    shown = (config.path / f"{ref.href}.txt").read_bytes().decode()

    assert f":\n{title}\n\n[ ] Texte :\n{body}\n" in shown
    assert max(len(title), len(title.encode("utf-16-le")) // 2) <= 50


def test_a_text_keeps_its_name(texts, lens, config):
    """Written again after a lost answer, with another title, there still is one file."""
    first = texts.create("avis", lens.put(NOTICE))
    (config.path / f"{NAME}.txt").rename(config.path / f"{NAME}.publie.txt")
    second = texts.create("avis", lens.put(attrs.evolve(NOTICE, title="Autre titre")))
    third = texts.create("autre", lens.put(attrs.evolve(NOTICE, title="«»")))

    assert first.href == second.href == NAME
    assert len(third.href) == 8
    assert files(config) == sorted([f"{NAME}.txt", f"{third.href}.txt"])
