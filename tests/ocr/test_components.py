"""Marks of a mask are counted whatever its shape."""

from __future__ import annotations

import numpy as np
import pytest

from ocr.components import components


@pytest.mark.parametrize("shape", [(0, 50), (50, 0), (0, 0), (1, 50), (50, 1)])
@pytest.mark.parametrize("connectivity", [4, 8])
def test_masks_of_no_or_one_row_have_no_mark_but_paper(
    shape: tuple[int, int], connectivity: int
) -> None:
    count, labels, stats, centroids = components(np.zeros(shape, np.uint8), connectivity)
    assert count == 1
    assert labels.shape == shape
    assert stats.shape == (1, 5)
    assert centroids.shape == (1, 2)


def test_two_marks_have_their_boxes_and_areas() -> None:
    ink = np.zeros((9, 12), np.uint8)
    ink[1:4, 2:5] = 255
    ink[6, 8:11] = 255
    _, _, stats, _ = components(ink)
    assert stats[1:].tolist() == [[2, 1, 3, 3, 9], [8, 6, 3, 1, 3]]
