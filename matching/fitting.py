"""Fits a model to decided payments: what to add to each level's weight, and the judge.

Both are convex problems with a ridge, solved by Newton's method: the order of candidates as a
conditional logit over them and "nobody's patient" (McFadden 1974), the judge as a logistic
regression. Little evidence leaves the weights as they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from matching.examples import Example, Judged, features, judge, reranked
from matching.model import Cut, Model
from records.errors import Conflict

Floats = NDArray[np.float64]
_Look = tuple[float, Floats, Floats]
"""Loss, slope (f) and bend (f, f) at a point."""

CUTS = (
    0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 0.99995, 0.99999,
)  # fmt: skip
"""The probabilities at which a model's proof is counted."""
_CHUNK = 4000
_STEPS = 40
_HALVINGS = 30
_ENOUGH = 1e-6
_RIDGE_SHIFT = 4.0
_RIDGE_JUDGE = 0.5
LEAST_EXAMPLES = 200


def fit(
    examples: Sequence[Example], base: Model, version: str, *, ridge: float = _RIDGE_SHIFT
) -> Model:
    """A model fitted to ``examples``, beginning from ``base``; it has no proof yet.

    Conflict ``too_little_to_learn`` below ``LEAST_EXAMPLES``.
    """
    if len(examples) < LEAST_EXAMPLES:
        raise Conflict(
            "too_little_to_learn",
            f"{len(examples)} decided payments are too few to learn from.",
            f"Confirm more matches: {LEAST_EXAMPLES} are the least.",
        )
    shifts = _shifts(examples, base, ridge)
    ordered = Model(version, shifts)
    return Model(version, shifts, _judge(examples, ordered, base))


def proof(judged: Iterable[Judged]) -> dict[str, tuple[Cut, ...]]:
    """The cuts of each kind of evidence, of matches that may go alone; empty stretches left out."""
    by_kind: dict[str, list[Judged]] = {}
    for each in judged:
        if each.eligible:
            by_kind.setdefault(each.stratum, []).append(each)
    return {kind: _cuts(rows) for kind, rows in sorted(by_kind.items())}


def _cuts(rows: Sequence[Judged]) -> tuple[Cut, ...]:
    found = []
    for least in CUTS:
        above = [row for row in rows if row.probability >= least]
        if above:
            found.append(Cut(least, len(above), sum(not row.right for row in above)))
    return tuple(found)


def _shifts(examples: Sequence[Example], base: Model, ridge: float) -> dict[str, float]:
    """Conditional logit: the summed shift of the levels is added to each candidate's score."""
    names = _names(
        f"{r.signal}:{r.level}" for e in examples for c in e.ranking.candidates for r in c.reasons
    )
    begin = np.array([base.shifts.get(name, 0.0) for name in names])
    chunks = [
        _laid_out(examples[at : at + _CHUNK], names) for at in range(0, len(examples), _CHUNK)
    ]

    def look(at: Floats) -> _Look:
        loss = 0.5 * ridge * float((at - begin) @ (at - begin))
        slope = ridge * (at - begin)
        bend = ridge * np.eye(len(names))
        for chunk in chunks:
            part = _conditional(*chunk, at)
            loss, slope, bend = loss + part[0], slope + part[1], bend + part[2]
        return loss, slope, bend

    shifts = _lowest(look, begin)
    return {name: round(float(v), 4) for name, v in zip(names, shifts, strict=True)
            if abs(v) >= 0.005}  # fmt: skip


def _names(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(set(names)))}


def _laid_out(examples: Sequence[Example], names: dict[str, int]) -> tuple[Floats, Floats, Floats]:
    """Scores (n, k + 1), levels (n, k + 1, f), and 1 where right; the last column is nobody."""
    most = max(len(each.ranking.candidates) for each in examples) + 1
    scores = np.full((len(examples), most), -1e9)
    levels = np.zeros((len(examples), most, len(names)))
    right = np.zeros((len(examples), most))
    scores[:, -1] = 0.0
    for row, each in enumerate(examples):
        for column, candidate in enumerate(each.ranking.candidates):
            scores[row, column] = sum(reason.weight for reason in candidate.reasons)
            right[row, column] = candidate.account.number in each.right
            for reason in candidate.reasons:
                levels[row, column, names[f"{reason.signal}:{reason.level}"]] = 1.0
        # The right account is not among those kept: of these, it is nobody.
        right[row, -1] = not right[row, :-1].any()
    return scores, levels, right


def _conditional(scores: Floats, levels: Floats, right: Floats, shifts: Floats) -> _Look:
    """Loss, slope, and an upper bound of the bend; several may be right at once."""
    whole = scores + levels @ shifts
    whole -= whole.max(axis=1, keepdims=True)
    mass = np.exp(whole)
    chance = mass / mass.sum(axis=1, keepdims=True)
    among = np.where(right > 0, mass, 0.0) + 1e-300 * right
    loss = -float(np.log(among.sum(axis=1) / mass.sum(axis=1)).sum())
    among /= among.sum(axis=1, keepdims=True)
    width = levels.shape[2]
    slope = ((chance - among)[:, :, None] * levels).reshape(-1, width).sum(axis=0)
    flat = levels.reshape(-1, width)
    means = np.einsum("nk,nkf->nf", chance, levels)
    bend = (flat * chance.reshape(-1, 1)).T @ flat - means.T @ means
    return loss, slope, bend


def _lowest(look: Callable[[Floats], _Look], begin: Floats) -> Floats:
    """Newton's method with steps halved until they lead down."""
    at = begin.copy()
    loss, slope, bend = look(at)
    for _ in range(_STEPS):
        step = np.linalg.solve(bend, slope)
        for _ in range(_HALVINGS):
            lower = look(at - step)
            if lower[0] <= loss:
                break
            step /= 2.0
        else:
            return at
        at -= step
        gained, (loss, slope, bend) = loss - lower[0], lower
        if gained < _ENOUGH:
            break
    return at


def _judge(examples: Sequence[Example], model: Model, base: Model) -> dict[str, float]:
    """Logistic regression of "the split is right" on what the judge is told."""
    told, right = [], []
    for each in examples:
        ranking = reranked(each, model)
        told.append(features(each, ranking)[1])
        same = ranking.candidates[0].account.number in each.alike
        right.append(each.split_right and same)
    names = _names(name for row in told for name in row)
    rows = np.zeros((len(told), len(names)))
    for place, row in enumerate(told):
        for name, value in row.items():
            rows[place, names[name]] = value
    begin = np.array([base.judge.get(name, 0.0) for name in names])
    found = _logistic(rows, np.array(right, dtype=float), begin)
    return {name: round(float(v), 4) for name, v in zip(names, found, strict=True)}


def _logistic(rows: Floats, right: Floats, begin: Floats) -> Floats:
    def look(at: Floats) -> _Look:
        odds = np.clip(rows @ at, -30.0, 30.0)
        chance = 1.0 / (1.0 + np.exp(-odds))
        away = at - begin
        loss = float(np.logaddexp(0.0, odds).sum() - odds @ right)
        spread = chance * (1.0 - chance)
        return (
            loss + 0.5 * _RIDGE_JUDGE * float(away @ away),
            rows.T @ (chance - right) + _RIDGE_JUDGE * away,
            (rows * spread[:, None]).T @ rows + _RIDGE_JUDGE * np.eye(rows.shape[1]),
        )

    return _lowest(look, begin)


def judged_by(examples: Iterable[Example], model: Model) -> list[Judged]:
    """Each example as ``model`` would have decided it."""
    return [judge(each, model) for each in examples]
