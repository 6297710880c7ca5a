"""Which pages are one remittance: page numbers, letterheads and where the payment is told."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ocr.page_memo import kept_for_page
from ocr.remittance_heads import heads_of
from ocr.remittance_payment import Placed, payment_number
from ocr.remittance_rows import service_like
from ocr.remittance_table import page_rows
from ocr.text import PageText

_SAME_LETTERHEAD = 2  # lines, at least, where no number of the page says so
_LATER = re.compile(r"\b(page|pg|sheet)\W*(no|number|#)?\W*0*([2-9]|\d\d)\b|continued",
                    re.IGNORECASE)  # fmt: skip
_PAGE = re.compile(r"\W*\b(page|pg|sheet)\W*(no|number|#)?\W*\d+( of \d+)?\W*$", re.IGNORECASE)
_FIRST = re.compile(r"\b(page|pg|sheet)\W*(no|number|#)?\W*0*1\b(?![./-])", re.IGNORECASE)


@kept_for_page
def _number_on(text: PageText) -> tuple[Placed, str | None] | None:
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
        return number[0].found.text == head[0].found.text
    bare = _bare_numbers(text, first)
    if (_begins(text) and _begins(first)) or bare == (1, 1):
        return False
    later = _LATER.search(" ".join(line.text for line in text.lines)) is not None
    if later or (bare is not None and bare[0] == 1 < bare[1]):
        return True
    told = head is not None or any(map(_number_on, between))
    if number is None:
        ended = head is None and bool(between) and _number_on(between[-1]) is not None
        return not (ended and text.exact and _lists_claims(text))
    below = text.exact and not told and _below_claims(text, number[0])
    again = below and _letterhead(text)[:_SAME_LETTERHEAD] == _letterhead(first)[:_SAME_LETTERHEAD]
    return again or _pays_for(text, first)


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


def _pays_for(text: PageText, first: PageText) -> bool:
    """Whether a page tells the payment of claims whose own pages do not name it, and no claims."""
    return _same_letterhead(text, first) and not _lists_claims(text)


def _bare_numbers(text: PageText, first: PageText) -> tuple[int, int] | None:
    """The pages' numbers without a word for them, the first page's before the other's.

    Each ends the top line, and the rest of it is the same on both: ``LAKELAND HEALTH PLAN   2``.
    """
    tops = [page.lines[0].text.split() for page in (first, text) if page.lines]
    if len(tops) < 2 or len(tops[0]) < 2 or tops[0][:-1] != tops[1][:-1]:
        return None
    ends = [top[-1] for top in tops]
    if not all(re.fullmatch(r"[1-9]\d?", end) for end in ends):
        return None
    return int(ends[0]), int(ends[1])


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
        return number[0].found.text == head[0].found.text
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
    return [line for line in bare if len(line) >= 8]
