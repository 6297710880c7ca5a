"""Rows of a remittance's page: words set straight, with the amounts, dates and codes they are."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rapidfuzz.distance import Levenshtein

from intake.types import Box, Word
from ocr.remittance_days import date_in, days_in, first_day
from ocr.remittance_groups_said import code_said
from ocr.text import Line, PageText, around
from ocr.types import Field
from ocr.values import parse_cents

_OF_SLIPPED = 0.7  # what is left of a word's confidence when its point was misread
_SPECK = 0.5  # how sure a sign that is no letter and no figure may be, and yet a speck
_RULES = frozenset({"|", "_", "[", "]", "\u2014", "=", "||", ":", "~", ".", "\u2018", "'", "I|"})
_SPECKS = re.compile(r"^[.,;:|_\[\]{}'`\"~\u2018\u2019\u201c\u201d\u00b0\u00b7]+$")
_DASHES = frozenset({"-", "\u2013", "\u2014", "--"})  # between dates, or an empty cell
_HYPHEN = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")
_SIGNS = _DASHES | {"\u2212"}
_SIGN_GAP = 1.0  # heights between a minus and its figures, at most
_BETWEEN = _DASHES | {"to", "thru", "TO", "THRU"}
_CLOSING = frozenset({"CR", ")", "DR"})
_AFTER = re.compile(r"^(.*\d)\s?(CR|cr|DR|dr|\*{1,2})$")
_NOTHING = re.compile(r"^[-.,:;'~*]{1,2}00$")
_SLIPPED = re.compile(r"^([($-]*\d{1,3}(?:[,.]?\d{3})*)[:;,.]{1,2}(\d\d[)-]{0,2})$")
PROCEDURE = re.compile(
    r"^(?:HC:|AD:)?(D[O0]?[0-9OIS]{4}|[A-CE-V][0-9]{4}|[0-9]{5}|[0-9]{4}[A-Z])"
    r"((?:[-/:.,][A-Z0-9]{2})*)$"
)
_CODE_POINT = re.compile(r"^\d{5}\.\d\d$")
_BARE_CENTS = re.compile(r"^([($-]*)\.(\d\d)(\)?-?)$")
# An amount that hangs on its code: CO-45:35.00, 45/35.00, PR1=10.00, CO45(35.00).
_HUNG = re.compile(r"^([A-Z]{0,2}-?[A-Z]?\d{1,3})([:=/(])\$?([\d,]+\.\d\d)\)?$")
_GLUED = re.compile(r"^(C[O0]|PR|[O0]A|P[I1])-?(45|96|97|23|1|2|3)(\d[\d,]*\.\d\d)$")
_RATED = re.compile(
    r"^(-?\(?\$?\d[\d,]*\.\d\d\)?)(\d{1,3}%)$"
)  # the columns between them closed up
# A mark right behind an amount: 12.00(1), 12.00*A, 12.00B, 12.00CR(1).
_MARKED = re.compile(
    r"^([-(]{0,2}\$?[-(]?\d[\d,]*\.\d\d[)-]{0,2}(?:CR)?)(\([A-Z0-9]{1,3}\)|\*[A-Z0-9]{1,3}|[A-Z]\d{0,2})$"
)
# A label that runs into its amount, where both were set from their own edge: PAYMENT1434.21
_RUN_IN = re.compile(r"^([A-Za-z]{3,}:?)(\$?\d[\d,]*\.\d\d)$")
# A protected amount in two words, its point or comma lost: ***577 12***, ***1 328.90***
_GUARDED = re.compile(r"^\*+\$?(\d[\d,]*) (\d\d|\d{3}\.\d\d)\*+$")
_QUOTES = "\u201c\u201d\u2018\u2019\u00ab\u00bb"  # specks on a scan: no payer quotes its values
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_COMMA, _YEAR = re.compile(r"^\d{1,2},$"), re.compile(r"^20\d\d$")
_MONTHS_ALIKE = frozenset({"jan", "jun", "jul", "mar", "may"})  # a letter from another one
_READ_MONTH, _SURE_MONTH = 0.8, 0.97
_GARBLED_MONTH = 0.5  # of a month's name with a letter misread, at most
_MONTH = re.compile(r"^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?$", re.IGNORECASE)


@lru_cache(maxsize=65536)
def cents_in(text: str) -> int | None:
    """An amount as remittances print it: also ``12.00CR`` (negative), ``.00`` and ``12.00*``.

    A minus may be set with a dash of print, the currency sign before a bracket or asterisks.
    Between asterisks, which leave no room for a figure more, its point or comma may be lost.
    """
    if guarded := _GUARDED.match(text):
        text = f"{guarded[1]}{'.' if len(guarded[2]) == 2 else ''}{guarded[2]}"
    stripped = text.translate(_HYPHEN).strip(" |_;:,'*").replace("$(", "($").replace("$*", "$")
    stripped = stripped.replace("*", "") if stripped.startswith("$*") else stripped
    if stripped.startswith("<") and stripped.endswith(">"):
        stripped = f"({stripped[1:-1]})"
    if stripped.endswith(".") and stripped[-4:-3] == ".":
        stripped = stripped[:-1]  # the end of a sentence
    match = _AFTER.match(stripped)
    credit = match is not None and match[2].upper() == "CR"
    if match is not None:
        stripped = match[1]
    bare = _BARE_CENTS.match(stripped)
    if bare is not None:
        stripped = f"{bare[1]}0.{bare[2]}{bare[3]}"
    value = parse_cents(stripped)
    return -value if credit and value is not None else value


@lru_cache(maxsize=65536)
def slipped_cents(text: str) -> int | None:
    """An amount whose point, or a bracket, was misread by the text engine: ``11:76``, ``-00``."""
    stripped = text.strip(" |_'").replace("}", ")").replace("{", "(")
    if _NOTHING.match(stripped):
        return 0
    match = _SLIPPED.match(stripped)
    return None if match is None else cents_in(f"{match[1]}.{match[2]}")


@dataclass(frozen=True, slots=True)
class Token:
    """A word or the words of one value; ``left`` to ``right`` in pixels of the page set straight.

    ``cents`` where it is an amount, ``day`` where a date (``until`` where a range of them).
    """

    text: str
    left: float
    right: float
    top: float
    height: float
    box: Box
    confidence: float
    cents: int | None = None
    day: str | None = None
    until: str | None = None

    @property
    def middle(self) -> float:
        """Half way from left to right."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Row:
    """A line of print: its tokens, left to right, and the line's number on its page."""

    page: int
    number: int
    source: str
    tokens: tuple[Token, ...]
    line: Line
    top: float
    dashes: tuple[Token, ...] = ()  # printed where a cell is empty

    @cached_property
    def amounts(self) -> tuple[Token, ...]:
        """The tokens that are amounts of money."""
        return tuple(token for token in self.tokens if token.cents is not None)

    @cached_property
    def height(self) -> float:
        """That of the usual word."""
        heights = sorted(token.height for token in self.tokens)
        return heights[len(heights) // 2] if heights else 1.0

    @cached_property
    def text(self) -> str:
        """The tokens with single spaces."""
        return " ".join(token.text for token in self.tokens)

    @cached_property
    def bare(self) -> bool:
        """Whether it holds no values: no word of it has two digits."""
        return not any(sum(c.isdigit() for c in token.text) >= 2 for token in self.tokens)

    @cached_property
    def service_like(self) -> bool:
        """Whether it may be a service: a date or a procedure code among its words."""
        return any(t.day is not None or procedure_in(t.text) for t in self.tokens)

    @property
    def confidence(self) -> float:
        """That of the least sure word."""
        return min((token.confidence for token in self.tokens), default=0.0)

    def field(self, value: object, tokens: Sequence[Token]) -> Field:
        """The value as a field at the place of the tokens."""
        sure = min((token.confidence for token in tokens), default=0.0)
        return Field(value, sure, self.page, around(t.box for t in tokens), self.source)

    def runs(self, gap: float = 1.1) -> list[tuple[Token, ...]]:
        """The tokens cut where they stand more than ``gap`` times their height apart."""
        known = self._cut.get(gap)
        if known is None:
            known = self._cut[gap] = self._runs(gap)
        return list(known)

    @cached_property
    def _cut(self) -> dict[float, list[tuple[Token, ...]]]:
        return {}

    def _runs(self, gap: float) -> list[tuple[Token, ...]]:
        groups: list[list[Token]] = []
        for token in self.tokens:
            last = groups[-1][-1] if groups else None
            near = last is not None and token.left - last.right <= gap * max(
                last.height, token.height
            )
            if near:
                groups[-1].append(token)
            else:
                groups.append([token])
        return [tuple(group) for group in groups]


def rows_of(text: PageText) -> list[Row]:
    """The page's lines as rows, top down."""
    slope = math.tan(math.radians(text.skew_degrees))
    rows = []
    for number, line in enumerate(text.lines):
        tokens = _whole(_straight(line.words, slope, exact=text.exact))
        if not text.exact:
            tokens = _without_specks(_once(tokens))
        kept = tuple(token for token in tokens if token.text not in _DASHES)
        dashes = tuple(token for token in tokens if token.text in _DASHES)
        if kept:
            top = sorted(token.top for token in kept)[len(kept) // 2]
            rows.append(Row(text.page, number, text.source, kept, line, top, dashes))
    return rows


def _without_specks(tokens: list[Token]) -> list[Token]:
    """A row of words without the signs that a text engine made of specks; others stay.

    Among amounts such a sign may be one that was not read.
    """
    if any(token.cents is not None for token in tokens):
        return tokens
    return [
        token
        for token in tokens
        if token.confidence >= _SPECK or any(map(str.isalnum, token.text)) or token.text in _DASHES
    ]


def _once(tokens: Sequence[Token]) -> list[Token]:
    """The tokens without those a text engine read twice in one place."""
    kept: list[Token] = []
    for token in tokens:
        last = kept[-1] if kept else None
        if last is not None and last.text == token.text:
            inside = min(last.right, token.right) - max(last.left, token.left)
            if inside > 0.4 * min(last.right - last.left, token.right - token.left):
                continue
        kept.append(token)
    return kept


def codes_under(row: Row, spans: Sequence[tuple[float, float]]) -> Row:
    """A scan's row with what looks like an amount in a column of procedures as a code.

    ``spans`` are left and right of such columns. The colon before a modifier is read as a point:
    ``80061.50``.
    """
    if row.source == "text_layer":
        return row
    tokens = tuple(
        replace(token, cents=None)
        if _CODE_POINT.match(token.text) and any(a < token.middle < b for a, b in spans)
        else token
        for token in row.tokens
    )
    return row if tokens == row.tokens else replace(row, tokens=tokens)


def _straight(words: Iterable[Word], slope: float, *, exact: bool) -> Iterator[Token]:
    for word in words:
        if word.text in _RULES or (not exact and _SPECKS.match(word.text)):
            continue
        x, y, width, height = word.box
        left = x + slope * y
        rules = "|_" if exact or "." in word.text else "|_[]{}"  # brackets may be an amount's
        rules += "" if exact else _QUOTES
        token = Token(
            word.text.strip(rules) or word.text, left, left + width, y - slope * x, height,
            word.box, word.confidence,
        )  # fmt: skip
        for part in _parts(token):
            cents = None if exact or part.cents is not None else slipped_cents(part.text)
            yield (
                part
                if cents is None
                else replace(part, cents=cents, confidence=_OF_SLIPPED * part.confidence)
            )


def _parts(token: Token) -> Iterator[Token]:
    """The token as the value it is; a code and the amount that hangs on it as two."""
    cents = cents_in(token.text)
    if cents is None:
        match = _HUNG.match(token.text)
        glued = None if match else _GLUED.match(token.text)
        rated = None if match or glued else _RATED.match(token.text) or _MARKED.match(token.text)
        rated = rated or (None if match or glued else _RUN_IN.match(token.text))
        if rated is not None:
            cut = token.left + (token.right - token.left) * len(rated[1]) / len(token.text)
            yield _valued(token, rated[1], token.left, cut)
            yield _valued(token, rated[2], cut, token.right)
            return
        if match is not None or glued is not None:
            code = match[1] if match else f"{glued[1]}-{glued[2]}" if glued else ""
            amount = match[3] if match else glued[3] if glued else ""
            cut = token.left + (token.right - token.left) * len(code) / len(token.text)
            yield _valued(token, code, token.left, cut)
            yield _valued(token, amount, cut, token.right)
            return
    yield _valued(token, token.text, token.left, token.right)


def _valued(token: Token, text: str, left: float, right: float) -> Token:
    cents = cents_in(text)
    day, until = (None, None) if cents is not None else days_in(text)
    return Token(text, left, right, token.top, token.height, token.box, token.confidence,
                 cents, day, until)  # fmt: skip


def _whole(tokens: Iterable[Token]) -> list[Token]:
    """Amounts and dates printed in several words joined: ``$ 12.00``, ``12.00 CR``, ``Jan 5``."""
    joined: list[Token] = []
    for token in tokens:
        joined.append(token)
        if token.text.isalpha() and token.text not in _CLOSING:
            continue  # a word of letters ends no amount, date or code
        if len(joined) < 2 or not _close(joined[-2], token):
            continue
        for count in (3, 2):
            tail = joined[-count:]
            if len(tail) == count and (count == 2 or _close(tail[0], tail[1])):
                one = _as_one(tail)
                if one is not None:
                    joined[-count:] = [one]
                    break
    return [token for token in joined if token.text != "$"]


def _close(left: Token, right: Token) -> bool:
    return right.left - left.right <= 1.3 * max(left.height, right.height)


def _as_one(tokens: Sequence[Token]) -> Token | None:
    """The tokens as one amount or date, where they are one."""
    first, last = tokens[0], tokens[-1]
    text = " ".join(token.text for token in tokens)
    cents = day = until = None
    said = code_said(text) if len(tokens) == 3 else None
    if said is not None:  # of its words misread letters tell the same, of its number none does
        return replace(_joined(tokens, said), confidence=last.confidence)
    if len(tokens) == 2 and _GUARDED.match(text):
        return replace(_joined(tokens, text), cents=cents_in(text))
    opened = first.text in {"$", "-$", "(", "($"} and last.cents is not None
    if len(tokens) == 2 and first.text in _SIGNS and (last.cents or 0) > 0:
        near = last.left - first.right <= _SIGN_GAP * max(first.height, last.height)
        cents = -(last.cents or 0) if near else None
    elif len(tokens) == 2 and (opened or (first.cents is not None and last.text in _CLOSING)):
        cents = cents_in(first.text + last.text)
    elif any(_MONTH.match(token.text) for token in tokens[:2]):
        day = date_in(text)
        tokens = [_plain_month(token) for token in tokens]
    elif len(tokens) == 3 and (month := _month_like(tokens)):
        day = date_in(f"{month} {tokens[1].text} {last.text}")
        tokens = [replace(first, confidence=min(_GARBLED_MONTH, first.confidence)), *tokens[1:]]
    elif last.day and not last.until and (len(tokens) == 2 or tokens[1].text in _BETWEEN):
        day = first_day(first.text, last.text) or (first.day if len(tokens) == 3 else None)
        until = day and last.day
    if cents is None and day is None:
        return None
    return replace(_joined(tokens, text), cents=cents, day=day, until=until)


def _plain_month(token: Token) -> Token:
    """The name of a month that no misread letter makes another month's, sure where it was read."""
    word = token.text.lower().strip(".,")[:3]
    plain = _MONTH.match(token.text) is not None and word not in _MONTHS_ALIKE
    sure = plain and token.confidence >= _READ_MONTH
    return replace(token, confidence=max(_SURE_MONTH, token.confidence)) if sure else token


def _month_like(tokens: Sequence[Token]) -> str | None:
    """The one month that differs in a letter from what is printed before a day and a year."""
    if not (_DAY_COMMA.match(tokens[1].text) and _YEAR.match(tokens[2].text)):
        return None
    word = tokens[0].text.lower().strip(".,|'")
    near = [m for m in _MONTHS if Levenshtein.distance(word, m, score_cutoff=1) <= 1]
    return near[0] if len(near) == 1 else None


def _joined(tokens: Sequence[Token], text: str) -> Token:
    first, last = tokens[0], tokens[-1]
    return Token(
        text, first.left, last.right, first.top, max(t.height for t in tokens),
        around(t.box for t in tokens), min(t.confidence for t in tokens),
    )  # fmt: skip


def procedure_in(text: str) -> tuple[str, list[str]] | None:
    """A procedure's code and its modifiers, where a word is one."""
    match = _procedure(text)
    if match is None:
        return None
    code = match[1]
    if code[0] == "D":
        code = "D" + code[1:].replace("O", "0").replace("I", "1").replace("S", "5")
        code = code[0] + code[2:] if len(code) == 6 else code
    return code, [part for part in re.split(r"[-/:.,]", match[2]) if part]


@lru_cache(maxsize=65536)
def _procedure(text: str) -> re.Match[str] | None:
    return PROCEDURE.match(text.strip(".,:|*"))


def has_procedure(row: Row) -> bool:
    """Whether one of a row's words may be a procedure's code."""
    return any(t.cents is None and t.day is None and procedure_in(t.text) for t in row.tokens)


def service_like(row: Row) -> bool:
    """Whether a row may be a service: a date or a procedure code among its words."""
    return row.service_like
