"""One case read and judged: verdicts by field, processor time by step, and what amounts said."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from bench.checks.cases import Case
from intake.pixels import decode_image
from intake.types import Page
from ocr import timing
from ocr.check import CHECK_FIELDS, read_check_back
from ocr.check_amounts import AmountReading, watching
from ocr.classify import classify
from ocr.read import read_pages
from ocr.types import Field, Reading
from web.demo.scoring import Verdict, verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One field of one check: the verdict, and the confidence (0 when unread)."""

    field: str
    verdict: Verdict
    confidence: float


@dataclass(frozen=True, slots=True)
class Amount:
    """What the check said of its amount, for judging evidence apart: no reader saw the truth.

    ``readings`` maps ``numerals``, ``words`` and ``both`` to cents and confidence; ``rivals`` are
    the other amounts of ``both`` with theirs; ``contradicted`` tells that it warned.
    """

    truth: int | None
    readings: dict[str, tuple[int, float]]
    rivals: tuple[tuple[int, float], ...] = ()
    contradicted: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A case after reading: what it was, how it came out; small enough to keep thousands."""

    index: int
    design: str
    hand: str
    capture: str
    writing: str
    kind: str
    held_out: bool
    found: bool
    rows: tuple[Row, ...]
    amount: Amount
    front_ms: float
    back_ms: float
    steps_ms: dict[str, float] = field(default_factory=dict)
    peers: tuple[tuple[str, str, Verdict], ...] = ()
    peers_ms: dict[str, float] = field(default_factory=dict)


def judge(index: int, case: Case) -> Judged:
    """Read the front (and the back) as ``lockbox read`` does, and compare with the truth."""
    kept = stored(case.page)
    begun = time.process_time()
    with timing.measuring() as seconds, watching() as amounts:
        with timing.step("decode"):
            page = opened(kept, case.page.index, case.page.dpi)
        readings = read_pages((page,), single_envelope=True)
    front_ms = 1000 * (time.process_time() - begun)
    reading = next((one for one in readings if one.kind == "check"), None)
    steps = {name: 1000 * spent for name, spent in seconds.items()}
    steps["other"] = max(0.0, front_ms - sum(steps.values()))
    fields: dict[str, Field | None] = {} if reading is None else dict(reading.fields)
    back_ms = 0.0
    if case.back is not None:
        begun = time.process_time()
        fields["endorsed"] = _endorsed(case.back)
        back_ms = 1000 * (time.process_time() - begun)
    rows = judged_rows(case.truth, fields)
    return Judged(
        index, case.design, case.hand, case.capture, case.writing, case.kind, case.held_out,
        reading is not None, rows, _amount(case.truth, reading, amounts), front_ms, back_ms, steps,
    )  # fmt: skip


def stored(page: Page) -> bytes:
    """The picture as it lies in the store: 1-bit or gray PNG, colour JPEG."""
    pixels = page.pixels
    if pixels.ndim == 3:
        return cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
    options = [cv2.IMWRITE_PNG_COMPRESSION, 1]
    if not np.any((pixels != 0) & (pixels != 255)):
        options += [cv2.IMWRITE_PNG_BILEVEL, 1]
    return cv2.imencode(".png", pixels, options)[1].tobytes()


def opened(data: bytes, index: int, dpi: float | None) -> Page:
    """The page of what ``stored`` gave."""
    return Page(index, decode_image(data), dpi)


def _endorsed(back: Page) -> Field | None:
    seen = classify(back, after_check=True)
    if seen.kind != "check_back":
        return None
    return read_check_back(seen.page, seen.back).fields.get("endorsed")


def judged_rows(
    truth: Mapping[str, Any], fields: Mapping[str, Field | None]
) -> tuple[Row, ...]:  # fmt: skip
    """A row for every field that the truth names; nothing there and nothing read says nothing."""
    rows: list[Row] = []
    for name in (*CHECK_FIELDS, "endorsed"):
        if name not in truth:
            continue
        read = fields.get(name)
        value = None if read is None else read.value
        if name == "micr_line" and value is not None and "?" in str(value):
            value = None  # a line with a rejected symbol is not read
        if value is None and truth[name] is None:
            continue
        given = 0.0 if read is None or value is None else float(read.confidence)
        rows.append(Row(name, verdict(name, truth[name], value), given))
    return tuple(rows)


def _amount(
    truth: Mapping[str, Any], reading: Reading | None, amounts: Sequence[AmountReading]
) -> Amount:
    """What numerals and words said by themselves (their posteriors), and the field of both."""
    if reading is None or not amounts:
        return Amount(truth["amount_cents"], {})
    seen = amounts[0]
    said: dict[str, tuple[int, float]] = {}
    for source, alone in (("numerals", seen.numerals), ("words", seen.words)):
        if alone is not None and alone.best is not None:
            said[source] = alone.best
    both = reading.fields.get("amount_cents")
    if both is None or both.value is None:
        return Amount(truth["amount_cents"], said)
    said["both"] = (int(both.value), float(both.confidence))
    rivals = tuple((int(other.value), float(other.confidence)) for other in both.alternatives)
    warned = any(warning.code == "amount_mismatch" for warning in reading.warnings)
    return Amount(truth["amount_cents"], said, rivals, warned, both.source)
