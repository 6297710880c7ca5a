"""Families kept in a file are the chart's, in order, and the same payments are drawn from them."""

from __future__ import annotations

import pytest

from bench.match_chart import Chart
from bench.match_families import Kept
from bench.match_payments import draw


def test_payments_of_kept_families_are_those_of_families_in_memory() -> None:
    chart = Chart(5, 900)
    owing = [family for family in chart.families() if any(p.owed for p in family.patients)]
    kept = Kept()
    for family in owing:
        kept.add(family)
        assert kept[-1] == family
    assert len(kept) == len(owing)
    assert list(kept) == owing
    assert kept[2:9:3] == owing[2:9:3]
    assert draw(chart, kept, 200, 2) == draw(chart, owing, 200, 2)
    with pytest.raises(IndexError):
        kept[len(owing)]
