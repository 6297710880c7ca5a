"""Step times: nested steps count once, and nothing is kept when nobody measures."""

from __future__ import annotations

import time

import pytest

from ocr.timing import measuring, step


def _work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def _failing_date() -> None:
    with step("date"):
        _work(0.01)
        raise ValueError("no date")


def test_a_step_inside_another_counts_only_for_itself() -> None:
    with measuring() as seconds, step("find"):
        _work(0.01)
        with step("micr"):
            _work(0.03)
    assert 0.008 < seconds["find"] < 0.025
    assert 0.028 < seconds["micr"] < 0.045


def test_a_step_adds_up_and_ends_when_it_raises() -> None:
    with measuring() as seconds:
        for _ in range(2):
            with pytest.raises(ValueError, match="no date"):
                _failing_date()
        _work(0.02)
    assert 0.018 < seconds["date"] < 0.035


def test_nothing_is_measured_when_it_is_off() -> None:
    with measuring() as seconds:
        pass
    with step("payee"):
        _work(0.001)
    assert seconds == {}
