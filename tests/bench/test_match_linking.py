"""One-to-one linking, splits over statements, growth kept beside its picture, checks read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import match
from bench.match_allocation import splits
from bench.match_chart import Chart
from bench.match_febrl import Person, block, by_rapidfuzz, one_to_one, ours, quality
from bench.match_growth import keep
from bench.match_read import papers

KNOWN = [
    Person("rec-1-org", "michaela", "neumann", "8", "stanley street", "richlands", "nsw", "4223"),
    Person("rec-2-org", "courtney", "painter", "12", "pinkerton circuit", "dapto", "vic", "4560"),
    Person("rec-3-org", "charles", "green", "38", "salkauskas crescent", "kela", "nsw", "4566"),
]
READ = [
    Person("rec-2-dup-0", "painter", "courtney", "12", "pinkertn circuit", "dapto", "vic", "4560"),
    Person("rec-3-dup-0", "charlse", "green", "38", "salkauskas cresent", "", "nsw", "4566"),
    Person("rec-1-dup-0", "michaela", "neuman", "8", "stanley st", "richlands", "nsw", "4232"),
]


def test_misspelt_persons_are_linked_one_to_one() -> None:
    blocked = block(KNOWN, READ)
    for link in (ours, by_rapidfuzz):
        assert quality(one_to_one(link(KNOWN, READ, blocked)), 3)["f1"] == 1.0


def test_each_record_is_linked_once_and_the_best_pair_first() -> None:
    pairs = [(2.0, "a", "x"), (3.0, "b", "x"), (1.0, "a", "y"), (0.5, "b", "y")]
    assert one_to_one(pairs) == [(3.0, "b", "x"), (1.0, "a", "y")]


def test_splits_add_up_and_none_goes_wrong_by_itself() -> None:
    drawn = splits(60, 5)
    assert drawn == splits(60, 5)
    for split in drawn:
        assert sum(cents for _, _, cents in split.truth) == split.payment.amount_cents
    figures = match.measure(payments=150, seed=5, allocation=True)
    assert figures["all"]["payments"] == 150
    assert figures["all"]["auto_wrong"] == 0
    assert figures["all"]["right_first"] > figures["all"]["peer_right"]


def test_growth_keeps_the_rows_of_other_runs(tmp_path: Path) -> None:
    def row(accounts: int, cpu: float) -> dict[str, Any]:
        spread = {"mean": cpu, "p50": cpu, "p99": 2 * cpu}
        return {"accounts": accounts, "candidates_ms": spread, "decision_cpu_ms": spread}

    picture = tmp_path / "growth.png"
    keep(str(picture), "sqlite", [row(1000, 1.0)])
    keep(str(picture), "postgres", [row(1000, 1.5)])
    rows = keep(str(picture), "sqlite", [row(10_000, 2.0)])
    assert [each["times_the_smallest"] for each in rows] == [1.0, 2.0]
    kept = json.loads(picture.with_suffix(".json").read_text())
    assert {name: len(some) for name, some in kept.items()} == {"sqlite": 2, "postgres": 1}
    assert picture.stat().st_size > 1000


def test_payments_on_paper_are_read_and_keep_their_truth() -> None:
    chart = Chart(4, 400)
    owing = [family for family in chart.families() if any(p.owed for p in family.patients)]
    read = papers(chart, owing, 2, 4)
    assert read.figures["checks"] == len(read.drawn) == 2
    assert read.figures["name"]["printed"] == 2
    assert read.figures["name"]["unread"] < 2
    assert all(each.clues.office_code for each in read.drawn)
