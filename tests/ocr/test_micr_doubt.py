"""Lines cut short, digits cut in half and lines of no layout: nothing of them is wrong and sure."""

from __future__ import annotations

import numpy as np
import pytest

from ocr import micr_grammar as grammar
from ocr.e13b import GRIDS, HALF_UNIT_INCH, render_line
from ocr.micr import MicrPart, MicrReading, read_micr

DPI = 200
CELL = 25
WIDTH = 1200
PERSONAL = "A021000021A 9876543218C 1024"
BUSINESS = "C0012345C A021000021A 987654321C"
SURE = 0.9


def closing(text: str) -> int:
    return text.index("A", text.index("A") + 1)


def on_check(text: str, wide: int = WIDTH) -> np.ndarray:
    """A check with its closing transit symbol in position 33, 34.5 cells from the right edge."""
    line = render_line(text, DPI)
    page = np.full((550, wide), 255, np.uint8)
    left = round(wide - 34.5 * CELL) - (closing(text) + 1) * CELL
    top = round(550 - 5 / 16 * DPI - line.shape[0] / 2)
    page[top : top + line.shape[0], left : left + line.shape[1]] = line
    return page


def cell_left(text: str, place: int, wide: int = WIDTH) -> int:
    return round(wide - 34.5 * CELL) - (closing(text) + 1 - place) * CELL


def sure_parts(reading: MicrReading | None) -> dict[str, str]:
    if reading is None:
        return {}
    parts: dict[str, MicrPart | None] = {
        "routing": reading.routing_number,
        "account": reading.account_number,
        "serial": reading.check_number,
        "on_us": reading.on_us,
        "aux": reading.aux_on_us,
        "amount": reading.amount_cents,
    }
    found = {name: part.value for name, part in parts.items() if part and part.confidence >= SURE}
    return found | ({"line": reading.text} if reading.confidence >= SURE else {})


WHOLE = {
    "routing": "021000021",
    "account": "9876543218",
    "serial": "1024",
    "on_us": "9876543218C1024",
    "line": "A021000021A9876543218C1024",
}


def test_a_whole_line_at_its_place_is_sure() -> None:
    assert sure_parts(read_micr(on_check(PERSONAL))) == WHOLE
    business = sure_parts(read_micr(on_check(BUSINESS, 1650)))
    assert business["line"] == "C0012345CA021000021A987654321C"
    assert business["serial"] == "0012345"


@pytest.mark.parametrize("kept", [13, 14.6, 17, 21.1, 22, 23.2, 24, 25, 26.3, 27])
def test_a_line_cut_at_the_right_has_no_short_field_that_is_sure(kept: float) -> None:
    end = cell_left(PERSONAL, 0) + round(kept * CELL) + 4
    found = sure_parts(read_micr(np.ascontiguousarray(on_check(PERSONAL)[:, :end])))
    assert found.items() <= WHOLE.items()
    assert "line" not in found


@pytest.mark.parametrize("lost", [1, 5, 8, 9, 10])
def test_a_line_cut_at_the_left_is_not_sure_as_a_whole(lost: int) -> None:
    start = cell_left(BUSINESS, lost, 1650)
    found = sure_parts(read_micr(np.ascontiguousarray(on_check(BUSINESS, 1650)[:, start:])))
    assert "line" not in found
    assert found.get("serial") is None
    assert found.get("account", "987654321") == "987654321"


@pytest.mark.parametrize("digit", "0123456789")
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_half_a_digit_is_not_sure_to_be_another(digit: str, side: str) -> None:
    text = f"A021000021A 98{digit}654321C 1024"
    page = on_check(text)
    left = cell_left(text, 14)
    middle = round(550 - 5 / 16 * DPI)
    # Half of its ink: the right ten of an 8's fourteen columns are a 3 to the last corner.
    inside = left + CELL - round(len(GRIDS[digit][0]) / 2 * HALF_UNIT_INCH * DPI)
    half = {
        "left": (slice(None), slice(left, inside)),
        "right": (slice(None), slice(inside + 1, left + CELL)),
        "top": (slice(0, middle), slice(left, left + CELL)),
        "bottom": (slice(middle, None), slice(left, left + CELL)),
    }[side]
    page[half] = 255
    found = sure_parts(read_micr(page))
    assert found.get("account", f"98{digit}654321") == f"98{digit}654321"
    assert found.get("line", text.replace(" ", "")) == text.replace(" ", "")


@pytest.mark.parametrize("place", [14, 17, 20])
def test_a_cell_lost_in_feeding_leaves_on_us_unsure(place: int) -> None:
    left = cell_left(PERSONAL, place)
    page = np.delete(on_check(PERSONAL), slice(left, left + CELL), axis=1)
    assert sure_parts(read_micr(page)) == {"routing": "021000021"}


@pytest.mark.parametrize("part", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("again", [False, True])
def test_a_part_of_a_cell_lost_or_seen_twice_leaves_the_line_unsure(
    part: float, *, again: bool
) -> None:
    left = cell_left(PERSONAL, 17)
    lost = slice(left, left + round(part * CELL))
    page = on_check(PERSONAL)
    page = (
        np.concatenate([page[:, : lost.stop], page[:, lost.start :]], axis=1)
        if again
        else np.delete(page, lost, axis=1)
    )
    assert not {"account", "on_us", "line"} & set(sure_parts(read_micr(page)))


@pytest.mark.parametrize(
    "text",
    [
        "A021000021A122000661A024C",
        "A021000021AA9876543C1024",
        "A021000021A9876543CC1024",
        "A021000021A98C76C543C1024",
        "CC0012345CA021000021A987654321C",
        "A021000021AC",
    ],
)
def test_a_line_of_no_layout_is_unlawful(text: str) -> None:
    assert not grammar.lawful(text)


@pytest.mark.parametrize(
    "text",
    [
        "A021000021A9876543C1024",
        "A021000021AC0238D0145C1172B0000120000B",
        "C0012345C4A021000021A987654321C",
        "C00123CA12345D003A123D456D7C",
        "A122000661A1211D1234D56789C",
        "987654321",
    ],
)
def test_the_layouts_in_use_are_lawful(text: str) -> None:
    assert grammar.lawful(text)


@pytest.mark.parametrize(
    "text", ["A021000021A122000661A 9876C", "A021000021A 987654321CC 1024", "A021000021AA 987654C"]
)
def test_nothing_on_a_line_of_no_layout_is_sure(text: str) -> None:
    assert sure_parts(read_micr(on_check(text))) == {}


def test_an_amount_symbol_without_an_amount_leaves_the_serial_unsure() -> None:
    found = sure_parts(read_micr(on_check("A021000021A 987654321C 84B3")))
    assert not {"serial", "on_us", "line"} & set(found)
