"""Which of three readings of a number on a scan is taken, and when it is sure."""

import numpy as np
import pytest

from intake.types import Word
from ocr.cell_forms import Form
from ocr.cell_votes import Seen, decided
from ocr.engine import LineText

SURE = 0.9


def line(text: str, sure: float) -> LineText:
    """What a reader has that is ``sure`` of its last letter and of all others entirely."""
    each = (*(1.0 for _ in text[1:]), sure)
    return LineText(text, sure, each, tuple(each), np.zeros((0, 0), np.float32), "")


def vote(form: Form, page: str, network: str, sure: float, recogniser: str, clear: float) -> Word:
    word = Word(page, (0, 0, 90, 20), 0.9)
    seen = Seen(form, page, network, recogniser, sure=sure)
    return decided(word, seen, line(recogniser, clear))


@pytest.mark.parametrize(
    ("form", "page", "truth"),
    [("code", "99218", "99213"), ("date", "01/19/2026", "01/13/2026"), ("code", "PR-8", "PR-3")],
)
def test_a_code_or_day_is_sure_where_the_network_is_sure_of_what_the_recogniser_has_too(
    form: Form, page: str, truth: str
) -> None:
    both = vote(form, page, truth, 0.97, truth, 0.7)
    assert (both.text, both.confidence >= SURE) == (truth, True)
    neither = vote(form, page, truth, 0.7, truth, 0.7)
    assert (neither.text, neither.confidence >= SURE) == (truth, False)


def test_what_the_page_engine_has_with_an_unclear_recogniser_is_not_sure_by_a_sure_network() -> (
    None
):
    assert vote("code", "99213", "99218", 0.97, "99213", 0.7).confidence < SURE


def test_of_three_readings_that_all_differ_the_likelier_is_taken_and_none_is_sure() -> None:
    network = vote("date", "01/18/2026", "01/13/2026", 0.9, "01/16/2026", 0.6)
    assert (network.text, network.confidence >= SURE) == ("01/13/2026", False)
    recogniser = vote("date", "01/18/2026", "01/13/2026", 0.6, "01/16/2026", 0.6)
    assert (recogniser.text, recogniser.confidence >= SURE) == ("01/16/2026", False)
    clear = vote("date", "01/18/2026", "01/13/2026", 0.9, "01/16/2026", 0.99)
    assert (clear.text, clear.confidence >= SURE) == ("01/16/2026", False)
