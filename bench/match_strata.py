"""What goes by itself, kind of evidence by kind of evidence, at a share of wrong ones allowed.

Thresholds are chosen on one seed's payments and held to another's, over one seeded chart: by the
rule ``proved`` the lowest at which the exact upper bound (Clopper and Pearson, 95 %) is within the
target, by ``seen`` the lowest at which the share seen wrong is. Two rules are the product's own,
with no confirmation of an office's yet: ``shipped`` is what goes at first, ``accepted`` what goes
once a named person has accepted the target for every kind. The peer is one threshold for all kinds
together, by the rule ``seen`` for that rule and ``proved`` for the others.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from bench.match_judged import Judged, judge_all
from bench.match_load import Loaded, loaded
from bench.match_payments import Drawn, draw
from bench.match_plots import reliability as plotted
from matching.bounds import lower_bound, upper_bound
from matching.model import shipped
from matching.proving import Standing, cut
from records.settings import Settings

TARGETS = (0.001, 0.0001)
_CALIBRATE, _TEST = 100_001, 200_001
_NEVER = 2.0
"""A threshold that nothing reaches: the kind goes to people."""
_SURE = 0.999
_EDGES = (
    0.0, 1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0,
)  # fmt: skip
_Rule = Callable[[int, int, float], bool]


_PRODUCTS = ("shipped", "accepted")


def _proved(wrong: int, seen: int, target: float) -> bool:
    return wrong <= target * seen and upper_bound(wrong, seen) <= target


def _seen(wrong: int, seen: int, target: float) -> bool:
    return wrong <= target * seen


RULES: dict[str, _Rule] = {"proved": _proved, "seen": _seen}


def measure(
    accounts: int, payments: int, seed: int, database: str, picture: str | None = None
) -> dict[str, Any]:
    """The tables of one chart as JSON data; so many payments to calibrate, half as many to test.

    What a threshold promises takes more payments to prove than to hold to account.
    """
    tested = max(payments // 2, 1)
    with loaded(database, accounts, seed) as chart:
        calibrate, _ = _judged(chart, payments, seed + _CALIBRATE)
        test, milliseconds = _judged(chart, tested, seed + _TEST)
        figures = chart.figures
        chart.database.close()
    bins = reliability(test)
    if picture:
        plotted(picture, bins, f"{tested:,} payments, {accounts:,} accounts, seed {seed + _TEST}")
    return {
        "accounts": accounts, "database": database, "seed": seed,
        "open_statements": figures["open_statements"],
        "calibrated_on": {"payments": payments, "seed": seed + _CALIBRATE},
        "tested_on": {"payments": tested, "seed": seed + _TEST},
        "model": shipped().version, "decision_cpu_ms": round(milliseconds, 3),
        "right_first": _right_first(test),
        "targets": [
            _at(target, rule, calibrate, test)
            for target in TARGETS for rule in (*RULES, *_PRODUCTS)
        ],
        "kept_back": kept_back(test), "reliability": bins, "picture": picture,
    }  # fmt: skip


def _judged(chart: Loaded, payments: int, seed: int) -> tuple[list[Judged], float]:
    todo: list[Drawn] = draw(chart.chart, chart.owing, payments, seed)
    return judge_all(chart, todo)


def threshold(rows: Sequence[Judged], target: float, rule: str = "proved") -> float:
    """The lowest chance from which on the acceptable ``rows`` are wrong within ``target``.

    Above 1 when no threshold is good enough.
    """
    seen = wrong = 0
    # Of thresholds with as many wrong the lowest lets most go, and has the lowest bound.
    last: dict[int, tuple[float, int]] = {}
    ordered = sorted((row for row in rows if row.acceptable), key=lambda row: -row.chance)
    for chance, together in groupby(ordered, key=lambda row: row.chance):
        for row in together:
            seen += 1
            wrong += not row.right
        last[wrong] = (chance, seen)
    for count, (chance, among) in sorted(last.items(), reverse=True):
        if RULES[rule](count, among, target):
            return chance
    return _NEVER


def _at(
    target: float, rule: str, calibrate: Sequence[Judged], test: Sequence[Judged]
) -> dict[str, Any]:
    names = sorted({row.stratum for row in (*calibrate, *test)})
    if rule in RULES:
        cuts = {
            name: threshold([row for row in calibrate if row.stratum == name], target, rule)
            for name in names
        }
    else:
        cuts = {name: _products(name, target, rule) for name in names}
    one = threshold(calibrate, target, rule if rule in RULES else "proved")
    return {
        "name": f"1 in {round(1 / target):,} {rule}",
        "target": target,
        "rule": rule,
        "strata": [
            {"stratum": name, "threshold": None if cuts[name] > 1 else cuts[name],
             **_counts([row for row in test if row.stratum == name], cuts, target)}
            for name in names
        ],
        **_whole(test, cuts, target),
        "peer": {"name": "one threshold for all kinds", "threshold": one,
                 **_whole(test, dict.fromkeys(names, one), target)},
    }  # fmt: skip


def _products(name: str, target: float, rule: str) -> float:
    """The product's threshold for a kind of evidence where nothing of an office's own is known.

    What a person accepts by name opens a kind only where it is looser than the group's target.
    """
    model = shipped()
    floor = float(Settings.model_fields["match_auto_threshold"].default)
    group = float(Settings.model_fields["match_target"].default)
    accepted = target if rule == "accepted" else None
    standing = Standing(name, (), model.proof.get(name, ()), model.worth, accepted)
    found = cut(standing, group if rule == "accepted" else target, floor)
    return _NEVER if found is None else found


def _whole(test: Sequence[Judged], cuts: dict[str, float], target: float) -> dict[str, Any]:
    """Both of all payments and of those that are some patient's: nobody's must not go at all."""
    ours = [row for row in test if row.customer]
    coupon = [row for row in ours if row.with_number]
    others = [row for row in ours if not row.with_number]
    strangers = [row for row in test if not row.customer]
    went = sum(row.acceptable and row.chance >= cuts[row.stratum] for row in test)
    return {
        "straight_through": round(went / max(len(test), 1), 4),
        "groups": {
            "all": _counts(test, cuts, target),
            "patients": _counts(ours, cuts, target),
            "with_coupon": _counts(coupon, cuts, target),
            "without_coupon": _counts(others, cuts, target),
        },
        "not_a_customer": {
            "payments": len(strangers),
            "accepted": _counts(strangers, cuts, target)["accepted"],
        },
    }


def _counts(rows: Sequence[Judged], cuts: dict[str, float], target: float) -> dict[str, Any]:
    went = [row for row in rows if row.acceptable and row.chance >= cuts[row.stratum]]
    wrong = sum(not row.right for row in went)
    low, high = lower_bound(wrong, len(went)), upper_bound(wrong, len(went)) if went else 1.0
    return {
        "payments": len(rows),
        "acceptable": sum(row.acceptable for row in rows),
        "accepted": len(went),
        "share": round(len(went) / max(len(rows), 1), 4),
        "wrong": wrong,
        "wrong_at_least": round(low, 7),
        "wrong_at_most": round(high, 7),
        "within": "proved" if high <= target else "disproved" if low > target else "open",
        "other_statement": sum(row.right and not row.statements_right for row in went),
    }


def _right_first(rows: Sequence[Judged]) -> dict[str, Any]:
    """Whether the first split is right, of patients' payments, with a coupon and without."""
    ours = [row for row in rows if row.customer]
    return {
        name: {"payments": len(some), "right": sum(row.right for row in some)}
        for name, some in (
            ("with_coupon", [row for row in ours if row.with_number]),
            ("without_coupon", [row for row in ours if not row.with_number]),
        )
    }


def kept_back(rows: Sequence[Judged]) -> list[dict[str, Any]]:
    """Why payments go to people whatever their chance: how many, and how many of them were right.

    ``sure`` are those whose chance is .999 or more.
    """
    found: dict[str, list[Judged]] = defaultdict(list)
    for row in rows:
        if not row.acceptable:
            found[row.why].append(row)
    return [
        {"why": why, "payments": len(some), "right": sum(row.right for row in some),
         "sure": sum(row.chance >= _SURE for row in some),
         "sure_and_wrong": sum(row.chance >= _SURE and not row.right for row in some)}
        for why, some in sorted(found.items(), key=lambda each: -len(each[1]))
    ]  # fmt: skip


def reliability(rows: Sequence[Judged]) -> dict[str, list[dict[str, Any]]]:
    """How often decisions of about the same chance were right, with a coupon and without.

    Bins lie close together near certainty, where a threshold is.
    """
    groups = {
        "all": rows,
        "with_coupon": [row for row in rows if row.with_number],
        "without_coupon": [row for row in rows if not row.with_number],
    }
    return {name: _bins(some) for name, some in groups.items()}


def _bins(rows: Sequence[Judged]) -> list[dict[str, Any]]:
    found = []
    ordered = sorted(rows, key=_place)
    for place, together in groupby(ordered, key=_place):
        inside = list(together)
        wrong = sum(not row.right for row in inside)
        found.append({
            "doubt_from": _EDGES[place], "doubt_to": _EDGES[place + 1],
            "payments": len(inside), "wrong": wrong,
            "doubt": sum(1.0 - row.chance for row in inside) / len(inside),
            "wrong_share": wrong / len(inside),
            "wrong_at_least": lower_bound(wrong, len(inside), 0.975),
            "wrong_at_most": upper_bound(wrong, len(inside), 0.975),
        })  # fmt: skip
    return found


def _place(row: Judged) -> int:
    return min(bisect_right(_EDGES, 1.0 - row.chance), len(_EDGES) - 1) - 1
