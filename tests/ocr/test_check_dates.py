"""Days of a check: a distribution over what a text may say, and what the day of receipt adds."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ocr.check_dates import days, flags_on, near
from ocr.engine import LineText
from ocr.likely_texts import likely_texts
from ocr.types import Alternative, Field


def line(alphabet: str, *steps: dict[str, float]) -> LineText:
    """A line whose lattice gives each step's probabilities; what is left goes to the blank."""
    lattice = np.zeros((len(steps), len(alphabet) + 1), np.float32)
    for row, step in zip(lattice, steps, strict=True):
        for symbol, chance in step.items():
            row[alphabet.index(symbol) + 1] = chance
        row[0] = 1.0 - sum(step.values())
    return LineText("", 0.0, (), (), lattice, alphabet)


def test_likely_texts_sum_over_all_ways_to_say_the_same() -> None:
    texts = dict(likely_texts(line("17", {"1": 0.6}, {"1": 0.6}, {"7": 0.9})))
    assert texts["17"] == pytest.approx(0.9 * (1 - 0.4 * 0.4), abs=1e-6)
    assert "117" not in texts
    texts = dict(likely_texts(line("1", {"1": 0.9}, {}, {"1": 0.9})))
    assert texts["11"] == pytest.approx(0.81, abs=1e-6)


def test_texts_that_are_no_date_leave_probability_unspent() -> None:
    found = days((("11/07/26", 0.5), ("1/07/26", 0.3), ("11/47/26", 0.2)))
    assert found.chances[0] == ("2026-11-07", 0.5)
    assert dict(found.chances) == {"2026-11-07": 0.5, "2026-01-07": 0.3}


def test_slashes_read_as_ones_are_guessed_with_little_trust() -> None:
    ((day, chance),) = days((("10/1526", 0.0), ("10115126", 1.0))).chances
    assert day == "2026-10-15"
    assert chance < 0.5


def test_a_months_name_a_letter_or_two_amiss_is_known() -> None:
    found = days((("Novemher 14, 2026", 1.0),))
    assert found.named
    assert found.chances[0][0] == "2026-11-14"
    assert found.chances[0][1] < 1.0


def test_of_two_readings_the_one_near_the_day_of_receipt_wins() -> None:
    read = Field("2026-01-07", 0.5, alternatives=(Alternative("2026-11-07", 0.4),))
    settled = near(read, date(2026, 11, 16))
    assert settled.value == "2026-11-07"
    assert settled.confidence > 0.9
    assert settled.alternatives[0].value == "2026-01-07"


def test_an_odd_date_read_surely_stays() -> None:
    settled = near(Field("2026-02-07", 0.98), date(2026, 11, 16))
    assert settled.value == "2026-02-07"


def test_old_and_coming_dates_are_flagged_on_the_day_one_looks() -> None:
    today = date(2026, 11, 16)
    assert flags_on(date(2026, 5, 20), today) == ()
    assert flags_on(date(2026, 5, 19), today) == ("stale",)
    assert flags_on(date(2026, 11, 17), today) == ("postdated",)
    assert flags_on(today, today) == ()


def test_a_year_far_from_the_day_of_receipt_is_never_sure() -> None:
    settled = near(Field("2020-11-10", 0.97), date(2026, 11, 16))
    assert settled.value == "2020-11-10"
    assert settled.confidence < 0.9
    stale = near(Field("2026-03-10", 0.97), date(2026, 11, 16))
    assert stale.confidence == 0.97
