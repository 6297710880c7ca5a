"""Lines of E-13B pass the looks at them; other type does not, and is looked at only once."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.check_lines import Known, check_lines, looks_printed_in_e13b, score
from ocr.e13b import render_line
from ocr.micr_line import MicrLine, find_lines, glyph_marks, ink_strength, mask


def lines_of(picture: np.ndarray) -> tuple[np.ndarray, tuple[MicrLine, ...]]:
    strength = ink_strength(picture, 200.0)
    return strength, find_lines(glyph_marks(mask(strength)))


def printed(text: str) -> np.ndarray:
    strip = render_line(text, 200)
    picture = np.full((strip.shape[0] + 80, strip.shape[1] + 120), 255, np.uint8)
    picture[40 : 40 + strip.shape[0], 60 : 60 + strip.shape[1]] = strip
    return picture


def typed() -> np.ndarray:
    """Digits of another face at the pitch of a MICR line."""
    picture = np.full((120, 1100), 255, np.uint8)
    for place, digit in enumerate("0210000218765432104455667788"):
        cv2.putText(picture, digit, (60 + 25 * place, 70), 2, 0.85, 0, 2)
    return picture


def test_a_checks_line_passes_and_reads() -> None:
    strength, lines = lines_of(printed("A021000021A 987654321C 1024"))
    assert looks_printed_in_e13b(strength, lines[0])
    refused: Known = []
    readings = check_lines(strength, lines, refused)
    assert [reading.text for reading in readings] == ["A021000021A987654321C1024"]
    assert score(lines[0]) > 10


def test_other_type_is_refused_and_kept_in_mind() -> None:
    strength = ink_strength(typed(), 200.0)
    lines = (MicrLine(0.0, 70.0, 60.0, 760.0, 20.0, 25.0, 28, 0.02),)
    refused: Known = []
    assert check_lines(strength, lines, refused) == []
    assert refused == list(lines)
    assert check_lines(strength, lines, refused) == []
    assert len(refused) == 1


def test_lines_below_the_least_score_are_left() -> None:
    strength, lines = lines_of(printed("A021000021A 987654321C 1024"))
    assert check_lines(strength, lines, [], least=31.0) == []
