"""The bench of candidates: seeded, its truth known, and the index good on a small chart."""

from __future__ import annotations

from bench import match
from bench.match_chart import Chart
from bench.match_payments import KINDS, Noise, draw


def test_a_seed_gives_the_same_chart_and_the_same_payments() -> None:
    one, other = Chart(5, 600), Chart(5, 600)
    families = list(one.families())
    assert families == list(other.families())
    numbers = [patient.number for family in families for patient in family.patients]
    assert len(numbers) == len(set(numbers)) == 600
    owing = [family for family in families if any(p.owed for p in family.patients)]
    drawn = draw(one, owing, 300, 2)
    assert drawn == draw(other, owing, 300, 2)
    assert {each.kind for each in drawn} == set(KINDS)
    assert all(bool(each.accounts) == (each.kind != "not_a_customer") for each in drawn)
    clean = draw(one, owing, 100, 2, Noise("none", amount_misread=0.0))
    assert not any(each.amount_misread for each in clean)


def test_candidates_of_a_small_chart_beat_the_peers() -> None:
    figures = match.measure(payments=120, seed=3, accounts=1500, database="sqlite")
    found = figures["without_number_readers"]
    assert found["household_among_first_10"] >= 0.97
    assert found["account_among_first_200"] >= 0.97
    assert figures["mixed"]["auto_wrong"] == 0
    ours, *peers = figures["peers"]
    assert len(peers) == 2
    for peer in peers:
        assert ours["household_among_first_10"] >= peer["household_among_first_10"]
    assert figures["search"]["found"]["whole_name"] == 1.0
