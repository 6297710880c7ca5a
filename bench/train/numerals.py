"""Trains the net that reads numerals, on lines drawn by typefaces and handwritten figures.

Run as ``python -m bench.train.numerals OUT.onnx --fonts DIR --fonts DIR --mnist DIR`` where torch
and onnx are installed (they are no part of the product). Seeded: line number i is always alike.
One process draws while the other trains; checkpoints are exported to OUT as it goes. What was
used for what stands in ``README.md`` beside this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from torch import nn

from bench.train.ctc import SEED, SHARD, Line, Task, convolution, has_room, run
from bench.train.numerals_drawing import drawn
from bench.train.numerals_pens import HANDS, PRINTED, FigurePen, Pen, figures, font_pens
from bench.train.numerals_texts import over_hundred, some_line
from ocr.numerals import ALPHABET, HEIGHT, MARGIN, STRIDE, prepared

# The first lines are spoiled roughly, the rest as gently as most checks are.
_ROUGH = 22 * SHARD


def drawn_line(
    number: int, fonts: tuple[Path, ...], mnist: Path, *, seed: int = SEED
) -> Line | None:
    """Line ``number`` of the training set as the net sees it, None where it came out illegible."""
    random = np.random.default_rng((seed, number))
    printed = bool(random.random() < 0.22)
    faces = font_pens(fonts, PRINTED if printed else HANDS)
    face = faces[int(random.integers(len(faces)))]
    pen: Pen = face
    if not printed and random.random() < 0.5:
        pen = FigurePen(figures(mnist, 0), face, random)
    gentle = number >= _ROUGH
    sign: Pen | None = None
    if gentle and not printed and random.random() < 0.3:
        forms = font_pens(fonts, PRINTED)
        sign = forms[int(random.integers(len(forms)))]
    parts = some_line(random, printed=printed)
    if gentle and not printed and random.random() < 0.22:
        parts = over_hundred(random)
    crop, text = drawn(parts, pen, random, printed=printed, gentle=gentle, sign=sign)
    picture = prepared(crop, scale=float(random.uniform(0.78, 1.12)))
    if picture is None:
        picture = np.zeros((HEIGHT, 4 * MARGIN), np.uint8)
        text = "" if text else text
    return (picture, text) if has_room(picture, text, STRIDE) else None


def network() -> nn.Sequential:
    """Convolutions over height and width down to one row, then wider and wider along the row.

    Each step sees about 60 pixels to both sides: a stacked fraction as a whole, no language.
    """
    layers: list[nn.Module] = []

    layers += convolution(1, 12, (3, 3), (2, 1), (1, 1))
    layers += convolution(12, 20, (3, 3), (1, STRIDE), (1, 1))
    layers += convolution(20, 40, (3, 3), (2, 1), (1, 1))
    layers += convolution(40, 52, (3, 3), (2, 1), (1, 1))
    layers += convolution(52, 96, (4, 3), (1, 1), (0, 1))
    for spread in (1, 2, 4, 6):
        layers += convolution(96, 96, (1, 3), (1, 1), (0, spread), spread)
    layers.append(nn.Dropout(0.05))
    layers.append(nn.Conv2d(96, len(ALPHABET) + 1, 1))
    return nn.Sequential(*layers)


TASK = Task(ALPHABET, HEIGHT, STRIDE, 48, network, drawn_line)

if __name__ == "__main__":
    run(TASK, __doc__)
