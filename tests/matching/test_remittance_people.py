"""A person joins, parts and dismisses; what was posted stays, and money stays on both axes."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import remittance_joined, remittance_waiting
from intake import editing
from matching import (
    hands,
    remittance_changes,
    remittance_partners,
    remittance_people,
    remittance_seen,
    review,
    takebacks,
)
from matching.review import AllocationInput
from records import journal
from records.db import Database
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    KeyedValue,
    MailTransaction,
    NoPartner,
    Payment,
    Posting,
    PostingExport,
    ReadingRow,
    Remittance,
    ReviewItem,
)
from tests.matching import world
from tests.matching.test_remittance_partners import (
    CLAIMS,
    TOTAL,
    eob,
    insurers,
    only,
    rematch,
    rows,
)
from tests.matching.world import field

SAM = "user:sam"


def is_waiting(row: Remittance) -> bool:
    return row.partner_state == "waiting" and row.payment_id is None


def two_apart(session: Session, number: str = "7000001") -> tuple[Payment, Remittance]:
    """A check, and an EOB of its amount with another number: nothing joins them."""
    (payment,) = world.run(session, [insurers()])
    world.run(session, [eob(number)])
    row = only(session)
    assert row.partner_state == "waiting"
    return payment, row


def test_a_person_joins_what_the_program_leaves_and_it_is_matched_anew(group: Database) -> None:
    with group.write() as session:
        payment, row = two_apart(session)
        remittance_people.join(session, row.ref, payment.ref, SAM)
        assert (row.payment_id, row.joined_by, row.late) == (payment.id, SAM, False)
        assert rematch(session) == 1
        shares = payment.decisions[-1].candidates["proposals"][0]["allocations"]
        assert sorted((s["account_number"], s["amount_cents"]) for s in shares) == [
            ("2100000011", 125_00), ("2100000029", 80_00),
        ]  # fmt: skip
        world.run(session, [insurers(serial="7000001")])
        assert row.payment_id == payment.id, "a person's word stands"


def test_unlike_amounts_are_joined_only_with_a_reason(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(200_00)])
        world.run(session, [eob()])
        row = only(session)
        assert row.partner_state == "waiting"
        with pytest.raises(Conflict) as refused:
            remittance_people.join(session, row.ref, payment.ref, SAM)
        assert refused.value.code == "amounts_differ"
        remittance_people.join(session, row.ref, payment.ref, SAM, why="five dollars held back")
        assert (row.partner_state, row.reason) == ("joined", "five dollars held back")


def test_nobody_joins_across_offices_out_of_sight(group: Database) -> None:
    with group.write() as session:
        payment, row = two_apart(session)
        for offices in ([], ["another"]):
            with pytest.raises(NotFound):
                remittance_people.join(session, row.ref, payment.ref, SAM, offices)


def test_what_a_person_parted_the_program_does_not_join_again(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        world.run(session, [eob()])
        row = only(session)
        assert row.payment_id == payment.id
        with pytest.raises(WrongUse):
            remittance_people.unjoin(session, row.ref, SAM, " ")
        remittance_people.unjoin(session, row.ref, SAM, "the EOB of another office")
        world.run(session, [insurers(333_00, serial="5550001")])
        assert is_waiting(row)
        assert not takebacks.has_remittance(session, payment)
        remittance_people.join(session, row.ref, payment.ref, SAM)
        assert row.payment_id == payment.id


@pytest.mark.parametrize("out", [True, False])
def test_a_remittance_after_the_posting_changes_nothing_and_says_so(
    group: Database, out: bool
) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.confirm(
            session, item.id, SAM, held.lease_token,
            allocations=[AllocationInput("account", "2100000011", None, TOTAL)],
        )  # fmt: skip
        (part,) = [each for each in payment.allocations if each.live]
        posting = Posting(
            ref="PST-1", pms="csv", allocation_id=part.id, payment_id=payment.id,
            office_id=payment.office_id, amount_cents=TOTAL,
        )  # fmt: skip
        sent = PostingExport(
            ref="EXP-1", office_id=payment.office_id, format="csv", file_name="a.csv",
            file_sha256="0" * 64, count=1, total_cents=TOTAL, created_by=SAM,
        )  # fmt: skip
        session.add_all([posting, sent])
        session.flush()
        if out:
            posting.state, posting.export_id = "exported", sent.id
            session.flush()
        world.run(session, [eob()])
        row = only(session)
        assert (row.payment_id, row.late) == (payment.id, out)
        assert rematch(session) == (0 if out else 1)
        # while nothing has left, what a person decided without the EOB is asked again
        assert payment.match_state == ("decided" if out else "in_review")
        assert posting.state == ("exported" if out else "withdrawn")
        if out:
            with pytest.raises(Conflict) as refused:
                remittance_people.unjoin(session, row.ref, SAM, "wrong")
            assert refused.value.code == "already_exported"


def test_an_eob_parted_from_the_check_beside_it_explains_nothing(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(), eob()])
        row = only(session)
        assert takebacks.has_remittance(session, payment)
        remittance_people.unjoin(session, row.ref, SAM, "put in by mistake")
        assert is_waiting(row)
        assert not takebacks.has_remittance(session, payment)
        assert rematch(session) == 1
        parts = payment.decisions[-1].candidates["parts"]
        assert [each["label"] for each in parts] == ["check"]


def test_a_check_set_aside_gives_its_remittance_back(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(amount_cents=field(TOTAL, 0.4)), eob()])
        row = only(session)
        assert row.payment_id == payment.id
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.set_aside(session, item.id, SAM, held.lease_token, "misdirected")
        assert is_waiting(row)
        review.reopen(session, payment.id, SAM)
        assert row.payment_id == payment.id


def test_an_amount_a_person_keys_finds_the_remittance(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(amount_cents=field(99_00, 0.4))])
        world.run(session, [eob()])
        row = only(session)
        assert row.partner_state == "waiting"
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.confirm(
            session, item.id, SAM, held.lease_token, amount_cents=TOTAL,
            allocations=[AllocationInput("unidentified", None, None, TOTAL)],
        )  # fmt: skip
        assert row.payment_id == payment.id
        rematch(session)
        assert payment.match_state == "decided", "the person had seen what there was"


def test_pages_divided_anew_let_the_remittance_find_the_new_check(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        world.run(session, [eob()])
        row = only(session)
        assert row.payment_id == payment.id
        editing._withdraw(session, session.get_one(MailTransaction, payment.transaction_id))
        session.flush()
        assert is_waiting(row)
        (again,) = world.run(session, [insurers()])
        assert row.payment_id == again.id


def _posted_by_an_eob(session: Session) -> tuple[Payment, Remittance]:
    """A check and its EOB apart from it, decided by it, and one part of it gone out."""
    (payment,) = world.run(session, [insurers()])
    world.run(session, [eob()])
    rematch(session)
    parts = [each for each in payment.allocations if each.live]
    assert (payment.match_state, len(parts)) == ("decided", 2)
    return payment, only(session)


@pytest.mark.parametrize("state", ["exported", "unknown", "acknowledged"])
def test_pages_that_explain_posted_money_are_not_divided_anew(group: Database, state: str) -> None:
    with group.write() as session:
        payment, row = _posted_by_an_eob(session)
        posting = send_out(session, payment)
        if state != "exported":
            posting.state = state
            session.flush()
        file = row.document.transaction.source_file
        with pytest.raises(Conflict) as refused:
            editing.regroup(session, file.id, [], SAM)
        assert refused.value.code == "remittance_posted"
        assert payment.ref in str(refused.value)
        assert (row.partner_state, row.payment_id) == ("joined", payment.id)
        assert row.document.live
        assert len(takebacks.values_of(session, payment.id)) == 1


def test_pages_may_be_divided_anew_while_nothing_has_left(group: Database) -> None:
    with group.write() as session:
        payment, row = _posted_by_an_eob(session)
        editing.regroup(session, row.document.transaction.source_file_id, [], SAM)
        session.flush()
        assert is_waiting(row)
        assert not takebacks.has_remittance(session, payment)


def test_no_partner_comes_and_it_does_after_all(group: Database) -> None:
    with group.write() as session:
        payment, row = two_apart(session)
        remittance_people.dismiss(session, row.ref, SAM, "paid by the old office")
        assert (row.partner_state, row.reason) == ("dismissed", "paid by the old office")
        query = select(ReviewItem).where(ReviewItem.document_id == row.document_id)
        item = session.scalars(query).one()  # nobody is asked the same a second time
        assert (item.state, item.outcome, item.done_by) == ("done", "no_partner", SAM)
        remittance_people.reopen(session, row.ref, SAM)
        assert row.partner_state == "waiting"
        remittance_people.none_comes(session, payment.ref, "remittance", SAM, "a refund")
        remittance_people.join(session, row.ref, payment.ref, SAM)
        said = session.scalars(select(NoPartner)).one()
        assert said.ended_by == SAM
        assert len(rows(session)) == 1
        assert journal.balances(session)["unidentified"] == -TOTAL


def test_a_remittance_of_pages_divided_anew_is_joined_no_more_and_blocks_nobody(
    group: Database,
) -> None:
    with group.write() as session:
        payment, old = two_apart(session)
        editing._withdraw(session, session.get_one(MailTransaction, old.document.transaction_id))
        session.flush()
        with pytest.raises(Conflict) as refused:
            remittance_people.join(session, old.ref, payment.ref, SAM)
        assert refused.value.code == "pages_replaced"
        world.run(session, [eob("7000001")])
        (new,) = [each for each in rows(session) if each.id != old.id]
        remittance_people.join(session, new.ref, payment.ref, SAM)
        assert new.payment_id == payment.id


def test_what_lies_with_two_checks_takes_back_once(group: Database) -> None:
    claims = [{**CLAIMS[0], "paid_cents": 150_00}, {**CLAIMS[1], "paid_cents": -50_00}]
    parts = [
        AllocationInput("account", "2100000011", None, 150_00),
        AllocationInput("unidentified", None, None, -50_00),
    ]
    with group.write() as session:
        checks = world.run(
            session,
            [insurers(100_00, "1001"), insurers(100_00, "1002"), eob("", 100_00, claims=claims)],
        )
        assert is_waiting(only(session))
        for payment, refused in zip(checks, (False, True), strict=True):
            item = session.scalars(
                select(ReviewItem).where(ReviewItem.payment_id == payment.id)
            ).one()
            token = review.lease(session, item.id, SAM).lease_token
            if refused:
                with pytest.raises(WrongUse) as told:
                    review.confirm(session, item.id, SAM, token, allocations=parts)
                assert told.value.code == "wrong_value"
            else:
                review.confirm(session, item.id, SAM, token, allocations=parts)


@pytest.mark.parametrize("how", ["keyed first", "keyed later", "joined"])
def test_who_keyed_or_joined_a_remittance_has_worked_on_its_check(
    group: Database, how: str
) -> None:
    with group.write() as session:
        if how == "joined":
            payment, row = two_apart(session)
            assert not hands.has_worked_on(session, [payment.id], SAM)
            remittance_people.join(session, row.ref, payment.ref, SAM)
        else:
            world.run(session, [eob()])
            if how == "keyed first":
                key_anew(session)
            (payment,) = world.run(session, [insurers()])
            if how == "keyed later":
                assert not hands.has_worked_on(session, [payment.id], SAM)
                key_anew(session)
        assert only(session).payment_id == payment.id
        assert hands.has_worked_on(session, [payment.id], SAM)
        keyed = session.scalars(select(KeyedValue).where(KeyedValue.payment_id == payment.id))
        assert [(each.field, each.actor) for each in keyed] == [("remittance", SAM)]


def key_anew(session: Session) -> None:
    """Sam says whose the money is."""
    document = only(session).document
    body = document.reading.sealed
    session.add(ReadingRow(document_id=document.id, version=2, sealed=body, made_by=SAM))
    session.flush()
    session.expire(document, ["readings"])
    remittance_partners.changed(session, document, SAM)


def test_a_late_remittance_tells_what_it_changes(group: Database) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        assert remittance_changes.compared(session, payment).words.startswith("Nothing is decided")
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.confirm(
            session, item.id, SAM, held.lease_token,
            allocations=[AllocationInput("account", "2100000011", None, TOTAL)],
        )  # fmt: skip
        send_out(session, payment)
        world.run(session, [eob()])
        (late,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "late"]
        assert late.says == (
            "It is posted as one sum of what the EOB divides among 2 claims. "
            "2100000011 has $205.00, the EOB says $125.00; "
            "2100000029 has $0.00, the EOB says $80.00."
        )
        assert [each.ref for each in late.offers] == [payment.ref]
        compared = remittance_changes.compared(session, payment)
        assert (compared.is_out, compared.is_lump) == (True, True)
        assert sum(each.now_cents - each.said_cents for each in compared.changes) == 0


def test_a_late_join_of_unlike_amounts_waits_to_be_compared_whatever_was_said_of_it(
    group: Database,
) -> None:
    with group.write() as session:
        (payment,) = world.run(session, [insurers(200_00)])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.confirm(
            session, item.id, SAM, held.lease_token,
            allocations=[AllocationInput("account", "2100000011", None, 200_00)],
        )  # fmt: skip
        send_out(session, payment)
        world.run(session, [eob()])
        ref = only(session).ref
        remittance_people.join(session, ref, payment.ref, SAM, why="five dollars held back")
        (late,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "late"]
        assert late.ref == ref
        (told,) = remittance_joined.listed(session, None)
        assert "five dollars held back" in told.why
        remittance_seen.looked_at(session, ref, SAM, "entered by hand")
        assert remittance_waiting.queue(session, None) == []


def test_what_a_late_remittance_says_of_another_offices_account_names_it_to_nobody_else(
    group: Database,
) -> None:
    east = {"patient_name": "Priya Nakamura", "patient_account": "3400 000018", "paid_cents": 80_00}
    with group.write() as session:
        (payment,) = world.run(session, [insurers()])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, SAM)
        review.confirm(
            session, item.id, SAM, held.lease_token,
            allocations=[AllocationInput("account", "2100000011", None, TOTAL)],
        )  # fmt: skip
        send_out(session, payment)
        world.run(session, [eob(claims=[CLAIMS[0], east])])
        (late,) = [w for w in remittance_waiting.queue(session, None) if w.kind == "late"]
        assert "3400 000018 has $0.00" in late.says
        queue = remittance_waiting.queue(session, {payment.office_id})
        (late,) = [w for w in queue if w.kind == "late"]
        assert late.says.endswith(
            "2100000011 has $205.00, the EOB says $125.00; "
            "an account of another office has $0.00, the EOB says $80.00."
        )


def send_out(session: Session, payment: Payment) -> Posting:
    """A part of the payment leaves for the practice-management system."""
    part = next(each for each in payment.allocations if each.live)
    posting = Posting(
        ref="PST-1", pms="csv", allocation_id=part.id, payment_id=payment.id,
        office_id=payment.office_id, amount_cents=part.amount_cents,
    )  # fmt: skip
    sent = PostingExport(
        ref="EXP-1", office_id=payment.office_id, format="csv", file_name="a.csv",
        file_sha256="0" * 64, count=1, total_cents=part.amount_cents, created_by=SAM,
    )  # fmt: skip
    session.add_all([posting, sent])
    session.flush()
    posting.state, posting.export_id = "exported", sent.id
    session.flush()
    return posting
