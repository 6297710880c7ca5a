"""Whether a remittance adds up: the service, claim and payment rules on the contract's shape.

The rules are those of the 835 (guide 005010X221A1, section 1.10.2.1), widened to paper that prints
an allowed amount and the patient's share instead of reasons.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Rule = Literal["service", "claim", "payment"]


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A rule that does not hold, and where.

    ``claim`` and ``line`` count from 1, None above them; ``part`` names the amount of a claim that
    its lines do not come to (``charged`` or ``paid``). ``expected_cents`` is what the parts give,
    ``found_cents`` what is printed, each None where an amount is missing.
    """

    rule: Rule
    claim: int | None
    line: int | None
    expected_cents: int | None
    found_cents: int | None
    part: str = ""

    @property
    def where(self) -> str:
        """``claim 2, line 3``, ``claim 2, paid`` or ``payment``."""
        if self.claim is None:
            return "payment"
        return f"claim {self.claim}, {self.part or f'line {self.line}'}"

    @property
    def out_by_cents(self) -> int | None:
        """What is printed beyond what the parts give; None where an amount is missing."""
        if self.expected_cents is None or self.found_cents is None:
            return None
        return self.found_cents - self.expected_cents

    def to_json(self) -> dict[str, Any]:
        """The finding as ``imbalances`` of the contract has it, and its parts."""
        return {
            "where": self.where,
            "expected_cents": self.expected_cents,
            "found_cents": self.found_cents,
            "rule": self.rule,
            "claim": self.claim,
            "line": self.line,
        }


def findings(
    claims: Sequence[Mapping[str, Any]],
    provider_adjustments: Sequence[Mapping[str, Any]],
    total_cents: int | None,
) -> list[Imbalance]:
    """Every rule that does not hold, in the order of print; the payment's last.

    ``claims`` and ``provider_adjustments`` are in the contract's shape, an amount that was not
    read None. A claim proves itself by its lines; one without lines by its own adjustments. The
    payment is the claims less the provider adjustments, and one without a total is never balanced.
    """
    found = [each for place, claim in enumerate(claims, 1) for each in _of_claim(place, claim)]
    paid = _sum([claim.get("paid_cents") for claim in claims])
    taken = _sum([entry.get("amount_cents") for entry in provider_adjustments])
    summed = None if paid is None or taken is None else paid - taken
    if summed is None or summed != total_cents:
        found.append(Imbalance("payment", None, None, summed, total_cents))
    return found


def expected_paid_cents(line: Mapping[str, Any]) -> int | None:
    """What a service line's own amounts say is paid; None when they do not say.

    Charge less adjustments; where that is not what is printed and nothing but the patient's share
    is given as a reason, allowed less that share is another way to say it.
    """
    ways = _ways(line)
    paid = line.get("paid_cents")
    return paid if paid is not None and paid in ways else next(iter(ways), None)


def adds_up(line: Mapping[str, Any]) -> bool:
    """Whether a service line's amounts prove its payment."""
    charged, paid = line.get("charged_cents"), line.get("paid_cents")
    return charged is not None and paid is not None and paid in _ways(line)


def _ways(line: Mapping[str, Any]) -> list[int]:
    """The payments that the amounts of a line amount to, the first the likeliest."""
    charged, allowed = line.get("charged_cents"), line.get("allowed_cents")
    share = line.get("patient_responsibility_cents")
    listed = [(e.get("group"), e.get("amount_cents")) for e in line.get("adjustments") or ()]
    if any(amount is None for _, amount in listed):
        return []
    patient = sum(amount for group, amount in listed if group == "PR")
    others = sum(amount for group, amount in listed if group != "PR")
    coded = any(group == "PR" for group, _ in listed)
    if share is not None and coded and not min(0, share) <= patient <= max(0, share):
        return []  # its own reasons are more than the share; fewer: not all of them are printed
    owed = patient if share is None else share
    ways: list[int] = []
    explained = bool(listed) or allowed is None
    if charged is not None and explained:
        ways.append(charged - others - owed)
    if allowed is not None and not others and (charged is None or abs(allowed) <= abs(charged)):
        ways.append(allowed - owed)
    if charged is not None and not explained and not ways:
        ways.append(charged - owed)
    return ways


def _of_claim(place: int, claim: Mapping[str, Any]) -> Iterator[Imbalance]:
    lines: Sequence[Mapping[str, Any]] = claim.get("lines") or ()
    for number, line in enumerate(lines, 1):
        if not adds_up(line):
            expected = expected_paid_cents(line)
            yield Imbalance("service", place, number, expected, line.get("paid_cents"))
    charged, paid = claim.get("charged_cents"), claim.get("paid_cents")
    adjusted = _sum([entry.get("amount_cents") for entry in claim.get("adjustments") or ()])
    if not lines:
        expected = None if charged is None or adjusted is None else charged - adjusted
        if expected is None or expected != paid:
            yield Imbalance("claim", place, None, expected, paid, "paid")
        return
    summed = _sum([line.get("charged_cents") for line in lines])
    if charged is not None and summed is not None and charged != summed:
        yield Imbalance("claim", place, None, summed, charged, "charged")
    summed = _sum([line.get("paid_cents") for line in lines])
    expected = None if summed is None or adjusted is None else summed - adjusted
    if paid is None or (expected is not None and expected != paid):
        yield Imbalance("claim", place, None, expected, paid, "paid")


def _sum(amounts: Sequence[int | None]) -> int | None:
    """The sum, or None when one of them is not known."""
    return None if any(each is None for each in amounts) else sum(each or 0 for each in amounts)
