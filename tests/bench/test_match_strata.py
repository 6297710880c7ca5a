"""Thresholds by kind of evidence: chosen within a target, never on what may not go by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bench import match
from bench.match_judged import Judged
from bench.match_report import lines
from bench.match_strata import kept_back, reliability, threshold
from matching.bounds import needed


def judged(chance: float, *, right: bool = True, acceptable: bool = True) -> Judged:
    return Judged("self", "name", chance, acceptable, right, right, False, True, "" if acceptable
                  else "number only")  # fmt: skip


def test_a_threshold_is_proved_only_by_enough_that_were_right() -> None:
    enough = needed(0.001)
    rows = [judged(0.999 + n * 1e-8) for n in range(enough)]
    assert threshold(rows, 0.001) == 0.999
    assert threshold(rows[1:], 0.001) > 1
    assert threshold(rows[1:], 0.001, "seen") == rows[1].chance


def test_a_threshold_lies_above_wrong_ones_and_counts_only_what_may_go() -> None:
    right = [judged(0.99 + n * 1e-7) for n in range(needed(0.01))]
    wrong = [judged(0.9, right=False) for _ in range(20)]
    assert threshold([*wrong, *right], 0.01) == 0.99
    barred = [judged(1.0, right=False, acceptable=False) for _ in range(20)]
    assert threshold([*barred, *right], 0.01) == 0.99
    assert [row["payments"] for row in kept_back([*barred, *right])] == [20]


def test_equal_chances_go_together_or_not_at_all() -> None:
    rows = [judged(0.99) for _ in range(needed(0.01))] + [judged(0.99, right=False)] * 9
    assert threshold(rows, 0.01) > 1


def test_bins_hold_every_decision_once() -> None:
    chances = [0.0, 0.05, 0.5, 0.9, 0.999, 0.9999999, 1.0]
    rows = [judged(chance, right=chance > 0.5) for chance in chances]
    bins = reliability(rows)["all"]
    assert sum(each["payments"] for each in bins) == len(chances)
    assert sum(each["wrong"] for each in bins) == 3
    assert all(each["doubt_from"] <= each["doubt"] <= each["doubt_to"] for each in bins)


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    picture = tmp_path_factory.mktemp("strata") / "reliability.png"
    return match.measure(payments=400, seed=3, accounts=1500, reliability=str(picture))


def test_strata_are_measured_on_other_payments_than_they_were_set_by(
    figures: dict[str, Any],
) -> None:
    assert figures["calibrated_on"]["seed"] != figures["tested_on"]["seed"]
    with Image.open(Path(figures["picture"])) as picture:
        assert picture.width > picture.height > 500
    for table in figures["targets"]:
        every = table["groups"]["all"]
        assert sum(row["payments"] for row in table["strata"]) == every["payments"] == 200
        assert sum(row["accepted"] for row in table["strata"]) == every["accepted"]
        assert table["not_a_customer"]["accepted"] <= table["not_a_customer"]["payments"]
        assert all(row["accepted"] <= row["acceptable"] for row in table["strata"])


def test_what_a_person_accepts_opens_kinds_only_where_it_is_looser_than_the_groups_target(
    figures: dict[str, Any],
) -> None:
    opened = {
        table["name"]: {row["stratum"] for row in table["strata"] if row["threshold"] is not None}
        for table in figures["targets"]
    }
    assert "name_address_amount" in opened["1 in 1,000 accepted"]
    assert opened["1 in 1,000 shipped"] < opened["1 in 1,000 accepted"]
    assert opened["1 in 10,000 accepted"] == opened["1 in 10,000 shipped"]


def test_the_report_has_a_line_for_every_kind_of_evidence(figures: dict[str, Any]) -> None:
    told = "\n".join(lines(figures))
    for table in figures["targets"]:
        assert all(row["stratum"] in told for row in table["strata"])
