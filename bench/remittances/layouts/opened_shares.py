"""The opened layout `lettered_shares`: a plan's voucher, letters behind what the patient owes."""

from __future__ import annotations

from datetime import date

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("K04", "Payment for this service is part of the payment for another service."),
    "CO-18": ("K11", "We paid or denied this service on an earlier claim."),
    "CO-29": ("K27", "The claim came after the last day for filing under your agreement."),
    "PR-96": ("P02", "The member's contract does not cover this service."),
}
_LETTERS = {"PR-1": "D", "PR-2": "S", "PR-3": "C"}
_TRAITS = Traits(
    "medical", "own", frozenset({"CO-45", "OA-23", *_LETTERS}), frozenset(_OWN), 1, share=False,
    modifiers=True, units=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(days="%-m/%-d/%Y")
_COLUMNS = (
    Column(("Date", "of service"), 30), Column(("Procedure", "and modifier"), 84),
    Column(("Qty",), 162, "r"), Column(("Provider", "charge"), 214, "r"),
    Column(("Contract", "difference"), 266, "r"), Column(("Plan", "allowance"), 318, "r"),
    Column(("Other", "carrier"), 366, "r"), Column(("Not", "covered"), 418, "r"),
    Column(("Message", "code"), 426), Column(("Member", "cost"), 518, "r"),
    Column(("Plan", "payment"), 580, "r"),
)  # fmt: skip
_NARROW = 94


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(580, f"{method(r, 'Check', 'EFT')} voucher {r.payment_number}", "r", bold=True,
              size=10)  # fmt: skip
    page.down(12)
    page.text(580, f"{r.payment_on:%B %-d, %Y}", "r", size=9)
    page.text(30, r.payer.name, bold=True, size=12)
    page.down(11)
    page.text(30, f"{r.payer.street}  {r.payer.town}")
    page.text(580, f"Sheet {page.number}", "r")
    page.down(20)
    if page.number == 1:
        for row in (r.payee.name, r.payee.street, r.payee.town):
            page.text(70, row, size=9)
            page.down(11)
        page.down(8)
        page.text(30, f"Group NPI: {r.payee.npi}      Tax identification: {r.payee.tax_id}")
        page.down(20)
    page.rule(30, 580, dy=11, pt=1.2)
    page.heads(_COLUMNS, size=7.4, narrow=_NARROW)
    page.rule(30, 580, pt=1.2)
    page.down(15)
    low, page.y = page.y, 32
    page.text(30, "Member cost letters:  D deductible   C copayment   S coinsurance share", size=7)
    page.y = low


def _costs(line: Line) -> list[str]:
    """What the member owes of the allowance, each kind with its letter, one under another."""
    owed = [(line.amount(key), letter) for key, letter in _LETTERS.items()]
    return [f"{_PRINT.money(cents)}{letter}" for cents, letter in owed if cents]


def _cells(line: Line, day: str) -> list[Cell]:
    m = _PRINT.money
    return [
        day, " ".join((line.procedure, *line.modifiers)), str(line.units), m(line.charged_cents),
        m(line.amount("CO-45")), m(line.allowed_cents), m(line.amount("OA-23")),
        m(line.amount(*_OWN)), " ".join(a.own for a in line.adjustments if a.own),
        _costs(line) or "0.00", m(line.paid_cents),
    ]  # fmt: skip


def _claim(page: Paper, claim: Claim) -> None:
    m = _PRINT.money
    page.room(70)
    page.text(30, claim.patient, bold=True, size=9)
    if claim.status == "22":
        page.text(214, "Reversal of an earlier payment", bold=True)
    page.text(580, f"Rendered by {claim.provider}", "r")
    page.down(11)
    page.text(30, f"Identification {claim.member_id}")
    page.text(214, f"Your control no. {claim.account}")
    page.text(580, f"Our control no. {claim.claim_number}", "r")
    page.down(13)
    said: date | None = None
    for line in claim.lines:
        tall = 9 * max(1, len(_costs(line))) + 3
        turned = page.room(tall)
        day = _PRINT.day(line.service_on) if turned or line.service_on != said else ""
        page.row(_COLUMNS, _cells(line, day), size=7.8, narrow=_NARROW)
        said = line.service_on
        page.down(11.5)
    page.room(14)
    page.row(_COLUMNS, ["", "Total of claim", "", m(claim.total("charged_cents")),
             m(claim.amount("CO-45")), m(claim.total("allowed_cents")), m(claim.amount("OA-23")),
             m(claim.amount(*_OWN)), "", "", m(claim.total("paid_cents"))],
             bold=True, size=7.8, narrow=_NARROW)  # fmt: skip
    page.rule(30, 580, dots=True, dy=-6)
    page.down(21)


def _lettered_shares(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=8, bottom=52)
    for claim in r.claims:
        _claim(page, claim)
    words = {"WO": "Overpayment we recovered", "FB": "Balance from an earlier voucher",
             "L6": "Interest we owe you"}  # fmt: skip
    rows = [("Payments of all claims", _PRINT.money(r.claims_cents))]
    rows += [(f"{words[a.code]}, {a.reference}", _PRINT.money(-a.cents))
             for a in r.provider_adjustments]  # fmt: skip
    rows.append((f"{method(r, 'Check', 'EFT')} amount", f"${_PRINT.money(r.total_paid_cents)}"))
    page.room(26 + 13 * len(rows) + 11 * (len(r.legend) + 2))
    page.text(330, "Voucher recap", bold=True, size=9)
    page.down(14)
    for place, (label, amount) in enumerate(rows):
        last = place == len(rows) - 1
        page.boxes((322, 584), 13, dy=-4)
        page.text(330, label, bold=last)
        page.text(580, amount, "r", bold=last)
        page.down(13)
    if r.legend:
        page.down(10)
        page.text(30, "Message codes on this voucher", bold=True)
        page.down(11)
    for code, text in r.legend:
        page.text(30, code, bold=True)
        page.text(56, text)
        page.down(10.5)


LETTERED_SHARES = Layout("lettered_shares", _TRAITS, _lettered_shares, by_day=True)
