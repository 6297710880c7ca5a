"""The Intelligent Mail barcode (USPS-B-3200): digits to 65 bars and back, exactly.

Bars are written ``T`` (tracker), ``A`` (ascender), ``D`` (descender) and ``F`` (both).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

BARS = 65

# Descender and ascender of bars 1..65, each a character (A..J) and one of its 13 bits.
_BAR_MAP = (
    "H2:E3 B10:A0 J12:C8 F5:G11 I9:D1 A1:F12 C5:B8 E4:J11 G3:I10 D9:H6 F11:B4 I5:C12 J10:A2 "
    "H1:G7 D6:E9 A3:I6 G4:C7 B1:J9 H10:F2 E0:D8 G2:A4 I11:B0 J8:D12 C6:H7 F1:E10 B12:G9 H3:I0 "
    "F8:J7 E6:C10 D4:A5 I4:F7 H11:B9 G0:J6 A6:E8 C1:D2 F9:I12 E11:G1 J5:H4 D3:B2 A7:C0 B3:E1 "
    "G10:D5 I7:J4 C11:F6 A8:H12 E2:I1 F10:D0 J3:A9 G5:C4 H8:B7 F0:E5 C3:A10 G12:J2 D11:B6 "
    "I8:H9 F4:A11 B5:C2 J1:E12 I3:G6 H0:D7 E7:H5 A12:B11 C9:J0 G8:F3 D10:I2"
)
_FULL = 0x1FFF
_PAYLOAD_LIMIT = (10**11 + 1_000_100_001) * 50 * 10**18
ROUTING_OFFSET = {0: 0, 5: 1, 9: 100_001, 11: 1_000_100_001}


@dataclass(frozen=True, slots=True)
class Imb:
    """The digits of one barcode; ``corrected_bars`` counts bars that were misread and mended."""

    tracking: str
    routing: str
    corrected_bars: int = 0

    @property
    def mailer_id(self) -> str:
        """Six digits, or nine when the first is a 9."""
        return self.tracking[5:14] if self.tracking[5] == "9" else self.tracking[5:11]

    @property
    def serial(self) -> str:
        """What the mailer numbered the piece with: the rest of 15 digits."""
        return self.tracking[5 + len(self.mailer_id) :]

    def as_json(self) -> dict[str, Any]:
        """The contract's ``imb`` value."""
        return {
            "barcode_id": self.tracking[:2],
            "service_type_id": self.tracking[2:5],
            "mailer_id": self.mailer_id,
            "serial": self.serial,
            "routing_zip": self.routing or None,
            "corrected_bars": self.corrected_bars,
        }


@cache
def characters() -> tuple[int, ...]:
    """Codeword 0..1364 to its 13-bit character: table 5-of-13, then 2-of-13."""
    return (*_table(5, 1287), *_table(2, 78))


def _table(weight: int, size: int) -> list[int]:
    """Section 3.2.2: palindromes fill from the top, the others in pairs from the bottom."""
    table = [0] * size
    low, high = 0, size - 1
    for value in range(_FULL + 1):
        if value.bit_count() != weight:
            continue
        mirrored = int(f"{value:013b}"[::-1], 2)
        if mirrored < value:
            continue
        if mirrored == value:
            table[high] = value
            high -= 1
        else:
            table[low], table[low + 1] = value, mirrored
            low += 2
    return table


@cache
def codewords() -> dict[int, tuple[int, bool]]:
    """Character to (codeword, complemented)."""
    found: dict[int, tuple[int, bool]] = {}
    for codeword, character in enumerate(characters()):
        found[character] = (codeword, False)
        found[character ^ _FULL] = (codeword, True)
    return found


@cache
def bar_bits() -> tuple[tuple[tuple[int, int], tuple[int, int]], ...]:
    """For each bar the (character, bit) of its descender and of its ascender."""

    def place(text: str) -> tuple[int, int]:
        return "ABCDEFGHIJ".index(text[0]), int(text[1:])

    pairs = (bar.split(":") for bar in _BAR_MAP.split())
    return tuple((place(desc), place(asc)) for desc, asc in pairs)


def _check(payload: int) -> int:
    """The 11-bit frame check over 102 bits of the payload, most significant first."""
    frame = _fed(0x7FF, payload >> 96, 6)
    table = _byte_checks()
    for shift in range(88, -8, -8):
        frame = frame << 8 & 0x7FF ^ table[(frame >> 3 ^ payload >> shift) & 0xFF]
    return frame


@cache
def _byte_checks() -> tuple[int, ...]:
    """What eight bits, alone in the frame's upper end, leave in it."""
    return tuple(_fed(0, byte, 8) for byte in range(256))


def _fed(frame: int, value: int, bits: int) -> int:
    """The frame after these bits of a value, one by one."""
    for position in range(bits - 1, -1, -1):
        feedback = (frame >> 10 ^ value >> position) & 1
        frame = frame << 1 & 0x7FF
        if feedback:
            frame ^= 0xF35 & 0x7FF
    return frame


def encode(tracking: str, routing: str = "") -> str:
    """Twenty tracking and 0, 5, 9 or 11 routing digits as 65 bars; ValueError for others."""
    if len(tracking) != 20 or not (tracking + routing).isdecimal() or tracking[1] > "4":
        raise ValueError("tracking is 20 digits whose second is 0 to 4")
    if len(routing) not in ROUTING_OFFSET:
        raise ValueError("routing is 0, 5, 9 or 11 digits")
    value = (int(routing) + ROUTING_OFFSET[len(routing)]) if routing else 0
    value = (value * 10 + int(tracking[0])) * 5 + int(tracking[1])
    for digit in tracking[2:]:
        value = value * 10 + int(digit)
    check = _check(value)
    words = [0] * 10
    value, words[9] = divmod(value, 636)
    for place in range(8, 0, -1):
        value, words[place] = divmod(value, 1365)
    words[0] = value + (659 if check >> 10 & 1 else 0)
    words[9] *= 2
    made = [
        characters()[word] ^ (_FULL if check >> place & 1 else 0)
        for place, word in enumerate(words)
    ]
    bars = []
    for (desc_char, desc_bit), (asc_char, asc_bit) in bar_bits():
        down = made[desc_char] >> desc_bit & 1
        up = made[asc_char] >> asc_bit & 1
        bars.append("TDAF"[down + 2 * up])
    return "".join(bars)


def decode(bars: str) -> Imb | None:
    """65 bars, either way up, to their digits; None unless every check holds."""
    if len(bars) != BARS or set(bars) - set("TADF"):
        return None
    for text in (bars, turned(bars)):
        seen = [0] * 10
        for bar, (descender, ascender) in zip(text, bar_bits(), strict=True):
            if bar in "DF":
                seen[descender[0]] |= 1 << descender[1]
            if bar in "AF":
                seen[ascender[0]] |= 1 << ascender[1]
        found = from_characters(seen)
        if found is not None:
            return found
    return None


def turned(bars: str) -> str:
    """The same bars seen upside down."""
    return bars[::-1].translate(str.maketrans("AD", "DA"))


def from_characters(seen: list[int]) -> Imb | None:
    """Undo section 3.2: characters to codewords to payload to digits, every range checked."""
    check = 0
    words: list[int] = []
    for place, character in enumerate(seen):
        known = codewords().get(character)
        if known is None:
            return None
        words.append(known[0])
        check |= known[1] << place
    if words[0] >= 659:
        words[0] -= 659
        check |= 1 << 10
    if words[0] > 658 or words[9] % 2 or words[9] // 2 > 635:
        return None
    value = words[0]
    for word in words[1:9]:
        value = value * 1365 + word
    value = value * 636 + words[9] // 2
    if value >= _PAYLOAD_LIMIT or _check(value) != check:
        return None
    digits = []
    for _ in range(18):
        value, digit = divmod(value, 10)
        digits.append(str(digit))
    value, second = divmod(value, 5)
    value, first = divmod(value, 10)
    tracking = f"{first}{second}" + "".join(reversed(digits))
    for length in (11, 9, 5):
        if value >= ROUTING_OFFSET[length]:
            return Imb(tracking, str(value - ROUTING_OFFSET[length]).zfill(length))
    return Imb(tracking, "")
