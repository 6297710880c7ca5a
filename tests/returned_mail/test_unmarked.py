"""An envelope without a marking opens a task where it says that it is ours, and only there."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from ocr.scanline import CouponNumbers, scanline
from records import audit, ids, jobs
from records.db import Database
from records.models import AddressTask, Document, MailedPiece, Office, ReadingRow, Statement
from returned_mail.identify import Candidate, Evidence
from returned_mail.jobs import STAGES
from returned_mail.unmarked import Face, why_ours
from tests.world import add_account, add_document, add_office

MAILER, SERIAL, ZIP = "903123456", "000017", "45419"
IMB = {"barcode_id": "00", "service_type_id": "270", "mailer_id": MAILER, "serial": SERIAL,
       "routing_zip": ZIP}  # fmt: skip
CODE = f"00270{MAILER}{SERIAL}{ZIP}"
ROSA = {"addressee_name": "ROSA ALVAREZ", "addressee_address": "12 ELM ST\nDAYTON OH 45419"}
FROM_US = {"return_address": "North Dental\n12 Main St\nDayton OH 45402"}
TO_US = {"addressee_name": "NORTH DENTAL", "addressee_address": "12 MAIN ST\nDAYTON OH 45402"}
COUPON = {"scanline": scanline(CouponNumbers("1000000017", "8100000015", 12_00))}


@pytest.fixture
def mailed(db: Database) -> Database:
    """Rosa's statement, mailed with a barcode that stands in the ledger."""
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        statement = Statement(
            account_id=account.id, number="8100000015", statement_on=date(2026, 11, 1),
            balance_cents=12_00, open_cents=12_00, mailed_on=date(2026, 11, 2), imb=CODE,
        )  # fmt: skip
        session.add(statement)
        session.flush()
        session.add(
            MailedPiece(
                statement_id=statement.id, account_id=account.id, mailed_on=date(2026, 11, 2),
                address_version_id=account.addresses[0].id, imb=CODE, mailer_id=MAILER,
                serial=SERIAL, vendor="",
            )
        )  # fmt: skip
    return db


def scanned(
    db: Database, fields: dict[str, Any], *, with_check: bool = False
) -> AddressTask | None:
    """An envelope with these fields comes in; the task that it opens."""
    with db.write() as session:
        office = session.scalars(select(Office)).one()
        document = add_document(session, office, "envelope", fields)
        if with_check:
            session.add(Document(ref=ids.new_ref("DOC"), transaction_id=document.transaction_id,
                                 position=1, kind="check", page_ids=[], region=None))  # fmt: skip
        jobs.follow(session, "returned_mail_registered", document.id)
        document_id = document.id
    ran = jobs.run_one(db, "test:1:1", {stage.name: stage for stage in STAGES})
    assert ran is not None
    assert ran.outcome == "done", ran
    with db.read() as session:
        task = session.scalar(select(AddressTask))
        kind = session.get_one(Document, document_id).kind
        assert kind == ("returned_mail" if task else "envelope")
        assert audit.verify(session).ok
        return task


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"imb": IMB}, "its barcode"),
        ({"imb": IMB, **TO_US}, "its barcode"),  # the window slipped to our own address
        ({**ROSA, **FROM_US}, "it comes from us"),
        ({**ROSA, **COUPON}, "the coupon in it"),
    ],
)
def test_a_statement_of_ours_come_back_opens_a_task_for_a_person(
    mailed: Database, fields: dict[str, Any], why: str
) -> None:
    task = scanned(mailed, fields)
    assert task is not None
    assert task.reason == "unknown"
    assert task.account_id is not None
    assert why in " ".join(task.evidence["findings"])


def test_the_reading_says_that_it_came_back(mailed: Database) -> None:
    assert scanned(mailed, {"imb": IMB}) is not None
    with mailed.read() as session:
        kinds = session.scalars(select(ReadingRow).order_by(ReadingRow.version)).all()
        assert [row.sealed["kind"] for row in kinds] == ["envelope", "returned_mail"]


@pytest.mark.parametrize(
    "fields",
    [
        {"imb": {**IMB, "serial": "999999"}},  # nothing of ours, nobody read
        {**TO_US, **COUPON},  # the reply envelope with the coupon in its window
        {**TO_US, "return_address": "Rosa Alvarez\n12 Elm St\nDayton OH 45419"},
        {**ROSA, "return_address": "Midwest Gas\nPO Box 77120\nChicago IL 60677"},
        {**COUPON},  # a coupon that shows, and nobody it goes to
        {},
    ],
)
def test_an_envelope_that_does_not_say_so_opens_nothing(
    mailed: Database, fields: dict[str, Any]
) -> None:
    assert scanned(mailed, fields) is None


@pytest.mark.parametrize("fields", [{"imb": IMB}, {**ROSA, **FROM_US}, {**ROSA, **COUPON}])
def test_what_lies_with_a_check_is_no_returned_mail(
    mailed: Database, fields: dict[str, Any]
) -> None:
    assert scanned(mailed, fields, with_check=True) is None


@pytest.mark.parametrize(
    ("face", "sender", "ours"),
    [
        (Face(mailer_is_ours=True, to_us=False, with_check=False), True, True),
        (Face(mailer_is_ours=True, to_us=False, with_check=False), None, False),
        (Face(mailer_is_ours=True, to_us=True, with_check=False), True, False),
        (Face(mailer_is_ours=False, to_us=False, with_check=False), True, False),
    ],
)
def test_our_mailer_id_alone_is_not_enough(face: Face, sender: bool | None, ours: bool) -> None:
    nobody: Candidate | None = None
    assert bool(why_ours(face, Evidence(imb=CODE, sender_is_ours=sender), nobody)) == ours
