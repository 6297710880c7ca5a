"""The posting plan: what the PMS holds converges to the payment's parts, from any state."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deposits.posting_plan import Part, PaymentFacts, Plan, Sent, plan

_STATES = st.sampled_from(["queued", "exported", "acknowledged", "failed", "unknown"])
_PARTS = st.lists(st.integers(1, 10_000), max_size=4).map(
    lambda cents: tuple(Part(f"a{i}", "o", "pms", c) for i, c in enumerate(cents))
)


@st.composite
def _facts(draw: st.DrawFn) -> PaymentFacts:
    parts = draw(_PARTS)
    sent = []
    for number in draw(st.lists(st.integers(0, 6), unique=True, max_size=5)):
        state = draw(_STATES)
        undone = state == "acknowledged" and draw(st.booleans())
        sent.append(Sent(f"p{number}", f"a{number}", "pms", 5, state, reversed=undone))
    total = sum(part.amount_cents for part in parts)
    return PaymentFacts(
        "pay", draw(st.booleans()),
        draw(st.sampled_from(["depositable", "deposited", "returned", "not_deposited"])),
        draw(st.sampled_from(["decided", "in_review"])),
        draw(st.sampled_from([total, total + 1, None])), total, parts, tuple(sent),
        draw(st.booleans()),
    )  # fmt: skip


@given(_facts())
def test_nothing_is_queued_beside_a_live_posting_or_without_the_whole_amount(
    facts: PaymentFacts,
) -> None:
    made = plan(facts)
    live = {posting.allocation_id for posting in facts.sent}
    withdrawn = {p.allocation_id for p in facts.sent if p.posting_id in made.withdraw}
    for part in made.queue:
        assert part.allocation_id not in live - withdrawn
    if made.queue:
        assert facts.live_total_cents == facts.amount_cents
        assert facts.match_state == "decided"
        assert facts.deposit_state not in ("returned", "not_deposited")


@given(_facts())
def test_only_acknowledged_postings_are_reversed_and_only_waiting_ones_withdrawn(
    facts: PaymentFacts,
) -> None:
    made = plan(facts)
    states = {posting.posting_id: posting for posting in facts.sent}
    assert all(states[each].state == "acknowledged" for each in made.reverse)
    assert all(not states[each].reversed for each in made.reverse)
    assert all(states[each].state in ("queued", "failed") for each in made.withdraw)


@given(_facts())
def test_a_plan_carried_out_leaves_nothing_to_do(facts: PaymentFacts) -> None:
    made = plan(facts)
    sent = [
        Sent(p.posting_id, p.allocation_id, p.pms, p.amount_cents, p.state,
             reversed=p.reversed or p.posting_id in made.reverse)
        for p in facts.sent if p.posting_id not in made.withdraw
    ]  # fmt: skip
    sent += [Sent(f"new{part.allocation_id}", part.allocation_id, part.pms, part.amount_cents,
                  "queued") for part in made.queue]  # fmt: skip
    after = PaymentFacts(
        facts.payment_id, facts.live, facts.deposit_state,
        "in_review" if made.undo else facts.match_state, facts.amount_cents,
        facts.live_total_cents, () if made.undo else facts.parts, tuple(sent),
        facts.give_back and not made.undo,
    )  # fmt: skip
    assert plan(after) == Plan()


def test_a_decision_is_undone_only_when_nothing_of_it_is_in_the_pms() -> None:
    part = Part("a0", "o", "pms", 5)

    def facts(state: str) -> PaymentFacts:
        sent = (Sent("p0", "a0", "pms", 5, state),)
        return PaymentFacts("p", True, "deposited", "decided", 5, 5, (part,), sent, True)

    assert plan(facts("failed")) == Plan(withdraw=("p0",), undo=True)
    assert plan(facts("acknowledged")) == Plan(reverse=("p0",))
    assert plan(facts("unknown")) == Plan()


def _split(accounts: tuple[int, ...], nobody: tuple[int, ...], remittance: bool) -> PaymentFacts:
    parts = tuple(Part(f"a{i}", "o", "pms", cents) for i, cents in enumerate(accounts))
    total = sum(accounts) + sum(nobody)
    return PaymentFacts("pay", True, "depositable", "decided", total, total, parts, (),
                        unidentified_cents=nobody, remittance=remittance)  # fmt: skip


@pytest.mark.parametrize(("accounts", "nobody"), [
    ((1_000_100, -1_000_000), ()), ((1_000_100,), (-1_000_000,)), ((100, 0), ()), ((100,), (0,)),
])  # fmt: skip
def test_a_part_below_zero_posts_nothing_of_a_patients_check(
    accounts: tuple[int, ...], nobody: tuple[int, ...]
) -> None:
    assert plan(_split(accounts, nobody, remittance=False)) == Plan()


def test_what_a_remittance_takes_back_is_not_posted_and_the_claims_are() -> None:
    made = plan(_split((20_000, 5_000), (-1_500,), remittance=True))
    assert [part.amount_cents for part in made.queue] == [20_000, 5_000]
    assert plan(_split((20_000, -1_500), (), remittance=True)) == Plan()


def test_a_part_that_turned_bad_takes_its_posting_back() -> None:
    bad = _split((1_000_100, -1_000_000), (), remittance=False)
    sent = (Sent("p0", "a0", "pms", 1_000_100, "acknowledged"),
            Sent("p1", "a1", "pms", -1_000_000, "queued"))  # fmt: skip
    made = plan(dataclasses.replace(bad, sent=sent))
    assert (made.queue, made.withdraw, made.reverse) == ((), ("p1",), ("p0",))
