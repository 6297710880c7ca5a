"""Layouts without rulings: a commercial payer's notes, payment first, reasons beside amounts."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print, verdana, wrapped
from bench.remittances.traits import Traits

# service_notes: wrapped descriptions, date ranges, own notes explained below

_NOTES_OWN = {
    "CO-97": ("A17", "This service is part of another procedure billed the same day."),
    "CO-18": ("D02", "We have already processed this charge. It is a duplicate."),
    "CO-29": ("T90", "The charge was received after the filing limit."),
    "PR-96": ("N11", "Your plan does not cover this service."),
    "PR-204": ("N25", "This service is not covered under the member's current benefit plan."),
}
_NOTES = Traits(
    "medical", "own", frozenset({"CO-45", "PR-1", "PR-2", "PR-3"}), frozenset(_NOTES_OWN), 1,
    modifiers=True, ranges=True, plb_code=False, own=_NOTES_OWN,
)  # fmt: skip
_PLAIN = Print(days="%m/%d/%y")
_NOTES_COLUMNS = (
    Column(("Service", "Dates"), 36), Column(("Procedure", "Description"), 104),
    Column(("Submitted", "Charges"), 250, "r"), Column(("Network", "Savings"), 294, "r"),
    Column(("Plan", "Allowance"), 340, "r"), Column(("Amount", "Not Payable"), 388, "r"),
    Column(("See", "Notes"), 395), Column(("Deduct-", "ible"), 446, "r"),
    Column(("Coin-", "surance"), 486, "r"), Column(("Co-", "pay"), 515, "r"),
    Column(("Patient", "Owes"), 548, "r"), Column(("Plan", "Paid"), 588, "r"),
)  # fmt: skip


def _notes_header(page: Paper) -> None:
    r = page.remittance
    page.text(36, r.payer.name, bold=True, size=13)
    page.text(588, "Explanation of Payment", "r", size=12)
    page.down(12)
    page.text(36, f"{r.payer.street}, {r.payer.town}")
    page.text(588, f"Page {page.number}", "r")
    page.down(22)
    pairs = (
        ("Provider:", r.payee.name, method(r, "Check No.:", "EFT No.:"), r.payment_number),
        ("Provider TIN:", r.payee.tax_id, "Date Issued:", f"{r.payment_on:%m/%d/%Y}"),
        ("NPI:", r.payee.npi, "Amount of Payment:", f"${_PLAIN.money(r.total_paid_cents)}"),
    )
    for left, value, right, other in pairs:
        page.text(36, left, bold=True)
        page.text(100, value)
        page.text(370, right, bold=True)
        page.text(470, other)
        page.down(11)
    page.down(14)
    page.heads(_NOTES_COLUMNS, size=7)
    page.down(13)


def _notes_cells(line: Line) -> list[Cell]:
    m = _PLAIN.money
    end = line.service_end_on or line.service_on
    days = _PLAIN.day(line.service_on)
    days = days if end == line.service_on else f"{days}-{_PLAIN.day(end)}"
    code = "-".join((line.procedure, *line.modifiers))
    note = " ".join(a.own for a in line.adjustments if a.own)
    return [
        days, [code, *wrapped(line.description, 24)], m(line.charged_cents),
        m(line.amount("CO-45")), m(line.allowed_cents), m(line.amount(*_NOTES_OWN)), note,
        m(line.amount("PR-1")), m(line.amount("PR-2")), m(line.amount("PR-3")),
        m(line.patient_cents), m(line.paid_cents),
    ]  # fmt: skip


def _notes_claim(page: Paper, claim: Claim) -> None:
    page.room(75)
    kind = "   (Reversal of a previous payment)" if claim.status == "22" else ""
    page.text(36, f"Patient: {claim.patient}{kind}", bold=True)
    page.text(300, f"Member ID: {claim.member_id}")
    page.text(440, f"Claim ID: {claim.claim_number}")
    page.down(11)
    page.text(36, f"Patient Acct #: {claim.account}")
    page.text(300, f"Rendering Provider: {claim.provider}")
    page.down(14)
    for line in claim.lines:
        cells = _notes_cells(line)
        page.room(9 * len(cells[1]) + 6)
        page.row(_NOTES_COLUMNS, cells, size=7, leading=8.5)
        page.down(11)
    m = _PLAIN.money
    sums = [m(claim.total("charged_cents")), m(claim.amount("CO-45")),
            m(claim.total("allowed_cents")), m(claim.amount(*_NOTES_OWN)), "",
            m(claim.amount("PR-1")), m(claim.amount("PR-2")), m(claim.amount("PR-3")),
            m(claim.total("patient_cents")), m(claim.total("paid_cents"))]  # fmt: skip
    page.row(_NOTES_COLUMNS, ["Totals", "", *sums], bold=True, size=7)
    page.down(22)


def _service_notes(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _notes_header, size=8)
    for claim in r.claims:
        _notes_claim(page, claim)
    page.room(80)
    words = {"WO": "Overpayment recovery", "FB": "Forwarding balance", "L6": "Interest paid"}
    page.text(300, "Total benefits paid")
    page.text(588, _PLAIN.money(r.claims_cents), "r")
    page.down(11)
    for entry in r.provider_adjustments:
        page.text(300, f"{words[entry.code]}, reference {entry.reference}")
        page.text(588, _PLAIN.money(-entry.cents), "r")
        page.down(11)
    page.text(300, "Amount of Payment", bold=True)
    page.text(588, f"${_PLAIN.money(r.total_paid_cents)}", "r", bold=True)
    page.down(24)
    if r.legend:
        page.text(36, "Notes", bold=True)
        page.down(11)
        for code, text in r.legend:
            page.text(36, f"{code} - {text}")
            page.down(10)


# payment_first: columns from what was paid back to what was billed and when

_BACKWARD = Traits(
    "medical", "grouped", coded=frozenset({"CO-45", "CO-97", "CO-29", "PR-1", "PR-2", "PR-3",
    "PR-96", "OA-23", "CO-59"}), most_coded=4, modifiers=True, remarks=True, plb_code=True,
)  # fmt: skip
_DOLLARS = Print(dollar=True, days="%b %d, %Y")
_BACKWARD_COLUMNS = (
    Column(("Benefit",), 92, "r"), Column(("Member Liability",), 172, "r"),
    Column(("Group/Reason", "and Amount"), 190), Column(("Remark",), 280),
    Column(("Eligible",), 372, "r"), Column(("Charge",), 432, "r"),
    Column(("Service Code",), 450), Column(("Performed",), 520),
)  # fmt: skip


def _backward_header(page: Paper) -> None:
    r = page.remittance
    page.text(306, r.payer.name, "c", bold=True, size=14)
    page.down(13)
    page.text(306, f"{r.payer.street} - {r.payer.town}", "c")
    page.down(18)
    page.text(306, "STATEMENT OF BENEFITS PAID TO PROVIDER", "c", bold=True, size=10)
    page.down(20)
    page.text(40, f"Paid to {r.payee.name}")
    page.text(330, f"NPI {r.payee.npi}")
    page.text(450, f"Federal Tax ID {r.payee.tax_id}")
    page.down(12)
    page.text(40, f"{method(r, 'Draft Number', 'ACH Number')} {r.payment_number}")
    page.text(230, f"Dated {_DOLLARS.day(r.payment_on)}")
    page.text(400, f"Net Payment {_DOLLARS.money(r.total_paid_cents)}", bold=True)
    page.text(572, f"page {page.number}", "r", size=6.5)
    page.down(22)


def _backward_cells(line: Line) -> list[Cell]:
    m = _DOLLARS.money
    return [
        m(line.paid_cents), m(line.patient_cents),
        [f"{a.group}{a.code} {m(a.cents)}" for a in line.adjustments], list(line.remarks),
        m(line.allowed_cents), m(line.charged_cents), " ".join((line.procedure, *line.modifiers)),
        _DOLLARS.day(line.service_on),
    ]  # fmt: skip


def _payment_first(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _backward_header, face="Times-Roman", bold="Times-Bold", size=8.5)
    m = _DOLLARS.money
    for claim in r.claims:
        page.room(86)
        kind = "CORRECTION: this payment is taken back" if claim.status == "22" else ""
        page.text(40, f"{claim.patient}", bold=True, size=9.5)
        page.text(200, f"ID No. {claim.member_id}")
        page.text(330, f"Your Account No. {claim.account}")
        page.text(480, kind, size=7)
        page.down(11)
        page.text(40, f"Claim Reference {claim.claim_number}")
        page.text(330, f"Services of {claim.provider}")
        page.down(15)
        page.heads(_BACKWARD_COLUMNS, size=7.5)
        page.down(12)
        for line in claim.lines:
            cells = _backward_cells(line)
            page.room(10 * max(1, len(line.adjustments)) + 4)
            page.row(_BACKWARD_COLUMNS, cells)
            page.down(11)
        page.row(_BACKWARD_COLUMNS, [m(claim.total("paid_cents")), m(claim.total("patient_cents")),
                 "Claim subtotal", "", m(claim.total("allowed_cents")),
                 m(claim.total("charged_cents")), "", ""], bold=True)  # fmt: skip
        page.down(24)
    page.room(50)
    for entry in r.provider_adjustments:
        page.text(40, f"Provider level adjustment {entry.code} for {entry.reference}")
        page.text(372, m(-entry.cents), "r")
        page.down(12)
    page.text(40, "Net Payment", bold=True)
    page.text(372, m(r.total_paid_cents), "r", bold=True)


# reason_pairs: two pairs of reason and amount, no amount allowed, no patient's share

_PAIRS = Traits(
    "dental", "carc", coded=frozenset({"CO-45", "CO-97", "CO-18", "PR-1", "PR-2", "PR-3", "PR-96",
    "PR-119"}), most_coded=2, allowed=False, share=False, plb_code=False,
    who=frozenset({"patient_name", "member_id", "patient_account", "claim_number"}),
)  # fmt: skip
_DASHED = Print(zero="-", days="%m-%d-%y", negative="paren")
_PAIR_COLUMNS = (
    Column(("DOS",), 40), Column(("ADA Code",), 108), Column(("Fee Billed",), 236, "r"),
    Column(("Rsn 1",), 262), Column(("Adj 1",), 348, "r"), Column(("Rsn 2",), 372),
    Column(("Adj 2",), 458, "r"), Column(("Net Paid",), 562, "r"),
)  # fmt: skip


def _pairs_header(page: Paper) -> None:
    r = page.remittance
    page.text(40, r.payer.name, bold=True, size=11)
    page.down(12)
    page.text(40, r.payer.street, size=7)
    page.down(9)
    page.text(40, r.payer.town, size=7)
    page.down(20)
    page.text(40, "REMITTANCE STATEMENT", bold=True, size=9)
    page.text(572, f"Page: {page.number}", "r", size=7)
    page.down(14)
    for label, value, other, second in (
        ("Payee", r.payee.name, method(r, "Check #", "Trace #"), r.payment_number),
        ("NPI", r.payee.npi, "Check Date" if r.payment_method == "CHK" else "EFT Date",
         f"{r.payment_on:%m-%d-%Y}"),
        ("EIN", r.payee.tax_id, "Net Check Amount", _DASHED.money(r.total_paid_cents)
         if r.total_paid_cents else "0.00"),
    ):  # fmt: skip
        page.text(40, label, size=7.5)
        page.text(90, value, size=7.5, bold=True)
        page.text(360, other, size=7.5)
        page.text(562, second, "r", size=7.5, bold=True)
        page.down(11)
    page.down(10)
    page.heads(_PAIR_COLUMNS, size=7)
    page.rule(40, 572)
    page.down(14)


def _pair_cells(line: Line) -> list[Cell]:
    cells: list[Cell] = [_DASHED.day(line.service_on), line.procedure,
                         _DASHED.money(line.charged_cents)]  # fmt: skip
    for place in (0, 1):
        if place < len(line.adjustments):
            entry = line.adjustments[place]
            cells += [entry.code, _DASHED.money(entry.cents)]
        else:
            cells += ["", "-"]
    return [*cells, _DASHED.money(line.paid_cents)]


def _reason_pairs(canvas: Canvas, r: Remittance) -> None:
    verdana()
    page = Paper(canvas, r, _pairs_header, face="Vera", bold="VeraBd", size=7.5)
    for claim in r.claims:
        page.room(58)
        kind = "  [VOID]" if claim.status == "22" else ""
        page.text(40, f"{claim.last}, {claim.first}{kind}", bold=True)
        page.text(190, f"Subscriber No. {claim.member_id}", size=7)
        page.text(332, f"Pat. Acct. {claim.account}", size=7)
        page.text(446, f"Claim No. {claim.claim_number}", size=7)
        page.down(13)
        for line in claim.lines:
            page.room(12)
            page.row(_PAIR_COLUMNS, _pair_cells(line))
            page.down(11.5)
        page.rule(180, 562, dy=8)
        page.row(_PAIR_COLUMNS, ["", "", _DASHED.money(claim.total("charged_cents")), "", "", "",
                 "", _DASHED.money(claim.total("paid_cents"))], bold=True)  # fmt: skip
        page.down(20)
    page.room(50)
    words = {"WO": "Overpayment offset", "FB": "Balance forwarded", "L6": "Interest added"}
    for entry in r.provider_adjustments:
        page.text(40, f"{words[entry.code]} - {entry.reference}")
        page.text(562, _DASHED.money(-entry.cents), "r")
        page.down(12)
    page.text(40, "Net Check Amount", bold=True)
    total = _DASHED.money(r.total_paid_cents) if r.total_paid_cents else "0.00"
    page.text(562, total, "r", bold=True)


UNRULED = (
    Layout("service_notes", _NOTES, _service_notes),
    Layout("payment_first", _BACKWARD, _payment_first),
    Layout("reason_pairs", _PAIRS, _reason_pairs),
)
