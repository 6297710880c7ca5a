"""Reads a check: front into all fields of the contract, back into "endorsed".

The picture is decoded, turned and straightened once; every reader gets a crop of that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from intake.types import Box, Page, Word
from ocr import check_layout as layout
from ocr.check_amounts import read_amounts
from ocr.check_back import BackEvidence, back_evidence
from ocr.check_evidence import record_facts, weigh
from ocr.check_fields import read_rest, read_serial, serial_mismatch
from ocr.check_likeness import unlike_check
from ocr.check_void import foreign_or_void, void_across
from ocr.engine import Engines, engines
from ocr.micr_grammar import CANADIAN_INSTITUTIONS
from ocr.prepare import CheckRegion, find_checks, whole_page_region
from ocr.printed_words import printed_words
from ocr.quality import assess
from ocr.timing import step
from ocr.types import Field, Kind, Quality, Reading, ReadingWarning

CHECK_FIELDS = (
    "routing_number", "account_number", "check_number", "aux_on_us", "on_us", "micr_line",
    "amount_cents", "courtesy_amount_cents", "legal_amount_cents", "date", "payer_name",
    "payer_address", "payee_name", "memo", "signed", "bank_name", "instrument",
)  # fmt: skip


_DOUBTED_MOST = 0.85
_UNSURE, _UNLIKE, _OTHER_KIND = 0.85, 0.6, 0.85
_AMOUNT_SEEN = 0.5
_AMOUNTS = frozenset({"amount_cents", "courtesy_amount_cents", "legal_amount_cents"})


def confidence_of(regions: tuple[CheckRegion, ...]) -> float:
    """How surely regions that ``find_checks`` gave hold a check, a US or a Canadian one."""
    return max((_sure_of(region) for region in regions), default=0.0)


def _sure_of(region: CheckRegion) -> float:
    """How surely one region is a check, by its transit field: a routing number, or a branch."""
    micr = region.micr
    if micr is None or not micr.is_check:
        return 0.0
    if micr.branch is not None:  # it has no check digit, but the institution must exist
        known = micr.branch.value[-3:] in CANADIAN_INSTITUTIONS
        sure = (0.98 if micr.branch.confidence >= 0.9 else 0.9) if known else 0.7
    else:
        routing = micr.routing_number
        sure = 0.997 if routing is not None and routing.confidence >= 0.9 else 0.93
    return min(sure, _DOUBTED_MOST) if region.mirrored else sure


def looks_like_check_back(page: Page) -> float:
    """How surely the page is the back of a check; 0 for pages of another shape."""
    if page.side == "back":
        return 0.99
    return back_evidence(page).back


def read_check(page: Page, *, region: CheckRegion | None = None) -> tuple[Reading, ...]:
    """Read every check on a page, or the one in ``region``; never raises for odd pixels.

    A page on which no MICR line was found is read as one check, with less trust.
    """
    if region is not None:
        return (_read_front(page, region, single=False),)
    regions = find_checks(page)
    if not regions:
        return (_read_front(page, whole_page_region(page), single=True),)
    single = len(regions) == 1
    return tuple(_read_front(page, found, single=single) for found in regions)


def read_check_back(page: Page, evidence: BackEvidence | None = None) -> Reading:
    """Read the back of a check: whether it bears an endorsement; ``evidence`` if gathered."""
    with step("back"):
        evidence = evidence or back_evidence(page)
    endorsed = Field(
        evidence.endorsed, evidence.endorsed_confidence, page.index, evidence.box, evidence.source
    )
    confidence = 0.99 if page.side == "back" else max(evidence.back, 0.5)
    fields: dict[str, Field | None] = {"endorsed": endorsed, "restrictive": None}
    if evidence.restrictive:
        fields["restrictive"] = replace(endorsed, value=True)
    return Reading("check_back", confidence, (page.index,), fields, assess(page))


def _read_front(page: Page, region: CheckRegion, *, single: bool) -> Reading:
    known = record_facts(page.facts)
    readers = engines()
    sheet = sheet_of(region, readers)
    numbers = read_serial(sheet, readers)
    micr = weigh(region.micr, known, numbers, page.index)
    fields: dict[str, Field | None] = dict.fromkeys(CHECK_FIELDS)
    fields.update(micr.fields)
    warnings = list(micr.warnings)
    amounts = read_amounts(sheet, readers, page, region, recorded_cents=known.amount_cents)
    fields.update(amounts.fields)
    warnings.extend(amounts.warnings)
    rest = read_rest(sheet, readers, page, region, _places(amounts.fields))
    fields.update(rest.fields)
    warnings.extend(rest.warnings)
    differs = serial_mismatch(fields["check_number"], numbers)
    if differs is not None:
        warnings.append(differs)
    if fields["check_number"] is None:
        fields["check_number"] = _printed_number(page, region, numbers)
    recorded = _recorded(page)
    denied = _denied(sheet, region, readers, fields, recorded=recorded)
    warnings.extend(denied.warnings)
    fields = {
        name: _doubted(field) if name in denied.fields else field for name, field in fields.items()
    }
    if region.mirrored:
        fields = {name: _doubted(field) for name, field in fields.items()}
        warnings.append(ReadingWarning("mirrored", "the picture shows the check as a mirror does"))
    if region.crowded and not recorded:
        fields = {name: _doubted(field) for name, field in fields.items()}
        warnings.append(ReadingWarning("several_checks", "more than one check may be on this page"))
    with step("quality"):
        quality = _quality(page, region, single=single)
    sure = _kind_confidence(page, region)
    return Reading(
        kind=denied.kind,
        confidence=sure if recorded or denied.sure is None else min(sure, denied.sure),
        pages=(page.index,),
        fields=fields if denied.kind == "check" else {},
        quality=quality,
        warnings=tuple(warnings),
        region=None if single else region.box,
    )


@dataclass(frozen=True, slots=True)
class _Denied:
    """What speaks against a sure check: its likelier kind, how sure at most, and what is doubted.

    ``fields`` names what is doubted.
    """

    kind: Kind = "check"
    sure: float | None = None
    warnings: tuple[ReadingWarning, ...] = ()
    fields: frozenset[str] = frozenset()


def _denied(
    sheet: layout.Sheet,
    region: CheckRegion,
    readers: Engines,
    fields: Mapping[str, Field | None],
    *,
    recorded: bool,
) -> _Denied:
    """Whether the page is another thing with a MICR line, or its check void or not in dollars.

    What a bank has ``recorded`` as an item was taken for a check by that bank.
    """
    rows = [row.text for row in sheet.rows]
    amounts = (fields["courtesy_amount_cents"], fields["legal_amount_cents"])
    seen = any(field is not None and field.confidence >= _AMOUNT_SEEN for field in amounts)
    other = None if recorded else unlike_check(rows, amount_seen=seen)
    if other is not None:
        said = ReadingWarning("not_a_check", f"the page may be no check: {other.why}")
        sure = _UNLIKE if other.kind == "check" else _OTHER_KIND
        return _Denied(other.kind, sure, (said,), frozenset(fields))
    with step("void"):
        word = void_across(region, readers.line)
        said_so = {foreign_or_void(row) for row in rows}
    if word is not None or "void" in said_so:
        told = ReadingWarning("void", f"the check says {(word or 'void').lower()!r}")
        return _Denied("check", _UNSURE, (told,), _AMOUNTS)
    domestic = region.micr is None or region.micr.branch is None
    if "foreign" in said_so and domestic:
        told = ReadingWarning("foreign_currency", "the amount may not be in US dollars")
        return _Denied("check", None, (told,), _AMOUNTS)
    return _Denied()


def sheet_of(region: CheckRegion, readers: Engines) -> layout.Sheet:
    """The check without its lines, and the words printed on it."""
    with step("layout"):
        clean, rules = layout.unruled(region)
    with step("words_printed"):
        printed = layout.printed_part(clean, region.micr_top)
        words = printed_words(printed, readers.text)
    with step("layout"):
        return layout.lay_out(region, words, clean, rules)


def _places(amounts: Mapping[str, Field | None]) -> dict[str, Box]:
    """Where the amount stands in figures and in words, as far as it was found."""
    named = {"numerals": "courtesy_amount_cents", "words": "legal_amount_cents"}
    found = {place: amounts.get(name) for place, name in named.items()}
    return {place: field.box for place, field in found.items() if field and field.box}


def _doubted(field: Field | None) -> Field | None:
    """A field that is never sure: it may be of the back shown through, or of another check."""
    if field is None:
        return None
    return replace(field, confidence=min(field.confidence, _DOUBTED_MOST))


def _printed_number(page: Page, region: CheckRegion, numbers: tuple[Word, ...]) -> Field | None:
    """The number printed at the upper right, where the MICR line gives none."""
    if len(numbers) != 1:
        return None
    word = numbers[0]
    value = re.sub(r"[^0-9]", "", word.text)
    box = region.page_box(word.box)
    return Field(value, round(0.75 * word.confidence, 4), page.index, box, "tesseract")


def _recorded(page: Page) -> bool:
    """Whether a bank's file holds the page as the front of an item."""
    return page.side == "front" and page.item is not None


def _kind_confidence(page: Page, region: CheckRegion) -> float:
    if _recorded(page):
        return 0.995
    return max(0.5, _sure_of(region))


def _quality(page: Page, region: CheckRegion, *, single: bool) -> Quality:
    """The picture's quality: of the page when it is the check, else of the check's own part."""
    if single and region.micr is None:
        return assess(page)
    shown = page
    if not single:
        x, y, width, height = region.box
        shown = replace(page, pixels=page.pixels[y : y + height, x : x + width])
    return assess(shown, dpi=region.dpi, skew_degrees=region.skew_degrees)
