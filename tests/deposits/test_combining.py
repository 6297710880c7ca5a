"""Sums are settled only when they fit once and not by chance; all else is left to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deposits.combining import MOST_PARTS, combine
from deposits.pairing import Expected, Movement

_DAY = date(2026, 11, 20)


def _line(name: str, cents: int, days: int = 1, kind: str = "deposit", at: str = "x") -> Movement:
    return Movement(name, at, _DAY + timedelta(days=days), cents, kind, "DEPOSIT")


def _deposit(name: str, cents: int, at: str = "x", *, whole: bool = True) -> Expected:
    return Expected(name, at, _DAY, cents, (f"DEP-{name}",), whole)


def _certain(
    lines: Sequence[Movement], deposits: Sequence[Expected]
) -> list[tuple[set[str], set[str]]]:
    return [
        (set(each.line_ids), set(each.expected_ids))
        for each in combine(lines, deposits)
        if each.certain
    ]


_THREE = (_deposit("a", 123_457), _deposit("b", 88_811), _deposit("c", 45_003))


def test_one_credit_for_several_deposits_and_several_for_one() -> None:
    assert _certain([_line("l", 212_268)], _THREE) == [({"l"}, {"a", "b"})]
    parts = [_line("l1", 100_001), _line("l2", 23_456)]
    assert _certain(parts, _THREE) == [({"l1", "l2"}, {"a"})]


def test_what_fits_twice_is_left_to_a_person() -> None:
    """97,000.13 + 26,456.87... two pairs of deposits make the same sum."""
    twice = [_deposit("a", 100_003), _deposit("b", 50_019), _deposit("c", 90_011),
             _deposit("d", 60_011)]  # fmt: skip
    found = combine([_line("l", 150_022)], twice)
    assert {frozenset(each.expected_ids) for each in found} == {
        frozenset("ab"), frozenset("cd")}  # fmt: skip
    assert not any(each.certain for each in found)


def test_two_credits_of_one_sum_are_left_to_a_person() -> None:
    lines = [_line("l1", 212_268), _line("l2", 212_268)]
    assert len(combine(lines, _THREE)) == 2
    assert not _certain(lines, _THREE)


def test_a_deposit_that_another_credit_pays_alone_is_in_no_sum() -> None:
    lines = [_line("l1", 212_268), _line("l2", 88_811)]
    assert not _certain(lines, _THREE)


def test_round_amounts_that_chance_makes_are_left_to_a_person() -> None:
    round_ = [_deposit(str(n), n * 10_000) for n in range(2, 9)]
    found = combine([_line("l", 90_000)], round_)
    assert found
    assert not any(each.certain for each in found)
    only = [_deposit("a", 20_000), _deposit("b", 30_000)]
    assert [each.certain for each in combine([_line("l", 50_000)], only)] == [False]


def test_other_days_accounts_and_kinds_make_no_sum() -> None:
    for line in (_line("l", 212_268, days=8), _line("l", 212_268, at="y"),
                 _line("l", 212_268, kind="other")):  # fmt: skip
        assert combine([line], _THREE) == []
    in_parts = [_deposit("a", 123_457, whole=False), _THREE[1]]
    assert combine([_line("l", 212_268)], in_parts) == []


_CENTS = st.integers(1, 30)
_WORLD = st.tuples(st.lists(_CENTS, max_size=7), st.lists(_CENTS, max_size=7))


@given(_WORLD, st.integers(1, 1_009))
def test_certain_sums_are_exact_whole_and_use_nothing_twice(
    world: tuple[list[int], list[int]], factor: int
) -> None:
    lines = [_line(f"l{n}", cents * factor) for n, cents in enumerate(world[0])]
    deposits = [_deposit(f"d{n}", cents * factor) for n, cents in enumerate(world[1])]
    cents = {**{each.line_id: each.amount_cents for each in lines},
             **{each.id: each.amount_cents for each in deposits}}  # fmt: skip
    used: list[str] = []
    for each in combine(lines, deposits):
        assert sum(cents[one] for one in each.line_ids) == sum(
            cents[one] for one in each.expected_ids
        )
        assert min(len(each.line_ids), len(each.expected_ids)) == 1
        assert 2 <= max(len(each.line_ids), len(each.expected_ids)) <= MOST_PARTS
        if each.certain:
            used += [*each.line_ids, *each.expected_ids]
    assert len(used) == len(set(used))
