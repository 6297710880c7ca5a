"""The order of the suite: its longest files begin first."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from tests.conftest import LONGEST_FIRST


def test_every_file_that_begins_first_is_there() -> None:
    here = Path(__file__).parent
    assert [name for name in LONGEST_FIRST if not (here / name).is_file()] == []


def test_what_was_collected_begins_with_the_longest(request: pytest.FixtureRequest) -> None:
    here = Path(__file__).parent
    collected = [path for path, _ in groupby(item.path for item in request.session.items)]
    assert len(collected) == len(set(collected))
    long = [here / name for name in LONGEST_FIRST if here / name in collected]
    assert collected[: len(long)] == long
