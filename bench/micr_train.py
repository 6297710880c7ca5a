"""Trains the small net that reads one E-13B cell, on symbols drawn from their geometry and spoiled.

Run as ``python -m bench.micr_train OUT.npz``: about ten minutes on one core. No real check is used.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.e13b import PITCH_HALF_UNITS, SYMBOLS, drawing
from ocr.micr_glyphs import CELL_COLUMNS, CELL_ROWS, UNIT

_FINE = 8
_COARSE = 3  # pixels per half-unit of the drawing that is spoiled
_NONE = len(SYMBOLS)
_HIDDEN = (160, 64)
_LINES = 20000
_EPOCHS = 16
Floats = NDArray[np.float32]


def _line(random: np.random.Generator) -> tuple[Floats, list[tuple[int, float]]]:
    """A drawn line of seven cells, ink 0 to 1, and (symbol, right edge) of each."""
    pitch = PITCH_HALF_UNITS * _COARSE
    picture = np.zeros((40 * _COARSE, int(9 * pitch)), np.float32)
    gain = float(random.choice([-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6, 0.9, 1.2]))
    placed = []
    for number in range(7):
        if random.random() < 0.12:
            continue
        symbol = int(random.integers(0, len(SYMBOLS)))
        own = min(1.2, max(-0.8, gain + float(random.choice([-0.2, 0.0, 0.0, 0.2]))))
        fine = drawing(SYMBOLS[symbol], round(own, 1))
        cell = cv2.resize(
            fine, None, fx=_COARSE / _FINE, fy=_COARSE / _FINE, interpolation=cv2.INTER_AREA
        )
        right = (number + 1.7) * pitch + random.normal(0, 0.5) * _COARSE
        top = int((10 + random.normal(0, 0.35)) * _COARSE)
        left = round(right) + _COARSE - cell.shape[1]
        area = picture[top : top + cell.shape[0], left : left + cell.shape[1]]
        np.maximum(area, cell, out=area)
        placed.append((symbol, float(round(right))))
    return picture, placed


def _clutter(picture: Floats, random: np.random.Generator) -> None:
    """Strokes, rules, other type and specks, as handwriting and backgrounds leave them."""
    height, width = picture.shape
    for _ in range(int(random.integers(0, 4))):
        points = random.integers(0, [width, height], (4, 2)).astype(np.int32)
        pen = int(random.integers(2, 7))
        cv2.polylines(picture, [points], isClosed=False, color=1.0, thickness=pen, lineType=16)
    if random.random() < 0.3:
        text = "".join(random.choice(list("aegrstKRMW0123456789/$")) for _ in range(5))
        page = np.zeros(picture.shape, np.uint8)
        cv2.putText(
            page,
            text,
            (int(random.integers(0, width // 2)), height * 3 // 4),
            int(random.integers(0, 8)),
            random.uniform(1.2, 2.4),
            255,
            5,
        )
        np.maximum(picture, page.astype(np.float32) / 255, out=picture)


def _spoil(picture: Floats, random: np.random.Generator) -> Floats:
    """Blur, ragged threshold, dropouts, specks and noise."""
    sigma = random.uniform(0.3, 1.5) * _COARSE * 0.6
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float32)
    kind = random.random()
    if kind < 0.6:  # a bitonal scan: coarse pixels, rough edges
        step = random.uniform(0.55, 1.35)
        small = cv2.resize(
            picture, None, fx=step / _COARSE, fy=step / _COARSE, interpolation=cv2.INTER_AREA
        )
        grain = np.asarray(random.normal(0, 1, small.shape), np.float32)
        rough = np.asarray(cv2.GaussianBlur(grain, (0, 0), 0.7), np.float32)
        level = random.uniform(0.3, 0.65)
        small = np.asarray(small + rough * random.uniform(0, 0.25) > level, np.float32)
        drop = random.random(small.shape) < random.choice([0.0, 0.0, 0.02, 0.08])
        small[drop] = 0.0
        specks = random.random(small.shape) < random.choice([0.0, 0.0, 0.005, 0.02])
        small[specks] = 1.0
        size = (picture.shape[1], picture.shape[0])
        picture = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_LINEAR), np.float32)
    else:
        noise = np.asarray(random.normal(0, random.uniform(0, 0.15), picture.shape), np.float32)
        soft = np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.0), np.float32)
        picture = np.asarray(picture * random.uniform(0.4, 1.0) + soft, np.float32)
    return np.asarray(np.clip(picture, 0, 1), np.float32)


def _cells(random: np.random.Generator) -> tuple[list[Floats], list[int]]:
    """Cells cut from one spoiled line, at the symbols and beside them, with their classes."""
    picture, placed = _line(random)
    if random.random() < 0.25:
        _clutter(picture, random)
    picture = _spoil(picture, random)
    cells, classes = [], []
    pitch = PITCH_HALF_UNITS * _COARSE
    for symbol, right in placed:
        beside = random.random() < 0.18
        away = random.uniform(0.3, 0.7) * random.choice([-1, 1]) * pitch if beside else 0.0
        lift = random.choice([-1, 1]) * random.uniform(6, 10) if random.random() < 0.04 else 0.0
        shift = random.normal(0, 0.5, 2) * _COARSE
        scale = random.normal(1, 0.035, 2)
        shear = random.normal(0, 0.03)
        across, down = _COARSE / UNIT * scale[0], _COARSE / UNIT * scale[1]
        x = right + _COARSE + away + shift[0] - CELL_COLUMNS * across
        y = 10 * _COARSE + lift * _COARSE + shift[1] + (CELL_ROWS * (_COARSE / UNIT - down)) / 2
        to_line = np.array([[across, shear, x], [0, down, y]], np.float64)
        soft = cv2.GaussianBlur(picture, (0, 0), 0.8)
        cell = cv2.warpAffine(
            soft, to_line, (CELL_COLUMNS, CELL_ROWS), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        )
        cells.append(np.asarray(cell, np.float32))
        classes.append(_NONE if beside or lift else symbol)
    return cells, classes


def samples(seed: int, lines: int) -> tuple[Floats, NDArray[np.int64]]:
    """Cells (N x rows*columns, ink scaled by its own peak) and their classes."""
    random = np.random.default_rng(seed)
    cells: list[Floats] = []
    classes: list[int] = []
    for _ in range(lines):
        some, their = _cells(random)
        cells += some
        classes += their
    flat = np.stack(cells).reshape(len(cells), -1)
    peak = np.maximum(np.percentile(flat, 97, axis=1, keepdims=True), 0.15)
    return np.minimum(flat / peak, 1.0).astype(np.float32), np.array(classes)


def _forward(weights: list[Floats], cells: Floats) -> list[Floats]:
    layers = [cells]
    for number in range(0, len(weights), 2):
        values = layers[-1] @ weights[number] + weights[number + 1]
        layers.append(np.maximum(values, 0) if number + 2 < len(weights) else values)
    return layers


def train(seed: int = 7) -> list[Floats]:
    """Weights and biases in turn, by Adam on cross-entropy."""
    cells, classes = samples(seed, _LINES)
    held, held_classes = samples(seed + 1, _LINES // 20)
    random = np.random.default_rng(seed)
    sizes = (cells.shape[1], *_HIDDEN, _NONE + 1)
    weights: list[Floats] = []
    for wide, narrow in pairwise(sizes):
        weights.append(random.normal(0, np.sqrt(2 / wide), (wide, narrow)).astype(np.float32))
        weights.append(np.zeros(narrow, np.float32))
    first = [np.zeros_like(w) for w in weights]
    second = [np.zeros_like(w) for w in weights]
    step, batch = 0, 256
    for epoch in range(_EPOCHS):
        rate = 0.0015 * 0.5 * (1 + np.cos(np.pi * epoch / _EPOCHS)) + 1e-5
        order = random.permutation(len(cells))
        for start in range(0, len(order) - batch, batch):
            some = order[start : start + batch]
            layers = _forward(weights, cells[some])
            values = np.exp(layers[-1] - layers[-1].max(axis=1, keepdims=True))
            slope = values / values.sum(axis=1, keepdims=True)
            slope[np.arange(batch), classes[some]] -= 1.0
            slope /= batch
            step += 1
            for number in range(len(weights) - 2, -1, -2):
                below = layers[number // 2]
                gradients = (below.T @ slope + 1e-5 * weights[number], slope.sum(axis=0))
                if number:
                    slope = (slope @ weights[number].T) * (below > 0)
                for place, gradient in zip((number, number + 1), gradients, strict=True):
                    first[place] = 0.9 * first[place] + 0.1 * gradient
                    second[place] = 0.999 * second[place] + 0.001 * gradient**2
                    fast = first[place] / (1 - 0.9**step)
                    slow = second[place] / (1 - 0.999**step)
                    weights[place] -= (rate * fast / (np.sqrt(slow) + 1e-8)).astype(np.float32)
        right = _forward(weights, held)[-1].argmax(axis=1) == held_classes
        print(f"epoch {epoch + 1}: held-out {right.mean():.4f}", flush=True)
    return weights


def main() -> None:
    """Train and write ``OUT.npz``."""
    begun = time.perf_counter()
    weights = train()
    named = {f"w{number}": weight.astype(np.float16) for number, weight in enumerate(weights)}
    np.savez_compressed(Path(sys.argv[1]), **named)  # type: ignore[arg-type]
    print(f"{time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
