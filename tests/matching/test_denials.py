"""Denials as work: what counts as one, entered once, overturned, moved on, and told by month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from matching import denial_lists, denials
from matching.denial_lines import WHOLE_CLAIM, denied_lines
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import (
    AuditEvent,
    Denial,
    DenialNote,
    Document,
    Office,
    ReadingRow,
    Remittance,
)
from tests.matching.world import check, reading, run

SAM = "user:sam"


def line(charged: int, paid: int, *codes: tuple[str, str, int], **more: Any) -> dict[str, Any]:
    return {
        "service_on": "2026-10-05", "procedure_code": "D2391", "charged_cents": charged,
        "paid_cents": paid, **more,
        "adjustments": [{"group": g, "code": c, "amount_cents": a} for g, c, a in codes],
    }  # fmt: skip


def claim(*lines: dict[str, Any], number: str = "C1", **more: Any) -> dict[str, Any]:
    return {
        "patient_name": "OKAFOR, EMMA", "member_id": "G100000002", "claim_number": number,
        "patient_account": "2100000029", "lines": [*lines],
        "charged_cents": sum(each["charged_cents"] for each in lines),
        "paid_cents": sum(each["paid_cents"] for each in lines), **more,
    }  # fmt: skip


def eob(*claims: dict[str, Any], number: str = "9001", **more: Any) -> Any:
    values: dict[str, Any] = {
        "payer_name": "Buckeye", "payment_on": "2026-11-10", "payment_number": number,
        "total_paid_cents": sum(each["paid_cents"] for each in claims), "claims": [*claims],
        "balanced": True, **more,
    }  # fmt: skip
    return reading("remittance", **values)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (line(196_00, 0, ("CO", "97", 196_00)), ("zero_paid", "97", 196_00)),
        (line(196_00, 0, ("CO", "45", 40_00), ("PR", "96", 156_00)), ("zero_paid", "96", 156_00)),
        (line(196_00, 80_00, ("CO", "45", 40_00), ("CO", "16", 76_00)), ("underpaid", "16", 76_00)),
        (line(196_00, 0, ("CO", "45", 40_00), ("PR", "1", 156_00)), None),
        (line(196_00, 0, ("OA", "23", 196_00)), None),
        (line(196_00, 156_00, ("CO", "45", 40_00)), None),
        (line(196_00, 0, ("CO", "45", 196_00)), None),
        (line(196_00, 156_00, ("CO", "A2", 40_00)), None),
    ],
)
def test_what_is_a_denial(said: dict[str, Any], found: tuple[str, str, int] | None) -> None:
    told = [
        (each.kind, each.reason and each.reason.code, each.at_stake_cents)
        for each in denied_lines(claim(said))
    ]
    assert told == ([found] if found else [])


def test_a_denied_claim_is_told_by_its_lines_or_as_a_whole_and_a_reversal_is_none() -> None:
    bare = line(50_00, 0)
    assert [(d.kind, d.line, d.reason) for d in denied_lines(claim(bare, status="4"))] == [
        ("denied", 0, None)
    ]
    whole = {"status": "4", "charged_cents": 90_00, "paid_cents": 0, "lines": [],
             "adjustments": [{"group": "CO", "code": "29", "amount_cents": 90_00}]}  # fmt: skip
    (told,) = denied_lines(whole)
    assert (told.line, told.kind, told.at_stake_cents) == (WHOLE_CLAIM, "denied", 90_00)
    assert denied_lines({**whole, "status": "22", "paid_cents": -10_00}) == []
    own = {**claim(line(90_00, 0)), "adjustments": whole["adjustments"]}
    assert [(d.line, d.kind) for d in denied_lines(own)] == [(WHOLE_CLAIM, "zero_paid")]


def test_denials_are_entered_once_and_follow_a_newer_reading(group: Database) -> None:
    body = eob(
        claim(line(196_00, 0, ("CO", "97", 196_00)), line(62_00, 50_00, ("CO", "45", 12_00)))
    )
    with group.write() as session:
        run(session, [check(50_00, "9001", "Buckeye"), body])
        (row,) = session.scalars(select(Denial))
        assert (row.kind, row.group_code, row.reason_code) == ("zero_paid", "CO", "97")
        assert (row.at_stake_cents, row.told_on, row.due_on) == (
            196_00, date(2026, 11, 10), date(2026, 11, 10) + timedelta(days=90),
        )  # fmt: skip
        assert row.account is not None
        assert row.account.number == "2100000029"
        document = session.get_one(Document, row.document_id)
        assert denials.follow(session, document) == []
        said = eob(claim(line(196_00, 0, ("CO", "16", 196_00))))
        session.add(ReadingRow(document_id=document.id, version=2, sealed=said, made_by=SAM))
        session.flush()
        session.expire_all()
        denials.follow(session, document)
        assert [(d.reason_code, d.state) for d in session.scalars(select(Denial))] == [
            ("16", "open")
        ]
        said = eob(claim(line(196_00, 196_00)))
        session.add(ReadingRow(document_id=document.id, version=3, sealed=said, made_by=SAM))
        session.flush()
        session.expire_all()
        denials.follow(session, document)
        assert [d.state for d in session.scalars(select(Denial))] == ["closed"]


def test_a_remittance_that_does_not_balance_makes_no_work_yet(group: Database) -> None:
    body = eob(claim(line(196_00, 0, ("CO", "97", 196_00))), balanced=False)
    with group.write() as session:
        run(session, [body])
        assert session.scalar(select(func.count()).select_from(Denial)) == 0


def test_a_later_payment_of_the_claim_suggests_that_it_was_overturned(group: Database) -> None:
    denied = eob(claim(line(196_00, 0, ("CO", "97", 196_00)), number="C-7"))
    paid = eob(claim(line(196_00, 120_00, ("CO", "45", 76_00)), number="c 7"), number="9009")
    with group.write() as session:
        run(session, [denied])
        (row,) = session.scalars(select(Denial))
        with pytest.raises(Conflict, match="not_paid_later"):
            denials.step(session, row, "overturned", SAM)
        denials.step(session, row, "appealed", SAM, "sent the films")
        run(session, [check(120_00, "9009", "Buckeye"), paid], minutes=5)
        session.expire_all()
        (row,) = session.scalars(select(Denial))
        assert (row.state, row.recovered_cents) == ("appealed", 120_00)
        assert denial_lists.worklist(session, None)[0].paid_later
        denials.step(session, row, "overturned", SAM)
        assert (row.ended_by, row.state) == (SAM, "overturned")
        assert denial_lists.worklist(session, None) == []
        told = denial_lists.month(session, date(2026, 11, 1), None)
        assert [(m.payer_name, m.reason, m.count, m.at_stake_cents, m.recovered_cents)
                for m in told] == [("Buckeye", "CO-97", 1, 196_00, 120_00)]  # fmt: skip
        assert denial_lists.month_csv(told).splitlines()[1].endswith(",1,196.00,120.00")
        assert denial_lists.month(session, date(2026, 12, 1), None) == []


@pytest.mark.parametrize(
    ("payer", "cell"),
    [("", ""), ("Buckeye", "Buckeye"), (" =cmd()", "'=cmd()"), ("\uff1d1+1", "'\uff1d1+1")],
)
def test_a_payers_name_never_begins_a_formula_in_a_months_file(payer: str, cell: str) -> None:
    row = denial_lists.MonthRow(payer, "CO-97", "bundled", 1, 196_00, 0)
    assert denial_lists.month_csv([row]).splitlines()[1] == f"{cell},CO-97,bundled,1,196.00,0.00"


def test_the_same_remittance_twice_is_denied_once(group: Database) -> None:
    body = eob(claim(line(196_00, 0, ("CO", "97", 196_00)), line(62_00, 62_00)))
    with group.write() as session:
        run(session, [check(62_00, "9001", "Buckeye"), body])
        run(session, [body], minutes=9)
        copies = session.scalars(select(Remittance).where(Remittance.copy_of_id.is_not(None))).all()
        assert len(copies) == 1
        assert session.scalar(select(func.count()).select_from(Denial)) == 1


def test_the_worklist_is_by_what_is_at_stake_narrowed_and_scoped(group: Database) -> None:
    with group.write() as session:
        north = session.scalars(select(Office).where(Office.code == "NORTH")).one()
        denials.set_term(session, north, "buckeye", 30, SAM)
        run(session, [eob(claim(line(50_00, 0, ("CO", "16", 50_00)), number="A"),
                          claim(line(90_00, 0, ("CO", "29", 90_00)), number="B"))])  # fmt: skip
        run(session, [eob(claim(line(70_00, 0, ("PI", "16", 70_00)), number="D"))], office="EAST",
            minutes=3)  # fmt: skip
        every = denial_lists.worklist(session, None)
        assert [row.at_stake_cents for row in every] == [90_00, 70_00, 50_00]
        assert [row.at_stake_cents for row in denial_lists.worklist(session, {north.id})] == [
            90_00, 50_00,
        ]  # fmt: skip
        assert len(denial_lists.worklist(session, None, reason="16")) == 2
        assert len(denial_lists.worklist(session, None, reason="co-16")) == 1
        assert denial_lists.worklist(session, None, payer="Other") == []
        assert denial_lists.worklist(session, None, older_days=100_000) == []
        assert {row.due_on - row.told_on for row in every} == {timedelta(30), timedelta(90)}
        assert denial_lists.worklist(session, None, sort="due")[0].at_stake_cents == 90_00
        assert "29" not in every[0].reason_text
    with group.read() as session:
        entered = select(func.count()).where(AuditEvent.action == "denial.entered")
        assert session.scalar(entered) == 3


@pytest.mark.both_databases
def test_notes_are_only_added_and_denials_never_deleted(group: Database) -> None:
    with group.write() as session:
        run(session, [eob(claim(line(50_00, 0, ("CO", "16", 50_00))))])
        (row,) = session.scalars(select(Denial))
        denials.step(session, row, "open", SAM, "called them")
        with pytest.raises(WrongUse, match="note_missing"):
            denials.step(session, row, "open", SAM)
        with pytest.raises(WrongUse, match="unknown_state"):
            denials.step(session, row, "gone", SAM)
        denials.step(session, row, "written_off", SAM)
        with pytest.raises(Conflict, match="transition_refused"):
            denials.step(session, row, "appealed", SAM)
        notes = session.scalars(select(DenialNote).order_by(DenialNote.created_at)).all()
        assert [(n.sealed["text"], n.to_state) for n in notes] == [
            ("called them", "open"), ("", "written_off"),
        ]  # fmt: skip
    for change in (
        "DELETE FROM denials", "UPDATE denials SET line = 5", "DELETE FROM denial_notes",
        "UPDATE denial_notes SET actor = 'x'",
    ):  # fmt: skip
        with pytest.raises(DatabaseError, match=r"denial|append"), group.write() as session:
            session.execute(text(change))
