"""Barcodes in bulk equal those one by one, and the ledger names a piece or nothing."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest

from ocr import imb, imb_batch, imb_ledger, imb_soft

MAILER = "900123456"


def digits(serial: int, mailer: str = MAILER) -> str:
    return f"00270{mailer}{serial:06d}{97201 + serial % 40}{serial * 7919 % 10**6:06d}"


def soft(
    signs: np.ndarray, first: int, last: int, *, noise: float = 0.0, seed: int = 1
) -> list[int]:
    """Bars as a page shows them, a short row at the left end."""
    chance = np.random.default_rng(seed)
    seen = 2.0 * signs + 4.0 * noise * chance.normal(size=130)
    held = np.zeros(130)
    held[: 2 * (last - first)] = seen[2 * first : 2 * last]
    return list(imb_soft.kept(held.reshape(65, 2)))


@pytest.fixture(scope="module")
def ledger() -> imb_batch.Words:
    """Twenty thousand pieces of one mailer, running serials, forty ZIPs."""
    return imb_batch.packed([digits(serial) for serial in range(20_000)])


def test_bits_in_bulk_equal_the_bars_one_by_one() -> None:
    chance = random.Random(4)
    codes = []
    for _ in range(2000):
        length = chance.choice((0, 5, 9, 11))
        routing = f"{chance.randrange(10**length):0{length}d}" if length else ""
        codes.append(
            f"{chance.randrange(10)}{chance.randrange(5)}{chance.randrange(10**18):018d}{routing}"
        )
    codes += ["94" + "9" * 29, "00" + "0" * 18, "00" + "0" * 29]
    packed = imb_batch.packed(codes)
    assert imb_batch.bars(packed) == [imb.encode(code[:20], code[20:]) for code in codes]


@pytest.mark.parametrize("code", ["12", "0927" + "0" * 16, "00" + "0" * 17 + "x"])
def test_what_is_no_barcode_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        imb_batch.packed([code])


@pytest.mark.parametrize("seen", [65, 45, 33, 25])
def test_bars_left_by_a_label_name_the_piece_either_way_up(
    ledger: imb_batch.Words, seen: int
) -> None:
    signs = imb_batch.unpacked(ledger)
    chance = random.Random(seen)
    for number in range(12):
        piece = chance.randrange(20_000)
        first = chance.choice((0, 65 - seen, (65 - seen) // 2))
        bits = soft(signs[piece], first, first + seen, noise=0.15, seed=number)
        for row in (bits, bits[::-1]):
            answer = imb_ledger.search([ledger[:, :9000], ledger[:, 9000:]], [row])
            assert answer is not None
            block, place = answer.pieces[0]
            assert len(answer.pieces) == 1
            assert 9000 * block + place == piece
            assert answer.luck < 1e-5


def test_pieces_never_mailed_are_not_named(ledger: imb_batch.Words) -> None:
    others = [digits(serial) for serial in range(20_000, 20_060)]
    others += [digits(serial, "900654321") for serial in range(60)]
    # The worst: serials that were used, to addresses that other serials went to.
    others += [digits(serial)[:20] + digits(serial + 3)[20:] for serial in range(0, 1200, 10)]
    signs = imb_batch.unpacked(imb_batch.packed(others))
    for number, own in enumerate(signs):
        seen = (65, 45, 33, 25, 20, 14)[number % 6]
        bits = soft(own, 0, seen, noise=0.15, seed=number)
        assert imb_ledger.search([ledger], [bits]) is None


def test_one_code_mailed_twice_names_both_and_a_twin_is_doubt() -> None:
    words = imb_batch.packed([digits(1), digits(2), digits(1)])
    signs = imb_batch.unpacked(words)
    answer = imb_ledger.search([words], [soft(signs[0], 0, 40)])
    assert answer is not None
    assert answer.pieces == ((0, 0), (0, 2))
    near = words[:, :2].copy()
    near[:, 1] = near[:, 0]
    near[0, 1] ^= np.uint64(1)  # differs in one half bar, which the row shows faintly
    row = soft(signs[0], 0, 40)
    row[0] = 1
    assert imb_ledger.search([near], [row]) is None


def test_no_pieces_no_bars_and_wrong_bits() -> None:
    words = imb_batch.packed([digits(1)])
    assert imb_ledger.search([], [[20] * 130]) is None
    assert imb_ledger.search([words], []) is None
    assert imb_ledger.search([words], [[0] * 130]) is None
    with pytest.raises(ValueError, match="130"):
        imb_ledger.search([words], [[1, 2, 3]])


def test_a_million_pieces_take_less_than_a_tenth_of_a_second() -> None:
    """Of processor time, for a barcode of which one half is seen."""
    tracking = np.zeros((1_000_000, 20), np.uint8)
    serial = np.arange(1_000_000)
    tracking[:, 5:14] = [int(digit) for digit in MAILER]
    for place in range(6):
        tracking[:, 19 - place] = serial // 10**place % 10
    zips = 97_201_000_000 + serial % 997
    words = imb_batch.packed_digits(tracking, zips + 1_000_100_001)
    signs = imb_batch.unpacked(words[:, 777_000:777_005])
    imb_ledger.search([words[:, :10]], [soft(signs[0], 0, 33)])
    spent = []
    for number, own in enumerate(signs):
        begun = time.process_time()
        answer = imb_ledger.search([words], [soft(own, 0, 33)])
        spent.append(time.process_time() - begun)
        assert answer is not None
        assert answer.pieces == ((0, 777_000 + number),)
    assert sorted(spent)[2] < 0.1
