"""A fit learns what confirmations say, keeps to what it knew where they are few, and proves it."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import fitting, judging, proving
from matching.examples import Example, judge
from matching.model import Cut, Model, from_json, shipped
from matching.types import AccountFacts, Candidate, Ranking, Reason
from records.errors import Conflict

PLAIN = Model("plain")


def candidate(number: str, *levels: tuple[str, str, float], home: str = "") -> Candidate:
    reasons = tuple(Reason(signal, level, weight) for signal, level, weight in levels)
    account = AccountFacts(number, "", "", "", "", "", household=home or number)
    return Candidate(account, sum(r.weight for r in reasons), 0.0, reasons)


def example(rng: random.Random, share: float) -> Example:
    """Two accounts of one score: a nickname on the left, a memo on the right. The left one is right
    in ``share`` of all.
    """  # fmt: skip
    one = candidate("A", ("prior", "any_account", -2.0), ("payer_name", "short_form", 4.0))
    two = candidate("B", ("prior", "any_account", -2.0), ("memo", "patient", 4.0))
    best = replace(one, probability=0.5), replace(two, probability=0.4)
    right = rng.random() < share
    return Example(Ranking(best, 0.1), frozenset({"A"}), frozenset({"A" if right else "B"}),
                   "name_amount", eligible=True, split_right=right)  # fmt: skip


def examples(count: int, share: float, seed: int = 1) -> list[Example]:
    rng = random.Random(seed)
    return [example(rng, share) for _ in range(count)]


def test_the_judge_learns_how_often_the_best_is_right() -> None:
    model = fitting.fit(examples(2000, 0.8), PLAIN, "new")
    judged = fitting.judged_by(examples(2000, 0.8, seed=2), model)
    assert all(each.probability == pytest.approx(0.8, abs=0.03) for each in judged)


def test_shifts_move_towards_what_was_confirmed() -> None:
    model = fitting.fit(examples(2000, 0.1), PLAIN, "new")
    shifts = model.shifts
    assert shifts["memo:patient"] > shifts.get("payer_name:short_form", 0.0) + 1.0
    # The memo's account is now the first, whose split was not the one proposed: it may not go.
    assert not any(each.eligible for each in fitting.judged_by(examples(50, 0.1, 3), model))


def test_too_few_are_refused_with_how_many_are_needed() -> None:
    with pytest.raises(Conflict) as caught:
        fitting.fit(examples(fitting.LEAST_EXAMPLES - 1, 0.5), PLAIN, "new")
    assert caught.value.code == "too_little_to_learn"
    assert str(fitting.LEAST_EXAMPLES) in caught.value.remedy


def test_a_model_reads_back_as_it_was_written() -> None:
    model = fitting.fit(examples(400, 0.7), PLAIN, "new")
    model = replace(model, proof=fitting.proof(fitting.judged_by(examples(400, 0.7, 5), model)))
    assert from_json(model.to_json()) == model


def test_the_shipped_model_has_a_judge_and_proof_that_counts_a_tenth() -> None:
    model = shipped()
    assert model.judge
    assert model.worth == 0.1
    assert all(cut.seen >= cut.wrong for cuts in model.proof.values() for cut in cuts)


def test_proof_counts_only_what_may_go_alone_from_each_probability() -> None:
    rows = [replace(judge(each, PLAIN), probability=chance, eligible=eligible)
            for each, chance, eligible in zip(
                examples(4, 1.0), (0.91, 0.97, 0.9999, 0.97), (True, True, True, False),
                strict=True)]  # fmt: skip
    rows[1] = replace(rows[1], right=False)
    cuts = {cut.least: (cut.seen, cut.wrong) for cut in fitting.proof(rows)["name_amount"]}
    assert cuts[0.9] == (3, 1)
    assert cuts[0.95] == (2, 1)
    assert cuts[0.98] == (1, 0)


@given(st.dictionaries(st.sampled_from(["bias", "lead>0", "lead>2", "memo:patient"]),
                       st.floats(-5, 5), min_size=1))  # fmt: skip
def test_the_judges_terms_add_up_to_its_log_odds(weights: dict[str, float]) -> None:
    told = {"bias": 1.0, "lead>0": 1.0, "lead>2": 0.5, "memo:patient": 1.0}
    terms = judging.judged(weights, told)
    odds = sum(weights.get(name, 0.0) * value for name, value in told.items())
    chance = judging.probability(terms) if terms else 0.5
    assert chance == pytest.approx(1 / (1 + math.exp(-odds)), abs=1e-4)


def cuts(*rows: tuple[float, int, int]) -> tuple[Cut, ...]:
    return tuple(Cut(*row) for row in rows)


def test_without_proof_or_a_person_nothing_goes_alone() -> None:
    assert proving.cut(proving.Standing("name_amount"), 0.01, 0.9) is None


def test_made_up_proof_counts_a_tenth_and_the_offices_own_in_full() -> None:
    made_up = proving.Standing("name_amount", shipped=cuts((0.9, 2989, 0)), worth=0.1)
    assert proving.cut(made_up, 0.01, 0.9) is None  # 298 are one short of 1 in 100
    assert proving.cut(replace(made_up, own=cuts((0.9, 1, 0))), 0.01, 0.9) == 0.9


def test_the_cut_is_the_least_probability_that_is_proved() -> None:
    own = cuts((0.9, 5000, 100), (0.99, 4000, 9), (0.999, 3000, 0))
    standing = proving.Standing("name_amount", own=own)
    assert proving.cut(standing, 0.01, 0.5) == 0.99
    assert proving.cut(standing, 0.001, 0.5) == 0.999
    assert proving.cut(standing, 0.0001, 0.5) is None


def test_an_accepted_target_opens_from_where_made_up_proof_promises_it() -> None:
    promised = cuts((0.9, 1000, 50), (0.99, 900, 0))
    standing = proving.Standing("name_amount", shipped=promised, worth=0.1, accepted=0.01)
    assert proving.cut(standing, 0.0001, 0.5) == 0.99
    assert proving.cut(replace(standing, shipped=()), 0.0001, 0.5) == 0.5
    assert proving.cut(replace(standing, accepted=0.0005), 0.0001, 0.5) is None  # none promises it
    assert proving.cut(replace(standing, alarmed=True), 0.0001, 0.5) is None


@pytest.mark.parametrize(
    ("counted", "target", "wanted"),
    [
        ((), 0.001, 2995),
        ((), 0.0001, 29956),
        (((0.9, 2000, 0),), 0.001, 995),
        (((0.9, 2995, 0),), 0.001, 0),
        (((0.9, 5000, 100), (0.999, 2900, 0)), 0.001, 95),
    ],
)
def test_what_a_target_still_needs_is_the_fewest_right_answers_that_prove_it(
    counted: tuple[tuple[float, int, int], ...], target: float, wanted: int
) -> None:
    standing = proving.Standing("name_amount", own=cuts(*counted))
    assert proving.still_needed(standing, target) == wanted


@given(st.integers(0, 300), st.integers(0, 6), st.sampled_from([0.1, 0.02]))
def test_so_many_right_answers_prove_it_and_one_less_does_not(
    right: int, wrong: int, target: float
) -> None:
    def after(more: int) -> float | None:
        own = cuts((0.9, right + wrong + more, wrong))
        return proving.cut(proving.Standing("x", own=own), target, 0.0)

    needs = proving.still_needed(
        proving.Standing("x", own=cuts((0.9, right + wrong, wrong))), target
    )
    assert after(needs) is not None
    assert needs == 0 or after(needs - 1) is None


@given(st.integers(0, 400), st.integers(0, 20), st.sampled_from([0.1, 0.01]))
def test_more_errors_never_open_what_fewer_kept_shut(seen: int, wrong: int, target: float) -> None:
    few = proving.Standing("x", own=cuts((0.9, seen + wrong, min(wrong, seen + wrong))))
    more = proving.Standing("x", own=cuts((0.9, seen + wrong + 1, wrong + 1)))
    if proving.cut(few, target, 0.0) is None:
        assert proving.cut(more, target, 0.0) is None


@given(st.floats(1e-9, 0.5), st.floats(1e-9, 0.5), st.booleans())
def test_a_stricter_target_never_lets_more_go(one: float, other: float, made_up: bool) -> None:
    promised = cuts((0.9, 1000, 50), (0.99, 900, 0)) if made_up else ()
    standing = proving.Standing("name_amount", shipped=promised, worth=0.1)
    strict, loose = (
        proving.cut(replace(standing, accepted=accepted), 0.0001, 0.5)
        for accepted in sorted((one, other))
    )
    assert strict is None or (loose is not None and loose <= strict)
