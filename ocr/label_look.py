"""A second look at a label or stamp that was not read: cut out, levelled, enlarged, read alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Box, Page, Pixels, Word
from ocr import engine, reasons
from ocr.envelope_blocks import within
from ocr.envelope_marks import Marks, says_returned
from ocr.envelope_reason import inside
from ocr.label_areas import Area, ink_areas, yellow_areas
from ocr.label_lines import label_box
from ocr.labels_apart import labels_of
from ocr.text import Line, PageText, around, from_words, line_of

_WHOLE = 90.0  # likeness of a reason read whole
_READ_AT = 300.0  # dots per inch: letters of labels are then some 30 pixels high


def second_look(page: Page, text: PageText, seen: Marks) -> PageText | None:
    """The page's text with its marking read again by itself; None where that tells no more.

    First where a label or stamp shows but its reason was not read; then yellow labels; then ink
    that was not read at all, as of stamps aslant and of broken ink.
    """
    notice = any(match.code == "new_address" for _, match in seen.named)
    dpi = page.dpi or 200.0
    labels = labels_of(seen)
    if seen.named and not (notice and not any(label.forward for label in labels)):
        if not labels:
            return _stamp_again(page, text, seen, dpi)
        areas = unread_patches(page, text, seen, [label.box for label in labels])
        looks = (_read_again(page, text, area, dpi) for area in areas)
        return next((again for again in looks if again is not None), None)
    areas = _known_area(seen) + yellow_areas(page.pixels, dpi)
    if not areas:
        areas = ink_areas(_darkest(page.pixels), dpi, text.words, _bars(seen))
    for area in areas:
        again = _read_again(page, text, area, dpi)
        if again is not None:
            return again
    return None


def _stamp_again(page: Page, text: PageText, seen: Marks, dpi: float) -> PageText | None:
    """The text with a stamp read level, of which the page gave the one reason but not the frame.

    None where the second reading does not say what the first did.
    """
    said = {match.code for _, match in seen.named}
    if len(said) != 1 or (seen.framed and max(m.score for _, m in seen.named) >= _WHOLE):
        return None
    around_it = [_room(part) for part in (*(line for line, _ in seen.named), *seen.framed)]
    others = [w for w in text.words if not any(inside(w.box, room) for room in around_it)]
    for area in ink_areas(_darkest(page.pixels), dpi, others, _bars(seen)):
        if not any(_touches(area, room) for room in around_it):
            continue
        again = _read_again(page, text, area, dpi)
        if again is None:
            continue
        found = [reasons.match_reason(line.text) for line in again.lines]
        if said <= {match.code for match in found if match is not None}:
            return again
    return None


def _room(line: Line) -> Box:
    """A line of a stamp and the lines that may stand around it."""
    high = min((word.box[3] for word in line.words), default=line.box[3])
    x, y, width, height = line.box
    return (x - 8 * high, y - 4 * high, width + 16 * high, height + 8 * high)


def _touches(area: Area, room: Box) -> bool:
    return room[0] <= area.x <= room[0] + room[2] and room[1] <= area.y <= room[1] + room[3]


def _bars(seen: Marks) -> list[Box]:
    return [row.box for row in seen.bars] + ([seen.imb.box] if seen.imb else [])


def unread_patches(page: Page, text: PageText, seen: Marks, labels: Sequence[Box]) -> list[Area]:
    """Ink as large as a label's lines that was not read and lies on none of the labels read."""
    dpi = page.dpi or 200.0
    with_codes = [(x, y, width, round(1.5 * height)) for x, y, width, height in labels]
    # Yellow as white: else the edge of a label is ink.
    areas = ink_areas(_lightest(page.pixels), dpi, text.words, [*_bars(seen), *with_codes])
    return [area for area in areas if area.width > 1.5 * dpi and area.height > 0.3 * dpi]


def _known_area(seen: Marks) -> list[Area]:
    if not (seen.nixie or seen.framed):
        return []
    box = label_box(seen) or around(part.box for part in seen.framed)
    words = [word for part in seen.parts if within(part, box) for word in part.words]
    slant = from_words(0, "", words).skew_degrees
    x, y, width, height = box
    tall = max(height, 6 * max(part.box[3] for part in (*seen.framed, *seen.nixie)))
    return [Area(x + width / 2, y + height / 2 + (tall - height) / 4, width, tall, slant)]


def _read_again(page: Page, text: PageText, area: Area, dpi: float) -> PageText | None:
    """The text with the area's own reading in it, None where it names neither reason nor frame."""
    for broken in (False, True):
        level, matrix = levelled(page.pixels, area, dpi)
        if broken:
            level = np.asarray(cv2.erode(level, np.ones((3, 3), np.uint8)), np.uint8)
        words = engine.text_engine().read_words(level, _READ_AT, psm=6)
        lines = from_words(0, "", words).lines
        if any(reasons.match_reason(line.text) for line in lines) or (
            broken and any(says_returned(line) for line in lines)
        ):
            back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
            found = [_placed(back, line) for line in lines]
            zone = around(line.box for line in found)
            kept = [word for word in text.words if not inside(word.box, zone)]
            return _with_lines(from_words(text.page, text.source, kept), found)
    return None


def _placed(back: NDArray[np.float64], line: Line) -> Line:
    """A line of the levelled crop on the page."""
    return line_of([Word(w.text, _through(back, w.box), w.confidence) for w in line.words])


def _with_lines(text: PageText, lines: Sequence[Line]) -> PageText:
    """The text and lines more, which stay together however aslant they stand."""
    whole = sorted((*text.lines, *lines), key=lambda line: line.box[1])
    words = tuple(word for line in whole for word in line.words)
    return replace(text, words=words, lines=tuple(whole))


def levelled(
    pixels: Pixels, area: Area, dpi: float, pad: float = 0.12
) -> tuple[Pixels, cv2.typing.MatLike]:
    """The area and ``pad`` inches around it, level and in gray at 300 dots per inch.

    With the matrix that takes the page's pixels there.
    """
    scale = _READ_AT / dpi
    rim = 2 * pad * dpi
    size = (round((area.width + rim) * scale), round((area.height + rim) * scale))
    matrix = cv2.getRotationMatrix2D((area.x, area.y), area.degrees, scale)
    matrix[0, 2] += size[0] / 2 - area.x
    matrix[1, 2] += size[1] / 2 - area.y
    gray = _lightest(pixels) if area.colored else _darkest(pixels)
    level = cv2.warpAffine(gray, matrix, size, flags=cv2.INTER_CUBIC,
                           borderMode=cv2.BORDER_REPLICATE)  # fmt: skip
    return np.asarray(cv2.GaussianBlur(level, (0, 0), 0.8), np.uint8), matrix


def _darkest(pixels: Pixels) -> Pixels:
    """Gray in which red and violet ink is black."""
    return np.asarray(pixels.min(axis=2) if pixels.ndim == 3 else to_gray(pixels), np.uint8)


def _lightest(pixels: Pixels) -> Pixels:
    """Gray in which yellow paper is white."""
    return np.asarray(pixels.max(axis=2) if pixels.ndim == 3 else to_gray(pixels), np.uint8)


def _through(matrix: NDArray[np.float64], box: Box) -> Box:
    """A box of the levelled crop on the page."""
    x, y, width, height = box
    middle = matrix @ np.array([x + width / 2, y + height / 2, 1.0])
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    wide, tall = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = round(float(middle[0]) - wide / 2), round(float(middle[1]) - tall / 2)
    return (max(0, left), max(0, top), wide, tall)
