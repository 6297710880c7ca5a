"""A claim there twice on a scan may be one taken back, with its minus signs lost."""

from __future__ import annotations

import pytest

from ocr.remittance_cells import PaperClaim, ServiceLine
from ocr.remittance_signs import lost_signs
from ocr.types import Field

SERVICES = (("81002", 15_05), ("97140", 63_00), ("99396", 205_00))


def claim(name: str, *services: tuple[str, int], sign: int = 1) -> PaperClaim:
    lines = [
        ServiceLine({
            "procedure_code": Field(code, 0.97, 0, None, "tesseract"),
            "charged_cents": Field(sign * cents, 0.97, 0, None, "tesseract"),
        })
        for code, cents in services
    ]  # fmt: skip
    who = {"patient_name": Field(name, 0.97, 0, None, "tesseract")}
    return PaperClaim(where="", known=who, lines=lines)


@pytest.mark.parametrize(
    ("other", "lost"),
    [
        (claim("EDWARD GREEN", *SERVICES), {0, 2}),
        (claim("Edward Green", *SERVICES[:2], ("99213", 80_00)), {0, 2}),
        (claim("EDWARD GREEN", *SERVICES, sign=-1), set()),
        (claim("EDWARD GREEN", ("99213", 80_00)), set()),
        (claim("ANNA GREEN", *SERVICES), set()),
        (claim("", *SERVICES), set()),
    ],
)
def test_two_claims_of_a_patient_for_the_same_services_have_no_sure_sign(
    other: PaperClaim, lost: set[int]
) -> None:
    between = claim("OMAR COOK", ("36415", 12_00))
    assert lost_signs([claim("EDWARD GREEN", *SERVICES), between, other]) == lost


@pytest.mark.parametrize(
    ("status", "sign", "lost"), [("22", 1, {0}), ("22", -1, set()), ("1", 1, set())]
)
def test_a_claim_that_the_page_calls_taken_back_lacks_its_minus_signs(
    status: str, sign: int, lost: set[int]
) -> None:
    one = claim("EDWARD GREEN", *SERVICES, sign=sign)
    one.status = status
    assert lost_signs([one]) == lost


def test_a_claim_with_charges_on_both_sides_of_zero_lacks_some_of_its_minus_signs() -> None:
    one, back = claim("EDWARD GREEN", *SERVICES), claim("EDWARD GREEN", SERVICES[0], sign=-1)
    both = claim("EDWARD GREEN")
    both.lines = [*back.lines, *one.lines[1:]]
    assert lost_signs([both]) == {0}
    assert lost_signs([back]) == set()
