"""Signs that a text on a check was misread, and what they do to the confidence."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.check_layout import Row, Sheet, rows_of
from ocr.check_read import Read
from ocr.check_signs import (
    address_signs,
    doubted,
    ends_in_ring,
    name_signs,
    place_signs,
    second_look,
)
from ocr.check_trust import DOUBT, DOUBTED, chance, trusted
from ocr.engine import engines

NO_NAMES = [
    "Smith # Jones", "Mi|ler Dental", "(akeview Dental", "5mith", "Joseph DO. Diaz",
    "I akeview Dental", "Terry H.", "Ann &",
]  # fmt: skip
NAMES = [
    "Ace Heating & Air", "Dr. Anna O'Neil, DDS", "Hart (Law) Office", "Bank of the West N.A.",
    "Joseph D. Diaz", "ANN MD. HART", "Guardian Shield LLC", "Ann de la Cruz",
]  # fmt: skip


def sheet(*words: Word) -> Sheet:
    clean = np.full((200, 800), 255, np.uint8)
    for word in words:
        x, y, width, height = word.box
        clean[y : y + height, x : x + width] = 0
    return Sheet(clean, (), words, rows_of(words), 180)


@pytest.mark.parametrize("name", NO_NAMES)
def test_names_with_characters_that_names_do_not_have_are_doubted(name: str) -> None:
    assert doubted(name_signs(name))[DOUBT] == 1.0


@pytest.mark.parametrize("name", NAMES)
def test_names_as_people_bear_them_are_not(name: str) -> None:
    assert doubted(name_signs(name))[DOUBT] == 0.0


def test_a_doubt_keeps_any_read_from_being_sure() -> None:
    model = {"bias": 9.0, "signs": [], "most": 0.99}
    assert chance(model, {}) == 0.99
    assert chance(model, {DOUBT: 1.0}) == DOUBTED
    assert DOUBTED < 0.9


def test_a_source_that_was_never_measured_is_not_sure() -> None:
    read = trusted("payee_name", Read("Ann", 0.97, (0, 0, 9, 9), "unheard_of"))
    assert read is not None
    assert read.confidence <= 0.5


def test_roads_and_zip_codes_are_known() -> None:
    good = address_signs("5074 Maple Dr\nDayton, OH 45402")
    assert (good["road"], good["zip"]) == (1.0, 1.0)
    misread = address_signs("5074 Maple Or\nDayton, OH 15402")
    assert (misread["road"], misread["zip"]) == (0.0, 0.0)
    assert address_signs("12 Elm Street, Apt 4\nBoston, MA 02118")["road"] == 1.0
    assert address_signs("P.O. Box 82\nLima, OH 45801-1203") == {
        "marks": 0.0, "small": 0.0, "road": 1.0, "zip": 1.0,
    }  # fmt: skip


def test_ink_beside_a_name_and_words_of_two_rows_in_it_are_seen() -> None:
    first, last = Word("National", (200, 50, 80, 18), 0.9), Word("Bank", (290, 50, 40, 18), 0.9)
    row = Row((first, last))
    assert place_signs(sheet(first, last), row)["left"] == 0.0
    cut_off = sheet(Word("Ridge", (140, 50, 50, 18), 0.9), first, last)
    assert place_signs(cut_off, row)["left"] == 1.0
    lower = Word("Kim", (340, 66, 40, 18), 0.9)
    assert place_signs(sheet(first, last, lower), Row((first, last, lower)))["spread"] > 0.5


def test_type_beside_a_name_that_no_reader_made_a_word_of_is_a_doubt() -> None:
    first = Word("TERRY", (200, 50, 80, 18), 0.9)
    seen = sheet(first)
    assert place_signs(seen, Row((first,))).get(DOUBT, 0.0) == 0.0
    for x in (296, 312, 328):
        seen.clean[50:68, x : x + 9] = 0
    assert place_signs(seen, Row((first,)))[DOUBT] == 1.0


def test_a_doubtful_row_is_read_again_and_a_sure_one_is_not() -> None:
    sure, faint = Word("BANK", (200, 50, 80, 18), 0.97), Word("BANK", (200, 50, 80, 18), 0.5)
    assert second_look(sheet(sure), Row((sure,)), engines()) == {"same": 1.0}
    assert second_look(sheet(faint), Row((faint,)), engines())[DOUBT] == 1.0


def figure(draw: str) -> Pixels:
    pixels = np.full((60, 60), 255, np.uint8)
    if draw == "nought":
        cv2.ellipse(pixels, (30, 30), (12, 20), 0, 0, 360, (0,), 3)
    else:
        cv2.circle(pixels, (28, 38), 11, (0,), 3)
        cv2.line(pixels, (18, 34), (32, 8), (0,), 3)
    return pixels


def test_a_nought_is_a_ring_and_a_six_is_none() -> None:
    assert ends_in_ring(figure("nought"))
    assert not ends_in_ring(figure("six"))
    assert not ends_in_ring(np.full((40, 40), 255, np.uint8))
