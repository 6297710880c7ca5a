"""Which offices the thing in a path belongs to: one check per path parameter, run on every route.

A page names what it shows by one of these parameters and need not check offices itself. A name
that is not here cannot stand in a path: the application would not start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records.errors import NotFound
from records.models import (
    Account,
    AccountChange,
    AddressTask,
    ApiToken,
    BankAccount,
    BankLine,
    ChangeExport,
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
    Remittance,
    ReviewItem,
    SourceFile,
    User,
)
from records.models.base import Base
from records.models.flags import AccountFlag
from returned_mail import passing

Offices = frozenset[str]
OfficesOf = Callable[[Session, str], Offices | None]
"""The office ids a thing belongs to: None when there is no such thing, empty for the group's."""


def check(session: Session, params: Mapping[str, object], scope: Offices | None) -> None:
    """Raise NotFound unless every thing named in the path lies within ``scope`` (None: all)."""
    for name, value in params.items():
        offices = _BY_PARAMETER[name](session, str(value))
        if offices is None or (scope is not None and offices and not offices & scope):
            raise NotFound(
                "not_found",
                "There is nothing here under this address.",
                "Check the reference, or ask an administrator about your offices.",
            )


def _by(query: Callable[[str], Select[str]]) -> OfficesOf:
    def offices(session: Session, value: str) -> Offices | None:
        found = session.scalars(query(value)).first()
        return None if found is None else frozenset({found})

    return offices


def _of_bank_account(session: Session, bank_account_id: str | None) -> Offices | None:
    """Money of a shared bank account may be seen from each office that deposits into it."""
    if bank_account_id is None or session.get(BankAccount, bank_account_id) is None:
        return None
    served = select(Office.id).where(Office.bank_account_id == bank_account_id)
    # An account no office uses yet belongs to nobody's scope but the group's.
    return frozenset(session.scalars(served)) or frozenset({"none"})


def _deposit(session: Session, value: str) -> Offices | None:
    owner = select(Deposit.bank_account_id).where((Deposit.ref == value) | (Deposit.id == value))
    return _of_bank_account(session, session.scalar(owner))


def _bank_line(session: Session, value: str) -> Offices | None:
    owner = select(BankLine.bank_account_id).where(BankLine.id == value)
    return _of_bank_account(session, session.scalar(owner))


def _bank_account(session: Session, value: str) -> Offices | None:
    owner = select(BankAccount.id).where((BankAccount.code == value) | (BankAccount.id == value))
    return _of_bank_account(session, session.scalar(owner))


def _page(session: Session, value: str) -> Offices | None:
    """The office that scanned it, and those to which a piece on it was passed on."""
    scanned = select(SourceFile.office_id).join(PageImage).where(PageImage.id == value)
    office = session.scalar(scanned)
    if office is None:
        return None
    return passing.offices_of_page(session, value) | {office}


def _group(model: type[Base], column: str) -> OfficesOf:
    """Things of the whole group: the role alone decides."""

    def offices(session: Session, value: str) -> Offices | None:
        found = session.scalar(select(model).where(getattr(model, column) == value))
        return None if found is None else frozenset()

    return offices


def _flag(session: Session, value: str) -> Offices | None:
    """Two accounts' offices; whoever answers must see both, which the answering itself checks."""
    row = session.get(AccountFlag, value)
    if row is None:
        return None
    return frozenset({row.account.office_id, row.other_account.office_id})


_SUBJECT_OFFICE: Final[Mapping[str, Callable[[str], Select[str]]]] = {
    "source_file": lambda key: select(SourceFile.office_id).where(SourceFile.id == key),
    "transaction": lambda key: select(MailTransaction.office_id).where(MailTransaction.id == key),
    "document": lambda key: (
        select(MailTransaction.office_id).join(Document).where(Document.id == key)
    ),
    "payment": lambda key: select(Payment.office_id).where(Payment.id == key),
    "acs_block": lambda key: select(SourceFile.office_id).where(
        SourceFile.id == key.partition(":")[0]
    ),
}


def of_subject(session: Session, kind: str, subject_id: str) -> Offices:
    """The offices of a job's or an event's subject; empty for the group's own."""
    query = _SUBJECT_OFFICE.get(kind)
    found = session.scalars(query(subject_id)).first() if query else None
    return frozenset() if found is None else frozenset({found})


def _job(session: Session, value: str) -> Offices | None:
    job = session.get(Job, value)
    return None if job is None else of_subject(session, job.subject_kind, job.subject_id)


_BY_PARAMETER: Final[Mapping[str, OfficesOf]] = {
    "account_number": _by(lambda v: select(Account.office_id).where(Account.number == v)),
    "bank_account": _bank_account,
    "change_ref": _by(lambda v: select(AccountChange.office_id).where(AccountChange.ref == v)),
    "change_export_ref": _by(lambda v: select(ChangeExport.office_id).where(ChangeExport.ref == v)),
    "denial_ref": _by(
        lambda v: select(Denial.office_id).where((Denial.ref == v) | (Denial.id == v))
    ),
    "deposit_ref": _deposit,
    "document_id": _by(
        lambda v: select(MailTransaction.office_id).join(Document).where(Document.id == v)
    ),
    "export_ref": _by(
        lambda v: select(PostingExport.office_id).where(
            (PostingExport.ref == v) | (PostingExport.id == v)
        )
    ),
    "file_ref": _by(
        lambda v: select(SourceFile.office_id).where((SourceFile.ref == v) | (SourceFile.id == v))
    ),
    "held_ref": _by(
        lambda v: select(HeldPart.office_id).where((HeldPart.ref == v) | (HeldPart.id == v))
    ),
    "item_ref": _by(
        lambda v: select(ReviewItem.office_id).where((ReviewItem.ref == v) | (ReviewItem.id == v))
    ),
    "flag_id": _flag,
    "job_id": _job,
    "line_id": _bank_line,
    "office_code": _by(lambda v: select(Office.id).where(Office.code == v)),
    "page_id": _page,
    "payment_ref": _by(
        lambda v: select(Payment.office_id).where((Payment.ref == v) | (Payment.id == v))
    ),
    "pickup_ref": _by(
        lambda v: select(Pickup.office_id).where((Pickup.ref == v) | (Pickup.id == v))
    ),
    "posting_ref": _by(
        lambda v: select(Posting.office_id).where((Posting.ref == v) | (Posting.id == v))
    ),
    "remittance_ref": _by(
        lambda v: select(Remittance.office_id).where((Remittance.ref == v) | (Remittance.id == v))
    ),
    "task_ref": _by(
        lambda v: select(AddressTask.office_id).where(
            (AddressTask.ref == v) | (AddressTask.id == v)
        )
    ),
    "token_id": _group(ApiToken, "id"),
    "username": _group(User, "username"),
}
KNOWN: Final = frozenset(_BY_PARAMETER)
