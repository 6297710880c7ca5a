"""Garbled words in a scanned service's row: in doubt unless reasons tell all that was not paid."""

from dataclasses import replace
from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of

ROWS = [
    "MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE",
    "",
    "Patient: JANE DOE   Member ID: M12345678",
    "DOS         Code       Billed    Rsn 1   Adj 1    Rsn 2   Adj 2     Net Paid",
    "12/01/2025  99213      150.00    45      50.00    {}               {}",
    "12/02/2025  80053      100.00    45      20.00    2       16.00        64.00",
    "",
]


def _line(word: str, paid: str, total: str) -> dict[str, Any]:
    rows = "\n".join([*ROWS, f"Net Paid to Provider:   ${total}"]).format(f"{word:<7}", paid)
    fields, _ = read_remittance([_with_doubtful(page_of(rows.split("\n"), source="tesseract"))])
    (read,) = (fields["claims"] or pytest.fail("no claims")).value
    return dict(read["lines"][0]["evidence"])


def _with_doubtful(page: PageText) -> PageText:
    words = tuple(
        replace(word, confidence=0.1) if word.text == "'4%" else word for word in page.words
    )
    return from_words(0, "tesseract", list(words))


def test_a_speck_read_as_a_word_takes_nothing_from_a_row_that_tells_all() -> None:
    told = _line("'4%", "100.00", "164.00")
    assert told["paid_cents"]["value"] == 100_00
    assert told["paid_cents"]["confidence"] >= 0.9


def test_a_garbled_word_may_be_the_reason_that_a_row_lacks() -> None:
    told = _line("'4%", " 90.00", "154.00")
    assert told["paid_cents"]["value"] == 90_00
    assert told["paid_cents"]["confidence"] <= 0.3
