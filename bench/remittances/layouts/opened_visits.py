"""The opened layout `dated_visits`: a dental network's statement, its lines under their days."""

from __future__ import annotations

from itertools import groupby

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from bench.remittances.catalogue import REASONS
from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print
from bench.remittances.traits import Traits

_CODED = frozenset({"CO-97", "CO-29", "PR-96", "PR-119"})
_TRAITS = Traits(
    "dental", "carc", frozenset({"CO-45", "PR-1"}), _CODED, 1, frozenset({"PR-2"}), tooth=True,
    plb_code=False,
)  # fmt: skip
_PRINT = Print(days="%A, %B %-d, %Y")
_COLUMNS = (
    Column(("Procedure",), 50), Column(("Negotiated", "fee"), 290, "r"),
    Column(("Deductible", "applied"), 348, "r"), Column(("Benefit", "amount"), 404, "r"),
    Column(("Patient", "balance"), 458, "r"), Column(("Provider", "discount"), 514, "r"),
    Column(("Usual", "fee"), 570, "r"),
)  # fmt: skip
_STUB = 170  # points at the foot of the first page


def _set(cents: int) -> str:
    """Cents with dashes of print: a long one for nothing, a short one before what is negative."""
    if cents == 0:
        return "\N{EM DASH}"
    return _PRINT.money(cents) if cents > 0 else f"\N{EN DASH}{_PRINT.money(-cents)}"


def _header(page: Paper) -> None:
    r = page.remittance
    page.bottom = _STUB + 30 if page.number == 1 else 46
    page.text(40, r.payer.name, bold=True, size=14)
    if page.number == 1:
        page.text(572, "Statement of dental benefits", "r", size=11)
        page.down(13)
        page.text(40, f"{r.payer.street}, {r.payer.town}")
        page.down(22)
        page.text(40, r.payee.name, bold=True, size=10)
        page.text(572, f"Office NPI {r.payee.npi}", "r")
        page.down(12)
        page.text(40, f"{r.payee.street}, {r.payee.town}")
        page.text(572, f"Taxpayer number {r.payee.tax_id}", "r")
        _stub(page)
    else:
        page.text(572, f"Statement {r.payment_number}, sheet {page.number}", "r")
    page.down(28)
    page.heads(_COLUMNS, size=8.5, leading=9.5)
    page.down(20)


def _stub(page: Paper) -> None:
    """What is torn off and deposited: the payment, whatever stands above."""
    r, high = page.remittance, page.y
    page.y = _STUB
    page.rule(40, 572, dots=True, dy=12)
    page.text(306, method(r, "Detach here before you deposit", "No check: funds were transferred"),
              "c", size=7)  # fmt: skip
    page.down(26)
    page.text(50, r.payer.name, bold=True, size=11)
    page.text(562, f"{method(r, 'No.', 'Trace no.')} {r.payment_number}", "r", size=11)
    page.down(20)
    page.text(562, f"{r.payment_on:%B} {r.payment_on.day}, {r.payment_on.year}", "r", size=10)
    page.down(24)
    page.text(50, method(r, "Pay to the order of", "Credited to"), size=8)
    page.text(140, r.payee.name, bold=True, size=10)
    page.text(562, f"$**{_PRINT.money(r.total_paid_cents)}", "r", bold=True, size=11)
    page.rule(136, 440)
    page.down(34)
    page.text(50, method(r, "First Prairie Bank", "Deposited by ACH"), size=8)
    page.y = high


def _line(page: Paper, line: Line) -> None:
    reason = next((a for a in line.adjustments if f"{a.group}-{a.code}" in _CODED), None)
    page.row(_COLUMNS, [
        line.procedure, _set(line.allowed_cents), _set(line.amount("PR-1")), _set(line.paid_cents),
        _set(line.patient_cents), _set(line.amount("CO-45")), _set(line.charged_cents),
    ])  # fmt: skip
    page.down(10)
    tooth = f"Tooth {line.tooth} {line.surface}".strip() if line.tooth else ""
    page.text(50, f"{tooth}. {line.description}" if tooth else line.description, size=8.2)
    if reason is not None:
        page.down(10)
        words = REASONS[f"{reason.group}-{reason.code}"]
        text = f"Reason {reason.code}: {_set(reason.cents)} not payable. {words}."
        page.text(66, text, size=8.2, face="Times-Italic")
    page.down(13)


def _claim(page: Paper, claim: Claim) -> None:
    page.room(84)
    kind = " (earlier benefit reversed)" if claim.status == "22" else ""
    page.text(40, f"{claim.patient}{kind}", bold=True, size=11)
    page.text(572, f"Document no. {claim.claim_number}", "r")
    page.down(12)
    page.text(40, f"Contract {claim.member_id}  \N{MIDDLE DOT}  Your file no. {claim.account}  "
              f"\N{MIDDLE DOT}  Dentist of record {claim.provider}")  # fmt: skip
    page.down(17)
    for day, lines in groupby(claim.lines, lambda line: line.service_on):
        page.room(50)
        page.text(50, f"Visit of {_PRINT.day(day)}", bold=True)
        page.down(13)
        for line in lines:
            if page.room(34):
                page.text(50, f"Visit of {_PRINT.day(day)}, continued", bold=True)
                page.down(13)
            _line(page, line)
    rows = (
        ("Usual fees", claim.total("charged_cents")),
        ("Provider discount", claim.amount("CO-45")),
        ("Negotiated fees", claim.total("allowed_cents")),
        ("Deductible applied", claim.amount("PR-1")),
        ("Patient balance", claim.total("patient_cents")),
        ("Benefit for this patient", claim.total("paid_cents")),
    )
    page.room(11 * len(rows))
    page.down(2)
    for label, cents in rows:
        _leader(page, label, cents, bold=label == rows[-1][0])
    page.down(24)


def _leader(page: Paper, label: str, cents: int, *, bold: bool = False) -> None:
    """A label, dots as far as its amount, and the amount."""
    face, dot = page.bold if bold else page.face, 2 * pdfmetrics.stringWidth(".", page.face, 9)
    left = 334 + pdfmetrics.stringWidth(label, face, page.size)
    page.text(330, label, bold=bold)
    page.text(510, " ".join("." * max(0, int((510 - left) / dot))), "r")
    page.text(570, _set(cents), "r", bold=bold)
    page.down(11)


def _dated_visits(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, face="Times-Roman", bold="Times-Bold", size=9)
    for claim in r.claims:
        _claim(page, claim)
    page.room(26 + 12 * len(r.provider_adjustments))
    _leader(page, "Benefits of all patients", r.claims_cents)
    words = {"WO": "Refund kept back", "FB": "Carried over", "L6": "Late interest"}
    for entry in r.provider_adjustments:
        _leader(page, f"{words[entry.code]} {entry.reference}", -entry.cents)
    _leader(page, "Paid by this statement", r.total_paid_cents, bold=True)


DATED_VISITS = Layout("dated_visits", _TRAITS, _dated_visits, by_day=True)
