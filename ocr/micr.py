"""Reads the MICR line of a check: finds it, reads it twice, and says how sure each field is.

A wrong digit is far worse than an unread one. A field is given 0.9 or more only when every symbol
in it was seen alike at two scales, no glyph-sized ink is left unexplained beside it, no blank cell
interrupts it, and the layout (and ABA check digit) holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Box, Pixels
from ocr import micr_ctc
from ocr import micr_grammar as grammar
from ocr.micr_cells import Cells, assembled
from ocr.micr_glyphs import PITCH, REJECT, UNIT
from ocr.micr_grammar import MicrParts, Span, aba_valid, digits_only
from ocr.micr_line import MicrLine, find_lines, glyph_marks, ink_strength, mask, strip, to_page_box
from ocr.micr_symbols import look
from ocr.micr_trust import (
    amount_in_place,
    ends_are_clean,
    field_trust,
    known_institution,
    may_lack_left,
    may_lack_right,
    whole_trust,
)

_FOOT = 0.45  # of a check's height: where its line stands
_SMALL = 160  # pixels: a picture no higher than this is a strip
_UNCLOSED = 0.6  # a field without the symbol that ends it, or on a line of no layout
_CUT_OFF = 0.75  # a field of which a part may lie beyond the picture's edge


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
    line itself does not tell: ``(serial, account)``. ``form`` is ``personal``, ``business``,
    ``canadian``, ``postal_money_order``, ``treasury`` or empty; ``branch`` a Canadian transit
    field (``12345D678``: branch, institution), which leaves ``routing_number`` None; ``epc`` the
    external processing code. ``symbol_confidences`` has one probability for each of ``text``.
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
    form: str = ""
    branch: MicrPart | None = None
    epc: MicrPart | None = None
    symbol_confidences: tuple[float, ...] = ()

    @property
    def country(self) -> str | None:
        """``US`` or ``CA`` by the form of the transit field, None when neither was read."""
        if self.branch is not None:
            return "CA"
        return "US" if self.routing_number is not None else None

    @property
    def dpi(self) -> float:
        """Resolution by the 1/8-inch pitch."""
        return self.line.dpi

    @property
    def is_check(self) -> bool:
        """Whether a full transit field with a valid ABA number was read, or a Canadian line."""
        if self.branch is not None:
            return self.on_us is not None and self.on_us.value.endswith("C")
        return self.routing_number is not None and aba_valid(self.routing_number.value)


def read_micr(pixels: Pixels, dpi: float | None = None) -> MicrReading | None:
    """Read the MICR line of an upright gray image of a check or strip; None when there is none.

    ``dpi`` only tunes the local contrast; the resolution is measured from the line. A picture
    shaped like a check is searched at its foot first.
    """
    gray = to_gray(pixels)
    gray = np.asarray(gray, np.uint8)
    height, width = gray.shape
    foot = int(height * (1.0 - _FOOT))
    if 1.2 * height < width and height > _SMALL:
        reading = _read_part(gray[foot:], dpi)
        if reading is not None and reading.is_check:
            return moved_down(reading, foot)
    return _read_part(gray, dpi)


def _read_part(gray: Pixels, dpi: float | None) -> MicrReading | None:
    strength = ink_strength(gray, dpi or 200.0)
    return best_reading(strength, find_lines(glyph_marks(mask(strength))))


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
    """A quick look at a few cells of the line itself: is the net sure of most of what it sees?

    Of other type it is sure of half at most, of E-13B of nearly all.
    """
    middle = replace(line, right=min(line.right, line.left + 14 * line.pitch))
    band, _ = strip(strength, middle, micr_ctc.UNIT, micr_ctc.MARGIN, micr_ctc.MARGIN, reach=1.0)
    found = micr_ctc.peaks(micr_ctc.lattice(band[None])[0])
    read = sum(peak.probability >= 0.8 for peak in found)
    return read >= max(3, 0.7 * len(found))


def read_line(strength: Pixels, line: MicrLine) -> MicrReading | None:
    """Read one line; None when fewer than three symbols are left."""
    seen = look(strength, line)
    cells = assembled(seen)
    if cells is None:
        return None
    return _interpret(cells, seen.line, seen.to_page)


def with_boxes(reading: MicrReading, change: Callable[[Box], Box]) -> MicrReading:
    """The same reading with every box changed, as by a map to another picture."""

    def moved(one: MicrPart | None) -> MicrPart | None:
        return None if one is None else replace(one, box=change(one.box))

    return replace(_with_parts(reading, moved), box=change(reading.box))


def _with_parts(
    reading: MicrReading, change: Callable[[MicrPart | None], MicrPart | None]
) -> MicrReading:
    return replace(
        reading,
        routing_number=change(reading.routing_number),
        on_us=change(reading.on_us),
        aux_on_us=change(reading.aux_on_us),
        account_number=change(reading.account_number),
        check_number=change(reading.check_number),
        amount_cents=change(reading.amount_cents),
        branch=change(reading.branch),
        epc=change(reading.epc),
    )


def moved_down(reading: MicrReading, rows: int) -> MicrReading:
    """The reading of a picture of which the one read was the part from row ``rows`` on."""
    line = replace(reading.line, offset=reading.line.offset + rows)
    boxed = with_boxes(reading, lambda box: (box[0], box[1] + rows, box[2], box[3]))
    return replace(boxed, line=line)


def _read_symbols(text: str) -> int:
    return len(text) - text.count(REJECT)


def _interpret(cells: Cells, line: MicrLine, to_page: NDArray[np.float64]) -> MicrReading:
    text = cells.text
    parts = grammar.parse(text, cells.gaps)

    def part(span: Span | None, base: float, *, plain: bool = True) -> MicrPart | None:
        return _part(cells, to_page, span, base, plain=plain)

    routing = _routing(cells, parts, part(parts.routing, 0.998))
    proven = routing is not None and aba_valid(routing.value)
    branch = part(parts.branch, 0.96 if known_institution(text, parts) else 0.8, plain=False)
    amount = part(parts.amount, 0.985)
    if amount is not None and not amount_in_place(cells, parts):
        amount = _capped(amount, 0.88)
    on_us = part(parts.on_us, 0.975, plain=False)
    account = part(parts.account, 0.975)
    other = None
    if parts.serial_unsure and parts.account is not None and account is not None:
        account = _capped(account, 0.6)
        group = grammar.leading_group(text, parts.account, cells.gaps)
        if group is not None:
            rest = digits_only(text[group[1] : parts.account[1]])
            other = (digits_only(text[group[0] : group[1]]), rest)
    serial = part(parts.serial, 0.96)
    account, on_us, serial = _ended(cells, parts, account, on_us, serial)
    proof = routing if proven else branch
    whole = whole_trust(cells, parts, None if proof is None else proof.confidence)
    if account is not None and _fails_postal_check(parts, account):
        account, on_us, whole = _capped(account, 0.85), _capped(on_us, 0.85), min(whole, 0.85)
    if not proven and branch is None:
        # Without the ABA proof the line may be no MICR line at all.
        account, on_us = _capped(account, 0.7), _capped(on_us, 0.7)
        serial, amount = _capped(serial, 0.7), _capped(amount, 0.8)
    closing = parts.routing or parts.branch
    transit_right = None
    if closing is not None:
        transit_right = float(to_page[0, 0] * cells.symbols[closing[1]].right + to_page[0, 2])
    reading = MicrReading(
        text,
        whole,
        _box(cells, (0, len(text)), to_page),
        line,
        routing_number=routing,
        on_us=on_us,
        aux_on_us=part(parts.aux_on_us, 0.97, plain=False),
        account_number=account,
        check_number=serial,
        amount_cents=amount,
        account_if_serial_first=other,
        transit_right=transit_right,
        form=parts.form,
        branch=branch,
        epc=part(parts.epc, 0.95),
        symbol_confidences=tuple(round(symbol.confidence, 4) for symbol in cells.symbols),
    )
    if grammar.lawful(text):
        return reading
    return _with_parts(reading, lambda one: _capped(one, _UNCLOSED))


def _routing(cells: Cells, parts: MicrParts, part: MicrPart | None) -> MicrPart | None:
    """The routing number, unsure without its check digit or one of its transit symbols."""
    if part is None or parts.routing is None:
        return part
    if not aba_valid(part.value):
        return _capped(part, 0.4)
    whole = cells.text[parts.routing[0] - 1] == cells.text[parts.routing[1]] == "A"
    return part if whole else _capped(part, 0.88)


def _fails_postal_check(parts: MicrParts, account: MicrPart) -> bool:
    postal = parts.form == "postal_money_order"
    return postal and not grammar.postal_serial_valid(account.value)


def _ended(
    cells: Cells,
    parts: MicrParts,
    account: MicrPart | None,
    on_us: MicrPart | None,
    serial: MicrPart | None,
) -> tuple[MicrPart | None, MicrPart | None, MicrPart | None]:
    """The parts of on-us, unsure where the line does not show that they end where they seem to."""
    text = cells.text
    if parts.account is not None and text[parts.account[1] : parts.account[1] + 1] != "C":
        account = _capped(account, _UNCLOSED)
    if parts.account is not None and not ends_are_clean(cells, parts.account):
        account = _capped(account, _CUT_OFF)
    if on_us is not None and "C" not in on_us.value:
        on_us = _capped(on_us, _UNCLOSED)
    inside = parts.serial is not None and parts.serial != parts.aux_on_us
    if grammar.amount_is_broken(text):
        on_us = _capped(on_us, _UNCLOSED)
        serial = _capped(serial, _UNCLOSED) if inside else serial
    if may_lack_right(cells, parts):
        on_us, account = _capped(on_us, _CUT_OFF), _capped(account, _CUT_OFF)
        serial = _capped(serial, _CUT_OFF) if inside else serial
    elif may_lack_left(cells, parts) and inside:
        serial = _capped(serial, _CUT_OFF)
    return account, on_us, serial


def _box(cells: Cells, span: Span, to_page: NDArray[np.float64]) -> Box:
    chosen = cells.symbols[span[0] : span[1]]
    top = min(symbol.top for symbol in chosen)
    left = chosen[0].right - 0.75 * PITCH
    return to_page_box(to_page, (left, top, chosen[-1].right, top + 18 * UNIT))


def _part(
    cells: Cells, to_page: NDArray[np.float64], span: Span | None, base: float, *, plain: bool
) -> MicrPart | None:
    """One field, None where a symbol of it was rejected; ``plain`` keeps digits alone."""
    if span is None or span[0] >= span[1]:
        return None
    value = cells.text[span[0] : span[1]]
    if REJECT in value:
        return None
    value = digits_only(value) if plain else value
    return MicrPart(value, round(field_trust(cells, span, base), 4), _box(cells, span, to_page))


def _capped(part: MicrPart | None, most: float) -> MicrPart | None:
    return None if part is None else replace(part, confidence=min(part.confidence, most))
