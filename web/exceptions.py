"""What speaks against depositing a check, and the deliberate yes that each of them needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matching.evidence import DocumentEvidence, Evidence
from records.errors import WrongUse

ASKS = ("payee", "signature", "date", "stale", "foreign", "void", "duplicate")
"""The questions whose answer a mere Enter must never be."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that speaks against it: what is so, and what a person says who deposits it."""

    ask: str
    fact: str
    override: str


def shown(found: Evidence, main: DocumentEvidence | None) -> list[Doubt]:
    """The exceptions of a question in the order of ``ASKS``; none for what is no check."""
    if found.payment is None or found.payment.kind == "eft":
        return []
    return [_exception(ask, found, main) for ask in ASKS if ask in found.asks]


def refuse_unanswered(asks: Collection[str], overrides: Collection[str]) -> None:
    """WrongUse ``exception_unanswered`` unless each exception asked about was overridden."""
    left = [ask for ask in ASKS if ask in asks and ask not in overrides]
    if left:
        raise WrongUse(
            "exception_unanswered",
            f"Nobody has said that the check may be deposited all the same: {', '.join(left)}.",
            "Tick what you have looked at, or set the check aside.",
        )


def _exception(ask: str, found: Evidence, main: DocumentEvidence | None) -> Doubt:
    fields = main.fields if main is not None else {}
    if ask == "payee":
        name = _text(fields, "payee_name")
        fact = f"It is made out to “{name}”." if name else "It is not known to whom it is made out."
        return Doubt(ask, fact, "It is ours all the same")
    if ask == "signature":
        return Doubt(ask, "No signature was found.", "It is signed, or needs no signature")
    if ask == "foreign":
        return Doubt(ask, "It may not be in US dollars.", "It is in US dollars")
    if ask == "void":
        return Doubt(ask, "It may say that it is void.", "It is good")
    if ask == "duplicate":
        twin = found.twin.ref if found.twin is not None else "one that is held already"
        return Doubt(ask, f"It may be a second scan of {twin}.", "It is another check")
    on = _text(fields, "date")
    payment = found.payment
    flags = payment.flags if payment is not None else ()
    if "postdated" in flags:
        return Doubt(ask, f"It is dated {on}, later than it came.", "It may be deposited now")
    if "stale" in flags or ask == "stale":
        return Doubt(ask, f"It is dated {on}, and may be too old.", "It is good still")
    return Doubt(ask, "Its date is in doubt.", "The date is good")


def _text(fields: Mapping[str, Mapping[str, object]], name: str) -> str:
    field = fields.get(name)
    return str(field["value"]) if field and field.get("value") is not None else ""
