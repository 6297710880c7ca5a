"""Who is paid: what is printed or written beside "Pay to the order of"."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from intake.types import Box, Word
from ocr.borne_out import borne_out
from ocr.check_dates import parse_date
from ocr.check_layout import INCH, Row, Rule, Sheet, anchor, text_band
from ocr.check_print import is_amount, is_label, is_title, letters, sureness
from ocr.check_read import Read, line_signs, row_signs, written_at
from ocr.check_signs import doubted, is_all, name_signs, place_signs
from ocr.check_trust import DOUBT, trusted
from ocr.check_words import spelt
from ocr.engine import Engines

_OF_LABEL = re.compile(r"(?:to|t?he|e|order|r?der|e?r|o?f)\b", re.IGNORECASE)
"""What may be left of "to the order of" before a name."""
_DOUBTED = -1.0  # natural log a letter, see borne_out
_APART = 0.35  # inches between words of one name


def read_payee(sheet: Sheet, engines: Engines) -> Read | None:
    """Who is paid: what is printed or written beside "order of"."""
    label = order_label(sheet)
    printed = None if label is None else _printed_payee(sheet, label.box)
    edge = 0 if label is None else label.box[0] + label.box[2]
    if printed is not None and sureness(printed) >= 0.9 and is_all(sheet, printed, edge):
        signs = row_signs(printed) | place_signs(sheet, printed)
        return _payee(printed.text, printed.box, "tesseract", signs)
    rule = _payee_rule(sheet, label)
    beside: dict[str, float] = {}
    if rule is not None and (label is None or abs(rule.y - label.box[1]) < 0.6 * INCH):
        box = text_band(rule, above=0.34, below=0.05)
        start = max([box[0], *(edge + 4 for edge in _label_ends(sheet, rule))])
        box = (start, box[1], box[0] + box[2] - start, box[3])
    elif label is not None:
        x, y, width, height = label.box
        start = x + width + round(0.08 * INCH)
        box = (start, y - round(0.1 * INCH), round(4.2 * INCH), height + round(0.14 * INCH))
        if printed is not None:
            beside = place_signs(sheet, printed)
            a, b, wide, high = printed.box
            first = min(a - 4, start) if beside["left"] else a - 4
            box = (first, b - 4, a + wide + 4 - first, high + 8)
    else:
        return None
    written = written_at(sheet, box)
    if written is None:
        return None
    crop, place = written
    line = engines.line.read_line(crop)
    agree = 0.0 if printed is None else fuzz.ratio(printed.text.lower(), line.text.lower()) / 100
    name = re.sub(r"^(?:order\s*)?(?:of|f)\b[ .:]*", "", line.text, flags=re.IGNORECASE)
    signs = line_signs(line) | {
        "agree": agree, "rule": float(rule is not None),
        "start": min(2.0, (place[0] - box[0]) / INCH), "right": beside.get("right", 0.0),
    }  # fmt: skip
    doubt = rule is None and bool(beside.get("right", 0.0))
    if spelt(name)[1] < 1.0:  # no common words vouch for it
        signs["heard"] = borne_out(crop, line.text)
        doubt = doubt or signs["heard"] < _DOUBTED
    return _payee(name, place, "recogniser", signs, doubt=doubt)


def _payee(
    name: str, box: Box, source: str, signs: dict[str, float], *, doubt: bool = False
) -> Read | None:
    name, known = spelt(re.sub(r"\s+", " ", name).strip(" .-_*$,:;|"))
    name = re.sub(r"(?<=[A-Za-z]) # (?=[A-Za-z])", " & ", name)
    before = max(float(doubt or bool(_OF_LABEL.match(name))), signs.get(DOUBT, 0.0))
    signs = signs | {"known": known} | doubted(name_signs(name))
    signs[DOUBT] = max(signs[DOUBT], before)
    if len(name) < 2 or not re.search(r"[A-Za-z]{2}", name) or parse_date(name) is not None:
        return None
    sure = float(signs.get("least", 0.0))
    return trusted("payee_name", Read(name, sure, box, source, signs=signs))


def _printed_payee(sheet: Sheet, label: Box) -> Row | None:
    """The highest printed words to the right of "order", level with the label's lines."""
    x, y, width, height = label
    right = x + width
    for row in sheet.rows:
        _, b, _, high = row.box
        if not (y - 1.6 * height <= b + high / 2 <= y + 2.6 * height):
            continue
        words = [w for w in row.words if w.box[0] >= right - 2]
        while words and words[0].text.lower().strip(".:,") in {"of", "order", "the", "to"}:
            words = words[1:]
        kept: list[Word] = []
        for word in words:
            last = kept[-1].box if kept else None
            if last is not None and word.box[0] - last[0] - last[2] > _APART * INCH:
                break
            kept.append(word)
        part = Row(tuple(kept)) if kept else None
        if part is None or part.box[0] > right + 1.6 * INCH or part.box[0] > 0.6 * sheet.width:
            continue
        said = is_amount(part.text) or is_label(part.text) or parse_date(part.text) is not None
        if letters(part) >= 3 and not said:
            return part
    return None


def order_label(sheet: Sheet) -> Word | None:
    """The printed "order" of "Pay to the order of" (no title such as "Money order"), or "Pay"."""
    found: list[tuple[float, Word]] = []
    for row in sheet.rows:
        if is_title(row.text):
            continue
        for word in row.words:
            bare = re.sub(r"[^a-z]", "", word.text.lower()).removesuffix("of") or "of"
            alike = fuzz.ratio(bare, "order")
            if alike >= 80 and word.box[0] < 0.4 * sheet.width and word.box[1] > 0.12 * sheet.floor:
                found.append((alike + 10 * word.confidence, word))
    if found:
        return max(found, key=lambda item: item[0])[1]
    return anchor(sheet, ("pay",), within=(0, 0, sheet.width // 3, sheet.floor))


def _label_ends(sheet: Sheet, rule: Rule) -> list[int]:
    """Right edges of the printed words "Pay to the order of" before a rule."""
    return [
        word.box[0] + word.box[2]
        for word in sheet.words
        if word.text.lower().strip(".:,") in {"pay", "to", "the", "order", "of"}
        and word.box[0] < rule.left + 0.1 * INCH
        and -0.1 * INCH < rule.y - word.box[1] < 0.5 * INCH
    ]


def _payee_rule(sheet: Sheet, label: Word | None) -> Rule | None:
    """The long line after "Pay to the order of"."""
    if label is None:
        label = anchor(sheet, ("pay",), within=(0, 0, sheet.width // 3, sheet.floor))
    long = [rule for rule in sheet.rules if rule.length >= 2.2 * INCH]
    if label is not None:
        foot = label.box[1] + label.box[3]
        near = [rule for rule in long if -0.25 * INCH <= rule.y - foot <= 0.4 * INCH]
        if near:
            right = label.box[0] + label.box[2]
            return min(near, key=lambda rule: abs(rule.y - foot) + abs(rule.left - right) / 8)
    low = [r for r in long if 0.25 * sheet.floor < r.y < 0.72 * sheet.floor and r.left < 2 * INCH]
    return low[0] if low else None
