"""The opened layout `message_marks`: a health plan's claim summary with marks for reasons."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print
from bench.remittances.traits import Traits

_OWN = {
    "CO-45": ("1", "CHARGE EXCEEDS THE PRICE SET BY THE PROVIDER'S AGREEMENT WITH THE PLAN."),
    "CO-97": ("2", "THIS PROCEDURE IS PART OF ANOTHER PROCEDURE ON THE CLAIM."),
    "CO-18": ("3", "THESE CHARGES WERE CONSIDERED ON ANOTHER CLAIM."),
    "PR-96": ("4", "THE PATIENT'S CONTRACT HAS NO BENEFITS FOR THIS SERVICE."),
    "CO-29": ("5", "THE CLAIM WAS NOT RECEIVED WITHIN THE TIME ALLOWED."),
}
_TRAITS = Traits(
    "medical", "own", frozenset({"PR-1"}), frozenset(_OWN), 1, frozenset({"PR-2", "PR-3"}),
    modifiers=True, ranges=True, plb_code=False, own=_OWN,
)  # fmt: skip
_PRINT = Print(days="%m/%d/%y")
_COLUMNS = (
    Column(("FROM/TO", "DATES"), 36), Column(("PS",), 110), Column(("PROC", "CODE"), 130),
    Column(("AMOUNT", "BILLED"), 248, "r"), Column(("ALLOWABLE", "AMOUNT"), 311, "r"),
    Column(("CHARGES NOT", "ALLOWED"), 374, "r"), Column(("",), 377),
    Column(("ANNUAL", "DEDUCT"), 446, "r"), Column(("PATIENT'S", "SHARE"), 511, "r"),
    Column(("AMOUNT", "PAID"), 576, "r"),
)  # fmt: skip
_SIZE = 7.8


def _figures(cents: int, *, empty: bool = False) -> str:
    """A minus at the left edge of the picture, apart from its figures."""
    if cents == 0 and empty:
        return ""
    return f"-{_PRINT.money(-cents):>10}" if cents < 0 else _PRINT.money(cents)


def _spoken(cents: int) -> str:
    return f"${_PRINT.money(cents)}" if cents >= 0 else f"-${_PRINT.money(-cents)}"


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(306, "PROVIDER CLAIM SUMMARY", "c", bold=True, size=10)
    page.down(20)
    rows = (
        (r.payer.name.upper(), "DATE:", _PRINT.day(r.payment_on)),
        (r.payer.street.upper(), "NATIONAL PROVIDER NO:", r.payee.npi),
        (r.payer.town.upper(), method(r, "CHECK NUMBER:", "EFT REFERENCE:"), r.payment_number),
        ("", "TAX IDENTIFICATION NO:", r.payee.tax_id.replace("-", "")),
        (r.payee.name.upper(), "PAGE:", str(page.number)),
    )
    for left, label, value in rows:
        page.text(36, left)
        page.text(360, label)
        page.text(480, value)
        page.down(10)
    page.down(16)


def _heads(page: Paper) -> None:
    page.heads(_COLUMNS, bold=False)
    page.down(13)


def _days(line: Line) -> str:
    """Both days of a service before one year."""
    end = line.service_end_on or line.service_on
    return f"{line.service_on:%m/%d}-{end:%m/%d/%y}"


def _line(page: Paper, line: Line) -> None:
    mark = next((f"({a.own})" for a in line.adjustments if a.own), "")
    page.row(_COLUMNS, [
        _days(line), "11", " ".join((line.procedure, *line.modifiers)),
        _figures(line.charged_cents), _figures(line.allowed_cents),
        _figures(line.amount(*_OWN), empty=True), mark,
        _figures(line.amount("PR-1"), empty=True), _figures(line.patient_cents),
        _figures(line.paid_cents),
    ])  # fmt: skip
    page.down(10)


def _claim(page: Paper, claim: Claim) -> None:
    page.room(104)
    pairs = (
        ("PATIENT:", claim.patient.upper(), "PERF PRV:", claim.provider.upper()),
        ("IDENTIFICATION NO:", claim.member_id, "DCN:", claim.claim_number),
        ("PATIENT NO:", claim.account, "CLAIM TYPE:",
         "PPO - PRIOR PAYMENT CANCELED" if claim.status == "22" else "PPO"),
    )  # fmt: skip
    for left, one, right, other in pairs:
        page.text(36, left)
        page.text(130, one)
        page.text(330, right)
        page.text(392, other)
        page.down(10)
    page.down(6)
    _heads(page)
    for line in claim.lines:
        if page.room(12):
            page.text(36, f"PATIENT: {claim.patient.upper()} - CONTINUED")
            page.down(14)
            _heads(page)
        _line(page, line)
    page.down(4)
    page.room(26)
    page.text(36, f"THE CHARGES OF THIS CLAIM ARE {_spoken(claim.total('charged_cents'))}. "
              f"THE PATIENT'S SHARE IS {_spoken(claim.total('patient_cents'))}.")  # fmt: skip
    page.down(10)
    page.text(36, "AMOUNT PAID TO PROVIDER FOR THIS CLAIM IS "
              f"{_spoken(claim.total('paid_cents'))}.", bold=True)  # fmt: skip
    page.down(26)


def _message_marks(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, face="Courier", bold="Courier-Bold", size=_SIZE)
    for claim in r.claims:
        _claim(page, claim)
    page.room(110 + 12 * (len(r.provider_adjustments) + len(r.legend)))
    page.text(306, "PROVIDER CLAIMS AMOUNT SUMMARY", "c", bold=True)
    page.down(16)
    words = {"WO": "RECOUPED FOR CLAIM", "FB": "CARRIED TO ACCOUNT", "L6": "INTEREST ON CLAIM"}
    for entry in r.provider_adjustments:
        page.text(36, f"{words[entry.code]} {entry.reference}")
        page.text(290, _figures(-entry.cents), "r")
        page.down(11)
    page.down(5)
    _summary(page)
    if r.legend:
        page.down(16)
        page.text(36, "MESSAGES:")
        page.down(12)
    for code, text in r.legend:
        page.text(36, f"({code})  {text}")
        page.down(10)


def _summary(page: Paper) -> None:
    """What the claims come to, in two columns."""
    r = page.remittance
    withheld = sum(a.cents for c in r.claims for x in c.lines for a in x.adjustments if a.own)
    rows = (
        ("NUMBER OF CLAIMS:", str(len(r.claims)), "AMOUNT PAID TO SUBSCRIBER:", "$0.00"),
        ("AMOUNT BILLED:", _spoken(r.total("charged_cents")), "AMOUNT PAID TO PROVIDER:",
         _spoken(r.claims_cents)),
        ("CHARGES NOT ALLOWED:", _spoken(withheld), "RECOUPMENTS AND INTEREST:",
         _spoken(r.total_paid_cents - r.claims_cents)),
        ("PATIENT'S SHARE:", _spoken(r.total("patient_cents")), "NET AMOUNT PAID TO PROVIDER:",
         _spoken(r.total_paid_cents)),
    )  # fmt: skip
    for left, one, right, other in rows:
        page.text(36, left)
        page.text(270, one, "r")
        page.text(310, right)
        page.text(576, other, "r")
        page.down(11)


MESSAGE_MARKS = Layout("message_marks", _TRAITS, _message_marks)
