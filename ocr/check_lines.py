"""Which likely lines are the MICR lines of checks: a quick look, a whole look, then the reading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intake.types import Pixels
from ocr import micr_ctc
from ocr.micr import MicrReading
from ocr.micr_line import ALONG, MicrLine, strip
from ocr.side_by_side import (
    Unread,
    is_one_check,
    on_one_baseline,
    own_reach,
    read_apart,
)
from ocr.timing import step

_FIRST = 14  # cells of the quick look
_SURE, _CERTAIN = 0.8, 0.95
_MOST_SURE, _NEARLY_ALL = 0.7, 0.9
_TRANSIT = 10  # cells on one side of a transit symbol that its digits and its twin take up
_MAX_MISSES = 3  # likely lines that prove to be other type before a side is given up
_ANOTHER = 10.0  # the least score of a check's line on a picture that has shown one already
_BESIDE = 3.0  # cells before a line's first symbol and past its check's edge that are its own yet

Known = list[MicrLine]


def score(line: MicrLine) -> float:
    """How well a line keeps its pitch: checks have 16 to 27, other type 4 and seldom 17."""
    return min(line.marks, 30) * (1.0 - 5.5 * line.misfit)


def check_lines(
    strength: Pixels,
    lines: tuple[MicrLine, ...],
    refused: Known,
    *,
    least: float = 0.0,
    unread: list[Unread] | None = None,
) -> list[MicrReading]:
    """Readings of the lines that are checks, from top to bottom, each line once.

    Lines that prove to be other type go into ``refused``, and those in it are not looked at again;
    nor are lines whose ``score`` is below ``least``. Lines of E-13B that read as no check's go
    into ``unread``, where that is given. Once a picture too small for two checks has shown one,
    only a line as good as another check's is looked at still: that of one behind it.
    """
    kept: list[MicrReading] = []
    unread = [] if unread is None else unread
    misses = 0
    alone = False
    for line in lines:
        if any(_is_of(known, line) for known in kept) or (alone and score(line) < _ANOTHER):
            continue
        if kept and abs(line.pitch / kept[0].line.pitch - 1.0) > 0.12:
            continue
        if not kept and (misses >= _MAX_MISSES or score(line) < least):
            break
        if any(_same_line(known, line) for known in refused):
            misses += 1
            continue
        with step("micr"):
            printed = looks_printed_in_e13b(strength, line)
            found, doubtful = read_apart(strength, line, kept) if printed else ([], [])
        if not printed:
            misses += 1
        found = [new for new in found if not any(_one_place(known, new) for known in kept)]
        kept += found
        unread += doubtful
        if found:
            alone = is_one_check(strength.shape, found[0].dpi)
        else:
            refused.append(line)
    return sorted(kept, key=lambda reading: reading.box[1])


def looks_printed_in_e13b(strength: Pixels, line: MicrLine) -> bool:
    """Whether the net is sure of the line's first cells, or sees a transit field in all of it.

    Of other type it is sure of half at most; what gets past that names hardly a transit symbol.
    """
    first = _peaks(strength, replace(line, right=min(line.right, line.left + _FIRST * line.pitch)))
    chances = np.array([peak.probability for peak in first])
    if int((chances >= _SURE).sum()) < max(3.0, _MOST_SURE * len(chances)):
        return False
    named = any(peak.symbol in "ABCD" and peak.probability >= _SURE for peak in first)
    if named and float(np.mean(chances >= _CERTAIN)) >= _NEARLY_ALL:
        return True
    return _shows_transit(_peaks(strength, line, reach=ALONG))


def _peaks(strength: Pixels, line: MicrLine, *, reach: float = 1.0) -> tuple[micr_ctc.Peak, ...]:
    margins = micr_ctc.MARGIN, micr_ctc.MARGIN
    band, _ = strip(strength, line, micr_ctc.UNIT, *margins, reach=reach)
    return micr_ctc.peaks(micr_ctc.lattice(band[None])[0])


def _shows_transit(peaks: tuple[micr_ctc.Peak, ...]) -> bool:
    """Whether a transit symbol has a field of symbols that are mostly sure on one side."""
    for place, peak in enumerate(peaks):
        if peak.symbol != "A" or peak.probability < 0.5:
            continue
        for beside in (peaks[max(0, place - _TRANSIT) : place], peaks[place + 1 :][:_TRANSIT]):
            sure = sum(other.probability >= _SURE for other in beside)
            if len(beside) >= _TRANSIT - 2 and sure >= _MOST_SURE * len(beside):
                return True
    return False


def _is_of(known: MicrReading, line: MicrLine) -> bool:
    """Whether a line is a check's own, or a part of it: as high, and within the check's reach."""
    middle = (line.left + line.right) / 2
    start, stop = own_reach(known)
    beside = _BESIDE * line.pitch
    return on_one_baseline(known, line, middle) and start - beside < middle < stop + beside


def _one_place(known: MicrReading, new: MicrReading) -> bool:
    """Whether two readings are of the same transit field."""
    at, stop = new.transit_right, known.transit_right
    if at is None or stop is None or not on_one_baseline(known, new.line, at):
        return False
    return abs(at - stop) < _BESIDE * new.line.pitch


def _same_line(known: MicrLine, line: MicrLine) -> bool:
    """Whether two fits are of the same marks, so that both would be seen alike."""
    near = 0.4 * line.height
    return (
        abs(known.bottom_at(line.left) - line.bottom_at(line.left)) < near
        and abs(known.bottom_at(line.right) - line.bottom_at(line.right)) < near
        and abs(known.left - line.left) < line.pitch
        and abs(known.pitch / line.pitch - 1.0) < 0.03
        and abs(known.height / line.height - 1.0) < 0.08
    )
