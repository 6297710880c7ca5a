"""Currency signs read as figures or letters of the amounts behind them."""

import pytest

from ocr.remittance_currency import with_signs
from ocr.remittance_rows import rows_of
from tests.ocr.laid_out import page_of

SIGNED = ["$283.00  $118.86  $164.14", "$70.00  $37.28  $20.30", "$51.65  $41.83  $9.82"]
BARE = ["283.00  118.86  164.14", "70.00  37.28  20.30", "51.65  41.83  9.82"]


def read(text: str, *others: str, source: str = "tesseract") -> tuple[int | None, float]:
    """What the lone amount of the last row is read as, and how sure."""
    rows = with_signs(rows_of(page_of([*others, text], source=source)))
    token = rows[-1].tokens[0]
    return token.cents, token.confidence


@pytest.mark.parametrize(("text", "cents"), [("50.00", 0), ("S118.86", 11886), ("8199.68", 19968)])
def test_what_stands_for_the_sign_is_no_part_of_the_amount(text: str, cents: int) -> None:
    assert read(text, *SIGNED)[0] == cents


def test_where_the_sign_may_have_been_lost_before_a_figure_no_reading_is_sure() -> None:
    assert read("50.00", *SIGNED)[1] < 0.9 <= read("S50.00", *SIGNED)[1]


def test_amounts_stay_as_they_are_where_few_bear_the_sign_and_in_print() -> None:
    assert read("50.00", *BARE)[0] == 5000
    assert read("50.00", *SIGNED, source="text_layer")[0] == 5000
    assert read("12.00", *SIGNED)[0] == 1200
