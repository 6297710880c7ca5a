"""Heads of scanned tables that were misread or lost are told by likeness, by pixels, by place."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.lost_print import without_rules
from ocr.remittance_body import lay_out
from ocr.remittance_head_cells import HeadCell
from ocr.remittance_head_readings import amounts_stacked
from ocr.remittance_heads import heads_of
from ocr.remittance_heads_again import with_heads_again
from ocr.remittance_likely_heads import likely_role
from ocr.remittance_rows import rows_of
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of

ROWS = [
    "09/10/2026   99214        1      223.40       109.46",
    "09/11/2026   99213        1      175.00       164.50",
]


@pytest.mark.parametrize(
    ("misread", "role"),
    [("Dedectibie", "deductible"), ("Exchided", "not_covered"), ("PPO diac", "discount"),
     ("et issued", "paid_cents"), ("CHARUED", "charged_cents"), ("Procedare", "procedure_code"),
     ("Balance", None), ("Location", None), ("Auth", None), ("Total", None), ("kay", None)],
)  # fmt: skip
def test_a_misread_head_is_told_by_the_one_name_it_is_nearest_to(
    misread: str, role: str | None
) -> None:
    assert likely_role(misread) == role


def test_a_misread_head_of_a_scan_gets_its_role_and_one_of_print_stays_unknown() -> None:
    heads = "Date         Code     Units     CHARUED         Paid"
    for source, known in (("tesseract", True), ("text_layer", False)):
        _, (table,) = lay_out([rows_of(page_of([heads, *ROWS], source=source))], ())
        assert ("charged_cents" in table.roles) is known


def test_a_role_that_a_head_names_plainly_is_given_to_no_likely_one() -> None:
    heads = "Date         Code     Chargod     Charged         Paid"
    _, (table,) = lay_out([rows_of(page_of([heads, *ROWS], source="tesseract"))], ())
    assert sum(column.role == "charged_cents" for column in table.head.cells) == 1


def scan(*lost: str) -> tuple[PageText, Pixels]:
    """A printed table and what an engine read of it, without the words that it lost."""
    page = np.full((300, 1000), 255, np.uint8)
    heads = [
        ("Date", 30),
        ("Code", 240),
        ("Units", 400),
        ("Charged", 520),
        ("Allowed", 680),
        ("Paid", 850),
    ]
    lines = [heads, *(
        [(day, 30), (code, 240), ("1", 410), (charged, 520), (paid, 680), (paid, 840)]
        for day, code, charged, paid in (
            ("09/10/2026", "99214", "223.40", "109.46"),
            ("09/11/2026", "99213", "175.00", "164.50"),
            ("09/12/2026", "97140", "147.00", "121.62"),
        )
    )]  # fmt: skip
    words = []
    for number, line in enumerate(lines):
        for text, x in line:
            foot = 60 + 50 * number
            cv2.putText(page, text, (x, foot), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
            (wide, tall), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)
            if text not in lost:
                words.append(Word(text, (x, foot - tall, wide, tall), 0.95))
    return from_words(0, "tesseract", words), page


def test_a_head_that_was_lost_is_read_again_over_its_column() -> None:
    text, page = scan("Charged")
    (before,) = heads_of(rows_of(text))
    (after,) = heads_of(rows_of(with_heads_again(text, page)))
    assert "charged_cents" not in before.roles
    assert "charged_cents" in after.roles


def test_a_page_whose_heads_are_all_known_stays_as_it_is() -> None:
    text, page = scan()
    assert with_heads_again(text, page) is text


def test_strokes_of_letters_that_touch_are_no_rule() -> None:
    page = np.full((120, 500), 255, np.uint8)
    cv2.putText(page, "Insured", (40, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 7, cv2.LINE_AA)
    page[90:93, 10:490] = 0
    clean = without_rules(page, 20.0)
    assert (clean[90:93] == 255).all()
    assert (clean[:80] == page[:80]).all()


def test_two_names_over_each_other_are_two_amounts_though_cut_down_the_middle() -> None:
    block = rows_of(page_of(["     Pt Resp", "     Amt Paid"], source="tesseract"))
    (pt, _), (amt, paid) = (row.tokens for row in block)
    middle = max(pt.right, amt.right)
    halves = [
        HeadCell("Pt Amt", "patient_responsibility_cents", pt.left, middle),
        HeadCell("Resp Paid", "paid_cents", middle + 1, paid.right),
    ]
    apart = [halves[0], replace(halves[1], left=middle + 100, right=paid.right + 100)]
    split = amounts_stacked(halves, block)
    assert split is not None
    assert [(cell.text, cell.role, cell.level) for cell in split] == [
        ("Pt Resp", "patient_responsibility_cents", 0),
        ("Amt Paid", "paid_cents", 1),
    ]
    assert amounts_stacked(apart, block) is None
