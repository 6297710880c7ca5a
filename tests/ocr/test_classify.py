"""Pages get the kind they are; letters, envelopes, coupons and EOBs never become a check."""

import random
from dataclasses import replace

import numpy as np
import pytest

from bench.checks.cases import case as drawn_case
from bench.remittances.cases import case as drawn_remittance
from bench.remittances.layouts.every import layouts
from intake.decode import decode
from intake.pixels import open_page
from intake.types import Page, Pixels
from ocr import classify as classifying
from ocr.classify import classify
from ocr.types import Kind
from web.demo import letter_art, pieces, scanner, symbols
from web.demo.mail import Picture
from web.demo.sheet import Sheet


def page_of(picture: Picture) -> Page:
    return Page(0, picture.pixels, picture.dpi)


def scanned(sheet: Sheet, kind: Kind, seed: int = 1) -> Page:
    chance = random.Random(seed)
    return page_of(scanner.scan(sheet, kind, scanner.random_look(chance, "gray"), chance))


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("check", pieces.checks),
        ("coupon", pieces.coupons),
        ("remittance", pieces.eobs),
        ("returned_mail", pieces.envelopes),
    ],
)
def test_mail_is_told_apart(kind: str, make: object) -> None:
    for piece in make(21, 2):  # type: ignore[operator]
        seen = classify(page_of(piece.pages[0]))
        assert seen.kind == kind or (kind == "returned_mail" and seen.kind == "envelope")
        assert seen.confidence >= 0.8


def letter(hand: str | None) -> Sheet:
    group = pieces.demo_group()
    account = group.accounts[3]
    facts = letter_art.LetterFacts(
        account, group.office(account.office_code), "dispute", "8340998825", "57.00",
        "October 3, 2026", hand,
    )  # fmt: skip
    return letter_art.draw_letter(facts, 200, random.Random(4))


def test_a_letter_is_correspondence() -> None:
    assert classify(scanned(letter(None), "correspondence")).kind == "correspondence"


def test_a_separator_sheet_is_known_without_reading_text() -> None:
    seen = classify(scanned(symbols.separator(200, "AB12CD34"), "separator"))
    assert seen.kind == "separator"
    assert seen.text is None


@pytest.mark.parametrize("size", [(8.5, 11.0), (6.0, 2.75)])
def test_an_empty_page_is_blank_and_not_read(size: tuple[float, float]) -> None:
    seen = classify(scanned(letter_art.draw_blank(*size, 200, random.Random(2)), "blank"))
    assert seen.kind == "blank"
    assert seen.text is None


def test_views_of_a_cash_letter_are_what_their_records_say() -> None:
    stub: Pixels = np.full((300, 700), 255, np.uint8)
    front = Page(0, stub, 200.0, side="front", item=1)
    assert classify(front).kind == "check"
    assert classify(replace(front, side="back")).kind == "check_back"


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_neither_a_check_nor_sure(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (420, 900)).astype(np.uint8)
    seen = classify(Page(0, noise, None))
    assert seen.kind != "check" or seen.confidence < 0.7


def test_a_front_is_a_check_by_its_line_and_a_back_by_its_looks() -> None:
    case = drawn_case(881, 1)
    assert case.back is not None
    front = classify(case.page)
    assert front.kind == "check"
    assert front.regions
    assert not front.looks  # nothing else was looked at
    for after_check in (False, True):
        back = classify(case.back, after_check=after_check)
        assert back.kind == "check_back"
        assert not back.regions


@pytest.mark.parametrize("name", ["keyed_image", "claim_a_sheet", "agency_sections"])
def test_a_page_of_nothing_but_its_own_words_needs_no_search_of_its_pixels(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = next(one for one in layouts("known") if one.name == name)
    pages = [open_page(page) for page in decode(drawn_remittance(5, layout, 0).pdf, name).pages]
    seen = [classify(page) for page in pages]
    assert not any(one.regions or one.codes for one in seen)
    # The same once more by the search that every other page gets.
    monkeypatch.setattr(classifying, "_FEWEST_WORDS", 10_000)
    searched = [classify(page) for page in pages]
    assert [(one.kind, one.confidence) for one in seen if one.confidence < 0.9] == [
        (one.kind, one.confidence)
        for one, quick in zip(searched, seen, strict=True)
        if quick.confidence < 0.9
    ]
