"""Reads the MICR line of a check: finds it, reads it twice, and says how sure each field is.

A wrong digit is far worse than an unread one. A field is given 0.9 or more only when every symbol
in it was accepted, two readings at different scales agree, no glyph-sized ink is left unexplained
beside it, no blank cell interrupts it, and the layout (and ABA check digit) holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels
from ocr import micr_grammar as grammar
from ocr.micr_glyphs import (
    MARGIN,
    PITCH,
    REJECT,
    UNIT,
    Glyph,
    glyph_sized,
    ink_between,
    ink_level,
    left_edge,
    read_strip,
    unexplained,
)
from ocr.micr_grammar import MicrParts, Span, aba_valid, digits_only
from ocr.micr_line import MicrLine, find_lines, glyph_marks, ink_strength, mask, strip, to_page_box

_END_REACH = 3.2  # cells: a mark farther off than this is not part of the line
_SPLIT = 26.0
_BLOT = 2.6  # square units of ink that could hide a symbol


@dataclass(frozen=True, slots=True)
class MicrPart:
    """One field of the line: its text, the probability that it is right, its box."""

    value: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class MicrReading:
    """A MICR line as read; ``text`` has ``?`` for unread symbols, boxes are in image pixels.

    ``account_if_serial_first`` is the other way to cut on-us (serial, then account) when the
    line itself does not tell: ``(serial, account)``.
    """

    text: str
    confidence: float
    box: Box
    line: MicrLine
    routing_number: MicrPart | None = None
    on_us: MicrPart | None = None
    aux_on_us: MicrPart | None = None
    account_number: MicrPart | None = None
    check_number: MicrPart | None = None
    amount_cents: MicrPart | None = None
    account_if_serial_first: tuple[str, str] | None = None
    transit_right: float | None = None

    @property
    def dpi(self) -> float:
        """Resolution by the 1/8-inch pitch."""
        return self.line.dpi

    @property
    def is_check(self) -> bool:
        """Whether a full transit field with a valid ABA number was read."""
        return self.routing_number is not None and aba_valid(self.routing_number.value)


@dataclass(frozen=True, slots=True)
class _Cells:
    """The symbols of one line in order, with blank cells before each and trust in each."""

    glyphs: tuple[Glyph, ...]
    gaps: tuple[int, ...]
    clean: tuple[bool, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.symbol for glyph in self.glyphs)


def read_micr(pixels: Pixels, dpi: float | None = None) -> MicrReading | None:
    """Read the MICR line of an upright gray image of a check or strip; None when there is none.

    ``dpi`` only tunes the local contrast; the resolution is measured from the line.
    """
    gray = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    strength = ink_strength(np.asarray(gray, np.uint8), dpi or 200.0)
    lines = find_lines(glyph_marks(mask(strength)))
    return best_reading(strength, lines)


def best_reading(strength: Pixels, lines: tuple[MicrLine, ...]) -> MicrReading | None:
    """The best of a few candidate lines, None when none reads as E-13B."""
    best: MicrReading | None = None
    for line in lines[:3]:
        if not looks_printed_in_e13b(strength, line):
            continue
        reading = read_line(strength, line)
        if reading is None:
            continue
        if reading.is_check:
            return reading
        if best is None or _read_symbols(reading.text) > _read_symbols(best.text):
            best = reading
    return best


def looks_printed_in_e13b(strength: Pixels, line: MicrLine) -> bool:
    """A quick look at a few cells of the line itself: does half of it read?"""
    middle = replace(line, left=line.left, right=min(line.right, line.left + 14 * line.pitch))
    band, _ = strip(strength, middle, UNIT, MARGIN, MARGIN, reach=1.0)
    glyphs = read_strip(band, ask_net=False)
    read = sum(glyph.match >= 0.66 and glyph.margin > 0.05 for glyph in glyphs)
    return len(glyphs) >= 3 and read >= max(3, 0.5 * len(glyphs))


def read_line(strength: Pixels, line: MicrLine) -> MicrReading | None:
    """Read one line; None when fewer than three symbols are left."""
    band, to_page = strip(strength, line, UNIT, MARGIN, MARGIN)
    cells = _assemble(band)
    if cells is None:
        return None
    again = _second_look(strength, line)
    return _interpret(cells, again, line, to_page)


def _second_look(strength: Pixels, line: MicrLine) -> str:
    """The same line at another scale and threshold, as text."""
    taller = replace(line, height=line.height * 1.05, pitch=line.pitch * 1.004)
    hard = mask(strength, 96.0 if strength.max() > 150 else 60.0)
    soft = np.asarray(cv2.GaussianBlur(hard, (0, 0), max(0.4, line.height / 40)), np.uint8)
    band, _ = strip(soft, taller, UNIT, MARGIN, MARGIN)
    cells = _assemble(band)
    return cells.text if cells else ""


def _assemble(band: NDArray[np.float32]) -> _Cells | None:
    level = ink_level(band)
    marks = glyph_sized(band, level)
    glyphs = _trim(read_strip(band), band, level, marks)
    if sum(glyph.symbol != REJECT for glyph in glyphs) < 3:
        return None
    gaps, regular = [0], [True]
    for before, after in pairwise(glyphs):
        cells = (after.right - before.right) / PITCH
        gaps.append(max(0, round(cells) - 1))
        regular.append(abs(cells - round(cells)) <= 0.3)
    stray = unexplained(marks, glyphs)
    blots = _blots(band, level, glyphs)
    clean = []
    for number, glyph in enumerate(glyphs):
        near = any(-1.7 * PITCH <= x - glyph.right <= 0.9 * PITCH for x in stray)
        at_edge = glyph.right - 0.75 * PITCH < 2 or glyph.right > band.shape[1] - 1
        blotted = blots[number] or blots[number + 1]
        clean.append(not near and not at_edge and not blotted and regular[number])
    return _Cells(glyphs, tuple(gaps), tuple(clean))


def _blots(band: NDArray[np.float32], level: float, glyphs: tuple[Glyph, ...]) -> list[bool]:
    """Whether ink of any shape lies before each symbol and after the last: a hidden symbol."""
    edge = 1.6 * PITCH
    places = [(left_edge(glyphs[0]) - edge, left_edge(glyphs[0]) - 3.0)]
    places += [(a.right + 3.0, left_edge(b) - 3.0) for a, b in pairwise(glyphs)]
    places.append((glyphs[-1].right + 3.0, glyphs[-1].right + edge))
    return [ink_between(band, level, start, stop) > _BLOT for start, stop in places]


def _trim(
    glyphs: tuple[Glyph, ...],
    band: NDArray[np.float32],
    level: float,
    marks: NDArray[np.float64],
) -> tuple[Glyph, ...]:
    """Drop what is no symbol at the ends: borders, rules, handwriting, far-off marks."""
    centres = marks[:, 0] + marks[:, 2] / 2

    def is_mark(glyph: Glyph) -> bool:
        inside = (centres > glyph.right - 0.8 * PITCH) & (centres <= glyph.right + 2)
        return bool(inside.any())

    first = next((n for n, g in enumerate(glyphs) if g.symbol != REJECT), len(glyphs))
    last = len(glyphs) - next(
        (n for n, g in enumerate(reversed(glyphs)) if g.symbol != REJECT), len(glyphs)
    )

    def is_inky(glyph: Glyph) -> bool:
        return ink_between(band, level, glyph.right - 0.8 * PITCH, glyph.right + 1) > _BLOT

    kept = [
        glyph
        for number, glyph in enumerate(glyphs)
        if glyph.symbol != REJECT or (is_inky(glyph) if first < number < last else is_mark(glyph))
    ]
    groups: list[list[Glyph]] = []
    for glyph in kept:
        far = groups and glyph.right - groups[-1][-1].right > _SPLIT * PITCH
        if not groups or far:
            groups.append([])
        groups[-1].append(glyph)
    if not groups:
        return ()
    best = max(groups, key=lambda group: sum(g.symbol != REJECT for g in group))
    while best and best[0].symbol == REJECT and _ends_off(best[0], best[1:2]):
        best = best[1:]
    while best and best[-1].symbol == REJECT and _ends_off(best[-1], best[-2:-1]):
        best = best[:-1]
    return tuple(best)


def _ends_off(end: Glyph, inner: list[Glyph]) -> bool:
    """Whether a reject at an end lies too far from its neighbour to belong to the line."""
    if not inner:
        return True
    distance = abs(end.right - inner[0].right) / PITCH
    return distance > _END_REACH or (end.match < 0.3 and distance > 1.4)


def _read_symbols(text: str) -> int:
    return len(text) - text.count(REJECT)


def _interpret(
    cells: _Cells, again: str, line: MicrLine, to_page: NDArray[np.float64]
) -> MicrReading:
    text = cells.text
    parts = grammar.parse(text, cells.gaps)

    def box(span: Span) -> Box:
        chosen = cells.glyphs[span[0] : span[1]]
        top = min(glyph.top for glyph in chosen)
        left = chosen[0].right - 0.75 * PITCH
        return to_page_box(to_page, (left, top, chosen[-1].right, top + 18 * UNIT))

    def part(span: Span | None, base: float, *, plain: bool = True) -> MicrPart | None:
        if span is None or span[0] >= span[1]:
            return None
        value = text[span[0] : span[1]]
        value = digits_only(value) if plain and REJECT not in value else value
        if REJECT in value:
            return None
        return MicrPart(value, round(_trust(cells, span, again, base), 4), box(span))

    routing = part(parts.routing, 0.998)
    doubtful = routing is None or not aba_valid(routing.value)
    if routing is not None and doubtful:
        routing = replace(routing, confidence=min(routing.confidence, 0.4))
    elif routing is not None and parts.routing is not None:
        ends = text[parts.routing[0] - 1], text[parts.routing[1]]
        if ends != ("A", "A"):
            routing = replace(routing, confidence=min(routing.confidence, 0.88))
    amount = part(parts.amount, 0.985)
    on_us = part(parts.on_us, 0.975, plain=False)
    account = part(parts.account, 0.975)
    other = None
    if parts.serial_unsure and parts.account is not None and account is not None:
        account = replace(account, confidence=min(account.confidence, 0.6))
        group = grammar.leading_group(text, parts.account, cells.gaps)
        if group is not None:
            rest = digits_only(text[group[1] : parts.account[1]])
            other = (digits_only(text[group[0] : group[1]]), rest)
    if on_us is not None and "C" not in on_us.value:
        on_us = replace(on_us, confidence=min(on_us.confidence, 0.6))
    serial = part(parts.serial, 0.96)
    if doubtful:
        # Without the ABA proof the line may be no MICR line at all.
        account, on_us = _capped(account, 0.7), _capped(on_us, 0.7)
        serial, amount = _capped(serial, 0.7), _capped(amount, 0.8)
    whole = _whole_confidence(text, cells, again, parts, routing)
    closing = cells.glyphs[parts.routing[1]].right if parts.routing else None
    return MicrReading(
        text,
        whole,
        box((0, len(text))),
        line,
        routing_number=routing,
        on_us=on_us,
        aux_on_us=part(parts.aux_on_us, 0.97, plain=False),
        account_number=account,
        check_number=serial,
        amount_cents=amount,
        account_if_serial_first=other,
        transit_right=None if closing is None else float(to_page[0, 0] * closing + to_page[0, 2]),
    )


def _capped(part: MicrPart | None, most: float) -> MicrPart | None:
    return None if part is None else replace(part, confidence=min(part.confidence, most))


def _trust(cells: _Cells, span: Span, again: str, base: float) -> float:
    """How sure a field is: its weakest symbols, its surroundings, and the second reading."""
    trust = base
    for place in range(*span):
        glyph = cells.glyphs[place]
        weak = glyph.match < 0.74 or glyph.margin < 0.10 or glyph.stray > 2.0 or glyph.by_net < 0.9
        trust *= 0.99 if weak else 0.9995
        if not cells.clean[place]:
            trust = min(trust, 0.8)
        pair = cells.text[place - 1 : place + 1]
        if place > span[0] and cells.gaps[place] and not set(pair) & set("ABCD"):
            trust = min(trust, 0.85)
    # The field's own text with a neighbour on each side, so that a dropped end digit shows.
    start, end = max(0, span[0] - 1), min(len(cells.glyphs), span[1] + 1)
    if cells.text[start:end] not in again:
        trust = min(trust, 0.7)
    return trust


def _whole_confidence(
    text: str, cells: _Cells, again: str, parts: MicrParts, routing: MicrPart | None
) -> float:
    """The probability that the whole line is right, nothing missing at either end."""
    if REJECT in text:
        return 0.0
    trust = _trust(cells, (0, len(text)), again, 0.985)
    if routing is None or not aba_valid(routing.value):
        return min(trust, 0.5)
    known = parts.on_us is not None and "C" in text[parts.on_us[0] : parts.on_us[1]]
    before = text[: parts.routing[0] - 1] if parts.routing else ""
    if not known or (before and parts.aux_on_us is None) or (text.count("B") not in {0, 2}):
        return min(trust, 0.7)
    return round(trust, 4)
