"""Which part of a page shows an amount, upright and with a margin, for the image route to cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.amounts import Box, Said
from matching.evidence import DocumentEvidence
from records.models import PageImage
from web import pictures

# Where a check's front usually has its amounts, in parts of its width and height; wide enough
# for the personal and the business layout both.
_USUAL: Mapping[str, tuple[float, float, float, float]] = {
    "numerals": (0.58, 0.2, 1.0, 0.56),
    "words": (0.0, 0.34, 1.0, 0.64),
    "micr": (0.0, 0.82, 1.0, 1.0),
}
_CHECK_SHAPES = (1.7, 3.4)
"""Width to height of check fronts: 6 by 2.75 inches to 8.5 by 3.5, and a little about them."""
_TALLEST_INCHES = 3.2


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a page as the browser asks for it; ``usual`` when the place was not found.

    ``box`` in pixels of the page, ``place`` the same without the margin; ``width`` and
    ``height`` in pixels as shown, after the turn.
    """

    page_id: str
    box: Box
    place: Box
    turn: int
    width: int
    height: int
    usual: bool

    @property
    def address(self) -> str:
        """The image, cut by the server and turned upright."""
        box = ",".join(str(each) for each in self.box)
        turn = f"&turn={self.turn}" if self.turn else ""
        return f"/pages/{self.page_id}.png?crop={box}{turn}"

    @property
    def text(self) -> str:
        """The place as the viewer's light takes it."""
        return ",".join(str(each) for each in self.place)


def crop(said: Said, document: DocumentEvidence, rows: Mapping[str, PageImage]) -> Crop | None:
    """The picture of one place of a check; the whole check where it cannot be guessed either."""
    micr = document.fields.get("micr_line")
    field = {"box": said.box, "page": said.page}
    found = pictures.place(field, document.page_ids, rows)
    page_id = found["page"] or next((each for each in document.page_ids if each in rows), "")
    if not page_id:
        return None
    shown = pictures.tab(rows[page_id], "")
    size = (int(shown["width"]), int(shown["height"]))
    frame = _frame(document, micr, rows[page_id], size)
    turn = _turn(micr, frame)
    usual = not found["page"]
    box = _within(_usual(said.source, frame, turn) if said.box is None or usual
                  else _margin(said.box), size)  # fmt: skip
    if box[2] < 1 or box[3] < 1:
        return None
    sideways = turn % 180 != 0
    width, height = (box[3], box[2]) if sideways else (box[2], box[3])
    place = box if usual or said.box is None else said.box
    return Crop(page_id, box, place, turn, width, height, usual)


def upright(
    page_id: str, documents: Sequence[DocumentEvidence], rows: Mapping[str, PageImage]
) -> int:
    """Degrees clockwise that bring a page upright, as its checks lie; 0 where they disagree."""
    turns = set()
    for document in documents:
        micr = document.fields.get("micr_line")
        if _box(micr) is None or pictures.place(micr, document.page_ids, rows)["page"] != page_id:
            continue
        shown = pictures.tab(rows[page_id], "")
        size = (int(shown["width"]), int(shown["height"]))
        turns.add(_turn(micr, _frame(document, micr, rows[page_id], size)))
    return turns.pop() if len(turns) == 1 else 0


def _margin(box: Box) -> Box:
    """Some paper around it, so that a person sees where the writing begins and ends.

    At its sides as much as the writing is high: a box that lost its first letter still shows it.
    """
    x, y, width, height = box
    aside, above = max(10, width // 12, height), max(8, height // 3)
    return x - aside, y - above, width + 2 * aside, height + 2 * above


def _within(box: Box, size: tuple[int, int]) -> Box:
    x, y = max(0, box[0]), max(0, box[1])
    right, foot = min(size[0], box[0] + box[2]), min(size[1], box[1] + box[3])
    return x, y, right - x, foot - y


def _frame(document: DocumentEvidence, micr: Any, row: PageImage, size: tuple[int, int]) -> Box:
    """The check on the page: its region, the page, or what stands above its MICR line."""
    if document.region is not None and len(document.region) == 4:
        x, y, width, height = document.region
        return x, y, width, height
    line = _box(micr)
    if _CHECK_SHAPES[0] <= size[0] / max(size[1], 1) <= _CHECK_SHAPES[1] or line is None:
        return 0, 0, *size
    x, y, width, height = line
    if width < height or not row.dpi:
        return 0, 0, *size
    foot = min(size[1], y + 2 * height)
    top = max(0, round(foot - _TALLEST_INCHES * row.dpi))
    return 0, top, size[0], foot - top


def _turn(micr: Any, frame: Box) -> int:
    """Degrees clockwise that bring the check upright: its MICR line belongs at the foot."""
    line = _box(micr)
    if line is None:
        return 0
    x, y, width, height = line
    if width >= height:
        return 180 if y + height / 2 < frame[1] + frame[3] * 0.4 else 0
    return 270 if x + width / 2 < frame[0] + frame[2] / 2 else 90


def _usual(source: str, frame: Box, turn: int) -> Box:
    x, y, width, height = frame
    lies_flat = _CHECK_SHAPES[0] <= width / max(height, 1) <= _CHECK_SHAPES[1]
    if turn % 180 or not lies_flat:
        return frame
    left, top, right, foot = _USUAL[source]
    if turn == 180:
        left, top, right, foot = 1 - right, 1 - foot, 1 - left, 1 - top
    return (
        round(x + left * width), round(y + top * height),
        round((right - left) * width), round((foot - top) * height),
    )  # fmt: skip


def _box(field: Any) -> Box | None:
    box = field.get("box") if isinstance(field, Mapping) else None
    if not box or len(box) != 4:
        return None
    x, y, width, height = (int(each) for each in box)
    return x, y, width, height
