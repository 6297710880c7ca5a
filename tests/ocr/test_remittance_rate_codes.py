"""Codes of the patient's part that were read badly, borne out by the rate of their amounts."""

import pytest

from ocr.remittance_cells import Reason, ServiceLine
from ocr.remittance_lost_reasons import doubt_lost_reasons
from ocr.types import Field
from tests.ocr.test_remittance_scan_sureness import cents, claim


def sure(
    charged: int, paid: int, *reasons: tuple[str, int], rate: int | None = None
) -> dict[str, bool]:
    """The patient's reasons of a line, each by its code: whether it is sure though read badly."""
    line = ServiceLine({"charged_cents": cents(charged), "paid_cents": cents(paid)})
    line.reasons = [Reason("PR", code, cents(amount), sure=0.5) for code, amount in reasons]
    if rate is not None:
        line.cells["rate"] = Field(rate, 0.97, 0, None, "tesseract")
    doubt_lost_reasons([claim(line)], lambda _: False)
    return {one.code: one.amount.confidence >= 0.9 for one in line.reasons}


def test_coinsurance_is_borne_out_by_the_rate_that_it_comes_to() -> None:
    assert sure(15208, 7604, ("2", 7604)) == {"2": True}
    assert sure(15208, 7571, ("2", 7637)) == {"2": False}


@pytest.mark.parametrize(("rate", "told"), [(None, False), (80, True), (70, False)])
def test_whole_dollars_may_be_a_copayment_unless_a_rate_is_printed(
    rate: int | None, *, told: bool
) -> None:
    assert sure(10000, 8000, ("2", 2000), rate=rate) == {"2": told}


def test_an_amount_that_the_rate_was_taken_without_is_a_copayment() -> None:
    assert sure(59430, 39101, ("2", 17829), ("3", 2500)) == {"2": True, "3": True}


def test_an_amount_that_was_taken_off_before_the_rate_is_a_deductible() -> None:
    assert sure(19876, 10413, ("1", 5000), ("2", 4463), rate=70) == {"1": True, "2": True}


def test_no_other_code_is_borne_out_by_a_rate() -> None:
    assert sure(15208, 7604, ("1", 7604)) == {"1": False}
    assert sure(15208, 7604, ("96", 7604)) == {"96": False}
