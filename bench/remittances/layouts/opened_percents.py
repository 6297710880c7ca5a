"""The opened layout `covered_percents`: a dental plan's landscape statement of approved fees."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print, verdana, wrapped
from bench.remittances.traits import Traits

_OWN = {
    "CO-45": ("P10", "The fee is above what participating dentists have agreed to charge."),
    "CO-97": ("P22", "The fee for this service is part of another service's approved fee."),
    "CO-29": ("P35", "The statement of treatment reached us after the contract's time for it."),
    "PR-96": ("S40", "The group's contract has no benefit for this service."),
    "PR-119": ("S51", "Benefits of this contract year have been paid in full."),
}
_TRAITS = Traits(
    "dental", "own", frozenset({"PR-1"}), frozenset(_OWN), 1, frozenset({"PR-2"}), tooth=True,
    plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(negative="paren", days="%b %d, %Y")
_LEFT, _END = 36, 756
_WHO = (
    Column(("Patient",), 42), Column(("Subscriber ID",), 230), Column(("Office account",), 350),
    Column(("Statement claim",), 470), Column(("Dentist",), 610),
)  # fmt: skip
_COLUMNS = (
    Column(("Date of", "service"), 42), Column(("Procedure",), 108), Column(("Tooth",), 332, "c"),
    Column(("Surface",), 366, "c"), Column(("Submitted", "amount"), 436, "r"),
    Column(("Approved", "amount"), 494, "r"), Column(("Not", "approved"), 548, "r"),
    Column(("See",), 554), Column(("Deductible",), 614, "r"), Column(("Covered", "percent"),
    645, "c"), Column(("Patient", "payment"), 702, "r"), Column(("Plan", "payment"), 752, "r"),
)  # fmt: skip
_NARROW = 90


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(_LEFT, r.payer.name, bold=True, size=13)
    page.text(_END, "Dental benefit statement", "r", size=11)
    page.down(12)
    page.text(_LEFT, f"{r.payer.street}, {r.payer.town}", size=6.5)
    page.text(_END, f"{page.number}", "r", size=6.5)
    page.rule(_LEFT, _END, dy=-6, pt=1.6)
    page.down(26)
    if page.number == 1:
        page.text(_LEFT, r.payee.name, bold=True, size=9)
        page.text(_END, f"Billing NPI {r.payee.npi}", "r")
        page.down(11)
        page.text(_LEFT, f"{r.payee.street}, {r.payee.town}")
        page.text(_END, f"Taxpayer ID {r.payee.tax_id}", "r")
        page.down(20)
        sent = method(r, "check number", "electronic payment number")
        page.text(_LEFT, f"This statement explains {sent} {r.payment_number}, issued "
                  f"{r.payment_on:%B} {r.payment_on.day}, {r.payment_on.year} in the amount of "
                  f"${_PRINT.money(r.total_paid_cents)}.", size=8)  # fmt: skip
        page.down(24)


def _percent(line: Line) -> str:
    base = line.allowed_cents - line.amount("PR-1")
    return f"{round(100 * line.paid_cents / base)}%" if base else "0%"


def _cells(line: Line) -> list[Cell]:
    m = _PRINT.money
    return [
        _PRINT.day(line.service_on), f"{line.procedure} {wrapped(line.description, 44)[0]}",
        line.tooth, line.surface, m(line.charged_cents), m(line.allowed_cents),
        m(line.amount(*_OWN)), next((a.own for a in line.adjustments if a.own), ""),
        m(line.amount("PR-1")), _percent(line), m(line.patient_cents), m(line.paid_cents),
    ]  # fmt: skip


def _heads(page: Paper) -> None:
    page.rule(_LEFT, _END, dy=9, pt=0.4)
    page.heads(_COLUMNS, size=6.6, leading=8, narrow=_NARROW)
    page.rule(_LEFT, _END, dy=-3.5, pt=0.4)
    page.down(13)


def _claim(page: Paper, claim: Claim) -> None:
    """Who it is about under small words, its services, and their totals between rules."""
    m = _PRINT.money
    page.room(104)
    page.row(_WHO, [column.head[0] for column in _WHO], size=6)
    page.down(10)
    page.row(_WHO, [claim.patient, claim.member_id, claim.account, claim.claim_number,
             claim.provider], bold=True, size=7.6)  # fmt: skip
    page.down(13)
    if claim.status == "22":
        page.text(42, "We reverse what we paid for these services.", face="VeraIt")
        page.down(13)
    page.down(3)
    _heads(page)
    for line in claim.lines:
        if page.room(13):
            page.text(42, f"{claim.patient}, further services", face="VeraIt")
            page.down(16)
            _heads(page)
        page.row(_COLUMNS, _cells(line), narrow=_NARROW)
        page.down(12)
    page.room(16)
    page.rule(_LEFT, _END, dy=9, pt=0.4)
    page.row(_COLUMNS, [
        "Total", "", "", "", m(claim.total("charged_cents")), m(claim.total("allowed_cents")),
        m(claim.amount(*_OWN)), "", m(claim.amount("PR-1")), "", m(claim.total("patient_cents")),
        m(claim.total("paid_cents")),
    ], bold=True, narrow=86)  # fmt: skip
    page.down(30)


def _covered_percents(canvas: Canvas, r: Remittance) -> None:
    verdana()
    page = Paper(canvas, r, _header, wide=True, face="Vera", bold="VeraBd", size=7)
    for claim in r.claims:
        _claim(page, claim)
    words = {"WO": "Withheld for an earlier overpayment", "FB": "Withheld for a balance left over",
             "L6": "Interest paid to you"}  # fmt: skip
    rows = [("Plan payments", r.claims_cents)]
    rows += [(f"{words[a.code]} {a.reference}", -a.cents) for a in r.provider_adjustments]
    rows.append((method(r, "Check amount", "Electronic payment amount"), r.total_paid_cents))
    page.room(12 * max(len(rows), len(r.legend) + 1) + 6)
    high = page.y
    for place, (label, cents) in enumerate(rows):
        last = place == len(rows) - 1
        page.text(480, label, bold=last)
        page.text(752, f"{'$' if last else ''}{_PRINT.money(cents)}", "r", bold=last)
        page.down(12)
    page.y = high
    if r.legend:
        page.text(_LEFT, "What is meant in the column See", bold=True)
        page.down(12)
    for code, text in r.legend:
        page.text(_LEFT, f"{code} = {text}", size=6.6)
        page.down(11)


COVERED_PERCENTS = Layout("covered_percents", _TRAITS, _covered_percents)
