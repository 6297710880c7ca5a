"""The ablation of amounts: numerals alone, words alone, both, and both beside open balances."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from bench.read_rows import Amount, Judged, Row
from bench.read_tables import rates
from ocr.amount import Fused
from ocr.amount_balances import verified
from ocr.types import Alternative, ReadingWarning
from web.demo.scoring import verdict

BALANCES = 201
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99)


def balances(rng: random.Random, cents: int, *, present: bool) -> tuple[int, ...]:
    """Open balances of an office, drawn around ``cents``, with or without ``cents`` among them.

    Some share its digits on purpose: swapped, one other, ten times as much. A balance that is
    nearly what was written is the one that could mislead.
    """
    drawn: set[int] = set()
    text = str(cents)
    while len(drawn) < BALANCES - 1:
        manner = rng.random()
        if manner < 0.02 and len(text) > 2:
            digits = list(text)
            place = rng.randrange(len(digits))
            digits[place] = rng.choice("123456789")
            drawn.add(int("".join(digits)))
        elif manner < 0.08:
            drawn.add(max(100, cents + rng.choice((-1, 1)) * rng.choice((100, 500, 1000, 10_000))))
        else:
            drawn.add(max(500, round(cents * rng.lognormvariate(0.0, 0.9))))
    drawn.discard(cents)
    return tuple(sorted(drawn | {cents})) if present else tuple(sorted(drawn))


def ablation(judged: Sequence[Judged], seed: int) -> dict[str, Any]:
    """Right, wrong, unread and acceptance by evidence, for handwritten and printed amounts.

    Alone, numerals and words are judged by their posterior: as a field neither is believed at 0.9.
    """
    table: dict[str, Any] = {}
    for writing in ("hand", "print"):
        chosen = [one for one in judged if one.writing == writing]
        if not chosen:
            continue
        rows: dict[str, list[Row]] = {}
        for one in chosen:
            for evidence, cents, confidence in _opinions(one, seed):
                said = None if confidence <= 0 else cents
                row = Row(evidence, verdict("amount_cents", one.amount.truth, said), confidence)
                rows.setdefault(evidence, []).append(row)
        table[writing] = {
            evidence: {
                "right": sum(row.verdict == "right" for row in listed),
                "wrong": sum(row.verdict == "wrong" for row in listed),
                "unread": sum(row.verdict == "unread" for row in listed),
                "at": {f"{level:g}": rates(listed, level) for level in LEVELS},
            }
            for evidence, listed in rows.items()
        }
    return table


def _opinions(one: Judged, seed: int) -> list[tuple[str, int | None, float]]:
    amount = one.amount
    opinions: list[tuple[str, int | None, float]] = []
    for source in ("numerals", "words", "both"):
        cents, confidence = amount.readings.get(source, (None, 0.0))
        opinions.append((source, cents, confidence))
    if amount.truth is None:
        return opinions  # the check contradicts itself: no balance can be the true one
    rng = random.Random(f"balances:{seed}:{one.index}")
    for name, present in (("both and balances", True), ("both and other balances", False)):
        fused = _with_balances(amount, balances(rng, amount.truth, present=present))
        opinions.append((name, fused.cents, fused.confidence))
    return opinions


def _with_balances(amount: Amount, candidates: tuple[int, ...]) -> Fused:
    """The amount as matching sees it: the stored field, verified by the open balances."""
    cents, confidence = amount.readings.get("both", (None, 0.0))
    warnings = (ReadingWarning("amount_mismatch", ""),) if amount.contradicted else ()
    others = tuple(Alternative(other, chance) for other, chance in amount.rivals)
    fused = Fused(cents, confidence, amount.source, others, warnings)
    return verified(fused, candidates)
