"""Views of a page: what turns and is cut keeps its pixels and its boxes together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.pixels import crop, decode_image, encode_image, gray, open_page, rotate, rotate_box
from intake.types import DecodedPage, Word
from records.errors import UnreadableError, WrongUse

QUARTERS = st.sampled_from([-90, 0, 90, 180, 270, 360, 450])


@given(st.integers(1, 40), st.integers(1, 40), QUARTERS, st.data())
def test_a_box_turns_with_its_pixels(
    width: int, height: int, degrees: int, data: st.DataObject
) -> None:
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    image = np.zeros((height, width), np.uint8)
    image[y : y + h, x : x + w] = 255
    turned = rotate(image, degrees)
    box = rotate_box((x, y, w, h), degrees, width, height)
    assert crop(turned, box).size == w * h
    assert crop(turned, box).min() == 255
    assert int(turned.sum()) == 255 * w * h


@pytest.mark.parametrize("shape", [(20, 30), (20, 30, 3)])
def test_pixels_survive_the_store(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert (decode_image(encode_image(pixels)) == pixels).all()
    assert gray(pixels).shape == (20, 30)


def test_two_valued_pixels_are_stored_as_one_bit() -> None:
    pixels = np.where(np.random.default_rng(1).random((100, 100)) > 0.5, 0, 255).astype(np.uint8)
    encoded = encode_image(pixels)
    assert encoded[24] == 1
    assert (decode_image(encoded) == pixels).all()


@pytest.mark.parametrize("data", [b"", b"nonsense", b"\x89PNG\r\n\x1a\n"])
def test_a_damaged_page_is_told(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode_image(data)


def test_a_slanted_turn_is_refused() -> None:
    with pytest.raises(WrongUse):
        rotate(np.zeros((2, 2), np.uint8), 45)


def test_words_turn_and_move_with_the_page() -> None:
    pixels = np.full((100, 200), 255, np.uint8)
    pixels[10:20, 30:60] = 0
    word = Word("DUE", (30, 10, 30, 10), 1.0)
    decoded = DecodedPage(
        4, encode_image(pixels), "image/png", 200, 100, 200.0, (word,), "front", 2, {"a": "b"}
    )
    turned = open_page(decoded, 90)
    assert (turned.index, turned.side, turned.item, turned.facts) == (4, "front", 2, {"a": "b"})
    assert crop(turned.pixels, turned.words[0].box).max() == 0
    part = open_page(decoded, 90, (70, 20, 30, 60))
    assert part.pixels.shape == (60, 30)
    assert crop(part.pixels, part.words[0].box).max() == 0
    assert open_page(decoded, 0, (40, 0, 50, 50)).words == ()


def test_a_page_with_words_is_decoded_when_it_is_looked_at() -> None:
    image = np.arange(40 * 60, dtype=np.uint8).reshape(40, 60)
    words = (Word("Total", (5, 10, 20, 8), 1.0),)
    page = open_page(DecodedPage(0, encode_image(image), "image/png", 60, 40, 200.0, words), 90)
    assert page.size == (40, 60)
    assert page.words[0].box == (22, 5, 8, 20)
    assert np.array_equal(page.pixels, rotate(image, 90))
    assert page.pixels is page.pixels
    assert page.size == (40, 60)


def test_the_size_is_known_of_a_picture_that_no_one_can_decode() -> None:
    words = (Word("Total", (5, 10, 20, 8), 1.0),)
    broken = encode_image(np.zeros((40, 60), np.uint8))[:40]
    page = open_page(DecodedPage(0, broken, "image/png", 60, 40, 200.0, words))
    assert page.size == (60, 40)
    with pytest.raises(UnreadableError):
        _ = page.pixels
