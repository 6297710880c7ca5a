"""Labels of the post office: each apart, the newest counts, doubt is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from intake.types import Page
from ocr import envelope, envelope_marks
from ocr.label_areas import yellow_areas
from ocr.labels_apart import labels_of
from tests.ocr.laid_out import page_of

PAGE = Page(0, np.full((900, 1900), 255, np.uint8), 200.0)
FRONT = [
    "Elm Street Dental                               PRESORTED",
    "12 Elm St                                       US POSTAGE PAID",
    "Dayton OH 45419",
    "RETURN SERVICE REQUESTED",
    "",
    "    JANE DOE",
    "    9 OAK LN APT 2",
    "    COLUMBUS OH 43215-1234",
    "",
]


def label(day: str, reason: str, zip5: str = "45419") -> list[str]:
    return [
        f"                         NIXIE  {zip5[:3]}  DE 1  00{day}",
        "                         RETURN TO SENDER",
        f"                         {reason}",
        "                         UNABLE TO FORWARD",
        f"                         BC: {zip5}  *3477-09047-44-04",
        "",
    ]


def read(rows: list[str]) -> tuple[dict[str, Any], dict[str, float], list[str]]:
    text = page_of(rows)
    fields, warnings = envelope.read_returned(PAGE, text, envelope_marks.marks(PAGE, text), ())
    return (
        {name: field.value if field else None for name, field in fields.items()},
        {name: field.confidence for name, field in fields.items() if field},
        [warning.code for warning in warnings],
    )


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_two_labels_the_newer_counts_and_both_are_kept(newest_first: bool) -> None:
    new, old = label("11/05/26", "NO SUCH NUMBER"), label("10/20/26", "VACANT")
    seen, sure, told = read([*FRONT, *(new + old if newest_first else old + new)])
    assert seen["reason"] == "no_such_number"
    assert sure["reason"] > 0.9
    assert [each["reason"] for each in seen["labels"]] == ["no_such_number", "vacant"]
    assert seen["nixie"]["date"] == "2026-11-05"
    assert told == []


def test_two_labels_of_one_day_that_differ_go_to_a_person() -> None:
    seen, sure, told = read(
        [*FRONT, *label("11/05/26", "NO SUCH NUMBER"), *label("11/05/26", "VACANT")]
    )
    assert sure["reason"] < 0.5
    assert "labels_differ" in told
    assert len(seen["labels"]) == 2


def test_a_label_says_its_day_number_and_senders_zip_code() -> None:
    text = page_of([*FRONT, *label("11/05/26", "INSUFFICIENT ADDRESS")])
    (found,) = labels_of(envelope_marks.marks(PAGE, text))
    assert date.fromisoformat(str(found.day)) == date(2026, 11, 5)
    assert (found.number, found.bc_zip) == ("3477-09047-44-04", "45419")


def test_a_reason_over_two_lines_is_one() -> None:
    rows = label("11/05/26", "DELIVERY SUSPENDED TO COMMERCIAL")
    rows.insert(3, "                         MAIL RECEIVING AGENCY")
    seen, _, _ = read([*FRONT, *rows])
    assert seen["reason"] == "cmra_suspended"


def test_a_keyline_begins_a_label_and_is_no_name() -> None:
    rows = [
        "                         DOE477 43215  1N  C  11/05/26",
        "                         NOTIFY SENDER OF NEW ADDRESS",
        "                         JANE DOE",
        "                         77 HARBOR VIEW DR",
        "                         DAYTON OH 45402-5555",
        "                         RETURN TO SENDER",
        "                         BC: 45419  *3477-09047-44-04",
    ]
    seen, _, _ = read([*FRONT, *rows])
    assert seen["forward_address"] == "JANE DOE\n77 HARBOR VIEW DR\nDAYTON OH 45402-5555"
    assert seen["addressee_address"] == "9 OAK LN APT 2\nCOLUMBUS OH 43215-1234"


def test_opened_mail_is_told() -> None:
    seen, _, _ = read([*FRONT, "", "                          Opened by mistake"])
    assert (seen["reason"], seen["opened"]) == ("sender_handwritten", True)


@pytest.mark.parametrize("white", [(255, 255, 255), (225, 240, 250), (250, 235, 222)])
def test_a_yellow_label_is_found_whatever_the_scanner_calls_white(
    white: tuple[int, int, int],
) -> None:
    page = np.full((800, 1900, 3), white, np.uint8)
    page[300:560, 900:1700] = np.array([92, 226, 250]) * np.array(white) // 255  # BGR
    (area,) = yellow_areas(page, 200.0)
    assert [area.x, area.y] == pytest.approx([1300, 430], abs=12)
    assert [area.width, area.height] == pytest.approx([800, 260], abs=25)


def test_cream_paper_is_no_label() -> None:
    page = np.full((800, 1900, 3), (220, 240, 246), np.uint8)
    page[300:560, 900:1700] = (210, 236, 244)
    assert yellow_areas(page, 200.0) == []
