"""Sums choose between readings of a doubtful amount, and never make a right one wrong."""

import random
from dataclasses import replace

import pytest

from ocr.crossfoot import Equation, Guess, solve
from ocr.crossfoot_rules import (
    DENIED_REASONS,
    LATER_REASONS,
    OTHER_REASONS,
    PATIENT_REASONS,
    role_of_reason,
    rules_of,
)
from ocr.types import Alternative, Field
from tests.ocr.eob_sums import ROLES, Eob, eob, misread


def row(charged: int, discount: int, share: int) -> dict[str, int]:
    allowed = charged - discount
    amounts = (charged, discount, allowed, share, allowed - share)
    return dict(zip(ROLES, amounts, strict=True))


ROWS = [row(10000, 2000, 1500), row(11200, 3000, 0), row(6200, 1100, 510), row(25000, 0, 9000)]


def test_rules_are_found_from_the_rows_and_a_misread_row_does_not_unmake_them() -> None:
    found = {(rule.whole, frozenset(rule.parts)) for rule in rules_of(ROWS)}
    expected = {
        ("charged_cents", frozenset({"allowed_cents", "discount"})),
        ("allowed_cents", frozenset({"paid_cents", "patient_responsibility_cents"})),
    }
    assert found == expected
    broken = [{**ROWS[0], "allowed_cents": 8800}, *ROWS[1:]]
    rules = rules_of(broken)
    assert {(rule.whole, frozenset(rule.parts)) for rule in rules} == expected
    assert all(rule.share == 0.75 for rule in rules)


def test_a_column_that_is_always_zero_belongs_to_the_rule_it_may_stand_in() -> None:
    rows = [{**each, OTHER_REASONS: each["discount"], "withheld": 0} for each in ROWS]
    for each in rows:
        del each["discount"]
    by_whole = {rule.whole: set(rule.parts) for rule in rules_of(rows)}
    assert by_whole["charged_cents"] == {"allowed_cents", OTHER_REASONS}
    assert "withheld" in by_whole["allowed_cents"]


def test_sequestration_is_taken_off_what_is_allowed_and_a_denial_off_the_charge() -> None:
    rows = [
        {"charged_cents": 10000, "allowed_cents": 8000, "paid_cents": 7840,
         OTHER_REASONS: 2000, LATER_REASONS: 160},
        {"charged_cents": 9000, "allowed_cents": 5000, "paid_cents": 2900, "deductible": 2000,
         OTHER_REASONS: 4000, LATER_REASONS: 100},
        {"charged_cents": 6100, "allowed_cents": 0, "paid_cents": 0, DENIED_REASONS: 6100},
    ]  # fmt: skip
    by_whole = {rule.whole: (set(rule.parts), rule.share) for rule in rules_of(rows)}
    assert by_whole["allowed_cents"] == ({"paid_cents", "deductible", LATER_REASONS}, 1.0)
    assert by_whole["charged_cents"] == ({"allowed_cents", OTHER_REASONS, DENIED_REASONS}, 1.0)


@pytest.mark.parametrize(
    ("group", "code", "role"),
    [
        ("PR", "1", PATIENT_REASONS),
        (None, "3", PATIENT_REASONS),
        ("CO", "3", OTHER_REASONS),
        ("PR", "96", DENIED_REASONS),
        ("CO", "45", OTHER_REASONS),
        ("CO", "253", LATER_REASONS),
        ("OA", "23", LATER_REASONS),
    ],
)
def test_a_reason_stands_where_its_code_and_group_put_it(
    group: str | None, code: str, role: str
) -> None:
    assert role_of_reason(group, code) == role


def test_a_rule_that_no_row_satisfies_does_not_hide_one_that_all_do() -> None:
    """Charge to payment is told, the allowed amount between them fits nothing and is doubtful."""
    rng = random.Random(5)
    rows = [{**each, "allowed_cents": rng.randint(100, 9999), "adjusted": 0} for each in ROWS]
    good = [rule for rule in rules_of(rows) if rule.share]
    assert [(rule.whole, rule.share) for rule in good] == [("charged_cents", 1.0)]
    assert {"paid_cents", "discount"} <= set(good[0].parts)


def test_amounts_without_arithmetic_have_no_rules_that_rows_satisfy() -> None:
    rng = random.Random(3)
    rows = [{role: rng.randint(100, 99999) for role in ROLES} for _ in range(12)]
    assert all(rule.share == 0.0 for rule in rules_of(rows))
    assert rules_of([]) == ()


def test_two_ways_that_are_equally_good_are_both_left_doubtful() -> None:
    sure = Guess(10000, 0.0)
    cells = [
        (sure, Guess(10600, -3.0)),
        (Guess(4000, 0.0), Guess(3400, -3.0)),
        (Guess(6600, 0.0),),
    ]
    solution = solve(cells, [Equation(((0, 1), (1, -1), (2, -1)))])
    assert solution.complete
    assert solution.values == (10000, 4000, 6600)
    assert max(solution.chances[:2]) < 0.9
    assert solution.rivals[0][0] == 10600
    assert solution.rivals[1][0] == 3400


def test_a_value_nobody_read_is_never_taken() -> None:
    cells = [(Guess(10000, 0.0), Guess(10800, -2.0)), (Guess(4000, 0.0),), (Guess(6600, 0.0),)]
    solution = solve(cells, [Equation(((0, 1), (1, -1), (2, -1)))])
    assert solution.values == (10000, 4000, 6600)
    assert solution.broken == {0}


def test_a_search_cut_short_says_so() -> None:
    rng = random.Random(1)
    cells = [
        tuple(Guess(rng.randint(1, 10**6), -0.1 * place) for place in range(12)) for _ in range(40)
    ]
    equations = [
        Equation(tuple((cell, rng.choice((1, -1))) for cell in rng.sample(range(40), 6)))
        for _ in range(30)
    ]
    assert not solve(cells, equations, steps=3).complete


@pytest.mark.parametrize("seed", range(60))
def test_a_misread_cell_of_two_sums_is_repaired_and_says_so(seed: int) -> None:
    rng = random.Random(seed)
    one = eob(rng, claims=2, lines=3)
    place = rng.choice([line.cells[role].box for claim in one.claims for line in claim.lines
                        for role in ROLES])  # fmt: skip
    assert place is not None
    misread(one, rng, [place])
    read = one.cells()[place].value
    one.foot()
    cell = one.cells()[place]
    assert cell.value == one.print.truth[place]
    assert cell.source == "cross-foot"
    assert cell.confidence >= 0.9
    assert read in [other.value for other in cell.alternatives]
    assert right(one) == len(one.print.truth)


@pytest.mark.parametrize(("errors", "known"), [(0, 1.0), (1, 0.6), (2, 1.0), (2, 0.6), (3, 0.6)])
def test_nothing_is_wrong_and_sure_whatever_was_misread(errors: int, known: float) -> None:
    rng = random.Random(100 * errors)
    for _ in range(25):
        one = eob(rng, totals=rng.random() < 0.7)
        places = rng.sample(list(one.print.truth), min(errors, len(one.print.truth)))
        misread(one, rng, places, known=known)
        one.foot()
        for box, cell in one.cells().items():
            assert cell.confidence < 0.9 or cell.value == one.print.truth[box]


def test_sums_that_hold_prove_what_was_read_and_nothing_changes() -> None:
    one = eob(random.Random(5), claims=2, lines=4)
    one.foot()
    assert right(one) == len(one.print.truth)
    assert all(cell.source == "tesseract" for cell in one.cells().values())
    assert all(cell.confidence > 0.99 for cell in one.cells().values())


def test_a_sum_that_no_reading_puts_right_takes_the_sureness_away() -> None:
    one = eob(random.Random(8), claims=1, lines=4)
    line = one.claims[0].lines[1]
    paid = line.cells["paid_cents"]
    assert paid.box is not None
    one.print.truth[paid.box] += 12345
    one.print.readings[paid.box] = (Alternative(paid.value, 0.9),)
    one.foot()
    assert line.cells["paid_cents"].value == paid.value or line.cells["paid_cents"].confidence < 0.9


def right(one: Eob) -> int:
    return sum(cell.value == one.print.truth[box] for box, cell in one.cells().items())


def test_a_missing_amount_is_filled_only_where_two_sums_ask_for_it() -> None:
    one = eob(random.Random(11), claims=1, lines=4)
    line = one.claims[0].lines[2]
    lost = line.cells.pop("paid_cents")
    one.foot()
    assert line.cells["paid_cents"].value == lost.value
    assert line.cells["paid_cents"].source == "cross-foot"
    assert 0.9 <= line.cells["paid_cents"].confidence < 0.99
    alone = eob(random.Random(11), claims=1, lines=4, totals=False)
    alone.payment = None
    line = alone.claims[0].lines[2]
    line.cells.pop("paid_cents")
    alone.foot()
    assert "paid_cents" not in line.cells
    assert line.cells["patient_responsibility_cents"].confidence < 0.9


def test_a_blank_that_a_sum_says_is_nothing_is_zero_but_not_sure() -> None:
    one = eob(random.Random(12), claims=1, lines=4, totals=False)
    one.payment = None
    line = one.claims[0].lines[1]
    charged = int(line.cells["charged_cents"].value)
    for role, cents in zip(ROLES, (charged, charged, 0, 0, 0), strict=True):
        cell = line.cells[role]
        assert cell.box is not None
        line.cells[role] = Field(cents, 0.99, 0, cell.box, "tesseract")
        one.print.truth[cell.box] = cents
    line.cells.pop("paid_cents")
    one.foot()
    assert line.cells["paid_cents"].value == 0
    assert line.cells["paid_cents"].confidence < 0.9


def test_a_column_taken_for_another_is_doubtful_though_it_adds_up_to_its_total() -> None:
    one = eob(random.Random(21), claims=2, lines=4)
    for claim in one.claims:
        for cells in (*(line.cells for line in claim.lines), claim.totals):
            cells["paid_cents"] = replace(
                cells["paid_cents"], value=int(cells["patient_responsibility_cents"].value) + 100
            )
        total = sum(int(line.cells["paid_cents"].value) for line in claim.lines)
        claim.totals["paid_cents"] = replace(claim.totals["paid_cents"], value=total)
    for box, cell in one.cells().items():
        one.print.readings[box] = (Alternative(cell.value, 0.99),)
    one.foot()
    found = [line.cells["paid_cents"] for claim in one.claims for line in claim.lines]
    found += [claim.totals["paid_cents"] for claim in one.claims]
    assert all(cell.confidence < 0.9 for cell in found)
    charged = [line.cells["charged_cents"] for claim in one.claims for line in claim.lines]
    assert all(cell.confidence > 0.99 for cell in charged)


def test_what_is_owed_may_stand_in_columns_and_beside_a_code() -> None:
    rows = [
        {"charged_cents": 10000, "allowed_cents": 8000, "paid_cents": 8000, "deductible": 0},
        {"charged_cents": 9000, "allowed_cents": 5000, "paid_cents": 1000, "deductible": 2000,
         PATIENT_REASONS: 2000},
        {"charged_cents": 6100, "allowed_cents": 4100, "paid_cents": 2100, "deductible": 0,
         PATIENT_REASONS: 2000},
    ]  # fmt: skip
    by_whole = {rule.whole: (set(rule.parts), rule.share) for rule in rules_of(rows)}
    assert by_whole["allowed_cents"] == ({"paid_cents", "deductible", PATIENT_REASONS}, 1.0)


def test_a_sum_of_what_is_owed_in_one_column_is_part_of_what_is_allowed() -> None:
    rows = [
        {"charged_cents": 1000, "allowed_cents": 750, "shared_cost": 75, "paid_cents": 675},
        {"charged_cents": 4500, "allowed_cents": 2835, "shared_cost": 850, "paid_cents": 1985},
    ]
    rules = rules_of(rows)
    assert ("allowed_cents", {"paid_cents", "shared_cost"}, 1.0) in [
        (rule.whole, set(rule.parts), rule.share) for rule in rules
    ]


def test_a_rule_says_nothing_of_rows_with_an_amount_that_no_row_tells_how_it_stands_in_it() -> None:
    told = {"charged_cents": 10000, "allowed_cents": 8000, "not_covered": 0,
            "patient_responsibility_cents": 1000, "paid_cents": 7000, "discount": 2000}  # fmt: skip
    denied = {"charged_cents": 5000, "allowed_cents": 0, "not_covered": 5000,
              "patient_responsibility_cents": 5000, "paid_cents": 0, "discount": 0}  # fmt: skip
    rules = {rule.whole: rule for rule in rules_of([told] * 4 + [denied])}
    assert rules["allowed_cents"].untold == {"not_covered"}
    assert not rules["charged_cents"].untold


def test_the_share_of_a_denied_service_is_not_turned_to_come_to_what_is_allowed() -> None:
    one = eob(random.Random(43), claims=2, lines=5)
    lines = [line for claim in one.claims for line in claim.lines]
    for line in lines:
        line.cells["not_covered"] = replace(line.cells["discount"], value=0, box=None)
    for line in lines[:2]:
        charged = int(line.cells["charged_cents"].value)
        for role, cents in zip(ROLES, (charged, 0, 0, charged, 0), strict=True):
            line.cells[role] = replace(line.cells[role], value=cents)
        line.cells["not_covered"] = replace(line.cells["not_covered"], value=charged)
    one.payment = None
    for claim in one.claims:
        claim.totals.clear()
    one.foot()
    assert all(int(line.cells["patient_responsibility_cents"].value) >= 0 for line in lines)
