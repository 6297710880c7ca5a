"""The head of a paper remittance: who pays whom, how, when, under which number, and how much."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ocr import labels
from ocr.labels import Found
from ocr.remittance_body import Body
from ocr.remittance_rows import cents_in
from ocr.text import Line, PageText, runs
from ocr.types import Field
from ocr.values import npi_valid, parse_date

TITLES = re.compile(
    r"explanation of (benefits|payment)|remittance (advice|notice|summary|statement)|"
    r"(claim )?payment (statement|summary|voucher|advice)|"
    r"notice of (claim )?payment( to (the )?provider)?|(payment|paid) to (the )?provider|"
    r"provider (payment|claim|voucher|statement|copy)|\beob\b|\beop\b|"
    r"claims? (summary|statement)|statement of (benefits|payment)",
    re.IGNORECASE,
)
_PAYER_WORDS = re.compile(
    r"insur|dental|health|plan\b|benefit|life\b|mutual|blue (cross|shield)|assurance|\bcare\b|"
    r"medicare|medicaid|administrat|\btrust\b|\bfund\b|\bgroup\b|casualty|indemnity|guardian",
    re.IGNORECASE,
)
_PAYEE = ("payee name", "payee", "pay to", "pay to the order of", "to the order of", "paid to",
          "dentist or group", "dental office",
          "provider name", "billing provider",
          "pay to provider", "billing provider name")  # fmt: skip
_NPI = ("npi", "provider npi", "payee npi", "npi number")
_PAYER = ("payer", "payer name", "plan name", "carrier name", "insurance company name")
_CHECK = ("check number", "voucher check number", "warrant", "check id", "draft",
          "paper check number", "serial number", "check serial number",

          "draft number", "warrant number", "voucher number")  # fmt: skip
_EFT = ("eft number", "eft trace number", "trace number", "ach number", "ach trace number",
        "eft trace", "transaction number", "transfer number", "direct deposit number",
        "wire number", "electronic payment number")  # fmt: skip
_EITHER = ("check eft number", "check eft trace number", "check trace number",
           "check or eft number")  # fmt: skip
_OTHER_NUMBER = ("payment number", "payment reference number", "remittance number",
                 "payment reference", "payment id")  # fmt: skip
_PAID_ON = ("check date", "date of check", "dated", "date of payment", "check issued", "issued on",
            "paid on", "paid", "release date", "settlement date", "warrant date", "draft date",
            "effective date", "transfer date", "deposit date", "voucher date", "advice date",
            "check issued on", "issued", "payment date", "issue date", "paid date", "date paid",
            "remit date",
            "remittance date", "date issued", "eft date", "check issue date", "date")  # fmt: skip
_TOTAL = ("check amount", "eft amount", "payment amount", "amount of payment", "total paid",
          "total payment", "amount of this payment", "warrant amount", "draft amount",
          "voucher total", "voucher amount", "payment total", "eft total", "net check",
          "deposit amount", "transfer amount", "ach amount", "net amount paid", "check eft amount",
          "total amount of check", "remittance total", "net remittance", "amount of draft",
          "amount of eft", "total net paid", "total remitted", "total of check", "this payment",
          "total disbursed", "net disbursement", "total this payment", "funds transferred",
          "total amount paid", "net payment", "net check amount", "total net payment",
          "amount of check", "total check amount", "paid amount", "total payment amount",
          "net paid", "net amount", "amount paid", "total benefits paid",
          "check total", "net payment amount", "net amount due provider", "amount of this voucher",
          "amount of this check", "amount of this remittance", "amount of voucher",
          "total this check",
          "total warrant", "net warrant amount", "check total amount", "total eft", "paid to you",
          "this check", "this voucher", "amount", "total")  # fmt: skip

_NO_NAME = frozenset({
    "payee", "provider", "name", "patient", "claim", "control", "dentist", "or", "group", "to",
    "payer", "from", "ln", "line", "date", "service", "member", "subscriber",
    "account", "payment", "address", "office",
})  # fmt: skip
_PARTY = re.compile(r"^(billing provider|provider|payee|pay(able)? to|paid to|to|for)\b:?\s+",
                    re.IGNORECASE)  # fmt: skip
_LAYER = 0.95
_METHOD = 0.86  # of scanned print: one label misread, and the next tells the method
_PAYER_SURE = 0.96  # of 164 drawn with a text layer in 17 layouts every payer's name was right
_PAYER_DOUBTFUL = 0.83
_LARGER = 1.12  # heights of scanned print differ by less than this where it is one size


@dataclass(frozen=True, slots=True)
class Placed:
    """A value found, and on which page."""

    found: Found
    page: int


def amount_of(placed: Placed, source: str) -> Field:
    """The amount of a payment where it is printed."""
    found = placed.found
    return Field(cents_in(found.text), found.confidence, placed.page, found.box, source)


def above_claims(text: PageText, body: Body) -> PageText:
    """The first page down to where its claims begin."""
    if body.first_line is None:
        return text
    lines = text.lines[: body.first_line]
    words = tuple(word for line in lines for word in line.words)
    return PageText(text.page, text.source, words, lines, text.skew_degrees)


def header_fields(
    heads: Sequence[PageText], sure_of: Callable[[Field], float], *, exact: bool
) -> dict[str, Field | None]:
    """The payment's and the parties' fields from the parts of the pages above the claims.

    ``sure_of`` says how surely the letters of a name are read; numbers were read twice before.
    """
    fields: dict[str, Field | None] = {}
    base = _LAYER

    def put(name: str, placed: Placed | None, value: Any, sure: float) -> None:
        if placed is not None and value is not None:
            found = placed.found
            field = Field(
                value, found.confidence, placed.page, found.box,
                "text_layer" if exact else "tesseract",
            )  # fmt: skip
            read = sure_of(field) if name in {"payer_name", "payee_name"} else found.confidence
            fields[name] = replace(field, confidence=sure * read)

    number = payment_number(heads)
    if number is not None:
        placed, method = number
        repeated = sum(placed.found.text in {w.text for w in text.words} for text in heads) > 1
        put("payment_number", placed, placed.found.text, base + (0.02 if repeated else 0.0))
        put("payment_method", placed, method, base if exact else _METHOD)
    day = _first(heads[:1], _PAID_ON, lambda t: parse_date(t) is not None, most_words=3)
    put("payment_on", day, parse_date(day.found.text) if day else None, base)
    npi = _first(heads, _NPI, npi_valid)
    npi = npi or _anywhere(heads, npi_valid)
    checked = npi is not None
    npi = npi or _first(heads, _NPI, lambda t: bool(re.fullmatch(r"[12]\d{9}", t)))
    put("payee_npi", npi, npi.found.text if npi else None, 0.97 if checked else base - 0.06)
    tax = _first(heads, ("tax id", "tin", "tax id number", "federal tax id", "ein", "tax"),
                 lambda t: bool(re.fullmatch(r"\d{2}-?\d{7}", t)))  # fmt: skip
    put("payee_tax_id", tax, tax.found.text if tax else None, base)
    payee = _first(heads, _PAYEE, _is_name, most_words=8)
    payee = payee or _beside_npi(heads)
    put("payee_name", payee, payee.found.text if payee else None, base - 0.04)
    payer = _first(
        heads, _PAYER, lambda t: _is_name(t) and not TITLES.search(t) and not re.search(r"\d", t),
        most_words=8,
    )  # fmt: skip
    sure = _PAYER_SURE
    if payer is None:
        payer, largest = _title_name(heads[0], payee.found.text if payee else "")
        sure = sure if exact or largest else _PAYER_DOUBTFUL
    put("payer_name", payer, payer.found.text if payer else None, sure)
    return fields


def _first(
    pages: Sequence[PageText],
    phrases: Sequence[str],
    accept: Callable[[str], bool],
    *,
    most_words: int = 1,
) -> Placed | None:
    for phrase in phrases:  # in order of how surely the label means it
        for text in pages:
            found = labels.value_of(text, (phrase,), accept, most_words=most_words)
            if found is not None:
                return Placed(found, text.page)
    return None


def _anywhere(pages: Sequence[PageText], accept: Callable[[str], bool]) -> Placed | None:
    for text in pages:
        for word in text.words:
            if accept(word.text):
                return Placed(Found(word.text, word.box, word.confidence), text.page)
    return None


def payment_number(pages: Sequence[PageText]) -> tuple[Placed, str | None] | None:
    """The payment's number and the method its label names."""

    def accept(text: str) -> bool:
        return bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{3,24}", text)) and any(
            c.isdigit() for c in text
        ) and parse_date(text) is None  # fmt: skip

    for phrases, method in (
        (_EITHER, None), (_CHECK, "CHK"), (_EFT, "ACH"), (_OTHER_NUMBER, None),
        (("check", "warrant"), "CHK"),
        (("transfer", "eft", "ach"), "ACH"),
    ):  # fmt: skip
        found = _first(pages, phrases, accept)
        if found is not None:
            return found, method
    return None


def totals_named(pages: Sequence[PageText]) -> list[Placed]:
    """Places that name the payment's amount, the surest label first."""
    found: list[Placed] = []
    for phrase in _TOTAL:
        for text in pages:
            one = labels.value_of(text, (phrase,), lambda t: cents_in(t) is not None)
            if one is not None and phrase in {"amount", "total"} and found:
                continue
            if one is not None:
                found.append(Placed(one, text.page))
    return found


def proved_first(named: Sequence[Field], body: Body) -> list[Field]:
    """The printed total that the claims come to, when there is one, before all others."""
    paid = [claim.total("paid_cents") for claim in body.claims]
    summed = sum(value for value in paid if value is not None)
    summed -= sum(entry.cents for entry in body.taken)
    return sorted([*named, *body.payments], key=lambda one: bool(one.value != summed))


def _is_name(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    spelled = labels.tokens(text)
    label = text.endswith(":") or any(
        word in {"npi", "tax", "check", "date", "number", "eft", "tin", "page"} for word in spelled
    )
    if sum(word in _NO_NAME for word in spelled) >= max(1, len(spelled) / 2):
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
        address = re.search(r"\d", text) is not None
        if not _is_name(text) or len(text) < 5 or address or text.upper() == payee.upper():
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


def _top_runs(head: PageText) -> Iterator[tuple[int, Line]]:
    """The parts of the first lines, each with its line's number."""
    for row, line in enumerate(head.lines[:6]):
        for part in runs(line, gap=2.2):
            yield row, part
