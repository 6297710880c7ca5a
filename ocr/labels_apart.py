"""The post office's labels on an envelope told apart, each by the grammar of its lines.

A label begins with ``NIXIE``, or with a keyline (letters of a surname, figures, a date), and ends
with ``BC:``, the sender's ZIP code and the label's own number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from intake.types import Box, Word
from ocr import reasons
from ocr.envelope_marks import TOWN, Marks, tidy
from ocr.label_lines import LABEL_DATE, LABEL_ID
from ocr.text import Line, around, from_words
from ocr.types import Alternative, Field
from ocr.values import parse_date

_KEYLINE = re.compile(r"^[\W_]?[A-Z]{2,}[A-Z0-9]*\d.*\d{2}/\d{2}/\d{2}")
_LAST = re.compile(r"^\W?[BE8]C[:;.]")
_SENDER = re.compile(r"[BE8]C[:;.]\s*(\d{5})(?:\d{4}|\d{6})?\b")
_ROWS = 10
_NOTICE = "new_address"


@dataclass(frozen=True, slots=True)
class Label:
    """One label: its lines, top down, and what they say; None where that was not read.

    ``bc_zip`` is the five digits of the sender's ZIP code. ``forward`` are the lines of a new
    address, the name first.
    """

    box: Box
    rows: tuple[Line, ...]
    reason: reasons.Match | None
    day: str | None
    number: str | None
    bc_zip: str | None
    forward: tuple[Line, ...]

    def as_json(self) -> dict[str, Any]:
        """For the reading's ``labels``."""
        return {
            "reason": self.reason.code if self.reason else None,
            "date": self.day,
            "label_id": self.number,
            "bc_zip": self.bc_zip,
            "box": list(self.box),
            "text": "\n".join(row.text for row in self.rows),
        }


def labels_of(seen: Marks) -> list[Label]:
    """The labels on the page, the newest first where their dates were read."""
    starts = [*seen.nixie, *(p for p in seen.parts if _KEYLINE.match(p.text.upper()))]
    starts.sort(key=lambda part: (part.box[1], part.box[0]))
    words = [word for part in seen.parts for word in part.words]
    found = []
    for number, start in enumerate(starts):
        later = [each for each in starts[number + 1 :] if _under(start, each)]
        label = _label(start, later, words)
        if label is not None:
            found.append(label)
    return sorted(found, key=lambda label: label.day or "", reverse=True)


def labels_field(page: int, labels: Sequence[Label]) -> Field | None:
    """All labels, the newest first; None without any."""
    if not labels:
        return None
    box = around(label.box for label in labels)
    return Field([label.as_json() for label in labels], 0.85, page, box, "label")


def by_labels(page: int, labels: Sequence[Label], *, forwarded: bool) -> Field | None:
    """What the newest label gives as the reason; unsure where another may be as new.

    None where no label names one: then stamps and writing may.
    """
    if not labels or all(label.reason is None for label in labels):
        return None
    match = labels[0].reason
    others = tuple(
        Alternative(label.reason.code, 0.2) for label in labels[1:] if label.reason is not None
    )
    if match is None:
        return Field("unknown", 0.7, page, labels[0].box, "label", others)
    if match.code == _NOTICE:
        code, sure = (_NOTICE, 0.95) if forwarded else ("not_deliverable_utf", 0.6)
    else:
        code, sure = match.code, 0.97 if match.score >= 90 else 0.9 if match.score >= 82 else 0.75
    sure = sure if agree(labels) else 0.4
    return Field(code, sure, page, labels[0].box, "label", others)


def agree(labels: Sequence[Label]) -> bool:
    """Whether the first label's word is the last word: the newest by date, or all say the same."""
    if len({label.reason.code if label.reason else None for label in labels}) <= 1:
        return True
    days = [label.day for label in labels]
    return all(days) and days[0] != days[1]


def _under(start: Line, other: Line) -> bool:
    return abs(start.box[0] - other.box[0]) < 30 * start.box[3] and other.box[1] > start.box[1]


def _label(start: Line, later: Sequence[Line], words: Sequence[Word]) -> Label | None:
    """The lines from a label's first to its last."""
    x, y, _, height = start.box
    height = max(8, height)
    near = [
        word for word in words
        if word.box[0] > x - 2 * height and -2 * height < word.box[1] - y < _ROWS * 2 * height
    ]  # fmt: skip
    slope = math.tan(math.radians(from_words(0, "", near).skew_degrees))
    ends = [_level(each.box, x, slope) for each in later]
    top = _level(start.box, x, slope)
    bottom = min([*ends, top + _ROWS * 2.0 * height]) - 0.5 * height
    own = [word for word in near if top - 0.9 * height < _level(word.box, x, slope) < bottom]
    rows = list(from_words(0, "", own).lines)
    last = next((n for n, row in enumerate(rows) if _LAST.match(row.text)), None)
    rows = rows[: last + 1] if last is not None else rows
    if last is None:
        rows = [row for row, gap in zip(rows, _steps(rows), strict=True) if gap < 4 * height]
    return _parsed(rows) if rows else None


def _level(box: Box, x: int, slope: float) -> float:
    """Where a word's row stands at the label's left edge."""
    return box[1] - slope * (box[0] - x)


def _steps(rows: Sequence[Line]) -> list[float]:
    """How far below the first each row is from the one before it, the widest so far."""
    widest, steps = 0.0, [0.0]
    for above, row in pairwise(rows):
        widest = max(widest, row.box[1] - above.box[1])
        steps.append(widest)
    return steps


def _parsed(rows: Sequence[Line]) -> Label:
    text = " ".join(row.text for row in rows)
    dated, numbered, sender = LABEL_DATE.search(text), LABEL_ID.search(text), _SENDER.search(text)
    reason = _reason(rows)
    forward = _forward(rows) if reason is not None and reason.code == _NOTICE else ()
    return Label(
        around(row.box for row in rows), tuple(rows), reason,
        parse_date(dated[1]) if dated else None, numbered[1] if numbered else None,
        sender[1] if sender else None, forward,
    )  # fmt: skip


def _reason(rows: Sequence[Line]) -> reasons.Match | None:
    """The reason of a line, or of two that belong together; None where lines say different."""
    texts = [row.text for row in rows if not reasons.is_frame(row.text)]
    joined = [f"{a} {b}" for a, b in pairwise(texts)]
    found = [match for text in (*texts, *joined) if (match := reasons.match_reason(text))]
    if len({match.code for match in found}) != 1:
        return None
    return max(found, key=lambda match: match.score)


def _forward(rows: Sequence[Line]) -> tuple[Line, ...]:
    """Name, street and town below the notice."""
    start = next((n for n, row in enumerate(rows) if _is_notice(row)), None)
    if start is None:
        return ()
    for end in range(start + 1, min(start + 7, len(rows))):
        if TOWN.search(tidy(rows[end].text)):
            block = [row for row in rows[start + 1 : end + 1] if not reasons.is_frame(row.text)]
            return tuple(block) if len(block) >= 2 else ()
    return ()


def _is_notice(row: Line) -> bool:
    match = reasons.match_reason(row.text)
    return match is not None and match.code == _NOTICE
