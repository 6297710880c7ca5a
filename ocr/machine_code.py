"""Compiles a function of numbers and arrays to machine code when it is first called.

The code is kept beside its file, or in the user's cache where that is not writable.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

_Run = TypeVar("_Run", bound=Callable[..., Any])

_lock = threading.Lock()


def compiled(run: _Run) -> _Run:
    """The function as machine code that lets other threads go on meanwhile.

    It may call no other compiled function.
    """
    made: list[Callable[..., Any]] = []

    @wraps(run)
    def call(*given: Any) -> Any:
        if not made:
            with _lock:
                if not made:
                    made.append(_machine_code(run))
        return made[0](*given)

    return cast("_Run", call)


def _machine_code(run: Callable[..., Any]) -> Callable[..., Any]:
    import numba  # noqa: PLC0415 - a second of start-up that only readers of checks pay

    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy")(run)
    except RuntimeError:  # no folder to keep the machine code in
        made = numba.njit(nogil=True, error_model="numpy")(run)
    return cast("Callable[..., Any]", made)
