# SPDX-License-Identifier: Apache-2.0
"""From the options in a configuration file to a connector's own configuration object."""

from __future__ import annotations

import difflib
import enum
import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import attrs
from cattrs import Converter, ForbiddenExtraKeysError, transform_error
from cattrs.cols import homogenous_tuple_structure_factory, is_any_set, is_sequence

from territoire_sante.errors import ConfigError, Problem, TerritoireSanteError
from territoire_sante.plugins._contract import ConnectorSpec
from territoire_sante.plugins._secret import HIDDEN, Secret
from territoire_sante.plugins._sources import (
    Resolver,
    SecretSources,
    SourceError,
    single_reference,
)

Config = TypeVar("Config")


def structure_config(
    spec: ConnectorSpec[Config],
    options: Mapping[str, Any],
    *,
    where: str = "",
    base: Path | None = None,
    sources: SecretSources | None = None,
) -> Config:
    """
    Return ``options`` as the configuration object of ``spec``, references resolved.

    Types are strict: no text is taken for a number. A :class:`Secret` field accepts text or a
    reference (``$env``, ``$file``, ``$keyring``, ``$command``), a text or path field accepts text
    or ``$env``. Paths, those of ``$file`` too, are relative to ``base``, the folder of the
    configuration file; without it, to the working directory.

    A ``$file`` that belongs to us must not be readable by others; one final line end is not part
    of the secret. Of what a ``$command`` prints, the first line is.

    Args:
        spec: the connector.
        options: plain data, as TOML or JSON give it.
        where: what to call the options in errors, ``"territoire.toml: link agenda"`` say.
        base: see above.
        sources: environment, command runner and keyring, for tests.

    Raises:
        ConfigError: with every problem and its path.
    """
    title = f"the configuration of connector {spec.name} is wrong"
    return structure_options(
        spec.config, options, title=title, where=where, base=base, sources=sources
    )


def structure_options(
    cls: type[Config],
    options: Mapping[str, Any],
    *,
    title: str,
    where: str = "",
    base: Path | None = None,
    sources: SecretSources | None = None,
) -> Config:
    """
    Return ``options`` as an object of the attrs class ``cls``, as :func:`structure_config` does.

    ``title`` is the sentence that heads the error.

    Raises:
        ConfigError: with every problem and its path.
    """
    if not _is_table(options):
        problem = Problem("$", f"expected a table of options, got {_kind(options)}")
        raise ConfigError(title, where=where, problems=[problem])
    resolver = Resolver(sources=sources or SecretSources(), base=base)
    try:
        return _converter(resolver).structure(dict(options), cls)
    except Exception as error:  # noqa: BLE001 - validators of the connector may raise anything
        problems = [
            _problem(resolver.clean(line))
            for line in transform_error(error, format_exception=_explain)
        ]
    # Raised outside of the except clause: the errors found may quote values, so none is chained.
    raise ConfigError(title, where=where, problems=problems)


def unstructure_config(config: object) -> dict[str, Any]:
    """Return a configuration as plain data to be shown, each secret as ``***``."""
    shown: dict[str, Any] = _showing().unstructure(config)
    return shown


def _converter(resolver: Resolver) -> Converter:
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)

    def text(value: Any, _type: Any) -> str:
        if isinstance(value, str):
            return value
        wanted = 'expected text or {"$env": "NAME"}'
        verb, argument = single_reference(value, f"{wanted}, got {_kind(value)}")
        if verb != "$env":
            message = f"{verb} is for secrets; {wanted}"
            raise SourceError(message)
        return resolver.env(argument)

    def secret(value: Any, _type: Any) -> Secret:
        if isinstance(value, Secret):
            return value
        text = resolver.secret(value)
        # A text that stands in the configuration will be the same the next time.
        return Secret(text, renew=None if isinstance(value, str) else lambda: again(value))

    def again(value: Any) -> str:
        try:
            return resolver.secret(value)
        except SourceError as error:
            problem = resolver.clean(str(error))
        raise ConfigError(problem, remedy="Look whether its source still gives it")

    def path(value: Any, _type: Any) -> Path:
        return resolver.path(str(value) if isinstance(value, Path) else text(value, str))

    converter.register_structure_hook(str, text)
    converter.register_structure_hook(Secret, secret)
    converter.register_structure_hook(Path, path)
    converter.register_structure_hook(int, _exactly("a whole number", int))
    converter.register_structure_hook(float, _exactly("a number", int, float))
    converter.register_structure_hook(bool, _exactly("true or false", bool))
    converter.register_structure_hook_func(_is_enum, _member)
    converter.register_structure_hook_factory(_is_collection, _collection)
    return converter


def _exactly(wanted: str, *types: type) -> Callable[[Any, Any], Any]:
    def hook(value: Any, kind: Any) -> Any:
        # A bool is an int in Python, but not in anybody's configuration.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            message = f"expected {wanted}, got {_kind(value)}"
            raise SourceError(message)
        return kind(value)

    return hook


def _is_enum(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, enum.Enum)


def _member(value: Any, kind: type[enum.Enum]) -> enum.Enum:
    try:
        return kind(value)
    except ValueError:
        choices = ", ".join(repr(member.value) for member in kind)
        message = f"expected one of {choices}"
        raise SourceError(message) from None


def _is_collection(kind: Any) -> bool:
    return is_sequence(kind) or is_any_set(kind)


def _collection(kind: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Structure lists and sets as cattrs does, but do not take a text for a list of letters."""
    alias: Any = tuple.__class_getitem__(((get_args(kind) or (Any,))[0], ...))
    elements = homogenous_tuple_structure_factory(alias, converter)
    origin = get_origin(kind)
    make = origin if origin in (list, set, frozenset) else tuple

    def hook(value: Any, _type: Any) -> Any:
        if not isinstance(value, list | tuple | set | frozenset):
            message = f"expected a list, got {_kind(value)}"
            raise SourceError(message)
        return make(elements(value, kind))

    return hook


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _kind(value: Any) -> str:
    names = {str: "text", bool: "true or false", Mapping: "a table", list: "a list"}
    return next((n for t, n in names.items() if isinstance(value, t)), type(value).__name__)


def _explain(error: BaseException, kind: type | None) -> str:
    if type(error) is KeyError:
        return "required field missing"
    if isinstance(error, KeyError) and error.args:
        return str(error.args[0])  # of a validator: zones that are not known raise a kind of it
    if isinstance(error, ForbiddenExtraKeysError):
        return _extra(error)
    if isinstance(error, SourceError | TerritoireSanteError):
        return str(error)
    if isinstance(error, ValueError | TypeError) and error.args:
        return str(error.args[0])  # attrs' validators put the attribute and the value behind
    expected = f", expected {kind.__name__}" if isinstance(kind, type) else ""
    return f"invalid value{expected} ({type(error).__name__})"


def _extra(error: ForbiddenExtraKeysError) -> str:
    known = [field.alias or field.name for field in attrs.fields(error.cl)]
    parts = []
    for name in sorted(map(str, error.extra_fields)):
        close = difflib.get_close_matches(name, known, n=1)
        parts.append(f"{name} (did you mean {close[0]}?)" if close else name)
    known_text = ", ".join(known) or "none"
    return f"unknown option: {', '.join(parts)}; known are: {known_text}"


def _problem(line: str) -> Problem:
    message, _, path = line.rpartition(" @ ")
    return Problem(path, message)


@functools.cache
def _showing() -> Converter:
    converter = Converter()
    converter.register_unstructure_hook(Secret, lambda _: HIDDEN)
    converter.register_unstructure_hook(Path, str)
    return converter
