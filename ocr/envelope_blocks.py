"""Addresses on an envelope: the lines above a town, whose they are, and the field they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from intake.types import Box, Page
from ocr.envelope_marks import POSTAL, TOWN, Marks, tidy
from ocr.imb_finder import Found as FoundImb
from ocr.text import Line, PageText, around
from ocr.types import Field

OCR = 0.88
"""How sure a line of text is at most that nothing checks."""


def block_above(town: Line, seen: Marks) -> list[Line]:
    """An address's lines, from its town upwards, while they stand flush and close.

    A line that is there but was not read ends the block with an empty line on top.
    """
    block = [town]
    others = sorted(seen.parts, key=lambda part: -part.box[1])
    stops = {id(part) for part in (*seen.framed, *seen.nixie)}
    stops |= {id(part) for part, _ in seen.named}
    for part in others:
        x, y, _, height = block[0].box
        step = y - part.box[1]
        if part is town or step <= 0.35 * height:
            continue
        if step > 3.0 * max(height, 8):
            break
        if abs(part.box[0] - x) > 1.8 * height:
            continue
        if id(part) in stops or POSTAL.search(part.text):
            break
        if part.confidence <= 0.05 and step < 2.2 * height:
            return [Line((), part.box), *block]
        if len(block) == 5 or not re.search(r"[A-Za-z]", part.text) or len(part.text) < 3:
            break
        block.insert(0, part)
    return block


def in_corner(block: Sequence[Line], page: Page) -> bool:
    """Whether a block stands in the upper left corner, where senders put themselves."""
    width, height = page.size
    box = around(line.box for line in block)
    return bool(box[0] < 0.35 * width and box[1] + box[3] < 0.42 * height)


def nearest(blocks: Sequence[list[Line]], found: FoundImb | None) -> list[Line]:
    """The addressee's block: the one by the barcode, else the most central."""
    if not blocks:
        return []
    if found is None:
        return max(blocks, key=len)
    x, y, width, height = found.box

    def apart(block: list[Line]) -> float:
        box = around(line.box for line in block)
        across = max(0, box[0] - (x + width), x - (box[0] + box[2]))
        down = max(0, box[1] - (y + height), y - (box[1] + box[3]))
        return float(across + down)

    return min(blocks, key=apart)


def within(line: Line, box: Box) -> bool:
    """Whether a line begins in a box."""
    x = line.box[0]
    y = line.box[1] + line.box[3] / 2
    return bool(box[0] - 4 <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3])


def forward_block(blocks: Sequence[list[Line]]) -> list[Line] | None:
    """The first of a label's blocks that is an address."""
    return next((block for block in blocks if len(block) >= 2), None)


def address_field(
    page: int, text: PageText, block: Sequence[Line] | None, *, with_name: bool = False
) -> Field | None:
    """A block as a field; None where a line of it was not read."""
    if not block or not all(line.words for line in block):
        return None
    value = "\n".join(tidy(line.text) for line in block)
    sure = min(line.confidence for line in block)
    if len(block) < 2 and with_name:
        sure *= 0.5
    if sure < 0.3 or (with_name and len(block) < 2 and not TOWN.search(tidy(block[-1].text))):
        return None
    box = around(line.box for line in block)
    return Field(value, (0.96 if text.exact else OCR) * sure, page, box, text.source)


def zip_checked(field: Field | None, found: FoundImb | None) -> Field | None:
    """A ZIP that the barcode contradicts lowers the address; one it repeats proves the town."""
    if field is None or found is None or not found.code.routing:
        return field
    match = re.search(r"(\d{5})(?:\s?-\s?(\d{4}))?$", str(field.value))
    digits = (match[1] + (match[2] or "")) if match else ""
    if digits and found.code.routing.startswith(digits):
        return replace(field, confidence=min(0.95, field.confidence * 1.05))
    return replace(field, confidence=min(0.6, field.confidence))
