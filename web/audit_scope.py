"""Which audit events a person of some offices may see: those of these offices' own things."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from records.models import (
    AccountChange,
    AddressTask,
    AuditEvent,
    BankAccount,
    BankLine,
    ChangeExport,
    Denial,
    Deposit,
    Document,
    Job,
    MailTransaction,
    Office,
    PageImage,
    Payment,
    Pickup,
    Posting,
    PostingExport,
    ReviewItem,
    SourceFile,
    User,
)

_WHOLE_GROUP = ("group", "audit")


def within(offices: frozenset[str]) -> ColumnElement[bool]:
    """The condition on ``AuditEvent`` for offices with these ids.

    A thing of an office or its bank is seen by its own offices, a person by colleagues. What
    belongs to no office (a search, a day's figure) goes by who did it.
    """
    own = _subjects(offices)
    colleagues = select("user:" + User.username).where(User.offices.any(Office.id.in_(offices)))
    of_own = [
        and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id.in_(ids))
        for kind, ids in own.items()
    ]
    free = AuditEvent.subject_kind.not_in(list(own))
    return or_(
        *of_own,
        AuditEvent.subject_kind.in_(_WHOLE_GROUP),
        and_(free, AuditEvent.actor.in_(colleagues)),
    )


def _subjects(offices: frozenset[str]) -> dict[str, Select[Any]]:
    """The ids of the offices' things, by the kind that events name them by."""
    banks = select(Office.bank_account_id).where(Office.id.in_(offices))
    lines = select(BankLine.id).where(BankLine.bank_account_id.in_(banks))
    files = select(SourceFile.id).where(SourceFile.office_id.in_(offices))
    mail = select(MailTransaction.id).where(MailTransaction.office_id.in_(offices))
    payments = select(Payment.id).where(Payment.office_id.in_(offices))
    documents = select(Document.id).where(Document.transaction_id.in_(mail))
    things = {
        "office": select(Office.id).where(Office.id.in_(offices)),
        "source_file": files,
        "page": select(PageImage.id).where(PageImage.source_file_id.in_(files)),
        "transaction": mail,
        "document": documents,
        "payment": payments,
        "review_item": select(ReviewItem.id).where(ReviewItem.office_id.in_(offices)),
        "address_task": select(AddressTask.id).where(AddressTask.office_id.in_(offices)),
        "pickup": select(Pickup.id).where(Pickup.office_id.in_(offices)),
        "posting": select(Posting.id).where(Posting.office_id.in_(offices)),
        "posting_export": select(PostingExport.id).where(PostingExport.office_id.in_(offices)),
        "account_change": select(AccountChange.id).where(AccountChange.office_id.in_(offices)),
        "change_export": select(ChangeExport.id).where(ChangeExport.office_id.in_(offices)),
        "bank_account": select(BankAccount.id).where(BankAccount.id.in_(banks)),
        "bank_line": lines,
        "bank_file": select(BankLine.bank_file_id).where(BankLine.bank_account_id.in_(banks)),
        "denial": select(Denial.id).where(Denial.office_id.in_(offices)),
        "deposit": select(Deposit.id).where(Deposit.bank_account_id.in_(banks)),
        "user": select(User.id).where(User.offices.any(Office.id.in_(offices))),
    }
    held = [
        and_(Job.subject_kind == kind, Job.subject_id.in_(things[kind]))
        for kind in ("source_file", "transaction", "document", "payment")
    ]
    return {**things, "job": select(Job.id).where(or_(*held))}
