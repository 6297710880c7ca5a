"""One thread for each native library: pages are read side by side, not each on all cores.

OpenBLAS spins on every core for products as small as ours, which made a page cost three times
the processor time it needs.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENCV_FOR_THREADS_NUM",
)
_SETTERS = ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads",
            "openblas_set_num_threads64_", "openblas_set_num_threads")  # fmt: skip


def one_each() -> None:
    """Limit what is not loaded yet by its variable, unless that is set; numpy's at run time too."""
    chosen = "OPENBLAS_NUM_THREADS" in os.environ or "OMP_NUM_THREADS" in os.environ
    for name in _VARIABLES:
        os.environ.setdefault(name, "1")
    if "numpy" in sys.modules and not chosen:
        _limit_openblas()


def _limit_openblas() -> None:
    """Tell the OpenBLAS that came with numpy; one from elsewhere keeps its own settings."""
    place = getattr(sys.modules["numpy"], "__file__", None)
    if place is None:
        return
    for library in sorted((Path(place).parents[1] / "numpy.libs").glob("*openblas*.so*")):
        loaded = ctypes.CDLL(str(library))  # the same library, as it is loaded already
        for name in _SETTERS:
            setter = getattr(loaded, name, None)
            if setter is not None:
                setter(ctypes.c_int(1))
                break
