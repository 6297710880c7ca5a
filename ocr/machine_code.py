"""Compiles a function of numbers and arrays to machine code, once a machine.

The code is kept beside its file, or in the user's cache where that is not writable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

_Run = TypeVar("_Run", bound=Callable[..., Any])


def compiled(run: _Run) -> _Run:
    """The function as machine code that lets other threads go on meanwhile."""
    try:
        return cast("_Run", numba.njit(cache=True, nogil=True, error_model="numpy")(run))
    except RuntimeError:  # no folder to keep the machine code in
        return cast("_Run", numba.njit(nogil=True, error_model="numpy")(run))
