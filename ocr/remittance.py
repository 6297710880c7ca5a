"""Paper remittances (explanations of benefits): who paid whom what, for which claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ocr import labels
from ocr.fields import complete
from ocr.labels import Found
from ocr.remittance_columns import header_columns
from ocr.remittance_sums import claim_json, imbalances
from ocr.remittance_table import Body, read_body
from ocr.text import Line, PageText, runs
from ocr.types import Field, ReadingWarning
from ocr.values import npi_valid, parse_cents, parse_date

_TITLES = re.compile(
    r"explanation of (benefits|payment)|remittance (advice|notice|summary|statement)|"
    r"(claim )?payment (statement|summary|voucher|advice)|"
    r"provider (payment|claim|voucher|statement)|\beob\b|\beop\b|"
    r"claims? (summary|statement)|statement of (benefits|payment)",
    re.IGNORECASE,
)
_PAYER_WORDS = re.compile(
    r"insur|dental|health|plan\b|benefit|life\b|mutual|blue (cross|shield)|assurance|\bcare\b|"
    r"medicare|medicaid|administrat|\btrust\b|\bfund\b|\bgroup\b|casualty|indemnity|guardian",
    re.IGNORECASE,
)
_PAYEE = ("payee", "pay to", "paid to", "payee name", "provider name", "billing provider",
          "pay to provider", "billing provider name", "provider paid")  # fmt: skip
_NPI = ("npi", "provider npi", "payee npi", "npi number")
_PAYER = ("payer", "payer name", "plan name", "carrier name", "insurance company name")
_CHECK = ("check number", "check eft number", "check eft trace number", "check trace number",
          "draft number", "warrant number", "voucher number")  # fmt: skip
_EFT = ("eft number", "eft trace number", "trace number", "ach number", "ach trace number",
        "eft trace", "transaction number")  # fmt: skip
_OTHER_NUMBER = ("payment number", "payment reference number", "remittance number",
                 "payment reference", "payment id")  # fmt: skip
_PAID_ON = ("check date", "payment date", "issue date", "paid date", "date paid", "remit date",
            "remittance date", "date issued", "eft date", "check issue date", "date")  # fmt: skip
_TOTAL = ("check amount", "eft amount", "payment amount", "total paid", "total payment",
          "total amount paid", "net payment", "net check amount", "total net payment",
          "amount of check", "total check amount", "paid amount", "total payment amount",
          "net paid", "net amount", "total benefits paid", "check total", "amount")  # fmt: skip

_LAYER = 0.95
_OCR = 0.86
_PROVED_LAYER = 0.99
_PROVED_OCR = 0.985


@dataclass(frozen=True, slots=True)
class _Placed:
    """A value found, and on which page."""

    found: Found
    page: int


def looks_like_remittance(text: PageText) -> float:
    """Probability that a page is an explanation of benefits: its title, table and words."""
    whole = " ".join(line.text for line in text.lines)
    table = any(header_columns(text.lines, index) for index in range(len(text.lines)))
    title = bool(_TITLES.search(whole))
    signs = len(
        set(
            re.findall(
                r"claim|allowed|deductible|coinsurance|co-?pay|member id|"
                r"subscriber|billed|submitted|patient resp|npi|eob",
                whole.lower(),
            )
        )
    )
    amounts = sum(labels.tokens(w.text) != [] and parse_cents(w.text) is not None
                  for w in text.words)  # fmt: skip
    if table and (title or signs >= 3):
        return 0.99
    if table or (title and signs >= 3 and amounts >= 3):
        return 0.93
    if title and (signs >= 2 or amounts >= 3):
        return 0.8
    return 0.45 if signs >= 4 and amounts >= 4 else 0.05


def continues(text: PageText, first: PageText) -> bool:
    """Whether a page goes on with the remittance that ``first`` begins.

    It does when it says page 2 or later, or repeats the payment's number, or has no heading of
    its own but the table goes on.
    """
    number = _number([text])
    head = _number([first])
    if number is not None and head is not None:
        return number[0].found.text == head[0].found.text
    later = re.search(r"page\W*(number)?\W*([2-9]|\d\d)\b|continued",
                      " ".join(line.text for line in text.lines), re.IGNORECASE)  # fmt: skip
    return later is not None or number is None


def read_remittance(
    pages: Sequence[PageText],
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """All fields of one remittance from its pages in order."""
    body = read_body(pages)
    heads = [_head(text, body) if place == 0 else text for place, text in enumerate(pages)]
    exact = all(text.exact for text in pages)
    total = _proved_first(_total(pages), body)
    total_cents = parse_cents(total[0].found.text) if total else None
    broken = imbalances(body.claims, body.taken, total_cents)
    proved = bool(body.claims) and total_cents is not None and not broken
    fields: dict[str, Field | None] = _header_fields(heads, exact=exact)
    source = "text_layer" if exact else "tesseract"
    if total is not None and total_cents is not None:
        sure = (_PROVED_LAYER if exact else _PROVED_OCR) if proved else _alone(total, exact=exact)
        fields["total_paid_cents"] = Field(
            total_cents, sure, total[0].page, total[0].found.box, source
        )
    first = pages[0].page
    if body.claims:
        value = [claim_json(claim) for claim in body.claims]
        sure = _claims_sure(body, proved=proved, exact=exact)
        fields["claims"] = Field(value, sure, first, None, source)
        fields["provider_adjustments"] = Field(
            body.taken, min(sure, 0.93 if proved else 0.6), first, None, source
        )
        sure = 0.98 if proved else 0.6
        fields["balanced"] = Field(proved, sure, first, None, source)
        fields["imbalances"] = Field(broken, sure, first, None, source)
    warnings = _warnings(body, broken, total_cents)
    return complete("remittance", fields), warnings


def _warnings(
    body: Body, broken: Sequence[dict[str, Any]], total_cents: int | None
) -> tuple[ReadingWarning, ...]:
    found: list[ReadingWarning] = []
    if not body.claims:
        found.append(ReadingWarning("no_claims", "no table of claims was recognised"))
    if total_cents is None:
        found.append(ReadingWarning("no_total", "the amount of the payment was not found"))
    if broken:
        places = ", ".join(entry["where"] for entry in broken[:5])
        found.append(ReadingWarning("unbalanced", f"amounts do not add up: {places}"))
    return tuple(found)


def _claims_sure(body: Body, *, proved: bool, exact: bool) -> float:
    """The whole list right to the letter: amounts prove each other, names and numbers do not."""
    if not proved:
        return 0.5
    if not exact:
        words = min([claim.sure for claim in body.claims] + [body.sure])
        return 0.6 + 0.28 * words
    guessed = any(
        line.money.get("not_covered") and "patient_responsibility_cents" not in line.money
        for claim in body.claims
        for line in claim.lines
    )
    return 0.88 if guessed else 0.96


def _alone(total: Sequence[_Placed], *, exact: bool) -> float:
    """The total's confidence when no sum proves it: twice the same is better than once."""
    values = [parse_cents(one.found.text) for one in total]
    same = values.count(values[0])
    if same < len(values):
        return 0.5
    return (_LAYER if exact else 0.88 if same > 1 else 0.75) * total[0].found.confidence


def _head(text: PageText, body: Body) -> PageText:
    """The first page down to where its claims begin."""
    if body.first_line is None:
        return text
    lines = text.lines[: body.first_line]
    words = tuple(word for line in lines for word in line.words)
    return PageText(text.page, text.source, words, lines, text.skew_degrees)


def _header_fields(heads: Sequence[PageText], *, exact: bool) -> dict[str, Field | None]:
    fields: dict[str, Field | None] = {}
    base = _LAYER if exact else _OCR

    def put(name: str, placed: _Placed | None, value: Any, sure: float) -> None:
        if placed is not None and value is not None:
            found = placed.found
            fields[name] = Field(
                value, sure * found.confidence, placed.page, found.box,
                "text_layer" if exact else "tesseract",
            )  # fmt: skip

    number = _number(heads)
    if number is not None:
        placed, method = number
        repeated = sum(placed.found.text in {w.text for w in text.words} for text in heads) > 1
        put("payment_number", placed, placed.found.text, base + (0.02 if repeated else 0.0))
        put("payment_method", placed, method, base)
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
        heads, _PAYER, lambda t: _is_name(t) and not _TITLES.search(t) and not re.search(r"\d", t),
        most_words=8,
    )  # fmt: skip
    payer = payer or _title_name(heads[0], payee.found.text if payee else "")
    put("payer_name", payer, payer.found.text if payer else None, base - 0.03)
    return fields


def _first(
    pages: Sequence[PageText],
    phrases: Sequence[str],
    accept: Callable[[str], bool],
    *,
    most_words: int = 1,
) -> _Placed | None:
    for phrase in phrases:  # in order of how surely the label means it
        for text in pages:
            found = labels.value_of(text, (phrase,), accept, most_words=most_words)
            if found is not None:
                return _Placed(found, text.page)
    return None


def _anywhere(pages: Sequence[PageText], accept: Callable[[str], bool]) -> _Placed | None:
    for text in pages:
        for word in text.words:
            if accept(word.text):
                return _Placed(Found(word.text, word.box, word.confidence), text.page)
    return None


def _number(pages: Sequence[PageText]) -> tuple[_Placed, str | None] | None:
    """The payment's number and the method its label names."""

    def accept(text: str) -> bool:
        return bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{3,24}", text)) and any(
            c.isdigit() for c in text
        ) and parse_date(text) is None  # fmt: skip

    for phrases, method in ((_CHECK, "CHK"), (_EFT, "ACH"), (_OTHER_NUMBER, None)):
        found = _first(pages, phrases, accept)
        if found is not None:
            return found, method
    return None


def _total(pages: Sequence[PageText]) -> list[_Placed]:
    """Places that name the payment's amount, the surest label first."""
    found: list[_Placed] = []
    for phrase in _TOTAL:
        for text in pages:
            one = labels.value_of(text, (phrase,), lambda t: parse_cents(t) is not None)
            if one is not None and phrase == "amount" and found:
                continue
            if one is not None:
                found.append(_Placed(one, text.page))
    return found


def _proved_first(total: list[_Placed], body: Body) -> list[_Placed]:
    """The printed total that the claims come to, when there is one, before all others."""
    paid = [claim.total("paid_cents") for claim in body.claims]
    summed = sum(value for value in paid if value is not None)
    summed -= sum(int(entry["amount_cents"]) for entry in body.taken)
    return sorted(total, key=lambda one: parse_cents(one.found.text) != summed)


def _is_name(text: str) -> bool:
    letters = sum(c.isalpha() for c in text)
    spelled = labels.tokens(text)
    label = text.endswith(":") or any(
        word in {"npi", "tax", "check", "date", "number", "eft", "tin", "page"} for word in spelled
    )
    return letters >= 4 and letters >= 0.7 * len(text.replace(" ", "")) and not label


def _beside_npi(heads: Sequence[PageText]) -> _Placed | None:
    """A payee printed without a label: what stands left on the line of the NPI."""
    for text in heads:
        for line in text.lines:
            parts = runs(line, gap=2.2)
            if len(parts) < 2 or "npi" not in labels.tokens(parts[1].text):
                continue
            name = parts[0]
            if _is_name(name.text):
                return _Placed(Found(name.text, name.box, name.confidence), text.page)
    return None


def _title_name(head: PageText, payee: str) -> _Placed | None:
    """The payer as the letterhead: the largest print near the top, neither title nor payee."""
    best: tuple[float, Line] | None = None
    for row, line in _top_runs(head):
        text = _TITLES.sub("", line.text).strip(" -|:\u2013\u2014")
        address = re.search(r"\d", text) is not None
        if not _is_name(text) or len(text) < 5 or address or text.upper() == payee.upper():
            continue
        height = sorted(word.box[3] for word in line.words)[len(line.words) // 2]
        score = height * (1.6 if _PAYER_WORDS.search(text) else 1.0) * (1.4, 1.15, 1.0)[min(row, 2)]
        if best is None or score > best[0]:
            best = (score, line)
    if best is None:
        return None
    text = _TITLES.sub("", best[1].text).strip(" -|:\u2013\u2014")
    return _Placed(Found(text, best[1].box, best[1].confidence), head.page)


def _top_runs(head: PageText) -> Iterator[tuple[int, Line]]:
    """The parts of the first lines, each with its line's number."""
    for row, line in enumerate(head.lines[:6]):
        for part in runs(line, gap=2.2):
            yield row, part
