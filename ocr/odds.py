"""Probabilities on the scale on which evidence adds up."""

from __future__ import annotations

import math


def log_odds(chance: float, *, least: float = 1e-4) -> float:
    """Natural log of p / (1 - p), the chance held ``least`` away from 0 and 1 first."""
    held = min(1.0 - least, max(least, chance))
    return math.log(held / (1.0 - held))


def chance_at(odds: float) -> float:
    """The probability with these log odds, held within 30 of zero."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, odds))))
