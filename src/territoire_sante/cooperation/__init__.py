# SPDX-License-Identifier: Apache-2.0
"""What the cooperation of care teams and authorities asks: who is the relay, who can help, how."""

from territoire_sante.cooperation._ladder import liaison_for
from territoire_sante.cooperation._liaison import Gap, Liaison, Need, Step, StepState
from territoire_sante.cooperation._relay import Relay, Rung
from territoire_sante.cooperation._words import Sentence

__all__ = [
    "Gap",
    "Liaison",
    "Need",
    "Relay",
    "Rung",
    "Sentence",
    "Step",
    "StepState",
    "liaison_for",
]
