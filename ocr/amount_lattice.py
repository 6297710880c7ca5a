"""How well a lattice of character probabilities fits written forms: CTC over small automata.

A form is a position automaton (Glushkov 1961): each position is one symbol, each arc says what may
follow. The sum over all alignments is the forward recursion of connectionist temporal
classification (Graves et al. 2006, section 4.1), run for all forms at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float64]

_CHAR_FLOOR = 2e-4  # a recogniser may miss a character and be sure of it
_BLANK_FLOOR = 1e-3  # or see one where a speck is
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


def exactly(text: str) -> Form:
    """The form of one text and no other."""
    return Form().then(text)


def scores(lattice: Lattice, forms: Sequence[Form]) -> Weights:
    """Natural log of each form's probability, summed over its texts and their alignments."""
    if not forms:
        return np.zeros(0)
    steps = len(lattice.floored)
    states = graph(lattice.names, forms)
    if steps == 0:
        return np.full(len(forms), -1e3)
    emitted = lattice.floored[:, states.columns]
    alpha = states.start * emitted[0]
    scale = 0.0
    for step in range(1, steps):
        flow = np.take(alpha, states.source)
        flow *= states.weight
        alpha = np.add.reduceat(flow, states.first)
        alpha *= emitted[step]
        top = float(alpha.max())
        if top <= 0.0:
            return np.full(len(forms), -1e3)
        # All forms share one scale: what is 1e300 times less likely may well vanish.
        alpha /= top
        scale += float(np.log(top))
    total = np.bincount(
        states.end_form, weights=alpha[states.end_state] * states.end_weight, minlength=len(forms)
    )
    return np.asarray(np.where(total > 0, np.log(np.maximum(total, 1e-300)) + scale, -1e3))


@dataclass(frozen=True, slots=True)
class Graph:
    """Forms as states of one recursion. Arcs are sorted by target, ``first`` their first arc.

    Of each form, state 0 is the blank before all, 1 + 2 p position p and 2 + 2 p the blank after
    it. The label ``_`` is a blank of its own: a joint where many ways meet and part.
    """

    columns: NDArray[np.intp]
    start: Weights
    source: NDArray[np.intp]
    target: NDArray[np.intp]
    weight: Weights
    first: NDArray[np.intp]
    end_state: NDArray[np.intp]
    end_weight: Weights
    end_form: NDArray[np.intp]


def graph(names: str, forms: Sequence[Form]) -> Graph:
    """The states of all forms, for lattices with the symbols ``names``."""
    sizes = np.array([len(form.labels) for form in forms])
    base = np.concatenate([[0], np.cumsum(2 * sizes + 1)])[:-1]
    count = int(2 * sizes.sum() + len(forms))
    lookup = np.zeros(256, np.intp)
    lookup[list(names.encode())] = np.arange(1, len(names) + 1)
    labels = lookup[list("".join(label for form in forms for label in form.labels).encode())]
    chars = np.arange(int(sizes.sum())) * 2 + np.repeat(np.arange(len(forms)), sizes) + 1
    columns = np.zeros(count, np.intp)
    columns[chars] = labels
    source, target, weight, owner = _flat([form.arcs for form in forms])
    to_state = base[owner] + 1 + 2 * target.astype(np.intp)
    from_state = base[owner] + 1 + 2 * source.astype(np.intp)
    opening = source < 0
    start = np.zeros(count)
    start[base] = 1.0
    np.add.at(start, to_state[opening], weight[opening])
    inner = ~opening
    before, after, passed = from_state[inner], to_state[inner], weight[inner]
    direct = columns[before] != columns[after]
    every, ones = np.arange(count), np.ones(count)
    tables = (
        (every, every, ones),
        (chars, chars + 1, ones[: len(chars)]),
        (base[owner][opening], to_state[opening], weight[opening]),
        (before + 1, after, passed),
        (before[direct], after[direct], passed[direct]),
    )
    sources, targets, weights = (np.concatenate(parts) for parts in zip(*tables, strict=True))
    order = np.argsort(targets, kind="stable")
    last, end_weight, end_owner = _flat_ends([form.ends for form in forms])
    at = base[end_owner] + 1 + 2 * last
    kept = last >= 0
    return Graph(
        columns,
        start,
        sources[order],
        targets[order],
        weights[order],
        np.searchsorted(targets[order], every),
        np.concatenate([np.where(kept, at, base[end_owner]), at[kept] + 1]),
        np.concatenate([end_weight, end_weight[kept]]),
        np.concatenate([end_owner, end_owner[kept]]),
    )


def _flat(
    arcs: list[list[tuple[int, int, float]]],
) -> tuple[Weights, Weights, Weights, NDArray[np.intp]]:
    """Sources, targets, weights and the number of the form of every arc."""
    counts = [len(own) for own in arcs]
    numbers = chain.from_iterable(chain.from_iterable(own) for own in arcs)
    table = np.fromiter(numbers, np.float64, 3 * sum(counts)).reshape(-1, 3)
    return table[:, 0], table[:, 1], table[:, 2], np.repeat(np.arange(len(arcs)), counts)


def _flat_ends(
    ends: list[list[tuple[int, float]]],
) -> tuple[NDArray[np.intp], Weights, NDArray[np.intp]]:
    counts = [len(own) for own in ends]
    numbers = chain.from_iterable(chain.from_iterable(own) for own in ends)
    table = np.fromiter(numbers, np.float64, 2 * sum(counts)).reshape(-1, 2)
    return table[:, 0].astype(np.intp), table[:, 1], np.repeat(np.arange(len(ends)), counts)


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
