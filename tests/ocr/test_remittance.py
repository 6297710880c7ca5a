"""Paper remittances are read in many layouts, and amounts that do not add up are never sure."""

import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.decode import decode
from intake.types import Page, Word
from ocr.remittance import looks_like_remittance, read_remittance
from ocr.remittance_pages import continues
from ocr.text import PageText, from_words, page_text
from ocr.types import Field
from tests.ocr.laid_out import page_of
from web.demo import remit_art, remit_facts
from web.demo.pieces import demo_group

ROWS = [
    "NORTHERN DENTAL INSURANCE COMPANY              EXPLANATION OF BENEFITS",
    "",
    "Payee: Elm Street Dental          Check Number: 88123",
    "NPI: 1234567893                   Check Date: 01/05/2026",
    "Tax ID: 12-3456789                Check Amount: $220.00",
    "",
    "Patient: JANE DOE     Member ID: M1234     Claim Number: C777",
    "          Date of                                  Co-        Plan",
    "Code      Service       Submitted     Approved     Insurance  Paid",
    "D1110     12/01/2025    100.00        80.00        0.00       80.00",
    "D2740     12/01/2025    250.00        200.00       60.00      140.00",
    "Claim Total             350.00        280.00       60.00      220.00",
    "",
    "TOTAL PAID                                                   $220.00",
]


def values(fields: dict[str, Field | None]) -> dict[str, Any]:
    return {name: field.value if field else None for name, field in fields.items()}


def test_a_table_with_stacked_heads_is_read_and_proved() -> None:
    fields, warnings = read_remittance([page_of(ROWS)])
    seen = values(fields)
    assert seen["payer_name"] == "NORTHERN DENTAL INSURANCE COMPANY"
    assert seen["payee_name"] == "Elm Street Dental"
    assert seen["payee_npi"] == "1234567893"
    assert seen["payment_number"] == "88123"
    assert seen["payment_method"] == "CHK"
    assert seen["payment_on"] == "2026-01-05"
    assert seen["total_paid_cents"] == 22000
    assert seen["balanced"] is True
    assert not warnings
    (claim,) = seen["claims"]
    assert (claim["patient_name"], claim["member_id"], claim["claim_number"]) == (
        "JANE DOE", "M1234", "C777",
    )  # fmt: skip
    assert [line["procedure_code"] for line in claim["lines"]] == ["D1110", "D2740"]
    assert claim["lines"][1]["adjustments"] == [{"group": "PR", "code": "2", "amount_cents": 6000}]
    assert claim["paid_cents"] == 22000
    assert fields["total_paid_cents"] is not None
    assert fields["total_paid_cents"].confidence >= 0.98


@pytest.mark.parametrize(("below", "sure"), [("88123", True), ("88999", False)])
def test_a_second_number_of_the_payment_takes_the_confidence_away(below: str, sure: bool) -> None:
    fields, _ = read_remittance([page_of([*ROWS, "", f"Check Number: {below}"])])
    number = fields["payment_number"]
    assert number is not None
    assert (number.value, number.confidence >= 0.9) == ("88123", sure)


AMOUNTS = [
    (row, m.span()) for row, text in enumerate(ROWS) for m in re.finditer(r"\d+\.\d\d", text)
]


@given(st.sampled_from(AMOUNTS), st.data())
@settings(max_examples=80, deadline=None)
def test_any_one_misread_digit_takes_the_confidence_away(
    place: tuple[int, tuple[int, int]], data: st.DataObject
) -> None:
    row, (start, end) = place
    at = data.draw(
        st.integers(start, end - 1).filter(lambda i: ROWS[row][i].isdigit()), label="place"
    )
    digit = data.draw(st.sampled_from("0123456789").filter(lambda d: d != ROWS[row][at]))
    rows = list(ROWS)
    rows[row] = rows[row][:at] + digit + rows[row][at + 1 :]
    fields, _ = read_remittance([page_of(rows)])
    if row not in {4, 13}:  # of two printed totals the claims prove the right one
        assert values(fields)["balanced"] is False
        assert values(fields)["imbalances"]
    for name, right in (("claims", None), ("total_paid_cents", 22000)):
        field = fields[name]
        assert field is not None
        assert field.confidence <= 0.6 or row in {4, 13} or field.value == right
        assert field.confidence < 0.9 or right is None or field.value == right


def test_a_line_that_was_lost_shows_in_the_totals() -> None:
    fields, warnings = read_remittance([page_of([row for row in ROWS if "D2740" not in row])])
    assert values(fields)["balanced"] is False
    assert "unbalanced" in {warning.code for warning in warnings}
    assert fields["claims"] is not None
    assert fields["claims"].confidence <= 0.6


def test_pages_are_joined_by_number_or_page_count() -> None:
    first = page_of(ROWS)
    assert continues(page_of(["Page 2 of 2", *ROWS[6:]]), first)
    assert continues(first, first)
    other = [row.replace("88123", "99999") for row in ROWS]
    assert not continues(page_of(other), first)


def test_letters_and_coupons_are_not_remittances() -> None:
    letter = ["Dear Sirs,", "please review the claim that my insurance paid.", "Sincerely, A. Doe"]
    assert looks_like_remittance(page_of(letter)) < 0.5
    coupon = ["Account Number 5761785244", "Amount Due $57.00", "Amount Enclosed $____"]
    assert looks_like_remittance(page_of(coupon)) < 0.5
    assert looks_like_remittance(page_of(ROWS)) > 0.9


def digital(layout: str, seed: int) -> tuple[remit_facts.Remittance, list[PageText]]:
    group = demo_group()
    payer = next(payer for payer in group.payers if payer.layout == layout)
    chance = random.Random(seed)
    made = remit_facts.make_remittance(
        group, payer, group.offices[0], chance, claims=chance.choice((3, 12)),
        provider_adjustment=chance.choice((0, 1500)),
    )  # fmt: skip
    file = decode(remit_art.remittance_pdf((made,)), "eob.pdf")
    blank = np.zeros((1, 1), np.uint8)
    return made, [page_text(Page(p.index, blank, p.dpi, tuple(p.words))) for p in file.pages]


@pytest.mark.parametrize("layout", sorted(remit_art.LAYOUTS))
def test_born_digital_pages_of_every_layout_are_read_whole(layout: str) -> None:
    made, pages = digital(layout, 5)
    fields, warnings = read_remittance(pages)
    seen, truth = values(fields), made.truth()
    assert not warnings
    for name in ("payment_number", "payment_on", "payment_method", "total_paid_cents", "payee_npi",
                 "payee_tax_id", "balanced", "imbalances"):  # fmt: skip
        assert seen[name] == truth[name], name
    for found, made_so in zip(
        seen["provider_adjustments"], truth["provider_adjustments"], strict=True
    ):
        assert {name: found[name] for name in made_so} == made_so
    assert seen["payer_name"].upper() == truth["payer_name"].upper()
    assert seen["payee_name"].upper() == truth["payee_name"].upper()
    assert [simple(claim) for claim in seen["claims"]] == [simple(c) for c in truth["claims"]]


CLAIM = ("patient_name", "member_id", "patient_account", "claim_number", "charged_cents",
         "paid_cents", "patient_responsibility_cents")  # fmt: skip
LINE = ("service_on", "procedure_code", "charged_cents", "allowed_cents", "paid_cents",
        "patient_responsibility_cents")  # fmt: skip


def simple(claim: dict[str, Any]) -> dict[str, Any]:
    """A claim without the provider (one layout does not print it), letter case or order."""
    kept = {name: claim[name] for name in CLAIM}
    kept["patient_name"] = claim["patient_name"].upper()
    kept["lines"] = [
        {**{name: line[name] for name in LINE},
         "adjustments": sorted(line["adjustments"], key=lambda e: (e["group"], e["code"]))}
        for line in claim["lines"]
    ]  # fmt: skip
    return kept


def test_every_value_comes_with_the_place_it_was_read_at() -> None:
    fields, _ = read_remittance([page_of(ROWS)])
    (claim,) = values(fields)["claims"]
    name, paid = claim["evidence"]["patient_name"], claim["lines"][1]["evidence"]["paid_cents"]
    assert (name["value"], name["page"], name["source"]) == ("JANE DOE", 0, "text_layer")
    assert paid["value"] == 14000
    assert paid["box"] == [100 + 12 * 62, 100 + 40 * 10, 12 * 6 - 2, 20]
    (share,) = claim["lines"][1]["adjustments"]
    assert claim["lines"][1]["evidence"]["adjustments.0"]["value"] == share["amount_cents"]


@pytest.mark.parametrize("layout", sorted(remit_art.LAYOUTS))
def test_noise_in_the_words_never_leaves_wrong_amounts_sure(layout: str) -> None:
    made, pages = digital(layout, 6)
    truth = made.truth()
    chance = random.Random(layout)
    for _ in range(6):
        noisy = [
            from_words(p.page, "tesseract", [misread(word, chance) for word in p.words])
            for p in pages
        ]
        fields, _ = read_remittance(noisy)
        total, taken = fields["total_paid_cents"], fields["provider_adjustments"]
        assert total is None or total.confidence < 0.9 or total.value == truth["total_paid_cents"]
        if taken is not None and taken.confidence >= 0.9:
            amounts = [entry["amount_cents"] for entry in taken.value]
            assert amounts == [entry["amount_cents"] for entry in truth["provider_adjustments"]]


def misread(word: Word, chance: random.Random) -> Word:
    if chance.random() > 0.03:
        return Word(word.text, word.box, 0.95)
    at = chance.randrange(len(word.text))
    return Word(word.text[:at] + chance.choice("0123456789.") + word.text[at + 1 :], word.box, 0.9)
