"""What a layout is: its name, what it prints, and how it draws one remittance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Claim, Remittance
from bench.remittances.traits import Traits

Draw = Callable[[Canvas, Remittance], None]


@dataclass(frozen=True, slots=True)
class Layout:
    """A payer's way to print a remittance; ``draw`` leaves the canvas on its last page.

    ``section`` numbers the part of the listing that a claim stands in, where there are parts;
    ``by_day`` lists a claim's services in the order of their days.
    """

    name: str
    traits: Traits
    draw: Draw
    held_out: bool = False
    section: Callable[[Claim], int] | None = None
    by_day: bool = False


def method(remittance: Remittance, check: str, transfer: str) -> str:
    """The word for the payment that fits how it is made."""
    return check if remittance.payment_method == "CHK" else transfer
