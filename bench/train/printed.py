"""Trains the net that reads lines of printed type, on lines drawn by typefaces.

Run as ``python -m bench.train.printed OUT.onnx --fonts DIR --mnist DIR`` where torch and onnx are
installed (they are no part of the product). Seeded: line number i is always alike. What was used
for what stands in ``PRINTED.md`` beside this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import nn

from bench.train.ctc import SEED, Line, Task, convolution, has_room, run
from bench.train.numerals_drawing import drawn as written
from bench.train.numerals_pens import HANDS, font_pens
from bench.train.numerals_texts import Part, chance
from bench.train.printed_drawing import FACES, PLAIN, drawn, faces
from bench.train.printed_texts import some_print
from ocr.printed_line import ALPHABET, HEIGHT, MARGIN, STRIDE, prepared

_HANDWRITTEN = 0.07


def drawn_line(
    number: int, fonts: tuple[Path, ...], mnist: Path, *, seed: int = SEED,
    names: tuple[str, ...] = FACES,
) -> Line | None:  # fmt: skip
    """Line ``number`` of the training set as the net sees it, None where it came out illegible."""
    del mnist
    random = np.random.default_rng((seed, 2, number))
    text = some_print(random)
    if names is FACES and chance(random, _HANDWRITTEN):
        pens = font_pens(fonts, HANDS)
        pen = pens[int(random.integers(len(pens)))]
        crop, _ = written((Part(text),), pen, random, printed=False, gentle=True)
    else:
        files = faces(fonts, PLAIN if names is FACES and chance(random, 0.25) else names)
        clean, place = drawn(text, files[int(random.integers(len(files)))], random)
        crop = _cut(clean, place, random)
    picture = prepared(crop, scale=float(random.uniform(0.86, 1.1)))
    if picture is None or not text:
        picture, text = np.zeros((HEIGHT, 4 * MARGIN), np.uint8), ""
    return (picture, text) if has_room(picture, text, STRIDE) else None


def _cut(
    clean: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    place: tuple[int, int, int, int],
    random: np.random.Generator,
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The line by its box, a little loose, as marks of like height are boxed."""
    x, y, wide, high = place
    loose = [int(random.integers(0, 4)) for _ in range(4)]
    return clean[max(0, y - loose[0]) : y + high + loose[1],
                 max(0, x - loose[2]) : x + wide + loose[3]]  # fmt: skip


def network() -> nn.Sequential:
    """Convolutions over height and width down to one row, then wider and wider along the row.

    A step sees some five letters to either side: enough to tell o from 0, too little to learn
    which names are usual.
    """
    layers: list[nn.Module] = []

    layers += convolution(1, 16, (3, 3), (2, 1), (1, 1))
    layers += convolution(16, 32, (3, 3), (2, 2), (1, 1))
    layers += convolution(32, 56, (3, 3), (2, 1), (1, 1))
    layers += convolution(56, 104, (3, 3), (1, 1), (0, 1))
    for spread in (1, 2, 3, 1):
        layers += convolution(104, 104, (1, 3), (1, 1), (0, spread), spread)
    layers.append(nn.Dropout(0.03))
    layers.append(nn.Conv2d(104, len(ALPHABET) + 1, 1))
    return nn.Sequential(*layers)


TASK = Task(ALPHABET, HEIGHT, STRIDE, 48, network, drawn_line)

if __name__ == "__main__":
    run(TASK, __doc__)
