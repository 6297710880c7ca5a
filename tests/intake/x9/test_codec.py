"""The codec gives back every byte it was given, and says what it read on the way."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.x9 import (
    SPECS,
    Framing,
    Record,
    build_record,
    copy,
    decode_record,
    encode_file,
    encode_record,
    read_file,
    read_items,
    read_records,
    settle_credits,
    sniff,
    write_records,
)
from intake.x9.framing import FramingKind
from intake.x9.record import Encoding
from records.errors import UnreadableError, WrongUse
from tests.intake.x9.samples import X9_NAMES, letter, sample

FRAMINGS = [
    Framing(kind, encoding, prelude, terminator)
    for encoding in ("ascii", "ebcdic")
    for kind, prelude, terminator in (
        ("len4", b"", b""),
        ("len4_little_endian", b"", b""),
        ("newline", b"", b"\r\n"),
        ("newline", b"$$ADD ID=1\n", b"\n"),
        ("raw", b"", b""),
        ("raw", b"$$ADD ID=ABC BID='X'\r\n", b""),
    )
    if not (encoding == "ebcdic" and prelude)
]


def written(records: list[Record], framing: Framing) -> bytes:
    out = io.BytesIO()
    write_records(records, out, framing)
    return out.getvalue()


@pytest.mark.parametrize("name", X9_NAMES)
def test_a_real_letter_is_copied_byte_for_byte_from_its_fields(name: str) -> None:
    data = sample(f"x9/{name}")
    out = io.BytesIO()
    copy(io.BytesIO(data), out)
    assert out.getvalue() == data
    assert not any(record.faults for record in read_file(data).records)


@pytest.mark.parametrize("name", X9_NAMES)
@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_a_real_letter_survives_every_framing(name: str, framing: Framing) -> None:
    original = read_file(sample(f"x9/{name}"))
    data = written(list(original.records), framing)
    again = read_file(data)
    assert again.framing == framing
    assert [r.fields for r in again.records] == [r.fields for r in original.records]
    assert encode_file(again) == data


def test_the_same_letter_in_ascii_and_ebcdic_has_the_same_fields() -> None:
    ascii_file = read_file(sample("x9/valid-ascii.x937"))
    ebcdic_file = read_file(sample("x9/valid-ebcdic.x937"))
    assert [r.fields for r in ascii_file.records] == [r.fields for r in ebcdic_file.records]


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_a_missing_last_line_end_stays_missing(framing: Framing) -> None:
    data = written(letter(), framing)
    if framing.terminator:
        data = data[: -len(framing.terminator)]
    assert encode_file(read_file(data)) == data
    assert [r.type for r in read_file(data).records][-1] == "99"


@pytest.mark.parametrize("framing", FRAMINGS, ids=str)
def test_line_ends_and_record_marks_inside_an_image_end_nothing(framing: Framing) -> None:
    image = b"\r\n01\n99\r\xf0\xf1\x25\x15" * 7
    items = list(read_items(read_file(written(letter((image, b"")), framing)).records))
    assert [view.image for view in items[0].views] == [image, b""]
    assert [view.side for view in items[0].views] == ["front", "back"]


@settings(max_examples=150, deadline=None)
@given(
    framing=st.sampled_from(FRAMINGS),
    edits=st.lists(st.tuples(st.integers(90, 1200), st.binary(max_size=6)), max_size=4),
    cut=st.integers(0, 200),
    tail=st.binary(max_size=12),
)
def test_whatever_is_damaged_is_copied_byte_for_byte_or_refused(
    framing: Framing, edits: list[tuple[int, bytes]], cut: int, tail: bytes
) -> None:
    data = bytearray(written(letter(), framing))
    for at, piece in edits:
        data[at : at + len(piece)] = piece
    damaged = bytes(data[: len(data) - cut]) + tail
    try:
        file = read_file(damaged)
    except UnreadableError as error:
        assert error.code == "corrupt_file"  # noqa: PT017 - refusing is allowed, losing is not
        return
    assert encode_file(file) == damaged
    assert [r.number for r in file.records] == list(range(1, len(file.records) + 1))


@settings(max_examples=100, deadline=None)
@given(
    spec=st.sampled_from([s for s in SPECS if not s.variable]),
    encoding=st.sampled_from(["ascii", "ebcdic"]),
    body=st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=98, max_size=98),
)
def test_any_record_of_a_fixed_layout_comes_back_as_it_was(
    spec: object, encoding: Encoding, body: str
) -> None:
    assert hasattr(spec, "type")
    raw = (spec.type + body).encode("latin-1" if encoding == "ascii" else "cp037")
    record = decode_record(raw[: spec.length], encoding)
    assert encode_record(record, encoding) == raw[: spec.length]
    assert record.faults in ((), ("ambiguous_credit",))


@given(st.integers(0, 9_999_999_999))
def test_an_amount_is_written_zero_filled_and_read_back(cents: int) -> None:
    record = build_record("25", {"item_amount": cents})
    assert record.fields["item_amount"] == f"{cents:010}"
    assert record.integer("item_amount") == cents


def test_blank_and_zero_stay_distinct() -> None:
    blank, zero = build_record("50", {}), build_record("50", {"view_data_size": 0})
    assert (blank.integer("view_data_size"), zero.integer("view_data_size")) == (None, 0)
    assert encode_record(blank, "ascii") != encode_record(zero, "ascii")


def test_an_unknown_record_type_is_kept_with_its_bytes() -> None:
    strange = b"40" + bytes(range(78))
    data = written(letter()[:2], Framing("len4", "ascii")) + (80).to_bytes(4, "big") + strange
    record = read_file(data).records[-1]
    assert (record.type, record.layout, record.faults) == ("40", "", ("unknown_type",))
    assert encode_file(read_file(data)) == data


def test_a_record_cut_short_by_the_end_of_the_file_is_told_and_kept() -> None:
    data = written(letter(), Framing("len4", "ascii"))[:-20]
    last = read_file(data).records[-1]
    assert (last.type, last.faults) == ("", ("truncated_record",))
    assert encode_file(read_file(data)) == data


def test_records_shorter_and_longer_than_their_layout_are_told() -> None:
    full = encode_record(build_record("25", {"item_amount": 5}), "ascii")
    assert decode_record(full[:60], "ascii").faults == ("short_record",)
    assert decode_record(full[:60], "ascii").integer("item_amount") == 5
    assert decode_record(full + b"!", "ascii").faults == ("long_record",)


def test_a_record_that_claims_gigabytes_is_refused_before_memory_is_taken() -> None:
    data = written(letter()[:1], Framing("len4", "ascii")) + b"\x7f\xff\xff\xffxx"
    with pytest.raises(UnreadableError) as caught:
        read_file(data)
    assert caught.value.code == "corrupt_file"


@pytest.mark.parametrize(
    "data",
    [b"", b"01", b"01,BANK,ME,201023,0911,1,80,,2/\n", b"%PDF-1.7", b"\x00\x00\x00\x50PK", b"0103"],
)
def test_other_files_are_not_taken_for_a_letter(data: bytes) -> None:
    assert sniff(data) is None
    with pytest.raises(UnreadableError) as caught:
        next(read_records(io.BytesIO(data + b" ")))
    assert caught.value.code == "unsupported_file"


def test_a_value_that_does_not_fit_its_field_is_refused() -> None:
    for values in ({"item_amount": 10**10}, {"item_amount": -1}, {"colour": "red"}):
        with pytest.raises(WrongUse):
            build_record("25", values)
    with pytest.raises(WrongUse):
        encode_record(build_record("26", {"payee_name": "\u20ac"}), "ebcdic")


LAYOUT_B_THAT_LOOKS_LIKE_A = {
    "record_usage": "2",
    "epc": "5",
    "posting_routing": "061000146",
    "account_on_us": "12345678/",
    "item_amount": 200,
}
LAYOUT_A_THAT_LOOKS_LIKE_B = {
    "aux_on_us": "212345678901234",
    "posting_routing": "061000146",
    "account_on_us": "12345678901234567890",
    "item_amount": 200,
}


@pytest.mark.parametrize(
    ("layout", "values"),
    [("61A", LAYOUT_A_THAT_LOOKS_LIKE_B), ("61B", LAYOUT_B_THAT_LOOKS_LIKE_A)],
)
def test_a_credit_that_fits_both_layouts_is_settled_by_its_checks(
    layout: str, values: dict[str, str | int | bytes | None]
) -> None:
    credit = decode_record(encode_record(build_record(layout, values), "ascii"), "ascii")
    assert credit.faults == ("ambiguous_credit",)
    checks = [build_record("25", {"item_amount": 150}), build_record("25", {"item_amount": 50})]
    settled = settle_credits([credit, *checks], "ascii")[0]
    assert (settled.layout, settled.faults) == (layout, ())
    assert settle_credits([credit, checks[0]], "ascii")[0].faults == ("ambiguous_credit",)


@pytest.mark.parametrize(("kind", "size"), [("len4", 40_000), ("newline", 40_000), ("raw", 40_000)])
def test_a_large_letter_streams_in_the_memory_of_a_few_records(
    kind: FramingKind, size: int
) -> None:
    framing = Framing(kind, "ebcdic", b"", b"\n" if kind == "newline" else b"")
    one = written(letter((b"\n" * size,)), framing)

    class Endless(io.RawIOBase):
        left = 40

        def __init__(self) -> None:
            self.buffer = b""

        def read(self, count: int = -1) -> bytes:
            if not self.buffer and self.left:
                self.left -= 1
                self.buffer = one
            piece, self.buffer = self.buffer[:count], self.buffer[count:]
            return piece

    tracemalloc.start()
    total = sum(1 for _ in read_records(Endless()))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 40 * 10
    assert peak < 2_000_000
