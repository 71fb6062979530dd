# SPDX-License-Identifier: Apache-2.0
"""The parts that need no server: XML, names, bytes."""

from __future__ import annotations

import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ProtocolError
from territoire_sante_dav import _hrefs, _multistatus, _text, _xml
from territoire_sante_dav._flavour import DAV

segments = st.text(st.characters(codec="utf-8", exclude_characters="/"), min_size=1, max_size=20)


@given(segments)
def test_names_survive_escaping(segment):
    """Any name, escaped a lot or a little, has one canonical form, and it decodes to itself."""
    much = "".join(f"%{byte:02X}" for byte in segment.encode())
    little = quote(segment)

    assert _hrefs.canonical(f"/a/{much}") == _hrefs.canonical(f"/a/{little}")
    assert _hrefs.canonical(f"/a/{much.lower()}") == _hrefs.canonical(f"/a/{much}")


@given(st.text(max_size=40))
def test_canonical_names_stay(path):
    """The canonical form of a canonical name is itself."""
    once = _hrefs.canonical(path)

    assert _hrefs.canonical(once) == once


@given(st.lists(st.sampled_from(["a.ics", "%61.ics", "a%2Eics", "b c.ics", "b%20c.ics"])))
def test_the_latest_spelling_counts(segments):
    """However often and in which ways a name comes, it is one, spelled as the last time."""
    names = _hrefs.Names.of("http://127.0.0.1:5232/dav/cal/")
    for segment in segments:
        href = f"/dav/cal/{segment}"
        name = names.take(href)

        assert name == _hrefs.canonical(href)
        assert names.spelled(name) == _hrefs.sendable(href)


@given(st.text(max_size=40))
def test_any_href_is_a_name_or_refused(href):
    """Whatever a server writes as an href is a canonical name or a ProtocolError."""
    names = _hrefs.Names.of("http://127.0.0.1:5232/dav/cal/")
    try:
        name = names.take(href)
    except ProtocolError:
        return
    assert name.startswith("/")
    assert name == _hrefs.canonical(name)
    assert "?" not in names.spelled(name)


@given(st.binary(max_size=200))
def test_any_bytes_as_xml(data):
    """Any bytes are a tree or a ProtocolError, never another error."""
    try:
        parsed = _xml.parse(data, where="here")
    except ProtocolError:
        return
    assert isinstance(parsed.root.tag, str)


@given(st.text(max_size=50))
def test_any_text_in_xml(text):
    """A text comes through if XML can hold it, else with its bad characters replaced."""
    raw = _xml.text_element(f"{DAV}href", text).encode("utf-8", "surrogatepass")
    data = b'<D:x xmlns:D="DAV:">' + raw + b"</D:x>"

    parsed = _xml.parse(data, where="")

    found = parsed.root.findtext(f"{DAV}href") or ""
    if parsed.repaired:
        assert _xml.REPLACEMENT in found
    else:
        assert found == text.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE x ["
        + "".join(f'<!ENTITY e{n + 1} "' + f"&e{n};" * 10 + '">' for n in range(20)).replace(
            "&e0;", "x"
        )
        + "]>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(head, encoding):
    """A document type is refused at once, in any encoding, whatever it would expand to."""
    data = f'<?xml version="1.0" encoding="{encoding}"?>{head}<x>&e20;&e;</x>'.encode(encoding)
    started = time.monotonic()

    with pytest.raises(ProtocolError, match="document type"):
        _xml.parse(data, where="")

    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("&#xD83D;&#xDE00;", "😀"),
        ("&#55357;&#56832;", "😀"),
        ("a&#x7;b", "a\ufffdb"),
        ("&#xD83D;", "\ufffd"),
        ("&#x41;&#0;&#x3C;", "A\ufffd<"),
        ("&#x99999999;", "\ufffd"),
        ("\x07", "\ufffd"),
        ("\ufffe", "\ufffd"),
    ],
)
def test_repairs(written, meant):
    """Characters that XML forbids are restored if they mean something, else replaced."""
    parsed = _xml.parse(f"<x>{written}</x>".encode(), where="")

    assert (parsed.root.text, parsed.repaired) == (meant, True)


def test_latin_1_is_read():
    """A declared encoding other than UTF-8 is honoured, and not repaired when it is broken."""
    head = '<?xml version="1.0" encoding="iso-8859-1"?>'

    assert _xml.parse(f"{head}<x>é</x>".encode("latin-1"), where="").root.text == "é"
    with pytest.raises(ProtocolError):
        _xml.parse(f"{head}<x>\x07</x>".encode("latin-1"), where="")


@settings(max_examples=50)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30)))
def test_one_form_of_bytes(lines):
    """However lines end, the normal form is the same, and it is its own normal form."""
    forms = {_text.normal(end.join(lines).encode()) for end in ("\n", "\r\n", "\r")}

    (form,) = forms
    assert _text.normal(form) == form
    assert _text.content_tag(form) == _text.content_tag(form.replace(b"\r\n", b"\n"))


@pytest.mark.parametrize(
    ("text", "status"),
    [("HTTP/1.1 404 Not Found", 404), ("HTTP/2 200", 200), ("404", 500), ("", 500), (None, 500)],
)
def test_inner_statuses(text, status):
    """An inner status that cannot be understood counts as a failure."""
    line = f"<D:status>{text}</D:status>" if text is not None else "<D:status/>"
    tree = _xml.parse(f'<D:response xmlns:D="DAV:">{line}</D:response>'.encode(), where="").root

    assert _multistatus._status(tree.find(f"{DAV}status")) == status
