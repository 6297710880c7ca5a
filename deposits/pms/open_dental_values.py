"""What Open Dental's JSON holds, read and written: amounts, numbers, notes, an office's choices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from deposits.pms.types import LineAnswer, PostingLine
from records.errors import WrongUse
from records.open_dental_http import Reply
from records.open_dental_values import marked, number_of, same_name

__all__ = ["MARK", "Options", "answer_of", "cents_of", "marked", "note", "number_of", "same_name"]

MARK: Final = "Lockbox PO-"
"""How the note of everything that we have written begins."""
_OPTIONS = ("pay_type", "claim_pay_type", "clinic")


@dataclass(frozen=True, slots=True)
class Options:
    """Numbers of one office's own Open Dental; 0 takes its default.

    ``pay_type``: definition of category 10 (patient payments); ``claim_pay_type``: of category
    32 (insurance payments); ``clinic``: ClinicNum.
    """

    pay_type: int = 0
    claim_pay_type: int = 0
    clinic: int = 0

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Options:
        """From an office's stored options; WrongUse ``wrong_pms_option``."""
        stray = sorted(said.keys() - set(_OPTIONS))
        if stray or any(type(value) is not int or value < 0 for value in said.values()):
            raise WrongUse("wrong_pms_option", "An option of the connection is not known.",
                           f"There are {', '.join(_OPTIONS)}, each a number.")  # fmt: skip
        return cls(**said)


def note(line: PostingLine) -> str:
    """The note by which the line is found again: its reference first, and no person's name."""
    tail = f" reverses {line.reverses_ref}" if line.reverses_ref else f" {line.payment_ref}"
    return f"Lockbox {line.ref}{tail}"


def cents_of(said: object) -> int | None:
    """Cents of an amount that comes as text or number; None when it is not whole cents."""
    if isinstance(said, bool) or not isinstance(said, str | int | float):
        return None
    try:
        cents = Decimal(str(said).replace(",", "")) * 100
    except InvalidOperation:
        return None
    return int(cents) if cents.is_finite() and cents == cents.to_integral_value() else None


def answer_of(line: PostingLine, reply: Reply, *, wrote: bool) -> LineAnswer:
    """The line's answer when a request did not succeed; ``wrote``: it may have changed something.

    A read whose answer is lost has written nothing, so the line may be sent again; what a read
    is refused for is the connection's matter, unless the thing is not there.
    """
    if reply.kind == "refused" and (wrote or reply.status == 404):
        return LineAnswer(line.ref, "failed", reason=reply.reason)
    if reply.kind == "lost" and wrote:
        return LineAnswer(line.ref, "unknown", reason=reply.reason)
    return LineAnswer(line.ref, "not_taken", reason=reply.reason)
