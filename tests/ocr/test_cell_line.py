"""A word cut from a table is read without the rules and the rows about it."""

import cv2
import numpy as np

from intake.types import Pixels
from ocr.cell_forms import value_of
from ocr.cell_line import tidied
from ocr.number_lines import by_network


def word(text: str, high: int = 44) -> Pixels:
    """A crop with one word in its middle, its digits 18 pixels high."""
    (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 2)
    crop = np.full((high, wide + 10), 255, np.uint8)
    cv2.putText(
        crop, text, (5, (high + tall) // 2), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2, cv2.LINE_AA
    )
    return crop


def crowded(crop: Pixels) -> Pixels:
    """The same crop with a rule under the word and the heads of the next row's figures below."""
    full = crop.copy()
    high, wide = full.shape
    full[high - 9 : high - 7] = 0
    for left in range(6, wide - 12, 18):
        full[high - 4 :, left : left + 8] = 0
    return full


def test_a_rule_and_the_heads_of_the_next_row_are_taken_away_and_the_word_stays() -> None:
    alone = word("112.00")
    left = tidied(crowded(alone))
    assert (left[-10:] == 255).all()
    assert (left[:-10] == alone[:-10]).all()


def test_a_word_that_stands_alone_stays_as_it_is_and_so_does_a_dash() -> None:
    for text in ("112.00", "-", "g,y", "(63.94)"):
        alone = word(text)
        assert (tidied(alone) == alone).all()


def test_amounts_are_read_the_same_with_a_rule_and_a_row_below() -> None:
    for text, cents in (("112.00", 11200), ("1,250.75", 125075), ("-84.30", -8430)):
        assert value_of("amount", by_network(word(text), "amount")) == cents
        assert value_of("amount", by_network(crowded(word(text)), "amount")) == cents


def test_what_stands_in_parentheses_is_read_as_taken_back() -> None:
    assert value_of("amount", by_network(word("(63.94)"), "amount")) == -6394
