"""The opened layout `keyed_image`: a clearinghouse's picture of a remittance, keys and values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout
from bench.remittances.paper import Paper, Print
from bench.remittances.traits import Traits

_TRAITS = Traits(
    "medical", "grouped", coded=frozenset({"CO-45", "CO-97", "CO-253", "PR-1", "PR-2", "PR-3",
    "PR-96", "OA-23"}), most_coded=4, share=False, modifiers=True, units=True, ranges=True,
    remarks=True, status=True,
)  # fmt: skip
_PRINT = Print(comma=False, days="%Y-%m-%d")
_STATUS = {"1": "1 - Processed as Primary", "2": "2 - Processed as Secondary", "4": "4 - Denied",
           "22": "22 - Reversal of Previous Payment"}  # fmt: skip
_KEYS = (46, 222, 398)  # three pairs of a key and its value stand beside each other
_VALUES = (128, 304, 490)
_Pair = tuple[str, str]


def _header(page: Paper) -> None:
    r = page.remittance
    page.text(40, "Remittance Image", bold=True, size=12)
    page.text(572, f"{page.number}", "r", size=7)
    page.down(10)
    page.text(40, f"Trace {r.payment_number} | {r.payer.name} | {_day(r.payment_on)}", size=6.5)
    page.rule(40, 572, pt=1)
    page.down(22)


def _day(when: date) -> str:
    return _PRINT.day(when)


def _band(page: Paper, title: str, gray: float) -> None:
    page.tint(40, 572, 12, gray)
    page.text(44, title, bold=True)
    page.down(13)


def _pairs(page: Paper, pairs: Sequence[_Pair]) -> None:
    """Keys with their values, three pairs to a row."""
    for at in range(0, len(pairs), 3):
        for place, (key, value) in enumerate(pairs[at : at + 3]):
            page.text(_KEYS[place], f"{key}:", size=6.8)
            page.text(_VALUES[place], value, bold=True, size=7)
        page.down(10)
    page.down(3)


def _payment(page: Paper) -> None:
    r, m = page.remittance, _PRINT.money
    _band(page, "Payment", 0.8)
    _pairs(page, [
        ("Payment Amount", m(r.total_paid_cents)), ("Payment Method", r.payment_method),
        ("Payment Date", _day(r.payment_on)), ("Check/EFT Trace", r.payment_number),
        ("Claims", str(len(r.claims))), ("Production Date", _day(r.payment_on)),
    ])  # fmt: skip
    _band(page, "Payer", 0.8)
    _pairs(page, [("Payer Name", r.payer.name)])
    _pairs(page, [("Payer Address", f"{r.payer.street}, {r.payer.town}")])
    _band(page, "Payee", 0.8)
    _pairs(page, [("Payee Name", r.payee.name)])
    _pairs(page, [("Payee NPI", r.payee.npi), ("Payee Tax ID", r.payee.tax_id)])


def _service(page: Paper, number: int, line: Line) -> None:
    m = _PRINT.money
    end = line.service_end_on or line.service_on
    pairs = [
        ("Procedure", ":".join(("HC", line.procedure, *line.modifiers))),
        ("Service Start", _day(line.service_on)), ("Service End", _day(end)),
        ("Line Charge", m(line.charged_cents)), ("Line Allowed", m(line.allowed_cents)),
        ("Line Paid", m(line.paid_cents)), ("Paid Units", str(line.units)),
    ]  # fmt: skip
    if line.remarks:
        pairs.append(("Remarks", ", ".join(line.remarks)))
    tall = 13 + 10 * -(-len(pairs) // 3) + 10 * len(line.adjustments)
    page.room(tall)
    page.text(44, f"Service {number}", bold=True, size=7)
    page.rule(84, 572, dy=2, pt=0.3)
    page.down(10)
    _pairs(page, pairs)
    page.down(-3)
    for entry in line.adjustments:
        for place, (key, value) in enumerate((
            ("Adjustment", f"{entry.group}-{entry.code}"), ("Adj. Amount", m(entry.cents)),
        )):  # fmt: skip
            page.text(_KEYS[place], f"{key}:", size=6.8)
            page.text(_VALUES[place], value, bold=True, size=7)
        page.down(10)
    page.down(3)


def _claim(page: Paper, claim: Claim, number: int) -> None:
    m = _PRINT.money
    page.room(110)
    _band(page, f"Claim {number} of {len(page.remittance.claims)}", 0.88)
    _pairs(page, [
        ("Patient Last", claim.last), ("Patient First", claim.first),
        ("Member ID", claim.member_id), ("Patient Control", claim.account),
        ("Payer Claim Control", claim.claim_number), ("Rendering", claim.provider),
        ("Claim Charge", m(claim.total("charged_cents"))),
        ("Claim Paid", m(claim.total("paid_cents"))),
        ("Patient Resp.", m(claim.total("patient_cents"))),
        ("Claim Status", _STATUS[claim.status]),
    ])  # fmt: skip
    for place, line in enumerate(claim.lines, start=1):
        _service(page, place, line)
    page.down(8)


def _keyed_image(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, size=7.5)
    _payment(page)
    for number, claim in enumerate(r.claims, start=1):
        _claim(page, claim, number)
    if not r.provider_adjustments:
        return
    page.room(20 + 14 * len(r.provider_adjustments))
    _band(page, "Provider Level Adjustments (subtracted from the claims)", 0.8)
    for entry in r.provider_adjustments:
        _pairs(page, [("Reason", entry.code), ("Reference", entry.reference),
                      ("Amount", _PRINT.money(entry.cents))])  # fmt: skip


KEYED_IMAGE = Layout("keyed_image", _TRAITS, _keyed_image)
