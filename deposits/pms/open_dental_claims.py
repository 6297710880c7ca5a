"""An insurer's payment sent to Open Dental: the account's claims received, then finalized.

Its documented order: every claimproc gets ``Received`` and its amounts, the claim ``R``, and only
then ``POST /claimpayments`` (several claims: ``/Batch``) with an amount that equals the lines not
yet attached to a payment. Putting the same amounts twice changes nothing, so a broken-off line is
simply sent again after it was looked up. A reversal adds a negative supplemental to each line and
a negative claim payment over them: the API cannot take those back.

One posting is one claim payment. An insurer's check over many patients becomes as many claim
payments with its number, which sum to it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deposits.pms.open_dental_values import (
    MARK,
    Options,
    answer_of,
    cents_of,
    marked,
    note,
    number_of,
)
from deposits.pms.types import Claim, ClaimLine, LineAnswer, PostingLine
from records.money import Money
from records.open_dental_http import Connection, Reply

_BY_HAND = "the remittance's claims of this account do not make up its amount: post it by hand"
_NO_CLAIM = "no one claim in Open Dental has these lines, open: post it by hand"
_UNLIKE = "Open Dental's open lines do not make up the amount"

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """Claims of Open Dental that are those of the remittance: each line with its claimproc."""

    claim_numbers: tuple[int, ...]
    lines: tuple[tuple[Row, ClaimLine], ...]


class ClaimPayments:
    """Sends and looks up claim payments over one connection."""

    def __init__(self, connection: Connection, options: Options) -> None:
        self._connection, self._options = connection, options

    def send(self, line: PostingLine, patient: int) -> LineAnswer:
        """Receive the claims and finalize them, unless that is done already."""
        if not (line.claims or line.reverses_ref):
            return LineAnswer(line.ref, "failed", reason=_BY_HAND)
        read = self._read(patient)
        if isinstance(read, Reply):
            return answer_of(line, read, wrote=False)
        there = self._there(line, read)
        if isinstance(there, Reply):
            return answer_of(line, there, wrote=False)
        if there is not None:
            # Before it was ever sent, what looks like it was entered by somebody: to review.
            lookalike = there.outcome == "unknown"
            return dataclasses.replace(there, outcome="failed") if lookalike else there
        if line.reverses_ref:
            return self._reverse(line, read)
        fit = fitting(line.claims, read)
        if fit is None:
            return LineAnswer(line.ref, "failed", reason=_NO_CLAIM)
        return self._receive(line, patient, fit)

    def look_up(self, line: PostingLine, patient: int) -> LineAnswer:
        """Whether a claim payment with the line's reference is there."""
        if not (line.claims or line.reverses_ref):
            return LineAnswer(line.ref, "not_taken", reason=f"never sent: {_BY_HAND}")
        read = self._read(patient)
        there = read if isinstance(read, Reply) else self._there(line, read)
        if isinstance(there, Reply):
            return LineAnswer(line.ref, "unknown", reason=there.reason)
        return there or LineAnswer(line.ref, "not_taken", reason="looked up: not in Open Dental")

    def _read(self, patient: int) -> list[Row] | Reply:
        """The patient's claimprocs; none is a list, too."""
        reply = self._connection.rows("claimprocs", PatNum=patient)
        if reply.kind == "refused" and reply.status == 404:
            return []
        if reply.kind != "ok":
            return reply
        return [row for row in reply.body if number_of(row.get("PatNum")) == patient]

    def _there(self, line: PostingLine, procs: Sequence[Row]) -> LineAnswer | Reply | None:
        """The line's claim payment; one made by other hands is for a person to say."""
        lookalike = 0
        for number in attached(line, procs):
            reply = self._connection.get(f"claimpayments/{number}")
            if reply.kind == "refused" and reply.status == 404:
                continue
            if reply.kind != "ok" or not isinstance(reply.body, dict):
                return reply if reply.kind != "ok" else Reply("lost", reason="no claim payment")
            said = str(reply.body.get("Note") or "")
            if marked(said, (line.ref,)):
                return LineAnswer(line.ref, "posted", str(number))
            same = cents_of(reply.body.get("CheckAmt")) == line.amount_cents
            if same and MARK not in said and reply.body.get("CheckNum") == line.check_number:
                lookalike = number
        if lookalike and line.check_number:
            reason = f"claim payment {lookalike} may be it, without our reference: say so"
            return LineAnswer(line.ref, "unknown", reason=reason)
        return None

    def _receive(self, line: PostingLine, patient: int, fit: Fit) -> LineAnswer:
        for proc, said in fit.lines:
            wanted = {"Status": "Received", **_amounts(said)}
            if all(_same(proc.get(name), value) for name, value in wanted.items()):
                continue  # a line that broke off here goes on from here
            reply = self._connection.put(f"claimprocs/{proc['ClaimProcNum']}", wanted)
            if reply.kind != "ok":
                return answer_of(line, reply, wrote=True)
        for number in fit.claim_numbers:
            received = {"ClaimStatus": "R", "DateReceived": line.received_on.isoformat()}
            reply = self._connection.put(f"claims/{number}", received)
            if reply.kind != "ok":
                return answer_of(line, reply, wrote=True)
        return self._finalize(line, patient, fit.claim_numbers)

    def _finalize(self, line: PostingLine, patient: int, claims: tuple[int, ...]) -> LineAnswer:
        """The claim payment, once the lines in Open Dental are seen to make up its amount."""
        read = self._read(patient)
        if isinstance(read, Reply):
            return LineAnswer(line.ref, "unknown", reason=read.reason)
        if open_cents(read, claims) != line.amount_cents:
            return LineAnswer(line.ref, "failed", reason=_UNLIKE)
        body: dict[str, Any] = {
            "CheckAmt": Money(line.amount_cents).plain(),
            "CheckNum": line.check_number,
            "Note": note(line),
            "CarrierName": line.payer_name,
        }
        if self._options.claim_pay_type:
            body["PayType"] = self._options.claim_pay_type
        if self._options.clinic:
            body["ClinicNum"] = self._options.clinic
        reply = Reply("refused", reason="batch")
        if len(claims) == 1:
            reply = self._connection.post("claimpayments", {"claimNum": claims[0], **body})
        if reply.kind == "refused" and "batch" in reply.reason.lower():
            # Several claims, or the office's preference ClaimPaymentBatchOnly.
            reply = self._connection.post(
                "claimpayments/Batch", {"claimNums": list(claims), **body}
            )
        if reply.kind != "ok":
            return answer_of(line, reply, wrote=True)
        made = reply.body if isinstance(reply.body, dict) else {}
        number = number_of(made.get("ClaimPaymentNum"))
        if number is None or cents_of(made.get("CheckAmt")) != line.amount_cents:
            reason = "Open Dental's answer names another claim payment"
            return LineAnswer(line.ref, "unknown", reason=reason)
        return LineAnswer(line.ref, "posted", str(number))

    def _reverse(self, line: PostingLine, procs: Sequence[Row]) -> LineAnswer:
        original = number_of(line.reverses_reference)
        paid = [row for row in procs if original and _payment_of(row) == original]
        if not paid or sum(_paid(row) for row in paid) != -line.amount_cents:
            reason = "the claim payment that it reverses is not in Open Dental as it was posted"
            return LineAnswer(line.ref, "failed", reason=reason)
        for row in paid:
            if not _paid(row) or any(_undoes(other, row) for other in procs):
                continue
            taken = {"ClaimProcNum": row["ClaimProcNum"], "InsPayAmt": _dollars(-_paid(row))}
            reply = self._connection.post("claimprocs/Supplemental", taken)
            if reply.kind != "ok":
                return answer_of(line, reply, wrote=True)
        claims = tuple(sorted({_claim_of(row) for row in paid}))
        return self._finalize(line, number_of(line.account_number) or 0, claims)


def _amounts(said: ClaimLine) -> dict[str, str]:
    """What the remittance says of a line; what it does not say is left as Open Dental has it."""
    told = {
        "InsPayAmt": said.paid_cents,
        "WriteOff": said.write_off_cents,
        "DedApplied": said.deductible_cents,
    }
    return {name: _dollars(cents) for name, cents in told.items() if cents is not None}


def fitting(claims: Iterable[Claim], procs: Iterable[Row]) -> Fit | None:
    """The one way to lay the remittance's claims over the patient's open claimprocs, or None.

    A claim fits when each line has a claimproc of the same code, day and fee that awaits payment,
    and no second claim fits as well.
    """
    by_claim: dict[int, list[Row]] = {}
    for row in procs:
        if _open(row):
            by_claim.setdefault(_claim_of(row), []).append(row)
    numbers: list[int] = []
    lines: list[tuple[Row, ClaimLine]] = []
    for claim in claims:
        laid = {n: found for n, rows in by_claim.items() if (found := _laid(claim, rows))}
        if len(laid) != 1:
            return None
        [(number, found)] = laid.items()
        if number in numbers:
            return None
        numbers.append(number)
        lines += found
    return Fit(tuple(numbers), tuple(lines)) if numbers else None


def attached(line: PostingLine, procs: Sequence[Row]) -> list[int]:
    """Claim payments that may be the line's: those of lines like its own, the newest first."""
    wanted = [said for claim in line.claims for said in claim.lines]
    found = {
        _payment_of(row)
        for row in procs
        if _payment_of(row)
        and (not wanted or any(_like(row, said) for said in wanted))
        and (not line.reverses_ref or _paid(row) < 0)
    }
    return sorted(found, reverse=True)


def open_cents(procs: Iterable[Row], claims: Sequence[int]) -> int:
    """What the claims' received lines pay that no claim payment covers yet."""
    return sum(
        _paid(row)
        for row in procs
        if _claim_of(row) in claims
        and not _payment_of(row)
        and row.get("Status") in ("Received", "Supplemental")
    )


def _laid(claim: Claim, rows: Iterable[Row]) -> list[tuple[Row, ClaimLine]] | None:
    left, found = list(rows), []
    for said in claim.lines:
        match = next((row for row in left if _like(row, said)), None)
        if match is None:
            return None
        left.remove(match)
        found.append((match, said))
    return found


def _like(row: Row, said: ClaimLine) -> bool:
    return (
        bool(said.procedure)
        and str(row.get("CodeSent") or "").strip().upper() == said.procedure.strip().upper()
        and str(row.get("ProcDate") or "")[:10] == said.service_on
        and cents_of(row.get("FeeBilled")) == said.charged_cents
    )


def _open(row: Row) -> bool:
    return (
        row.get("Status") in ("NotReceived", "Received")
        and not _payment_of(row)
        and str(row.get("IsTransfer")).lower() != "true"
        and number_of(row.get("ClaimProcNum")) is not None
        and bool(_claim_of(row))
    )


def _undoes(row: Row, original: Row) -> bool:
    return (
        row.get("Status") == "Supplemental"
        and not _payment_of(row)
        and row.get("ProcNum") == original.get("ProcNum")
        and _claim_of(row) == _claim_of(original)
        and _paid(row) == -_paid(original)
    )


def _payment_of(row: Row) -> int:
    return number_of(row.get("ClaimPaymentNum")) or 0


def _claim_of(row: Row) -> int:
    return number_of(row.get("ClaimNum")) or 0


def _paid(row: Row) -> int:
    return cents_of(row.get("InsPayAmt")) or 0


def _same(held: object, wanted: str) -> bool:
    """Whether a row holds the value already, amounts as amounts."""
    cents = cents_of(wanted)
    return held == wanted if cents is None else cents_of(held) == cents


def _dollars(cents: int) -> str:
    return Money(cents).plain()
