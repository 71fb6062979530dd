# SPDX-License-Identifier: Apache-2.0
r"""
The lossless layer under iCalendar and vCard: bytes to lines and components, and back.

>>> document = parse(b"BEGIN:VCARD\r\nitem1.EMAIL;TYPE=work:a@example.org\r\nEND:VCARD\r\n")
>>> line = document.components[0].lines[0]
>>> line.group, line.name, line.params, line.value
('item1', 'EMAIL', (('TYPE', ('work',)),), 'a@example.org')
>>> document.replace(line, line.rewritten("b@example.org")).to_bytes()
b'BEGIN:VCARD\r\nitem1.EMAIL;TYPE=work:b@example.org\r\nEND:VCARD\r\n'
"""

from territoire_sante.formats._contentline_cut import Limits
from territoire_sante.formats._contentline_document import Component, ContentDocument, parse
from territoire_sante.formats._contentline_edit import Edit
from territoire_sante.formats._contentline_line import Line, fold, make_line
from territoire_sante.formats._contentline_stream import Piece, iter_components
from territoire_sante.formats._contentline_text import escape, split_escaped, unescape

__all__ = [
    "Component",
    "ContentDocument",
    "Edit",
    "Limits",
    "Line",
    "Piece",
    "escape",
    "fold",
    "iter_components",
    "make_line",
    "parse",
    "split_escaped",
    "unescape",
]
