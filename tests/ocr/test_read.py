"""Pages of an envelope or a bag become readings in the contract's shape."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from intake.types import Page
from ocr import read
from ocr.fields import FIELDS, complete
from ocr.read import read_pages, read_x12, reading_to_json
from ocr.types import Alternative, Field, Kind, Quality, Reading, ReadingWarning
from web.demo import letter_art, pieces, remit_facts, scanner
from web.demo.mail import Picture
from web.demo.sheet import Sheet

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"


def envelopes(kinds: list[Kind], *, single: bool = False) -> list[int]:
    placing = read._Envelopes(single)
    return [placing.place(kind) for kind in kinds]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["check", "check", "check"], [0, 1, 2]),
        (["coupon", "check", "coupon", "check"], [0, 0, 1, 1]),
        (["check", "coupon", "check", "coupon"], [0, 0, 1, 1]),
        (["remittance", "check", "check"], [0, 0, 1]),
        (["check", "remittance", "remittance", "check"], [0, 0, 0, 1]),
        (["check", "returned_mail", "check"], [0, 1, 2]),
        (["returned_mail", "returned_mail"], [0, 1]),
        (["envelope", "check", "correspondence", "check"], [0, 0, 0, 1]),
    ],
)
def test_a_bag_without_sheets_is_parted_at_its_checks(
    kinds: list[Kind], expected: list[int]
) -> None:
    assert envelopes(kinds) == expected


def test_one_envelope_stays_one_whatever_it_holds() -> None:
    assert envelopes(["check", "check", "returned_mail"], single=True) == [0, 0, 0]


def page(index: int, picture: Picture) -> Page:
    return Page(index, picture.pixels, picture.dpi)


def sheet_page(index: int, sheet: Sheet) -> Page:
    return Page(index, np.ascontiguousarray(sheet.pixels()[:, :, ::-1]), sheet.dpi)


def test_a_small_bag_is_read_the_same_way_every_time() -> None:
    coupon = next(iter(pieces.coupons(4, 1)))
    checks = list(pieces.checks(4, 2))
    blank = letter_art.draw_blank(8.5, 11, 200, random.Random(1))
    pages = [
        page(0, coupon.pages[0]),
        page(1, checks[0].pages[0]),
        sheet_page(2, blank),
        page(3, checks[1].pages[0]),
    ]
    readings = read_pages(pages, single_envelope=False)
    fronts = [r for r in readings if r.kind != "blank"]
    assert [(r.kind, r.pages[0], r.transaction) for r in fronts] == [
        ("coupon", 0, 0), ("check", 1, 0), ("check", 3, 1),
    ]  # fmt: skip
    assert [r.pages for r in readings if r.kind == "blank"] == [(2,)]
    documents = [reading_to_json(reading, "bag.pdf") for reading in readings]
    again = [reading_to_json(r, "bag.pdf") for r in read_pages(pages, single_envelope=False)]
    assert json.dumps(documents) == json.dumps(again)
    for document in documents:
        assert set(FIELDS[document["kind"]]) <= set(document["fields"])


def test_the_same_payment_on_two_pages_is_one_document() -> None:
    group = pieces.demo_group()
    payer = next(payer for payer in group.payers if payer.layout == "claim_blocks")
    chance = random.Random(8)
    made = remit_facts.make_remittance(group, payer, group.offices[0], chance, claims=9)
    piece = pieces.remittance_piece(made, 200, scanner.random_look(chance, "gray"), chance)
    assert len(piece.pages) > 1
    pages = [page(number, picture) for number, picture in enumerate(piece.pages[:2])]
    (reading,) = read_pages(pages, single_envelope=True)
    assert reading.kind == "remittance"
    assert reading.pages == (0, 1)


def test_json_has_every_field_of_the_kind_and_only_plain_numbers() -> None:
    value = Field(np.int64(12500), np.float64(0.98765432), 1, (1, 2, 3, 4), "words",
                  (Alternative(np.int32(15200), 0.01),))  # fmt: skip
    reading = Reading(
        "check", 0.998, (0, 1), complete("check", {"amount_cents": value, "endorsed": None}),
        Quality(("blurred",), 0.41, 200), (ReadingWarning("amount_mismatch", "differ"),), 3,
        (5, 6, 7, 8),
    )  # fmt: skip
    document = json.loads(json.dumps(reading_to_json(reading, "x.pdf")))
    assert list(document["fields"])[: len(FIELDS["check"])] == list(FIELDS["check"])
    assert document["fields"]["amount_cents"] == {
        "value": 12500, "confidence": 0.9877, "page": 1, "box": [1, 2, 3, 4], "source": "words",
        "alternatives": [{"value": 15200, "confidence": 0.01}],
    }  # fmt: skip
    assert document["fields"]["memo"] is None
    assert document["transaction"] == 3
    assert document["region"] == [5, 6, 7, 8]
    assert document["quality"] == {"suspect": ["blurred"], "skew_degrees": 0.41, "dpi": 200}
    assert document["warnings"] == [{"code": "amount_mismatch", "message": "differ"}]


def test_an_electronic_remittance_is_a_reading_with_all_fields() -> None:
    path = SAMPLES / "era835" / "lfh_secondary-payment.835"
    if not path.exists():
        pytest.skip("the sample files are not here")
    (reading,) = read_x12(path.read_text())
    document = reading_to_json(reading, path.name)
    assert set(FIELDS["remittance"]) <= set(document["fields"])
    assert document["fields"]["total_paid_cents"]["value"] == 122200
    assert document["fields"]["balanced"]["value"] is True
    assert "component_separator" in {warning["code"] for warning in document["warnings"]}
