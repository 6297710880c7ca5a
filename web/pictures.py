"""Page images for a viewer: size as a person turned them, and where on them a field was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import PageImage


def rows_of(session: Session, page_ids: Iterable[str]) -> dict[str, PageImage]:
    """The page rows of these ids, by id."""
    found = session.scalars(select(PageImage).where(PageImage.id.in_(list(page_ids))))
    return {row.id: row for row in found}


def tab(row: PageImage, label: str) -> dict[str, Any]:
    """One tab of the viewer; ``width`` and ``height`` in pixels after the page's rotation."""
    turned = row.rotation % 180 != 0
    return {
        "id": row.id,
        "label": label,
        "width": row.height if turned else row.width,
        "height": row.width if turned else row.height,
    }


def place(
    field: Mapping[str, Any] | None, page_ids: Sequence[str], rows: Mapping[str, PageImage]
) -> dict[str, str]:
    """Page id and box (``x,y,width,height``) of a field, both empty where it has no place."""
    if not field or not field.get("box"):
        return {"page": "", "box": ""}
    for page_id in page_ids:
        if page_id in rows and rows[page_id].position == field.get("page"):
            return {"page": page_id, "box": ",".join(str(each) for each in field["box"])}
    return {"page": "", "box": ""}
