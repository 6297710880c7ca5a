"""Reasons of a table of their own dealt out to the services that they make add up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocr.remittance_cells import Reason, ServiceLine
from ocr.types import Field


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of reasons as printed: the service's number that was read, from 0, if any."""

    number: int | None
    reasons: tuple[Reason, ...]
    remarks: tuple[Field, ...]


def deal_out(lines: Sequence[ServiceLine], listed: Sequence[Listed]) -> None:
    """Give each service the rows, in print order, with which most services add up, in place.

    A number that was misread puts a reason under another service; the amounts tell it. Nothing
    changes where no more services add up than by the numbers that were read.
    """
    own = {id(reason) for row in listed for reason in row.reasons}
    if not listed or any(id(r) not in own for line in lines for r in line.reasons):
        return
    before = sum(_closed(line, line.reasons) for line in lines)
    if before == len(lines):
        return
    shares = _shares(lines, listed)
    after = sum(
        _closed(line, [r for row in share for r in row.reasons])
        for line, share in zip(lines, shares, strict=True)
    )
    if after <= before:
        return
    theirs = {id(remark) for row in listed for remark in row.remarks}
    for line, share in zip(lines, shares, strict=True):
        line.reasons = [reason for row in share for reason in row.reasons]
        kept = [remark for remark in line.remarks if id(remark) not in theirs]
        line.remarks = kept + [remark for row in share for remark in row.remarks]


def _closed(line: ServiceLine, reasons: Sequence[Reason]) -> bool:
    """Whether reasons explain what was not paid of a service."""
    charged, paid = line.money.get("charged_cents"), line.money.get("paid_cents")
    if charged is None or paid is None:
        return False
    return charged - paid == sum(reason.cents for reason in reasons)


def _shares(lines: Sequence[ServiceLine], listed: Sequence[Listed]) -> list[Sequence[Listed]]:
    """The rows of each service: most add up, then most numbers agree."""
    rows, count = len(listed), len(lines)
    best = [[-1.0] * (rows + 1) for _ in range(count + 1)]
    taken = [[0] * (rows + 1) for _ in range(count)]
    best[count][rows] = 0.0
    for at in range(count - 1, -1, -1):
        for start in range(rows + 1):
            agreed, reasons = 0.0, list[Reason]()
            for end in range(start, rows + 1):
                if end > start:
                    reasons.extend(listed[end - 1].reasons)
                    agreed += 0.01 * (listed[end - 1].number == at)
                rest = best[at + 1][end]
                if rest < 0:
                    continue
                score = rest + agreed + _closed(lines[at], reasons)
                if score > best[at][start]:
                    best[at][start], taken[at][start] = score, end
    shares: list[Sequence[Listed]] = []
    start = 0
    for at in range(count):
        end = taken[at][start]
        shares.append(listed[start:end])
        start = end
    return shares
