"""Image cash letters as pages: each item's views, with what its records say."""

from __future__ import annotations

import io

from intake.decoders.images import decode_frame, open_image
from intake.decoders.pages import PageOut, Parts, ProblemOut, problem_of
from intake.headers import check_headers, too_many_pages
from intake.limits import Limits
from intake.sniff import Kind, sniff
from intake.x9 import Item, View, item_facts, read_items, read_records
from records.errors import UnreadableError

VIEW_KINDS: tuple[Kind, ...] = ("tiff", "jpeg", "png")
"""What an image view may be: TIFF by the standard, the others by some banks."""


def decode_letter(data: bytes, limits: Limits) -> Parts:
    """The image views of an X9 file in order; ``index`` numbers views from 0.

    A view that cannot be read becomes a problem and keeps its number.
    """
    index = 0
    for item in read_items(read_records(io.BytesIO(data))):
        facts = item_facts(item)
        for view in item.views:
            if index >= limits.max_pages:
                raise too_many_pages(limits)
            try:
                yield _decode_view(view, index, item, facts, limits)
            except MemoryError:
                raise
            except Exception as error:  # noqa: BLE001 - a codec may raise anything
                problem = problem_of(error)
                yield ProblemOut(index, problem.code, problem.message)
            index += 1


def _decode_view(
    view: View, index: int, item: Item, facts: dict[str, str], limits: Limits
) -> PageOut:
    kind = sniff(view.image)
    if kind not in VIEW_KINDS:
        raise UnreadableError("unsupported_file", "The image view is no picture.")
    check_headers(view.image, kind, limits)
    page = decode_frame(open_image(view.image, kind), index, kind, limits)
    return PageOut(
        index,
        page.encoded,
        page.media_type,
        page.width,
        page.height,
        page.dpi,
        side=view.side,
        item=item.number,
        facts=facts,
    )
