"""Every written form of an amount is read back from a lattice, and no other amount fits better."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.amount_decoder import decoded
from ocr.amount_forms import (
    NUMERAL_SYMBOLS,
    WORD_SYMBOLS,
    amounts_of_numerals,
    numerals_form,
    spelled,
    words_form,
)
from ocr.amount_lattice import Lattice, exactly, fold, greedy, likeliest, scores
from ocr.amount_lattice import Symbols as Folding

ASCII = "".join(chr(code) for code in range(32, 127))
amounts = st.integers(1, 9_999_999_99)


def seen(text: str, symbols: Folding) -> Lattice:
    """The lattice of a recogniser that reads ``text`` clearly."""
    lattice = np.full((2 * len(text) + 1, len(ASCII) + 1), 1e-6, np.float32)
    lattice[:, 0] = 0.999
    for number, char in enumerate(text):
        lattice[2 * number + 1, 0] = 1e-3
        lattice[2 * number + 1, ASCII.index(char) + 1] = 0.99
    return fold(lattice, ASCII, symbols)


def numeral_texts(cents: int) -> list[str]:
    whole, part = divmod(cents, 100)
    texts = [
        f"${whole}.{part:02d}", f"{whole:,}.{part:02d}", f"**{whole:,}.{part:02d}**",
        f"{whole} {part:02d}/100", f"$ {whole:,} {part:02d}/100", f"{whole}-{part:02d}",
    ]  # fmt: skip
    if part == 0:
        texts += [f"{whole}.xx/100", f"{whole} no/100", f"{whole:,}.-", f"{whole}-"]
    return texts


def word_texts(cents: int) -> list[str]:
    whole, part = divmod(cents, 100)
    words = " ".join(spelled(whole))
    texts = [
        f"{words.capitalize()} and {part:02d}/100", f"{words.upper()} DOLLARS AND {part:02d}/100",
        f"***{words} & {part:02d}/100 dollars", f"{words} dollars and {part} cents",
    ]  # fmt: skip
    if part:
        texts.append(f"{words} dollars and {' '.join(spelled(part))} cents")
    else:
        texts += [f"{words} and no/100", f"{words} and xx/100", f"{words} and No cents"]
    return texts


def best_of(lattice: Lattice, proposals: list[int], *, words: bool) -> int:
    form = words_form if words else numerals_form
    fits = scores(lattice, [form(cents) for cents in proposals])
    return proposals[int(fits.argmax())]


@settings(max_examples=30, deadline=None)
@given(amounts, st.randoms(use_true_random=False))
def test_numerals_in_every_form_read_back(cents: int, rng: random.Random) -> None:
    text = rng.choice(numeral_texts(cents))
    lattice = seen(text, NUMERAL_SYMBOLS)
    proposals = [p for one in likeliest(lattice) for p in amounts_of_numerals(one)]
    assert cents in proposals, text
    assert best_of(lattice, list(dict.fromkeys(proposals)), words=False) == cents, text


@settings(max_examples=20, deadline=None)
@given(amounts, st.randoms(use_true_random=False))
def test_words_in_every_form_fit_their_own_amount_best(cents: int, rng: random.Random) -> None:
    text = rng.choice(word_texts(cents)) if cents >= 100 else word_texts(10000 + cents)[0]
    cents = cents if cents >= 100 else 10000 + cents
    others = [cents + step for step in (1, 100, 10_00, 100_00, 1000_00)]
    lattice = seen(text, WORD_SYMBOLS)
    assert best_of(lattice, [cents, *others], words=True) == cents, text
    own = scores(lattice, [words_form(cents), exactly(greedy(lattice), lattice.names)])
    assert own[0] > own[1] - 12, text


@settings(max_examples=20, deadline=None)
@given(st.integers(100, 999_999_99), st.randoms(use_true_random=False))
def test_words_are_decoded_from_the_lattice_alone(cents: int, rng: random.Random) -> None:
    text = rng.choice(word_texts(cents))
    best = decoded(seen(text, WORD_SYMBOLS))[0]
    assert (best.dollars, best.cents) == divmod(cents, 100), text


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("One hundred ond trentyfive dollsrs 00/100", 12500),
        ("Two hundred & fifty dollars + 19/100", 25019),
        ("One hundred and No cents", 10000),
        ("Sixtyeight and xx/100", 6800),
        ("Fifteen hundred and fifty cents", 150050),
        ("***SEVEN THOUSAND TWO HUNDRED FORTY-ONE AND 07/100 DOLLARS", 724107),
        ("One thousand, five hundred & 00/100", 150000),
        ("Exactly nine hundred dollars and 5/100", 90005),
    ],
)
def test_words_as_people_write_them(text: str, cents: int) -> None:
    best = decoded(seen(text, WORD_SYMBOLS))[0]
    assert (best.dollars, best.cents) == divmod(cents, 100)


def test_words_without_cents_have_none() -> None:
    best = decoded(seen("One hundred ten dollars", WORD_SYMBOLS))[0]
    assert (best.dollars, best.cents) == (110, None)


@pytest.mark.parametrize("text", ["ORDER OF", "Sam Harvey", "Memorial Hospital"])
def test_what_is_no_number_fits_none(text: str) -> None:
    lattice = seen(text, WORD_SYMBOLS)
    free = scores(lattice, [exactly(greedy(lattice), lattice.names)])[0]
    assert all(one.score < free - 3 * len(text) for one in decoded(lattice))


@pytest.mark.parametrize(
    ("text", "known"),
    [("8125.00", {812500, 12500}), ("125", {12500}), (".50", {50}), ("12500", {12500, 1250000})],
)
def test_an_open_form_proposes_all_it_may_mean(text: str, known: set[int]) -> None:
    assert known <= set(amounts_of_numerals(text))


def test_an_empty_lattice_says_nothing() -> None:
    empty = fold(np.zeros((0, len(ASCII) + 1), np.float32), ASCII, WORD_SYMBOLS)
    assert decoded(empty) == ()
    assert greedy(empty) == ""
    assert scores(empty, [words_form(100)])[0] < -100


@pytest.mark.parametrize("words", [False, True])
def test_ten_may_be_a_written_no_but_never_a_typed_one(words: bool) -> None:
    text = "one hundred six and 10/100" if words else "106 10/100"
    lattice = seen(text, WORD_SYMBOLS if words else NUMERAL_SYMBOLS)
    form = words_form if words else numerals_form
    ten, by_hand, typed = scores(
        lattice, [form(10610), form(10600, typed=False), form(10600, typed=True)]
    )
    assert ten - 4 < by_hand < ten
    assert typed < by_hand - 1
