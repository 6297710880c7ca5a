"""What was worked out of a page's text, kept for as long as the same text is asked about again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from ocr.text import PageText

_PAGES = 24  # more than the pages of the usual remittance
_asked: list[int] = []  # the pages of each document that is being read now
_Result = TypeVar("_Result")


@contextmanager
def keeping(pages: int) -> Iterator[None]:
    """Keeps what is worked out of so many pages while a document of them is read.

    Without room for all of them each pass over the document would work all of it out again.
    """
    room = pages + _PAGES
    _asked.append(room)
    try:
        yield
    finally:
        _asked.remove(room)


def kept_for_page(work: Callable[[PageText], _Result]) -> Callable[[PageText], _Result]:
    """``work`` done once for a page text and kept while it is among the last asked about.

    Pages are told apart as objects: comparing all their words takes longer than most work. What
    ``work`` gives must not be changed by who gets it.
    """
    kept: OrderedDict[int, tuple[PageText, _Result]] = OrderedDict()

    def once(text: PageText) -> _Result:
        known = kept.get(id(text))
        if known is not None and known[0] is text:
            return known[1]
        result = work(text)
        kept[id(text)] = (text, result)  # holds the text, so that its id is nobody else's
        while len(kept) > max(_asked, default=_PAGES):
            kept.popitem(last=False)
        return result

    return once
