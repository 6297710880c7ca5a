"""Confirmations in order: what is proved goes alone, and a drifting scanner sends it to people."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from bench import match_confirming
from bench.match_payments import Drawn
from matching.types import Clues


def test_automation_falls_when_the_scanner_drifts_and_nothing_wrong_goes_before() -> None:
    found = match_confirming.measure(120, seed=3, accounts=1500)
    before, after = found["before_drift"], found["after_drift"]
    assert found["payments"] == 120
    assert sum(row["payments"] for row in found["rows"]) == 120
    assert before["alone_share"] > 0.3
    assert before["wrong"] == 0
    assert after["alone_share"] < before["alone_share"] / 2
    assert all(row["drift"] == (row["from"] >= 96) for row in found["rows"])


@given(st.integers(0, 10**9), st.text("0123456789", min_size=1, max_size=12))
def test_a_drifting_scanner_confuses_only_threes_and_eights(seed: int, digits: str) -> None:
    clues = Clues(amount_cents=int(digits), account_numbers=(digits,))
    each = Drawn("self", clues, frozenset({digits}), "H1", with_number=True,
                 amount_misread=False, bare=False)  # fmt: skip
    read = match_confirming.drifted(random.Random(seed), each).clues
    assert len(read.account_numbers[0]) == len(digits)
    pairs = zip(digits, read.account_numbers[0], strict=True)
    assert all(a == b or {a, b} == {"3", "8"} for a, b in pairs)
    assert read.payer_name == clues.payer_name
