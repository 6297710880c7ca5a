"""What evidence of an amount makes together, and how balances may verify it."""

from __future__ import annotations

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
)
from ocr.amount_balances import verified
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
    loose = Evidence("words", {12500: -1.0}, junk=-20.0, partly={125: -1.5})
    alone = distribution((loose,))
    assert alone.of(12500) < 0.2
    fused = fuse((loose, Evidence("numerals", {12550: 0.0})))
    assert fused.confidence < 0.9


def test_cents_that_both_places_lost_are_not_taken_for_none() -> None:
    numerals = Evidence("numerals", {52200: -2.0}, partly={522: -2.5})
    words = Evidence("words", {52200: -1.5}, junk=-20.0, partly={522: -1.7})
    assert fuse((numerals, words)).confidence < 0.5
    seen = Evidence("numerals", {52200: 0.0}, partly={522: -2.5})
    shown = Evidence("words", {52200: 0.0}, junk=-20.0, partly={522: -4.0})
    assert fuse((seen, shown)).confidence > 0.9


def test_balances_verify_what_the_check_supports() -> None:
    fused = Fused(12500, 0.7, "numerals", (Alternative(12600, 0.2), Alternative(72500, 0.05)))
    sure = verified(fused, [12500, 9900, 4200])
    assert sure.cents == 12500
    assert sure.confidence > 0.98
    assert sure.source == "numerals+balance"
    assert (sure.alone_cents, sure.alone_confidence) == (12500, 0.7)


def test_a_balance_that_the_check_does_not_say_never_appears() -> None:
    fused = Fused(12500, 0.7, "numerals", (Alternative(12600, 0.2),))
    kept = verified(fused, [33300, 9900])
    assert kept.cents == 12500
    assert kept.confidence <= 0.7
    assert kept.source == "numerals"
    assert 33300 not in {other.value for other in kept.alternatives}


def test_a_balance_that_only_an_alternative_equals_makes_the_amount_less_sure() -> None:
    fused = Fused(12500, 0.95, "words", (Alternative(12700, 0.01), Alternative(12550, 0.03)))
    doubted = verified(fused, [12550, 4200])
    assert doubted.cents == 12500
    assert doubted.confidence < 0.9
    assert doubted.alternatives[0].value == 12550
    assert doubted.source == "words"


@given(st.floats(0, 1), st.floats(0, 1), st.sets(amounts, min_size=1, max_size=30))
def test_balances_never_replace_what_the_check_says(
    sure: float, share: float, known: set[int]
) -> None:
    others = (Alternative(12600, share * (1.0 - sure)), Alternative(72500, 0.0))
    fused = Fused(12500, sure, "numerals", others)
    for candidates in (known - {12500}, known | {12600}, known | {12500}):
        found = verified(fused, candidates)
        assert found.cents == 12500
        if 12500 not in candidates:
            assert found.confidence <= round(sure, 4)


def test_a_balance_says_less_among_many_that_are_about_as_large() -> None:
    fused = Fused(12550, 0.1, "numerals", (Alternative(17550, 0.05),))
    few = verified(fused, [12550, 99_900])
    many = verified(fused, [12550, *range(12000, 13000, 5)])
    assert fused.confidence < many.confidence < few.confidence


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


@given(st.integers(10, 99_999), st.sampled_from(["numerals", "words"]))
def test_a_place_that_clearly_shows_another_amount_denies_it(cents: int, place: str) -> None:
    """However unsure a place is by itself: it may be the wrong one, but its figures are clear."""
    other = cents + 10_000
    shown = Evidence(place, {cents: 0.0, other: -4.3}, outlier=0.15, junk=-2.0)
    rest = "words" if place == "numerals" else "numerals"
    against = Evidence(rest, {other: 0.0, cents: -9.0}, outlier=0.04)
    fused = fuse((shown, against))
    assert fused.confidence < 0.9
    assert [warning.code for warning in fused.warnings] == ["amount_mismatch"]
    assert place not in fused.source.split("+") or fused.cents == cents


def test_a_place_that_is_read_poorly_denies_nothing() -> None:
    poor = Evidence("numerals", {4551: -3.0, 14551: -5.5}, outlier=0.15)
    clear_words = Evidence("words", {14551: 0.0, 4551: -9.0}, outlier=0.04)
    assert fuse((poor, clear_words)).warnings == ()


def test_a_balance_one_slip_away_keeps_a_doubtful_amount_from_being_sure() -> None:
    read = Fused(35_11, 0.62, "numerals+words")
    alone = verified(read, (35_11,)).confidence
    beside = verified(read, (35_11, 35_10)).confidence
    assert alone > 0.99
    assert beside < 0.98
    assert verified(read, (35_11, 99_99)).confidence > 0.99


def test_a_balance_that_was_not_read_is_no_alternative() -> None:
    read = Fused(35_11, 0.62, "numerals+words", (Alternative(35_17, 0.2),))
    for candidates in ((35_10,), (35_11, 35_10)):
        others = verified(read, candidates).alternatives
        assert {other.value for other in others} <= {35_17}
    assert [other.value for other in verified(read, (35_10,)).alternatives] == [35_17]
