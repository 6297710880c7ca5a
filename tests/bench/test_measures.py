"""Every instrument of ``lockbox bench`` gives its figures with sample size, seed and a peer."""

from __future__ import annotations

import importlib
import json

import pytest

from bench import jobs


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
