"""Dates, amounts and check digits are read exactly or not at all."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr import values


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_every_printed_form_of_a_date_reads_back(day: date) -> None:
    forms = ["%m/%d/%Y", "%m-%d-%Y", "%Y-%m-%d", "%b %d, %Y", "%B %d %Y", "%d-%b-%Y", "%m%d%Y"]
    for form in forms:
        assert values.parse_date(day.strftime(form)) == day.isoformat()
    if day.year >= 2000:
        assert values.parse_date(day.strftime("%m/%d/%y")) == day.isoformat()


@pytest.mark.parametrize(
    "text", ["", "13/40/2026", "02/30/2026", "1/2", "May", "12:30", "1/1/1889"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert values.parse_date(text) is None


@given(st.integers(0, 10**9))
def test_amounts_read_back_in_every_form(cents: int) -> None:
    plain = f"{cents // 100:,}.{cents % 100:02d}"
    for text in (plain, f"${plain}", f"$ {plain}", plain.replace(",", "")):
        assert values.parse_cents(text) == cents
    for text in (f"({plain})", f"-${plain}", f"${plain}-", f"-{plain}"):
        assert values.parse_cents(text) == -cents


@pytest.mark.parametrize(
    "text",
    ["12", "1,2.00", "12.5", "12.345", "S5.00", "(5.00", "1O.00", ".", "9" * 14 + ".00",
     "9" * 5000 + ".00"],
)  # fmt: skip
def test_what_is_no_amount_is_none(text: str) -> None:
    assert values.parse_cents(text) is None


@given(st.text("0123456789", min_size=1, max_size=30), st.data())
def test_the_check_digit_catches_every_single_wrong_digit(body: str, data: st.DataObject) -> None:
    number = body + values.luhn_digit(body)
    assert values.luhn_valid(number)
    place = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789").filter(lambda d: d != number[place]))
    assert not values.luhn_valid(number[:place] + other + number[place + 1 :])


def test_provider_numbers_are_checked_with_their_prefix() -> None:
    assert values.npi_valid("1234567893")
    assert not values.npi_valid("1234567890")
    assert not values.npi_valid("3234567893")
