"""Payment coupons: the stub that a patient tears from a statement and returns with the check."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from web.demo.codes import coupon_payload, coupon_scanline, dollars
from web.demo.fonts import BOLD, MONO, SANS, SERIF
from web.demo.group import Account, Office, Statement
from web.demo.sheet import BLUE_INK, GRAY, Color, Sheet
from web.demo.symbols import code128, ocr_a, qr


@dataclass(frozen=True, slots=True)
class CouponFacts:
    """One stub; ``enclosed_cents`` and ``new_address`` are what the patient wrote on it."""

    account: Account
    statement: Statement
    office: Office
    hand: str
    enclosed_cents: int | None = None
    new_address: tuple[str, str] | None = None
    ink: Color = BLUE_INK

    @property
    def barcode(self) -> str:
        """``Code128`` or ``QRCode``: the statement vendor prints either."""
        return "QRCode" if self.statement.statement_number[1] in "01234" else "Code128"

    def truth(self) -> dict[str, Any]:
        """The contract's fields of a coupon."""
        due = self.statement.balance_cents
        numbers = (self.statement.account_number, self.statement.statement_number, due)
        new = self.new_address
        return {
            "account_number": self.statement.account_number,
            "statement_number": self.statement.statement_number,
            "patient_name": self.account.patient,
            "statement_on": self.statement.statement_on.isoformat(),
            "amount_due_cents": due,
            "amount_enclosed_cents": self.enclosed_cents,
            "scanline": coupon_scanline(*numbers),
            "scanline_valid": True,
            "barcodes": [{"symbology": self.barcode, "text": coupon_payload(*numbers)}],
            "address_changed": new is not None,
            "new_address": "\n".join(new) if new else None,
        }


def draw_coupon(facts: CouponFacts, dpi: int, rng: random.Random) -> Sheet:
    """A stub of 8.5 x 3.67 inches, the look of the office's statement vendor."""
    sheet = Sheet(8.5, 3.67, dpi)
    for dash in range(57):
        sheet.rule(dash * 0.15, 0.03, dash * 0.15 + 0.08, 0.03, 0.5, GRAY)
    face = {"NORTH": SANS, "EAST": SERIF}.get(facts.office.code, SANS)
    sheet.text(4.25, 0.18, "Please detach and return this portion with your payment", pt=7,
               face=face, fill=GRAY, anchor="m")  # fmt: skip
    sheet.lines(0.45, 0.42, list(facts.office.return_address), face=face, pt=8.5)
    _figures(sheet, facts, rng, face)
    _address_box(sheet, facts, rng, face)
    sheet.lines(0.9, 2.35, [facts.account.guarantor.upper(), *(
        line.upper() for line in facts.account.address)], face=MONO, pt=9)  # fmt: skip
    sheet.lines(4.9, 2.35, ["REMIT TO:", facts.office.payees[0].upper(),
                facts.office.street.upper(),
                f"{facts.office.city} {facts.office.state} {facts.office.zip}".upper()],
                face=MONO, pt=9)  # fmt: skip
    truth = facts.truth()
    ocr_a(sheet, 4.3, 3.45, truth["scanline"])
    payload = truth["barcodes"][0]["text"]
    if facts.barcode == "QRCode":
        qr(sheet, 0.4, 2.8, payload, 0.8)
    else:
        code128(sheet, 0.35, 3.12, payload, 0.32, module=0.01)
    return sheet


def _figures(sheet: Sheet, facts: CouponFacts, rng: random.Random, face: str) -> None:
    """The table of account, statement, date and amounts; the enclosed amount is handwritten."""
    rows = (
        ("Account Number", facts.statement.account_number),
        ("Statement Number", facts.statement.statement_number),
        ("Patient", facts.account.patient),
        ("Statement Date", f"{facts.statement.statement_on:%m/%d/%Y}"),
        ("Payment Due By", f"{facts.statement.due_on:%m/%d/%Y}"),
        ("Minimum Due", f"${dollars(facts.statement.minimum_due_cents)}"),
        ("Amount Due", f"${dollars(facts.statement.balance_cents)}"),
    )
    left, top, step = 4.9, 0.32, 0.19
    for row, (label, value) in enumerate(rows):
        y = top + row * step
        sheet.box(left, y, 3.2, step, pt=0.4, outline=GRAY)
        bold = label == "Amount Due"
        sheet.text(left + 0.06, y + 0.135, label, face=BOLD if bold else face, pt=7.5)
        sheet.text(left + 3.12, y + 0.135, value, face=BOLD if bold else face, pt=8.5, anchor="r")
    y = top + len(rows) * step
    sheet.box(left, y, 3.2, 0.32, pt=1)
    sheet.text(left + 0.06, y + 0.2, "AMOUNT ENCLOSED", face=BOLD, pt=7.5)
    sheet.text(left + 1.75, y + 0.22, "$", face=BOLD, pt=10)
    if facts.enclosed_cents is not None:
        sheet.hand(rng, left + 1.92, y + 0.24, dollars(facts.enclosed_cents, comma=False),
                   face=facts.hand, digit=0.13, ink=facts.ink, fit=1.2)  # fmt: skip


def _address_box(sheet: Sheet, facts: CouponFacts, rng: random.Random, face: str) -> None:
    """The box to tick when the address has changed, with room to write the new one."""
    sheet.box(0.45, 1.08, 0.13, 0.13)
    sheet.text(0.65, 1.19, "My address has changed. New address:", face=face, pt=7.5)
    sheet.rule(0.65, 1.55, 4.4, 1.55, 0.4, GRAY)
    sheet.rule(0.65, 1.87, 4.4, 1.87, 0.4, GRAY)
    if facts.new_address:
        sheet.scribble([(0.44, 1.14), (0.5, 1.2), (0.64, 1.02)], 1.4, facts.ink)
        for row, line in enumerate(facts.new_address):
            sheet.hand(rng, 0.75, 1.52 + row * 0.32, line, face=facts.hand, digit=0.12,
                       ink=facts.ink, fit=3.5)  # fmt: skip
