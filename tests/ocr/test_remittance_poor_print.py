"""Print that a page engine loses on scans: beside dotted rules, run together, single figures."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.types import Pixels, Word
from ocr.lost_print import uncovered, without_rules
from ocr.remittance import read_remittance
from ocr.remittance_beneath import reasons_beneath
from ocr.remittance_pairs import pairs_of
from ocr.remittance_rows import cents_in, rows_of
from ocr.text import from_words
from ocr.word_recovery import recovered
from tests.ocr.laid_out import page_of

HEIGHT = 20.0


def paper(*prints: tuple[str, int, int], dots_at: int | None = None) -> Pixels:
    """Words at their left edge and foot; a dotted rule over the width, a little askew."""
    page = np.full((200, 900), 255, np.uint8)
    for text, x, y in prints:
        cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
    for x in range(20, 880, 9) if dots_at is not None else ():
        y = (dots_at or 0) + x // 60
        page[y : y + 3, x : x + 3] = 0
    return page


def test_a_dotted_rule_is_painted_white_and_points_of_amounts_are_not() -> None:
    both = without_rules(paper(("112.00", 40, 60), dots_at=100), HEIGHT)
    plain = without_rules(paper(("112.00", 40, 60)), HEIGHT)
    assert (both == plain).all()
    assert (plain[:80] < 140).any()


def test_a_word_whose_letters_touch_is_lost_print_like_any_other() -> None:
    page = paper(("PATIENT", 40, 60))
    page[50:54, 44:130] = 0  # ink from one letter to the next
    boxes = uncovered(page, [], HEIGHT)
    assert len(boxes) == 1
    assert boxes[0][2] > 3 * HEIGHT


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.integers(0, 46), st.integers(0, 5), st.integers(1, 40),
                          st.integers(1, 38)), max_size=12))  # fmt: skip
def test_lost_print_is_the_extent_of_marks_that_stand_near(
    prints: list[tuple[int, int, int, int]],
) -> None:
    page = np.full((260, 900), 255, np.uint8)
    for column, row, wide, high in prints:
        page[10 + 40 * row : 10 + 40 * row + high, 10 + 18 * column : 10 + 18 * column + wide] = 0
    kept = np.zeros(page.shape, np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.asarray(page < 140, np.uint8))
    for mark, (_, _, wide, high, area) in enumerate(stats.tolist()):
        low = wide <= 3 * HEIGHT or (high >= 0.55 * HEIGHT and wide <= 9 * HEIGHT)
        if mark and area >= 6 and high <= 1.7 * HEIGHT and low:
            kept[labels == mark] = 1
    count, groups = cv2.connectedComponents(cv2.dilate(kept, np.ones((1, 19), np.uint8)))
    extents = [cv2.boundingRect(np.asarray((groups == n) & (kept > 0), np.uint8))
               for n in range(1, count)]  # fmt: skip
    wanted = [
        (x, y, wide, high)
        for x, y, wide, high in extents
        if 0.55 * HEIGHT <= high <= 1.7 * HEIGHT and wide <= 14 * HEIGHT
        and (wide >= 0.5 * HEIGHT or (0.8 * HEIGHT <= high <= 1.2 * HEIGHT and wide >= 4))
    ]  # fmt: skip
    assert uncovered(page, [], HEIGHT) == sorted(wanted, key=lambda box: (box[1], box[0]))


def test_a_page_that_words_cover_or_that_is_bare_has_lost_no_print() -> None:
    page = paper(("112.00", 40, 60))
    assert uncovered(page, [(20, 20, 160, 60)], HEIGHT) == []
    assert uncovered(paper(), [], HEIGHT) == []
    assert (without_rules(paper(), HEIGHT) == paper()).all()


def test_a_single_figure_that_was_lost_is_read_and_a_word_of_dots_alone_is_left_out() -> None:
    page = paper(("12.19", 40, 60), ("2", 700, 60), dots_at=100)
    text = from_words(0, "tesseract", [
        Word("12.19", (40, 40, 78, 20), 0.95), Word("eeces", (300, 104, 120, 6), 0.2),
    ])  # fmt: skip
    read = recovered(text, without_rules(page, HEIGHT), HEIGHT)
    assert [word.text for word in read.words] == ["12.19", "2"]


def test_an_unsure_word_in_a_sure_ones_print_is_left_out_and_one_beside_it_stays() -> None:
    page = paper(("112.00", 40, 60), ("PAID", 300, 60))
    inside, beside = Word("1l2", (42, 40, 60, 20), 0.3), Word("PAlD", (300, 40, 70, 20), 0.39)
    sure = Word("112.00", (40, 40, 110, 20), 0.95)
    read = recovered(from_words(0, "tesseract", [sure, inside, beside]), page, HEIGHT)
    assert inside not in read.words
    assert any(word.box[0] > 250 for word in read.words)


@pytest.mark.parametrize(
    ("printed", "cents"),
    [("***577 12***", 577_12), ("***1 328.90***", 1328_90), ("***1,328.90***", 1328_90),
     ("**12 45", None), ("577 12", None)],
)  # fmt: skip
def test_between_asterisks_a_lost_point_is_no_doubt(printed: str, cents: int | None) -> None:
    assert cents_in(printed) == cents


def test_an_amount_behind_a_key_with_a_letter_or_its_colon_lost_or_a_speck_before_it() -> None:
    (scan,) = rows_of(page_of(
        ["Line Charge: 12.00    Line Allowed 10.56    Line Alowed: _ 9.80   Line Paid:  __  10.35"],
        source="tesseract",
    ))  # fmt: skip
    found = [(pair.role, *(token.text for token in pair.value)) for pair in pairs_of(scan)]
    assert found == [("charged_cents", "12.00"), ("allowed_cents", "10.56"),
                     ("allowed_cents", "9.80"), ("paid_cents", "10.35")]  # fmt: skip


def test_a_key_of_a_scan_that_lost_its_colon_is_one_beside_another_that_has_it() -> None:
    row = "Procedure:   HC:99213        Service Date     2025-12-01"
    (scan,) = rows_of(page_of([row], source="tesseract"))
    (layer,) = rows_of(page_of([row]))
    assert [pair.role for pair in pairs_of(scan)] == ["procedure_code", "service_on"]
    assert [pair.role for pair in pairs_of(layer)] == ["procedure_code"]


@pytest.mark.parametrize(
    ("words", "least", "most"),
    [("Coinsurance", 0.9, 1.0), ("Deductible", 0.0, 0.7), ("See below", 0.0, 0.7)],
)
def test_a_code_is_surer_where_the_words_beside_it_say_the_same(
    words: str, least: float, most: float
) -> None:
    text = page_of([f"   {words}        PR 2        20.00"], source="tesseract")
    unsure = from_words(0, "tesseract", [Word(w.text, w.box, 0.7) for w in text.words])
    (row,) = rows_of(unsure)
    (reason,) = reasons_beneath(row, {})
    assert (reason.code, reason.cents) == ("2", 20_00)
    assert least <= reason.sure <= most


def test_a_payments_amount_far_right_of_its_label_is_found() -> None:
    rows = ["MIDLAND HEALTH PLAN", "", "Amount of this voucher" + 50 * " " + "***577.12***"]
    fields, _ = read_remittance([page_of(rows, source="tesseract")])
    total = fields["total_paid_cents"]
    assert total is not None
    assert total.value == 577_12
