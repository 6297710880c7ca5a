"""Postings as an X12 835: one payment (ST) per check, and its claims.

A posting whose remittance explains it to the cent is written as that remittance's claims with
their lines and reasons, so that a PMS can post line by line; any other as one claim (CLP) that
charges what it pays. CLP07 is always the posting's reference, by which the PMS's answer finds it;
the payer's own claim number stands beside it in REF F8. A reversal (CLP02 22) has every amount of
what it undoes with the other sign. A check whose reversals outweigh its
payments cannot be a negative payment (005010X221A1, 1.10.2.17), so the balance is carried
forward with PLB ``FB``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deposits.pms.columns import USUAL_ANSWER, AnswerMap
from deposits.pms.csv import read_answers
from deposits.pms.types import (
    Claim,
    ClaimAdjustment,
    ClaimLine,
    LineAnswer,
    PostingFile,
    PostingLine,
    unbalanced,
)
from ocr import era835, era_writer

_PAID = "1"  # processed as primary
_REVERSAL = "22"  # reversal of previous payment


@dataclass(frozen=True, slots=True)
class X12Adapter:
    """An 835 of one version (``5010`` or ``4010``); answered by the usual CSV, or the map's."""

    name: str = "x12_835"
    version: str = "5010"
    ending: str = "835"
    answer: AnswerMap = USUAL_ANSWER

    def write(self, file: PostingFile) -> bytes:
        """An 835 that balances; raises ``FindingError`` when it would not."""
        lines = sorted(file.lines, key=lambda line: (line.payment_ref, line.reverses_ref != ""))
        documents = [
            {"kind": "remittance", "fields": _payment(file, ref, list(members))}
            for ref, members in groupby(lines, key=lambda line: line.payment_ref)
        ]
        text = era_writer.write(
            {"documents": documents},
            version=self.version,
            made_at=file.made_at,
            control_number=_control_number(file.ref),
        )
        if _total(text) != file.total_cents:
            raise unbalanced(file.ref)
        return text.encode("ascii", errors="replace")

    def read_answers(self, data: bytes) -> Sequence[LineAnswer]:
        """An answer by CLP07, as CSV: no PMS answers an 835 line by line in X12."""
        return read_answers(data, self.answer)


def _total(text: str) -> int:
    """What the claims of the written 835 pay, read back."""
    return sum(
        claim.paid_cents or 0
        for payment in era835.parse(text).transactions
        for claim in payment.claims
    )


def _payment(file: PostingFile, ref: str, lines: list[PostingLine]) -> dict[str, Any]:
    total = sum(line.amount_cents for line in lines)
    first = lines[0]
    return {
        "payer_name": first.payer_name,
        "payee_name": file.office_name,
        "payee_npi": file.npi,
        "payee_tax_id": file.tax_id,
        "payment_number": first.check_number or ref,
        "payment_method": "ACH" if first.method == "eft" else "CHK",
        "payment_on": first.received_on.isoformat(),
        "total_paid_cents": max(total, 0),
        "claims": [claim for line in lines for claim in _claims(line)],
        "payer_address": first.payer_address or None,
        "provider_adjustments": _carried(ref, total),
    }


def _carried(ref: str, total: int) -> Iterable[dict[str, Any]]:
    """What a negative sum carries forward; a negative PLB adds to the payment."""
    return [{"code": "FB", "reference": ref, "amount_cents": total}] if total < 0 else []


def _claims(line: PostingLine) -> list[dict[str, Any]]:
    """The true claims of a posting where they are whole; else one that charges what it pays."""
    sign = -1 if line.reverses_ref else 1
    said = line.claims
    if not said or not all(map(_balances, said)) or (
        sum(claim.paid_cents for claim in said) != sign * line.amount_cents
    ):  # fmt: skip
        return [_head(line) | {
            "status": _REVERSAL if line.reverses_ref else _PAID,
            "charged_cents": line.amount_cents,
            "paid_cents": line.amount_cents,
            "lines": [],
        }]  # fmt: skip
    return [_head(line) | _true_claim(claim, sign) for claim in said]


def _head(line: PostingLine) -> dict[str, Any]:
    return {
        "patient_account": line.account_number,
        "patient_name": line.patient_name,
        "claim_number": line.ref,
    }


def _balances(claim: Claim) -> bool:
    """Whether lines and claim add up, as the 835's rules ask; a line may leave its reasons out."""
    off = sum(entry.amount_cents for entry in claim.adjustments)
    for line in claim.lines:
        own = sum(entry.amount_cents for entry in line.adjustments)
        if line.adjustments and line.charged_cents - own != line.paid_cents:
            return False
        off += line.charged_cents - line.paid_cents
    charged = sum(line.charged_cents for line in claim.lines)
    return charged == claim.charged_cents and claim.charged_cents - off == claim.paid_cents


def _true_claim(claim: Claim, sign: int) -> dict[str, Any]:
    status = _REVERSAL if sign < 0 else claim.status or _PAID
    number = {"qualifier": "F8", "value": claim.number}
    return {
        "status": status,
        "member_id": claim.member_id or None,
        "charged_cents": sign * claim.charged_cents,
        "paid_cents": sign * claim.paid_cents,
        "patient_responsibility_cents": _signed(claim.patient_responsibility_cents, sign),
        "adjustments": _reasons(claim.adjustments, sign),
        "remarks": list(claim.remarks),
        "references": [number] if claim.number else [],
        "lines": [_line(line, sign) for line in claim.lines],
    }


def _line(line: ClaimLine, sign: int) -> dict[str, Any]:
    return {
        "procedure_code": line.procedure or None,
        "service_on": line.service_on or None,
        "service_end_on": line.service_end_on or None,
        "modifiers": list(line.modifiers),
        "units": line.units or None,
        "charged_cents": sign * line.charged_cents,
        "paid_cents": sign * line.paid_cents,
        "patient_responsibility_cents": _signed(line.patient_responsibility_cents, sign),
        "adjustments": _reasons(line.adjustments or _counted(line), sign),
        "remarks": list(line.remarks),
    }


def _counted(line: ClaimLine) -> tuple[ClaimAdjustment, ...]:
    """The reasons of a line that gives only its write-off and deductible, where they are all."""
    off, deductible = line.write_off_cents, line.deductible_cents
    if off is None or deductible is None:
        return ()
    if off + deductible != line.charged_cents - line.paid_cents:
        return ()
    said = (("CO", "45", off), ("PR", "1", deductible))
    return tuple(ClaimAdjustment(*each) for each in said if each[2])


def _reasons(entries: Sequence[ClaimAdjustment], sign: int) -> list[dict[str, Any]]:
    return [
        {**dataclasses.asdict(entry), "amount_cents": sign * entry.amount_cents}
        for entry in entries
    ]


def _signed(cents: int | None, sign: int) -> int | None:
    return None if cents is None else sign * cents


def _control_number(ref: str) -> int:
    """Nine digits at most, the same for the same export and hardly ever for another."""
    total = 0
    for symbol in ref:
        total = (total * 37 + ord(symbol)) % 999_999_999
    return total + 1
