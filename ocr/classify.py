"""Which kind of document a page is, from the cheapest evidence that decides."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import cv2
import numpy as np

from intake import split
from intake.bare_text import shows_words_alone
from intake.faintness import DARK_PAPER, is_rough
from intake.pixels import gray as to_gray
from intake.separators import PREFIX as SEPARATOR_PREFIX
from intake.types import Page, Pixels
from ocr import envelope_marks
from ocr.barcodes import Barcode, read_barcodes
from ocr.check import confidence_of
from ocr.check_back import BackEvidence, back_evidence, back_shaped
from ocr.check_kinds import kind_chances
from ocr.components import marks_of
from ocr.coupon import looks_like_coupon
from ocr.envelope_marks import Marks, looks_like_envelope, says_returned
from ocr.label_look import second_look
from ocr.micr_grammar import aba_valid
from ocr.odds import chance_at, log_odds
from ocr.prepare import CheckRegion, find_checks
from ocr.remittance import looks_like_remittance
from ocr.text import PageText, page_text
from ocr.types import Kind

_CHECK_PRINT = re.compile(
    r"pay\s+to\s+the|order\s+of|\bdollars\b|\bvoid after\b|\bmemo\b|\d\d\s*/\s*1?00\b",
    re.IGNORECASE,
)
_BEARS_CHECK = re.compile(r"pay\s+to\s+the|order\s+of|void after", re.IGNORECASE)
_FEWEST_WORDS = 40  # a text layer of fewer is a stamp or a part of the page
_BACK_PRINT = re.compile(
    r"endorse\s*(here|check)|for\s+(mobile\s+)?deposit|do\s+not\s+(write|sign|stamp)|"
    r"financial\s+institution|original\s+document",
    re.IGNORECASE,
)
# What says "Pay to the order of" and is no check: a voucher, a sample, a receipt.
_NO_CHECK = re.compile(
    r"not\s+a\s+(?:real\s+)?check|no\s+cash\s+value|gift\s+(?:card|certificate)|\bvoucher\b|"
    r"\breceipt\b|not\s+negotiable|\bcustomer'?s?\s+copy\b|\bspecimen\b",
    re.IGNORECASE,
)
_SLIP = re.compile(r"deposit (slip|ticket)|total deposit|less cash", re.IGNORECASE)
_LETTER = re.compile(
    r"\bdear\b|sincerely|regards|thank you|to whom it may|\bplease\b|\bi am\b|\bi have\b|"
    r"\bwriting\b|\brequest|\brecords\b|\binvoice\b",
    re.IGNORECASE,
)
_ROUTING_FIGURES = 9
_ENOUGH = 0.8
_FEWEST_PLAIN = 5  # an envelope's corner and permit alone have more, the right way up
_WIDEST_CHECK = 9.2  # inches: 8.75 (ANSI X9.100-160) and a little of the scanner's bed
_CERTAIN = 0.975  # more than an envelope is ever given
_PRINTED_BACK, _UNPRINTED_BACK, _ONLY_LIKE_A_BACK = 0.95, 0.93, 0.8
_LIKE_A_BACK, _MUCH_LIKE_A_BACK = 0.2, 0.5  # by looks; fronts and other mail have 0.1 at most
_LOOKS_WEIGH, _LOOKS_MOST = 0.5, 1.5  # of log-odds: drawn pages taught the looks, not life


@dataclass(frozen=True, slots=True)
class Classified:
    """A page, what it is, and all evidence gathered on the way, so that nothing is read twice.

    ``turned``: the page lay upside down, and ``page`` is it turned over.
    """

    page: Page
    kind: Kind
    confidence: float
    regions: tuple[CheckRegion, ...] = ()
    codes: tuple[Barcode, ...] = ()
    text: PageText | None = None
    marks: Marks | None = None
    back: BackEvidence | None = None
    looks: dict[Kind, float] = field(default_factory=dict)
    turned: bool = False


def classify(page: Page, *, after_check: bool = False) -> Classified:
    """The page's kind with its probability.

    ``after_check`` says that a check's front came just before, which makes such a page a back
    though it says nothing of one. What comes after a front and looks like a back is read as one
    first, which costs less than the search for a line; any other page is first searched for the
    line as it lies. Text is read only when all else leaves the kind open; before that the page's
    looks give every kind a probability, which weighs in where text leaves doubt. Looks alone
    never make a page a check, nor keep its MICR line from being searched.
    """
    if page.side == "back" or (page.side == "front" and page.item is not None):
        return _recorded(page)
    printed = _by_layer(page, after_check=after_check)
    if printed is not None:
        return printed
    if back_shaped(page) and not after_check:
        regions = find_checks(page, thorough=False)
        sure = confidence_of(regions)
        if sure >= _ENOUGH:
            return Classified(page, "check", sure, regions=regions)
    return _looked_at(page, after_check=after_check)


def _by_layer(page: Page, *, after_check: bool) -> Classified | None:
    """What a page is that its text layer tells without a search of the pixels; None for the rest.

    A page that bears a check says so in its words and is searched for it like any other. Where
    the words leave some doubt, or speak of a check, nothing else may be printed there: no code,
    no line of E-13B and no picture can be found then, and no words that may be such a line.
    """
    if len(page.words) < _FEWEST_WORDS:
        return None
    text = page_text(page)
    bears = _BEARS_CHECK.search(" ".join(line.text for line in text.lines)) is not None
    sure = looks_like_remittance(text)
    if bears and (sure < _ENOUGH or any(_of_figures(line.text) for line in text.lines)):
        return None
    if sure >= _CERTAIN and not bears:
        return Classified(page, "remittance", sure, text=text)
    if any(_like_micr(line.text) for line in text.lines) or not shows_words_alone(page):
        return None
    seen = Classified(page, "unknown", 0.5, text=text)
    seen = _by_text(seen, check_shaped=False, after_check=after_check, bare=True)
    if sure >= _ENOUGH and seen.kind == "remittance" and seen.confidence >= _ENOUGH:
        return seen
    if bears or back_shaped(page) or any(_of_figures(line.text) for line in text.lines):
        return None
    if seen.confidence >= _ENOUGH:
        return seen
    return _weighed(replace(seen, looks=kind_chances(page)))


def _upside_down(found: Classified) -> Classified | None:
    """The page turned over, where that makes an envelope of what hardly reads as it lies."""
    text = found.text
    if text is None or text.exact or found.kind in {"returned_mail", "coupon", "remittance"}:
        return None
    if not _may_bear_imb(found.page, text) or _plain_words(text) >= _FEWEST_PLAIN:
        return None
    over = np.ascontiguousarray(found.page.pixels[::-1, ::-1])
    page = replace(found.page, pixels=over)
    words = page_text(page)
    if _plain_words(words) <= max(_FEWEST_PLAIN, 2 * _plain_words(text)):
        return None
    fresh = replace(
        found, page=page, codes=read_barcodes(over), text=words, marks=None, turned=True
    )
    again = _by_text(fresh, check_shaped=False, after_check=False)
    return again if again.kind in {"returned_mail", "envelope"} else None


def _plain_words(text: PageText) -> int:
    """Words of letters that were read surely."""
    sure = [word for word in text.words if word.confidence >= 0.8]
    return sum(len(word.text) >= 4 and word.text.isalpha() for word in sure)


def _of_figures(line: str) -> bool:
    """Whether a line is figures enough for a routing number and no words, dates or amounts.

    Wider than ``_like_micr``: the text of a line of E-13B may stand in its file in pieces.
    """
    figures = sum(char.isdigit() for char in line)
    return figures >= _ROUTING_FIGURES and not re.search(r"[A-Za-z]{2}|\d[./]\d", line)


def _like_micr(line: str) -> bool:
    """Whether a line of characters may be a MICR line: a routing number, and no words."""
    digits = re.findall(r"\d+", line)
    return any(aba_valid(each) for each in digits) and not re.search(r"[A-Za-z]{2}", line)


def _looked_at(page: Page, *, after_check: bool) -> Classified:
    """The kind of a page that may be a back, or has no line as it lies."""
    looks = kind_chances(page) if back_shaped(page) else {}
    back = None
    if looks.get("check_back", 0.0) >= _LIKE_A_BACK:
        back = back_evidence(page)
        if back.back >= _PRINTED_BACK:
            return Classified(page, "check_back", back.back, back=back, looks=looks)
    regions = find_checks(page, thorough=not (after_check and back is not None))
    sure = confidence_of(regions)
    if sure >= _ENOUGH:
        return Classified(page, "check", sure, regions=regions)
    if after_check and back is not None and not (back.front or back.bare):
        return Classified(page, "check_back", _UNPRINTED_BACK, back=back, looks=looks)
    look = split.examine(page)
    if look.separator is None and (look.bare or _bare_inside(page, look)):
        return Classified(page, "blank", 0.99)
    alike = back is not None and not back.front and looks["check_back"] >= _MUCH_LIKE_A_BACK
    alike = alike and not _wider_than_checks(page)
    if look.separator is None and alike:
        return Classified(page, "check_back", _ONLY_LIKE_A_BACK, back=back, looks=looks)
    codes = () if look.separator is not None else read_barcodes(page.pixels)
    if look.separator is not None or any(c.text.startswith(SEPARATOR_PREFIX) for c in codes):
        return Classified(page, "separator", 0.999, codes=codes)
    looks = looks or kind_chances(page)
    seen = Classified(page, "unknown", 0.5, regions=regions, codes=codes, back=back, looks=looks)
    found = _weighed(_by_text(seen, check_shaped=look.check_shaped, after_check=after_check))
    return _upside_down(found) or found


def _wider_than_checks(page: Page) -> bool:
    """Whether the page is an envelope's size and more than any check's; not where unknown."""
    return page.dpi is not None and max(page.size) > _WIDEST_CHECK * page.dpi


def _recorded(page: Page) -> Classified:
    """A view of an image cash letter, which is what its record says."""
    if page.side == "back":
        return Classified(page, "check_back", 0.99)
    return Classified(page, "check", 0.995, regions=find_checks(page))


def _weighed(seen: Classified) -> Classified:
    """A doubtful kind made surer or less sure by how much the page looks like one."""
    known: Kind = "returned_mail" if seen.kind == "envelope" else seen.kind
    chance = seen.looks.get(known)
    if seen.confidence >= _ENOUGH or chance is None:
        return seen
    usual = log_odds(1.0 / len(seen.looks))
    shift = min(_LOOKS_MOST, max(-_LOOKS_MOST, log_odds(chance) - usual))
    odds = log_odds(seen.confidence) + _LOOKS_WEIGH * shift
    return replace(seen, confidence=round(chance_at(odds), 4))


def _bare_inside(page: Page, look: split.PageFacts) -> bool:
    """Whether all ink is at the rim, where a skewed scan shows the scanner's bed."""
    if look.faint or look.doubtful:
        return False
    height, width = page.pixels.shape[:2]
    rim_y, rim_x = round(0.07 * height), round(0.06 * width)
    inner = page.pixels[rim_y : height - rim_y, rim_x : width - rim_x]
    if min(inner.shape[:2]) < 40:
        return False
    gray = to_gray(inner)
    # Most pages have print, which a small picture shows; whether it is paper needs every pixel.
    if _printed_on(gray) or is_rough(gray):
        return False
    return float(np.median(gray)) >= DARK_PAPER


def _printed_on(gray: Pixels) -> bool:
    """Whether a gray picture has as much ink as two printed letters, seen at 1000 pixels."""
    scale = min(1.0, 1000.0 / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    paper = np.asarray(cv2.blur(small, (41, 41)), np.int16)
    areas = marks_of(paper - small > 40).stats[1:, cv2.CC_STAT_AREA]
    return int(areas[areas >= 6].sum()) >= 40


def _by_text(
    seen: Classified, *, check_shaped: bool, after_check: bool, bare: bool = False
) -> Classified:
    """The kind from the page's words, read once and kept; a ``bare`` page shows nothing else."""
    page = seen.page
    text = seen.text or page_text(page)
    printed: dict[Kind, float] = {
        "coupon": looks_like_coupon(text, seen.codes),
        "remittance": looks_like_remittance(text),
    }
    kind = max(printed, key=lambda name: printed[name])
    # A coupon may show in the window of the envelope that came back with it.
    came_back = kind == "coupon" and (
        any(says_returned(line) for line in text.lines) or envelope_marks.postal_signs(text) >= 2
    )
    if printed[kind] >= _CERTAIN and not came_back:
        return replace(seen, text=text, kind=kind, confidence=printed[kind])
    marks = envelope_marks.marks(page, text, find_imb=not bare and _may_bear_imb(page, text))
    again = second_look(page, text, marks) if _may_be_returned(page, text, marks) else None
    if again is not None:
        text = again
        again_seen = envelope_marks.marks(page, text, find_imb=False)
        marks = replace(again_seen, imb=marks.imb, bars=marks.bars)
    seen = replace(seen, text=text, marks=marks)
    chances: dict[Kind, float] = {
        "coupon": 0.0 if came_back else looks_like_coupon(text, seen.codes),
        "remittance": looks_like_remittance(text),
        "envelope": looks_like_envelope(text, marks),
    }
    kind = max(chances, key=lambda name: chances[name])
    best = chances[kind]
    if kind == "envelope" and marks.returned:
        kind, best = "returned_mail", min(0.98, best + 0.02)
    if best >= _ENOUGH:
        return replace(seen, kind=kind, confidence=best)
    other = _other(seen, text, check_shaped=check_shaped, after_check=after_check)
    if other.confidence > best or best < 0.4:
        return other
    return replace(seen, kind=kind, confidence=best)


def _may_be_returned(page: Page, text: PageText, marks: Marks) -> bool:
    """Whether a page may be an envelope with a marking worth a second look."""
    if not _may_bear_imb(page, text):
        return False
    return marks.imb is not None or marks.returned or marks.postal > 0 or bool(marks.bars)


def _may_bear_imb(page: Page, text: PageText) -> bool:
    """Envelopes are wide and bear few words; letters and tables need no search for bars."""
    width, height = page.size
    long, short = max(height, width), min(height, width)
    return len(text.words) < 120 and (long >= 1.25 * short)


def _other(
    seen: Classified, text: PageText, *, check_shaped: bool, after_check: bool
) -> Classified:
    """Checks whose MICR line was not read, backs, deposit slips, letters, and what is neither."""
    whole = " ".join(line.text for line in text.lines)
    printed = len({match.lower() for match in _CHECK_PRINT.findall(whole)})
    readable = [word for word in text.words if word.confidence >= 0.6 and len(word.text) > 1]
    width, height = seen.page.size
    shape = max(height, width) / max(1, min(height, width))
    if _SLIP.search(whole) and printed == 0:
        return replace(seen, kind="deposit_slip", confidence=0.85)
    wide = 1.7 <= shape <= 3.0
    if _NO_CHECK.search(whole):
        printed = 0
    if wide and printed >= 2:
        return replace(seen, kind="check", confidence=0.85)
    if wide and (_BACK_PRINT.search(whole) or (after_check and len(readable) < 25)):
        seen = replace(seen, back=seen.back or back_evidence(seen.page))
        chance = seen.back.back if seen.back is not None else 0.0
        if after_check:
            chance = max(chance, 0.8 if check_shaped else 0.6)
        if chance >= 0.6:
            return replace(seen, kind="check_back", confidence=chance)
    if wide and printed == 1 and len(readable) < 60:
        return replace(seen, kind="check", confidence=0.6)
    prose = len(_LETTER.findall(whole))
    if len(readable) >= 25 and prose >= 2:
        return replace(seen, kind="correspondence", confidence=0.93)
    if len(readable) >= 12:
        return replace(seen, kind="correspondence", confidence=0.75 if prose else 0.6)
    return replace(seen, kind="unknown", confidence=0.5)
