"""What the print vendor mailed: its file of barcodes becomes pieces of the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching.import_rows import Refusal
from matching.mailing_rows import MailingRow
from ocr.imb import Imb
from records import ids
from records.models import Account, AddressVersion, MailedBlock, MailedPiece, Statement

UNIQUE_DAYS = 45
"""For how long a serial belongs to one piece of a mailer (USPS Full-Service)."""


@dataclass(frozen=True, slots=True)
class NewPiece:
    """A piece to be entered, its statement and account already known."""

    line: int
    statement_id: str
    account_id: str
    address_version_id: str | None
    mailed_to: dict[str, str] | None
    mailed_on: date
    imb: str
    vendor: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """Mailer id and serial."""
        code = Imb(self.imb[:20], self.imb[20:])
        return code.mailer_id, code.serial


def take_rows(
    session: Session,
    rows: Sequence[MailingRow],
    refused: list[Refusal],
    counts: dict[str, int],
    run_id: str | None,
    *,
    dry_run: bool,
) -> None:
    """Enter the rows whose statement and account are here; refuse the others with the reason."""
    statements = {
        statement.number: statement
        for statement in session.scalars(
            select(Statement).where(Statement.number.in_([row.statement_number for row in rows]))
        )
    }
    accounts = {
        account.number: account
        for account in session.scalars(
            select(Account).where(Account.number.in_({row.account_number for row in rows}))
        )
    }
    versions = _versions(session, [account.id for account in accounts.values()])
    new: list[NewPiece] = []
    for row in rows:
        statement, account = statements.get(row.statement_number), accounts.get(row.account_number)
        if account is None:
            refused.append((row.line, "account_number", "is no account here"))
        elif statement is None:
            refused.append((row.line, "statement_number", "is no statement here"))
        elif statement.account_id != account.id:
            refused.append((row.line, "account_number", "is not the statement's account"))
        else:
            to, fault = _mailed_to(row, versions.get(account.id, []))
            if fault:
                refused.append((row.line, "address_version", fault))
                continue
            new.append(
                NewPiece(row.line, statement.id, account.id, to.id if to else None,
                         row.mailed_to, row.mailed_on, row.imb, row.vendor)
            )  # fmt: skip
    enter(session, new, refused, counts, run_id, dry_run=dry_run)


def enter(
    session: Session,
    new: Sequence[NewPiece],
    refused: list[Refusal],
    counts: dict[str, int],
    run_id: str | None,
    *,
    dry_run: bool,
) -> list[MailedPiece]:
    """Enter pieces that are not here yet; the same again counts as unchanged.

    A barcode that another piece bore less than 45 days before or after is refused: one of the
    two would come back as the other.
    """
    near = _near(session, new)
    added: list[MailedPiece] = []
    for piece in new:
        mailer_id, serial = piece.key
        others = near.setdefault((mailer_id, serial), [])
        same = [o for o in others if abs((o[1] - piece.mailed_on).days) < UNIQUE_DAYS]
        if (piece.statement_id, piece.mailed_on, piece.imb) in same:
            counts["unchanged"] += 1
            continue
        if same:
            told = f"is of another piece mailed less than {UNIQUE_DAYS} days apart"
            refused.append((piece.line, "imb", told))
            continue
        counts["added"] += 1
        others.append((piece.statement_id, piece.mailed_on, piece.imb))
        added.append(
            MailedPiece(
                id=ids.new_id(), statement_id=piece.statement_id, account_id=piece.account_id,
                address_version_id=piece.address_version_id, mailed_to=piece.mailed_to,
                mailed_on=piece.mailed_on, imb=piece.imb, mailer_id=mailer_id, serial=serial,
                vendor=piece.vendor, run_id=run_id,
            )
        )  # fmt: skip
    if not dry_run and added:
        session.add_all(added)
        _count(session, added)
        session.flush()
    return added


def _near(
    session: Session, new: Iterable[NewPiece]
) -> dict[tuple[str, str], list[tuple[str, date, str]]]:
    """Pieces here that bear a mailer and serial of the new ones."""
    wanted = {piece.key for piece in new}
    if not wanted:
        return {}
    held: dict[tuple[str, str], list[tuple[str, date, str]]] = {}
    query = select(
        MailedPiece.mailer_id, MailedPiece.serial, MailedPiece.statement_id, MailedPiece.mailed_on,
        MailedPiece.imb,
    ).where(
        MailedPiece.mailer_id.in_({mailer for mailer, _ in wanted}),
        MailedPiece.serial.in_({serial for _, serial in wanted}),
    )  # fmt: skip
    for mailer_id, serial, statement_id, mailed_on, code in session.execute(query):
        held.setdefault((mailer_id, serial), []).append((statement_id, mailed_on, code))
    return held


def _count(session: Session, added: Iterable[MailedPiece]) -> None:
    """Keep the count of each mailer's month, by which a block on disk is known to be stale."""
    more: dict[tuple[str, str], int] = {}
    for piece in added:
        key = (piece.mailer_id, f"{piece.mailed_on:%Y-%m}")
        more[key] = more.get(key, 0) + 1
    for (mailer_id, month), number in sorted(more.items()):
        block = session.scalar(
            select(MailedBlock)
            .where(MailedBlock.mailer_id == mailer_id, MailedBlock.month == month)
            .with_for_update()
        )
        if block is None:
            session.add(MailedBlock(mailer_id=mailer_id, month=month, pieces=number))
        else:
            block.pieces += number


def _versions(session: Session, account_ids: Sequence[str]) -> dict[str, list[AddressVersion]]:
    found: dict[str, list[AddressVersion]] = {}
    query = (
        select(AddressVersion)
        .where(AddressVersion.account_id.in_(account_ids))
        .order_by(AddressVersion.version)
    )
    for version in session.scalars(query):
        found.setdefault(version.account_id, []).append(version)
    return found


def _mailed_to(
    row: MailingRow, versions: Sequence[AddressVersion]
) -> tuple[AddressVersion | None, str]:
    """The version that the piece went to; None for an address that is none of them; or a fault."""
    if row.address_version is not None:
        for version in versions:
            if version.version == row.address_version:
                return version, ""
        return None, "is no address version of the account"
    if row.mailed_to is None:
        return in_force(versions, row.mailed_on), ""
    wanted = _address_key(row.mailed_to["street"], row.mailed_to["zip"])
    alike = [each for each in versions if _address_key(each.street, each.zip) == wanted]
    return (alike[-1] if alike else None), ""


def in_force(versions: Sequence[AddressVersion], day: date) -> AddressVersion | None:
    """The newest version known on a day; the oldest for a day before all of them."""
    known = [each for each in versions if each.created_at.date() <= day + timedelta(days=1)]
    if known:
        return known[-1]
    return versions[0] if versions else None


def _address_key(street: str, zip_code: str) -> tuple[str, str, str]:
    """What stays when a vendor standardises an address: ZIP, all numbers, the first long word."""
    upper = street.upper()
    words = [word for word in re.findall(r"[A-Z]{3,}", upper) if word not in _SPELT]
    return zip_code[:5], " ".join(re.findall(r"\d+", upper)), words[0] if words else ""


_SPELT = frozenset(
    {"NORTH", "SOUTH", "EAST", "WEST", "NORTHEAST", "NORTHWEST", "SOUTHEAST", "SOUTHWEST"}
    | {"APT", "UNIT", "STE"}
)
