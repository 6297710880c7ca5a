"""The symbols of one MICR line by two opinions: the trained net at two scales, and the drawings.

A symbol is named only where they agree well enough, else it is ``?``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr import micr_ctc
from ocr.e13b import CLEAR_BAND_INCH, PITCH_INCH
from ocr.micr_bend import survey
from ocr.micr_ctc import Peak
from ocr.micr_glyphs import MARGIN, PITCH, REJECT, UNIT, Glyph, judged, upper
from ocr.micr_line import ALONG, Bend, MicrLine, strip

_SAME = 0.45  # cells between two sightings of one symbol
_PRESENT = 0.5
_FAIR_BY_THREE = 0.7
_BESIDE = 2.5  # cells either side of what was seen
# How often a symbol named so is right, from drawn and spoiled lines of another seed than any
# training (bench/train/MICR.md): what both scales of the net say, and what the drawings add.
_BOTH_CERTAIN, _BOTH_SURE, _BOTH_LIKELY, _BOTH_FAIR = 0.99, 0.95, 0.9, 0.75
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place of the line as both scales of the net and the drawings see it.

    ``right`` is in pixels of the template strip. A scale that saw nothing there has None;
    ``third`` is asked only where the first two leave a doubt.
    """

    right: float
    first: Peak | None
    second: Peak | None
    glyph: Glyph
    third: Peak | None = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """One place of the line named: ``symbol`` is ``REJECT`` where the evidence is too thin.

    ``right`` and ``top`` are in pixels of the template strip; ``confidence`` is the probability
    that ``symbol`` is right (of ``likely`` where it was rejected). ``present`` is whether the net
    is for a symbol there at all.
    """

    symbol: str
    right: float
    top: float
    confidence: float
    likely: str
    match: float
    present: bool


def named(place: Sighting) -> Symbol:
    """What stands at one place, by the agreement of net, other scale and drawing."""
    first, second, glyph = place.first, place.second, place.glyph
    seen = [peak for peak in (first, second) if peak is not None]
    best = max(seen, key=lambda peak: peak.probability)
    present = max(peak.presence for peak in seen) >= _PRESENT
    least = min(peak.probability for peak in seen)
    agree = len(seen) == 2 and seen[0].symbol == seen[1].symbol
    backed = glyph.best == best.symbol and glyph.by_net >= 0.5
    plainly = backed and glyph.match >= 0.7 and glyph.margin >= 0.06
    trust = 0.0
    if agree and least >= _BOTH_CERTAIN:
        trust = 0.9998 if plainly else 0.999 if backed else 0.97
    elif agree and least >= _BOTH_SURE:
        trust = 0.998 if plainly else 0.985 if backed else 0.9
    elif agree and least >= _BOTH_LIKELY:
        trust = 0.93 if plainly else 0.85
    elif agree and least >= _BOTH_FAIR and (plainly or (backed and glyph.match >= 0.6)):
        trust = 0.85
    elif place.third is not None and _outvoted(place, glyph):
        best, trust = place.third, 0.85
    symbol = best.symbol if trust else REJECT
    return Symbol(
        symbol, place.right, glyph.top, trust or 0.5 * least, best.symbol, glyph.match, present
    )


def _outvoted(place: Sighting, glyph: Glyph) -> bool:
    """Whether the third scale settles a doubt: all three agree, or two and the drawings."""
    third = place.third
    if third is None:
        return False
    others = [peak for peak in (place.first, place.second) if peak is not None]
    alike = [peak.probability for peak in (*others, third) if peak.symbol == third.symbol]
    if len(alike) == 3:
        return min(alike) >= _FAIR_BY_THREE and max(alike) >= _BOTH_SURE
    against = [peak.probability for peak in others if peak.symbol != third.symbol]
    drawn = glyph.best == third.symbol and glyph.by_net >= 0.5 and glyph.match >= 0.6
    return (
        drawn
        and len(alike) == 2
        and min(alike) >= _BOTH_LIKELY
        and max(against, default=0.0) < _BOTH_FAIR
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """All places of a line, the strip they stand in, its map to the page, and the line refined.

    ``marks`` are the middles (strip x) of all marks on and near the line that may be symbols.
    ``cut_out`` is whether the picture is a strip no higher than the standard's clear band: then
    someone cut it round the line, and its edges are not those of a check.
    """

    places: tuple[Sighting, ...]
    marks: NDArray[np.float64]
    band: Floats
    to_page: NDArray[np.float64]
    line: MicrLine
    cut_out: bool = False


def look(strength: Pixels, line: MicrLine) -> Seen:
    """Everything that stands on the line."""
    about = survey(strength, line)
    bend = about.bend
    first, to_page = _peaks(strength, line, bend)
    line = _repitched(line, first)
    # Another sampling, a harder edge, a little larger: what is really there survives it.
    zoomed = replace(line, height=line.height * 0.95, pitch=line.pitch * 0.96)
    zoomed = replace(zoomed, offset=zoomed.offset - 0.02 * line.height)
    if first:  # only where the first look saw something
        ends = [to_page[0, 0] * peak.right + to_page[0, 2] for peak in (first[0], first[-1])]
        zoomed = replace(zoomed, left=float(ends[0]), right=float(ends[1]))
    second, to_page_again = _peaks(strength, zoomed, bend, hard=True)
    band, band_to_page = strip(strength, line, UNIT, MARGIN, MARGIN, bend=bend)
    ours = [_across(peak.right, to_page, band_to_page) for peak in first]
    theirs = [_across(peak.right, to_page_again, band_to_page) for peak in second]
    pairs = _paired(ours, theirs)
    rights = [ours[a] if a is not None else theirs[b or 0] for a, b in pairs]
    glyphs = judged(band, rights)
    places = tuple(
        Sighting(
            right,
            None if a is None else first[a],
            None if b is None else second[b],
            glyph,
        )
        for (a, b), right, glyph in zip(pairs, rights, glyphs, strict=True)
    )
    if any(symbol.present and symbol.symbol == REJECT for symbol in map(named, places)):
        other = replace(line, height=line.height * 1.07, pitch=line.pitch * 1.04)
        other = replace(other, offset=other.offset + 0.035 * line.height)
        third, other_to_page = _peaks(strength, other, bend)
        places = _joined(
            places, third, [_across(peak.right, other_to_page, band_to_page) for peak in third]
        )
    marks = (about.marks - band_to_page[0, 2]) / band_to_page[0, 0]
    cut_out = strength.shape[0] <= line.pitch * CLEAR_BAND_INCH / PITCH_INCH
    return Seen(places, marks, band, band_to_page, line, cut_out)


def _joined(
    places: tuple[Sighting, ...], third: tuple[Peak, ...], rights: list[float]
) -> tuple[Sighting, ...]:
    """The same places with what the third look saw there."""
    found = {a: b for a, b in _paired([place.right for place in places], rights) if a is not None}
    thirds = [found.get(number) for number in range(len(places))]
    return tuple(
        place if number is None else replace(place, third=third[number])
        for place, number in zip(places, thirds, strict=True)
    )


def _peaks(
    strength: Pixels, line: MicrLine, bend: Bend | None, *, hard: bool = False
) -> tuple[tuple[Peak, ...], NDArray[np.float64]]:
    around = (micr_ctc.MARGIN, micr_ctc.MARGIN)
    reach = _BESIDE if hard else ALONG
    band, to_page = strip(strength, line, micr_ctc.UNIT, *around, reach=reach, bend=bend)
    if hard:
        middle = 0.5 * max(0.3, upper(band, 0.02))
        band = np.asarray(np.clip((band - middle) * 2.2 + 0.5, 0, 1), np.float32)
        band = np.asarray(cv2.GaussianBlur(band, (0, 0), 0.5), np.float32)
    return micr_ctc.peaks(micr_ctc.lattice(band[None])[0]), to_page


def _repitched(line: MicrLine, found: tuple[Peak, ...]) -> MicrLine:
    """The line with the pitch that the symbols seen really keep."""
    rights = np.array([peak.right for peak in found if peak.probability > 0.8])
    steps = np.diff(rights) / micr_ctc.PITCH
    near = steps[(steps > 0.75) & (steps < 1.3)]
    if len(near) < 4:
        return line
    return replace(line, pitch=line.pitch * float(np.mean(np.clip(near, 0.85, 1.15))))


def _across(right: float, from_map: NDArray[np.float64], to_map: NDArray[np.float64]) -> float:
    """Strip x of one strip in another strip of the same line."""
    return float((from_map[0, 0] * right + from_map[0, 2] - to_map[0, 2]) / to_map[0, 0])


def _paired(ours: list[float], theirs: list[float]) -> list[tuple[int | None, int | None]]:
    """Indices of sightings of the same symbol, left to right; None where one side has none."""
    pairs: list[tuple[int | None, int | None]] = []
    free = set(range(len(theirs)))
    for number, right in enumerate(ours):
        near = min(free, key=lambda other: abs(theirs[other] - right), default=None)
        if near is not None and abs(theirs[near] - right) <= _SAME * PITCH:
            free.discard(near)
            pairs.append((number, near))
        else:
            pairs.append((number, None))
    pairs += [(None, other) for other in free]
    return sorted(pairs, key=lambda pair: ours[pair[0]] if pair[0] is not None else theirs[pair[1]])  # type: ignore[index]
