# SPDX-License-Identifier: Apache-2.0
"""The lossless layer: every byte comes back, and nothing can break out of a line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import (
    FormatError,
    LimitExceededError,
    LossyConversionError,
    UnsupportedError,
)
from territoire_sante.formats import contentline
from territoire_sante.formats.contentline import Edit, Limits, escape, make_line, parse, unescape

CARD = b"BEGIN:VCARD\r\nFN:Anne\r\nEND:VCARD\r\n"

fragments = st.sampled_from([
    b"BEGIN:VEVENT", b"END:VEVENT", b"BEGIN:X", b"SUMMARY:a", b"item1.TEL;HOME;VOICE:1",
    b"\r\n", b"\n", b"\r", b" ", b"\t", b";", b":", b'"', b"=", b",", b"\\", b"\xc3", b"\xa9",
    b"\xe9", b"\x00", b"\x07", b"\xe2\x80\xa8", b"NOTE;ENCODING=QUOTED-PRINTABLE:a=", b"^n",
])  # fmt: skip
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=200)


@settings(max_examples=300, deadline=None)
@given(st.lists(fragments | st.binary(max_size=8), max_size=30).map(b"".join))
def test_any_bytes_come_back(data):
    """What parse accepts comes back byte for byte, and reading its lines raises nothing else."""
    try:
        document = parse(data)
    except FormatError:
        return

    assert document.to_bytes() == data
    assert isinstance(document.problems, tuple)
    for line in document.lines:
        assert isinstance(line.decoded(), str)
        assert isinstance(line.params, tuple)


def test_corpus_comes_back(ics_files, vcf_files):
    """Every real file that is accepted comes back byte for byte, and nearly all are accepted."""
    refused = []
    for path in ics_files + vcf_files:
        data = path.read_bytes()
        try:
            assert parse(data).to_bytes() == data, path.name
        except FormatError:
            refused.append(path.name)

    assert len(refused) <= 0.01 * len(ics_files + vcf_files), refused


@pytest.mark.parametrize("eol", [b"\r\n", b"\n", b"\r", b"\r\r\n"])
def test_line_ends(eol):
    """All four line ends of real files separate lines, and folds are undone with each."""
    data = CARD.replace(b"\r\n", eol).replace(b"Anne", b"An" + eol + b" ne")
    document = parse(data)
    card = document.components[0]

    assert document.to_bytes() == data
    assert card.closed
    assert card.first("FN").value == "Anne"
    assert document.eol == eol


def test_fold_inside_a_character():
    """A fold that cuts a UTF-8 character in two is undone on bytes."""
    document = parse(b"SUMMARY:caf\xc3\r\n \xa9\r\n")

    assert document.lines[0].value == "café"
    assert document.fallback == "utf-8"


@pytest.mark.parametrize("char", ["\u2028", "\x85", "\u2029"])
def test_unicode_breaks_are_text(char):
    """The line breaks of Unicode do not end a content line."""
    document = parse(f"BEGIN:VEVENT\r\nSUMMARY:a{char}b\r\nEND:VEVENT\r\n".encode())

    assert document.components[0].first("SUMMARY").value == f"a{char}b"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"NOTE:\xe9t\xe9\r\n", "été"),
        (b"NOTE:\x80\r\n", "€"),
        (b"NOTE;CHARSET=ISO-8859-15:\xa4\r\n", "€"),
        (b"NOTE:\x81\r\n", "\x81"),
        (b"NOTE;CHARSET=rot13:\xe9\r\n", "é"),
        (b"NOTE;CHARSET=undefined:\xe9\r\n", "é"),
    ],
)
def test_charsets(data, value):
    """Bytes that are not UTF-8 are read in their declared charset or Windows-1252, with a note."""
    document = parse(data)

    assert document.lines[0].value == value
    assert any("not UTF-8" in problem.message for problem in document.problems)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16(codec):
    """UTF-16 with a byte order mark is read and written back as it was."""
    data = ("\ufeff" + CARD.decode().replace("Anne", "Noé")).encode(codec)
    document = parse(data)
    line = document.components[0].first("FN")

    assert line.value == "Noé"
    assert document.to_bytes() == data
    changed = document.replace(line, line.rewritten("Zoé")).to_bytes()
    assert changed == data.replace("Noé".encode(codec), "Zoé".encode(codec))


def test_utf16_without_mark():
    """UTF-16 without a byte order mark is refused with a remedy."""
    with pytest.raises(UnsupportedError, match="UTF-8"):
        parse(CARD.decode().encode("utf-16-le"))


def test_bom():
    """A byte order mark does not hide the first line, and stays."""
    document = parse(b"\xef\xbb\xbf" + CARD)

    assert document.components[0].name == "VCARD"
    assert document.to_bytes() == b"\xef\xbb\xbf" + CARD


@pytest.mark.parametrize(
    ("line", "params"),
    [
        (b"TEL;HOME;VOICE:1", (("HOME", ()), ("VOICE", ()))),
        (b"TEL;TYPE=home,cell;TYPE=x:1", (("TYPE", ("home", "cell")), ("TYPE", ("x",)))),
        (b'A;CN="Roux; Anne: DR":1', (("CN", ("Roux; Anne: DR",)),)),
        (b"A;CN=^'Nana^' ^^ ^n:1", (("CN", ('"Nana" ^ \n',)),)),
        (b'A;T="a","b,c":1', (("T", ("a", "b,c")),)),
        (b"a;language=fr:1", (("LANGUAGE", ("fr",)),)),
    ],
)
def test_params(line, params):
    """Bare, repeated, quoted, encoded and lower-case parameters are all read, in order."""
    document = parse(line + b"\r\n")

    assert document.lines[0].params == params
    assert document.lines[0].value == "1"


def test_group_and_quoted_printable():
    """A soft break of quoted-printable joins the next line, with no white space asked for."""
    data = b"item2.NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:caf=C3=\r\n=A9=0D=0Afin\r\nFN:x\r\n"
    document = parse(data)

    assert document.lines[0].group == "item2"
    assert document.lines[0].decoded() == "café\nfin"
    assert document.lines[1].name == "FN"
    assert document.to_bytes() == data


def test_unreadable_lines_are_kept_and_named():
    """A line without a colon is kept; the problem names its physical line and the cause."""
    data = b"BEGIN:VCARD\r\nFN:a\r\n b\r\nnonsense\r\n\r\nX;Y\r\nEND:VCARD\r\n"
    document = parse(data)

    assert [str(problem)[:27] for problem in document.problems] == [
        "line 4: not a content line ",
        "line 6: not a content line ",
    ]
    assert document.to_bytes() == data


@pytest.mark.parametrize(
    ("data", "cause"),
    [
        (b"BEGIN:A\r\nBEGIN:B\r\nEND:A\r\n", "line 2: B is never closed"),
        (b"BEGIN:A\r\nX:1\r\n", "line 1: A is never closed"),
        (b"BEGIN:A\r\nEND:B\r\nEND:A\r\n", "line 2: END:B closes nothing"),
        (b"X:1\r\nBEGIN:A\r\nEND:A\r\n", "line 1: X stands outside"),
    ],
)
def test_nesting_problems(data, cause):
    """Components that are not closed, or closed without being open, are kept and named."""
    document = parse(data)

    assert document.to_bytes() == data
    assert any(str(problem).startswith(cause) for problem in document.problems)


def test_several_components():
    """Several cards, blank lines between them, and nested components are all found."""
    document = parse(CARD + b"\r\n" + CARD + b"BEGIN:A\nBEGIN:b\nX:1\nEND:B\nEND:A\n")

    assert [c.name for c in document.walk()] == ["VCARD", "VCARD", "A", "B"]
    assert not document.problems


@pytest.mark.parametrize(
    ("data", "limits"),
    [
        (CARD, Limits(total=10)),
        (CARD, Limits(lines=2)),
        (b"BEGIN:A\r\n" * 4, Limits(depth=3)),
        (b"X" + b";a=1" * 20 + b":1\r\n", Limits(params=10)),
        (b"X:" + b"a" * 1000 + b"\r\n", Limits(line=500)),
        (b"X" + b";a" * 1000 + b":1\r\n", Limits()),
    ],
)
def test_limits(data, limits):
    """Each stated limit ends in its own error."""
    with pytest.raises(LimitExceededError):
        parse(data, limits=limits)


def test_deep_nesting_does_not_recurse():
    """Twenty thousand nested components are read and written without a recursion error."""
    data = b"BEGIN:A\r\n" * 20_000
    document = parse(data, limits=Limits(depth=30_000))

    assert document.to_bytes() == data
    assert sum(1 for _ in document.walk()) == 20_000


@settings(max_examples=200, deadline=None)
@given(texts, texts)
def test_nothing_breaks_out_of_a_line(value, param):
    """Any text given as value or parameter is either refused or one line that reads back."""
    try:
        line = make_line("X-NOTE", escape(value), params=[("X-P", [param])])
    except FormatError:
        return
    again = parse(line.raw)

    assert [found.raw for found in again.lines] == [line.raw]
    assert unescape(again.lines[0].value) == contentline.unescape(escape(value))
    wanted = param.replace("\r\n", "\n").replace("\r", "\n")
    assert again.lines[0].params == (("X-P", (wanted,)),)
    physical = line.raw.split(b"\r\n")
    assert all(len(part) <= 75 for part in physical)
    assert all(part.decode() is not None for part in physical)


@pytest.mark.parametrize("value", ["a\x07b", "a\r\nATTENDEE:x", "a\nb", "\ud800"])
def test_raw_control_characters_are_refused(value):
    """A value with a raw line break, control character or half a surrogate is refused."""
    with pytest.raises(FormatError, match="cannot stand"):
        make_line("SUMMARY", value)


def test_names_are_checked():
    """A name, group or parameter name that would change the line's form is refused."""
    with pytest.raises(FormatError):
        make_line("SUMMARY:x", "a")
    with pytest.raises(FormatError):
        make_line("SUMMARY", "a", group="a.b")
    with pytest.raises(FormatError):
        make_line("SUMMARY", "a", params=[("X;Y", ["a"])])


def test_rewriting_keeps_name_and_params():
    """A new value keeps the spelling of the name and every parameter, in order."""
    line = parse(b'item1.Tel;type="HOME";X-A=b;Pref:1\n').lines[0]
    new = line.rewritten("2", params={"X-A": ["c,d"], "X-NEW": ["e"]})

    assert new.raw == b'item1.Tel;type="HOME";X-A="c,d";Pref;X-NEW=e:2\n'


def test_latin1_document_gets_latin1_lines():
    """A new line in a Windows-1252 document is written in Windows-1252."""
    document = parse(b"BEGIN:VCARD\nFN:No\xe9\nEND:VCARD\n")
    edit = Edit(document)
    edit.append(document.components[0], edit.line("NOTE", "été"))

    assert edit.apply({"NOTE"}).to_bytes() == (
        b"BEGIN:VCARD\nFN:No\xe9\nNOTE:\xe9t\xe9\nEND:VCARD\n"
    )


def test_patch_shares_all_other_bytes():
    """Insert, replace and remove leave every other byte as it was."""
    document = parse(CARD)
    fn = document.components[0].first("FN")
    note = make_line("NOTE", "x", eol=document.eol)

    assert document.insert(fn, note).to_bytes() == CARD.replace(b"Anne\r\n", b"Anne\r\nNOTE:x\r\n")
    assert document.remove(fn).to_bytes() == b"BEGIN:VCARD\r\nEND:VCARD\r\n"
    assert document.to_bytes() == CARD


def test_edit_guards_what_it_does_not_own():
    """A patch that reaches a line it does not own is refused and names the line."""
    document = parse(CARD)
    edit = Edit(document)
    edit.remove(document.components[0].all("FN"))

    with pytest.raises(LossyConversionError) as caught:
        edit.apply({"NOTE"})
    assert caught.value.lost == ("FN",)


def test_lines_that_would_run_together():
    """Among mixed line ends, a change that would make one line of two is refused."""
    document = parse(b"BEGIN:VEVENT\rSUMMARY:a\rURL:x\r\n\r\n b\rEND:VEVENT\r")
    edit = Edit(document)
    edit.remove(document.components[0].all("URL"))

    with pytest.raises(LossyConversionError, match="line ends"):
        edit.apply({"URL"})


def test_unclosed_component_is_not_changed():
    """A component without END can be read, but adding to it is refused with the line."""
    document = parse(b"X:1\r\nBEGIN:VCARD\r\nFN:a")
    edit = Edit(document)

    with pytest.raises(UnsupportedError, match="line 2"):
        edit.append(document.components[0], edit.line("NOTE", "a"))


@pytest.mark.parametrize(
    ("raw", "mark", "parts"),
    [
        ("a;b", ";", ["a", "b"]),
        (r"a\;b;c", ";", [r"a\;b", "c"]),
        (r"a\\;b", ";", [r"a\\", "b"]),
        ("", ";", [""]),
        (r"a;", ";", ["a", ""]),
        (r"\,;", ";", [r"\,", ""]),
        ("a\\", ";", ["a\\"]),
    ],
)
def test_split_escaped(raw, mark, parts):
    """Only unescaped marks separate."""
    assert contentline.split_escaped(raw, mark) == parts
