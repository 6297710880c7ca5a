"""Checks that lie side by side on one baseline: each line is read on its own check's width alone.

The standard counts every field from the check's right edge, so a transit field tells where its
check ends, and what stands beyond that is the line of another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from intake.types import Box, Pixels
from ocr.e13b import PITCH_INCH
from ocr.micr import MicrReading, read_line, with_boxes
from ocr.micr_glyphs import REJECT
from ocr.micr_grammar import TRANSIT_TO_EDGE
from ocr.micr_line import MicrLine

_MOST_BEFORE = 24  # cells: the longest auxiliary on-us and its blank take up 22 before the transit
_ALONE = 3.5  # cells from a line's first digit to the check's left edge, its symbol between
_MORE = 4  # cells of a line beyond its check's edge that may be another's
_SHIFT = 0.5  # of a cell: 1/16 inch that the standard lets a line stand off
_LARGEST_CHECK = (9.2, 4.4)  # inches; a picture no larger than this is one check
_ONE_ROW = 8.0  # heights between the lines of checks side by side, laid by hand and askew
_ILLEGIBLE = 3  # symbols unread before the transit field, that is no auxiliary on-us then
_LEAST_NAMED = 8  # symbols of a line that read as no check's, and yet may be one's
_DEEPEST = 3  # cuts of one line; a sheet of 17 inches holds two checks and a half

_Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Unread:
    """The box of a line of E-13B, or of a part of one, that read as no check's.

    ``before_transit``: it stands where a check's auxiliary on-us would, or the next check begins.
    """

    box: Box
    before_transit: bool = False


def right_edge(reading: MicrReading) -> float:
    """The x where the check of a line ends by its transit field, in the pixels it was read in."""
    end = reading.transit_right
    if end is None:
        return float(reading.box[0] + reading.box[2])
    return end + TRANSIT_TO_EDGE * PITCH_INCH * reading.dpi


def own_reach(reading: MicrReading) -> _Span:
    """From the line's first symbol to its check's right edge."""
    return float(reading.box[0]), max(right_edge(reading), float(reading.box[0] + reading.box[2]))


def read_apart(
    strength: Pixels, line: MicrLine, beside: Sequence[MicrReading]
) -> tuple[list[MicrReading], list[Unread]]:
    """The checks on one line, and the parts of it that are E-13B and read as none.

    ``beside`` are the checks already found, whose own reach is left out.
    """
    middle = (line.left + line.right) / 2
    row = [other for other in beside if _gap(other, line, middle) < _ONE_ROW * line.height]
    shift = _SHIFT * line.pitch
    reaches = [own_reach(other) for other in row]
    start = max((b for _, b in reaches if b <= middle), default=0.0)
    stop = min((a for a, _ in reaches if a >= middle), default=float(strength.shape[1]))
    stop -= shift if stop < strength.shape[1] else 0.0
    return _parted(strength, line, (start, stop), 0)


def on_one_baseline(known: MicrReading, line: MicrLine, x: float) -> bool:
    """Whether a line stands as high as that of a check, seen from its place ``x``."""
    return _gap(known, line, x) < 1.2 * known.line.height


def _gap(known: MicrReading, line: MicrLine, x: float) -> float:
    return abs(known.line.bottom_at(x) - line.bottom_at(x))


def is_one_check(shape: tuple[int, ...], dpi: float) -> bool:
    """Whether a picture of a shape is too small to hold more than one check."""
    long, short = max(shape), min(shape)
    return bool(long <= _LARGEST_CHECK[0] * dpi and short <= _LARGEST_CHECK[1] * dpi)


def _parted(
    strength: Pixels, line: MicrLine, span: _Span, depth: int
) -> tuple[list[MicrReading], list[Unread]]:
    reading = _read_within(strength, line, span)
    if reading is None:
        return [], []
    own_start, own_stop = span
    wider = not reading.is_check and _reaches_beyond(reading, line)
    if wider:  # by ink that is not of the line's own marks
        own_start = max(own_start, line.left - _ALONE * line.pitch)
        reading = _read_within(strength, line, (own_start, line.right + _ALONE * line.pitch))
    if reading is None or not reading.is_check:
        return [], [Unread(reading.box)] if reading is not None and _is_e13b(reading) else []
    transit = reading.routing_number or reading.branch
    if transit is None or depth >= _DEEPEST or is_one_check(strength.shape, reading.dpi):
        return [reading], []
    found: list[MicrReading] = []
    unread: list[Unread] = []
    edge = right_edge(reading) + _SHIFT * line.pitch
    before = reading.text.partition(transit.value)[0]
    first = float(transit.box[0])
    if before.count("A") > 1 or min(line.left, reading.box[0]) < first - _MOST_BEFORE * line.pitch:
        left = (own_start, first - 1.3 * line.pitch)
        others, doubtful = _parted(strength, _within(line, left), left, depth + 1)
        if others:  # the left check ends where its transit field says, and there this one begins
            own_start = max(right_edge(other) for other in others) - _SHIFT * line.pitch
        found += others
        unread += doubtful
    if max(line.right, reading.box[0] + reading.box[2]) > edge + _MORE * line.pitch:
        right = (edge - 2 * _SHIFT * line.pitch, own_stop)
        others, doubtful = _parted(strength, _within(line, right), right, depth + 1)
        found += others
        unread += doubtful
    own_stop = min(own_stop, edge)
    legible = _own_start(reading, before, first, line.pitch)
    if not found and legible is not None:
        own_start = legible
        x, y, _, height = reading.box
        unread.append(Unread((x, y, round(own_start) - x, height), before_transit=True))
    if wider or found or unread or own_stop < reading.box[0] + reading.box[2]:
        again = _read_within(strength, _within(line, (own_start, own_stop)), (own_start, own_stop))
        reading = again if again is not None and again.is_check else reading
    return [*found, reading], unread


def _own_start(reading: MicrReading, before: str, first: float, pitch: float) -> float | None:
    """Where the line begins, if more stands before its first field than its layout has there.

    ``before`` is what was read before the transit digits, which begin at ``first``.
    """
    aux = reading.aux_on_us
    if aux is not None:
        junk = before.partition(f"C{aux.value}C")[0]
        return aux.box[0] - _ALONE * pitch if junk else None
    junk = before[:-1]
    # An external processing code stands against the transit field.
    code = junk.isdigit() and len(junk) == 1 and reading.box[0] > first - _ALONE * pitch
    illegible = "A" in junk or "C" not in junk or junk.count(REJECT) >= _ILLEGIBLE
    return first - _ALONE * pitch if junk and not code and illegible else None


def _reaches_beyond(reading: MicrReading, line: MicrLine) -> bool:
    left, _, width, _ = reading.box
    beyond = _ALONE * line.pitch
    return left < line.left - beyond or left + width > line.right + beyond


def _is_e13b(reading: MicrReading) -> bool:
    """Whether so much of a line was named that it is no other type."""
    named = [symbol for symbol in reading.text if symbol != REJECT]
    most = len(named) >= max(_LEAST_NAMED, 0.7 * len(reading.text))
    return most and not set("ABCD").isdisjoint(named)


def _within(line: MicrLine, span: _Span) -> MicrLine:
    left = min(max(line.left, span[0]), span[1])
    return replace(line, left=left, right=max(left, min(line.right, span[1])))


def _read_within(strength: Pixels, line: MicrLine, span: _Span) -> MicrReading | None:
    """The line as it reads where only the columns of ``span`` are shown."""
    start, stop = max(0, round(span[0])), min(strength.shape[1], round(span[1]))
    if start == 0 and stop == strength.shape[1]:
        return read_line(strength, line)
    if stop - start < 12 * line.pitch:  # no transit field is shorter
        return None
    shown = replace(
        line,
        left=min(max(0.0, line.left - start), stop - start - 1.0),
        right=min(max(0.0, line.right - start), stop - start - 1.0),
        offset=line.bottom_at(start),
    )
    reading = read_line(strength[:, start:stop], shown)
    return None if reading is None else _moved_right(reading, start)


def _moved_right(reading: MicrReading, columns: int) -> MicrReading:
    """The reading of a picture of which the one read was the part from a column on."""
    line = reading.line
    line = replace(
        line,
        left=line.left + columns,
        right=line.right + columns,
        offset=line.bottom_at(-columns),
    )
    boxed = with_boxes(reading, lambda box: (box[0] + columns, box[1], box[2], box[3]))
    end = reading.transit_right
    return replace(boxed, line=line, transit_right=None if end is None else end + columns)
