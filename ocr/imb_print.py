"""Drawing an Intelligent Mail barcode at the sizes of USPS-B-3200: rectangles, SVG, PDF, PNG.

The nominal sizes stand in the middle of the standard's tolerances, so that a printer's spread in
either direction stays within them.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

PER_INCH = 22.0
BAR_WIDTH, FULL_HEIGHT, TRACKER_HEIGHT = 0.020, 0.145, 0.048
CLEAR_SIDES, CLEAR_ENDS = 0.028, 0.125
"""Inches: bars an inch (20 to 24 allowed), a bar's width (.015 to .025), heights of a full bar
(.125 to .165) and of a tracker (.039 to .057), and the white around the code."""

Rectangle = tuple[float, float, float, float]
"""x, y, width, height in inches from the upper left corner of the clear zone."""


def rectangles(bars: str) -> list[Rectangle]:
    """The 65 bars as rectangles, the clear zone left free; ValueError for other letters."""
    if not bars or set(bars) - set("TADF"):
        raise ValueError("bars are written T, A, D and F")
    reach = (FULL_HEIGHT - TRACKER_HEIGHT) / 2
    drawn = []
    for place, bar in enumerate(bars):
        up, down = (reach if bar in "AF" else 0.0), (reach if bar in "DF" else 0.0)
        top = CLEAR_SIDES + reach - up
        drawn.append((CLEAR_ENDS + place / PER_INCH, top, BAR_WIDTH, TRACKER_HEIGHT + up + down))
    return drawn


def size(bars: str) -> tuple[float, float]:
    """Width and height in inches, clear zone included."""
    return (
        2 * CLEAR_ENDS + (len(bars) - 1) / PER_INCH + BAR_WIDTH,
        2 * CLEAR_SIDES + FULL_HEIGHT,
    )


def svg(bars: str) -> str:
    """The barcode as an SVG picture of its true size."""
    width, height = size(bars)
    drawn = "".join(
        f'<rect x="{x:.4f}" y="{y:.4f}" width="{wide:.4f}" height="{tall:.4f}"/>'
        for x, y, wide, tall in rectangles(bars)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.4f}in" height="{height:.4f}in" '
        f'viewBox="0 0 {width:.4f} {height:.4f}"><g fill="#000">{drawn}</g></svg>\n'
    )


def pdf(codes: Sequence[str]) -> bytes:
    """One page for each barcode, as large as the code with its clear zone, in vectors."""
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - readers never print

    held = io.BytesIO()
    canvas = Canvas(held, invariant=1)
    for bars in codes:
        width, height = size(bars)
        canvas.setPageSize((72 * width, 72 * height))
        for x, y, wide, tall in rectangles(bars):
            canvas.rect(72 * x, 72 * (height - y - tall), 72 * wide, 72 * tall, stroke=0, fill=1)
        canvas.showPage()
    canvas.save()
    return held.getvalue()


def png(bars: str, dpi: int = 600) -> bytes:
    """The barcode in black and white pixels; ``dpi`` of at least 300 keeps the tolerances."""
    if dpi < 300:
        raise ValueError("a barcode needs at least 300 dots an inch")
    width, height = size(bars)
    dots = np.full((round(height * dpi), round(width * dpi)), 255, np.uint8)
    for x, y, wide, tall in rectangles(bars):
        left, top = round(x * dpi), round(y * dpi)
        dots[top : top + round(tall * dpi), left : left + round(wide * dpi)] = 0
    held = io.BytesIO()
    Image.fromarray(dots).convert("1").save(held, "PNG", dpi=(dpi, dpi))
    return held.getvalue()
