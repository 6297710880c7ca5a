"""An office whose readings suddenly fit worse is told so, and what rests on them goes to people."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import proofs, watching
from matching.model import shipped
from records.db import Database
from records.errors import Conflict
from records.models import AuditEvent, Decision, Office, Payment
from tests.matching.world import BOSS, check, coupon, run

STUB = coupon("2100000011", "8100000015", patient_name="Walter Abernathy",
              amount_due_cents=125_00)  # fmt: skip
FITS = {"number": False, "amount": False}
ASTRAY = {"number": True, "amount": False}


def office(session: Session, code: str = "NORTH") -> str:
    return session.scalars(select(Office.id).where(Office.code == code)).one()


def settled_in(session: Session, code: str = "NORTH") -> str:
    """An office with enough mail before to tell a change."""
    ident = office(session, code)
    watching.note(session, ident, [FITS] * 700)
    return ident


def shifted(session: Session, code: str = "NORTH") -> str:
    """An office whose numbers go astray all at once."""
    ident = settled_in(session, code)
    watching.note(session, ident, [ASTRAY] * 40)
    return ident


def outcome(session: Session, payment: Payment) -> str:
    query = select(Decision.outcome).where(Decision.payment_id == payment.id)
    return session.scalars(query.order_by(Decision.created_at.desc())).first() or ""


def said(session: Session) -> Sequence[AuditEvent]:
    query = select(AuditEvent).where(AuditEvent.action.like("office.evidence%"))
    return session.scalars(query.order_by(AuditEvent.seq)).all()


def test_what_rests_on_shifted_readings_goes_to_people_and_the_rest_alone(group: Database) -> None:
    with group.write() as session:
        (before,) = run(session, [check(50_00, "100"), STUB])
        assert outcome(session, before) == "auto"
        ident = shifted(session)
        assert watching.alarmed(session, ident) == {"number"}
        (numbered, named) = run(
            session,
            [check(75_00, "101"), STUB],
            [check(210_75, "102", "William Smith", payer_address="12 Elm St, Xenia, OH 45385")],
        )
        assert outcome(session, numbered) == "sampled"
        assert numbered.match_state == "in_review"
        assert outcome(session, named) == "auto"
        rows = {row.stratum: row for row in proofs.evidence(session, ident, shipped())}
        assert rows["number_name"].shifted
        assert rows["number_name"].cut is None
        assert not rows["name_address_amount"].shifted
        assert rows["name_address_amount"].cut is not None


def test_an_alarm_is_of_one_office_and_the_chain_has_its_counts(group: Database) -> None:
    with group.write() as session:
        settled_in(session, "EAST")
        ident = shifted(session)
        assert watching.alarmed(session, office(session, "EAST")) == frozenset()
        (told,) = [each for each in watching.watched(session, ident) if each.words]
        assert "in 40 of the last 200 payments with a number, 0 of 514 before" in told.words
    with group.read() as session:
        (event,) = said(session)
        assert (event.action, event.actor) == ("office.evidence_shifted", "system:watch")
        assert (event.subject_id, event.detail["evidence"]) == (ident, "number")
        assert event.detail["read"] == 200
        assert 0 < event.detail["astray"] <= 40
        assert event.detail["earlier_astray"] == 0


def test_an_alarm_ends_by_itself_once_readings_fit_as_before(group: Database) -> None:
    with group.write() as session:
        ident = shifted(session)
        watching.note(session, ident, [FITS] * 100)
        assert watching.alarmed(session, ident) == {"number"}
        watching.note(session, ident, [FITS] * 100)
        assert watching.alarmed(session, ident) == frozenset()
        (payment,) = run(session, [check(125_00, "101"), STUB])
        assert outcome(session, payment) == "auto"
    with group.read() as session:
        actions = [each.action for each in said(session)]
        assert actions == ["office.evidence_shifted", "office.evidence_back"]


def test_who_looked_is_on_record_and_the_present_is_the_new_measure(group: Database) -> None:
    with group.write() as session:
        ident = shifted(session)
        assert watching.looked(session, ident, BOSS) == ("number",)
        assert watching.alarmed(session, ident) == frozenset()
        watching.note(session, ident, [ASTRAY] * 700)  # as mail is from now on
        assert watching.alarmed(session, ident) == frozenset()
        found = {each.evidence: each.watch for each in watching.watched(session, ident)}
        assert found["number"].before.astray == found["number"].before.read == 500
        assert found["amount"].before.read == 1240  # nothing was wrong with these
        with pytest.raises(Conflict) as refused:
            watching.looked(session, ident, BOSS)
        assert refused.value.code == "nothing_shifted"
    with group.read() as session:
        assert [each.actor for each in said(session)] == ["system:watch", BOSS]


def test_every_match_is_counted_once_with_what_was_read_on_it(group: Database) -> None:
    with group.write() as session:
        run(session, [check(125_00, "101"), STUB],
            [check(3_17, "102", "Zelda Quist"), coupon("9900000099", "")])  # fmt: skip
        counts = {
            each.evidence: (each.watch.now.read, each.watch.now.astray)
            for each in watching.watched(session, office(session))
        }
        assert counts == {"number": (2, 1), "name": (2, 1), "amount": (2, 1), "address": (0, 0)}


@pytest.mark.both_databases
def test_payments_matched_at_once_are_all_counted(group: Database) -> None:
    with group.read() as session:
        ident = office(session)

    def one(_: int) -> None:
        with group.write() as session:
            watching.note(session, ident, [FITS, ASTRAY])

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(24)))
    with group.read() as session:
        found = {each.evidence: each.watch.now for each in watching.watched(session, ident)}
    assert (found["number"].read, found["number"].astray) == (48, 24)
    assert (found["amount"].read, found["amount"].astray) == (48, 0)
