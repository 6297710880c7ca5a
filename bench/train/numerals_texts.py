"""What the drawn lines of numerals say: amounts, dates, cents over a hundred, and marks that are
none of these, with how each part stands on the line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np

Random = np.random.Generator
Standing = Literal["line", "raised", "barred", "stacked"]

_LETTERS = "ABCDEFGHKLMNPRSTUVWXYabcdefghkmnprstuvwxy"
_WORDS = (
    "DATE", "Pay", "ORDER", "dollars", "Memo", "FOR", "Dec", "May", "Aug", "Feb", "March", "June",
    "September", "Bank", "and", "THE", "Smith", "Clara", "CHECK", "VOID", "Amt", "USD",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line: ``over`` is its text; ``stacked`` has a bar with ``under`` below it,
    ``barred`` a bar below raised cents, ``raised`` is just small and high."""

    over: str
    standing: Standing = "line"
    under: str = ""

    @property
    def says(self) -> str:
        """What a reader should give for the part."""
        if self.standing == "stacked":
            return f"{self.over}/{self.under}"
        return f"{self.over}/" if self.standing == "barred" else self.over


def said(parts: tuple[Part, ...]) -> str:
    """The text of a whole line, letters as ``?``."""
    text = "".join(part.says for part in parts)
    known = re.sub(r"[A-Za-z]+", _known_letters, text)
    return " ".join(known.split())


def _known_letters(match: re.Match[str]) -> str:
    """Letters as they are read: themselves in ``no`` and ``xx``, else ``?`` each."""
    return match[0] if match[0] in {"no", "xx"} else "?" * len(match[0])


def chance(random: Random, probability: float) -> bool:
    """True that often."""
    return bool(random.random() < probability)


def _pick(random: Random, choices: tuple[str, ...]) -> str:
    return choices[int(random.integers(len(choices)))]


def _digits(random: Random, count: int) -> str:
    """Figures without a leading zero; runs of one figure are common, as on real checks."""
    figures = [int(random.integers(10)) for _ in range(count)]
    for place in range(1, count):
        if chance(random, 0.18):
            figures[place] = figures[place - 1]
        elif chance(random, 0.12):
            figures[place] = 0
    if figures and figures[0] == 0:
        figures[0] = int(random.integers(1, 10))
    return "".join(map(str, figures))


def _whole(random: Random, *, comma: float) -> str:
    count = int(random.choice([1, 2, 3, 4, 5, 6], p=[0.08, 0.24, 0.36, 0.22, 0.07, 0.03]))
    figures = _digits(random, count)
    if count > 3 and chance(random, comma):
        return f"{figures[:-3]}{_pick(random, (',', ',', ',', ',', ', ', '.'))}{figures[-3:]}"
    return figures


def _cents(random: Random) -> str:
    if chance(random, 0.3):
        return _pick(random, ("00", "00", "50", "25", "75", "99"))
    return f"{int(random.integers(10))}{int(random.integers(10))}"


def _dotted(random: Random) -> str:
    point = _pick(random, (".", ".", ".", ". ", " ."))
    text = f"{_whole(random, comma=0.6)}{point}{_cents(random)}"
    if chance(random, 0.06):
        text = f"{_whole(random, comma=0.6)} {_cents(random)}"
    if chance(random, 0.05):
        text = f".{_cents(random)}" if chance(random, 0.5) else f"0.{_cents(random)}"
    return text


def _dashed(random: Random) -> str:
    whole = _whole(random, comma=0.5)
    ends = ("-", ".-", ".--", " -", ".00-", ".", "", f"-{_cents(random)}")
    return whole + _pick(random, ends)


def fraction(random: Random) -> tuple[Part, ...]:
    """Cents over a hundred in one of the forms they take."""
    cents = _pick(random, ("xx", "no")) if chance(random, 0.18) else _cents(random)
    under = "xx" if chance(random, 0.12) else "100"
    form = random.random()
    if form < 0.32:
        return (Part(f"{cents}/{under}"),)
    if form < 0.72:
        return (Part(cents, "stacked", under),)
    if form < 0.88:
        return (Part(cents, "barred"),)
    return (Part(cents if cents.isdigit() else "00", "raised"),)


def over_hundred(random: Random) -> tuple[Part, ...]:
    """Whole dollars with cents over a hundred."""
    whole = _whole(random, comma=0.4)
    gap = _pick(random, (" ", " ", " ", " ", "-", ". ", " - "))
    return Part(f"{whole}{gap}"), *fraction(random)


def _date(random: Random) -> str:
    mark = _pick(random, ("/", "/", "/", "-", "-", "."))
    month, day = int(random.integers(1, 13)), int(random.integers(1, 32))
    year = int(random.integers(2010, 2032))
    long = chance(random, 0.4)
    padded = chance(random, 0.4)
    first = f"{month:02d}{mark}{day:02d}" if padded else f"{month}{mark}{day}"
    return f"{first}{mark}{year if long else f'{year % 100:02d}'}"


def _letters(random: Random) -> str:
    count = int(random.integers(2, 8))
    return "".join(_LETTERS[int(random.integers(len(_LETTERS)))] for _ in range(count))


def _strange(random: Random) -> str:
    """Words, and figures among words, as in a wrong crop."""
    word = _pick(random, _WORDS) if chance(random, 0.6) else _letters(random)
    form = random.random()
    if form < 0.4:
        return word
    if form < 0.6:
        return f"{word} {int(random.integers(1, 32))}, {int(random.integers(2010, 2032))}"
    if form < 0.8:
        return f"{word} {_dotted(random)}"
    return f"{_dotted(random)} {word}"


def _loose(random: Random) -> str:
    """Figures of any other kind: serial numbers, accounts, a lone figure."""
    figures = "".join(str(int(random.integers(10))) for _ in range(int(random.integers(1, 9))))
    return _pick(random, (figures, figures, f"#{figures}", f"{figures}-{_cents(random)}",
                          f"{figures}/{_digits(random, 3)}"))  # fmt: skip


def some_line(random: Random, *, printed: bool) -> tuple[Part, ...]:
    """What one line says; empty for a crop that holds no writing."""
    form = random.random()
    if form < 0.025:
        return ()
    if form < 0.50 or (printed and form < 0.72):
        text = _dotted(random)
    elif form < 0.56:
        text = _dashed(random)
    elif form < 0.76:
        parts = over_hundred(random)
        return (Part("$" + parts[0].over), *parts[1:]) if chance(random, 0.25) else parts
    elif form < 0.80:
        return fraction(random)
    elif form < 0.90:
        return (Part(_date(random)),)
    elif form < 0.95:
        return (Part(_loose(random)),)
    else:
        return (Part(_strange(random)),)
    if chance(random, 0.35):
        stars = "*" * int(random.integers(1, 7)) if chance(random, 0.5 if printed else 0.1) else ""
        text = f"{_pick(random, ('$', '$', '$ ', ''))}{stars}{text}"
        text += stars[:3] if chance(random, 0.5) else ""
    elif chance(random, 0.03):
        text = f"#{text}#"
    return (Part(text),)
