"""Print of a scanned line that no word tells: then its codes may be lost, else there are none."""

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.cell_readers import CellReader
from ocr.remittance import read_remittance
from ocr.remittance_table import read_body
from ocr.text import PageText, from_words
from ocr.unread_lines import unread_lines
from tests.ocr.laid_out import page_of

PAGE = (
    "GREAT RIVERS HEALTH FUND      Voucher      Check No. 20855004",
    "Patient: Jane Doe   Member ID: M12345678   Claim number: 26267327466",
    "Service    Code     Billed   Discount   Allowed   Deductible/Coins   Paid    Note",
    "10/12/26   99213    150.00      50.00    100.00              20.00   80.00",
    "10/13/26   80053     60.00      20.00     40.00               8.00   32.00",
    "Subtotal            210.00      70.00    140.00              28.00  112.00",
    "Amount of Check $112.00",
)


def drawn(*prints: tuple[str, int, int]) -> Pixels:
    """White paper with texts at their left edges and base lines."""
    page = np.full((260, 900), 255, np.uint8)
    for text, x, y in prints:
        cv2.putText(page, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
    return page


def words(*said: tuple[str, int, int, int], confidence: float = 0.97) -> PageText:
    """Texts with left edge, base line and width."""
    return from_words(
        0, "tesseract", [Word(text, (x, y - 24, w, 28), confidence) for text, x, y, w in said]
    )


def test_a_letter_that_no_word_tells_leaves_its_line_unread_and_no_other() -> None:
    page = drawn(("112.00", 40, 60), ("865.25", 300, 60), ("99.10", 40, 160), ("D", 600, 160))
    text = words(("112.00", 38, 60, 112), ("865.25", 298, 60, 114), ("99.10", 38, 160, 94))
    _, second = text.lines
    assert unread_lines(text, page, 20.0) == {second.box}
    whole = words(
        ("112.00", 38, 60, 112), ("865.25", 298, 60, 114), ("99.10", 38, 160, 94),
        ("D", 598, 160, 24),
    )  # fmt: skip
    assert unread_lines(whole, page, 20.0) == frozenset()
    guessed = [word for word in text.words if word.box[1] < 100]
    smudge = Word("?)", (38, 136, 94, 28), 0.3)
    assert unread_lines(from_words(0, "tesseract", [*guessed, smudge]), page, 20.0)


def test_a_page_that_nobody_looked_at_is_unread_and_a_text_layer_never() -> None:
    scan, layer = page_of(list(PAGE), source="tesseract"), page_of(list(PAGE))
    assert CellReader({}).unread_lines(scan) == {line.box for line in scan.lines}
    assert CellReader({}).unread_lines(layer) == frozenset()


@pytest.mark.parametrize("unread", [False, True])
def test_a_share_without_letters_is_sure_where_all_print_of_its_line_was_read(
    *, unread: bool
) -> None:
    scan = page_of(list(PAGE), source="tesseract")
    body = read_body([scan], frozenset({11200}), (), lambda _: unread)
    assert [line.money["shared_cost"] for line in body.lines] == [2000, 800]
    assert all((line.sure < 0.5) is unread for line in body.lines)
    claims, _ = read_remittance([scan])
    assert claims["claims"] is not None
    (claim,) = claims["claims"].value
    assert claim["lines"][0]["evidence"]["paid_cents"]["confidence"] < 0.9, "nobody looked"
