"""How well a line of writing bears out what another reader took it for."""

from __future__ import annotations

import string

from intake.types import Pixels
from ocr.amount_lattice import Symbols, exactly, fold, greedy, scores
from ocr.written_words import read_words_line

_LETTERS = string.ascii_lowercase + string.digits + "&/"
_SYMBOLS = Symbols(
    {**{char: {char: 1.0} for char in _LETTERS}, "?": {"?": 1.0}},
    {" ": 1.0},
)
_LEAST = -4.0


def borne_out(crop: Pixels, text: str) -> float:
    """Natural log of how likely ``text`` is beside the likeliest text, a character of it.

    0 is wholly borne out, -4 the least. By the net for words, which knows no names and so does
    not guess them; case, spaces and points say nothing. A twentieth of the line recogniser's
    time.
    """
    line = read_words_line(crop)
    wanted = "".join(
        char if char in _LETTERS else "?" for char in text.lower() if char not in " .,'-"
    )
    if not wanted or not len(line.lattice):
        return _LEAST
    lattice = fold(line.lattice, line.alphabet, _SYMBOLS)
    own, best = scores(
        lattice, [exactly(wanted, lattice.names), exactly(greedy(lattice), lattice.names)]
    )
    return max(_LEAST, min(0.0, float(own - best) / len(wanted)))
