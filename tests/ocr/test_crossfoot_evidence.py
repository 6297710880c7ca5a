"""What sums prove of an amount and what not: reasons, totals of columns, shifted columns."""

import random
from dataclasses import replace

import pytest

from ocr.remittance_cells import Reason
from ocr.types import Alternative
from tests.ocr.eob_sums import ROLES, Eob, eob


def summed_and_read(one: Eob) -> None:
    """Give each claim the totals of its lines, and each amount one clear reading."""
    for claim in one.claims:
        for role in ROLES:
            total = sum(int(line.cells[role].value) for line in claim.lines)
            claim.totals[role] = replace(claim.totals[role], value=total)
    for box, cell in one.cells().items():
        one.print.readings[box] = (Alternative(cell.value, 0.99),)


@pytest.mark.parametrize("proved", [True, False])
def test_lines_whose_reasons_prove_their_columns_are_not_doubted_with_the_rest(
    *, proved: bool
) -> None:
    one = eob(random.Random(31), claims=2, lines=4)
    one.payment = None
    lines = [line for claim in one.claims for line in claim.lines]
    for at, line in enumerate(lines):  # denied; the patient's or not, nothing of it is allowed
        charged = int(line.cells["charged_cents"].value)
        owed = 0 if at % 2 else charged if proved else charged - 100
        for role, cents in zip(ROLES, (charged, 0, 0, owed, 0), strict=True):
            line.cells[role] = replace(line.cells[role], value=cents)
        line.reasons = [Reason(None, "96", replace(line.cells["charged_cents"], box=None))]
    summed_and_read(one)
    one.foot()
    shares = [line.cells["patient_responsibility_cents"].confidence for line in lines]
    assert all((sure > 0.9) is proved for sure in shares[::2])


@pytest.mark.parametrize("proved", [True, False])
def test_reasons_that_prove_a_payment_do_not_prove_what_is_allowed(*, proved: bool) -> None:
    one = eob(random.Random(33), claims=2, lines=4)
    one.payment = None
    lines = [line for claim in one.claims for line in claim.lines]
    for line in lines:  # an amount of another column stands where what is allowed does
        charged = int(line.cells["charged_cents"].value)
        amounts = (charged, 0, charged if proved else charged // 3, 1000, charged - 1000)
        for role, cents in zip(ROLES, amounts, strict=True):
            line.cells[role] = replace(line.cells[role], value=cents)
        line.reasons = [Reason("PR", "2", replace(line.cells["paid_cents"], value=1000, box=None))]
    summed_and_read(one)
    one.foot()
    allowed = [line.cells["allowed_cents"].confidence for line in lines]
    assert all((sure > 0.9) is proved for sure in allowed)


def test_a_total_does_not_prove_amounts_whose_rows_gainsay_them_all() -> None:
    one = eob(random.Random(37), claims=3, lines=5)
    shifted = one.claims[-1]  # on its page the head stands a column further left
    for line in shifted.lines:
        cents = int(line.cells["patient_responsibility_cents"].value) + 1
        line.cells["allowed_cents"] = replace(line.cells["allowed_cents"], value=cents)
    total = sum(int(line.cells["allowed_cents"].value) for line in shifted.lines)
    shifted.totals["allowed_cents"] = replace(shifted.totals["allowed_cents"], value=total)
    for box, cell in one.cells().items():
        one.print.readings[box] = (Alternative(cell.value, 0.99),)
    one.foot()
    wrong = [line.cells["allowed_cents"].confidence for line in shifted.lines]
    right = [line.cells["allowed_cents"].confidence for line in one.claims[0].lines]
    assert max(wrong) < 0.9 <= min(right)


@pytest.mark.parametrize(("misread", "sure"), [(0, True), (100, False)])
def test_a_blank_is_surely_nothing_where_its_row_comes_out_and_other_sums_prove_the_row(
    *, misread: int, sure: bool
) -> None:
    one = eob(random.Random(12), claims=2, lines=4)
    line = one.claims[0].lines[1]
    charged = int(line.cells["charged_cents"].value)
    for role, cents in zip(ROLES, (charged, 0, charged, 0, charged), strict=True):
        line.cells[role] = replace(line.cells[role], value=cents)
    summed_and_read(one)
    paid = sum(int(each.total("paid_cents") or 0) for each in one.claims)
    assert one.payment is not None
    one.payment = replace(one.payment, value=paid + misread)
    for claim in one.claims:  # nothing but the rows and the payment is printed
        claim.totals.clear()
    line.cells.pop("patient_responsibility_cents")
    one.foot()
    share = line.cells["patient_responsibility_cents"]
    assert share.value == 0
    assert (share.confidence >= 0.9) is sure


def test_what_proves_a_columns_amount_proves_the_reason_that_a_code_tells_of_it() -> None:
    one = eob(random.Random(41), claims=2, lines=4)
    lines = [line for claim in one.claims for line in claim.lines]
    for line in lines:
        off = line.cells["discount"] = replace(line.cells["discount"], confidence=0.7)
        line.reasons = [Reason(None, "1", off, unknown=True)]
    one.foot()
    assert all(line.reasons[0].amount.confidence >= 0.9 for line in lines)


@pytest.mark.parametrize(("part", "sure"), [(1000, True), (900, False)])
def test_parts_that_come_to_the_patients_share_are_proved_by_it(part: int, *, sure: bool) -> None:
    one = eob(random.Random(47), claims=2, lines=4)
    for claim in one.claims:
        claim.totals.clear()
    line = one.claims[0].lines[0]
    amounts = (10000, 2000, 8000, 1000, 7000)
    for role, cents in zip(ROLES, amounts, strict=True):
        line.cells[role] = replace(line.cells[role], value=cents)
    line.cells["deductible"] = replace(
        line.cells["paid_cents"], value=part, confidence=0.8, box=(900, 0, 60, 20)
    )
    one.payment = None
    one.foot()
    assert (line.cells["deductible"].confidence >= 0.9) is sure
