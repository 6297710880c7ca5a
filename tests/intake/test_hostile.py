"""Hostile and broken files end with a code of their own, soon, and take nothing along."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest

from intake import starter
from intake.decode import decode, decode_pages
from intake.limits import Limits
from intake.types import PageProblem
from records.errors import UnreadableError
from tests.corpus import good, hostile

FILES = hostile.hostile_files()
MIB = 1024 * 1024


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(FILES) >= 25
    assert len({name for name, _, _ in FILES}) == len(FILES)
    assert len(next(data for name, data, _ in FILES if name == "bomb.pdf")) < 2048


@pytest.mark.parametrize(("name", "data", "codes"), FILES, ids=[name for name, _, _ in FILES])
def test_a_hostile_file_is_refused_with_its_code(
    name: str, data: bytes, codes: frozenset[str]
) -> None:
    started = time.monotonic()
    with pytest.raises(UnreadableError) as caught:
        decode(data, name)
    assert caught.value.code in codes
    assert caught.value.message
    assert caught.value.remedy
    assert name not in str(caught.value)
    assert time.monotonic() - started < 20


def test_a_wrong_name_changes_nothing() -> None:
    assert decode(good.digital_pdf(), "photo.jpg").media_type == "application/pdf"


@pytest.mark.parametrize(
    ("name", "data", "codes"), hostile.slow_files(), ids=[n for n, _, _ in hostile.slow_files()]
)
def test_a_file_that_keeps_the_decoder_busy_is_stopped(
    name: str, data: bytes, codes: frozenset[str]
) -> None:
    for limits in (
        Limits(silence_seconds=1.0),
        Limits(total_seconds=1.0),
        Limits(cpu_seconds=1),
    ):
        started = time.monotonic()
        with pytest.raises(UnreadableError) as caught:
            decode(data, name, limits)
        assert caught.value.code in codes
        assert time.monotonic() - started < 8


def test_a_decoder_short_of_memory_is_told_apart() -> None:
    page = good.saved(good.text_page(1, "RGB", (4000, 4000)), "PNG")
    starter.end()  # what one holds that has decoded every kind would leave too little to begin
    with pytest.raises(UnreadableError) as caught:
        decode(page, "large.png", Limits(memory_bytes=120 * MIB))
    assert caught.value.code == "decode_memory"


# The most that any child has held is kept for as long as a process lives: it is asked in one of
# its own, below which is only the decoder.
_DECODES_A_BOMB = """
import resource
from intake import starter
from intake.decode import decode
from intake.limits import Limits
from records.errors import UnreadableError
from tests.corpus import hostile

data = hostile.wrapped_bomb().replace(b"/ASCII85Decode", b"/ASCII85Decode/A85", 1)
try:
    decode(data, "x.pdf", Limits(memory_bytes=400 * 1024 * 1024))
except UnreadableError:
    starter.end()
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_bomb_that_hides_stays_within_the_memory_limit() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DECODES_A_BOMB],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 0 < int(done.stdout) < 1100 * 1024


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(max_file_bytes=1000), "too_large"),
        (Limits(max_pages=2), "too_many_pages"),
        (Limits(max_page_pixels=1_000_000), "too_many_pixels"),
    ],
)
@pytest.mark.parametrize("data", [good.digital_pdf(3), good.g4_tiff(3)], ids=["pdf", "tiff"])
def test_limits_are_the_callers_to_set(data: bytes, limits: Limits, code: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(data, "x", limits)
    assert caught.value.code == code


def test_one_bad_page_does_not_take_the_others_along() -> None:
    file = decode(hostile.page_among_good_ones(), "x.pdf")
    assert [page.index for page in file.pages] == [0, 2]
    assert [(p.index, p.code) for p in file.problems] == [(1, "too_many_pixels")]
    assert file.problems[0].message


def test_problems_keep_their_place_among_the_pages() -> None:
    parts = list(decode_pages(hostile.page_among_good_ones(), "x.pdf"))
    assert [part.index for part in parts] == [0, 1, 2]
    assert isinstance(parts[1], PageProblem)


def test_a_large_file_streams_through_a_small_parent() -> None:
    data = good.g4_tiff(15)
    tracemalloc.start()
    pages = sum(1 for _ in decode_pages(data, "bag.tif"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert pages == 15
    assert peak < 4 * MIB


def test_scripts_and_embedded_files_stay_inert() -> None:
    action = b"<</S/JavaScript/JS(app.launchURL\\('http://127.0.0.1:9/'\\))>>"
    launch = b"<</S/Launch/F(/bin/sh)>>"
    data = hostile.pdf_of(
        [
            b"<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/Contents 4 0 R/MediaBox[0 0 612 792]/AA<</O 6 0 R>>>>",
            b"<</Length 28>>stream\n100 100 m 500 600 l 9 w S    \nendstream",
            action,
            launch,
        ]
    )
    file = decode(data, "active.pdf")
    assert [page.index for page in file.pages] == [0]
