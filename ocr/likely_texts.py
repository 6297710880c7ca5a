"""The likeliest texts of a line by a recogniser's lattice: what else it may say, and how surely."""

from __future__ import annotations

from ocr.engine import LineText

_WIDTH = 10
_LEAST = 0.004


def likely_texts(line: LineText, *, width: int = _WIDTH) -> tuple[tuple[str, float], ...]:
    """Texts with their probabilities, likeliest first (CTC prefix beam search).

    A prefix keeps two sums: of the paths that end in blank, and of those that end in its last
    character (Hannun, Maas, Jurafsky, Ng 2014, algorithm 1, without a language model).
    """
    lattice, alphabet = line.lattice, line.alphabet
    beams: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    blank_before = False
    for step in lattice:
        blank = float(step[0])
        if blank > 1.0 - _LEAST:
            if not blank_before:
                beams = {text: (sum(both), 0.0) for text, both in beams.items()}
            blank_before = True
            continue
        blank_before = False
        symbols = [(alphabet[place - 1], float(step[place]))
                   for place in (step > _LEAST).nonzero()[0] if place]  # fmt: skip
        grown: dict[str, list[float]] = {}
        for text, (in_blank, in_symbol) in beams.items():
            same = grown.setdefault(text, [0.0, 0.0])
            same[0] += blank * (in_blank + in_symbol)
            for symbol, chance in symbols:
                longer = grown.setdefault(text + symbol, [0.0, 0.0])
                if text.endswith(symbol):
                    same[1] += chance * in_symbol
                    longer[1] += chance * in_blank
                else:
                    longer[1] += chance * (in_blank + in_symbol)
        best = sorted(grown.items(), key=lambda item: -sum(item[1]))[:width]
        beams = {text: (both[0], both[1]) for text, both in best}
    found = [(text, sum(both)) for text, both in beams.items() if sum(both) > 0.0]
    return tuple(sorted(found, key=lambda item: -item[1]))
