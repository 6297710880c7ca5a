"""What an envelope bears, gathered once: bars, towns, frames of stamps and labels, reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from intake.types import Page
from ocr import imb_finder, reasons
from ocr.imb_finder import Found as FoundImb
from ocr.text import Line, PageText, runs
from ocr.types import SoftBars

_STATE = re.sub(
    r"\s+",
    "|",
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
    "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AE AP AA",
)
TOWN = re.compile(rf"[A-Za-z].*?[ ,.]+({_STATE})\.?,?\s+(\d{{5}})(?:\s?-\s?(\d{{4}}))?$")
POSTAL = re.compile(
    r"pre-?sorted|first-?class|us postage|u\.s\. postage|permit no|service requested|postage paid|"
    r"address service|forwarding service|electronic service",
    re.IGNORECASE,
)
NIXIE = re.compile(r"^N[I1]X[I1]E\b")


@dataclass(frozen=True, slots=True)
class Marks:
    """What an envelope bears, gathered once for classification and reading."""

    imb: FoundImb | None
    bars: tuple[SoftBars, ...]
    parts: tuple[Line, ...]
    towns: tuple[Line, ...]
    framed: tuple[Line, ...]
    named: tuple[tuple[Line, reasons.Match], ...]
    nixie: tuple[Line, ...]
    written: tuple[tuple[Line, reasons.Match], ...]
    postal: int

    @property
    def returned(self) -> bool:
        """Whether something on it says that it came back."""
        return bool(self.framed or self.named or self.nixie or self.written)


def marks(page: Page, text: PageText, *, find_imb: bool = True) -> Marks:
    """Look for the signs of an envelope and of its return."""
    parts = tuple(part for line in text.lines for part in runs(line, gap=2.0))
    sight = imb_finder.look(page.pixels, page.dpi) if find_imb else imb_finder.Sight()
    named: list[tuple[Line, reasons.Match]] = []
    written: list[tuple[Line, reasons.Match]] = []
    for part in parts:
        if POSTAL.search(part.text):
            continue
        match = reasons.match_reason(part.text)
        hand = None if match else reasons.match_handwritten(part.text)
        if match is not None:
            named.append((part, match))
        elif hand is not None:
            written.append((part, hand))
    return Marks(
        imb=sight.found,
        bars=tuple(SoftBars(page.index, run.box, run.bits) for run in sight.runs),
        parts=parts,
        towns=tuple(part for part in parts if TOWN.search(tidy(part.text))),
        framed=tuple(part for part in parts if reasons.is_frame(part.text)),
        named=tuple(named),
        nixie=tuple(part for part in parts if NIXIE.match(part.text.upper())),
        written=tuple(written),
        postal=postal_signs(text),
    )


def postal_signs(text: PageText) -> int:
    """How many different phrases say that postage was paid and what the post office is to do."""
    return len(set(POSTAL.findall(" ".join(line.text.lower() for line in text.lines))))


def says_returned(line: Line) -> bool:
    """Whether a line is one that only returned mail bears: RETURN TO SENDER, NIXIE."""
    return reasons.is_frame(line.text) or bool(NIXIE.match(line.text.upper()))


def looks_like_envelope(text: PageText, seen: Marks) -> float:
    """Probability that a page is the outside of an envelope."""
    few = len(text.words) < 90
    if seen.imb is not None and few:
        return 0.97
    strong = bool(seen.nixie) + bool(seen.framed) + min(2, seen.postal)
    if strong >= 2 and few:
        return 0.96
    if strong == 1 and few and seen.towns:
        return 0.85
    return 0.5 if few and len(seen.towns) >= 2 and len(text.lines) < 14 else 0.03


def tidy(text: str) -> str:
    """Without what OCR makes of a frame, and without stops at the ends."""
    return re.sub(r"[|\[\]_]", "", text).strip(" .,;:")
