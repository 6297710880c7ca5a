"""Minus signs at the left of their column are signs; dashes for nothing are not."""

from ocr.remittance_far_minus import rows_with_signs
from tests.ocr.laid_out import page_of


def _cents(row: str, source: str = "text_layer") -> list[int]:
    (only,) = rows_with_signs(page_of([row], source=source))
    return [token.cents for token in only.tokens if token.cents is not None]


def test_a_minus_before_each_amount_is_its_sign() -> None:
    assert _cents("71046  -   117.15   -   106.60    0.00   -   85.28") == [
        -11715,
        -10660,
        0,
        -8528,
    ]


def test_a_dash_for_nothing_takes_no_amount_back() -> None:
    assert _cents("71046  -   117.15      106.60   -   85.28") == [11715, 10660, 8528]
    assert _cents("71046  117.15   -   106.60   -") == [11715, 10660]
    assert _cents("71046  -   117.15") == [11715]
    far = "71046  -              117.15   -              106.60"
    assert _cents(far) == [11715, 10660]


def test_on_a_scan_a_speck_may_be_such_a_sign_and_none_is_taken() -> None:
    assert _cents("71046  -   117.15   -   106.60", "tesseract") == [11715, 10660]
