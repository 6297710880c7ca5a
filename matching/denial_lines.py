"""What of a remitted claim was denied, paid at nothing, or paid short by a denial: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from matching.claim_facts import day, split_code

WHOLE_CLAIM = -1
_DENIED, _REVERSAL = "4", "22"
_CONTRACT = frozenset({"24", "42", "44", "45", "94", "131", "144", "172", "237", "253", "A2"})
"""CARCs that take off what the contract, a discount or the law takes off: nothing to win back."""
_PATIENT_SHARE = frozenset({"1", "2", "3", "66", "187", "241"})
"""Deductible, coinsurance, copay and the like: the patient's by the plan, and no denial."""
_PRIOR_PAYER = ("OA", "23")


@dataclass(frozen=True, slots=True)
class Code:
    """An adjustment in cents: CAS group (empty: unread) and CARC, or as printed if ``unknown``."""

    group: str
    code: str
    amount_cents: int
    unknown: bool = False

    def to_json(self) -> dict[str, Any]:
        """As the contract has it."""
        more = {"unknown": True} if self.unknown else {}
        return {"group": self.group or None, "code": self.code,
                "amount_cents": self.amount_cents, **more}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeniedLine:
    """A line (or, at ``WHOLE_CLAIM``, a claim) that was not paid as it should have been.

    ``kind``: ``denied`` (CLP02 4), ``zero_paid``, or ``underpaid`` (something was paid).
    ``reason`` is the adjustment that takes most of it; None where nothing says why. ``at_stake``:
    the charge less what the contract takes off, or what was taken from an underpaid line.
    """

    line: int
    kind: str
    reason: Code | None
    codes: tuple[Code, ...]
    remarks: tuple[str, ...]
    service_on: date | None
    procedure: str
    charged_cents: int
    paid_cents: int
    at_stake_cents: int


def denied_lines(claim: Mapping[str, Any]) -> list[DeniedLine]:
    """The denials of one claim of a stored reading, in the order of its lines.

    A claim without lines, or one whose own adjustments deny it, is told as a whole. Reversals and
    what an earlier payer paid are none.
    """
    status = str(claim.get("status") or "")
    paid = _cents(claim, "paid_cents")
    if status == _REVERSAL or paid < 0:
        return []
    lines = [each for each in claim.get("lines") or [] if isinstance(each, Mapping)]
    found = []
    for place, line in enumerate(lines):
        denied = _judged(line, place, is_denied=status == _DENIED)
        if denied is not None:
            found.append(denied)
    if not found and (not lines or _codes(claim)):
        whole = _judged(claim, WHOLE_CLAIM, is_denied=status == _DENIED)
        found = [] if whole is None else [whole]
    return found


def _judged(said: Mapping[str, Any], place: int, *, is_denied: bool) -> DeniedLine | None:
    charged, paid = _cents(said, "charged_cents"), _cents(said, "paid_cents")
    codes = tuple(_codes(said))
    against = [code for code in codes if code.amount_cents > 0 and is_denial(code)]
    if charged <= 0 or paid < 0:
        return None
    if paid == 0:
        if not against and not is_denied:
            return None
        kind = "denied" if is_denied else "zero_paid"
        stake = charged - sum(c.amount_cents for c in codes if is_contract(c))
    else:
        if not against:
            return None
        kind, stake = "underpaid", sum(code.amount_cents for code in against)
    if stake <= 0:
        return None
    return DeniedLine(
        line=place,
        kind=kind,
        reason=max(against, key=lambda code: code.amount_cents, default=None),
        codes=codes,
        remarks=tuple(str(each)[:10] for each in said.get("remarks") or ()),
        service_on=_day(said),
        procedure=split_code(str(said.get("procedure_code") or ""))[0],
        charged_cents=charged,
        paid_cents=paid,
        at_stake_cents=stake,
    )


def is_contract(code: Code) -> bool:
    """Whether it takes off what the contract or the law takes off."""
    return code.group in ("CO", "") and code.code in _CONTRACT


def is_denial(code: Code) -> bool:
    """Whether it is a reason not to pay: neither the contract's, nor a plain patient share, nor
    what an earlier payer paid."""
    if is_contract(code) or (code.group, code.code) == _PRIOR_PAYER:
        return False
    return not (code.group in ("PR", "") and code.code in _PATIENT_SHARE)


def _codes(said: Mapping[str, Any]) -> Iterator[Code]:
    entries = said.get("adjustments")
    for each in entries if isinstance(entries, Sequence) else ():
        if isinstance(each, Mapping) and type(each.get("amount_cents")) is int:
            yield Code(str(each.get("group") or "")[:2], str(each.get("code") or "")[:10],
                       each["amount_cents"], unknown=bool(each.get("unknown")))  # fmt: skip


def _day(said: Mapping[str, Any]) -> date | None:
    own = day(str(said.get("service_on") or ""))
    if own is not None:
        return own
    lines = [each for each in said.get("lines") or () if isinstance(each, Mapping)]
    days = [found for each in lines if (found := day(str(each.get("service_on") or "")))]
    return min(days, default=None)


def _cents(said: Mapping[str, Any], name: str) -> int:
    value = said.get(name)
    return value if type(value) is int else 0
