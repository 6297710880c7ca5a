"""The date of a check front: where it stands, and what three readers make of it together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from intake.types import Box, Pixels
from ocr.check_dates import days, parse_date
from ocr.check_layout import INCH, Row, Sheet, anchor, below_or_at, cut, text_band, writing
from ocr.check_read import Read, row_signs, text_signs
from ocr.check_signs import ends_in_ring
from ocr.check_trust import DOUBT, trusted
from ocr.engine import Engines
from ocr.likely_texts import likely_texts
from ocr.numerals import read_numerals_line
from ocr.odds import log_odds
from ocr.types import Alternative

Chances = Mapping[str, float]

_PRINTED_SEEN, _PRINTED_SURE = 0.5, 0.8
_OTHERS = 3
_LEAST = 0.02  # what a reader leaves to days that it does not see
_NONE: Chances = {}
_DOUBT = 0.8
_HARDLY = 0.12  # a day so little likely by all readers together is at best a good guess
_FORCE = 0.35  # what the digits' reader must give a day, twice, to be asked alone
_YEARS = range(2025, 2046)
"""Years of checks that may be current: one from before this program is stale, or misread."""
_FRACTION = re.compile(r"[0-9]{1,4}[-:][0-9]{1,5}[/1l][0-9]{3,4}|[0-9]{2,4}[-:][0-9]{3,5}")


def read_date(sheet: Sheet, engines: Engines, pixels: Pixels | None = None) -> Read | None:
    """The date: printed as one, or written on the line by the word "Date".

    ``pixels`` is the same crop with its ruled lines still there: a doubtful date is read again
    in it, since erasing a line takes the feet of some digits with it.
    """
    printed = _printed(sheet)
    if printed is not None:
        return _trusted(_printed_read(sheet, printed, engines))
    clean = _without_fractions(sheet)
    for box in _places(sheet):
        found = writing(clean, box)
        if found is None or found[1][2] < 14 or found[1][3] < 10:
            continue
        read = _written(found[0], found[1], engines, _NONE, pixels)
        if read is not None:
            return _trusted(read)
    return None


def _trusted(read: Read | None) -> Read | None:
    """The date with its probability; no year is believed in which no check can be current."""
    if read is not None and int(str(read.value)[:4]) not in _YEARS:
        read = replace(read, signs={**read.signs, DOUBT: 1.0})
    return trusted("date", read)


def _without_fractions(sheet: Sheet) -> Pixels:
    """The sheet with the printed routing fractions (88-749/0749), which no date is, painted out."""
    marks = [word.box for word in sheet.words if _FRACTION.fullmatch(word.text)]
    if not marks:
        return sheet.clean
    clean = sheet.clean.copy()
    for x, y, width, height in marks:
        clean[max(0, y - 2) : y + height + 2, max(0, x - 3) : x + width + 3] = 255
    return clean


def _printed(sheet: Sheet) -> Row | None:
    """The words that the page reader took for a date."""
    middle = 0.4 * sheet.width
    for row in sorted(sheet.rows, key=lambda row: (row.box[0] + row.box[2] < middle, row.box[1])):
        if row.box[1] > 0.6 * sheet.floor:
            continue
        found = parse_date(row.text)
        if found is None:
            continue
        start, end = found[2]
        place, words = 0, []
        for word in row.words:
            if place < end and place + len(word.text) > start:
                words.append(word)
            place += len(word.text) + 1
        if min((word.confidence for word in words), default=0.0) >= _PRINTED_SEEN:
            return Row(tuple(words))
    return None


def _printed_read(sheet: Sheet, row: Row, engines: Engines) -> Read | None:
    """A printed date, confirmed by our digits' reader; where that denies it, all three decide.

    Handwriting that the page reader takes for type loses a stroke easily (11 for 1).
    """
    day, alike, _ = parse_date(row.text) or ("", 0.0, (0, 0))
    sure = min(word.confidence for word in row.words)
    signs = row_signs(row) | {"month": alike, "tall": row.box[3] / INCH}
    x, y, width, height = row.box
    found = writing(sheet.clean, (x - 10, y - 5, width + 20, height + 10))
    if any(map(str.isalpha, row.text)):
        if found is not None and sure < _PRINTED_SURE:
            return _written(found[0], found[1], engines, {day: sure})
        text = "" if found is None else read_numerals_line(found[0]).text
        return Read(day, sure, row.box, "tesseract_named", signs=signs | _tail_signs(day, text))
    if found is None:
        return Read(day, sure, row.box, "tesseract", signs=signs)
    second = _days_of_digits(found[0])
    if max(second, key=lambda key: second[key], default=None) != day or sure < _PRINTED_SURE:
        return _written(found[0], found[1], engines, {day: sure})
    runner_up = sorted(second.values())[-2] if len(second) > 1 else 0.0
    signs |= {"second": log_odds(second[day]), "runner_up": log_odds(runner_up)}
    return Read(day, sure, row.box, "tesseract", signs=signs)


def _days_of_digits(crop: Pixels) -> Chances:
    return dict(days(likely_texts(read_numerals_line(crop))).chances)


def _written(
    crop: Pixels, tight: Box, engines: Engines, printed: Chances, pixels: Pixels | None = None
) -> Read | None:
    """What a crop says, by the digits' reader, the line recogniser, and the page reader's vote.

    The digits' reader costs an eighth of the recogniser: where it says the same of the crop with
    and without its ruled lines, that is enough.
    """
    figures = read_numerals_line(crop)
    second: Chances = dict(days(likely_texts(figures)).chances)
    raw = None if pixels is None else cut(pixels, _wider(tight))
    fourth: Chances = _NONE
    if raw is not None and second:
        fourth = _days_of_digits(raw)
        if not printed and _agreed(second, fourth):
            return _of_digits(crop, tight, second, fourth)
    line = engines.line.read_line(crop)
    seen = days(likely_texts(line))
    first = dict(seen.chances)
    if seen.named:
        second = fourth = _NONE
    votes = [vote for vote in (first, second, printed, fourth) if vote]
    ranked = _together(votes)
    again: Chances = _NONE
    if raw is not None and (not ranked or ranked[0][1] < _DOUBT):
        other = days(likely_texts(engines.line.read_line(raw)))
        again = dict(other.chances)
        ranked = _together([*votes, again] if again else votes)
        seen = seen if seen.chances else other
    if not ranked:
        return None
    value, chance = ranked[0]
    signs = {
        **text_signs(line.text, line.probabilities),
        **_vote_signs(ranked),
        "first": log_odds(first.get(value, 0.0)),
        "second": log_odds(second.get(value, 0.0)),
        "again": log_odds(again.get(value, 0.0)),
        "fourth": log_odds(fourth.get(value, 0.0)),
        "agree": sum(float(value in vote) for vote in (first, second, printed, again, fourth)),
        "wide": tight[2] / max(1.0, tight[3] * len(line.text)),
        DOUBT: float(_year_open(value, crop, [first or again, second or fourth], named=seen.named)),
    }
    if seen.named:
        signs |= _tail_signs(value, figures.text)
    if chance < _HARDLY:
        signs[DOUBT] = 1.0
    source = "recogniser_named" if seen.named else "recogniser"
    return Read(value, chance, tight, source, _others(ranked), signs)


def _wider(tight: Box) -> Box:
    x, y, width, height = tight
    return x - 8, y - 6, width + 16, height + 12


def _agreed(clean: Chances, raw: Chances) -> bool:
    """Whether two readings by the digits' reader name the same day, both with some force."""
    if not clean or not raw:
        return False
    day = max(clean, key=lambda key: clean[key])
    return day == max(raw, key=lambda key: raw[key]) and min(clean[day], raw[day]) >= _FORCE


def _of_digits(crop: Pixels, tight: Box, clean: Chances, raw: Chances) -> Read:
    """The day that both readings by the digits' reader name."""
    ranked = _together([clean, raw])
    value, chance = ranked[0]
    signs = _vote_signs(ranked) | {
        "second": log_odds(clean.get(value, 0.0)),
        "fourth": log_odds(raw.get(value, 0.0)),
        "wide": tight[2] / max(1.0, 8.0 * tight[3]),
        DOUBT: float(_year_open(value, crop, [clean, raw])),
    }
    return Read(value, chance, tight, "digits", _others(ranked), signs)


def _vote_signs(ranked: list[tuple[str, float]]) -> dict[str, float]:
    return {
        "chance": log_odds(ranked[0][1]),
        "runner_up": log_odds(ranked[1][1] if len(ranked) > 1 else 0.0),
    }


def _others(ranked: list[tuple[str, float]]) -> tuple[Alternative, ...]:
    return tuple(Alternative(day, round(p, 4)) for day, p in ranked[1 : 1 + _OTHERS])


def _year_open(value: str, crop: Pixels, votes: list[Chances], *, named: bool = False) -> bool:
    """Whether the year may be another: a reader sees another one, or its nought may be a six.

    A check of another year is rare enough in a day's mail that one reader's word is too little.
    """
    if value[3] == "0" and not ends_in_ring(crop):
        return True
    if named:
        return False
    return any(_year_of(vote) != value[:4] for vote in votes)


def _tail_signs(value: str, text: str) -> dict[str, float]:
    """Whether the digits' reader sees the day and the year after a month's name."""
    seen = re.sub(r"[^0-9]", "", text)
    year, day = value[:4], value[8:].lstrip("0")
    other = re.search(r"20[0-9]{2}$", seen)
    signs = {
        "year_seen": float(seen.endswith(year)),
        "day_seen": float(seen.removesuffix(year).endswith(day) and seen.endswith(year)),
    }
    return signs | ({DOUBT: 1.0} if other is not None and other[0] != year else {})


def _year_of(vote: Chances) -> str:
    """The year that a reader holds likeliest, "" when it sees no day."""
    years: dict[str, float] = {}
    for day, chance in vote.items():
        years[day[:4]] = years.get(day[:4], 0.0) + chance
    return max(years, key=lambda year: years[year], default="")


def _together(votes: list[Chances]) -> list[tuple[str, float]]:
    """Days by probability: what all readers allow wins over what one alone says."""
    weights = {day: 1.0 for vote in votes for day in vote}
    none = 1.0
    for vote in votes:
        none *= max(_LEAST, 1.0 - sum(vote.values()))
        for day in weights:
            weights[day] *= vote.get(day, 0.0) + _LEAST
    total = sum(weights.values()) + none
    return sorted(((day, w / total) for day, w in weights.items()), key=lambda item: -item[1])


def _places(sheet: Sheet) -> list[Box]:
    label = anchor(
        sheet, ("date",), within=(sheet.width // 3, 0, sheet.width, sheet.floor * 2 // 3)
    ) or anchor(sheet, ("date",), within=(0, 0, sheet.width, sheet.floor * 2 // 3))
    places: list[Box] = []
    if label is not None:
        rule = below_or_at(sheet.rules, label)
        if rule is not None:
            places.append(text_band(rule, above=0.27))
        above = [
            r for r in sheet.rules
            if 0 < label.box[1] - r.y < 0.15 * INCH and r.left - 40 < label.box[0] < r.right + 40
        ]  # fmt: skip
        places += [text_band(r, above=0.36) for r in above[:1]]
        if rule is None and not above:
            x, y, width, height = label.box
            places.append((x + width + 4, y - 24, round(1.9 * INCH), height + 36))
    else:
        high = [
            r for r in sheet.rules
            if r.y < 0.5 * sheet.floor and r.left > 0.45 * sheet.width and r.length < 2.6 * INCH
        ]  # fmt: skip
        places += [text_band(r, above=0.3) for r in high[-2:]]
    return places
