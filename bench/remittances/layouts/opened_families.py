"""The opened layout `employer_families`: an administrator's statement, family after family."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("BX", "The plan counts this charge within another procedure that it has considered."),
    "CO-18": ("DQ", "These expenses were sent twice. The plan has considered them once."),
    "PR-96": ("NE", "The employer's plan document does not list this as an eligible expense."),
    "PR-204": ("XP", "The employer's plan document excludes this kind of treatment."),
}
_TRAITS = Traits(
    "medical", "own", frozenset({"CO-45", "PR-1", "PR-3"}), frozenset(_OWN), 1,
    frozenset({"PR-2"}), allowed=False, modifiers=True, units=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(dollar=True, days="%m-%d-%Y")
_COLUMNS = (
    Column(("Service Date",), 34), Column(("Procedure",), 86), Column(("Qty",), 150, "r"),
    Column(("Total", "Charge"), 202, "r"), Column(("Ineligible",), 252, "r"),
    Column(("Note",), 257), Column(("Network", "Discount"), 322, "r"),
    Column(("Deductible",), 368, "r"), Column(("Balance",), 420, "r"),
    Column(("Paid", "At"), 446, "r"), Column(("Co-pay",), 482, "r"),
    Column(("Plan", "Payment"), 532, "r"), Column(("Patient", "Owes"), 580, "r"),
)  # fmt: skip
_NARROW = 92
_FOOT = 100  # points from the sheet's edge to the first note, where nothing stands so low
_Labels = Sequence[tuple[float, str, str]]


def _labelled(page: Paper, *rows: _Labels) -> None:
    """Rows of labels with colons, each with its value behind it in bold."""
    for row in rows:
        for x, label, value in row:
            page.text(x, f"{label}:")
            wide = page.canvas.stringWidth(f"{label}: ", page.face, page.size)
            page.text(x + wide + 1, value, bold=True)
        page.down(11.5)


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(34, r.payer.name, bold=True, size=12)
    page.text(580, f"Page {page.number}", "r")
    page.down(11)
    page.text(34, "Administrator of employers' own health plans", size=7.5)
    page.down(20)
    number = (method(r, "Check Number", "Direct Deposit Number"), r.payment_number)
    if page.number > 1:
        _labelled(page, ((34, "Paid To", r.payee.name), (360, *number)))
        page.down(8)
        return
    page.text(34, "STATEMENT TO PROVIDER OF SERVICE", bold=True, size=10)
    page.down(18)
    _labelled(
        page,
        ((34, "Paid To", r.payee.name), (360, "Date Paid", _PRINT.day(r.payment_on))),
        ((34, "Address", f"{r.payee.street}, {r.payee.town}"), (360, *number)),
        ((34, "Tax ID Number", r.payee.tax_id), (360, "NPI Paid", r.payee.npi)),
        ((34, "Questions", f"{r.payer.street}, {r.payer.town}"),),
    )
    page.down(8)


def _paid_at(line: Line, balance: int) -> str:
    """The percentage of the balance that the plan pays before the co-pay is taken off."""
    return f"{round(100 * (balance - line.amount('PR-2')) / balance)}%" if balance else ""


def _cells(line: Line) -> list[Cell]:
    m = _PRINT.money
    balance = line.allowed_cents - line.amount("PR-1")
    return [
        _PRINT.day(line.service_on), " ".join((line.procedure, *line.modifiers)), str(line.units),
        m(line.charged_cents), m(line.amount(*_OWN)),
        next((a.own for a in line.adjustments if a.own), ""), m(line.amount("CO-45")),
        m(line.amount("PR-1")), m(balance), _paid_at(line, balance), m(line.amount("PR-3")),
        m(line.paid_cents), m(line.patient_cents),
    ]  # fmt: skip


def _heads(page: Paper) -> None:
    page.heads(_COLUMNS, size=7.2, leading=8, bold=False, narrow=_NARROW)
    page.rule(34, 580, pt=0.4)
    page.down(12)


def _claim(page: Paper, claim: Claim) -> None:
    m = _PRINT.money
    page.room(92)
    action = "Reversal of prior payment" if claim.status == "22" else "Processed for payment"
    _labelled(
        page,
        ((46, "Patient", claim.patient), (250, "Claim ID", claim.claim_number),
         (400, "Action", action)),
        ((46, "Treated By", claim.provider), (250, "Your Account", claim.account)),
    )  # fmt: skip
    page.down(5)
    _heads(page)
    for line in claim.lines:
        if page.room(12):
            _heads(page)
        page.row(_COLUMNS, _cells(line), size=7.4, narrow=_NARROW)
        page.down(11)
    page.down(3)
    page.room(14)
    _labelled(page, (
        (46, "Claim Charges", m(claim.total("charged_cents"))),
        (250, "Plan Payment", m(claim.total("paid_cents"))),
        (400, "Patient Owes", m(claim.total("patient_cents"))),
    ))  # fmt: skip
    page.down(10)


def _employer_families(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=8)
    for number, (member, claims) in enumerate(groupby(r.claims, lambda one: one.member_id), 1):
        page.room(116)
        page.rule(34, 580, dy=10, pt=1)
        page.text(34, f"FAMILY {number}", bold=True, size=9)
        _labelled(page, ((400, "Employee ID", member),))
        page.down(2)
        for claim in claims:
            _claim(page, claim)
    _summary(page)
    _notes(page)


def _summary(page: Paper) -> None:
    """What the families come to, money outside of claims, and the net payment."""
    r, m = page.remittance, _PRINT.money
    words = {"WO": "Overpayment Recovered, Ref.", "FB": "Brought Forward, Ref.",
             "L6": "Interest Added, Ref."}  # fmt: skip
    page.room(40 + 11.5 * (len(r.provider_adjustments) + 2))
    page.rule(34, 580, dy=10, pt=1)
    page.text(34, "SUMMARY OF THIS STATEMENT", bold=True, size=9)
    page.down(14)
    _labelled(page, ((46, "Number of Claims", str(len(r.claims))),
                     (250, "Plan Payments", m(r.claims_cents))))  # fmt: skip
    for entry in r.provider_adjustments:
        _labelled(page, ((250, f"{words[entry.code]} {entry.reference}", m(-entry.cents)),))
    _labelled(page, ((250, "Net Amount Paid", m(r.total_paid_cents)),))


def _notes(page: Paper) -> None:
    """The notes at the foot of the last page."""
    r = page.remittance
    if not r.legend:
        return
    page.down(10)
    page.room(16 + 10.5 * len(r.legend))
    page.y = min(page.y, max(_FOOT, page.bottom + 16 + 10.5 * len(r.legend)))
    page.rule(34, 200, dy=10, pt=0.4)
    for code, text in r.legend:
        page.text(34, f"Note {code}: {text}", size=7.5)
        page.down(10.5)


EMPLOYER_FAMILIES = Layout("employer_families", _TRAITS, _employer_families)
