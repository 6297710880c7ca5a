"""How texts and numbers are misread, edited or mistyped in the matching bench."""

from __future__ import annotations

import random

# What readers take one letter for; half of the errors are such, half are any letter.
LOOKALIKES = {
    "O": "0QD", "I": "1LT", "L": "I1", "S": "58", "B": "8R", "E": "FC", "C": "GE", "G": "C6",
    "M": "NW", "N": "HM", "U": "VW", "V": "UY", "A": "4R", "R": "KP", "T": "I7", "H": "NB",
    "0": "O8", "1": "7I", "3": "8", "8": "3B", "5": "S6", "6": "5", "7": "1", "9": "4", "4": "9",
}  # fmt: skip
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def misread(rng: random.Random, text: str, rate: float) -> str:
    """As readers err: half of the faults are letters that look alike, some letters are lost."""
    out: list[str] = []
    for letter in text:
        if letter.isalnum() and rng.random() < rate:
            like = LOOKALIKES.get(letter.upper(), "")
            if like and rng.random() < 0.5:
                out.append(rng.choice(like))
            elif rng.random() < 0.7:
                out.append(rng.choice(_LETTERS))
            continue
        out.append(letter)
    return "".join(out)


def edited(rng: random.Random, text: str, rate: float) -> str:
    """Any letter replaced, lost, followed by another, or swapped with the next, alike often."""
    out = list(text)
    at = 0
    while at < len(out):
        if out[at].isalnum() and rng.random() < rate:
            kind = rng.randrange(4)
            if kind == 0:
                out[at] = rng.choice(_LETTERS)
            elif kind == 1:
                del out[at]
                continue
            elif kind == 2:
                out.insert(at, rng.choice(_LETTERS))
                at += 1
            elif at + 1 < len(out):
                out[at], out[at + 1] = out[at + 1], out[at]
                at += 1
        at += 1
    return "".join(out)


def one_digit(rng: random.Random, number: str) -> str:
    """The number with one digit read as another; an empty one stays empty."""
    if not number:
        return ""
    at = rng.randrange(len(number))
    return number[:at] + rng.choice([d for d in "0123456789" if d != number[at]]) + number[at + 1 :]


def amount_digits(rng: random.Random, cents: int) -> int:
    """The amount with one digit read as another, or two neighbours changed over."""
    text = str(cents)
    at = rng.randrange(len(text))
    if rng.random() < 0.15 and at + 1 < len(text) and text[at] != text[at + 1]:
        return int(f"{text[:at]}{text[at + 1]}{text[at]}{text[at + 2 :]}")
    like = [c for c in LOOKALIKES.get(text[at], "") if c.isdigit()] or [
        c for c in "0123456789" if c != text[at]
    ]
    return int(f"{text[:at]}{rng.choice(like)}{text[at + 1 :]}")


def misspelt(rng: random.Random, word: str) -> str:
    """A word with one letter typed wrong, left out, doubled, or two changed over; not the first."""
    at = rng.randrange(1, max(len(word) - 1, 2))
    ways = (
        word[:at] + rng.choice("aeioustnrl") + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at : at + 1] + word[at:],
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :],
    )
    return rng.choice(ways)
