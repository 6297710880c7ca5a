"""What runs of the suite, and its order: its longest files begin first."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import LONGEST_FIRST, cases_left_out


def test_every_file_that_begins_first_is_there() -> None:
    here = Path(__file__).parent
    assert [name for name in LONGEST_FIRST if not (here / name).is_file()] == []


def test_what_was_collected_begins_with_the_longest(request: pytest.FixtureRequest) -> None:
    here = Path(__file__).parent
    collected = [path for path, _ in groupby(item.path for item in request.session.items)]
    assert len(collected) == len(set(collected))
    long = [here / name for name in LONGEST_FIRST if here / name in collected]
    assert collected[: len(long)] == long


def cases(*faults: str, name: str = "test_x", marked: str = "") -> list[Any]:
    """What pytest collects of one test with these cases on both databases."""
    return [
        SimpleNamespace(
            path=Path("test_x.py"),
            nodeid=f"test_x.py::{name}[{kind}]",
            function=name,
            callspec=SimpleNamespace(
                params={"database_url": kind, **fault},
                indices={"database_url": number, **dict.fromkeys(fault, place)},
            ),
            get_closest_marker=lambda name: name == marked,
        )
        for place, fault in enumerate([{"fault": each} for each in faults] or [{}])
        for number, kind in enumerate(("sqlite", "postgresql"))
    ]


def left_out(items: list[Any]) -> list[Any]:
    return [each.callspec.params for each in cases_left_out(items)]


def test_the_first_case_runs_on_postgresql_and_further_ones_on_sqlite() -> None:
    first = {"database_url": "sqlite", "fault": "a"}
    further = [{"database_url": "postgresql", "fault": each} for each in ("b", "c")]
    assert left_out(cases("a", "b", "c")) == [first, *further]
    assert left_out(cases("a", "b", "c", marked="both_databases")) == []
    assert left_out(cases("a", "b")[3:]) == []  # asked for by its name


def test_a_test_runs_on_one_database_and_always_the_same_about_half_on_each() -> None:
    names = [f"test_{number}" for number in range(100)]
    collected = [item for name in names for item in cases(name=name)]
    gone = cases_left_out(collected)
    assert [item.function for item in gone] == names
    on_sqlite = sum(item.callspec.params["database_url"] == "postgresql" for item in gone)
    assert 35 <= on_sqlite <= 65
    backwards = {item.nodeid for item in cases_left_out(collected[::-1])}
    assert backwards == {item.nodeid for item in gone}


def test_a_test_about_the_database_or_asked_for_by_its_name_runs_where_it_is_told() -> None:
    assert left_out(cases(marked="both_databases")) == []
    for alone in cases():
        assert left_out([alone]) == []


def test_what_goes_through_many_cases_by_itself_runs_on_sqlite() -> None:
    assert left_out(cases(marked="many_cases")) == [{"database_url": "postgresql"}]
    assert left_out(cases(marked="many_cases")[1:]) == []
    several = left_out(cases("a", "b", marked="many_cases"))
    assert [each["database_url"] for each in several] == ["postgresql"] * 2
