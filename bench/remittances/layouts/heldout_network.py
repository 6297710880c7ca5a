"""The held-out layout `network_advice`: a dental network's everyday explanation of payment."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("N1", "This procedure is included in another one of the same visit."),
    "CO-18": ("N2", "We have already processed this procedure."),
    "CO-29": ("N3", "The claim arrived after the filing limit."),
    "PR-96": ("N4", "Your patient's plan does not include this procedure."),
}
_TRAITS = Traits(
    "dental", "own", frozenset({"CO-45", "PR-1", "PR-2"}), frozenset(_OWN), 1, tooth=True,
    plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(days="%m/%d/%y")
_COLUMNS = (
    Column(("Visit",), 36), Column(("ADA",), 84), Column(("Tooth",), 122),
    Column(("Your", "fee"), 196, "r"), Column(("Network", "discount"), 254, "r"),
    Column(("Contract", "fee"), 308, "r"), Column(("Deduct.",), 356, "r"),
    Column(("Co-ins.",), 404, "r"), Column(("Excluded",), 452, "r"), Column(("See",), 460),
    Column(("Patient", "pays"), 524, "r"), Column(("We", "pay"), 574, "r"),
)  # fmt: skip


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(36, r.payer.name, bold=True, size=13)
    page.text(574, "Explanation of Payment", "r", bold=True, size=11)
    page.down(12)
    page.text(36, f"{r.payer.street}, {r.payer.town}")
    page.text(574, f"Page {page.number}", "r")
    page.down(24)
    if page.number > 1:
        page.text(36, f"{r.payee.name}, continued")
        page.text(574, f"{method(r, 'Check', 'EFT')} {r.payment_number}", "r")
        page.down(20)
        return
    pairs = (
        (method(r, "Check number", "EFT trace number"), r.payment_number),
        ("Issued", r.payment_on.strftime("%m/%d/%Y")),
        (method(r, "Check amount", "EFT amount"), f"${_PRINT.money(r.total_paid_cents)}"),
        ("Tax ID", r.payee.tax_id),
        ("NPI", r.payee.npi),
    )
    left = (r.payee.name, r.payee.street, r.payee.town, "", "")
    for address, (label, value) in zip(left, pairs, strict=True):
        page.text(70, address, size=9)
        page.text(390, label)
        page.text(574, value, "r", bold=True)
        page.down(11.5)
    page.down(14)


def _table(page: Paper) -> None:
    page.tint(32, 580, 21, 0.88, dy=-13)
    page.heads(_COLUMNS, leading=8.5, size=7.4)
    page.down(14)


def _cells(line: Line) -> list[Cell]:
    m = _PRINT.money
    other = line.amount(*_OWN)
    return [
        _PRINT.day(line.service_on), line.procedure, f"{line.tooth} {line.surface}".strip(),
        m(line.charged_cents), m(line.amount("CO-45")), m(line.allowed_cents),
        m(line.amount("PR-1")), m(line.amount("PR-2")), m(other),
        " ".join(a.own for a in line.adjustments if a.own), m(line.patient_cents),
        m(line.paid_cents),
    ]  # fmt: skip


def _claim(page: Paper, claim: Claim) -> None:
    m = _PRINT.money
    page.room(82)
    back = "   REVERSED" if claim.status == "22" else ""
    page.text(36, f"Patient: {claim.patient}{back}", bold=True)
    page.text(270, f"Member ID: {claim.member_id}")
    page.text(574, f"Claim: {claim.claim_number}", "r")
    page.down(10.5)
    page.text(36, f"Treating dentist: {claim.provider}")
    page.text(574, f"Chart: {claim.account}", "r")
    page.down(15)
    _table(page)
    for line in claim.lines:
        if page.room(14):
            _table(page)
        page.row(_COLUMNS, _cells(line), size=7.8)
        page.down(11)
    page.rule(32, 580, dy=8.5)
    page.row(_COLUMNS, ["Claim total", "", "", m(claim.total("charged_cents")),
             m(claim.amount("CO-45")), m(claim.total("allowed_cents")), m(claim.amount("PR-1")),
             m(claim.amount("PR-2")), m(claim.amount(*_OWN)), "", m(claim.total("patient_cents")),
             m(claim.total("paid_cents"))], bold=True, size=7.8)  # fmt: skip
    page.down(24)


def _network_advice(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=8)
    for claim in r.claims:
        _claim(page, claim)
    words = {"WO": "Recovered from an earlier overpayment", "FB": "Carried from an earlier payment",
             "L6": "Interest added"}  # fmt: skip
    rows = [("Total of claims", r.claims_cents)]
    rows += [(f"{words[a.code]} (ref. {a.reference})", -a.cents) for a in r.provider_adjustments]
    rows.append(("Total payment", r.total_paid_cents))
    page.room(14 * len(rows) + 12 * (len(r.legend) + 1))
    for label, cents in rows:
        page.text(300, label, bold=True)
        page.text(574, f"${_PRINT.money(cents)}", "r", bold=True)
        page.down(13)
    page.down(6)
    for code, text in r.legend:
        page.text(36, f"{code}   {text}")
        page.down(11)


NETWORK_ADVICE = Layout("network_advice", _TRAITS, _network_advice, held_out=True)
