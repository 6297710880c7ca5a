"""Accounts and statements out of the practice-management system: CSV in, rows and keys kept up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching import mailing
from matching.address_candidates import propose, same_place
from matching.address_versions import NewAddress, confidential_among
from matching.homes import count_amounts
from matching.import_rows import (
    AccountRow,
    Refusal,
    StatementRow,
    account_rows,
    statement_rows,
)
from matching.mailing_rows import is_mailing, mailing_rows
from matching.reindex import follow
from records import audit, ids
from records.models import (
    Account,
    AddressVersion,
    ImportRun,
    Office,
    PaymentPlan,
    Statement,
)

IMPORT = "import"
_CHUNK = 400
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with a dry run would do.

    ``refused`` lists every fault as line number, column and what is wrong; the good lines of the
    same file are taken all the same. ``proposed`` addresses differ from ones verified since and
    wait for a person; one that differs from a confidential address is refused.
    """

    kind: str
    added: int
    changed: int
    unchanged: int
    refused: tuple[Refusal, ...]
    dry_run: bool
    proposed: int = 0

    def to_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        return {
            "kind": self.kind,
            "dry_run": self.dry_run,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "addresses_proposed": self.proposed,
            "refused": [
                {"line": line, "column": column, "message": message}
                for line, column, message in self.refused
            ],
        }


def import_accounts(
    session: Session, text: str, actor: str, *, dry_run: bool = False, file_name: str = ""
) -> ImportReport:
    """Take accounts from CSV; the same file again changes nothing.

    An address that differs from the one last imported becomes a new version, the old one stays.
    Where the address in force was confirmed by a person or a verifier since, the file's is only
    proposed, and a confidential one is kept whatever the file says. WrongUse ``wrong_columns``
    when it is another file.
    """
    rows, refused = account_rows(text)
    offices = {office.code: office.id for office in session.scalars(select(Office))}
    known = [row for row in rows if row.office_code in offices]
    refused += [
        (row.line, "office_code", "is no office here")
        for row in rows
        if row.office_code not in offices
    ]
    counts = {"added": 0, "changed": 0, "unchanged": 0, "proposed": 0}
    touched: set[str] = set()
    for some in _chunks(known):
        touched |= _take_accounts(session, some, offices, actor, refused, counts, dry_run=dry_run)
        session.flush()
    follow(session, touched)
    return _finish(session, "accounts", counts, refused, actor, file_name, dry_run=dry_run)


def import_statements(
    session: Session, text: str, actor: str, *, dry_run: bool = False, file_name: str = ""
) -> ImportReport:
    """Take statements from CSV; a new balance sets what is open, the same file changes nothing.

    A balance that has not changed leaves what our own postings closed since. Statements with
    barcode and mail date are pieces of the ledger as well. A print vendor's file, which names
    no balance, enters pieces only.
    """
    if is_mailing(text):
        return _import_mailing(session, text, actor, file_name, dry_run=dry_run)
    rows, refused = statement_rows(text)
    touched: set[str] = set()
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for some in _chunks(rows):
        touched |= _take_statements(session, some, refused, counts, dry_run=dry_run)
        session.flush()
        _note_mailed(session, some, refused, dry_run=dry_run)
    if touched:
        follow(session, touched)
        count_amounts(session)
    return _finish(session, "statements", counts, refused, actor, file_name, dry_run=dry_run)


def _import_mailing(
    session: Session, text: str, actor: str, file_name: str, *, dry_run: bool
) -> ImportReport:
    """Take what a print vendor mailed; the same file again changes nothing."""
    rows, refused = mailing_rows(text)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    run_id = ids.new_id()
    if not dry_run:  # the pieces name their run: it stands first and is filled in at the end
        session.add(ImportRun(id=run_id, kind="mailing", actor=actor, file_name=file_name[:200],
                              added=0, changed=0, unchanged=0, refused=[]))  # fmt: skip
        session.flush()
    for some in _chunks(rows):
        mailing.take_rows(session, some, refused, counts, run_id, dry_run=dry_run)
    return _finish(session, "mailing", counts, refused, actor, file_name, dry_run=dry_run,
                   run_id=run_id)  # fmt: skip


def _note_mailed(
    session: Session, rows: Sequence[StatementRow], refused: list[Refusal], *, dry_run: bool
) -> None:
    """Statements that the system says were mailed with a barcode become pieces of the ledger."""
    mailed = {row.number: row for row in rows if row.imb and row.mailed_on is not None}
    if dry_run or not mailed:
        return
    found = session.scalars(select(Statement).where(Statement.number.in_(mailed))).all()
    accounts = {
        account.id: account
        for account in session.scalars(
            select(Account)
            .where(Account.id.in_({statement.account_id for statement in found}))
            .options(selectinload(Account.addresses))
        )
    }
    pieces = []
    for statement in found:
        row = mailed[statement.number]
        if row.mailed_on is None or row.imb[1] > "4" or statement.imb != row.imb:
            continue
        version = mailing.in_force(accounts[statement.account_id].addresses, row.mailed_on)
        pieces.append(
            mailing.NewPiece(row.line, statement.id, statement.account_id,
                             version.id if version else None, None, row.mailed_on, row.imb)
        )  # fmt: skip
    ignored = {"added": 0, "changed": 0, "unchanged": 0}
    mailing.enter(session, pieces, refused, ignored, None, dry_run=False)


def _take_accounts(
    session: Session,
    rows: Sequence[AccountRow],
    offices: dict[str, str],
    actor: str,
    refused: list[Refusal],
    counts: dict[str, int],
    *,
    dry_run: bool,
) -> set[str]:
    """Add or change the accounts of these rows; ids of those that changed.

    An address that the patient asked to be used for all mail stays: the row's other is refused.
    """
    query = (
        select(Account)
        .where(Account.number.in_([row.number for row in rows]))
        .options(selectinload(Account.addresses), selectinload(Account.plan))
        .with_for_update(of=Account)
    )
    held = {account.number: account for account in session.scalars(query)}
    kept = confidential_among(session, {account.id for account in held.values()})
    touched: set[str] = set()
    for row in rows:
        account = held.get(row.number)
        values = _account_values(row, offices)
        if account is None:
            counts["added"] += 1
            if not dry_run:
                account = Account(id=ids.new_id(), number=row.number, **values)
                account.addresses.append(_address(row, 1, actor))
                _set_plan(account, row)
                session.add(account)
                touched.add(account.id)
            continue
        differs = any(getattr(account, name) != value for name, value in values.items())
        moved, agreed = _moved(account, row), _is_other_plan(account, row)
        if moved and account.id in kept:
            refused.append((row.line, "street", "another address than the confidential one"))
            moved = False
        if moved and not _may_move(session, account, row, counts, actor, dry_run=dry_run):
            moved = False
        counts["changed" if differs or moved or agreed else "unchanged"] += 1
        if dry_run or not (differs or moved or agreed):
            continue
        for name, value in values.items():
            setattr(account, name, value)
        if moved:
            account.addresses.append(_address(row, len(account.addresses) + 1, actor))
        _set_plan(account, row)
        touched.add(account.id)
    return touched


def _account_values(row: AccountRow, offices: dict[str, str]) -> dict[str, Any]:
    return {
        "office_id": offices[row.office_code],
        "patient_first": row.patient_first,
        "patient_last": row.patient_last,
        "patient_birth_on": row.patient_birth_on,
        "guarantor_first": row.guarantor_first,
        "guarantor_last": row.guarantor_last,
        "member_id": row.member_id,
        "household": row.household,
    }


def _is_other_plan(account: Account, row: AccountRow) -> bool:
    """Whether the file says another plan than the one in force; none, where it has no column."""
    plan = account.plan
    held = (plan.instalment_cents, plan.next_due_on) if plan and plan.active else None
    said = None if row.plan_cents is None else (row.plan_cents, row.plan_due_on)
    return row.says_plan and held != said


def _set_plan(account: Account, row: AccountRow) -> None:
    if not _is_other_plan(account, row):
        return
    if account.plan is not None and row.plan_cents is None:
        account.plan.active = False
    elif account.plan is not None and row.plan_cents is not None:
        account.plan.active = True
        account.plan.instalment_cents = row.plan_cents
        account.plan.next_due_on = row.plan_due_on
    elif row.plan_cents is not None:
        account.plan = PaymentPlan(
            instalment_cents=row.plan_cents, next_due_on=row.plan_due_on, active=True
        )


def _moved(account: Account, row: AccountRow) -> bool:
    """Whether the file says another address than it did last time, and than the one in force."""
    if not account.addresses:
        return True
    now = account.addresses[-1]
    if _written(now) == row.address:
        return False
    if now.source != IMPORT and same_place(_written(now), row.address):
        return False  # the practice-management system has taken over what we found
    imported = [version for version in account.addresses if version.source == IMPORT]
    return not imported or _written(imported[-1]) != row.address


def _may_move(
    session: Session,
    account: Account,
    row: AccountRow,
    counts: dict[str, int],
    actor: str,
    *,
    dry_run: bool,
) -> bool:
    """Whether the file's address comes into force by itself; else it is proposed, or let be."""
    now = account.address
    if now is None or (now.source == IMPORT and now.verified_at is None):
        return True
    if dry_run:
        counts["proposed"] += 1
        return False
    street, city, state, code = row.address
    made = propose(session, account, NewAddress(street, city, state, code), source=IMPORT,
                   actor=actor, name=account.guarantor_name)  # fmt: skip
    counts["proposed"] += made.state == "open"
    return False


def _written(version: AddressVersion) -> tuple[str, str, str, str]:
    return (version.street, version.city, version.state, version.zip)


def _address(row: AccountRow, version: int, actor: str) -> AddressVersion:
    return AddressVersion(
        version=version,
        street=row.street,
        city=row.city,
        state=row.state,
        zip=row.zip,
        source=IMPORT,
        confirmed_by=actor,
    )


def _take_statements(
    session: Session,
    rows: Sequence[StatementRow],
    refused: list[Refusal],
    counts: dict[str, int],
    *,
    dry_run: bool,
) -> set[str]:
    """Add or change the statements of these rows; ids of the accounts they belong to."""
    accounts = {
        number: ident
        for ident, number in session.execute(
            select(Account.id, Account.number).where(
                Account.number.in_({row.account_number for row in rows})
            )
        )
    }
    held = {
        statement.number: statement
        for statement in session.scalars(
            select(Statement)
            .where(Statement.number.in_([row.number for row in rows]))
            .with_for_update()
        )
    }
    touched: set[str] = set()
    for row in rows:
        account_id = accounts.get(row.account_number)
        if account_id is None:
            refused.append((row.line, "account_number", "is no account here"))
            continue
        statement = held.get(row.number)
        if statement is not None and statement.account_id != account_id:
            refused.append((row.line, "account_number", "is not the statement's account"))
            continue
        values = _statement_values(row)
        if statement is None:
            counts["added"] += 1
            if not dry_run:
                session.add(Statement(number=row.number, account_id=account_id,
                                      open_cents=row.balance_cents, **values))  # fmt: skip
                touched.add(account_id)
            continue
        differs = [name for name, value in values.items() if getattr(statement, name) != value]
        counts["changed" if differs else "unchanged"] += 1
        if dry_run or not differs:
            continue
        if "balance_cents" in differs:
            statement.open_cents = row.balance_cents
        for name in differs:
            setattr(statement, name, values[name])
        touched.add(account_id)
    return touched


def _statement_values(row: StatementRow) -> dict[str, Any]:
    return {
        "statement_on": row.statement_on,
        "due_on": row.due_on,
        "balance_cents": row.balance_cents,
        "minimum_due_cents": row.minimum_due_cents,
        "mailed_on": row.mailed_on,
        "imb": row.imb,
    }


def _finish(
    session: Session,
    kind: str,
    counts: dict[str, int],
    refused: list[Refusal],
    actor: str,
    file_name: str,
    *,
    dry_run: bool,
    run_id: str | None = None,
) -> ImportReport:
    report = ImportReport(
        kind, counts["added"], counts["changed"], counts["unchanged"], tuple(sorted(refused)),
        dry_run, counts.get("proposed", 0),
    )  # fmt: skip
    if dry_run:
        return report
    run = session.get(ImportRun, run_id) if run_id else None
    if run is None:
        run = ImportRun(kind=kind, actor=actor, file_name=file_name[:200])
        session.add(run)
    run.added, run.changed, run.unchanged = report.added, report.changed, report.unchanged
    run.refused = [list(each) for each in report.refused]
    session.flush()
    audit.record(
        session,
        actor=actor,
        action=f"{kind}.imported",
        subject_kind="import_run",
        subject_id=run.id,
        detail={
            "added": report.added, "changed": report.changed, "refused": len(report.refused),
            "addresses_proposed": report.proposed,
        },
    )  # fmt: skip
    return report


def _chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
