"""A drawn returned envelope as its scanner gives it, with its truth."""

from __future__ import annotations

import random
from dataclasses import dataclass

import cv2
import numpy as np

from bench.envelopes import held_out, markings
from bench.envelopes.facts import Facts
from bench.envelopes.fronts import front
from intake.types import Page, Pixels
from web.demo.scanner import add_noise, binarise


@dataclass(frozen=True, slots=True)
class Piece:
    """A scanned envelope and what it is."""

    facts: Facts
    page: Page


def draw(facts: Facts, seed: int) -> Piece:
    """Draw and scan the piece; the same facts and seed give the same pixels."""
    rng = random.Random(f"drawn:{seed}:{facts.design}:{facts.index}")
    mode, _, resolution = facts.light.partition("_")
    dpi = int(resolution)
    sheet = front(facts, dpi, rng)
    (held_out if facts.design == "held_out" else markings).mark(sheet, facts, rng)
    return Piece(facts, Page(0, _scanned(sheet.pixels(), facts, mode, dpi, rng), float(dpi)))


def _scanned(rgb: Pixels, facts: Facts, mode: str, dpi: int, rng: random.Random) -> Pixels:
    code = cv2.COLOR_RGB2BGR if mode == "color" else cv2.COLOR_RGB2GRAY
    picture = np.asarray(cv2.cvtColor(rgb, code), np.uint8)
    skew = rng.uniform(2, 5) * rng.choice((-1, 1)) if facts.trouble == "skew" else rng.gauss(0, 0.5)
    rows, cols = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((cols / 2, rows / 2), skew, 1.0)
    bed = (248, 248, 248)
    picture = np.asarray(cv2.warpAffine(picture, matrix, (cols, rows), flags=cv2.INTER_LINEAR,
                                        borderValue=bed), np.uint8)  # fmt: skip
    blur = rng.uniform(0.35, 0.8) * dpi / 200
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.uint8)
    if mode == "color":  # a scanner's own idea of white
        gains = np.array([rng.uniform(0.9, 1.0) for _ in range(3)], np.float32)
        picture = np.clip(picture * gains, 0, 255).astype(np.uint8)
    picture = add_noise(picture, rng.uniform(2, 6), rng)
    if mode == "bitonal":
        picture = binarise(picture, dpi)
    if facts.trouble == "upside_down":
        picture = np.ascontiguousarray(picture[::-1, ::-1])
    return picture
