"""Names, memos, signatures and instruments of a check front, from laid-out sheets."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.check_fields import serial_mismatch
from ocr.check_layout import INCH, Rule, Sheet, rows_of
from ocr.check_memo import read_memo
from ocr.check_parties import read_parties
from ocr.check_payee import order_label, read_payee
from ocr.check_print import blocks, phrases
from ocr.check_signature import read_signed
from ocr.check_words import spelt
from ocr.engine import engines
from ocr.memo_numbers import numbers_in
from ocr.types import Field

WIDTH, FLOOR = 1200, 480


@dataclass
class Front:
    """A front being put together from printed words, as a reader would have found them."""

    words: list[Word] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    clean: Pixels = field(default_factory=lambda: np.full((FLOOR + 60, WIDTH), 255, np.uint8))

    def text(self, x: int, y: int, line: str, confidence: float = 0.96) -> Front:
        """Print ``line`` with its foot at ``y``; ten pixels a letter, eighteen high."""
        for part in line.split():
            width = 10 * len(part)
            self.words.append(Word(part, (x, y - 18, width, 18), confidence))
            cv2.putText(self.clean, part, (x, y - 2), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0,), 1)
            x += width + 8
        return self

    def rule(self, left: int, right: int, y: int) -> Front:
        self.rules.append(Rule(left, right, y))
        return self

    @property
    def sheet(self) -> Sheet:
        words = tuple(self.words)
        return Sheet(self.clean, tuple(self.rules), words, rows_of(words), FLOOR)


def personal() -> Front:
    front = Front().text(60, 50, "ROSA ALVAREZ").text(60, 75, "77 Harbor View Dr")
    front.text(60, 100, "Columbus, OH 43215").text(60, 230, "PAY TO THE")
    front.text(60, 250, "ORDER OF").text(480, 50, "First Federal Savings Bank")
    return front.rule(200, 900, 250).rule(660, 1140, 440)


def test_the_upper_left_block_is_the_payer_and_the_bank_is_the_bank() -> None:
    found = read_parties(personal().sheet, engines())
    assert found.payer is not None
    assert found.payer.value == "ROSA ALVAREZ"
    assert found.address is not None
    assert found.address.value == "77 Harbor View Dr\nColumbus, OH 43215"
    assert found.bank is not None
    assert found.bank.value == "First Federal Savings Bank"


def test_a_payer_with_a_banks_word_in_its_name_is_still_the_payer() -> None:
    front = Front().text(60, 50, "Federal Part B Services").text(60, 75, "PO Box 8207")
    front.text(60, 100, "Columbus, OH 43218").text(480, 50, "Wabash National Bank")
    front.text(60, 250, "ORDER OF")
    found = read_parties(front.sheet, engines())
    assert found.payer is not None
    assert found.payer.value == "Federal Part B Services"
    assert found.bank is not None
    assert found.bank.value == "Wabash National Bank"


def test_the_remitter_of_a_banks_check_is_its_payer() -> None:
    front = Front().text(480, 50, "CASHIER'S CHECK").text(60, 50, "Northern Credit Union")
    front.text(60, 75, "Clinton, IL").text(60, 190, "REMITTER").text(220, 190, "BRANDON GRAHAM")
    front.text(60, 240, "PAY TO THE").text(60, 260, "ORDER OF")
    found = read_parties(front.sheet, engines())
    assert found.payer is not None
    assert found.payer.value == "BRANDON GRAHAM"
    assert found.bank is not None
    assert found.bank.value == "Northern Credit Union"


def test_a_name_that_breaks_off_after_an_initial_goes_on_beside_it() -> None:
    front = (
        Front().text(60, 50, "TERRY H.").text(180, 50, "ORTIZ").text(60, 75, "77 Harbor View Dr")
    )
    front.text(60, 100, "Columbus, OH 43215").text(60, 250, "ORDER OF")
    found = read_parties(front.sheet, engines())
    assert found.payer is not None
    assert found.payer.value == "TERRY H. ORTIZ"


def test_a_for_in_the_memo_is_not_its_label() -> None:
    front = personal().text(60, 430, "Memo").text(120, 430, "for Nancy Marshall")
    memo = read_memo(front.sheet, engines())
    assert memo is not None
    assert memo.value == "for Nancy Marshall"


def test_a_typed_payee_is_taken_from_the_print() -> None:
    front = personal().text(240, 250, "LAKESHORE DENTAL & MEDICAL GROUP")
    payee = read_payee(front.sheet, engines())
    assert payee is not None
    assert payee.value == "LAKESHORE DENTAL & MEDICAL GROUP"


def test_no_title_and_no_surname_is_taken_for_order_of() -> None:
    front = Front().text(60, 130, "PERSONAL MONEY ORDER").text(60, 250, "ORDER OF")
    front.text(240, 250, "DR. ANNA YODER DDS")
    label = order_label(front.sheet)
    assert label is not None
    assert label.box[1] == 250 - 18
    assert label.text == "ORDER"


def test_phrases_part_where_words_stand_apart_and_blocks_where_rows_do() -> None:
    sheet = personal().sheet
    assert "ROSA ALVAREZ" in {row.text for row in phrases(sheet)}
    first = blocks(phrases(sheet))[0]
    assert len(first.rows) == 3 or first.rows[0].text.startswith("First")


def test_an_empty_signature_line_is_unsigned_and_a_stroke_on_it_is_a_signature() -> None:
    front = personal()
    assert read_signed(front.sheet).value is False
    curve = np.array([[700 + 12 * i, 415 + (18 if i % 2 else -18)] for i in range(24)], np.int32)
    cv2.polylines(front.clean, [curve], isClosed=False, color=(0,), thickness=3)
    assert read_signed(front.sheet).value is True


def test_a_little_ink_on_the_signature_line_is_never_surely_none() -> None:
    front = personal()
    cv2.line(front.clean, (700, 400), (712, 428), (0,), 4)
    cv2.line(front.clean, (730, 400), (738, 428), (0,), 4)
    read = read_signed(front.sheet)
    assert read.value is False
    assert read.confidence < 0.9


def test_signature_on_file_is_no_signature() -> None:
    front = personal().text(680, 430, "SIGNATURE ON FILE")
    assert read_signed(front.sheet).value is False


@pytest.mark.parametrize(
    ("memo", "digits"),
    [
        ("5737340876", ["5737340876"]),
        ("Acct# 142693555", ["142693555"]),
        ("for acct 2169-699-317", ["2169699317"]),
        ("inv 32722 / 40001", ["32722", "40001"]),
        ("16971251O2", ["1697125102"]),
    ],
)
def test_account_numbers_are_found_in_a_memo(memo: str, digits: list[str]) -> None:
    assert [number.digits for number in numbers_in(memo, 0.9)] == digits


@pytest.mark.parametrize("memo", ["cleaning", "for Solis", "co-pay 12", "Bill O'Bill", "May 26"])
def test_a_memo_without_one_gives_no_account_number(memo: str) -> None:
    assert numbers_in(memo, 0.9) == ()


def test_a_number_with_letters_read_as_digits_is_believed_less() -> None:
    (clear,), (guessed,) = numbers_in("169712512", 0.9), numbers_in("1697I2512", 0.9)
    assert guessed.confidence < clear.confidence


def test_names_are_respelt_only_by_words_that_they_all_but_are() -> None:
    assert spelt("Comerstone Trust Compony")[0] == "Cornerstone Trust Company"
    assert spelt("WABASH FAMILY PENTISTRY")[0] == "WABASH FAMILY DENTISTRY"
    assert spelt("Twin Rivers Bank")[0] == "Twin Rivers Bank"
    assert spelt("Okafor & Lindqvist")[0] == "Okafor & Lindqvist"


def test_a_printed_number_that_is_another_than_the_micr_serial_is_told() -> None:
    said = Field("1211", 0.99)
    printed = (Word("1217", (1000, 30, 60, 20), 0.95),)
    warning = serial_mismatch(said, printed)
    assert warning is not None
    assert warning.code == "serial_mismatch"
    assert "1211" not in warning.message


@pytest.mark.parametrize("shown", ["1211", "001211", "No.1211"])
def test_the_same_number_otherwise_printed_is_no_mismatch(shown: str) -> None:
    assert serial_mismatch(Field("1211", 0.99), (Word(shown, (1000, 30, 60, 20), 0.95),)) is None


def test_an_unsure_number_tells_nothing() -> None:
    word = Word("1217", (1000, 30, 60, 20), 0.5)
    assert serial_mismatch(Field("1211", 0.99), (word,)) is None
    assert INCH == 200
