"""Numerals: drawn amounts and dates are read by our own net, and ink it skipped is noticed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import ocr.numerals
from ocr.engine import LineText
from ocr.numerals import ALPHABET, HEIGHT, STRIDE, prepared, read_numerals_line, unexplained_ink
from web.demo.fonts import font_by_digit_height

WEIGHTS = Path(ocr.numerals.__file__).with_name("numerals_net.onnx")


def written(text: str, face: str = "patrick-hand", digit: float = 24, ink: int = 30) -> np.ndarray:
    typeface = font_by_digit_height(face, digit)
    width = round(typeface.getlength(text) + 2 * digit)
    picture = Image.new("L", (width, round(2.2 * digit)), 255)
    ImageDraw.Draw(picture).text((digit, 1.6 * digit), text, ink, typeface, anchor="ls")
    return np.asarray(picture)


def stacked(dollars: str, cents: str, face: str = "patrick-hand") -> np.ndarray:
    picture = Image.fromarray(np.full((72, 190), 255, np.uint8))
    draw = ImageDraw.Draw(picture)
    large, small = font_by_digit_height(face, 30), font_by_digit_height(face, 17)
    draw.text((14, 50), dollars, 30, large, anchor="ls")
    left = 24 + large.getlength(dollars)
    draw.text((left + 6, 33), cents, 30, small, anchor="ls")
    draw.line([left, 38, left + 42, 37], 30, 3)
    draw.text((left + 2, 60), "100", 30, small, anchor="ls")
    return np.asarray(picture)


@pytest.mark.parametrize("face", ["courier-prime", "roboto", "libre-baskerville"])
@pytest.mark.parametrize("text", ["125.00", "$1,234.56", "**987.31", "5/14/2026"])
def test_print_is_read(text: str, face: str) -> None:
    assert read_numerals_line(written(text, face)).text == text


@pytest.mark.parametrize("face", ["patrick-hand", "kalam", "caveat"])
@pytest.mark.parametrize("text", ["125.00", "78.46", "2,350.19", "5/14/26"])
def test_hands_are_read(text: str, face: str) -> None:
    assert read_numerals_line(written(text, face)).text == text


def test_cents_over_a_hundred_are_read() -> None:
    assert read_numerals_line(written("125 50/100")).text == "125 50/100"


@pytest.mark.parametrize("cents", ["50", "00", "xx", "37"])
def test_stacked_cents_are_never_surely_something_else(cents: str) -> None:
    line = read_numerals_line(stacked("125", cents))
    assert line.text == f"125 {cents}/100" or line.confidence < 0.9


@pytest.mark.parametrize("digit", [14, 24, 60, 110])
def test_the_height_of_a_crop_does_not_matter(digit: float) -> None:
    assert read_numerals_line(written("$436.75", "roboto", digit)).text == "$436.75"


def test_pale_ink_on_tinted_paper_in_color_is_read() -> None:
    gray = (written("436.75", "kalam") * 0.35 + 120).astype(np.uint8)
    color = np.dstack([gray, gray, gray - 20])
    assert read_numerals_line(color).text == "436.75"


def test_a_box_side_beside_the_figures_does_not_shrink_them() -> None:
    crop = np.pad(written("83.00", "kalam"), ((20, 20), (0, 40)), constant_values=255)
    crop[:, -9:-3] = 20
    picture = prepared(crop)
    assert picture is not None
    assert (picture > 128).any(axis=1).sum() > 0.6 * HEIGHT
    assert read_numerals_line(crop).text == "83.00"


@pytest.mark.parametrize(
    "crop",
    [
        np.full((40, 120), 255, np.uint8), np.zeros((40, 120), np.uint8),
        np.full((40, 120, 3), 200, np.uint8), np.zeros((0, 5), np.uint8),
        np.zeros((3, 3), np.uint8),
    ],
)  # fmt: skip
def test_a_crop_without_writing_reads_nothing(crop: np.ndarray) -> None:
    line = read_numerals_line(crop)
    assert line.text == ""
    assert line.confidence == 0.0
    assert line.lattice.shape == (0, len(ALPHABET) + 1)
    assert unexplained_ink(crop, line) == 0.0


def test_the_lattice_is_a_distribution_at_every_step() -> None:
    crop = written("125.00")
    line, picture = read_numerals_line(crop), prepared(crop)
    assert picture is not None
    assert line.lattice.shape == (-(-picture.shape[1] // STRIDE), len(ALPHABET) + 1)
    assert np.allclose(line.lattice.sum(axis=1), 1.0, atol=1e-4)
    assert len(line.text) == len(line.probabilities) == len(line.places)
    assert list(line.places) == sorted(line.places)


def without(line: LineText, number: int) -> LineText:
    """The line as if one symbol had been skipped."""
    rest = [n for n in range(len(line.text)) if n != number]
    return replace(
        line,
        text="".join(line.text[n] for n in rest),
        probabilities=tuple(line.probabilities[n] for n in rest),
        places=tuple(line.places[n] for n in rest),
    )


@pytest.mark.parametrize("face", ["roboto", "patrick-hand", "courier-prime"])
def test_a_skipped_figure_leaves_ink_unexplained(face: str) -> None:
    crop = written("2468.35", face)
    line = read_numerals_line(crop)
    assert line.text == "2468.35"
    assert unexplained_ink(crop, line) < 0.5
    for number, char in enumerate(line.text):
        if char.isdigit():
            assert unexplained_ink(crop, without(line, number)) >= 0.5


def test_threads_share_one_session_and_agree() -> None:
    crops = [written(text, "kalam") for text in ("125.00", "78.46", "2,350.19", "19.99")] * 6
    alone = [read_numerals_line(crop).text for crop in crops]
    with ThreadPoolExecutor(8) as pool:
        together = [line.text for line in pool.map(read_numerals_line, crops)]
    assert together == alone


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 1_500_000
