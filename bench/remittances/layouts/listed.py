"""Layouts of long lists: reasons in rows of their own, terse heads, sums carried over pages."""

from __future__ import annotations

from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print, verdana
from bench.remittances.traits import Traits

# reason_rows: every reason stands in a row below its service, in words, with group and code

_ROWS = Traits(
    "medical", "grouped", coded=frozenset({"CO-45", "CO-97", "CO-18", "CO-253", "PR-1", "PR-2",
    "PR-3", "PR-96", "OA-23"}), most_coded=4, modifiers=True, units=True, ranges=True,
    plb_code=False,
)  # fmt: skip
_WORDS = {
    "CO-45": "Contractual reduction", "CO-97": "Bundled service", "CO-18": "Duplicate",
    "CO-253": "Sequestration", "PR-1": "Deductible", "PR-2": "Coinsurance", "PR-3": "Copayment",
    "PR-96": "Non-covered", "OA-23": "Paid by other carrier",
}  # fmt: skip
_ROWS_PRINT = Print(negative="paren", days="%m/%d/%Y")
_ROWS_COLUMNS = (
    Column(("Dates of Service",), 54), Column(("Procedure",), 168), Column(("Units",), 252, "r"),
    Column(("Total Charge",), 322, "r"), Column(("Covered Amount",), 398, "r"),
    Column(("Patient Liability",), 478, "r"), Column(("Net Payment",), 566, "r"),
)  # fmt: skip


def _rows_header(page: Paper) -> None:
    r = page.remittance
    page.text(36, r.payer.name.upper(), bold=True, size=11)
    page.text(576, f"Page {page.number}", "r", size=7)
    page.down(11)
    page.text(36, f"{r.payer.street}, {r.payer.town}", size=7.5)
    page.down(18)
    page.text(36, "NOTICE OF CLAIM PAYMENT TO PROVIDER", bold=True, size=10)
    page.down(14)
    for left, right in (
        (f"Payee Name: {r.payee.name}", f"Payment Date: {r.payment_on:%m/%d/%Y}"),
        (f"Payee NPI: {r.payee.npi}   Payee Tax ID: {r.payee.tax_id}",
         f"{method(r, 'Check Number', 'EFT Trace Number')}: {r.payment_number}"),
    ):  # fmt: skip
        page.text(36, left)
        page.text(380, right)
        page.down(11)
    if page.number == 1:
        page.text(380, f"Total Payment: {_ROWS_PRINT.money(r.total_paid_cents)}", bold=True)
    page.down(18)
    page.heads(_ROWS_COLUMNS, size=7.8)
    page.rule(36, 576)
    page.down(15)


def _rows_line(page: Paper, line: Line) -> None:
    m = _ROWS_PRINT.money
    page.room(12 + 10 * len(line.adjustments))
    end = line.service_end_on or line.service_on
    page.row(_ROWS_COLUMNS, [
        f"{_ROWS_PRINT.day(line.service_on)} - {_ROWS_PRINT.day(end)}",
        "/".join((line.procedure, *line.modifiers)), str(line.units), m(line.charged_cents),
        m(line.allowed_cents), m(line.patient_cents), m(line.paid_cents),
    ])  # fmt: skip
    page.down(10)
    for entry in line.adjustments:
        key = f"{entry.group}-{entry.code}"
        page.text(78, f"{_WORDS[key]}", size=7.5)
        page.text(210, f"{entry.group} {entry.code}", size=7.5)
        page.text(322, m(entry.cents), "r", size=7.5)
        page.down(10)
    page.down(2)


def _reason_rows(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _rows_header, face="Times-Roman", bold="Times-Bold", size=8.6)
    m = _ROWS_PRINT.money
    for claim in r.claims:
        page.room(70)
        kind = " - REVERSAL" if claim.status == "22" else ""
        page.text(36, f"{claim.last.upper()}, {claim.first.upper()}{kind}", bold=True)
        page.text(210, f"Insured ID {claim.member_id}")
        page.text(330, f"Pt. Acct. No. {claim.account}")
        page.text(450, f"Claim ID {claim.claim_number}")
        page.down(10.5)
        page.text(54, f"Performing Provider: {claim.provider}")
        page.down(12)
        for line in claim.lines:
            _rows_line(page, line)
        page.rule(260, 566, dy=8)
        page.row(_ROWS_COLUMNS, ["", "Claim Totals", "", m(claim.total("charged_cents")),
                 m(claim.total("allowed_cents")), m(claim.total("patient_cents")),
                 m(claim.total("paid_cents"))], bold=True)  # fmt: skip
        page.down(22)
    page.room(50)
    words = {"WO": "Recovery of overpayment", "FB": "Balance forward", "L6": "Interest"}
    for entry in r.provider_adjustments:
        page.text(330, f"{words[entry.code]}: {entry.reference}")
        page.text(566, m(-entry.cents), "r")
        page.down(11)
    page.text(330, "Total Payment", bold=True)
    page.text(566, m(r.total_paid_cents), "r", bold=True)


# terse_codes: abbreviated heads, compact dates, letters for reasons explained at the foot

_TERSE_OWN = {
    "CO-97": ("B", "INCLUDED IN ANOTHER PROCEDURE"),
    "CO-18": ("D", "DUPLICATE CHARGE"),
    "CO-29": ("F", "FILING LIMIT EXCEEDED"),
    "PR-96": ("N", "SERVICE NOT COVERED"),
    "PR-119": ("X", "MAXIMUM BENEFIT PAID"),
}
_TERSE = Traits(
    "dental", "own", frozenset({"CO-45", "PR-1", "PR-2"}), frozenset(_TERSE_OWN), 1, share=False,
    tooth=True, plb_code=True, own=_TERSE_OWN,
    who=frozenset({"patient_name", "member_id", "claim_number", "patient_account"}),
)  # fmt: skip
_TERSE_PRINT = Print(comma=False, zero="0.00", days="%Y%m%d", negative="minus")
_TERSE_COLUMNS = (
    Column(("SVC DT",), 40), Column(("TTH",), 94), Column(("CD",), 130), Column(("CHG",), 206, "r"),
    Column(("ALW",), 262, "r"), Column(("DISC",), 318, "r"), Column(("N/C",), 374, "r"),
    Column(("RC",), 386, "c"), Column(("DED",), 438, "r"), Column(("COINS",), 494, "r"),
    Column(("PD",), 564, "r"),
)  # fmt: skip


def _terse_header(page: Paper) -> None:
    r = page.remittance
    page.text(40, f"{r.payer.name}   EXPLANATION OF BENEFITS - PROVIDER COPY", bold=True)
    page.text(564, f"PG {page.number}", "r")
    page.down(11)
    page.text(40, f"PROV {r.payee.name}  NPI {r.payee.npi}  TIN {r.payee.tax_id}")
    page.down(11)
    paid = f"DATE PAID {r.payment_on:%m/%d/%Y}  AMT PAID {_TERSE_PRINT.money(r.total_paid_cents)}"
    page.text(40, f"{method(r, 'CHK NO', 'EFT NO')} {r.payment_number}  {paid}")
    page.down(20)
    page.heads(_TERSE_COLUMNS)
    page.down(13)


def _terse_cells(line: Line) -> list[Cell]:
    m = _TERSE_PRINT.money
    code = next((a.own for a in line.adjustments if a.own), "")
    return [
        _TERSE_PRINT.day(line.service_on), f"{line.tooth}{line.surface}", line.procedure,
        m(line.charged_cents), m(line.allowed_cents), m(line.amount("CO-45")),
        m(line.amount(*_TERSE_OWN)), code, m(line.amount("PR-1")), m(line.amount("PR-2")),
        m(line.paid_cents),
    ]  # fmt: skip


def _terse_codes(canvas: Canvas, r: Remittance) -> None:
    verdana()
    page = Paper(canvas, r, _terse_header, face="Vera", bold="VeraBd", size=7)
    m = _TERSE_PRINT.money
    for claim in r.claims:
        page.room(50)
        kind = " (REV)" if claim.status == "22" else ""
        page.text(40, f"PT {claim.patient.upper()}{kind}", bold=True)
        page.text(210, f"SUBSCR ID {claim.member_id}")
        page.text(340, f"PT ACCT {claim.account}")
        page.text(450, f"CLM NO {claim.claim_number}")
        page.down(11)
        for line in claim.lines:
            page.room(11)
            page.row(_TERSE_COLUMNS, _terse_cells(line))
            page.down(10.5)
        page.row(_TERSE_COLUMNS, ["TOT", "", "", m(claim.total("charged_cents")),
                 m(claim.total("allowed_cents")), m(claim.amount("CO-45")),
                 m(claim.amount(*_TERSE_OWN)), "", m(claim.amount("PR-1")),
                 m(claim.amount("PR-2")), m(claim.total("paid_cents"))], bold=True)  # fmt: skip
        page.down(19)
    page.room(60 + 10 * len(r.legend))
    words = {"WO": "OVERPAYMENT RECOVERY", "FB": "BALANCE FWD", "L6": "INTEREST"}
    for entry in r.provider_adjustments:
        page.text(40, f"PROVIDER ADJ {entry.code} {words[entry.code]} {entry.reference}")
        page.text(564, m(-entry.cents), "r")
        page.down(11)
    page.text(40, "AMT PAID", bold=True)
    page.text(564, m(r.total_paid_cents), "r", bold=True)
    page.down(20)
    for code, text in r.legend:
        page.text(40, f"RC {code} = {text}")
        page.down(10)


# carried_forward: grouped by provider with subtotals, sums carried from page to page

_CARRIED = Traits(
    "medical", "grouped", frozenset({"PR-1"}), frozenset({"CO-45", "CO-97", "CO-29", "PR-2",
    "PR-3", "PR-96", "OA-23"}), most_coded=2, modifiers=True, plb_code=True,
)  # fmt: skip
_CARRIED_PRINT = Print(days="%-m/%-d/%y", negative="minus")
_CARRIED_COLUMNS = (
    Column(("Service", "rendered"), 34), Column(("Service", "code"), 116),
    Column(("Provider", "charges"), 234, "r"), Column(("Considered", "charges"), 290, "r"),
    Column(("Less", "deductible"), 340, "r"), Column(("Other reductions", "reason / amount"), 348),
    Column(("Balance due", "from patient"), 482, "r"), Column(("Benefit", "payable"), 578, "r"),
)  # fmt: skip


def _carried_header(page: Paper) -> None:
    r = page.remittance
    page.text(30, r.payer.name, bold=True, size=12)
    page.text(582, f"{r.payment_on:%B %d, %Y}", "r")
    page.down(11)
    page.text(30, f"{r.payer.street}, {r.payer.town}", size=7)
    page.text(582, f"Page {page.number}", "r", size=7)
    page.down(16)
    page.text(30, f"Provider voucher for {r.payee.name}  (NPI {r.payee.npi}, Tax ID "
              f"{r.payee.tax_id})", size=8.5)  # fmt: skip
    page.down(12)
    page.text(30, f"{method(r, 'Check No.', 'EFT No.')} {r.payment_number}", bold=True)
    page.text(230, f"Paid on {r.payment_on:%m/%d/%Y}")
    page.text(400, f"Amount paid ${_CARRIED_PRINT.money(r.total_paid_cents)}", bold=True)
    page.down(24)
    page.rule(30, 582, dy=10)
    page.heads(_CARRIED_COLUMNS, size=7.3)
    page.rule(30, 582)
    page.down(14)


class _Carrying:
    """The page and the payments listed so far, carried over each page's end."""

    def __init__(self, page: Paper) -> None:
        self.page, self.cents = page, 0

    def room(self, points: float) -> None:
        """Turn the page when it is full, with the sum at its foot and at the next one's head."""
        page = self.page
        if page.y - points >= page.bottom + 16:
            return
        page.text(348, "Carried forward", size=7.5)
        page.text(578, _CARRIED_PRINT.money(self.cents), "r", size=7.5)
        page.turn()
        page.text(348, "Brought forward", size=7.5)
        page.text(578, _CARRIED_PRINT.money(self.cents), "r", size=7.5)
        page.down(13)


def _carried_line(carrying: _Carrying, line: Line) -> None:
    page, m = carrying.page, _CARRIED_PRINT.money
    others = [a for a in line.adjustments if f"{a.group}-{a.code}" != "PR-1"]
    carrying.room(9 * max(1, len(others)) + 3)
    page.row(_CARRIED_COLUMNS, [
        _CARRIED_PRINT.day(line.service_on), " ".join((line.procedure, *line.modifiers)),
        m(line.charged_cents), m(line.allowed_cents), m(line.amount("PR-1")),
        [f"{a.group}-{a.code}  {m(a.cents)}" for a in others], m(line.patient_cents),
        m(line.paid_cents),
    ], size=7.6)  # fmt: skip
    page.down(10.5)
    carrying.cents += line.paid_cents


def _carried_claim(carrying: _Carrying, claim: Claim) -> None:
    page, m = carrying.page, _CARRIED_PRINT.money
    carrying.room(44)
    kind = "  (adjustment of an earlier payment)" if claim.status == "22" else ""
    page.text(34, f"{claim.patient}{kind}", bold=True)
    page.text(250, f"Certificate {claim.member_id}   Patient no. {claim.account}   "
              f"Claim no. {claim.claim_number}", size=7.5)  # fmt: skip
    page.down(11.5)
    for line in claim.lines:
        _carried_line(carrying, line)
    carrying.room(14)
    page.row(_CARRIED_COLUMNS, ["Patient total", "", m(claim.total("charged_cents")),
             m(claim.total("allowed_cents")), m(claim.amount("PR-1")), "",
             m(claim.total("patient_cents")), m(claim.total("paid_cents"))],
             bold=True, size=7.6)  # fmt: skip
    page.down(17)


def _carried_forward(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _carried_header, size=8)
    carrying = _Carrying(page)
    m = _CARRIED_PRINT.money
    for provider, group in groupby(r.claims, lambda claim: claim.provider):
        claims = list(group)
        carrying.room(60)
        page.tint(30, 582, 12, 0.9)
        page.text(34, f"Services of {provider}", bold=True)
        page.down(15)
        for claim in claims:
            _carried_claim(carrying, claim)
        carrying.room(20)
        page.text(250, f"Total for {provider}", bold=True, size=7.6)
        page.text(578, m(sum(c.total("paid_cents") for c in claims)), "r", bold=True, size=7.6)
        page.down(18)
    carrying.room(50)
    page.rule(348, 582, dy=10)
    page.text(348, "Total benefits payable")
    page.text(578, m(r.claims_cents), "r")
    page.down(12)
    words = {"WO": "Overpayment offset", "FB": "Forward balance", "L6": "Interest added"}
    for entry in r.provider_adjustments:
        page.text(300, f"{words[entry.code]} {entry.code} {entry.reference}")
        page.text(578, m(-entry.cents), "r")
        page.down(12)
    page.text(348, "Amount paid", bold=True)
    page.text(578, f"${m(r.total_paid_cents)}", "r", bold=True)


LISTED = (
    Layout("reason_rows", _ROWS, _reason_rows),
    Layout("terse_codes", _TERSE, _terse_codes),
    Layout("carried_forward", _CARRIED, _carried_forward),
)
