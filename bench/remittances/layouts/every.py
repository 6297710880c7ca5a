"""All layouts by name: those for building, and those that nobody tunes on."""

from __future__ import annotations

from typing import Literal

from bench.remittances.layouts.apart import APART
from bench.remittances.layouts.classic import CLASSIC
from bench.remittances.layouts.dense import DENSE
from bench.remittances.layouts.design import Layout
from bench.remittances.layouts.heldout_letter import BENEFIT_LETTER
from bench.remittances.layouts.heldout_network import NETWORK_ADVICE
from bench.remittances.layouts.heldout_vendor import VENDOR_BOXES
from bench.remittances.layouts.listed import LISTED
from bench.remittances.layouts.opened import OPENED
from bench.remittances.layouts.opened_bands import SHADED_BANDS
from bench.remittances.layouts.opened_details import THREE_LINE_CLAIMS
from bench.remittances.layouts.opened_families import EMPLOYER_FAMILIES
from bench.remittances.layouts.opened_image import KEYED_IMAGE
from bench.remittances.layouts.opened_marks import MESSAGE_MARKS
from bench.remittances.layouts.opened_maximums import PLAN_MAXIMUMS
from bench.remittances.layouts.opened_percents import COVERED_PERCENTS
from bench.remittances.layouts.opened_register import WORKBOOK_REGISTER
from bench.remittances.layouts.opened_repriced import CLAIM_A_SHEET
from bench.remittances.layouts.opened_review import REVIEW_FORMS
from bench.remittances.layouts.opened_shares import LETTERED_SHARES
from bench.remittances.layouts.opened_statuses import STATUS_CODES
from bench.remittances.layouts.opened_visits import DATED_VISITS
from bench.remittances.layouts.random_designs import MEASURING, design
from bench.remittances.layouts.ruled import RULED
from bench.remittances.layouts.typed import TYPED
from bench.remittances.layouts.unruled import UNRULED

Which = Literal["all", "known", "heldout", "random"]

KNOWN: tuple[Layout, ...] = (
    *CLASSIC, *TYPED, *UNRULED, *RULED, *APART, *LISTED, *DENSE, *OPENED,
    MESSAGE_MARKS, WORKBOOK_REGISTER, DATED_VISITS,
    STATUS_CODES, LETTERED_SHARES, PLAN_MAXIMUMS, CLAIM_A_SHEET, REVIEW_FORMS, KEYED_IMAGE,
    SHADED_BANDS, EMPLOYER_FAMILIES, COVERED_PERCENTS, THREE_LINE_CLAIMS,
)  # fmt: skip
HELD_OUT: tuple[Layout, ...] = (BENEFIT_LETTER, VENDOR_BOXES, NETWORK_ADVICE)


def layouts(which: Which) -> tuple[Layout, ...]:
    """The layouts asked for, in a fixed order; ``random`` are designs that nobody looked at."""
    if which == "random":
        return tuple(map(design, MEASURING))
    return {"all": (*KNOWN, *HELD_OUT), "known": KNOWN, "heldout": HELD_OUT}[which]
