"""A small group with one of everything in each of two offices, written straight into the tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import cv2
import numpy as np
from sqlalchemy.orm import Session

from matching import index
from records import clock, crypto, ids
from records.installation import Installation
from records.models import (
    Account,
    AccountChange,
    AddressTask,
    AddressVersion,
    Allocation,
    ApiToken,
    BankAccount,
    BankFile,
    BankLine,
    ChangeExport,
    CustodyEvent,
    Decision,
    Denial,
    Deposit,
    Document,
    HeldPart,
    Job,
    MailTransaction,
    Office,
    PageImage,
    Payment,
    Pickup,
    Posting,
    PostingExport,
    ReadingRow,
    Remittance,
    ReturnedPiece,
    ReviewItem,
    SourceFile,
    Statement,
    StatementHold,
    TaskAccount,
    TaskAttempt,
    User,
)
from records.models.flags import AccountFlag
from records.models.group import ROLES
from web import auth

PASSWORD = "correct horse battery"
TODAY = date(2026, 11, 16)
FORWARD = "BO QUILL\n77 ORCHARD PARK BLVD\nCOLUMBUS OH 43215-2525"


@dataclass(frozen=True, slots=True)
class Seeded:
    """Path parameters that name a thing of each kind, for one office."""

    office_id: str
    names: dict[str, str]


@cache
def _hashed() -> str:
    """Everybody's password, hashed once: that costs a quarter of a second on purpose."""
    return auth.hash_password(PASSWORD)


def seed(installation: Installation) -> dict[str, Seeded]:
    """Fill the tables; the things of each office by its code (``NORTH``, ``SOUTH``)."""
    hashed = _hashed()
    with installation.db.write() as session:
        made = {
            code: _office(session, installation, number, code)
            for number, code in enumerate(("NORTH", "SOUTH"), start=1)
        }
        for code, seeded in made.items():
            office = session.get_one(Office, seeded.office_id)
            for role in ROLES:
                session.add(
                    User(
                        username=f"{role}.{code.lower()}",
                        display_name=f"{role.capitalize()} {code}",
                        role=role,
                        password_hash=hashed,
                        offices=[office],
                    )
                )
        root = User(
            username="root",
            display_name="Ruth Root",
            role="admin",
            password_hash=hashed,
            all_offices=True,
        )
        session.add(root)
        session.flush()
        token = ApiToken(token_hash=b"0" * 32, user_id=root.id, label="seed")
        session.add(token)
        session.flush()
    return {
        code: Seeded(
            each.office_id,
            {**each.names, "token_id": token.id, "username": f"specialist.{code.lower()}"},
        )
        for code, each in made.items()
    }


def page_png(text: str) -> bytes:
    """A small white page with a line of text."""
    image = np.full((330, 255), 255, np.uint8)
    cv2.putText(image, text, (10, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0,), 1)
    return cv2.imencode(".png", image)[1].tobytes()


def _office(session: Session, held: Installation, number: int, code: str) -> Seeded:
    digits = f"00012345{number}"
    bank = BankAccount(
        code=f"{code}-OPERATING",
        name=f"{code.capitalize()} operating",
        routing_number="021000021",
        sealed={"account_number": digits},
        account_hmac=crypto.keyring().fingerprint("bank_account", digits),
        account_last4=digits[-4:],
    )
    session.add(bank)
    session.flush()
    office = Office(
        code=code,
        name=f"{code.capitalize()} Dental",
        bank_account_id=bank.id,
        settings={"acceptable_payees": [f"{code.capitalize()} Dental"]},
    )
    session.add(office)
    session.flush()
    names = {"bank_account": bank.code, "office_code": code}
    names |= _mail(session, held, office, number)
    names |= _money(session, held, office, bank, number, names)
    return Seeded(office.id, names)


def _mail(session: Session, held: Installation, office: Office, number: int) -> dict[str, str]:
    pickup = Pickup(
        ref=ids.new_ref("PKP"),
        office_id=office.id,
        bag_number=f"B-{number}7",
        declared_envelopes=2,
        declared_checks=1,
        declared_total_cents=12_500,
        created_by=f"user:courier.{office.code.lower()}",
    )
    session.add(pickup)
    session.flush()
    session.add(CustodyEvent(pickup_id=pickup.id, kind="picked_up", actor=pickup.created_by))
    file = _file(session, held, office, pickup, f"bag-{number}.pdf", "done")
    broken = _file(session, held, office, pickup, f"broken-{number}.pdf", "quarantined")
    broken.error_code, broken.error_message = "encrypted_pdf", "The PDF needs a password."
    pages = []
    for position in range(3):
        sha256 = held.store.put(page_png(f"{office.code} page {position + 1}"))
        pages.append(
            PageImage(
                source_file_id=file.id,
                position=position,
                image_sha256=sha256,
                media_type="image/png",
                width=255,
                height=330,
                dpi=30.0,
                details={},
            )
        )
    session.add_all(pages)
    session.flush()
    envelopes = [
        MailTransaction(
            ref=ids.new_ref("ENV"),
            source_file_id=file.id,
            office_id=office.id,
            position=(place + 1) * 1000,
            state="registered",
            page_ids=[page.id for page in group],
        )
        for place, group in enumerate((pages[:1], pages[1:]))
    ]
    session.add_all(envelopes)
    session.flush()
    check = Document(
        ref=ids.new_ref("DOC"),
        transaction_id=envelopes[0].id,
        position=0,
        kind="check",
        page_ids=[pages[0].id],
    )
    back = Document(
        ref=ids.new_ref("DOC"),
        transaction_id=envelopes[1].id,
        position=0,
        kind="returned_mail",
        page_ids=[pages[1].id],
    )
    eob = Document(
        ref=ids.new_ref("DOC"),
        transaction_id=envelopes[1].id,
        position=1,
        kind="remittance",
        page_ids=[pages[2].id],
    )
    session.add_all([check, back, eob])
    session.flush()
    remittance = Remittance(ref=ids.new_ref("REM"), document_id=eob.id, office_id=office.id,
                            payer_name="Delta", payment_number="881", amount_cents=7_000,
                            doubtful=1)  # fmt: skip
    session.add(remittance)
    read: dict[Document, dict[str, object]] = {
        check: {
            "amount_cents": 12_500,
            "courtesy_amount_cents": 12_500,
            "routing_number": "021000021",
            "account_number": f"77001234{number}",
            "check_number": "101",
            "payer_name": "Bo Quill",
        },
        back: {
            "reason": "new_address",
            "endorsement_text": "NOTIFY SENDER OF NEW ADDRESS",
            "forward_address": FORWARD,
            "addressee_name": "BO QUILL",
        },
    }
    read[eob] = {"payer_name": "Delta", "payment_number": "881", "payment_on": "2026-11-10",
                 "total_paid_cents": 7_000, "claims": [_claim()]}  # fmt: skip
    session.add_all(
        ReadingRow(
            document_id=each.id, version=1, sealed=_reading(each, position, fields), made_by="test"
        )
        for position, (each, fields) in enumerate(read.items())
    )
    job = Job(
        stage="intake.decode",
        subject_kind="source_file",
        subject_id=broken.id,
        state="dead",
        attempts=5,
        error_code="child_killed",
        error_at=clock.now(),
        error_message="The decoder was stopped.",
    )
    session.add(job)
    session.flush()
    return {
        "pickup_ref": pickup.ref,
        "file_ref": file.ref,
        "broken_ref": broken.ref,
        "page_id": pages[1].id,
        "document_id": check.id,
        "back_id": back.id,
        "job_id": job.id,
        "transaction_id": envelopes[0].id,
        "remittance_ref": remittance.ref,
        "denial_ref": _denial(session, office, eob).ref,
    }


def _claim() -> dict[str, object]:
    """A claim of one line that adds up, with a charge that was read in doubt."""
    line = {
        "service_on": "2026-10-01", "procedure_code": "D1110", "modifiers": [], "units": None,
        "charged_cents": 10_000, "allowed_cents": 8_000, "paid_cents": 7_000,
        "patient_responsibility_cents": 1_000, "remarks": [],
        "adjustments": [{"group": "CO", "code": "45", "amount_cents": 2_000},
                        {"group": "PR", "code": "1", "amount_cents": 1_000}],
        "evidence": {"charged_cents": {
            "value": 10_000, "confidence": 0.6, "page": 2, "box": [120, 200, 40, 12],
            "source": "tesseract", "alternatives": [{"value": 10_800, "confidence": 0.3}]}},
    }  # fmt: skip
    return {"patient_name": "Ada Quill", "claim_number": "C1", "status": "1", "lines": [line],
            "charged_cents": 10_000, "paid_cents": 7_000, "adjustments": [],
            "patient_responsibility_cents": 1_000, "evidence": {}}  # fmt: skip


def _reading(document: Document, page: int, fields: dict[str, object]) -> dict[str, object]:
    """A reading as the reading stage stores it, every field in a box of its own."""
    return {
        "kind": document.kind,
        "confidence": 0.9,
        "quality": {},
        "warnings": [],
        "fields": {
            name: {
                "value": value,
                "confidence": 0.9,
                "page": page,
                "box": [10, 20 + 30 * place, 100, 20],
                "source": "test",
            }
            for place, (name, value) in enumerate(fields.items())
        },
    }


def _file(
    session: Session, held: Installation, office: Office, pickup: Pickup, name: str, state: str
) -> SourceFile:
    content = f"{office.code} {name}".encode()
    file = SourceFile(
        ref=ids.new_ref("ITM"),
        sha256=held.store.put(content),
        name=name,
        size_bytes=len(content),
        media_type="application/pdf",
        office_id=office.id,
        pickup_id=pickup.id,
        channel="web",
        uploaded_by=pickup.created_by,
        received_on=TODAY,
        state=state,
        page_count=3 if state == "done" else 0,
    )
    session.add(file)
    session.flush()
    return file


def _money(
    session: Session,
    held: Installation,
    office: Office,
    bank: BankAccount,
    number: int,
    names: dict[str, str],
) -> dict[str, str]:
    account = Account(
        number=f"100000{number}",
        office_id=office.id,
        patient_first="Ada",
        patient_last=f"Quill{number}",
        guarantor_first="Bo",
        guarantor_last=f"Quill{number}",
    )
    session.add(account)
    session.flush()
    address = AddressVersion(
        account_id=account.id,
        version=1,
        street="1 Elm St",
        city="Troy",
        state="NY",
        zip="12180",
        source="import",
        confirmed_by="import",
    )
    statement = Statement(
        number=f"ST{number}",
        account_id=account.id,
        statement_on=TODAY,
        balance_cents=12_500,
        open_cents=12_500,
    )
    payment = Payment(
        ref=ids.new_ref("PAY"),
        document_id=names["document_id"],
        transaction_id=names.pop("transaction_id"),
        office_id=office.id,
        received_on=TODAY,
        amount_cents=12_500,
        amount_by="system",
        check_number="101",
        payer_name="Bo Quill",
        deposit_state="depositable",
        match_state="decided",
        fingerprint=f"{number}" * 64,
    )
    session.add_all([address, statement, payment])
    index.rekey(session, [account.id])
    item = ReviewItem(
        ref=ids.new_ref("REV"),
        office_id=office.id,
        payment_id=payment.id,
        asks=["match"],
        value_cents=12_500,
    )
    decision = Decision(
        payment_id=payment.id, outcome="auto", actor="system:match", score=1.0, probability=0.999
    )
    session.add_all([item, decision])
    session.flush()
    part = Allocation(
        payment_id=payment.id,
        decision_id=decision.id,
        destination="account",
        account_id=account.id,
        statement_id=statement.id,
        amount_cents=12_500,
    )
    deposit = Deposit(
        ref=ids.new_ref("DEP"), bank_account_id=bank.id, business_on=TODAY, opened_by="user:billing"
    )
    export = PostingExport(
        ref=ids.new_ref("EXP"),
        office_id=office.id,
        format="csv",
        file_name="p.csv",
        file_sha256=held.store.put(f"posting_ref {number}".encode()),
        count=1,
        total_cents=12_500,
        created_by="user:billing",
    )
    bank_file = BankFile(
        ref=ids.new_ref("BNK"),
        sha256=f"{number}" * 64,
        name="b.csv",
        format="csv",
        imported_by="user:billing",
        line_count=1,
    )
    session.add_all([part, deposit, export, bank_file])
    session.flush()
    posting = Posting(
        ref=ids.new_ref("PST"),
        allocation_id=part.id,
        payment_id=payment.id,
        office_id=office.id,
        pms="pms",
        amount_cents=12_500,
    )
    line = BankLine(
        bank_file_id=bank_file.id,
        bank_account_id=bank.id,
        fingerprint=f"{number}" * 64,
        value_on=TODAY,
        amount_cents=12_500,
        direction="credit",
        kind="deposit",
    )
    task = AddressTask(
        ref=ids.new_ref("TSK"),
        office_id=office.id,
        document_id=names.pop("back_id"),
        account_id=account.id,
        address_version_id=address.id,
        reason="new_address",
        due_on=TODAY + timedelta(days=3),
        evidence={
            "addressee": "BO QUILL",
            "address": "1 ELM ST, TROY NY 12180",
            "endorsement": "NOTIFY SENDER OF NEW ADDRESS",
            "forward_address": FORWARD,
            "candidates": [
                {
                    "account_id": account.id,
                    "account_number": account.number,
                    "address_version_id": address.id,
                    "score": 0.95,
                    "reasons": [
                        {"signal": "name", "weight": 0.5},
                        {"signal": "address", "weight": 0.45},
                    ],
                }
            ],
        },
    )
    session.add_all([posting, line, task])
    session.flush()
    session.add_all(
        [
            TaskAttempt(
                task_id=task.id, kind="call", outcome="no_answer", note="rang", actor="user:x"
            ),
            StatementHold(account_id=account.id, task_id=task.id),
            TaskAccount(
                task_id=task.id,
                account_id=account.id,
                address_version_id=address.id,
                actor="system:returned_mail",
            ),
            ReturnedPiece(
                document_id=task.document_id,
                office_id=office.id,
                task_id=task.id,
                account_id=account.id,
                address_version_id=address.id,
                reason="new_address",
                outcome="opened",
            ),
        ]
    )
    return {
        "flag_id": _flag(session, office, account, number).id,
        "account_number": account.number,
        "payment_ref": payment.ref,
        "item_ref": item.ref,
        "deposit_ref": deposit.ref,
        "export_ref": export.ref,
        "posting_ref": posting.ref,
        "line_id": line.id,
        "task_ref": task.ref,
        **_changes(session, held, task, account),
        "held_ref": _held(session, payment, decision).ref,
    }


def _changes(
    session: Session, held: Installation, task: AddressTask, account: Account
) -> dict[str, str]:
    """What the PMS is told of the account: one change in a file, one refused."""
    made = ChangeExport(
        ref=ids.new_ref("CX"), office_id=account.office_id, format="csv", file_name="c.csv",
        file_sha256=held.store.put(f"change {account.number}".encode()), count=1,
        created_by="user:billing",
    )  # fmt: skip
    session.add(made)
    session.flush()
    rows = [
        AccountChange(
            ref=ids.new_ref("AC"), office_id=account.office_id, account_id=account.id,
            task_id=task.id, kind="account_note", key=f"{task.id}|{state}",
            sealed={"note": "Returned mail."}, state=state, queued_by="user:billing",
            queued_at=clock.now(), export_id=made.id if state == "exported" else None,
            error="no such patient" if state == "refused" else None,
        )
        for state in ("queued", "exported", "refused")
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    return {"change_ref": rows[-1].ref, "change_export_ref": made.ref}


def _held(session: Session, payment: Payment, decision: Decision) -> HeldPart:
    """A part that was held; it is no part of the payment any more, whose sum stays."""
    part = Allocation(payment_id=payment.id, decision_id=decision.id, destination="unidentified",
                      amount_cents=100)  # fmt: skip
    session.add(part)
    session.flush()
    held = HeldPart(
        ref=ids.new_ref("HLD"), payment_id=payment.id, allocation_id=part.id,
        office_id=payment.office_id, reason="two_candidates", label="claim 2", amount_cents=100,
        held_by="system:match", sealed={"patient_name": "Bo Quill", "claim_number": "C9",
                                        "charged_cents": 9_800, "service_on": "2026-10-01"},
    )  # fmt: skip
    session.add(held)
    session.flush()
    part.live = False
    session.flush()
    return held


def _denial(session: Session, office: Office, eob: Document) -> Denial:
    """A line that an insurer did not pay."""
    denial = Denial(
        ref=ids.new_ref("DNL"), document_id=eob.id, claim=0, line=0, office_id=office.id,
        payer_name="Delta", told_on=TODAY, kind="zero_paid", group_code="CO", reason_code="97",
        codes=[{"group": "CO", "code": "97", "amount_cents": 9_800}], remarks=["N130"],
        service_on=TODAY, procedure="D2391", charged_cents=9_800, paid_cents=0,
        at_stake_cents=9_800, due_on=TODAY + timedelta(days=90),
        sealed={"patient_name": "Bo Quill", "claim_number": "C9"},
    )  # fmt: skip
    session.add(denial)
    session.flush()
    return denial


def _flag(session: Session, office: Office, account: Account, number: int) -> AccountFlag:
    """The same patient under a second account, by another name."""
    other = Account(
        number=f"200000{number}",
        office_id=office.id,
        patient_first="Ada",
        patient_last=f"Zimmer{number}",
        guarantor_first="Ada",
        guarantor_last=f"Zimmer{number}",
    )
    session.add(other)
    session.flush()
    index.rekey(session, [other.id])
    flag = AccountFlag(
        kind="patient",
        one=account.number,
        other=other.number,
        account_id=account.id,
        other_account_id=other.id,
        score=9.5,
        reasons=[
            {
                "signal": "birth_date",
                "level": "same",
                "weight": 9.5,
                "detail": "the same birth date",
            }
        ],
    )
    session.add(flag)
    session.flush()
    return flag
