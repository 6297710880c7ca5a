"""Denials stay in step with what is told of their claims: read again, copied, paid, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import denial_lists, denial_pairing, denials, remittance_partners, remittance_people
from records.db import Database
from records.models import Denial, Document, ReadingRow, Remittance
from tests.matching.test_denials import claim, eob, line
from tests.matching.world import check, run

SAM = "user:sam"
NOVEMBER = date(2026, 11, 1)


def denied(cents: int, **more: Any) -> dict[str, Any]:
    return line(cents, 0, ("CO", "97", cents), **more)


def era(*claims: dict[str, Any], number: str = "9001") -> Any:
    body = eob(*claims, number=number, payment_method="ACH")
    for each in body["fields"].values():
        each["source"] = "x12"
    return body


def read_again(session: Session, document: Document, body: Any) -> None:
    """A newer reading of a remittance, as a person's keying or a taught layout makes it."""
    last = max(row.version for row in document.readings)
    session.add(ReadingRow(document_id=document.id, version=last + 1, sealed=body, made_by=SAM))
    session.flush()
    session.expire_all()
    remittance_partners.changed(session, document, SAM)
    session.expire_all()


def rows(session: Session) -> list[tuple[str, str, int, int]]:
    """Number of the claim, state, at stake, recovered."""
    session.expire_all()
    found = session.scalars(select(Denial).order_by(Denial.created_at, Denial.claim, Denial.line))
    return [(d.sealed["claim_number"], d.state, d.at_stake_cents, d.recovered_cents)
            for d in found]  # fmt: skip


def adds_up(session: Session) -> None:
    """The month's sums are those of its denials, to the cent, as the lines have them."""
    session.expire_all()
    every = [d for d in session.scalars(select(Denial))
             if not (d.state == "closed" and d.ended_by == denials.ACTOR)]  # fmt: skip
    month = denial_lists.month(session, NOVEMBER, None)
    assert sum(m.count for m in month) == len(every)
    assert sum(m.at_stake_cents for m in month) == sum(d.at_stake_cents for d in every)
    assert sum(m.recovered_cents for m in month) == sum(d.recovered_cents for d in every)
    assert all(0 <= d.recovered_cents <= d.at_stake_cents for d in every)
    left = denial_lists.worklist(session, None)
    assert {r.ref for r in left} == {d.ref for d in every if d.state not in denials.ENDED}


def test_a_denial_follows_its_claim_and_not_its_place(group: Database) -> None:
    one = claim(denied(100_00), number="A")
    two = claim(denied(70_00), number="B", patient_account="2100000011",
                patient_name="Walter Abernathy")  # fmt: skip
    with group.write() as session:
        run(session, [eob(one, two)])
        document = session.scalars(select(Document)).one()
        read_again(session, document, eob(two))
        assert rows(session) == [("A", "closed", 100_00, 0), ("B", "open", 70_00, 0)]
        adds_up(session)
        read_again(session, document, eob())
        assert denial_lists.worklist(session, None) == []
        read_again(session, document, eob(one, two))
        assert rows(session) == [("A", "open", 100_00, 0), ("B", "open", 70_00, 0)]
        adds_up(session)


def test_what_a_person_ended_is_not_opened_by_a_reading(group: Database) -> None:
    with group.write() as session:
        run(session, [eob(claim(denied(100_00)))])
        (row,) = session.scalars(select(Denial))
        denials.step(session, row, "written_off", SAM)
        read_again(session, row.document, eob(claim(denied(90_00))))
        assert rows(session) == [("C1", "written_off", 90_00, 0)]


def test_a_name_read_otherwise_is_the_same_denial_with_its_account(group: Database) -> None:
    with group.write() as session:
        run(session, [eob(claim(denied(100_00), patient_name="Z. Quist", patient_account="",
                                member_id=""))])  # fmt: skip
        (row,) = session.scalars(select(Denial))
        assert row.account is None
        read_again(session, row.document, eob(claim(denied(100_00)), payment_on="2026-11-12"))
        (row,) = session.scalars(select(Denial))
        assert row.account is not None
        assert (row.account.number, row.told_on) == ("2100000029", date(2026, 11, 12))


def test_paper_that_turns_out_to_be_a_copy_hands_its_work_on(group: Database) -> None:
    said = claim(denied(196_00), line(62_00, 62_00))
    with group.write() as session:
        run(session, [eob(said)])
        (row,) = session.scalars(select(Denial))
        denials.step(session, row, "appealed", SAM, "sent the films")
        run(session, [era(said)], minutes=9)
        copy = session.scalars(select(Remittance).where(Remittance.copy_of_id.is_not(None))).one()
        assert copy.document_id == row.document_id
        assert rows(session) == [("C1", "closed", 196_00, 0), ("C1", "appealed", 196_00, 0)]
        (shown,) = denial_lists.worklist(session, None)
        assert (shown.worked_by, shown.paid_later) == (SAM, False)
        adds_up(session)
        remittance_people.reopen(session, copy.ref, SAM)
        assert {state for _, state, _, _ in rows(session)} == {"open", "appealed"}
        adds_up(session)


def test_recovered_is_what_stands_after_reversals_and_other_readings(group: Database) -> None:
    paid = claim(line(196_00, 120_00, ("CO", "45", 76_00)), number="C7")
    back = claim(line(196_00, -120_00, ("CO", "45", -76_00)), number="C7", status="22")
    with group.write() as session:
        run(session, [eob(claim(denied(196_00), number="C7"))])
        run(session, [check(120_00, "9009", "Buckeye"), eob(paid, number="9009")], minutes=5)
        (row,) = session.scalars(select(Denial))
        denials.step(session, row, "overturned", SAM)
        assert rows(session) == [("C7", "overturned", 196_00, 120_00)]
        more = claim(line(150_00, 150_00), number="C9")
        run(session, [check(30_00, "9010", "Buckeye"), eob(back, more, number="9010")], minutes=7)
        assert rows(session) == [("C7", "open", 196_00, 0)], "what was won back was taken again"
        adds_up(session)
        anew = claim(line(196_00, 150_00, ("CO", "45", 46_00)), number="C7")
        run(session, [check(150_00, "9011", "Buckeye"), eob(anew, number="9011")], minutes=9)
        assert rows(session) == [("C7", "open", 196_00, 150_00)]
        last = session.scalars(select(Document).order_by(Document.created_at.desc())).first()
        assert last is not None
        anew = claim(line(196_00, 15_00, ("CO", "45", 181_00)), number="C7")
        read_again(session, last, eob(anew, number="9011"))
        assert rows(session) == [("C7", "open", 196_00, 15_00)]
        adds_up(session)


def test_a_denial_that_is_read_after_its_claim_was_paid_is_told_as_paid(group: Database) -> None:
    paid = claim(line(196_00, 120_00, ("CO", "45", 76_00)), number="C7")
    with group.write() as session:
        run(session, [eob(claim(denied(196_00), number="C7"), balanced=False)])
        first = session.scalars(select(Document)).one()
        run(session, [check(120_00, "9009", "Buckeye"), eob(paid, number="9009")], minutes=5)
        read_again(session, first, eob(claim(denied(196_00), number="C7")))
        assert rows(session) == [("C7", "open", 196_00, 120_00)]


def test_a_line_paid_beside_its_denied_twin_and_another_insurers_number_recover_nothing(
    group: Database,
) -> None:
    twins = claim(line(90_00, 90_00), line(90_00, 0, ("OA", "18", 90_00)), number="C7")
    other = eob(claim(line(90_00, 90_00), number="C7"), number="7007",
                payer_name="Guardian Life")  # fmt: skip
    with group.write() as session:
        run(session, [eob(twins)])
        run(session, [eob(twins, number="")], minutes=5)
        run(session, [other], minutes=7)
        assert {recovered for _, _, _, recovered in rows(session)} == {0}


def test_pages_that_were_divided_anew_are_denied_once(group: Database) -> None:
    with group.write() as session:
        run(session, [eob(claim(denied(100_00)))])
        document = session.scalars(select(Document)).one()
        document.live = False
        document.transaction.live = False
        session.flush()
        assert denials.follow(session, document) == []
        assert rows(session) == [("C1", "closed", 100_00, 0)]
        adds_up(session)


TOLD = st.lists(
    st.tuples(st.sampled_from("XYZ"), st.sampled_from(["denied", "short", "paid", "back"])),
    min_size=1, max_size=3,
)  # fmt: skip
_SHORT = ("CO", "16", 60_00)


def told(number: str, what: str) -> dict[str, Any]:
    lines = {
        "denied": denied(100_00), "short": line(100_00, 40_00, _SHORT),
        "paid": line(100_00, 100_00), "back": line(100_00, -40_00, ("CO", "16", -60_00)),
    }  # fmt: skip
    return claim(lines[what], number=number, status="22" if what == "back" else "1")


@settings(max_examples=5, deadline=None, database=None,
          suppress_health_check=list(HealthCheck))  # fmt: skip
@given(told_=st.lists(TOLD, min_size=1, max_size=3), again=TOLD)
def test_the_months_sums_are_those_of_its_lines_whatever_is_told(
    group: Database, told_: list[list[tuple[str, str]]], again: list[tuple[str, str]]
) -> None:
    with group.write() as session:
        for minutes, each in enumerate(told_):
            run(session, [eob(*[told(*one) for one in each], number="")], minutes=minutes)
        adds_up(session)
        first = session.scalars(
            select(Document).where(Document.live).order_by(Document.created_at)
        ).first()
        assert first is not None
        read_again(session, first, eob(*[told(*one) for one in again], number=""))
        before = rows(session)
        for document in session.scalars(select(Document)).all():
            assert denials.follow(session, document) == []
        assert rows(session) == before, "twice over, nothing changes"
        adds_up(session)
        session.rollback()


def test_claims_are_paired_by_number_then_by_place_and_patient() -> None:
    def made(place: int, key: str, patient: str) -> denial_pairing.Claim:
        return denial_pairing.Claim(place, key, patient)

    known = [made(0, "a", "Ann"), made(1, "", "Bob"), made(2, "c", "Cid")]
    assert denial_pairing.claims([made(0, "c", "Cid"), made(1, "", "Bob")], known) == {0: 2, 1: 1}
    assert denial_pairing.claims([made(0, "x", "Ann"), made(1, "", "Dan")], known) == {0: 0}


def test_an_account_of_another_office_is_not_told_with_a_denial(group: Database) -> None:
    theirs = claim(denied(50_00), patient_account="3400000018", patient_name="NAKAMURA, PRIYA",
                   member_id="X1000005")  # fmt: skip
    with group.write() as session:
        run(session, [eob(theirs)])
        row = session.scalars(select(Denial)).one()
        assert [each.account_number for each in denial_lists.worklist(session, None)] == [
            "3400000018"
        ]
        seen = denial_lists.worklist(session, {row.office_id})
        assert [each.account_number for each in seen] == [""]
