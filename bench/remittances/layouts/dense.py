"""Layouts that put much in little room: cells that wrap, units like amounts, two sums a cell."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print, wrapped
from bench.remittances.traits import Traits

# wrapped_names: landscape, every row names its patient, names and services wrap, units have cents

_WRAPPED = Traits(
    "medical", "grouped", frozenset({"PR-1", "PR-2", "PR-3"}), frozenset({"CO-45", "CO-97",
    "PR-96"}), most_coded=1, units=True, modifiers=True, plb_code=True,
)  # fmt: skip
_WRAPPED_PRINT = Print(days="%m/%d/%y", negative="trailing")
_WRAPPED_COLUMNS = (
    Column(("Patient Name",), 30), Column(("Patient", "Account No."), 96),
    Column(("Member No.",), 150), Column(("Claim Ref.",), 208), Column(("Doctor",), 276),
    Column(("Svc Date",), 344), Column(("Proc / Description",), 384), Column(("Qty",), 484, "r"),
    Column(("Amt Billed",), 528, "r"), Column(("Max Allow",), 574, "r"),
    Column(("Adj Cd",), 580), Column(("Adj Amt",), 644, "r"), Column(("Deduct",), 676, "r"),
    Column(("CoIns",), 704, "r"), Column(("CoPay",), 730, "r"),
    Column(("Pt Resp", "Amt Paid"), 764, "r"),
)  # fmt: skip


def _wrapped_header(page: Paper) -> None:
    r = page.remittance
    page.text(30, f"{r.payer.name}", bold=True, size=10)
    page.text(762, f"PAGE {page.number}", "r", size=7)
    page.down(10)
    page.text(30, f"{r.payer.street}, {r.payer.town}", size=7)
    page.down(13)
    page.text(30, f"REMITTANCE ADVICE   {method(r, 'CHECK NO.', 'ACH TRACE NO.')} "
              f"{r.payment_number}   CHECK DATE {r.payment_on:%m/%d/%Y}   CHECK AMOUNT "
              f"{_WRAPPED_PRINT.money(r.total_paid_cents)}", bold=True)  # fmt: skip
    page.down(11)
    page.text(30, f"PAY TO {r.payee.name}   NPI {r.payee.npi}   TAX ID {r.payee.tax_id}")
    page.down(18)
    page.rule(30, 764, dy=8)
    page.heads(_WRAPPED_COLUMNS, size=6.6)
    page.rule(30, 764)
    page.down(12)


def _wrapped_cells(claim: Claim, line: Line) -> list[Cell]:
    m = _WRAPPED_PRINT.money
    coded = [a for a in line.adjustments if a.code not in {"1", "2", "3"}]
    code = "-".join((line.procedure, *line.modifiers))
    return [
        wrapped(f"{claim.last}, {claim.first}", 12), claim.account, claim.member_id,
        claim.claim_number, wrapped(claim.provider, 13), _WRAPPED_PRINT.day(line.service_on),
        [code, *wrapped(line.description, 24)[:2]], f"{line.units}.00", m(line.charged_cents),
        m(line.allowed_cents), f"{coded[0].group}-{coded[0].code}" if coded else "",
        m(coded[0].cents) if coded else "", m(line.amount("PR-1")), m(line.amount("PR-2")),
        m(line.amount("PR-3")), [m(line.patient_cents), m(line.paid_cents)],
    ]  # fmt: skip


def _wrapped_names(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _wrapped_header, wide=True, size=7)
    m = _WRAPPED_PRINT.money
    for claim in r.claims:
        for line in claim.lines:
            page.room(36)
            page.row(_WRAPPED_COLUMNS, _wrapped_cells(claim, line), size=6.6, leading=8)
            page.down(12)
        page.room(26)
        word = "CLAIM TOTAL (REVERSAL)" if claim.status == "22" else "CLAIM TOTAL"
        page.row(_WRAPPED_COLUMNS, [word, *[""] * 7, m(claim.total("charged_cents")),
                 m(claim.total("allowed_cents")), "", "", m(claim.amount("PR-1")),
                 m(claim.amount("PR-2")), m(claim.amount("PR-3")),
                 [m(claim.total("patient_cents")), m(claim.total("paid_cents"))]],
                 bold=True, size=6.6, leading=8)  # fmt: skip
        page.rule(30, 764, dy=-4)
        page.down(14)
    page.room(50)
    words = {"WO": "OVERPAYMENT RECOVERY", "FB": "FORWARD BALANCE", "L6": "INTEREST OWED"}
    for entry in r.provider_adjustments:
        page.text(400, f"PLB {entry.code} {words[entry.code]} {entry.reference}")
        page.text(764, m(-entry.cents), "r")
        page.down(11)
    page.text(400, "CHECK AMOUNT", bold=True)
    page.text(764, m(r.total_paid_cents), "r", bold=True)


# stacked_money: two sums over each other in one column, services numbered, frames around claims

_STACKED = Traits(
    "dental", "none", frozenset({"CO-45", "PR-1", "PR-2", "PR-96"}), frozenset(), tooth=True,
    plb_code=False,
)  # fmt: skip
_STACKED_PRINT = Print(days="%m/%d/%Y", zero="0.00", negative="minus")
_STACKED_COLUMNS = (
    Column(("No.",), 52, "r"), Column(("Service Date", "Procedure"), 64),
    Column(("Tooth", "Surface"), 140), Column(("Total Fee", "Contract Fee"), 262, "r"),
    Column(("Fee Adjustment", "Not a Benefit"), 352, "r"), Column(("Deductible", "Patient %"),
    430, "r"), Column(("Patient Pays", "Plan Pays"), 552, "r"),
)  # fmt: skip


def _stacked_header(page: Paper) -> None:
    r = page.remittance
    page.text(36, r.payer.name, bold=True, size=13)
    page.down(12)
    page.text(36, f"{r.payer.street}, {r.payer.town}", size=7.5)
    page.text(560, f"{page.number}", "r", size=7.5)
    page.down(16)
    page.text(36, "Dentist's statement of benefits", size=11)
    page.down(16)
    for x, label, value in (
        (36, "Dentist or group", r.payee.name), (210, "NPI", r.payee.npi),
        (290, "Tax number", r.payee.tax_id), (370, method(r, "Check", "Transfer"),
         r.payment_number), (460, "Issued", f"{r.payment_on:%m/%d/%Y}"),
        (520, "Total", _STACKED_PRINT.money(r.total_paid_cents)),
    ):  # fmt: skip
        page.text(x, label, size=6.5)
        page.text(x, value, bold=True, dy=-10)
    page.down(34)


def _stacked_claim(page: Paper, claim: Claim) -> None:
    m = _STACKED_PRINT.money
    page.room(100)
    kind = " (reversal)" if claim.status == "22" else ""
    page.text(40, f"Patient {claim.patient}{kind}", bold=True)
    page.text(240, f"Enrollee ID {claim.member_id}")
    page.text(380, f"Patient account {claim.account}")
    page.down(11)
    page.text(40, f"Claim {claim.claim_number}")
    page.text(240, f"Treated by {claim.provider}")
    page.down(14)
    page.heads(_STACKED_COLUMNS, size=7)
    page.rule(40, 556)
    page.down(13)
    for number, line in enumerate(claim.lines, start=1):
        page.room(24)
        page.row(_STACKED_COLUMNS, [
            str(number), [_STACKED_PRINT.day(line.service_on), line.procedure],
            [line.tooth, line.surface], [m(line.charged_cents), m(line.allowed_cents)],
            [m(line.amount("CO-45")), m(line.amount("PR-96"))],
            [m(line.amount("PR-1")), m(line.amount("PR-2"))],
            [m(line.patient_cents), m(line.paid_cents)],
        ])  # fmt: skip
        page.down(13)
    page.room(24)
    page.rule(200, 556, dy=9)
    page.row(_STACKED_COLUMNS, ["", "Claim total", "", [m(claim.total("charged_cents")),
             m(claim.total("allowed_cents"))], [m(claim.amount("CO-45")), m(claim.amount("PR-96"))],
             [m(claim.amount("PR-1")), m(claim.amount("PR-2"))],
             [m(claim.total("patient_cents")), m(claim.total("paid_cents"))]],
             bold=True)  # fmt: skip
    page.down(26)


def _stacked_money(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _stacked_header, size=8)
    m = _STACKED_PRINT.money
    for claim in r.claims:
        _stacked_claim(page, claim)
    page.room(46)
    words = {"WO": "Overpaid earlier, kept back", "FB": "Balance forward", "L6": "Interest"}
    for entry in r.provider_adjustments:
        page.text(300, f"{words[entry.code]} ({entry.reference})")
        page.text(552, m(-entry.cents), "r")
        page.down(11)
    page.text(300, "Total", bold=True)
    page.text(552, m(r.total_paid_cents), "r", bold=True)


DENSE = (
    Layout("wrapped_names", _WRAPPED, _wrapped_names),
    Layout("stacked_money", _STACKED, _stacked_money),
)
