"""Three programs that draw the same barcode, each in its own proportions: ours, reportlab, zint."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from reportlab.graphics.barcode.usps4s import USPS_4State

from ocr import imb, imb_print
from records.errors import WrongUse

Rectangle = tuple[float, float, float, float]
ENCODERS = ("ours", "reportlab", "zint")
_PITCH = 1 / 22
_RECT = re.compile(
    r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" ?/>', re.ASCII
)


class _Recorded(USPS_4State):
    """Reportlab's own drawing, with its rectangles kept instead of painted."""

    kept: list[Rectangle]

    def rect(self, x: float, y: float, w: float, h: float) -> None:
        """Keep one bar, in inches with the top at 0."""
        self.kept.append((x / 72, -(y + h) / 72, w / 72, h / 72))


def drawn(encoder: str, codes: Sequence[str]) -> list[list[Rectangle]]:
    """The bars of each code (digits) in inches from their upper left corner."""
    if encoder == "ours":
        made = [imb_print.rectangles(imb.encode(one[:20], one[20:])) for one in codes]
    elif encoder == "reportlab":
        made = [_reportlab(one) for one in codes]
    else:
        made = _zint(codes)
    return [_at_origin(one) for one in made]


def has_zint() -> bool:
    """Whether the third encoder is installed."""
    return shutil.which("zint") is not None


def _reportlab(digits: str) -> list[Rectangle]:
    barcode = _Recorded(digits[:20], digits[20:])
    barcode.kept = []
    barcode.draw()
    return list(barcode.kept)


def _zint(codes: Sequence[str]) -> list[list[Rectangle]]:
    """Zint draws in units of half a pitch; one run for all of them."""
    program = shutil.which("zint")
    if program is None:
        raise WrongUse("no_zint", "The encoder zint is not installed.", "Run: apt-get install zint")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "codes.txt"
        listed.write_text("".join(f"{one[:20]}-{one[20:]}\n" for one in codes))
        subprocess.run(  # noqa: S603 - our own file of digits
            [program, "-b", "USPS_IMAIL", "--compliantheight", "--batch",
             "-i", str(listed), "--filetype=svg",
             "-o", str(Path(folder) / "~~~~~~.svg")],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        found = []
        for number in range(1, len(codes) + 1):
            text = (Path(folder) / f"{number:06d}.svg").read_text()
            units = [tuple(float(v) for v in row) for row in _RECT.findall(text)]
            left = sorted({x for x, *_ in units})
            step = min(b - a for a, b in pairwise(left))
            scale = _PITCH / step
            found.append([(x * scale, y * scale, w * scale, h * scale) for x, y, w, h in units])
        return found


def _at_origin(bars: Sequence[Rectangle]) -> list[Rectangle]:
    left = min(bar[0] for bar in bars)
    top = min(bar[1] for bar in bars)
    return [(x - left, y - top, wide, tall) for x, y, wide, tall in bars]
