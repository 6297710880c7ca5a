"""How much the costly tests go through: a short sample in `make test`, all of it in `make torture`.

A sample is of the same kind of cases, only fewer of them; what is asserted of each stays the same.
"""

from __future__ import annotations

import os
from typing import Final, TypeVar

_Amount = TypeVar("_Amount")

# "same": the same few inputs each time; "search": all of them, and new ones.
INPUTS: Final = os.environ.get("LOCKBOX_TEST_INPUTS", "same")


def sample(short: _Amount, *, torture: _Amount) -> _Amount:
    """``short`` in `make test`, ``torture`` in `make torture`."""
    return torture if INPUTS == "search" else short
