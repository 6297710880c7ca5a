"""A service without a day has that of the line above, surely so where its place is blank."""

import cv2
import numpy as np
import pytest

from ocr.remittance_blank_days import confirm_days
from ocr.remittance_cells import ServiceLine
from ocr.types import Field
from tests.ocr.test_remittance_scan_sureness import claim


def lines() -> list[ServiceLine]:
    """A service at 40 pixels from the top with its day, and one at 80 that has it from there."""
    day = Field("2026-08-30", 0.97, 0, (20, 40, 120, 20), "tesseract")
    first, second = (Field("99213", 0.97, 0, (200, top, 70, 20), "tesseract") for top in (40, 80))
    return [
        ServiceLine({"service_on": day, "procedure_code": first}),
        ServiceLine({
            "service_on": Field("2026-08-30", 0.8, 0, day.box, "tesseract"),
            "procedure_code": second,
        }),
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "sure"), [("", True), ("8/31/26", False), ("1", False)])
def test_a_day_that_the_line_above_tells_is_sure_where_none_is_printed(
    text: str, *, sure: bool
) -> None:
    page = np.full((160, 400), 250, np.uint8)
    cv2.putText(page, "8/30/26", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20,), 2)
    cv2.putText(page, text, (20, 100), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (20,), 2)
    one = claim(*lines())
    confirm_days([one], {0: page})
    assert (one.lines[1].cells["service_on"].confidence >= 0.9) is sure
    assert one.lines[0].cells["service_on"].confidence == 0.97


def test_without_the_picture_nothing_is_confirmed() -> None:
    one = claim(*lines())
    confirm_days([one], {})
    assert one.lines[1].cells["service_on"].confidence == 0.8
