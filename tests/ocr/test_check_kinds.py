"""Kinds by looks alone: probabilities before any text is read."""

from __future__ import annotations

import numpy as np
import pytest

from intake.types import Page
from ocr.check_kinds import kind_chances, looks
from ocr.types import KINDS
from web.demo import pieces


def test_chances_are_of_known_kinds_and_sum_to_one() -> None:
    for shape in ((550, 1200), (2200, 1700), (40, 60), (3, 3), (1, 1), (30, 2000, 3)):
        chances = kind_chances(Page(0, np.full(shape, 255, np.uint8)))
        assert set(chances) <= set(KINDS)
        assert sum(chances.values()) == pytest.approx(1.0)


def test_looks_have_one_length_whatever_the_page() -> None:
    sizes = {len(looks(Page(0, np.zeros(shape, np.uint8)))) for shape in ((9, 9), (800, 600))}
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("kind", "make"),
    [("check", pieces.checks), ("coupon", pieces.coupons), ("remittance", pieces.eobs)],
)
def test_ordinary_mail_looks_like_what_it_is(kind: str, make: object) -> None:
    right = 0
    for piece in make(515, 4):  # type: ignore[operator]
        picture = piece.pages[0]
        chances = kind_chances(Page(0, picture.pixels, float(picture.dpi)))
        right += max(chances, key=lambda name: chances[name]) == kind
        if kind == "check":
            assert chances["check"] > 0.01  # never so low that nobody looks for its MICR line
    assert right >= 3
