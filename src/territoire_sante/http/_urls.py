# SPDX-License-Identifier: Apache-2.0
"""Addresses: what an origin is, what may be shown of an address, what may be dialled."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests

from territoire_sante.errors import ConfigError

_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_NO_AUTHORITY: Final = re.compile(r"[^\w.~:@\[\]%!$&'()+*,;=-]")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}

#: Scheme, host and port of an address.
Origin = tuple[str, str, int]


def origin_of(url: str) -> Origin:
    """
    Return scheme, host and port of ``url``, in the form to compare origins in (RFC 6454).

    >>> origin_of("HTTPS://Nuage.Example.org/dav/") == origin_of("https://nuage.example.org:443/")
    True

    Raises:
        ConfigError: not an ``http`` or ``https`` address with a host.
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ConfigError(
            "not an http or https address",
            where=redacted(url),
            remedy="Write it in full, such as https://host.example.org/path/.",
        )
    return scheme, _host(parts.hostname, url), _port_of(parts) or _DEFAULT_PORTS[scheme]


def host_of(url: str) -> str:
    """
    Return host and port of ``url`` as an address has them, the scheme's own port left out.

    >>> host_of("https://p42-caldav.example.org:443/x"), host_of("http://[::1]:5232/")
    ('p42-caldav.example.org', '[::1]:5232')
    """
    scheme, host, port = origin_of(url)
    shown = f"[{host}]" if ":" in host else host
    return shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"


def checked(url: str) -> str:
    """
    Return ``url`` if it may be configured: http or https, with a host, without credentials.

    Raises:
        ConfigError: it may not; the message shows neither user information nor query.
    """
    origin_of(url)
    parts = _split(url)
    if "@" in parts.netloc:
        raise ConfigError(
            "the address holds a user name or password",
            where=redacted(url),
            remedy="Give them by the options for credentials instead.",
        )
    return url


def is_loopback(url: str) -> bool:
    """
    Return whether ``url`` names this machine itself.

    >>> is_loopback("http://[::1]:5232/"), is_loopback("http://localhost.example.org/")
    (True, False)
    """
    host = _split(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def redacted(url: str) -> str:
    """
    Return ``url`` without user information, query and fragment, for logs and messages.

    >>> redacted("https://msp:secret@host.example.org:8443/a?key=1#x")
    'https://host.example.org:8443/a'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "(unreadable address)"
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def as_utf8(value: str) -> str:
    """
    Return a header's value, which comes read as Latin-1, as the UTF-8 that it may have been.

    >>> as_utf8("sant\u00c3\u00a9"), as_utf8("sant\u00e9")
    ('santé', 'santé')
    """
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError("not an address", where=redacted(url)) from error
    # Libraries disagree on where the host ends in such addresses: one would check another
    # host than the one that the next connects to.
    host = parts.netloc.rpartition("@")[2]
    encoded = "%" in host and not host.startswith("[")
    if encoded or _CONTROLS.search(url) or _NO_AUTHORITY.search(parts.netloc):
        raise ConfigError("not an address: odd characters", where=redacted(url))
    return parts


def _host(name: str, url: str) -> str:
    """Return a host's name in lower case and ASCII, as ``requests`` will ask for it."""
    if name.isascii():
        return name.lower()
    try:
        prepared = requests.Request("GET", f"http://{name}/").prepare().url
    except (requests.RequestException, UnicodeError) as error:
        raise ConfigError("not a host's name", where=redacted(url)) from error
    return urlsplit(prepared or "").hostname or ""


def _port_of(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise ConfigError("the port is not a number", where=redacted(parts.geturl())) from error
