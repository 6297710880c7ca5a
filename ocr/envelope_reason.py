"""Why a piece came back: of labels, stamps, ticked lists and handwriting, the one that counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from intake.pixels import gray as to_gray
from intake.types import Box, Page, Pixels, Word
from ocr import engine, reasons
from ocr.envelope_marks import Marks
from ocr.text import Line, around, from_words, line_of
from ocr.types import Alternative, Field


def reason_field(page: Page, seen: Marks, *, forwarded: bool) -> tuple[Field | None, Line | None]:
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
        # A whole phrase to the letter is printed for nothing else, frame or not.
        plain = match.score >= 95 and " " in match.label
        alone = not _stamp_of_many(page, _from_first_letter(part, match), seen)
        most = (1.0 if framed else 0.85 if plain else 0.7) if alone else 0.7
        return (
            Field(match.code, min(sure, most), page.index, part.box,
                  "label" if seen.nixie else "stamp"),
            part,
        )  # fmt: skip
    if len(distinct) > 1:
        return _ticked(page, [*named, *_unread_rows(page, named)])
    for part, match in _abbreviated(seen):
        return Field(match.code, 0.8, page.index, part.box, "stamp"), part
    if seen.written:
        part, match = seen.written[0]
        sure = 0.85 if match.score >= 90 else 0.7
        return Field(match.code, sure, page.index, part.box, "handwriting"), part
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
        if height and inside(part.box, area) and part.confidence > 0.6
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
    x, y, _, height = part.words[0].box if part.words else part.box  # the line may stand aslant
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
    for number, row in enumerate(_in_column(named)):
        scored.append((_box_ink(page.pixels, row), number))
    scored.sort(reverse=True)
    inks = [ink for ink, _ in scored]
    usual = float(np.median(inks[1:]))
    part, match = named[scored[0][1]]
    others = tuple(Alternative(named[n][1].code, 0.1) for _, n in scored[1:4])
    clear = inks[0] > 1.4 * usual + 0.02 and inks[0] > 1.5 * inks[1]
    sure = 0.82 if clear and len(named) >= 3 else 0.6 if clear else 0.35
    return Field(match.code, sure, page.index, part.box, "stamp", others), part


def _in_column(named: Sequence[tuple[Line, reasons.Match]]) -> list[Line]:
    """Where each row of a list begins: below one another, whatever a pen's stroke did to a row.

    A stroke that a row's first word took in makes it higher and begin farther to the left, and a
    word that was lost makes the row begin farther to the right; most rows begin where they should.
    """
    boxes = [(first.words[0] if first.words else first).box
             for first in (_from_first_letter(part, match) for part, match in named)]  # fmt: skip
    high = round(float(np.median([box[3] for box in boxes])))
    rows = [(x, y + tall - high) for x, y, _, tall in boxes]  # strokes go up from a row
    steps = [(b[0] - a[0]) / (b[1] - a[1]) for a, b in combinations(rows, 2) if b[1] != a[1]]
    lean = float(np.clip(np.median(steps), -0.2, 0.2)) if len(steps) >= 3 else 0.0
    start = float(np.median([x - lean * y for x, y in rows]))
    return [Line((), (round(start + lean * y), y, 1, high)) for _, y in rows]


def _from_first_letter(part: Line, match: reasons.Match) -> Line:
    """The line without what OCR made of its tick box."""
    first = match.label.split()[0]
    for place, word in enumerate(part.words[:3]):
        letters = re.sub(r"[^A-Z]", "", word.text.upper())
        if len(letters) >= 2 and letters[:2] == first[:2]:
            return line_of(part.words[place:])
    return part


def inside(box: Box, area: Box) -> bool:
    """Whether a box's middle lies in an area."""
    x, y = box[0] + box[2] / 2, box[1] + box[3] / 2
    return area[0] <= x <= area[0] + area[2] and area[1] <= y <= area[1] + area[3]
