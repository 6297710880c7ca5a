"""Exact bounds on the share of wrong matches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.bounds import at_most, lower_bound, needed, upper_bound


def test_proving_one_in_ten_thousand_takes_29_956_without_an_error() -> None:
    assert needed(1e-4) == 29_956
    assert upper_bound(0, 29_956) <= 1e-4 < upper_bound(0, 29_955)


@pytest.mark.parametrize(
    ("wrong", "seen", "low", "high"),
    # Tabled one-sided 95 % limits of a proportion.
    [(0, 10, 0.0, 0.2589), (1, 10, 0.0051, 0.3942), (5, 10, 0.2224, 0.7776), (10, 10, 0.7411, 1.0)],
)
def test_bounds_are_those_of_the_tables(wrong: int, seen: int, low: float, high: float) -> None:
    assert lower_bound(wrong, seen) == pytest.approx(low, abs=1e-4)
    assert upper_bound(wrong, seen) == pytest.approx(high, abs=1e-4)


@settings(deadline=None)
@given(st.integers(0, 400), st.integers(1, 400), st.sampled_from((0.9, 0.95, 0.99)))
def test_at_its_bound_what_was_seen_is_as_rare_as_the_level_says(
    wrong: int, more: int, level: float
) -> None:
    seen = wrong + more
    high = upper_bound(wrong, seen, level)
    assert at_most(wrong, seen, high) == pytest.approx(1.0 - level, rel=1e-6)
    assert lower_bound(wrong, seen, level) <= wrong / seen <= high
    if wrong:
        low = lower_bound(wrong, seen, level)
        assert 1.0 - at_most(wrong - 1, seen, low) == pytest.approx(1.0 - level, rel=1e-6)


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(51, 500))
def test_more_seen_without_an_error_lowers_the_bound_and_an_error_raises_it(
    wrong: int, seen: int
) -> None:
    assert upper_bound(wrong, seen + 1) < upper_bound(wrong, seen)
    assert upper_bound(wrong + 1, seen) > upper_bound(wrong, seen)


@pytest.mark.parametrize(("wrong", "seen"), [(-1, 5), (6, 5)])
def test_impossible_counts_are_refused(wrong: int, seen: int) -> None:
    with pytest.raises(ValueError, match="as many wrong"):
        upper_bound(wrong, seen)


def test_nothing_seen_bounds_nothing() -> None:
    assert (lower_bound(0, 0), upper_bound(0, 0)) == (0.0, 1.0)
