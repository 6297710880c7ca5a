"""A small trained net that names one E-13B cell: a second opinion beside the drawn templates.

Weights come from ``bench/micr_train.py`` (drawn and spoiled symbols only) in ``micr_net.npz``.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_WEIGHTS = Path(__file__).with_name("micr_net.npz")


@cache
def _layers() -> tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]:
    with np.load(_WEIGHTS) as stored:
        flat = [stored[f"w{number}"].astype(np.float32) for number in range(len(stored.files))]
    return tuple(zip(flat[::2], flat[1::2], strict=True))


def probabilities(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cells (N x rows x columns, ink 0 to 1) to N x 15: the 14 symbols, then "no symbol"."""
    values = cells.reshape(len(cells), -1)
    place = int(0.97 * (values.shape[1] - 1))
    peak = np.partition(values, place, axis=1)[:, place : place + 1]
    peak = np.maximum(peak, 0.15)
    values = np.minimum(values / peak, 1.0).astype(np.float32)
    layers = _layers()
    for number, (weight, bias) in enumerate(layers):
        values = values @ weight + bias
        if number + 1 < len(layers):
            values = np.maximum(values, 0.0)
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(values / values.sum(axis=1, keepdims=True), np.float32)
