"""Amounts: words and numerals in the forms people use, and what may be believed of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr.amount import AmountVote, fuse, parse_numerals
from ocr.amount_words import parse_words

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = (
    "zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip


def spelled(number: int) -> str:
    if number < 20:
        return ONES[number]
    if number < 100:
        return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    rest = number % unit
    return f"{spelled(number // unit)} {name}" + (f" {spelled(rest)}" if rest else "")


@given(st.integers(1, 999_999), st.integers(0, 99))
def test_words_as_in_the_book_decode_exactly(dollars: int, cents: int) -> None:
    said = parse_words(f"{spelled(dollars).capitalize()} and {cents:02d}/100")
    assert said is not None
    assert said.total == 100 * dollars + cents


@given(st.integers(1, 9_999_999))
def test_numerals_decode_exactly(cents: int) -> None:
    for text in (f"${cents // 100:,}.{cents % 100:02d}", f"**{cents // 100}.{cents % 100:02d}**"):
        parsed = parse_numerals(text)
        assert parsed is not None
        assert parsed[0] == cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("One hundred and No cents", 10000),
        ("Two hundred & fifty dollars + 19/100", 25019),
        ("Sixtyeight and xx/100", 6800),
        ("***SEVEN THOUSAND TWO HUNDRED FORTY-ONE AND 07/100 DOLLARS", 724107),
        ("Pay This Amount One hundred and 18 cents", 10018),
        ("Forty and 00100", 4000),
    ],
)
def test_cents_are_understood_in_every_form(text: str, cents: int) -> None:
    said = parse_words(text)
    assert said is not None
    assert said.total == cents


def test_misspelt_words_still_give_the_dollars() -> None:
    said = parse_words("One hundred ond trentyfive dollsrs")
    assert said is not None
    assert said.dollars == 125
    assert said.cents is None
    assert said.fit < 0.95


@pytest.mark.parametrize("text", ["ORDER OF", "Sam Harvey", "Onehundred One hundred", "", "and"])
def test_what_is_no_number_gives_none(text: str) -> None:
    assert parse_words(text) is None


@pytest.mark.parametrize("text", ["11-14-26", "11223344", "$11052", "100%", "10/12/2024"])
def test_dates_and_bare_numbers_are_no_amount(text: str) -> None:
    assert parse_numerals(text) is None


def test_a_fraction_over_a_hundred_is_cents() -> None:
    assert parse_numerals("$ 250 19/100") == (25019, (2, 12))


@given(
    st.integers(1, 10**7),
    st.floats(0, 1),
    st.sampled_from(["numerals", "words", "micr"]),
    st.integers(1, 3),
)
def test_a_single_source_is_never_sure_however_often_it_speaks(
    cents: int, confidence: float, source: str, times: int
) -> None:
    assert fuse((AmountVote(cents, confidence, source),) * times).confidence < 0.9


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.floats(0.5, 1), st.floats(0.5, 1))
def test_a_contradiction_is_told_and_never_sure(
    one: int, other: int, sure: float, surer: float
) -> None:
    fused = fuse((AmountVote(one, sure, "numerals"), AmountVote(other, surer, "words")))
    if one == other:
        assert not fused.warnings
    else:
        assert [warning.code for warning in fused.warnings] == ["amount_mismatch"]
        assert fused.confidence < 0.9
        assert fused.alternatives


def test_agreement_of_independent_sources_is_sure() -> None:
    fused = fuse((AmountVote(12500, 0.85, "numerals"), AmountVote(12500, 0.85, "words")))
    assert fused.cents == 12500
    assert fused.confidence >= 0.95


def test_no_source_no_amount() -> None:
    assert fuse(()).cents is None
