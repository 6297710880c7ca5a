"""What waits for its partner, one by one: what it is, what it may belong to, what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

Kind = Literal["remittance", "check", "era", "credit", "late"]
KINDS: Final[Mapping[str, str]] = {
    "remittance": "EOB or ERA without its payment",
    "check": "insurer's check without its EOB",
    "era": "ERA without the bank's credit",
    "credit": "electronic credit without its ERA",
    "late": "EOB that came, or was read otherwise, after the posting",
}
"""What may wait, in words, in the order in which it is told."""
NEXT: Final[Mapping[str, str]] = {
    "remittance": "Join it to its payment, wait, or say that none comes.",
    "check": "Ask the insurer for the EOB, join one that is here, or say that none comes.",
    "era": "Settle it with the bank's credit, wait, or say that none comes.",
    "credit": "Ask the insurer for the 835, or explain the credit on the bank's page.",
    "late": "Compare its claims with what was posted. Where that is wrong, billing takes the match "
    "back on its payment's page. Then say what came of it.",
}
_TAKEN_BACK: Final = (
    "Nothing of it is posted now. Answer its question in review, then say what came of it."
)
_REST: Final = "Wait for the rest, or ask the insurer where it is."
MOST_OFFERED = 3
_SIGNALS = {
    ("number", "same"): "the same number", ("number", "same_short"): "the same number",
    ("number", "same_end"): "the numbers end alike", ("number", "differs"): "another number",
    ("amount", "same"): "the same amount", ("amount", "differs"): "another amount",
    ("payer", "same"): "the same payer", ("payer", "alike"): "a payer of a like name",
    ("payer", "remembered"): "this account paid for this insurer before",
    ("payer", "different"): "another payer", ("date", "same"): "of the same day",
    ("date", "near"): "a few days apart", ("date", "far"): "dated far apart",
    ("sum", "same"): "together they make it to the cent",
    ("received", "far"): "received over two months apart", ("office", "other"): "another office",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be the partner, and why; the weights of ``reasons`` add up to ``score``.

    ``payments`` are all that would be joined to a remittance, ``also`` other remittances that
    would be joined to its payment with it.
    """

    ref: str
    words: str
    score: float
    reasons: tuple[Mapping[str, Any], ...]
    payments: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"ref": self.ref, "words": self.words, "score": self.score,
                "reasons": [dict(each) for each in self.reasons],
                "payments": list(self.payments), "also": list(self.also)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Waiting:
    """One that waits. ``ref`` is a remittance's or payment's reference, or a bank line's id.

    ``age_days`` are business days of its bank since it came. ``page`` is where its next step is
    taken when that is not here. ``says`` is what one that came late changes, or
    what of an 835 has come; ``missing_cents`` of that has not. ``is_posted``: of one that came
    late, whether a part of a payment of it is in the office's system.
    """

    kind: Kind
    ref: str
    amount_cents: int | None
    payer: str
    office: str
    since_on: date
    age_days: int
    offers: tuple[Offer, ...] = ()
    number: str = ""
    page: str = ""
    says: str = ""
    missing_cents: int | None = None
    is_posted: bool = True

    @property
    def next_step(self) -> str:
        """What a person may do now."""
        if not self.is_posted:
            return _TAKEN_BACK
        return NEXT[self.kind] if self.missing_cents is None else _REST

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; what the bank calls a line is left out, for it may hold names."""
        return {
            "kind": self.kind, "ref": self.ref, "amount_cents": self.amount_cents,
            "payer": self.payer, "office": self.office, "number": self.number,
            "since_on": self.since_on, "age_business_days": self.age_days,
            "says": self.says, "missing_cents": self.missing_cents, "next": self.next_step,
            "offers": [each.to_json() for each in self.offers],
        }  # fmt: skip


def words_of(reasons: Iterable[Mapping[str, Any]]) -> str:
    """The reasons of a join or an offer, as a person reads them."""
    told = (
        str(each["detail"])
        if each["signal"] == "said"
        else _SIGNALS.get((str(each["signal"]), str(each["level"])))
        for each in reasons
    )
    return ", ".join(each for each in told if each)
