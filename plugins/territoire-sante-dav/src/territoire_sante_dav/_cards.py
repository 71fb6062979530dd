# SPDX-License-Identifier: Apache-2.0
"""The connector carddav."""

from __future__ import annotations

from typing import Final

from territoire_sante.formats import vcard
from territoire_sante.model import Contact
from territoire_sante.plugins import ConnectorSpec
from territoire_sante_dav import open_addressbook
from territoire_sante_dav._config import CardDavConfig, CardVersion, DavConfig, new_cards
from territoire_sante_dav._flavour import CAPABILITIES, PARALLEL


def _cards(config: DavConfig) -> vcard.ContactLens:
    return vcard.CONTACT_4 if new_cards(config) is CardVersion.V4 else vcard.CONTACT


#: The connector of address books on a server.
CARDDAV: Final = ConnectorSpec(
    name="carddav",
    summary="An address book on a CardDAV server (Nextcloud, SOGo, Zimbra, Radicale …)",
    summary_fr="Un carnet d'adresses sur un serveur CardDAV (Nextcloud, SOGo, Zimbra, Radicale…)",
    view=Contact,
    config=CardDavConfig,
    capabilities=CAPABILITIES,
    lens=_cards,
    open=open_addressbook,
    parallel_writes=PARALLEL,
)
