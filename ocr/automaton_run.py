"""Runs automata over lattices as machine code: sums over all paths, and best paths.

States and arcs are plain arrays: the arcs that lead to state ``s`` are
``first[s]`` to ``first[s + 1]``, each from ``source`` with ``weight``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocr.machine_code import compiled

Whole = NDArray[np.int32]
Weights = NDArray[np.float64]
Logs = NDArray[np.float32]


@compiled
def mass(
    seen: Weights,
    columns: Whole,
    opening: Weights,
    source: Whole,
    weight: Weights,
    first: Whole,
    ends: Weights,
    empty: float,
) -> float:
    """Natural log of the sum over all texts of an automaton and all their alignments.

    ``seen`` is steps x symbols, column 0 the blank; the rest is an ``amount_lattice.Automaton``.
    Each position is two states, on its symbol and on the blank after it; no mass at all gives
    minus infinity.
    """
    count = len(columns)
    on, off = np.empty(count), np.zeros(count)
    on_next = np.empty(count)
    before = seen[0, 0]
    for here in range(count):
        on[here] = opening[here] * seen[0, columns[here]]
    scale = 0.0
    for step in range(1, len(seen)):
        blank = seen[step, 0]
        top = before * blank
        for here in range(count):
            column = columns[here]
            total = on[here] + before * opening[here]
            for arc in range(first[here], first[here + 1]):
                there = source[arc]
                # Two alike beside each other need a blank between them.
                flow = off[there] if columns[there] == column else off[there] + on[there]
                total += flow * weight[arc]
            on_next[here] = total * seen[step, column]
            top = max(top, on_next[here])
        for here in range(count):
            off[here] = (off[here] + on[here]) * blank
            top = max(top, off[here])
        if top <= 0.0:
            return -np.inf
        for here in range(count):
            on[here] = on_next[here] / top
            off[here] /= top
        before = before * blank / top
        scale += np.log(top)
    total = empty * before
    for here in range(count):
        total += ends[here] * (on[here] + off[here])
    return float(np.log(total) + scale)


@compiled
def best(
    seen: Logs,
    columns: Whole,
    start: Logs,
    source: Whole,
    weight: Logs,
    first: Whole,
) -> Logs:
    """Best log score of a path that is in each state at each step (steps x states)."""
    steps, count = len(seen), len(columns)
    score = np.empty((steps, count), np.float32)
    for state in range(count):
        score[0, state] = start[state] + seen[0, columns[state]]
    for step in range(1, steps):
        for state in range(count):
            most = np.float32(-np.inf)
            for arc in range(first[state], first[state + 1]):
                most = max(most, score[step - 1, source[arc]] + weight[arc])
            score[step, state] = most + seen[step, columns[state]]
    return score


@compiled
def best_onward(
    seen: Logs,
    columns: Whole,
    ends: Logs,
    target: Whole,
    weight: Logs,
    first: Whole,
) -> Logs:
    """Best log score of what follows each state after each step (steps x states).

    Arcs are sorted by their source here: those from state ``s`` are ``first[s]`` to
    ``first[s + 1]``.
    """
    steps, count = len(seen), len(columns)
    score = np.empty((steps, count), np.float32)
    score[steps - 1] = ends
    for step in range(steps - 2, -1, -1):
        for state in range(count):
            most = np.float32(-np.inf)
            for arc in range(first[state], first[state + 1]):
                there = target[arc]
                value = score[step + 1, there] + seen[step + 1, columns[there]] + weight[arc]
                most = max(most, value)
            score[step, state] = most
    return score


@compiled
def path_to(score: Logs, source: Whole, weight: Logs, first: Whole, state: int, step: int) -> Whole:
    """The states up to ``step`` of the best path to ``state``; ``score`` by ``best``."""
    path = np.empty(step + 1, np.int32)
    path[step] = state
    for at in range(step, 0, -1):
        most, chosen = np.float32(-np.inf), state
        for arc in range(first[state], first[state + 1]):
            value = score[at - 1, source[arc]] + weight[arc]
            if value > most:
                most, chosen = value, source[arc]
        state = chosen
        path[at - 1] = state
    return path


@compiled
def path_from(
    seen: Logs,
    score: Logs,
    columns: Whole,
    target: Whole,
    weight: Logs,
    first: Whole,
    state: int,
    step: int,
) -> Whole:
    """The states after ``step`` of the best path from ``state``; ``score`` by ``best_onward``."""
    path = np.empty(len(seen) - 1 - step, np.int32)
    for at in range(step + 1, len(seen)):
        most, chosen = np.float32(-np.inf), state
        for arc in range(first[state], first[state + 1]):
            there = target[arc]
            value = score[at, there] + seen[at, columns[there]] + weight[arc]
            if value > most:
                most, chosen = value, there
        state = chosen
        path[at - step - 1] = state
    return path
