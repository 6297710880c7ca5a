"""Drawn checks: reproducible, true to their split, and true to what they say."""

from __future__ import annotations

import random

import numpy as np
import pytest

from bench.checks.captures import CAPTURES
from bench.checks.cases import Case, case, cases
from bench.checks.forms import FORMS
from bench.checks.hands import HELD_OUT_FACES, TUNE_FACES, random_hand, write
from bench.checks.nonchecks import non_checks
from bench.checks.printed import HELD_OUT, PRINTED
from bench.checks.wording import random_cents
from web.demo.codes import aba_valid
from web.demo.sheet import Sheet


@pytest.fixture(scope="module")
def drawn() -> list[Case]:
    return [*cases(5, 9, split="test"), *cases(9, 3, split="test", start=12)]


def test_the_same_seed_and_index_give_the_same_pixels() -> None:
    first, again = case(5, 3), case(5, 3)
    assert np.array_equal(first.page.pixels, again.page.pixels)
    assert first.truth == again.truth
    other = case(6, 3)
    assert first.truth != other.truth


def test_there_are_enough_forms_and_hands_and_some_are_held_out() -> None:
    held = [form.name for form in FORMS if form.held_out] + sorted(HELD_OUT)
    assert len(FORMS) + len(PRINTED) - len(held) >= 10
    assert len(held) == 3
    assert len(TUNE_FACES) >= 12
    assert len(HELD_OUT_FACES) >= 4
    assert not set(TUNE_FACES) & set(HELD_OUT_FACES)


def test_tuning_never_sees_what_is_held_out() -> None:
    assert not any(one.held_out for one in cases(8, 6))


def test_held_out_forms_and_hands_are_marked(drawn: list[Case]) -> None:
    for one in drawn:
        hidden = one.hand in HELD_OUT_FACES or one.design in HELD_OUT
        hidden |= any(form.held_out and form.name == one.design for form in FORMS)
        assert one.held_out == hidden
    assert any(one.held_out for one in drawn)


def test_truth_holds_together(drawn: list[Case]) -> None:
    for one in drawn:
        truth = one.truth
        assert one.capture in CAPTURES
        if one.kind == "canadian":
            assert "routing_number" not in truth
        else:
            assert aba_valid(truth["routing_number"])
            assert f"A{truth['routing_number']}A" in truth["micr_line"]
        agree = truth["courtesy_amount_cents"] == truth["legal_amount_cents"]
        assert (truth["amount_cents"] is not None) == agree


def test_boxes_hold_the_ink_they_name(drawn: list[Case]) -> None:
    for one in drawn:
        height, width = one.page.pixels.shape[:2]
        for x, y, wide, tall in one.boxes.values():
            assert wide > tall > 0
            assert x >= -20
            assert x + wide <= width + 20
            part = one.page.pixels[max(y, 0) : min(y + tall, height), max(x, 0) : x + wide]
            assert part.max() - part.min() > 60


def test_amounts_are_those_of_a_lockbox() -> None:
    rng = random.Random(1)
    amounts = [random_cents(rng) for _ in range(2000)]
    assert min(amounts) >= 500
    assert max(amounts) <= 2_500_000 + 99
    assert 0.3 < sum(cents % 100 == 0 for cents in amounts) / len(amounts) < 0.7


def test_writing_stays_in_its_room() -> None:
    rng = random.Random(2)
    for face in (*TUNE_FACES, *HELD_OUT_FACES):
        sheet = Sheet(4.0, 1.0, 200)
        place = write(sheet, rng, random_hand(rng, face), 0.5, 0.6, "1,234.56", fit=1.2)
        assert 0.3 < place[0] < place[2] < 2.0


def test_pages_that_are_no_checks_are_reproducible_and_named() -> None:
    pages = list(non_checks(4, 4))
    assert [page.name for page in pages] == [page.name for page in non_checks(4, 4)]
    assert all("check" not in page.kinds for page in pages)
