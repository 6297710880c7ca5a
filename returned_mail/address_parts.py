"""A delivery line as parts with roles: what it is made of, and how it is written again."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal[
    "care_of", "house", "predirectional", "street", "suffix", "postdirectional", "unit", "box",
    "route", "urbanization", "city", "state", "zip",
]  # fmt: skip
Kind = Literal[
    "street", "po_box", "rural", "contract", "military", "general", "puerto_rico", "unparsed"
]
HOUSE: Final = re.compile(r"(?:\d{1,6}[A-Z]?(?:[-/]\d{1,6}[A-Z]?)?|[NSEW]\d{1,5}[NSEW]\d{1,5})")
"""A house number: 12, 12B, 12-14, 112-10, N6W23001."""
FRACTION: Final = re.compile(r"[1-9]/[1-9]\d?")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address in capitals, as Publication 28 writes it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery line understood; an ``unparsed`` one is one part with all its words."""

    kind: Kind
    parts: tuple[Part, ...]

    @property
    def line(self) -> str:
        """The line as it is printed; parsed again, it gives the same parts."""
        return " ".join(part.text for part in self.parts if part.role != "care_of")

    @property
    def care_of(self) -> str:
        """``C/O`` or ``ATTN`` and whom; empty without."""
        return self.text("care_of")

    def text(self, role: Role) -> str:
        """All that stands in a role, by itself."""
        return " ".join(part.text for part in self.parts if part.role == role)


def fold(text: str) -> str:
    """Capitals, digits and the few marks that mean something; one space between words."""
    text = re.sub("[ºª]", "", text)  # would become letters
    upper = text.upper().replace("½", " 1/2").replace("¼", " 1/4").replace("¾", " 3/4")
    upper = "".join(c for c in unicodedata.normalize("NFKD", upper) if not unicodedata.combining(c))
    upper = re.sub(r"(?<=[A-Z])\.(?=[A-Z]\b)", " ", upper)  # P.O. is two letters, not a word
    upper = re.sub("['`\u2018\u2019]", "", upper)
    upper = re.sub(r"[^A-Z0-9#/. -]", " ", upper)
    upper = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", upper)  # 39.2 is a house number, KM 2.3 a place
    upper = re.sub(r"#\s*", "# ", upper)
    return " ".join(upper.split())
