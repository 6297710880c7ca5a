"""Balances verify what a check says of its amount; they never say it, and never twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from matching import amounts, compare, match, review, score, verifying
from matching.decide import decide
from matching.model import shipped
from matching.readings import Document
from matching.types import AllocationInput, Chart, Clues, Part, PaymentClues, Pool
from matching.verifying import Support, verify
from ocr.amount import Fused
from ocr.types import Alternative
from records import audit, journal
from records.db import Database
from records.models import AuditEvent, Decision, Payment, ReviewItem
from tests.matching.world import account, add_file, check, coupon, field, match_all, register, run

CENTS = st.integers(1, 500_00)
CHANCES = st.floats(0.0, 1.0)


@st.composite
def readings(draw: st.DrawFn) -> Fused:
    """An amount with alternatives, their probabilities within one."""
    values = draw(st.lists(CENTS, min_size=1, max_size=6, unique=True))
    left, sure = 1.0, []
    for _ in values:
        share = draw(CHANCES) * left
        sure.append(share)
        left -= share
    others = tuple(Alternative(v, p) for v, p in zip(values[1:], sure[1:], strict=True))
    return Fused(values[0], sure[0], draw(st.sampled_from(["numerals", "numerals+words"])), others)


@given(readings(), st.lists(CENTS, max_size=8), st.floats(0.01, 1.0))
def test_only_an_amount_that_the_check_supports_comes_out(
    fused: Fused, known: list[int], least: float
) -> None:
    found = verify(fused, [Support("statement", cents, "S") for cents in known], least)
    if found is None:
        return
    stands = {each.value: each.confidence for each in fused.alternatives}
    stands[fused.cents] = fused.confidence
    assert stands[found.cents] >= verifying.LEAST_ALONE
    assert found.cents in known
    assert found.confidence >= least
    assert {each.cents for each in found.agrees} == {found.cents}
    assert (found.alone_cents, found.alone_confidence) == (fused.cents, fused.confidence)
    assert found.source == f"{fused.source}+balance"


def test_an_unread_amount_is_not_made_up() -> None:
    known = [Support("statement", 125_00, "S")]
    assert verify(Fused(None, 0.0, ""), known, 0.5) is None
    assert verify(Fused(152_00, 0.9, "numerals"), known, 0.5) is None
    barely = Fused(152_00, 0.4, "numerals", (Alternative(125_00, 0.2),))
    assert verify(barely, known, 0.5) is None
    likely = Fused(152_00, 0.4, "numerals", (Alternative(125_00, 0.35),))
    assert verify(likely, known, 0.5) is None
    found = verify(Fused(125_00, 0.4, "numerals", (Alternative(152_00, 0.35),)), known, 0.5)
    assert found is not None
    assert (found.cents, found.alone_confidence) == (125_00, 0.4)
    assert verify(Fused(125_00, 0.7, "numerals"), [], 0.5) is None


def clues(**more: Any) -> Clues:
    return Clues(payer_name="Walter Abernathy", account_numbers=("A1",), **more)


def test_what_speaks_for_an_amount_is_the_likely_accounts_and_the_coupons() -> None:
    mine = account("A1", 125_00, 40_00, household="H")
    child = account("A2", 10_00, household="H", patient_first="Ann")
    pool = Pool((mine, child, account("A3", 77_00, guarantor_last="Quist")), Chart(900))
    payment = PaymentClues(None, (Part("check", clues(), None),), coupon_cents=(50_00,))
    found = verifying.supports(payment, score.rank(clues(), pool, shipped()), pool)
    assert {(each.kind, each.cents) for each in found} == {
        ("statement", 125_00), ("statement", 40_00), ("account", 165_00), ("household", 175_00),
        ("coupon", 50_00),
    }  # fmt: skip
    nobody = score.rank(
        Clues(payer_name="Zelda Quist"), Pool(pool.accounts[:2], Chart(900)), shipped()
    )
    assert {each.kind for each in verifying.supports(payment, nobody, pool)} == {"coupon"}


@given(CENTS, st.lists(CENTS, min_size=1, max_size=4), st.lists(CENTS, max_size=4))
def test_a_verified_amount_never_says_whose_the_check_is(
    cents: int, mine: list[int], theirs: list[int]
) -> None:
    pool = Pool((account("A1", *mine), account("A2", *theirs, patient_last="Quist")), Chart(900))
    payment = PaymentClues(None, (Part("check", clues(), None),))
    without = score.rank(clues(), pool, shipped())
    verdict = decide(verifying.with_amount(payment, cents), [pool], 0.995)
    assert verdict.rankings == (without,)
    assert all(candidate.level(compare.AMOUNT) == "absent" for candidate in without.candidates)
    assert all(way.total_cents == cents for way in verdict.proposals)
    # And whatever the reading, what comes out was sure without it, and is one of the sums.
    settled = verifying.settle(payment, [pool], Fused(cents, 0.6, "words"), 0.98, 0.995, shipped())
    if settled is not None:
        assert settled[1].cents == cents
        assert settled[0].rankings == (without,)


STUB = coupon("2100000011", "8100000015", patient_name="Walter Abernathy")


def doubtful(cents: int, confidence: float = 0.6, serial: str = "7", **more: Any) -> Any:
    read = {**field(cents, confidence), "source": "numerals"}
    return check(cents, serial, amount_cents=read, courtesy_amount_cents=read, **more)


def newest(session: Any, payment: Payment) -> Decision:
    query = select(Decision).where(Decision.payment_id == payment.id)
    return session.scalars(query.order_by(Decision.created_at.desc())).first()  # type: ignore[no-any-return]


def test_a_balance_makes_a_doubtful_amount_sure_and_its_evidence_stays(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [doubtful(125_00), STUB])
        assert (payment.amount_cents, payment.amount_by) == (125_00, "system:balance")
        assert (payment.match_state, payment.deposit_state) == ("decided", "depositable")
        assert payment.fingerprint
        item = session.scalars(select(ReviewItem)).one()
        assert (item.state, item.outcome) == ("done", "amount_verified")
        # The reading says what it said.
        read = payment.document.reading.sealed["fields"]["amount_cents"]
        assert (read["confidence"], len(payment.document.readings)) == (0.6, 1)
        decision = newest(session, payment)
        kept = decision.candidates["amount_verified"]
        assert (kept["source"], kept["alone_confidence"]) == ("numerals+balance", 0.6)
        assert kept["agrees"] == [{"kind": "statement", "cents": 125_00, "number": "8100000015"}]
        assert journal.balances(session)["allocated"] == -125_00
        assert decision.score == pytest.approx(sum(r["weight"] for r in decision.reasons))
        # Not its own witness: the account was found without the amount.
        assert compare.AMOUNT not in {r["signal"] for r in decision.reasons}
        assert decision.model_version.endswith("/number_name")
    with group.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.amount_verified")
        ).one()
        assert event.detail == {"source": "numerals+balance", "cents": 125_00}
        assert audit.verify(session).ok


REFUSED: list[list[Any]] = [
    [doubtful(124_00, serial="21"), STUB],  # no balance says so
    [doubtful(125_00, serial="22")],  # only the amount would name the account
    [doubtful(125_00, serial="23", warnings=("amount_mismatch",)), STUB],
    [doubtful(125_00, serial="24", signed=False), STUB],  # more is asked than the amount
    [doubtful(125_00, check_number=field(None)), STUB],
    [doubtful(125_00, 0.01, serial="26"), STUB],  # hardly read
]


def test_else_a_person_is_asked(group: Database) -> None:
    with group.write() as session:
        for payment in run(session, *REFUSED):
            assert payment.amount_cents is None
            assert payment.match_state == "in_review"
            item = session.scalars(
                select(ReviewItem).where(ReviewItem.payment_id == payment.id)
            ).one()
            assert "amount" in item.asks
            assert "amount_verified" not in newest(session, payment).candidates


def test_the_setting_switches_it_off(group: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_AMOUNT_BY_BALANCE", "false")
    with group.write() as session:
        (payment,) = run(session, [doubtful(125_00), STUB])
        assert (payment.amount_cents, payment.deposit_state) == (None, "awaiting_review")
        item = session.scalars(select(ReviewItem)).one()
        seen = review.evidence(session, item.id)
        assert ("statement", 125_00) in {(each.kind, each.cents) for each in seen.supports}


def test_undone_the_amount_is_asked_with_the_match(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [doubtful(125_00), STUB])
        item = review.undo(session, payment.id, "user:sam")
        assert set(item.asks) == {"match", "amount"}
        assert payment.deposit_state == "awaiting_review"
        seen = review.evidence(session, item.id)
        assert seen.verified is not None
        signals = {r["signal"] for each in seen.candidates for r in each["reasons"]}
        assert compare.AMOUNT not in signals  # still no clue to whose it is
        assert sum(share.amount_cents for share in seen.proposal) == 125_00
        item = review.lease(session, item.id, "user:sam")
        review.confirm(
            session, item.id, "user:sam", item.lease_token, amount_cents=125_00,
            amount_from="numerals",
            allocations=[AllocationInput("account", "2100000045", None, 125_00)],
        )  # fmt: skip
        assert payment.amount_by == "user:sam"
        source = payment.document.reading.sealed["fields"]["amount_cents"]["source"]
        assert source == "keyed+numerals"


def test_whoever_holds_the_question_answers_it(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [doubtful(125_00), STUB])
        register(session, file)
        item = session.scalars(select(ReviewItem)).one()
        review.lease(session, item.id, "user:sam")
        match_all(session, file)
        payment = session.scalars(select(Payment)).one()
        assert (payment.amount_cents, payment.match_state) == (None, "in_review")
        assert item.state == "leased"


def test_a_twin_that_came_meanwhile_is_not_overlooked(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [doubtful(125_00), STUB])
        register(session, file)
        row = file.transactions[0]
        done = match.work(match.load(session, row.id))
        assert done[0].settled is not None
        run(session, [check(125_00, "7")], minutes=5)
        match.save(session, row.id, done)
        (payment,) = session.scalars(select(Payment).where(Payment.transaction_id == row.id))
        assert (payment.amount_cents, payment.match_state) == (None, "in_review")


def document(**fields: Any) -> Document:
    return Document("D", 0, "check", {"fields": fields})


def test_each_place_says_what_was_read_there() -> None:
    found = amounts.said(document(
        amount_cents={**field(125_00, 0.5), "source": "numerals",
                      "alternatives": [{"value": 152_00, "confidence": 0.3},
                                       {"value": 126_00, "confidence": 0.1},
                                       {"value": 127_00, "confidence": 0.05}]},
        courtesy_amount_cents=field(125_00, 0.8),
        legal_amount_cents={"value": None, "confidence": 0.0, "page": 0, "box": [5, 6, 70, 8]},
        micr_line={**field("A021000021A998877C101B0000012500B"), "box": [0, 90, 300, 10]},
    ))  # fmt: skip
    assert [(each.source, each.cents) for each in found] == [
        ("numerals", 125_00), ("words", None), ("micr", 125_00), ("other", 152_00),
        ("other", 126_00),
    ]  # fmt: skip
    assert found[1].box == (5, 6, 70, 8)
    assert found[2].box == (200, 90, 100, 10)
    assert not amounts.differ(found)
    assert [each.source for each in amounts.said(document())] == ["numerals", "words"]
    # Words too faint to stand alone back the amount that was read of both.
    faint = amounts.said(document(amount_cents={**field(125_00, 0.6), "source": "words"}))
    assert [(each.cents, each.box) for each in faint] == [(None, None), (125_00, (1, 2, 3, 4))]


@given(st.dictionaries(
    st.sampled_from(["amount_cents", "courtesy_amount_cents", "legal_amount_cents", "micr_line"]),
    st.none() | st.fixed_dictionaries({}, optional={
        "value": st.none() | CENTS | st.text(max_size=12), "confidence": CHANCES,
        "box": st.none() | st.just([1, 2, 3, 4]),
        "alternatives": st.lists(st.fixed_dictionaries({"value": CENTS, "confidence": CHANCES})),
    }),
))  # fmt: skip
def test_any_reading_has_both_places_and_few_others(fields: dict[str, Any]) -> None:
    found = amounts.said(document(**fields))
    assert [each.source for each in found[:2]] == ["numerals", "words"]
    assert len([each for each in found if each.source in {"reading", "other"}]) <= 2
    read = [each.cents for each in found[2:] if each.source != "micr"]
    assert len(read) == len(set(read))
