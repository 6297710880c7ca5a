"""Trains the net that reads cells of scanned remittances, from the net for print's weights.

Run as ``python -m bench.train.cells OUT.onnx --fonts NPM/node_modules/@fontsource --mnist .``
where torch and onnx are installed (they are no part of the product). Seeded: cell number i is
always alike. What was used for what stands in ``CELLS.md`` beside this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import nn

from bench.train.cells_drawing import cell
from bench.train.cells_texts import some_cell
from bench.train.ctc import SEED, Line, Task, convolution, has_room, run
from bench.train.printed import network as print_network
from ocr.printed_line import ALPHABET, HEIGHT, STRIDE, prepared

WIDER = (4, 8)
"""How far apart the layers look along the row that this net has beyond the one for print."""


def network() -> nn.Sequential:
    """The net for print with two layers more, by which a step sees words of usual length whole."""
    layers = list(print_network())
    wide = layers[-1].in_channels
    more: list[nn.Module] = []
    for spread in WIDER:
        more += convolution(wide, wide, (1, 3), (1, 1), (0, spread), spread)
    return nn.Sequential(*layers[:-2], *more, *layers[-2:])


def drawn_cell(
    number: int, fonts: tuple[Path, ...], mnist: Path, *, seed: int = SEED
) -> Line | None:
    """Cell ``number`` of the training set as the net sees it, None where nothing is left of it."""
    del mnist
    random = np.random.default_rng((seed, 5, number))
    text = some_cell(random)
    crop = cell(text, fonts, random)
    picture = prepared(crop, scale=float(random.uniform(0.92, 1.06)))
    if picture is None:
        return None
    return (picture, text) if has_room(picture, text, STRIDE) else None


TASK = Task(ALPHABET, HEIGHT, STRIDE, 64, network, drawn_cell)

if __name__ == "__main__":
    run(TASK, __doc__)
