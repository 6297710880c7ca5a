"""The words of born-digital pages: the quick way where a page is plain, by pdfplumber elsewhere."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pdfplumber
from numpy.typing import NDArray
from pdfplumber.utils.text import dedupe_chars, extract_words
from PIL import Image

from intake.decoders import text_pieces, text_stream, text_words
from intake.decoders.text_chars import characters
from intake.decoders.text_stream import Char, reads_onward
from intake.decoders.text_words import UNREADABLE, Run, WordOut, doubled, overprinted
from intake.limits import Limits

_MAX_LOST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Layer:
    """What a page's text says and where, in points from the upper left corner of its crop box.

    ``wide`` is the crop box's width; ``coloured`` says that the page may show any colour.
    """

    runs: Sequence[Run]
    left: float
    top: float
    wide: float
    coloured: bool = True


class TextLayer:
    """The text of a PDF's pages; the file is opened when the first is asked for."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self._limits = data, limits
        self._document: Any = None

    def layer(self, index: int) -> Layer | None:
        """The text of a page, not yet seen; None when it cannot be read or trusted."""
        try:
            if self._document is None:
                self._document = pdfplumber.open(io.BytesIO(self._data))
            page = self._document.pages[index]
            left, top, right, _ = (float(side) for side in page.cropbox)
            runs, coloured = self._found(page)
            page.close()
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - a text layer that cannot be read is read from pixels
            return None
        return Layer(runs, left, top, right - left, coloured) if runs else None

    def seen(self, layer: Layer, shown: Image.Image | NDArray[np.uint8]) -> tuple[WordOut, ...]:
        """Words with boxes in pixels of ``shown``; empty when the eye does not see them there."""
        if not isinstance(shown, Image.Image) and shown.ndim == 3:
            shown = Image.fromarray(shown)
        if isinstance(shown, Image.Image):
            shown = np.asarray(shown if shown.mode == "L" else shown.convert("L"))
        gray, most = shown, self._limits.max_words
        try:
            scale = gray.shape[1] / layer.wide
            return text_words.seen(layer.runs, layer.left, layer.top, scale, gray, most)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - as above
            return ()

    def _found(self, page: Any) -> tuple[Sequence[Run], bool]:
        """The words of a page, and whether it may show any colour."""
        try:
            plain = text_pieces.plain_words(self._document, page)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - what is not plain is read character by character
            found = self._plain_runs(page)
            return (self._runs(page) if found is None else found), True
        lost = plain.shown < plain.count * (1 - _MAX_LOST_SHARE)
        return () if lost else plain.runs, plain.coloured

    def _plain_runs(self, page: Any) -> Sequence[Run] | None:
        """The words of a page of plain text; None where pdfplumber has to say."""
        try:
            shown, count = text_stream.plain_characters(self._document, page)
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - pdfminer says what is wrong, or reads it all the same
            return None
        if len(shown) < count * (1 - _MAX_LOST_SHARE):
            return ()
        return None if doubled(shown) else text_words.runs(shown)

    def _runs(self, page: Any) -> Sequence[Run]:
        """The words of any page by pdfplumber."""
        chars = characters(self._document, page)
        shown = [char for char in chars if reads_onward(char["matrix"])]
        if len(shown) < len(chars) * (1 - _MAX_LOST_SHARE):
            return ()
        twice = doubled(_as_chars(shown))
        found = extract_words(dedupe_chars(shown) if twice else shown, return_chars=True)
        return [_as_run(word) for word in found]


def _as_run(word: dict[str, Any]) -> Run:
    """A word of pdfplumber in our shape."""
    figures = tuple((float(c["x0"]), float(c["x1"])) for c in word["chars"] if c["text"].isdigit())
    text = UNREADABLE if overprinted(_as_chars(word["chars"])) else word["text"]
    x0, x1, top, bottom = (float(word[side]) for side in ("x0", "x1", "top", "bottom"))
    return Run(text, x0, x1, top, bottom, figures)


def _as_chars(found: Sequence[dict[str, Any]]) -> list[Char]:
    """pdfplumber's characters in our shape."""
    return [Char(*(char[name] for name in Char._fields)) for char in found]
