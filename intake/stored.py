"""A stored page as a value: what a stage's ``load`` hands to its ``work``, without a session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.pixels import open_page
from intake.types import Box, DecodedPage, Page, Side, Word
from records.models import PageImage

Get = Callable[[str], bytes]
"""Gives stored bytes by their hash; ``work`` may call it, since content never changes."""


@dataclass(frozen=True, slots=True)
class StoredPage:
    """One page image in the file store with all that is known of it but its pixels.

    ``masks`` are boxes that nobody may see (a card number), in pixels of the image as stored.
    """

    id: str
    index: int
    image_sha256: str
    media_type: str
    dpi: float | None
    rotation: int
    words: tuple[Word, ...] = ()
    side: Side | None = None
    item: int | None = None
    facts: dict[str, str] = field(default_factory=dict)
    masks: tuple[Box, ...] = ()

    def open(self, get: Get) -> Page:
        """The page with its pixels and words, turned as a person turned it."""
        decoded = DecodedPage(
            self.index,
            get(self.image_sha256),
            self.media_type,
            0,
            0,
            self.dpi,
            self.words,
            self.side,
            self.item,
            self.facts,
        )
        return open_page(decoded, self.rotation)


def details_of(page: DecodedPage) -> dict[str, Any]:
    """What is kept sealed beside a page's pixels."""
    return {
        "words": [[word.text, list(word.box), word.confidence] for word in page.words],
        "side": page.side,
        "item": page.item,
        "facts": page.facts,
    }


def stored(row: PageImage) -> StoredPage:
    """The value of a row."""
    details = row.details or {}
    words = (
        Word(text, (box[0], box[1], box[2], box[3]), confidence)
        for text, box, confidence in details.get("words", ())
    )
    return StoredPage(
        id=row.id,
        index=row.position,
        image_sha256=row.image_sha256,
        media_type=row.media_type,
        dpi=row.dpi,
        rotation=row.rotation,
        words=tuple(words),
        side=details.get("side"),
        item=details.get("item"),
        facts=dict(details.get("facts") or {}),
        masks=masks_of(row),
    )


def masks_of(row: PageImage) -> tuple[Box, ...]:
    """The boxes of a page that nobody may see, in pixels of the image as stored."""
    kept = (row.details or {}).get("masks", ())
    return tuple((box[0], box[1], box[2], box[3]) for box in kept)


def stored_pages(session: Session, page_ids: Sequence[str]) -> list[StoredPage]:
    """Pages by their ids, in the order given."""
    rows = {
        row.id: row for row in session.scalars(select(PageImage).where(PageImage.id.in_(page_ids)))
    }
    return [stored(rows[page_id]) for page_id in page_ids]
