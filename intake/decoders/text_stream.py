"""The characters of a plain page straight from its content stream (ISO 32000-1, 9.4).

pdfminer reads every stream byte by byte, which takes as long as all the rest of a page. Most
pages use a few operators only; on these the same characters come out here at a tenth of the time:
pdfminer opens the file and gives the fonts, their widths and their texts. Whatever is out of the
ordinary (forms, inline images, comments, odd numbers, vertical writing) is left to pdfminer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pdfminer.pdffont import PDFType3Font
from pdfminer.pdftypes import PDFObjRef, dict_value, stream_value
from pdfminer.psparser import literal_name
from pdfminer.utils import apply_matrix_rect

from intake.decoders.text_content import content_of
from intake.decoders.text_fonts import Font, OutOfTheOrdinary, standard_font

# Numbers right before their operator are taken with it; more than any operator has stay apart.
_TOKEN = re.compile(
    rb"""[\s\x00]*+(?:
      ((?:[+-]?(?:\d++\.?\d*+|\.\d++)\s++){0,6}+)                     # 1 numbers of an operator
      ([A-Za-z][^\#/%\[\]()<>{}\s]*+|')                               # 2 operator
    | ([+-]?(?:\d++\.?\d*+|\.\d++))                                   # 3 number
    | \(((?:[^()\\]++|\\.|\((?:[^()\\]++|\\.)*+\))*+)\)               # 4 text
    | /([^\#/%\[\]()<>{}\s]*+)(?=[/\[\]()<>{}\s])                     # 5 name
    | ([\[\]])                                                        # 6 array
    | <([0-9A-Fa-f\s]*+)>                                             # 7 text by hex digits
    | (<<[^<>()]*+>>)                                                 # 8 properties of a mark
    | (.)                                                             # 9 anything else
    )""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR, _NUMBER, _TEXT, _NAME, _ARRAY, _HEX, _MARK = 2, 3, 4, 5, 6, 7, 8
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ESCAPED = {b"b": b"\b", b"t": b"\t", b"n": b"\n", b"f": b"\f", b"r": b"\r",
            b"(": b"(", b")": b")", b"\\": b"\\"}  # fmt: skip
# Lines, areas, colours, clips and marks: seen in the page's picture.
_NO_TEXT = frozenset(
    b"m l c v y h re S s f F f* B B* b b* n W W* G g w J j M d ri "
    b"i gs BMC BDC EMC MP DP BX EX ET".split()
)
_COLOURS = frozenset(b"CS cs RG rg K k SC SCN sc scn sh".split())
_FLOATS = {float}
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

Matrix = tuple[float, float, float, float, float, float]


class Char(NamedTuple):
    """A character that runs from left to right; places in points from the upper left corner."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    fontname: str
    size: float


def reads_onward(matrix: Sequence[float]) -> bool:
    """Whether a character runs from left to right as shown; upside down it reads backwards."""
    a, b, c, d = matrix[:4]
    return bool(a > 0 and d > 0 and abs(b) < 0.1 * a and abs(c) < 0.5 * d)


def plain_characters(document: Any, page: Any) -> tuple[list[Char], int]:
    """The characters of a pdfplumber page that run from left to right; and how many there are.

    The same, to the last bit, as pdfminer's. Raises ``OutOfTheOrdinary`` for what is left to it.
    """
    reader = Reader(document, page)
    reader.read()
    return reader.chars, reader.count


@dataclass(slots=True)
class _State:
    """What ``q`` saves: places and the way that text is shown."""

    ctm: Matrix
    font: Font | None = None
    size: float = 0.0
    charspace: float = 0.0
    wordspace: float = 0.0
    scaling: float = 100.0
    leading: float = 0.0
    rise: float = 0.0
    matrix: Matrix = _IDENTITY
    x: float = 0.0

    def copy(self) -> _State:
        """The same again."""
        return _State(
            self.ctm, self.font, self.size, self.charspace, self.wordspace, self.scaling,
            self.leading, self.rise, self.matrix, self.x,
        )  # fmt: skip


class Reader:
    """Goes through a page's content once; ``coloured`` says that it may show any colour."""

    def __init__(self, document: Any, page: Any) -> None:
        self._page = page
        self._left, self._above = (float(value) for value in page.mediabox[:2])
        self._height = page.height
        resources = page.page_obj.resources or {}
        self._fonts = _fonts(document, resources)
        self._images = dict_value(resources.get("XObject") or {})
        self._now = _State(_turned(page.page_obj))
        self._kept: list[_State] = []
        self.chars: list[Char] = []
        self.count = 0
        painted = any(isinstance(each.font, PDFType3Font) for each in self._fonts.values())
        self.coloured = painted or bool(resources.get("ColorSpace"))
        self._do: dict[bytes, tuple[int, Callable[..., None]]] = {
            b"q": (0, self._keep), b"Q": (0, self._back), b"cm": (6, self._transform),
            b"BT": (0, self._begin), b"Tc": (1, self._charspace), b"Tw": (1, self._wordspace),
            b"Tz": (1, self._scaling), b"TL": (1, self._leading), b"Tf": (2, self._font),
            b"Tr": (1, self._nothing), b"Ts": (1, self._rise), b"Td": (2, self._move),
            b"TD": (2, self._move_leading), b"Tm": (6, self._place), b"T*": (0, self._next),
            b"Tj": (1, self._show_one), b"TJ": (1, self._show), b"'": (1, self._next_show),
            b"Do": (1, self._picture),
        }  # fmt: skip

    def read(self) -> None:
        """Every operator of the page in turn."""
        operands: list[Any] = []
        outer: list[Any] | None = None
        for token in _TOKEN.finditer(content_of(self._page.page_obj)):
            kind = token.lastindex
            if kind == _OPERATOR:
                if outer is not None:
                    raise OutOfTheOrdinary
                operator = token[2]
                if operator not in _NO_TEXT:
                    self._operate(operator, [*operands, *map(float, token[1].split())])
                operands = []
            elif kind == _ARRAY:
                if (token[6] == b"[") != (outer is None):
                    raise OutOfTheOrdinary
                if outer is None:
                    operands, outer = [], operands
                else:
                    operands, outer = [*outer, operands], None
            else:
                operands.append(_operand(kind, token))
        if outer is not None:
            raise OutOfTheOrdinary

    def _operate(self, operator: bytes, operands: list[Any]) -> None:
        if operator in _COLOURS:
            self.coloured |= not _is_gray(operator, operands)
            return
        count, do = self._do.get(operator) or _unknown()
        if len(operands) != count:
            raise OutOfTheOrdinary
        do(*operands)

    def _keep(self) -> None:
        self._kept.append(self._now.copy())

    def _back(self) -> None:
        if self._kept:
            self._now = self._kept.pop()

    def _transform(self, *matrix: float) -> None:
        self._now.ctm = product(_numbers(*matrix), self._now.ctm)

    def _begin(self) -> None:
        self._now.matrix, self._now.x = _IDENTITY, 0.0

    def _charspace(self, value: float) -> None:
        (self._now.charspace,) = _numbers(value)

    def _wordspace(self, value: float) -> None:
        (self._now.wordspace,) = _numbers(value)

    def _scaling(self, value: float) -> None:
        (self._now.scaling,) = _numbers(value)

    def _leading(self, value: float) -> None:
        (leading,) = _numbers(value)
        self._now.leading = -leading

    def _rise(self, value: float) -> None:
        (self._now.rise,) = _numbers(value)

    def _nothing(self, value: float) -> None:
        _numbers(value)

    def _font(self, name: Any, size: float) -> None:
        if not isinstance(name, str) or name not in self._fonts:
            raise OutOfTheOrdinary
        (self._now.size,) = _numbers(size)
        self._now.font = self._fonts[name]

    def _move(self, right: float, up: float) -> None:
        _numbers(right, up)
        a, b, c, d, e, f = self._now.matrix
        self._now.matrix = (a, b, c, d, right * a + up * c + e, right * b + up * d + f)
        self._now.x = 0.0

    def _move_leading(self, right: float, up: float) -> None:
        self._move(right, up)
        self._now.leading = up

    def _place(self, *matrix: float) -> None:
        a, b, c, d, e, f = _numbers(*matrix)
        self._now.matrix, self._now.x = (a, b, c, d, e, f), 0.0

    def _next(self) -> None:
        a, b, c, d, e, f = self._now.matrix
        leading = self._now.leading
        self._now.matrix = (a, b, c, d, leading * c + e, leading * d + f)
        self._now.x = 0.0

    def _next_show(self, text: Any) -> None:
        self._next()
        self._show([text])

    def _show_one(self, text: Any) -> None:
        self._show([text])

    def _picture(self, name: Any) -> None:
        self.coloured = True
        found = self._images.get(name) if isinstance(name, str) else None
        if found is None or literal_name(stream_value(found).get("Subtype")) != "Image":
            raise OutOfTheOrdinary

    def _show(self, texts: Any) -> None:
        """Shows texts; a number between them steps back by its thousandths."""
        now = self._now
        font = now.font
        if font is None or not isinstance(texts, list) or now.scaling <= 0:
            raise OutOfTheOrdinary
        scaling = now.scaling * 0.01
        charspace = now.charspace * scaling
        wordspace = 0.0 if font.multibyte else now.wordspace * scaling
        step = 0.001 * now.size * scaling
        matrix = product(now.matrix, now.ctm)
        put = self._put_level if level(matrix) and now.size > 0 else self._put
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
                glyph, width = font.glyphs.get(code) or font.glyph(code)
                forward = width * now.size * scaling
                put(glyph, matrix, x, forward, font)
                x += forward
                if code == 32 and wordspace:
                    x += wordspace
                spaced = True
        now.x = x

    def _put_level(self, text: str, matrix: Matrix, x: float, forward: float, font: Font) -> None:
        """A character of a level line."""
        now = self._now
        a, _, _, d, e, f = matrix
        left = x * a + e
        right = a * forward + left
        if right < left:
            left, right = right, left
        low = font.descent * now.size + now.rise
        below, above = d * low + f, d * (low + now.size) + f
        self.count += 1
        self.chars.append(
            Char(
                text, left + self._left, right + self._left,
                (self._height - above) + self._above, (self._height - below) + self._above,
                font.font.fontname, above - below,
            )
        )  # fmt: skip

    def _put(self, text: str, matrix: Matrix, x: float, forward: float, font: Font) -> None:
        """A character of any line: kept where it reads onward, else only counted."""
        now = self._now
        a, b, c, d, e, f = matrix
        self.count += 1
        if not reads_onward(matrix):
            return
        if b * c > 0:
            raise OutOfTheOrdinary  # pdfplumber keeps such characters apart
        low = font.descent * now.size + now.rise
        left, below, right, above = apply_matrix_rect(
            (a, b, c, d, x * a + e, x * b + f), (0, low, forward, low + now.size)
        )
        self.chars.append(
            Char(
                text, left + self._left, right + self._left,
                (self._height - above) + self._above, (self._height - below) + self._above,
                font.font.fontname, above - below,
            )
        )  # fmt: skip


def _fonts(document: Any, resources: Any) -> dict[str, Font]:
    """The fonts of a page by their names; of the same file again as they were."""
    made: dict[str, Font] = {}
    for name, given in dict_value(resources.get("Font") or {}).items():
        spec = dict_value(given)
        usual = standard_font(spec)
        if usual is not None:
            made[name] = usual
            continue
        number = given.objid if isinstance(given, PDFObjRef) else None
        font = document.rsrcmgr.get_font(number, spec)
        if font.is_vertical():
            raise OutOfTheOrdinary
        made[name] = Font(font, font.is_multibyte(), font.get_descent())
    return made


def _turned(page: Any) -> Matrix:
    x0, y0, x1, y1 = (float(value) for value in page.mediabox)
    match page.rotate:
        case 90:
            return (0.0, -1.0, 1.0, 0.0, -y0, x1)
        case 180:
            return (-1.0, 0.0, 0.0, -1.0, x1, y1)
        case 270:
            return (0.0, 1.0, -1.0, 0.0, y1, -x0)
    return (1.0, 0.0, 0.0, 1.0, -x0, -y0)


def _operand(kind: int | None, token: re.Match[bytes]) -> Any:
    if kind == _NUMBER:
        return float(token[3])
    if kind == _TEXT:
        text = token[4]
        return _ESCAPE.sub(_unescaped, text) if b"\\" in text else text
    if kind == _NAME:
        return token[5].decode("utf-8", "strict")
    if kind == _HEX:
        digits = b"".join(token[7].split())
        if len(digits) % 2:
            raise OutOfTheOrdinary
        return bytes.fromhex(digits.decode("ascii"))
    if kind == _MARK:
        return None
    raise OutOfTheOrdinary


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    if said[:1].isdigit() and said[:1] in b"01234567":
        code = int(said, 8)
        if code < 256:
            return bytes((code,))
    elif said in _ESCAPED:
        return _ESCAPED[said]
    raise OutOfTheOrdinary


def _is_gray(operator: bytes, operands: Sequence[Any]) -> bool:
    """Whether a colour is a gray for sure: one of equal parts of red, green and blue."""
    return operator in (b"RG", b"rg") and len(operands) == 3 and len(set(operands)) == 1


def _numbers(*values: Any) -> tuple[float, ...]:
    if {*map(type, values)} != _FLOATS:
        raise OutOfTheOrdinary
    return values


def product(one: Sequence[float], other: Matrix) -> Matrix:
    """One matrix after the other, in pdfminer's order of sums."""
    a, b, c, d, e, f = one
    a0, b0, c0, d0, e0, f0 = other
    return (
        a0 * a + c0 * b, b0 * a + d0 * b, a0 * c + c0 * d, b0 * c + d0 * d,
        a0 * e + c0 * f + e0, b0 * e + d0 * f + f0,
    )  # fmt: skip


def level(matrix: Matrix) -> bool:
    """Whether text lies level and runs from left to right."""
    a, b, c, d, _, _ = matrix
    return a > 0 and d > 0 and b == 0 and c == 0


def _unknown() -> tuple[int, Callable[..., None]]:
    raise OutOfTheOrdinary
