"""Parts of stored pages that nobody may see: kept with the page, whoever reads it anew."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from intake.stored import masks_of
from intake.types import Box
from ocr import card_masking
from records.models import PageImage


def black_out(session: Session, masks: Iterable[tuple[str, Box]]) -> None:
    """Keep the boxes of pages that nobody may see, and star what their text layer has there.

    Boxes are in pixels of the page as it was read; they are kept in those of the stored image, so
    that they stay right when a person turns the page.
    """
    for page_id, box in masks:
        row = session.get_one(PageImage, page_id, with_for_update=True)
        place = card_masking.turned_back(box, row.rotation, row.width, row.height)
        boxes = tuple(dict.fromkeys((*masks_of(row), place)))
        details = dict(row.details or {})
        row.details = {
            **details,
            "masks": [list(each) for each in boxes],
            "words": card_masking.masked_words(details.get("words", ()), boxes),
        }
