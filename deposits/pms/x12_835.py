"""Postings as an X12 835: one payment (ST) per check, one claim (CLP) per posting.

The PMS gives the posting's reference back in CLP07. A check whose reversals outweigh its
payments cannot be a negative payment (005010X221A1, 1.10.2.17), so the balance is carried
forward with PLB ``FB``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deposits.pms.columns import USUAL_ANSWER, AnswerMap
from deposits.pms.csv import read_answers
from deposits.pms.types import LineAnswer, PostingFile, PostingLine, unbalanced
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
        "claims": [_claim(line) for line in lines],
        "provider_adjustments": _carried(ref, total),
    }


def _carried(ref: str, total: int) -> Iterable[dict[str, Any]]:
    """What a negative sum carries forward; a negative PLB adds to the payment."""
    return [{"code": "FB", "reference": ref, "amount_cents": total}] if total < 0 else []


def _claim(line: PostingLine) -> dict[str, Any]:
    return {
        "patient_account": line.account_number,
        "patient_name": line.patient_name,
        "claim_number": line.ref,
        "status": _REVERSAL if line.reverses_ref else _PAID,
        "charged_cents": line.amount_cents,
        "paid_cents": line.amount_cents,
        "lines": [],
    }


def _control_number(ref: str) -> int:
    """Nine digits at most, the same for the same export and hardly ever for another."""
    total = 0
    for symbol in ref:
        total = (total * 37 + ord(symbol)) % 999_999_999
    return total + 1
