"""Which readings of amounts satisfy the sums they stand in: the likeliest repair, and how sure.

Every cell has guesses with probabilities, the first what was read; every equation is a sum that
should come to nothing. A hypothesis takes other guesses for some cells and gives up some
equations, at the price of each. Their weights are summed cell by cell, so two ways to make a sum
right that are equally good leave both cells doubtful, and a value that nobody read is never taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

_WINDOW = 12.0  # natural log: hypotheses so much less likely than the best do not count
_STEPS = 3000
_LEAST_PRICE = 0.01


@dataclass(frozen=True, slots=True)
class Guess:
    """A value a cell may have in cents, with the natural log of its probability."""

    cents: int
    odds: float


@dataclass(frozen=True, slots=True)
class Equation:
    """Cells times coefficients plus ``constant`` come to zero.

    ``price`` is the natural log of how much likelier it is that the equation holds on paper, and
    every cell's right value is among its guesses, than that it does not. ``row`` groups equations
    over the same cells, so that the search knows which rows can be put right apart.
    """

    terms: tuple[tuple[int, int], ...]
    constant: int = 0
    price: float = 9.0
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """The likeliest value of each cell with its probability, and the equations given up.

    ``values`` keep what was read where no repair is more likely than all else. ``chances`` are
    the probabilities of ``values``; ``rivals`` the next likely value of a cell with its own.
    """

    values: tuple[int, ...]
    chances: tuple[float, ...]
    rivals: Mapping[int, tuple[int, float]]
    broken: frozenset[int]
    complete: bool


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    """A hypothesis under way: cells changed to a guess, equations given up."""

    bound: float
    cost: float
    changes: tuple[tuple[int, int], ...]
    broken: frozenset[int] = field(compare=False)


def solve(
    cells: Sequence[Sequence[Guess]], equations: Sequence[Equation], *, steps: int = _STEPS
) -> Solution:
    """Weigh all hypotheses that come near the likeliest one.

    ``cells`` are the guesses of each cell, what was read first; ``steps`` bounds the search, and a
    search cut short is not ``complete``: its chances are no proof.
    """
    search = _Search(cells, equations)
    found, complete = search.run(steps)
    return _weighed(cells, found, complete=complete)


def holds(equation: Equation, values: Sequence[int]) -> bool:
    """Whether the values satisfy the equation."""
    return residual(equation, values) == 0


def residual(equation: Equation, values: Sequence[int]) -> int:
    """What the sum comes to instead of zero, in cents."""
    return equation.constant + sum(factor * values[cell] for cell, factor in equation.terms)


class _Search:
    """Best-first search over hypotheses."""

    def __init__(self, cells: Sequence[Sequence[Guess]], equations: Sequence[Equation]) -> None:
        self.cells, self.equations = cells, equations
        first = [guesses[0].cents for guesses in cells]
        self.out = [residual(equation, first) for equation in equations]
        self.of_cell: dict[int, list[tuple[int, int]]] = {}
        for number, equation in enumerate(equations):
            for cell, factor in equation.terms:
                self.of_cell.setdefault(cell, []).append((number, factor))
        self.least = {number: self._least(number) for number, out in enumerate(self.out) if out}

    def run(self, steps: int) -> tuple[list[_Node], bool]:
        """Hypotheses within the window of the best one, and whether all of them were found."""
        heap = [_Node(self._ahead(self.least), 0.0, (), frozenset())]
        seen: set[tuple[tuple[tuple[int, int], ...], frozenset[int]]] = {((), frozenset())}
        found: list[_Node] = []
        best = math.inf
        for _ in range(steps):
            if not heap or heap[0].bound > best + _WINDOW:
                return found, True
            node = heappop(heap)
            out = self._out(node)
            if not out:
                found.append(node)
                best = min(best, node.cost)
                continue
            for child in self._children(node, out):
                key = (child.changes, child.broken)
                if key not in seen and child.bound <= best + _WINDOW:
                    seen.add(key)
                    heappush(heap, child)
        return found, False

    def _out(self, node: _Node) -> dict[int, int]:
        """The equations that do not hold and are not given up, with what they come to."""
        changed: dict[int, int] = {}
        for cell, guess in node.changes:
            step = self.cells[cell][guess].cents - self.cells[cell][0].cents
            for number, factor in self.of_cell.get(cell, ()):
                changed[number] = changed.get(number, self.out[number]) + factor * step
        every = {number: self.out[number] for number in self.least} | changed
        return {n: out for n, out in every.items() if out and n not in node.broken}

    def _children(self, node: _Node, out: Mapping[int, int]) -> Iterator[_Node]:
        number = min(out, key=lambda n: (len(self.equations[n].terms), n))
        equation = self.equations[number]
        broken = node.broken | {number}
        yield self._child(node, equation.price, (), broken)
        taken = {cell for cell, _ in node.changes}
        moves = self._moves(equation, taken)
        for price, changes in _ways(moves, -out[number]):
            yield self._child(node, price, changes, node.broken)

    def _moves(
        self, equation: Equation, taken: set[int]
    ) -> list[tuple[int, float, tuple[int, int]]]:
        """What each other guess adds to the sum, its price and itself."""
        return [
            (factor * (guess.cents - self.cells[cell][0].cents), self._price(cell, place),
             (cell, place))
            for cell, factor in equation.terms
            if cell not in taken
            for place, guess in enumerate(self.cells[cell])
            if place and guess.cents != self.cells[cell][0].cents
        ]  # fmt: skip

    def _price(self, cell: int, guess: int) -> float:
        return max(_LEAST_PRICE, self.cells[cell][0].odds - self.cells[cell][guess].odds)

    def _child(
        self, node: _Node, price: float, changes: tuple[tuple[int, int], ...],
        broken: frozenset[int],
    ) -> _Node:  # fmt: skip
        every = tuple(sorted((*node.changes, *changes)))
        cost = node.cost + price
        untouched = self._untouched(every, broken)
        return _Node(cost + self._ahead(untouched), cost, every, broken)

    def _untouched(
        self, changes: tuple[tuple[int, int], ...], broken: frozenset[int]
    ) -> dict[int, float]:
        """The equations out from the start that no change has touched, with their least price."""
        touched = {number for cell, _ in changes for number, _ in self.of_cell.get(cell, ())}
        return {n: p for n, p in self.least.items() if n not in touched and n not in broken}

    def _ahead(self, prices: Mapping[int, float]) -> float:
        """What must still be paid at the least: rows do not share cells, so theirs add up."""
        rows: dict[int, float] = {}
        for number, price in prices.items():
            row = self.equations[number].row
            if row is not None:
                rows[row] = max(rows.get(row, 0.0), price)
        return sum(rows.values())

    def _least(self, number: int) -> float:
        """The least price at which one equation alone comes right."""
        equation = self.equations[number]
        ways = _ways(self._moves(equation, set()), -self.out[number])
        return min((price for price, _ in ways), default=equation.price)


def _ways(
    moves: Sequence[tuple[int, float, tuple[int, int]]], wanted: int
) -> Iterator[tuple[float, tuple[tuple[int, int], ...]]]:
    """One or two moves of different cells that add ``wanted``, with their price."""
    by_step: dict[int, list[tuple[float, tuple[int, int]]]] = {}
    for step, price, change in moves:
        if step == wanted:
            yield price, (change,)
        by_step.setdefault(step, []).append((price, change))
    for step, price, change in moves:
        for other, second in by_step.get(wanted - step, ()):
            if change[0] < second[0] and step and wanted - step:
                yield price + other, (change, second)


def _weighed(
    cells: Sequence[Sequence[Guess]], found: Sequence[_Node], *, complete: bool
) -> Solution:
    best = min((node.cost for node in found), default=0.0)
    weights = [math.exp(best - node.cost) for node in found]
    whole = sum(weights) or 1.0
    shares: dict[int, dict[int, float]] = {}
    for node, weight in zip(found, weights, strict=True):
        for cell, guess in node.changes:
            of_cell = shares.setdefault(cell, {})
            cents = cells[cell][guess].cents
            of_cell[cents] = of_cell.get(cents, 0.0) + weight / whole
    values = [guesses[0].cents for guesses in cells]
    chances = [1.0] * len(cells)
    rivals: dict[int, tuple[int, float]] = {}
    for cell, by_cents in shares.items():
        by_cents[values[cell]] = max(0.0, 1.0 - sum(by_cents.values()))
        ranked = sorted(by_cents.items(), key=lambda item: -item[1])
        values[cell], chances[cell] = ranked[0]
        rivals[cell] = ranked[1]
    likeliest = min(found, key=lambda node: node.cost, default=None)
    broken = likeliest.broken if likeliest is not None else frozenset()
    return Solution(tuple(values), tuple(chances), rivals, broken, complete and bool(found))
