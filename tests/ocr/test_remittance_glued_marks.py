"""Letters behind amounts, read as figures of them."""

import pytest

from ocr.remittance_glued_marks import with_marks
from ocr.remittance_rows import rows_of
from tests.ocr.laid_out import page_of

LEGEND = ("D", "C", "S")


def read(text: str, *legend: str, source: str = "tesseract") -> list[tuple[str, int | None]]:
    (row,) = with_marks(rows_of(page_of([text], source=source)), legend or LEGEND)
    return [(token.text, token.cents) for token in row.tokens]


@pytest.mark.parametrize(
    ("text", "amount", "mark"),
    [("58.538", 5853, "S"), ("0.795", 79, "S"), ("1,250.000", 125000, "D"), ("25.00C.", 2500, "C")],
)
def test_a_figure_too_many_is_the_letter_of_the_legend_that_looks_like_it(
    text: str, amount: int, mark: str
) -> None:
    assert [(text.rstrip("."), cents) for text, cents in read(text)][1] == (mark, None)
    assert read(text)[0][1] == amount


@pytest.mark.parametrize("legend", [("K11",), ("D", "C"), ("S", "B")])
def test_no_letter_or_two_that_look_like_it_leave_the_word_as_it_is(
    legend: tuple[str, ...],
) -> None:
    assert len(read("58.538", *legend)) == 1


def test_amounts_and_print_stay_as_they_are() -> None:
    assert read("58.53") == [("58.53", 5853)]
    assert len(read("58.538", source="text_layer")) == 1
