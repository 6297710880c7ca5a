"""A page drawn from text is stored as a PNG that every reader opens, to the very pixel."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from intake.decoders.drawn_png import drawn_png


def page(shape: tuple[int, ...], rows: tuple[int, ...]) -> NDArray[np.uint8]:
    """White paper with noise on the rows named."""
    pixels = np.full(shape, 255, np.uint8)
    noise = np.random.default_rng(5).integers(0, 256, shape, np.uint8)
    pixels[list(rows)] = noise[list(rows)]
    return pixels


@pytest.mark.parametrize("tail", [(), (3,)], ids=["gray", "colour"])
@pytest.mark.parametrize(
    ("size", "rows"),
    [
        ((700, 61), ()),
        ((700, 61), (0, 9, 18, 26, 300, 699)),
        ((512, 30), (511,)),
        ((1, 1), (0,)),
        ((20, 9), tuple(range(20))),
        ((3000, 7), (1500,)),
    ],
)
def test_pixels_come_back_as_they_were(
    size: tuple[int, int], rows: tuple[int, ...], tail: tuple[int, ...]
) -> None:
    pixels = page((*size, *tail), rows)
    file = drawn_png(pixels)
    opened = Image.open(io.BytesIO(file), formats=("PNG",))
    assert opened.mode == ("RGB" if tail else "L")
    assert np.array_equal(np.asarray(opened), pixels)
    again = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    assert again is not None
    assert np.array_equal(again[:, :, ::-1] if tail else again, pixels)


def test_bare_paper_takes_next_to_no_room() -> None:
    assert len(drawn_png(page((2200, 1700), (100,)))) < 10_000
