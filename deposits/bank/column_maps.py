"""Column maps: how a bank account's CSV statements name their columns, saved once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank.csv import DEFAULT_PROFILE, CsvProfile
from deposits.bank.sniffing import parse
from deposits.bank.types import BankStatement
from records import audit
from records.errors import UnreadableError, WrongUse
from records.models import BankAccount, BankColumnMap

COLUMNS = ("date", "amount", "credit", "debit", "direction", "text", "reference", "type",
           "account", "bank_id", "balance")  # fmt: skip
_MOST_TITLE = 120


def column_map(session: Session, bank_account_id: str) -> CsvProfile | None:
    """The account's saved map; None when there is none."""
    found = session.scalars(
        select(BankColumnMap).where(BankColumnMap.bank_account_id == bank_account_id)
    ).one_or_none()
    return None if found is None else _profile(found)


def save_column_map(
    session: Session,
    account: BankAccount,
    columns: Mapping[str, str],
    actor: str,
    sample: bytes,
    *,
    date_format: str = "",
    delimiter: str = "",
) -> BankStatement:
    """Save the map after it has read ``sample``; what it read.

    WrongUse ``column_unknown``, ``column_missing`` (no date, or no amount), ``map_does_not_fit``
    when a line of the sample cannot be read with it; UnreadableError as ``parse`` raises.
    """
    wanted = {name: title.strip() for name, title in columns.items() if title.strip()}
    _require_columns(wanted)
    profile = CsvProfile(f"map:{account.code}", wanted, date_format, delimiter)
    statement = parse(sample, "The sample", profile)
    if statement.format != "csv":
        raise WrongUse("no_csv", f"The sample is a {statement.format} file, which needs no map.",
                       "Import it as it is.")  # fmt: skip
    if statement.findings or not any(each.lines for each in statement.accounts):
        where = ", ".join(str(each.where) for each in statement.findings[:5]) or "none at all"
        raise WrongUse(
            "map_does_not_fit",
            f"With this map lines cannot be read: {where}.",
            "Check the columns and the date's format.",
        )
    held = session.scalars(
        select(BankColumnMap).where(BankColumnMap.bank_account_id == account.id).with_for_update()
    ).one_or_none()
    if held is None:
        held = BankColumnMap(bank_account_id=account.id)
        session.add(held)
    held.columns, held.date_format, held.delimiter = wanted, date_format, delimiter
    held.saved_by = actor
    session.flush()
    audit.record(session, actor=actor, action="bank_column_map_saved", subject_kind="bank_account",
                 subject_id=account.id, detail={"columns": sorted(wanted)})  # fmt: skip
    return statement


def read_with_maps(
    session: Session, data: bytes, name: str, bank_account_id: str | None
) -> tuple[BankStatement, str | None]:
    """The statement, and the id of the bank account whose map read it (None: the common headers).

    A chosen account's map comes first. Where none was chosen and the common headers do not fit,
    the one saved map that does is taken. Raises as ``parse`` does, and WrongUse
    ``column_map_ambiguous`` when several fit.
    """
    chosen = column_map(session, bank_account_id) if bank_account_id else None
    if chosen is not None:
        try:
            return parse(data, name, chosen), bank_account_id
        except UnreadableError:
            return parse(data, name), None
    try:
        return parse(data, name, DEFAULT_PROFILE), None
    except UnreadableError as error:
        fitting = [] if bank_account_id else _fitting(session, data, name)
        if error.code != "bank_file_unknown" or not fitting:
            raise
        if len(fitting) > 1:
            raise WrongUse(
                "column_map_ambiguous",
                f"{len(fitting)} saved column maps fit this file.",
                "Say which bank account it belongs to.",
            ) from error
        return fitting[0]


def _fitting(session: Session, data: bytes, name: str) -> list[tuple[BankStatement, str | None]]:
    found: list[tuple[BankStatement, str | None]] = []
    for held in session.scalars(select(BankColumnMap).order_by(BankColumnMap.id)):
        try:
            found.append((parse(data, name, _profile(held)), held.bank_account_id))
        except UnreadableError:
            continue
    return found


def _profile(held: BankColumnMap) -> CsvProfile:
    profile = CsvProfile(f"map:{held.bank_account.code}", dict(held.columns))
    return replace(profile, date_format=held.date_format, delimiter=held.delimiter)


def _require_columns(wanted: Mapping[str, str]) -> None:
    unknown = sorted(wanted.keys() - set(COLUMNS))
    if unknown or any(len(title) > _MOST_TITLE for title in wanted.values()):
        raise WrongUse("column_unknown", f"There is no column {', '.join(unknown) or 'so long'}.",
                       f"Use {', '.join(COLUMNS)}.")  # fmt: skip
    if "date" not in wanted or not {"amount", "credit", "debit"} & wanted.keys():
        raise WrongUse("column_missing", "A map names a date, and an amount or credit and debit.",
                       "Give the header's words for them.")  # fmt: skip
