# SPDX-License-Identifier: Apache-2.0
import re
import unicodedata

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import AnnouncementRefusedError
from territoire_sante.model import Announcement, Attachment, ChannelLimits, Fit, fit

PANNEAU = ChannelLimits(
    title_max=50,
    attachments_max=5,
    attachment_types=("image/jpeg", "image/png", "application/pdf"),
    attachment_bytes_max=15_000_000,
)

WORDS = st.sampled_from(
    [
        *["Dépistage", "gratuit", "diabète", "barnum", "commune", "santé", "œil", "équipe", "élus"],
        *["de", "la", "du", "à", "et", "l'école", "aux", "des", "pour", "dans", "le", "en", "sur"],
        *["samedi 14 novembre 2026", "lundi 3 mars", "9 h 30", "de 9 h à 12 h", "18 h"],
        *["04 66 00 00 00", "+33 4 66 00 00 00", "du 3 au 5 mars", "14/11/2026", "12 €"],
        *[
            "« Octobre rose »",
            "(sans rendez-vous)",
            "🩺",
            "e\u0301te\u0301",
            ":",
            "–",
            "!",
            "n°\u00a012",
        ],
        *["annulé", "reportée", "ne consulte plus", "n'ouvre pas"],
    ]
)
TITLES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)

FACTS = re.compile(
    r"(?:(?:lundi|samedi) )?\d+ (?:mars|novembre)(?: \d{4})?|\d+ h(?: \d+)?"
    r"|\+?\d\d? (?:\d )?(?:\d\d ?){4}"
    r"|de \d+ h à \d+ h|du \d au \d mars|\d+/\d+/\d+|\d+ €"
)


def _announcement(**fields) -> Announcement:
    return Announcement(id="announcement:1", **fields)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _holds(one: Announcement, limits: ChannelLimits) -> bool:
    """Count for itself, apart from the code under test."""
    return (
        (limits.title_max is None or _units(one.title) <= limits.title_max)
        and (limits.body_max is None or _units(one.body) <= limits.body_max)
        and (limits.lines_max is None or len(one.body.splitlines()) <= limits.lines_max)
        and (limits.attachments_max is None or len(one.attachments) <= limits.attachments_max)
    )


def test_a_fitting_announcement_is_shown_unchanged():
    """An announcement whose every part has room is given back as it is."""
    one = _announcement(title="Dépistage gratuit", body="Samedi, maison de santé.")

    result = fit(one, PANNEAU)

    assert result == Fit(fits=True, shown=one)


def test_without_limits_everything_fits():
    """A channel whose limits are not known takes a text of any length."""
    assert fit(_announcement(title="x" * 10_000), ChannelLimits()).fits


def test_a_short_variant_is_taken_by_itself():
    """The short title, written by a person, stands in for a long one that has no room."""
    one = _announcement(title="Dépistage " * 8, title_short="Dépistage samedi")

    result = fit(one, PANNEAU)

    assert result.fits
    assert result.shown is not None
    assert result.shown.title == "Dépistage samedi"
    assert result.shown == attrs.evolve(one, title="Dépistage samedi")


def test_the_long_variant_is_kept_where_it_fits():
    """A short variant is not used on a channel with room for the long one."""
    one = _announcement(
        title="Dépistage gratuit", title_short="Dépistage", body="a\nb", body_short="a"
    )

    assert fit(one, PANNEAU).shown == one


def test_every_reason_is_given_in_both_languages():
    """Title, short title, body, lines, number, type and size are all reported at once."""
    limits = attrs.evolve(PANNEAU, body_max=10, lines_max=1, attachments_max=1)
    one = _announcement(
        title="t" * 60,
        title_short="s" * 51,
        body="plus de dix\nlettres",
        attachments=(
            Attachment(url="https://example.org/a.webp"),
            Attachment(url="https://example.org/b.pdf", size=15_000_001),
        ),
    )

    reasons = fit(one, limits).reasons

    fields = ["title", "title_short", "body", "body", "attachments"]
    assert [reason.field for reason in reasons] == [*fields, "attachments[0]", "attachments[1]"]
    assert reasons[0].message("fr") == "Le titre fait 60 caractères ; ce canal en accepte 50."
    assert reasons[0].message("en") == "The title has 60 characters; this channel takes 50."
    assert "15,0 Mo" in reasons[-1].message_fr
    assert "image/webp" in reasons[-2].message_en


@pytest.mark.parametrize(
    ("title", "fits"),
    [("é" * 50, True), ("é" * 51, False), ("🩺" * 25, True), ("🩺" * 26, False)],
)
def test_both_units_are_counted(title, fits):
    """A title fits only if its code points and its UTF-16 units are within the limit."""
    assert fit(_announcement(title=title), PANNEAU).fits is fits


def test_the_unit_is_named_when_the_counts_differ():
    """26 stethoscopes are 26 characters, and 52 units in the sentence that refuses them."""
    (reason,) = fit(_announcement(title="🩺" * 26), PANNEAU).reasons

    assert "26 caractères (52 en unités UTF-16)" in reason.message_fr
    assert "26 characters (52 in UTF-16 units)" in reason.message_en


def test_an_empty_announcement_is_refused():
    """Nothing to show is a reason, without a proposal."""
    result = fit(_announcement(), ChannelLimits())

    assert not result.fits
    assert result.proposal is None


@pytest.mark.parametrize(
    ("title", "proposed"),
    [
        (
            "Dépistage gratuit du diabète et de l'hypertension à la maison de santé",
            "Dépistage gratuit du diabète et de l'hypertension",
        ),
        (
            "Consultations avancées de cardiologie samedi 14 novembre 2026",
            "Consultations avancées de cardiologie",
        ),
        (
            "Permanence infirmière de la maison de santé de 9 h à 12 h",
            "Permanence infirmière de la maison de santé",
        ),
        (
            "Pour toute urgence appelez le cabinet médical 04 66 00 00 00",
            "Pour toute urgence appelez le cabinet médical",
        ),
        (
            "Le dépistage prévu samedi à la maison de santé est annulé",
            "Annulé\u00a0: Le dépistage prévu samedi",
        ),
        (
            "Café des aidants « Prendre soin de soi, un temps pour souffler » jeudi",
            "Café des aidants",
        ),
        (
            "La maison de santé de Saint-Exemple ne consulte plus le samedi",
            "La maison de santé de Saint-Exemple",
        ),
    ],
)
def test_a_proposed_title_reads_as_a_title(title, proposed):
    """The proposal ends on a whole fact, keeps a cancellation, and opens no quotation it drops."""
    result = fit(_announcement(title=title, body="Entrée libre."), PANNEAU)

    assert result.proposal is not None
    assert result.proposal.title == proposed
    assert result.proposal.body == f"{title}\nEntrée libre."


def test_a_decomposed_title_is_proposed_composed():
    """A title that fits once its accents are composed keeps all its words."""
    title = unicodedata.normalize("NFD", "é" * 30)

    result = fit(_announcement(title=title), PANNEAU)

    assert not result.fits
    assert result.proposal is not None
    assert (result.proposal.title, result.proposal.body) == ("é" * 30, "")


def test_refused_attachments_are_named_in_the_proposed_body():
    """An attachment that has no room becomes a line with its address: nothing is lost."""
    sixth = Attachment(url="https://example.org/6.png", alt="Plan d'accès")
    poster = Attachment(url="https://example.org/affiche.webp")
    good = tuple(Attachment(url=f"https://example.org/{n}.jpg") for n in range(5))
    one = _announcement(title="Marche", body="Dimanche.", attachments=(poster, *good, sixth))

    proposal = fit(one, PANNEAU).proposal

    assert proposal is not None
    assert proposal.attachments == good
    assert proposal.body.splitlines() == [
        "Dimanche.",
        "Pièce jointe : https://example.org/affiche.webp",
        "Plan d'accès : https://example.org/6.png",
    ]


def test_a_body_too_long_has_no_proposal():
    """A body is never shortened by the library: the person is asked for body_short."""
    result = fit(_announcement(title="Marche", body="x" * 20), ChannelLimits(body_max=10))

    assert not result.fits
    assert result.proposal is None


def test_the_short_body_serves_the_proposal():
    """If the moved title has no room above the long body, the short body is tried."""
    one = _announcement(title="Dépistage " * 6, body="x" * 90, body_short="Samedi.")

    proposal = fit(one, attrs.evolve(PANNEAU, body_max=90)).proposal

    assert proposal is not None
    assert proposal.body == f"{('Dépistage ' * 6).strip()}\nSamedi."


def test_a_body_that_only_begins_alike_gets_the_title_above():
    """A title counts as kept only where it stands as a line of its own."""
    one = _announcement(title="Dépistage gratuit", body="Dépistage gratuitement vôtre")

    proposal = fit(one, ChannelLimits(title_max=10)).proposal

    assert proposal is not None
    assert proposal.body.splitlines() == ["Dépistage gratuit", "Dépistage gratuitement vôtre"]


def test_or_refuse_carries_reasons_and_proposal():
    """The refusal error tells why and hands over the proposed text."""
    result = fit(
        _announcement(title="Dépistage gratuit du diabète samedi 14 novembre 2026"), PANNEAU
    )

    with pytest.raises(AnnouncementRefusedError) as caught:
        result.or_refuse(where="panneaupocket")

    assert len(caught.value.reasons) == 1
    assert "52 caractères" in caught.value.reasons[0]
    assert caught.value.proposal is not None
    assert caught.value.proposal.startswith("Dépistage gratuit du diabète\n")
    assert fit(_announcement(title="Court"), PANNEAU).or_refuse().title == "Court"


@settings(max_examples=300, deadline=None)
@given(title=TITLES, body=TITLES, title_max=st.integers(8, 60), body_max=st.integers(20, 400))
def test_a_proposal_fits_and_loses_nothing(title, body, title_max, body_max):
    """Every proposal fits, holds the whole title, and breaks no date, time or phone number."""
    limits = ChannelLimits(title_max=title_max, body_max=body_max)

    result = fit(_announcement(title=title, body=body), limits)

    assert result.fits == (_units(title) <= title_max and _units(body) <= body_max)
    assert result.fits == (not result.reasons)
    if result.shown is not None:
        assert _holds(result.shown, limits)
    if result.proposal is not None:
        _check_proposal(result.proposal, unicodedata.normalize("NFC", title), limits)


def _check_proposal(proposal: Announcement, title: str, limits: ChannelLimits) -> None:
    assert _holds(proposal, limits)
    assert title in (proposal.title, proposal.body.splitlines()[0])
    if proposal.title == title:
        return
    words = proposal.title.rpartition("\u00a0: ")[2]
    assert title.startswith(words)
    rest = title[len(words) :]
    assert not rest or not rest[0].isalnum()
    assert words.split()[-1].lower() not in {"de", "la", "du", "à", "et", "l", "aux", "le", "sur"}
    for fact in FACTS.finditer(title):
        assert not fact.start() < len(words) < fact.end()
