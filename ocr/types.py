"""Values that pixels become: fields with where they came from, and readings of documents."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from intake.types import Box

Kind = Literal[
    "check",
    "check_back",
    "remittance",
    "coupon",
    "returned_mail",
    "correspondence",
    "envelope",
    "deposit_slip",
    "separator",
    "blank",
    "unknown",
]
KINDS: tuple[Kind, ...] = (
    "check",
    "check_back",
    "remittance",
    "coupon",
    "returned_mail",
    "correspondence",
    "envelope",
    "deposit_slip",
    "separator",
    "blank",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another value the field may have, with its probability."""

    value: Any
    confidence: float


@dataclass(frozen=True, slots=True)
class Field:
    """A value that was read: what, how sure (0 to 1), where on which page, and by which reader.

    ``value`` is JSON data (text, int, bool, list, dict); money is int cents, dates ISO text.
    ``box`` is in pixels of page ``page`` (0-based page index in the source), None when the value
    has no place, e.g. one from an electronic record. ``source`` names the evidence: ``micr``,
    ``numerals``, ``words``, ``text_layer``, ``tesseract``, ``barcode``, ``x9_record``, ...
    """

    value: Any
    confidence: float
    page: int = 0
    box: Box | None = None
    source: str = ""
    alternatives: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingWarning:
    """Something a person should know of a document, with a stable code."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the image is: names of suspect conditions, skew in degrees, dots per inch."""

    suspect: tuple[str, ...] = ()
    skew_degrees: float = 0.0
    dpi: int | None = None


@dataclass(frozen=True, slots=True)
class SoftBars:
    """A row of Intelligent Mail bars as it looks (`ocr.imb_soft.kept`), decoded or not."""

    page: int
    box: Box
    bits: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one document says (contract, ``read``).

    ``fields`` maps every field name of the contract for ``kind`` to a Field, or None where it
    was not read. ``pages`` are page indices in the source; ``transaction`` numbers the envelope
    within the file. ``region`` is the part of the page when several documents lie on one page.
    ``masks`` are parts of pages, as (page, box), that nobody may see: a card number stands there.
    ``imb_soft`` are the rows of bars of an envelope, likeliest first.
    """

    kind: Kind
    confidence: float
    pages: tuple[int, ...]
    fields: dict[str, Field | None] = field(default_factory=dict)
    quality: Quality = Quality()
    warnings: tuple[ReadingWarning, ...] = ()
    transaction: int = 0
    region: Box | None = None
    masks: tuple[tuple[int, Box], ...] = ()
    imb_soft: tuple[SoftBars, ...] = ()
