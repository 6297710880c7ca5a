"""Returned envelopes: why they came back, to whom they went, and where the person moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from intake.types import Box, Page
from ocr.barcodes import Barcode
from ocr.envelope_blocks import (
    address_field,
    block_above,
    forward_block,
    in_corner,
    nearest,
    within,
    zip_checked,
)
from ocr.envelope_codes import coupon_codes
from ocr.envelope_marks import Marks
from ocr.envelope_reason import inside, reason_field
from ocr.fields import complete
from ocr.forward_check import confirmed
from ocr.label_lines import endorsement_field, label_box, nixie_field
from ocr.label_look import unread_patches
from ocr.labels_apart import agree, by_labels, labels_field, labels_of
from ocr.reasons import OPENED
from ocr.text import Line, PageText
from ocr.types import Field, ReadingWarning

_SAME_ADDRESS = 85.0
_ANOTHER_MARK = 0.6  # at most: the other one may be newer and say something else


def read_returned(
    page: Page, text: PageText, seen: Marks, codes: Sequence[Barcode]
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """All fields of a returned piece."""
    warnings: tuple[ReadingWarning, ...] = ()
    labels = labels_of(seen)
    newest = labels[0] if labels else None
    label = newest.box if newest else label_box(seen)
    areas = [each.box for each in labels] or [area for area in (label,) if area is not None]
    fields: dict[str, Field | None] = {}
    blocks = [(town, block_above(town, seen)) for town in seen.towns]
    inside = [block for town, block in blocks if any(within(town, area) for area in areas)]
    outside = [block for _, block in blocks if block not in inside]
    returns = [block for block in outside if in_corner(block, page)]
    to = [block for block in outside if block not in returns and not _repeats(block, returns)]
    forward = list(newest.forward) if newest and newest.forward else forward_block(inside)
    fields["forward_address"] = confirmed(
        page, forward or (), address_field(page.index, text, forward, with_name=True)
    )
    if returns:
        fields["return_address"] = address_field(page.index, text, returns[0], with_name=True)
    addressee = nearest(to, seen.imb)
    if addressee:
        name = addressee[0] if len(addressee) >= 3 else None
        fields["addressee_name"] = address_field(page.index, text, [name] if name else [])
        rest = addressee[1:] if name else addressee
        fields["addressee_address"] = zip_checked(
            address_field(page.index, text, rest, with_name=True), seen.imb
        )
    if seen.imb is not None:
        sure = 0.999 if seen.imb.exact else 0.97
        fields["imb"] = Field(seen.imb.code.as_json(), sure, page.index, seen.imb.box, "imb")
    fields["nixie"] = nixie_field(page.index, seen, label, codes)
    fields.update(coupon_codes(page, text, codes))
    opened = next((part for part, match in seen.written if match.label in OPENED), None)
    if opened is not None:
        fields["opened"] = Field(
            value=True, confidence=0.85, page=page.index, box=opened.box, source="handwriting"
        )
    fields["labels"] = labels_field(page.index, labels)
    said = by_labels(page.index, labels, forwarded=bool(forward))
    if said is not None and _more_marked(page, text, seen, areas, _coupon_boxes(fields, codes)):
        said = replace(said, confidence=min(_ANOTHER_MARK, said.confidence))
        warnings += (ReadingWarning("marking_unread", "another marking was not read"),)
    if said is not None:
        fields["reason"], chosen = said, None
    else:
        fields["reason"], chosen = reason_field(page, seen, forwarded=bool(forward))
    fields["endorsement_text"] = endorsement_field(page.index, text, seen, label, chosen)
    reason = fields["reason"]
    if not agree(labels):
        warnings += (ReadingWarning("labels_differ", "two labels give different reasons"),)
    if reason is None or reason.value == "unknown":
        warnings += (ReadingWarning("reason_unread", "the reason for the return was not read"),)
    if fields["labels"] is None:
        del fields["labels"]
    return complete("returned_mail", fields), warnings


def _coupon_boxes(fields: Mapping[str, Field | None], codes: Sequence[Barcode]) -> list[Box]:
    """Where a coupon's codes show, which mark nothing."""
    own = (fields.get("barcodes"), fields.get("scanline"))
    return [each.box for each in (*own, *codes) if each is not None and each.box is not None]


def _more_marked(
    page: Page, text: PageText, seen: Marks, labels: Sequence[Box], coupon: Sequence[Box]
) -> bool:
    """Whether something else marks the piece: a frame or reason off the labels, or unread ink."""
    frames = [*seen.framed, *(part for part, _ in seen.named)]
    if any(not any(inside(part.box, area) for area in labels) for part in frames):
        return True
    return bool(unread_patches(page, text, seen, [*labels, *coupon]))


def _repeats(block: Sequence[Line], returns: Sequence[Sequence[Line]]) -> bool:
    """Whether a block is the corner's address again: the window shows where a letter is from."""
    own = [fuzz.ratio(_text(block), _text(each)) for each in returns]
    return max(own, default=0.0) >= _SAME_ADDRESS


def _text(block: Sequence[Line]) -> str:
    return " ".join(line.text for line in block).upper()
