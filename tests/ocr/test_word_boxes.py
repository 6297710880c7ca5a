"""Boxes of a page engine that took in a rule between two cells, and dashes between two days."""

import cv2
import numpy as np

from intake.types import Pixels, Word
from ocr.text import PageText, from_words
from ocr.word_boxes import with_dashes_told, without_ruled

HIGH = 18.0


def page(*words: Word) -> PageText:
    return from_words(0, "tesseract", words)


def printed(*prints: tuple[str, int]) -> Pixels:
    paper = np.full((110, 500), 255, np.uint8)
    for text, x in prints:
        cv2.putText(paper, text, (x, 62), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (0,), 2, cv2.LINE_AA)
    return paper


def test_a_word_that_an_upright_rule_goes_through_is_of_two_cells_and_undone() -> None:
    paper = printed(("1", 100), ("$", 130), ("111", 300))
    text = page(Word("118", (98, 44, 52, 20), 0.9), Word("111", (298, 44, 52, 20), 0.9))
    assert without_ruled(text, paper, HIGH) == text
    ruled = paper.copy()
    cv2.line(ruled, (123, 0), (124, 109), (0,), 2)
    left = without_ruled(text, ruled, HIGH)
    assert [word.text for word in left.words] == ["111"]
    assert [word.text for line in left.lines for word in line.words] == ["111"]


def test_a_rule_at_a_numbers_edge_does_not_undo_it_nor_one_through_letters() -> None:
    paper = printed(("111", 300))
    for x in (124, 296):
        cv2.line(paper, (x, 0), (x, 109), (0,), 2)
    text = page(Word("Mail", (98, 44, 52, 20), 0.9), Word("111", (295, 44, 55, 20), 0.9))
    assert without_ruled(text, paper, HIGH) == text


def dash(box: tuple[int, int, int, int], *sides: str) -> float:
    """How sure a dash is between two words."""
    before, after = sides
    words = (Word(before, (40, 40, 120, 20), 0.99), Word("-", box, 0.5),
             Word(after, (190, 40, 120, 20), 0.99))  # fmt: skip
    return next(w for w in with_dashes_told(page(*words), HIGH).words if w.text == "-").confidence


def test_a_flat_stroke_between_two_days_is_surely_a_dash() -> None:
    flat = (168, 48, 10, 3)
    assert dash(flat, "01/03/2026", "01/05/2026") >= 0.9
    assert dash(flat, "Miller", "12.00") == 0.5
    assert dash((168, 40, 10, 18), "01/03/2026", "01/05/2026") == 0.5
