"""Reasons of a table of their own go to the services they make add up, by number where unsure."""

from ocr.remittance_cells import Reason, ServiceLine
from ocr.remittance_dealt import Listed, deal_out
from ocr.types import Field


def _cents(value: int) -> Field:
    return Field(value, 0.9, 0, None, "tesseract")


def _line(charged: int, paid: int) -> ServiceLine:
    return ServiceLine({"charged_cents": _cents(charged), "paid_cents": _cents(paid)})


def _row(number: int | None, code: str, cents: int) -> Listed:
    return Listed(number, (Reason("CO", code, _cents(cents)),), ())


def _as_read(lines: list[ServiceLine], rows: list[Listed]) -> None:
    for row in rows:
        if row.number is not None and row.number < len(lines):
            lines[row.number].reasons.extend(row.reasons)


def _codes(lines: list[ServiceLine]) -> list[list[str]]:
    return [[reason.code for reason in line.reasons] for line in lines]


def test_a_misread_number_is_outweighed_by_the_amounts() -> None:
    lines = [_line(10000, 7000), _line(5000, 4000)]
    rows = [_row(1, "45", 2000), _row(0, "253", 1000), _row(6, "97", 1000)]
    _as_read(lines, rows)
    deal_out(lines, rows)
    assert _codes(lines) == [["45", "253"], ["97"]]


def test_rows_that_add_up_by_their_numbers_stay_in_whatever_order_they_stand() -> None:
    lines = [_line(10000, 7000), _line(5000, 4000)]
    rows = [_row(1, "97", 1000), _row(0, "45", 3000)]
    _as_read(lines, rows)
    deal_out(lines, rows)
    assert _codes(lines) == [["45"], ["97"]]


def test_nothing_moves_where_no_way_adds_up_better() -> None:
    lines = [_line(10000, 7000), _line(5000, 4000)]
    rows = [_row(0, "45", 111), _row(1, "97", 222)]
    _as_read(lines, rows)
    deal_out(lines, rows)
    assert _codes(lines) == [["45"], ["97"]]
