"""Some sure matches go to a person all the same; a kind that proves wrong goes alone no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import proofs, review, strata
from matching.decide import NOT_SURE
from matching.model import shipped
from matching.proving import cut
from matching.review import AllocationInput
from matching.sampling import is_sampled
from records import ids
from records.db import Database
from records.errors import LockboxError
from records.models import AuditEvent, Decision, Payment, ReviewItem
from tests.matching.world import BOSS, check, coupon, run

SAM = "user:sam"


STUB = coupon("2100000011", "8100000015", patient_name="Walter Abernathy",
              amount_due_cents=125_00)  # fmt: skip
KIND = "number_name_amount"


def decision(session: Session, payment: Payment) -> Decision:
    return session.scalars(
        select(Decision).where(Decision.payment_id == payment.id).order_by(Decision.created_at)
    ).all()[-1]


def answer(session: Session, payment: Payment, parts: list[AllocationInput]) -> None:
    item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
    held = review.lease(session, item.id, SAM)
    review.confirm(session, held.id, SAM, held.lease_token, allocations=parts)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 1.0])
def test_the_sample_is_the_share_that_was_asked_for_and_always_the_same(share: float) -> None:
    payments = [ids.new_id() for _ in range(20_000)]
    drawn = [is_sampled(each, share) for each in payments]
    assert drawn == [is_sampled(each, share) for each in payments]
    spread = 5 * (share * (1 - share) / len(payments)) ** 0.5
    assert abs(sum(drawn) / len(payments) - share) <= spread


@pytest.fixture
def all_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sure match goes to a person."""
    monkeypatch.setenv("LOCKBOX_MATCH_SAMPLE_SHARE", "1")


@pytest.mark.usefixtures("all_sampled")
@pytest.mark.parametrize("agreed", [True, False])
def test_a_sampled_match_waits_for_a_person_whose_answer_counts(
    group: Database, agreed: bool
) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        made = decision(session, payment)
        assert (made.outcome, payment.match_state) == ("sampled", "in_review")
        assert payment.allocations == []
        right = AllocationInput("account", "2100000011", "8100000015", 125_00)
        wrong = AllocationInput("account", "2100000052", None, 125_00)
        answer(session, payment, [right if agreed else wrong])
        row = found(session, payment)
        # At one in a hundred accepted, one wrong of one is enough to stop the kind.
        assert (row.went, row.seen, row.alarmed) == (0, int(agreed), not agreed)


@pytest.mark.usefixtures("all_sampled")
def test_nothing_shows_the_specialist_that_the_program_was_sure(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        assert item.asks == ["match"]
        # Those that were not sure enough say the same.
        assert review.evidence(session, item.id).why == NOT_SURE


def test_without_a_sample_sure_matches_go_alone_and_prove_nothing(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        assert decision(session, payment).outcome == "auto"
        row = found(session, payment)
        assert (row.went, row.seen, row.at_most) == (1, 0, 1.0)
        assert not row.alarmed


def answered(session: Session, payment: Payment, kind: str, right: int, wrong: int) -> None:
    """Samples of a kind that people answered, the wrong ones last."""
    for number in range(right + wrong):
        sampled = Decision(
            payment_id=payment.id, outcome="sampled", actor="system:match", probability=0.9999,
            model_version=f"{shipped().version}/{kind}",
        )  # fmt: skip
        session.add(sampled)
        session.flush()
        told = Decision(
            payment_id=payment.id, outcome="confirmed", actor=SAM, agreed=number < right,
            supersedes_id=sampled.id, model_version=sampled.model_version, probability=0.9999,
        )  # fmt: skip
        session.add(told)
        session.flush()
        strata.answered(session, payment, told)


def one(session: Session, number: str = "1") -> Payment:
    """Some payment to hang answers on."""
    (payment,) = run(session, [check(61_50, number, payer="Zelda Quist")])
    return payment


def found(session: Session, payment: Payment, kind: str = KIND) -> proofs.StratumEvidence:
    rows = proofs.evidence(session, payment.office_id, shipped())
    return next(row for row in rows if row.stratum == kind)


def test_what_nobody_accepted_and_nothing_proved_goes_to_a_person(group: Database) -> None:
    with group.write() as session:
        office = one(session).office_id
        strata.accept(session, office, KIND, None, BOSS)
        (payment,) = run(session, [check(125_00, "2"), STUB])
        assert decision(session, payment).outcome == "sampled"
        assert payment.match_state == "in_review"


def test_enough_right_answers_open_a_kind_that_nobody_accepted(group: Database) -> None:
    with group.write() as session:
        before = one(session)
        model = replace(shipped(), proof={})
        target = 0.1
        gates = []
        for _ in range(2):
            answered(session, before, "name_amount", right=15, wrong=0)
            standing = strata.standings(session, before.office_id, model)["name_amount"]
            gates.append(cut(standing, target, 0.0))
        assert gates[0] is None  # 15 right ones prove no better than 1 in 5
        assert gates[1] is not None  # 30 prove 1 in 10


def test_a_kind_that_proves_wrong_is_alarmed_and_others_are_not(group: Database) -> None:
    with group.write() as session:
        before = one(session)
        answered(session, before, "number_name", right=60, wrong=0)
        answered(session, before, KIND, right=60, wrong=4)
        assert found(session, before).alarmed
        assert not found(session, before, "number_name").alarmed
        (payment,) = run(session, [check(125_00, "2"), STUB])
        assert decision(session, payment).outcome == "sampled"
        assert payment.match_state == "in_review"


def test_an_alarm_ends_once_enough_prove_right_since(group: Database) -> None:
    with group.write() as session:
        payment = one(session)
        strata.accept(session, payment.office_id, KIND, 0.1, BOSS)
        answered(session, payment, KIND, right=0, wrong=2)
        assert found(session, payment).alarmed
        answered(session, payment, KIND, right=28, wrong=0)
        assert found(session, payment).alarmed
        answered(session, payment, KIND, right=1, wrong=0)
        assert not found(session, payment).alarmed


def test_a_named_person_ends_an_alarm_and_the_chain_says_who(group: Database) -> None:
    with group.write() as session:
        payment = one(session)
        answered(session, payment, KIND, right=0, wrong=1)
        strata.accept(session, payment.office_id, KIND, 0.2, BOSS)
        (row,) = [found(session, payment)]
        assert (row.alarmed, row.target, row.accepted_by) == (False, 0.2, BOSS)
    with group.read() as session:
        said = session.scalars(select(AuditEvent).where(AuditEvent.subject_kind == "office"))
        assert {"stratum.alarmed", "stratum.alarm_ended"} <= {each.action for each in said}


@pytest.mark.parametrize(("kind", "target"), [("name_only", 0.1), (KIND, 0.0), (KIND, 1.0)])
def test_neither_a_weak_kind_nor_any_target_can_be_accepted(
    group: Database, kind: str, target: float
) -> None:
    with group.write() as session:
        office = one(session).office_id
        with pytest.raises(LockboxError):
            strata.accept(session, office, kind, target, BOSS)


def test_another_offices_errors_alarm_nothing_here(group: Database) -> None:
    with group.write() as session:
        payment = one(session)
        answered(session, payment, KIND, right=0, wrong=3)
        (away,) = run(session, [check(50_00, "4", "Zelda Quist",
                                      payee_name="Whitewater Medical")], office="EAST")  # fmt: skip
        assert not found(session, away).alarmed


@pytest.mark.usefixtures("all_sampled")
def test_an_answer_that_is_taken_back_proves_nothing(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        answered(session, one(session, "7"), KIND, right=20, wrong=0)
        answer(session, payment, [AllocationInput("account", "2100000052", None, 125_00)])
        assert (found(session, payment).seen, found(session, payment).wrong) == (21, 1)
        review.undo(session, payment.id, SAM)
        assert (found(session, payment).seen, found(session, payment).wrong) == (20, 0)
        # The answer that stands in its place is one to the same sample.
        answer(session, payment, [AllocationInput("unidentified", None, None, 125_00)])
        assert (found(session, payment).seen, found(session, payment).wrong) == (21, 1)


@pytest.mark.usefixtures("all_sampled")
def test_what_nobody_looked_at_proves_nothing(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        held = review.lease(session, item.id, "cli:root")
        right = AllocationInput("account", "2100000011", "8100000015", 125_00)
        review.confirm(session, held.id, "cli:root", held.lease_token, allocations=[right])
        assert found(session, payment).seen == 0
