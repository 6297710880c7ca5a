"""Readings that suddenly fit worse than before raise an alarm; mail as it always was does not."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import shifting
from matching.decide import AUTO_STRATA, decide
from matching.shifting import Counts, Watch, chance, seen
from matching.types import Chart, Clues, Part, PaymentClues, Pool
from tests.matching.world import account

STEADY = Watch("0" * 195 + "1" * 5, (Counts(100, 3),) * 20)
"""Three in a hundred always went astray, and 5 of the newest 200."""


def after(watch: Watch, *payments: bool) -> Watch:
    for astray in payments:
        watch = seen(watch, astray=astray)
    return watch


@given(st.integers(1, 30), st.integers(1, 60), st.data(), st.sampled_from([(1, 1), (3, 2)]))
def test_the_chance_is_that_of_the_exact_test(
    new: int, old: int, data: st.DataObject, odds: tuple[int, int]
) -> None:
    newest = Counts(new, data.draw(st.integers(0, new)))
    earlier = Counts(old, data.draw(st.integers(0, old)))
    total = newest.astray + earlier.astray
    ways = {
        x: comb(new, x) * comb(old, total - x) * Fraction(*odds) ** x
        for x in range(max(0, total - old), min(new, total) + 1)
    }
    wanted = sum(each for x, each in ways.items() if x >= newest.astray) / sum(ways.values())
    assert chance(newest, earlier, odds[0] / odds[1]) == pytest.approx(float(wanted), rel=1e-9)


@given(st.integers(0, 2000), st.integers(0, 200))
def test_the_chance_is_a_probability_at_any_size(old: int, new: int) -> None:
    assert 0.0 <= chance(Counts(200, new), Counts(2000, old), shifting.ODDS) <= 1.0


@pytest.mark.parametrize("rate", [0.0, 0.03, 0.15, 0.5, 1.0])
def test_mail_as_it_always_was_raises_no_alarm(rate: float) -> None:
    rng = random.Random(f"steady:{rate}")
    for _ in range(5):
        watch = Watch()
        for _ in range(3000):
            watch = seen(watch, astray=rng.random() < rate)
            assert watch.alarm is None


def test_readings_that_go_astray_raise_the_alarm_with_the_counts_that_did() -> None:
    watch = after(STEADY, *[True] * 12)
    assert watch.alarm is None
    for _ in range(20):
        watch = seen(watch, astray=True)
    assert watch.alarm is not None
    assert watch.alarm.newest.read == shifting.NEWEST
    assert watch.alarm.earlier.astray / watch.alarm.earlier.read == pytest.approx(0.03, abs=0.001)
    assert chance(watch.alarm.newest, watch.alarm.earlier, shifting.ODDS) < shifting.CHANCE


def test_readings_that_fit_better_than_before_raise_none() -> None:
    worse = Watch("1" * 100 + "0" * 100, (Counts(100, 50),) * 20)
    assert after(worse, *[False] * 1000).alarm is None


def test_nothing_is_said_before_there_are_enough_to_say_it_of() -> None:
    few = Watch("0" * 200, (Counts(100, 0), Counts(100, 0), Counts(60, 0)))
    assert after(few, *[True] * 39).alarm is None  # 299 earlier ones
    assert after(few, *[True] * 41).alarm is not None


def test_an_alarm_stands_until_the_newest_are_as_those_before_it() -> None:
    raised = after(STEADY, *[True] * 60)
    assert raised.alarm is not None
    before = raised.before
    worse = after(raised, *[True, False] * 500)
    assert worse.alarm == raised.alarm
    assert worse.before == before  # what is out of line is never the measure
    back = after(worse, *[False] * 150)
    assert back.alarm is not None
    mended = after(back, *[False] * 50)
    assert mended.alarm is None
    assert mended.before.read >= before.read


def test_of_earlier_payments_only_the_newest_two_thousand_are_kept() -> None:
    watch = after(Watch(), *[True] * 1000, *[False] * 2400)
    assert watch.before == Counts(2000, 0)
    assert watch.now == Counts(200, 0)


STUB = Clues(amount_cents=125_00, account_numbers=("A1",), payer_name="Walter Abernathy",
             payer_address="9 Far Hills Ave, Dayton, OH 45419")  # fmt: skip
HERE = account("A1", 125_00, street="9 Far Hills Ave", city="Dayton", state="OH", zip="45419")


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({}, set()),
        ({"account_numbers": ("A7",)}, {"number"}),
        ({"amount_cents": 3_17}, {"amount"}),
        ({"payer_name": "Zelda Quist"}, {"name"}),
        ({"payer_address": "1 Elm St, Troy, OH 45373"}, {"address"}),
    ],
)
def test_a_reading_that_fits_no_account_goes_astray(
    change: dict[str, object], wanted: set[str]
) -> None:
    found = readings(replace(STUB, **change))  # type: ignore[arg-type]
    assert found == {each: each in wanted for each in shifting.EVIDENCE}


def test_what_was_not_read_is_not_told() -> None:
    assert readings(Clues(payer_name="Walter Abernathy")) == {"name": False}
    assert readings(Clues(amount_cents=0)) == {}


def test_without_any_candidate_all_that_was_read_goes_astray() -> None:
    assert readings(STUB, nobody=True) == dict.fromkeys(shifting.EVIDENCE, True)


def test_one_astray_of_several_stubs_is_enough() -> None:
    parts = tuple(
        Part("coupon", replace(STUB, account_numbers=(number,)), 125_00) for number in ("A1", "A7")
    )
    pool = Pool((HERE,), Chart(1000, 1))
    payment = PaymentClues(250_00, parts)
    verdict = decide(payment, [pool, pool], 0.9)
    assert shifting.readings(payment, verdict.rankings)["number"]


def test_the_number_of_another_of_the_household_was_read_as_it_should_be() -> None:
    home = account("A1", 125_00, household="H1"), account("A2", household="H1", patient_first="Ann")
    clues = replace(STUB, account_numbers=("A2",))
    assert not readings(clues, accounts=home)["number"]


def readings(clues: Clues, *, nobody: bool = False, accounts: object = None) -> dict[str, bool]:
    pool = Pool(() if nobody else accounts or (HERE,), Chart(1000, 1))  # type: ignore[arg-type]
    payment = PaymentClues(clues.amount_cents, (Part("check", clues, clues.amount_cents),))
    return shifting.readings(payment, decide(payment, [pool], 0.9).rankings)


def test_every_kind_that_may_go_alone_rests_on_evidence_that_is_watched() -> None:
    for kind in AUTO_STRATA:
        assert shifting.rests_on(kind, shifting.EVIDENCE)
    assert shifting.rests_on("name_amount", {"amount"})
    assert not shifting.rests_on("name_amount", {"number", "address"})
    assert not shifting.rests_on("number_name_amount", ())


def test_the_words_say_how_many_and_where_to_look() -> None:
    said = shifting.in_words("number", Counts(200, 34), Counts(2000, 60))
    assert "in 34 of the last 200 payments with a number, 60 of 2,000 before" in said
    assert "look at the scanner" in said


def test_each_evidence_is_told_in_words() -> None:
    for each in shifting.EVIDENCE:
        assert shifting.in_words(each, Counts(200, 9), Counts(300, 1)).endswith(".")
