"""Matching on the demo group with degraded names: the figures that must hold."""

from __future__ import annotations

from bench import match


def test_stubs_find_their_account_and_nothing_goes_wrong_by_itself() -> None:
    figures = match.measure(payments=250, seed=3)
    assert figures["right_first_with_number"] >= 0.99
    assert figures["auto_wrong"] == 0
    assert figures["auto_not_a_customer"] == 0
    assert figures["auto_share"] > 0.5
    ours = figures["household_among_first_10_without_number"]
    assert ours > figures["peer"]["right_first_without_number"]
