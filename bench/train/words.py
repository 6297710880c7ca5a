"""Trains the net that reads amounts in words, on lines drawn by typefaces.

Run as ``python -m bench.train.words OUT.onnx --fonts DIR --mnist DIR`` where torch and onnx are
installed (they are no part of the product). Seeded: line number i is always alike. What was used
for what stands in ``WORDS.md`` beside this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import nn

from bench.train.ctc import SEED, Line, Task, convolution, has_room, run
from bench.train.numerals_drawing import drawn
from bench.train.numerals_pens import HANDS, PRINTED, font_pens
from bench.train.numerals_texts import chance
from bench.train.words_pens import SCRIPTS
from bench.train.words_texts import heard, some_words
from ocr.written_words import ALPHABET, HEIGHT, MARGIN, STRIDE, prepared


def drawn_line(
    number: int, fonts: tuple[Path, ...], mnist: Path, *, seed: int = SEED
) -> Line | None:
    """Line ``number`` of the training set as the net sees it, None where it came out illegible."""
    del mnist
    random = np.random.default_rng((seed, 1, number))
    printed = chance(random, 0.2)
    names = PRINTED if printed else HANDS if chance(random, 0.55) else SCRIPTS
    faces = font_pens(fonts, names)
    pen = faces[int(random.integers(len(faces)))]
    parts = some_words(random)
    joined = names is SCRIPTS or chance(random, 0.5)
    crop, _ = drawn(parts, pen, random, printed=printed, gentle=chance(random, 0.75), joined=joined)
    text = heard(parts)
    picture = prepared(crop, scale=float(random.uniform(0.78, 1.12)))
    if picture is None:
        picture, text = np.zeros((HEIGHT, 4 * MARGIN), np.uint8), ""
    return (picture, text) if has_room(picture, text, STRIDE) else None


def network() -> nn.Sequential:
    """Convolutions over height and width down to one row, then wider and wider along the row.

    A step sees about a word to either side and no more: what numbers are usual cannot be learnt.
    """
    layers: list[nn.Module] = []

    layers += convolution(1, 16, (3, 3), (2, 2), (1, 1))
    layers += convolution(16, 32, (3, 3), (2, 1), (1, 1))
    layers += convolution(32, 56, (3, 3), (1, 2), (1, 1))
    layers += convolution(56, 72, (3, 3), (2, 1), (1, 1))
    layers += convolution(72, 128, (5, 3), (1, 1), (0, 1))
    for spread in (1, 2, 3, 4, 1):
        layers += convolution(128, 128, (1, 3), (1, 1), (0, spread), spread)
    layers.append(nn.Dropout(0.05))
    layers.append(nn.Conv2d(128, len(ALPHABET) + 1, 1))
    return nn.Sequential(*layers)


TASK = Task(ALPHABET, HEIGHT, STRIDE, 32, network, drawn_line, torch.contiguous_format)

if __name__ == "__main__":
    run(TASK, __doc__)
