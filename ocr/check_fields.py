"""All fields of a check front that are neither MICR nor amount, and the warnings they give."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from intake.types import Box, Page, Word
from ocr.check_alterations import alterations
from ocr.check_day import read_date
from ocr.check_instrument import read_instrument
from ocr.check_layout import Sheet, cut, digit_run
from ocr.check_memo import read_memo
from ocr.check_parties import read_parties
from ocr.check_payee import read_payee
from ocr.check_read import Read
from ocr.check_signature import read_signed
from ocr.engine import Engines
from ocr.micr_grammar import digits_only
from ocr.prepare import CheckRegion
from ocr.timing import step
from ocr.types import Field, ReadingWarning

REST = (
    "date", "payer_name", "payer_address", "payee_name", "memo", "signed", "bank_name",
    "instrument",
)  # fmt: skip
"""The names of the fields that ``read_rest`` gives."""

_UNSIGNED_SURE = 0.8
_SERIAL_SURE = 0.9
_SERIAL_HEIGHT = 15  # crop pixels of 1/200 inch: 8-point figures


@dataclass(frozen=True, slots=True)
class Rest:
    """Fields of a front by name (all of ``REST``) in page pixels, and warnings."""

    fields: dict[str, Field | None]
    warnings: tuple[ReadingWarning, ...]


def read_rest(
    sheet: Sheet,
    readers: Engines,
    page: Page,
    region: CheckRegion,
    amounts: Mapping[str, Box],
) -> Rest:
    """Read date, names, memo, signature and instrument of a laid-out front.

    ``amounts`` has the places of the ``numerals`` and the ``words``, in page pixels, which are
    looked at for alterations.
    """
    with step("payer"):
        parties = read_parties(sheet, readers)
    with step("date"):
        date = read_date(sheet, readers, region.pixels)
    with step("payee"):
        payee = read_payee(sheet, readers)
    with step("memo"):
        memo = read_memo(sheet, readers)
    with step("signature"):
        written = read_signed(sheet)
        suspected = _altered(sheet, page, region, amounts, payee)
    reads: dict[str, Read | None] = {
        "date": date,
        "payer_name": parties.payer,
        "payer_address": parties.address,
        "payee_name": payee,
        "memo": memo,
        "signed": written,
        "bank_name": parties.bank,
        "instrument": read_instrument(sheet, region.micr, share=_share(page, region)),
    }
    fields = {name: _field(read, page, region) for name, read in reads.items()}
    signed = fields["signed"]
    warnings = list(suspected)
    if signed is not None and signed.value is False and signed.confidence >= _UNSIGNED_SURE:
        warnings.append(ReadingWarning("unsigned", "no signature was found"))
    return Rest(fields, tuple(warnings))


def _altered(
    sheet: Sheet, page: Page, region: CheckRegion, amounts: Mapping[str, Box], payee: Read | None
) -> tuple[ReadingWarning, ...]:
    places = dict(amounts)
    if payee is not None:
        places["payee"] = region.page_box(payee.box)
    by_hand = payee is None or payee.source == "recogniser"
    return alterations(sheet, page, region, places, by_hand=by_hand)


def _share(page: Page, region: CheckRegion) -> float:
    """How much of the page the check takes up, by the longer way it could."""
    along = region.quarter_turns % 2
    whole = int(page.pixels.shape[along])
    return min(1.0, int(region.box[3 - along]) / max(1, whole))


def _field(read: Read | None, page: Page, region: CheckRegion) -> Field | None:
    if read is None:
        return None
    box = region.page_box(read.box)
    return Field(read.value, read.confidence, page.index, box, read.source, read.alternatives)


def read_serial(sheet: Sheet, engines: Engines) -> tuple[Word, ...]:
    """Printed numbers at the upper right that may be the check number."""
    top, left = 0.3 * sheet.floor, round(0.45 * sheet.width)
    found = tuple(
        word for word in sheet.words
        if word.box[1] + word.box[3] < top and word.box[0] > left
        and re.fullmatch(r"(?:No\.?|#)?[0-9]{3,10}", word.text)
    )  # fmt: skip
    if found:
        return found
    corner = (round(0.72 * sheet.width), 0, round(0.27 * sheet.width), round(0.2 * sheet.floor))
    marks = digit_run(sheet.clean, corner)
    if marks is None:
        return ()
    line = engines.line.read_line(cut(sheet.clean, marks))
    number = re.fullmatch(r"(?:No\.?|#)?\s*([0-9]{3,10})", line.text.strip())
    return (Word(number[1], marks, line.confidence),) if number else ()


def serial_mismatch(serial: Field | None, printed: tuple[Word, ...]) -> ReadingWarning | None:
    """The number in the MICR line against the one printed at the upper right, when they differ.

    Told only when a single number is printed, surely read, and neither holds the other: a
    printed number may leave out zeros or a prefix. Small type is the routing fraction's.
    """
    sure = [
        word
        for word in printed
        if word.confidence >= _SERIAL_SURE and word.box[3] >= _SERIAL_HEIGHT
    ]
    if serial is None or serial.confidence < _SERIAL_SURE or len(sure) != 1:
        return None
    shown = digits_only(sure[0].text).lstrip("0")
    said = digits_only(str(serial.value)).lstrip("0")
    if len(shown) != len(said) or shown == said:
        return None
    return ReadingWarning(
        "serial_mismatch", "the printed check number differs from the one in the MICR line"
    )
