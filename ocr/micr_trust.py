"""How sure a field of a MICR line is: its symbols, what stands beside it, and where it ends.

The standard has every field at its place counted from the check's right edge, so a line that
stands nearer to the picture's edge than that has lost something.
"""

from __future__ import annotations

from ocr import micr_grammar as grammar
from ocr.micr_cells import Cells
from ocr.micr_glyphs import PITCH, REJECT
from ocr.micr_grammar import MicrParts, Span

_AMOUNT_SLACK = 1.2  # cells: the amount is encoded by another machine
_LEAST_LEFT = 1.5  # cells: a personal check has 2.6 before its transit field, 1/16 inch off 2.1
_LEAST_RIGHT = 1.0  # cells


def may_lack_left(cells: Cells, parts: MicrParts) -> bool:
    """Whether a field may lie beyond the left edge: nothing stands before an auxiliary on-us."""
    return parts.aux_on_us is None and cells.before < _LEAST_LEFT


def may_lack_right(cells: Cells, parts: MicrParts) -> bool:
    """Whether cells may be missing after the transit field: beyond the edge, or lost in feeding."""
    if parts.amount is not None:
        return False  # nothing stands after the amount, whose own place is counted
    transit = parts.routing or parts.branch
    if transit is None or cells.after < _LEAST_RIGHT:
        return cells.after < _LEAST_RIGHT
    to_end = (cells.symbols[-1].right - cells.symbols[transit[1]].right) / PITCH
    return cells.after + to_end < grammar.TRANSIT_TO_EDGE - grammar.EDGE_TOLERANCE


def known_institution(text: str, parts: MicrParts) -> bool:
    """Whether a Canadian transit field names an institution in use."""
    if parts.branch is None:
        return False
    return text[parts.branch[1] - 3 : parts.branch[1]] in grammar.CANADIAN_INSTITUTIONS


def amount_in_place(cells: Cells, parts: MicrParts) -> bool:
    """Whether the amount stands where the standard has it, counted from the transit field."""
    transit = parts.routing or parts.branch
    if transit is None or parts.amount is None:
        return True  # nothing to count from
    between = cells.symbols[parts.amount[0]].right - cells.symbols[transit[1]].right
    return abs(between / PITCH - grammar.AMOUNT_AFTER_TRANSIT) <= _AMOUNT_SLACK


def ends_are_clean(cells: Cells, span: Span) -> bool:
    """Whether the on-us and amount symbols round a field are plainly that, not digits spoiled."""
    ends = [n for n in (span[0] - 1, span[1]) if 0 <= n < len(cells.text)]
    return all(cells.clean[n] for n in ends if cells.text[n] in "BC")


def field_trust(cells: Cells, span: Span, base: float) -> float:
    """How sure a field is: each of its symbols, its surroundings, and its spacing."""
    trust = base
    for place in range(*span):
        trust *= cells.symbols[place].confidence
        if not cells.clean[place]:
            trust = min(trust, 0.8)
        if place > span[0] and _suspicious_gap(cells, place):
            trust = min(trust, 0.85)
    # So may a digit that left no trace before the closing symbol, or between two on-us symbols.
    start, end = span
    closed = end < len(cells.text) and cells.text[end] == "C"
    opened = closed and start > 0 and cells.text[start - 1] == "C"
    if (closed and cells.gaps[end]) or (opened and cells.gaps[start]):
        trust = min(trust, 0.85)
    # A neighbour that could not be read may be a part of the field.
    neighbours = (span[0] - 1, span[1])
    if any(0 <= n < len(cells.text) and cells.text[n] == REJECT for n in neighbours):
        trust = min(trust, 0.7)
    return trust


def _suspicious_gap(cells: Cells, place: int) -> bool:
    """Whether blank cells before a symbol may once have held a digit: none are usual there."""
    before, after = cells.text[place - 1], cells.text[place]
    return cells.gaps[place] > 0 and before not in "ABC" and after not in "AB"


def whole_trust(cells: Cells, parts: MicrParts, proof: float | None) -> float:
    """The probability that the whole line is right, nothing missing at either end."""
    text = cells.text
    if REJECT in text:
        return 0.0
    trust = field_trust(cells, (0, len(text)), 0.985)
    if proof is None:
        return min(trust, 0.5)
    if cells.unexplained:
        trust = min(trust, 0.8)
    transit = parts.routing or parts.branch
    known = parts.on_us is not None and "C" in text[parts.on_us[0] : parts.on_us[1]]
    before = text[: transit[0] - 1] if transit else ""
    explained = parts.aux_on_us is not None or parts.epc is not None
    if not known or (before and not explained) or (text.count("B") not in {0, 2}):
        return min(trust, 0.7)
    cut = may_lack_left(cells, parts) or may_lack_right(cells, parts)
    if cut or grammar.amount_is_broken(text) or not grammar.lawful(text):
        return min(trust, 0.7)
    return round(min(trust, proof), 4)
