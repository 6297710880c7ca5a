"""Blocks of larger type are cut out, turned level, and mapped back to where they stood."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocr.check_stamp import stacked


def back(turns: int = 0) -> np.ndarray:
    """A stamp in large type, and a long notice in small type."""
    page = np.full((550, 1200), 255, np.uint8)
    cv2.putText(page, "FOR DEPOSIT ONLY", (800, 200), 2, 0.8, 0, 2)
    cv2.putText(page, "these notices are of small type", (60, 480), 2, 0.42, 0, 1)
    return np.ascontiguousarray(np.rot90(page, turns))


def test_only_the_larger_type_is_kept() -> None:
    parts = stacked(back())
    assert parts is not None
    assert len(parts.boxes) == 1
    x, y, width, height = parts.boxes[0]
    assert 700 < x < 800 < x + width
    assert 150 < y < y + height < 250
    assert parts.picture.size < 0.1 * 550 * 1200


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_boxes_map_back_to_the_page(turns: int) -> None:
    page = back(turns)
    parts = stacked(page)
    assert parts is not None
    for top, box, quarter in zip(parts.tops, parts.boxes, parts.quarters, strict=True):
        wide, tall = (box[3], box[2]) if quarter in (1, 3) else (box[2], box[3])
        assert parts.in_page((0, top, wide, tall)) == box
        assert (page[box[1] : box[1] + box[3], box[0] : box[0] + box[2]] < 100).sum() > 300


def test_paper_without_type_gives_nothing() -> None:
    assert stacked(np.full((550, 1200), 255, np.uint8)) is None
