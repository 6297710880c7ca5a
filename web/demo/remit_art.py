"""Explanation-of-benefit pages in five layouts: PDF with a text layer, or rendered for a scan."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pypdfium2
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import landscape, letter
from reportlab.pdfgen.canvas import Canvas

from web.demo.codes import dollars
from web.demo.remit_facts import Claim, Line, Remittance
from web.demo.sheet import Sheet, from_array

_TINT = HexColor("#e6ebf2")


class _Pages:
    """A canvas with a cursor that moves down and starts a new page when it must."""

    def __init__(self, canvas: Canvas, remittance: Remittance,
                 header: Callable[[_Pages], None], *, wide: bool = False) -> None:  # fmt: skip
        self.canvas, self.remittance, self.header = canvas, remittance, header
        self.width, self.height = landscape(letter) if wide else letter
        canvas.setPageSize((self.width, self.height))
        self.number, self.y = 1, 0.0
        header(self)

    def room(self, points: float) -> None:
        """Start a new page unless ``points`` are left above the bottom margin."""
        if self.y - points < 48:
            self.canvas.showPage()
            self.canvas.setPageSize((self.width, self.height))
            self.number += 1
            self.header(self)

    def text(self, x: float, text: str, *, face: str = "Helvetica", size: float = 8,
             right: bool = False, dy: float = 0.0) -> None:  # fmt: skip
        """Print at ``x`` points on the cursor's line."""
        self.canvas.setFont(face, size)
        put = self.canvas.drawRightString if right else self.canvas.drawString
        put(x, self.y + dy, text)

    def row(self, cells: list[tuple[float, str, bool]], *, face: str = "Helvetica",
            size: float = 8) -> None:  # fmt: skip
        """Print cells (x, text, right-aligned) on the cursor's line."""
        for x, text, right in cells:
            self.text(x, text, face=face, size=size, right=right)

    def down(self, points: float) -> None:
        """Move the cursor down."""
        self.y -= points


def _codes(line: Line) -> str:
    return "  ".join(f"{a.group}-{a.code} {dollars(a.cents)}" for a in line.adjustments)


def _last_first(claim: Claim) -> str:
    return f"{claim.account.patient_last}, {claim.account.patient_first}".upper()


def _method(remittance: Remittance) -> tuple[str, str]:
    check = remittance.payment_method == "CHK"
    return ("Check Number", "Check Amount") if check else ("EFT Number", "EFT Amount")


# claim_blocks: a heading, then one block with a table for every claim


def _blocks_header(page: _Pages) -> None:
    r, c = page.remittance, page.canvas
    c.setFont("Helvetica-Bold", 14)
    c.drawString(45, page.height - 55, r.payer.name)
    c.setFont("Helvetica", 8.5)
    c.drawString(45, page.height - 68, r.payer.street)
    c.drawString(45, page.height - 79, r.payer.town)
    c.setFont("Helvetica-Bold", 12)
    c.drawRightString(page.width - 45, page.height - 55, "EXPLANATION OF BENEFITS")
    c.setFont("Helvetica", 8)
    c.drawRightString(page.width - 45, page.height - 68, f"Page {page.number}")
    number, amount = _method(r)
    c.setFillColor(_TINT)
    c.rect(45, page.height - 142, page.width - 90, 50, stroke=1, fill=1)
    c.setFillColor(HexColor("#000000"))
    left = (("Payee", r.office.payees[0]), ("Provider NPI", r.office.npi),
            ("Tax ID", r.office.tax_id))  # fmt: skip
    right = ((number, r.payment_number), ("Payment Date", f"{r.payment_on:%m/%d/%Y}"),
             (amount, f"${dollars(r.total_paid_cents)}"))  # fmt: skip
    for x, pairs in ((55, left), (345, right)):
        for place, (label, value) in enumerate(pairs):
            y = page.height - 105 - 14 * place
            c.setFont("Helvetica-Bold", 8)
            c.drawString(x, y, f"{label}:")
            c.setFont("Helvetica", 8.5)
            c.drawString(x + 78, y, value)
    page.y = page.height - 165


def _claim_blocks(canvas: Canvas, r: Remittance) -> None:
    page = _Pages(canvas, r, _blocks_header)
    heads = [(50.0, "Service Date", False), (118.0, "Procedure", False), (220.0, "Billed", True),
             (280.0, "Allowed", True), (300.0, "Adjustments", False),
             (505.0, "Patient Resp", True), (562.0, "Paid", True)]  # fmt: skip
    for claim in r.claims:
        page.room(70 + 13 * len(claim.lines))
        page.row([(50, f"Patient: {claim.account.patient}", False),
                  (225, f"Member ID: {claim.account.member_id}", False),
                  (385, f"Patient Account: {claim.account.account_number}", False)],
                 face="Helvetica-Bold", size=8.5)  # fmt: skip
        page.down(12)
        page.row([(50, f"Claim Number: {claim.claim_number}", False),
                  (225, f"Provider: {claim.provider}", False)])  # fmt: skip
        page.down(14)
        page.row(heads, face="Helvetica-Bold", size=7.5)
        canvas.line(50, page.y - 3, 562, page.y - 3)
        for line in claim.lines:
            page.down(13)
            page.row([(50, f"{line.service_on:%m/%d/%Y}", False), (118, line.procedure, False),
                      (220, dollars(line.charged_cents), True),
                      (280, dollars(line.allowed_cents), True), (300, _codes(line), False),
                      (505, dollars(line.patient_cents), True),
                      (562, dollars(line.paid_cents), True)])  # fmt: skip
        page.down(14)
        canvas.line(50, page.y + 10, 562, page.y + 10)
        page.row([(50, "Claim Total", False), (220, dollars(claim.total("charged_cents")), True),
                  (280, dollars(claim.total("allowed_cents")), True),
                  (505, dollars(claim.total("patient_cents")), True),
                  (562, dollars(claim.total("paid_cents")), True)],
                 face="Helvetica-Bold")  # fmt: skip
        page.down(24)
    _closing(page)


def _closing(page: _Pages, face: str = "Helvetica-Bold") -> None:
    """Provider adjustments and the total paid."""
    r = page.remittance
    page.room(40)
    for adjustment in r.provider_adjustments:
        page.row([(50, f"Provider Adjustment {adjustment.code} {adjustment.reference}", False),
                  (562, f"-{dollars(adjustment.cents)}", True)])  # fmt: skip
        page.down(13)
    page.row([(50, "TOTAL PAID", False), (562, f"${dollars(r.total_paid_cents)}", True)],
             face=face, size=9.5)  # fmt: skip
    page.down(22)
    page.text(50, "CO-45 charge exceeds fee schedule   PR-1 deductible   PR-2 coinsurance   "
              "PR-3 co-payment   PR-96 non-covered", size=6.5)  # fmt: skip


# fixed_width: the typewriter look of a government contractor


def _fixed_header(page: _Pages) -> None:
    r = page.remittance
    page.y = page.height - 50
    kind = "CHECK" if r.payment_method == "CHK" else "EFT"
    for row in (
        f"{r.payer.name.upper():<54}REMITTANCE NOTICE",
        r.payer.street.upper(),
        r.payer.town.upper(),
        "",
        f"{r.office.payees[0].upper():<54}NPI #:   {r.office.npi}",
        f"{r.office.street.upper():<54}TAX ID:  {r.office.tax_id}",
        (
            f"{f'{r.office.city} {r.office.state} {r.office.zip}'.upper():<54}"
            f"DATE:    {r.payment_on:%m/%d/%Y}"
        ),
        f"{'':<54}{kind} #: {r.payment_number}",
        f"{'':<54}PAGE #:  {page.number}",
        "",
        (
            f"{'SERV DATE':<11}{'PROC':<7}{'BILLED':>9}{'ALLOWED':>9}{'DEDUCT':>8}{'COINS':>8}"
            f"{'COPAY':>8}  {'GRP/RC-AMT':<16}{'PROV PD':>10}"
        ),
        "_" * 88,
    ):
        page.text(45, row, face="Courier", size=9)
        page.down(12)


def _fixed_line(line: Line) -> str:
    other = [a for a in line.adjustments if a.group != "PR" or a.code not in {"1", "2", "3"}]
    reason = f"{other[0].group}-{other[0].code} {dollars(other[0].cents)}" if other else ""
    return (
        f"{line.service_on:%m%d%y}     {line.procedure:<7}{dollars(line.charged_cents):>9}"
        f"{dollars(line.allowed_cents):>9}{dollars(line.amount('PR', '1')):>8}"
        f"{dollars(line.amount('PR', '2')):>8}{dollars(line.amount('PR', '3')):>8}  "
        f"{reason:<16}{dollars(line.paid_cents):>10}"
    )


def _fixed_width(canvas: Canvas, r: Remittance) -> None:
    page = _Pages(canvas, r, _fixed_header)
    for claim in r.claims:
        page.room(62 + 12 * len(claim.lines))
        rows = [
            (
                f"NAME {_last_first(claim):<26}MID {claim.account.member_id:<12}"
                f"ACNT {claim.account.account_number:<12}ICN {claim.claim_number}"
            ),
            f"PERF PROV {claim.provider.upper()}",
            *[_fixed_line(line) for line in claim.lines],
            (
                f"PT RESP {dollars(claim.total('patient_cents')):<10}{'CLAIM TOTALS':<13}"
                f"BILLED {dollars(claim.total('charged_cents')):<10}"
                f"ALLOWED {dollars(claim.total('allowed_cents')):<10}"
                f"NET {dollars(claim.total('paid_cents')):>10}"
            ),
            "",
        ]
        for row in rows:
            page.text(45, row, face="Courier", size=9)
            page.down(12)
    page.room(50)
    for row in (
        "_" * 88,
        (f"TOTALS: # OF CLAIMS {len(r.claims)}   "
        f"BILLED AMT {dollars(sum(c.total('charged_cents') for c in r.claims))}   "
        f"PROV PD AMT {dollars(sum(c.total('paid_cents') for c in r.claims))}"),
        *[f"PROVIDER ADJ: {a.code} {a.reference}   -{dollars(a.cents)}"
          for a in r.provider_adjustments],
        f"CHECK AMT {dollars(r.total_paid_cents)}",
    ):  # fmt: skip
        page.text(45, row, face="Courier", size=9)
        page.down(12)


# dental_table: one ruled table, a shaded row for each patient


def _dental_header(page: _Pages) -> None:
    r, c = page.remittance, page.canvas
    page.y = page.height - 60
    page.text(40, r.payer.name.upper(), face="Times-Bold", size=16)
    page.text(572, "Claim Payment Statement", face="Times-Italic", size=12, right=True)
    c.line(40, page.y - 6, 572, page.y - 6)
    page.down(22)
    number, amount = _method(r)
    page.row([(40, f"Pay to: {r.office.payees[0]}", False), (320, f"{number}: {r.payment_number}",
             False)], face="Times-Roman", size=10)  # fmt: skip
    page.down(13)
    page.row([(40, f"NPI {r.office.npi}   TIN {r.office.tax_id}", False),
              (320, f"Issue Date: {r.payment_on:%m/%d/%Y}", False)],
             face="Times-Roman", size=10)  # fmt: skip
    page.down(13)
    page.row([(40, f"{r.payer.street}, {r.payer.town}", False),
              (320, f"{amount}: ${dollars(r.total_paid_cents)}", False)],
             face="Times-Roman", size=10)  # fmt: skip
    page.down(24)
    _dental_row(page, ("Date", "Code", "Submitted", "Approved", "Discount", "Deductible",
                       "Coins", "Copay", "Not Covered", "Plan Paid"), bold=True)  # fmt: skip


_DENTAL_EDGES = (40.0, 90.0, 130.0, 188.0, 246.0, 300.0, 354.0, 402.0, 450.0, 508.0, 572.0)


def _dental_row(page: _Pages, cells: tuple[str, ...], *, bold: bool = False) -> None:
    page.room(16)
    face = "Times-Bold" if bold else "Times-Roman"
    for place, cell in enumerate(cells):
        left, right = _DENTAL_EDGES[place], _DENTAL_EDGES[place + 1]
        page.canvas.rect(left, page.y - 4, right - left, 15, stroke=1, fill=0)
        money = place >= 2
        page.text(right - 4 if money else left + 4, cell, face=face, size=8.5, right=money)
    page.down(15)


def _dental_table(canvas: Canvas, r: Remittance) -> None:
    page = _Pages(canvas, r, _dental_header)
    for claim in r.claims:
        page.room(48 + 15 * len(claim.lines))
        canvas.setFillColor(_TINT)
        canvas.rect(40, page.y - 17, 532, 28, stroke=1, fill=1)
        canvas.setFillColor(HexColor("#000000"))
        page.row([(44, f"Patient {claim.account.patient}", False),
                  (240, f"Subscriber ID {claim.account.member_id}", False),
                  (400, f"Patient Acct No. {claim.account.account_number}", False)],
                 face="Times-Bold", size=9)  # fmt: skip
        page.down(12)
        page.row([(44, f"Claim No. {claim.claim_number}", False),
                  (240, f"Treating Dentist {claim.provider}", False)],
                 face="Times-Roman", size=9)  # fmt: skip
        page.down(16)
        for line in claim.lines:
            _dental_row(page, (f"{line.service_on:%m/%d/%y}", line.procedure,
                        dollars(line.charged_cents), dollars(line.allowed_cents),
                        dollars(line.amount("CO", "45")), dollars(line.amount("PR", "1")),
                        dollars(line.amount("PR", "2")), dollars(line.amount("PR", "3")),
                        dollars(line.amount("PR", "96")),
                        dollars(line.paid_cents)))  # fmt: skip
        _dental_row(page, ("Total", "", dollars(claim.total("charged_cents")),
                    dollars(claim.total("allowed_cents")), "", "", "", "", "",
                    dollars(claim.total("paid_cents"))), bold=True)  # fmt: skip
        page.down(8)
    page.down(8)
    _closing(page, "Times-Bold")


# patient_cards: a framed card per patient with labels above values


def _cards_header(page: _Pages) -> None:
    r, c = page.remittance, page.canvas
    c.setFillColor(HexColor("#27456b"))
    c.rect(0, page.height - 46, page.width, 46, stroke=0, fill=1)
    c.setFillColor(HexColor("#ffffff"))
    page.y = page.height - 30
    page.text(40, r.payer.name, face="Helvetica-Bold", size=15)
    page.text(572, "Provider Payment Summary", size=11, right=True)
    c.setFillColor(HexColor("#000000"))
    page.down(36)
    number, amount = _method(r)
    for x, label, value in (
        (40, "PAYEE", r.office.payees[0]), (225, "NPI", r.office.npi),
        (305, "TAX ID", r.office.tax_id), (375, number.upper(), r.payment_number),
        (455, "DATE", f"{r.payment_on:%m/%d/%Y}"),
        (515, amount.upper(), f"${dollars(r.total_paid_cents)}"),
    ):  # fmt: skip
        page.text(x, label, size=6)
        page.text(x, value, face="Helvetica-Bold", size=8.5, dy=-11)
    page.down(36)


def _patient_cards(canvas: Canvas, r: Remittance) -> None:
    page = _Pages(canvas, r, _cards_header)
    for claim in r.claims:
        tall = 62 + 12 * len(claim.lines)
        page.room(tall + 14)
        canvas.roundRect(36, page.y - tall + 8, 540, tall, 6, stroke=1, fill=0)
        for x, label, value in (
            (44, "PATIENT NAME", claim.account.patient), (190, "MEMBER ID",
             claim.account.member_id), (275, "PATIENT ACCOUNT", claim.account.account_number),
            (365, "CLAIM NUMBER", claim.claim_number), (465, "PROVIDER", claim.provider),
        ):  # fmt: skip
            page.text(x, label, size=5.5)
            page.text(x, value, face="Helvetica-Bold", size=8.5, dy=-10)
        page.down(26)
        page.row([(44, "Service", False), (100, "Code", False), (190, "Charge", True),
                  (250, "Allowed", True), (270, "Reason codes", False), (500, "You may bill", True),
                  (566, "Payment", True)], face="Helvetica-Oblique", size=7)  # fmt: skip
        for line in claim.lines:
            page.down(12)
            page.row([(44, f"{line.service_on:%b %d %Y}", False), (100, line.procedure, False),
                      (190, dollars(line.charged_cents), True),
                      (250, dollars(line.allowed_cents), True), (270, _codes(line), False),
                      (500, dollars(line.patient_cents), True),
                      (566, dollars(line.paid_cents), True)], size=8.5)  # fmt: skip
        page.down(14)
        page.row([(44, "Claim total", False), (190, dollars(claim.total("charged_cents")), True),
                  (250, dollars(claim.total("allowed_cents")), True),
                  (500, dollars(claim.total("patient_cents")), True),
                  (566, dollars(claim.total("paid_cents")), True)],
                 face="Helvetica-Bold", size=8.5)  # fmt: skip
        page.down(30)
    _closing(page)


# summary_lines: landscape, one row a service, the patient repeated on each


def _summary_header(page: _Pages) -> None:
    r = page.remittance
    page.y = page.height - 45
    page.text(36, f"{r.payer.name} - Remittance Advice", face="Helvetica-Bold", size=13)
    page.text(page.width - 36, f"Page {page.number}", right=True)
    page.down(16)
    number, amount = _method(r)
    page.text(36, f"Payee: {r.office.payees[0]}   NPI: {r.office.npi}   Tax ID: {r.office.tax_id}"
              f"   {number}: {r.payment_number}   Date: {r.payment_on:%m/%d/%Y}"
              f"   {amount}: ${dollars(r.total_paid_cents)}", size=9)  # fmt: skip
    page.down(24)
    page.row(list(zip(_SUMMARY_X, _SUMMARY_HEADS, _SUMMARY_RIGHT, strict=True)),
             face="Helvetica-Bold", size=7.5)  # fmt: skip
    page.canvas.line(36, page.y - 4, page.width - 36, page.y - 4)
    page.down(15)


_SUMMARY_HEADS = ("Patient", "Patient Acct", "Member ID", "Claim No", "Svc Date", "Proc",
                  "Charged", "Allowed", "Adjustments", "Pt Resp", "Paid")  # fmt: skip
_SUMMARY_X = (36.0, 128.0, 192.0, 250.0, 326.0, 374.0, 446.0, 494.0, 504.0, 704.0, 756.0)
_SUMMARY_RIGHT = (False, False, False, False, False, False, True, True, False, True, True)


def _summary_lines(canvas: Canvas, r: Remittance) -> None:
    page = _Pages(canvas, r, _summary_header, wide=True)
    for claim in r.claims:
        for line in claim.lines:
            page.room(14)
            cells = (claim.account.patient, claim.account.account_number, claim.account.member_id,
                     claim.claim_number, f"{line.service_on:%m/%d/%y}", line.procedure,
                     dollars(line.charged_cents), dollars(line.allowed_cents), _codes(line),
                     dollars(line.patient_cents), dollars(line.paid_cents))  # fmt: skip
            page.row(list(zip(_SUMMARY_X, cells, _SUMMARY_RIGHT, strict=True)), size=7.5)
            page.down(13)
    page.canvas.line(36, page.y + 9, page.width - 36, page.y + 9)
    totals = [sum(c.total(f) for c in r.claims) for f in
              ("charged_cents", "allowed_cents", "patient_cents", "paid_cents")]  # fmt: skip
    page.row([(36, "TOTAL", False), (446, dollars(totals[0]), True),
              (494, dollars(totals[1]), True), (704, dollars(totals[2]), True),
              (756, dollars(totals[3]), True)], face="Helvetica-Bold", size=8)  # fmt: skip
    page.down(16)
    for a in r.provider_adjustments:
        page.text(36, f"Provider adjustment {a.code} {a.reference}  -{dollars(a.cents)}", size=8)
        page.down(14)
    page.text(36, f"Total Payment ${dollars(r.total_paid_cents)}", face="Helvetica-Bold", size=9)


LAYOUTS: dict[str, Callable[[Canvas, Remittance], None]] = {
    "claim_blocks": _claim_blocks,
    "fixed_width": _fixed_width,
    "dental_table": _dental_table,
    "patient_cards": _patient_cards,
    "summary_lines": _summary_lines,
}


def remittance_pdf(remittances: tuple[Remittance, ...]) -> bytes:
    """Born-digital pages with a text layer, each remittance in its payer's layout."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for remittance in remittances:
        LAYOUTS[remittance.payer.layout](canvas, remittance)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def render_pdf(pdf: bytes, dpi: int) -> tuple[Sheet, ...]:
    """The pages of a PDF as sheets, to be scanned."""
    document = pypdfium2.PdfDocument(pdf)
    sheets = []
    for page in document:
        bitmap = page.render(scale=dpi / 72)
        pixels = np.asarray(bitmap.to_numpy())[:, :, :3]
        sheets.append(from_array(pixels[:, :, ::-1], dpi))
    document.close()
    return tuple(sheets)
