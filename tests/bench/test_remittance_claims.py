"""The instrument of claims: its truth, and that nothing is put to a claim that it is not."""

from __future__ import annotations

import random

from bench import claim_chart, remittance_claims


def test_claims_are_put_right_or_to_a_person() -> None:
    told = remittance_claims.measure(seed=11, count=60, claims=400)
    for way in ("electronic", "paper"):
        found = told[way]
        assert found["right"] + found["wrong"] + found["to_a_person"] + found["rightly_none"] == 60
        assert found["wrong"] == 0
        assert found["right"] > 0.8 * found["in_chart"]


def test_the_chart_has_siblings_of_one_day_and_the_same_seed_draws_the_same() -> None:
    first = claim_chart.chart(random.Random(3), 500)
    assert first == claim_chart.chart(random.Random(3), 500)
    assert len({each.number for each in first}) == 500
    twins = {(each.member_id, each.lines) for each in first}
    assert len(twins) < 500
    remitted = [claim_chart.remit(random.Random(n), first, exact=False) for n in range(300)]
    assert any(each.truth is None for each in remitted)
    assert {"combined", "dropped_modifiers", "misread_number"} <= {
        habit for each in remitted for habit in each.habits
    }
