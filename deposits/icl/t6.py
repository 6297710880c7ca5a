"""Whether a Group 4 stream decodes to exactly the rows and columns it is said to hold (ITU-T T.6).

Decoders that banks and browsers use fill what is missing with white and say nothing; this one asks
every code word. It is plain Python, some 30 ms a check, so ``views`` asks it only where its quick
look is in doubt.
"""

from __future__ import annotations

from itertools import pairwise

_WHITE = (
    "00110101 000111 0111 1000 1011 1100 1110 1111 10011 10100 00111 01000 001000 000011 110100 "
    "110101 101010 101011 0100111 0001100 0001000 0010111 0000011 0000100 0101000 0101011 0010011 "
    "0100100 0011000 00000010 00000011 00011010 00011011 00010010 00010011 00010100 00010101 "
    "00010110 00010111 00101000 00101001 00101010 00101011 00101100 00101101 00000100 00000101 "
    "00001010 00001011 01010010 01010011 01010100 01010101 00100100 00100101 01011000 01011001 "
    "01011010 01011011 01001010 01001011 00110010 00110011 00110100"
)
_WHITE_LONG = (
    "11011 10010 010111 0110111 00110110 00110111 01100100 01100101 01101000 01100111 011001100 "
    "011001101 011010010 011010011 011010100 011010101 011010110 011010111 011011000 011011001 "
    "011011010 011011011 010011000 010011001 010011010 011000 010011011"
)
_BLACK = (
    "0000110111 010 11 10 011 0011 0010 00011 000101 000100 0000100 0000101 0000111 00000100 "
    "00000111 000011000 0000010111 0000011000 0000001000 00001100111 00001101000 00001101100 "
    "00000110111 00000101000 00000010111 00000011000 000011001010 000011001011 000011001100 "
    "000011001101 000001101000 000001101001 000001101010 000001101011 000011010010 000011010011 "
    "000011010100 000011010101 000011010110 000011010111 000001101100 000001101101 000011011010 "
    "000011011011 000001010100 000001010101 000001010110 000001010111 000001100100 000001100101 "
    "000001010010 000001010011 000000100100 000000110111 000000111000 000000100111 000000101000 "
    "000001011000 000001011001 000000101011 000000101100 000001011010 000001100110 000001100111"
)
_BLACK_LONG = (
    "0000001111 000011001000 000011001001 000001011011 000000110011 000000110100 000000110101 "
    "0000001101100 0000001101101 0000001001010 0000001001011 0000001001100 0000001001101 "
    "0000001110010 0000001110011 0000001110100 0000001110101 0000001110110 0000001110111 "
    "0000001010010 0000001010011 0000001010100 0000001010101 0000001011010 0000001011011 "
    "0000001100100 0000001100101"
)
_LONGEST = (
    "00000001000 00000001100 00000001101 000000010010 000000010011 000000010100 000000010101 "
    "000000010110 000000010111 000000011100 000000011101 000000011110 000000011111"
)
_MODES = {
    "0001": "pass", "001": "horizontal", "1": 0, "011": 1, "000011": 2, "0000011": 3,
    "010": -1, "000010": -2, "0000010": -3,
}  # fmt: skip
_MODE_BITS, _RUN_BITS = 7, 13
_END_OF_BLOCK = 0x001001
_MOST_WORDS = 500_000
"""Code words asked of one image, some two seconds; 22 views of other makers had 11 to 34 thousand,
noise all over a business check 450 thousand."""


class _BrokenError(Exception):
    """A code word that T.6 does not know, or a run that leaves the row."""


def _lookup(words: dict[str, object], bits: int) -> list[tuple[object, int] | None]:
    """For every ``bits`` bits: what they begin with, and its length."""
    found: list[tuple[object, int] | None] = [None] * (1 << bits)
    for word, meaning in words.items():
        free = bits - len(word)
        start = int(word, 2) << free
        for place in range(start, start + (1 << free)):
            found[place] = (meaning, len(word))
    return found


def _runs(short: str, long: str) -> list[tuple[object, int] | None]:
    words: dict[str, object] = {word: run for run, word in enumerate(short.split())}
    words |= {word: 64 * (at + 1) for at, word in enumerate(long.split())}
    words |= {word: 1792 + 64 * at for at, word in enumerate(_LONGEST.split())}
    return _lookup(words, _RUN_BITS)


_BY_MODE = _lookup(dict(_MODES), _MODE_BITS)
_BY_RUN = (_runs(_WHITE, _WHITE_LONG), _runs(_BLACK, _BLACK_LONG))


class _Bits:
    """The stream, bit by bit from the most significant."""

    def __init__(self, data: bytes) -> None:
        self._data = data + bytes(4)
        self.total = 8 * len(data)
        self.at = 0
        self.words = 0

    def peek(self, bits: int) -> int:
        start = self.at >> 3
        word = int.from_bytes(self._data[start : start + 4], "big")
        have = 8 * len(self._data[start : start + 4])
        return (word >> (have - bits - (self.at & 7))) & ((1 << bits) - 1)

    def take(self, table: list[tuple[object, int] | None], bits: int) -> object:
        if self.at >= self.total:
            raise _BrokenError("the data ends too early")
        self.words += 1
        if self.words > _MOST_WORDS:
            raise _BrokenError("it holds more code words than any check")
        found = table[self.peek(bits)]
        if found is None:
            raise _BrokenError("a code word is none of Group 4")
        self.at += found[1]
        return found[0]

    def run(self, colour: int) -> int:
        length = 0
        while True:
            part = self.take(_BY_RUN[colour], _RUN_BITS)
            assert isinstance(part, int)  # noqa: S101 - narrows
            length += part
            if part < 64:
                return length


def why_not_whole(strip: bytes, width: int, height: int) -> str | None:
    """Why these bytes are not ``height`` rows of ``width`` pixels in Group 4; None: they are.

    After the last row an end-of-block may stand and fill bits up to four bytes, nothing else.
    """
    bits = _Bits(strip)
    row = [width, width]
    try:
        for number in range(height):
            if bits.peek(24) == _END_OF_BLOCK:
                return f"the data ends after row {number} of {height}"
            row = _row(bits, row, width)
    except _BrokenError as broken:
        return f"in row {number} of {height} {broken}"
    if bits.at > bits.total:
        return "the data ends too early"
    if bits.peek(24) == _END_OF_BLOCK:
        bits.at += 24
    rest = strip[(bits.at + 7) >> 3 :]
    if len(rest) > 4 or any(rest):
        return f"data follows the last of {height} rows"
    return None


def _row(bits: _Bits, above: list[int], width: int) -> list[int]:
    """The places where the next row changes colour, from the row above; both end with ``width``
    twice, so that looking one ahead never leaves the list."""
    found: list[int] = []
    at, colour, place = 0, 0, 0
    begun = False
    while at < width:
        # b1: the first change above to the right of a0, from this row's colour to the other.
        while place > 0 and above[place - 1] > at:
            place -= 1
        while above[place] < width and (
            above[place] < at or (above[place] == at and begun) or (place & 1) != colour
        ):
            place += 1
        first = above[place]
        mode = bits.take(_BY_MODE, _MODE_BITS)
        if mode == "pass":
            at = above[place + 1] if first < width else width
        elif mode == "horizontal":
            one = at + bits.run(colour)
            two = one + bits.run(1 - colour)
            found += [one, two]
            at = two
        else:
            assert isinstance(mode, int)  # noqa: S101 - narrows
            new = first + mode
            if new < at or (new == at and begun and at > 0):
                raise _BrokenError("a run has no length")
            found.append(new)
            at, colour = new, 1 - colour
        begun = True
        if at > width:
            raise _BrokenError("a run leaves the row")
    found = [each for each in found if each < width]
    if any(one > two for one, two in pairwise(found)):
        raise _BrokenError("a run goes back")
    return [*found, width, width]
