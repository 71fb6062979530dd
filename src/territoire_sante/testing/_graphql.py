# SPDX-License-Identifier: Apache-2.0
"""
As much of GraphQL as a stand-in needs: one operation, fields with arguments, aliases, fragments.

An answer holds the fields that were asked for and no other; an unknown field is an error, as it is
for a real server.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

_TOKEN: Final = re.compile(r'\.\.\.|[{}()\[\]:$!=@|]|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|\w+')


class QueryError(Exception):
    """The text is no operation that can be run here."""


@attrs.frozen
class Field:
    """One field asked for: under which name it is answered, its arguments, and what of it."""

    name: str
    alias: str
    arguments: Mapping[str, Any]
    selection: tuple[Field, ...] = ()


@attrs.frozen
class Operation:
    """A query or a mutation."""

    kind: str
    name: str
    fields: tuple[Field, ...]


def parse(source: str, variables: Mapping[str, Any]) -> Operation:
    """
    Return the operation of ``source``, with the values of its variables.

    Raises:
        QueryError: it is none.

    >>> found = parse("query A($id: UUID!) { one: event(uuid: $id) { title } }", {"id": "1"})
    >>> found.name, found.fields[0].alias, found.fields[0].arguments
    ('A', 'one', {'uuid': '1'})
    """
    try:
        return _Parser(_TOKEN.findall(source), variables).document()
    except (IndexError, KeyError, RecursionError) as error:
        raise QueryError("syntax error") from error


def chosen(value: Any, selection: tuple[Field, ...]) -> Any:
    """
    Return of ``value`` what was asked for.

    Raises:
        QueryError: it has no such field.
    """
    if isinstance(value, list):
        return [chosen(one, selection) for one in value]
    if not isinstance(value, dict):
        return value
    if not selection:
        raise QueryError("a selection of fields is missing")
    unknown = [one.name for one in selection if one.name not in value]
    if unknown:
        raise QueryError(f'Cannot query field "{unknown[0]}"')
    return {one.alias: chosen(value[one.name], one.selection) for one in selection}


class _Parser:
    def __init__(self, tokens: list[str], variables: Mapping[str, Any]) -> None:
        self._tokens = tokens
        self._place = 0
        self._variables = variables
        self._fragments: dict[str, int] = {
            name: place + 4
            for place, (word, name) in enumerate(itertools.pairwise(tokens))
            if word == "fragment"
        }

    def document(self) -> Operation:
        kind = self._take()
        if kind not in {"query", "mutation"}:
            raise QueryError(f"unexpected {kind}")
        name = "" if self._next() in "{(" else self._take()
        defined = set(self._variable_names()) if self._next() == "(" else set()
        unset = sorted(self._variables.keys() - defined)
        if unset:
            raise QueryError(f"Variable ${unset[0]} is not defined")
        return Operation(kind, name, self._selection())

    def _variable_names(self) -> Iterator[str]:
        while self._take() != ")":
            if self._tokens[self._place - 1] == "$":
                yield self._take()

    def _selection(self) -> tuple[Field, ...]:
        self._expect("{")
        fields: list[Field] = []
        while self._next() != "}":
            if self._next() == "...":
                self._take()
                fields += self._fragment(self._take())
            else:
                fields.append(self._field())
        self._expect("}")
        return tuple(fields)

    def _fragment(self, name: str) -> tuple[Field, ...]:
        here, self._place = self._place, self._fragments[name]
        fields = self._selection()
        self._place = here
        return fields

    def _field(self) -> Field:
        alias = name = self._take()
        if self._next() == ":":
            self._take()
            name = self._take()
        arguments: dict[str, Any] = {}
        if self._next() == "(":
            self._take()
            while self._next() != ")":
                key = self._take()
                self._expect(":")
                self._value(key, arguments)
            self._expect(")")
        inner = self._selection() if self._next() == "{" else ()
        return Field(name, alias, arguments, inner)

    def _value(self, key: str, arguments: dict[str, Any]) -> None:
        word = self._take()
        if word == "$":
            name = self._take()
            if name in self._variables:
                arguments[key] = self._variables[name]
        elif word.isdigit():
            arguments[key] = int(word)
        else:
            known = {"true": True, "false": False, "null": None}
            arguments[key] = known.get(word, word.strip('"'))

    def _next(self) -> str:
        return self._tokens[self._place]

    def _take(self) -> str:
        self._place += 1
        return self._tokens[self._place - 1]

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise QueryError(f"{token} is missing")
