"""The reader of scanlines beside Tesseract on drawn coupons: right, wrong, unread."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from bench.scanlines.drawing import DECOYS, Drawn, draw, font_file
from intake.pixels import gray as to_gray
from intake.types import Page
from ocr import engine
from ocr.scanline import CouponNumbers, parse_scanline
from ocr.scanline_finder import find_scanline
from ocr.text import from_words
from web.demo.group import make_group

COUNT = 420
_ACCOUNTS = 300
_FOOT = 0.8  # inches of the coupon that the peer's best case is given
READERS = ("ours", "tesseract page", "tesseract foot")


def measure(seed: int = 7, count: int | None = None) -> dict[str, Any]:
    """Right, wrong, unread of each reader; a decoy unread is right."""
    group = make_group(seed, accounts=_ACCOUNTS)
    counts: dict[str, dict[str, list[int]]] = defaultdict(lambda: {r: [0, 0, 0] for r in READERS})
    seconds: dict[str, list[float]] = {reader: [] for reader in READERS}
    how: dict[str, int] = defaultdict(int)
    wrong: list[dict[str, Any]] = []
    for index in range(count or COUNT):
        drawn = draw(group, seed, index)
        for reader in READERS:
            begun = time.process_time()
            said, by = _read(reader, drawn.page)
            seconds[reader].append(time.process_time() - begun)
            verdict = _verdict(said, drawn)
            for name in _groups(drawn):
                counts[name][reader][verdict] += 1
            how[by] += reader == "ours" and said is not None
            if verdict == 1:
                wrong.append({"reader": reader, "index": index, "trouble": drawn.trouble,
                              "said": said and said.account_number})  # fmt: skip
    return {
        "bench": "scanline", "seed": seed, "lines": count or COUNT,
        "typeface_by_others": font_file() is not None,
        "counts": {name: counts[name] for name in sorted(counts)},
        "ours_by": {name: number for name, number in sorted(how.items()) if number},
        "cpu_ms_median": {r: round(1000 * float(np.median(s)), 1) for r, s in seconds.items()},
        "wrong": wrong,
    }  # fmt: skip


def _read(reader: str, page: Page) -> tuple[CouponNumbers | None, str]:
    if reader == "ours":
        seen = find_scanline(page.pixels, page.dpi)
        return (seen.numbers, seen.how) if seen is not None else (None, "")
    words = engine.text_engine()
    if reader == "tesseract page":
        found = words.read_words(page.pixels, page.dpi)
    else:
        foot = to_gray(page.pixels)[-round(_FOOT * (page.dpi or 200.0)) :]
        found = words.read_words(np.ascontiguousarray(foot), page.dpi, psm=11,
                                 characters="0123456789")  # fmt: skip
    lines = from_words(0, "", found).lines
    return next((n for line in lines if (n := parse_scanline(line.text))), None), ""


def _verdict(said: CouponNumbers | None, drawn: Drawn) -> int:
    """0 right, 1 wrong, 2 unread; nothing said of a decoy is right."""
    if said == drawn.numbers:
        return 0
    return 2 if said is None else 1


def _groups(drawn: Drawn) -> tuple[str, ...]:
    whole = "decoys" if drawn.trouble in DECOYS else "lines"
    more = () if whole == "decoys" else (f"face {drawn.face}", f"{drawn.mode} {drawn.dpi}")
    return whole, f"trouble {drawn.trouble}", *more


def lines(result: Mapping[str, Any]) -> Iterable[str]:
    """The report for a terminal."""
    yield f"{result['lines']} coupons, seed {result['seed']}; right / wrong / unread"
    yield f"{'':<28}" + "".join(f"{reader:<20}" for reader in READERS)
    for name, by in result["counts"].items():
        cells = "".join(f"{' / '.join(map(str, by[reader])):<20}" for reader in READERS)
        yield f"{name:<28}{cells}"
    yield f"read by {result['ours_by']}, processor milliseconds {result['cpu_ms_median']}"
