# SPDX-License-Identifier: Apache-2.0
"""The public page: its traps, and pages that are hostile."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ProtocolError
from territoire_sante_panneaupocket._page import NOTICES_MAX, read_page

PAGE = "https://app.panneaupocket.com/ville/1234567-exempleville-48000"


def item(number="10", *, title="Dépistage", content="<p>Samedi</p>", css="sign-carousel--item "):
    """Return a notice as the page writes it; ``number`` is the public one."""
    share = f'<div data-facebook-share-share-url-value="{PAGE}?panneau={number}"></div>'
    return f"""
<div class="{css}" data-id="99{number}">
  <a class="action" title="Suivant" href="{PAGE}?panneau=777"></a>
  <div class="sign-preview">
    <div class="sign-preview__title"><div class="infos"><p class="city">Exempleville</p>
      <p class="postcode">48000</p></div><span class="date">Le 02/11/2026</span></div>
    <div class="sign-preview__content"><div class="title">{title}</div>
      <div class="content">{content}</div></div>
  </div>{share if number else ""}
</div>"""


def page(*items):
    """Return a page with these notices."""
    return f'<!DOCTYPE html><html><div class="sign-carousel">{"".join(items)}</div></html>'


def only(*items):
    """Return the one notice that is read of a page."""
    (notice,) = read_page(page(*items), PAGE).notices
    return notice


def test_a_notice_is_read():
    """Title, text, label, entity and address are those of the notice, and nothing is invented."""
    notice = only(item(title="Eau &amp; santé", content="<p>Samedi<br />9 h</p>"))

    assert (notice.title, notice.text) == ("Eau & santé", "Samedi\n9 h")
    assert (notice.city, notice.postcode, notice.label) == (
        "Exempleville",
        "48000",
        "Le 02/11/2026",
    )
    assert notice.url == f"{PAGE}?panneau=10"
    assert (notice.event, notice.cancelled, notice.files) == (False, False, ())


def test_the_number_is_that_of_the_address_to_share():
    """Neither data-id nor the first ?panneau=, which leads to the next notice, is the number."""
    assert only(item("10")).number == "10"


def test_without_an_address_to_share_a_notice_is_left_out():
    """It is counted, so that nobody takes the page for whole."""
    found = read_page(page(item("10"), item("")), PAGE)

    assert [one.number for one in found.notices] == ["10"]
    assert (found.nameless, found.whole) == (1, False)


def test_a_button_tells_the_address_too():
    """If only the button has the address to share, it serves."""
    button = f'<button class="btn dropdown-item" href="{PAGE}?panneau=12">Partager</button></div>'
    assert only(item("").rstrip().removesuffix("</div>") + button).number == "12"


@pytest.mark.parametrize(
    "address",
    [
        "https://app.panneaupocket.com.example.org/ville/1?panneau=13",
        "http://app.panneaupocket.com/ville/1?panneau=13",
        "https://[/?panneau=13",
        "?panneau=",
        "?panneau=a%20b",
    ],
)
def test_an_address_elsewhere_names_nothing(address):
    """An address to share on another server, or without a number, does not count."""
    strange = item("").replace(
        "</div>\n</div>", f'</div><i data-facebook-share-share-url-value="{address}"></i></div>'
    )
    assert address in strange
    assert read_page(page(item("10"), strange), PAGE).nameless == 1


@pytest.mark.parametrize(
    "css",
    [
        "sign-carousel--item",
        "sign-carousel--item ",
        "a sign-carousel--item sign-carousel--item--active",
        "\nsign-carousel--item\n",
    ],
)
def test_classes_are_matched_by_token(css):
    """Blanks around the class and other classes beside it make no difference."""
    assert only(item(css=css)).number == "10"


def test_another_class_is_no_notice():
    """A longer word that begins alike is another class."""
    assert only(item(), item("11", css="sign-carousel--items")).number == "10"


def test_the_stamp_and_the_card_are_seen():
    """A stamp across the notice cancels it; a card of an event is told by its class."""
    stamp = '<img class="overlay" src="/images/sign-cancel-status/annule.png">'
    event = item().replace('class="sign-preview"', 'class="sign-preview sign-preview--event"')
    stamped = item().replace("</div>\n  </div>", f"</div>{stamp}\n  </div>")

    assert stamp in stamped
    assert only(stamped).cancelled
    assert only(event).event


def test_what_an_author_writes_is_text():
    """Inside of its text a notice can neither stamp itself, nor name itself, nor begin another."""
    hostile = (
        '<img class="overlay" src="/sign-cancel-status/a.png">'
        f'<i data-facebook-share-share-url-value="{PAGE}?panneau=666"></i>'
        '<b class="sign-preview--event">x</b>'
        f'<div class="sign-carousel--item"><div class="title">y</div></div>'
        "<script>document.write('<div class=\"sign-carousel--item\">')</script><!-- </div> -->"
    )
    notice = only(item(content=f"<p>Samedi</p>{hostile}"))

    assert (notice.number, notice.cancelled, notice.event) == ("10", False, False)
    assert notice.title == "Dépistage"
    assert notice.text.split() == ["Samedi", "x", "y"]


def test_files_are_named_in_full():
    """Pictures and PDF files get whole addresses; others, and odd schemes, are no files."""
    content = (
        '<a target="_blank" href="/img/a.jpg"><img src="/img/a.jpg"></a>'
        '<a href="/pdf/sign_pdf/b.pdf">PDF</a><a href="https://example.org/c">lien</a>'
        '<img src="data:image/png;base64,AA"><img src="http://[/"><a href="/img/a.pdf">autre'
    )
    notice = only(item(content=content))

    host = "https://app.panneaupocket.com"
    assert notice.files == (f"{host}/img/a.jpg", f"{host}/pdf/sign_pdf/b.pdf", f"{host}/img/a.pdf")
    assert (notice.text, notice.bare) == ("PDFlienautre", "lien")


def test_each_number_counts_once():
    """If two notices have one number, the first one counts."""
    assert only(item("10"), item("10", title="Autre")).title == "Dépistage"


def test_more_than_eighty_are_not_read():
    """The page then does not count as whole; eighty are."""
    most = [item(str(n)) for n in range(1, NOTICES_MAX + 1)]

    assert read_page(page(*most), PAGE).whole
    full = read_page(page(*most, item("9999")), PAGE)
    assert (len(full.notices), full.full, full.whole) == (NOTICES_MAX, True, False)


def test_an_empty_page_is_whole():
    """A page of notices without a notice says that there are none."""
    assert read_page(page(), PAGE).whole


@pytest.mark.parametrize(
    "source",
    ["", "junk", "<html><h1>Maintenance</h1></html>", page(item("")), page(item(""), item(""))],
    ids=["nothing", "junk", "another page", "nameless", "all nameless"],
)
def test_another_page_is_refused(source):
    """What is no page of notices is an error and never the end of all notices."""
    with pytest.raises(ProtocolError, match="structure has changed"):
        read_page(source, PAGE)


def test_unclosed_elements_are_read_as_a_browser_does():
    """A page that is cut off, and paragraphs that never end, still give what they show."""
    whole = page(item("10", content="<p>Un<p>Deux"), item("11", content="Trois"))
    cut = whole[: whole.index("<div data-facebook", whole.index("Trois"))]

    assert [one.text for one in read_page(whole, PAGE).notices] == ["Un\nDeux", "Trois"]
    assert read_page(cut, PAGE).nameless == 1


_START = '<div class="sign-carousel"><div class="sign-carousel--item">'


@pytest.mark.parametrize(
    "part",
    [
        "<a",
        "<a ",
        '<a b="',
        "<a b=c",
        "<div>",
        "</div>",
        "<!--",
        "<script>",
        "<p><b>",
        "</x>",
        "&amp",
        "<div class=content><div class=sign-preview__content>",
        '<div class="sign-carousel--item">',
        "<a href='x.pdf'>",
        "<img src=a>",
    ],
)
def test_a_hostile_page_takes_no_time(part):
    """Half a mebibyte of any of these is read, or refused, in a few seconds."""
    source = _START + part * (2**19 // len(part))
    began = time.monotonic()

    with pytest.raises(ProtocolError):
        read_page(source, PAGE)

    assert time.monotonic() - began < 20


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *("<", ">", '"', "'", "=", "/", "<!--", "-->", " ", "</", "div", "class", "&", "a"),
                *('<div class="content">', "</div>", "<script>", "</script>", item("12")),
            ]
        ),
        max_size=30,
    )
)
def test_any_junk_is_survived(parts):
    """Whatever stands between two notices, reading ends, with notices of known numbers only."""
    try:
        found = read_page(page(item("10"), *parts, item("11")), PAGE)
    except ProtocolError:
        return
    assert {one.number for one in found.notices} <= {"10", "11", "12"}
    assert found.notices[0].number == "10"
