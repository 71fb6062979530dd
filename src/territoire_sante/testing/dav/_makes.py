# SPDX-License-Identifier: Apache-2.0
"""What makes of server were measured to do otherwise than the standards say, as faults."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from territoire_sante.testing.dav._faults import Faults

MAKES: Final[Mapping[str, Faults]] = MappingProxyType(
    {
        "Radicale 3.9": Faults(
            rewrites={"reorder"},
            bad_data=400,
            bad_data_named=False,
            name_characters=":,'*?",
            max_name=239,
            first_tombstones=True,
            http10=True,
        ),
        "Xandikos 0.4": Faults(
            uid_conflict="412",
            bad_data=412,
            sync_unknown="412",
            max_name=239,
            missing_207=True,
            limit="cut",
            sync_form="f00d{}",
        ),
        "DAViCal 1.1": Faults(
            uid_conflict="accept",
            bad_data=412,
            bad_data_named=False,
            name_characters="()[]\\",
            multiget_missing="left-out",
            sync_unknown="accept",
            sync_form="data:,{}",
        ),
        "Cyrus 3.6": Faults(
            rewrites={"reorder"},
            adds=("X-SERVER:1",),
            uid_conflict="403",
            gzip=True,
            weak_match=True,
            missing_207=True,
            limit="paged",
            sync_form="http://cyrusimap.org/ns/sync/{}",
        ),
        "SOGo 5.8": Faults(
            rewrites={"vcard3"},
            uid_conflict="bare",
            bad_data=404,
            bad_data_named=False,
            ignores={"create", "delete", "replace-missing"},
            etags="counter",
            filters=False,
            max_name=239,
            sync_hrefs="bare",
            seconds=True,
            sync_unknown="accept",
        ),
        "sabre/dav 1.8": Faults(
            uid_conflict="accept",
            bad_data=415,
            bad_data_named=False,
            delete_missing=412,
            multiget_missing="fails",
            hrefs="lower",
            sync=False,
        ),
    }
)
"""
Faults by make and version, as found with each one empty on this machine in 2026.

They are the facts that a client can tell, not a complete imitation: a program that passes with
all of them still has to be tried with the real ones.
"""
