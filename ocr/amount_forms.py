"""Every way an amount is written, as numerals and as words, for scoring on a lattice.

Weights are how usual a form is beside the plain one; they need only be of the right order.
"""

from __future__ import annotations

import re
import string
from functools import cache, lru_cache

from ocr.amount_lattice import Automaton, Form, Symbols, automaton, chained

MAX_CENTS = 9_999_999_99
_LOST_CENTS = 0.004
_CUT_OFF = 0.003
_AT_EDGE = 0.05
_NO_AS_TEN = 0.08  # "no/100" looks like 10/100, which is a rare sum and "no" a common one
_SAME_LOST = 0.05  # of two like figures beside each other one may be lost

ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen",
    "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _symbols(known: dict[str, dict[str, float]], ignored: dict[str, float], junk: float) -> Symbols:
    """Complete a folding: the symbol ``?`` is every other character, and known ones faintly."""
    used = {char for chars in known.values() for char in chars} | set(ignored)
    rest = {chr(code): 1.0 for code in range(33, 127) if chr(code) not in used}
    rest |= {char: junk for chars in known.values() for char in chars}
    return Symbols({**known, "?": rest}, ignored)


NUMERAL_SYMBOLS = _symbols(
    {
        "0": {"0": 1, "O": 1, "o": 1, "Q": 0.5, "D": 0.5},
        "1": {"1": 1, "l": 1, "I": 1, "|": 1, "i": 0.7, "]": 0.3, "[": 0.3, "!": 0.5, "/": 0.2},
        "2": {"2": 1, "Z": 1, "z": 1},
        "3": {"3": 1},
        "4": {"4": 1, "A": 0.3, "y": 0.3},
        "5": {"5": 1, "S": 0.7, "s": 0.5},
        "6": {"6": 1, "b": 0.7, "G": 0.5},
        "7": {"7": 1, "T": 0.2},
        "8": {"8": 1, "B": 0.7},
        "9": {"9": 1, "g": 0.7, "q": 0.7},
        ".": dict.fromkeys(".,-:'_=~+\"` ", 1.0),
        "/": {"/": 1, "\\": 1, "%": 1},
        "x": {"x": 1, "X": 1},
        "n": {"n": 1, "N": 1},
    },
    {"$": 1.0, "*": 1.0, "#": 1.0, " ": 0.3},
    0.05,
)
"""Digits; ``.`` for any separator, ``n0`` for "no"; ``$`` and asterisks say nothing."""

WORD_SYMBOLS = _symbols(
    {
        **{char: {char: 1.0, char.upper(): 1.0} for char in string.ascii_lowercase},
        "o": {"o": 1, "O": 1, "0": 0.5},
        "l": {"l": 1, "L": 1, "I": 0.5, "1": 0.5, "|": 0.5},
        "i": {"i": 1, "I": 1, "1": 0.3, "l": 0.3, "!": 0.3},
        "0": {"0": 1, "O": 0.7, "o": 0.7, "D": 0.5, "Q": 0.5},
        "1": {"1": 1, "l": 0.6, "I": 0.6, "|": 0.6, "i": 0.4, "!": 0.4},
        "2": {"2": 1, "Z": 0.5, "z": 0.5},
        "3": {"3": 1},
        "4": {"4": 1},
        "5": {"5": 1, "S": 0.5, "s": 0.5},
        "6": {"6": 1, "b": 0.5, "G": 0.5},
        "7": {"7": 1},
        "8": {"8": 1, "B": 0.5},
        "9": {"9": 1, "g": 0.5, "q": 0.5},
        "/": {"/": 1, "\\": 1, "%": 1, "|": 0.5, "1": 0.2, "l": 0.3, "I": 0.3, "(": 0.2},
        "&": {"&": 1, "+": 1},
    },
    dict.fromkeys(" -,.*~=_:;'\"`#$^", 1.0),
    0.05,
)
"""Letters of either case, digits, ``/`` and ``&``; spaces, hyphens and fillers say nothing."""


def spelled(number: int) -> tuple[str, ...]:
    """The words of a whole number from 0 to 9,999,999: 125 gives one hundred twenty five."""
    if number < 20:
        return (ONES[number],)
    if number < 100:
        return (TENS[number // 10], *((ONES[number % 10],) if number % 10 else ()))
    for unit, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if number >= unit:
            rest = number % unit
            return (*spelled(number // unit), name, *(spelled(rest) if rest else ()))
    raise AssertionError(number)


@lru_cache(maxsize=1024)
def numerals_without_cents(whole: int) -> Automaton:
    """The numerals of whole dollars with the cents not to be seen."""
    form = _whole_numerals(whole).then(("", _LOST_CENTS)).junk("?", 0.02)
    return automaton(form, NUMERAL_SYMBOLS.names)


@lru_cache(maxsize=1024)
def numerals_form(cents: int, *, typed: bool = False) -> Automaton:
    """All ways to write ``cents`` as numerals, in the symbols of NUMERAL_SYMBOLS.

    ``typed``: by a machine, whose "10" is no "no".
    """
    whole, part = divmod(cents, 100)
    dollars = automaton(_whole_numerals(whole, optional=part > 0), NUMERAL_SYMBOLS.names)
    return chained(dollars, _numeral_cents(part, bare=whole > 0, typed=typed))


def _whole_numerals(whole: int, *, optional: bool = False) -> Form:
    """The whole dollars, with or without separators; a zero before cents is ``optional``."""
    form = Form().junk("?", 0.02)
    # A "$" that was taken for a digit, and separators before the first digit.
    form.then("", (".", 0.7), ("8", 0.003), ("5", 0.003), ("3", 5e-4), ("1", 5e-4))
    if not whole:
        return form.then("0", ("", 0.05)) if optional else form.then("0")
    grouped = f"{whole:,}".split(",")
    form.then(grouped[0])
    for group in grouped[1:]:
        form.then("", (".", 0.7)).then(group)
    return form


@lru_cache(maxsize=256)
def _numeral_cents(part: int, *, bare: bool, typed: bool) -> Automaton:
    """The cents behind the whole dollars; ``bare``: there may be none when they are zero."""
    two = f"{part:02d}"
    written = Form().then(".", ("", 0.02), ("..", 0.05)).then(two)
    none: tuple[str | tuple[str, float], ...] = ("xx", "n0", "x") if part == 0 else ()
    if none and not typed:
        none = (*none, ("10", _NO_AS_TEN))
    over = Form().then("", ".", ("..", 0.1)).then(two, *none)
    over.then(("/100", 0.5), ("/", 0.05), ("/1", 0.02), ("/10", 0.05), ("/00", 0.05), ("100", 0.1))
    parts = [written, over]
    if bare:
        # Small cents raised over the line are lost at times: no cents seen is not "no cents".
        parts.append(Form().then(("", _LOST_CENTS)))
    if part == 0 and bare:
        parts.append(Form().then(("", 0.02), (".", 0.3), ("..", 0.3), (".xx", 0.1)))
    form = Form().join(*parts).then("", (".", 0.2), ("..", 0.05)).junk("?", 0.02)
    return automaton(form, NUMERAL_SYMBOLS.names)


def amounts_of_numerals(text: str) -> tuple[int, ...]:
    """What a text in NUMERAL_SYMBOLS may say, in cents; several when its form does not decide."""
    text = re.sub(r"\.+", ".", text.strip("?."))
    found: list[int] = []
    for start in (0, 1) if text[:1] in set("8531") else (0,):
        tried = text[start:].strip(".")
        found += [cents for cents in _parsed(tried) if 0 < cents <= MAX_CENTS]
    if "/" in text[:-3] and not found:
        # A slanting 1 looks like a stroke.
        found += [cents for cents in _parsed(text.replace("/", "1", 1)) if 0 < cents <= MAX_CENTS]
    return tuple(dict.fromkeys(found))


_TAILS = (
    re.compile(r"^(?P<whole>[0-9.]*?)\.?(?P<part>[0-9]{2})/\.?(?:1?0{0,2}|[x0]{0,2})[.?]*$"),
    re.compile(r"^(?P<whole>[0-9.]*?)\.?(?P<part>xx?|n0|0)\.?/\.?(?:1?0{0,2}|[x0]{0,2})[.?]*$"),
    re.compile(r"^(?P<whole>[0-9.]*?)\.?(?P<part>[0-9]{2})\.?100[.?]*$"),
    re.compile(r"^(?P<whole>[0-9.]*)\.(?P<part>[0-9]{2})[.?]*$"),
    re.compile(r"^(?P<whole>[0-9.]*)(?P<part>[0-9]{2})[.?]*$"),
    re.compile(r"^(?P<whole>[0-9.]+)[/](?P<part>[0-9]{2})[.?/]*$"),
    re.compile(r"^(?P<whole>[0-9.]*[0-9])(?P<part>)[.?x]*$"),
)


def _parsed(text: str) -> list[int]:
    found = []
    for pattern in _TAILS:
        match = pattern.match(text)
        if match is None:
            continue
        digits = match["whole"].replace(".", "")
        part = match["part"] if match["part"].isdigit() and len(match["part"]) == 2 else "00"
        if len(digits) <= 7:
            found.append(100 * int(digits or 0) + int(part))
    return found


@lru_cache(maxsize=1024)
def words_form(cents: int, *, cut: bool = False, typed: bool = False) -> Automaton:
    """All ways to write ``cents`` in words, in the symbols of WORD_SYMBOLS.

    ``cut``: the line begins at the picture's edge, so that its first letters may be outside.
    ``typed``: by a machine, whose "10" is no "no".
    """
    whole, part = divmod(cents, 100)
    cents_form = _worded_cents(part, alone=whole == 0, typed=typed)
    return chained(_before_cents(whole, cut=cut), cents_form)


def _dollars(whole: int, *, cut: bool = False) -> Form:
    """The words of whole dollars; 1,500 may also be "fifteen hundred", 100 "a hundred"."""
    ways = (
        [_chain(spelled(whole), cut=cut)]
        if whole
        else [Form().then(("zero", 0.5), ("no", 0.3), ("only", 0.05), ("", 1e-8))]
    )
    hundreds, rest = divmod(whole, 100)
    if 10 < hundreds < 100 and hundreds % 10:
        words = (*spelled(hundreds), "hundred", *(spelled(rest) if rest else ()))
        ways.append(_chain(words))
    if whole:
        ways.append(Form().then(("", _CUT_OFF)))
    return Form().join(*ways)


def _chain(words: tuple[str, ...], *, cut: bool = False) -> Form:
    form = Form()
    for number, word in enumerate(words):
        if number:
            # Words at the start may be cut off or unread: what is left must not pass for all.
            form.arcs.append((-1, len(form.labels), _CUT_OFF))
        form.then(word)
        if word in {"hundred", "thousand"} and number + 1 < len(words):
            form.then("", ("and", 0.15), ("&", 0.05))
    if cut:
        form.arcs += [(-1, position, _AT_EDGE) for position in range(1, len(form.labels))]
    return form


@lru_cache(maxsize=1024)
def words_without_cents(whole: int, *, cut: bool = False) -> Automaton:
    """The words of whole dollars with the cents not to be seen, or not to be read."""
    return chained(_before_cents(whole, cut=cut), _no_cents())


@cache
def _no_cents() -> Automaton:
    form = Form().then("", ("and", 0.5), ("&", 0.2)).join(*_UNSEEN)
    return automaton(form, WORD_SYMBOLS.names)


@lru_cache(maxsize=512)
def _before_cents(whole: int, *, cut: bool) -> Automaton:
    form = Form().junk("?", 0.02).then("", ("exactly", 0.03), ("pay", 0.01))
    form.join(_dollars(whole, cut=cut)).then("", ("dollars", 0.3), ("dollar", 0.01))
    return automaton(form, WORD_SYMBOLS.names)


def _unseen() -> tuple[Form, Form]:
    """Cents lost by the recogniser: no letter left of them, or nothing sensible."""
    junk = Form().then(("?", 0.01))
    junk.arcs.append((0, 0, 1.0))
    return Form().then(("", 0.03)), junk


_UNSEEN = _unseen()


@lru_cache(maxsize=256)
def _worded_cents(part: int, *, alone: bool, typed: bool) -> Automaton:
    """What follows the dollars: "and", the cents in any form, fillers."""
    two = f"{part:02d}"
    no_as_ten = () if typed else (("10", _NO_AS_TEN),)
    form = Form().then("", "and", ("&", 0.5))
    ways = [
        Form().then(
            two,
            *(("xx", "no", ("x", 0.1), ("0", 0.1), *no_as_ten) if part == 0 else ()),
            *(((two[0], _SAME_LOST),) if part and two[0] == two[1] else ()),
        ).then(
            "/100", ("100", 0.1), ("/00", 0.05), ("/", 0.05), ("", 0.02), ("/1", 0.02),
            ("/10", 0.05), ("/xx", 0.02), ("cents", 0.2), ("ct", 0.05),
        ),
        *_UNSEEN,
    ]  # fmt: skip
    if 0 < part < 10:
        ways.append(Form().then(f"{part}").then(("/100", 0.02), ("cents", 0.2), ("cent", 0.1)))
    if part:
        ways.append(_chain(spelled(part)).then(("cents", 0.2), ("cent", 0.02)))
    form.join(*ways)
    if part == 0:
        none = Form().then(("", 0.05), ("zerocents", 0.05), ("even", 0.05))
        form = Form().join(form, none)
    if alone:
        form = Form().join(form, Form().then("only").join(*ways))
    end = ("dollars", 0.3), ("only", 0.05), ("on", 0.01), ("cents", 0.02)
    return automaton(form.then("", *end).junk("?", 0.05), WORD_SYMBOLS.names)
