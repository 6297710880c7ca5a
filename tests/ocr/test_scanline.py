"""A coupon's scanline and payload say the same numbers, and damage to either is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import scanline
from ocr.scanline import CouponNumbers

ten = st.text("0123456789", min_size=10, max_size=10)
coupons = st.builds(CouponNumbers, ten, ten, st.integers(0, 10**8 - 1))


@given(coupons)
def test_both_forms_read_back(numbers: CouponNumbers) -> None:
    line = scanline.scanline(numbers)
    assert scanline.parse_scanline(line) == numbers
    assert scanline.parse_scanline(line.replace(" ", "")) == numbers
    assert scanline.parse_payload(scanline.payload(numbers)) == numbers


@given(coupons, st.integers(0, 28), st.integers(1, 9))
def test_one_misread_digit_is_never_taken(numbers: CouponNumbers, place: int, by: int) -> None:
    digits = scanline.scanline(numbers).replace(" ", "")
    wrong = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    assert scanline.parse_scanline(wrong) is None
    assert scanline.parse_scanline(digits[:place] + digits[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "OLB1*1*2", "OLB2*1*2*3", "OLB1*1*2*3.50", "hello"])
def test_other_barcodes_are_not_ours(text: str) -> None:
    assert scanline.parse_payload(text) is None


@pytest.mark.parametrize(
    "numbers",
    [CouponNumbers("1", "1" * 10, 5), CouponNumbers("1" * 10, "x" * 10, 5),
     CouponNumbers("1" * 10, "1" * 10, 10**8)],
)  # fmt: skip
def test_numbers_that_do_not_fit_are_refused(numbers: CouponNumbers) -> None:
    with pytest.raises(ValueError, match="scanline"):
        scanline.scanline(numbers)
