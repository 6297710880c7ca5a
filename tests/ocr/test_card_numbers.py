"""Card numbers are found in any usual writing, and our own long numbers are not taken for one."""

import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.types import Page, Word
from ocr import card_masking, card_numbers
from ocr.read import read_pages, reading_to_json
from ocr.text import from_words

ISSUERS = [("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("36", 14)]
GROUPS = {16: [(16,), (4, 4, 4, 4)], 15: [(15,), (4, 6, 5)], 14: [(14,), (4, 6, 4)]}


def numbered(prefix: str, size: int, chance: random.Random) -> str:
    """A number of an issuer with a right check digit."""
    body = prefix + "".join(chance.choice("0123456789") for _ in range(size - len(prefix) - 1))
    return next(body + d for d in "0123456789" if card_numbers.is_card_number(body + d))


def page(*texts: str) -> list[Word]:
    """Lines of words as a text layer has them, ten pixels a character."""
    words = []
    for row, text in enumerate(texts):
        x = 50
        for part in text.split():
            words.append(Word(part, (x, 100 + 40 * row, 10 * len(part), 20), 0.99))
            x += 10 * len(part) + 10
    return words


def found(*texts: str) -> tuple[card_numbers.CardNumber, ...]:
    return card_numbers.find(from_words(0, "text_layer", page(*texts)).lines)


@given(st.sampled_from(ISSUERS), st.randoms(), st.sampled_from([" ", "-", "."]),
       st.sampled_from(["Card number: {}", "{} exp 12/27", "Visa # {} CVV 123", "{}"]))  # fmt: skip
@settings(max_examples=80, deadline=None)
def test_a_card_number_is_found_in_every_usual_grouping(
    issuer: tuple[str, int], chance: random.Random, mark: str, sentence: str
) -> None:
    number = numbered(*issuer, chance)
    groups = chance.choice(GROUPS[issuer[1]])
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    text = sentence.format(mark.join(parts))
    hits = found("Please pay by card", text)
    assert [hit.digits for hit in hits] == [number]
    masked = card_masking.masked_text(text, hits)
    assert number[:-4] not in "".join(filter(str.isdigit, masked))
    assert f"**** **** **** {number[-4:]}" in masked
    words = [[w.text, list(w.box), w.confidence] for w in page("Please pay by card", text)]
    kept = card_masking.masked_words(words, hits[0].boxes)
    left = "".join(filter(str.isdigit, " ".join(each[0] for each in kept)))
    assert left == number[-4:], "neither the rest of the number nor expiry or code stays"


@pytest.mark.parametrize("lines", [
    ("Card number: 4111 1111", "1111 1111 Visa"), ("Visa 4111 1111 1111", "1111 and thanks"),
    ("Amex 3782", "822463 10005"), ("Card 4111/1111/1111/1111",), ("Card 4111_1111_1111_1111",),
    ("Card 4111,1111,1111,1111",), ("Visa 4111\u20111111\u20111111\u20111111",),
    ("VISA4111111111111111",), ("Acct No: 4111111111111111", "CVV 123"),
    ("Account # 4111 1111 1111 1111", "Exp. date 04/28"),
])  # fmt: skip
def test_a_number_over_two_lines_or_in_an_odd_writing_is_found(lines: tuple[str, ...]) -> None:
    [hit] = found("Please charge my card", *lines)
    assert hit.digits in {"4111111111111111", "378282246310005"}
    words = [[w.text, list(w.box), w.confidence] for w in page("Please charge my card", *lines)]
    left = " ".join(each[0] for each in card_masking.masked_words(words, hit.boxes))
    assert "".join(filter(str.isdigit, left)) == hit.digits[-4:]
    masked = card_masking.masked_text("\n".join(lines), [hit])
    assert hit.digits[:-4] not in "".join(filter(str.isdigit, masked))


@pytest.mark.parametrize("lines", [
    ("Card Visa 4111 1111", "12.50 1111 1111"), ("Card 4111 1111 x", "1111 1111"),
    ("Claim no. 4111 1111", "1111 1111 by card"), ("Card 4111 1111", "and 1111 1111"),
    ("Account number 4111111111111111", "Exp date __/__ CVV ___"), ("Card 04/11/2026 1,234",),
])  # fmt: skip
def test_figures_that_only_stand_near_each_other_are_no_card(lines: tuple[str, ...]) -> None:
    assert found(*lines) == ()


def test_expiry_and_security_code_beside_a_number_are_covered() -> None:
    [hit] = found("Visa 4111 1111 1111 1111", "Exp 12/27 CVV 987", "Amount 12.50")
    words = page("Visa 4111 1111 1111 1111", "Exp 12/27 CVV 987", "Amount 12.50")
    kept = card_masking.masked_words([[w.text, w.box, 1.0] for w in words], hit.boxes)
    assert [each[0] for each in kept] == [
        "Visa", "****", "****", "****", "1111", "Exp", "**/**", "CVV", "***", "Amount", "12.50",
    ]  # fmt: skip


def test_letters_for_digits_are_forgiven_only_beside_words_of_a_card() -> None:
    assert [h.digits for h in found("Card 4lll 1111 11I1 1111")] == ["4111111111111111"]
    assert [h.digits for h in found("Card 4111 11I1 1111 1111")] == ["4111111111111111"]
    assert found("4111 11I1 1111 1111") == ()


@pytest.mark.parametrize("text", [
    "Account number 4111111111111111", "Statement 4111 1111 1111 1111 due",
    "4111111111111111", "Claim # 5500005555555559", "4111 1111 1111 1112 card",
    "Card 0000 0000 0000 0000", "Member ID: 371449635398431", "800-555-1234 412-555-0199",
])  # fmt: skip
def test_what_is_called_something_else_or_lacks_context_is_no_card(text: str) -> None:
    assert found(text) == ()


def test_our_own_numbers_are_never_masked_although_a_card_form_stands_by() -> None:
    """Two thousand seeded coupons and pages with every long number that we print or read."""
    chance = random.Random(20261122)

    def digits(size: int) -> str:
        return "".join(chance.choice("0123456789") for _ in range(size))

    for _ in range(2_000):
        lines = [
            "Check card used for payment VISA MASTERCARD DISCOVER",
            "Card number ____ ____ ____ ____ Exp date __/__ CVV ___",
            f"{digits(10)} {digits(8)} {digits(9)} {digits(1)}",
            f"Account number {digits(chance.choice([8, 10, 13, 14, 15, 16]))}",
            f"Statement no. {digits(16)} Amount due ${digits(3)}.{digits(2)}",
            f"Claim # {digits(chance.choice([13, 15, 16]))} ICN {digits(14)}",
            f"{digits(20)} {digits(11)}",
            f"Phone ({digits(3)}) {digits(3)}-{digits(4)} Fax {digits(3)}-{digits(3)}-{digits(4)}",
            f"C{digits(6)}C A{digits(9)}A {digits(10)}C",
            f"NPI {digits(10)} 12/27/2026 {digits(5)}-{digits(4)}",
        ]  # fmt: skip
        assert found(*lines) == ()


def test_fields_and_alternatives_lose_the_number() -> None:
    hits = found("Card 4111 1111 1111 1234", "Card 4111 1111 1111 1111")
    said = {"a": ["4111-1111-1111-1111", 4111111111111111, 12_500], "b": "411111111111"}
    assert card_masking.masked_value(said, hits) == {
        "a": ["**** **** **** 1111", None, 12_500], "b": "****",
    }  # fmt: skip
    assert "4111111" not in repr(hits)


@given(st.sampled_from([0, 90, 180, 270]), st.integers(0, 60), st.integers(0, 30))
@settings(max_examples=30)
def test_a_box_follows_the_page_however_it_is_turned(rotation: int, x: int, y: int) -> None:
    stored = np.zeros((80, 120), np.uint8)
    turned = np.rot90(stored, -rotation // 90).copy()
    wide, tall = 9, 5
    turned[y : y + tall, x : x + wide] = 255
    back = np.rot90(turned, rotation // 90)
    bx, by, bw, bh = card_masking.turned_back((x, y, wide, tall), rotation, 120, 80)
    assert back[by : by + bh, bx : bx + bw].all()
    assert back.sum() == 255 * wide * tall


def test_a_letter_with_a_card_number_is_flagged_whatever_else_it_is() -> None:
    lines = ("Dear Maple Dental,", "my insurance has changed since my last visit with you in May.",
             "Please charge my Visa card 4111 1111 1111 1111 (exp 12/27, security code 987)",
             "for what is still open on my bill, and send me a receipt.",
             "Kind regards, Ann Reed")  # fmt: skip
    pixels = np.full((1100, 850), 255, np.uint8)
    for word in page(*lines):
        x, y, _, height = word.box
        cv2.putText(pixels, word.text, (x, y + height), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1)
    sheet = Page(0, pixels, 100.0, tuple(page(*lines)))
    [reading] = read_pages([sheet], single_envelope=True)
    said = reading_to_json(reading, "a.pdf")
    assert said["kind"] not in {"check", "blank"}
    assert [each["code"] for each in said["warnings"]] == ["card_number"]
    assert {each["page"] for each in said["masks"]} == {0}
    assert len(said["masks"]) == 5
    assert "4111" not in str(said)
    [plain] = read_pages([replace(sheet, words=tuple(page(*lines[:2], *lines[3:])))],
                         single_envelope=True)  # fmt: skip
    assert not plain.masks
    assert "masks" not in reading_to_json(plain, "a.pdf")
