"""Returned envelopes: why they came back, to whom they went, and where the person moved."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from intake.pixels import gray as to_gray
from intake.types import Box, Page, Pixels, Word
from ocr import engine, imb_finder, reasons
from ocr.barcodes import Barcode
from ocr.fields import complete
from ocr.imb_finder import Found as FoundImb
from ocr.scanline import parse_payload, parse_scanline, scanline
from ocr.text import Line, PageText, around, from_words, line_of, runs
from ocr.types import Alternative, Field, ReadingWarning, SoftBars
from ocr.values import parse_date

_STATE = re.sub(
    r"\s+",
    "|",
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH "
    "NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR VI GU AE AP AA",
)
_TOWN = re.compile(rf"[A-Za-z].*?[ ,.]+({_STATE})\.?,?\s+(\d{{5}})(?:\s?-\s?(\d{{4}}))?$")
_LABEL_DATE = re.compile(r"(?:^|\s|00)(\d{2}/\d{2}/\d{2,4})\b")
_LABEL_ID = re.compile(r"\*?(\d{4}-\d{5}-\d{2}-\d{2})\b")
_POSTAL = re.compile(
    r"pre-?sorted|first-?class|us postage|u\.s\. postage|permit no|service requested|postage paid|"
    r"address service|forwarding service|electronic service",
    re.IGNORECASE,
)
_NIXIE = re.compile(r"^N[I1]X[I1]E\b")
_OCR = 0.88


@dataclass(frozen=True, slots=True)
class Marks:
    """What an envelope bears, gathered once for classification and reading."""

    imb: FoundImb | None
    bars: tuple[SoftBars, ...]
    parts: tuple[Line, ...]
    towns: tuple[Line, ...]
    framed: tuple[Line, ...]
    named: tuple[tuple[Line, reasons.Match], ...]
    nixie: tuple[Line, ...]
    written: tuple[tuple[Line, reasons.Match], ...]
    postal: int

    @property
    def returned(self) -> bool:
        """Whether something on it says that it came back."""
        return bool(self.framed or self.named or self.nixie or self.written)


def marks(page: Page, text: PageText, *, find_imb: bool = True) -> Marks:
    """Look for the signs of an envelope and of its return."""
    parts = tuple(part for line in text.lines for part in runs(line, gap=2.0))
    sight = imb_finder.look(page.pixels, page.dpi) if find_imb else imb_finder.Sight()
    named: list[tuple[Line, reasons.Match]] = []
    written: list[tuple[Line, reasons.Match]] = []
    for part in parts:
        if _POSTAL.search(part.text):
            continue
        match = reasons.match_reason(part.text)
        hand = None if match else reasons.match_handwritten(part.text)
        if match is not None:
            named.append((part, match))
        elif hand is not None:
            written.append((part, hand))
    return Marks(
        imb=sight.found,
        bars=tuple(SoftBars(page.index, run.box, run.bits) for run in sight.runs),
        parts=parts,
        towns=tuple(part for part in parts if _TOWN.search(_tidy(part.text))),
        framed=tuple(part for part in parts if reasons.is_frame(part.text)),
        named=tuple(named),
        nixie=tuple(part for part in parts if _NIXIE.match(part.text.upper())),
        written=tuple(written),
        postal=len(set(_POSTAL.findall(" ".join(line.text.lower() for line in text.lines)))),
    )


def says_returned(line: Line) -> bool:
    """Whether a line is one that only returned mail bears: RETURN TO SENDER, NIXIE."""
    return reasons.is_frame(line.text) or bool(_NIXIE.match(line.text.upper()))


def second_look(page: Page, text: PageText, seen: Marks) -> PageText | None:
    """The page's text with the label read again, level and larger; None where that is no use.

    For a label that is there but whose reason was not read: labels are stuck on aslant, and the
    text engine wants level lines.
    """
    if seen.named or not (seen.nixie or seen.framed):
        return None
    label = _label(seen) or around(part.box for part in seen.framed)
    inside = [word for part in seen.parts if _within(part, label) for word in part.words]
    slant = from_words(0, "", inside).skew_degrees
    x, y, width, height = label
    pad = round(0.25 * (page.dpi or 200.0))
    left, top = max(0, x - pad), max(0, y - pad)
    crop = page.pixels[top : y + height + pad, left : x + width + pad]
    scale = 1.5 if (page.dpi or 200.0) < 250 else 1.0
    matrix = cv2.getRotationMatrix2D((0.0, 0.0), slant, scale)
    tall, wide = crop.shape[:2]
    shift = abs(math.sin(math.radians(slant))) * wide * scale
    matrix[1, 2] += shift if slant > 0 else 0.0
    size = (round(wide * scale), round(tall * scale + shift))
    level = cv2.warpAffine(crop, matrix, size, flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    words = engine.text_engine().read_words(np.asarray(level, np.uint8), 200 * scale, psm=6)
    back = cv2.invertAffineTransform(matrix)
    again = [Word(w.text, _through(back, w.box, left, top), w.confidence) for w in words]
    kept = [w for w in text.words if not _inside(w.box, (left, top, width + pad, height + pad))]
    return from_words(text.page, text.source, [*kept, *again])


def _through(matrix: cv2.typing.MatLike, box: Box, left: int, top: int) -> Box:
    """A box of the levelled crop on the page."""
    x, y, width, height = box
    corners = np.array([[x, y, 1], [x + width, y + height, 1]], np.float64) @ matrix.T
    x0, y0 = (round(float(v)) for v in corners[0])
    x1, y1 = (round(float(v)) for v in corners[1])
    return (max(0, x0 + left), max(0, y0 + top), max(1, x1 - x0), max(1, y1 - y0))


def _inside(box: Box, area: Box) -> bool:
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return area[0] <= x <= area[0] + area[2] and area[1] <= y <= area[1] + area[3]


def looks_like_envelope(text: PageText, seen: Marks) -> float:
    """Probability that a page is the outside of an envelope."""
    few = len(text.words) < 90
    if seen.imb is not None and few:
        return 0.97
    strong = bool(seen.nixie) + bool(seen.framed) + min(2, seen.postal)
    if strong >= 2 and few:
        return 0.96
    if strong == 1 and few and seen.towns:
        return 0.85
    return 0.5 if few and len(seen.towns) >= 2 and len(text.lines) < 14 else 0.03


def read_returned(
    page: Page, text: PageText, seen: Marks, codes: Sequence[Barcode]
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """All fields of a returned piece."""
    label = _label(seen)
    fields: dict[str, Field | None] = {}
    blocks = [(town, _block_above(town, seen)) for town in seen.towns]
    inside = [block for town, block in blocks if label is not None and _within(town, label)]
    outside = [block for town, block in blocks if label is None or not _within(town, label)]
    returns = [block for block in outside if _in_corner(block, page)]
    to = [block for block in outside if block not in returns]
    forward = _forward(inside)
    fields["forward_address"] = _address(page.index, text, forward, with_name=True)
    if returns:
        fields["return_address"] = _address(page.index, text, returns[0], with_name=True)
    addressee = _nearest(to, seen.imb)
    if addressee:
        name = addressee[0] if len(addressee) >= 3 else None
        fields["addressee_name"] = _address(page.index, text, [name] if name else [])
        rest = addressee[1:] if name else addressee
        fields["addressee_address"] = _zip_checked(
            _address(page.index, text, rest, with_name=True), seen.imb
        )
    if seen.imb is not None:
        sure = 0.999 if seen.imb.exact else 0.97
        fields["imb"] = Field(seen.imb.code.as_json(), sure, page.index, seen.imb.box, "imb")
    fields["nixie"] = _nixie(page.index, seen, label, codes)
    _coupon_codes(page.index, text, codes, fields)
    fields["reason"], chosen = _reason(page, seen, forwarded=forward is not None)
    fields["endorsement_text"] = _endorsement(page.index, text, seen, label, chosen)
    reason = fields["reason"]
    warnings: tuple[ReadingWarning, ...] = ()
    if reason is None or reason.value == "unknown":
        warnings = (ReadingWarning("reason_unread", "the reason for the return was not read"),)
    return complete("returned_mail", fields), warnings


def _coupon_codes(
    page: int, text: PageText, codes: Sequence[Barcode], fields: dict[str, Field | None]
) -> None:
    """The codes of the coupon inside, where they show."""
    ours = [code for code in codes if parse_payload(code.text) is not None]
    if ours:
        listed = [code.as_json() for code in ours]
        fields["barcodes"] = Field(listed, 0.99, page, ours[0].box, "barcode")
    for line in text.lines:
        numbers = parse_scanline(line.text)
        if numbers is not None:
            fields["scanline"] = Field(scanline(numbers), 0.94, page, line.box, text.source)


def _tidy(text: str) -> str:
    return re.sub(r"[|\[\]_]", "", text).strip(" .,;:")


# Blocks


def _block_above(town: Line, seen: Marks) -> list[Line]:
    """An address's lines, from its town upwards, while they stand flush and close.

    A line that is there but was not read ends the block with an empty line on top.
    """
    block = [town]
    others = sorted(seen.parts, key=lambda part: -part.box[1])
    stops = {id(part) for part in (*seen.framed, *seen.nixie)}
    stops |= {id(part) for part, _ in seen.named}
    for part in others:
        x, y, _, height = block[0].box
        step = y - part.box[1]
        if part is town or step <= 0.35 * height:
            continue
        if step > 3.0 * max(height, 8):
            break
        if abs(part.box[0] - x) > 1.8 * height:
            continue
        if id(part) in stops or _POSTAL.search(part.text):
            break
        if part.confidence <= 0.05 and step < 2.2 * height:
            return [Line((), part.box), *block]
        if len(block) == 5 or not re.search(r"[A-Za-z]", part.text) or len(part.text) < 3:
            break
        block.insert(0, part)
    return block


def _in_corner(block: Sequence[Line], page: Page) -> bool:
    """Whether a block stands in the upper left corner, where senders put themselves."""
    height, width = page.pixels.shape[:2]
    box = around(line.box for line in block)
    return bool(box[0] < 0.35 * width and box[1] + box[3] < 0.42 * height)


def _nearest(blocks: Sequence[list[Line]], found: FoundImb | None) -> list[Line]:
    """The addressee's block: the one by the barcode, else the most central."""
    if not blocks:
        return []
    if found is None:
        return max(blocks, key=len)
    x, y, width, height = found.box

    def apart(block: list[Line]) -> float:
        box = around(line.box for line in block)
        across = max(0, box[0] - (x + width), x - (box[0] + box[2]))
        down = max(0, box[1] - (y + height), y - (box[1] + box[3]))
        return float(across + down)

    return min(blocks, key=apart)


def _label(seen: Marks) -> Box | None:
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


def _within(line: Line, box: Box) -> bool:
    x = line.box[0]
    y = line.box[1] + line.box[3] / 2
    return bool(box[0] - 4 <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3])


def _forward(blocks: Sequence[list[Line]]) -> list[Line] | None:
    return next((block for block in blocks if len(block) >= 2), None)


def _address(
    page: int, text: PageText, block: Sequence[Line] | None, *, with_name: bool = False
) -> Field | None:
    if not block or not all(line.words for line in block):
        return None
    value = "\n".join(_tidy(line.text) for line in block)
    sure = min(line.confidence for line in block)
    if len(block) < 2 and with_name:
        sure *= 0.5
    if sure < 0.3 or (with_name and len(block) < 2 and not _TOWN.search(_tidy(block[-1].text))):
        return None
    box = around(line.box for line in block)
    return Field(value, (0.96 if text.exact else _OCR) * sure, page, box, text.source)


def _zip_checked(field: Field | None, found: FoundImb | None) -> Field | None:
    """A ZIP that the barcode contradicts lowers the address; one it repeats proves the town."""
    if field is None or found is None or not found.code.routing:
        return field
    match = re.search(r"(\d{5})(?:\s?-\s?(\d{4}))?$", str(field.value))
    digits = (match[1] + (match[2] or "")) if match else ""
    if digits and found.code.routing.startswith(digits):
        return replace(field, confidence=min(0.95, field.confidence * 1.05))
    return replace(field, confidence=min(0.6, field.confidence))


# The label


def _nixie(page: int, seen: Marks, label: Box | None, codes: Sequence[Barcode]) -> Field | None:
    if label is None:
        return None
    lines = _rows([part for part in seen.parts if _within(part, label)])
    rows = " ".join(part.text for part in lines)
    found = re.search(r"N[I1]X[I1]E\W+(\d{3})\b", rows.upper())
    zip3 = found[1] if found else None
    dated = _LABEL_DATE.search(rows)
    digits = None
    sure = _OCR
    printed = _LABEL_ID.search(rows)
    plain = printed[1].replace("-", "") if printed else None
    coded = [c.text for c in codes if c.text.isdigit() and 8 <= len(c.text) <= 20]
    if coded:
        digits, sure = coded[0], 0.9
    elif plain:
        digits, sure = plain, 0.8
    day = parse_date(dated[1]) if dated else None
    if zip3 is None and day is None and digits is None:
        return None
    value = {"zip3": zip3, "date": day, "barcode_digits": digits}
    return Field(value, sure * min(1.0, 0.5 + _least(lines) / 2), page, label, "label")


def _least(lines: Sequence[Line]) -> float:
    sure = sorted(line.confidence for line in lines)
    return sure[len(sure) // 4] if sure else 0.0


# The reason


def _reason(page: Page, seen: Marks, *, forwarded: bool) -> tuple[Field | None, Line | None]:
    """The reason's field, and the line that says it."""
    named = [(part, match) for part, match in seen.named if match.code != "new_address"]
    notices = [part for part, match in seen.named if match.code == "new_address"]
    if notices:
        code = "new_address" if forwarded else "not_deliverable_utf"
        sure = 0.95 if forwarded else 0.6
        return Field(code, sure, page.index, notices[0].box, "label"), notices[0]
    distinct = {match.code for _, match in named}
    if len(distinct) == 1:
        part, match = max(named, key=lambda one: one[1].score)
        framed = bool(seen.framed or seen.nixie)
        sure = 0.97 if match.score >= 90 else 0.9 if match.score >= 82 else 0.75
        alone = not _stamp_of_many(page, part, seen)
        return (
            Field(match.code, sure if framed and alone else min(sure, 0.7), page.index,
                  part.box, "label" if seen.nixie else "stamp"),
            part,
        )  # fmt: skip
    if len(distinct) > 1:
        return _ticked(page, [*named, *_unread_rows(page, named)])
    for part, match in _abbreviated(seen):
        return Field(match.code, 0.8, page.index, part.box, "stamp"), part
    if seen.written:
        part, match = seen.written[0]
        return Field(match.code, 0.75, page.index, part.box, "handwriting"), part
    if any(reasons.plain(part.text) == "UNABLE TO FORWARD" for part in seen.framed):
        part = seen.framed[-1]
        return Field("not_deliverable_utf", 0.55, page.index, part.box, "label"), part
    if seen.framed or seen.nixie:
        part = (*seen.framed, *seen.nixie)[0]
        return Field("unknown", 0.7, page.index, part.box, "stamp"), None
    return None, None


def _abbreviated(seen: Marks) -> list[tuple[Line, reasons.Match]]:
    """Abbreviations that stand alone by the frame of a stamp or label: ``ANK``, ``UTF``."""
    frame = around(part.box for part in (*seen.framed, *seen.nixie))
    height = max((part.box[3] for part in (*seen.framed, *seen.nixie)), default=0)
    area = (frame[0] - 2 * height, frame[1] - 3 * height, frame[2] + 4 * height,
            frame[3] + 7 * height)  # fmt: skip
    found = [
        (part, match)
        for part in seen.parts
        if height and _inside(part.box, area) and part.confidence > 0.6
        if (match := reasons.match_abbreviation(part.text)) is not None
    ]
    return found if len({match.code for _, match in found}) == 1 else []


def _stamp_of_many(page: Page, part: Line, seen: Marks) -> bool:
    """Whether a tick box stands before the line: then others that were not read may be ticked."""
    if seen.nixie:
        return False
    return _box_ink(page.pixels, part) > 0.06


def _box_ink(pixels: Pixels, part: Line) -> float:
    """How dark, 0 to 1, the place of a line's tick box is, with the pen's stroke through it."""
    gray = to_gray(pixels)
    x, y, _, height = part.box
    # A tick's tail often reaches the line above and its text: keep to the box's own rows.
    left, right = max(0, x - round(2.4 * height)), max(1, x - round(0.4 * height))
    area = gray[max(0, y - round(0.1 * height)) : y + round(1.15 * height), left:right]
    if not area.size:
        return 0.0
    paper = float(np.percentile(gray, 80))
    return float(np.clip(paper - area.astype(np.float64) - 25, 0, None).mean()) / max(1.0, paper)


def _unread_rows(
    page: Page, named: Sequence[tuple[Line, reasons.Match]]
) -> list[tuple[Line, reasons.Match]]:
    """Rows of a stamp's list that a pen stroke made unreadable, read without their boxes."""
    firsts = [_from_first_letter(part, match) for part, match in named]
    height = max(part.box[3] for part in firsts)
    left = max(0, min(part.box[0] for part in firsts) - 2)
    top = max(0, min(part.box[1] for part in firsts) - 3 * height)
    bottom = max(part.box[1] for part in firsts) + 4 * height
    right = max(part.box[0] + part.box[2] for part in firsts) + 6 * height
    crop = np.ascontiguousarray(page.pixels[top:bottom, left:right])
    words = engine.text_engine().read_words(crop, page.dpi, psm=6)
    moved = [
        Word(w.text, (w.box[0] + left, w.box[1] + top, w.box[2], w.box[3]), w.confidence)
        for w in words
    ]
    known = {match.code for _, match in named}
    found: list[tuple[Line, reasons.Match]] = []
    for line in from_words(page.index, "", moved).lines:
        match = reasons.match_reason(line.text)
        if match is not None and match.code not in known | {"new_address"}:
            found.append((line, match))
    return found


def _ticked(
    page: Page, named: Sequence[tuple[Line, reasons.Match]]
) -> tuple[Field | None, Line | None]:
    """Of a stamp's list, the line whose box holds clearly more ink than the others'."""
    scored: list[tuple[float, int]] = []
    for number, (part, match) in enumerate(named):
        first = _from_first_letter(part, match)
        scored.append((_box_ink(page.pixels, first), number))
    scored.sort(reverse=True)
    inks = [ink for ink, _ in scored]
    usual = float(np.median(inks[1:]))
    part, match = named[scored[0][1]]
    others = tuple(Alternative(named[n][1].code, 0.1) for _, n in scored[1:4])
    clear = inks[0] > 1.4 * usual + 0.02 and inks[0] > 1.25 * inks[1]
    sure = 0.82 if clear and len(named) >= 3 else 0.6 if clear else 0.35
    return Field(match.code, sure, page.index, part.box, "stamp", others), part


def _from_first_letter(part: Line, match: reasons.Match) -> Line:
    """The line without what OCR made of its tick box."""
    first = match.label.split()[0]
    for place, word in enumerate(part.words[:3]):
        letters = re.sub(r"[^A-Z]", "", word.text.upper())
        if len(letters) >= 2 and letters[:2] == first[:2]:
            return line_of(part.words[place:])
    return part


def _endorsement(
    page: int, text: PageText, seen: Marks, label: Box | None, chosen: Line | None
) -> Field | None:
    """What the marking says, line by line: the whole label, or the stamp and its ticked line."""
    if label is not None:
        rows = _rows([part for part in seen.parts if _within(part, label)])
    else:
        rows = [part for part in (*seen.framed[:1], chosen) if part is not None]
        if len(rows) == 2 and rows[0] is rows[1]:
            rows = rows[:1]
    rows = [row for row in rows if row.confidence > 0.0]
    if not rows:
        return None
    known = {id(part): match.label for part, match in seen.named}
    value = "\n".join(known.get(id(row), _tidy(row.text)) if label is None else row.text
                      for row in rows)  # fmt: skip
    sure = min(row.confidence for row in rows)
    box = around(row.box for row in rows)
    return Field(value, (0.95 if text.exact else 0.85) * sure, page, box, text.source)


def _rows(parts: Sequence[Line]) -> list[Line]:
    """A label's parts joined to its printed lines by its own slant, top down."""
    words = [word for part in parts for word in part.words]
    rows = list(from_words(0, "", words).lines)
    last = next((n for n, row in enumerate(rows) if re.match(r"^[BE8]C[:;.]", row.text)), None)
    return rows if last is None else rows[: last + 1]  # below it lies the label's barcode
