"""How a sum is split over a household: what is proposed first, and what is never clear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import stored
from matching.allocate import propose
from matching.decide import decide
from matching.types import AccountFacts, Chart, Clues, Part, PaymentClues, Pool, Proposal
from tests.matching.world import account, statement

FEW = st.sampled_from([10_00, 20_00, 30_00, 40_00, 50_00, 70_00])
"""Amounts that often add up to each other."""
HOMES = st.lists(st.lists(FEW, max_size=3), min_size=1, max_size=4)
NAMED = st.sampled_from([(), (), ("A1-0",), ("A1-1",), ("A2-0",), ("A1-0", "A2-0")])


def home(*owed: Sequence[int], **facts: Any) -> list[AccountFacts]:
    """Accounts A1, A2 and so on of one household, with these balances, oldest first."""
    return [
        account(f"A{place}", *cents, household="H", **facts)
        for place, cents in enumerate(owed, start=1)
    ]


def parts_of(proposal: Proposal) -> list[tuple[str, str, int]]:
    return [
        (share.destination, share.statement_number or share.account_number or "",
         share.amount_cents)
        for share in proposal.shares
    ]  # fmt: skip


def makes(amount: int, accounts: list[AccountFacts]) -> list[set[str]]:
    """Every set of open statements that adds up to the amount, tried one by one."""
    items = [(s.number, s.open_cents) for each in accounts for s in each.open_statements]
    return [
        {number for number, _ in chosen}
        for size in range(1, len(items) + 1)
        for chosen in combinations(items, size)
        if sum(cents for _, cents in chosen) == amount
    ]


@settings(max_examples=300)
@given(st.integers(1, 40).map(lambda tens: tens * 10_00) | st.integers(1, 400_00), HOMES, NAMED)
def test_every_split_adds_up_and_gives_no_statement_more_than_is_open(
    cents: int, owed: list[list[int]], named: tuple[str, ...]
) -> None:
    accounts = home(*owed)
    left = {s.number: s.open_cents for each in accounts for s in each.statements}
    for proposal in propose(cents, accounts[0], accounts[1:], Clues(statement_numbers=named)):
        assert proposal.total_cents == cents
        given_ = [share.statement_number for share in proposal.shares if share.statement_number]
        assert len(given_) == len(set(given_))
        for share in proposal.shares:
            assert share.amount_cents > 0
            assert share.destination in {"account", "unapplied"}
            if share.statement_number:
                assert share.amount_cents <= left[share.statement_number]


@settings(max_examples=300)
@given(st.integers(1, 30).map(lambda tens: tens * 10_00), HOMES)
def test_an_unnamed_split_is_clear_only_where_nothing_of_the_others_makes_it(
    cents: int, owed: list[list[int]]
) -> None:
    accounts = home(*owed)
    found = makes(cents, accounts)
    own = {s.number for s in accounts[0].open_statements}
    for proposal in propose(cents, accounts[0], accounts[1:], Clues()):
        given_ = {share.statement_number for share in proposal.shares}
        if not proposal.clear:
            continue
        assert not any(chosen.isdisjoint(own) for chosen in found)
        if len(given_) > 1:
            assert found == [given_]


@settings(max_examples=200)
@given(st.integers(1, 400_00), HOMES, NAMED)
def test_nothing_is_left_unapplied_first_while_the_household_owes(
    cents: int, owed: list[list[int]], named: tuple[str, ...]
) -> None:
    accounts = home(*owed)
    ways = propose(cents, accounts[0], accounts[1:], Clues(statement_numbers=named))
    unapplied = sum(s.amount_cents for s in ways[0].shares if s.destination == "unapplied")
    assert unapplied == max(0, cents - sum(each.open_cents for each in accounts))


def test_too_much_pays_the_account_by_age_then_the_household_and_the_rest_is_unapplied() -> None:
    own, *family = home((40_00, 60_00), (30_00,), (25_00, 15_00))
    over = propose(200_00, own, family, Clues())[0]
    assert parts_of(over) == [
        ("account", "A1-0", 40_00), ("account", "A1-1", 60_00), ("account", "A2-0", 30_00),
        ("account", "A3-0", 25_00), ("account", "A3-1", 15_00), ("unapplied", "A1", 30_00),
    ]  # fmt: skip
    assert not over.clear
    ways = [parts_of(way) for way in propose(124_00, own, family, Clues())]
    assert ways[0][-1] == ("account", "A2-0", 24_00)
    assert ways[1][-1] == ("unapplied", "A1", 24_00)


def test_the_named_statement_is_paid_before_older_ones_also_a_siblings() -> None:
    own, *family = home((40_00, 60_00), (30_00,))
    ways = propose(75_00, own, family, Clues(statement_numbers=("A1-1",)))
    assert parts_of(ways[0]) == [("account", "A1-1", 60_00), ("account", "A1-0", 15_00)]
    assert [("account", "A1-1", 60_00), ("unapplied", "A1", 15_00)] in map(parts_of, ways)
    ways = propose(45_00, own, family, Clues(statement_numbers=("A2-0",)))
    assert parts_of(ways[0]) == [("account", "A2-0", 30_00), ("account", "A1-0", 15_00)]
    assert not ways[0].clear


def test_two_named_statements_of_two_children_that_make_the_check_are_clear() -> None:
    own, *family = home((80_00, 10_00), (61_50, 20_00))
    best = propose(141_50, own, family, Clues(statement_numbers=("A1-0", "A2-0")))[0]
    assert best.clear
    assert {share.statement_number for share in best.shares} == {"A1-0", "A2-0"}


@pytest.mark.parametrize("sibling", [(110_00,), (30_00, 80_00), (30_00, 50_00, 30_00)])
def test_all_of_an_account_is_a_doubt_where_a_sibling_owes_the_same_cents(
    sibling: tuple[int, ...],
) -> None:
    own, *family = home((50_00, 60_00), sibling)
    best = propose(110_00, own, family, Clues())[0]
    assert not best.clear
    assert propose(110_00, own, home((), (99_00,))[1:], Clues())[0].clear
    meant = Clues(account_numbers=("A1",))
    best = propose(110_00, own, family, meant)[0]
    assert (best.kind, best.clear) == ("total", not makes(110_00 - 50_00, family))


def test_one_childs_copay_is_a_doubt_where_the_other_owes_it_too_unless_one_is_meant() -> None:
    emma, noah = home((25_00, 90_00), (25_00,), guarantor_first="Grace", patient_first="Emma")
    assert not propose(25_00, emma, [noah], Clues())[0].clear
    assert propose(25_00, emma, [noah], Clues(account_numbers=("A1",)))[0].clear
    assert propose(25_00, emma, [noah], Clues(statement_numbers=("A1-0",)))[0].clear
    assert not propose(25_00, emma, [noah], Clues(account_numbers=("A1", "A2")))[0].clear


def test_a_part_is_a_doubt_where_a_sibling_owes_as_well() -> None:
    own, *family = home((90_00,), (70_00,))
    assert not propose(33_00, own, family, Clues())[0].clear
    assert propose(33_00, own, family, Clues(account_numbers=("A1",)))[0].clear
    assert propose(33_00, own, [], Clues())[0].clear


def test_a_check_that_a_siblings_statements_also_make_never_goes_alone() -> None:
    names = {"guarantor_first": "Grace", "guarantor_last": "Okafor", "patient_last": "Okafor"}
    accounts = home((50_00, 60_00), (30_00, 80_00), **names)
    clues = Clues(amount_cents=110_00, payer_name="Grace Okafor")
    payment = PaymentClues(110_00, (Part("check", clues, 110_00),))
    verdict = decide(payment, [Pool(tuple(accounts), Chart(100_000, 1))], 0.0)
    assert verdict.outcome == "review"
    assert verdict.why == "the amount can be split in more than one way"


def test_a_split_with_a_siblings_account_in_another_office_is_not_shown_there() -> None:
    verdict: dict[str, Any] = {
        "parts": [{"candidates": [{"account_number": "A1", "office_code": "NORTH",
                                   "probability": 0.9}]}],
        "proposals": [
            {"allocations": [{"account_number": number} for number in numbers]}
            for numbers in (["A1", "B7"], ["A1", None], ["B7"])
        ],
        "probability": 0.99,
    }  # fmt: skip
    seen = stored.in_sight(verdict, {"NORTH"})
    assert seen["proposals"] == verdict["proposals"][1:2]
    assert seen["probability"] == 0.9
    assert stored.in_sight(verdict, None) is verdict


def stubs(amount: int, *said: tuple[str, int | None]) -> tuple[PaymentClues, list[Pool]]:
    accounts = home((40_00, 60_00), (30_00,))
    parts = tuple(
        Part("coupon", Clues(amount_cents=cents, statement_numbers=(number,),
                             payer_name="Walter Abernathy"), cents, f"stub {number}")
        for number, cents in said
    )  # fmt: skip
    return PaymentClues(amount, parts), [Pool(tuple(accounts), Chart(500, 1))] * len(parts)


def test_what_a_familys_stubs_leave_over_is_its_credit() -> None:
    verdict = decide(*stubs(100_00, ("A1-1", 60_00), ("A2-0", 30_00)), 0.5)
    assert parts_of(verdict.proposals[0])[-1] == ("unapplied", "A1", 10_00)
    assert verdict.outcome == "review"


def test_a_check_for_less_than_its_stubs_pays_them_as_far_as_it_goes() -> None:
    verdict = decide(*stubs(75_00, ("A1-1", 60_00), ("A2-0", 30_00)), 0.5)
    assert parts_of(verdict.proposals[0]) == [
        ("account", "A1-1", 60_00), ("account", "A2-0", 15_00),
    ]  # fmt: skip
    assert verdict.outcome == "review"


def test_a_stub_whose_sum_was_not_read_gets_what_the_others_leave() -> None:
    verdict = decide(*stubs(90_00, ("A1-1", 60_00), ("A2-0", None)), 0.5)
    assert parts_of(verdict.proposals[0]) == [
        ("account", "A1-1", 60_00), ("account", "A2-0", 30_00),
    ]  # fmt: skip
    assert verdict.outcome == "review"


def test_two_stubs_never_give_one_statement_more_than_it_has_open() -> None:
    verdict = decide(*stubs(110_00, ("A1-1", 60_00), ("A1-1", 50_00)), 0.5)
    assert parts_of(verdict.proposals[0]) == [
        ("account", "A1-1", 60_00), ("account", "A1-0", 40_00), ("account", "A2-0", 10_00),
    ]  # fmt: skip
    assert verdict.outcome == "review"


def test_a_plans_instalment_goes_to_the_oldest_statement_of_its_account() -> None:
    own, *family = home((80_00, 200_00), (30_00,), instalment_cents=50_00)
    best = propose(50_00, own, [], Clues())[0]
    assert (best.kind, best.clear) == ("instalment", True)
    assert parts_of(best) == [("account", "A1-0", 50_00)]
    # the sibling's plan asks the same: only a number says which of the two is meant
    assert not propose(50_00, own, family, Clues())[0].clear
    assert propose(50_00, own, family, Clues(account_numbers=("A1",)))[0].clear


def test_an_instalment_that_is_also_a_younger_statements_balance_is_a_doubt() -> None:
    (own,) = home((80_00, 50_00), instalment_cents=50_00)
    ways = propose(50_00, own, [], Clues())
    assert not any(way.clear for way in ways)
    assert [parts_of(way)[0][1] for way in ways[:2]] == ["A1-0", "A1-1"]  # what is usual first
    assert parts_of(propose(50_00, own, [], Clues(statement_numbers=("A1-1",)))[0]) == [
        ("account", "A1-1", 50_00)
    ]


def test_instalments_of_several_months_may_be_meant_by_a_younger_statements_balance() -> None:
    (own,) = home((80_00, 100_00), instalment_cents=50_00)
    ways = propose(100_00, own, [], Clues())
    assert parts_of(ways[0]) == [("account", "A1-1", 100_00)]
    assert not ways[0].clear
    assert [("account", "A1-0", 80_00), ("account", "A1-1", 20_00)] in map(parts_of, ways)
    assert propose(100_00, replace(own, instalment_cents=None), [], Clues())[0].clear


def test_a_balance_that_is_an_older_statements_minimum_due_is_a_doubt() -> None:
    older, younger = statement("S1", 121_43, 1, minimum=50_00), statement("S2", 50_00, 2)
    one = replace(account("A1"), statements=(older, younger))
    assert not any(way.clear for way in propose(50_00, one, [], Clues()))
    assert propose(50_00, one, [], Clues(statement_numbers=("S2",)))[0].clear


def test_a_minimum_due_is_clear_only_where_paying_the_oldest_is_the_same() -> None:
    oldest, younger = statement("S1", 65_00, 1), statement("S2", 178_20, 2, minimum=50_00)
    one = replace(account("A1"), statements=(oldest, younger))
    ways = propose(50_00, one, [], Clues())
    assert ways[0].kind == "minimum"
    assert not any(way.clear for way in ways)
    assert [("account", "S1", 50_00)] in map(parts_of, ways)
    assert propose(50_00, one, [], Clues(statement_numbers=("S2",)))[0].clear
    turned = replace(one, statements=(replace(younger, number="S0"), oldest))
    assert propose(50_00, turned, [], Clues())[0].clear
    sibling = account("A2", 61_00)
    assert not propose(50_00, turned, [sibling], Clues())[0].clear
    assert propose(50_00, turned, [sibling], Clues(account_numbers=("A1",)))[0].clear
