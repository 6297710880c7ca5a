"""A small group with checks in it, built row by row for the tests of deposits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from matching import ledger, undoing
from records import clock, crypto, ids, workflow
from records.models import (
    Account,
    Allocation,
    BankAccount,
    Decision,
    Document,
    MailTransaction,
    Office,
    Payment,
    SourceFile,
    Statement,
)

DAY = date(2026, 11, 20)
ACCOUNT_NUMBER = "000123456789"


@dataclass(frozen=True, slots=True)
class Group:
    """Ids of the group's rows."""

    bank_account_id: str
    office_id: str
    account_id: str
    statement_id: str
    file_id: str


def group(session: Session, code: str = "MAIN", number: str = ACCOUNT_NUMBER) -> Group:
    """A bank account, an office, a patient account with a statement, and a received file."""
    bank = BankAccount(
        code=code,
        name="Main",
        routing_number="021000021",
        sealed={"account_number": number},
        account_hmac=crypto.keyring().fingerprint("bank_account", number),
        account_last4=number[-4:],
    )
    session.add(bank)
    session.flush()
    office = Office(code=code, name="Maple Dental", bank_account_id=bank.id,
                    settings={"npi": "1234567893", "tax_id": "123456789"})  # fmt: skip
    session.add(office)
    session.flush()
    account = Account(number=f"A-{code}", office_id=office.id, patient_first="Ann",
                      patient_last="Reed", guarantor_first="Ann",
                      guarantor_last="Reed")  # fmt: skip
    session.add(account)
    session.flush()
    statement = Statement(number=f"S-{code}", account_id=account.id, statement_on=DAY,
                          balance_cents=50_000, open_cents=50_000)  # fmt: skip
    file = SourceFile(ref=ids.new_ref("F"), sha256=ids.new_id().replace("-", "").ljust(64, "0"),
                      name="bag.pdf", size_bytes=1, office_id=office.id, channel="cli",
                      uploaded_by="user:carl", received_on=DAY, state="done")  # fmt: skip
    session.add_all([statement, file])
    session.flush()
    return Group(bank.id, office.id, account.id, statement.id, file.id)


def check(
    session: Session,
    made: Group,
    cents: int | None,
    *,
    state: str = "depositable",
    kind: str = "check",
    number: str = "",
    received_on: date = DAY,
) -> Payment:
    """A received payment, journalled as the registering stage does."""
    transaction = MailTransaction(ref=ids.new_ref("T"), source_file_id=made.file_id,
                                  office_id=made.office_id, position=0,
                                  state="registered")  # fmt: skip
    session.add(transaction)
    session.flush()
    document = Document(ref=ids.new_ref("D"), transaction_id=transaction.id, position=0,
                        kind="check")  # fmt: skip
    session.add(document)
    session.flush()
    payment = Payment(
        ref=ids.new_ref("P"),
        kind=kind,
        document_id=document.id,
        transaction_id=transaction.id,
        office_id=made.office_id,
        received_on=received_on,
        amount_cents=cents,
        check_number=number,
        deposit_state="electronic" if kind == "eft" else state,
        payer_name="Pat Payer",
        created_at=clock.now(),
    )
    session.add(payment)
    session.flush()
    ledger.receive(session, payment)
    return payment


def decide(
    session: Session,
    payment: Payment,
    parts: Sequence[tuple[str, str | None, int]],
    *,
    actor: str = "system:match",
    statement_id: str | None = None,
) -> list[Allocation]:
    """Decide a payment: parts are (destination, account id, cents)."""
    outcome = "auto" if actor.startswith("system:") else "confirmed"
    decision = Decision(payment_id=payment.id, outcome=outcome, actor=actor, score=1.0)
    session.add(decision)
    session.flush()
    made = [
        Allocation(payment_id=payment.id, decision_id=decision.id, destination=destination,
                   account_id=account_id, amount_cents=cents,
                   statement_id=statement_id if destination == "account" else None)
        for destination, account_id, cents in parts
    ]  # fmt: skip
    session.add_all(made)
    if payment.match_state != "decided":
        workflow.move(payment, workflow.MATCH_AXIS, "decided")
    session.flush()
    ledger.decide(session, payment, made)
    return made


def set_aside(session: Session, payment: Payment, reason: str) -> None:
    """Not deposited, as the reviewer does it."""
    undoing.take_out(session, payment, reason, "user:carl")
    session.flush()
