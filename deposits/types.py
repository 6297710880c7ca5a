"""Values that decisions become: figures with the references behind them, findings, refusals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the day's proof, with everything it is made of.

    ``refs`` are ``(reference, cents)`` in order; their cents sum to ``cents``. ``count`` is how
    many there are.
    """

    cents: int
    refs: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, refs: list[tuple[str, int]]) -> Figure:
        """The figure that these references make."""
        return cls(sum(cents for _, cents in refs), tuple(refs))

    @property
    def count(self) -> int:
        """Number of references."""
        return len(self.refs)

    def to_json(self) -> dict[str, Any]:
        """``{amount_cents, count, refs: [{ref, amount_cents}]}``."""
        return {
            "amount_cents": self.cents,
            "count": self.count,
            "refs": [{"ref": ref, "amount_cents": cents} for ref, cents in self.refs],
        }


NOTHING = Figure(0, ())


@dataclass(frozen=True, slots=True)
class Refusal:
    """One line that a practice-management system did not take, and why."""

    ref: str
    error: str
