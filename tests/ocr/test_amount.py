"""What evidence of an amount makes together, and how balances may verify it."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ocr.amount import (
    Distribution,
    Evidence,
    Fused,
    calibrated,
    distribution,
    fuse,
    stated,
    verified,
)
from ocr.types import Alternative

amounts = st.integers(1, 9_999_999_99)


def clear(source: str, cents: int) -> Evidence:
    return Evidence(source, {cents: 0.0, cents + 1: -20.0})


def test_nothing_seen_gives_no_amount() -> None:
    fused = fuse(())
    assert fused.cents is None
    assert fused.confidence == 0.0
    assert verified(fused, {100}).cents is None


@given(amounts)
def test_two_sources_that_agree_are_surer_than_each(cents: int) -> None:
    both = fuse((clear("numerals", cents), clear("words", cents)))
    assert both.cents == cents
    assert both.source == "numerals+words"
    for source in ("numerals", "words"):
        assert fuse((clear(source, cents),)).confidence < both.confidence


@given(amounts, amounts)
def test_a_contradiction_is_told_and_never_sure(one: int, other: int) -> None:
    fused = fuse((clear("numerals", one), clear("words", other)))
    if abs(one - other) > 1:
        assert [warning.code for warning in fused.warnings] == ["amount_mismatch"]
        assert fused.confidence <= 0.55
        assert {one, other} == {fused.cents, fused.alternatives[0].value}
        assert verified(fused, {one}).confidence < 0.9


@given(amounts, amounts, amounts)
def test_evidence_never_lets_probabilities_pass_one(one: int, two: int, three: int) -> None:
    said = distribution((clear("numerals", one), clear("words", two), stated("micr", three, 0.9)))
    assert sum(said.probabilities) <= 1.0 + 1e-9
    assert list(said.probabilities) == sorted(said.probabilities, reverse=True)


def test_junk_at_a_place_leaves_the_other_place_to_decide() -> None:
    junk = Evidence("numerals", {4711: -30.0}, outlier=0.05)
    fused = fuse((junk, clear("words", 12500)))
    assert fused.cents == 12500
    assert not fused.warnings


def test_words_without_cents_leave_the_cents_open() -> None:
    loose = Evidence("words", {12500: -1.0}, junk=-20.0, loose=math.log(99) - 1.5)
    alone = distribution((loose,))
    assert alone.of(12500) < 0.2
    fused = fuse((loose, Evidence("numerals", {12550: 0.0})))
    assert fused.confidence < 0.9


def test_balances_verify_what_the_check_supports() -> None:
    fused = Fused(12500, 0.7, "numerals", (Alternative(12600, 0.2), Alternative(72500, 0.05)))
    sure = verified(fused, [12500, 9900, 4200])
    assert sure.cents == 12500
    assert sure.confidence > 0.99
    assert sure.source == "numerals+balance"
    assert (sure.alone_cents, sure.alone_confidence) == (12500, 0.7)


def test_a_balance_that_the_check_does_not_say_never_appears() -> None:
    fused = Fused(12500, 0.7, "numerals", (Alternative(12600, 0.2),))
    kept = verified(fused, [33300, 9900])
    assert kept.cents == 12500
    assert kept.confidence <= 0.7
    assert kept.source == "numerals"
    assert 33300 not in {other.value for other in kept.alternatives}


def test_a_balance_may_raise_an_alternative() -> None:
    fused = Fused(12500, 0.6, "words", (Alternative(12550, 0.3),))
    raised = verified(fused, range(12550, 12551))
    assert raised.cents == 12550
    assert raised.alone_cents == 12500


@given(st.floats(0, 1), st.floats(0, 1), st.sampled_from(["both", "numerals", "words", "micr"]))
def test_calibration_never_turns_the_order_round(one: float, other: float, name: str) -> None:
    low, high = sorted((one, other))
    assert calibrated(low, name) <= calibrated(high, name) + 1e-12
    assert 0.0 <= calibrated(high, name) < 1.0


def test_a_distribution_knows_its_best() -> None:
    said = Distribution((5, 7), (0.6, 0.3))
    assert said.best == (5, 0.6)
    assert said.of(7) == 0.3
    assert said.of(9) == 0.0
