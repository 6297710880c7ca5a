"""Which pages are one remittance: page numbers, letterheads and where the payment is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from ocr.page_memo import kept_for_page
from ocr.remittance_heads import heads_of
from ocr.remittance_payment import Placed, payment_number
from ocr.remittance_rows import service_like
from ocr.remittance_table import page_rows
from ocr.text import PageText

_FEWEST_FIGURES = 6  # of a payment's number that may be another one misread
_TOP = 4  # lines of a page, in one of which its bare number stands
_SAME_LETTERHEAD = 2  # lines, at least, where no number of the page says so
_COUNTED = re.compile(r"[A-Za-z]+ (\d{1,3}) of (\d{1,3})\W*")
_MISREAD = 0.15  # of the letters of a scan's line, at most
_LATER = re.compile(r"\b(page|pg|sheet)\W*(no|number|#)?\W*0*([2-9]|\d\d)\b|continued",
                    re.IGNORECASE)  # fmt: skip
_PAGE = re.compile(r"\W*\b(page|pg|sheet)\W*(no|number|#)?\W*\d+( of \d+)?\W*$", re.IGNORECASE)
_FIRST = re.compile(r"\b(page|pg|sheet)\W*(no|number|#)?\W*0*1\b(?![./-])", re.IGNORECASE)


@kept_for_page
def _number_on(text: PageText) -> tuple[Placed, str | None, bool] | None:
    return payment_number([text])


def continues(text: PageText, first: PageText, between: Sequence[PageText] = ()) -> bool:
    """Whether a page goes on with the remittance that ``first`` begins; ``between`` are its others.

    It does when it says page 2 or later, be it by a bare number beside what both pages have on
    top, or repeats the payment's number, or has no heading of its own but the table goes on.
    A payer that tells the payment behind the last claim has ended it there.
    """
    number = _number_on(text)
    head = _number_on(first)
    if number is not None and head is not None:
        return _same_payment(number[0], head[0], text, first)
    bare = _bare_numbers(text, first)
    if (_begins(text) and _begins(first)) or bare == (1, 1):
        return False
    later = _LATER.search(" ".join(line.text for line in text.lines)) is not None
    if later or (bare is not None and bare[0] == 1 < bare[1]):
        return True
    told = head is not None or any(map(_number_on, between))
    if number is None:
        ended = head is None and bool(between) and _ended_by(between[-1])
        return not (ended and _lists_claims(text))
    below = text.exact and not told and _below_claims(text, number[0])
    again = below and _letterhead(text)[:_SAME_LETTERHEAD] == _letterhead(first)[:_SAME_LETTERHEAD]
    return again or _pays_for(text, first)


def _ended_by(text: PageText) -> bool:
    """Whether a page tells the payment of the claims before it; a scanned one that and no claims,
    as what looks like a number between its services may be another's."""
    return _number_on(text) is not None and (text.exact or not _lists_claims(text))


def _same_payment(number: Placed, head: Placed, text: PageText, first: PageText) -> bool:
    """Whether two pages tell the same payment's number.

    A scan may have a figure of it misread, or a gap in it: then the page has to say that it is a
    later one under the same letterhead, which no other payment's first page does, or to count
    its claims on.
    """
    one, other = number.found.text, head.found.text
    if one == other or text.exact or first.exact:
        return one == other
    if not _near_number(one, other):
        return False
    if _counts_on(text, first):
        return bool(set(_letterhead(text)) & set(_letterhead(first)))
    if not _same_letterhead(text, first):
        return False
    bare = _bare_numbers(text, first)
    later = _LATER.search(" ".join(line.text for line in text.lines)) is not None
    return later or (bare is not None and bare[0] == 1 < bare[1])


def _counts_on(text: PageText, first: PageText) -> bool:
    """Whether a page's claims are counted on from the first page's: ``Claim 2 of 3``."""
    before, after = (
        [(int(count[1]), int(count[2])) for line in page.lines
         if (count := _COUNTED.fullmatch(line.text.strip()))]
        for page in (first, text)
    )  # fmt: skip
    same = len({of for _, of in (*before, *after)}) == 1
    return bool(before and after) and same and max(before) < min(after)


def _near_number(one: str, other: str) -> bool:
    """Whether a slip of the reader makes one number of another: a figure, or its end cut off."""
    least = min(len(one), len(other))
    if least < _FEWEST_FIGURES:
        return False
    return one[:least] == other[:least] or Levenshtein.distance(one, other, score_cutoff=1) <= 1


def _below_claims(text: PageText, number: Placed) -> bool:
    """Whether a page tells the payment below all services that it lists."""
    tops = [
        row.line.box[1] for row in page_rows(text) if len(row.amounts) >= 2 and service_like(row)
    ]
    return bool(tops) and max(tops) < number.found.box[1]


def _lists_claims(text: PageText) -> bool:
    """Whether services stand on a page, or the heads of their columns."""
    rows = page_rows(text)
    services = any(len(row.amounts) >= 2 and service_like(row) for row in rows)
    return services or bool(heads_of(rows))


def _same_letterhead(text: PageText, first: PageText) -> bool:
    return len(set(_letterhead(text)) & set(_letterhead(first))) >= _SAME_LETTERHEAD


def _like_letterhead(text: PageText, first: PageText) -> bool:
    """The same, letters of a scan misread."""
    if text.exact or first.exact:
        return _same_letterhead(text, first)
    lines, tops = set(_letterhead(text)), set(_letterhead(first))
    return sum(any(_alike(line, top) for top in tops) for line in lines) >= _SAME_LETTERHEAD


def _alike(one: str, other: str) -> bool:
    """Whether two lines of scans are the same but for letters misread or not read."""
    most = int(_MISREAD * min(len(one), len(other)))
    return Levenshtein.distance(one, other, score_cutoff=most) <= most


def _pays_for(text: PageText, first: PageText) -> bool:
    """Whether a page tells the payment of claims whose own pages do not name it, and no claims."""
    return _like_letterhead(text, first) and not _lists_claims(text)


def _bare_numbers(text: PageText, first: PageText) -> tuple[int, int] | None:
    """The pages' numbers without a word for them, the first page's before the other's.

    Each ends the top line, and the rest of it is the same on both: ``LAKELAND HEALTH PLAN   2``.
    In a line below it, where a number may be any, it has to count on.
    """
    for row, lines in enumerate(zip(first.lines[:_TOP], text.lines[:_TOP], strict=False)):
        tops = [line.text.casefold().split() for line in lines]
        if min(map(len, tops)) < 2 or tops[0][:-1] != tops[1][:-1]:
            continue
        ends = [top[-1] for top in tops]
        if not all(re.fullmatch(r"[1-9]\d?", end) for end in ends):
            continue
        if row == 0 or int(ends[0]) == 1 < int(ends[1]):
            return int(ends[0]), int(ends[1])
    return None


def _begins(text: PageText) -> bool:
    """Whether a page says that it is the first."""
    return any(_FIRST.search(line.text) for line in (*text.lines[:5], *text.lines[-3:]))


def plainly_continues(text: PageText, first: PageText) -> bool:
    """Whether a page that looks like nothing by itself is a later page of a remittance.

    A last page may hold a total, the payment's own data or a legend alone; it repeats the
    payment's number, or the letterhead with a later page's number.
    """
    number, head = _number_on(text), _number_on(first)
    if number is not None and head is not None:
        return _same_payment(number[0], head[0], text, first)
    bare = _bare_numbers(text, first)
    if bare is not None:
        return bare[0] == 1 < bare[1]
    letterhead = set(_letterhead(first))
    again = any(line in letterhead for line in _letterhead(text))
    if number is not None and _pays_for(text, first):
        return True
    return again and _LATER.search(" ".join(x.text for x in text.lines)) is not None


def _letterhead(text: PageText) -> list[str]:
    """The top lines of a page without its number, the short ones left out."""
    bare = (_PAGE.sub("", line.text).strip() for line in text.lines[:6])
    return [line.casefold() for line in bare if len(line) >= 8]
