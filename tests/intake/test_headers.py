"""The parent's own look at untrusted bytes ends in an answer or a refusal, and in nothing else."""

from __future__ import annotations

import contextlib
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.headers import check_headers, tiff_frames
from intake.limits import Limits
from intake.sniff import sniff
from records.errors import UnreadableError
from tests.corpus import good
from tests.corpus.hostile import many_page_tiff

SMALL = good.text_page(1, "L", (40, 30))
FILES = [
    good.saved(SMALL, "TIFF"),
    good.saved(SMALL, "TIFF", big_tiff=True),
    good.saved(SMALL, "PNG"),
    good.saved(SMALL, "JPEG"),
    good.heic_photo(),
    good.digital_pdf(),
    good.x9_letter()[:900],
    b"ISA*00*" + b" " * 96 + b"*:~ST*835*1~IEA*1*1~",
]


@settings(max_examples=400, deadline=None)
@given(
    data=st.sampled_from(FILES),
    edits=st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=8)), max_size=6),
    cut=st.one_of(st.none(), st.integers(0, 2000)),
)
def test_damaged_headers_are_refused_and_never_break_the_parent(
    data: bytes, edits: list[tuple[int, bytes]], cut: int | None
) -> None:
    damaged = bytearray(data[:cut])
    for at, piece in edits:
        damaged[at : at + len(piece)] = piece
    with contextlib.suppress(UnreadableError):
        check_headers(bytes(damaged), sniff(bytes(damaged)), Limits())


@given(st.binary(max_size=300))
def test_any_bytes_are_sniffed_or_refused(data: bytes) -> None:
    with contextlib.suppress(UnreadableError):
        check_headers(data, sniff(data), Limits())


def test_a_place_beyond_what_a_machine_can_count_is_refused() -> None:
    with pytest.raises(UnreadableError) as caught:
        tiff_frames(b"II+\0" + struct.pack("<HHQ", 8, 0, 2**64 - 1), Limits())
    assert caught.value.code == "truncated_file"


@pytest.mark.parametrize("big", [False, True])
def test_the_pages_of_a_tiff_are_counted_and_measured(big: bool) -> None:
    pages = [good.text_page(n, "1", (100 + n, 50)) for n in range(3)]
    data = good.saved(pages[0], "TIFF", save_all=True, append_images=pages[1:], big_tiff=big)
    frames = tiff_frames(data, Limits())
    assert [(frame.width, frame.height) for frame in frames] == [(100, 50), (101, 50), (102, 50)]


def test_a_tiff_at_the_page_limit_passes_and_one_over_does_not() -> None:
    assert len(tiff_frames(many_page_tiff(20), Limits(max_pages=20))) == 20
    with pytest.raises(UnreadableError, match="more than 19 pages"):
        tiff_frames(many_page_tiff(20), Limits(max_pages=19))


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff" + b"\xff" * 20_000_000,
        b"\xff\xd8" + b"\xff\xe0\x00\x02" * 5_000_000,
    ],
    ids=["fill", "segments"],
)
def test_an_endless_jpeg_header_is_left_soon(data: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableError):
        check_headers(data, "jpeg", Limits())
    assert time.monotonic() - started < 2


def test_pages_that_share_a_hundred_thousand_strips_are_refused_soon() -> None:
    strips = struct.pack("<I", 8) * 100_000
    page = 8 + len(strips)
    size = 2 + 4 * 12 + 4
    data = b"II*\0" + struct.pack("<I", page) + strips
    for number in range(100):
        data += struct.pack("<H", 4)
        for tag, kind, count, value in (
            (256, 4, 1, 1), (257, 4, 1, 1), (273, 4, 100_000, 8), (279, 4, 100_000, 8),
        ):  # fmt: skip
            data += struct.pack("<HHII", tag, kind, count, value)
        data += struct.pack("<I", page + size * (number + 1) if number < 99 else 0)
    with pytest.raises(UnreadableError) as caught:
        tiff_frames(data, Limits())
    assert caught.value.code == "corrupt_file"


def test_a_directory_that_claims_a_thousand_million_strips_is_refused() -> None:
    entry = struct.pack("<HHII", 273, 4, 1_000_000_000, 8)
    data = b"II*\0" + struct.pack("<IH", 8, 1) + entry + bytes(100)
    with pytest.raises(UnreadableError) as caught:
        tiff_frames(data, Limits())
    assert caught.value.code == "corrupt_file"
