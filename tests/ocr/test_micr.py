"""MICR lines: drawn lines are read exactly, damaged ones are never sure, real ones never wrong."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.micr import measure
from ocr import micr_grammar as grammar
from ocr.e13b import GRIDS, SYMBOLS, drawing, render_line
from ocr.micr import MicrReading, moved_down, read_micr

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "micr_lines"


def with_check_digit(eight: str) -> str:
    weights = (3, 7, 1, 3, 7, 1, 3, 7)
    total = sum(int(d) * w for d, w in zip(eight, weights, strict=True))
    return eight + str(-total % 10)


def on_paper(text: str, dpi: int = 200, gain: float = 0.0) -> np.ndarray:
    line = render_line(text, dpi, gain)
    return cv2.copyMakeBorder(line, 20, 20, 40, 40, cv2.BORDER_CONSTANT, value=255.0)


def read(picture: np.ndarray) -> MicrReading:
    reading = read_micr(picture)
    assert reading is not None
    return reading


def test_the_fourteen_symbols_are_drawn_at_the_standards_size() -> None:
    assert sorted(SYMBOLS) == sorted("0123456789ABCD")
    line = render_line("0" * 8, 200)
    assert line.shape == (50, 200)
    rows = np.flatnonzero((line < 128).any(axis=1))
    assert abs((rows[-1] - rows[0] + 1) - 0.117 * 200) <= 1.5
    assert drawing("0").max() == 1.0
    assert all(len(set(map(len, rows))) == 1 for rows in GRIDS.values())


def test_other_characters_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="not E-13B"):
        render_line("12X", 200)


@settings(max_examples=12, deadline=None)
@given(
    eight=st.sampled_from(["02100002", "12200066", "31130046", "07400001"]),
    account=st.text("0123456789", min_size=6, max_size=12),
    serial=st.text("0123456789", min_size=3, max_size=5),
    dpi=st.sampled_from([150, 200, 240, 300]),
    gain=st.sampled_from([-0.3, 0.0, 0.4]),
)
def test_a_drawn_personal_line_reads_exactly_and_surely(
    eight: str, account: str, serial: str, dpi: int, gain: float
) -> None:
    routing = with_check_digit(eight)
    reading = read(on_paper(f"A{routing}A {account}C {serial}", dpi, gain))
    assert reading.text == f"A{routing}A{account}C{serial}"
    assert reading.confidence >= 0.9
    assert reading.routing_number is not None
    assert reading.routing_number.value == routing
    assert reading.routing_number.confidence >= 0.9
    assert reading.account_number is not None
    assert reading.account_number.value == account
    assert reading.check_number is not None
    assert reading.check_number.value == serial
    assert abs(reading.dpi / dpi - 1) < 0.03


def test_a_business_line_gives_serial_account_and_amount() -> None:
    reading = read(on_paper("C0012345C A021000021A 987654321C  B0000012345B"))
    assert reading.aux_on_us is not None
    assert reading.aux_on_us.value == "0012345"
    assert reading.check_number is not None
    assert reading.check_number.value == "0012345"
    assert reading.account_number is not None
    assert reading.account_number.value == "987654321"
    assert reading.amount_cents is not None
    assert int(reading.amount_cents.value) == 12345


@pytest.mark.parametrize("cell", [3, 7, 15, 20])
def test_a_blotted_digit_is_never_part_of_a_sure_field(cell: int) -> None:
    picture = on_paper("A021000021A 987654321C 1024")
    left = 40 + round(cell * 25)
    picture[26:64, left + 2 : left + 24] = 0
    reading = read(picture)
    assert "?" in reading.text
    assert reading.confidence < 0.9
    for part in (reading.routing_number, reading.account_number):
        assert part is None or part.value in {"021000021", "987654321"}


@pytest.mark.parametrize("cell", [4, 9, 14, 18, 20])
def test_an_erased_digit_leaves_the_field_unsure(cell: int) -> None:
    picture = on_paper("A021000021A 987654321C 1024")
    left = 40 + round(cell * 25)
    picture[:, left + 1 : left + 25] = 255
    reading = read(picture)
    assert reading.confidence < 0.9
    routing, account = reading.routing_number, reading.account_number
    assert routing is None or routing.value == "021000021" or routing.confidence < 0.9
    assert account is None or account.value == "987654321" or account.confidence < 0.9


def test_boxes_lie_on_the_fields() -> None:
    reading = read(on_paper("A021000021A 987654321C 1024"))
    assert reading.routing_number is not None
    x, _, width, height = reading.routing_number.box
    assert abs(x - (40 + 25)) < 10
    assert abs(width - 9 * 25) < 14
    assert 20 <= height <= 28


def test_plain_text_and_blank_paper_are_no_micr_line() -> None:
    page = np.full((300, 900), 255, np.uint8)
    assert read_micr(page) is None
    cv2.putText(page, "Amount due 021000021 by 12/30", (20, 150), 2, 1.0, 0, 2)
    reading = read_micr(page)
    assert reading is None or not reading.is_check


@given(st.text("0123456789", min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_always_fails_the_aba_check(routing: str, place: int, shift: int) -> None:
    digit = str((int(routing[place]) + shift) % 10)
    changed = routing[:place] + digit + routing[place + 1 :]
    assert not (grammar.aba_valid(routing) and grammar.aba_valid(changed))


def test_prefixes_outside_the_aba_ranges_are_refused() -> None:
    assert grammar.aba_valid("021000021")
    assert not grammar.aba_valid(with_check_digit("15000000"))
    assert not grammar.aba_valid("000000000")


def test_a_serial_before_the_account_is_left_open() -> None:
    text = "A122000661A1211D1234D56789C"
    parts = grammar.parse(text)
    assert parts.serial_unsure
    assert parts.account is not None
    group = grammar.leading_group(text, parts.account)
    assert group is not None
    assert text[slice(*group)] == "1211"


def test_a_canadian_line_has_branch_and_institution_but_no_routing_number() -> None:
    reading = read(on_paper("C00123C A12345D003A 123D456D7C"))
    assert reading.text == "C00123CA12345D003A123D456D7C"
    assert (reading.form, reading.country) == ("canadian", "CA")
    assert reading.routing_number is None
    assert reading.branch is not None
    assert reading.branch.value == "12345D003"
    assert reading.is_check
    assert reading.account_number is not None
    assert reading.account_number.value == "1234567"
    assert reading.check_number is not None
    assert reading.check_number.value == "00123"


def test_a_branch_of_no_known_institution_is_unsure() -> None:
    reading = read(on_paper("C00123C A12345D999A 123D456D7C"))
    assert reading.branch is not None
    assert reading.branch.confidence < 0.9
    assert reading.confidence < 0.9


def test_a_postal_money_order_is_known_by_its_routing_and_proved_by_its_check_digit() -> None:
    good = read(on_paper("A000008002A 20123456782C"))
    assert good.form == "postal_money_order"
    assert good.account_number is not None
    assert good.account_number.confidence >= 0.9
    odd = read(on_paper("A000008002A 20123456784C"))
    assert odd.account_number is not None
    assert odd.account_number.confidence < 0.9
    assert odd.on_us is not None
    assert odd.on_us.confidence < 0.9
    assert odd.confidence < 0.9


def test_the_external_processing_code_is_no_part_of_the_serial() -> None:
    reading = read(on_paper("C0012345C4A021000021A 987654321C"))
    assert reading.epc is not None
    assert reading.epc.value == "4"
    assert reading.check_number is not None
    assert reading.check_number.value == "0012345"


def test_an_amount_away_from_its_place_is_unsure() -> None:
    right = read(on_paper("A021000021A 987654321C 1024   B0000012345B"))
    assert right.amount_cents is not None
    assert right.amount_cents.confidence >= 0.9
    off = read(on_paper("A021000021A 987654321C 1024 B0000012345B"))
    assert off.amount_cents is not None
    assert off.amount_cents.confidence < 0.9


def test_a_field_encoded_lower_than_the_rest_is_read_too() -> None:
    line = render_line("A021000021A 987654321C 1024   B0000012345B", 200)
    lower = line[:, 760:].copy()
    picture = on_paper("A021000021A 987654321C 1024   B0000012345B")
    picture[:, 40 + 760 :] = 255
    picture[28 : 28 + lower.shape[0], 800 : 800 + lower.shape[1]] = lower
    reading = read(picture)
    assert reading.text == "A021000021A987654321C1024B0000012345B"


@pytest.mark.parametrize("cell", [14, 17])
def test_ink_in_a_blank_cell_takes_the_sureness_away(cell: int) -> None:
    picture = on_paper("A021000021A 9876  54321C 1024")
    picture[30:56, 40 + 25 * cell + 6 : 40 + 25 * cell + 18] = 0
    reading = read(picture)
    account = reading.account_number
    assert account is None or account.confidence < 0.9
    assert reading.confidence < 0.9


def test_every_symbol_has_a_confidence_of_its_own() -> None:
    reading = read(on_paper("A021000021A 987654321C 1024"))
    assert len(reading.symbol_confidences) == len(reading.text)
    assert all(0.9 < confidence <= 1.0 for confidence in reading.symbol_confidences)


def test_a_check_is_read_at_its_foot_and_boxed_in_the_whole() -> None:
    line = on_paper("A021000021A 987654321C 1024")
    page = np.full((560, 1200), 255, np.uint8)
    page[470 : 470 + line.shape[0], 20 : 20 + line.shape[1]] = line
    reading = read(page)
    assert reading.text == "A021000021A987654321C1024"
    assert 480 <= reading.box[1] <= 510
    assert abs(reading.line.bottom_at(300.0) - 526) < 4
    lower = moved_down(reading, 100)
    assert lower.box[1] == reading.box[1] + 100


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared sample lines are not here")
def test_real_lines_are_never_sure_and_wrong() -> None:
    score = measure(SAMPLES, limit=120)
    assert score.sure_wrong == 0
    assert score.routing_sure_wrong == 0
    assert score.read >= 90
