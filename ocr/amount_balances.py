"""What open balances add to an amount that was read: they verify it, and never replace it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from rapidfuzz.distance import OSA

from ocr.amount import AMOUNTS, CONTRADICTED, LEAST, OUTVOTED, Fused
from ocr.types import Alternative

_NEAR = 0.25  # amounts that differ by less than this part are about as large
_CONFUSABLE = 0.04  # of what no alternative holds, for each candidate one slip away


def verified(fused: Fused, candidates_cents: Collection[int], *, chance: float = 0.5) -> Fused:
    """The same reading knowing that a payment equals one of the candidates with ``chance``.

    The amount stays what the check says: a candidate that equals it makes it surer, one that only
    an alternative equals makes it less sure. What reading alone said stays on the result, and a
    clear contradiction on the check stays unsure.
    """
    alone = replace(fused, alone_cents=fused.cents, alone_confidence=fused.confidence)
    wanted = frozenset(candidates_cents)
    if fused.cents is None or not wanted:
        return alone
    stands = {int(other.value): other.confidence for other in fused.alternatives}
    stands[fused.cents] = fused.confidence
    read = frozenset(stands)
    unseen = max(0.0, 1.0 - sum(stands.values()))
    # Reading saw no sign of these, but where it errs it most often errs by one slip.
    slips = [c for c in wanted if c not in stands and _one_slip(c, fused.cents)]
    stands |= dict.fromkeys(slips, unseen * _CONFUSABLE / max(1.0, _CONFUSABLE * len(slips)))
    unseen = max(0.0, 1.0 - sum(stands.values()))
    weights = {
        cents: p * (1.0 - chance + (chance * _rareness(cents, wanted) if cents in wanted else 0.0))
        for cents, p in stands.items()
    }
    total = sum(weights.values()) + (1.0 - chance) * unseen
    if total <= 0.0:
        return alone
    confidence = min(weights[fused.cents] / total, 0.9998)
    sources = [part for part in fused.source.split("+") if part and part != "balance"]
    if fused.cents in wanted:
        sources.append("balance")
    else:
        confidence = min(confidence, fused.confidence)
    if _contradicted(fused):
        confidence = min(confidence, OUTVOTED)
    left = (1.0 - confidence) / max(total - weights[fused.cents], 1e-12)
    others = sorted(
        ((c, weights[c] * left) for c in read if c != fused.cents), key=lambda pair: -pair[1]
    )
    return replace(
        alone,
        confidence=round(confidence, 4),
        source="+".join(sources),
        alternatives=tuple(Alternative(c, round(p, 4)) for c, p in others if p >= LEAST),
    )


def _one_slip(one: int, other: int) -> bool:
    """Whether two amounts differ by one digit: another, one more or less, or two swapped."""
    return OSA.distance(str(one), str(other)) == 1


def _rareness(cents: int, wanted: frozenset[int]) -> float:
    """How many amounts about as large there are for each candidate that is about as large.

    The inverse of the chance that an amount read wrong equals a candidate by accident. Whole
    dollars, which most people pay and owe, count among whole dollars alone.
    """
    unit = 1 if cents % 100 else 100
    reach = max(_NEAR * cents, 1.0)
    near = sum(abs(other - cents) <= reach and other % unit == 0 for other in wanted)
    return min(2.0 * reach / unit / max(near, 1), AMOUNTS / len(wanted))


def _contradicted(fused: Fused) -> bool:
    """Whether the check named two amounts clearly: it said so, or two share the probability."""
    if any(warning.code == "amount_mismatch" for warning in fused.warnings):
        return True
    rival = max((other.confidence for other in fused.alternatives), default=0.0)
    return fused.confidence <= CONTRADICTED and rival >= 0.3
