"""The evidence of one keyed cell: who keyed or checked it, and what had been read there. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matching.remittance_grid import Cell

Json = dict[str, Any]


@dataclass(slots=True)
class Touched:
    """How many cells a person changed and checked, and how many rows went."""

    actor: str = ""
    changed: int = 0
    checked: int = 0
    dropped: int = 0

    @property
    def any(self) -> bool:
        """Whether anything was done."""
        return bool(self.changed or self.checked or self.dropped)


def cell_of(
    touched: Touched, before: Cell, evidence: Mapping[str, Any] | None, value: Any, *, checked: bool
) -> Json | None:
    """The evidence of a cell that now holds ``value``; None for one that was always empty."""
    if value == before.value or (not value and value != 0 and before.text == ""):
        if value in (None, []):
            if checked and before.is_asked:  # somebody has looked: the page tells none
                return _seen(touched, dict(evidence or _plain(None, 0.0)))
            return None if evidence is None else dict(evidence)
        if evidence is None and not checked and before.confidence >= 1.0:
            return None  # worked out from others
        kept = dict(evidence) if evidence is not None else _plain(value, before.confidence)
        return _seen(touched, kept) if checked else kept
    touched.changed += 1
    others = [] if evidence is None or before.value in (None, []) else [
        {"value": before.value, "confidence": float(evidence.get("confidence") or 0.0)}
    ]  # fmt: skip
    others += [each for each in (evidence or {}).get("alternatives") or ()
               if each.get("value") not in (value, before.value)]  # fmt: skip
    place = evidence or {}
    return {"value": value, "confidence": 1.0, "page": place.get("page") or 0,
            "box": place.get("box"), "source": touched.actor, "alternatives": others}  # fmt: skip


def adjustments_of(
    touched: Touched, before: Cell, value: Sequence[Json], evidence: Json, *, checked: bool
) -> list[Json]:
    """The adjustments as they now are; their evidence is put in order in ``evidence``.

    One that stands as it was keeps what is known of it, a payer's own code too; one of the same
    code with another amount keeps the amount that was read among the alternatives.
    """
    was = list(before.value or ())
    kept = [evidence.pop(f"adjustments.{at}", None) for at in range(len(was))]
    if list(value) == was:
        for number, (entry, own) in enumerate(zip(was, kept, strict=True)):
            cell = own or _plain(entry.get("amount_cents"), before.confidence)
            cell = dict(cell)
            evidence[f"adjustments.{number}"] = _seen(touched, cell) if checked else cell
        return was
    touched.changed += 1
    evidence.pop("adjustments", None)  # how sure it was that there are none
    free = list(range(len(was)))
    made: list[Json] = []
    for entry in value:
        at = _same(entry, was, free)
        amount = entry["amount_cents"]
        if at is not None:
            free.remove(at)
        old = None if at is None else was[at]
        own = None if at is None else kept[at]
        if old is not None and old.get("amount_cents") == amount:
            cell = dict(own or _plain(amount, before.confidence))
        else:
            place = own or {}
            read = {"value": (old or {}).get("amount_cents"),
                    "confidence": place.get("confidence") or 0.0}  # fmt: skip
            others = [] if old is None else [read]
            cell = {"value": amount, "confidence": 1.0, "page": place.get("page") or 0,
                    "box": place.get("box"), "source": touched.actor,
                    "alternatives": others}  # fmt: skip
        evidence[f"adjustments.{len(made)}"] = (
            _seen(touched, cell, count=False) if checked else cell
        )
        made.append({**entry} if old is None else {**old, "amount_cents": amount})
    return made


def _same(entry: Json, was: Sequence[Json], free: Sequence[int]) -> int | None:
    """The adjustment of the same code that is not taken yet, one of the same amount first."""
    alike = [at for at in free if (was[at].get("group"), was[at].get("code")) ==
             (entry.get("group"), entry.get("code"))]  # fmt: skip
    exact = [at for at in alike if was[at].get("amount_cents") == entry["amount_cents"]]
    return next(iter(exact or alike), None)


def _seen(touched: Touched, cell: Json, *, count: bool = True) -> Json:
    """A cell that a person looked at and left as it is."""
    if cell.get("source") == touched.actor or cell.get("checked_by"):
        return {**cell, "confidence": 1.0}
    touched.checked += count
    return {**cell, "confidence": 1.0, "checked_by": touched.actor}


def _plain(value: Any, confidence: float) -> Json:
    """What is known of a cell that came without evidence: how sure its list is."""
    return {"value": value, "confidence": confidence, "page": 0, "box": None, "source": "",
            "alternatives": []}  # fmt: skip
