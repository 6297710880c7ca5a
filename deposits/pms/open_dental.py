"""Postings sent to Open Dental: patient payments, and their refunds when they are reversed.

Its documented order for a payment: ``POST /payments`` makes payment and splits together (there is
no POST of paysplits), ``POST /payments/Refund`` undoes one as a negative payment. Every payment
carries the posting's reference in its note: by it a lost answer is looked up. The API has no
idempotency key, so each line is looked for before it is written, the first time too.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from deposits.pms.open_dental_claims import ClaimPayments
from deposits.pms.open_dental_values import (
    MARK,
    Options,
    answer_of,
    cents_of,
    marked,
    note,
    number_of,
    same_name,
)
from deposits.pms.types import LineAnswer, PostingLine
from records.money import Money
from records.open_dental_http import Connection, Reply

_NAME: Final = "the patient of this number has another name in Open Dental"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look into the patient's payments showed; ``reply`` when it could not be looked."""

    number: int | None = None
    lookalike: int | None = None
    reply: Reply | None = None


class OpenDental:
    """Sends the lines of one office; see `deposits.pms.types.Sender`."""

    def __init__(self, connection: Connection, options: Options) -> None:
        self._connection, self._options = connection, options
        self._claims = ClaimPayments(connection, options)

    def send(self, line: PostingLine) -> LineAnswer:
        """Look for the line and post it when it is not there."""
        self._connection.begin()
        patient = number_of(line.account_number)
        if patient is None:
            return _failed(line, "the account's number is no patient number of Open Dental")
        refused = self._other(line, patient)
        if refused is not None:
            return refused
        if line.insurance:
            return self._claims.send(line, patient)
        found = self._find(line, patient)
        if found.reply is not None:
            return answer_of(line, found.reply, wrote=False)
        if found.number is not None:
            return LineAnswer(line.ref, "posted", str(found.number))
        if found.lookalike is not None:
            return _failed(line, f"already there without our reference: payment {found.lookalike}")
        return self._refund(line, patient) if line.reverses_ref else self._pay(line, patient)

    def look_up(self, line: PostingLine) -> LineAnswer:
        """Whether the line is there."""
        self._connection.begin()
        patient = number_of(line.account_number)
        if patient is None:
            return LineAnswer(line.ref, "not_taken", reason="never sent: no patient number")
        if line.insurance:
            return self._claims.look_up(line, patient)
        found = self._find(line, patient)
        if found.reply is not None:
            return LineAnswer(line.ref, "unknown", reason=found.reply.reason)
        if found.number is not None:
            return LineAnswer(line.ref, "posted", str(found.number))
        if found.lookalike is not None:
            reason = f"payment {found.lookalike} may be it, without our reference: say so"
            return LineAnswer(line.ref, "unknown", reason=reason)
        return LineAnswer(line.ref, "not_taken", reason="looked up: not in Open Dental")

    def _other(self, line: PostingLine, patient: int) -> LineAnswer | None:
        """Why this is not the patient to be paid; None when it is."""
        reply = self._connection.get(f"patients/{patient}")
        if reply.kind != "ok":
            return answer_of(line, reply, wrote=False)
        if not isinstance(reply.body, dict) or number_of(reply.body.get("PatNum")) != patient:
            return LineAnswer(line.ref, "not_taken", reason="Open Dental named another patient")
        last = str(reply.body.get("LName") or "")
        if not any(same_name(last, name) for name in line.last_names):
            return _failed(line, _NAME)
        return None

    def _find(self, line: PostingLine, patient: int) -> Found:
        reply = self._connection.rows("payments", PatNum=patient)
        if reply.kind == "refused" and reply.status == 404:
            return Found()  # so it answers when a patient has no payment yet
        if reply.kind != "ok":
            return Found(reply=reply)
        return find(line, patient, reply.body)

    def _pay(self, line: PostingLine, patient: int) -> LineAnswer:
        body: dict[str, Any] = {
            "PatNum": patient,
            "PayAmt": Money(line.amount_cents).plain(),
            "PayDate": line.received_on.isoformat(),
            "CheckNum": line.check_number,
            "PayNote": note(line),
            # The split was decided account by account: the PMS must not spread it anew.
            "isPatientPreferred": "true",
        }
        if self._options.pay_type:
            body["PayType"] = self._options.pay_type
        if self._options.clinic:
            body["ClinicNum"] = str(self._options.clinic)
        return _made(line, self._connection.post("payments", body), patient)

    def _refund(self, line: PostingLine, patient: int) -> LineAnswer:
        original = number_of(line.reverses_reference)
        if original is None:
            sought = dataclasses.replace(line, ref=line.reverses_ref, reverses_ref="",
                                         amount_cents=-line.amount_cents)  # fmt: skip
            found = self._find(sought, patient)
            if found.reply is not None:
                return answer_of(line, found.reply, wrote=False)
            original = found.number
        if original is None:
            return _failed(line, "the payment that it reverses is not in Open Dental")
        made = _made(line, self._connection.post("payments/Refund", {"PayNum": original}), patient)
        if made.outcome == "posted":
            # A refund copies the payment's note, by which it is found; ours says more.
            self._connection.put(f"payments/{made.reference}", {"PayNote": note(line)})
        return made


def find(line: PostingLine, patient: int, rows: Iterable[Mapping[str, Any]]) -> Found:
    """The patient's payment that is this line; else one that may be it, made by other hands.

    A refund is the line's when it carries the line's reference or that of what it reverses, for
    Open Dental copies the note; there is at most one of either sign.
    """
    refs = (line.ref, line.reverses_ref) if line.reverses_ref else (line.ref,)
    lookalike: int | None = None
    for row in rows:
        number, cents = number_of(row.get("PayNum")), cents_of(row.get("PayAmt"))
        if number is None or cents is None or number_of(row.get("PatNum")) != patient:
            continue
        said = str(row.get("PayNote") or "")
        if (cents < 0) == (line.amount_cents < 0) and marked(said, refs):
            return Found(number)
        if cents == line.amount_cents and MARK not in said and _alike(row, line):
            lookalike = number
    return Found(lookalike=lookalike)


def _alike(row: Mapping[str, Any], line: PostingLine) -> bool:
    """Whether the check number tells nothing against it: a refund may have lost its own."""
    held = str(row.get("CheckNum") or "")
    if line.reverses_ref and not (held and line.check_number):
        return True
    return bool(held) and held == line.check_number


def _made(line: PostingLine, reply: Reply, patient: int) -> LineAnswer:
    """What the answer to a write says; one that names another payment is no answer at all."""
    if reply.kind != "ok":
        return answer_of(line, reply, wrote=True)
    body = reply.body if isinstance(reply.body, dict) else {}
    number = number_of(body.get("PayNum"))
    fits = (cents_of(body.get("PayAmt")), number_of(body.get("PatNum"))) == (
        line.amount_cents,
        patient,
    )
    if number is None or not fits:
        return LineAnswer(line.ref, "unknown", reason="Open Dental's answer names another payment")
    return LineAnswer(line.ref, "posted", str(number))


def _failed(line: PostingLine, reason: str) -> LineAnswer:
    return LineAnswer(line.ref, "failed", reason=reason)
