# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.exceptions import ValidationError
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from territoire_sante.errors import InvalidValueError
from territoire_sante.model import (
    Code,
    CommuneCode,
    DepartmentCode,
    Finess,
    FinessKind,
    Identifier,
    PostalCode,
    RegionCode,
    Rna,
    Rpps,
    Siren,
    Siret,
    code_of,
    luhn_holds,
)

ALL = (CommuneCode, DepartmentCode, RegionCode, PostalCode, Siren, Siret, Finess, Rpps, Rna)
LA_POSTE = st.integers(0, 99999).map("356000000{:05}".format)


def accepted(cls: type[Code], value: str) -> bool:
    """Say whether the class takes the value."""
    try:
        cls(value)
    except InvalidValueError:
        return False
    return True


@pytest.mark.parametrize("value", ["73282932000074", "20006812000019", "35600000049837"])
def test_true_sirets_pass(value):
    """Real SIRET, one of La Poste among them, are accepted and give their SIREN."""
    assert Siret(value).siren == Siren(value[:9])


@pytest.mark.parametrize("value", ["35600000049838", "67895644300011", "73282932000075"])
def test_false_sirets_are_refused(value):
    """A wrong check digit is an error that names the number."""
    with pytest.raises(InvalidValueError, match=value):
        Siret(value)


@given(st.from_regex(r"[0-9]{14}", fullmatch=True) | LA_POSTE)
@settings(max_examples=300)
def test_siret_agrees_with_stdnum(value):
    """Whatever the digits, we accept exactly what python-stdnum accepts."""
    assert accepted(Siret, value) == stdnum_siret.is_valid(value)


@given(st.from_regex(r"[0-9]{8}", fullmatch=True), st.from_regex(r"[0-9]{4}", fullmatch=True))
@settings(max_examples=100)
def test_completed_sirets_pass_both(root, establishment):
    """One last digit out of ten makes a valid SIREN, one a valid SIRET, here and in stdnum."""
    for stem, cls, peer in (
        (root, Siren, stdnum_siren),
        (_completed(root) + establishment, Siret, stdnum_siret),
    ):
        good = [digit for digit in "0123456789" if accepted(cls, stem + digit)]
        assert len(good) == 1 or stem.startswith("356000000")
        for digit in good:
            assert peer.validate(stem + digit) == stem + digit


def _completed(stem: str) -> str:
    return next(stem + digit for digit in "0123456789" if luhn_holds(stem + digit))


@given(st.from_regex(r"[0-9]{9}", fullmatch=True))
@settings(max_examples=200)
def test_siren_agrees_with_stdnum(value):
    """Whatever the digits, our SIREN is that of python-stdnum."""
    try:
        stdnum_siren.validate(value)
        valid = True
    except ValidationError:
        valid = False
    assert accepted(Siren, value) is valid


def test_every_commune_is_accepted(cog):
    """Each commune of the COG has an accepted code, whose département is the official one."""
    rows = cog("communes")
    assert len(rows) > 34_000
    wrong = [
        row["code_insee"]
        for row in rows
        if CommuneCode(row["code_insee"]).department.value != row["code_departement"]
    ]
    assert wrong == []


def test_every_authority_is_accepted(cog):
    """Each SIREN of a commune or EPCI, each département and each region of the COG passes."""
    sirens = [row["siren"] for name in ("communes", "epci") for row in cog(name)]
    known = [value for value in sirens if value.strip("None")]
    assert [value for value in known if not accepted(Siren, value)] == []
    assert [row for row in cog("departements") if not accepted(DepartmentCode, row["code"])] == []
    assert [row for row in cog("regions") if not accepted(RegionCode, row["code"])] == []


@pytest.mark.parametrize(
    ("code", "department"),
    [("48095", "48"), ("2A004", "2A"), ("2B033", "2B"), ("97411", "974"), ("98735", "987")],
)
def test_commune_names_its_department(code, department):
    """The département is two characters, three overseas, with the letters of Corsica."""
    commune = CommuneCode(code)
    assert str(commune.department) == department
    assert commune.territory_id == f"commune:{code}"


@pytest.mark.parametrize(
    ("cls", "value", "remedy"),
    [
        (CommuneCode, "2a004", "2A004"),
        (CommuneCode, "20000", "postal code"),
        (CommuneCode, "1001", "01001"),
        (CommuneCode, "Mende", "5 characters"),
        (CommuneCode, "00100", "5 characters"),
        (DepartmentCode, "1", "01"),
        (DepartmentCode, "20", "2A"),
        (DepartmentCode, "96", "01 to 95"),
        (RegionCode, "07", "two digits"),
        (PostalCode, "2A004", "INSEE"),
        (PostalCode, "1000", "01000"),
        (PostalCode, "480000", "5 digits"),
        (Siren, "73282932000074", "732829320"),
        (Siren, "732829321", "9 digits"),
        (Siret, "732829320", "SIREN"),
        (Siret, "7328293200007", "14 digits"),
        (Finess, "54000269", "9 characters"),
        (Finess, "2C0022596", "9 characters"),
        (Rpps, "810001234567", "10001234567"),
        (Rpps, "1000123456", "11 digits"),
        (Rna, "w481000000", "capital W"),
    ],
)
def test_refusals_say_how_to_mend(cls, value, remedy):
    """What people write by mistake is refused with a remedy that fits it."""
    with pytest.raises(InvalidValueError) as caught:
        cls(value)
    assert remedy in caught.value.remedy
    assert caught.value.where == cls.SCHEME


@pytest.mark.parametrize("cls", ALL)
@pytest.mark.parametrize("value", ["", " ", "٤٨٠٩٥", "48\x00095", "4809５", "482959999999999999"])
def test_nonsense_is_refused(cls, value):
    """Emptiness, control characters and digits that are not ASCII are no code."""
    with pytest.raises(InvalidValueError):
        cls(value)


@pytest.mark.parametrize(
    ("cls", "text", "value"),
    [
        (CommuneCode, " 2a004 ", "2A004"),
        (Siren, "732 829 320", "732829320"),
        (Siret, "732.829.320-00074", "73282932000074"),
        (Siret, "732\u00a0829\u202f320 00074", "73282932000074"),
        (Finess, "2a 002 2596", "2A0022596"),
        (Rna, "w481 000 000", "W481000000"),
        (PostalCode, "48 000", "48000"),
    ],
)
def test_parse_reads_what_people_write(cls, text, value):
    """``parse`` puts case, spaces, dots and dashes right."""
    assert cls.parse(text).value == str(cls.parse(text)) == value
    assert cls(value) == cls.parse(value)


@pytest.mark.parametrize(
    "value",
    [
        "540002698",
        "580008803",
        "010003820",
        "010003812",
        "250003530",
        "940000664",
        "770816478",
        "470014556",
        "720006105",
        "010008407",
        "2A0022596",
        "2A0000014",
        "2B0000020",
    ],
)
def test_real_finess_numbers_satisfy_the_check(value):
    """Published FINESS numbers satisfy the check digit, Corsica included."""
    assert Finess(value).check_digit_holds


@pytest.mark.parametrize("value", ["458174839", "754567860"])
def test_finess_check_digit_is_only_a_doubt(value):
    """A number whose check digit is wrong is kept, and the doubt can be asked for."""
    assert not Finess(value, kind=FinessKind.GEOGRAPHIC).check_digit_holds


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
@settings(max_examples=50)
def test_rpps_check_digit_is_only_a_doubt(stem):
    """All eleven digits are accepted, and exactly one last digit satisfies the check."""
    assert sum(Rpps(stem + digit).check_digit_holds for digit in "0123456789") == 1


def test_codes_of_different_kinds_differ():
    """A postal code is never equal to a commune code of the same digits."""
    assert PostalCode("48095") != CommuneCode("48095")
    assert Siren("200068120") < Siren("732829320")


def test_identifiers_and_codes_translate():
    """A code becomes an external identifier and is read back; unknown schemes are left alone."""
    siret = Siret("73282932000074")
    assert code_of(siret.as_identifier()) == siret
    assert code_of(Identifier(scheme="local", value="x")) is None
    with pytest.raises(InvalidValueError, match="check digit"):
        code_of(Identifier(scheme="siren", value="732829321"))
