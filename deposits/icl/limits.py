"""From where a measure of an image is a suspect condition, as a bank's profile may set it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a measure is a suspect condition; inches, degrees, shares of all pixels.

    Sizes: a personal check is 6 by 2.75 inches, a business check 8.5 by 3.5; a little is left for
    how straight people feed them. Shares of ink were set on drawn checks and on other makers'
    cash letters, where a front has 4 to 14 % of it.
    """

    least_width: float = 5.5
    least_height: float = 2.2
    most_width: float = 9.25
    most_height: float = 4.6
    skew_degrees: float = 2.5
    least_ink: float = 0.006
    least_ink_back: float = 0.0
    most_ink: float = 0.40
    streak_share: float = 0.004
    outside_share: float = 0.03
    size_difference: float = 0.10
    corner_inches: float = 0.30
    spots_per_inch: float = 6.0


LIMITS = Limits()


def limits_of(values: dict[str, Any]) -> Limits:
    """Limits from a bank's profile; names that are none raise ``TypeError``, values
    that are no measure ``ValueError``."""
    known = {each.name for each in fields(Limits)}
    unknown = values.keys() - known
    if unknown:
        raise TypeError(f"no such limit: {min(unknown)}")
    for name, value in values.items():
        if type(value) not in (int, float) or not 0 <= value < float("inf"):
            raise ValueError(f"{name} is a number from 0")
    return Limits(**{name: float(value) for name, value in values.items()})
