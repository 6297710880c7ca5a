"""A ledger of a million pieces, and barcodes that are almost in it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr import imb_batch, imb_ledger, imb_soft
from ocr.imb_batch import Words

MAILER = "900123456"
_ZIPS = 40
_DELIVERY = 1_000_100_001


@dataclass(frozen=True, slots=True)
class Ledger:
    """Blocks of 6-digit running serials of one mailer, and the digits of each piece."""

    blocks: list[Words]
    tracking: NDArray[np.uint8]
    routing: NDArray[np.int64]

    def digits(self, piece: int) -> str:
        """The barcode of one piece."""
        tracking = "".join(str(int(digit)) for digit in self.tracking[piece])
        return tracking + f"{int(self.routing[piece]) - _DELIVERY:011d}"

    def piece_of(self, answer: imb_ledger.Answer) -> int:
        """The number of the piece that the answer names first."""
        block, row = answer.pieces[0]
        return int(sum(each.shape[1] for each in self.blocks[:block])) + row


def made(count: int, seed: int) -> Ledger:
    """The worst case: one mailer, running serials, 40 five-digit ZIPs, three months of mail.

    Where ``count`` is above the million serials of the mailer, the service type changes.
    """
    chance = np.random.default_rng(seed)
    serial = np.arange(count)
    tracking = np.zeros((count, 20), np.uint8)
    tracking[:, 2:5] = np.array([2, 7, 0]) + np.array([0, 0, 1]) * (serial // 10**6)[:, None]
    tracking[:, 5:14] = [int(digit) for digit in MAILER]
    for place in range(6):
        tracking[:, 19 - place] = serial // 10**place % 10
    zips = chance.integers(10_000, 99_999, _ZIPS)[chance.integers(0, _ZIPS, count)]
    routing = zips * 10**6 + chance.integers(0, 10**6, count) + _DELIVERY
    words = imb_batch.packed_digits(tracking, routing)
    blocks = [np.ascontiguousarray(part) for part in np.array_split(words, 3, axis=1)]
    return Ledger(blocks, tracking, routing)


def neighbours(ledger: Ledger, count: int, seed: int) -> Words:
    """Codes that differ from pieces of the ledger in the serial only, and are not in it.

    The serial is one close by, which in the ledger goes to another address.
    """
    chance = np.random.default_rng(seed)
    chosen = chance.integers(0, len(ledger.routing), count)
    tracking = ledger.tracking[chosen].copy()
    other = np.clip(chosen + chance.integers(1, 600, count), 0, len(ledger.routing) - 1)
    other = np.where(other == chosen, chosen - 1, other)
    tracking[:, 14:] = ledger.tracking[other][:, 14:]
    return imb_batch.packed_digits(tracking, ledger.routing[chosen])


def foreign(count: int, seed: int) -> Words:
    """Codes of other mailers, to any address."""
    chance = np.random.default_rng(seed)
    tracking = chance.integers(0, 10, (count, 20)).astype(np.uint8)
    tracking[:, 1] = 0
    tracking[:, 5:14] = chance.integers(0, 9, (count, 9))
    return imb_batch.packed_digits(tracking, chance.integers(10**10, 10**11, count) + _DELIVERY)


def simulated(
    signs: NDArray[np.int8], first: int, last: int, noise: float, chance: np.random.Generator
) -> list[int]:
    """The bars from ``first`` to before ``last`` as soft bits; ``noise`` in a bar's amplitude."""
    seen = 2.0 * signs + 4.0 * noise * chance.normal(size=signs.shape)
    held = np.zeros(130)
    held[: 2 * (last - first)] = seen[2 * first : 2 * last]
    return list(imb_soft.kept(held.reshape(-1, 2)))


def measured(ledger: Ledger, each: int, seed: int) -> list[dict[str, object]]:
    """Simulated bars of pieces mailed and of others, by how many are seen: named, wrong, ms."""
    chance = np.random.default_rng(seed)
    count = len(ledger.routing)
    kinds: list[tuple[str, Words, Sequence[int] | None]] = []
    chosen = chance.integers(0, count, each)
    own = imb_batch.packed_digits(ledger.tracking[chosen], ledger.routing[chosen])
    kinds.append(("mailed", own, chosen.tolist()))
    kinds.append(("same mailer and address, not mailed", neighbours(ledger, each, seed), None))
    kinds.append(("foreign", foreign(each, seed), None))
    rows: list[dict[str, object]] = []
    for kind, words, truth in kinds:
        signs = imb_batch.unpacked(words)
        rows += [_row(ledger, kind, signs, truth, seen, chance) for seen in (65, 45, 33, 25, 20)]
    return rows


def _row(
    ledger: Ledger, kind: str, signs: NDArray[np.int8], truth: Sequence[int] | None, seen: int,
    chance: np.random.Generator,
) -> dict[str, object]:  # fmt: skip
    right = wrong = 0
    spent = []
    for place, own in enumerate(signs):
        first = (0, 65 - seen)[place % 2]
        bits = simulated(own, first, first + seen, 0.15, chance)
        begun = time.process_time()
        answer = imb_ledger.search(ledger.blocks, [bits])
        spent.append(1000 * (time.process_time() - begun))
        if answer is not None:
            hit = truth is not None and ledger.piece_of(answer) == truth[place]
            right, wrong = right + hit, wrong + (not hit)
    return {
        "kind": kind, "bars_seen": seen, "count": len(signs), "right": right, "wrong": wrong,
        "ms_median": round(float(np.median(spent)), 2), "ms_most": round(max(spent), 1),
    }  # fmt: skip
