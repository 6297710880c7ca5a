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


def test_a_steady_stream_has_no_drift_and_alarms_are_told_as_they_rise_and_end() -> None:
    found = match_confirming.measure(100, seed=4, accounts=1500, target=0.01, steady=True)
    assert (found["target"], found["drift_from"]) == (0.01, None)
    assert not any(row["drift"] for row in found["rows"])
    assert found["after_drift"]["alone"] == 0
    alarms = match_confirming.Alarms()
    for place, standing in ((50, {}), (100, {"a": "x"}), (150, {"a": "y", "b": "z"}), (200, {})):
        alarms.look(standing, place)
    assert [(each["at"], each["alarm"], each["raised"]) for each in alarms.told] == [
        (100, "a", True), (150, "b", True), (200, "a", False), (200, "b", False),
    ]  # fmt: skip


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
