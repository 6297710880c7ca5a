"""Image quality: each fault gets its own name, a good page gets none."""

from __future__ import annotations

import cv2
import numpy as np

from intake.types import Page
from ocr.quality import assess


def good_page() -> np.ndarray:
    page = np.full((700, 1400), 235, np.uint8)
    for row in range(80, 640, 60):
        cv2.putText(page, "Statement of account, please remit", (60, row), 2, 1.0, 20, 2)
    return page


def names(pixels: np.ndarray, dpi: float | None = 200) -> set[str]:
    return set(assess(Page(0, pixels, dpi)).suspect)


def test_a_good_page_has_no_fault() -> None:
    assert names(good_page()) == set()


def test_each_fault_has_its_name() -> None:
    page = good_page()
    assert "blurred" in names(cv2.GaussianBlur(page, (0, 0), 4))
    assert "too_dark" in names((page * 0.3).astype(np.uint8))
    assert "blank" in names(np.full_like(page, 250))
    assert "low_contrast" in names((120 + page * 0.18).astype(np.uint8))
    assert "low_resolution" in names(page, 72)
    cut = page.copy()
    cut[:, :60] = 0
    assert "partial" in names(cut)
    streaked = page.copy()
    streaked[:, 700:708] = 0
    assert "streaks" in names(streaked)


def test_skew_is_measured_to_half_a_degree() -> None:
    page = good_page()
    for angle in (-4.0, -1.5, 2.0, 4.5):
        turn = cv2.getRotationMatrix2D((700, 350), -angle, 1)
        turned = cv2.warpAffine(page, turn, (1400, 700), borderValue=235.0)
        quality = assess(Page(0, np.asarray(turned, np.uint8), 200))
        assert abs(quality.skew_degrees - angle) <= 0.5
        assert ("skewed" in quality.suspect) == (abs(angle) > 3)
