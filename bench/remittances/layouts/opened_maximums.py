"""The opened layout `plan_maximums`: a dental plan's cards with percentages and what is left."""

from __future__ import annotations

from datetime import timedelta

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print, verdana
from bench.remittances.traits import Traits

_OWN = {
    "CO-97": ("T6", "This procedure is considered part of a more complete procedure."),
    "PR-96": ("N2", "This procedure is not a benefit of the patient's dental plan."),
    "PR-119": ("M1", "The plan has paid its maximum for this patient's benefit year."),
}
_TRAITS = Traits(
    "dental", "own", frozenset({"CO-45", "PR-1"}), frozenset(_OWN), 1, frozenset({"PR-2"}),
    tooth=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(negative="paren", zero="--", days="%d-%b-%y")
_COLUMNS = (
    Column(("Tooth",), 50, "c"), Column(("Surf.",), 79, "c"), Column(("Date of", "Treatment"), 96),
    Column(("Code",), 148), Column(("Dentist's", "Charge"), 224, "r"),
    Column(("Above", "Allowance"), 272, "r"), Column(("Plan", "Allowance"), 322, "r"),
    Column(("Not", "Payable"), 370, "r"), Column(("Note",), 376), Column(("Deduct-", "ible"),
    436, "r"), Column(("Pays", "At"), 464, "r"), Column(("Plan", "Pays"), 516, "r"),
    Column(("Patient", "Pays"), 568, "r"),
)  # fmt: skip


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(306, r.payer.name, "c", bold=True, size=12)
    page.down(11)
    page.text(306, f"{r.payer.street}   {r.payer.town}", "c", size=6.5)
    page.down(14)
    page.text(306, "Explanation of Dental Benefits for the Treating Office", "c", size=9)
    page.down(18)
    if page.number == 1:
        page.text(34, "Treating office", size=6)
        page.text(34, r.payee.name, bold=True, dy=-10)
        page.text(34, f"{r.payee.street}, {r.payee.town}", dy=-20)
        page.text(578, f"Type 2 NPI {r.payee.npi}", "r", dy=-10)
        page.text(578, f"TIN {r.payee.tax_id}", "r", dy=-20)
        page.down(38)
    page.text(578, f"page {page.number}", "r", size=6, dy=6)


def _percent(line: Line) -> str:
    base = line.allowed_cents - line.amount("PR-1")
    return f"{round(100 * line.paid_cents / base)}%" if base > 0 and line.paid_cents > 0 else ""


def _line(page: Paper, line: Line) -> None:
    m = _PRINT.money
    page.row(_COLUMNS, [
        line.tooth, line.surface, _PRINT.day(line.service_on), line.procedure,
        m(line.charged_cents), m(line.amount("CO-45")), m(line.allowed_cents),
        m(line.amount(*_OWN)), next((a.own for a in line.adjustments if a.own), ""),
        m(line.amount("PR-1")), _percent(line), m(line.paid_cents), m(line.patient_cents),
    ], size=6.8)  # fmt: skip
    page.down(8.5)
    page.text(148, line.description, face="VeraIt", size=6)
    page.down(11)


def _card_top(page: Paper, claim: Claim, words: str) -> None:
    """Who a card is about, in a bar over its heads."""
    page.tint(34, 578, 27, 0.88, dy=-16)
    page.text(40, f"{claim.last}, {claim.first}{words}", bold=True, size=8)
    page.text(230, f"Enrollee no. {claim.member_id}")
    page.text(390, f"Office record {claim.account}")
    page.down(11)
    page.text(40, f"Claim no. {claim.claim_number}")
    page.text(230, f"Dentist: {claim.provider}")
    received = max(line.service_on for line in claim.lines) + timedelta(days=4)
    page.text(390, f"Received {_PRINT.day(received)}")
    page.down(18)
    page.heads(_COLUMNS, size=6.2, leading=7.5)
    page.rule(34, 578)
    page.down(12)


def _claim(page: Paper, claim: Claim) -> None:
    m = _PRINT.money
    page.room(120)
    words = " - BENEFITS WITHDRAWN" if claim.status == "22" else ""
    _card_top(page, claim, words)
    for line in claim.lines:
        if page.room(34):
            _card_top(page, claim, f"{words} (continued)")
        _line(page, line)
    page.rule(34, 578, dy=8)
    page.row(_COLUMNS, ["", "", "Patient totals", "", m(claim.total("charged_cents")),
             m(claim.amount("CO-45")), m(claim.total("allowed_cents")), m(claim.amount(*_OWN)), "",
             m(claim.amount("PR-1")), "", m(claim.total("paid_cents")),
             m(claim.total("patient_cents"))], bold=True, size=6.6)  # fmt: skip
    page.down(12)
    most, used = 150_000, int(claim.claim_number[-6:]) % 1500 * 100
    page.text(40, f"Benefit year maximum ${m(most)}     used so far ${used // 100:,}.00"
              f"     left ${m(most - used)}", size=6.2)  # fmt: skip
    page.rule(34, 578, pt=1.4, dy=-5)
    page.down(26)


def _plan_maximums(canvas: Canvas, r: Remittance) -> None:
    verdana()
    page = Paper(canvas, r, _header, face="Vera", bold="VeraBd", size=7)
    for claim in r.claims:
        _claim(page, claim)
    page.room(100 + 11 * (len(r.provider_adjustments) + len(r.legend)))
    for code, text in r.legend:
        page.text(40, f"Note {code}:  {text}", size=6.5)
        page.down(10.5)
    page.down(8)
    _payment(page)


def _payment(page: Paper) -> None:
    """The payment's own data: a table of one row at the end, its sums above it."""
    r = page.remittance
    words = {"WO": "less refund owed to the plan", "FB": "less balance left from before",
             "L6": "plus interest under the prompt pay law"}  # fmt: skip
    rows = [("All plan payments listed", r.claims_cents)]
    rows += [(f"{words[a.code]} ({a.reference})", -a.cents) for a in r.provider_adjustments]
    for label, cents in rows:
        page.text(300, label)
        page.text(568, _PRINT.money(cents), "r")
        page.down(11)
    page.down(10)
    page.boxes((34, 190, 300, 420, 578), 26, dy=-14)
    for x, label, value in (
        (40, "Method", method(r, "Check by mail", "Direct deposit (ACH)")),
        (196, method(r, "Check no.", "Trace no."), r.payment_number),
        (306, "Date issued", f"{r.payment_on:%d-%b-%Y}"),
        (426, "Amount issued", f"${_PRINT.money(r.total_paid_cents)}" if r.total_paid_cents
         else "$0.00"),
    ):  # fmt: skip
        page.text(x, label, size=6, dy=3)
        page.text(x, value, bold=True, size=8, dy=-9)
    page.down(20)


PLAN_MAXIMUMS = Layout("plan_maximums", _TRAITS, _plan_maximums)
