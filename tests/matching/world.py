"""Accounts and envelopes for the tests of matching, made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import match, registering, strata
from matching.import_rows import ACCOUNT_COLUMNS, STATEMENT_COLUMNS
from matching.importing import import_accounts, import_statements
from matching.types import AccountFacts, OpenStatement
from records import clock, crypto, ids
from records.db import Database
from records.models import (
    BankAccount,
    Document,
    MailTransaction,
    Office,
    Payment,
    ReadingRow,
    SourceFile,
)

RECEIVED = date(2026, 11, 16)
BOSS = "user:pat"
TARGET = 0.01
ACCEPTED = (
    "number_name_amount", "number_name", "number_amount", "member_name", "name_address_amount",
)  # fmt: skip
"""What the manager lets go alone before it is proved, one in a hundred of it wrong."""
ROUTING = "021000021"

ACCOUNTS = (
    ",".join(ACCOUNT_COLUMNS)
    + """
2100000011,NORTH,Walter,Abernathy,1950-02-03,Walter,Abernathy,9 Far Hills Ave,Dayton,OH,45419,W1,H1
2100000029,NORTH,Emma,Okafor,2015-05-06,Grace,Okafor,77 Maple St,Troy,OH,45373,G100000002,H2
2100000037,NORTH,Noah,Okafor,2018-07-08,Grace,Okafor,77 Maple St,Troy,OH,45373,G100000002,H2
2100000045,NORTH,William,Smith,1970-01-01,William,Smith,12 Elm St,Xenia,OH,45385,A100000003,H3
2100000052,NORTH,Mary,Smith,1971-01-01,Mary,Smith,980 Oak Ave,Dayton,OH,45402,A100000004,H4
3400000018,EAST,Priya,Nakamura,1985-09-09,Priya,Nakamura,5 Clay Pl,Muncie,IN,47302,X1000005,H5
"""
)
STATEMENTS = (
    ",".join(STATEMENT_COLUMNS)
    + """
8100000015,2100000011,2026-10-01,2026-10-26,125.00,50.00,2026-10-02,
8100000023,2100000029,2026-10-01,2026-10-26,80.00,80.00,2026-10-02,
8100000031,2100000037,2026-10-01,2026-10-26,61.50,61.50,2026-10-02,
8100000049,2100000045,2026-09-01,2026-09-26,40.00,40.00,2026-09-02,
8100000056,2100000045,2026-10-01,2026-10-26,210.75,50.00,2026-10-02,
8100000064,2100000052,2026-10-01,2026-10-26,40.00,40.00,2026-10-02,
8100000072,3400000018,2026-10-01,2026-10-26,333.10,100.00,2026-10-02,
"""
)


def statement(number: str, cents: int, day: int = 1, minimum: int | None = None) -> OpenStatement:
    return OpenStatement(number, date(2026, 10, day), cents, cents, minimum)


def account(number: str = "A1", *cents: int, **facts: Any) -> AccountFacts:
    made = {
        "office_code": "NORTH", "patient_first": "Walter", "patient_last": "Abernathy",
        "guarantor_first": "Walter", "guarantor_last": "Abernathy",
    }  # fmt: skip
    statements = tuple(statement(f"{number}-{i}", c, i + 1) for i, c in enumerate(cents))
    return AccountFacts(number=number, statements=statements, **{**made, **facts})


def add_offices(session: Session) -> None:
    """Two offices of one group."""
    for code, names in (
        ("NORTH", ["Lakeshore Family Dental", "Lakeshore Dental"]),
        ("EAST", ["Whitewater Medical Associates"]),
    ):
        bank = BankAccount(
            code=f"B-{code}", name=code, routing_number=ROUTING, sealed={"account_number": code},
            account_hmac=crypto.keyring().fingerprint("bank_account", code), account_last4="0000",
        )  # fmt: skip
        session.add(bank)
        session.flush()
        office = Office(code=code, name=names[0], bank_account_id=bank.id,
                        settings={"acceptable_payees": names})  # fmt: skip
        session.add(office)
        session.flush()
        for kind in ACCEPTED:
            strata.accept(session, office.id, kind, TARGET, BOSS)
    session.flush()


def add_group(session: Session) -> None:
    """The offices with the accounts and statements above."""
    add_offices(session)
    assert not import_accounts(session, ACCOUNTS, "user:ada").refused
    assert not import_statements(session, STATEMENTS, "user:ada").refused


def fill(db: Database) -> None:
    """``add_group`` for ``scenes``."""
    with db.write() as session:
        add_group(session)


def field(value: Any, confidence: float = 0.995) -> dict[str, Any]:
    return {"value": value, "confidence": confidence, "page": 0, "box": [1, 2, 3, 4],
            "source": "test", "alternatives": []}  # fmt: skip


def reading(kind: str, warnings: tuple[str, ...] = (), **values: Any) -> dict[str, Any]:
    """A document as read; a value that is a dict is taken as a whole field."""
    fields = {
        name: value if isinstance(value, dict) and "confidence" in value else field(value)
        for name, value in values.items()
    }
    return {"kind": kind, "confidence": 0.99, "pages": [0], "fields": fields,
            "warnings": [{"code": code, "message": code} for code in warnings]}  # fmt: skip


def check(cents: int, serial: str = "101", payer: str = "Walter Abernathy", **more: Any) -> Any:
    """A good check to the NORTH office."""
    values: dict[str, Any] = {
        "routing_number": ROUTING, "account_number": "998877", "check_number": serial,
        "amount_cents": cents, "payer_name": payer, "payee_name": "Lakeshore Family Dental",
        "date": "2026-11-10", "signed": True,
    }  # fmt: skip
    warnings = more.pop("warnings", ())
    return reading("check", warnings, **{**values, **more})


def coupon(account_number: str, statement_number: str, **more: Any) -> Any:
    return reading("coupon", account_number=account_number, statement_number=statement_number,
                   **more)  # fmt: skip


def add_file(
    session: Session, *envelopes: list[Any], office: str = "NORTH", minutes: int = 0
) -> SourceFile:
    """A received file whose envelopes have been read; each envelope is a list of readings."""
    row = session.scalars(select(Office).where(Office.code == office)).one()
    at = datetime(2026, 11, 16, 15, 0, tzinfo=UTC) + timedelta(minutes=minutes)
    file = SourceFile(
        ref=ids.new_ref("ITM"), sha256=ids.new_id().replace("-", "") * 2, name="bag.pdf",
        size_bytes=1, office_id=row.id, channel="cli", uploaded_by="user:casey",
        received_on=RECEIVED, state="read", media_type="application/pdf", created_at=at,
    )  # fmt: skip
    session.add(file)
    session.flush()
    for place, documents in enumerate(envelopes):
        envelope = MailTransaction(
            ref=ids.new_ref("ENV"),
            source_file_id=file.id,
            office_id=row.id,
            position=place * 1000,
            state="read",
        )
        session.add(envelope)
        session.flush()
        for position, body in enumerate(documents):
            electronic = any(f["source"] == "x12" for f in body["fields"].values())
            document = Document(
                ref=ids.new_ref("DOC"),
                transaction_id=envelope.id,
                position=position,
                kind=body["kind"],
                page_ids=[] if electronic else [f"page-{place}-{position}"],
            )
            session.add(document)
            session.flush()
            session.add(ReadingRow(document_id=document.id, version=1, sealed=body, made_by="test"))
    session.flush()
    return file


def register(session: Session, file: SourceFile) -> None:
    """Run the registering stage."""
    session.flush()
    session.expire_all()
    registering.save(session, file.id, registering.STAGE.work(registering.load(session, file.id)))
    session.flush()


def match_all(session: Session, file: SourceFile) -> None:
    """Run the matching stage for every envelope of the file."""
    session.expire_all()
    for envelope in list(file.transactions):
        done = match.work(match.load(session, envelope.id))
        match.save(session, envelope.id, done)
    session.flush()


def payments(session: Session, file: SourceFile) -> list[Payment]:
    """The file's payments in the order of its pages."""
    session.expire_all()
    query = (
        select(Payment)
        .join(MailTransaction, MailTransaction.id == Payment.transaction_id)
        .join(Document, Document.id == Payment.document_id)
        .where(MailTransaction.source_file_id == file.id)
        .order_by(MailTransaction.position, Document.position)
    )
    return list(session.scalars(query))


def run(session: Session, *envelopes: list[Any], **more: Any) -> list[Payment]:
    """Read, register and match one file; its payments."""
    file = add_file(session, *envelopes, **more)
    register(session, file)
    match_all(session, file)
    return payments(session, file)


def now() -> datetime:
    return clock.now()
