"""Who pays, and by which bank: the names printed on a check front."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from intake.types import Box
from ocr.check_layout import INCH, Row, Sheet, anchor, below_or_at, text_band
from ocr.check_print import (
    Block,
    blocks,
    is_amount,
    is_label,
    is_street,
    is_title,
    letters,
    names_bank,
    phrases,
    sureness,
)
from ocr.check_read import Read, line_at, line_signs, row_signs
from ocr.check_signs import (
    OPEN_END,
    address_signs,
    doubted,
    figure_signs,
    is_all,
    name_signs,
    place_signs,
    second_look,
)
from ocr.check_trust import DOUBT, trusted
from ocr.check_words import spelt
from ocr.engine import Engines

_PURCHASER = ("purchaser", "remitter", "sender", "from")
_LEAST = 0.5
_SAME_NAME = 85.0
_SERVICE = re.compile(r"\b(?:bill\s*pay\w*|payments?|financial|remittance)\b", re.IGNORECASE)

_TWO_NUMBERS = re.compile(r"[0-9] [0-9]")
"""One number of an address, more often than two, with a blank seen in it."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The printed names and addresses of a check."""

    payer: Read | None
    address: Read | None
    bank: Read | None


def read_parties(sheet: Sheet, engines: Engines) -> Parties:
    """Payer, payer's address and bank, from the printed blocks; a purchaser's handwriting too."""
    found = phrases(sheet)
    bought = _purchaser(sheet, found, engines)
    top = _form_top(sheet)
    high = tuple(
        row for row in found
        if row.box[1] + row.box[3] <= top and letters(row) + 2 * is_street(row.text) >= 3
        and sum(word.confidence for word in row.words) / len(row.words) >= _LEAST
    )  # fmt: skip
    listed = blocks(tuple(row for row in high if not _is_form(row)))
    ranked = sorted(listed, key=lambda block: -_as_payer(block, sheet))
    payer = ranked[0] if ranked and _as_payer(ranked[0], sheet) >= 1.5 else None
    payer = payer and _with_name(payer, high)
    payer = payer and _with_surname(payer, found)
    if bought is not None:
        bank = _bank(found, None, sheet, engines)
        return Parties(bought[0], bought[1], bank)
    if payer is None:
        return Parties(_treasury(sheet, found), None, _bank(found, None, sheet, engines))
    name, address = _name_and_address(sheet, payer, _as_payer(payer, sheet), engines)
    return Parties(name, address, _bank(found, payer, sheet, engines))


def _with_name(block: Block, high: tuple[Row, ...]) -> Block:
    """The block with the name above its street, where larger type put it out of line."""
    x, y, width, height = block.rows[0].box
    if not is_street(block.rows[0].text):
        return block
    for row in high:
        a, b, wide, tall = row.box
        gap = y - b - tall
        over = min(x + width, a + wide) - max(x, a)
        if -0.3 * height <= gap <= tall and over > 0.5 * min(width, wide) and not _is_form(row):
            return Block((row, *block.rows))
    return block


def _with_surname(block: Block, found: tuple[Row, ...]) -> Block:
    """The block with the rest of a name that broke off after an initial or an "&"."""
    first = block.rows[0]
    if not OPEN_END.search(first.text):
        return block
    x, y, width, height = first.box
    for row in found:
        a, b, _, high = row.box
        level = abs(b + high / 2 - y - height / 2) <= 0.5 * height
        if level and 0 < a - x - width <= 2.5 * height and letters(row) >= 2:
            return Block((Row((*first.words, *row.words)), *block.rows[1:]))
    return block


def _treasury(sheet: Sheet, found: tuple[Row, ...]) -> Read | None:
    """The government as payer, which puts no address on its checks."""
    for row in found:
        if re.search(r"united\s+states\s+treasury", row.text, re.IGNORECASE):
            signs = row_signs(row) | {"rows": 1.0, "score": 0.0, "town": 0.0}
            signs |= place_signs(sheet, row)
            read = Read(row.text, sureness(row), row.box, "tesseract", signs=signs)
            return trusted("payer_name", read)
    return None


def _form_top(sheet: Sheet) -> int:
    """Where the form's own lines begin: the highest of its "Pay" and "Order of"."""
    top = anchor(sheet, ("order", "pay"), within=(0, 0, sheet.width // 2, sheet.floor))
    limit = round(0.45 * sheet.floor)
    return limit if top is None else min(limit, top.box[1] + 2)


def _is_form(row: Row) -> bool:
    return is_label(row.text) or is_title(row.text) or is_amount(row.text)


def _as_payer(block: Block, sheet: Sheet) -> float:
    """How much a block looks like the payer's name and address."""
    first = block.rows[0]
    score = 0.0
    score += 3.0 if block.town is not None else 0.0
    score += 1.5 if block.street else 0.0
    score += 0.5 * min(2, len(block.rows) - 1)
    score += 1.0 if first.box[0] < 0.3 * sheet.width else 0.0
    score += 0.5 if first.box[1] < 0.22 * sheet.floor else 0.0
    score -= 2.0 if names_bank(first.text) else 0.0
    score -= 1.0 if letters(first) < 4 else 0.0
    score -= 1.5 if first.box[0] > 0.6 * sheet.width else 0.0
    return score


def _name_and_address(
    sheet: Sheet, block: Block, score: float, engines: Engines
) -> tuple[Read | None, Read | None]:
    rows = list(block.rows)
    town = block.town
    name = None
    shape = {"rows": float(len(rows)), "score": score, "town": float(town is not None)}
    if not is_street(rows[0].text) and town != 0:
        signs = row_signs(rows[0]) | shape | doubted(name_signs(rows[0].text))
        signs |= place_signs(sheet, rows[0]) | second_look(sheet, rows[0], engines)
        name = Read(rows[0].text, sureness(rows[0]), rows[0].box, "tesseract", signs=signs)
        rows, town = rows[1:], None if town is None else town - 1
    if town is None:
        return trusted("payer_name", name), None
    rows = rows[: town + 1]
    street = next((k for k, row in enumerate(rows) if is_street(row.text)), None)
    if len(rows) > 3 and street:
        rows = rows[street:]
    whole = Row(tuple(word for row in rows for word in row.words))
    text = "\n".join(_street_spelt(row.text) for row in rows)
    signs = row_signs(whole) | shape | {"lines": float(len(rows))} | doubted(address_signs(text))
    ends = (rows[0].words[0], rows[-1].words[-1])
    signs |= figure_signs(sheet, [word for word in ends if word.text[:1].isdigit()])
    signs["spread"] = max(place_signs(sheet, row)["spread"] for row in rows)
    if _TWO_NUMBERS.search(text):
        signs[DOUBT] = 1.0
    address = Read(text, sureness(whole), whole.box, "tesseract", signs=signs)
    return trusted("payer_name", name), trusted("payer_address", address)


def _street_spelt(text: str) -> str:
    """A row of an address with the letters that type makes look like others: PI for Pl."""
    return re.sub(r"\bB[il1]vd\b", "Blvd", re.sub(r"(?<=[a-z] )PI\b", "Pl", text))


def _purchaser(
    sheet: Sheet, found: tuple[Row, ...], engines: Engines
) -> tuple[Read | None, Read | None] | None:
    """Who bought a money order or cashier's check: written or printed by that word."""
    label = anchor(sheet, _PURCHASER, within=(0, 0, sheet.width, sheet.floor))
    if label is None or any(
        "signature" in row.text.lower() and label in row.words for row in found
    ):
        return None
    name = _beside(sheet, found, label.box, engines, "payer_name")
    if name is None:
        return None
    below = anchor(
        sheet, ("address",),
        within=(0, label.box[1], sheet.width, min(sheet.floor, label.box[1] + INCH)),
    )  # fmt: skip
    address = None
    if below is not None:
        address = _beside(sheet, found, below.box, engines, "payer_address")
    return name, address


def _beside(
    sheet: Sheet, found: tuple[Row, ...], label: Box, engines: Engines, name: str
) -> Read | None:
    """The printed phrase to the right of a label, else what is written on its rule."""
    x, y, width, height = label
    for row in found:
        a, b, _, high = row.box
        level = abs(b + high / 2 - y - height / 2) <= 0.6 * max(height, high)
        inside = [w for w in row.words if w.box[0] > x + width]
        if level and inside and a < x + width + INCH and not _is_form(Row(tuple(inside))):
            part = Row(tuple(inside))
            if letters(part) >= 3 and sureness(part) >= 0.9 and is_all(sheet, part, x + width):
                signs = row_signs(part) | {"rows": 1.0, "score": 0.0, "town": 0.0}
                signs |= doubted(name_signs(part.text))
                return trusted(name, Read(part.text, sureness(part), part.box, "tesseract",
                                          signs=signs))  # fmt: skip
    word = next((w for w in sheet.words if w.box == label), None)
    rule = below_or_at(sheet.rules, word, reach=0.2) if word is not None else None
    if rule is None:
        return None
    box = text_band(rule, above=0.24)
    start = max(box[0], x + width + 4)
    got = line_at(sheet, (start, box[1], box[0] + box[2] - start, box[3]), engines)
    if got is None or sum(map(str.isalpha, got[0].text)) < 3:
        return None
    text = got[0].text.strip(" .-_:|,")
    return trusted(name, Read(text, got[0].confidence, got[1], "recogniser",
                              signs=line_signs(got[0]) | doubted(name_signs(text))))  # fmt: skip


def _bank(
    found: tuple[Row, ...], payer: Block | None, sheet: Sheet, engines: Engines
) -> Read | None:
    """The bank: a phrase with a bank's word, else the block that is nobody else's."""
    taken = set(payer.rows) if payer is not None else set()
    best: tuple[float, Row] | None = None
    other = 0.0
    for block in blocks(tuple(row for row in found if not _is_form(row))):
        for place, row in enumerate(block.rows):
            if row in taken or letters(row) < 5 or sureness(row) < 0.4:
                continue
            if payer is not None and _alike(row, payer.rows[0]):
                continue  # the payer's name again, as on a stub
            score = _as_bank(row, sheet) - 0.3 * place
            if best is None or score > best[0]:
                other = best[0] if best is not None else 0.0
                best = (score, row)
            else:
                other = max(other, score)
    if best is None or best[0] < 1.0:
        return None
    row = best[1]
    name, known = spelt(row.text)
    signs = row_signs(row) | {
        "score": best[0], "bank": float(names_bank(row.text)), "known": known,
        "ahead": min(2.0, best[0] - other), "words": float(min(6, len(row.words))),
    }  # fmt: skip
    signs |= doubted(name_signs(name)) | place_signs(sheet, row)
    signs |= second_look(sheet, row, engines)
    return trusted("bank_name", Read(name, sureness(row), row.box, "tesseract", signs=signs))


def _alike(row: Row, name: Row) -> bool:
    return fuzz.ratio(row.text.lower(), name.text.lower()) >= _SAME_NAME


def _as_bank(row: Row, sheet: Sheet) -> float:
    digits = sum(map(str.isdigit, row.text))
    score = 3.0 if names_bank(row.text) else 0.0
    score += 1.0 if _SERVICE.search(row.text) else 0.0
    score += 0.6 if row.box[1] < 0.2 * sheet.floor else 0.0
    score -= 2.0 if digits >= 3 else 0.0
    score -= 2.0 if len(row.words) > 7 else 0.0
    score += min(1.0, row.box[3] / 24.0) * 0.5
    return score
