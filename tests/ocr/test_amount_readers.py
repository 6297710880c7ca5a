"""What words known as text say of an amount."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.amount_forms import spelled
from ocr.amount_readers import words_known

CROP = np.full((30, 300), 255, np.uint8)
BOX = (0, 0, 300, 30)


@settings(deadline=None)
@given(st.integers(1, 9_999), st.integers(0, 99))
def test_printed_words_say_their_amount(whole: int, part: int) -> None:
    text = f"PAY EXACTLY {' '.join(spelled(whole)).upper()} AND {part:02d}/100 DOLLARS"
    written = words_known(text, CROP, BOX)
    assert written is not None
    assert written.proposals[0] == 100 * whole + part
    assert written.source == "words"


@pytest.mark.parametrize("text", ["", "Five", "Pay to the order of", "ONE HUNDRED TWENTY FIVE"])
def test_words_without_an_amount_or_its_cents_say_nothing(text: str) -> None:
    assert words_known(text, CROP, BOX) is None
