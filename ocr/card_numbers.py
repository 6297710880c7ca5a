"""Payment card numbers in the words of a page: found by issuer, length, check digit and context.

People write their card on the coupon of a bill. Such a number may not be kept (PCI DSS 3.2.1,
3.3), so it is found here and masked wherever it would go. Our own long numbers - accounts,
statements, scanlines, claims - must not be taken for one: a number counts only with an issuer's
prefix and length, a right check digit (ISO/IEC 7812-1) and either words of a card beside it or a
card's own grouping, and never right after a label that says that it is something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from intake.types import Box, Word
from ocr.text import Line

KEPT = 4  # the last digits, which may be shown
_SHORTEST, _LONGEST = 13, 19
_GROUPINGS = {
    (16,), (4, 4, 4, 4), (15,), (4, 6, 5), (14,), (4, 6, 4), (13,), (4, 3, 3, 3), (4, 4, 5),
    (19,), (4, 4, 4, 4, 3), (8, 8), (17,), (18,), (6, 13),
}  # fmt: skip
_DIGITS = re.compile(r"\d+(?:[-.\u2010-\u2015\u00b7]\d+)*")
# What parts dates, amounts and codes too, so that it parts a card's number only in its groups.
_GROUPED = re.compile(r"\d{4}([/_*,])\d{4}\1\d{4}\1\d{4}|\d{4}([/_*,])\d{6}\2\d{4,5}")
_TAIL = re.compile(r"[:#](\d[\d-]*)$|[A-Za-z](\d{13,19})$")
_AMOUNT = re.compile(r"\d{1,7}\.\d\d")  # ends a run: no card is written so
_CARD = re.compile(
    r"\b(cards?|cardholder|visa|master ?card|amex|american express|discover|diners|cvv2?|cvc|"
    r"security code|exp(?:\.|iry|ires?|iration)?( date)?)(?![a-z])"
)
# A label that says that the number after it is another one.
_OWN = re.compile(
    r"(account|acct|statement|stmt|invoice|patient|claim|member|policy|group|check|reference|ref|"
    r"tracking|phone|fax|npi|tax|ein|icn|dcn|routing|serial|id|document|control|trace|barcode)"
    r"\W*(no|num|number|nbr|#|id)?\W*$"
)
# Some forms call a card's number an account's. Its expiry or code, written out, tells.
_ACCOUNT = re.compile(r"(account|acct)\W*(no|num|number|nbr|#)?\W*$")
_CARDS_OWN = re.compile(
    r"\b(cvv2?|cvc2?|csc|security code)\W*\d{3,4}(?!\d)|"
    r"\bexp(?:iry|ires?|iration)?\W*(date)?\W*(0[1-9]|1[0-2])\s?[/-]\s?(20)?[2-5]\d(?!\d)"
)
_EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s?[/-]\s?(20)?[2-5]\d")
_CODE_LABEL = re.compile(r"(cvv2?|cvc2?|cid|csc|security code|sec code|security)\W*$")
_CODE = re.compile(r"(?<!\d)(\d{3,4})\W*$")
_FIGURE = re.compile(r"[\dOoQDlI|SBZ]")  # with the letters of ``_LIKE_DIGITS``
_LIKE_DIGITS = str.maketrans({"O": "0", "o": "0", "Q": "0", "D": "0", "l": "1", "I": "1",
                              "|": "1", "S": "5", "B": "8", "Z": "2"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardNumber:
    """A number found: its digits, and the boxes of all that must not be seen of it.

    ``boxes`` cover the digits before the last four, and an expiry date and security code beside
    them. ``digits`` is for masking text in memory; it is never stored or logged.
    """

    digits: str
    boxes: tuple[Box, ...]

    def __repr__(self) -> str:
        """Without the number: representations end up in logs."""
        return f"CardNumber({self.masked})"

    @property
    def masked(self) -> str:
        """``**** **** **** 1234``."""
        return f"**** **** **** {self.digits[-KEPT:]}"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A run of digits within a word: where in the word it begins, and its word."""

    word: int
    start: int
    end: int
    digits: str


def is_card_number(digits: str) -> bool:
    """Whether digits have an issuer's prefix and length and a right check digit."""
    return _issued(digits) and _checks(digits)


def _issued(digits: str) -> bool:
    """Prefixes and lengths of the issuers in use in the United States."""
    size, two, three, four = len(digits), digits[:2], digits[:3], digits[:4]
    if digits.startswith("4"):
        return size in {13, 16, 19}
    if two in {"34", "37"}:
        return size == 15
    if "51" <= two <= "55" or "2221" <= four <= "2720":
        return size == 16
    if four == "6011" or "644" <= three <= "649" or two == "65":
        return 16 <= size <= 19
    if two == "62" or "3528" <= four <= "3589":
        return 16 <= size <= 19
    return size == 14 and (two in {"36", "38"} or "300" <= three <= "305")


def _checks(digits: str) -> bool:
    """The check digit of ISO/IEC 7812-1; a number of one digit only is none."""
    total = 0
    for place, symbol in enumerate(reversed(digits)):
        value = int(symbol) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def find(lines: Sequence[Line]) -> tuple[CardNumber, ...]:
    """The card numbers of a page's lines, in reading order.

    A number lies on one line, in one word or several, or goes on at the beginning of the next.
    Digits that are read as letters are forgiven only where words of a card stand beside them.
    """
    found: list[CardNumber] = []
    for place, line in enumerate(lines):
        if _has_figures(line) and any(map(_long_enough, _runs(line, forgiving=True))):
            found += _in_line(lines, place)
        elif line.words and line.words[-1].text[-1:].isdigit():
            found += _over_two(lines, place)
    return tuple(found)


def _in_line(lines: Sequence[Line], place: int) -> Iterator[CardNumber]:
    line, near = lines[place], _near(lines, place)
    context = bool(_CARD.search(near))
    taken: set[int] = set()
    for run in _runs(line, forgiving=context):
        for pieces in _windows(run, context=context):
            if taken.intersection(piece.word for piece in pieces):
                continue
            if _labelled_otherwise(line, pieces[0], near):
                continue
            taken.update(piece.word for piece in pieces)
            boxes = [*_number_boxes(line, pieces), *_beside(lines, place, pieces)]
            yield CardNumber("".join(p.digits for p in pieces), tuple(boxes))


def _over_two(lines: Sequence[Line], place: int) -> Iterator[CardNumber]:
    """A number in its groups that begins at a line's end and goes on where a next one begins."""
    line = lines[place]
    last = list(_runs(line, forgiving=False))[-1:]
    if not last or last[0][-1].word != len(line.words) - 1:
        return
    begun, near = last[0], _near(lines, place)
    if not _CARD.search(near):
        return
    for below in lines[place + 1 : place + 4]:
        first = next(_runs(below, forgiving=False), [])
        if not first or first[0].word != 0 or not _is_next(line, below):
            continue
        moved = [replace(piece, word=piece.word + len(line.words)) for piece in first]
        both = Line((*line.words, *below.words), line.box)
        for start in range(len(begun)):
            for end in range(1, len(moved) + 1):
                pieces = [*begun[start:], *moved[:end]]
                digits = "".join(piece.digits for piece in pieces)
                groups = tuple(len(piece.digits) for piece in pieces)
                if groups not in _GROUPINGS or len(groups) < 3 or not is_card_number(digits):
                    continue
                if not _labelled_otherwise(line, pieces[0], near):
                    boxes = (*_number_boxes(both, pieces), *_beside(lines, place, begun[start:]))
                    yield CardNumber(digits, boxes)
                    return


def _is_next(line: Line, below: Line) -> bool:
    gap = below.box[1] - line.box[1]
    return 0 < gap <= 3 * max(line.box[3], below.box[3])


def _has_figures(line: Line) -> bool:
    """Whether a line has as many characters that are or may be read as figures as a number has."""
    return len(_FIGURE.findall("".join(word.text for word in line.words))) >= _SHORTEST


def _long_enough(run: list[_Piece]) -> bool:
    return sum(len(piece.digits) for piece in run) >= _SHORTEST


def _near(lines: Sequence[Line], place: int) -> str:
    """The text of a line and of those within four of its heights."""
    _, y, _, height = lines[place].box
    reach = 4 * max(height, 1)
    close = (line for line in lines if abs(line.box[1] - y) <= reach)
    return " ".join(line.text for line in close).lower()


def _runs(line: Line, *, forgiving: bool) -> Iterator[list[_Piece]]:
    """Digit runs that follow each other in a line with no other word or amount between them."""
    run: list[_Piece] = []
    for place, word in enumerate(line.words):
        text = word.text
        if forgiving and any(map(str.isdigit, text)):
            alike = text.translate(_LIKE_DIGITS)
            text = alike if _DIGITS.fullmatch(alike) else text
        bare = text.strip(".,:;#()[]")
        whole = None if _AMOUNT.fullmatch(bare) else _DIGITS.fullmatch(bare)
        whole = whole or _GROUPED.fullmatch(bare)
        tail = None if whole else _TAIL.search(text)
        if whole is None and tail is None:
            if run:
                yield run
            run = []
            continue
        if tail is not None and run:
            yield run
            run = []
        part_of = 2 if tail and tail[2] else 1
        offset = text.index(whole[0]) if whole else (tail.start(part_of) if tail else 0)
        said = whole[0] if whole else (tail[part_of] if tail else "")
        run += [
            _Piece(place, offset + part.start(), offset + part.end(), part[0])
            for part in re.finditer(r"\d+", said)
        ]
    if run:
        yield run


def _windows(run: list[_Piece], *, context: bool) -> Iterator[list[_Piece]]:
    """The parts of a run that are a card's number by length, grouping, issuer and check digit.

    Without words of a card beside it, the run must be one from end to end, and in groups.
    """
    for start in range(len(run)):
        for end in range(start + 1, len(run) + 1):
            pieces = run[start:end]
            digits = "".join(piece.digits for piece in pieces)
            if len(digits) > _LONGEST:
                break
            if len(digits) < _SHORTEST or not is_card_number(digits):
                continue
            groups = tuple(len(piece.digits) for piece in pieces)
            whole = len(pieces) == len(run)
            usual = groups in _GROUPINGS
            if (context and (usual or whole)) or (usual and whole and len(groups) > 2):
                yield pieces


def _labelled_otherwise(line: Line, first: _Piece, near: str) -> bool:
    """Whether the words right before a number call it something other than a card's.

    ``near`` is the text about it: what is called an account's is a card's beside its expiry.
    """
    before = " ".join(word.text for word in line.words[max(0, first.word - 3) : first.word])
    before = f"{before} {line.words[first.word].text[: first.start]}".lower()
    label = _OWN.search(before.strip())
    if label and _ACCOUNT.search(before.strip()) and _CARDS_OWN.search(near):
        return False
    return label is not None and not _CARD.search(before)


def _number_boxes(line: Line, pieces: Sequence[_Piece]) -> list[Box]:
    """A box over each word's digits, but for the number's last four."""
    boxes: list[Box] = []
    left = sum(len(piece.digits) for piece in pieces) - KEPT
    for piece in pieces:
        hidden = min(left, len(piece.digits))
        left -= hidden
        if hidden > 0:
            word = line.words[piece.word]
            boxes.append(_part(word, piece.start, piece.start + hidden))
    return boxes


def _part(word: Word, start: int, end: int) -> Box:
    """The part of a word's box that its characters from ``start`` to ``end`` take, and a rim."""
    x, y, width, height = word.box
    size = max(1, len(word.text))
    rim = max(2, height // 6)
    begin, stop = x + width * start // size, x + -(-width * end // size)
    top, edge = max(0, y - rim), max(0, begin - rim)
    return (edge, top, stop - edge + (rim if end >= size else 0), y + height + rim - top)


def _beside(lines: Sequence[Line], place: int, pieces: Sequence[_Piece]) -> Iterator[Box]:
    """Expiry dates and security codes on the number's line and on those near it."""
    _, y, _, height = lines[place].box
    for number, line in enumerate(lines):
        if abs(line.box[1] - y) > 4 * max(height, 1):
            continue
        own = {piece.word for piece in pieces} if number == place else set()
        text = line.text.lower()
        for at, word in enumerate(line.words):
            if at in own:
                continue
            before = " ".join(each.text for each in line.words[max(0, at - 3) : at]).lower()
            same = number == place and at > pieces[-1].word
            expiry = _EXPIRY.search(word.text)
            if expiry and (same or re.search(r"\bexp", text)):
                yield _part(word, *expiry.span())
            code = _CODE.search(word.text)
            label = before + " " + word.text[: code.start()].lower() if code else ""
            if code and _CODE_LABEL.search(label.strip()):
                yield _part(word, *code.span(1))
