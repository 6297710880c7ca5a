"""Layouts with rulings: a wide grid whose columns are adjustments, a dental plan's teeth."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

# wide_grid: landscape, every cell ruled, adjustments as columns, unusual words

_GRID = Traits(
    "dental", "none", frozenset({"CO-45", "PR-1", "PR-2", "PR-3", "PR-96", "OA-23"}), frozenset(),
    tooth=True, plb_code=False,
)  # fmt: skip
_PARENS = Print(negative="paren", days="%Y-%m-%d")
_GRID_EDGES = (30, 84, 122, 222, 252, 302, 354, 406, 452, 498, 540, 588, 640, 700, 762)
_GRID_COLUMNS = (
    Column(("Rendered",), 33), Column(("CDT",), 87), Column(("Treatment",), 125),
    Column(("Th/Surf",), 225), Column(("Dentist Fee",), 299, "r"),
    Column(("Plan Max",), 351, "r"), Column(("Write-off",), 403, "r"),
    Column(("Ded.",), 449, "r"), Column(("Coins.",), 495, "r"), Column(("Copay",), 537, "r"),
    Column(("Excluded",), 585, "r"), Column(("COB Paid",), 637, "r"),
    Column(("Member Owes",), 697, "r"), Column(("Our Payment",), 759, "r"),
)  # fmt: skip


def _grid_header(page: Paper) -> None:
    r = page.remittance
    page.text(30, r.payer.name, bold=True, size=12)
    page.text(762, "CLAIMS PAYMENT VOUCHER", "r", bold=True, size=12)
    page.down(12)
    page.text(30, f"{r.payer.street}, {r.payer.town}", size=7.5)
    page.text(762, f"Sheet {page.number}", "r", size=7.5)
    page.down(18)
    page.boxes((30, 270, 370, 480, 620, 762), 22, dy=-11)
    for x, label, value in (
        (33, "Paid to", r.payee.name), (273, "NPI", r.payee.npi), (373, "TIN", r.payee.tax_id),
        (483, method(r, "Voucher check no.", "Transfer no."), r.payment_number),
        (623, "Date / amount", f"{r.payment_on:%Y-%m-%d}   {_PARENS.money(r.total_paid_cents)}"),
    ):  # fmt: skip
        page.text(x, label, size=5.5, dy=4)
        page.text(x, value, bold=True, size=8, dy=-6)
    page.down(30)


def _grid_row(page: Paper, cells: list[Cell], *, bold: bool = False) -> None:
    page.boxes(_GRID_EDGES, 13, dy=-3.5)
    page.row(_GRID_COLUMNS, cells, bold=bold, size=7)
    page.down(13)


def _grid_cells(line: Line) -> list[Cell]:
    m = _PARENS.money
    tooth = f"{line.tooth} {line.surface}".strip()
    return [
        _PARENS.day(line.service_on), line.procedure, line.description[:24], tooth,
        m(line.charged_cents), m(line.allowed_cents), m(line.amount("CO-45")),
        m(line.amount("PR-1")), m(line.amount("PR-2")), m(line.amount("PR-3")),
        m(line.amount("PR-96")), m(line.amount("OA-23")), m(line.patient_cents),
        m(line.paid_cents),
    ]  # fmt: skip


def _wide_grid(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _grid_header, wide=True, size=8)
    m = _PARENS.money
    for claim in r.claims:
        page.room(64)
        page.tint(30, 762, 13, 0.88, dy=-3.5)
        kind = " - VOIDED CLAIM" if claim.status == "22" else ""
        page.text(33, f"Patient: {claim.last}, {claim.first}{kind}", bold=True, size=7.5)
        page.text(260, f"Subscriber: {claim.member_id}", size=7.5)
        page.text(390, f"Office acct: {claim.account}", size=7.5)
        page.text(490, f"Claim: {claim.claim_number}", size=7.5)
        page.text(620, f"Treating Dentist: {claim.provider}", size=7.5)
        page.down(13)
        _grid_row(page, [c.head[0] for c in _GRID_COLUMNS], bold=True)
        for line in claim.lines:
            if page.room(13):
                _grid_row(page, [c.head[0] for c in _GRID_COLUMNS], bold=True)
            _grid_row(page, _grid_cells(line))
        page.room(13)
        _grid_row(page, ["Claim total", "", "", "", m(claim.total("charged_cents")),
                  m(claim.total("allowed_cents")), m(claim.amount("CO-45")),
                  m(claim.amount("PR-1")), m(claim.amount("PR-2")), m(claim.amount("PR-3")),
                  m(claim.amount("PR-96")), m(claim.amount("OA-23")),
                  m(claim.total("patient_cents")), m(claim.total("paid_cents"))],
                  bold=True)  # fmt: skip
        page.down(10)
    page.room(50)
    words = {"WO": "Offset for overpayment", "FB": "Balance forward", "L6": "Late payment interest"}
    for entry in r.provider_adjustments:
        page.text(480, f"{words[entry.code]} ({entry.reference})", size=7.5)
        page.text(759, m(-entry.cents), "r", size=7.5)
        page.down(12)
    page.text(480, "Voucher total", bold=True)
    page.text(759, m(r.total_paid_cents), "r", bold=True)


# tooth_lines: tooth and surface, a percentage column, CR behind negative amounts

_TEETH = Traits(
    "dental", "none", frozenset({"CO-45", "PR-1", "PR-2", "PR-96"}), frozenset(), share=False,
    tooth=True, plb_code=False,
)  # fmt: skip
_CREDIT = Print(negative="cr", days="%m/%d/%Y")
_TEETH_COLUMNS = (
    Column(("Tooth",), 44, "c"), Column(("Surf",), 72, "c"), Column(("Date of", "Service"), 90),
    Column(("Proc", "Code"), 146), Column(("Submitted", "Fee"), 226, "r"),
    Column(("Accepted", "Fee"), 280, "r"), Column(("Fee", "Reduction"), 334, "r"),
    Column(("Non-", "Covered"), 386, "r"), Column(("Applied to", "Deductible"), 440, "r"),
    Column(("Co-", "Insurance"), 494, "r"), Column(("Pct",), 516, "r"),
    Column(("Plan", "Benefit"), 572, "r"),
)  # fmt: skip


def _teeth_header(page: Paper) -> None:
    r = page.remittance
    page.text(36, r.payer.name, bold=True, size=14)
    page.down(12)
    page.text(36, f"{r.payer.street}   {r.payer.town}")
    page.down(10)
    page.rule(36, 576, pt=1.4)
    page.down(16)
    for left, right in (
        (f"Dental Office: {r.payee.name}", (f"{method(r, 'Check Number', 'EFT Number')}: "
         f"{r.payment_number}")),
        (f"License NPI: {r.payee.npi}", f"Issue Date: {r.payment_on:%m/%d/%Y}"),
        (f"Tax ID: {r.payee.tax_id}", f"Check Total: {_CREDIT.money(r.total_paid_cents)}"
         if page.number == 1 else f"Continued, page {page.number}"),
    ):  # fmt: skip
        page.text(36, left, size=9)
        page.text(380, right, size=9)
        page.down(12)
    page.down(10)


def _pct(line: Line) -> str:
    coins, base = line.amount("PR-2"), line.allowed_cents - line.amount("PR-1")
    return f"{100 - round(100 * coins / base)}%" if base > 0 and line.paid_cents else ""


def _tooth_lines(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _teeth_header, face="Times-Roman", bold="Times-Bold", size=8.5)
    m = _CREDIT.money
    for claim in r.claims:
        page.room(92)
        page.text(36, f"PATIENT {claim.patient.upper()}", bold=True, size=9)
        page.text(250, f"SUBSCRIBER ID {claim.member_id}", size=8)
        page.text(420, f"CLAIM # {claim.claim_number}", size=8)
        page.down(11)
        page.text(36, f"PATIENT ACCT # {claim.account}", size=8)
        page.text(250, f"DENTIST {claim.provider.upper()}", size=8)
        page.text(420, "REVERSED" if claim.status == "22" else "", size=8)
        page.down(14)
        page.heads(_TEETH_COLUMNS, size=7.5)
        page.rule(36, 576)
        page.down(13)
        for line in claim.lines:
            page.room(13)
            page.row(_TEETH_COLUMNS, [
                line.tooth, line.surface, _CREDIT.day(line.service_on), line.procedure,
                m(line.charged_cents), m(line.allowed_cents), m(line.amount("CO-45")),
                m(line.amount("PR-96")), m(line.amount("PR-1")), m(line.amount("PR-2")),
                _pct(line), m(line.paid_cents),
            ])  # fmt: skip
            page.down(12)
        page.rule(180, 576, dy=8.5)
        page.row(_TEETH_COLUMNS, ["", "", "Claim Total", "", m(claim.total("charged_cents")),
                 m(claim.total("allowed_cents")), m(claim.amount("CO-45")),
                 m(claim.amount("PR-96")), m(claim.amount("PR-1")), m(claim.amount("PR-2")), "",
                 m(claim.total("paid_cents"))], bold=True)  # fmt: skip
        page.down(24)
    page.room(48)
    words = {"WO": "Less refund due us", "FB": "Less balance forward", "L6": "Plus interest"}
    for entry in r.provider_adjustments:
        page.text(300, f"{words[entry.code]}, ref. {entry.reference}", size=9)
        page.text(572, m(-entry.cents), "r", size=9)
        page.down(12)
    page.text(300, "Check Total", bold=True, size=9)
    page.text(572, m(r.total_paid_cents), "r", bold=True, size=9)


RULED = (
    Layout("wide_grid", _GRID, _wide_grid),
    Layout("tooth_lines", _TEETH, _tooth_lines),
)
