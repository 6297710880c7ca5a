"""A whole file to readings with no database: decode, split, read; for ``lockbox read``."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from intake import split
from intake.decode import decode
from intake.limits import Limits
from intake.pixels import open_page
from intake.types import Page, PageProblem
from ocr.read import Layouts, read_pages, read_x12
from ocr.types import Reading

_KEPT_OPEN = 4
"""So many pages stay open between splitting and reading; those of a bag would fill memory."""


@dataclass(frozen=True, slots=True)
class FileReadings:
    """What a file says, and what became of its pages that are in no reading.

    ``transaction`` of the readings numbers the file's envelopes from 0. ``blanks`` are the pages
    of bare paper, ``problems`` those that could not be decoded.
    """

    readings: tuple[Reading, ...]
    blanks: tuple[int, ...] = ()
    problems: tuple[PageProblem, ...] = ()


def read_file(
    data: bytes,
    name: str,
    limits: Limits | None = None,
    on_page: Callable[[int], None] | None = None,
) -> tuple[Reading, ...]:
    """Every document of a file; ``transaction`` numbers its envelopes from 0.

    Raises UnreadableError with the code of the refusal when nothing of it can be read.
    """
    return read_whole(data, name, limits, on_page).readings


def read_whole(
    data: bytes,
    name: str,
    limits: Limits | None = None,
    on_page: Callable[[int], None] | None = None,
    *,
    layouts: Layouts = (),
    mailers: Collection[str] = (),
) -> FileReadings:
    """As ``read_file``, with every page that is no separator sheet accounted for.

    ``layouts`` are those of remittances that people taught, ``mailers`` the mailer ids that
    barcodes of returned mail may bear.
    """
    decoded = decode(data, name, limits)
    if decoded.payload == "x12_835":
        return FileReadings(read_x12(decoded.text))
    encoded = {page.index: page for page in decoded.pages}
    few = len(decoded.pages) <= _KEPT_OPEN
    kept: dict[int, Page] = {}

    def opened(index: int) -> Page:
        page = kept[index] if index in kept else open_page(encoded[index])
        if few:
            kept[index] = page
        return page

    plan = split.plan([split.examine(opened(page.index)) for page in decoded.pages])
    readings: list[Reading] = []
    first = 0
    for envelope in plan.envelopes:
        pages = [opened(index) for index in envelope.pages]
        found = read_pages(pages, single_envelope=envelope.single, layouts=layouts, mailers=mailers)
        readings += [replace(each, transaction=each.transaction + first) for each in found]
        first = 1 + max((each.transaction for each in readings), default=first - 1)
        if on_page is not None:
            on_page(len(pages))
    return FileReadings(tuple(readings), plan.blanks, decoded.problems)
