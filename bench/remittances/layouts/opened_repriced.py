"""The opened layout `claim_a_sheet`: an administrator's notices, one sheet for every claim."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("INC", "Charge is incidental to the primary procedure. No separate benefit is due."),
    "CO-18": ("DUP", "This expense has been considered before."),
    "CO-29": ("TFL", "Expense was submitted after the plan's filing period."),
    "PR-96": ("NCV", "Expense is not covered under the terms of the plan."),
    "PR-204": ("EXC", "This service is excluded by the employee's plan."),
}
_TRAITS = Traits(
    "medical", "own", frozenset({"CO-45", "PR-1", "PR-2", "PR-3"}), frozenset(_OWN), 1,
    share=False, modifiers=True, ranges=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(negative="trailing", days="%m-%d-%y")
_COLUMNS = (
    Column(("Service", "code"), 40), Column(("From",), 92), Column(("Through",), 136),
    Column(("Billed", "charges"), 236, "r"), Column(("PPO", "savings"), 290, "r"),
    Column(("Not", "eligible"), 342, "r"), Column(("Remark", "code"), 352),
    Column(("Covered", "expense"), 430, "r"), Column(("Deduct-", "ible"), 474, "r"),
    Column(("Copay",), 508, "r"), Column(("Coins.",), 544, "r"), Column(("Benefit",), 588, "r"),
)  # fmt: skip


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(40, r.payer.name, bold=True, size=13)
    page.text(588, "EXPLANATION OF BENEFITS", "r", bold=True, size=10)
    page.down(11)
    page.text(40, f"{r.payer.street} - {r.payer.town}", size=8)
    page.text(588, "Provider copy - this is not a bill", "r", size=8, face="Times-Italic")
    page.down(24)


def _money(cents: int, *, sign: bool = False) -> str:
    """Accountants put the currency sign on the first row and on totals only."""
    return f"${_PRINT.money(cents)}" if sign else _PRINT.money(cents)


def _cells(line: Line, *, sign: bool) -> list[Cell]:
    end = line.service_end_on or line.service_on
    amounts = [_money(cents, sign=sign) for cents in (
        line.charged_cents, line.amount("CO-45"), line.amount(*_OWN), line.allowed_cents,
        line.amount("PR-1"), line.amount("PR-3"), line.amount("PR-2"), line.paid_cents,
    )]  # fmt: skip
    own = next((a.own for a in line.adjustments if a.own), "")
    return ["-".join((line.procedure, *line.modifiers)), _PRINT.day(line.service_on),
            _PRINT.day(end), *amounts[:3], own, *amounts[3:]]  # fmt: skip


def _particulars(page: Paper, claim: Claim) -> None:
    """The address at the left, what the notice is about at the right."""
    r = page.remittance
    rows = (
        ("", "Patient:", claim.patient), (r.payee.name, "Employee ID:", claim.member_id),
        (r.payee.street, "Patient account:", claim.account),
        (r.payee.town, "Claim number:", claim.claim_number),
        ("", "Provider:", claim.provider), ("", "Provider TIN:", r.payee.tax_id),
        ("", "Pay-to NPI:", r.payee.npi),
        ("", "Plan:", f"Group {int(claim.claim_number[-3:]) % 90 + 10} Employee Health Plan"),
    )  # fmt: skip
    for left, label, value in rows:
        page.text(60, left, size=10)
        page.text(430, label, "r", face="Times-Italic", size=9)
        page.text(438, value, size=9)
        page.down(11.5)
    page.down(14)


def _heads(page: Paper) -> None:
    page.rule(40, 588, dy=10)
    page.heads(_COLUMNS, size=8)
    page.rule(40, 588)
    page.down(14)


def _claim(page: Paper, claim: Claim) -> None:
    r = page.remittance
    _particulars(page, claim)
    if claim.status == "22":
        page.text(40, "REVERSAL: the benefit shown was paid before and is taken back.", bold=True,
                  size=9)  # fmt: skip
        page.down(20)
    _heads(page)
    for number, line in enumerate(claim.lines):
        if page.room(140):
            page.text(40, f"Claim number: {claim.claim_number}, continued", face="Times-Italic")
            page.down(22)
            _heads(page)
        page.row(_COLUMNS, _cells(line, sign=number == 0), size=8)
        page.down(12)
    page.rule(180, 588, dy=8)
    sums = [_money(cents, sign=True) for cents in (
        claim.total("charged_cents"), claim.amount("CO-45"), claim.amount(*_OWN),
        claim.total("allowed_cents"), claim.amount("PR-1"), claim.amount("PR-3"),
        claim.amount("PR-2"), claim.total("paid_cents"),
    )]  # fmt: skip
    page.row(_COLUMNS, ["Totals", "", "", *sums[:3], "", *sums[3:]], bold=True, size=8)
    page.down(26)
    codes = {a.own for line in claim.lines for a in line.adjustments if a.own}
    for code, text in (each for each in r.legend if each[0] in codes):
        page.text(40, f"{code}  {text}", size=8)
        page.down(10.5)
    page.down(10)
    page.text(40, f"Benefit of this claim: {_money(claim.total('paid_cents'), sign=True)}, "
              f"issued with {_issued(r)}.")  # fmt: skip
    page.down(12)
    page.text(40, "Your patient owes deductible, copay, coinsurance and expense not covered by "
              "the plan.", size=8)  # fmt: skip


def _issued(r: Remittance) -> str:
    return f"{method(r, 'check', 'EFT')} {r.payment_number} of {_PRINT.day(r.payment_on)}"


def _claim_a_sheet(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, face="Times-Roman", bold="Times-Bold", size=9)
    for claim in r.claims:
        _claim(page, claim)
        page.turn()
    _reconciliation(page)


def _reconciliation(page: Paper) -> None:
    """The last sheet: what the check is made of."""
    r = page.remittance
    page.down(10)
    page.text(318, method(r, "CHECK RECONCILIATION", "EFT RECONCILIATION"), "c", bold=True, size=11)
    page.down(24)
    for label, value in (
        ("Payee:", r.payee.name),
        (method(r, "Check number:", "EFT number:"), r.payment_number),
        (method(r, "Check date:", "EFT date:"), _PRINT.day(r.payment_on)),
    ):  # fmt: skip
        page.text(230, label, "r", face="Times-Italic")
        page.text(240, value)
        page.down(13)
    page.down(12)
    words = {"WO": "Recovery of an overpaid claim,", "FB": "Balance carried forward,",
             "L6": "Prompt payment interest,"}  # fmt: skip
    rows = [(f"Claim {claim.claim_number}  {claim.patient}", claim.total("paid_cents"))
            for claim in r.claims]  # fmt: skip
    rows += [(f"{words[a.code]} {a.reference}", -a.cents) for a in r.provider_adjustments]
    for place, (label, cents) in enumerate(rows):
        page.room(30)
        page.text(110, label)
        page.text(500, _money(cents, sign=place == 0), "r")
        page.down(13)
    page.rule(430, 500, dy=9)
    page.text(110, method(r, "Amount of check", "Amount of transfer"), bold=True)
    page.text(500, _money(r.total_paid_cents, sign=True), "r", bold=True)
    page.rule(430, 500, dy=-3)
    page.rule(430, 500, dy=-5)


CLAIM_A_SHEET = Layout("claim_a_sheet", _TRAITS, _claim_a_sheet)
