"""The memo of a check front, and the account numbers that people write in it."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from intake.types import Box, Word
from ocr.check_layout import INCH, Row, Rule, Sheet, anchor, below_or_at, text_band, writing
from ocr.check_print import is_label, is_street, names_bank, phrases, sureness
from ocr.check_read import Read, line_at, line_signs, row_signs
from ocr.check_signs import character_signs
from ocr.check_trust import DOUBT, trusted
from ocr.engine import Engines
from ocr.micr_grammar import digits_only
from ocr.numerals import read_numerals_line

_NAMES = ("memo", "for", "reference", "regarding")


def read_memo(sheet: Sheet, engines: Engines) -> Read | None:
    """What is printed or written after "Memo" or "For", None when nothing is."""
    area = (0, round(0.5 * sheet.floor), round(0.55 * sheet.width), sheet.floor)
    label = _label(sheet, area)
    printed = _printed(sheet, label)
    if printed is not None:
        text = printed.text.strip(" .-_:|,")
        signs = row_signs(printed) | {"label": 1.0} | character_signs(text)
        if 2 * sum(map(str.isdigit, text)) > len(text):
            signs |= _same_number(sheet, printed.box, text)
        return trusted("memo", Read(text, sureness(printed), printed.box, "tesseract", signs=signs))
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
    if _is_print(sheet, box):
        return None
    got = line_at(sheet, box, engines)
    if got is None:
        return None
    text = got[0].text.strip(" .-_:|,")
    if len(text) < 2:
        return None
    digits = sum(map(str.isdigit, text))
    agree = 0.0
    if 2 * digits > len(text):
        second = _line_of(sheet, box)
        agree = fuzz.ratio(digits_only(text), digits_only(second)) / 100.0
    signs = line_signs(got[0]) | character_signs(text) | {
        "agree": agree, "same": float(agree == 1.0),
        "label": float(label is not None), "rule": float(rule is not None),
        "digits": digits / len(text), "tall": got[1][3] / INCH,
        DOUBT: float(agree < 1.0),  # words, and figures read otherwise: one reader's say alone
    }  # fmt: skip
    return trusted("memo", Read(text, got[0].confidence, got[1], "recogniser", signs=signs))


def _label(sheet: Sheet, area: Box) -> Word | None:
    """The form's own "Memo" or "For": of two on one line the left, for memos say "for" too."""
    label = anchor(sheet, _NAMES, within=area)
    if label is None:
        return None
    x, y, _, height = label.box
    before = anchor(sheet, _NAMES, within=(0, y - height, max(1, x - 1), 3 * height))
    if before is not None:
        return before
    under = (rule for rule in sheet.rules if abs(rule.y - y - height) <= 0.1 * INCH)
    on_line = any(rule.left + 0.08 * INCH < x < rule.right for rule in under)
    return None if on_line else label  # it is written where the memo is


def _same_number(sheet: Sheet, box: Box, text: str) -> dict[str, float]:
    """Whether the digits' reader sees the same number where the page reader saw one."""
    x, y, width, height = box
    second = _line_of(sheet, (x - 4, y - 6, width + 8, height + 12))
    same = digits_only(text) == digits_only(second)
    return {"same": float(same)} | ({} if same else {DOUBT: 1.0})


def _line_of(sheet: Sheet, box: Box) -> str:
    """The same place by the digits' reader: a second opinion on an account number."""
    found = writing(sheet.clean, box)
    return "" if found is None else read_numerals_line(found[0]).text


def _printed(sheet: Sheet, label: Word | None) -> Row | None:
    """Typed words on the label's own line."""
    if label is None:
        return None
    x, _, width, height = label.box
    words: list[Word] = []
    for row in sheet.rows:
        if label not in row.words:
            continue
        words = [w for w in row.words if w.box[0] > x + 0.8 * width and w is not label]
    kept: list[Word] = []
    edge = x + width
    for word in sorted(words, key=lambda w: w.box[0]):
        if word.box[0] - edge > 0.9 * INCH or word.box[3] > 2.2 * max(height, 8):
            break
        kept.append(word)
        edge = word.box[0] + word.box[2]
    if not kept or is_label(kept[0].text):
        return None
    row = Row(tuple(kept))
    return row if sureness(row) >= 0.85 and len(row.text) >= 2 else None


def _is_print(sheet: Sheet, box: Box) -> bool:
    """Whether most of what stands in a place is the form's own small print (a bank's town, say)."""
    x, y, width, height = box
    for row in phrases(sheet):
        a, b, wide, high = row.box
        inside = x - 8 <= a and a + wide <= x + width + 8 and y <= b + high / 2 <= y + height
        small = high <= 0.11 * INCH and sureness(row) >= 0.7
        if inside and (names_bank(row.text) or is_street(row.text) or is_label(row.text)):
            return True
        if inside and small and re.search(r"[A-Za-z]{3,},\s+[A-Za-z]{2}", row.text):
            return True
    return False


def _memo_rule(sheet: Sheet) -> Rule | None:
    """The lowest line at the lower left, where the word before it was not read."""
    low = [
        rule for rule in sheet.rules
        if rule.y > 0.72 * sheet.floor and rule.left < 0.25 * sheet.width
        and rule.right < 0.58 * sheet.width and rule.length > INCH
    ]  # fmt: skip
    if not low:
        return None
    rule = low[-1]
    before = [
        row for row in phrases(sheet)
        if abs(row.box[1] + row.box[3] - rule.y) < 0.12 * INCH
        and row.box[0] < rule.left + 0.1 * INCH and row.box[0] + row.box[2] < rule.left + 0.3 * INCH
    ]  # fmt: skip
    under = [
        row
        for row in phrases(sheet)
        if 0 < row.box[1] - rule.y < 0.12 * INCH and rule.left - 8 <= row.box[0] <= rule.right
    ]
    if any(is_label(row.text) for row in (*before, *under)):
        return None  # the line is for something else: an address, a purchaser, a signature
    return rule
