"""Judges the numerals net beside the line recogniser of rapidocr, on the same crops in one run.

Run as ``python -m bench.train.numerals_eval --fonts DIR --mnist DIR [--crops DIR] [--lines N]``.
Drawn lines use what no training saw: the second half of the MNIST test figures, and typefaces
kept out of training. ``--crops`` holds pictures named ``ANYTHING_CENTS.png`` cut from checks.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.numerals_drawing import drawn
from bench.train.numerals_pens import (
    HANDS,
    HELD_OUT,
    PRINTED,
    FigurePen,
    FontPen,
    Pen,
    figures,
    font_pens,
)
from bench.train.numerals_texts import some_line
from ocr.engine import LineText, line_engine
from ocr.numerals import read_numerals_line, unexplained_ink

_SEED = 99
_WHOLE = r"(?P<whole>[0-9]{1,3}(?:[,.] ?[0-9]{3})+|[0-9]*)"
_MONEY = re.compile(_WHOLE + r"[ .,]{1,2}(?P<cents>[0-9]{2})-?")
_OVER = re.compile(_WHOLE + r"[ .,\-]*[ .,\-](?P<cents>[0-9]{2}|xx|no)[/%](100|xx|)", re.IGNORECASE)
_DASHED = re.compile(_WHOLE + r"[ .]*[-.]{1,2}")
_LEVELS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Judged:
    """One crop with its truth: the text where it was drawn, else only the cents."""

    crop: NDArray[np.uint8]
    cents: int
    text: str = ""


def cents_of(text: str) -> int | None:
    """The amount that a reading says, whatever its form; None where no cents are written."""
    bare = re.sub(r"[$*#]", "", text).strip().replace(" - ", "-")
    match = _MONEY.fullmatch(bare) or _OVER.fullmatch(bare) or _DASHED.fullmatch(bare)
    if match is None:
        return None
    cents = match["cents"].lower() if "cents" in match.groupdict() else "00"
    whole = re.sub(r"[^0-9]", "", match["whole"])
    return 100 * int(whole or 0) + (int(cents) if cents.isdigit() else 0)


def drawn_set(pens: Callable[[np.random.Generator], Pen], count: int, *,
              printed: bool = False) -> list[Judged]:  # fmt: skip
    """Amounts in all forms by pens that training never saw."""
    made: list[Judged] = []
    number = 0
    while len(made) < count:
        random = np.random.default_rng((_SEED, number))
        number += 1
        parts = some_line(random, printed=printed)
        crop, text = drawn(parts, pens(random), random, printed=printed)
        cents = cents_of(text)
        if cents is not None and "?" not in text and not text.startswith("#"):
            made.append(Judged(crop, cents, text))
    return made


def crops_in(folder: Path) -> list[Judged]:
    """Crops named ``ANYTHING_CENTS.png``."""
    found = []
    for path in sorted(folder.glob("*.png")):
        cents = path.stem.rsplit("_", 1)[-1]
        crop = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if cents.isdigit() and crop is not None:
            found.append(Judged(np.asarray(crop, np.uint8), int(cents)))
    return found


def _told(name: str, rows: list[tuple[int, int | None, float]], ms: float) -> None:
    """One reader's line: read and wrong, in per cent of all crops, at each level."""
    cells = []
    for level in _LEVELS:
        taken = [(truth, cents) for truth, cents, sure in rows if sure >= level and cents]
        wrong = sum(truth != cents for truth, cents in taken)
        right = len(taken) - wrong
        cells.append(f"{100 * right / len(rows):5.1f}/{100 * wrong / len(rows):4.1f}")
    print(f"  {name:28s}{'  '.join(cells)}  {ms:5.2f} ms")


def judge(name: str, crops: list[Judged]) -> None:
    """Print how each reader does on a set: right/wrong in per cent at each confidence."""
    if not crops:
        return
    print(f"{name} ({len(crops)} crops)   right/wrong % at confidence " +
          " ".join(map(str, _LEVELS)))  # fmt: skip
    readers: dict[str, Callable[[NDArray[np.uint8]], LineText]] = {
        "numerals net": read_numerals_line,
        "line recogniser": line_engine().read_line,
    }
    lines: dict[str, list[LineText]] = {}
    for reader, read in readers.items():
        read(crops[0].crop)
        began = time.process_time()
        lines[reader] = [read(one.crop) for one in crops]
        ms = 1000 * (time.process_time() - began) / len(crops)
        rows = [(one.cents, cents_of(line.text), line.confidence)
                for one, line in zip(crops, lines[reader], strict=True)]  # fmt: skip
        _told(reader, rows, ms)
    _told_strict(crops, lines)
    exact = [one.text == line.text for one, line in zip(crops, lines["numerals net"], strict=True)
             if one.text]  # fmt: skip
    if exact:
        print(f"  net's text exactly right {100 * sum(exact) / len(exact):.1f} %")


def _told_strict(crops: list[Judged], lines: dict[str, list[LineText]]) -> None:
    """The net where its second look agrees and no ink is left over; then both readers alike."""
    strict, both = [], []
    began = time.process_time()
    own, others = lines["numerals net"], lines["line recogniser"]
    for one, line, other in zip(crops, own, others, strict=True):
        cents = cents_of(line.text)
        again = cents_of(read_numerals_line(one.crop, scale=0.85).text)
        clean = again == cents and unexplained_ink(one.crop, line) < 0.5
        strict.append((one.cents, cents if clean else None, line.confidence))
        agree = cents_of(other.text) == cents
        both.append((one.cents, cents if agree else None, line.confidence))
    ms = 1000 * (time.process_time() - began) / len(crops)
    _told("net, two scales, no ink left", strict, ms)
    _told("net where recogniser agrees", both, 0.0)


def _one_of(pens: tuple[FontPen, ...], random: np.random.Generator) -> FontPen:
    return pens[int(random.integers(len(pens)))]


def main() -> None:
    """Judge on drawn sets and on crops."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, action="append", default=[])
    parser.add_argument("--mnist", type=Path)
    parser.add_argument("--crops", type=Path, action="append", default=[])
    parser.add_argument("--lines", type=int, default=300)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    fonts = tuple(given.fonts)
    if given.mnist is not None:
        shapes, marks = figures(given.mnist, 1), font_pens(fonts, HELD_OUT)

        def writer(random: np.random.Generator) -> Pen:
            return FigurePen(shapes, _one_of(marks, random), random)

        judge("MNIST second half", drawn_set(writer, given.lines))
    sets = (
        ("held-out hands", HELD_OUT, False), ("training hands", HANDS, False),
        ("print", PRINTED, True),
    )  # fmt: skip
    for name, faces, printed in sets:
        if fonts:
            pens = font_pens(fonts, faces)
            judge(name, drawn_set(partial(_one_of, pens), given.lines, printed=printed))
    for folder in given.crops:
        judge(folder.name, crops_in(folder))


if __name__ == "__main__":
    main()
