"""Values that paper becomes: words of a text layer, page images, what a file decoded to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A page image: height x width (gray, 0 is black) or height x width x 3 (BGR)."""

Box = tuple[int, int, int, int]
"""``(x, y, width, height)`` in pixels of the page image as given, after EXIF rotation."""

Side = Literal["front", "back"]
Payload = Literal["images", "x12_835"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place; ``confidence`` is 1.0 for a born-digital text layer."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """One page as the decoding child hands it over: encoded pixels, still cheap to store.

    ``encoded`` is PNG (1-bit, gray or colour) or JPEG bytes; ``dpi`` is what the file declares
    (None: nothing, or nonsense). ``words`` is the born-digital text layer, empty for scans.
    ``item`` numbers the check of an image cash letter that this view belongs to (X9 only), and
    ``facts`` holds that item's record fields (``micr_line``, ``amount_cents``, ``routing_number``,
    ``on_us``, ``aux_on_us``) as text.
    """

    index: int
    encoded: bytes
    media_type: str
    width: int
    height: int
    dpi: float | None = None
    words: tuple[Word, ...] = ()
    side: Side | None = None
    item: int | None = None
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageProblem:
    """A page that could not be read in a file whose other pages could; ``index`` is its place."""

    index: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class DecodedFile:
    """What one received file holds: page images, or the text of an 835 (then no pages).

    ``problems`` lists the pages that could not be read; their numbers are missing in ``pages``.
    """

    payload: Payload
    media_type: str
    pages: tuple[DecodedPage, ...]
    text: str = ""
    problems: tuple[PageProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Unopened:
    """A picture that is decoded when somebody looks at it: its size in pixels, and how."""

    width: int
    height: int
    open: Callable[[], Pixels]


class _Picture:
    """The pixels of a page, decoded at the first look and then kept."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, page: Any, owner: type) -> Pixels:
        if page is None:
            raise AttributeError(self._name)  # a field without a default
        held = page.__dict__[self._name]
        if isinstance(held, Unopened):
            held = page.__dict__[self._name] = held.open()
        pixels: Pixels = held
        return pixels

    def __set__(self, page: Any, value: Pixels | Unopened) -> None:
        page.__dict__[self._name] = value


@dataclass(frozen=True)
class Page:
    """One page ready to be read: decoded pixels and what is known of them.

    ``index`` is the 0-based page number in its source file; ``pixels`` has been turned by
    ``rotation`` already when a person turned it in the page editor. A page whose words came with
    the file is mostly read without a look at its picture, which is decoded on demand.
    """

    index: int
    pixels: _Picture = _Picture()
    dpi: float | None = None
    words: tuple[Word, ...] = ()
    side: Side | None = None
    item: int | None = None
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, which takes no look at the picture."""
        held = self.__dict__["pixels"]
        if isinstance(held, Unopened):
            return held.width, held.height
        return int(held.shape[1]), int(held.shape[0])
