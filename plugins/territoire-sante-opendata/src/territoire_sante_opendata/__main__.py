# SPDX-License-Identifier: Apache-2.0
"""The command: ``territoire-sante-registers`` and ``python -m territoire_sante_opendata``."""

import sys

from territoire_sante_opendata._command import main

if __name__ == "__main__":
    sys.exit(main())
