"""The typefaces of the demo's mail: printed and handwritten, all free (OFL or Apache-2.0)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).parent / "fonts"

HANDS = (
    "caveat", "homemade-apple", "reenie-beanie", "nothing-you-could-do", "kalam",
    "covered-by-your-grace", "patrick-hand", "shadows-into-light",
)  # fmt: skip
SANS, BOLD, MONO, SERIF, SCRIPT = (
    "roboto", "roboto-bold", "courier-prime", "libre-baskerville", "mrs-saint-delafield",
)  # fmt: skip


@lru_cache(maxsize=256)
def font(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    """The face ``name`` at an em of ``pixels``."""
    family, weight = (name.removesuffix("-bold"), 700) if name.endswith("-bold") else (name, 400)
    return ImageFont.truetype(str(FOLDER / f"{family}-latin-{weight}-normal.woff2"), pixels)


@lru_cache(maxsize=32)
def _digit_ratio(name: str) -> float:
    left, top, right, bottom = font(name, 200).getbbox("0458", anchor="ls")
    del left, right
    return float(bottom - top) / 200


def font_by_digit_height(name: str, pixels: float) -> ImageFont.FreeTypeFont:
    """The face ``name`` so large that its digits are ``pixels`` high: makes hands comparable."""
    return font(name, round(pixels / _digit_ratio(name), 1))
