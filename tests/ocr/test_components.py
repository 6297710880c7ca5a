"""Marks of a mask are the same as OpenCV finds, numbered from the top."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.components import components


@settings(deadline=None)  # the first call compiles
@given(
    st.integers(1, 40), st.integers(1, 40), st.floats(0.0, 1.0), st.integers(0, 10**6),
    st.sampled_from((4, 8)),
)  # fmt: skip
def test_marks_are_those_that_opencv_finds(
    high: int, wide: int, ink: float, seed: int, connectivity: int
) -> None:
    mask = np.asarray(np.random.default_rng(seed).random((high, wide)) < ink, np.uint8)
    count, labels, stats, centres = components(mask, connectivity)
    theirs, their_labels, their_stats, their_centres = cv2.connectedComponentsWithStats(
        mask, connectivity=connectivity
    )
    assert count == theirs
    assert stats[0, 4] == their_stats[0, 4]
    where = [int(their_labels[labels == number][0]) for number in range(1, count)]
    assert sorted(where) == list(range(1, count))
    for number, their in enumerate(where, 1):
        assert np.array_equal(labels == number, their_labels == their)
        assert stats[number].tolist() == their_stats[their].tolist()
        assert centres[number] == pytest.approx(their_centres[their])
    tops = stats[1:, 1].tolist()
    assert tops == sorted(tops)


def test_a_comb_is_one_mark_and_two_combs_that_do_not_touch_are_two() -> None:
    mask = np.zeros((9, 21), np.uint8)
    mask[:, ::4] = 255
    assert components(mask)[0] == 7
    mask[8] = 255
    assert components(mask)[0] == 2
    mask[:, 10] = 0
    assert components(mask)[0] == 3


def test_a_view_of_every_other_column_and_a_mask_of_truths_are_taken_as_they_are() -> None:
    wide = np.zeros((6, 12), np.bool_)
    wide[1:3, 2:9] = True
    assert components(wide[:, ::2])[2][1].tolist() == [1, 1, 4, 2, 8]


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
