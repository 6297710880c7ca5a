"""Claims out of the practice-management system: what is taken, what is refused, and twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from matching import claim_rows
from matching.claim_importing import import_claims
from records.db import Database
from records.errors import WrongUse
from records.models import ChartClaim, ChartClaimLine, ImportRun

ACTOR = "user:ada"
HEAD = ",".join(claim_rows.CLAIM_COLUMNS)
GOOD = f"""{HEAD}
C1,,2100000029,G100000002,Buckeye,2026-10-05,D2391,,14,1,196.00,A Rao
C2,P77,2100000011,W1,Buckeye,2026-10-06,99213,25 59,,,158.00,
C1,,2100000029,G100000002,Buckeye,2026-10-05,d0120,,,1,62.00,A Rao
"""


def test_claims_come_in_once_and_follow_the_file(group: Database) -> None:
    with group.write() as session:
        looked: list[tuple[int, int]] = []
        first = import_claims(session, GOOD, ACTOR, told=lambda *done: looked.append(done))
        assert (first.added, first.changed, first.unchanged, first.refused) == (2, 0, 0, ())
        assert looked == [(2, 2)]
        again = import_claims(session, GOOD, ACTOR)
        assert (again.added, again.changed, again.unchanged) == (0, 0, 2)
        changed = import_claims(session, GOOD.replace("62.00", "64.00"), ACTOR)
        assert (changed.added, changed.changed, changed.unchanged) == (0, 1, 1)
    with group.read() as session:
        claims = {each.number: each for each in session.scalars(select(ChartClaim))}
        one = claims["C1"]
        assert one.charged_cents == 260_00
        assert [(line.procedure, line.charged_cents, line.surname_begin) for line in one.lines] == [
            ("D2391", 196_00, "OK"), ("D0120", 64_00, "OK"),
        ]  # fmt: skip
        assert claims["C2"].lines[0].modifiers == "25:59"
        assert claims["C2"].lines[0].units == 1
        assert session.scalar(select(func.count()).select_from(ImportRun).where(
            ImportRun.kind == "claims")) == 3  # fmt: skip


def test_a_claim_with_a_wrong_row_is_left_out_whole_and_each_fault_has_its_code(
    group: Database,
) -> None:
    rows = f"""{HEAD}
C1,,2100000029,,,2026-10-05,D2391,,,1,196.00,
C1,,2100000029,,,10/05/2026,D0120,,,1,sixty,
C2,,9999999999,,,2026-10-05,D0120,,,1,62.00,
C3,,2100000011,,,2026-10-05,D0120,,,0,62.00,
C4,,2100000011,,,2026-10-05,,,,1,62.00,
C5,,2100000011,,,2026-10-05,D0120,,,1,62.00,
C5,,2100000029,,,2026-10-05,D0120,,,1,62.00,
C6,,2100000029,,,2026-10-05,D0120,,,1,62.00,
"""
    with group.write() as session:
        tried = import_claims(session, rows, ACTOR, dry_run=True)
        assert session.scalar(select(func.count()).select_from(ChartClaimLine)) == 0
        done = import_claims(session, rows, ACTOR)
        assert [(line, column, code) for line, column, code, _ in done.refused] == [
            (3, "charge", "not_an_amount"), (3, "service_on", "not_a_date"),
            (4, "account_number", "unknown_account"), (5, "units", "not_a_count"),
            (6, "procedure", "missing_value"), (8, "account_number", "claim_differs"),
        ]  # fmt: skip
        assert tried.refused == done.refused
        assert not any("9999999999" in each[3] or "sixty" in each[3] for each in done.refused)
        assert [each.number for each in session.scalars(select(ChartClaim))] == ["C6"]


def test_the_template_is_a_file_that_is_taken(group: Database) -> None:
    with group.write() as session:
        report = import_claims(session, claim_rows.TEMPLATE, ACTOR)
        assert (report.added, report.refused) == (1, ())
        with pytest.raises(WrongUse, match="wrong_columns"):
            import_claims(session, "account_number,charge\n1,2\n", ACTOR)
