"""Dashes of empty cells that a text engine took for letters."""

from dataclasses import replace

import pytest

from ocr.remittance_dashes import with_dashes
from ocr.remittance_grid import Column, Grid
from ocr.remittance_head_cells import Head
from ocr.remittance_rows import Row, rows_of
from tests.ocr.laid_out import page_of

ROWS = ["D0120  48.15  28.40      28.40", "D0274  81.00  55.89   7  55.89"]


def read(*, sure: float = 0.4, source: str = "tesseract", word: str = "  7") -> tuple[Row, Grid]:
    """The second row, its lone figure read that surely, and the columns that the first fills."""
    page = page_of([row.replace("  7", word) for row in ROWS], source=source)
    lines = tuple(
        replace(line, words=tuple(
            replace(word, confidence=sure if word.text == "7" else 0.97) for word in line.words
        ))
        for line in page.lines
    )  # fmt: skip
    _, row = rows_of(replace(page, lines=lines))
    spans = [(token.left, token.right) for token in row.tokens]
    blank = (spans[3][1] - 30.0, spans[3][1])
    roles = ("charged_cents", "allowed_cents", "deductible", "paid_cents")
    columns = [
        Column(role, role, low, high, low=low, high=high, filled=2)
        for role, (low, high) in zip(roles, [*spans[1:3], blank, spans[4]], strict=True)
    ]
    return row, Grid(Head((), 0, 0), columns)


def test_a_garbled_sign_that_ends_an_empty_cell_is_its_dash() -> None:
    row, grid = read()
    seen = with_dashes(row, grid, 0, 0.0)
    assert [token.text for token in seen.tokens] == ["D0274", "81.00", "55.89", "55.89"]
    assert [token.text for token in seen.dashes] == ["7"]


@pytest.mark.parametrize(("sure", "source"), [(0.9, "tesseract"), (0.4, "text_layer")])
def test_a_sign_that_was_read_stays(sure: float, source: str) -> None:
    row, grid = read(sure=sure, source=source)
    assert with_dashes(row, grid, 0, 0.0) == row


def test_a_sign_where_no_amounts_end_stays() -> None:
    row, grid = read()
    column = grid.columns[2]
    grid.columns[2] = replace(column, high=(column.high or 0.0) + 60.0)
    assert with_dashes(row, grid, 0, 0.0) == row


@pytest.mark.parametrize("word", ["000", "O00", "ooo", " 00"])
def test_noughts_that_end_an_empty_cell_are_its_zero(word: str) -> None:
    row, grid = read(word=word)
    seen = with_dashes(row, grid, 0, 0.0)
    assert [token.cents for token in seen.amounts] == [8100, 5589, 0, 5589]
    assert seen.amounts[2].confidence < 0.9


@pytest.mark.parametrize("word", ["001", "100", "B00", "  O"])
def test_what_may_be_a_code_is_no_zero(word: str) -> None:
    row, grid = read(word=word)
    seen = with_dashes(row, grid, 0, 0.0)
    assert [token.cents for token in seen.amounts] == [8100, 5589, 5589]
