"""A small world for tests: an office with its bank account, patients, and mail that was read."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from records import crypto, ids
from records.models import (
    Account,
    AddressVersion,
    BankAccount,
    Document,
    MailTransaction,
    Office,
    ReadingRow,
    SourceFile,
    Statement,
)


def add_office(session: Session, code: str = "NORTH") -> Office:
    """An office with a bank account of its own."""
    number = f"88014420{len(code)}{ord(code[0])}"
    bank = BankAccount(
        code=f"BANK-{code}",
        name=f"{code} operating",
        routing_number="021000021",
        sealed={"account_number": number},
        account_hmac=crypto.keyring().fingerprint("bank_account", number),
        account_last4=number[-4:],
    )
    session.add(bank)
    session.flush()
    office = Office(
        code=code,
        name=f"{code.title()} Dental",
        bank_account_id=bank.id,
        settings={"acceptable_payees": [f"{code.title()} Dental"]},
    )
    session.add(office)
    session.flush()
    return office


def add_account(
    session: Session,
    office: Office,
    number: str,
    guarantor: str = "Rosa Alvarez",
    *,
    street: str = "12 ELM ST",
    zip_code: str = "45419",
    imb: str = "",
    balance_cents: int = 12_500,
) -> Account:
    """An account with one address and one open statement numbered ``S`` and the account's."""
    first, last = guarantor.split(" ", 1)
    account = Account(
        number=number,
        office_id=office.id,
        patient_first=first,
        patient_last=last,
        guarantor_first=first,
        guarantor_last=last,
    )
    session.add(account)
    session.flush()
    session.add(
        AddressVersion(
            account_id=account.id,
            version=1,
            street=street,
            city="DAYTON",
            state="OH",
            zip=zip_code,
            source="import",
            confirmed_by="system:test",
        )
    )
    session.add(
        Statement(
            number=f"S{number}",
            account_id=account.id,
            statement_on=date(2026, 10, 1),
            due_on=date(2026, 10, 31),
            balance_cents=balance_cents,
            open_cents=balance_cents,
            imb=imb,
        )
    )
    session.flush()
    return account


def add_document(
    session: Session, office: Office, kind: str, fields: dict[str, Any], *, state: str = "settled"
) -> Document:
    """A document as reading leaves it: ``fields`` maps names to plain values."""
    file = SourceFile(
        ref=ids.new_ref("ITM"),
        sha256=ids.new_id().replace("-", "").ljust(64, "0"),
        name="scan.pdf",
        size_bytes=1,
        office_id=office.id,
        channel="cli",
        uploaded_by="user:casey",
        received_on=date(2026, 11, 16),
        state="done",
        media_type="image",
    )
    session.add(file)
    session.flush()
    envelope = MailTransaction(
        ref=ids.new_ref("ENV"),
        source_file_id=file.id,
        office_id=office.id,
        position=1000,
        page_ids=[],
        state=state,
    )
    session.add(envelope)
    session.flush()
    document = Document(
        ref=ids.new_ref("DOC"),
        transaction_id=envelope.id,
        position=0,
        kind=kind,
        page_ids=[],
        region=None,
    )
    session.add(document)
    session.flush()
    sealed = {
        "kind": kind,
        "pages": [0],
        "fields": {
            name: {"value": value, "confidence": 0.99, "page": 0, "box": None, "source": "test"}
            for name, value in fields.items()
        },
        "warnings": [],
    }
    session.add(ReadingRow(document_id=document.id, version=1, sealed=sealed, made_by="test"))
    session.flush()
    return document
