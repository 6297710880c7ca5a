"""E-13B print: symbols at the standard's positions, to a fraction of a pixel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.demo.codes import aba_number
from web.demo.micr_print import CENTRE, PITCH, UNIT, MicrLine, glyph, print_line, right_edge
from web.demo.sheet import Sheet

LAYOUTS = ("serial_after", "serial_first", "business", "no_serial")


@given(
    st.text("0123456789", min_size=6, max_size=12),
    st.text("0123456789", min_size=4, max_size=4),
    st.sampled_from(LAYOUTS),
)
def test_no_two_symbols_share_a_place_and_each_field_keeps_its_own(
    account: str, serial: str, layout: str
) -> None:
    line = MicrLine(aba_number("04210077"), account, serial, layout)
    places = [position for position, _ in line.placed()]
    assert len(set(places)) == len(places)
    assert min(places) >= 14  # the amount field, 1 to 12, is the bank's
    assert 13 not in places
    symbols = dict(line.placed())
    assert symbols[33] == symbols[43] == "A"
    assert "".join(symbols[p] for p in range(42, 33, -1)) == line.routing
    assert 44 not in places  # external processing code


def test_the_text_reads_left_to_right() -> None:
    routing = aba_number("04210077")
    assert MicrLine(routing, "123456", "1042").text == f"A{routing}A123456C1042"
    first = MicrLine(routing, "123456", "1042", "serial_first")
    assert first.text == f"A{routing}A1042123456C"
    business = MicrLine(routing, "123456", "004512", "business")
    assert business.text == f"C004512CA{routing}A123456C"
    assert business.aux_on_us == "004512"
    assert business.on_us == "123456C"


@pytest.mark.parametrize("dpi", [200, 300])
@pytest.mark.parametrize("width", [6.0, 8.5])
def test_symbols_stand_at_their_right_edges(dpi: int, width: float) -> None:
    sheet = Sheet(width, 2.75, dpi)
    line = MicrLine(aba_number("04210077"), "7777000111", "4040")
    print_line(sheet, line)
    ink = np.asarray(sheet.image.convert("L")) < 140
    for position, symbol in line.placed():
        right = right_edge(width, position) * dpi
        left = right - glyph(symbol).shape[1] * UNIT * dpi
        columns = ink[:, round(left) - 2 : round(right) + 3].any(axis=0)
        last = round(left) - 2 + int(np.flatnonzero(columns)[-1]) + 1
        assert abs(last - right) <= 1.5
    rows = np.flatnonzero(ink.any(axis=1))
    middle = (rows[0] + rows[-1] + 1) / 2 / dpi
    assert abs(2.75 - middle - CENTRE) < 0.01
    assert abs((rows[-1] + 1 - rows[0]) / dpi - 18 * UNIT) < 0.012


def test_the_pitch_is_an_eighth_of_an_inch() -> None:
    assert right_edge(6.0, 1) - right_edge(6.0, 2) == pytest.approx(PITCH)
    assert right_edge(6.0, 1) == pytest.approx(6.0 - 5 / 16)


def test_fourteen_symbols_differ() -> None:
    grids = {(g.shape, g.tobytes()) for g in map(glyph, "0123456789ABCD")}
    assert len(grids) == 14


def test_gain_changes_the_weight_of_the_print() -> None:
    line = MicrLine(aba_number("04210077"), "123456", "1042")
    weights = []
    for gain in (-0.4, 0.0, 0.4):
        sheet = Sheet(6.0, 2.75, 300)
        print_line(sheet, line, gain=gain)
        weights.append(int((255 - np.asarray(sheet.image.convert("L"), np.int64)).sum()))
    assert weights[0] < weights[1] < weights[2]
