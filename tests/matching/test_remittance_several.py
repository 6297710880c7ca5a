"""One EOB of several checks, several EOBs of one: joined where sure, to the cent, and undone."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from deposits import remittance_joined, remittance_waiting
from matching import (
    remittance_partners,
    remittance_people,
    remittance_several,
    review,
    takebacks,
)
from matching.review import AllocationInput
from records import audit
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import (
    AuditEvent,
    Document,
    NoPartner,
    Payment,
    ReadingRow,
    Remittance,
    RemittanceShare,
    ReviewItem,
)
from tests.matching import world
from tests.matching.test_remittance_partners import eob, insurers, level, only, rematch, rows
from tests.matching.test_remittance_people import send_out

SAM = "user:sam"
FIRST, SECOND = 812_37, 704_19
CLAIMS = (
    {"patient_name": "Walter Abernathy", "patient_account": "2100000011", "paid_cents": FIRST},
    {"patient_name": "Emma Okafor", "patient_account": "2100000029", "paid_cents": 604_19},
    {"patient_name": "Noah Okafor", "patient_account": "2100000037", "paid_cents": 100_00},
)


def bulk(number: str = "", **more: Any) -> Any:
    """An EOB of three claims that two checks pay."""
    claims = more.pop("claims", CLAIMS)
    cents = sum(each["paid_cents"] for each in claims)
    return eob(number, cents, claims=[dict(each) for each in claims], **more)


def two_checks() -> list[list[Any]]:
    return [[insurers(FIRST, "8800417")], [insurers(SECOND, "8800418")]]


def parts(payment: Payment) -> dict[str | None, int]:
    """What goes where by the live parts, or by what the program proposes."""
    live = {(a.account.number if a.account else None): a.amount_cents
            for a in payment.allocations if a.live}  # fmt: skip
    if live:
        return live
    proposed = payment.decisions[-1].candidates["proposals"][0]["allocations"]
    return {each["account_number"]: each["amount_cents"] for each in proposed}


def shares(session: Session) -> dict[str, list[int]]:
    live = session.scalars(select(RemittanceShare).where(RemittanceShare.ended_at.is_(None)))
    return {each.payment_id: each.claims for each in live}


@pytest.mark.parametrize("first", ["checks", "eob"])
def test_one_eob_explains_the_two_checks_that_make_it_up(group: Database, first: str) -> None:
    with group.write() as session:
        if first == "eob":
            world.run(session, [bulk()])
        one, other = world.run(session, *two_checks())
        if first == "checks":
            world.run(session, [bulk()])
        rematch(session)
        row = only(session)
        assert (row.partner_state, level(row)) == ("joined", "together_payer_date")
        assert shares(session) == {one.id: [0], other.id: [1, 2]}
        assert parts(one) == {"2100000011": FIRST}
        assert parts(other) == {"2100000029": 604_19, "2100000037": 100_00}
        for payment in (one, other):
            assert sum(parts(payment).values()) == payment.amount_cents
            (said,) = takebacks.values_of(session, payment.id)
            assert said.cents("total_paid_cents") == payment.amount_cents
        (told,) = remittance_joined.listed(session, None)
        assert told.payments == (one.ref, other.ref)


def test_the_checks_of_its_own_envelope_need_no_payer_and_no_day(group: Database) -> None:
    envelope = [
        insurers(80_00, "8800417", date=None), insurers(70_00, "8800418", date=None),
        bulk(claims=({"paid_cents": 80_00}, {"paid_cents": 70_00}), payer_name=None),
    ]  # fmt: skip
    with group.write() as session:
        for each in envelope[:2]:
            each["fields"].pop("date")
        world.run(session, envelope)
        row = only(session)
        assert (row.partner_state, level(row)) == ("joined", "together_envelope")


def test_claims_that_may_be_either_checks_are_for_a_person(group: Database) -> None:
    claims = tuple({"paid_cents": cents} for cents in (500_11, 500_11, 100_07, 50_03, 50_04))
    with group.write() as session:
        payments = world.run(session, [insurers(600_18, "1")], [insurers(600_18, "2")])
        world.run(session, [bulk(claims=claims)])
        row = only(session)
        assert row.partner_state == "waiting"
        (waits,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "remittance"]
        assert set(waits.offers[0].payments) == {each.ref for each in payments}
        with pytest.raises(Conflict) as refused:
            remittance_several.join_several(
                session, [row.ref], [each.ref for each in payments], SAM
            )
        assert refused.value.code == "division_unclear"


def test_a_person_joins_and_parts_and_the_program_does_not_join_again(group: Database) -> None:
    with group.write() as session:
        one, other = world.run(session, *two_checks())
        world.run(session, [bulk("5550001")])  # the number of neither: nothing joins them
        row = only(session)
        assert row.partner_state == "waiting"
        remittance_joined.take(
            session, row.ref, "join", SAM, payment=f"{one.ref} {other.ref.lower()}"
        )
        assert (row.joined_by, shares(session)) == (SAM, {one.id: [0], other.id: [1, 2]})
        assert rematch(session) == 2
        remittance_people.unjoin(session, row.ref, SAM, "of another office")
        assert (row.partner_state, shares(session)) == ("waiting", {})
        assert len(remittance_partners.apart_from(row)) == 2
        rematch(session)
        for payment in (one, other):
            assert takebacks.values_of(session, payment.id) == []
        assert audit.verify(session).ok


def test_sums_that_differ_are_refused_with_what_is_missing(group: Database) -> None:
    with group.write() as session:
        one, other = world.run(session, *two_checks())
        world.run(session, [bulk("5550001", claims=CLAIMS[:2])])
        with pytest.raises(Conflict, match=r"1,416\.56") as refused:
            remittance_several.join_several(session, [only(session).ref], [one.ref, other.ref], SAM)
        assert refused.value.code == "sums_differ"
        with pytest.raises(WrongUse) as wrong:
            remittance_several.join_several(session, ["a", "b"], [one.ref, other.ref], SAM)
        assert wrong.value.code == "several_to_several"


def test_a_new_reading_is_divided_anew(group: Database) -> None:
    with group.write() as session:
        one, other = world.run(session, *two_checks())
        world.run(session, [bulk("8800417")])
        row = only(session)
        assert shares(session) == {one.id: [0], other.id: [1, 2]}
        document = session.get_one(Document, row.document_id)
        turned = bulk("8800417", claims=(CLAIMS[1], CLAIMS[0], CLAIMS[2]))
        session.add(ReadingRow(document_id=document.id, version=2, sealed=turned, made_by=SAM))
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, document, SAM)
        assert shares(session) == {one.id: [1], other.id: [0, 2]}


def _one_posted(session: Session) -> tuple[Payment, Payment]:
    """The two checks of one EOB, both decided by it, a part of the first gone out."""
    one, other = world.run(session, *two_checks())
    world.run(session, [bulk("8800417")])
    rematch(session)
    assert (one.match_state, shares(session)) == ("decided", {one.id: [0], other.id: [1, 2]})
    send_out(session, one)
    return one, other


def _read_anew(session: Session, *claims: dict[str, Any]) -> Remittance:
    document = session.get_one(Document, only(session).document_id)
    version = max(each.version for each in document.readings) + 1
    session.add(ReadingRow(document_id=document.id, version=version,
                           sealed=bulk("8800417", claims=claims), made_by=SAM))  # fmt: skip
    session.flush()
    session.expire_all()
    remittance_partners.changed(session, document, SAM)
    return only(session)


def test_once_one_check_is_posted_another_order_of_claims_is_no_news(group: Database) -> None:
    with group.write() as session:
        one, other = _one_posted(session)
        row = _read_anew(session, CLAIMS[1], CLAIMS[0], CLAIMS[2])
        assert (row.partner_state, row.late) == ("joined", False)
        assert shares(session) == {one.id: [1], other.id: [0, 2]}
        rematch(session)
        assert parts(one) == {"2100000011": FIRST}
        assert parts(other) == {"2100000029": 604_19, "2100000037": 100_00}


def test_once_one_check_is_posted_its_claims_under_another_account_come_late(
    group: Database,
) -> None:
    moved = {**CLAIMS[0], "patient_account": "2100000029", "patient_name": "Emma Okafor"}
    with group.write() as session:
        one, other = _one_posted(session)
        row = _read_anew(session, CLAIMS[1], moved, CLAIMS[2])
        assert (row.partner_state, row.late, row.reason) == ("joined", True, "")
        (told,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "late"]
        assert {each.ref for each in told.offers} == {one.ref, other.ref}
        assert (
            f"{one.ref}: It is posted. 2100000011 has $812.37, the EOB says $0.00; "
            "2100000029 has $0.00, the EOB says $812.37."
        ) in told.says
        assert f"{other.ref}: " in told.says
        away = remittance_waiting.queue(session, {row.office_id})
        assert [w.ref for w in away if w.kind == "late"] == [row.ref]


def test_once_one_check_is_posted_claims_of_other_sums_are_nobodys_and_told_together(
    group: Database,
) -> None:
    less = {**CLAIMS[0], "paid_cents": FIRST - 10_00}
    with group.write() as session:
        one, other = _one_posted(session)
        row = _read_anew(session, CLAIMS[1], less, CLAIMS[2])
        assert (row.partner_state, row.late, row.reason) == ("joined", True, "")
        for payment in (one, other):
            (seen,) = takebacks.values_of(session, payment.id)
            assert seen.value("claims") == []
        rematch(session)
        assert (one.match_state, other.match_state) == ("decided", "in_review")
        assert sum(parts(one).values()) == FIRST
        (told,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "late"]
        assert "which of them are this one's is not known" in told.says
        assert "no account has $704.19, the EOB says $0.00; 2100000011 has $812.37" in told.says
        assert told.says.endswith("The EOB comes to $10.00 less than was paid.")
        row = _read_anew(session, CLAIMS[1], CLAIMS[0], CLAIMS[2])
        assert shares(session) == {one.id: [1], other.id: [0, 2]}
        rematch(session)
        assert parts(other) == {"2100000029": 604_19, "2100000037": 100_00}


def test_what_a_person_decided_of_the_second_check_is_asked_again_once_the_eob_has_come(
    group: Database,
) -> None:
    with group.write() as session:
        _, other = world.run(session, *two_checks())
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == other.id)).one()
        token = review.lease(session, item.id, SAM).lease_token
        wrong = [AllocationInput("account", "2100000011", None, SECOND)]
        world.run(session, [bulk("5550001")])
        review.confirm(session, item.id, SAM, token, allocations=wrong)
        both = [w for w in remittance_waiting.queue(session, None) if w.kind == "remittance"]
        payments = session.scalars(select(Payment.ref).order_by(Payment.check_number)).all()
        remittance_joined.take(session, both[0].ref, "join", SAM, payment=" ".join(payments))
        rematch(session)
        assert other.match_state == "in_review"


def test_several_eobs_of_one_check_explain_it_together(group: Database) -> None:
    total = FIRST + SECOND
    with group.write() as session:
        (payment,) = world.run(session, [insurers(total, "8800417")])
        world.run(session, [bulk("8800417", claims=CLAIMS[:1])])
        assert only(session).partner_state == "waiting"
        world.run(session, [bulk("0008800417", claims=CLAIMS[1:])])
        assert [level(row) for row in rows(session)] == ["together_number"] * 2
        rematch(session)
        assert sum(parts(payment).values()) == total
        assert len(parts(payment)) == 3


def test_a_person_joins_several_eobs_to_one_check(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(FIRST + SECOND, "8800417")])
        world.run(
            session, [bulk("5550001", claims=CLAIMS[:1])], [bulk("5550002", claims=CLAIMS[1:])]
        )
        first, second = rows(session)
        remittance_joined.take(
            session, first.ref, "join", SAM, payment=payment.ref, also=second.ref
        )
        assert {row.payment_id for row in rows(session)} == {payment.id}


def test_a_check_that_goes_takes_the_division_back(group: Database) -> None:
    with group.write() as session:
        one, _ = world.run(session, *two_checks())
        world.run(session, [bulk()])
        assert only(session).partner_state == "joined"
        one.match_state = "set_aside"
        session.flush()
        remittance_partners.payment_changed(session, one)
        assert (only(session).partner_state, shares(session)) == ("waiting", {})


def test_the_word_that_none_comes_is_taken_back_with_a_reason_on_record(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        remittance_people.none_comes(session, payment.ref, "remittance", SAM, "asked twice")
        remittance_people.awaits_again(session, payment.ref, "remittance", SAM, why="it came")
        said = session.scalars(select(NoPartner)).one()
        assert (said.ended_by, said.ended_why) == (SAM, "it came")
        payment_id = payment.id
        with pytest.raises(WrongUse):
            remittance_people.awaits_again(session, payment.ref, "check", SAM)
    with group.read() as session:
        told = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.awaits_partner")
        ).one()
        assert (told.actor, told.subject_id) == (SAM, payment_id)


def _refused(db: Database, statement: Any, match: str) -> None:
    with pytest.raises(IntegrityError, match=match), db.write() as session:
        session.execute(statement)


@pytest.mark.both_databases
def test_the_database_keeps_shares_and_words_as_they_were_said(group: Database) -> None:
    with group.write() as session:
        one, _ = world.run(session, *two_checks())
        world.run(session, [bulk()])
        (alone,) = world.run(session, [insurers(10_00, "77")])
        remittance_people.none_comes(session, alone.ref, "remittance", SAM, "asked twice")
        row_id, one_id = only(session).id, one.id
    _refused(group, update(RemittanceShare).values(amount_cents=1), "ends once")
    _refused(group, text("DELETE FROM remittance_shares"), "never deleted")
    _refused(group, text("DELETE FROM no_partners"), "never deleted")
    _refused(group, update(NoPartner).values(reason="other"), "taken back once")
    with group.write() as session:
        session.execute(
            update(Remittance).values(partner_state="waiting", payment_id=None, reason="parted")
        )
    stray = update(Remittance).values(partner_state="joined", payment_id=one_id, explained_cents=1)
    _refused(group, stray.where(Remittance.id == row_id), "make it up")
