"""A deposit built as a cash letter is one that a bank takes, and no changed byte goes unnoticed."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache, partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deposits import icl
from deposits.icl.build import build, letter_id
from deposits.icl.group4 import to_ink, to_tiff
from deposits.icl.letter import Letter, LetterItem, Sender, Side, micr_fields, plain
from deposits.icl.picture_child import judge
from deposits.icl.profile import Profile
from deposits.icl.propose import propose
from deposits.icl.ticket import ticket
from deposits.icl.tiff import placed_strip
from intake import x9
from intake.x9 import write_records
from intake.x9.framing import FramingKind
from intake.x9.record import Encoding
from records.errors import WrongUse
from tests.intake.x9.samples import sample

ROUTING = ("061000146", "026073150", "122000661", "021000021")
SENT_AT = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
BUILT = tuple(name for name in icl.names() if name != "records_only")
_check = partial(icl.check, pictures=False)


@lru_cache(maxsize=8)
def view(seed: int) -> bytes:
    """A picture with some writing on it, another one for each seed."""
    rng = np.random.default_rng(seed)
    ink = np.zeros((540, 1200), np.bool_)
    ink[60:66, 40:1100] = True
    ink[200:260, 100:900] = rng.random((60, 800)) < 0.2
    return to_tiff(ink, 200)


def sender(**changed: object) -> Sender:
    """A group that deposits."""
    made = Sender(ROUTING[0], ROUTING[1], ROUTING[0], "123456789",
                  destination_name="First Bank of Åland", origin_name="Smiles Group",
                  contact_name="Dana", contact_phone="(555) 123-4567",
                  payee_name="Smiles Group", test=True)  # fmt: skip
    return replace(made, **changed)  # type: ignore[arg-type]  # the names are checked there


def item(number: int, cents: int) -> LetterItem:
    """One check with both sides."""
    return LetterItem(f"PAY-{number}", cents, ROUTING[number % 4], f"{1000 + number}/{number}",
                      str(number) if number % 3 == 0 else "", "4" if number % 5 == 0 else "",
                      Side(view(number % 3)), Side(view(3), made=number % 7 == 0))  # fmt: skip


def written(amounts: list[int], profile: Profile, number: int = 42) -> bytes:
    """The file of a letter of these amounts."""
    items = [item(at, cents) for at, cents in enumerate(amounts, start=1)]
    letter = Letter(number, date(2026, 11, 20), SENT_AT, len(items),
                    sum(amounts), items)  # fmt: skip
    out = io.BytesIO()
    slip = Side(ticket("Deposit", (("Account", "6789"),), letter.cents), made=True)
    write_records(build(letter, sender(), profile, slip), out, profile.layout_of_files)
    return out.getvalue()


@pytest.mark.parametrize("name", BUILT)
def test_a_letter_of_any_bank_checks_clean_with_its_pictures(name: str) -> None:
    profile = icl.named(name)
    assert icl.check(io.BytesIO(written([10_050, 1, 9_999_999], profile)), profile) == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    amounts=st.lists(st.integers(1, 999_999), min_size=1, max_size=9),
    name=st.sampled_from(BUILT),
    kind=st.sampled_from(["len4", "len4_little_endian", "newline", "raw"]),
    encoding=st.sampled_from(["ascii", "ebcdic"]),
    bundle=st.integers(1, 4),
    number=st.integers(1, 10**9 - 1),
)
def test_no_letter_in_any_framing_has_a_finding(
    amounts: list[int], name: str, kind: FramingKind, encoding: Encoding, bundle: int, number: int
) -> None:
    base = icl.named(name)
    profile = replace(
        base, file=replace(base.file, framing=kind, encoding=encoding),
        letter=replace(base.letter, bundle_items=bundle),
    )  # fmt: skip
    data = written(amounts, profile, number)
    assert _check(io.BytesIO(data), profile) == []
    out = io.BytesIO()
    icl.copy(io.BytesIO(data), out)
    assert out.getvalue() == data


_CHANGED = {
    "70": ("items", "total_amount", "images"), "90": ("bundles", "items", "total_amount", "images"),
    "99": ("cash_letters", "total_records", "total_items", "total_amount"),
    "25": ("payor_routing8", "payor_check_digit", "item_amount", "ece_item_sequence",
           "addendum_count"),
    "26": ("bofd_routing", "bofd_item_sequence", "record_number"),
    "01": ("immediate_destination_routing",), "10": ("destination_routing",),
    "20": ("destination_routing", "bundle_sequence"),
    "52": ("ece_item_sequence",), "50": ("view_data_size", "view_side"),
    "61": ("item_amount", "ece_item_sequence"), "62": ("item_amount", "credit_item_sequence"),
}  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), name=st.sampled_from(BUILT))
def test_one_changed_digit_of_a_total_count_routing_number_or_sequence_is_found(
    data: st.DataObject, name: str
) -> None:
    base = icl.named(name)
    # Where a bank takes a credit counted or not, one item more is no error: say which it is.
    credit = replace(base.credit, counted=bool(base.credit.counted))
    profile = replace(base, letter=replace(base.letter, bundle_items=2), credit=credit)
    letter = bytearray(written([10_050, 250, 99_999], profile))
    records = [r for r in x9.read_records(io.BytesIO(bytes(letter))) if r.type in _CHANGED]
    record = data.draw(st.sampled_from(records))
    names = [f for f in _CHANGED[record.type] if f in record.fields]
    if record.type == "25" and record.text("documentation_type") == "7":
        names = ["item_amount", "ece_item_sequence", "addendum_count"]  # a bank's own constant
    field = data.draw(st.sampled_from(names))
    spec = x9.BY_LAYOUT[record.layout]
    at = 0
    for each in spec.fields:
        if each.name == field:
            break
        at += len(record.fields[each.name])
    place = record.offset + at + data.draw(st.integers(0, len(record.fields[field]) - 1))
    digit = data.draw(st.sampled_from("0123456789".encode("cp037")))
    if letter[place] == digit or _blank_as_zero(letter, place, digit):
        return
    letter[place] = digit
    assert _check(io.BytesIO(bytes(letter)), profile) != []


def _blank_as_zero(letter: bytearray, place: int, digit: int) -> bool:
    """A blank number field that is made a 0 says what it said."""
    return letter[place] == 0x40 and digit == 0xF0


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(place=st.integers(0, 161), bit=st.integers(0, 7))
def test_a_changed_bit_of_an_images_header_is_found_or_shows_the_same_picture(
    place: int, bit: int
) -> None:
    before = view(1)
    changed = bytearray(before)
    changed[place] ^= 1 << bit
    if not list(judge(bytes(changed), front=True)):
        # A row that ends white may be said to be longer: the same marks, more paper beside them.
        strip, width, height, _ = placed_strip(bytes(changed)) or (b"", 0, 0, None)
        old_strip, old_width, old_height, _ = placed_strip(before) or (b"", 0, 0, None)
        now, then = to_ink(strip, width, height), to_ink(old_strip, old_width, old_height)
        wide = min(width, old_width)
        assert height == old_height
        assert np.array_equal(now[:, :wide], then[:, :wide])
        assert not now[:, wide:].any()


def test_the_identifiers_of_two_letters_never_meet() -> None:
    profile = icl.named("standard")
    files = [written([100, 200], profile, number) for number in (7, 8)]
    told = [
        {(r.type, name, r.text(name)) for r in x9.read_records(io.BytesIO(data))
         for name in ("cash_letter_id", "ece_item_sequence", "bundle_id", "file_id_modifier")
         if r.text(name)}
        for data in files
    ]  # fmt: skip
    assert told[0].isdisjoint(told[1])
    assert letter_id(10**9 - 1) != letter_id(1)


def test_a_deposit_whose_items_changed_is_not_written() -> None:
    profile = icl.named("standard")
    letter = Letter(1, date(2026, 11, 20), SENT_AT, 2, 300, [item(1, 100)])
    with pytest.raises(WrongUse) as refused:
        list(build(letter, sender(), profile, Side(ticket("x", (), 1))))
    assert refused.value.code == "letter_differs"


@pytest.mark.parametrize(("line", "serial", "on_us", "aux", "epc"), [
    ("A021000021A123456789C0101", "101", "123456789/0101", "", ""),
    ("A021000021A123456789C101B0000012345B", "101", "123456789/101", "", ""),
    ("C004512CA021000021A12D3456789C", "4512", "12-3456789/", "004512", ""),
    ("C77C4A021000021A123456789C", "77", "123456789/", "77", "4"),
    ("A021000021A0101123456789C", "101", "0101123456789/", "", ""),
    ("A021000021A123456789C08", "5012", "123456789/08", "", ""),
    ("C004512CA021000021A123456789C08", "4512", "123456789/08", "004512", ""),
    ("A021000021AC123456789C", "5012", "/123456789/", "", ""),
])  # fmt: skip
def test_a_micr_line_becomes_the_fields_of_a_check_detail(
    line: str, serial: str, on_us: str, aux: str, epc: str
) -> None:
    account = "123456789"
    found = micr_fields(line, "021000021", account, serial)
    assert (found.on_us, found.aux_on_us, found.epc) == (on_us, aux, epc)


@pytest.mark.parametrize(("line", "on_us", "aux"), [
    ("A021000021A999999999C0101", "123456789/101", ""),
    ("A021000021A1123456789C0101", "123456789/101", ""),
    ("A021000021A12345678912C0101", "123456789/101", ""),
    ("A021000021A123456789C0107", "123456789/101", ""),
    ("C000107CA021000021A123456789C", "123456789/", "101"),
])  # fmt: skip
def test_what_a_person_keyed_counts_where_the_line_says_something_else(
    line: str, on_us: str, aux: str
) -> None:
    found = micr_fields(line, "021000021", "123456789", "101")
    assert (found.on_us, found.aux_on_us) == (on_us, aux)


@pytest.mark.parametrize(("routing", "account", "code"), [
    ("", "1", "micr_incomplete"), ("021000021", "", "micr_incomplete"),
    ("12345-678", "1", "micr_incomplete"), ("021000022", "1", "micr_incomplete"),
    ("021000021", "1" * 22, "micr_too_long"),
])  # fmt: skip
def test_a_check_without_its_numbers_is_refused(routing: str, account: str, code: str) -> None:
    with pytest.raises(WrongUse) as refused:
        micr_fields("", routing, account, "1")
    assert refused.value.code == code


@pytest.mark.parametrize("name", BUILT)
def test_a_profile_proposed_from_a_banks_file_writes_the_same_file(name: str) -> None:
    profile = replace(icl.named(name), letter=replace(icl.named(name).letter, bundle_items=2))
    data = written([10_050, 250, 99_999], profile)
    framing = x9.sniff(data[: x9.SNIFF_BYTES])
    assert framing is not None
    found = propose("mine", x9.read_records(io.BytesIO(data)), framing)
    same = replace(found.profile, letter=replace(found.profile.letter, bundle_items=2))
    assert written([10_050, 250, 99_999], same) == data
    assert found.doubts


@pytest.mark.parametrize("name", ["valid-ebcdic.x937", "vendor_test_dstu.x9"])
def test_a_profile_proposed_from_another_makers_file_finds_nothing_in_it(name: str) -> None:
    data = sample(f"x9/{name}")
    framing = x9.sniff(data[: x9.SNIFF_BYTES])
    assert framing is not None
    found = propose("theirs", x9.read_records(io.BytesIO(data)), framing)
    assert icl.check(io.BytesIO(data), found.profile) == []


def test_a_proposal_of_bytes_that_no_profile_can_hold_leaves_them_out() -> None:
    data = b"$$ADD ID=\x01\xe9X\r\n" + written([100], _raw())
    framing = x9.sniff(data[: x9.SNIFF_BYTES])
    assert framing is not None
    found = propose("theirs", x9.read_records(io.BytesIO(data), framing), framing)
    assert found.profile.file.prelude == "$$ADD ID=X"
    assert icl.check(io.BytesIO(data), found.profile) == []


def _raw() -> Profile:
    base = icl.named("standard")
    return replace(base, file=replace(base.file, framing="raw"))


@pytest.mark.parametrize(("name", "shown"), [
    ("Café Ågren\x07\x00 & Co\x7f", "Cafe Agren & Co"), ("\u202eevil\tname\n", "evil name"),
    ("a" * 17 + " b", "a" * 17), ("歯科", ""),
])  # fmt: skip
def test_a_name_is_written_as_a_banks_file_can_hold_it(name: str, shown: str) -> None:
    assert plain(name, 18) == shown
