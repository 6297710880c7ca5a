"""Every instrument of ``lockbox bench`` gives its figures with sample size, seed and a peer."""

from __future__ import annotations

import importlib
import json

import pytest

from bench import jobs, read


@pytest.fixture(scope="module")
def reading() -> dict[str, object]:
    return read.measure(seed=11, count=4)


def test_no_field_of_a_drawn_check_is_wrong_and_sure(reading: dict[str, object]) -> None:
    assert reading["checks"] == reading["found"] == 4
    assert reading["wrong_and_sure"] == 0


def test_reading_counts_every_field_once(reading: dict[str, object]) -> None:
    fields = reading["fields"]
    assert isinstance(fields, dict)
    for name in ("routing_number", "micr_line", "amount_cents"):
        counts = fields[name]
        assert counts["right"] + counts["wrong"] + counts["unread"] == 4
    assert fields["routing_number"]["right"] >= 3


def test_reading_is_timed_by_step_and_beside_its_peer(reading: dict[str, object]) -> None:
    spent, peer, levels = reading["milliseconds"], reading["peer"], reading["thresholds"]
    assert isinstance(spent, dict)
    assert isinstance(peer, dict)
    assert isinstance(levels, dict)
    assert spent["find"] > 0
    assert spent["front"] == pytest.approx(spent["find"] + spent["read"], abs=0.2)
    assert peer["milliseconds"] > 0
    assert list(levels) == ["0.90", "0.95", "0.97", "0.98"]
    shares = [level["all"]["read_rate"] for level in levels.values()]
    assert shares == sorted(shares, reverse=True)


def test_the_rate_of_wrong_readings_is_of_those_that_were_read() -> None:
    rows: list[read.Row] = [("a", "right", 0.99), ("a", "wrong", 0.92), ("a", "unread", 0.0)]
    assert read.rates(rows, 0.9) == {"read_rate": 0.6667, "wrong": 1, "wrong_rate": 0.5}
    assert read.rates(rows, 0.95) == {"read_rate": 0.3333, "wrong": 0, "wrong_rate": 0.0}


def test_every_job_is_done_once_beside_plain_rows() -> None:
    found = jobs.measure(seed=3, count=8)
    assert found["jobs"] == found["done"] == 8
    assert found["not_done"] == found["other_outcomes"] == 0
    assert found["jobs_per_second"] > 0
    assert found["peer"]["pairs_per_second"] > 0


@pytest.mark.parametrize(("what", "count"), [("icl", 3), ("match", 20), ("jobs", 3)])
def test_instruments_take_seed_and_count_and_give_json(what: str, count: int) -> None:
    found = importlib.import_module(f"bench.{what}").measure(seed=5, count=count)
    assert found["seed"] == 5
    assert json.loads(json.dumps(found))
    assert "peer" in found or "peers" in found
