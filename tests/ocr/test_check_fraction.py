"""Small cents behind the dollars: over a bar, or raised with nothing under them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.types import Pixels
from ocr.check_fraction import find_fraction, find_raised, over_bar


def written(small: str, *, bar: bool, under: str = "") -> Pixels:
    """The figures 51 with ``small`` ones raised behind them."""
    crop = np.full((60, 170), 255, np.uint8)
    cv2.putText(crop, "51", (8, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    cv2.putText(crop, small, (84, 26), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2)
    if bar:
        cv2.line(crop, (82, 32), (112, 32), 0, 2)
    cv2.putText(crop, under, (80, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 0, 1)
    return crop[8:54, :120]


@pytest.mark.parametrize("bar", [False, True])
def test_raised_cents_are_found_and_cut_out(bar: bool) -> None:
    crop = written("25", bar=bar)
    found = find_raised(crop)
    assert found is not None
    assert 70 <= found.left <= 90
    over = over_bar(crop, found)
    assert over is not None
    ink = np.flatnonzero((over < 150).any(axis=1))
    assert ink[-1] - ink[0] <= 18  # the figures, not the bar


def test_cents_over_a_hundred_are_found_by_their_bar() -> None:
    found = find_fraction(written("25", bar=True, under="100"))
    assert found is not None
    assert 18 <= found.bar_top <= 28


def test_figures_of_one_height_have_no_small_ones() -> None:
    crop = np.full((60, 150), 255, np.uint8)
    cv2.putText(crop, "51.25", (8, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    assert find_raised(crop) is None
    assert find_raised(np.full((60, 150), 255, np.uint8)) is None
    assert find_raised(np.zeros((3, 3), np.uint8)) is None
