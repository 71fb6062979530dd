# SPDX-License-Identifier: Apache-2.0
r"""
vCard (2.1, RFC 2426, RFC 6350): one card per document, and whole files of them.

>>> from territoire_sante.formats import Document
>>> card = Document(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Mairie\r\nNOTE:a, b\r\nEND:VCARD\r\n", "")
>>> CONTACT.get(card).note
'a, b'
"""

from territoire_sante.formats._interop import from_jcard, from_vobject, to_jcard, to_vobject
from territoire_sante.formats._vcard_contact import ContactLens
from territoire_sante.formats._vcard_convert import Converted, convert
from territoire_sante.formats._vcard_files import items, key, merge_into, split

#: The lens for contacts; new cards are of version 3.0.
CONTACT = ContactLens()

#: The same, with new cards of version 4.0.
CONTACT_4 = ContactLens(version="4.0")

__all__ = [
    "CONTACT",
    "CONTACT_4",
    "ContactLens",
    "Converted",
    "convert",
    "from_jcard",
    "from_vobject",
    "items",
    "key",
    "merge_into",
    "split",
    "to_jcard",
    "to_vobject",
]
