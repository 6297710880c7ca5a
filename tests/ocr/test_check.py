"""Whole checks: right or unread, never wrong and sure; the bank's record is weighed in."""

from __future__ import annotations

import io
import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from bench.checks.cases import case
from intake.types import Page
from ocr.check import (
    CHECK_FIELDS,
    confidence_of,
    looks_like_check_back,
    read_check,
    read_check_back,
)
from ocr.check_dates import parse_date
from ocr.check_evidence import record_facts
from ocr.check_print import is_street, is_title
from ocr.prepare import find_checks
from ocr.types import Reading
from web.demo.pieces import checks

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the shared sample files are not here"
)
VENDOR, SCAN = "x9/vendor_test_dstu.x9", "x9/valid-ascii.x937"
FRONTS = [(VENDOR, number) for number in range(0, 20, 2)] + [(SCAN, 0)]


@cache
def views(name: str) -> tuple[tuple[np.ndarray, dict[str, str]], ...]:
    """Images of an image cash letter framed by lengths, each with its record 25's fields."""
    data, place, found, facts = (SAMPLES / name).read_bytes(), 0, [], {}
    while place + 4 <= len(data):
        size = struct.unpack(">I", data[place : place + 4])[0]
        record = data[place + 4 : place + 4 + size]
        place += 4 + size
        code = "cp037" if record[:1] >= b"\xf0" else "latin-1"
        text = record[:117].decode(code)
        if text[:2] == "25":
            facts = {
                "routing_number": text[18:27],
                "on_us": text[27:47],
                "aux_on_us": text[2:17],
                "amount_cents": text[47:57],
            }
        if text[:2] == "52":
            whole = record.decode(code)
            key = int(whole[101:105].strip() or 0)
            signature = int(whole[105 + key : 110 + key].strip() or 0)
            picture = Image.open(io.BytesIO(record[117 + key + signature :])).convert("L")
            found.append((np.asarray(picture, np.uint8).copy(), facts))
    return tuple(found)


@cache
def truth() -> dict[str, dict[str, Any]]:
    return dict(json.loads((SAMPLES / "truth.json").read_text()))


@cache
def read_alone(name: str, number: int) -> Reading:
    (reading,) = read_check(Page(number, views(name)[number][0]))
    return reading


def value(reading: Reading, name: str) -> Any:
    field = reading.fields[name]
    return None if field is None else field.value


def assert_nothing_sure_is_wrong(reading: Reading, known: dict[str, Any]) -> None:
    expected = {
        name: known[name]
        for name in ("micr_line", "amount_cents", "date", "payee_name", "memo", "check_number")
        if name in known
    }
    expected["courtesy_amount_cents"] = expected["legal_amount_cents"] = known["amount_cents"]
    if "micr_line" in known:
        expected["routing_number"] = known["micr_line"].split("A")[1]
    for name, right in expected.items():
        field = reading.fields[name]
        assert field is None or field.confidence < 0.9 or field.value == right, name


@needs_samples
@pytest.mark.parametrize(("name", "number"), FRONTS)
def test_a_bank_image_alone_gives_routing_and_amount_or_nothing(name: str, number: int) -> None:
    known = truth()[f"{name}#{number}"]
    reading = read_alone(name, number)
    assert tuple(reading.fields) == CHECK_FIELDS
    assert reading.kind == "check"
    assert value(reading, "routing_number") in {None, known["micr_line"].split("A")[1]}
    assert value(reading, "amount_cents") in {None, known["amount_cents"]}
    assert_nothing_sure_is_wrong(reading, known)


@needs_samples
def test_most_bank_images_are_read_as_surely_as_their_print_allows() -> None:
    """Ten say that they are not negotiable: without a bank's record a person is asked."""
    sure = asked = 0
    for name, number in FRONTS:
        reading = read_alone(name, number)
        fields = (reading.fields["routing_number"], reading.fields["amount_cents"])
        if any(warning.code == "not_a_check" for warning in reading.warnings):
            asked += all(field is not None and 0.8 <= field.confidence < 0.9 for field in fields)
        else:
            sure += all(field is not None and field.confidence >= 0.9 for field in fields)
    assert sure >= 1
    assert sure + asked >= 10


@needs_samples
@pytest.mark.parametrize(("name", "number"), [(VENDOR, 0), (VENDOR, 2), (SCAN, 0)])
def test_picture_and_record_together_are_surer(name: str, number: int) -> None:
    pixels, facts = views(name)[number]
    known = truth()[f"{name}#{number}"]
    page = Page(number, pixels, 200.0, side="front", item=0, facts=facts)
    (reading,) = read_check(page)
    for field in ("routing_number", "amount_cents", "on_us", "account_number", "check_number"):
        found = reading.fields[field]
        assert found is not None
        assert found.confidence >= 0.9
    assert not reading.warnings
    assert_nothing_sure_is_wrong(reading, known)


@needs_samples
def test_a_check_that_says_void_is_asked_about_though_a_bank_recorded_it() -> None:
    pixels, facts = views(VENDOR)[18]
    page = Page(18, pixels, 200.0, side="front", item=0, facts=facts)
    (reading,) = read_check(page)
    assert [warning.code for warning in reading.warnings] == ["void"]
    assert reading.kind == "check"
    amount = reading.fields["amount_cents"]
    assert amount is not None
    assert amount.value == 100_18
    assert amount.confidence < 0.9


@needs_samples
def test_a_record_that_differs_from_the_picture_is_told() -> None:
    pixels, facts = views(VENDOR)[2]
    other = facts | {"routing_number": "021000021", "amount_cents": "0000099999"}
    (reading,) = read_check(Page(0, pixels, side="front", item=0, facts=other))
    assert {"micr_mismatch", "amount_mismatch"} <= {w.code for w in reading.warnings}
    for name in ("routing_number", "amount_cents"):
        field = reading.fields[name]
        assert field is not None
        assert field.confidence < 0.9
        assert field.alternatives


@needs_samples
@pytest.mark.parametrize("name", ["checks/check1.jpg", "checks/check2.jpg", "checks/check3.png"])
def test_tiny_pictures_are_unread_rather_than_wrong(name: str) -> None:
    picture = cv2.imread(str(SAMPLES / name))
    (reading,) = read_check(Page(0, np.asarray(picture, np.uint8)))
    assert_nothing_sure_is_wrong(reading, truth()[name])


@needs_samples
def test_fronts_look_like_checks_and_backs_do_not() -> None:
    assert confidence_of(find_checks(Page(0, views(SCAN)[0][0]))) > 0.9
    for name in (VENDOR, SCAN):
        back = views(name)[1][0]
        assert confidence_of(find_checks(Page(0, back))) == 0.0
        assert looks_like_check_back(Page(0, back)) >= 0.6
        assert read_check_back(Page(0, back)).fields["endorsed"].value is True


@needs_samples
def test_a_canadian_front_looks_like_a_check_by_its_branch() -> None:
    front = case(5100, 508)
    assert front.kind == "canadian"
    assert confidence_of(find_checks(front.page)) >= 0.95


def test_every_box_lies_on_its_page() -> None:
    pixels = views(SCAN)[0][0]
    reading = read_alone(SCAN, 0)
    for name, field in reading.fields.items():
        if field is None or field.box is None:
            continue
        x, y, width, height = field.box
        assert x + width > 0, name
        assert y + height > 0, name
        assert x < pixels.shape[1], name
        assert y < pixels.shape[0], name


def same(found: object, drawn: object) -> bool:
    """Whether two values are one; some designs print names in capitals."""
    if isinstance(found, str) and isinstance(drawn, str):
        return found.casefold() == drawn.casefold()
    return found == drawn


def test_drawn_checks_are_mostly_read_and_never_wrong_though_sure() -> None:
    read = 0
    for piece in checks(5, 6):
        picture = piece.pages[0]
        (reading,) = read_check(Page(0, picture.pixels, picture.dpi))
        sure = {n: f for n, f in reading.fields.items() if f is not None and f.confidence >= 0.9}
        for name, field in sure.items():
            if name in piece.truth:
                assert same(field.value, piece.truth[name]), name
        read += {"routing_number", "account_number", "amount_cents"} <= set(sure)
    assert read >= 4


def test_blank_and_odd_pages_are_read_as_nothing() -> None:
    for shape in ((550, 1200), (40, 60), (3, 3), (1, 1)):
        (reading,) = read_check(Page(0, np.full(shape, 255, np.uint8)))
        assert value(reading, "routing_number") is None
        assert value(reading, "amount_cents") is None
        assert reading.confidence < 0.9


def test_record_fields_are_put_in_the_contracts_spelling() -> None:
    facts = record_facts({"routing_number": "122000661", "on_us": "    1211-1234-56789/ "})
    assert facts.on_us == "1211D1234D56789C"
    assert facts.account_if_serial_first == ("1211", "123456789")
    spaced = record_facts({"on_us": "209 153 53/111"})
    assert (spaced.account_number, spaced.check_number) == ("20915353", "111")
    unread = record_facts({"on_us": "20*15353/111", "routing_number": "1220"})
    assert unread.account_number is None
    assert unread.routing_number is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("July 4, 2022", "2022-07-04"),
        ("07 / 05 / 2022", "2022-07-05"),
        ("9-26-2014", "2014-09-26"),
        ("Nov. 8, 26", "2026-11-08"),
        ("4 July 2021", "2021-07-04"),
    ],
)
def test_dates_are_read_as_americans_write_them(text: str, day: str) -> None:
    found = parse_date(text)
    assert found is not None
    assert found[0] == day


@pytest.mark.parametrize("text", ["Check Number 112", "13/45/2020", "88-749/0749", "1211"])
def test_what_is_no_date_gives_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(
    "line",
    ["PO Box 6736", "P.O. BOX 12", "1 Nowhere Rd", "PERSONAL MONEY ORDER", "Cashier's Check"],
)
def test_a_street_a_box_or_a_title_is_nobodys_name(line: str) -> None:
    assert is_street(line) or is_title(line)


@pytest.mark.parametrize("line", ["Rosa Alvarez", "Buckeye Mutual Health Plan", "J. O. Boxer"])
def test_a_name_stays_a_name(line: str) -> None:
    assert not is_street(line)
    assert not is_title(line)
