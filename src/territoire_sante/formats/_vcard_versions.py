# SPDX-License-Identifier: Apache-2.0
"""
What each version of vCard defines.

2.1: the versit specification; 3.0: RFC 2426, 2739, 4770; 4.0: RFC 6350, 6474, 6715, 8605, 9554.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

VERSIONS: Final = ("2.1", "3.0", "4.0")

_OLD: Final = frozenset(
    [
        "FN",
        "N",
        "PHOTO",
        "BDAY",
        "ADR",
        "LABEL",
        "TEL",
        "EMAIL",
        "MAILER",
        "TZ",
        "GEO",
        "TITLE",
        "ROLE",
        "LOGO",
        "AGENT",
        "ORG",
        "NOTE",
        "REV",
        "SOUND",
        "URL",
        "UID",
        "VERSION",
        "KEY",
    ]
)
_PROPERTIES: Final = {
    "2.1": _OLD,
    "3.0": _OLD.union(
        [
            "CATEGORIES",
            "NICKNAME",
            "PRODID",
            "SORT-STRING",
            "CLASS",
            "NAME",
            "PROFILE",
            "SOURCE",
            "IMPP",
            "FBURL",
            "CALURI",
            "CALADRURI",
            "CAPURI",
        ]
    ),
    "4.0": _OLD.difference(["LABEL", "MAILER", "AGENT"]).union(
        [
            "SOURCE",
            "KIND",
            "XML",
            "NICKNAME",
            "ANNIVERSARY",
            "GENDER",
            "IMPP",
            "LANG",
            "MEMBER",
            "RELATED",
            "CATEGORIES",
            "PRODID",
            "CLIENTPIDMAP",
            "FBURL",
            "CALADRURI",
            "CALURI",
            "BIRTHPLACE",
            "DEATHPLACE",
            "DEATHDATE",
            "EXPERTISE",
            "HOBBY",
            "INTEREST",
            "ORG-DIRECTORY",
            "CONTACT-URI",
            "CREATED",
            "GRAMGENDER",
            "LANGUAGE",
            "PRONOUNS",
            "SOCIALPROFILE",
        ]
    ),
}
_PARAMETERS: Final = {
    "2.1": frozenset({"TYPE", "VALUE", "ENCODING", "CHARSET", "LANGUAGE"}),
    "3.0": frozenset({"TYPE", "VALUE", "ENCODING", "LANGUAGE", "CONTEXT"}),
    "4.0": frozenset(
        [
            "LANGUAGE",
            "VALUE",
            "PREF",
            "ALTID",
            "PID",
            "TYPE",
            "MEDIATYPE",
            "CALSCALE",
            "SORT-AS",
            "GEO",
            "TZ",
            "LABEL",
            "INDEX",
            "LEVEL",
            "AUTHOR",
            "AUTHOR-NAME",
            "CREATED",
            "DERIVED",
            "PHONETIC",
            "PROP-ID",
            "SCRIPT",
            "SERVICE-TYPE",
            "USERNAME",
        ]
    ),
}
_TEL_OLD: Final = [
    "home",
    "work",
    "pref",
    "voice",
    "fax",
    "msg",
    "cell",
    "pager",
    "bbs",
    "modem",
    "car",
    "isdn",
    "video",
]
_TYPES: Final = {
    ("TEL", "2.1"): frozenset(_TEL_OLD),
    ("TEL", "3.0"): frozenset([*_TEL_OLD, "pcs"]),
    ("TEL", "4.0"): frozenset(
        ["home", "work", "text", "voice", "fax", "cell", "video", "pager", "textphone"]
    ),
    ("ADR", "2.1"): frozenset(["dom", "intl", "postal", "parcel", "home", "work"]),
    ("ADR", "3.0"): frozenset(["dom", "intl", "postal", "parcel", "home", "work", "pref"]),
    ("ADR", "4.0"): frozenset({"home", "work"}),
}


def undefined(
    version: str, name: str, params: Sequence[tuple[str, Sequence[str]]]
) -> Iterator[str]:
    """
    Yield what of a line ``version`` does not define; ``X-`` names are anybody's.

    >>> list(undefined("3.0", "GENDER", [("ALTID", ["1"])])), list(undefined("4.0", "X-A", []))
    (['GENDER', 'GENDER;ALTID'], [])
    """
    if name not in _PROPERTIES[version] and not name.startswith("X-"):
        yield name
    known = _TYPES.get((name, version))
    for key, values in params:
        if key not in _PARAMETERS[version] and not key.startswith("X-"):
            yield f"{name};{key}"
        if key == "TYPE" and known is not None:
            words = (word.lower() for word in values)
            yield from (
                f"{name};TYPE={word}"
                for word in words
                if word not in known and not word.startswith("x-")
            )
