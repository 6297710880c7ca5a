"""Signs that a text read on a check is not what stands there: its characters, words and place."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

import cv2
import numpy as np

from intake.types import Box, Pixels, Word
from ocr.check_layout import INCH, Row, Sheet, cut, writing
from ocr.check_trust import DOUBT
from ocr.components import marks_of
from ocr.engine import Engines
from ocr.micr_grammar import digits_only
from ocr.numerals import read_numerals_line

_MARKS = re.compile(r"[^A-Za-z0-9 .,'&/()\-\n]")
_SMALL_WORDS = {"of", "the", "and", "for", "to", "in", "at", "by", "de", "la", "von", "van", "c/o"}
_TWO_INITIALS = re.compile(r"(?<=\s)([A-Z]{2,3})\.(?=\s)")
OPEN_END = re.compile(r"(?:\s[A-Z]\.?|&|\band)\s*$")
"""Where no name ends: an initial, or "&"."""
_TITLES = {"DDS", "DMD", "MD", "PC", "LLC", "INC", "JR", "SR", "ST"}
_INK = 140
_BESIDE = 0.3  # inches to the left and right in which nothing else of a name's row may stand
_RING = 0.6  # of a figure's height, and what a ring's hole has at least
_LEAST_CROP = 6
_FEWEST_LETTERS = 2
_SURELY = 0.9
_CLEAR = 3  # pixels around words that are their own ink

# Ways of public roads that USPS Publication 28 (appendix C1) lists, those in common use.
_ROADS = frozenset(
    re.findall(
        r"\w+",
        """
    alley aly avenue ave av boulevard blvd bend bnd branch circle cir court ct cove cv creek crk
    crossing xing drive dr expressway expy freeway fwy garden gdns gardens glen gln green grove
    grv heights hts highway hwy hill hl hills hollow holw island junction jct lake lakes lane ln
    loop manor mnr meadow meadows mdws mews park parkway pkwy pass path pike pt place pl plaza
    plz point ridge rdg road rd route rte row run square sq station sta street st terrace ter
    terr trail trl turnpike tpke valley view village vlg vista walk way box
""",
    )
)
_ROAD_END = re.compile(
    r"(?:[\s,]+(?:apt|ste|suite|unit|rm|fl|#)\.?\s*#?\s*[A-Za-z0-9\-]+|[\s,]+[NSEW]{1,2})?\W*$",
    re.IGNORECASE,
)
_TOWN_END = re.compile(r"\b([A-Z]{2})\.?,?\s+([0-9]{3})[0-9]{2}(?:-[0-9]{4})?\W*$")
_POSTAL_CODE_END = re.compile(r"\b[A-Z]{2},?\s+[A-Z][0-9][A-Z]\s?[0-9][A-Z][0-9]\W*$")
# First three digits of ZIP codes by state (USPS Labeling List L002), first and last.
_ZIPS = {
    "AL": "350-369", "AK": "995-999", "AZ": "850-865", "AR": "716-729", "CA": "900-961",
    "CO": "800-816", "CT": "060-069", "DE": "197-199", "DC": "200-205", "FL": "320-349",
    "GA": "300-319 398-399", "HI": "967-968", "ID": "832-838", "IL": "600-629", "IN": "460-479",
    "IA": "500-528", "KS": "660-679", "KY": "400-427", "LA": "700-714", "ME": "039-049",
    "MD": "206-219", "MA": "010-027 055-055", "MI": "480-499", "MN": "550-567", "MS": "386-397",
    "MO": "630-658", "MT": "590-599", "NE": "680-693", "NV": "889-898", "NH": "030-038",
    "NJ": "070-089", "NM": "870-884", "NY": "100-149 005-005 063-063", "NC": "270-289",
    "ND": "580-588", "OH": "430-459", "OK": "730-749", "OR": "970-979", "PA": "150-196",
    "RI": "028-029", "SC": "290-299", "SD": "570-577", "TN": "370-385", "TX": "750-799 885-885",
    "UT": "840-847", "VT": "050-059", "VA": "201-201 220-246", "WA": "980-994", "WV": "247-268",
    "WI": "530-549", "WY": "820-831", "PR": "006-009",
}  # fmt: skip


def character_signs(text: str) -> dict[str, float]:
    """Characters that people do not write there, and words that begin small; each held at 2."""
    words = text.split()
    small = sum(word[0].islower() and word.lower() not in _SMALL_WORDS for word in words)
    return {"marks": float(min(2, len(_MARKS.findall(text)))), "small": float(min(2, small))}


def name_signs(text: str) -> dict[str, float]:
    """The same for a name, in which figures, and brackets that do not match, are odd too.

    So is an initial of two capitals between words that have small letters ("Ann DO. Hart"), and a
    name's word that begins small, as one does whose first letter was lost or torn off.
    """
    signs = character_signs(text)
    odd = signs["marks"] + sum(map(str.isdigit, text)) + abs(text.count("(") - text.count(")"))
    odd += not text[:1].isalpha()
    odd += OPEN_END.search(text) is not None
    if any(map(str.islower, text)):
        odd += sum(word not in _TITLES for word in _TWO_INITIALS.findall(text))
        odd += signs["small"] > 0
    return signs | {"marks": float(min(2, odd))}


def address_signs(text: str) -> dict[str, float]:
    """Whether the road is of a known kind, and the ZIP code its state's (1, else 0)."""
    rows = text.split("\n")
    street = _ROAD_END.sub("", rows[0]).split()
    road = re.sub(r"[^a-z]", "", street[-1].lower()) if street else ""
    boxed = any(re.fullmatch(r"box|drawer", word, re.IGNORECASE) for word in rows[0].split())
    town = _TOWN_END.search(rows[-1])
    known = town is not None and _zip_in(town[1], int(town[2]))
    return character_signs(text) | {
        "road": float(road in _ROADS or boxed),
        "zip": float(known or _POSTAL_CODE_END.search(rows[-1]) is not None),
    }


def _zip_in(state: str, first: int) -> bool:
    for listed in _ZIPS.get(state, "").split():
        low, high = map(int, listed.split("-"))
        if low <= first <= high:
            return True
    return False


def doubted(signs: dict[str, float]) -> dict[str, float]:
    """The signs with a doubt where characters do not stand in such texts, or a ZIP code is odd."""
    return signs | {DOUBT: float(signs["marks"] > 0 or signs.get("zip", 1.0) < 1.0)}


def second_look(sheet: Sheet, row: Row, engines: Engines) -> dict[str, float]:
    """Whether the line recogniser reads a printed row the same (1, else 0), where it is doubtful.

    ``DOUBT`` where it does not: two readers that differ are not both right. Spaces and
    punctuation do not count. A row whose words are all read surely is not read again.
    """
    if min(word.confidence for word in row.words) >= _SURELY:
        return {"same": 1.0}
    x, y, width, height = row.box
    crop = cut(sheet.clean, (x - 6, y - 4, width + 12, height + 8))
    if min(crop.shape) < _LEAST_CROP:
        return {"same": 0.0, DOUBT: 1.0}
    other = engines.line.read_line(crop).text
    same = bare(other) == bare(row.text)
    return {"same": float(same)} | ({} if same else {DOUBT: 1.0})


def bare(text: str) -> str:
    """Letters and figures alone, all small: what two readers of one line must agree on."""
    return re.sub(r"[^a-z0-9]", "", text.lower())


def figure_signs(sheet: Sheet, words: Iterable[Word]) -> dict[str, float]:
    """Whether the digits' reader sees the same figures in each of some words (1, else 0)."""
    same = all(_same_figures(sheet, word) for word in words)
    return {"figures": float(same)}


def _same_figures(sheet: Sheet, word: Word) -> bool:
    x, y, width, height = word.box
    crop = cut(sheet.clean, (x - 3, y - 3, width + 6, height + 6))
    if min(crop.shape) < _LEAST_CROP:
        return False
    return digits_only(read_numerals_line(crop).text) == digits_only(word.text)


def place_signs(sheet: Sheet, row: Row) -> dict[str, float]:
    """Ink beside a printed row that is none of it, and how far apart its words stand.

    ``left`` and ``right`` are 1 where other ink stands close; ``gap`` is the widest space in
    heights, as two columns taken for one name have it; ``spread`` how far up and down they
    stand, as words of two rows taken for one do. ``DOUBT`` where type stands beside it that no
    reader made a word of.
    """
    x, y, width, height = row.box
    reach = round(_BESIDE * INCH)
    sides = {
        "left": (x - reach, y, reach - _CLEAR, height),
        "right": (x + width + _CLEAR, y, reach - _CLEAR, height),
    }
    signs = {}
    for name, box in sides.items():
        part = cut(sheet.clean, box)
        tall = (part < _INK).any(axis=1).sum() if part.size else 0
        signs[name] = float(tall >= 0.4 * height)
    if any(_unread(sheet, side, height) for side in sides.values()):
        signs[DOUBT] = 1.0  # a word of the name may be there
    words = sorted(row.words, key=lambda word: word.box[0])
    gaps = [b.box[0] - a.box[0] - a.box[2] for a, b in pairwise(words)]
    tall = max(1.0, sum(word.box[3] for word in words) / len(words))
    signs["gap"] = min(3.0, max(gaps, default=0) / tall)
    middles = [word.box[1] + word.box[3] / 2 for word in words]
    signs["spread"] = min(2.0, (max(middles) - min(middles)) / tall)
    return signs


def _unread(sheet: Sheet, box: Box, height: int) -> bool:
    """Whether two or more marks as high as a row's letters are in a box, of no word that was read.

    One that is as high and far wider is letters that touch. The sides of a border are higher,
    specks lower.
    """
    x, y, _, _ = box
    dark = np.asarray(cut(sheet.clean, box) < _INK, np.uint8)
    if dark.size == 0:
        return False
    for word in sheet.words:
        left, top, wide, high = word.box
        a, b = max(0, left - x - _CLEAR), max(0, top - y - _CLEAR)
        dark[b : max(0, top - y + high + _CLEAR), a : max(0, left - x + wide + _CLEAR)] = 0
    wide, tall = marks_of(dark).stats[1:, 2:4].T
    letters = (tall >= 0.6 * height) & (wide <= 1.5 * height) & (wide >= 3)
    joined = (tall >= 0.6 * height) & (tall <= 1.5 * height) & (wide > 1.5 * height)
    return int(letters.sum()) + _FEWEST_LETTERS * int(joined.sum()) >= _FEWEST_LETTERS


def is_all(sheet: Sheet, row: Row, edge: int) -> bool:
    """Whether a printed row takes up all ink on its level, so that no word of it was missed.

    ``edge`` is where the label before it ends.
    """
    x, y, width, height = row.box
    start = max(edge + round(0.12 * INCH), x - INCH)
    end = x + width + round(0.5 * INCH)
    found = writing(sheet.clean, (start, y - 4, end - start, height + 8))
    if found is None:
        return False
    left, _, wide, high = found[1]
    covered = sum(word.box[2] for word in row.words)
    level = left >= x - 12 and left + wide <= x + width + 12
    return level and covered >= 0.72 * width and high <= 1.5 * height


def ends_in_ring(crop: Pixels) -> bool:
    """Whether the last figure of a line is a closed ring: a nought, and surely no six.

    Its hole reaches over most of its height, which the loop of a six does not.
    """
    dark = np.pad(np.asarray(crop < _INK, np.uint8), 1)
    outlines, levels = cv2.findContours(dark, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return False
    boxes = [cv2.boundingRect(outline) for outline in outlines]
    marks = [k for k, level in enumerate(levels[0]) if level[3] < 0]
    highest = max((boxes[k][3] for k in marks), default=0)
    figures = [k for k in marks if boxes[k][3] >= max(8, 0.4 * highest)]
    if not figures:
        return False
    last = max(figures, key=lambda k: boxes[k][0] + boxes[k][2])
    holes = [boxes[k][3] for k, level in enumerate(levels[0]) if level[3] == last]
    _, _, width, height = boxes[last]
    return bool(width <= 1.3 * height) and max(holes, default=0) >= _RING * height
