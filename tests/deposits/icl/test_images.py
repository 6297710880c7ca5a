"""Images of cash letters: coded as banks want them, damage seen, doubtful conditions measured."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deposits.icl import quality, views
from deposits.icl.endorse import endorsed
from deposits.icl.group4 import Bits, to_ink, to_strip, to_tiff, why_not_exact
from deposits.icl.limits import Limits, limits_of
from deposits.icl.t6 import why_not_whole
from deposits.icl.tiff import placed_strip, tiff_findings
from deposits.icl.views import DPI, View
from intake.types import Pixels


def _random(seed: int, height: int, width: int, share: float, run: int) -> Bits:
    """Runs of about so many pixels, each with this chance of ink."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height, width // run + 1)) < share
    return np.repeat(coarse, run, axis=1)[:, :width]


PICTURES = st.builds(
    _random,
    st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 2600),
    st.sampled_from([0.0, 0.02, 0.2, 0.6, 1.0]), st.integers(1, 80),
)  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(PICTURES)
def test_a_picture_comes_back_from_its_file_and_each_code_word_is_known(ink: Bits) -> None:
    tiff = to_tiff(ink, DPI)
    assert tiff_findings(tiff) == []
    placed = placed_strip(tiff)
    assert placed is not None
    strip, width, height, dpi = placed
    assert (height, width, dpi) == (*ink.shape, DPI)
    assert np.array_equal(to_ink(strip, width, height), ink)
    assert why_not_whole(strip, width, height) is None


@settings(max_examples=80, deadline=None)
@given(PICTURES, st.data())
def test_a_stream_of_other_rows_or_cut_short_is_not_whole(ink: Bits, data: st.DataObject) -> None:
    strip = to_strip(ink)
    height, width = ink.shape
    assert why_not_whole(strip, width, height + 1)
    if height > 1:
        assert why_not_whole(strip, width, height - 1)
    kept = data.draw(st.integers(0, max(0, len(strip) - 6)))
    assert why_not_whole(strip[:kept], width, height) or not any(strip[kept:])


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(1, 500), st.integers(1, 60))
def test_no_stream_of_any_bytes_is_more_than_a_refusal(
    strip: bytes, width: int, height: int
) -> None:
    why_not_whole(strip, width, height)


def test_a_stream_coded_otherwise_but_whole_is_taken() -> None:
    """No end of block, and fill bits behind: other makers write so."""
    ink = _random(1, 40, 300, 0.3, 7)
    strip = to_strip(ink)
    assert why_not_exact(strip.rstrip(b"\0") + b"\0\0", ink) is None
    assert why_not_whole(strip + b"\xff" * 8, 300, 40) is not None


def _check(width: float = 6.0, height: float = 2.75) -> Bits:
    ink = np.zeros((round(height * DPI), round(width * DPI)), np.bool_)
    for row in range(60, ink.shape[0] - 60, 60):
        ink[row : row + 14, 60 : ink.shape[1] - 60 : 3] = True
    return ink


def _view(ink: Bits, shades: np.ndarray | None = None) -> View:
    seen = np.where(ink, 20, 235).astype(np.uint8) if shades is None else shades
    return View(ink, seen)


def _names(front: View, back: View | None = None, **known: float) -> set[str]:
    behind = _view(_check()) if back is None else back
    capture = quality.Capture(**known)  # type: ignore[arg-type]
    return {each.name for each in quality.suspects(front, behind, capture)}


def test_a_sound_check_raises_no_condition() -> None:
    assert _names(_view(_check())) == set()
    assert _names(_view(_check(8.5, 3.5)), _view(_check(8.5, 3.5))) == set()


def test_each_condition_is_raised_by_what_it_names() -> None:
    assert _names(_view(_check(5.0, 2.75))) == {"below_minimum_size"}
    assert _names(_view(_check(9.5, 3.5))) == {"above_maximum_size"}
    assert "too_light" in _names(_view(np.zeros((550, 1200), np.bool_)))
    assert "too_dark" in _names(_view(np.ones((550, 1200), np.bool_)))
    streaked = _check()
    streaked[:, 500:512] = True
    assert _names(_view(streaked)) == {"streaks"}
    torn = _check()
    size = np.arange(100)
    torn[:100, :100] |= np.add.outer(size, size) < 90
    assert _names(_view(torn)) == {"folded_corner"}
    spotted = np.zeros((550, 1200), np.bool_)
    spotted[100:115, 60:1100:3] = True
    spotted[200:540:24, 20:1180:60] = spotted[201:541:24, 20:1180:60] = True
    spotted[200:540:24, 21:1181:60] = True
    assert _names(_view(spotted)) == {"spots"}
    assert _names(_view(_check()), outside_share=0.1) == {"partial_image"}
    assert _names(_view(_check()), others=1) == {"piggyback"}
    assert _names(_view(_check()), back_ratio=1.3) == {"front_back_size"}


def test_limits_are_a_banks_own_and_nothing_else() -> None:
    assert limits_of({"skew_degrees": 4}).skew_degrees == 4.0
    with pytest.raises(TypeError):
        limits_of({"colour": 1})
    assert quality.suspects(_view(_check(5.0)), _view(_check(5.0)), quality.Capture(),
                            Limits(least_width=4.5)) == ()  # fmt: skip


def test_what_a_condition_says_is_what_record_54_says() -> None:
    found = quality.suspects(_view(_check(5.0)), _view(_check()), quality.Capture())
    assert quality.analysis(found, "front")["below_min_size"] == 1
    assert quality.analysis(found, "front")["global_image_quality"] == 1
    assert quality.analysis(found, "back")["global_image_quality"] == 2


def test_a_photographs_dark_surround_falls_away_and_the_writing_stays() -> None:
    shades = np.full((550, 1200), 225, np.uint8)
    shades[100:110, 200:900] = 40
    bare = views.to_ink(shades.copy())
    shades[:14] = shades[-20:] = 15
    shades[:, :18] = shades[:, -12:] = 15
    ink = views.to_ink(shades)
    assert np.array_equal(ink[60:500, 60:1140], bare[60:500, 60:1140])
    assert not ink[0].any()
    assert not ink[:, 0].any()


def test_a_wide_desk_around_a_crooked_photographed_check_leaves_no_frame() -> None:
    high, wide, desk = 700, 1500, 90
    paper = np.full((high, wide), 225, np.uint8)
    for x in range(180, 1300, 60):
        cv2.line(paper, (x, 250), (x + 30, 330), (40,), 3)
        cv2.line(paper, (x, 420), (x + 20, 420), (40,), 3)
    paper[:, wide // 2 :] = paper[:, wide // 2 :] * 0.68  # a shadow, and writing in it
    bare = views.to_ink(paper)
    corners = np.array([[desk, 70], [wide - 60, desk], [wide - desk, high - 60], [70, high - 80]])
    around = np.ones((high, wide), np.uint8)
    cv2.fillConvexPoly(around, corners.astype(np.int32), (0,))
    paper[around > 0] = 60
    ink = views.to_ink(paper)
    inside = cv2.erode(1 - around, np.ones((25, 25), np.uint8)) > 0
    assert bare[inside].sum() > 4_000
    assert (ink & bare)[inside].sum() > 0.97 * bare[inside].sum()
    assert ink[~inside].sum() < 0.02 * ink.sum()


@pytest.mark.parametrize("filled", [0.0, 0.5])
def test_an_endorsement_adds_ink_at_the_trailing_edge_and_takes_none_away(filled: float) -> None:
    back = np.random.default_rng(3).random((550, 1200)) < filled * 0.1
    made = endorsed(back, ("FOR DEPOSIT ONLY", "ACCT ******6789", "11/20/2026 DEP-1 7"))
    assert not (back & ~made).any()
    added = np.argwhere(made & ~back)
    assert len(added) > 500
    assert added[:, 1].min() >= 1200 - 1.5 * DPI


def test_an_endorsement_longer_than_the_check_still_fits() -> None:
    made = endorsed(np.zeros((400, 1200), np.bool_), ("FOR DEPOSIT ONLY " * 6,))
    assert made.any()
    assert made.shape == (400, 1200)


def _lying(bed: int, margin: int = 12) -> Pixels:
    """Faint strokes on paper that lies a little crooked on a bed of this shade."""
    paper = np.full((560, 1200), 245, np.uint8)
    for x in range(120, 1080, 40):
        cv2.line(paper, (x, 200), (x + 25, 330), (170,), 2)
    framed = cv2.copyMakeBorder(paper, *(margin,) * 4, cv2.BORDER_CONSTANT, value=(bed,))
    high, wide = framed.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), 0.6, 1.0)
    turned = cv2.warpAffine(framed, turn, (wide, high), borderValue=(bed,))
    grain = np.random.default_rng(1).normal(0, 4, turned.shape)
    shades = np.clip(cv2.GaussianBlur(turned, (0, 0), 0.6) + grain, 0, 255)
    return np.asarray(shades, np.uint8)


def test_a_dark_scanner_bed_takes_no_faint_writing_away() -> None:
    writing = views.to_ink(_lying(bed=245))
    on_dark = views.to_ink(_lying(bed=38))
    assert writing.sum() > 5_000
    assert (on_dark & writing).sum() > 0.85 * writing.sum()
    assert on_dark.sum() < 1.05 * writing.sum()
