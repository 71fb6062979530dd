# SPDX-License-Identifier: Apache-2.0
"""Where the secrets of a configuration come from: environment, file, keyring, command."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

#: A file or a command's output longer than this, in bytes, is no secret.
SECRET_BYTES_MAX: Final = 64 * 1024

FORMS: Final = (
    '{"$env": "NAME"}, {"$file": "path"}, {"$keyring": ["service", "user"]} '
    'or {"$command": ["program", "argument"]}'
)


class SourceError(ValueError):
    """A reference cannot be followed; its text goes to the user and holds no secret."""


def run_command(argv: Sequence[str], seconds: float) -> bytes:
    """
    Return what ``argv`` prints. No shell; its messages go to our standard error, unread.

    Raises:
        SourceError: it cannot be started, fails, or is not done after ``seconds``.
    """
    import subprocess  # noqa: PLC0415 - wanted by few

    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, as a list, no shell
            list(argv),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = f"{argv[0]} gave no answer in {seconds:g} s"
        raise SourceError(message) from None
    except OSError as error:
        message = f"{argv[0]} cannot be started: {error.strerror}"
        raise SourceError(message) from None
    if done.returncode != 0:
        message = f"{argv[0]} failed with exit code {done.returncode}"
        raise SourceError(message)
    return done.stdout


def ask_keyring(service: str, user: str) -> str | None:
    """
    Return the password that the system's keyring holds, ``None`` if it holds none.

    Raises:
        SourceError: the keyring package is missing, or finds no keyring it can use.
    """
    try:
        import keyring  # noqa: PLC0415 - an extra, wanted by few
        from keyring.errors import KeyringError  # noqa: PLC0415 - likewise
    except ImportError:
        message = "the keyring package is missing: pip install 'territoire-sante[keyring]'"
        raise SourceError(message) from None
    try:
        answer: str | None = keyring.get_password(service, user)
    except KeyringError as error:
        message = f"the keyring cannot be asked ({type(error).__name__})"
        raise SourceError(message) from None
    return answer


@attrs.frozen(kw_only=True)
class SecretSources:
    """
    The world outside that references are resolved in; tests give another.

    ``run`` is given the command and the seconds it has, ``keyring`` a service and a user.
    """

    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ, repr=False)
    run: Callable[[Sequence[str], float], bytes] = run_command
    keyring: Callable[[str, str], str | None] = ask_keyring
    command_seconds: float = 30.0


@attrs.frozen(kw_only=True)
class Resolver:
    """Follows references; ``found`` collects the texts, so that messages can be cleaned of them."""

    sources: SecretSources
    base: Path | None = None
    found: set[str] = attrs.field(factory=set, repr=False)

    def path(self, text: str) -> Path:
        """Return ``text`` as a path: ``~`` expanded, a relative one taken from ``base``."""
        path = Path(text).expanduser()
        return path if self.base is None else self.base / path

    def env(self, name: Any) -> str:
        """
        Return the environment variable ``name``.

        Raises:
            SourceError: it is not set, or empty.
        """
        if not isinstance(name, str):
            raise SourceError("$env wants the name of an environment variable")
        value = self.sources.environ.get(name)
        if not value:
            message = f"environment variable {name} is {'not set' if value is None else 'empty'}"
            raise SourceError(message)
        return value

    def secret(self, value: Any) -> str:
        """
        Return the text that ``value``, a text or a reference, stands for.

        Raises:
            SourceError: it is no reference, or cannot be followed.
        """
        if isinstance(value, str):
            text = value
        else:
            verb, argument = single_reference(value, f"expected text, {FORMS}")
            follow = {
                "$env": self.env,
                "$file": self._file,
                "$keyring": self._keyring,
                "$command": self._command,
            }.get(verb)
            if follow is None:
                message = f"{verb} is not known here; write {FORMS}"
                raise SourceError(message)
            text = follow(argument)
        self.found.add(text)
        return text

    def clean(self, message: str) -> str:
        """Return ``message`` without any secret found so far."""
        for text in sorted(self.found, key=len, reverse=True):
            # Replacing one or two characters would garble the message and hide nothing.
            if len(text) > 2:  # noqa: PLR2004 - see above
                message = message.replace(text, "***")
        return message

    def _file(self, name: Any) -> str:
        if not isinstance(name, str):
            raise SourceError("$file wants a path")
        path = self.path(name)
        try:
            with path.open("rb") as stream:
                _refuse_open_mode(path, os.fstat(stream.fileno()))
                data = stream.read(SECRET_BYTES_MAX + 1)
        except OSError as error:
            message = f"file {path} cannot be read: {error.strerror}"
            raise SourceError(message) from None
        text = _text(data, f"file {path}").removesuffix("\n").removesuffix("\r")
        if not text:
            message = f"file {path} is empty"
            raise SourceError(message)
        return text

    def _keyring(self, argument: Any) -> str:
        if not (_texts(argument) and len(argument) == 2):  # noqa: PLR2004 - service and user
            raise SourceError("$keyring wants a list of two texts, service and user")
        service, user = argument
        value = self.sources.keyring(service, user)
        if not value:
            message = f"the keyring holds nothing for {user} at {service}"
            raise SourceError(message)
        return value

    def _command(self, argv: Any) -> str:
        if not (_texts(argv) and argv and argv[0]):
            raise SourceError("$command wants a list of texts, the program and its arguments")
        data = self.sources.run(argv, self.sources.command_seconds)
        first = _text(data, argv[0]).partition("\n")[0].removesuffix("\r")
        if not first:
            message = f"{argv[0]} printed an empty first line"
            raise SourceError(message)
        return first


def single_reference(value: Any, otherwise: str) -> tuple[str, Any]:
    """
    Return verb and argument of a mapping with exactly one key.

    Raises:
        SourceError: it is something else; ``otherwise`` is its text.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        raise SourceError(otherwise)
    ((verb, argument),) = value.items()
    return str(verb), argument


def _texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _text(data: bytes, source: str) -> str:
    if len(data) > SECRET_BYTES_MAX:
        message = f"{source} is longer than {SECRET_BYTES_MAX} bytes, too long for a secret"
        raise SourceError(message)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        message = f"{source} is not UTF-8 text"
        raise SourceError(message) from None


def _refuse_open_mode(path: Path, status: os.stat_result) -> None:
    """
    Refuse our own file if others can read it.

    Only its owner can mend the mode, so a file of another user (a secret mounted into a
    container, say) is taken as it is.
    """
    if os.name != "posix" or status.st_uid != os.geteuid():
        return
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISREG(status.st_mode) and mode & 0o077:
        message = f"file {path} can be read by others (mode {mode:04o}): chmod 600 {path}"
        raise SourceError(message)
