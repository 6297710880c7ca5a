"""Why not this account: the expected one beside the best, and what led to it or did not."""

from __future__ import annotations

import math

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import decided, expecting, explaining, review
from matching.expecting import Comparison
from records.db import Database
from records.errors import NotFound
from records.models import AuditEvent, Payment, ReviewItem
from tests.matching.world import add_file, check, coupon, match_all, register, run
from tests.matching.world import payments as payments_of

WALTER, WILLIAM, MARY, PRIYA = "2100000011", "2100000045", "2100000052", "3400000018"


def why(session: Session, payment: Payment, number: str, *offices: str) -> Comparison:
    return expecting.why_not(session, payment, number, frozenset(offices) if offices else None)


def test_both_sides_are_told_signal_by_signal(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, payer="Mary Smith")])
        found = why(session, payment, WILLIAM)
        assert found.best is not None
        assert found.best.account.number == MARY
        assert (found.standing.code, found.standing.place) == ("candidate", 2)
        lines = {line.signal: line for line in found.lines}
        names = lines["payer_name"]
        assert names.best is not None
        assert names.expected is not None
        assert (names.best.level, names.expected.level) == ("exact", "surname")
        assert lines["amount"].difference == 0.0  # both owe 40.00
        for side in (found.best, found.expected):
            assert math.isclose(sum(r.weight for r in side.reasons), side.score, abs_tol=1e-5)
        assert found.expected.probability < found.best.probability
        last = {each.kind for each in found.standing.shared}
        assert {"last name", "amount and last name"} <= last


def test_what_is_said_of_an_account_does_not_depend_on_who_else_is_compared(
    group: Database,
) -> None:
    with group.write() as session:
        (payment,) = run(
            session, [check(141_50, payer="Grace Okafor"), coupon("2100000029", "8100000023")]
        )
        item = session.scalars(select(ReviewItem)).one_or_none()
        assert item is None  # it went by itself, and may be asked about all the same
        shown = decided.told(session, payment, None)["decisions"][0]["parts"][0]["candidates"]
        assert len(shown) > 1
        for candidate in shown:
            found = why(session, payment, candidate["account_number"])
            kept = [(step["signal"], step["level"]) for step in candidate["reasons"]["steps"]]
            assert [(r.signal, r.level) for r in found.expected.reasons] == kept


def test_an_account_that_nothing_points_to_is_told_as_such(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00, memo="")])
        found = why(session, payment, PRIYA)
        assert (found.standing.code, found.standing.shared) == ("nothing", ())
        assert "nothing read on the check points to it" in found.told
        assert found.expected.probability < 0.001
        assert why(session, payment, WALTER).standing.code == "best"
        assert why(session, payment, WALTER).best is None


def test_an_account_out_of_sight_is_answered_like_an_unknown_one(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00)])
        with pytest.raises(NotFound, match="unknown_account") as hidden:
            why(session, payment, PRIYA, "NORTH")
        with pytest.raises(NotFound, match="unknown_account") as unknown:
            why(session, payment, "999", "NORTH")
        assert str(hidden.value) == str(unknown.value)
        assert why(session, payment, PRIYA, "NORTH", "EAST").expected.account.number == PRIYA


def test_a_claim_of_several_is_compared_with_the_one_it_fits_best(group: Database) -> None:
    with group.write() as session:
        file = add_file(
            session,
            [
                check(101_50, payer="Grace Okafor"),
                coupon("2100000029", "8100000023"),
                coupon("2100000037", "8100000031"),
            ],
        )
        register(session, file)
        match_all(session, file)
        (payment,) = payments_of(session, file)
        one, other = (why(session, payment, number) for number in ("2100000029", "2100000037"))
        assert one.label != other.label
        assert one.standing.code == other.standing.code == "best"


def test_a_confirmation_is_on_record_with_its_reasons_and_without_names(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, payer="Mary Smith")])
        item = session.scalars(select(ReviewItem)).one()
        held = review.lease(session, item.id, "user:sam")
        parts = [review.AllocationInput("account", WILLIAM, "8100000049", 40_00)]
        review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts)
    with group.read() as session:
        row = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.confirmed")
        ).one()
        told = row.detail["reasons"]
        assert any(each.startswith("payer_name:surname +") for each in told)
        assert not any("Smith" in each or "SMITH" in each for each in told)
        kept = decided.told(session, session.get_one(Payment, payment.id), frozenset({"EAST"}))
        newest = kept["decisions"][0]
        assert newest["actor"] == "user:sam"
        assert newest["reasons"]["adds_up"]
        assert newest["parts"][0]["candidates"] == []
        assert newest["parts"][0]["hidden"] >= 2


def test_steps_that_do_not_reach_the_score_are_told_as_such() -> None:
    reasons = [
        {"signal": "prior", "level": "any", "weight": -10.0, "detail": ""},
        {"signal": "number", "level": "both", "weight": 15.0, "detail": "on the stub"},
    ]
    whole = explaining.waterfall(reasons, 5.0, 0.99)
    assert [(step.before, step.after) for step in whole.steps] == [(0.0, -10.0), (-10.0, 5.0)]
    assert whole.adds_up
    assert not explaining.waterfall(reasons, 5.1, 0.99).adds_up
    assert explaining.waterfall([], None, None).adds_up


@pytest.mark.parametrize(
    ("log_odds", "words"),
    [
        (0.0, "even"), (0.04, "even"), (4.0, "55 to 1 for"), (-10.3, "1 to 30,000 against"),
        (15.0, "3.3 million to 1 for"), (900.0, "over 1,000 trillion to 1 for"),
    ],
)  # fmt: skip
def test_odds_are_told_in_words(log_odds: float, words: str) -> None:
    assert explaining.odds(log_odds) == words
    assert explaining.chance(log_odds) == pytest.approx(
        1.0 if log_odds > 40 else 1 / (1 + math.exp(-log_odds))
    )
