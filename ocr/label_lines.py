"""The post office's label on an envelope: where it is, its lines, and what they say of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.types import Box
from ocr.barcodes import Barcode
from ocr.envelope_blocks import OCR, within
from ocr.envelope_marks import Marks, tidy
from ocr.text import Line, PageText, around, from_words
from ocr.types import Field
from ocr.values import parse_date

LABEL_DATE = re.compile(r"(?:^|\s|00)(\d{2}/\d{2}/\d{2,4})\b")
LABEL_ID = re.compile(r"\*?(\d{4}-\d{5}-\d{2}-\d{2})\b")


def label_box(seen: Marks) -> Box | None:
    """The yellow label's area, from the lines that only a label has."""
    keys = list(seen.nixie)
    keys += [p for p in seen.parts if re.match(r"^[BE8]C[:;.]", p.text)]
    keys += [p for p, match in seen.named if match.code == "new_address"]
    if not keys:
        return None
    left = min(part.box[0] for part in keys)
    height = max(part.box[3] for part in keys)
    aligned = [p for p in (*keys, *seen.framed, *(p for p, _ in seen.named))
               if abs(p.box[0] - left) < 4 * height]  # fmt: skip
    box = around(part.box for part in aligned)
    rows = [p for p in seen.parts
            if p.box[0] > left - 2 * height
            and box[1] - 2.2 * height < p.box[1] < box[1] + box[3] + 1.2 * height]  # fmt: skip
    return around(part.box for part in (*aligned, *rows))


def nixie_field(
    page: int, seen: Marks, label: Box | None, codes: Sequence[Barcode]
) -> Field | None:
    """The label's prefix, date and number, None without a label."""
    if label is None:
        return None
    lines = label_rows([part for part in seen.parts if within(part, label)])
    rows = " ".join(part.text for part in lines)
    found = re.search(r"N[I1]X[I1]E\W+(\d{3})\b", rows.upper())
    zip3 = found[1] if found else None
    dated = LABEL_DATE.search(rows)
    digits = None
    sure = OCR
    printed = LABEL_ID.search(rows)
    plain = printed[1].replace("-", "") if printed else None
    coded = [c.text for c in codes if c.text.isdigit() and 8 <= len(c.text) <= 20
             and _by_label(c.box, label)]  # fmt: skip
    if coded:
        digits, sure = coded[0], 0.9
    elif plain:
        digits, sure = plain, 0.8
    day = parse_date(dated[1]) if dated else None
    if zip3 is None and day is None and digits is None:
        return None
    value = {"zip3": zip3, "date": day, "barcode_digits": digits}
    return Field(value, sure * min(1.0, 0.5 + _least(lines) / 2), page, label, "label")


def _by_label(code: Box, label: Box) -> bool:
    """Whether a barcode stands on the label: in its lines' box, or right under it."""
    x, y = code[0] + code[2] / 2, code[1] + code[3] / 2
    inside_x = label[0] - 0.1 * label[2] <= x <= label[0] + 1.1 * label[2]
    return inside_x and label[1] <= y <= label[1] + 1.5 * label[3]


def _least(lines: Sequence[Line]) -> float:
    sure = sorted(line.confidence for line in lines)
    return sure[len(sure) // 4] if sure else 0.0


def endorsement_field(
    page: int, text: PageText, seen: Marks, label: Box | None, chosen: Line | None
) -> Field | None:
    """What the marking says, line by line: the whole label, or the stamp and its ticked line."""
    if label is not None:
        rows = label_rows([part for part in seen.parts if within(part, label)])
    else:
        rows = [part for part in (*seen.framed[:1], chosen) if part is not None]
        if len(rows) == 2 and rows[0] is rows[1]:
            rows = rows[:1]
    rows = [row for row in rows if row.confidence > 0.0]
    if not rows:
        return None
    known = {id(part): match.label for part, match in seen.named}
    value = "\n".join(known.get(id(row), tidy(row.text)) if label is None else row.text
                      for row in rows)  # fmt: skip
    sure = min(row.confidence for row in rows)
    box = around(row.box for row in rows)
    return Field(value, (0.95 if text.exact else 0.85) * sure, page, box, text.source)


def label_rows(parts: Sequence[Line]) -> list[Line]:
    """A label's parts joined to its printed lines by its own slant, top down."""
    words = [word for part in parts for word in part.words]
    rows = list(from_words(0, "", words).lines)
    last = next((n for n, row in enumerate(rows) if re.match(r"^[BE8]C[:;.]", row.text)), None)
    return rows if last is None else rows[: last + 1]  # below it lies the label's barcode
