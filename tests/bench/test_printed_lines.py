"""Lines drawn for the net for print say what their text says and never use what is held out."""

from __future__ import annotations

import numpy as np
import pytest

from bench.train.printed_drawing import FACES, HELD_OUT, PLAIN, drawn
from bench.train.printed_texts import some_print
from ocr.printed_line import ALPHABET, HEIGHT, STRIDE, prepared
from web.demo.fonts import FOLDER

FACE = FOLDER / "roboto-latin-400-normal.woff2"


def test_texts_are_seeded_varied_and_printable() -> None:
    random = np.random.default_rng(5)
    texts = [some_print(random) for _ in range(400)]
    again = np.random.default_rng(5)
    assert texts == [some_print(again) for _ in range(400)]
    assert len(set(texts)) > 300
    assert set("".join(texts)) <= set(ALPHABET)
    assert len(set("".join(texts))) > 85
    assert all(text == " ".join(text.split()) for text in texts)


def test_faces_to_judge_by_are_not_learnt() -> None:
    assert set(PLAIN) <= set(FACES)
    assert not set(HELD_OUT) & set(FACES)
    assert not {"roboto", "libre-baskerville", "courier-prime"} & set(FACES)


@pytest.mark.parametrize("seed", range(4))
def test_a_drawn_line_is_dark_on_white_in_its_box(seed: int) -> None:
    clean, (x, y, width, height) = drawn("Wabash Supply", FACE, np.random.default_rng(seed))
    inside = clean[y : y + height, x : x + width]
    assert inside.min() < 120
    assert np.median(clean) > 180
    picture = prepared(inside)
    assert picture is not None
    assert picture.shape[0] == HEIGHT
    assert picture.shape[1] % STRIDE == 0
    assert picture.shape[1] > 5 * HEIGHT
