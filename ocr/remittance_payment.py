"""The payment of a paper remittance: its number, means, day and amount, wherever they are printed.

A payer names them as it likes: the names are put together from the words of the field, of means of
payment (check, draft, EFT trace) and of what is said of them (number, date, amount).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from ocr import labels
from ocr.labels import Found
from ocr.remittance_body import Body
from ocr.remittance_days import date_in
from ocr.remittance_rows import cents_in
from ocr.text import PageText
from ocr.types import Field
from ocr.values import parse_date

_OF_CHECKS = ("check", "draft", "warrant", "paper check", "voucher check", "check serial",
              "bank check", "check draft", "check warrant", "benefit check",
              "claim check")  # fmt: skip
_OF_TRANSFERS = ("eft", "ach", "trace", "eft trace", "ach trace", "transfer", "direct deposit",
                 "wire", "electronic payment", "electronic transfer", "electronic funds transfer",
                 "funds transfer", "bank transfer", "eft payment", "ach payment", "transaction",
                 "wire transfer", "reassociation trace", "eft reassociation", "trn")  # fmt: skip
_OF_EITHER = ("check eft", "check eft trace", "check trace", "check or eft", "eft check",
              "check ach", "check or trace", "check transfer", "eft or check",
              "check wire")  # fmt: skip
_OF_PAYMENTS = ("payment", "remittance", "remit", "voucher", "payment trace", "payment advice",
                "disbursement", "issue", "payment voucher", "remittance voucher", "ra", "pay",
                "settlement", "funding", "payment reference", "claim payment")  # fmt: skip
_NUMBERED = ("number", "id", "reference", "reference number", "serial number", "trace",
             "trace number", "trace id", "control number", "number id", "nr")  # fmt: skip
_ISSUED = ("issue", "issued", "paid", "release", "released", "effective", "advice", "deposit",
           "mailed", "mailing", "mail", "dated", "completion", "cleared", "posted")  # fmt: skip
_OF_RUNS = ("process", "processed", "processing", "production", "statement", "notice", "cycle",
            "finalized", "letter", "financial cycle", "payment cycle", "eob", "eop",
            "as of")  # fmt: skip
_MEANS = (*_OF_CHECKS, *_OF_TRANSFERS, *_OF_EITHER, *_OF_PAYMENTS)
_METHODS = ("payment method", "payment type", "method of payment", "paid by", "pay method",
            "payment form", "form of payment", "issue form", "type of payment", "payment mode",
            "payment means", "disbursement method", "remit method", "pay type")  # fmt: skip
_CHECK_WORDS = re.compile(r"\b(check|chk|cheque|draft|warrant|paper)\b", re.IGNORECASE)
_TRANSFER_WORDS = re.compile(
    r"\b(eft|ach|electronic|direct deposit|wire|transfer|cCd\+?|ctx)\b", re.IGNORECASE
)


def _numbers(means: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{each} {kind}" for each in means for kind in _NUMBERED)


def _vouchers(*means: str) -> tuple[str, ...]:
    """A payment by the paper that goes with it: ``Check voucher 7258315189``."""
    return tuple(f"{each} {paper}" for each in means for paper in ("voucher", "advice", "notice"))


def _days(of: Sequence[str]) -> tuple[str, ...]:
    forms = ("{} date", "date {}", "date of {}", "{} issue date", "{} issued", "{} issued on",
             "{} effective date", "date of this {}", "{} on")  # fmt: skip
    return tuple(form.format(each) for each in of for form in forms)


def _totals(of: Sequence[str]) -> tuple[str, ...]:
    forms = ("{} amount", "{} total", "amount of {}", "total {}", "total {} amount", "net {}",
             "net {} amount", "{} net amount", "amount of this {}", "total of {}", "this {}",
             "total amount of {}", "total of this {}", "total this {}", "amount this {}",
             "{} total amount", "amount of the {}", "total net {}", "{} amount paid")  # fmt: skip
    return tuple(form.format(each) for each in of for form in forms)


_SUMS = tuple(each for each in _MEANS if each not in {"trace", "trn", "issue", "pay"})
_PAID_TOTALS = (
    "total paid", "net amount paid", "total net paid", "total amount paid", "net paid",
    "total paid amount", "net paid amount", "paid amount", "amount paid", "total remitted",
    "total disbursed", "funds transferred", "total benefits paid", "net amount", "paid to you",
    "amount enclosed", "enclosed amount", "total paid to provider", "amount paid to provider",
    "net amount paid to provider", "net paid to provider", "total amount paid to provider",
    "total payment to provider", "net payment to provider", "payment to provider",
    "paid to provider", "total provider payment", "provider payment", "net provider payment",
    "total provider paid", "provider payment amount", "total payable", "net payable",
    "amount payable", "total payable to provider", "amount payable to provider",
    "payable to provider", "net due provider", "due provider", "net amount due provider",
    "amount due provider", "net amount due", "net due", "total benefits", "benefits paid",
    "total benefit paid", "total plan payment", "total plan paid", "net reimbursement",
    "total reimbursement", "net benefits paid", "total paid this statement", "in the amount of",
    "for the amount of", "in the sum of", "totaling", "paid by this statement", "net issue amount",
    "net amount of check", "net amount of payment", "total net payment", "total paid to you",
    "net pay", "pays exactly", "amount remitted", "total of payment", "total issued",
)  # fmt: skip
_BARE_TOTALS = ("amount", "total", "paid", "net", "sum", "total amount")
_PAID_TO = ("credited to", "pay to the order of", "pay to", "payable to", "paid to")
_CURRENCY = re.compile(r"^[$*]")
_BARE_DAYS = ("paid", "issued", "dated", "date", "issued on", "paid on", "mailed on")
_RANKED_TOTALS = (_totals(_SUMS), _PAID_TOTALS)


@dataclass(frozen=True, slots=True)
class Placed:
    """A value found, and on which page."""

    found: Found
    page: int


def first_of(
    pages: Sequence[PageText],
    ranks: Sequence[tuple[Sequence[str], bool]],
    accept: Callable[[str], bool],
    *,
    most_words: int = 1,
    apart: bool = False,
    not_before: Collection[str] = (),
) -> Placed | None:
    """The first accepted value; ``ranks`` are names in order of how surely they mean it.

    Each with whether it must be the whole label: nothing of the same run stands before it, and
    with ``apart`` nothing right behind it.
    """
    for phrases, whole in ranks:
        for text in pages:
            found = next(
                labels.values_of(
                    text,
                    phrases,
                    accept,
                    most_words=most_words,
                    whole=whole,
                    apart=apart,
                    not_before=not_before,
                ),
                None,
            )
            if found is not None:
                return Placed(found, text.page)
    return None


def payment_number(pages: Sequence[PageText]) -> tuple[Placed, str | None, bool] | None:
    """The payment's number, the method its label names, and whether no other has that label."""

    def accept(text: str) -> bool:
        return bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{3,24}", text)) and any(
            c.isdigit() for c in text
        ) and parse_date(text) is None  # fmt: skip

    for phrases, method, whole in (
        (_numbers(_OF_EITHER), None, False), (_numbers(_OF_CHECKS), "CHK", False),
        (_numbers(_OF_TRANSFERS), "ACH", False), (_numbers(_OF_PAYMENTS), None, False),
        (("check", "warrant", "draft", *_vouchers("check", "warrant", "draft")), "CHK", True),
        (("transfer", "eft", "ach", "trace", *_vouchers("transfer", "eft", "ach")), "ACH", True),
        (("payment",), None, True),
    ):  # fmt: skip
        found = first_of(pages, [(phrases, whole)], accept)
        if found is not None:
            said = {each.text for text in pages
                    for each in labels.values_of(text, phrases, accept, whole=whole)}  # fmt: skip
            return found, method, len(said) == 1
    return None


def payment_method(pages: Sequence[PageText]) -> tuple[Placed, str] | None:
    """How is paid, where a label says so: ``CHK`` or ``ACH``."""
    found = first_of(
        pages, [(_METHODS, False)],
        lambda t: bool(_CHECK_WORDS.search(t)) != bool(_TRANSFER_WORDS.search(t)), most_words=3,
    )  # fmt: skip
    if found is None:
        return None
    return found, "CHK" if _CHECK_WORDS.search(found.found.text) else "ACH"


def payment_day(pages: Sequence[PageText]) -> Placed | None:
    """The day of the payment."""
    return first_of(
        pages,
        [(_days(_MEANS), False), (_days(_ISSUED), False), (_BARE_DAYS[:3], False),
         (_days(_OF_RUNS), False), (_BARE_DAYS, True)],
        lambda text: date_in(text) is not None, most_words=4,
    )  # fmt: skip


def totals_named(pages: Sequence[PageText]) -> list[Placed]:
    """Places that name the payment's amount, the surest label first."""
    found = [place for phrases in _RANKED_TOTALS for place in _amounts_named(pages, phrases)]
    return found or totals_barely_named(pages) or list(_totals_beside_payee(pages))


def _totals_beside_payee(pages: Sequence[PageText]) -> Iterator[Placed]:
    """Amounts that end the line of whom is paid: ``Credited to Harbor Point Clinic  $**461.53``."""
    for text in pages:
        for label in labels.find_labels(text, _PAID_TO):
            words = text.lines[label.line].words
            last = words[-1]
            as_payment = cents_in(last.text) is not None and _CURRENCY.match(last.text)
            if as_payment and not label.first and label.last + 1 < len(words) - 1:
                yield Placed(Found(last.text, last.box, last.confidence), text.page)


def totals_barely_named(pages: Sequence[PageText]) -> list[Placed]:
    """Places that name an amount and not of what: ``Amount: 439.33``."""
    return _amounts_named(pages, _BARE_TOTALS, whole=True)


def _amounts_named(
    pages: Sequence[PageText], phrases: Sequence[str], *, whole: bool = False
) -> list[Placed]:
    return [
        Placed(one, text.page)
        for text in pages
        for one in labels.values_of(
            text, phrases, lambda t: cents_in(t) is not None, whole=whole, alone=True
        )
    ]


def amount_of(placed: Placed, source: str) -> Field:
    """The amount of a payment where it is printed."""
    found = placed.found
    return Field(cents_in(found.text), found.confidence, placed.page, found.box, source)


def proved_first(
    named: Sequence[Field], body: Body, barely: Callable[[], Sequence[Field]] = tuple
) -> list[Field]:
    """The printed total that the claims come to, when there is one, before all others.

    Where no label of a payment's amount has it, one that names just an amount (``barely``) may.
    """
    paid = [claim.total("paid_cents") for claim in body.claims]
    summed = sum(value for value in paid if value is not None)
    summed -= sum(entry.cents for entry in body.taken)
    every = [*named, *body.payments]
    if summed and all(one.value != summed for one in every):
        return [one for one in barely() if one.value == summed][:1] + every
    return sorted(every, key=lambda one: bool(one.value != summed))


def around_claims(texts: Sequence[PageText], body: Body) -> Iterator[PageText]:
    """Where the payment's own data stand: above the claims first, then all that is no claim's."""
    for number, text in enumerate(texts):
        if number == 0:
            yield above_claims(text, body)
        else:
            yield _without(text, body)
    if texts:
        yield _without(texts[0], body)


def above_claims(text: PageText, body: Body) -> PageText:
    """The first page down to where its claims begin."""
    if body.first_line is None:
        return text
    return _of_lines(text, range(body.first_line))


def _without(text: PageText, body: Body) -> PageText:
    """The page without the rows of its claims."""
    kept = [n for n in range(len(text.lines)) if (text.page, n) not in body.used]
    return _of_lines(text, kept)


def _of_lines(text: PageText, numbers: Sequence[int]) -> PageText:
    lines = tuple(text.lines[n] for n in numbers if n < len(text.lines))
    words = tuple(word for line in lines for word in line.words)
    return PageText(text.page, text.source, words, lines, text.skew_degrees)
