"""The held-out layout `benefit_letter`: a letter that reckons every service in words downwards."""

from __future__ import annotations

from datetime import date

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.catalogue import REASONS
from bench.remittances.facts import (
    NOT_FROM_ALLOWED,
    Adjustment,
    Claim,
    Line,
    Remittance,
    not_payable,
)
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Paper, Print, wrapped
from bench.remittances.traits import Traits

_WORDS = {
    "CO-45": "above the fee you agreed to with us", "CO-97": "part of another service",
    "CO-59": "reduced as a further procedure", "OA-23": "paid by the other insurance",
    "CO-18": "charge we already have", "CO-253": "federal reduction",
    "PR-1": "deductible", "PR-2": "patient's coinsurance", "PR-3": "patient's copayment",
    "PR-96": "not a covered service",
}  # fmt: skip
_TRAITS = Traits(
    "medical", "carc", coded=frozenset(_WORDS), most_coded=5, modifiers=True, ranges=True,
    remarks=True, plb_code=False, most_lines=14,
)  # fmt: skip
_PRINT = Print(dollar=True, negative="paren")
_LEFT, _RIGHT, _LEAD = 78.0, 534.0, 12.6
_INDENT, _AMOUNTS = 114.0, 456.0


def _day(when: date) -> str:
    """A day as letters write it, without a leading zero."""
    return f"{when:%B} {when.day}, {when.year}"


def _header(page: Paper) -> None:
    r = page.remittance
    if page.number > 1:
        page.y = page.height - 60
        for line in (r.payee.name, _day(r.payment_on), f"Page {page.number}"):
            page.text(_LEFT, line)
            page.down(_LEAD)
        page.down(_LEAD)
        return
    page.y = page.height - 66
    page.text(page.width / 2, r.payer.name, "c", bold=True, size=16)
    page.down(15)
    page.text(page.width / 2, f"{r.payer.street}  \u2022  {r.payer.town}", "c", size=9)
    page.rule(_LEFT, _RIGHT, dy=-8, pt=1.2)
    page.down(40)
    page.text(_LEFT, _day(r.payment_on))
    page.down(_LEAD * 2)
    for line in (r.payee.name, r.payee.street, r.payee.town):
        page.text(_LEFT, line)
        page.down(_LEAD)
    page.down(_LEAD)


def _paragraph(page: Paper, text: str, left: float = _LEFT, most: int = 96) -> None:
    for line in wrapped(text, most):
        page.room(_LEAD)
        page.text(left, line)
        page.down(_LEAD)
    page.down(5)


def _opening(page: Paper, r: Remittance) -> None:
    paid = method(r, "check number", "electronic transfer number")
    page.text(_LEFT, f"Re:  Our {paid} {r.payment_number}", bold=True)
    page.down(_LEAD * 1.8)
    page.text(_LEFT, "Dear Provider:")
    page.down(_LEAD * 1.5)
    many = len(r.claims)
    sent = "a claim" if many == 1 else f"{many} claims"
    _paragraph(page, (
        f"We have completed our review of {sent} that you sent to us. Our {paid} "
        f"{r.payment_number}, dated {_day(r.payment_on)}, is made out to {r.payee.name} (National "
        f"Provider Identifier {r.payee.npi}, Tax Identification Number {r.payee.tax_id}) in the "
        f"amount of {_PRINT.money(r.total_paid_cents)}. This letter explains how we arrived at it."
    ))  # fmt: skip


def _amount(page: Paper, label: str, cents: int, *, bold: bool = False) -> None:
    page.text(_INDENT, label, bold=bold)
    page.text(_AMOUNTS, _PRINT.money(cents), "r", bold=bold)
    page.down(_LEAD)


def _less(page: Paper, adjustment: Adjustment) -> None:
    words = _WORDS[f"{adjustment.group}-{adjustment.code}"]
    _amount(page, f"less {words} (reason {adjustment.code})", adjustment.cents)


def _service(page: Paper, number: int, line: Line) -> None:
    before = [a for a in line.others if (a.group, a.code) not in NOT_FROM_ALLOWED]
    if not_payable(line):
        before = list(line.adjustments)
    after = [a for a in line.adjustments if a not in before]
    page.room(_LEAD * (6 + len(line.adjustments)))
    code = "-".join((line.procedure, *line.modifiers))
    days = _day(line.service_on)
    if line.service_end_on is not None and line.service_end_on != line.service_on:
        days = f"{days} to {_day(line.service_end_on)}"
    page.text(_LEFT + 14, f"{number}.")
    page.text(_INDENT, f"{days}: {code}, {line.description}", face="Times-Italic")
    page.down(_LEAD + 1)
    _amount(page, "You charged", line.charged_cents)
    for adjustment in before:
        _less(page, adjustment)
    _amount(page, "We allowed", line.allowed_cents)
    for adjustment in after:
        _less(page, adjustment)
    page.rule(_AMOUNTS - 62, _AMOUNTS, dy=9.6, pt=0.5)
    _amount(page, "We paid", line.paid_cents, bold=True)
    _amount(page, "The patient owes you", line.patient_cents)
    if line.remarks:
        page.text(_INDENT, f"See also remark{'s' if len(line.remarks) > 1 else ''} "
                  f"{' and '.join(line.remarks)}.")  # fmt: skip
        page.down(_LEAD)
    page.down(6)


def _claim(page: Paper, claim: Claim) -> None:
    page.room(_LEAD * 11)
    page.rule(_LEFT, _RIGHT, dy=13, pt=0.4)
    page.text(_LEFT, claim.patient, bold=True, size=11.5)
    page.down(_LEAD)
    page.text(_LEFT, f"Member number {claim.member_id}, treated by {claim.provider}")
    page.down(_LEAD)
    page.text(_LEFT, f"Our claim {claim.claim_number}, your account {claim.account}")
    page.down(_LEAD + 5)
    if claim.status == "22":
        _paragraph(page, "We paid this claim earlier and now take that payment back, as follows:")
    for number, line in enumerate(claim.lines, start=1):
        _service(page, number, line)
    said = "we could not pay this claim" if claim.status == "4" else (
        f"our payment is {_PRINT.money(claim.total('paid_cents'))}"
    )  # fmt: skip
    page.room(_LEAD * 3)
    _paragraph(page, (
        f"In all you charged {_PRINT.money(claim.total('charged_cents'))} for {claim.patient}, of "
        f"which we allowed {_PRINT.money(claim.total('allowed_cents'))}; {said}, and the patient "
        f"owes you {_PRINT.money(claim.total('patient_cents'))}."
    ))  # fmt: skip
    page.down(10)


def _closing(page: Paper, r: Remittance) -> None:
    page.room(_LEAD * (6 + len(r.provider_adjustments)))
    page.rule(_LEFT, _RIGHT, dy=13, pt=0.4)
    page.text(_LEFT, "Our payment", bold=True, size=11.5)
    page.down(_LEAD + 4)
    _amount(page, "Payments for the claims in this letter", r.claims_cents)
    for entry in r.provider_adjustments:
        label = {
            "WO": f"less an overpayment you owe us, our reference {entry.reference}",
            "FB": f"less a balance carried forward, our reference {entry.reference}",
            "L6": f"plus interest for late payment of claim {entry.reference}",
        }[entry.code]
        _amount(page, label, abs(entry.cents))
    page.rule(_AMOUNTS - 62, _AMOUNTS, dy=9.6, pt=0.5)
    _amount(page, f"Amount of our {method(r, 'check', 'electronic transfer')}",
            r.total_paid_cents, bold=True)  # fmt: skip
    page.down(10)
    numbers = {key.partition("-")[2]: REASONS[key] for key in r.codes}
    if numbers:
        page.room(_LEAD * 3)
        page.text(_LEFT, "The reasons given above, by number:", face="Times-Italic")
        page.down(_LEAD + 2)
        for number, text in sorted(numbers.items(), key=lambda pair: int(pair[0])):
            page.room(_LEAD)
            page.text(_INDENT, number, "r")
            page.text(_INDENT + 12, f"{text}.")
            page.down(_LEAD)
        page.down(10)
    page.room(_LEAD * 10)
    _paragraph(page, (
        "If you disagree with a decision you may ask us in writing, within 180 days of the date of "
        "this letter, to review it. Please enclose a copy of this letter and the records of the "
        "service."
    ))  # fmt: skip
    page.down(4)
    page.text(_LEFT, "Sincerely,")
    page.down(_LEAD * 2.4)
    page.text(_LEFT, "Provider Claim Services")
    page.down(_LEAD)
    page.text(_LEFT, r.payer.name)


def _benefit_letter(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, face="Times-Roman", bold="Times-Bold", size=10.5, bottom=62)
    _opening(page, r)
    page.down(14)
    for claim in r.claims:
        _claim(page, claim)
    _closing(page, r)


BENEFIT_LETTER = Layout("benefit_letter", _TRAITS, _benefit_letter, held_out=True)
