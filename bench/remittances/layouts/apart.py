"""Layouts that say things twice or apart: a summary before details, reasons by line number."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print, verdana, wrapped
from bench.remittances.traits import Traits

# summary_first: a page that lists the claims, then each with its services

_CARC = frozenset({"CO-45", "CO-97", "CO-18", "CO-29", "PR-1", "PR-2", "PR-3", "PR-96", "PR-204"})
_SUMMARY = Traits("medical", "carc", coded=_CARC, most_coded=3, modifiers=True, units=True)
_LONG_DATE = Print(days="%m/%d/%Y")
_SUMMARY_COLUMNS = (
    Column(("Claim",), 40), Column(("Patient",), 150), Column(("Charges",), 380, "r"),
    Column(("Patient Resp.",), 470, "r"), Column(("Paid",), 566, "r"),
)  # fmt: skip
_DETAIL_COLUMNS = (
    Column(("Date",), 40), Column(("Service",), 96), Column(("Mod",), 136),
    Column(("Qty",), 180, "r"), Column(("Amount", "Billed"), 246, "r"),
    Column(("Amount", "Allowed"), 306, "r"), Column(("Adj", "Reason"), 346, "c"),
    Column(("Adj", "Amount"), 410, "r"), Column(("Patient", "Responsibility"), 492, "r"),
    Column(("Amount", "Paid"), 566, "r"),
)  # fmt: skip


def _summary_header(page: Paper) -> None:
    r = page.remittance
    page.tint(0, page.width, 34, 0.2, dy=-10)
    page.canvas.setFillGray(1)
    page.text(40, r.payer.name, bold=True, size=12)
    page.text(572, "Provider Remittance", "r", size=10)
    page.canvas.setFillGray(0)
    page.down(28)
    page.text(40, f"{method(r, 'Check', 'EFT')} number {r.payment_number}   |   Payment date "
              f"{r.payment_on:%m/%d/%Y}   |   Page {page.number}")  # fmt: skip
    page.down(22)


def _summary_first(canvas: Canvas, r: Remittance) -> None:
    verdana()
    page = Paper(canvas, r, _summary_header, face="Vera", bold="VeraBd", size=7.2)
    m = _LONG_DATE.money
    page.text(40, f"Payee: {r.payee.name}", bold=True)
    page.text(330, f"NPI: {r.payee.npi}   Tax ID: {r.payee.tax_id}")
    page.down(12)
    page.text(40, f"{r.payer.street}, {r.payer.town}")
    page.text(330, f"Payment amount: ${m(r.total_paid_cents)}", bold=True)
    page.down(26)
    page.text(40, "Summary of claims in this payment", bold=True, size=9)
    page.down(16)
    page.heads(_SUMMARY_COLUMNS)
    page.rule(40, 570)
    page.down(14)
    for claim in r.claims:
        page.row(_SUMMARY_COLUMNS, [claim.claim_number, claim.patient,
                 m(claim.total("charged_cents")), m(claim.total("patient_cents")),
                 m(claim.total("paid_cents"))])  # fmt: skip
        page.down(12)
    page.rule(40, 570, dy=8)
    page.row(_SUMMARY_COLUMNS, ["Total of claims", "", m(r.total("charged_cents")),
             m(r.total("patient_cents")), m(r.claims_cents)], bold=True)  # fmt: skip
    page.down(14)
    words = {"WO": "Overpayment recovery", "FB": "Forwarding balance", "L6": "Interest"}
    for entry in r.provider_adjustments:
        page.text(40, f"{words[entry.code]}  {entry.code}  {entry.reference}")
        page.text(566, m(-entry.cents), "r")
        page.down(12)
    page.text(40, "Payment amount", bold=True)
    page.text(566, f"${m(r.total_paid_cents)}", "r", bold=True)
    page.turn()
    for claim in r.claims:
        _summary_detail(page, claim)


def _summary_detail(page: Paper, claim: Claim) -> None:
    m = _LONG_DATE.money
    page.room(100)
    kind = "  (reversal)" if claim.status == "22" else ""
    page.text(40, f"Claim {claim.claim_number}{kind}", bold=True, size=8.5)
    page.down(12)
    page.text(40, f"Patient: {claim.patient}")
    page.text(230, f"Member ID: {claim.member_id}")
    page.text(370, f"Patient account: {claim.account}")
    page.down(11)
    page.text(40, f"Provider: {claim.provider}")
    page.down(15)
    page.heads(_DETAIL_COLUMNS)
    page.rule(40, 570)
    page.down(14)
    for line in claim.lines:
        page.room(10 * max(1, len(line.adjustments)) + 4)
        page.row(_DETAIL_COLUMNS, [
            _LONG_DATE.day(line.service_on), line.procedure, ",".join(line.modifiers),
            str(line.units), m(line.charged_cents), m(line.allowed_cents),
            [a.code for a in line.adjustments], [m(a.cents) for a in line.adjustments],
            m(line.patient_cents), m(line.paid_cents),
        ])  # fmt: skip
        page.down(12)
    adjusted = sum(a.cents for line in claim.lines for a in line.adjustments)
    page.rule(40, 570, dy=8.5)
    page.row(_DETAIL_COLUMNS, ["Claim total", "", "", "", m(claim.total("charged_cents")),
             m(claim.total("allowed_cents")), "", m(adjusted), m(claim.total("patient_cents")),
             m(claim.total("paid_cents"))], bold=True)  # fmt: skip
    page.down(26)


# reasons_apart: a table of services, under it a table of the reasons by line number

_APART = Traits(
    "medical", "grouped", coded=frozenset({"CO-45", "CO-97", "CO-59", "CO-253", "PR-1", "PR-2",
    "PR-3", "PR-96", "OA-23"}), most_coded=4, share=False, modifiers=True, units=True,
    remarks=True, plb_code=True,
)  # fmt: skip
_APART_PRINT = Print(days="%m/%d/%y", dollar=False, negative="minus")
_SERVICES = (
    Column(("Ln",), 40), Column(("From - To",), 62), Column(("Proc/Mod",), 168),
    Column(("Description",), 232), Column(("Units",), 386, "r"), Column(("Charged",), 444, "r"),
    Column(("Allowed",), 504, "r"), Column(("Paid",), 568, "r"),
)  # fmt: skip
_REASONS = (
    Column(("Ln",), 232), Column(("Group",), 262), Column(("Reason",), 306),
    Column(("Adjustment",), 404, "r"), Column(("Remarks",), 424),
)  # fmt: skip


def _apart_header(page: Paper) -> None:
    r = page.remittance
    page.text(40, "Remittance Advice", bold=True, size=15)
    page.text(572, r.payer.name, "r", bold=True, size=9)
    page.down(11)
    page.text(572, f"{r.payer.street}, {r.payer.town}", "r", size=7.5)
    page.down(14)
    page.rule(40, 572, dy=6)
    for x, label, value in (
        (40, "Payee", r.payee.name), (210, "Payee NPI", r.payee.npi),
        (280, "Payee Tax ID", r.payee.tax_id),
        (350, method(r, "Check/EFT Trace Number", "Check/EFT Trace Number"), r.payment_number),
        (455, "Payment Date", f"{r.payment_on:%m/%d/%Y}"),
        (515, "Payment Amount", _APART_PRINT.money(r.total_paid_cents)),
    ):  # fmt: skip
        page.text(x, label, size=6.2, dy=-5)
        page.text(x, value, size=8.2, dy=-15)
    page.text(306, f"Page {page.number}", "c", size=6.5, dy=14)
    page.down(36)


def _apart_claim(page: Paper, claim: Claim) -> None:
    m = _APART_PRINT.money
    page.room(120)
    page.tint(40, 572, 24, 0.92, dy=-14)
    kind = "Reversal of Previous Payment" if claim.status == "22" else "Processed as Primary"
    kind = "Processed as Secondary" if claim.status == "2" else kind
    kind = "Denied" if claim.status == "4" else kind
    page.text(44, f"Patient Name: {claim.last}, {claim.first}", bold=True)
    page.text(230, f"Member ID: {claim.member_id}")
    page.text(370, f"Patient Ctrl Nmbr: {claim.account}")
    page.down(11)
    page.text(44, f"Payer Claim Control Number: {claim.claim_number}")
    page.text(230, f"Rendering Prvd: {claim.provider}")
    page.text(400, f"Claim Status: {kind}")
    page.down(19)
    page.heads(_SERVICES, size=7)
    page.rule(40, 572)
    page.down(12)
    for number, line in enumerate(claim.lines, start=1):
        page.room(20)
        name = wrapped(line.description, 30)
        day = _APART_PRINT.day(line.service_on)
        page.row(_SERVICES, [str(number), f"{day} - {day}",
                 ":".join((line.procedure, *line.modifiers)), name, str(line.units),
                 m(line.charged_cents), m(line.allowed_cents), m(line.paid_cents)])  # fmt: skip
        page.down(11)
    page.row(_SERVICES, ["", "Service line totals", "", "", "", m(claim.total("charged_cents")),
             m(claim.total("allowed_cents")), m(claim.total("paid_cents"))], bold=True)  # fmt: skip
    page.down(16)
    rows = [(number, line, place) for number, line in enumerate(claim.lines, start=1)
            for place in range(max(len(line.adjustments), bool(line.remarks)))]  # fmt: skip
    if rows:
        page.room(40)
        page.heads(_REASONS, size=7)
        page.rule(232, 500)
        page.down(12)
    for number, line, place in rows:
        page.room(12)
        entry = line.adjustments[place] if line.adjustments else None
        page.row(_REASONS, [str(number), entry.group if entry else "", entry.code if entry else "",
                 m(entry.cents) if entry else "",
                 ", ".join(line.remarks) if place == 0 else ""])  # fmt: skip
        page.down(10.5)
    page.down(14)


def _reasons_apart(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _apart_header, size=7.6)
    m = _APART_PRINT.money
    for claim in r.claims:
        _apart_claim(page, claim)
    page.room(60)
    if r.provider_adjustments:
        page.text(40, "Provider Adjustments", bold=True, size=9)
        page.down(12)
        for entry in r.provider_adjustments:
            page.text(40, f"{entry.code}   {entry.reference}")
            page.text(404, m(entry.cents), "r")
            page.down(11)
    page.text(40, "Payment Amount", bold=True)
    page.text(568, m(r.total_paid_cents), "r", bold=True)


APART = (
    Layout("summary_first", _SUMMARY, _summary_first),
    Layout("reasons_apart", _APART, _reasons_apart),
)
