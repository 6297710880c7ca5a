"""Returned envelopes: window, IMb, permit imprint, yellow label, stamps and handwriting."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from PIL import Image

from web.demo.fonts import BOLD, HANDS, MONO
from web.demo.group import Account, Office, Statement
from web.demo.sheet import BLACK_INK, BLUE_INK, GRAY, Color, Sheet
from web.demo.symbols import code128, imb

REASONS: dict[str, str] = {
    "moved_no_address": "MOVED LEFT NO ADDRESS",
    "attempted_not_known": "ATTEMPTED - NOT KNOWN",
    "insufficient": "INSUFFICIENT ADDRESS",
    "no_such_number": "NO SUCH NUMBER",
    "no_such_street": "NO SUCH STREET",
    "not_deliverable_utf": "NOT DELIVERABLE AS ADDRESSED",
    "vacant": "VACANT",
    "unclaimed": "UNCLAIMED",
    "refused": "REFUSED",
    "box_closed": "BOX CLOSED - NO ORDER",
    "no_receptacle": "NO MAIL RECEPTACLE",
    "temp_away": "TEMPORARILY AWAY",
    "new_address": "FORWARD TIME EXP RTN TO SEND",
}
_YELLOW: Color = (250, 226, 92)
_STAMP_RED: Color = (178, 40, 60)
_STAMP_PURPLE: Color = (96, 50, 130)


@dataclass(frozen=True, slots=True)
class EnvelopeFacts:
    """A statement that came back; ``mark`` is how the post office said why.

    ``mark`` is ``label`` (yellow nixie label), ``stamp`` (pointing hand and ticked reason) or
    ``hand`` (somebody wrote on it). ``forward`` is the new street and town line on the label.
    """

    account: Account
    statement: Statement
    office: Office
    reason: str
    mark: str
    label_on: date
    label_id: str
    forward: tuple[str, str] | None = None

    @property
    def addressee(self) -> str:
        """The guarantor as printed in the window."""
        return self.account.guarantor.upper()

    @property
    def address_lines(self) -> tuple[str, str]:
        """Street and town lines as printed in the window, ZIP+4 from the barcode."""
        a, zip_code = self.account, self.statement.imb[20:]
        town = f"{a.city} {a.state} {zip_code[:5]}-{zip_code[5:9]}".upper()
        return (a.street.upper(), town)

    @property
    def label_lines(self) -> tuple[str, ...]:
        """The lines of the yellow label."""
        zip3 = self.office.zip[:3]
        if self.forward:
            keyline = f"{self.account.guarantor_last[:4].upper()}{self.label_id[:3]}"
            return (
                f"{keyline}  {self.account.zip}  1N  C  {self.label_on:%m/%d/%y}",
                "NOTIFY SENDER OF NEW ADDRESS",
                self.addressee,
                *self.forward,
                "RETURN TO SENDER",
                f"BC: {self.office.zip}  {self.label_id}",
            )
        return (
            f"NIXIE      {zip3}  DE 1      00{self.label_on:%m/%d/%y}",
            "RETURN TO SENDER",
            REASONS[self.reason],
            "UNABLE TO FORWARD",
            f"BC: {self.office.zip}            {self.label_id}",
        )

    def truth(self) -> dict[str, Any]:
        """The contract's fields of returned mail."""
        digits = self.statement.imb
        forward = "\n".join((self.addressee, *self.forward)) if self.forward else None
        nixie = None
        if self.mark == "label":
            nixie = {
                "zip3": None if self.forward else self.office.zip[:3],
                "date": self.label_on.isoformat(),
                "barcode_digits": "".join(c for c in self.label_id if c.isdigit()),
            }
        return {
            "reason": self.reason,
            "endorsement_text": self._endorsement(),
            "addressee_name": self.addressee,
            "addressee_address": "\n".join(self.address_lines),
            "forward_address": forward,
            "return_address": "\n".join(self.office.return_address),
            "imb": {
                "barcode_id": digits[:2],
                "service_type_id": digits[2:5],
                "mailer_id": digits[5:14],
                "serial": digits[14:20],
                "routing_zip": digits[20:],
                "corrected_bars": 0,
            },
            "nixie": nixie,
        }

    def _endorsement(self) -> str | None:
        if self.mark == "label":
            return "\n".join(self.label_lines)
        if self.mark == "stamp":
            return f"RETURN TO SENDER\n{REASONS[self.reason]}"
        return HANDWRITTEN


HANDWRITTEN = "Not at this address!\nReturn to sender"


def draw_envelope(facts: EnvelopeFacts, dpi: int, rng: random.Random) -> Sheet:
    """A #10 envelope front, 9.5 x 4.125 inches."""
    paper: Color = rng.choice(((252, 252, 250), (246, 244, 238)))
    sheet = Sheet(9.5, 4.125, dpi, paper)
    sheet.lines(0.45, 0.42, list(facts.office.return_address), face=BOLD, pt=9)
    sheet.text(0.45, 1.0, "RETURN SERVICE REQUESTED", pt=8)
    _permit(sheet)
    _window(sheet, facts)
    if facts.mark == "label":
        place = (4.85 + rng.uniform(0, 0.25), 2.1 + rng.uniform(0, 0.12))
        sheet.overlay(_label(facts, dpi), *place, angle=rng.uniform(-2.5, 2.5))
    elif facts.mark == "stamp":
        _stamp(sheet, facts, rng)
    else:
        hand = rng.choice(HANDS)
        ink = rng.choice((BLUE_INK, BLACK_INK, _STAMP_RED))
        for row, line in enumerate(HANDWRITTEN.split("\n")):
            sheet.hand(rng, 4.9, 2.2 + 0.36 * row, line, face=hand, digit=0.2, ink=ink,
                       fit=3.8, slope=-0.03)  # fmt: skip
    return sheet


def _permit(sheet: Sheet) -> None:
    sheet.box(7.95, 0.25, 1.2, 0.85, pt=0.8)
    rows = ["PRESORTED", "FIRST-CLASS MAIL", "US POSTAGE", "PAID", "PERMIT NO 412"]
    sheet.lines(8.55, 0.42, rows, pt=7.5, anchor="m")


def _window(sheet: Sheet, facts: EnvelopeFacts) -> None:
    """The address block behind glassine, with the barcode above the lines."""
    sheet.draw.rounded_rectangle(
        [sheet.px(0.85), sheet.px(1.75), sheet.px(4.55), sheet.px(3.05)],
        radius=sheet.px(0.12), fill=(240, 242, 244), outline=(200, 202, 206),
    )  # fmt: skip
    imb(sheet, 1.05, 2.02, facts.statement.imb)
    rows = [facts.addressee, *facts.address_lines]
    sheet.lines(1.05, 2.35, rows, face=MONO, pt=10.5)


def _label(facts: EnvelopeFacts, dpi: int) -> Sheet:
    """The yellow label, 4 x 1.4 inches (taller with a new address)."""
    rows = facts.label_lines
    label = Sheet(4.0, 0.62 + 0.16 * len(rows), dpi, _YELLOW)
    y = label.lines(0.2, 0.24, list(rows), face=MONO, pt=10)
    code128(label, 0.35, y - 0.04, "".join(c for c in facts.label_id if c.isdigit()), 0.22,
            module=0.0135)  # fmt: skip
    return label


def _stamp(sheet: Sheet, facts: EnvelopeFacts, rng: random.Random) -> None:
    """A rubber stamp: RETURN TO SENDER over a list of reasons, one of them ticked."""
    color = rng.choice((_STAMP_RED, _STAMP_PURPLE))
    stamp = Sheet(3.3, 1.62, sheet.dpi)
    stamp.box(0.04, 0.04, 3.2, 1.52, pt=1.6, outline=color)
    stamp.text(1.65, 0.3, "RETURN TO SENDER", face=BOLD, pt=15, fill=color, anchor="m")
    others = [key for key in REASONS if key not in {facts.reason, "new_address"}]
    listed = rng.sample(others, 4)
    listed.insert(rng.randrange(5), facts.reason)
    for row, key in enumerate(listed):
        y = 0.55 + row * 0.2
        stamp.box(0.2, y - 0.11, 0.12, 0.12, outline=color)
        stamp.text(0.42, y, REASONS[key], pt=9.5, fill=color)
        if key == facts.reason:
            stamp.scribble([(0.17, y - 0.08), (0.25, y), (0.44, y - 0.2)], 2.0, BLACK_INK)
    turned = stamp.image.rotate(rng.uniform(-4, 4), fillcolor=(255, 255, 255), expand=True)
    ink = np.asarray(turned)
    left, top = sheet.px(5.3), sheet.px(1.85)
    under = np.asarray(sheet.image.crop((left, top, left + ink.shape[1], top + ink.shape[0])))
    mixed = (under.astype(np.uint16) * ink // 255).astype(np.uint8)
    sheet.image.paste(Image.fromarray(mixed), (left, top))
    sheet.text(5.35, 3.75, f"{facts.label_on:%b %d %Y}".upper(), face=MONO, pt=8, fill=GRAY)


def label_identity(rng: random.Random) -> str:
    """A label's own number, ``*dddd-ddddd-dd-dd``."""
    parts = (4, 5, 2, 2)
    return "*" + "-".join("".join(rng.choice("0123456789") for _ in range(n)) for n in parts)


def label_date(statement: Statement, rng: random.Random, latest: date) -> date:
    """A day between the mailing and the pickup, as the post office stamps it."""
    return min(latest, statement.mailed_on + timedelta(days=rng.randint(4, 14)))
