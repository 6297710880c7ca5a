"""Numbers on scanned pages are read twice, and a third time where the two readings differ."""

import cv2
import numpy as np
import pytest

from intake.types import Pixels, Word
from ocr.cell_forms import agree, alike, form_of, grouped, like_grouped, printed, value_of
from ocr.cell_readers import CellReader
from ocr.lost_print import letters_high
from ocr.number_lines import by_network
from ocr.text import PageText, from_words
from ocr.types import Field
from ocr.word_boxes import without_dashes
from ocr.word_recovery import crop_of, words_at


def sheet(*prints: tuple[str, int]) -> Pixels:
    """White paper with texts printed at their left edges, 40 pixels from the top."""
    page = np.full((90, 900), 255, np.uint8)
    for text, x in prints:
        cv2.putText(page, text, (x, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0,), 2, cv2.LINE_AA)
    return page


def seen(*words: tuple[str, int, int], confidence: float = 0.95) -> PageText:
    """What a page engine made of it: texts with left edge and width."""
    return from_words(
        0, "tesseract", [Word(text, (x, 36, w, 28), confidence) for text, x, w in words]
    )


def test_a_digit_the_page_engine_has_wrong_is_put_right_and_a_right_one_confirmed() -> None:
    pixels = sheet(("112.00", 40), ("865.25", 300))
    text = seen(("412.00", 38, 112), ("865.25", 298, 114))
    read = CellReader({0: pixels}).confirmed(text)
    assert [word.text for word in read.words] == ["112.00", "865.25"]
    assert all(word.confidence >= 0.9 for word in read.words)
    assert [word.box for word in read.words] == [word.box for word in text.words]
    assert [word.text for word in read.lines[0].words] == ["112.00", "865.25"]


def test_a_months_name_is_sure_where_a_second_reader_has_it_alike() -> None:
    pixels = sheet(("Jul", 40), ("Jul", 300))
    text = seen(("Jul", 38, 50), ("Jun", 298, 50), confidence=0.7)
    read = CellReader({0: pixels}).confirmed(text).words
    assert read[0].confidence >= 0.9
    assert read[1].text != "Jun" or read[1].confidence < 0.9


def test_what_else_a_cell_may_say_comes_with_probabilities() -> None:
    text = seen(("412.00", 38, 112))
    reader = CellReader({0: sheet(("112.00", 40))})
    reader.confirmed(text)
    found = reader.candidates(0, text.words[0].box)
    assert found[0].value == 11200
    assert 41200 in [each.value for each in found]
    assert sum(each.confidence for each in found) == pytest.approx(1.0)


def test_text_layers_names_and_pages_without_pixels_stay_as_they_are() -> None:
    text = seen(("412.00", 38, 112), ("ANDERSON", 300, 160))
    assert CellReader({}).confirmed(text) == text
    assert CellReader({1: sheet()}).confirmed(text) == text
    layer = from_words(0, "text_layer", text.words)
    assert CellReader({0: sheet(("112.00", 40))}).confirmed(layer) == layer
    read = CellReader({0: sheet(("112.00", 40))}).confirmed(text)
    assert read.words[1] == text.words[1]


@pytest.mark.parametrize(
    ("text", "form", "value"),
    [
        ("1,250.00", "amount", 125000),
        ("114,35", "amount", 11435),
        ("1.185.00", "amount", 118500),
        ("(12.50)", "amount", -1250),
        ("12.50-", "amount", -1250),
        ("|62.00", "amount", 6200),
        ("20.00.", "amount", 2000),
        ("03/04/2026", "date", "2026-03-04"),
        ("D0120", "code", "D0120"),
        ("CO-45", "code", "CO-45"),
        ("18,2026", "code", "18,2026"),  # a day and its year, behind a month
    ],
)
def test_words_with_figures_have_a_form_and_a_value(text: str, form: str, value: object) -> None:
    assert form_of(text) == form
    assert value_of(form_of(text) or "code", text) == value


def test_names_have_no_form_and_broken_amounts_no_value() -> None:
    assert form_of("Anderson") is None
    assert form_of("A.") is None
    assert value_of("amount", "12.5.00") is None
    assert value_of("amount", "1,25.00") is None


def test_letters_that_look_like_figures_agree_only_where_the_form_settles_them() -> None:
    assert agree("code", "DO120", "D0l20")
    assert printed("code", "DO1l0") == "D0110"
    assert not agree("code", "00120", "D0120")
    assert alike("code", "00120", "D0120")
    assert not alike("code", "D0120", "D0140")
    assert not agree("code", "AB55319021", "A855319021")
    assert printed("amount", "1.185,00") == "1,185.00"


def test_an_amount_the_engine_missed_between_ruled_lines_is_found() -> None:
    pixels = sheet(("84.10", 40), ("D0274", 250), ("93.25", 450))
    cv2.line(pixels, (0, 85), (899, 85), (0,), 2)
    for x in (20, 200, 420, 600):
        cv2.line(pixels, (x, 0), (x, 89), (0,), 2)
    text = seen(("84.10", 38, 92), ("D0274", 248, 100))
    read = CellReader({0: pixels}).confirmed(text)
    assert [word.text for word in read.lines[0].words] == ["84.10", "D0274", "93.25"]
    found = read.words[-1]
    assert abs(found.box[0] - 450) < 8
    assert 60 < found.box[2] < 100
    assert found.confidence >= 0.9


def test_pieces_of_an_amount_become_one_and_neighbours_stay_apart() -> None:
    pixels = sheet(("30.68", 40), ("14", 300), ("22", 420))
    text = seen(("30", 38, 36), (".68", 78, 48), ("14", 298, 36), ("22", 418, 36))
    read = CellReader({0: pixels}).confirmed(text)
    assert [word.text for word in read.words] == ["30.68", "14", "22"]


def test_two_words_that_were_taken_for_one_are_parted() -> None:
    (size, _), _ = cv2.getTextSize("PR-2", cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)
    pixels = sheet(("PR-2", 40), ("9.07", 40 + size + 14))
    text = seen(("PR-29.07", 38, size + 90))
    read = CellReader({0: pixels}).confirmed(text)
    assert [word.text for word in read.words] == ["PR-2", "9.07"]
    assert read.words[0].box[0] + read.words[0].box[2] <= read.words[1].box[0] + 6


def test_a_reason_with_its_group_is_told_from_figures_that_look_like_it() -> None:
    assert [grouped(text) for text in ("C045", "0045", "CO-45", "PRl", "pr-1")] == [
        "CO45", "CO45", "CO-45", "PR1", "PR-1",
    ]  # fmt: skip
    assert grouped("D0120") is None
    assert grouped("G0439") is None
    assert grouped("GO439") is None
    assert grouped("99213") is None
    assert value_of("amount", ".75") == 75
    assert printed("amount", ".00") == "0.00"


def test_a_garbled_dental_code_is_read_as_one_among_sound_ones() -> None:
    pixels = sheet(("D0120", 30), ("D0274", 180), ("D2740", 330), ("D1110", 480))
    words = [("D0120", 28, 100), ("D0274", 178, 100), ("D2740", 328, 100)]
    sound = seen(*words)
    garbled = seen(("DIO", 478, 98), confidence=0.4)
    text = from_words(0, "tesseract", [*sound.words, *garbled.words])
    read = CellReader({0: pixels}).confirmed(text)
    assert [word.text for word in read.words] == ["D0120", "D0274", "D2740", "D1110"]


@pytest.mark.parametrize(
    ("prints", "read", "kept"),
    [
        ((("97", 60), ("61.00", 118)), (("97", 58, 36), ("61.00", 116, 82)), ["97", "61.00"]),
        ((("63.00", 60),), (("63", 58, 36), (".00", 98, 46)), ["63.00"]),
    ],
)
def test_a_code_and_an_amount_with_a_space_between_are_never_made_one(
    prints: tuple[tuple[str, int], ...], read: tuple[tuple[str, int, int], ...], kept: list[str]
) -> None:
    text = CellReader({0: sheet(*prints)}).confirmed(seen(*read))
    assert [word.text for word in text.words] == kept


def smudged(*prints: tuple[str, int]) -> Pixels:
    """Print run full of ink, so that the figures' eyes close."""
    return cv2.erode(sheet(*prints), np.ones((5, 5), np.uint8)).astype(np.uint8)


def test_where_readers_often_differ_a_code_that_both_have_alike_is_not_sure_by_that_alone() -> None:
    codes = [("99214", 20, 96), ("80053", 200, 96), ("36415", 380, 96), ("26280422666", 560, 210)]
    pixels = smudged(*((text, x) for text, x, _ in codes))
    seen_so = {x: by_network(crop_of(pixels, (x - 2, 36, w, 28)), "code") for _, x, w in codes}
    assert any(seen_so[x] != text for text, x, _ in codes)
    alone = [(seen_so[20], 18, 96), (seen_so[560], 558, 210)]
    few = CellReader({0: pixels}).confirmed(seen(*alone)).words
    assert all(word.confidence >= 0.9 for word in few if word.box[0] in {18, 558})
    others = [("80053", 198, 96), ("36415", 378, 96)]
    read = CellReader({0: pixels}).confirmed(seen(*alone, *others)).words
    truth = {x - 2: text for text, x, _ in codes}
    assert all(word.text == truth[word.box[0]] or word.confidence < 0.9 for word in read)


def test_a_code_that_only_the_page_engine_has_otherwise_is_sure_where_its_strokes_are_clear() -> (
    None
):
    codes = [("99214", 20, 96), ("80053", 200, 96), ("36415", 380, 96)]
    prints, truth = [(text, x) for text, x, _ in codes], {text for text, _, _ in codes}
    garbled = seen(*((f"9{text[1:4]}7", x - 2, w) for text, x, w in codes))
    for pixels, sure in ((sheet(*prints), True), (smudged(*prints), False)):
        reader = CellReader({0: pixels})
        read = reader.confirmed(garbled).words
        assert reader.doubtful(0)
        if sure:
            assert [word.text for word in read] == [text for text, _ in prints]
        told = {word.text for word in read if word.confidence >= 0.9}
        assert told <= truth
        assert (told == truth) is sure


def test_in_bad_print_a_code_of_which_the_network_is_unsure_is_not_sure_though_all_have_it() -> (
    None
):
    alike = [("99214", 20, 96), ("36415", 380, 96), ("71046", 560, 96)]
    others = [("80053", 200, 96), ("99396", 720, 96)]
    pixels = smudged(*((text, x) for text, x, _ in (*alike, *others)))
    words = [(text, x - 2, w) for text, x, w in alike]
    few = CellReader({0: pixels})
    codes = {text for text, _, _ in alike}
    alone = [word for word in few.confirmed(seen(*words)).words if word.text in codes]
    assert len(alone) == len(alike)
    assert all(word.confidence >= 0.9 for word in alone)
    assert not few.doubtful(0)
    many = CellReader({0: pixels})
    read = many.confirmed(seen(*words, ("80853", 198, 96), ("99396", 718, 96))).words
    assert many.doubtful(0)
    assert all(word.confidence < 0.9 for word in read)


def named(text: str, box: tuple[int, int, int, int], sure: float = 0.96) -> Field:
    return Field(text, sure, 0, box, "tesseract")


def test_a_name_is_sure_only_where_another_reader_sees_the_same_letters() -> None:
    pixels = sheet(("JERRY", 40), ("FLORES", 180))
    for first, sure in (("JERRY", True), ("JERY", False)):
        text = seen((first, 38, 112), ("FLORES", 178, 130))
        reader = CellReader({0: pixels})
        reader.confirmed(text)
        found = reader.sure_of(named(f"{first} FLORES", (38, 36, 272, 28)))
        assert (found >= 0.9) is sure
    assert CellReader({}).sure_of(named("JERY FLORES", (38, 36, 272, 28), 0.7)) == 0.7


def test_the_end_of_a_broken_date_is_no_date_of_its_own() -> None:
    assert form_of("12:2026") != "date"
    assert value_of("date", "12/2026") is None
    assert value_of("date", "071226") == "2026-07-12"


def test_letters_behind_a_group_may_be_the_figures_they_look_like() -> None:
    assert like_grouped("COAS")
    assert like_grouped("PRl".upper())
    assert not like_grouped("CO-45")
    assert not like_grouped("COOPER")


def test_a_row_of_dots_read_as_letters_is_no_word() -> None:
    dots = Word("cesceeseees", (60, 20, 90, 5), 0.1)
    text = from_words(0, "tesseract", [*seen(("865.25", 298, 114)).words, dots])
    assert [word.text for word in without_dashes(text, 18.0).words] == ["865.25"]
    name = Word("ese", (60, 20, 30, 12), 0.9)
    assert without_dashes(from_words(0, "tesseract", [name]), 18.0).words == (name,)


def test_letters_are_as_high_as_their_marks_not_as_the_boxes_about_them() -> None:
    page = sheet(*[("8888 8888", x) for x in range(10, 800, 190)])
    page = np.vstack([page, page, page]).astype(np.uint8)
    high = letters_high(page, 33.0)
    assert 17 <= high <= 24
    assert letters_high(page, 18.0) == 18.0
    assert letters_high(np.full((80, 80), 255, np.uint8), 33.0) == 33.0


def test_a_date_whose_strokes_are_too_thin_to_see_is_put_together_from_its_parts() -> None:
    pixels = sheet(("07", 40), ("12", 86), ("2026", 132), ("71046", 400), ("76.59", 510))
    text = seen(("07", 38, 38), ("12", 84, 38), ("2026", 130, 76), ("71046", 398, 92),
                ("76.59", 508, 90))  # fmt: skip
    read = [word.text for word in CellReader({0: pixels}).confirmed(text).words]
    assert read[0] == "07/12/2026"
    assert "7104676.59" not in read


@pytest.mark.parametrize(("text", "read"), [("ALLOWED", ["ALLOWED"]), ("SEATTLE", [])])
def test_a_broken_word_is_read_where_it_names_a_column(text: str, read: list[str]) -> None:
    page = np.full((60, 300), 255, np.uint8)
    cv2.putText(page, text, (20, 35), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0,), 1, cv2.LINE_AA)
    page[::3, :] = 255
    page[33:36, 36:39] = 0
    box = (16, 18, 110, 20)
    found = words_at(crop_of(page, box), box)
    assert [word.text for word in found] == read
    assert all(word.confidence < 0.9 for word in found)


def test_a_lost_code_is_sure_where_one_of_the_two_readers_that_have_it_is() -> None:
    (wide, _), _ = cv2.getTextSize("OA-23", cv2.FONT_HERSHEY_SIMPLEX, 0.9, 2)
    box = (98, 36, wide + 4, 28)
    thin = cv2.dilate(sheet(("OA-23", 100)), np.ones((2, 2), np.uint8)).astype(np.uint8)
    (found,) = words_at(crop_of(thin, box), box)
    assert (found.text, found.confidence >= 0.9) == ("OA-23", True)
    (neither,) = words_at(crop_of(smudged(("CO-45", 100)), box), box)
    assert (neither.text, neither.confidence >= 0.9) == ("CO-45", False)


def test_a_number_in_which_a_strange_sign_stands_for_a_letter_is_not_sure() -> None:
    page = sheet(("26210257321", 40))
    garbled = CellReader({0: page}).confirmed(seen(("¥26210257321", 38, 200), confidence=0.0))
    assert garbled.words[0].text == "26210257321"
    assert garbled.words[0].confidence <= 0.5
    whole = CellReader({0: page}).confirmed(seen(("26210257321", 38, 200)))
    assert whole.words[0].confidence >= 0.9
