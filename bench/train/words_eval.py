"""Judges the net for words beside the line recogniser of rapidocr, on the same lines in one run.

Run as ``python -m bench.train.words_eval --fonts DIR [--lines N]``. Drawn amounts; the hands and
the joined scripts "held out" never trained a net. What is judged is the amount that all readings
of a line make likeliest, at its posterior.
"""

from __future__ import annotations

import argparse
import re
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.numerals_drawing import drawn
from bench.train.numerals_pens import HANDS, HELD_OUT, PRINTED, font_pens
from bench.train.words_pens import HELD_OUT_SCRIPTS, SCRIPTS
from bench.train.words_texts import heard, some_words
from ocr.amount_decoder import decoded
from ocr.amount_forms import WORD_SYMBOLS
from ocr.amount_lattice import clear
from ocr.amount_readers import Written, both_seen, words_seen
from ocr.engine import LineText, line_engine
from ocr.numerals import read_numerals_line
from ocr.written_words import read_words_line

_SEED = 98
_LEVELS = (0.0, 0.5, 0.8, 0.9, 0.95)
_BARE = re.compile(r"^[a-z& ]+(and|&)? ?([0-9]{2}|xx|no)/$")


@dataclass(frozen=True, slots=True)
class Judged:
    """One line with the amount it says."""

    crop: NDArray[np.uint8]
    cents: int


def drawn_set(
    fonts: tuple[Path, ...], faces: tuple[str, ...], count: int, *, printed: bool, joined: bool
) -> list[Judged]:
    """Amounts in words with their cents in all forms."""
    pens = font_pens(fonts, faces)
    made: list[Judged] = []
    number = 0
    while len(made) < count:
        random = np.random.default_rng((_SEED, number))
        number += 1
        parts = some_words(random)
        pen = pens[int(random.integers(len(pens)))]
        crop, _ = drawn(parts, pen, random, printed=printed, gentle=True, joined=joined)
        cents = cents_of(heard(parts))
        if cents is not None:
            made.append(Judged(crop, cents))
    return made


def cents_of(text: str) -> int | None:
    """The amount that a text says without a doubt, None where it says none."""
    if _BARE.match(text):
        text += "100"
    kept = text.replace(" ", "").replace("?", "")
    found = decoded(clear(kept, WORD_SYMBOLS.names)) if kept else ()
    if not found or found[0].cents is None:
        return None
    return 100 * found[0].dollars + found[0].cents or None


def _told(name: str, rows: list[tuple[int, Written | None]], ms: float) -> None:
    """One reader's line: read and wrong, in per cent of all lines, at each level."""
    said = []
    for truth, written in rows:
        best = None if written is None else written.distribution().best
        said.append((truth, *(best or (None, -1.0))))
    cells = []
    for level in _LEVELS:
        taken = [truth == cents for truth, cents, sure in said if sure >= level]
        right = sum(taken)
        share = 100 / len(rows)
        cells.append(f"{share * right:5.1f}/{share * (len(taken) - right):4.1f}")
    print(f"  {name:18s}{'  '.join(cells)}  {ms:6.2f} ms")


def judge(name: str, crops: list[Judged]) -> None:
    """Print how each reader does on a set: right/wrong in per cent at each posterior."""
    print(f"{name} ({len(crops)} lines)   right/wrong % at posterior {' '.join(map(str, _LEVELS))}")
    large = line_engine().read_line
    readers = (read_numerals_line, large)
    written: dict[str, list[Written | None]] = {}
    for reader, read in (("words net", read_words_line), ("line recogniser", large)):
        lines: list[LineText] = []
        began = time.process_time()
        lines = [read(one.crop) for one in crops]
        ms = 1000 * (time.process_time() - began) / len(crops)
        written[reader] = [
            words_seen(line, one.crop, (0, 0, *one.crop.shape[1::-1]), readers)
            for one, line in zip(crops, lines, strict=True)
        ]
        truths = [one.cents for one in crops]
        _told(reader, list(zip(truths, written[reader], strict=True)), ms)
    together = [both_seen(*pair) for pair in zip(*written.values(), strict=True)]
    _told("both", list(zip((one.cents for one in crops), together, strict=True)), 0.0)


def main() -> None:
    """Judge on drawn sets."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, action="append", required=True)
    parser.add_argument("--lines", type=int, default=150)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    sets = (
        ("held-out hands", HELD_OUT, False, False),
        ("held-out joined scripts", HELD_OUT_SCRIPTS, False, True),
        ("training hands", HANDS, False, False),
        ("training joined scripts", SCRIPTS, False, True),
        ("print", PRINTED, True, False),
    )
    for name, faces, printed, joined in sets:
        fonts = tuple(given.fonts)
        judge(name, drawn_set(fonts, faces, given.lines, printed=printed, joined=joined))


if __name__ == "__main__":
    main()
