"""The sums and best paths over automata are what spelling out every text and alignment gives."""

from __future__ import annotations

import math
from itertools import groupby, pairwise, product

import numpy as np
import pytest

from ocr.amount_lattice import Form, Lattice, automaton, chained, scores
from ocr.automaton_run import best, best_onward, path_from, path_to

NAMES = "ab"


def lattice(seed: int, steps: int) -> Lattice:
    raw = np.random.default_rng(seed).uniform(0.02, 1.0, (steps, len(NAMES) + 1))
    rows = raw / raw.sum(axis=1, keepdims=True)
    return Lattice(rows, rows, NAMES)


def by_hand(of: Lattice, texts: dict[str, float]) -> float:
    """The sum over all alignments (CTC: repeats joined, then blanks dropped), one by one."""
    total = 0.0
    for path in product(range(len(NAMES) + 1), repeat=len(of.floored)):
        text = "".join(NAMES[one - 1] for one, _ in groupby(path) if one)
        weight = texts.get(text, 0.0)
        total += weight * math.prod(of.floored[step, one] for step, one in enumerate(path))
    return math.log(total)


@pytest.mark.parametrize("seed", range(6))
def test_the_mass_of_a_form_is_the_sum_over_all_its_texts_and_alignments(seed: int) -> None:
    seen = lattice(seed, 6)
    form = Form().then("a", ("bb", 0.5)).then(("", 0.25), "ab")
    texts = {"a": 0.25, "bb": 0.125, "aab": 1.0, "bbab": 0.5}
    assert scores(seen, [automaton(form, NAMES)])[0] == pytest.approx(by_hand(seen, texts))


@pytest.mark.parametrize("seed", range(6))
def test_chained_automata_weigh_as_one_form_built_at_once(seed: int) -> None:
    seen = lattice(seed, 9)
    first, second = Form().then("", "ab", ("b", 0.3)), Form().then(("", 0.2), "ba", ("a", 0.7))
    chain = chained(automaton(first, NAMES), automaton(second, NAMES))
    whole = automaton(first.join(second), NAMES)
    assert scores(seen, [chain, chain])[1] == pytest.approx(scores(seen, [whole])[0])


def test_a_long_line_keeps_its_mass() -> None:
    """Any text of one letter over 5,000 steps, each with half its mass on that letter."""
    rows = np.tile([0.25, 0.5, 0.25], (5000, 1))
    found = scores(Lattice(rows, rows, NAMES), [automaton(Form().then("a"), NAMES)])[0]
    # 5,000 steps: a run of blanks, one of the letter, one of blanks.
    assert found == pytest.approx(-1e3)
    few = Lattice(rows[:600], rows[:600], NAMES)
    near = scores(few, [automaton(Form().then("a"), NAMES)])[0]
    exact = sum(0.25 ** (600 - n) * 0.5**n * (601 - n) for n in range(1, 601))
    assert near == pytest.approx(math.log(exact))


def test_the_best_path_has_the_best_score_whichever_state_it_is_asked_through() -> None:
    """States 0 to 2 in a row, each may stay or go on; the end is state 2."""
    columns = np.array([0, 1, 2], np.int32)
    source, target = np.array([0, 0, 1, 1, 2], np.int32), np.array([0, 1, 1, 2, 2], np.int32)
    weight = np.log(np.array([0.5, 0.5, 0.6, 0.4, 1.0])).astype(np.float32)
    first, onward_first = np.array([0, 1, 3, 5], np.int32), np.array([0, 2, 4, 5], np.int32)
    start = np.array([0.0, -1e9, -1e9], np.float32)
    ends = np.array([-1e9, -1e9, 0.0], np.float32)
    seen = np.log(lattice(5, 7).floored).astype(np.float32)
    arcs = dict(zip(zip(source.tolist(), target.tolist(), strict=True), weight, strict=True))
    every = {}
    for path in product(range(3), repeat=7):
        steps = list(pairwise(path))
        if path[0] == 0 and path[-1] == 2 and all(step in arcs for step in steps):
            every[path] = float(
                sum(seen[at, one] for at, one in enumerate(path)) + sum(arcs[s] for s in steps)
            )
    ahead = best(seen, columns, start, source, weight, first)
    behind = best_onward(seen, columns, ends, target, weight, onward_first)
    for step, state in ((0, 0), (3, 0), (3, 1), (3, 2), (6, 2)):
        through = {path: score for path, score in every.items() if path[step] == state}
        likeliest = max(through, key=lambda path: through[path])
        came = path_to(ahead, source, weight, first, state, step)
        goes = path_from(seen, behind, columns, target, weight, onward_first, state, step)
        assert float(ahead[step, state] + behind[step, state]) == pytest.approx(
            through[likeliest], abs=1e-4
        )
        assert (*came.tolist(), *goes.tolist()) == likeliest
