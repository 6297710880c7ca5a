"""Readings of pages that lay upside down: their boxes back on the page as it was given."""

from __future__ import annotations

from dataclasses import replace

from intake.types import Box, Page
from ocr.types import Reading, ReadingWarning


def turned_back(reading: Reading, page: Page) -> Reading:
    """The reading of a page turned over, its boxes on the page as it came, and a word of it."""
    width, height = page.size

    def back(box: Box) -> Box:
        x, y, wide, tall = box
        return (max(0, width - x - wide), max(0, height - y - tall), wide, tall)

    fields = {
        name: replace(each, box=back(each.box))
        if each is not None and each.box is not None and each.page == page.index
        else each
        for name, each in reading.fields.items()
    }
    return replace(
        reading,
        fields=fields,
        masks=tuple((n, back(box) if n == page.index else box) for n, box in reading.masks),
        imb_soft=tuple(
            replace(row, box=back(row.box)) if row.page == page.index else row
            for row in reading.imb_soft
        ),
        warnings=(*reading.warnings, ReadingWarning("upside_down", "the page lies upside down")),
    )
