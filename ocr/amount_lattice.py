"""How well a lattice of character probabilities fits written forms: CTC over small automata.

A form is a position automaton (Glushkov 1961): each position is one symbol, each arc says what may
follow. The sum over all alignments is the forward recursion of connectionist temporal
classification (Graves et al. 2006, section 4.1), run for all forms at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ocr.automaton_run import Weights, Whole, mass

_CHAR_FLOOR = 2e-4  # a recogniser may miss a character and be sure of it
_BLANK_FLOOR = 1e-3  # or see one where a speck is
_LOST = -1e3
_IDLE = 1e-3  # steps that hold less than this are all blank


@dataclass(frozen=True, slots=True)
class Symbols:
    """How the characters of an alphabet become the symbols of forms.

    ``folded`` maps a symbol to the characters that may stand for it, each with a weight;
    ``ignored`` are characters without meaning here (they count as blank), with weights.
    """

    folded: dict[str, dict[str, float]]
    ignored: dict[str, float]

    @property
    def names(self) -> str:
        """The symbols in column order (column 0 of a folded lattice is the blank)."""
        return "".join(self.folded)


@dataclass(frozen=True, slots=True)
class Lattice:
    """Steps x (1 + symbols): probabilities, column 0 blank, idle steps dropped.

    ``sharp`` is without floors, for finding the likeliest texts.
    """

    floored: Weights
    sharp: Weights
    names: str


def fold(lattice: NDArray[np.float32], alphabet: str, symbols: Symbols) -> Lattice:
    """Sum the alphabet's columns into symbols; runs of idle steps become one."""
    column = {char: number + 1 for number, char in enumerate(alphabet)}
    mix = np.zeros((len(alphabet) + 1, len(symbols.folded) + 1))
    mix[0, 0] = 1.0
    for number, chars in enumerate(symbols.folded.values(), 1):
        for char, weight in chars.items():
            if char in column:
                mix[column[char], number] = weight
    for char, weight in symbols.ignored.items():
        if char in column:
            mix[column[char], 0] = weight
    sharp = np.minimum(np.asarray(lattice, np.float64) @ mix, 1.0)
    busy = sharp[:, 1:].max(axis=1, initial=0.0) > _IDLE
    keep = busy.copy()
    keep[1:] |= busy[:-1]
    if len(keep):
        keep[0] = True
    sharp = sharp[keep]
    floored = np.maximum(sharp, _CHAR_FLOOR)
    floored[:, 0] = np.maximum(sharp[:, 0], _BLANK_FLOOR)
    return Lattice(floored, sharp, symbols.names)


def joined(*parts: Lattice) -> Lattice:
    """Lattices of the same symbols one behind the other, as of one longer line."""
    return Lattice(
        np.concatenate([part.floored for part in parts]),
        np.concatenate([part.sharp for part in parts]),
        parts[0].names,
    )


def clear(text: str, names: str) -> Lattice:
    """The lattice of a text known for certain, in the symbols ``names``, blanks around each."""
    sharp = np.zeros((2 * len(text) + 1, len(names) + 1))
    sharp[::2, 0] = 1.0
    for number, char in enumerate(text):
        sharp[2 * number + 1, names.index(char) + 1] = 1.0
    floored = np.maximum(sharp, _CHAR_FLOOR)
    floored[:, 0] = np.maximum(sharp[:, 0], _BLANK_FLOOR)
    return Lattice(floored, sharp, names)


@dataclass(slots=True)
class Form:
    """An automaton under construction: symbols in order, alternatives, optional parts.

    ``arcs`` are (from position, to position, weight), position -1 the start; ``ends`` are the
    positions where the text may end so far.
    """

    labels: list[str] = field(default_factory=list)
    arcs: list[tuple[int, int, float]] = field(default_factory=list)
    ends: list[tuple[int, float]] = field(default_factory=lambda: [(-1, 1.0)])

    def then(self, *choices: str | tuple[str, float]) -> Form:
        """Append one of several texts (``""`` may be one of them), each with a weight."""
        before, after = self.ends, []
        for choice in choices:
            text, weight = (choice, 1.0) if isinstance(choice, str) else choice
            if not text:
                after += [(end, each * weight) for end, each in before]
                continue
            sources = [(end, each * weight) for end, each in before]
            for label in text:
                self.labels.append(label)
                here = len(self.labels) - 1
                self.arcs += [(source, here, each) for source, each in sources]
                sources = [(here, 1.0)]
            after += sources
        self.ends = after
        return self

    def join(self, *parts: Form) -> Form:
        """Append one of several forms."""
        before, after = self.ends, []
        for part in parts:
            offset = len(self.labels)
            self.labels += part.labels
            for source, target, weight in part.arcs:
                if source < 0:
                    self.arcs += [(e, target + offset, w * weight) for e, w in before]
                else:
                    self.arcs.append((source + offset, target + offset, weight))
            for end, weight in part.ends:
                if end < 0:
                    after += [(e, w * weight) for e, w in before]
                else:
                    after.append((end + offset, weight))
        self.ends = after
        return self

    def junk(self, label: str, weight: float) -> Form:
        """Append any number of the symbol ``label``, or nothing."""
        before = self.ends
        self.then((label, weight))
        here = len(self.labels) - 1
        self.arcs.append((here, here, 1.0))
        self.ends = [*before, *self.ends]
        return self


def exactly(text: str, names: str) -> Automaton:
    """The form of one text and no other."""
    return automaton(Form().then(text), names)


def scores(lattice: Lattice, forms: Sequence[Automaton]) -> Weights:
    """Natural log of each form's probability, summed over its texts and their alignments."""
    found = np.full(len(forms), _LOST)
    if not len(lattice.floored):
        return found
    for number, made in enumerate(forms):
        found[number] = mass(
            lattice.floored, made.columns, made.opening, made.source, made.weight, made.first,
            made.ends, made.empty,
        )  # fmt: skip
    return np.asarray(np.maximum(found, _LOST), np.float64)


@dataclass(frozen=True, slots=True)
class Automaton:
    """A form as arrays: each position's column in a lattice, and the arcs between positions.

    The arcs to position ``p`` are ``first[p]`` to ``first[p + 1]``. ``opening`` is with what
    weight a text begins at each position, ``ends`` with what weight it ends there, and ``empty``
    the weight of the empty text.
    """

    columns: Whole
    opening: Weights
    source: Whole
    weight: Weights
    first: Whole
    ends: Weights
    empty: float

    @property
    def targets(self) -> Whole:
        """The position that each arc leads to."""
        return np.repeat(np.arange(len(self.columns), dtype=np.int32), np.diff(self.first))


def automaton(form: Form, names: str) -> Automaton:
    """The form for lattices with the symbols ``names``; the label ``_`` is a blank of its own."""
    count = len(form.labels)
    numbers = {name: number for number, name in enumerate(names, 1)}
    columns = np.array([numbers.get(label, 0) for label in form.labels], np.int32)
    table = np.array(form.arcs, np.float64).reshape(-1, 3)
    source, target, weight = table[:, 0].astype(np.int32), table[:, 1].astype(np.int32), table[:, 2]
    opening = np.bincount(target[source < 0], weight[source < 0], count).astype(np.float64)
    inner = source >= 0
    ended = np.array(form.ends, np.float64).reshape(-1, 2)
    at = ended[:, 0].astype(np.int32)
    ends = np.bincount(at[at >= 0], ended[at >= 0, 1], count).astype(np.float64)
    empty = float(ended[at < 0, 1].sum())
    return _sorted(columns, opening, source[inner], target[inner], weight[inner], ends, empty)


def chained(one: Automaton, other: Automaton) -> Automaton:
    """The texts of one automaton with those of another behind them."""
    count = len(one.columns)
    ends, begins = np.flatnonzero(one.ends), np.flatnonzero(other.opening)
    joints = np.outer(one.ends[ends], other.opening[begins])
    return _sorted(
        np.concatenate([one.columns, other.columns]),
        np.concatenate([one.opening, one.empty * other.opening]),
        np.concatenate([one.source, other.source + count, np.repeat(ends, len(begins))]),
        np.concatenate([one.targets, other.targets + count, np.tile(begins + count, len(ends))]),
        np.concatenate([one.weight, other.weight, joints.ravel()]),
        np.concatenate([one.ends * other.empty, other.ends]),
        one.empty * other.empty,
    )


def _sorted(
    columns: Whole,
    opening: Weights,
    source: NDArray[np.integer],
    target: NDArray[np.integer],
    weight: Weights,
    ends: Weights,
    empty: float,
) -> Automaton:
    order = np.argsort(target, kind="stable")
    first = np.searchsorted(target[order], np.arange(len(columns) + 1)).astype(np.int32)
    return Automaton(
        columns, opening, source[order].astype(np.int32), weight[order], first, ends, empty
    )


def likeliest(lattice: Lattice, *, beam: int = 16, least: float = 2e-3) -> tuple[str, ...]:
    """The most probable texts, best first, by CTC prefix beam search.

    Symbols below ``least`` at a step are not tried there.
    """
    kept: dict[str, tuple[float, float]] = {"": (1.0, 0.0)}
    for row in lattice.sharp:
        blank = max(float(row[0]), 1e-4)
        tried = [(lattice.names[i], float(row[i + 1])) for i in np.flatnonzero(row[1:] > least)]
        grown: dict[str, tuple[float, float]] = {}
        for text, (on_blank, on_char) in kept.items():
            _add(grown, text, (on_blank + on_char) * blank, 0.0)
            for char, chance in tried:
                if text and text[-1] == char:
                    _add(grown, text, 0.0, on_char * chance)
                    _add(grown, text + char, 0.0, on_blank * chance)
                else:
                    _add(grown, text + char, 0.0, (on_blank + on_char) * chance)
        best = sorted(grown.items(), key=_mass, reverse=True)[:beam]
        top = max(_mass(best[0]), 1e-300)
        kept = {text: (a / top, b / top) for text, (a, b) in best}
    return tuple(kept)


def _mass(entry: tuple[str, tuple[float, float]]) -> float:
    return entry[1][0] + entry[1][1]


def _add(grown: dict[str, tuple[float, float]], text: str, blank: float, char: float) -> None:
    before = grown.get(text, (0.0, 0.0))
    grown[text] = (before[0] + blank, before[1] + char)


def greedy(lattice: Lattice) -> str:
    """Best symbol at each step, repeats joined and blanks dropped."""
    best = lattice.sharp.argmax(axis=1)
    kept = best[np.flatnonzero(np.diff(best, prepend=-1))]
    return "".join(lattice.names[one - 1] for one in kept if one)
