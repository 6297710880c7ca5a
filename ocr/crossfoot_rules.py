"""Which sums the rows of a remittance's table satisfy, found from the rows themselves.

Payers print different parts of the same arithmetic: charge less discount is allowed, allowed less
deductible, coinsurance and copay is paid, and so on. A rule is taken for a table when most of its
rows satisfy it as they were read, so that a misread cell stands out against the other rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

PATIENT_REASONS = "reasons of the patient"
DENIED_REASONS = "reasons of the patient before what is allowed"
OTHER_REASONS = "reasons of others"
LATER_REASONS = "reasons of others after what is allowed"
"""What the reason codes of a row come to, by whom they leave the amount to and where they stand."""

_SHARED = {"1", "2", "3", "66"}  # deductible, coinsurance, copayment, blood: of what is allowed
_LATER = {"23", "104", "105", "144", "187", "237", "253"}
"""CARC of what is taken off what is allowed: another payer's part, withholding, sequestration."""

_PARTS = ("deductible", "coinsurance", "copay", "shared_cost")
_OFF = ("discount", "not_covered", "adjusted", OTHER_REASONS, DENIED_REASONS, LATER_REASONS,
        "other_paid", "withheld")  # fmt: skip
_AFTER = ("other_paid", "withheld", LATER_REASONS)
_SHARE = "patient_responsibility_cents"
_TAKEN_OFF = ("discount", "adjusted", OTHER_REASONS)
_FEWEST = 0.6  # of the rows satisfy a rule as they were read


@dataclass(frozen=True, slots=True)
class Rule:
    """``whole`` is the sum of ``parts``; ``share`` of the rows satisfy it, ``rows`` in number.

    ``untold`` are the amounts of which no row says how they stand in it: they only break it, or are
    zero in all rows that could be tried. That a charge holds its parts is the usual arithmetic.
    """

    whole: str
    parts: tuple[str, ...]
    share: float
    rows: int
    untold: frozenset[str] = frozenset()


def role_of_reason(group: str | None, code: str) -> str:
    """Where the amount of a reason code (CARC) belongs in the arithmetic of its row."""
    if code in _SHARED and group in {"PR", None}:
        return PATIENT_REASONS
    if group == "PR":
        return DENIED_REASONS
    return LATER_REASONS if code in _LATER else OTHER_REASONS


def rules_of(rows: Sequence[Mapping[str, int]]) -> tuple[Rule, ...]:
    """Rules that most rows (cents by role) satisfy: at most one of a kind, none that follows.

    A role that a row lacks counts as zero there. Where rules differ only in columns that are
    always zero, the one with more columns is taken, so that a misread zero is seen. A kind of rule
    that too few satisfy is taken as it is usual, with a ``share`` of zero, for columns that no
    other rule has: they prove nothing, and are doubtful.
    """
    roles = sorted({role for row in rows for role in row})
    if not rows or not roles:
        return ()
    table = _Table(
        {role: number for number, role in enumerate(roles)},
        np.array([[row.get(role, 0) for role in roles] for row in rows], np.int64),
        np.array([[role in row for role in roles] for row in rows]),
    )
    taken: list[Rule] = []
    basis = np.zeros((0, len(roles)))
    best = [_best(table, kind) for kind in _kinds(set(roles))]
    good = [rule for rule in best if rule is not None and rule.share]
    for rule in [*good, *(rule for rule in best if rule is not None and not rule.share)]:
        known = {role for each in taken for role in (each.whole, *each.parts)}
        if not rule.share and {rule.whole, *rule.parts} <= known:
            continue
        grown = np.vstack([basis, table.vector(rule.whole, rule.parts)])
        if np.linalg.matrix_rank(grown) > len(basis):
            basis = grown
            taken.append(rule)
    return tuple(taken)


@dataclass(frozen=True, slots=True)
class _Table:
    """Rows x roles in cents, and which of them are printed."""

    place: Mapping[str, int]
    cents: NDArray[np.int64]
    has: NDArray[np.bool_]

    def vector(self, whole: str, parts: Sequence[str]) -> NDArray[np.int64]:
        """The coefficients of a rule over the roles."""
        vector = np.zeros(len(self.place), np.int64)
        vector[self.place[whole]] = 1
        vector[[self.place[part] for part in parts]] = -1
        return vector

    def rule(self, whole: str, parts: tuple[str, ...]) -> Rule | None:
        """How many rows with something in them satisfy the rule; None where no row can."""
        vector = self.vector(whole, parts)
        tried = self.has[:, self.place[whole]] & (self.cents[:, vector != 0] != 0).any(axis=1)
        if "paid_cents" in parts:
            tried &= self.has[:, self.place["paid_cents"]]
        count = int(tried.sum())
        if not count:
            return None
        holds = tried & (self.cents @ vector == 0)
        satisfied = int(holds.sum())
        usual = set(parts) if whole == "charged_cents" else set()
        untold = frozenset(
            role
            for role in _OFF
            if role in self.place
            and self.used(role)
            and not self.cents[tried if role in usual else holds, self.place[role]].any()
        )
        return Rule(whole, parts, satisfied / count, satisfied, untold)

    def used(self, role: str) -> bool:
        """Whether any row has another amount than zero in the column."""
        return bool(self.cents[:, self.place[role]].any())


def _best(table: _Table, kind: Sequence[tuple[str, tuple[str, ...]]]) -> Rule | None:
    """The rule of a kind that most rows satisfy, else the usual one with a share of zero."""
    rules = [rule for whole, parts in kind if (rule := table.rule(whole, parts)) is not None]
    if not rules:
        return None
    best = max(
        rules,
        key=lambda r: (round(r.share, 3), sum(map(table.used, r.parts)), len(r.parts)),
    )
    if best.share >= _FEWEST:
        return best
    return replace(best if best.rows > 1 else rules[0], share=0.0)


def _kinds(roles: set[str]) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """Rules that the roles allow, those that say the same in other words together.

    The usual one comes first. A rule leaves out neither what the patient owes nor what was taken
    off where the table has a column for it.
    """
    off = [role for role in _OFF if role in roles]
    first = [role for role in off if role in _TAKEN_OFF]
    owed = list(_owed(roles))
    if "charged_cents" in roles and "allowed_cents" in roles:
        early = [role for role in off if role not in _AFTER]
        yield [
            ("charged_cents", ("allowed_cents", *some))
            for some in _subsets(early, first)
            if some or not first
        ]
    if "allowed_cents" in roles and "paid_cents" in roles:
        less = [role for role in off if role in {*_AFTER, "not_covered", DENIED_REASONS}]
        yield [
            ("allowed_cents", ("paid_cents", *share, *some))
            for some in _subsets(less, [])
            for share in owed
        ]
    if "charged_cents" in roles and "paid_cents" in roles:
        yield [
            ("charged_cents", ("paid_cents", *share, *some))
            for some in _subsets(off, first)
            for share in owed
        ]
    parts = [share for share in owed if share and _SHARE not in share]
    if _SHARE in roles and parts:
        more = [role for role in off if role in {"not_covered", DENIED_REASONS}]
        yield [(_SHARE, (*share, *some)) for some in _subsets(more, []) for share in parts]


def _owed(roles: set[str]) -> Iterator[tuple[str, ...]]:
    """The ways in which a row may say the patient's part; nothing where it does not."""
    parts = [part for part in _PARTS if part in roles]
    if _SHARE in roles:
        yield (_SHARE,)
    if PATIENT_REASONS in roles:
        yield (PATIENT_REASONS,)
    yield from (some for some in _subsets(parts, parts) if some)
    if parts and PATIENT_REASONS in roles:  # codes tell what no column is for: a copayment
        yield from ((*some, PATIENT_REASONS) for some in _subsets(parts, parts) if some)
    if not parts and not {_SHARE, PATIENT_REASONS} & roles:
        yield ()


def _subsets(roles: Sequence[str], first: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """All choices of roles, ``first`` before the others."""
    yield tuple(first)
    for count in range(len(roles) + 1):
        for some in combinations(roles, count):
            if some != tuple(first):
                yield some
