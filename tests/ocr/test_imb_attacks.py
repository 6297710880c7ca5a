"""Pages that are made to be mistaken: two barcodes, mirrors, near codes, labels with bars."""

from __future__ import annotations

import random
import time

import cv2
import numpy as np
import pytest

from intake.types import Pixels
from ocr import imb, imb_batch, imb_finder, imb_ledger, imb_soft
from tests.ocr.test_imb_finder import envelope

MAILER = "900123456"


def digits(serial: int, mailer: str = MAILER) -> str:
    return f"00270{mailer}{serial:06d}{97201 + serial % 40}{serial * 7919 % 10**6:06d}"


def bars(code: str) -> str:
    return imb.encode(code[:20], code[20:])


def both(upper: str, lower: str) -> Pixels:
    """An envelope with one barcode above another."""
    page = envelope(bars(upper), 200)
    page[640:780, 80:820] = envelope(bars(lower), 200)[430:570, 890:1630]
    return page


def named(sight: imb_finder.Sight, ledger: imb_batch.Words) -> int | None:
    answer = imb_ledger.search([ledger], [run.bits for run in sight.runs])
    return answer.pieces[0][1] if answer else None


@pytest.fixture(scope="module")
def ledger() -> imb_batch.Words:
    """Five thousand pieces of one mailer."""
    return imb_batch.packed([digits(serial) for serial in range(5000)])


@pytest.mark.parametrize("ours_above", [True, False])
def test_beside_a_reply_envelopes_barcode_ours_is_named_by_the_ledger(
    ledger: imb_batch.Words, *, ours_above: bool
) -> None:
    reply = digits(77, "900654321")
    page = both(digits(1234), reply) if ours_above else both(reply, digits(1234))
    sight = imb_finder.look(page, 200)
    assert sight.found is None
    assert named(sight, ledger) == 1234
    read = [imb_soft.decode(imb_soft.likelihoods(run.bits), (MAILER,)) for run in sight.runs]
    assert {one.mailer_id for one in read if one} == {MAILER, "900654321"}


def test_two_pieces_of_ours_in_one_picture_are_doubt(ledger: imb_batch.Words) -> None:
    sight = imb_finder.look(both(digits(1234), digits(1235)), 200)
    assert sight.found is None
    assert named(sight, ledger) is None


def test_the_same_barcode_twice_is_no_doubt(ledger: imb_batch.Words) -> None:
    sight = imb_finder.look(both(digits(1234), digits(1234)), 200)
    assert sight.found is not None
    assert named(sight, ledger) == 1234


def test_half_of_ours_beside_a_labels_whole_barcode_is_kept(ledger: imb_batch.Words) -> None:
    page = both(digits(9, "900654321"), digits(1234))
    page[640:780, 120:420] = 225
    sight = imb_finder.look(page, 200)
    assert sight.found is not None
    assert sight.found.code.mailer_id == "900654321"
    assert named(sight, ledger) == 1234


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_barcode_is_none(ledger: imb_batch.Words, axis: int) -> None:
    page = np.ascontiguousarray(np.flip(envelope(bars(digits(3)), 200), axis))
    sight = imb_finder.look(page, 200)
    assert sight.found is None
    assert named(sight, ledger) is None


@pytest.mark.parametrize(
    "page",
    [
        np.zeros((900, 1700), np.uint8),
        np.full((900, 1700), 255, np.uint8),
        np.zeros((1, 10_000), np.uint8),
        np.full((10_000, 1), 255, np.uint8),
        np.zeros((3, 3), np.uint8),
        np.tile(np.repeat(np.array([0, 255], np.uint8), 4), (400, 1250)),
        np.random.default_rng(1).integers(0, 256, (1200, 1700)).astype(np.uint8),
    ],
    ids=["black", "white", "one row", "one column", "tiny", "10,000 wide stripes", "noise"],
)
@pytest.mark.parametrize("dpi", [200.0, None])
def test_pictures_of_any_shape_have_none_and_cost_little(page: Pixels, dpi: float | None) -> None:
    begun = time.process_time()
    assert imb_finder.look(page, dpi).found is None
    assert time.process_time() - begun < 8.0


def test_a_picture_ten_thousand_wide_is_read() -> None:
    page = np.full((700, 10_000), 245, np.uint8)
    page[100:240, 9000:9740] = envelope(bars(digits(8)), 200)[430:570, 890:1630]
    found = imb_finder.find(page, 200)
    assert found is not None
    assert found.code.tracking + found.code.routing == digits(8)


def _turned(page: Pixels, degrees: float) -> Pixels:
    matrix = cv2.getRotationMatrix2D((page.shape[1] / 2, page.shape[0] / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, page.shape[::-1], borderValue=245), np.uint8)


def _labelled(code: str, chance: random.Random) -> Pixels:
    """A label over the middle half, its own bars and digits in line with ours at both edges."""
    page = envelope(bars(code), 200)
    left, right = 940 + 150, 940 + 445
    page[380:560, left:right] = 225
    at = right - 110
    while at < right - 2:
        wide = chance.choice((3, 3, 6))
        page[455:500, at : at + wide] = 20
        at += wide + chance.choice((3, 6, 6))
    cv2.putText(page, "0111", (left + 8, 490), cv2.FONT_HERSHEY_PLAIN, 1.6, 30, 2)
    return _turned(page, chance.uniform(-1.5, 1.5))


def test_a_label_across_the_middle_leaves_two_sides_that_name_the_piece(
    ledger: imb_batch.Words,
) -> None:
    """No side of 16 bars names it alone, and the label's bars must not count as ours."""
    chance = random.Random(5)
    right = 0
    for _ in range(24):
        piece = chance.randrange(5000)
        said = named(imb_finder.look(_labelled(digits(piece), chance), 200), ledger)
        assert said in (None, piece)
        right += said == piece
    assert right >= 22


def test_bars_that_nearly_all_go_up_are_still_measured_from_the_tracker(
    ledger: imb_batch.Words,
) -> None:
    """Where the label leaves bars of which nine of ten ascend, these must not pass for trackers."""
    signs = imb_batch.unpacked(ledger).reshape(-1, 65, 2)[:, 33:] > 0
    steep = np.argsort(-np.abs(signs.mean(axis=1) - 0.5).max(axis=1), kind="stable")[:10]
    for piece in steep.tolist():
        page = envelope(bars(digits(piece)), 200)
        page[380:560, 900 : 940 + 298] = 225
        assert named(imb_finder.look(page, 200), ledger) == piece


def test_a_code_that_differs_in_what_is_plainly_seen_is_not_named(ledger: imb_batch.Words) -> None:
    """The nearest codes that were never mailed, under labels that show some of the difference."""
    piece = 4000
    own = imb_batch.unpacked(ledger[:, piece : piece + 1].copy())[0]
    codes = imb_batch.packed(
        [digits(piece)[:14] + f"{serial:06d}" + digits(piece)[20:] for serial in range(30_000)]
    )
    apart = np.bitwise_count(codes ^ ledger[:, piece : piece + 1]).sum(axis=0)
    near = imb_batch.unpacked(np.ascontiguousarray(codes[:, np.argsort(apart)[1:25]]))
    for signs in near:
        differ = np.flatnonzero((signs != own).reshape(65, 2).any(axis=1))
        for seen in (60, 50, 40, 33, 25):
            for first in range(0, 66 - seen, 5):
                if not ((differ >= first) & (differ < first + seen)).any():
                    continue  # nothing of the difference is seen: no reader could tell
                shown = np.zeros((65, 2))
                shown[first : first + seen] = 2.0 * signs.reshape(65, 2)[first : first + seen]
                assert imb_ledger.search([ledger], [imb_soft.kept(shown)]) is None


def test_a_serial_off_by_one_under_a_label_is_the_piece_shown(ledger: imb_batch.Words) -> None:
    signs = imb_batch.unpacked(ledger).reshape(-1, 65, 2)
    for piece in range(2000, 2040):
        for first in (0, 16, 32):
            shown = np.zeros((65, 2))
            shown[first : first + 33] = 2.0 * signs[piece, first : first + 33]
            answer = imb_ledger.search([ledger], [imb_soft.kept(shown)])
            assert answer is not None
            assert answer.pieces == ((0, piece),)
