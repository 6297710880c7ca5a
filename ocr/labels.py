"""Printed labels and the values beside or below them: ``Check Number: 1042``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rapidfuzz import fuzz, process

from intake.types import Box, Word
from ocr.page_memo import kept_for_page
from ocr.text import PageText, around

# What stands for what in labels and column heads, after lower-casing and dropping dots.
SHORT = {
    "#": "number", "no": "number", "num": "number", "nbr": "number",
    "nmbr": "number", "prvd": "provider", "recip": "recipient", "rsn": "reason",
    "ref": "reference", "acct": "account", "acet": "account",
    "amt": "amount", "pt": "patient", "pat": "patient", "svc": "service", "serv": "service",
    "services": "service", "srvc": "service", "dt": "date", "dates": "date",
    "resp": "responsibility", "pmt": "payment", "pymt": "payment", "chk": "check", "ck": "check",
    "cheque": "check", "ded": "deductible", "deduct": "deductible", "coins": "coinsurance",
    "coin": "coinsurance", "copayment": "copay", "proc": "procedure", "adj": "adjustment",
    "adjustments": "adjustment", "adjust": "adjustment", "ins": "insurance", "stmt": "statement",
    "id": "id", "ident": "id", "identification": "id", "chg": "charge", "chgs": "charge",
    "charges": "charge", "charged": "charge", "prov": "provider", "mem": "member",
    "subs": "subscriber", "clm": "claim", "ctl": "control", "ctrl": "control", "desc":
    "description", "qty": "units", "unit": "units", "disc": "discount", "bal": "balance",
    "payor": "payer", "trans": "transaction", "mbr": "member",
    "respons": "responsibility", "pd": "paid", "allow": "allowed", "allwd": "allowed",
    "cd": "code", "codes": "code", "enrollee": "member", "insured's": "insured",
    "patient's": "patient", "subscriber's": "subscriber",
}  # fmt: skip
_FAR = 44  # heights of a label to its value, at most: scans' boxes are no higher than the ink
_LONG_PHRASE, _ALIKE = 7, 90  # letters, and of 100 alike: one of them may be misread
_NEARLY = 0.8  # 90 of 100 alike cannot be more than a ninth longer or shorter
_NOT_MISREAD = frozenset({"payee", "payer"})  # alike, but each a word of its own
_LEADER = re.compile(r"^[.\u2026_*$:=-]+$")  # dots up to a value, or its currency sign
# What OCR makes of ID; a letter in brackets is none.
_LIKE_ID = re.compile(r"\b(?:1d|io|ld|i0)\b|(?<!\w)[(\[{|!]d(?![\w)\]}])")
_TOKEN = re.compile(r"[a-z]+(?:'s)?|#|\d[\d.,/-]*|%")


@dataclass(frozen=True, slots=True)
class Label:
    """A label found: the line and the span of its words."""

    line: int
    first: int
    last: int
    box: Box


@dataclass(frozen=True, slots=True)
class Found:
    """A value with its words' box and least confidence."""

    text: str
    box: Box
    confidence: float


def tokens(text: str) -> list[str]:
    """A label's words in one spelling: ``Pt. Resp.`` as ``patient responsibility``."""
    return list(_tokens(text))


@lru_cache(maxsize=65536)
def _tokens(text: str) -> tuple[str, ...]:
    lowered = text.lower().replace("co-", "co").replace("co insurance", "coinsurance")
    lowered = _LIKE_ID.sub("id", lowered)
    return tuple(SHORT.get(token, token) for token in _TOKEN.findall(lowered))


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A line's words in one spelling, each with the place of the word it comes from."""

    tokens: tuple[tuple[int, str], ...]
    distinct: frozenset[str]


@kept_for_page
def _spelled(text: PageText) -> tuple[_Spelled, ...]:
    lines = (
        tuple((place, token) for place, word in enumerate(line.words)
              for token in _tokens(word.text))
        for line in text.lines
    )  # fmt: skip
    return tuple(_Spelled(line, frozenset(token for _, token in line)) for line in lines)


@kept_for_page
def _lines_with(text: PageText) -> dict[str, list[int]]:
    """The lines that each token stands in, by their numbers."""
    places: dict[str, list[int]] = {}
    for number, line in enumerate(_spelled(text)):
        for token in line.distinct:
            places.setdefault(token, []).append(number)
    return places


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """Phrases of so many tokens each: as they are, and those of which a letter may be misread."""

    length: int
    exact: frozenset[str]
    phrases: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]
    shortest: float

    def one_is(self, seen: str) -> bool:
        """Whether what is seen is one of the phrases, a letter of a long one misread."""
        if seen in self.exact:
            return True
        return len(seen) >= self.shortest and _misread(self, seen)


@lru_cache(maxsize=65536)
def _misread(wanted: _Wanted, seen: str) -> bool:
    near = process.extract(seen, wanted.texts, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=None)
    parts = seen.split()
    return any(_same(parts, wanted.phrases[at]) for _, _, at in near)


def _of_length(length: int, phrases: Sequence[tuple[str, ...]]) -> _Wanted:
    texts = [(" ".join(phrase), phrase) for phrase in phrases]
    misread = [each for each in texts if len(each[0]) >= _LONG_PHRASE]
    return _Wanted(
        length,
        frozenset(text for text, _ in texts),
        tuple(phrase for _, phrase in misread),
        tuple(text for text, _ in misread),
        _NEARLY * min((len(text) for text, _ in misread), default=math.inf),
    )


@lru_cache(maxsize=1024)
def _wanted(phrases: tuple[str, ...]) -> tuple[tuple[_Wanted, ...], frozenset[str]]:
    """Phrases as tokens, the longest first, and what they begin with."""
    wanted: dict[int, list[tuple[str, ...]]] = {}
    for phrase in sorted({tuple(phrase.split()) for phrase in phrases}):
        wanted.setdefault(len(phrase), []).append(phrase)
    return tuple(_of_length(length, wanted[length]) for length in sorted(wanted, reverse=True)), (
        frozenset(phrase[0] for group in wanted.values() for phrase in group)
    )


def find_labels(text: PageText, phrases: Sequence[str]) -> Iterator[Label]:
    """Places where one of the phrases (in the spelling of `tokens`) stands, top down."""
    wanted, opening = _wanted(tuple(phrases))
    numbers: Iterable[int] = range(len(text.lines))
    if text.exact:  # print that came with the file has no letter misread
        places = _lines_with(text)
        numbers = sorted({number for token in opening for number in places.get(token, ())})
    for number in numbers:
        line, spelled = text.lines[number], _spelled(text)[number].tokens
        taken = 0
        for start in range(len(spelled)):
            if start < taken or (text.exact and spelled[start][1] not in opening):
                continue
            end = _end_of(spelled, start, wanted, line.words)
            if end is None:
                continue
            first, last = spelled[start][0], spelled[end - 1][0]
            yield Label(number, first, last, around(w.box for w in line.words[first : last + 1]))
            taken = end


def _end_of(
    spelled: Sequence[tuple[int, str]], start: int, wanted: Sequence[_Wanted], words: Sequence[Word]
) -> int | None:
    """Where the longest phrase ends that begins at a token."""
    for group in wanted:
        end = start + group.length
        if end > len(spelled):
            continue
        if not group.one_is(" ".join([token for _, token in spelled[start:end]])):
            continue
        if _together(words[spelled[start][0] : spelled[end - 1][0] + 1]):
            return end
    return None


def _together(words: Sequence[Word]) -> bool:
    """Whether words are near enough to be one label, and not two side by side."""
    return all(
        right.box[0] - left.box[0] - left.box[2] <= 3.0 * max(8, left.box[3], right.box[3])
        for left, right in pairwise(words)
    )


def _same(seen: Sequence[str], phrase: Sequence[str]) -> bool:
    left, right = " ".join(seen), " ".join(phrase)
    if left == right:
        return True
    if len(right) < _LONG_PHRASE or not _NEARLY * len(right) <= len(left) <= len(right) / _NEARLY:
        return False  # of so unlike lengths that the rest cannot make up for it
    other = any(a != b and a in _NOT_MISREAD for a, b in zip(seen, phrase, strict=True))
    return not other and fuzz.ratio(left, right, score_cutoff=_ALIKE) >= _ALIKE


def value_of(
    text: PageText,
    phrases: Sequence[str],
    accept: Callable[[str], bool],
    *,
    most_words: int = 1,
    below: bool = True,
    not_after: Sequence[str] = (),
) -> Found | None:
    """The first accepted value right of a label, or under it; longest of up to ``most_words``.

    Labels that follow one of the words ``not_after`` mean something else (``minimum`` amount due).
    """
    return next(
        values_of(text, phrases, accept, most_words=most_words, below=below, not_after=not_after),
        None,
    )


def values_of(
    text: PageText,
    phrases: Sequence[str],
    accept: Callable[[str], bool],
    *,
    most_words: int = 1,
    below: bool = True,
    not_after: Sequence[str] = (),
    whole: bool = False,
    apart: bool = False,
    not_before: Collection[str] = (),
    alone: bool = False,
) -> Iterator[Found]:
    """Every accepted value beside or under one of the labels, top down; see ``value_of``.

    With ``whole`` only labels that begin where they stand: no word of their run comes before.
    With ``apart`` none that goes on as a sentence: a colon or a wide space ends the label.
    Labels right before one of the words ``not_before`` are of something else (``pay-to`` NPI).
    With ``alone`` a label that makes up a line with one value may stand any distance from it.
    """
    for label in find_labels(text, phrases):
        words = text.lines[label.line].words
        before = tokens(words[label.first - 1].text) if label.first else []
        if set(before) & set(not_after) or (whole and _goes_before(words, label)):
            continue
        if apart and _runs_on(words, label):
            continue
        if not_before and _goes_on_as(words, label, not_before):
            continue
        lone = alone and not label.first and len(words) == label.last + 2
        beside = [words[-1]] if lone else _beside(words, label)
        found = _leading(beside, accept, most_words)
        if found is None and below:
            found = _leading(_under(text, label), accept, most_words)
        if found is not None:
            yield found


def _goes_before(words: Sequence[Word], label: Label) -> bool:
    """Whether a word stands right before a label, so that it is part of a longer one."""
    if not label.first:
        return False
    before = words[label.first - 1]
    near = label.box[0] - before.box[0] - before.box[2] <= 1.1 * max(8, label.box[3])
    ended = before.text.endswith((":", ".", ",")) or any(c.isdigit() for c in before.text)
    return near and not ended


def _goes_on_as(words: Sequence[Word], label: Label, others: Collection[str]) -> bool:
    """Whether the word right behind a label makes it another one."""
    if not _runs_on(words, label):
        return False
    return bool(set(tokens(words[label.last + 1].text)) & set(others))


def _runs_on(words: Sequence[Word], label: Label) -> bool:
    """Whether the next word follows a label as in a sentence."""
    if label.last + 1 >= len(words) or words[label.last].text.endswith(":"):
        return False
    gap = words[label.last + 1].box[0] - label.box[0] - label.box[2]
    return gap <= 1.1 * max(8, label.box[3])


def _beside(words: Sequence[Word], label: Label) -> list[Word]:
    """Words right of the label, up to a wide gap (a value may stand well apart, once)."""
    chosen: list[Word] = []
    edge, height = label.box[0] + label.box[2], max(8, label.box[3])
    for word in words[label.last + 1 :]:
        gap = word.box[0] - edge
        if not chosen and _LEADER.match(word.text):
            edge = word.box[0] + word.box[2]
            continue
        if gap > (_FAR if not chosen else 1.6) * height:
            break
        chosen.append(word)
        edge = word.box[0] + word.box[2]
    while chosen and not re.search(r"[A-Za-z0-9$]", chosen[0].text):
        chosen = chosen[1:]
    return chosen


def _under(text: PageText, label: Label) -> list[Word]:
    """Words of the next line that stand under the label."""
    x, y, width, height = label.box
    for line in text.lines[label.line + 1 : label.line + 3]:
        if line.box[1] - y > 3.2 * height:
            break
        chosen: list[Word] = []
        for word in line.words:
            left, right = word.box[0], word.box[0] + word.box[2]
            touches = right > x - height and left < x + width + height
            follows = chosen and left - (chosen[-1].box[0] + chosen[-1].box[2]) < 1.2 * height
            if touches or follows:
                chosen.append(word)
            elif chosen:
                break
        if chosen:
            return chosen
    return []


def _leading(words: Sequence[Word], accept: Callable[[str], bool], most_words: int) -> Found | None:
    for count in range(min(most_words, len(words)), 0, -1):
        chosen = words[:count]
        joined = " ".join(word.text for word in chosen).strip(" :;,")
        if joined and accept(joined):
            sure = min(word.confidence for word in chosen)
            return Found(joined, around(word.box for word in chosen), sure)
    return None
