"""Importing a bank file: the same bytes once, and each line once however often it comes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import reconcile
from deposits.bank.balances import moved_cents
from deposits.bank.column_maps import read_with_maps
from deposits.bank.csv import CsvProfile
from deposits.bank.keeping import keep_balances
from deposits.bank.sniffing import parse
from deposits.bank.types import BankStatement, StatementAccount, StatementFinding, StatementLine
from deposits.return_letters import is_cash_letter, read_returns
from deposits.returning import ReturnOutcome
from deposits.unmatched_entering import enter_file, enter_waiting
from records import audit, crypto, ids
from records.errors import UnreadableError, WrongUse
from records.files import FileStore
from records.models import BankAccount, BankFile, BankLine

_MOST_CENTS = 10**15 - 1  # what Money takes, too
_MOST_LINES, _MOST_STATEMENTS, _MOST_RETURNS = 100_000, 10_000, 10_000
"""Of one file: it is entered while nobody else writes, some 400 of them a second."""
_LAST = 4
"""How many digits of a bank account's number pages show, and ``account_last4`` holds."""


@dataclass(frozen=True, slots=True)
class BankImport:
    """What an import did: lines new and already known, and what reconciling settled after it.

    ``already_imported`` is True for bytes seen before that bring nothing new; ``skipped`` counts
    lines of accounts that are not ours or whose currency is not the dollar; ``unmatched`` counts
    open lines of the accounts in this file. A return cash letter has ``returns`` instead of lines:
    ``new`` of them were entered, and ``unmatched`` were not, whatever the reason.
    """

    ref: str
    new: int
    known: int
    settled: int
    unmatched: int
    skipped: int = 0
    already_imported: bool = False
    findings: tuple[StatementFinding, ...] = ()
    returns: tuple[ReturnOutcome, ...] = ()


def import_file(
    session: Session,
    store: FileStore,
    data: bytes,
    name: str,
    actor: str,
    *,
    profile: CsvProfile | None = None,
    bank_account_id: str | None = None,
    accounts: Collection[str] | None = None,
) -> BankImport:
    """Enter a bank file's lines and settle what they settle.

    A file that names no account (a plain CSV) goes to ``bank_account_id``, or to the only bank
    account there is. One named by its last four digits, which is all that pages show, is taken
    when just one bank account ends in them, or when it is ``bank_account_id``. A CSV is read by
    ``profile``, else as ``column_maps`` has it. ``accounts`` are
    the ids of the bank accounts the actor may touch (None: all): lines of others are skipped, and
    nothing of theirs is settled. Raises ``UnreadableError`` as ``parse`` does, and ``WrongUse``
    ``bank_account_unknown`` when none of the file's accounts is ours, or the actor's,
    ``bank_account_ambiguous`` for last digits that several have.
    """
    if is_cash_letter(data):
        return _import_returns(session, store, data, name, actor, accounts)
    if profile is not None:
        statement = parse(data, name, profile)
    else:
        statement, mapped_id = read_with_maps(session, data, name, bank_account_id)
        bank_account_id = bank_account_id or mapped_id
    refuse_impossible(statement)
    ours, skipped = _our_accounts(session, statement, bank_account_id, accounts)
    _lock(session, ours)
    lines = sum(len(account.lines) for account in statement.accounts)
    file, seen = _file(session, store, data, name, statement.format, lines, actor)
    if seen:
        # Whoever brought it first may not have been allowed all of its accounts. What names no
        # account stays where it went then.
        ours = [(bank_account, account) for bank_account, account in ours if _digits(account)]
    keep_balances(session, file, _placed(statement, ours))
    new = known = 0
    for bank_account, line, mark in _fingerprinted(ours):
        if _enter(session, file, bank_account, line, mark):
            new += 1
        else:
            known += 1
    session.flush()
    if seen and not new:
        return BankImport(file.ref, 0, file.line_count, 0, 0, already_imported=True)
    audit.record(
        session,
        actor=actor,
        action="bank_file_imported",
        subject_kind="bank_file",
        subject_id=file.id,
        detail={"new": new, "known": known, "skipped": skipped, "format": statement.format},
    )
    settled = reconcile.reconcile(session, actor, accounts=accounts)
    if enter_waiting(session, actor, accounts):  # a credit may be what a returned check waited for
        settled += reconcile.reconcile(session, actor, accounts=accounts)
    open_lines = reconcile.unmatched_count(session, [bank.id for bank, _ in ours])
    return BankImport(
        file.ref, new, known, settled, open_lines, skipped, findings=statement.findings
    )


def _placed(
    statement: BankStatement, ours: Iterable[tuple[BankAccount, StatementAccount]]
) -> list[tuple[int, BankAccount, StatementAccount]]:
    """Each of our statements with its place in the file."""
    places = {id(account): place for place, account in enumerate(statement.accounts)}
    return [(places[id(account)], bank_account, account) for bank_account, account in ours]


def _file(
    session: Session,
    store: FileStore,
    data: bytes,
    name: str,
    format_: str,
    lines: int,
    actor: str,
) -> tuple[BankFile, bool]:
    """The file's row, and whether the same bytes came before."""
    sha256 = hashlib.sha256(data).hexdigest()
    known = session.scalars(select(BankFile).where(BankFile.sha256 == sha256)).one_or_none()
    if known is not None:
        return known, True
    store.put(data)
    made = BankFile(
        ref=ids.new_ref("BF"),
        sha256=sha256,
        name=name[:200],
        format=format_,
        imported_by=actor,
        line_count=lines,
    )
    session.add(made)
    session.flush()
    return made, False


def _import_returns(
    session: Session,
    store: FileStore,
    data: bytes,
    name: str,
    actor: str,
    accounts: Collection[str] | None,
) -> BankImport:
    """Enter a return cash letter's items; those that find no check are kept for a person.

    WrongUse ``no_returns`` for one that only goes forward.
    """
    claims = read_returns(data)
    if not claims:
        raise WrongUse("no_returns", "No returned item is in this cash letter.",
                       "Look at it with `lockbox icl show`.")  # fmt: skip
    if len(claims) > _MOST_RETURNS:
        raise _too_many("returned items", _MOST_RETURNS)
    _lock_all(session)
    file, _ = _file(session, store, data, name, "x9_returns", len(claims), actor)
    outcomes = enter_file(session, file, claims, actor, accounts)
    counts = Counter(each.status for each in outcomes)
    new, known = counts["entered"], counts["known"]
    audit.record(
        session,
        actor=actor,
        action="returns_imported",
        subject_kind="bank_file",
        subject_id=file.id,
        detail=dict(counts),
    )
    settled = reconcile.reconcile(session, actor, accounts=accounts) if new else 0
    return BankImport(
        file.ref, new, known, settled, len(outcomes) - new - known, returns=tuple(outcomes)
    )


def _lock_all(session: Session) -> None:
    """One return file at a time, so that the same bytes cannot enter twice at once."""
    session.execute(select(BankAccount.id).order_by(BankAccount.id).with_for_update()).all()


def refuse_impossible(statement: BankStatement) -> None:
    """UnreadableError ``bank_file_wrong`` for an amount or a year that no bank ever had, and
    ``bank_file_too_large``."""
    if len(statement.accounts) > _MOST_STATEMENTS:
        raise _too_many("statements", _MOST_STATEMENTS)
    if sum(len(account.lines) for account in statement.accounts) > _MOST_LINES:
        raise _too_many("lines", _MOST_LINES)
    for account in statement.accounts:
        for line in account.lines:
            if line.amount_cents > _MOST_CENTS or not 1900 <= line.value_on.year < 2200:
                raise _wrong("A line")
        if abs(moved_cents(account)) > _MOST_CENTS * 1_000:
            raise _wrong("The sum of all lines")
        for balance in account.balances:
            if abs(balance.cents) > _MOST_CENTS or not 1900 <= balance.on.year < 2200:
                raise _wrong("A balance")


def _too_many(what: str, most: int) -> UnreadableError:
    return UnreadableError(
        "bank_file_too_large",
        f"This file holds more than {most:,} {what}.",
        "Ask the bank for one day a file.",
    )


def _wrong(what: str) -> UnreadableError:
    return UnreadableError(
        "bank_file_wrong",
        f"{what} of this file has an amount or a date that cannot be.",
        "Ask the bank for the file again.",
    )


def _lock(session: Session, ours: list[tuple[BankAccount, StatementAccount]]) -> None:
    """One import at a time per bank account, so that a line cannot enter twice at once."""
    wanted = {bank_account.id for bank_account, _ in ours}
    session.execute(
        select(BankAccount.id)
        .where(BankAccount.id.in_(wanted))
        .order_by(BankAccount.id)
        .with_for_update()
    ).all()


def _our_accounts(
    session: Session,
    statement: BankStatement,
    bank_account_id: str | None,
    accounts: Collection[str] | None,
) -> tuple[list[tuple[BankAccount, StatementAccount]], int]:
    ours: list[tuple[BankAccount, StatementAccount]] = []
    skipped = 0
    for account in statement.accounts:
        bank_account = _find(session, account, bank_account_id)
        if bank_account is not None and accounts is not None and bank_account.id not in accounts:
            bank_account = None
        if bank_account is None or account.currency not in ("", "USD"):
            skipped += len(account.lines)
        else:
            ours.append((bank_account, account))
    if not ours:
        whose = "the group's" if accounts is None else "your offices'"
        ends = sorted({_digits(account)[-_LAST:] for account in statement.accounts} - {""})
        named = f" It names accounts ending in {', '.join(ends[:5])}." if ends else ""
        raise WrongUse(
            "bank_account_unknown",
            f"No account in this file is one of {whose} bank accounts.{named}",
            "Give the whole account number or its last four digits, or leave the column out and "
            "say which bank account this file belongs to; add the bank account first if it is new.",
        )
    return ours, skipped


def _find(
    session: Session, account: StatementAccount, bank_account_id: str | None
) -> BankAccount | None:
    digits = _digits(account)
    if digits:
        hmac = crypto.keyring().fingerprint("bank_account", digits)
        found = session.scalars(select(BankAccount).where(BankAccount.account_hmac == hmac)).first()
        return found or _by_number(session, digits) or _by_last(session, digits, bank_account_id)
    if bank_account_id is not None:
        return session.get(BankAccount, bank_account_id)
    only = session.scalars(select(BankAccount).limit(2)).all()
    return only[0] if len(only) == 1 else None


def _digits(account: StatementAccount) -> str:
    """The account number's digits; empty when the file names none."""
    return "".join(symbol for symbol in account.account if symbol.isdigit())


def _by_number(session: Session, digits: str) -> BankAccount | None:
    """By the sealed number without leading zeros, since banks pad account numbers."""
    for bank_account in session.scalars(select(BankAccount)):
        number = str((bank_account.sealed or {}).get("account_number", ""))
        ours = "".join(symbol for symbol in number if symbol.isdigit())
        if ours and ours.lstrip("0") == digits.lstrip("0"):
            return bank_account
    return None


def _by_last(session: Session, digits: str, chosen_id: str | None) -> BankAccount | None:
    """By the last four digits alone: the chosen account if it ends in them, else the only one."""
    if len(digits) != _LAST:
        return None
    query = select(BankAccount).where(BankAccount.account_last4 == digits)
    found = session.scalars(query.order_by(BankAccount.name, BankAccount.id)).all()
    chosen = [each for each in found if each.id == chosen_id]
    if len(chosen or found) > 1:
        raise WrongUse(
            "bank_account_ambiguous",
            f"{len(found)} of the group's bank accounts end in {digits}.",
            "Say which one this file belongs to, or put the whole account number into it.",
        )
    return next(iter(chosen or found), None)


def _fingerprinted(
    ours: Iterable[tuple[BankAccount, StatementAccount]],
) -> Iterator[tuple[BankAccount, StatementLine, str]]:
    """Each line with its fingerprint; truly equal lines of one file get a counter.

    The counter starts anew in each file, so that the same day sent again in a longer file finds
    the same lines, and two equal deposits of one day stay two.
    """
    occurrences: Counter[tuple[str, ...]] = Counter()
    for bank_account, account in ours:
        for line in account.lines:
            key = (bank_account.id, *_identity(line))
            yield bank_account, line, fingerprint(key, occurrences[key])
            occurrences[key] += 1


def _identity(line: StatementLine) -> tuple[str, ...]:
    amount = (line.value_on.isoformat(), str(line.amount_cents), line.direction)
    if line.bank_id:
        return (*amount, "id", line.bank_id)
    text = " ".join(line.text.upper().split())
    return (*amount, line.type_code, line.reference, text)


def fingerprint(identity: tuple[str, ...], occurrence: int) -> str:
    """HMAC over what makes a line this line; keyed, since texts may hold names."""
    joined = "\x1f".join((*identity, str(occurrence)))
    return crypto.keyring().fingerprint("bank_line", joined)


def _enter(
    session: Session, file: BankFile, bank_account: BankAccount, line: StatementLine, mark: str
) -> bool:
    """Add the line; False when it is known."""
    known = session.scalars(select(BankLine.id).where(BankLine.fingerprint == mark)).first()
    if known is not None:
        return False
    session.add(
        BankLine(
            bank_file_id=file.id,
            bank_account_id=bank_account.id,
            fingerprint=mark,
            value_on=line.value_on,
            amount_cents=line.amount_cents,
            direction=line.direction,
            type_code=line.type_code[:20],
            kind=line.kind,
            details={"text": line.text},
            reference=line.reference[:60],
        )
    )
    session.flush()
    return True
