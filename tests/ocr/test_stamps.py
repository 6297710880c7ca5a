"""Stamps aslant and lists with a tick are read, or left to a person; never wrong and sure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.envelopes.facts import Facts, Mark, facts
from bench.envelopes.make import draw
from bench.envelopes.world import group_of
from intake.types import Word
from ocr import envelope_reason, reasons
from ocr.read import read_pages
from ocr.text import Line, line_of
from web.demo.group import Group, make_group

GROUP: Group = make_group(3, accounts=40)
SURE = 0.8


def piece(seed: int, mark: Mark, reason: str, text: str) -> Facts:
    made = facts(GROUP, seed, "tune", 1)
    return replace(made, mark=mark, reason=reason, text=text, trouble="plain", light="color_200",
                   older="", forward=None, forward_name="", coupon=False)  # fmt: skip


@pytest.mark.parametrize(
    ("seed", "reason", "text"),
    [
        (31, "box_closed", "BOX CLOSED - NO ORDER"),
        (32, "deceased", "DECEASED"),
        (33, "moved_no_address", "MOVED LEFT NO ADDRESS"),
    ],
)
@pytest.mark.parametrize("mark", ["stamp", "ticked"])
def test_a_stamp_is_read_whole(seed: int, mark: Mark, reason: str, text: str) -> None:
    drawn = draw(piece(seed, mark, reason, text), seed)
    (reading,) = read_pages([drawn.page], single_envelope=True)
    said = reading.fields["reason"]
    assert reading.kind == "returned_mail"
    assert said is not None
    assert (said.value, said.confidence >= SURE) == (reason, True)


def test_a_coupons_codes_are_no_other_marking() -> None:
    labelled = replace(piece(31, "label", "refused", "REFUSED"), coupon=True, index=0,
                       light="gray_300", bars=True)  # fmt: skip
    (reading,) = read_pages([draw(labelled, 31).page], single_envelope=True)
    said, line = reading.fields["reason"], reading.fields["scanline"]
    assert said is not None
    assert line is not None
    assert (said.value, said.confidence >= SURE) == ("refused", True)


def test_a_bare_envelope_is_not_taken_for_a_back_by_its_looks() -> None:
    group = group_of(33)
    (reading,) = read_pages([draw(facts(group, 33, "tune", 19), 33).page], single_envelope=True)
    assert reading.kind == "envelope"
    address = reading.fields["addressee_address"]
    assert address is not None
    assert "2842 LAKE PL" in address.value


def row(text: str, x: int, y: int, height: int = 24) -> tuple[Line, reasons.Match]:
    words = text.split()
    line = line_of([Word(w, (x + 60 * n, y, 55, height), 0.9) for n, w in enumerate(words)])
    match = reasons.match_reason(text)
    assert match is not None
    return line, match


def test_rows_of_a_list_begin_below_one_another_whatever_the_pen_did() -> None:
    named = [
        row("REFUSED", 100, 200),
        row("VACANT", 102, 244),
        row("DECEASED", 52, 266, 46),  # the tick was taken into the word
        row("UNCLAIMED", 106, 332),
        row("ILLEGIBLE", 108, 376),
    ]
    starts = [line.box[:2] for line in envelope_reason._in_column(named)]
    assert [y for _, y in starts] == [200, 244, 288, 332, 376]
    assert all(abs(x - (100 + 2 * n)) <= 3 for n, (x, _) in enumerate(starts))
