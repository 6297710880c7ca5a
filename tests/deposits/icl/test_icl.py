"""Image cash letters are shown, checked as a bank would, and copied byte for byte."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits import icl
from deposits.icl.findings import MOST_FINDINGS
from deposits.icl.group4 import to_strip, with_header
from deposits.icl.picture_child import judge, judge_all
from deposits.icl.pictures import Allowance, Pictures
from deposits.icl.rules import aba_sound
from deposits.icl.t6 import why_not_whole
from deposits.icl.tiff import tiff_findings
from intake.x9 import Record, build_record
from records.errors import UnreadableError, WrongUse
from tests.deposits.icl.letters import changed, data, letter, numbered, tiff

SAMPLES = Path(__file__).parents[3] / ".." / "shared" / "samples" / "x9"
NAMES = ("BNK20180905121042882-A.icl", "creditRecord61.icl", "valid-ascii.x937",
         "valid-ebcdic.x937", "vendor_test_dstu.x9")  # fmt: skip


_check = partial(icl.check, pictures=False)
"""The letters of this file have images of a header and nothing else."""


def _sample(name: str) -> io.BytesIO:
    if not (SAMPLES / name).exists():
        pytest.skip(f"sample {name} is not on this machine")
    return io.BytesIO((SAMPLES / name).read_bytes())


@pytest.mark.parametrize("name", ["valid-ascii.x937", "valid-ebcdic.x937", "vendor_test_dstu.x9"])
def test_sound_letters_from_other_makers_have_no_findings(name: str) -> None:
    assert icl.check(_sample(name)) == []


def test_a_credit_that_its_checks_do_not_make_is_found() -> None:
    findings = icl.check(_sample("creditRecord61.icl"))
    by_code = {(f.code, f.record): f.message for f in findings}
    assert by_code["credit_total", 3] == "The credit says 102088 cents; its checks make 200000."
    assert by_code["total_differs", 39] == "Record 99 says 38; the records make 39."


def test_controls_that_count_addenda_as_items_are_found() -> None:
    findings = icl.check(_sample("BNK20180905121042882-A.icl"), icl.named("records_only"))
    wrong = [(f.record, f.field) for f in findings if f.code == "total_differs"]
    assert wrong == [(18, "items"), (36, "items"), (37, "items"), (54, "items"), (72, "items"),
                     (73, "items"), (74, "total_items")]  # fmt: skip
    assert {f.code for f in findings} == {
        "total_differs",
        "view_sequence",
        "sequence_repeats",
        "view_header_differs",
        "addendum_number",
        "field_type",
        "item_of_other_collection",
    }


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_shown_whole_and_copied_byte_for_byte(name: str) -> None:
    original = _sample(name)
    shown = list(icl.show(original).records)
    assert shown[0]["type"] == "01"
    assert shown[-1]["type"] == "99"
    assert [r["record"] for r in shown] == list(range(1, len(shown) + 1))
    json.dumps(shown)
    original.seek(0)
    out = io.BytesIO()
    icl.copy(original, out)
    assert out.getvalue() == original.getvalue()


def test_a_letter_built_here_is_sound() -> None:
    assert _check(data(letter())) == []
    assert _check(data(letter((1,) * 40))) == []


_BREAKS: list[tuple[int, dict[str, Any], str]] = [
    (0, {"immediate_destination_routing": "061000147"}, "routing_check_digit"),
    (0, {"file_creation_date": "20261320"}, "date_invalid"),
    (1, {"cash_letter_id": ""}, "cash_letter_id"),
    (1, {"business_date": "20261126"}, "business_date_closed"),
    (2, {"business_date": "20261121"}, "bundle_header_differs"),
    (3, {"payor_check_digit": "2"}, "routing_check_digit"),
    (3, {"item_amount": 10_051}, "total_differs"),
    (3, {"item_amount": ""}, "amount_missing"),
    (3, {"addendum_count": 2}, "addendum_count"),
    (3, {"ece_item_sequence": ""}, "sequence_missing"),
    (3, {"ece_item_sequence": "2"}, "sequence_repeats"),
    (5, {"view_side": 1}, "image_sides"),
    (5, {"view_data_size": 7}, "view_size"),
    (6, {"ece_item_sequence": "9"}, "view_sequence"),
    (6, {"bundle_business_date": "20261121"}, "view_header_differs"),
    (6, {"image_data": b"JFIF"}, "image_not_tiff"),
    (0, {"standard_level": 99}, "value_unknown"),
    (0, {"resend_indicator": "X"}, "value_unknown"),
    (0, {"file_creation_time": "2460"}, "time_invalid"),
    (1, {"record_type_indicator": "E"}, "not_announced"),
    (1, {"collection_type": "77"}, "value_unknown"),
    (3, {"micr_valid": "7"}, "value_unknown"),
    (3, {"payor_routing8": "50010001", "payor_check_digit": "5"}, "routing_check_digit"),
    (3, {"item_amount": 0}, "amount_zero"),
    (5, {"view_format": "01"}, "view_format"),
    (5, {"view_descriptor": "01"}, "image_sides"),
    (8, {"image_data": tiff(t257=400, t278=400)}, "view_sizes_differ"),
    (16, {"settlement_date": "20261399"}, "date_invalid"),
    (15, {"items": 3}, "total_differs"),
    (15, {"images": 3}, "total_differs"),
    (15, {"micr_valid_total": 1}, "total_differs"),
    (16, {"bundles": 2}, "total_differs"),
    (16, {"total_amount": 1}, "total_differs"),
    (17, {"total_records": 1}, "total_differs"),
    (17, {"cash_letters": 2}, "total_differs"),
    (0, {"file_creation_date": "20161120"}, "date_far_off"),
    (0, {"file_creation_date": "20261222"}, "date_apart"),
    (1, {"creation_date": "20360101"}, "date_far_off"),
    (2, {"creation_date": "20251018"}, "date_far_off"),
    (4, {"bofd_endorsement_date": "20251118"}, "date_far_off"),
    (4, {"bofd_endorsement_date": "20261222"}, "date_apart"),
    (5, {"image_creator_date": "20201120"}, "date_far_off"),
    (16, {"settlement_date": "20281124"}, "date_far_off"),
    (0, {"immediate_destination_routing": "122000661"}, "destination_differs"),
]


@pytest.mark.parametrize(("at", "fields", "code"), _BREAKS)
def test_one_broken_field_is_found_where_it_is(at: int, fields: dict[str, Any], code: str) -> None:
    findings = _check(data(changed(letter(), at, **fields)))
    assert code in {finding.code for finding in findings}
    assert any(finding.field in fields or finding.code == code for finding in findings)


@pytest.mark.parametrize(("drop", "code"), [
    (1, "bundle_outside"), (4, "addendum_count"), (5, "data_without_view"),
    (6, "view_without_data"), (15, "record_order"), (17, "missing_file_control"),
])  # fmt: skip
def test_a_missing_record_is_found(drop: int, code: str) -> None:
    records = letter()
    findings = _check(data(numbered([*records[:drop], *records[drop + 1 :]])))
    assert code in {finding.code for finding in findings}


def _with_credit(layout: str, cents: int) -> list[Any]:
    values: dict[str, Any] = {"posting_routing": "500100015", "account_on_us": "123/",
                              "item_amount": cents, "ece_item_sequence": "900"}  # fmt: skip
    if layout == "61B":
        values["record_usage"] = "2"
    records = letter()
    made = [*records[:3], build_record(layout, values), *records[3:]]
    return changed(made, len(made) - 1, total_records=len(made))


@pytest.mark.parametrize("layout", ["61A", "61B"])
def test_a_credit_of_either_layout_equals_its_checks(layout: str) -> None:
    assert _check(data(_with_credit(layout, 12_550))) == []
    codes = {f.code for f in _check(data(_with_credit(layout, 12_551)))}
    assert codes == {"credit_total"}


def test_a_profile_says_whether_credits_count_as_items() -> None:
    letter_with_credit = _with_credit("61A", 12_550)
    excluded = _check(data(letter_with_credit), icl.named("credits_excluded"))
    counted = _check(data(letter_with_credit), icl.named("credits_counted"))
    assert excluded == []
    assert [f.field for f in counted] == ["items", "items", "total_items"]


@pytest.mark.parametrize(("image", "code"), [
    (b"", "image_not_tiff"), (b"MM\0*", "tiff_byte_order"), (tiff()[:40], "tiff_broken"),
    (tiff(t259=1), "tiff_compression"), (tiff(t262=1), "tiff_photometric"),
    (tiff(t274=6), "tiff_orientation"), (tiff(t278=10), "tiff_strips"),
    (tiff(t279=4_000), "tiff_pointer"), (tiff(t296=3), "tiff_resolution_unit"),
    (tiff(t255=1), "tiff_tag_forbidden"), (tiff()[:-10] + b"\0" * 10, "tiff_resolution"),
])  # fmt: skip
def test_a_tiff_header_that_banks_refuse_is_found(image: bytes, code: str) -> None:
    assert code in {found for found, _ in tiff_findings(image)}


@given(st.binary(max_size=120))
def test_no_image_bytes_crash_the_header_check(tail: bytes) -> None:
    for head in (b"", b"II*\0", b"II*\0\x08\0\0\0"):
        tiff_findings(head + tail)


@given(st.integers(0, 10**9 - 1))
def test_changing_any_one_digit_of_a_routing_number_is_noticed(number: int) -> None:
    text = f"{number:09d}"
    if not aba_sound(text):
        return
    for place in range(9):
        for digit in "0123456789":
            other = text[:place] + digit + text[place + 1 :]
            assert other == text or not aba_sound(other)


def test_cut_and_trailing_bytes_are_findings() -> None:
    whole = data(letter()).getvalue()
    cut = _check(io.BytesIO(whole[:-30]))
    assert {"truncated_record", "missing_file_control"} <= {f.code for f in cut}
    extra = _check(io.BytesIO(whole + b"\0\0"))
    assert "trailing_bytes" in {f.code for f in extra}


def _codes(records: list[Record]) -> list[tuple[str, bool]]:
    return [(each.code, each.warning) for each in _check(data(records))]


def test_days_that_a_bank_takes_apart_from_the_business_date_are_no_finding() -> None:
    """Made on a Saturday for Monday, endorsed and pictured when it was deposited the first time."""
    records = letter()
    for at, fields in (
        (0, {"file_creation_date": "20261114"}), (1, {"creation_date": "20261123"}),
        (4, {"bofd_endorsement_date": "20260103"}), (5, {"image_creator_date": "20260103"}),
        (16, {"settlement_date": "20261123"}),
    ):  # fmt: skip
        records = changed(records, at, **fields)
    assert _codes(records) == []


def test_a_business_date_years_off_is_told_by_the_headers_and_not_by_each_item() -> None:
    records = letter((100,) * 50)
    for at in (1, 2):
        records = changed(records, at, business_date="20361120")
    records = [changed([r], 0, bundle_business_date="20361120")[0] if r.type == "52" else r
               for r in records]  # fmt: skip
    assert _codes(numbered(records)) == [("date_far_off", False)] * 2


def test_a_collection_type_says_which_items_stand_under_it() -> None:
    for kind, codes in (
        ("01", []), ("12", []), ("99", []), ("03", [("item_of_other_collection", False)] * 2),
        ("20", [("item_of_other_collection", False)] * 2),
    ):  # fmt: skip
        records = letter()
        for at in (1, 2):
            records = changed(records, at, collection_type=kind)
        assert _codes(records) == codes, kind


def test_numbers_that_fall_within_a_bundle_are_a_warning_and_told_once() -> None:
    records = letter((100, 200, 300, 400))
    order = {"1": "9", "2": "5", "3": "4", "4": "8"}
    records = numbered([
        changed([r], 0, ece_item_sequence=order[r.text("ece_item_sequence")])[0]
        if r.type in ("25", "52") else r for r in records
    ])  # fmt: skip
    assert _codes(records) == [("sequence_falls", True)]


def _rebuilt(records: list[Record], **controls: int) -> list[Record]:
    """The letter with the file control's figures made to fit."""
    return changed(records, len(records) - 1, total_records=len(records), **controls)


def test_a_side_said_to_be_absent_is_no_side() -> None:
    records = letter()
    made = [*changed(records, 5, image_indicator=0)[:6], *records[7:]]
    made = changed(changed(numbered(made), 14, images=3), 15, images=3)
    assert {f.code for f in _check(data(_rebuilt(made)))} == {"image_sides"}


def test_a_bundle_that_is_not_closed_is_found_though_the_controls_agree_without_it() -> None:
    whole = letter((10_050,))
    second = changed(whole, 2, bundle_id="2")[2:9]
    second = changed(second, 1, ece_item_sequence="9")
    second = [r if r.type != "52" else changed([r], 0, ece_item_sequence="9")[0] for r in second]
    made = _rebuilt(numbered([*whole[:2], *second, *whole[2:]]))
    assert {f.code for f in _check(data(made))} == {"bundle_not_closed"}


def test_a_bundle_without_items_and_a_file_without_letters_are_found() -> None:
    head = letter()[:3]
    none = {"items": 0, "total_amount": 0, "images": 0}
    controls = [build_record("70", none), build_record("90", {"bundles": 1, **none}),
                build_record("99", {"cash_letters": 1, "total_records": 6, "total_items": 0,
                                    "total_amount": 0})]  # fmt: skip
    assert [f.code for f in _check(data(numbered([*head, *controls])))] == ["bundle_empty"]
    alone = build_record("99", {"cash_letters": 0, "total_records": 2, "total_items": 0,
                                "total_amount": 0})  # fmt: skip
    assert [f.code for f in _check(data(numbered([head[0], alone])))] == ["file_empty"]


def test_a_check_before_the_first_credit_of_a_letter_is_found() -> None:
    records = letter((100, 200))
    credit = build_record("61A", {"posting_routing": "500100015", "account_on_us": "123/",
                                  "item_amount": 200, "ece_item_sequence": "900"})  # fmt: skip
    made = _rebuilt(numbered([*records[:9], credit, *records[9:]]))
    assert [f.code for f in _check(data(made))] == ["credit_missing"]


def test_a_bank_that_asks_for_a_credit_gets_one_and_the_one_it_asks_for() -> None:
    none = _check(data(letter()), icl.parsed("mine", '[credit]\nrecord = "61A"'))
    assert [f.code for f in none] == ["credit_missing"]
    letter_with_credit = data(_with_credit("61A", 12_550)).getvalue()
    for text, codes in (
        ('record = "61A"', []), ('record = "61B"', ["credit_record"]),
        ('record = "none"', ["credit_record"]), ('record = "61B"\nasked = false', []),
        ('record = "61A"\nrouting = "500100015"', []),
        ('record = "61A"\nrouting = "500100016"', ["credit_routing"]),
    ):  # fmt: skip
        profile = icl.parsed("mine", f"[credit]\n{text}")
        assert [f.code for f in _check(io.BytesIO(letter_with_credit), profile)] == codes


def test_a_file_of_nothing_but_faults_ends_early_and_says_so() -> None:
    whole = data(letter()).getvalue()
    findings = _check(io.BytesIO(whole + b"\0\0\0\x0225" * 60_000))
    assert findings[-1].code == "too_many_findings"
    assert MOST_FINDINGS < len(findings) < MOST_FINDINGS + 100
    assert findings[-1].record < 60_000


@pytest.mark.parametrize(("width", "height"), [(1, 8_000_000), (6_000, 6_000), (60_000, 600)])
def test_an_image_of_no_check_is_not_decoded(width: int, height: int) -> None:
    for dpi in (200, 1000):
        image = with_header(b"\xff" * 100_000, width, height, dpi)
        assert [code for code, _ in judge(image, front=True)][-1] == "image_size"


def test_a_batch_of_images_has_a_bound_in_bytes() -> None:
    pictures = Pictures()
    for number in range(6):
        pictures.take(number, b"II*\0" + bytes(4_000_000), front=False)
        assert pictures.waiting_bytes < 16 * 2**20
    assert {code for _, (code, _) in pictures.finish()} == {"tiff_broken"}


def test_an_image_of_more_code_words_than_any_check_is_given_up() -> None:
    ink = np.zeros((1200, 2400), np.bool_)
    ink[:, ::2] = True
    told = why_not_whole(to_strip(ink)[:-3], 2400, 1200)
    assert told is not None
    assert "more code words" in told


def _slow(width: int = 1800, height: int = 900) -> bytes:
    """A whole image that is coded otherwise than by Group 4's rule: each code word is asked."""
    ink = np.zeros((height, width), np.bool_)
    ink[:, ::8] = True
    return with_header(to_strip(ink)[:-3], width, height, 200)


def test_images_behind_slow_ones_are_not_looked_at() -> None:
    images = [(tiff(t262=1), True), (tiff(), False)]
    beyond, answers = judge_all(iter(images), 1.0)
    assert beyond < 1.0
    assert answers[0] is not None
    assert answers[0][0][0] == "tiff_photometric"
    assert answers[1] is not None
    beyond, answers = judge_all(iter([(_slow(), False), *images]), 0.0)
    assert beyond > 0.0
    assert answers[0] is not None
    assert answers[1:] == [None, None]


def test_the_slow_images_of_a_file_share_one_allowance_and_one_finding_counts_the_rest() -> None:
    pictures = Pictures(allowance=Allowance(0.2))
    slow, sound = _slow(), tiff()
    for number in range(1, 601):
        pictures.take(number, sound if number <= 200 else slow, front=False)
    found = pictures.finish()
    unseen = [(record, each) for record, each in found if each[0] == "image_not_looked_at"]
    ((first, (_, message)),) = unseen
    assert 200 < first < 420  # two batches run at once where there are two processors
    assert message.startswith(f"{len(pictures.unseen)} images were not looked at")
    assert len(pictures.unseen) > 180
    assert {record for record, _ in found} & set(range(1, 201))


@pytest.mark.parametrize("text", [
    "file = 3", "[[file]]\nframing = 'raw'", "[file]\nframing = 'pigeon'",
    "[file]\nencoding = 'utf-8'", "[letter]\nbundle_items = -1", "[letter]\nbundle_items = 0",
    "[letter]\nbundle_items = 1" + "0" * 30, "[letter]\nbundle_items = true",
    "[item]\nmost_cents = -5", "[file]\nmost_items = 0", '[file]\nuser_field = "a\\nb"',
    "[file]\nprelude = '\u00c5'", "[images.limits]\nskew_degrees = nan",
    "[images.limits]\nskew_degrees = true", "[images.limits]\nskew_degrees = -1",
    "[images]\nlimits = 3", "x = " + "[" * 5_000, "[credit]\nrecord = '61C'",
])  # fmt: skip
def test_a_profile_of_nonsense_is_refused(text: str) -> None:
    with pytest.raises(WrongUse) as refused:
        icl.parsed("mine", text)
    assert refused.value.code == "wrong_profile"


def test_what_is_no_letter_is_refused() -> None:
    with pytest.raises(UnreadableError):
        icl.check(io.BytesIO(b"hello"))
