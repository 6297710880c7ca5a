"""Steady mail raises no alarm, and a scanner that breaks raises one within its next payments."""

from __future__ import annotations

import pytest

from bench import match_shifting


def test_steady_mail_is_not_alarmed_and_a_broken_scanner_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(match_shifting, "SHIFTS", ((0.03, 0.6),))
    monkeypatch.setattr(match_shifting, "SPREADS", (0.0,))
    found = match_shifting.measure(1, seed=3)
    assert [each["alarms"] for each in found["false_alarms"]] == [0, 0, 0, 0]
    (delay,) = found["delays"]
    assert delay["seen"] == delay["of"]
    assert delay["median"] < 60
