"""Reads the amount of a check from all its places and makes the contract's fields of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from intake.types import Box, Page, Pixels, Word
from ocr.amount import (
    SURE,
    Distribution,
    Evidence,
    Fused,
    distribution,
    fuse,
    stated,
)
from ocr.amount_places import line_of_writing, numeral_places, payee_rule, words_places
from ocr.amount_readers import (
    Written,
    both_seen,
    numerals_over_bar,
    numerals_seen,
    seen_again,
    words_known,
    words_seen,
)
from ocr.check_layout import INCH, Sheet
from ocr.engine import Engines
from ocr.numerals import read_numerals_line
from ocr.prepare import CheckRegion
from ocr.timing import step
from ocr.types import Field, ReadingWarning
from ocr.written_words import read_words_line

__all__ = ["AmountReading", "payee_rule", "read_amounts", "watching"]

_CLEAR = -1.0
_PLAIN = -0.3
_AGREED = 0.995
_SHARP = 0.7
_READ_SURELY = 0.85
_COVERED = 0.6
_MONEY = re.compile(r"^[$*# ]*[0-9][0-9,]*\.[0-9]{2}[*]*$")


@dataclass(frozen=True, slots=True)
class AmountReading:
    """What each reader of the amount says by itself, all together, and the contract's fields.

    ``together`` is the posterior before contradictions cap it and calibration settles it.
    ``fields`` has ``amount_cents``, ``courtesy_amount_cents`` and ``legal_amount_cents``.
    """

    numerals: Distribution | None
    words: Distribution | None
    micr: Distribution | None
    record: Distribution | None
    together: Distribution
    fused: Fused
    fields: dict[str, Field | None]
    warnings: tuple[ReadingWarning, ...]


_watched: ContextVar[list[AmountReading] | None] = ContextVar("amounts_watched", default=None)


@contextmanager
def watching() -> Iterator[list[AmountReading]]:
    """Keep every amount that is read meanwhile: the bench sets numerals and words apart."""
    kept: list[AmountReading] = []
    token = _watched.set(kept)
    try:
        yield kept
    finally:
        _watched.reset(token)


def read_amounts(
    sheet: Sheet,
    readers: Engines,
    page: Page,
    region: CheckRegion,
    *,
    recorded_cents: int | None = None,
) -> AmountReading:
    """Read numerals, words and the MICR amount field, and fuse them.

    ``recorded_cents`` is what the bank's record of the item says, None without one.
    """
    numerals, words = _written_amounts(sheet, readers)
    stated_by = _stated(region, recorded_cents)
    written = [one for one in (numerals, words) if one is not None]
    evidence = _all_evidence(written, stated_by)
    fused = fuse(evidence)
    alone = {one.source: distribution((one,)) for one in evidence}
    fields: dict[str, Field | None] = {
        "courtesy_amount_cents": _field(numerals, alone.get("numerals"), fused, page, region),
        "legal_amount_cents": _field(words, alone.get("words"), fused, page, region),
        "amount_cents": None,
    }
    if fused.cents is not None:
        box = _amount_box(fused, written, region)
        fields["amount_cents"] = Field(
            fused.cents, fused.confidence, page.index, box, fused.source, fused.alternatives
        )
    reading = AmountReading(
        alone.get("numerals"),
        alone.get("words"),
        alone.get("micr"),
        alone.get("x9_record"),
        distribution(evidence),
        fused,
        fields,
        fused.warnings,
    )
    watched = _watched.get()
    if watched is not None:
        watched.append(reading)
    return reading


def _written_amounts(sheet: Sheet, readers: Engines) -> tuple[Written | None, Written | None]:
    """Numerals and words; a second look at the numerals only where the two do not settle it."""
    with step("numerals"):
        numerals = _numerals(sheet)
    with step("words"):
        words = _words(sheet, readers, numerals)
    if _agree(numerals, words):
        return numerals, words
    if numerals is not None:
        with step("numerals"):
            numerals = seen_again(numerals, readers.line.read_line)
    return numerals, words


def _agree(numerals: Written | None, words: Written | None) -> bool:
    if numerals is None or words is None:
        return False
    best = distribution(_all_evidence([numerals, words], [])).best
    own = numerals.distribution().best, words.distribution().best
    return (
        best is not None
        and best[1] >= _AGREED
        and all(one is not None and one[0] == best[0] for one in own)
    )


def _all_evidence(written: Iterable[Written], stated_by: Iterable[Evidence]) -> list[Evidence]:
    """Every reader's judgement of every amount that any of them proposes."""
    listed, told = list(written), list(stated_by)
    amounts = list(dict.fromkeys(
        [cents for one in listed for cents in one.hopeful]
        + [cents for one in told for cents in one.fits]
    ))  # fmt: skip
    return [*(one.evidence(amounts) for one in listed), *told]


def _numerals(sheet: Sheet) -> Written | None:
    """The courtesy amount: the first convincing place, else the best of them."""
    best: Written | None = None
    for place in numeral_places(sheet):
        found = line_of_writing(sheet.clean, place.box)
        if found is None or found[1][2] < 0.2 * INCH or found[1][3] < 10:
            continue
        crop, inked = found
        line = read_numerals_line(crop)
        if place.plain and not _MONEY.match(line.text):
            continue
        typed = _is_typed(sheet, inked)
        read = numerals_seen(line, crop, inked, marked=place.marked, typed=typed)
        if read is None:
            continue
        if read.fit < _PLAIN or line.confidence < _SHARP:
            read = numerals_over_bar(read, read_numerals_line)
        if best is None or _merit(read) > _merit(best):
            best = read
        if best.fit >= _CLEAR and best.outlier < 0.1:
            break
    return best


def _merit(read: Written) -> float:
    return read.fit - 4.0 * read.outlier


def _words(sheet: Sheet, readers: Engines, numerals: Written | None) -> Written | None:
    """The legal amount: the first convincing line, else the best of them."""
    best: Written | None = None
    for box in words_places(sheet):
        found = line_of_writing(sheet.clean, box)
        if found is None or found[1][2] < 0.5 * INCH:
            continue
        crop, inked = found
        printed = _printed_words(sheet, crop, inked, numerals)
        if printed is not None:
            return printed
        cut, typed = _at_edge(inked, sheet), _is_typed(sheet, inked)
        read = _read_words(crop, inked, numerals, readers, cut=cut, typed=typed)
        if read is None:
            continue
        if best is None or read.fit > best.fit:
            best = read
        if best.fit >= 6 * _CLEAR:
            break
    return best


def _read_words(
    crop: Pixels,
    inked: Box,
    numerals: Written | None,
    readers: Engines,
    *,
    cut: bool,
    typed: bool,
) -> Written | None:
    """Words by the net trained for them; by the line recogniser too where that settles nothing."""
    line = readers.line.read_line
    small = words_seen(
        read_words_line(crop), crop, inked, (read_numerals_line,), cut=cut, typed=typed
    )
    small = _with_cents(small, numerals)
    if _agree(numerals, small):
        return small
    both = (read_numerals_line, line)
    large = words_seen(line(crop), crop, inked, both, cut=cut, typed=typed)
    return _with_cents(both_seen(small, large), numerals)


def _printed_words(
    sheet: Sheet, crop: Pixels, inked: Box, numerals: Written | None
) -> Written | None:
    """Words as the page reader has them already, where they are what clear numerals say."""
    if numerals is None or numerals.fit < _CLEAR or _at_edge(inked, sheet):
        return None
    level = _printed_on(sheet, inked)
    if not _is_read(level, inked):
        return None
    known = words_known(" ".join(word.text for word in level), crop, inked)
    if known is None or known.proposals[0] != numerals.proposals[0]:
        return None
    return known


def _is_typed(sheet: Sheet, inked: Box) -> bool:
    """Whether the page reader surely read all of some writing as type."""
    return _is_read(_printed_on(sheet, inked), inked)


def _printed_on(sheet: Sheet, inked: Box) -> list[Word]:
    """The page reader's words in a line of writing, from the left."""
    x, y, width, height = inked
    level = [
        word
        for row in sheet.rows
        for word in row.words
        if y <= word.box[1] + word.box[3] / 2 <= y + height and x - 8 <= word.box[0] <= x + width
    ]
    return sorted(level, key=lambda word: word.box[0])


def _is_read(level: list[Word], inked: Box) -> bool:
    """Whether words are all sure and make up most of a line of writing."""
    sure = min((word.confidence for word in level), default=0.0)
    return sure >= _READ_SURELY and sum(word.box[2] for word in level) >= _COVERED * inked[2]


def _at_edge(inked: Box, sheet: Sheet) -> bool:
    """Whether writing begins where the picture does, so that some of it may be missing."""
    edge = 0.02 * INCH
    return inked[0] <= edge and bool((sheet.clean[inked[1] : inked[1] + inked[3], :3] < 150).any())


def _with_cents(words: Written | None, numerals: Written | None) -> Written | None:
    """The words with what they propose also with the cents of the numerals."""
    if words is None or numerals is None:
        return words
    parts = dict.fromkeys(cents % 100 for cents in numerals.distribution().cents[:2])
    dollars = dict.fromkeys(cents // 100 for cents in words.proposals[:4])
    more = [100 * whole + part for whole in dollars for part in parts]
    proposals = dict.fromkeys((*words.proposals, *(cents for cents in more if cents > 0)))
    return replace(words, proposals=tuple(proposals))


def _stated(region: CheckRegion, recorded_cents: int | None) -> list[Evidence]:
    """What names the amount without being written by hand: MICR amount field, bank's record."""
    told = []
    encoded = region.micr.amount_cents if region.micr else None
    if encoded is not None and int(encoded.value) > 0:
        told.append(stated("micr", int(encoded.value), encoded.confidence))
    if recorded_cents is not None and recorded_cents > 0:
        told.append(stated("x9_record", recorded_cents, 0.98))
    return told


def _field(
    written: Written | None,
    said: Distribution | None,
    fused: Fused,
    page: Page,
    region: CheckRegion,
) -> Field | None:
    """One written amount as a field: as sure as the fusion when the others agree with it."""
    if written is None or said is None or said.best is None or said.best[1] < 0.2:
        return None
    cents, confidence = said.best[0], min(said.best[1], 0.88)
    if cents == fused.cents:
        confidence = max(confidence, fused.confidence) if fused.confidence >= SURE else confidence
    elif fused.confidence >= SURE:
        confidence = min(confidence, 0.3)
    box = region.page_box(written.box)
    return Field(cents, round(confidence, 4), page.index, box, written.source)


def _amount_box(fused: Fused, written: Iterable[Written], region: CheckRegion) -> Box | None:
    for one in written:
        best = one.distribution().best
        if best is not None and best[0] == fused.cents:
            return region.page_box(one.box)
    field = region.micr.amount_cents if region.micr else None
    if field is not None and int(field.value) == fused.cents:
        return field.box
    return None
