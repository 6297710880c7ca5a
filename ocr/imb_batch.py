"""Barcodes of many pieces at once, as packed bits: descender and ascender of bar 1, 2, ... 65.

A piece takes three words of 64 bits: bars 1 to 32, 33 to 64, and the last. The arithmetic is that
of `ocr.imb.encode`, in limbs of 26 bits and compiled; a million pieces take about two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr import imb
from ocr.machine_code import compiled

Words = NDArray[np.uint64]
"""Packed bits, 3 x pieces."""
_LENGTHS = {20: -1, 25: 5, 29: 9, 31: 11}


def packed(digits: Sequence[str]) -> Words:
    """Bits of these barcodes (20, 25, 29 or 31 digits each), 3 x count; ValueError for others."""
    tracking = np.zeros((len(digits), 20), np.uint8)
    routing = np.zeros(len(digits), np.int64)
    for place, one in enumerate(digits):
        if len(one) not in _LENGTHS or not (one.isascii() and one.isdecimal()) or one[1] > "4":
            raise ValueError("a barcode is 20, 25, 29 or 31 digits whose second is 0 to 4")
        tracking[place] = np.frombuffer(one[:20].encode(), np.uint8) - 48
        if len(one) > 20:
            routing[place] = int(one[20:]) + imb.ROUTING_OFFSET[len(one) - 20]
    return packed_digits(tracking, routing)


def packed_digits(tracking: NDArray[np.uint8], routing: NDArray[np.int64]) -> Words:
    """As `packed`, of digits (n x 20) and routing numbers as step 1 of the reference has them."""
    characters, homes = _tables()
    return _packed(np.ascontiguousarray(tracking), np.ascontiguousarray(routing), characters, homes)


def unpacked(words: Words) -> NDArray[np.int8]:
    """The bits as +1 and -1, count x 130."""
    count = words.shape[1]
    whole = np.ascontiguousarray(words.T.astype("<u8")).view(np.uint8).reshape(count, 24)
    bits = np.unpackbits(whole, axis=1, bitorder="little")[:, : 2 * imb.BARS]
    return bits.astype(np.int8) * 2 - 1


def bars(words: Words) -> list[str]:
    """The bits as bar letters, for people and tests."""
    signs = unpacked(words).reshape(-1, imb.BARS, 2) > 0
    return ["".join("TDAF"[int(down) + 2 * int(up)] for down, up in one) for one in signs]


@cache
def _tables() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codewords to characters; and of each of 130 half bars its character and bit."""
    homes = [place for bar in imb.bar_bits() for place in bar]
    return np.array(imb.characters(), np.int64), np.array(homes, np.int64)


@compiled
def _packed(
    tracking: NDArray[np.uint8],
    routing: NDArray[np.int64],
    characters: NDArray[np.int64],
    homes: NDArray[np.int64],
) -> Words:
    count = len(routing)
    words = np.zeros((3, count), np.uint64)
    limbs = np.zeros(4, np.int64)
    seen = np.zeros(10, np.int64)
    for piece in range(count):
        limbs[0] = routing[piece] & 0x3FFFFFF
        limbs[1] = routing[piece] >> 26
        limbs[2] = limbs[3] = 0
        for digit in range(20):
            carry = np.int64(tracking[piece, digit])
            for limb in range(4):
                carry += limbs[limb] * (5 if digit == 1 else 10)
                limbs[limb] = carry & 0x3FFFFFF
                carry >>= 26
        check = 0x7FF
        for bit in range(101, -1, -1):
            feedback = (check >> 10 ^ limbs[bit // 26] >> (bit % 26)) & 1
            check = (check << 1) & 0x7FF
            if feedback:
                check ^= 0x735
        for place in range(9, -1, -1):
            base = 636 if place == 9 else 1365
            rest = np.int64(0)
            for limb in range(3, -1, -1):
                rest = (rest << 26) | limbs[limb]
                limbs[limb] = rest // base
                rest %= base
            seen[place] = rest
        seen[9] *= 2
        if check >> 10 & 1:
            seen[0] += 659
        for place in range(10):
            seen[place] = characters[seen[place]] ^ (0x1FFF if check >> place & 1 else 0)
        for half in range(130):
            if seen[homes[half, 0]] >> homes[half, 1] & 1:
                words[half // 64, piece] |= np.uint64(1) << np.uint64(half % 64)
    return words
