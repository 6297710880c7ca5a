"""Services of a scan that print no day: it is the one above where no ink stands in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from intake.types import Box, Pixels
from ocr.remittance_cells import PaperClaim

_SURE = 0.93  # of a day told by the line above, where none was lost
_MARGIN = 0.3  # heights around a day's place
_INK = 0.004  # of the pixels of a place that may be dark: specks; thin print has ten times as many
_DARK = 0.75  # of the paper's brightness


def confirm_days(claims: Sequence[PaperClaim], pixels: Mapping[int, Pixels]) -> None:
    """Make a day that the line above tells surer where its own place is blank, in place."""
    for above, line in (pair for claim in claims for pair in pairwise(claim.lines)):
        day, code = line.cells.get("service_on"), line.cells.get("procedure_code")
        if day is None or code is None or line.page not in pixels or above.page != line.page:
            continue
        told = above.cells.get("service_on")
        if told is None or day.box is None or day.box != told.box or code.box is None:
            continue
        place = (day.box[0], code.box[1], day.box[2], max(day.box[3], code.box[3]))
        if is_blank(pixels[line.page], place):
            sure = max(day.confidence, min(_SURE, told.confidence))
            line.cells["service_on"] = replace(day, confidence=sure)


def is_blank(page: Pixels, box: Box) -> bool:
    """Whether nothing is printed in a place."""
    left, top, width, height = box
    beside = round(_MARGIN * height)
    part = page[max(0, top - beside // 2) : top + height + beside // 2,
                max(0, left - beside) : left + width + beside]  # fmt: skip
    if not part.size:
        return False
    dark = part < _DARK * float(np.quantile(part, 0.9))
    return float(dark.mean()) <= _INK
