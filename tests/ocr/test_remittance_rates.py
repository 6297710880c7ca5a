"""What a scanned line's patient owes by a rate needs no reason: the row proves it."""

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_cells import ServiceLine
from ocr.remittance_lost_reasons import doubt_lost_reasons
from ocr.remittance_rates import rate_of
from ocr.remittance_rows import rows_of
from ocr.remittance_sums import adds_up, line_json, owed_by_rate
from ocr.types import Field
from tests.ocr.laid_out import page_of
from tests.ocr.test_remittance_scan_sureness import cents, claim


def service(
    charged: int, deductible: int, share: int, paid: int, *, rate: int | None = None
) -> ServiceLine:
    """A line of a payer without a column of coinsurance; what is left is taken off."""
    amounts = {
        "charged_cents": charged, "discount": charged - share - paid, "deductible": deductible,
        "patient_responsibility_cents": share, "paid_cents": paid,
    }  # fmt: skip
    line = ServiceLine({role: cents(value) for role, value in amounts.items()})
    if rate is not None:
        line.cells["rate"] = Field(rate, 0.97, 0, None, "tesseract")
    return line


def test_a_share_beyond_the_deductible_is_told_by_the_rate_of_the_row() -> None:
    line = service(20000, 2500, 2500 + 2500, 10000, rate=80)
    assert owed_by_rate(line) == 2500
    assert adds_up(line)


@pytest.mark.parametrize(("rate", "paid"), [(70, 10000), (100, 10000), (None, 10037)])
def test_a_share_that_no_rate_tells_is_not_told(rate: int | None, paid: int) -> None:
    line = service(20000, 2500, 5000, paid, rate=rate)
    assert not owed_by_rate(line)
    assert not adds_up(line)


def test_of_few_cents_no_rate_is_told_that_is_not_printed() -> None:
    assert not owed_by_rate(service(2000, 0, 100, 900))
    assert owed_by_rate(service(2000, 0, 100, 900, rate=90)) == 100


def test_print_is_taken_at_its_word() -> None:
    line = service(20000, 2500, 5000, 10000, rate=80)
    line.cells = {
        role: Field(cell.value, 1.0, 0, None, "text_layer") for role, cell in line.cells.items()
    }
    assert not owed_by_rate(line)


def test_a_coinsurance_by_rate_is_no_reason_that_was_lost() -> None:
    told = [service(10000, 2000, 2000, 5000) for _ in range(4)]
    by_rate, lost = service(10000, 0, 1000, 4000), service(10000, 0, 1037, 4000)
    doubt_lost_reasons([claim(*told, by_rate, lost)], lambda _: False)
    sure = [line.cells["paid_cents"].confidence >= 0.9 for line in (by_rate, lost)]
    assert sure == [True, False]


HEAD = "Date        Code     Charge   Deductible   Pat Resp     Paid   Adjustments"
TOLD = (
    "09/01/2026  99213    100.00      0.00       16.00      64.00   CO-45  20.00  PR-2  16.00",
    "09/02/2026  99214    150.00      0.00       24.00      96.00   CO-45  30.00  PR-2  24.00",
    "09/03/2026  99215    200.00      0.00       32.00     128.00   CO-45  40.00  PR-2  32.00",
)
UNTOLD = "09/04/2026  71046     50.00      0.00        8.00      32.00   CO-45  10.00"


@pytest.mark.parametrize("reasons_of_patient", [False, True])
def test_a_part_by_rate_was_lost_where_other_lines_tell_the_patients_parts_by_reasons(
    *, reasons_of_patient: bool
) -> None:
    rows = TOLD if reasons_of_patient else [row.split("PR-2")[0] for row in TOLD]
    page = page_of(["Ann Lee", HEAD, *rows, UNTOLD, "Total Payment 320.00"], source="tesseract")
    claims = read_remittance([page])[0]["claims"]
    assert claims is not None
    last = claims.value[0]["lines"][-1]
    assert (last["evidence"]["adjustments.0"]["confidence"] < 0.9) == reasons_of_patient


def test_a_line_of_which_only_a_part_by_rate_was_not_paid_surely_has_no_adjustments() -> None:
    line = ServiceLine({
        "charged_cents": cents(10000, 0.97), "patient_responsibility_cents": cents(1000, 0.96),
        "paid_cents": cents(9000, 0.97),
    })  # fmt: skip
    assert line_json(line)["evidence"]["adjustments"]["confidence"] == 0.96


def test_a_rate_is_read_where_a_row_prints_one() -> None:
    one, two = rows_of(page_of(["D0120   50.00   80%   40.00", "D0120   50.00   80%   20%"]))
    assert (rate_of(one) or pytest.fail("no rate")).value == 80
    assert rate_of(two) is None
