"""The other fields of a check front: date, payee, payer, memo, bank, and whether it is signed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from intake.types import Box, Word
from ocr.check_amounts import payee_rule
from ocr.check_dates import parse_date
from ocr.check_layout import (
    INCH,
    Row,
    Rule,
    Sheet,
    anchor,
    below_or_at,
    cut,
    digit_run,
    is_blank,
    text_band,
    writing,
)
from ocr.engine import Engines, LineText

_BANK = re.compile(
    r"\b(bank|banc|bancorp|credit union|savings|trust|federal|n\.?a\.?)\b", re.IGNORECASE
)
_ZIP = re.compile(r"\b[A-Z]{2}\.?,?\s+[0-9]{5}(?:-[0-9]{4})?\b|\b[0-9]{5}(?:-[0-9]{4})?$")
# A street, a box or the title of a form is nobody's name, though it is the highest line read.
_NO_NAME = re.compile(r"^\W*(?:\d|p\.?\s*o\.?\s*box\b)|money\s+order|cashier", re.IGNORECASE)
_ON_FILE = re.compile(r"signature\s*(?:on\s*file|not\s*required)|no\s*signature", re.IGNORECASE)
_LABELS = re.compile(
    r"^(?:pay\s*(?:to|this)?|to\s*the|order\s*of|date|memo|for|dollars|amount|check\s*(?:no|number))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Read:
    """A value read in crop pixels."""

    value: Any
    confidence: float
    box: Box
    source: str


def _line(sheet: Sheet, box: Box, engines: Engines) -> tuple[LineText, Box] | None:
    found = writing(sheet.clean, box)
    if found is None or found[1][2] < 14 or found[1][3] < 10:
        return None
    return engines.line.read_line(found[0]), found[1]


def _mean(line: LineText) -> float:
    return sum(line.probabilities) / max(1, len(line.probabilities))


def read_date(sheet: Sheet, engines: Engines) -> Read | None:
    """The date: printed as one, or written on the line by the word "Date"."""
    for row in sheet.rows:
        if row.box[1] > 0.6 * sheet.floor or row.box[0] + row.box[2] < 0.4 * sheet.width:
            continue
        found = parse_date(row.text)
        sure = min((word.confidence for word in row.words), default=0.0)
        if found and sure >= 0.8:
            return Read(found[0], round(min(0.88, sure * found[1]), 4), row.box, "tesseract")
    for box in _date_places(sheet):
        got = _line(sheet, box, engines)
        found = parse_date(got[0].text) if got else None
        if got is not None and found is not None:
            start, end = found[2]
            sure = 1.0
            for probability in got[0].probabilities[start:end]:
                sure *= probability
            return Read(found[0], round(0.85 * sure * found[1], 4), got[1], "recogniser")
    return None


def _date_places(sheet: Sheet) -> list[Box]:
    label = anchor(
        sheet, ("date",), within=(sheet.width // 3, 0, sheet.width, sheet.floor * 2 // 3)
    )
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


def read_payee(sheet: Sheet, engines: Engines) -> Read | None:
    """Who is paid: what stands on the line after "order of"."""
    label = anchor(sheet, ("order",), within=(0, 0, sheet.width // 2, sheet.floor))
    rule = payee_rule(sheet)
    if rule is not None and (label is None or abs(rule.y - label.box[1]) < 0.6 * INCH):
        box = text_band(rule, above=0.34, below=0.05)
        start = max([box[0], *(edge + 4 for edge in _label_ends(sheet, rule))])
        box = (start, box[1], box[0] + box[2] - start, box[3])
    elif label is not None:
        x, y, width, height = label.box
        start = x + width + round(0.08 * INCH)
        box = (start, y - round(0.1 * INCH), round(4.2 * INCH), height + round(0.14 * INCH))
    else:
        return None
    got = _line(sheet, box, engines)
    if got is None:
        return None
    name = re.sub(r"^(?:order\s*)?(?:of|f)\b[ .:]*", "", got[0].text, flags=re.IGNORECASE)
    name = re.sub(r"\s+", " ", name).strip(" .-_*$,:;|")
    if len(name) < 2 or not re.search(r"[A-Za-z]{2}", name):
        return None
    return Read(name, round(min(0.85, got[0].confidence), 4), got[1], "recogniser")


def _label_ends(sheet: Sheet, rule: Rule) -> list[int]:
    """Right edges of the printed words "Pay to the order of" before a rule."""
    return [
        word.box[0] + word.box[2]
        for word in sheet.words
        if word.text.lower().strip(".:,") in {"pay", "to", "the", "order", "of"}
        and word.box[0] < rule.left + 0.1 * INCH
        and -0.1 * INCH < rule.y - word.box[1] < 0.5 * INCH
    ]


def read_memo(sheet: Sheet, engines: Engines) -> Read | None:
    """What is written after "Memo" or "For", None when nothing is."""
    area = (0, round(0.55 * sheet.floor), sheet.width // 2, sheet.floor)
    label = anchor(sheet, ("memo", "for"), within=area)
    rule = below_or_at(sheet.rules, label) if label else _memo_rule(sheet)
    if rule is not None:
        x, y, width, height = text_band(rule, above=0.23)
        start = max(x, label.box[0] + label.box[2] + 3) if label else x
        box = (start, y, x + width - start, height)
    elif label is not None:
        x, y, width, height = label.box
        box = (x + width + 6, y - 12, round(2.0 * INCH), height + 22)
    else:
        return None
    got = _line(sheet, box, engines)
    if got is None:
        return None
    text = got[0].text.strip(" .-_:|,")
    if len(text) < 2:
        return None
    return Read(text, round(min(0.85, got[0].confidence), 4), got[1], "recogniser")


def _memo_rule(sheet: Sheet) -> Rule | None:
    """The lowest line at the lower left, where the word before it was not read."""
    low = [
        rule for rule in sheet.rules
        if rule.y > 0.72 * sheet.floor and rule.left < 0.25 * sheet.width
        and rule.right < 0.58 * sheet.width and rule.length > INCH
    ]  # fmt: skip
    return low[-1] if low else None


def read_payer(sheet: Sheet) -> tuple[Read | None, Read | None]:
    """Name and address of who pays: the printed lines at the upper left."""
    top = anchor(sheet, ("order", "pay"), within=(0, 0, sheet.width // 2, sheet.floor))
    limit = top.box[1] - 4 if top is not None else round(0.42 * sheet.floor)
    rows = [
        row for row in sheet.rows
        if row.box[1] + row.box[3] < limit
        and row.box[0] < 0.45 * sheet.width
        and sum(word.confidence for word in row.words) / len(row.words) >= 0.55
        and len(re.sub(r"[^A-Za-z0-9]", "", row.text)) >= 3
    ]  # fmt: skip
    lines = _column(rows, sheet)
    if not lines or not re.search(r"[A-Za-z]{2}", lines[0].text):
        return None, None
    name = None
    if not _NO_NAME.search(lines[0].text):
        name = Read(lines[0].text, round(0.85 * _trust(lines[0]), 4), lines[0].box, "tesseract")
    rest = []
    for row in lines[1:5] if name is not None else lines[:4]:
        rest.append(row)
        if _ZIP.search(row.text):
            break
    if not rest or not _ZIP.search(rest[-1].text):
        return name, None
    whole = Row(tuple(word for row in rest for word in row.words))
    text = "\n".join(row.text for row in rest)
    trust = 0.85 * min(_trust(row) for row in rest)
    return name, Read(text, round(trust, 4), whole.box, "tesseract")


def _column(rows: list[Row], sheet: Sheet) -> list[Row]:
    """The rows of one left-aligned block, beginning with the highest; no bank and no labels."""
    fit = [r for r in rows if not _LABELS.match(r.text) and not _BANK.search(r.text)]
    for first in fit:
        if first.box[0] > 0.4 * sheet.width:
            continue
        block = [first]
        for row in fit:
            gap = row.box[1] - (block[-1].box[1] + block[-1].box[3])
            aligned = abs(row.box[0] - first.box[0]) <= 0.12 * INCH
            if row is not first and aligned and -6 <= gap <= 0.2 * INCH:
                block.append(row)
        if len(block) >= 2:
            return block
    return []


def _trust(row: Row) -> float:
    return min(word.confidence for word in row.words)


def read_bank(sheet: Sheet) -> Read | None:
    """The printed bank name."""
    for row in sheet.rows:
        if _BANK.search(row.text) and len(row.text) >= 5 and not re.search(r"[0-9]{4}", row.text):
            sure = _trust(row)
            if sure >= 0.5:
                return Read(row.text, round(0.85 * sure, 4), row.box, "tesseract")
    return None


def read_signed(sheet: Sheet) -> Read | None:
    """Whether there is ink on the signature line at the lower right."""
    low = [
        rule for rule in sheet.rules
        if rule.y > 0.6 * sheet.floor and rule.right > 0.7 * sheet.width
        and rule.left > 0.35 * sheet.width and rule.length >= 1.1 * INCH
    ]  # fmt: skip
    if low:
        rule = low[-1]
        box = (rule.left, rule.y - round(0.32 * INCH), rule.length, round(0.3 * INCH))
        sure = 0.93
    else:
        box = (round(0.55 * sheet.width), round(0.72 * sheet.floor), round(0.42 * sheet.width),
               round(0.26 * sheet.floor))  # fmt: skip
        sure = 0.75
    if is_blank(sheet.clean, box):
        return Read(False, sure - 0.05, box, "ink")  # noqa: FBT003 - the value read
    on_file = next((row for row in sheet.rows if _ON_FILE.search(row.text)), None)
    if on_file is not None:
        return Read(False, 0.8, on_file.box, "tesseract")  # noqa: FBT003 - the value read
    signed = not is_blank(sheet.clean, box, share=0.012)
    found = writing(sheet.clean, box)
    return Read(signed, sure if signed else 0.6, found[1] if found else box, "ink")


def read_serial(sheet: Sheet, engines: Engines) -> tuple[Word, ...]:
    """Printed numbers at the upper right that may be the check number."""
    top, left = 0.3 * sheet.floor, round(0.45 * sheet.width)
    found = tuple(
        word for word in sheet.words
        if word.box[1] + word.box[3] < top and word.box[0] > left
        and re.fullmatch(r"(?:No\.?|#)?[0-9]{3,10}", word.text)
    )  # fmt: skip
    if found:
        return found
    corner = (round(0.72 * sheet.width), 0, round(0.27 * sheet.width), round(0.2 * sheet.floor))
    marks = digit_run(sheet.clean, corner)
    if marks is None:
        return ()
    line = engines.line.read_line(cut(sheet.clean, marks))
    number = re.fullmatch(r"(?:No\.?|#)?\s*([0-9]{3,10})", line.text.strip())
    return (Word(number[1], marks, line.confidence),) if number else ()
