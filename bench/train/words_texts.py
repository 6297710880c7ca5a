"""What the drawn lines of words say: amounts in words with their cents, and lines that are none."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from bench.train.numerals_texts import Part, Random, chance, fraction
from ocr.amount_forms import spelled

_NAMES = (
    "Dental", "Family", "Clinic", "Center", "Associates", "Smith", "Garcia", "Johnson", "Main",
    "Street", "Avenue", "Springfield", "Pay", "order", "memo", "for", "account", "invoice",
    "cleaning", "visit", "crown", "exam", "January", "March", "April", "June", "August",
    "September", "October", "November", "December", "bank", "check", "void", "balance", "copay",
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def heard(parts: tuple[Part, ...]) -> str:
    """What a reader should give: small letters, figures, ``/`` and ``&``, words apart.

    A fill of dashes or stars, a hyphen and a point say nothing.
    """
    text = "".join(part.says for part in parts).lower().replace("+", "&").replace("$", "?")
    return " ".join(re.sub(r"[^a-z0-9/&? ]+", " ", text).split())


def _pick(random: Random, choices: tuple[str, ...]) -> str:
    return choices[int(random.integers(len(choices)))]


def _whole(random: Random) -> int:
    """Dollars: every magnitude alike, round sums more often."""
    form = random.random()
    if form < 0.12:
        return int(random.integers(1, 20))
    if form < 0.32:
        return int(random.integers(20, 100))
    if form < 0.68:
        return int(random.integers(100, 1000))
    if form < 0.76:
        return 100 * int(random.integers(1, 20))
    if form < 0.96:
        return int(random.integers(1000, 10_000))
    return int(random.integers(10_000, 200_000))


def _number(random: Random, number: int) -> str:
    """The words of a number as people join them."""
    joint = _pick(random, ("-", "-", " ", " ", " - "))
    words = list(spelled(number))
    if 1100 <= number < 10_000 and number // 100 % 10 and chance(random, 0.15):
        rest = spelled(number % 100) if number % 100 else ()
        words = [*spelled(number // 100), "hundred", *rest]
    text = words[0]
    for before, word in pairwise(words):
        text += joint if before.endswith("ty") and word not in {"hundred", "thousand"} else " "
        if before == "hundred" and chance(random, 0.08):
            text += "and "
        text += word
    return text


def _cased(random: Random, text: str) -> str:
    form = random.random()
    if form < 0.45:
        return text[:1].upper() + text[1:]
    if form < 0.68:
        return text.title()
    return text if form < 0.82 else text.upper()


def _cents(random: Random) -> tuple[Part, ...]:
    """What follows the dollars: cents over a hundred in some form, by words, or nothing."""
    joint = _pick(random, ("and", "and", "and", "&", "&", "+", "", "AND", "-"))
    form = random.random()
    part = int(random.integers(1, 100))
    if form < 0.05:
        return (Part(f" {_pick(random, ('only', 'Only', 'even', 'exactly', ''))}"),)
    if form < 0.09:
        return (Part(f" {joint} {_pick(random, ('no cents', 'zero cents', 'No cents'))}"),)
    if form < 0.14:
        return (Part(f" {joint} {part} cents"),)
    if form < 0.22:
        return (Part(f" {joint} {_cased(random, _number(random, part))} cents"),)
    (cents,) = fraction(random)
    if cents.standing == "raised":
        cents = replace(cents, standing="barred")
    elif cents.standing == "line" and chance(random, 0.3):
        over, _, under = cents.over.partition("/")
        cents = Part(f"{over} / {under}")
    return (Part(f" {joint} "), cents)


def _amount(random: Random) -> tuple[Part, ...]:
    text = _cased(random, _number(random, _whole(random)))
    if chance(random, 0.18):
        text += " " + _pick(random, ("dollars", "Dollars", "DOLLARS"))
    if chance(random, 0.05):
        text = _pick(random, ("Exactly ", "Pay ", "only ", "***", "--")) + text
    parts = (Part(text), *_cents(random))
    if chance(random, 0.25):
        fill = _pick(random, (" dollars", " only", " ---", " -----", " ***", " DOLLARS"))
        parts = (*parts, Part(fill))
    return parts


def _pieces(random: Random) -> str:
    """Number words in no order that is a number: each is learnt by its own ink."""
    return " ".join(
        _cased(random, _pick(random, spelled(int(random.integers(1, 100_000)))))
        for _ in range(int(random.integers(1, 6)))
    )


def _other(random: Random) -> str:
    """Names, places, and letters in no order at all."""
    words = []
    for _ in range(int(random.integers(1, 5))):
        form = random.random()
        if form < 0.5:
            words.append(_pick(random, _NAMES))
        elif form < 0.85:
            picked = random.integers(len(_LETTERS), size=int(random.integers(2, 9)))
            words.append(_cased(random, "".join(_LETTERS[int(letter)] for letter in picked)))
        else:
            words.append(str(int(random.integers(1, 20_000))))
    return " ".join(words)


def some_words(random: Random) -> tuple[Part, ...]:
    """What one line says; empty for a crop that holds no writing."""
    form = random.random()
    if form < 0.01:
        return ()
    if form < 0.72:
        return _amount(random)
    return (Part(_pieces(random) if form < 0.84 else _other(random)),)
