"""The opened layout `review_forms`: a casualty insurer's bill reviews on a filled-in form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.catalogue import REASONS
from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout, method
from bench.remittances.paper import Column, Paper, Print
from bench.remittances.traits import Traits

_RULES = frozenset({"CO-97", "CO-59", "CO-18", "CO-29"})
_TRAITS = Traits(
    "medical", "carc", frozenset({"CO-45"}), _RULES, 2, share=False, modifiers=True, units=True,
    plb_code=False,
    who=frozenset({"patient_name", "patient_account", "claim_number", "provider_name"}),
)  # fmt: skip
_PRINT = Print(days="%m/%d/%Y")
_COLUMNS = (
    Column(("Ln",), 40), Column(("Date of", "service"), 58), Column(("Proc.", "code"), 126),
    Column(("Mod.",), 166), Column(("Units", "billed"), 228, "r"), Column(("Amount", "billed"),
    290, "r"), Column(("Fee schedule", "reduction"), 352, "r"), Column(("Rule",), 372, "c"),
    Column(("Rule", "reduction"), 438, "r"), Column(("Reviewed", "allowance"), 506, "r"),
    Column(("Paid to", "provider"), 574, "r"),
)  # fmt: skip
_FILLED = "Courier"  # what a printer filled in
_SIZE = 8


def _money(cents: int) -> str:
    """With the currency sign before the minus; nothing where nothing was taken off."""
    return f"${_PRINT.money(cents)}"


def _form(page: Paper, edges: Sequence[float], cells: Sequence[tuple[str, str]]) -> None:
    """Ruled boxes, a small label over what is filled in."""
    page.boxes(edges, 23, dy=-14)
    for (left, _), (label, value) in zip(pairwise(edges), cells, strict=True):
        page.text(left + 3, label, size=5.6, dy=3)
        page.text(left + 3, value, face=_FILLED, size=8.6, dy=-9)
    page.down(23)


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(36, "EXPLANATION OF REVIEW", bold=True, size=14)
    page.text(576, f"Page {page.number}", "r", size=7)
    page.down(20)
    if page.number > 1:
        return
    _form(page, (36, 306, 576), (("Insurer", r.payer.name), ("Pay to", r.payee.name)))
    _form(page, (36, 306, 576), (("Insurer's address", f"{r.payer.street}, {r.payer.town}"),
                                 ("Address", f"{r.payee.street}, {r.payee.town}")))  # fmt: skip
    _form(page, (36, 126, 216, 306, 416, 496, 576), (
        ("Payee NPI", r.payee.npi), ("Payee FEIN", r.payee.tax_id),
        ("Paid by", method(r, "Check", "ACH credit")),
        (method(r, "Check number", "ACH trace number"), r.payment_number),
        (method(r, "Check date", "ACH date"), _PRINT.day(r.payment_on)),
        (method(r, "Check amount", "ACH amount"), _money(r.total_paid_cents)),
    ))  # fmt: skip
    page.down(16)


def _heads(page: Paper) -> None:
    page.down(2)
    page.heads(_COLUMNS, size=6.6, leading=7.5, bold=False)
    page.rule(36, 576)
    page.down(13)


def _line(page: Paper, number: int, line: Line) -> None:
    rule = next((a for a in line.adjustments if f"{a.group}-{a.code}" in _RULES), None)
    less = line.amount("CO-45")
    cells = [
        str(number), _PRINT.day(line.service_on), line.procedure, " ".join(line.modifiers),
        str(line.units), _money(line.charged_cents), _money(less) if less else "",
        rule.code if rule else "", _money(rule.cents) if rule else "", _money(line.allowed_cents),
        _money(line.paid_cents),
    ]  # fmt: skip
    for column, cell in zip(_COLUMNS, cells, strict=True):
        page.text(column.x, cell, column.align, face=_FILLED)
    page.rule(36, 576, dy=-4, pt=0.3)
    page.down(13)


def _claim(page: Paper, claim: Claim, number: int, of: int) -> None:
    page.room(150)
    kind = "  -  REVIEW WITHDRAWN, PAYMENT REVERSED" if claim.status == "22" else ""
    page.text(36, f"Bill {number} of {of}{kind}", bold=True, size=9)
    page.down(18)
    first = min(line.service_on for line in claim.lines)
    injured = first - timedelta(days=20 + int(claim.claim_number[-2:]))
    _form(page, (36, 246, 336, 456, 576), (
        ("Injured worker", f"{claim.last}, {claim.first}"), ("Date of injury", _PRINT.day(injured)),
        ("Provider's patient account", claim.account), ("Bill control number", claim.claim_number),
    ))  # fmt: skip
    _form(page, (36, 246, 336, 576), (
        ("Rendering provider", claim.provider),
        ("Bill received", _PRINT.day(max(x.service_on for x in claim.lines) + timedelta(days=6))),
        ("Reviewed under", "State medical fee schedule"),
    ))  # fmt: skip
    _heads(page)
    for place, line in enumerate(claim.lines, start=1):
        if page.room(16):
            page.text(36, f"Bill {number} of {of}, continued", bold=True, size=9)
            page.down(16)
            _heads(page)
        _line(page, place, line)
    _ending(page, claim)


def _ending(page: Paper, claim: Claim) -> None:
    """A bill's totals in the columns, and its rules in words."""
    rules = sorted({a.code for x in claim.lines for a in x.adjustments
                    if f"{a.group}-{a.code}" in _RULES})  # fmt: skip
    page.room(14 + 9 * len(rules))
    sums = {5: claim.total("charged_cents"), 6: claim.amount("CO-45"), 8: claim.amount(*_RULES),
            9: claim.total("allowed_cents"), 10: claim.total("paid_cents")}  # fmt: skip
    page.text(58, "Bill totals", bold=True)
    for place, cents in sums.items():
        page.text(_COLUMNS[place].x, _money(cents), "r", face="Courier-Bold")
    page.down(13)
    for code in rules:
        page.text(40, f"Rule {code}: {REASONS[f'CO-{code}']}.", size=7)
        page.down(9)
    page.down(18)


def _review_forms(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=_SIZE)
    for number, claim in enumerate(r.claims, start=1):
        _claim(page, claim, number, len(r.claims))
    words = {"WO": "Taken back for an earlier bill", "FB": "Amount still owed, carried over",
             "L6": "Statutory interest"}  # fmt: skip
    page.room(46 + 23 * len(r.provider_adjustments))
    page.down(6)
    for entry in r.provider_adjustments:
        _form(page, (36, 246, 456, 576), (
            ("Adjustment", words[entry.code]), ("For", entry.reference),
            ("Amount", _money(-entry.cents)),
        ))  # fmt: skip
    _form(page, (36, 246, 456, 576), (
        ("Bills reviewed", str(len(r.claims))), ("Allowed for all bills", _money(r.claims_cents)),
        ("Total paid", _money(r.total_paid_cents)),
    ))  # fmt: skip


REVIEW_FORMS = Layout("review_forms", _TRAITS, _review_forms)
