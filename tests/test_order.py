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


def cases(*faults: str, marked: str = "") -> list[Any]:
    """What pytest collects of one test with these cases on both databases."""
    return [
        SimpleNamespace(
            path=Path("test_x.py"),
            function=cases,
            callspec=SimpleNamespace(params={"database_url": kind, **fault}),
            get_closest_marker=lambda name: name == marked,
        )
        for fault in ([{"fault": each} for each in faults] or [{}])
        for kind in ("sqlite", "postgresql")
    ]


def left_out(items: list[Any]) -> list[Any]:
    return [each.callspec.params for each in cases_left_out(items)]


def test_further_cases_run_on_sqlite_alone_unless_they_are_about_the_database() -> None:
    further = [{"database_url": "postgresql", "fault": each} for each in ("b", "c")]
    assert left_out(cases("a", "b", "c")) == further
    assert left_out(cases("a", "b", "c", marked="both_databases")) == []
    assert left_out(cases()) == []
    assert left_out(cases("a", "b")[3:]) == []  # asked for by its name


def test_what_goes_through_many_cases_by_itself_runs_on_sqlite() -> None:
    assert left_out(cases(marked="many_cases")) == [{"database_url": "postgresql"}]
    assert left_out(cases(marked="many_cases")[1:]) == []
    assert len(left_out(cases("a", "b", marked="many_cases"))) == 2
