"""Finds and reads the two written amounts of a check: the numerals and the line of words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from intake.types import Box, Page, Pixels
from ocr.amount import AmountVote, Fused, fuse, parse_numerals
from ocr.amount_words import WordsAmount, parse_words
from ocr.check_fraction import find_fraction, read_over
from ocr.check_layout import INCH, Row, Rule, Sheet, anchor, text_band, writing
from ocr.engine import Engines, LineText
from ocr.prepare import CheckRegion
from ocr.types import Field, ReadingWarning

_NUMERALS = "0123456789.,$*/-% xX"


@dataclass(frozen=True, slots=True)
class WrittenAmount:
    """An amount in cents as one place of the check says it; box in crop pixels.

    ``cents`` is None when only the dollars were read (words without their cents). ``tail`` is
    the picture of the words' last part, where the cents stand.
    """

    cents: int | None
    dollars: int
    confidence: float
    box: Box
    tail: Pixels | None = None


@dataclass(frozen=True, slots=True)
class AmountReading:
    """What the readers of the amount say, and the fields of the contract made of it."""

    fused: Fused
    fields: dict[str, Field | None]
    warnings: tuple[ReadingWarning, ...]


def payee_rule(sheet: Sheet) -> Rule | None:
    """The long line after "Pay to the order of"."""
    label = anchor(sheet, ("order", "pay"), within=(0, 0, sheet.width // 3, sheet.floor))
    long = [rule for rule in sheet.rules if rule.length >= 2.2 * INCH]
    if label is not None:
        foot = label.box[1] + label.box[3]
        near = [rule for rule in long if -0.25 * INCH <= rule.y - foot <= 0.4 * INCH]
        if near:
            return min(near, key=lambda rule: abs(rule.y - foot))
    low = [r for r in long if 0.25 * sheet.floor < r.y < 0.72 * sheet.floor and r.left < 2 * INCH]
    return low[0] if low else None


def read_numerals(sheet: Sheet, engines: Engines) -> WrittenAmount | None:
    """The courtesy amount: after the ``$``, or right of the payee line."""
    best: WrittenAmount | None = None
    for box, trusted in _numeral_places(sheet):
        read = _numerals_in(sheet, box, engines, trusted=trusted)
        if read is not None and (best is None or read.confidence > best.confidence):
            best = read
        if best is not None and best.confidence >= 0.75:
            break
    return best


def numerals_like(sheet: Sheet, engines: Engines, cents: int) -> WrittenAmount | None:
    """Look at every place for numerals again: one that reads ``cents`` after all, or None.

    For when words and numerals differ: with and without its ``$`` a line may read otherwise.
    """
    for box, trusted in reversed(_numeral_places(sheet)):
        read = _numerals_in(sheet, box, engines, trusted=trusted)
        if read is not None and read.cents == cents:
            return replace(read, confidence=min(0.7, read.confidence))
    return None


def _numeral_places(sheet: Sheet) -> list[tuple[Box, bool]]:
    """Where numerals may stand, the likeliest first; true where a ``$`` or amount marks it."""
    places: list[tuple[Box, bool]] = []
    right = sheet.width
    for row in sheet.rows:
        for word in row.words:
            x, y, width, height = word.box
            if word.text.startswith("$") and x > 0.4 * sheet.width and y < 0.85 * sheet.floor:
                middle = y + height // 2
                after = x + (width if len(word.text) == 1 else 0)
                top = middle - round(0.2 * INCH)
                places.append(((after, top, right - after - 6, round(0.36 * INCH)), True))
            elif re.search(r"[0-9][.,][0-9]{2}$", word.text) and x > 0.4 * sheet.width:
                places.append(((x - 10, y - 10, width + 20, height + 20), True))
    rule = payee_rule(sheet)
    if rule is not None:
        start = max(rule.right + 8, round(0.6 * sheet.width))
        places.append(((start, rule.y - round(0.3 * INCH), right - start - 6, round(0.4 * INCH)),
                       False))  # fmt: skip
    return places[:3]


def _numerals_in(
    sheet: Sheet, box: Box, engines: Engines, *, trusted: bool
) -> WrittenAmount | None:
    found = writing(sheet.clean, box)
    if found is None or found[1][2] < 0.2 * INCH or found[1][3] < 10:
        return None
    crop, inked = found
    line = engines.line.read_line(crop)
    parsed = parse_numerals(line.text)
    if parsed is None:
        stacked = _stacked_numerals(crop, inked, engines)
        if stacked is not None:
            return stacked
        line = engines.line.read_line(crop, characters=_NUMERALS)
        parsed = parse_numerals(line.text)
        trusted = False
    if parsed is None:
        return None
    cents, (start, end) = parsed
    sure = 1.0
    for probability in line.probabilities[start:end]:
        sure *= probability
    has_sign = trusted or "$" in line.text
    confidence = min(0.88 if has_sign else 0.6, sure * (0.9 if has_sign else 0.7))
    return WrittenAmount(cents, cents // 100, round(confidence, 4), inked)


def _stacked_numerals(crop: Pixels, box: Box, engines: Engines) -> WrittenAmount | None:
    """Dollars before cents that stand over a hundred, e.g. ``$ 100`` and ``00`` over ``100``."""
    fraction = find_fraction(crop)
    if fraction is None:
        return None
    whole = engines.line.read_line(crop[:, : fraction.left])
    digits = re.search(r"(?<![0-9])([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,6})[ .\-]*$", whole.text)
    cents = read_over(crop, fraction, engines)
    if digits is None or cents is None:
        return None
    dollars = int(digits[1].replace(",", ""))
    confidence = round(min(0.75, whole.confidence * 0.9), 4)
    return WrittenAmount(100 * dollars + cents, dollars, confidence, box)


def _stacked_words(crop: Pixels, engines: Engines) -> WordsAmount | None:
    """Words before cents that stand over a hundred."""
    fraction = find_fraction(crop)
    if fraction is None or fraction.left < INCH:
        return None
    line = engines.line.read_line(crop[:, : fraction.left])
    cents = read_over(crop, fraction, engines)
    return None if cents is None else parse_words(f"{line.text} {cents:02d}/100")


def read_words_line(sheet: Sheet, engines: Engines) -> WrittenAmount | None:
    """The legal amount: the line of words above its rule, or wherever number words are printed."""
    best: WrittenAmount | None = None
    for box in _words_places(sheet):
        found = writing(sheet.clean, box)
        if found is None or found[1][2] < 0.5 * INCH:
            continue
        crop, inked = found
        line = engines.line.read_line(crop)
        said, most = parse_words(line.text), 0.88
        if said is None or said.cents is None:
            stacked = _stacked_words(crop, engines)
            said, most = stacked or said, 0.75
        if said is None:
            continue
        sure = sum(line.probabilities) / max(1, len(line.probabilities))
        confidence = round(min(most, 0.95 * said.fit * min(1.0, sure + 0.05)), 4)
        if said.total is None:
            confidence = round(min(0.6, confidence), 4)
        read = WrittenAmount(said.total, said.dollars, confidence, inked, _tail(crop, line))
        if best is None or read.confidence > best.confidence:
            best = read
        if best.confidence >= 0.7 and best.cents is not None:
            break
    return best


def _tail(crop: Pixels, line: LineText) -> Pixels | None:
    """The end of the words line from its first digit on: the cents over a hundred."""
    for place, char in zip(line.places, line.text, strict=True):
        if char in "0123456789/%" and place > 0.15:
            start = int(place * crop.shape[1]) - round(0.14 * INCH)
            return crop[:, max(0, start) :]
    return None


def cents_again(words: WrittenAmount, engines: Engines) -> int | None:
    """Read the cents of the words line once more by themselves, larger; None when unclear."""
    if words.tail is None or words.tail.shape[1] < 20:
        return None
    rows = np.flatnonzero((words.tail < 150).any(axis=1))
    if len(rows) < 8:
        return None
    tight = words.tail[max(0, rows[0] - 5) : rows[-1] + 6]
    line = engines.line.read_line(tight)
    said = parse_words(f"one {line.text}")
    return None if said is None else said.cents


def _words_places(sheet: Sheet) -> list[Box]:
    """Lines that may hold the legal amount, the likeliest first."""
    places: list[Box] = []
    printed = [row for row in sheet.rows if _says_number(row)]
    payee = payee_rule(sheet)
    dollars = anchor(sheet, ("dollars",))
    for rule in sheet.rules:
        if rule.length < 2.2 * INCH or rule.left > 0.4 * sheet.width:
            continue
        below_payee = payee is not None and 0.18 * INCH <= rule.y - payee.y <= 0.75 * INCH
        by_label = (
            dollars is not None and abs(rule.y - dollars.box[1] - dollars.box[3]) < 0.25 * INCH
        )
        if below_payee or by_label:
            places.append(_band_before(sheet, rule, dollars.box if dollars else None))
    for row in printed:
        x, y, width, height = row.box
        if not any(_overlaps((x, y, width, height), place) for place in places):
            # The page reader often loses the first words behind asterisks.
            start = max(0, x - round(1.3 * INCH))
            places.append((start, y - 8, sheet.width - start, height + 16))
    return places[:3]


def _band_before(sheet: Sheet, rule: Rule, label: Box | None) -> Box:
    """The writing on a rule, without the printed "Dollars" at its end."""
    x, y, width, height = text_band(rule)
    x = max(0, min(x, round(0.25 * INCH)) if rule.left < 0.6 * INCH else x)
    end = rule.right + 4
    on_line = label is not None and y < label[1] + label[3] / 2 < y + height
    if label is not None and on_line and label[0] > x + INCH:
        end = min(max(end, label[0] - 4), label[0] - 4)
    del width
    return x, y, min(end, sheet.width) - x, height


def _says_number(row: Row) -> bool:
    said: WordsAmount | None = parse_words(row.text)
    return said is not None and said.fit >= 0.55


def _overlaps(one: Box, other: Box) -> bool:
    middle = one[1] + one[3] / 2
    return other[1] <= middle <= other[1] + other[3]


def read_amounts(
    sheet: Sheet,
    readers: Engines,
    page: Page,
    region: CheckRegion,
    *,
    recorded_cents: int | None = None,
) -> AmountReading:
    """The three amount fields and any contradiction among the sources.

    ``recorded_cents`` is what the bank's record of the item says, None without one.
    """
    numerals = read_numerals(sheet, readers)
    words = read_words_line(sheet, readers)
    votes: list[AmountVote] = []
    if words is not None:
        words = _with_cents(words, numerals, readers)
        if words.cents is not None and (numerals is None or numerals.cents != words.cents):
            numerals = numerals_like(sheet, readers, words.cents) or numerals
        votes.extend(_words_vote(words, numerals))
    if numerals is not None and numerals.cents is not None:
        votes.insert(0, AmountVote(numerals.cents, numerals.confidence, "numerals"))
    field = region.micr.amount_cents if region.micr else None
    if field is not None and int(field.value) > 0:
        votes.append(AmountVote(int(field.value), field.confidence, "micr"))
    if recorded_cents is not None:
        votes.append(AmountVote(recorded_cents, 0.97, "x9_record"))
    fused = fuse(tuple(votes))
    fields: dict[str, Field | None] = {
        "courtesy_amount_cents": _written(numerals, fused, "numerals", page, region),
        "legal_amount_cents": _written(words, fused, "words", page, region),
        "amount_cents": None,
    }
    if fused.cents is not None:
        box = _amount_box(fused, numerals, words, region)
        fields["amount_cents"] = Field(
            fused.cents, fused.confidence, page.index, box, fused.source, fused.alternatives
        )
    return AmountReading(fused, fields, fused.warnings)


def _with_cents(
    words: WrittenAmount, numerals: WrittenAmount | None, readers: Engines
) -> WrittenAmount:
    """The words with their cents read again where only these stand against the numerals."""
    if numerals is None or words.dollars != numerals.dollars or words.cents == numerals.cents:
        return words
    again = cents_again(words, readers)
    if again is None or numerals.cents is None:
        return words
    total = 100 * words.dollars + again
    if total == numerals.cents or words.cents is None:
        return replace(words, cents=total, confidence=min(0.8, max(0.6, words.confidence)))
    return words


def _words_vote(words: WrittenAmount, numerals: WrittenAmount | None) -> list[AmountVote]:
    """The words as a vote; dollars without cents can only second (or contradict) the numerals."""
    if words.cents is not None:
        return [AmountVote(words.cents, words.confidence, "words")]
    if numerals is None or numerals.cents is None:
        return []
    if words.dollars == numerals.dollars:
        return [AmountVote(numerals.cents, min(0.6, words.confidence), "words")]
    return [AmountVote(100 * words.dollars, min(0.4, words.confidence), "words")]


def _written(
    read: WrittenAmount | None, fused: Fused, source: str, page: Page, region: CheckRegion
) -> Field | None:
    """One written amount as a field: as sure as the fusion when the others agree with it."""
    if read is None or read.cents is None:
        return None
    confidence = read.confidence
    if read.cents == fused.cents:
        confidence = max(confidence, fused.confidence)
    elif fused.confidence >= 0.9:
        confidence = min(confidence, 0.3)
    return Field(read.cents, confidence, page.index, region.page_box(read.box), source)


def _amount_box(
    fused: Fused,
    numerals: WrittenAmount | None,
    words: WrittenAmount | None,
    region: CheckRegion,
) -> Box | None:
    for read in (numerals, words):
        if read is not None and read.cents == fused.cents:
            return region.page_box(read.box)
    field = region.micr.amount_cents if region.micr else None
    if field is not None and int(field.value) == fused.cents:
        return field.box
    return None
