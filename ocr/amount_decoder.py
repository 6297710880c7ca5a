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
from ocr.amount_lattice import Form, Lattice, graph

_VALUES = {word: number for number, word in enumerate(ONES)}
_VALUES |= {word: 10 * number for number, word in enumerate(TENS) if word}
_SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_RIVALS = 7
_WINDOW = 30.0  # a rival this many nats behind the best is none
_LOST = -1e9

Logs = NDArray[np.float32]
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
    columns: NDArray[np.intp]
    start: Logs
    source: NDArray[np.intp]
    target: NDArray[np.intp]
    weight: Logs
    first: NDArray[np.intp]
    back_order: NDArray[np.intp]
    back_first: NDArray[np.intp]
    ends: Logs
    tagged: NDArray[np.intp]
    edges: list[int]
    back_edges: list[int]
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
    states = graph(WORD_SYMBOLS.names, [build.form])
    count = len(states.columns)
    back = np.argsort(states.source, kind="stable")
    behind = np.searchsorted(states.source[back], np.arange(count))
    final = np.full(count, _LOST, np.float32)
    np.maximum.at(final, states.end_state, np.log(states.end_weight).astype(np.float32))
    with np.errstate(divide="ignore"):
        start = np.maximum(np.log(states.start), _LOST).astype(np.float32)
    arcs = len(states.source)
    return _Grammar(
        states.columns, start, states.source, states.target,
        np.log(states.weight).astype(np.float32), states.first, back, behind, final,
        np.array([1 + 2 * position for position in build.said], np.intp),
        [*states.first.tolist(), arcs], [*behind.tolist(), arcs],
        {1 + 2 * position: said for position, said in build.said.items()},
    )  # fmt: skip


def decoded(lattice: Lattice) -> tuple[Spelled, ...]:
    """The likeliest amounts of a lattice in WORD_SYMBOLS, best first; scores are natural logs."""
    if len(lattice.floored) < 3:
        return ()
    grammar = _grammar()
    emitted = np.log(lattice.floored).astype(np.float32)[:, grammar.columns]
    ahead = _forward(grammar, emitted)
    behind = _backward(grammar, emitted)
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
        path = _path(grammar, ahead, behind, emitted, state, int(step[tag]))
        known |= {(each, value) for each in path}
        amount = _amount(grammar, path)
        if amount is not None:
            found.setdefault(amount, float(score[tag]))
    return tuple(Spelled(dollars, cents, value) for (dollars, cents), value in found.items())


def _forward(grammar: _Grammar, emitted: Logs) -> Logs:
    """Best score of a path that is in each state at each step."""
    ahead = np.empty_like(emitted)
    ahead[0] = grammar.start + emitted[0]
    for step in range(1, len(emitted)):
        flow = ahead[step - 1].take(grammar.source)
        flow += grammar.weight
        np.maximum.reduceat(flow, grammar.first, out=ahead[step])
        ahead[step] += emitted[step]
    return ahead


def _backward(grammar: _Grammar, emitted: Logs) -> Logs:
    """Best score of what follows each state after each step."""
    behind = np.empty_like(emitted)
    behind[-1] = grammar.ends
    target = grammar.target[grammar.back_order]
    weight = grammar.weight[grammar.back_order]
    for step in range(len(emitted) - 2, -1, -1):
        flow = (behind[step + 1] + emitted[step + 1]).take(target)
        flow += weight
        np.maximum.reduceat(flow, grammar.back_first, out=behind[step])
    return behind


def _path(
    grammar: _Grammar, ahead: Logs, behind: Logs, emitted: Logs, state: int, step: int
) -> list[int]:
    """The states of the best path that is in ``state`` at ``step``."""
    edges, back_edges = grammar.edges, grammar.back_edges
    path = [state]
    here = state
    for at in range(step, 0, -1):
        arcs = slice(edges[here], edges[here + 1])
        sources = grammar.source[arcs]
        here = int(sources[(ahead[at - 1][sources] + grammar.weight[arcs]).argmax()])
        if here != path[-1]:
            path.append(here)
    path.reverse()
    here = state
    for at in range(step, len(emitted) - 1):
        arcs_after = grammar.back_order[back_edges[here] : back_edges[here + 1]]
        targets = grammar.target[arcs_after]
        onward = behind[at + 1][targets] + emitted[at + 1][targets] + grammar.weight[arcs_after]
        here = int(targets[onward.argmax()])
        if here != path[-1]:
            path.append(here)
    return path


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
