"""How people write money and days: numerals, words, dates and memos in their many ways."""

from __future__ import annotations

import random
from datetime import date

from bench.checks.hands import Stroke
from web.demo.codes import dollars, number_words

_MISSPELT = {"forty": "fourty", "ninety": "ninty", "eight": "eigth", "fifteen": "fiveteen",
             "twelve": "twelf", "thousand": "thousend"}  # fmt: skip


def random_cents(rng: random.Random) -> int:
    """An amount as patients and insurers pay: $5 to $25,000, the median near $140, many round."""
    while True:
        whole = round(rng.lognormvariate(4.95, 1.15))
        if 5 <= whole <= 25_000:
            break
    manner = rng.random()
    if manner < 0.22:
        step = 5 if whole < 100 else 25 if whole < 500 else 100 if whole < 3000 else 500
        return max(5, step * round(whole / step)) * 100
    if manner < 0.45:
        return whole * 100
    return whole * 100 + rng.choice((rng.randint(1, 99), 5 * rng.randint(1, 19), 50, 25))


def numerals(
    rng: random.Random, cents: int, *, sign_printed: bool
) -> tuple[tuple[Stroke, ...], str]:
    """The strokes of the amount in figures, and the name of the way it is written."""
    whole, part = divmod(cents, 100)
    comma = whole >= 1000 and rng.random() < 0.6
    figures = f"{whole:,}" if comma else str(whole)
    sign = "$" if rng.random() < (0.06 if sign_printed else 0.6) else ""
    ways = ["point"] * 9 + ["raised"] * 3 + ["stacked"] * 3 + ["slash"] * 2
    if part == 0:
        ways += ["dash"] * 2 + ["dotdash", "xx_stacked", "no_stacked", "xx_slash"]
    way = rng.choice(ways)
    head = Stroke(sign + figures)
    if way == "point":
        return (Stroke(f"{sign}{figures}.{part:02d}"),), way
    if way == "dash":
        return (Stroke(f"{sign}{figures}-"),), way
    if way == "dotdash":
        return (Stroke(f"{sign}{figures}.-"),), way
    if way == "raised":
        small = Stroke(f"{part:02d}", rng.uniform(0.55, 0.72), rng.uniform(0.3, 0.5),
                       under=rng.random() < 0.75, gap=0.08)  # fmt: skip
        dot = rng.random() < 0.4
        return (Stroke(f"{sign}{figures}.") if dot else head, small), way
    small_part = {"xx_stacked": "xx", "no_stacked": "no", "xx_slash": "xx"}.get(way, f"{part:02d}")
    if way.endswith("stacked"):
        small = Stroke(small_part, rng.uniform(0.5, 0.62), rng.uniform(0.42, 0.55), stack="100",
                       gap=0.15)  # fmt: skip
        return (head, small), way
    return (head, Stroke(f"{small_part}/100", rng.uniform(0.6, 0.85), rng.uniform(0.0, 0.25),
                         gap=0.3)), way  # fmt: skip


def _number(rng: random.Random, whole: int) -> str:
    if 1100 <= whole < 10_000 and whole % 1000 >= 100 and rng.random() < 0.08:
        head, rest = divmod(whole, 100)
        tail = f" {number_words(rest)}" if rest else ""
        return f"{number_words(head)} hundred{tail}"
    text = number_words(whole, hyphen=rng.random() < 0.6)
    if rng.random() < 0.06:
        text = text.replace(" hundred ", " hundred and ", 1)
    if rng.random() < 0.05:
        text = text.replace(" thousand ", " thousand, ", 1)
    if rng.random() < 0.012:
        for right, wrong in _MISSPELT.items():
            text = text.replace(right, wrong, 1)
    return text


def words(rng: random.Random, cents: int, *, label_printed: bool
          ) -> tuple[tuple[Stroke, ...], str]:  # fmt: skip
    """The strokes of the amount in words, and the name of the way its cents are written."""
    whole, part = divmod(cents, 100)
    text = _number(rng, whole)
    case = rng.choice(("sentence", "sentence", "sentence", "title", "title", "lower", "upper"))
    shaped = {"sentence": text.capitalize(), "title": text.title(), "upper": text.upper()}
    text = shaped.get(case, text)
    joint = rng.choice(("and", "and", "and", "&", "&", "+"))
    said = "dollars " if not label_printed and rng.random() < 0.5 else ""
    ways = ["slash"] * 6 + ["stacked"] * 4
    if part == 0:
        ways += ["no_slash"] * 2 + ["xx_slash"] * 2 + ["xx_stacked", "only", "nothing", "exactly"]
        ways += ["no_cents"]
    else:
        ways += ["cents_figures", "cents_words"]
    way = rng.choice(ways)
    if way in {"only", "exactly"}:
        return (Stroke(f"{text} {said}{way}"),), way
    if way == "nothing":
        return (Stroke(f"{text} {said}".strip()),), way
    if way == "no_cents":
        return (Stroke(f"{text} {'dollars ' if not label_printed else ''}{joint} no cents"),), way
    if way == "cents_figures":
        return (Stroke(f"{text} dollars {joint} {part} cents"),), way
    if way == "cents_words":
        return (Stroke(f"{text} dollars {joint} {number_words(part)} cents"),), way
    piece = {"no": "no", "xx": "xx"}.get(way.split("_")[0], f"{part:02d}")
    if way.endswith("slash"):
        return (Stroke(f"{text} {said}{joint} {piece}/100"),), way
    small = Stroke(piece, rng.uniform(0.5, 0.64), rng.uniform(0.4, 0.55), stack="100", gap=0.3)
    return (Stroke(f"{text} {said}{joint}"), small), way


def printed_words(rng: random.Random, cents: int) -> str:
    """The amount in words as machines print it, without fill."""
    whole, part = divmod(cents, 100)
    text = number_words(whole, hyphen=rng.random() < 0.5)
    way = rng.randrange(4)
    if way == 0:
        return f"{text.upper()} AND {part:02d}/100 DOLLARS"
    if way == 1:
        return f"{text.capitalize()} and {part:02d}/100 Dollars"
    if way == 2:
        tail = f"{number_words(part)} cents" if part else "no cents"
        return f"{text.capitalize()} dollars and {tail}"
    return f"{text.upper()} DOLLARS AND {part:02d} CENTS"


def printed_numerals(rng: random.Random, cents: int) -> str:
    """The amount in figures as machines print it, with or without protection."""
    text = dollars(cents)
    return rng.choice((f"${text}", f"${text}", f"**{text}", f"$***{text}", f"*****{text}",
                       f"${text}**", text))  # fmt: skip


def date_line(rng: random.Random, day: date) -> str:
    """The day as Americans write it, month first, the year in full or short."""
    short, full = f"{day:%y}", f"{day.year}"
    year = rng.choice((short, full))
    manner = rng.randrange(9)
    if manner <= 2:
        return f"{day.month}/{day.day}/{year}"
    if manner == 3:
        return f"{day.month:02d}/{day.day:02d}/{year}"
    if manner == 4:
        return f"{day.month}-{day.day}-{year}"
    if manner == 5:
        return f"{day:%B} {day.day}, {full}"
    if manner == 6:
        return f"{day:%b} {day.day}, {full}"
    if manner == 7:
        return f"{day:%b}. {day.day} {full}"
    suffix = "th" if 10 <= day.day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day:%B} {day.day}{suffix}, {full}"


def memo_line(rng: random.Random, account_number: str, patient: str) -> str:
    """What stands in the memo: most often the account, in some words of the writer's."""
    manner = rng.random()
    if manner < 0.34:
        return account_number
    if manner < 0.5:
        return rng.choice((f"Acct {account_number}", f"Acct# {account_number}",
                           f"#{account_number}", f"Account {account_number}"))  # fmt: skip
    if manner < 0.62:
        return rng.choice((patient, f"{patient} dental", f"for {patient}"))
    if manner < 0.75:
        return rng.choice(("dental", "Dentist", "crown", "cleaning", "co-pay", "medical bill",
                           "balance", "braces", f"Inv {rng.randint(1000, 99999)}"))  # fmt: skip
    return ""
