"""The head of a paper remittance: who pays whom, how, when, under which number, and how much."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ocr import labels
from ocr.labels import Found
from ocr.remittance_days import date_in
from ocr.remittance_doubt import ID_LABELS
from ocr.remittance_lexicon import known_role
from ocr.remittance_payment import (
    Placed,
    first_of,
    payment_day,
    payment_method,
    payment_number,
)
from ocr.text import Line, PageText, runs
from ocr.types import Field
from ocr.values import npi_valid

TITLES = re.compile(
    r"explanation of \w+|remittance (advice|notice|summary|statement)|"
    r"(claim )?payment (statement|summary|voucher|advice)|"
    r"notice of (claim )?payment( to (the )?provider)?|(payment|paid) to (the )?provider|"
    r"provider (payment|claim|voucher|statement|copy)|\beob\b|\beop\b|"
    r"claims? (summary|statement)|statement of (benefits|payment)",
    re.IGNORECASE,
)
_TITLE_WORDS = frozenset({
    "explanation", "of", "provider", "payment", "payments", "benefits", "benefit", "remittance",
    "advice", "statement", "notice", "voucher", "claims", "claim", "summary", "electronic", "to",
    "the", "paid", "detail", "details", "report", "register", "listing", "check", "eft", "eob",
    "eop", "era", "page", "number", "date", "adjustment", "for", "and", "copy", "portal",
    "review", "reviews",
})  # fmt: skip
_PAYER_WORDS = re.compile(
    r"insur|dental|health|plan\b|benefit|life\b|mutual|blue (cross|shield)|assurance|\bcare\b|"
    r"medicare|medicaid|administrat|\btrust\b|\bfund\b|\bgroup\b|casualty|indemnity|guardian",
    re.IGNORECASE,
)
_PAYEE = ("payee name", "payee", "pay to", "pay to the order of", "to the order of", "paid to",
          "dentist or group", "dental office", "provider name", "billing provider",
          "pay to provider", "billing provider name", "payable to", "issued to", "provider group",
          "practice name", "remit to", "make payable to", "payee provider",
          "provider payee", "group name", "payment to", "billing entity", "pay to name",
          "pay to provider name", "facility name", "provider organization",
          "billing group", "credited to", "payment issued to", "check payable to", "payee info",
          "organization name", "mailed to")  # fmt: skip
_SENT_FOR = ("voucher for", "statement for", "register for", "remittance for", "prepared for",
             "summary for", "issued for", "advice for")  # fmt: skip
_BARE_PAYEE = ("provider", "practice", "facility", "clinic", "office", "to", "for")
_NPI = ("npi", "provider npi", "payee npi", "npi number", "billing npi", "group npi",
        "national provider id", "national provider number", "national provider identifier",
        "facility npi", "office npi", "billing provider npi", "organization npi",
        "pay to npi")  # fmt: skip
_TAX = ("tax id", "tin", "tax id number", "federal tax id", "ein", "tax", "fein",
        "provider tax id", "payee tax id", "fed tax number", "fed tax id", "federal tax number",
        "federal tax id number", "tax number", "irs number", "taxpayer id", "taxpayer id number",
        "taxpayer number", "provider tin", "payee tin", "employer id number", "tax ident number",
        "payee fein", "payee ein", "tin number", "ein number", "fein number", "t i n",
        "provider tax number", "irs id", "irs tax id", "billing tax id", "tax payer id",
        "group tax id", "federal id", "federal id number")  # fmt: skip
_PAYER = (
    "insurer",
    "insurance carrier",
    "insurer name",
    "payer",
    "payer name",
    "plan name",
    "carrier name",
    "insurance company name",
)
_NO_NAME = frozenset({
    "payee", "provider", "name", "patient", "claim", "control", "dentist", "or", "group", "to",
    "payer", "from", "ln", "line", "date", "service", "member", "subscriber",
    "account", "payment", "address", "office", "taxpayer",
})  # fmt: skip
_PARTY = re.compile(r"^(billing provider|provider|payee|pay(able)? to|paid to|to|for)\b:?\s+",
                    re.IGNORECASE)  # fmt: skip
_OF_LABELS = frozenset({"npi", "tax", "check", "date", "number", "eft", "tin", "page", "fein",
                        "ein", "trace", "draft", "voucher", "amount"})  # fmt: skip
_OF_SEVERAL = 0.8  # a payment's number where another has the same label
_ONE_PLACE = 0.85  # a payer or payee that nothing but its place tells
_LAYER = 0.95
_METHOD = 0.86  # of scanned print: one label misread, and the next tells the method
_PAYER_SURE = 0.96  # of 164 drawn with a text layer in 17 layouts every payer's name was right
_PAYER_DOUBTFUL = 0.83
_OF_TITLES = re.compile(r"\b(benefits|remittance|voucher|statement|advice)\b", re.IGNORECASE)
_GREETED = re.compile(r"(dear|hello|greetings|to whom)\b", re.IGNORECASE)
"""Whom a letter greets gets it, and is not who pays."""
_LARGER = 1.12  # heights of scanned print differ by less than this where it is one size


def header_fields(
    heads: Sequence[PageText], sure_of: Callable[[Field], float], *, exact: bool
) -> dict[str, Field | None]:
    """The payment's and the parties' fields from the parts of the pages above the claims.

    ``sure_of`` says how surely the letters of a name are read; numbers were read twice before.
    """
    found = {
        **_payment(heads, exact=exact),
        "payee_npi": _npi(heads),
        "payee_tax_id": _read(first_of(heads, [(_TAX, False)], _is_tax_id), _LAYER),
        **_parties(heads, exact=exact),
    }
    source = "text_layer" if exact else "tesseract"
    fields: dict[str, Field | None] = {}
    for name, read in found.items():
        if read is None:
            continue
        placed, value, sure = read
        of_print = placed.found.confidence
        field = Field(value, of_print, placed.page, placed.found.box, source)
        letters = sure_of(field) if name in {"payer_name", "payee_name"} else of_print
        fields[name] = replace(field, confidence=sure * letters)
    return fields


_Read = tuple[Placed, Any, float]
"""Where a value stands, the value, and how sure it is if its letters are."""


def _read(placed: Placed | None, sure: float) -> _Read | None:
    return None if placed is None else (placed, placed.found.text, sure)


def _payment(heads: Sequence[PageText], *, exact: bool) -> dict[str, _Read | None]:
    """Number, means and day of the payment."""
    found: dict[str, _Read | None] = {}
    told = payment_method(heads)
    if told is not None:
        found["payment_method"] = (*told, _LAYER)
    number = payment_number(heads)
    if number is not None:
        placed, method, alone = number
        repeated = sum(placed.found.text in {w.text for w in text.words} for text in heads) > 1
        found["payment_number"] = _read(
            placed, _LAYER + (0.02 if repeated else 0.0) if alone else _OF_SEVERAL
        )
        if told is not None and method not in {None, told[1]}:
            found["payment_method"] = (*told, _METHOD)  # checks have trace numbers, too
        elif method is not None:
            found["payment_method"] = (placed, method, _LAYER if exact else _METHOD)
    day = payment_day(heads)
    date = date_in(day.found.text) if day else None
    if day is not None and date is not None:
        found["payment_on"] = (day, date, _LAYER)
    return found


def _npi(heads: Sequence[PageText]) -> _Read | None:
    """The payee's NPI, surer where its check digit is right."""
    checked = first_of(heads, [(_NPI, False)], npi_valid) or _anywhere(heads, npi_valid)
    if checked is not None:
        return _read(checked, 0.97)
    shaped = first_of(heads, [(_NPI, False)], lambda t: bool(re.fullmatch(r"[12]\d{9}", t)))
    return _read(shaped, _LAYER - 0.06)


def _is_tax_id(text: str) -> bool:
    return bool(re.fullmatch(r"\d{2}-?\d{7}", text))


def _parties(heads: Sequence[PageText], *, exact: bool) -> dict[str, _Read | None]:
    """Who is paid, and who pays."""
    payee = first_of(
        heads, [(_PAYEE, True), (_SENT_FOR, False)], _is_name, most_words=8, not_before=ID_LABELS
    )
    told = payee is not None and " " in payee.found.text
    payee_sure = _LAYER - 0.04 if told else _ONE_PLACE  # one word may be the next label
    payee = payee or _beside_npi(heads)
    payee = payee or first_of(heads[:1], [(_BARE_PAYEE, True)], _is_name, most_words=8, apart=True)
    payer = first_of(
        heads, [(_PAYER, True)],
        lambda t: _is_name(t) and not TITLES.search(t) and not re.search(r"\d", t),
        most_words=8,
    )  # fmt: skip
    sure = _PAYER_SURE
    if payer is None:
        payer, largest = _title_name(heads[0], payee.found.text if payee else "")
        sure = sure if exact or largest else _PAYER_DOUBTFUL
        if payer is not None and not _PAYER_WORDS.search(payer.found.text):
            sure = min(sure, _ONE_PLACE)
    if payer is not None and not exact and _not_whole(payer.found.text):
        sure = min(sure, _PAYER_DOUBTFUL)
    return {"payee_name": _read(payee, payee_sure), "payer_name": _read(payer, sure)}


def _not_whole(name: str) -> bool:
    """Whether a scan's name may be cut off, or have run into the title beside it."""
    return len(name.split()) < 2 or _OF_TITLES.search(name) is not None


def _anywhere(pages: Sequence[PageText], accept: Callable[[str], bool]) -> Placed | None:
    for text in pages:
        for word in text.words:
            if accept(word.text):
                return Placed(Found(word.text, word.box, word.confidence), text.page)
    return None


def _is_name(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    spelled = labels.tokens(text)
    label = ":" in text or any(word in _OF_LABELS for word in spelled)
    if sum(word in _NO_NAME for word in spelled) >= max(1, len(spelled) / 2) or _title(text):
        return False
    return letters >= 4 and letters >= 0.7 * len(text.replace(" ", "")) and not label


def _beside_npi(heads: Sequence[PageText]) -> Placed | None:
    """A payee printed without a label: what stands left on the line of the NPI."""
    for text in heads:
        for line in text.lines:
            parts = runs(line, gap=2.2)
            if len(parts) < 2 or "npi" not in labels.tokens(parts[1].text):
                continue
            name = parts[0]
            bare = _PARTY.sub("", name.text)
            if _is_name(bare):
                return Placed(Found(bare, name.box, name.confidence), text.page)
    return None


def _title_name(head: PageText, payee: str) -> tuple[Placed | None, bool]:
    """The payer as the letterhead: the largest print near the top, neither title nor payee.

    And whether it is surely the largest: print of one size, scanned, differs by a pixel or two,
    so what comes first counts where others are hardly larger.
    """
    scored: list[tuple[float, Line]] = []
    for row, line in _top_runs(head):
        text = TITLES.sub("", line.text).strip(" -|:\u2013\u2014")
        address = re.search(r"\d", text) is not None or _title(text)
        if not _is_name(text) or len(text) < 5 or address or text.upper() == payee.upper():
            continue
        if _GREETED.match(text):
            continue
        height = sorted(word.box[3] for word in line.words)[len(line.words) // 2]
        score = height * (1.6 if _PAYER_WORDS.search(text) else 1.0) * (1.4, 1.15, 1.0)[min(row, 2)]
        scored.append((score, line))
    if not scored:
        return None, False
    most = max(score for score, _ in scored)
    near = [line for score, line in scored if score * (1.0 if head.exact else _LARGER) >= most]
    text = TITLES.sub("", near[0].text).strip(" -|:\u2013\u2014")
    found = Found(text, near[0].box, near[0].confidence)
    return Placed(found, head.page), len(near) == 1


def _title(text: str) -> bool:
    """Whether words are of a title or a label, and not a name."""
    rest = [word for word in re.findall(r"[a-z]+", text.lower()) if word not in _TITLE_WORDS]
    return not rest or known_role(text) is not None


def _top_runs(head: PageText) -> Iterator[tuple[int, Line]]:
    """The parts of the first lines, each with its line's number."""
    for row, line in enumerate(head.lines[:6]):
        for part in runs(line, gap=2.2):
            yield row, part
