"""The characters of a page's text layer, with no more about each than words are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pdfminer.converter import PDFPageAggregator
from pdfminer.layout import LTChar, LTContainer
from pdfminer.pdfinterp import PDFPageInterpreter


class _Characters(PDFPageAggregator):
    """Keeps the characters of a page; what is drawn is seen in its picture."""

    def paint_path(self, *_: Any, **__: Any) -> None:
        """Leaves lines and boxes out."""


def characters(document: Any, page: Any) -> list[dict[str, Any]]:
    """The characters of a pdfplumber page in the order in which the file shows them.

    The same as ``page.chars``, which spends most of its time on colours, lines and boxes. Places
    are in points from the upper left corner.
    """
    device = _Characters(document.rsrcmgr, pageno=page.page_number, laparams=None)
    PDFPageInterpreter(document.rsrcmgr, device).process_page(page.page_obj)
    left, above = page.mediabox[:2]
    return [
        {
            "text": char.get_text(),
            "x0": char.x0 + left,
            "x1": char.x1 + left,
            "top": (page.height - char.y1) + above,
            "bottom": (page.height - char.y0) + above,
            "doctop": page.initial_doctop + ((page.height - char.y1) + above),
            "upright": char.upright,
            "matrix": char.matrix,
            "fontname": char.fontname,
            "size": char.size,
        }
        for char in _within(device.get_result())
    ]


def _within(items: Iterable[Any]) -> Iterator[LTChar]:
    for item in items:
        if isinstance(item, LTChar):
            yield item
        elif isinstance(item, LTContainer):
            yield from _within(item)
