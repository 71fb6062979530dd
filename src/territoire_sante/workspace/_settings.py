# SPDX-License-Identifier: Apache-2.0
"""Read ``territoire.toml``: where the store is, and which links there are."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import attrs

from territoire_sante.errors import ConfigError, InvalidValueError, Problem
from territoire_sante.model import Visibility
from territoire_sante.plugins import Secret
from territoire_sante.projections import PROJECTIONS
from territoire_sante.sync import ConflictPolicy, Direction, Link

Choice = TypeVar("Choice", bound=Enum)

_SQLITE = "sqlite:///"
_VIEWS = ("event", "contact", "announcement")
_CHOICES: Mapping[str, type[Enum]] = {
    "direction": Direction,
    "conflict": ConflictPolicy,
    "audience": Visibility,
}
_TEXTS = ("name", "connector", "view")
_NUMBERS = ("keep_deleted", "parallel")
_LINK_KEYS = (*_TEXTS, "projection", *_CHOICES, *_NUMBERS, "fallback", "people", "config")


@attrs.frozen(kw_only=True)
class Settings:
    """What a ``territoire.toml`` says; ``store_url`` holds an absolute path already."""

    path: Path
    store_url: str
    links: tuple[Link, ...]
    privacy: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    check: Mapping[str, Any] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Privacy:
    """The table ``[privacy]``: the key that the entries of the opposition list were made with."""

    opposition_key: Secret | None = None


def read_settings(path: str | os.PathLike[str]) -> Settings:
    """
    Read a configuration file.

    Raises:
        ConfigError: it is missing, no TOML, or wrong; ``problems`` names every
            table and key at fault.
    """
    file = Path(path).absolute()
    data = _load(file)
    problems = list(_unknown(data, ("store", "link", "privacy", "check"), "file"))
    url = _store_url(data.get("store"), file.parent, problems)
    privacy = _privacy(data.get("privacy", {}), problems)
    check = _check(data.get("check", {}), problems)
    links = _links(data.get("link", []), file.parent, problems)
    problems.extend(_lost_fallbacks(links))
    if problems:
        raise ConfigError(
            "the configuration is wrong",
            problems=problems,
            where=str(file),
            remedy="Correct these places; the page on configuration lists every key",
        )
    return Settings(path=file, store_url=url, links=links, privacy=privacy, check=check)


def suggestion(wrong: str, possible: Iterable[str]) -> str:
    """
    Return a question that proposes the nearest name, or nothing.

    >>> suggestion("direcion", ["name", "direction"])
    ' (did you mean "direction"?)'
    """
    close = difflib.get_close_matches(wrong, list(possible), n=1)
    return f' (did you mean "{close[0]}"?)' if close else ""


def _load(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(
            "there is no such file",
            where=str(file),
            remedy="Write one with `territoire-sante init`, or name another",
        ) from error
    except OSError as error:
        raise ConfigError(f"the file cannot be read: {error.strerror}", where=str(file)) from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"byte {error.start} is not UTF-8", where=str(file), remedy="Save the file as UTF-8"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"this is no TOML: {error}", where=str(file)) from error


def _unknown(table: Mapping[str, Any], keys: Sequence[str], where: str) -> Iterator[Problem]:
    for key in table:
        if key not in keys:
            yield Problem(
                f"{where}: {key}",
                f"unknown key{suggestion(key, keys)}; possible: {', '.join(keys)}",
            )


def _store_url(table: Any, folder: Path, problems: list[Problem]) -> str:
    if not isinstance(table, dict):
        message = "the table is missing" if table is None else "this must be a table"
        problems.append(Problem("[store]", f'{message}; write url = "sqlite:///territoire.db"'))
        return ""
    problems.extend(_unknown(table, ("url",), "[store]"))
    url = table.get("url")
    if not isinstance(url, str) or not url:
        problems.append(Problem("[store]: url", 'give an address like "sqlite:///territoire.db"'))
        return ""
    return _beside(url, folder)


def _privacy(table: Any, problems: list[Problem]) -> Mapping[str, Any]:
    """Return the table as it is: its secret is looked up when it is needed."""
    if not isinstance(table, dict):
        problems.append(Problem("[privacy]", "this must be a table"))
        return {}
    problems.extend(_unknown(table, ("opposition_key",), "[privacy]"))
    return table


def _check(table: Any, problems: list[Problem]) -> Mapping[str, Any]:
    """Return the table as it is: the rules are loaded when they are asked."""
    if not isinstance(table, dict):
        problems.append(Problem("[check]", "this must be a table"))
        return {}
    problems.extend(_unknown(table, ("parameters", "mute"), "[check]"))
    return table


def _beside(url: str, folder: Path) -> str:
    """Make a relative SQLite path start at the configuration's folder, not where one stands."""
    if not url.startswith(_SQLITE):
        return url
    name = url.removeprefix(_SQLITE)
    return f"{_SQLITE}{folder / name}" if name and not name.startswith(":") else url


def _links(tables: Any, folder: Path, problems: list[Problem]) -> tuple[Link, ...]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        problems.append(Problem("link", "write each link as a table headed [[link]]"))
        return ()
    found: dict[str, int] = {}
    links = []
    for number, table in enumerate(tables, 1):
        name = table.get("name")
        where = f"[[link]] {number}" + (f" ({name})" if isinstance(name, str) and name else "")
        link = _link(table, where, folder, problems)
        if isinstance(name, str) and found.setdefault(name, number) != number:
            message = f"the name is taken by [[link]] {found[name]} already"
            problems.append(Problem(f"{where}: name", message))
        if link is not None:
            links.append(link)
    return tuple(links)


def _lost_fallbacks(links: Sequence[Link]) -> Iterator[Problem]:
    possible = [link.name for link in links if link.publishes]
    for link in links:
        if link.fallback and link.fallback not in possible:
            yield _wrong_choice(f"[[link]] ({link.name}): fallback", link.fallback, possible)


def _link(
    table: Mapping[str, Any], where: str, folder: Path, problems: list[Problem]
) -> Link | None:
    before = len(problems)
    problems.extend(_unknown(table, _LINK_KEYS, where))
    problems.extend(
        Problem(f"{where}: {key}", "this text is missing")
        for key in _TEXTS
        if not isinstance(table.get(key), str) or not table[key]
    )
    view = table.get("view")
    if isinstance(view, str) and view and view not in _VIEWS:
        problems.append(_wrong_choice(f"{where}: view", view, _VIEWS))
    config = table.get("config", {})
    if not isinstance(config, dict):
        problems.append(Problem(f"{where}: config", "this must be a table, [link.config]"))
    chosen: dict[str, Any] = {
        key: _choice(kind, table[key], f"{where}: {key}", problems)
        for key, kind in _CHOICES.items()
        if key in table
    }
    chosen |= {key: table[key] for key in _NUMBERS if key in table}
    people = table.get("people", False)
    if not isinstance(people, bool):
        problems.append(Problem(f"{where}: people", "this must be true or false"))
        people = False
    fallback = table.get("fallback", "")
    if not isinstance(fallback, str):
        problems.append(Problem(f"{where}: fallback", "this must be the name of a link"))
    projection = table.get("projection", "")
    if projection not in ("", *PROJECTIONS):
        problems.append(_wrong_choice(f"{where}: projection", projection, tuple(PROJECTIONS)))
    if len(problems) > before:
        return None
    try:
        link = Link(
            **{key: table[key] for key in _TEXTS},
            **chosen,
            projection=projection,
            fallback=fallback,
            people=people,
            config=config,
            base=folder,
        )
    except InvalidValueError as error:
        problems.append(Problem(f"{where}: {error.where}", f"{error.what}. {error.remedy}"))
        return None
    if link.misfit is not None:
        problems.append(Problem(f"{where}: projection", ". ".join(link.misfit)))
    return link


def _choice(
    kind: type[Choice], value: object, where: str, problems: list[Problem]
) -> Choice | None:
    values = [member.value for member in kind]
    if value in values:
        return kind(value)
    problems.append(_wrong_choice(where, value, values))
    return None


def _wrong_choice(where: str, value: object, possible: Sequence[str]) -> Problem:
    hint = suggestion(value, possible) if isinstance(value, str) else ""
    return Problem(where, f"{value!r} is not possible{hint}; choose: {', '.join(possible)}")
