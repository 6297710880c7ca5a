"""The opened layout `workbook_register`: an administrator's list as a spreadsheet prints it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import accumulate

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Line, Remittance
from bench.remittances.layouts.design import Layout
from bench.remittances.paper import Paper, Print
from bench.remittances.traits import Traits

_CODED = frozenset({"CO-97", "CO-18", "CO-29", "PR-96", "PR-204"})
_TRAITS = Traits(
    "medical", "grouped", frozenset({"CO-45", "PR-1", "PR-2"}), _CODED, 1, allowed=False,
    modifiers=True, units=True, plb_code=True,
)  # fmt: skip
_PRINT = Print()
_HEADS = (
    ("Claim", "key", 52), ("", "Patient", 68), ("Employee", "alt ID", 43), ("Acct", "ref", 38),
    ("Servicing", "prov", 66), ("", "Typ", 20), ("Svc", "dt", 41), ("", "CPT", 26),
    ("", "Mod", 25), ("", "Qty", 16), ("Gross", "chg", 45), ("Net", "issued", 45),
    ("PPO", "disc", 45), ("Inelig", "amt", 45), ("Inelig", "rsn", 27), ("Deduct", "amt", 45),
    ("Coins", "amt", 45), ("Emp", "owes", 45),
)  # fmt: skip
_LEFT = 27
_EDGES = tuple(accumulate((each[2] for each in _HEADS), initial=_LEFT))
_QUANTITY = 9  # the place of units, the last before the sums
_TALL = 10.5
_SIZE = 6.5
_Cell = str | int  # cents


def _amount(page: Paper, left: float, right: float, cents: int, *, bold: bool = False) -> None:
    """Accounting style: the sign at the left edge, a dash for nothing, parentheses below it."""
    page.text(left + 2, "$", bold=bold)
    if cents == 0:
        page.text(right - 6, "-", "r", bold=bold)
    elif cents < 0:
        page.text(right - 1.5, f"({_PRINT.money(-cents)})", "r", bold=bold)
    else:
        page.text(right - 3.6, _PRINT.money(cents), "r", bold=bold)


def _row(page: Paper, cells: Sequence[_Cell], *, bold: bool = False) -> None:
    """Cells of text or cents, each ruled; the title of a bold row spans those before its sums."""
    page.boxes((_EDGES[0], *_EDGES[_QUANTITY + 1 :]) if bold else _EDGES, _TALL, dy=-2.8)
    for place, cell in enumerate(cells):
        left, right = _EDGES[place], _EDGES[place + 1]
        if isinstance(cell, int):
            _amount(page, left, right, cell, bold=bold)
        elif place == _QUANTITY:
            page.text(right - 3, cell, "r", bold=bold)
        elif cell:
            page.text(left + 2, cell, bold=bold)
    page.down(_TALL)


def _day(when: date) -> str:
    return f"{when:%d%b%Y}".upper()


def _header(page: Paper) -> None:
    r = page.remittance
    page.down(-12)
    if page.number == 1:
        page.text(_LEFT, r.payer.name, bold=True, size=11)
        page.down(11)
        page.text(_LEFT, f"{r.payer.street}, {r.payer.town}", size=7.5)
        page.down(11)
        page.text(_LEFT, f"Paid claims register for {r.payee.name}", bold=True, size=8.5)
        page.down(20)
    page.text(396, f"Page {page.number}", "c", dy=24 - page.y)
    page.tint(_EDGES[0], _EDGES[-1], 17.5, 0.86, dy=-10.8)
    page.boxes(_EDGES, 17.5, dy=-10.8)
    for place, (upper, lower, wide) in enumerate(_HEADS):
        page.text(_EDGES[place] + wide / 2, upper, "c", bold=True)
        page.text(_EDGES[place] + wide / 2, lower, "c", bold=True, dy=-7.8)
    page.down(18.5)


def _cells(claim: Claim, line: Line) -> list[_Cell]:
    reason = next((f"{a.group}{a.code}" for a in line.adjustments
                   if f"{a.group}-{a.code}" in _CODED), "")  # fmt: skip
    return [
        claim.claim_number, f"{claim.last}, {claim.first}", claim.member_id, claim.account,
        claim.provider, "REV" if claim.status == "22" else "PAY", _day(line.service_on),
        line.procedure, ",".join(line.modifiers), str(line.units), line.charged_cents,
        line.paid_cents, line.amount("CO-45"), line.amount(*_CODED), reason, line.amount("PR-1"),
        line.amount("PR-2"), line.patient_cents,
    ]  # fmt: skip


def _sums(title: str, claims: Sequence[Claim]) -> list[_Cell]:
    def of(field: str) -> int:
        return sum(claim.total(field) for claim in claims)

    def kept(*keys: str) -> int:
        return sum(claim.amount(*keys) for claim in claims)

    return [title, *[""] * _QUANTITY, of("charged_cents"), of("paid_cents"), kept("CO-45"),
            kept(*_CODED), "", kept("PR-1"), kept("PR-2"), of("patient_cents")]  # fmt: skip


def _workbook_register(canvas: Canvas, r: Remittance) -> None:
    page = Paper(canvas, r, _header, wide=True, size=_SIZE, bottom=40)
    for claim in r.claims:
        for line in claim.lines:
            page.room(_TALL)
            _row(page, _cells(claim, line))
        page.room(_TALL)
        _row(page, _sums(f"{claim.claim_number} Total", [claim]), bold=True)
    page.room(_TALL)
    _row(page, _sums("Grand Total", r.claims), bold=True)
    _payment(page)


def _payment(page: Paper) -> None:
    """The payment's own data: cells of a label and a value below the last total."""
    r = page.remittance
    rows: list[tuple[str, _Cell]] = [
        ("Issued to", r.payee.name), ("Payee NPI", r.payee.npi), ("Payee FEIN", r.payee.tax_id),
        ("Issue form", "Check" if r.payment_method == "CHK" else "ACH"),
        ("Issue reference", r.payment_number), ("Issue date", _day(r.payment_on)),
        ("Claims issued", r.claims_cents),
    ]  # fmt: skip
    words = {"WO": "Recovered", "FB": "Balance fwd", "L6": "Interest"}
    rows += [(f"{a.code} {words[a.code]} {a.reference}", -a.cents) for a in r.provider_adjustments]
    rows.append(("Net issue amount", r.total_paid_cents))
    page.down(14)
    page.room(_TALL * len(rows))
    edges = (_EDGES[0], _EDGES[3], _EDGES[5])
    for label, value in rows:
        page.boxes(edges, _TALL, dy=-2.8)
        page.text(edges[0] + 2, label, bold=True)
        if isinstance(value, int):
            _amount(page, edges[1], edges[2], value)
        else:
            page.text(edges[1] + 2, value)
        page.down(_TALL)


WORKBOOK_REGISTER = Layout("workbook_register", _TRAITS, _workbook_register)
