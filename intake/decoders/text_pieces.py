"""The words of a page of level text, straight from what its content shows, without its characters.

They are the words that ``text_words.runs`` makes of ``text_stream``'s characters, at a part of the
time: text shown from left to right is kept in one piece, and pieces that follow each other on a
line are joined to words. Where that may not tell the same (text shown over other text, slanted
print) the page is left to be read character by character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from pdfplumber.utils.text import LIGATURES

from intake.decoders.text_fonts import Font, OutOfTheOrdinary
from intake.decoders.text_stream import Reader, level, product, reads_onward
from intake.decoders.text_words import GAP_POINTS, LINE_POINTS, Run, by_line

_ALIKE_STEP, _ANY_STEP = 1.001, 0.501
"""Points from one character to the next at least: to the same one, to another one. Print made bold
by showing it twice, which ``text_words.doubled`` looks for, has less. Half of a character's width
is the least in any case: less is print over other print."""


class _Glyph(NamedTuple):
    """What a code of a font at a size reads as, how far it steps, and what it is to a word."""

    text: str
    forward: float
    space: bool
    figure: bool


class _Piece(NamedTuple):
    """Characters of one word shown in one go, or one space, which has no text.

    ``first`` and ``last`` are where its first and last character begin, ``end`` where the last
    one ends and ``right`` where any does; ``opening`` and ``closing`` are these two characters.
    """

    first: float
    last: float
    end: float
    right: float
    top: float
    bottom: float
    text: str
    figures: tuple[tuple[float, float], ...]
    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Words:
    """A page's words; of ``count`` characters ``shown`` run from left to right.

    ``coloured`` says that the page may show any colour; otherwise all is gray or black.
    """

    runs: list[Run]
    shown: int
    count: int
    coloured: bool


def plain_words(document: Any, page: Any) -> Words:
    """The words of a pdfplumber page of level text.

    Raises ``OutOfTheOrdinary`` for what is left to ``text_stream`` or to pdfminer.
    """
    reader = _Pieces(document, page)
    reader.read()
    runs = [run for line in _lines(reader.pieces) for run in _joined(line)]
    return Words(runs, reader.shown, reader.count, reader.coloured)


class _Pieces(Reader):
    """Goes through a page's content once and keeps pieces in place of characters."""

    def __init__(self, document: Any, page: Any) -> None:
        super().__init__(document, page)
        self.pieces: list[_Piece] = []
        self.shown = 0
        self._sized: dict[tuple[int, float, float], dict[int, _Glyph]] = {}

    def _show(self, texts: Any) -> None:
        """As in ``Reader``, with the same sums in the same order."""
        now = self._now
        font = now.font
        if font is None or not isinstance(texts, list) or now.scaling <= 0:
            raise OutOfTheOrdinary
        matrix = product(now.matrix, now.ctm)
        if not level(matrix) or now.size <= 0:
            if now.size <= 0 or reads_onward(matrix):
                raise OutOfTheOrdinary
            super()._show(texts)  # runs another way: only counted
            return
        scaling = now.scaling * 0.01
        low = font.descent * now.size + now.rise
        below, above = matrix[3] * low + matrix[5], matrix[3] * (low + now.size) + matrix[5]
        tops = (self._height - above) + self._above, (self._height - below) + self._above
        self._put_pieces(self._placed(texts, font, scaling), matrix[0], matrix[4], tops)

    def _placed(self, texts: list[Any], font: Font, scaling: float) -> list[tuple[float, _Glyph]]:
        """The glyphs of texts with their places on the line; moves on behind them."""
        now = self._now
        glyphs = self._sized.setdefault((id(font), now.size, scaling), {})
        charspace = now.charspace * scaling
        wordspace = 0.0 if font.multibyte else now.wordspace * scaling
        step = 0.001 * now.size * scaling
        placed: list[tuple[float, _Glyph]] = []
        x, spaced = now.x, False
        for text in texts:
            if isinstance(text, float):
                x -= text * step
                spaced = True
                continue
            if not isinstance(text, bytes):
                raise OutOfTheOrdinary
            for code in font.font.decode(text):
                if spaced:
                    x += charspace
                glyph = glyphs.get(code)
                if glyph is None:
                    glyph = glyphs[code] = _glyph(font, code, now.size, scaling)
                placed.append((x, glyph))
                x += glyph[1]
                if code == 32 and wordspace:
                    x += wordspace
                spaced = True
        now.x = x
        return placed

    def _put_pieces(
        self, placed: list[tuple[float, _Glyph]], a: float, e: float, tops: tuple[float, float]
    ) -> None:
        """Glyphs of a level line as pieces."""
        self.count += len(placed)
        self.shown += len(placed)
        margin = self._left
        texts: list[str] = []
        figures: list[tuple[float, float]] = []
        first = last = end = right = 0.0
        opening = before = ""
        for x, (text, forward, space, figure) in placed:
            left = x * a + e
            far = (a * forward + left) + margin
            left += margin
            if far < left or left < 0:
                raise OutOfTheOrdinary
            step = _ALIKE_STEP if text == before else _ANY_STEP
            if before and left < last + max(step, (end - last) / 2):
                raise OutOfTheOrdinary
            if texts and (space or left > end + GAP_POINTS):
                self._keep_piece(first, last, end, right, tops, texts, figures, opening, before)
                texts, figures = [], []
            if space:
                piece = _Piece(left, left, far, far, *tops, "", (), text, text)
                self.pieces.append(piece)
            else:
                if not texts:
                    first, right, opening = left, far, text
                texts.append(text)
                right = max(right, far)
                if figure:
                    figures.append((left, far))
            last, end, before = left, far, text
        if texts:
            self._keep_piece(first, last, end, right, tops, texts, figures, opening, before)

    def _keep_piece(
        self, first: float, last: float, end: float, right: float, tops: tuple[float, float],
        texts: list[str], figures: list[tuple[float, float]], opening: str, closing: str,
    ) -> None:  # fmt: skip
        self.pieces.append(
            _Piece(first, last, end, right, *tops, "".join(texts), tuple(figures), opening, closing)
        )


def _glyph(font: Font, code: int, size: float, scaling: float) -> _Glyph:
    text, width = font.glyphs.get(code) or font.glyph(code)
    shown = LIGATURES.get(text, text)
    return _Glyph(shown, width * size * scaling, text.isspace(), text.isdigit())


def _lines(pieces: Sequence[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces whose tops follow each other closely, from left to right; none over another."""
    for line in by_line(pieces):
        line.sort(key=itemgetter(0))
        for one, other in pairwise(line):
            least = _ALIKE_STEP if one.closing == other.opening else _ANY_STEP
            if other.first < one.last + max(least, (one.end - one.last) / 2):
                raise OutOfTheOrdinary
        yield line


def _joined(line: Sequence[_Piece]) -> Iterator[Run]:
    word: list[_Piece] = []
    for piece in line:
        if not piece.text:
            if word:
                yield _run(word)
            word = []
            continue
        if word:
            before = word[-1]
            if piece.first > before.end + GAP_POINTS or abs(piece.top - before.top) > LINE_POINTS:
                yield _run(word)
                word = []
        word.append(piece)
    if word:
        yield _run(word)


def _run(word: Sequence[_Piece]) -> Run:
    one = word[0]
    if len(word) == 1:
        return Run(one.text, one.first, one.right, one.top, one.bottom, one.figures)
    return Run(
        "".join(piece.text for piece in word),
        one.first,
        max(piece.right for piece in word),
        min(piece.top for piece in word),
        max(piece.bottom for piece in word),
        tuple(figure for piece in word for figure in piece.figures),
    )
