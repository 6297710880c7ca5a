"""From the readings of one envelope to clues: which stub and which claim goes with which check."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from matching import claim_facts
from matching.readings import Document
from matching.types import Clues, Part, PaymentClues

LEAST = 0.3
"""Text and numbers below this confidence are no clue at all; names may well be half read."""
_DIGITS = re.compile(r"\d{5,}")
_PREDETERMINATION = "25"  # CLP02 (X12 1029): "predetermination pricing only - no payment"
UNBALANCED = "the amounts of the remittance do not add up"
OTHER_TOTAL = "the remittance's total is another than the payment's"
_IMB_LENGTHS = frozenset({20, 25, 29, 31})

Amounts = Mapping[str, int | None]
"""Amount in cents by the document id of the check (or 835) that is a payment."""


def payments_of(
    documents: Sequence[Document],
    amounts: Amounts,
    payers: Mapping[str, str | None],
    office_code: str,
    joined: Mapping[str, str] | None = None,
) -> dict[str, PaymentClues]:
    """The clues of each payment of an envelope, by document id, in order of position.

    ``amounts`` names the payments; ``payers`` gives the keyed hash of each payer's bank account.
    ``joined`` says of remittances, by document id, which payment's document they belong to: one
    that lay elsewhere is evidence like one in the envelope, one of another payment is none.
    """  # fmt: skip
    ordered = sorted(documents, key=lambda d: (d.position, d.id))
    payments = [d for d in ordered if d.id in amounts]
    coupons = _give_out([d for d in ordered if d.kind == "coupon"], payments, amounts, _fits_coupon)
    homes = joined or {}
    papers = [d for d in ordered if d.kind == "remittance" and d.id not in amounts]
    loose = [d for d in papers if d.id not in homes]
    remittances = _give_out(loose, payments, amounts, _fits_remittance)
    found: dict[str, PaymentClues] = {}
    for payment in payments:
        mine, doubt = coupons[payment.id]
        advice, doubt_too = remittances[payment.id]
        mine_too = {d.id for d in papers if homes.get(d.id) == payment.id} | {d.id for d in advice}
        advice = [d for d in papers if d.id in mine_too]
        if payment.kind == "remittance":
            advice = [payment, *advice]
        parts, adjustment = _parts(
            payment, amounts[payment.id], mine, advice, office_code, payers.get(payment.id)
        )
        found[payment.id] = PaymentClues(
            amounts[payment.id],
            parts,
            adjustment,
            ambiguous=doubt or doubt_too,
            unread=any(map(_unread, advice)),
            coupon_cents=_coupon_cents(mine),
            gainsaid=any(map(_gainsaid, advice)),
            doubt=_doubt(parts, advice, amounts[payment.id]),
        )
    return found


def _give_out(
    papers: Sequence[Document], payments: Sequence[Document], amounts: Amounts, fits: Any
) -> dict[str, tuple[list[Document], bool]]:
    """Each paper to the one payment it fits; doubtful ones to the payment before, and say so."""
    given: dict[str, list[Document]] = {payment.id: [] for payment in payments}
    doubtful: set[str] = set()
    for paper in papers:
        if not payments:
            break
        fitting = [p for p in payments if fits(paper, p, amounts[p.id])]
        if len(payments) == 1 or len(fitting) == 1:
            given[(fitting or payments)[0].id].append(paper)
            continue
        before = [p for p in payments if p.position < paper.position]
        owner = before[-1] if before else payments[0]
        given[owner.id].append(paper)
        doubtful |= {payment.id for payment in payments}
    return {key: (papers_, key in doubtful) for key, papers_ in given.items()}


def _fits_coupon(coupon: Document, payment: Document, amount: int | None) -> bool:
    del payment
    wanted = {coupon.cents("amount_enclosed_cents"), coupon.cents("amount_due_cents")}
    return amount is not None and amount in wanted


def _fits_remittance(advice: Document, payment: Document, amount: int | None) -> bool:
    number = advice.text("payment_number").lstrip("0")
    if number and number == payment.text("check_number").lstrip("0"):
        return True
    return amount is not None and advice.cents("total_paid_cents") == amount


def _parts(
    payment: Document,
    amount: int | None,
    coupons: list[Document],
    advice: list[Document],
    office_code: str,
    payer: str | None,
) -> tuple[tuple[Part, ...], int]:
    claims = [(claim, paper) for paper in advice for claim in paper.value("claims") or []]
    paid = [(c, p.electronic) for c, p in claims if isinstance(c, Mapping) and c.get("paid_cents")]
    if paid:
        parts = tuple(
            _claim_part(c, place, office_code, exact=exact)
            for place, (c, exact) in enumerate(paid, start=1)
        )
        return parts, sum(_adjustment(paper) for paper in advice)
    base = _check_clues(payment, amount, office_code, payer)
    distinct = {_coupon_key(c): c for c in coupons}
    if len(distinct) > 1:
        parts = tuple(
            _coupon_part(c, base, place) for place, c in enumerate(distinct.values(), start=1)
        )
        return parts, 0
    for coupon in distinct.values():
        base = _with_coupon(base, coupon)
    return (Part("check", base, amount, "check"),), 0


def _adjustment(paper: Document) -> int:
    """What the insurer adds (above zero) or takes (below): PLB amounts lower the payment."""
    entries = paper.value("provider_adjustments") or []
    cents = [e.get("amount_cents") for e in entries if isinstance(e, Mapping)]
    return -sum(each for each in cents if type(each) is int)


def _unread(paper: Document) -> bool:
    """Whether a provider adjustment, or what a file says a claim is paid, has no amount."""
    entries = paper.value("provider_adjustments") or []
    amounts = [e.get("amount_cents") for e in entries if isinstance(e, Mapping)]
    if paper.electronic:
        claims = paper.value("claims") or []
        amounts += [c.get("paid_cents") for c in claims if isinstance(c, Mapping)]
    return None in amounts


def _gainsaid(paper: Document) -> bool:
    """Whether a claim is paid whose status is "predetermination pricing only - no payment"."""
    claims = [each for each in paper.value("claims") or [] if isinstance(each, Mapping)]
    return any(
        str(each.get("status") or "") == _PREDETERMINATION and each.get("paid_cents")
        for each in claims
    )


def _doubt(parts: Sequence[Part], advice: Sequence[Document], amount: int | None) -> str:
    """Why a person looks at what the remittances say, though their claims make the payment.

    The total of pages that explain a payment together may be that of each of them.
    """
    if all(part.kind != "claim" for part in parts):
        return ""
    if any(d.value("balanced") is False and not d.text("as_printed") for d in advice):
        return UNBALANCED
    totals = [d.cents("total_paid_cents") for d in advice]
    known = [cents for cents in totals if cents is not None]
    other = any(cents != amount for cents in known) and sum(known) != amount
    return OTHER_TOTAL if other and amount is not None else ""


def _check_clues(
    payment: Document, amount: int | None, office_code: str, payer: str | None
) -> Clues:
    return Clues(
        amount_cents=amount,
        payer_name=payment.text("payer_name", LEAST),
        payer_address=payment.text("payer_address", LEAST),
        memo=payment.text("memo", LEAST),
        office_code=office_code,
        payer_hmac=payer,
    )


def _coupon_cents(coupons: Sequence[Document]) -> tuple[int, ...]:
    names = ("amount_enclosed_cents", "amount_due_cents")
    found = (coupon.cents(name, LEAST) for coupon in coupons for name in names)
    return tuple(dict.fromkeys(cents for cents in found if cents))


def _coupon_key(coupon: Document) -> tuple[str, ...]:
    key = (coupon.text("account_number", LEAST), coupon.text("statement_number", LEAST))
    return key if any(key) else (coupon.id,)


def _with_coupon(base: Clues, coupon: Document, amount: int | None = None) -> Clues:
    runs, imbs = _barcode_numbers(coupon)
    name = coupon.text("patient_name", LEAST)
    return Clues(
        amount_cents=base.amount_cents if amount is None else amount,
        account_numbers=_unique(coupon.text("account_number", LEAST), *runs),
        statement_numbers=_unique(coupon.text("statement_number", LEAST), *runs),
        imbs=imbs,
        payer_name=base.payer_name,
        payer_address=base.payer_address,
        patient_names=(name,) if name else (),
        memo=base.memo,
        office_code=base.office_code,
        payer_hmac=base.payer_hmac,
    )


def _coupon_part(coupon: Document, base: Clues, place: int) -> Part:
    amount = coupon.cents("amount_enclosed_cents", LEAST)
    if amount is None:
        amount = coupon.cents("amount_due_cents", LEAST)
    # The check's amount is the sum of all stubs: it says nothing of one of them.
    alone = Clues(payer_name=base.payer_name, payer_address=base.payer_address,
                  office_code=base.office_code, payer_hmac=base.payer_hmac)  # fmt: skip
    return Part("coupon", _with_coupon(alone, coupon, amount), amount, f"stub {place}")


def _claim_part(claim: Mapping[str, Any], place: int, office_code: str, *, exact: bool) -> Part:
    number, name = str(claim.get("patient_account") or ""), str(claim.get("patient_name") or "")
    ident = str(claim.get("member_id") or "")
    clues = Clues(
        account_numbers=(number,) if number else (),
        patient_names=(name,) if name else (),
        member_ids=(ident,) if ident else (),
        office_code=office_code,
    )
    paid = claim.get("paid_cents")
    said = claim_facts.of_json(claim, exact=exact)
    return Part("claim", clues, paid if type(paid) is int else None, f"claim {place}", said)


def _barcode_numbers(coupon: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Numbers inside the stub's barcodes, and Intelligent Mail barcodes among them."""
    runs: list[str] = []
    imbs: list[str] = []
    for code in coupon.value("barcodes") or []:
        text = str(code.get("text") or "") if isinstance(code, Mapping) else ""
        if text.isdigit() and len(text) in _IMB_LENGTHS:
            imbs.append(text)
        runs += _DIGITS.findall(text)
    return _unique(*runs), _unique(*imbs)


def _unique(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))
