"""Amounts that a lattice of words may spell: the best paths through a grammar of English amounts.

The grammar is one automaton over letters (units, teens, tens, hundred, thousand, then the cents in
all their forms), searched by Viterbi forwards and backwards. What is best through each word gives
the rivals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr.amount_forms import ONES, TENS, WORD_SYMBOLS
from ocr.amount_lattice import Automaton, Form, Lattice, automaton
from ocr.automaton_run import (
    Logs,
    Weights,
    Whole,
    best,
    best_onward,
    path_from,
    path_to,
)

_VALUES = {word: number for number, word in enumerate(ONES)}
_VALUES |= {word: 10 * number for number, word in enumerate(TENS) if word}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_RIVALS = 7
_WINDOW = 30.0  # a rival this many nats behind the best is none
_LOST = -1e9

Source = tuple[int, float]


@dataclass(frozen=True, slots=True)
class Spelled:
    """One amount that the words may say; ``cents`` None where they are not to be made out."""

    dollars: int
    cents: int | None
    score: float


@dataclass(slots=True)
class _Builder:
    """The automaton under construction; ``said`` names what is read at a position's end."""

    form: Form = field(default_factory=Form)
    said: dict[int, tuple[str, str]] = field(default_factory=dict)
    firsts: list[int] = field(default_factory=list)

    def text(self, text: str, sources: Iterable[Source], weight: float = 1.0) -> int:
        """Letters that follow any of ``sources``; returns the last one's position."""
        before = [(end, each * weight) for end, each in sources]
        for label in text:
            self.form.labels.append(label)
            here = len(self.form.labels) - 1
            self.form.arcs += [(source, here, each) for source, each in before]
            before = [(here, 1.0)]
        return len(self.form.labels) - 1

    def word(self, kind: str, word: str, sources: Iterable[Source], weight: float = 1.0) -> Source:
        """A word that counts: ``kind`` is ``number``, ``cents`` or ``none`` (no cents)."""
        self.firsts.append(len(self.form.labels))
        end = self.text(word, sources, weight)
        self.said[end] = (kind, word)
        return end, 1.0

    def below_hundred(self, kind: str, sources: list[Source]) -> list[Source]:
        """Units, teens, tens, and tens with units."""
        tens = [self.word(kind, word, sources) for word in TENS[2:]]
        teens = [self.word(kind, word, sources) for word in ONES[10:]]
        units = [self.word(kind, word, [*sources, *tens]) for word in ONES[1:10]]
        return [*tens, *teens, *units]


@dataclass(frozen=True, slots=True)
class _Grammar:
    """The automaton as states: 0 the blank before all, 1 + 2 p position p, 2 + 2 p the blank after.

    The arcs to state ``s`` are ``first[s]`` to ``first[s + 1]``; ``onward`` puts them in the order
    of the states that they lead from, and ``onward_first`` is the first of each.
    """

    columns: Whole
    start: Logs
    source: Whole
    target: Whole
    weight: Logs
    first: Whole
    onward: NDArray[np.intp]
    onward_first: Whole
    ends: Logs
    tagged: NDArray[np.intp]
    said: dict[int, tuple[str, str]]


def _dollars(build: _Builder, start: list[Source]) -> list[Source]:
    """The whole dollars; what may follow "thousand" is the same block once more."""
    lead_from = len(build.firsts)
    lead = build.below_hundred("number", start)
    lead_firsts = build.firsts[lead_from : lead_from + 27]
    hundred = build.word("number", "hundred", lead)
    linked = [
        hundred,
        (build.text("and", [hundred], 0.15), 1.0),
        (build.text("&", [hundred], 0.05), 1.0),
    ]
    rest = build.below_hundred("number", linked)
    whole = [*lead, hundred, *rest]
    for scale, weight in (("thousand", 1.0), ("million", 0.2)):
        end = build.word("number", scale, whole, weight)
        joined = [end, (build.text("and", [end], 0.15), 1.0)]
        build.form.arcs += [(at, first, each) for first in lead_firsts for at, each in joined]
        whole.append(end)
    zero = build.word("number", "zero", start, 0.1)
    return [*whole, zero]


def _cents(build: _Builder, whole: list[Source]) -> list[Source]:
    """What follows the dollars, to the end."""
    joint = [(build.text("_", whole), 1.0)]
    named = (build.text("dollars", joint, 0.3), 1.0)
    ways = [named, *((build.text(text, [*joint, named]), 1.0) for text in ("and", "&"))]
    linked = [*joint, (build.text("_", ways), 1.0)]
    tens = [build.word("digit", digit, linked) for digit in "0123456789"]
    units = [build.word("digit", digit, tens) for digit in "0123456789"]
    none = [build.word("none", text, linked) for text in ("xx", "no")]
    words = build.below_hundred("cents", linked)
    over = [*units, *none, *((end, 0.1) for end, _ in tens)]
    ended = [
        (build.text("/100", over), 1.0), (build.text("100", over, 0.1), 1.0),
        (build.text("/00", over, 0.05), 1.0), (build.text("cents", [*over, *words], 0.2), 1.0),
    ]  # fmt: skip
    slash = build.text("/", over, 0.05)
    junk = build.text("?", [*linked, *ended, (slash, 1.0)], 0.02)
    build.form.arcs.append((junk, junk, 1.0))
    last = [*ended, (slash, 1.0), *((end, 0.02) for end, _ in units)]
    after = [(build.text("dollars", [*last, *linked], 0.3), 1.0)]
    return [*last, *after, (junk, 1.0), *((end, 0.05) for end, _ in [*linked, *whole])]


@cache
def _grammar() -> _Grammar:
    build = _Builder()
    build.form.junk("?", 0.02)
    whole = _dollars(build, list(build.form.ends))
    build.form.ends = _cents(build, whole)
    form = automaton(build.form, WORD_SYMBOLS.names)
    source, target, weight = _states(form)
    every = np.arange(2 * len(form.columns) + 2)
    columns = np.zeros(len(every) - 1, np.int32)
    columns[1::2] = form.columns
    start = np.concatenate([[1.0], np.stack([form.opening, 0 * form.opening], 1).ravel()])
    ends = np.concatenate([[form.empty], np.repeat(form.ends, 2)])
    onward = np.argsort(source, kind="stable")
    return _Grammar(
        columns, _logs(start), source, target, _logs(weight),
        np.searchsorted(target, every).astype(np.int32), onward,
        np.searchsorted(source[onward], every).astype(np.int32), _logs(ends),
        np.array([1 + 2 * position for position in build.said], np.intp),
        {1 + 2 * position: said for position, said in build.said.items()},
    )  # fmt: skip


def _states(form: Automaton) -> tuple[Whole, Whole, Weights]:
    """Sources, targets and weights of the arcs between states, sorted by target."""
    count = len(form.columns)
    places = np.arange(count, dtype=np.int32)
    after = form.targets
    opened = np.flatnonzero(form.opening).astype(np.int32)
    direct = form.columns[form.source] != form.columns[after]
    stay = np.arange(2 * count + 1, dtype=np.int32)
    tables: tuple[tuple[Whole, Whole, Weights], ...] = (
        (stay, stay, np.ones(len(stay))),
        (1 + 2 * places, 2 + 2 * places, np.ones(count)),
        (0 * opened, 1 + 2 * opened, form.opening[opened]),
        (2 + 2 * form.source, 1 + 2 * after, form.weight),
        (1 + 2 * form.source[direct], 1 + 2 * after[direct], form.weight[direct]),
    )
    sources = np.concatenate([part[0] for part in tables]).astype(np.int32)
    targets = np.concatenate([part[1] for part in tables]).astype(np.int32)
    weights = np.concatenate([part[2] for part in tables])
    order = np.argsort(targets, kind="stable")
    return sources[order], targets[order], weights[order]


def _logs(weights: Weights) -> Logs:
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(weights), _LOST).astype(np.float32)


def decoded(lattice: Lattice) -> tuple[Spelled, ...]:
    """The likeliest amounts of a lattice in WORD_SYMBOLS, best first; scores are natural logs."""
    if len(lattice.floored) < 3:
        return ()
    grammar = _grammar()
    seen = np.log(lattice.floored).astype(np.float32)
    weight = grammar.weight
    ahead = best(seen, grammar.columns, grammar.start, grammar.source, weight, grammar.first)
    behind = best_onward(
        seen, grammar.columns, grammar.ends, grammar.target[grammar.onward],
        weight[grammar.onward], grammar.onward_first,
    )  # fmt: skip
    through = ahead[:, grammar.tagged] + behind[:, grammar.tagged]
    step = through.argmax(axis=0)
    score = through.max(axis=0)
    found: dict[tuple[int, int | None], float] = {}
    known: set[tuple[int, float]] = set()
    top = float((ahead[-1] + grammar.ends).max())
    for tag in np.argsort(-score)[: 6 * _RIVALS]:
        if score[tag] < top - _WINDOW or len(found) >= _RIVALS:
            break
        state, value = int(grammar.tagged[tag]), round(float(score[tag]), 2)
        if (state, value) in known:
            continue
        path = _path(grammar, seen, ahead, behind, state, int(step[tag]))
        known |= {(each, value) for each in path}
        amount = _amount(grammar, path)
        if amount is not None:
            found.setdefault(amount, float(score[tag]))
    return tuple(Spelled(dollars, cents, value) for (dollars, cents), value in found.items())


def _path(
    grammar: _Grammar, seen: Logs, ahead: Logs, behind: Logs, state: int, step: int
) -> list[int]:
    """The states of the best path that is in ``state`` at ``step``, each told once."""
    came = path_to(ahead, grammar.source, grammar.weight, grammar.first, state, step)
    goes = path_from(
        seen, behind, grammar.columns, grammar.target[grammar.onward],
        grammar.weight[grammar.onward], grammar.onward_first, state, step,
    )  # fmt: skip
    whole = np.concatenate([came, goes])
    return [int(one) for one in whole[np.diff(whole, prepend=-1) != 0]]


def _amount(grammar: _Grammar, path: list[int]) -> tuple[int, int | None] | None:
    """Dollars and cents along a path, None when its words are no well-formed number."""
    numbers: list[str] = []
    cents: list[str] = []
    digits = ""
    none = False
    for state in path:
        kind, word = grammar.said.get(state, ("", ""))
        if kind == "number":
            numbers.append(word)
        elif kind == "cents":
            cents.append(word)
        elif kind == "digit":
            digits += word
        elif kind == "none":
            none = True
    dollars = number_of(tuple(numbers))
    if dollars is None:
        return None
    if none:
        return dollars, 0
    if digits:
        return dollars, int(digits)
    return dollars, number_of(tuple(cents))


def number_of(words: tuple[str, ...]) -> int | None:
    """The number that the words say, None when they are no well-formed number."""
    total = 0
    group: int | None = None
    last_scale = 10**9
    for word in words:
        if word in _VALUES:
            group = _joined(group, _VALUES[word])
            if group is None:
                return None
            continue
        scale = _SCALES[word]
        if group is None or group == 0:
            return None
        if scale == 100:
            if group >= 100:
                return None
            group *= 100
            continue
        if scale >= last_scale:
            return None
        total, last_scale, group = total + group * scale, scale, None
    if group is None and total == 0:
        return None
    return total + (group or 0)


def _joined(group: int | None, value: int) -> int | None:
    """Add a unit or ten to what stands of its group; None when English does not allow it."""
    if group is None:
        return value
    if group % 100 == 0 and group > 0:
        return group + value
    if group % 10 == 0 and group % 100 >= 20 and 0 < value < 10:
        return group + value
    return None
