# SPDX-License-Identifier: Apache-2.0
"""The command that shows an announcement as a light panel will: preview."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import attrs
import click

from territoire_sante.cli._command import Command
from territoire_sante.cli._messages import Texts
from territoire_sante.cli._session import DONE, FINDINGS, Session
from territoire_sante.errors import ConfigError, EntityNotFoundError
from territoire_sante.formats import panel
from territoire_sante.model import Announcement


def commands(t: Texts) -> list[click.Command]:
    """Return the command with its texts in the language of ``t``."""
    size = click.Option(
        ["--panel", "size"], default="8x16", show_default=True, metavar="8x16", help=t("opt_panel")
    )
    charset = click.Option(
        ["--charset"],
        type=click.Choice(list(panel.CHARSETS)),
        default="latin-1",
        show_default=True,
        help=t("opt_charset"),
    )
    pages = click.Option(
        ["--pages"],
        type=click.IntRange(min=1),
        default=1,
        show_default=True,
        help=t("opt_pages"),
    )
    alignment = click.Option(
        ["--align"],
        type=click.Choice([str(one.value) for one in panel.Alignment]),
        default="left",
        show_default=True,
        help=t("opt_alignment"),
    )
    png = click.Option(
        ["--png"], type=click.Path(file_okay=False, path_type=Path), help=t("opt_png")
    )
    name = click.Argument(["announcement"])
    return [Command(t, "preview", _preview, name, size, charset, pages, alignment, png)]


def _preview(
    session: Session,
    *,
    announcement: str,
    size: str,
    charset: str,
    pages: int,
    align: str,
    png: Path | None,
) -> int:
    profile = panel.PanelProfile.sized(
        size,
        charset=panel.Charset.named(charset),
        pages_max=pages,
        alignment=panel.Alignment(align),
    )
    found = _found(session, announcement)
    layout = panel.layout(found, profile)
    ways = panel.proposals(found, profile)
    pictures = _pictures(layout, found, png) if png is not None else []
    if not session.answer(_plain(layout, ways, pictures, session.t.language)):
        _tell(session, layout, ways)
        for path in pictures:
            session.say("preview_written", path=path)
    return DONE if layout.fits else FINDINGS


def _found(session: Session, name: str) -> Announcement:
    id_ = name if name.startswith("announcement:") else f"announcement:{name}"
    with session.open() as workspace:
        try:
            return workspace.store.get(Announcement, id_)
        except EntityNotFoundError as error:
            raise EntityNotFoundError(
                session.t("preview_unknown"), where=name, remedy=session.t("preview_remedy")
            ) from error


def _pictures(layout: panel.Layout, announcement: Announcement, folder: Path) -> list[Path]:
    local = "".join(c if c.isalnum() else "-" for c in announcement.id.partition(":")[2])
    drawn = [panel.picture(page) for page in layout.pages]
    paths = [folder / f"{local}-{number}.png" for number in range(1, len(drawn) + 1)]
    try:
        if drawn:
            folder.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, drawn, strict=True):
            path.write_bytes(data)
    except OSError as error:
        raise ConfigError(str(error.strerror), where=str(error.filename or folder)) from error
    return paths


def _tell(session: Session, layout: panel.Layout, ways: tuple[panel.Proposal, ...]) -> None:
    language = session.t.language
    frame = "+" + "-" * layout.profile.columns + "+"
    for number, page in enumerate(layout.pages, 1):
        session.say("preview_page", number=number, count=len(layout.pages))
        for line in (frame, *(f"|{line}|" for line in page.lines), frame):
            session.put_out(line)
    if layout.replaced:
        signs = ", ".join(f"{one.sign} → {one.by or '-'}" for one in layout.replaced)
        session.say("preview_replaced", signs=signs)
    if layout.reasons:
        session.say("preview_refused", size=layout.profile.size)
        _list(session, (reason.message(language) for reason in layout.reasons))
    if ways:
        session.say("preview_ways")
        _list(session, (way.message(language) for way in ways))


def _list(session: Session, sentences: Iterable[str]) -> None:
    for sentence in sentences:
        session.text(f"  - {sentence}")


def _plain(
    layout: panel.Layout,
    ways: tuple[panel.Proposal, ...],
    pictures: list[Path],
    language: str,
) -> dict[str, Any]:
    return {
        "fits": layout.fits,
        "panel": layout.profile.size,
        "text": layout.text,
        "pages": [list(page.lines) for page in layout.pages],
        "replaced": [attrs.asdict(one) for one in layout.replaced],
        "reasons": [reason.message(language) for reason in layout.reasons],
        "proposals": [way.message(language) for way in ways],
        "pictures": [str(path) for path in pictures],
    }
