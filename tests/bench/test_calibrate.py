"""The table that makes an amount's posterior a probability: rising, and no surer than its data."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.train.calibrate import Sample, fitted

samples = st.lists(
    st.tuples(st.just("both"), st.floats(0.01, 0.9999), st.booleans()), min_size=1, max_size=200
)


@given(samples)
def test_points_rise(made: list[Sample]) -> None:
    points = fitted(made)["both"]
    assert [at for at, _ in points] == sorted(at for at, _ in points)
    assert [share for _, share in points] == sorted(share for _, share in points)
    assert all(0.0 < share < 1.0 for _, share in points)


def test_few_checks_prove_little_and_many_more() -> None:
    few = fitted([("both", 0.99, True)] * 10)["both"]
    many = fitted([("both", 0.99, True)] * 300)["both"]
    assert few[-1][1] < 0.96 < many[-1][1] <= 0.998


def test_wrong_amounts_lower_all_that_are_no_surer() -> None:
    right: list[Sample] = [("both", 0.5 + number / 250, True) for number in range(120)]
    wrong: list[Sample] = [("both", 0.8 + number / 1000, False) for number in range(30)]
    spoiled = fitted([*right, *wrong])["both"]
    assert spoiled[0][1] < 0.85 < fitted(right)["both"][0][1]
