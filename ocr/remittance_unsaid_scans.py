"""Scanned payments that print charge and payment alone: amounts sure where three readers agree."""

from __future__ import annotations

from dataclasses import replace

from ocr.crossfoot_claims import Readings
from ocr.remittance_body import Body
from ocr.types import Field

ALIKE = 0.95  # of what readers make of an amount, where none of three has it otherwise
_MOST_SAY_SO = 0.5  # the same, of one that the payment bears out, too
_SURE, _PROVED = 0.95, 0.97
_IN_DOUBT = 0.8  # at most, of an amount that is neither


def read_alike(body: Body, reader: Readings) -> None:
    """Give both amounts of each line the confidence that their print has, in place.

    No sum of a row is printed that could prove or gainsay them, and the payment is the sum of what
    was paid. What was charged is sure where all readers of its print have it alike, or where it
    was paid in full. Where nothing was paid the payment does not tell a lost minus sign: such a
    charge is in doubt within a claim taken back.
    """
    for claim in body.claims:
        back = any(cents < 0 for line in claim.lines for cents in line.money.values())
        for line in claim.lines:
            paid = as_read(line.cells["paid_cents"], reader, _MOST_SAY_SO, _PROVED)
            charged = as_read(line.cells["charged_cents"], reader, ALIKE, _SURE)
            if charged.value == paid.value != 0:
                sure = max(charged.confidence, min(paid.confidence, _SURE))
                charged = replace(charged, confidence=sure)
            elif back and charged.value > 0 and not paid.value:
                charged = replace(charged, confidence=min(charged.confidence, _IN_DOUBT))
            line.cells |= {"paid_cents": paid, "charged_cents": charged}


def as_read(cell: Field, reader: Readings, least: float, most: float) -> Field:
    """The amount, ``most`` sure where readers give it at ``least`` so much of their say.

    Of three readers that have it alike it is at least ``ALIKE``.
    """
    seen = () if cell.box is None else reader.candidates(cell.page, cell.box)
    alike = any(one.value == cell.value and one.confidence >= least for one in seen)
    return replace(cell, confidence=most if alike else min(cell.confidence, _IN_DOUBT))
