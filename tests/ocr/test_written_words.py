"""Amounts in words: drawn lines are read by our own net, whatever their height, case and form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import ocr.written_words
from ocr.amount_decoder import decoded
from ocr.amount_forms import WORD_SYMBOLS
from ocr.amount_lattice import fold
from ocr.amount_readers import words_seen
from ocr.written_words import ALPHABET, HEIGHT, STRIDE, prepared, read_words_line
from web.demo.fonts import font_by_digit_height

WEIGHTS = Path(ocr.written_words.__file__).with_name("words_net.onnx")


def written(text: str, face: str = "patrick-hand", digit: float = 24) -> np.ndarray:
    typeface = font_by_digit_height(face, digit)
    width = round(typeface.getlength(text) + 2 * digit)
    picture = Image.new("L", (width, round(2.6 * digit)), 255)
    ImageDraw.Draw(picture).text((digit, 1.7 * digit), text, 30, typeface, anchor="ls")
    return np.asarray(picture)


def cents_in(crop: np.ndarray) -> int | None:
    line = read_words_line(crop)
    found = decoded(fold(line.lattice, line.alphabet, WORD_SYMBOLS))
    return None if not found or found[0].cents is None else found[0].dollars * 100 + found[0].cents


@pytest.mark.parametrize("face", ["patrick-hand", "kalam", "caveat", "roboto", "courier-prime"])
@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("One hundred twenty-five and 50/100", 125_50),
        ("Two thousand three hundred forty & no/100", 2340_00),
        ("SEVENTY EIGHT AND 46/100", 78_46),
        ("Sixteen and xx/100", 16_00),
    ],
)
def test_an_amount_in_words_is_read(text: str, cents: int, face: str) -> None:
    assert cents_in(written(text, face)) == cents


@pytest.mark.parametrize("digit", [16, 24, 60, 110])
def test_the_height_of_a_crop_does_not_matter(digit: float) -> None:
    assert cents_in(written("Ninety-one and 20/100", "kalam", digit)) == 91_20


def test_a_fill_behind_the_words_says_nothing() -> None:
    crop = written("Fifty-five and 10/100  ")
    line = np.full((crop.shape[0], 300), 255, np.uint8)
    line[crop.shape[0] // 2 : crop.shape[0] // 2 + 3, 10:290] = 40
    assert cents_in(np.hstack([crop, line])) == 55_10


@pytest.mark.parametrize("text", ["Heartland Dental Group", "PAY TO THE ORDER OF", "Memo 4137331"])
def test_other_words_are_read_as_no_amount(text: str) -> None:
    crop = written(text)
    said = words_seen(read_words_line(crop), crop, (0, 0, *crop.shape[::-1]), ())
    best = None if said is None else said.distribution().best
    assert best is None or best[1] < 0.1


@pytest.mark.parametrize(
    "crop",
    [
        np.full((40, 120), 255, np.uint8), np.zeros((40, 120), np.uint8),
        np.full((40, 120, 3), 200, np.uint8), np.zeros((0, 5), np.uint8),
        np.zeros((3, 3), np.uint8),
    ],
)  # fmt: skip
def test_a_crop_without_writing_reads_nothing(crop: np.ndarray) -> None:
    line = read_words_line(crop)
    assert line.text == ""
    assert line.confidence == 0.0
    assert line.lattice.shape == (0, len(ALPHABET) + 1)


def test_the_lattice_is_a_distribution_at_every_step() -> None:
    crop = written("Ten and 00/100")
    picture = prepared(crop)
    line = read_words_line(crop)
    assert picture is not None
    assert picture.shape[0] == HEIGHT
    assert line.lattice.shape == (picture.shape[1] // STRIDE, len(ALPHABET) + 1)
    assert np.allclose(line.lattice.sum(axis=1), 1.0, atol=1e-3)


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 5_000_000
