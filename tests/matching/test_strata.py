"""Some sure matches go to a person all the same; a kind that proves wrong goes alone no more."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import review, strata
from matching.review import AllocationInput
from matching.sampling import is_sampled
from records import ids
from records.db import Database
from records.models import Decision, Payment, ReviewItem
from tests.matching.world import check, coupon, run

SAM = "user:sam"
TARGET = 1e-4


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
        (found,) = strata.evidence(session, payment.office_id)
        assert (found.stratum, found.went, found.seen) == (KIND, 0, 1)
        assert found.wrong == (0 if agreed else 1)


@pytest.mark.usefixtures("all_sampled")
def test_nothing_shows_the_specialist_that_the_program_was_sure(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
        assert item.asks == ["match"]
        assert review.evidence(session, item.id).why == ""


def test_without_a_sample_sure_matches_go_alone_and_prove_nothing(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), STUB])
        assert decision(session, payment).outcome == "auto"
        (found,) = strata.evidence(session, payment.office_id)
        assert (found.went, found.seen, found.at_most) == (1, 0, 1.0)
        assert strata.closed(session, payment.office_id, TARGET) == frozenset()


def answered(session: Session, payment: Payment, kind: str, right: int, wrong: int) -> None:
    """Samples of a kind that people answered, the wrong ones last."""
    for number in range(right + wrong):
        sampled = Decision(
            payment_id=payment.id, outcome="sampled", actor="system:match",
            model_version=f"additive-1/{kind}",
        )  # fmt: skip
        session.add(sampled)
        session.flush()
        session.add(
            Decision(
                payment_id=payment.id, outcome="confirmed", actor=SAM, agreed=number < right,
                supersedes_id=sampled.id,
            )
        )  # fmt: skip
    session.flush()


def test_a_kind_that_proves_wrong_closes_and_others_do_not(group: Database) -> None:
    with group.write() as session:
        (before,) = run(session, [check(61_50, "1", payer="Zelda Quist")])
        answered(session, before, KIND, right=60, wrong=1)
        answered(session, before, "number_name", right=60, wrong=0)
        assert strata.closed(session, before.office_id, TARGET) == {KIND}
        (payment,) = run(session, [check(125_00, "2"), STUB])
        assert decision(session, payment).outcome == "sampled"
        assert payment.match_state == "in_review"


def test_a_closed_kind_opens_again_once_enough_prove_right(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(61_50, "1", payer="Zelda Quist")])
        answered(session, payment, KIND, right=0, wrong=1)
        assert strata.closed(session, payment.office_id, TARGET) == {KIND}
        answered(session, payment, KIND, right=520, wrong=0)
        assert strata.closed(session, payment.office_id, TARGET) == frozenset()


def test_another_office_s_errors_close_nothing_here(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(61_50, "1", payer="Zelda Quist")])
        answered(session, payment, KIND, right=0, wrong=3)
        (away,) = run(session, [check(50_00, "4", "Zelda Quist",
                                      payee_name="Whitewater Medical")], office="EAST")  # fmt: skip
        assert strata.closed(session, away.office_id, TARGET) == frozenset()
