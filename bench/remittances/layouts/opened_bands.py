"""The opened layout `shaded_bands`: a health plan's voucher, a shaded band over each claim."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Cell, Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("214", "Our payment for the main service of the day takes in this service."),
    "CO-18": ("108", "We have this service on file from an earlier bill; see that voucher."),
    "CO-29": ("331", "Your agreement sets a last day for sending bills. This one came later."),
    "CO-59": ("226", "A second procedure of one session is allowed at three quarters."),
}
_TRAITS = Traits(
    "medical", "own", frozenset({"CO-45", "OA-23"}), frozenset(_OWN), 2,
    frozenset({"PR-1", "PR-2", "PR-3"}), modifiers=True, ranges=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(negative="trailing", zero=".00", days="%m/%d/%y")
_LEFT, _END = 30, 582
_BAND = (
    Column(("Patient Name",), 34), Column(("Member ID",), 178), Column(("Patient Acct.",), 254),
    Column(("Claim Number",), 334), Column(("Performing Provider",), 440),
)  # fmt: skip
_COLUMNS = (
    Column(("Dates of", "Service"), 34), Column(("Service", "Code"), 112),
    Column(("Amount", "Billed"), 216, "r"), Column(("", "Discount"), 268, "r"),
    Column(("Not", "Payable"), 318, "r"), Column(("", "Allowed"), 372, "r"),
    Column(("Deductible/", "Copay/Coins"), 434, "r"), Column(("Other", "Insurance"), 484, "r"),
    Column(("Amount", "Paid"), 540, "r"), Column(("See", "Note"), 564, "c"),
)  # fmt: skip


def _boxed(page: Paper, cells: Sequence[tuple[str, str]]) -> None:
    """Ruled boxes in two columns, labels and values; the cursor stays on the first line."""
    high = page.y
    for label, value in cells:
        page.boxes((352, 448, _END), 15, dy=-4.5)
        page.text(356, label, size=8)
        page.text(_END - 4, value, "r", bold=True, size=9)
        page.down(15)
    page.y = high


def _header(page: Paper) -> None:
    r = page.remittance
    if page.number == 1:
        page.text(_LEFT, "PROVIDER PAYMENT VOUCHER", bold=True, size=13)
        page.down(24)
        _boxed(page, (
            (method(r, "Check No.", "EFT No."), r.payment_number),
            (method(r, "Check Date", "EFT Date"), f"{r.payment_on:%m/%d/%Y}"),
            (method(r, "Amount of Check", "Amount of EFT"), f"${_PRINT.money(r.total_paid_cents)}"),
            ("Provider NPI", r.payee.npi), ("Provider Tax ID", r.payee.tax_id),
        ))  # fmt: skip
        page.text(_LEFT, r.payer.name, bold=True, size=11)
        page.text(_LEFT, r.payer.street, dy=-12)
        page.text(_LEFT, r.payer.town, dy=-22)
        page.down(60)
        for row in (r.payee.name, r.payee.street, r.payee.town):
            page.text(60, row, size=10)
            page.down(12)
        page.down(16)
    else:
        page.text(_LEFT, r.payer.name, bold=True)
        page.text(_END, f"Voucher for {method(r, 'check', 'EFT')} {r.payment_number}, "
                  f"continued on page {page.number}", "r")  # fmt: skip
        page.down(20)
    page.boxes((_LEFT, _END), 13, dy=-3.5)
    page.heads(_BAND, size=8)
    page.down(22)
    page.canvas.rect(_LEFT, page.y - 13, _END - _LEFT, 22.5, stroke=1, fill=0)
    page.heads(_COLUMNS, size=8)
    page.down(19)


def _band(page: Paper, claim: Claim) -> None:
    """The claim's shaded line: what its heads at the top of the page say, without labels."""
    page.tint(_LEFT, _END, 12.5, 0.86, dy=-3.5)
    page.row(_BAND, [f"{claim.last}, {claim.first}", claim.member_id, claim.account,
             claim.claim_number, claim.provider], bold=True)  # fmt: skip
    page.down(12.5)
    if claim.status == "22":
        page.text(34, "This takes back a payment made before (reversal).", face="Times-Italic")
        page.down(11)


def _cells(line: Line) -> list[Cell]:
    m = _PRINT.money
    end = line.service_end_on or line.service_on
    owed = line.amount("PR-1", "PR-2", "PR-3")
    return [
        f"{_PRINT.day(line.service_on)}-{_PRINT.day(end)}",
        "-".join((line.procedure, *line.modifiers)), m(line.charged_cents), m(line.amount("CO-45")),
        m(line.amount(*_OWN)), m(line.allowed_cents), m(owed), m(line.amount("OA-23")),
        m(line.paid_cents), next((a.own for a in line.adjustments if a.own), ""),
    ]  # fmt: skip


def _claim(page: Paper, claim: Claim) -> None:
    m = _PRINT.money
    page.room(60)
    _band(page, claim)
    for line in claim.lines:
        if page.room(12):
            _band(page, claim)
        page.row(_COLUMNS, _cells(line))
        page.down(11)
    page.room(14)
    page.rule(170, _END, dy=8)
    count = len(claim.lines)
    page.row(_COLUMNS, ["Subtotal" if count > 1 else "Subtotal, one service", "",
             m(claim.total("charged_cents")), m(claim.amount("CO-45")), m(claim.amount(*_OWN)),
             m(claim.total("allowed_cents")), m(claim.total("patient_cents")),
             m(claim.amount("OA-23")), m(claim.total("paid_cents")), ""], bold=True)  # fmt: skip
    page.down(20)


def _shaded_bands(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, face="Times-Roman", bold="Times-Bold", size=8.5)
    for claim in r.claims:
        _claim(page, claim)
    words = {"WO": "Less: overpayment returned to us", "FB": "Less: balance of an earlier voucher",
             "L6": "Plus: interest for late payment"}  # fmt: skip
    rows = [("Claims on this voucher", _PRINT.money(r.claims_cents))]
    rows += [(f"{words[a.code]}, {a.reference}", _PRINT.money(-a.cents))
             for a in r.provider_adjustments]  # fmt: skip
    rows.append((method(r, "Amount of Check", "Amount of EFT"),
                 f"${_PRINT.money(r.total_paid_cents)}"))  # fmt: skip
    page.room(26 + 14 * len(rows) + 11 * (len(r.legend) + 2))
    page.down(6)
    for label, amount in rows:
        page.boxes((272, 482, _END), 14, dy=-4)
        page.text(276, label, bold=label == rows[-1][0])
        page.text(_END - 4, amount, "r", bold=label == rows[-1][0])
        page.down(14)
    if r.legend:
        page.down(10)
        page.text(_LEFT, "Notes", bold=True, size=10)
        page.down(12)
    for code, text in r.legend:
        page.text(_LEFT, f"{code}  {text}")
        page.down(11)


SHADED_BANDS = Layout("shaded_bands", _TRAITS, _shaded_bands)
