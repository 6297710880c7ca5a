"""Intelligent Mail barcodes are found in page images, and nothing else is taken for one."""

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from intake.types import Pixels
from ocr import imb, imb_finder, imb_soft

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "imb"
CODE = imb.Imb("00270900123000456789", "97201123456")


def envelope(bars: str, dpi: int, *, per_inch: float = 22.0) -> Pixels:
    """A bare #10 envelope with bars of the standard's sizes, drawn at four times the dpi."""
    over = 4
    page = np.full((int(4.125 * dpi), int(9.5 * dpi)), 245, np.uint8)
    big = np.full((int(0.4 * dpi * over), int(3.6 * dpi * over)), 245, np.uint8)
    unit = dpi * over
    middle = big.shape[0] // 2
    for index, bar in enumerate(bars):
        x = int(0.2 * unit + index * unit / per_inch)
        top = middle - int((0.0725 if bar in "AF" else 0.024) * unit)
        bottom = middle + int((0.0725 if bar in "DF" else 0.024) * unit)
        big[top:bottom, x : x + int(0.02 * unit)] = 20
    small = cv2.resize(big, None, fx=1 / over, fy=1 / over, interpolation=cv2.INTER_AREA)
    y, x = int(2.2 * dpi), int(4.5 * dpi)
    page[y : y + small.shape[0], x : x + small.shape[1]] = small
    cv2.putText(page, "JANE DOE 12 ELM ST", (x, y + dpi), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 30, 2)
    return page


def rotated(page: Pixels, degrees: float) -> Pixels:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=245), np.uint8)


CONDITIONS = {
    "clean": lambda p: p,
    "skewed": lambda p: rotated(p, 3.0),
    "upside down": lambda p: np.ascontiguousarray(np.rot90(p, 2)),
    "on its side": lambda p: np.ascontiguousarray(np.rot90(p)),
    "blurred": lambda p: cv2.GaussianBlur(p, (0, 0), 1.0),
    "noisy": lambda p: np.clip(p + np.random.default_rng(3).normal(0, 14, p.shape), 0, 255).astype(
        np.uint8
    ),
    "bitonal": lambda p: np.where(p > 150, 255, 0).astype(np.uint8),
    "faint": lambda p: (130 + p.astype(int) // 3).astype(np.uint8),
}


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("condition", CONDITIONS)
def test_barcode_is_read_under_scanner_conditions(condition: str, dpi: int) -> None:
    page = CONDITIONS[condition](envelope(imb.encode(CODE.tracking, CODE.routing), dpi))
    found = imb_finder.find(page, dpi)
    assert found is not None
    assert (found.code.tracking, found.code.routing) == (CODE.tracking, CODE.routing)
    x, y, width, height = found.box
    assert 0 <= x < x + width <= page.shape[1]
    assert 0 <= y < y + height <= page.shape[0]


def test_random_bars_and_text_are_not_a_barcode() -> None:
    chance = np.random.default_rng(11)
    for _ in range(12):
        bars = "".join(chance.choice(list("TADF"), 65))
        assert imb_finder.find(envelope(bars, 200), 200) is None


def test_a_blank_page_has_none() -> None:
    assert imb_finder.find(np.full((900, 1700), 255, np.uint8), None) is None


@pytest.mark.parametrize("name", ["01.png", "02.png", "03.png", "08.jpg"])
def test_real_pictures_are_read_right_or_not_at_all(name: str) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("the sample pictures are not here")
    truth = path.with_suffix(".txt").read_text().strip()
    found = imb_finder.find(np.asarray(cv2.imread(str(path)), np.uint8), None)
    if name == "08.jpg":  # a stock photograph whose text file is a placeholder
        assert found is None
        return
    assert found is not None
    assert found.code.tracking + found.code.routing == truth


@pytest.mark.parametrize(("pitch_x", "pitch_y"), [(10, 16), (18, 26)])
def test_a_page_full_of_bars_costs_little(pitch_x: int, pitch_y: int) -> None:
    """One with more bars than any type has, and one with a little fewer."""
    page = np.full((3300, 2550), 255, np.uint8)
    columns = np.arange(2550) % pitch_x < 5
    for top in range(0, 3300, pitch_y):
        page[top : top + 9, columns] = 0
    started = time.process_time()
    assert imb_finder.find(page, 300) is None
    assert time.process_time() - started < 6.0


def _agreement(bits: tuple[int, ...], bars: str) -> float:
    """The best share of the soft bits' weight that agrees with the bars, at any place, any way."""
    seen = imb_soft.likelihoods(bits)
    truth = np.array([[1 if b in "DF" else -1, 1 if b in "AF" else -1] for b in bars])
    best = -1.0
    for way in (seen, seen[::-1, ::-1]):
        shown = np.flatnonzero(np.any(way != 0, axis=1))
        for shift in range(-int(shown[0]), imb.BARS - int(shown[-1])):
            moved = np.roll(way, shift, axis=0)
            best = max(best, float((moved * truth).sum() / np.abs(moved).sum()))
    return best


@pytest.mark.parametrize("degrees", [0.0, 33.0, 180.0])
@pytest.mark.parametrize("side", ["left", "right", "middle"])
def test_bars_beside_a_label_are_told_though_no_code_is(side: str, degrees: float) -> None:
    bars = imb.encode(CODE.tracking, CODE.routing)
    page = envelope(bars, 200)
    first, last = {"left": (0.0, 0.5), "right": (0.5, 1.0), "middle": (0.3, 0.6)}[side]
    left = 4.7 * 200
    page[400:520, int(left + first * 595) : int(left + last * 595)] = 225
    sight = imb_finder.look(rotated(page, degrees), 200)
    assert sight.found is None
    assert max(_agreement(run.bits, bars) for run in sight.runs) > 0.95


def test_a_mailer_known_reads_what_the_check_alone_may_not() -> None:
    bars = imb.encode(CODE.tracking, CODE.routing)
    seen = np.array([[2.0 if b in "DF" else -2.0, 2.0 if b in "AF" else -2.0] for b in bars])
    seen[[5, 40]] *= -1.0
    assert imb_soft.decode(seen) is None
    found = imb_soft.decode(seen, ("900123000",))
    assert found is not None
    assert (found.tracking, found.routing, found.corrected_bars) == (
        CODE.tracking, CODE.routing, 2,
    )  # fmt: skip
    assert imb_soft.decode(seen, ("900123001",)) is None


def test_soft_bits_are_kept_and_taken_back() -> None:
    seen = np.random.default_rng(2).uniform(-2, 2, (65, 2)).round(1)
    assert np.allclose(imb_soft.likelihoods(imb_soft.kept(seen)), seen)
    with pytest.raises(ValueError, match="130"):
        imb_soft.likelihoods([1, 2])
