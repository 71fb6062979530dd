# SPDX-License-Identifier: Apache-2.0
"""What ``doctor`` shows: whose signs and whose page a person configured."""

from __future__ import annotations

from collections.abc import Iterator

from territoire_sante.plugins import Fact, Words
from territoire_sante_panneaupocket._page import Page


def page_facts(page: Page, address: str) -> Iterator[Fact]:
    """Yield whose page it is, by its own words, and how many notices it shows."""
    entities = {f"{one.city} ({one.postcode})" for one in page.notices if one.city}
    names = ", ".join(sorted(entities))
    yield Fact(
        key="entity",
        value=names,
        what=Words("Entité configurée", "Entity configured"),
        found=Words(
            f"{names or 'aucun panneau pour le dire'} : {address}",
            f"{names or 'no notice to tell it'}: {address}",
        ),
        handling=Words(
            "vérifiez que c'est bien la vôtre, et non l'école ou l'intercommunalité",
            "check that it is yours, and not the school or the intercommunality",
        ),
        good=len(entities) == 1,
    )
    yield Fact(
        key="notices",
        value=str(len(page.notices)),
        what=Words("Panneaux affichés", "Notices shown"),
        found=Words(str(len(page.notices)), str(len(page.notices))),
        handling=Words()
        if page.whole
        else Words(
            "certains ne se distinguent pas ; aucun retrait n'est conclu",
            "some cannot be told apart; nothing is taken for withdrawn",
        ),
        good=page.whole,
    )


def no_page() -> Fact:
    """Return that nothing can be confirmed."""
    return Fact(
        key="entity",
        value="",
        what=Words("Entité configurée", "Entity configured"),
        found=Words("aucune page publique (option page)", "no public page (option page)"),
        handling=Words(
            "les publications ne sont pas confirmées", "what is published is not confirmed"
        ),
        good=False,
    )


def unread_page(why: str) -> Fact:
    """Return that the page cannot be read now."""
    return Fact(
        key="entity",
        value="",
        what=Words("Entité configurée", "Entity configured"),
        found=Words(why, why),
        good=False,
    )


def followers(count: int | None) -> Fact:
    """Return how many residents follow the entity of the token."""
    told = "?" if count is None else str(count)
    return Fact(
        key="followers",
        value=told,
        what=Words("Habitants abonnés", "Residents who follow it"),
        found=Words(told, told),
    )
