"""A batch is parted at its sheets, blanks are marked, and no page is lost or used twice."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.decode import decode
from intake.pixels import open_page, rotate
from intake.separators import MAX_SHEETS, payload_of, read_separator, separator_pdf
from intake.split import PageFacts, examine, plan
from intake.types import Page, Pixels
from records.errors import WrongUse
from tests.corpus import good
from tests.intake.x9.samples import sample

cv2.setNumThreads(1)
SHEETS = [open_page(page).pixels for page in decode(separator_pdf(2, ["A1", "B2"]), "s.pdf").pages]
TEXT = np.asarray(good.text_page(1).convert("L"))
WHITE: Pixels = np.full((2200, 1700), 255, np.uint8)


def bitonal(pixels: Pixels) -> Pixels:
    return np.where(pixels < 128, 0, 255).astype(np.uint8)


def facts(index: int, kind: str = "text", item: int | None = None) -> PageFacts:
    return PageFacts(
        index, 1700, 2200, 200.0, 0.1, kind == "blank", "S" if kind == "sheet" else None, item=item
    )


@given(st.lists(st.sampled_from(["text", "blank", "sheet"]), max_size=30), st.integers(1, 5))
def test_every_page_of_a_scan_is_in_exactly_one_place(kinds: list[str], step: int) -> None:
    pages = [facts(n * step, kind) for n, kind in enumerate(kinds)]
    done = plan(pages)
    placed = list(itertools.chain(*(e.pages for e in done.envelopes)))
    assert sorted([*placed, *done.separators, *done.blanks]) == [p.index for p in pages]
    assert placed == sorted(placed)
    assert all(e.pages for e in done.envelopes)
    sheets = kinds.count("sheet")
    assert len(done.envelopes) <= sheets + 1
    for envelope in done.envelopes:
        between = kinds[envelope.pages[0] // step : envelope.pages[-1] // step + 1]
        assert "sheet" not in between
        assert envelope.single is (sheets > 0 or len(placed) == 1)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20))
def test_every_item_of_a_letter_is_an_envelope_with_all_its_views(
    views: list[tuple[int, bool]],
) -> None:
    views.sort()
    pages = [facts(n, "blank" if blank else "text", item) for n, (item, blank) in enumerate(views)]
    done = plan(pages)
    assert [len(e.pages) for e in done.envelopes] == [
        len(list(group)) for _, group in itertools.groupby(item for item, _ in views)
    ]
    assert all(envelope.single for envelope in done.envelopes)
    assert (done.separators, done.blanks) == ((), ())


def test_sheets_part_envelopes_and_belong_to_none() -> None:
    kinds = ["text", "sheet", "blank", "text", "text", "sheet", "sheet", "text", "blank"]
    done = plan([facts(n, kind) for n, kind in enumerate(kinds)])
    assert [e.pages for e in done.envelopes] == [(0,), (3, 4), (7,)]
    assert [e.separator for e in done.envelopes] == [None, "S", "S"]
    assert done.separators == (1, 5, 6)
    assert done.blanks == (2, 8)


@pytest.mark.parametrize(
    ("kinds", "single"),
    [(["text"], True), (["text", "blank"], True), (["text", "text"], False), (["blank"], None)],
)
def test_a_file_without_sheets_is_single_only_with_one_page(
    kinds: list[str], single: bool | None
) -> None:
    done = plan([facts(n, kind) for n, kind in enumerate(kinds)])
    assert [e.single for e in done.envelopes] == ([] if single is None else [single])


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [100, 150, 200, 300])
def test_a_printed_sheet_is_found_either_way_up_in_black_and_white(degrees: int, dpi: int) -> None:
    scan = cv2.resize(SHEETS[0], None, fx=dpi / 200, fy=dpi / 200, interpolation=cv2.INTER_AREA)
    scan = rotate(bitonal(np.asarray(scan, dtype=np.uint8)), degrees)
    assert read_separator(scan) == payload_of("A1")


def test_a_sheet_that_is_skewed_noisy_and_stained_is_found() -> None:
    turn = cv2.getRotationMatrix2D((850, 1100), 2.5, 1.0)
    scan = cv2.warpAffine(SHEETS[1], turn, (1700, 2200), borderValue=255).astype(np.int16)
    scan += np.random.default_rng(1).normal(0, 40, scan.shape).astype(np.int16)
    stained = bitonal(np.clip(scan, 0, 255).astype(np.uint8))
    stained[700:760, 600:760] = 0
    assert read_separator(stained) == payload_of("B2")


def test_a_sheet_is_found_by_its_bars_when_its_square_is_torn_off() -> None:
    torn = bitonal(SHEETS[0])
    torn[:1150] = 255
    assert read_separator(torn) == payload_of("A1")


def test_mail_is_no_sheet() -> None:
    assert read_separator(TEXT) is None
    assert examine(Page(0, WHITE, 200.0)).separator is None


@pytest.mark.parametrize("count", [0, -1, MAX_SHEETS + 1])
def test_a_silly_number_of_sheets_is_refused(count: int) -> None:
    with pytest.raises(WrongUse):
        separator_pdf(count)


def test_each_sheet_has_a_number_of_its_own() -> None:
    pages = decode(separator_pdf(5), "s.pdf").pages
    payloads = {read_separator(open_page(page).pixels) for page in pages}
    assert len(payloads) == 5
    assert None not in payloads
    assert all(any(w.text == "SEPARATOR" for w in page.words) for page in pages)


def specks() -> Pixels:
    page = WHITE.copy()
    rng = np.random.default_rng(2)
    for y, x in zip(rng.integers(0, 2199, 300), rng.integers(0, 1699, 300), strict=True):
        page[y : y + 2, x : x + 2] = 0
    return page


def edges_and_holes() -> Pixels:
    page = WHITE.copy()
    page[:, :6] = 0
    page[-5:] = 0
    for y in (500, 1100, 1700):
        cv2.circle(page, (90, y), 26, 0, -1)
    return page


def bleed_through() -> Pixels:
    return np.where(TEXT == 0, 215, 240).astype(np.uint8)[:, ::-1].copy()


def gray_paper() -> Pixels:
    slope = np.linspace(150, 220, 1700, dtype=np.float32)
    noise = np.random.default_rng(3).normal(0, 4, (2200, 1700))
    return np.clip(slope[None, :] + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("make", [WHITE.copy, specks, edges_and_holes, bleed_through, gray_paper])
def test_a_blank_page_is_marked_through_dirt(make: object) -> None:
    assert callable(make)
    assert examine(Page(0, make(), 200.0)).blank


def endorsed() -> Pixels:
    page = WHITE.copy()
    cv2.putText(page, "J. Smith", (300, 400), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.6, 0, 2)
    return page


def one_word() -> Pixels:
    page = WHITE.copy()
    cv2.putText(page, "VOID", (800, 1100), cv2.FONT_HERSHEY_PLAIN, 2, 0, 2)
    return page


def pencil() -> Pixels:
    page = np.full((2200, 1700), 235, np.uint8)
    cv2.putText(page, "Deceased, return", (300, 900), cv2.FONT_HERSHEY_SIMPLEX, 2, 150, 4)
    return page


def faint_type() -> Pixels:
    return np.where(TEXT == 0, 207, 245).astype(np.uint8)


def dark_type() -> Pixels:
    return np.where(TEXT == 0, 0, 50).astype(np.uint8)


def black() -> Pixels:
    return np.zeros_like(WHITE)


def static() -> Pixels:
    return np.random.default_rng(4).integers(0, 255, WHITE.shape).astype(np.uint8)


@pytest.mark.parametrize("make", [faint_type, dark_type, black, static])
def test_a_page_that_is_not_surely_paper_is_no_blank(make: object) -> None:
    assert callable(make)
    look = examine(Page(0, make(), 200.0))
    assert not look.bare
    assert plan([look]).blanks == ()


def test_faint_marks_are_blank_only_where_a_page_before_may_show_through() -> None:
    alone = examine(Page(1, bleed_through(), 200.0))
    assert plan([alone]).blanks == ()
    assert plan([examine(Page(0, TEXT, 200.0)), alone]).blanks == (1,)
    assert plan([examine(Page(0, WHITE, 200.0)), alone]).blanks == (0,)
    assert plan([examine(Page(0, TEXT[:700], 200.0)), alone]).blanks == ()


@given(st.integers(0, 396), st.integers(0, 290), st.integers(1, 4), st.integers(1, 60))
def test_a_bar_is_ink_unless_a_speck_or_thin_at_the_edge(
    x: int, y: int, thick: int, long: int
) -> None:
    long = min(long, 300 - y)
    page = np.full((300, 400), 255, np.uint8)
    page[y : y + long, x : x + thick] = 0
    edge = min(x, y, 400 - x - thick, 300 - y - long)
    thin = min(thick / 400, long / 300) < 0.03
    counts = thick * long >= 6 and not (edge <= 1 and thin)
    assert examine(Page(0, page, 100.0)).ink * page.size == pytest.approx(thick * long * counts)


@pytest.mark.parametrize("shape", [(1, 3000), (3000, 1), (1, 1), (2, 40)])
def test_a_strip_of_pixels_is_looked_at_without_harm(shape: tuple[int, int]) -> None:
    examine(Page(0, np.zeros(shape, np.uint8), None))
    examine(Page(0, np.full(shape, 255, np.uint8), 300.0))


@pytest.mark.parametrize("make", [TEXT.copy, endorsed, one_word, pencil])
@pytest.mark.parametrize("dpi", [200.0, None])
def test_a_page_with_a_word_on_it_is_not_blank(make: object, dpi: float | None) -> None:
    assert callable(make)
    assert not examine(Page(0, make(), dpi)).blank


@pytest.mark.parametrize(
    ("width", "height", "dpi", "check"),
    [
        (1200, 550, 200.0, True),
        (1700, 700, 200.0, True),
        (550, 1200, 200.0, True),
        (1700, 2200, 200.0, False),
        (300, 137, 200.0, False),
        (3000, 1375, None, True),
        (3000, 2000, None, False),
    ],
)
def test_a_page_of_the_size_of_a_check_is_told(
    width: int, height: int, dpi: float | None, check: bool
) -> None:
    page = Page(0, np.full((height, width), 255, np.uint8), dpi)
    assert examine(page).check_shaped is check


def test_a_real_letter_is_one_envelope_an_item() -> None:
    pages = decode(sample("x9/vendor_test_dstu.x9"), "x").pages
    done = plan([examine(open_page(page)) for page in pages])
    assert [e.pages for e in done.envelopes] == [(n, n + 1) for n in range(0, 20, 2)]
