# SPDX-License-Identifier: Apache-2.0
"""The command line, with the extra ``[cli]``: ``territoire-sante --help`` shows it."""

from territoire_sante.cli._app import app, main

__all__ = ["app", "main"]
