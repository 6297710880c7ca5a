"""Claims out of the practice-management system: CSV in, claims with their lines kept up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching.claim_rows import ClaimRow, Fault, LineRow, claim_rows
from matching.names import plain
from records import audit
from records.models import Account, ChartClaim, ChartClaimLine, ImportRun

_CHUNK = 400


@dataclass(frozen=True, slots=True)
class ClaimsReport:
    """What an import of claims did, or with a dry run would do; counts are of whole claims."""

    added: int
    changed: int
    unchanged: int
    refused: tuple[Fault, ...]
    dry_run: bool

    def to_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "kind": "claims",
            "dry_run": self.dry_run,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "refused": [
                {"line": line, "column": column, "code": code, "message": message}
                for line, column, code, message in self.refused
            ],
        }


def import_claims(
    session: Session,
    text: str,
    actor: str,
    *,
    dry_run: bool = False,
    file_name: str = "",
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> ClaimsReport:
    """Take claims from CSV; the same file again changes nothing.

    A claim that the file says differently takes the file's lines; claims that it does not name
    stay. ``told`` gets how many of how many claims were looked at. WrongUse ``wrong_columns`` when
    it is another file.
    """
    rows, faults = claim_rows(text)
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for start in range(0, len(rows), _CHUNK):
        _take(session, rows[start : start + _CHUNK], counts, faults, dry_run=dry_run)
        session.flush()
        told(min(start + _CHUNK, len(rows)), len(rows))
    report = ClaimsReport(**counts, refused=tuple(sorted(faults)), dry_run=dry_run)
    if not dry_run:
        _note(session, report, actor, file_name)
    return report


def _take(
    session: Session, rows: Sequence[ClaimRow], counts: dict[str, int], faults: list[Fault],
    *, dry_run: bool,
) -> None:  # fmt: skip
    accounts = {
        number: (ident, last)
        for ident, number, last in session.execute(
            select(Account.id, Account.number, Account.patient_last).where(
                Account.number.in_({row.account_number for row in rows})
            )
        )
    }
    query = (
        select(ChartClaim)
        .where(ChartClaim.number.in_([row.number for row in rows]))
        .options(selectinload(ChartClaim.lines))
        .with_for_update(of=ChartClaim)
    )
    held = {claim.number: claim for claim in session.scalars(query)}
    for row in rows:
        known = accounts.get(row.account_number)
        if known is None:
            faults.append((row.line, "account_number", "unknown_account", "is no account here"))
            continue
        values, lines = _values(row, known[0]), _lines(row, surname_begin(known[1]))
        claim = held.get(row.number)
        if claim is None:
            counts["added"] += 1
            if not dry_run:
                session.add(_filled(ChartClaim(number=row.number), values, lines))
        elif _said(claim) == (values, lines):
            counts["unchanged"] += 1
        else:
            counts["changed"] += 1
            if not dry_run:
                claim.lines.clear()
                session.flush()
                _filled(claim, values, lines)


def surname_begin(last_name: str) -> str:
    """The two letters of a last name by which a line is found: ``OK`` of O'Kelly."""
    return "".join(c for c in plain(last_name) if c.isalpha())[:2]


def _values(row: ClaimRow, account_id: str) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "payer_number": row.payer_number,
        "member_id": row.member_id,
        "payer_name": row.payer,
        "charged_cents": row.charged_cents,
    }


def _lines(row: ClaimRow, begin: str) -> list[tuple[LineRow, str]]:
    return [(each, begin) for each in row.lines]


def _said(claim: ChartClaim) -> tuple[dict[str, Any], list[tuple[LineRow, str]]]:
    values = {
        "account_id": claim.account_id,
        "payer_number": claim.payer_number,
        "member_id": claim.member_id,
        "payer_name": claim.payer_name,
        "charged_cents": claim.charged_cents,
    }
    return values, [
        (LineRow(each.service_on, each.procedure, each.modifiers, each.tooth, each.units,
                 each.charged_cents, each.provider_name), each.surname_begin)
        for each in claim.lines
    ]  # fmt: skip


def _filled(
    claim: ChartClaim, values: dict[str, Any], lines: list[tuple[LineRow, str]]
) -> ChartClaim:
    for name, value in values.items():
        setattr(claim, name, value)
    for place, (each, begin) in enumerate(lines):
        claim.lines.append(
            ChartClaimLine(
                position=place, service_on=each.service_on, procedure=each.procedure,
                modifiers=each.modifiers, tooth=each.tooth, units=each.units,
                charged_cents=each.charged_cents, provider_name=each.provider,
                surname_begin=begin,
            )
        )  # fmt: skip
    return claim


def _note(session: Session, report: ClaimsReport, actor: str, file_name: str) -> None:
    run = ImportRun(
        kind="claims", actor=actor, file_name=file_name[:200], added=report.added,
        changed=report.changed, unchanged=report.unchanged,
        refused=[list(each) for each in report.refused],
    )  # fmt: skip
    session.add(run)
    session.flush()
    audit.record(
        session, actor=actor, action="claims.imported", subject_kind="import_run",
        subject_id=run.id,
        detail={"added": report.added, "changed": report.changed,
                "refused": len(report.refused)},
    )  # fmt: skip
