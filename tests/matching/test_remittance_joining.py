"""The scorer of joins: reasons add up, nothing ambiguous is joined, and no order changes it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.insurers import is_insurer, likeness
from matching.remittance_joining import assign
from matching.remittance_scoring import WEIGHTS, Advice, Money, fit, may_be, offered, rule_of

DAY = date(2026, 11, 16)
PAYERS = ("Delta Dental of Ohio", "MetLife", "Cigna Health", "Guardian Life", "")


def advice(name: str = "r", **facts: object) -> Advice:
    made = Advice(
        id=name, document=f"d-{name}", envelope=f"e-{name}", office="o", number="8800417",
        amount_cents=205_00, explained_cents=205_00, payer=PAYERS[0], paid_on=DAY,
        received_on=DAY, electronic=False, order=(name,),
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]


def money(name: str = "p", **facts: object) -> Money:
    made = Money(
        id=name, document=f"m-{name}", envelope=f"v-{name}", office="o", number="8800417",
        amount_cents=205_00, payer=PAYERS[0].upper(), written_on=DAY, received_on=DAY,
    )  # fmt: skip
    return replace(made, **facts)  # type: ignore[arg-type]


_AMOUNTS = st.sampled_from([None, 100_00, 205_00, 300_00])
_NUMBERS = st.sampled_from(["", "101", "8800417", "0008800417", "CK8800417", "7654321"])
_DAYS = st.sampled_from([None, DAY, DAY - timedelta(days=3), DAY - timedelta(days=40)])


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Advice], list[Money]]:
    advices = [
        advice(
            f"r{place}", number=draw(_NUMBERS), amount_cents=draw(_AMOUNTS),
            explained_cents=draw(_AMOUNTS), payer=draw(st.sampled_from(PAYERS)),
            paid_on=draw(_DAYS), electronic=draw(st.booleans()),
            envelope=draw(st.sampled_from(["v-p0", "e1", "e2"])),
        )
        for place in range(draw(st.integers(0, 4)))
    ]  # fmt: skip
    payments = [
        money(
            f"p{place}", number=draw(_NUMBERS), amount_cents=draw(_AMOUNTS),
            payer=draw(st.sampled_from(PAYERS)), written_on=draw(_DAYS),
        )
        for place in range(draw(st.integers(0, 4)))
    ]  # fmt: skip
    return advices, payments


@given(worlds())
@settings(max_examples=150, deadline=None)
def test_weights_add_up_and_what_joins_was_possible(
    world: tuple[list[Advice], list[Money]],
) -> None:
    advices, payments = world
    joins = assign(advices, payments)
    by_id = {each.id: each for each in advices}
    held = {each.id: each for each in payments}
    for one in advices:
        for other in payments:
            found = fit(one, other)
            weights = [WEIGHTS[each.signal][each.level] for each in found.reasons]
            assert found.score == pytest.approx(sum(weights))
            if rule_of(found):
                assert may_be(found)
                assert offered(found)
    assert not set(joins.joined) & set(joins.copies)
    for key, joined in joins.joined.items():
        one, other = by_id[key], held[joined.payment]
        if joined.how in {"number_amount", "amount_payer_date"}:
            assert one.amount_cents == other.amount_cents is not None
            assert rule_of(fit(one, other)) == joined.how
        if joined.how == "amount_payer_date":
            rivals = [m for m in payments if m.id != other.id and may_be(fit(one, m))]
            taken = {each.payment for each in joins.joined.values() if each.how != joined.how}
            assert all(rival.id in taken for rival in rivals)
    for copied in joins.copies.values():
        assert copied.original in joins.joined
        assert by_id[copied.original].id != copied.advice


@given(worlds(), st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_the_order_of_arrival_changes_nothing(
    world: tuple[list[Advice], list[Money]], chance: random.Random
) -> None:
    advices, payments = world
    first = assign(advices, payments)
    chance.shuffle(advices)
    chance.shuffle(payments)
    assert assign(advices, payments) == first


@pytest.mark.parametrize(
    ("ours", "theirs", "level"),
    [
        ("8800417", "0008800417", "same"), ("0008800417", "8800417", "same"),
        ("101", "101", "same_short"), ("DD-8800417", "8800417", "same_end"),
        ("8800417", "8800418", "differs"), ("", "8800417", "unread"),
        ("0017", "880017", "differs"),
    ],
)  # fmt: skip
def test_numbers_are_compared_without_zeros_and_prefixes(
    ours: str, theirs: str, level: str
) -> None:
    assert fit(advice(number=ours), money(number=theirs)).level("number") == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Delta Dental of Ohio", "DELTA DENTAL PLAN OF OHIO INC", "same"),
        ("Delta Dental of Ohio", "Delta Dental of Indiana", "alike"),
        ("Cigna Health and Life Insurance Company", "CIGNA", "same"),
        ("MetLife", "METL1FE", "same"), ("MetLife", "Guardian", "different"),
        ("", "Guardian", "unknown"), ("Dental Benefit Providers", "Health Plan", "different"),
    ],
)  # fmt: skip
def test_insurers_names_are_compared_by_their_telling_words(
    one: str, other: str, level: str
) -> None:
    assert likeness(one, other) == level
    assert likeness(other, one) == level


def test_an_insurer_is_known_by_its_words_and_a_patient_is_none() -> None:
    assert is_insurer("DELTA DENTAL OF OHIO")
    assert is_insurer("Buckeye Mutual Insurance Co")
    assert not any(is_insurer(each) for each in ("Walter Abernathy", "Okafor Plumbing LLC", ""))


def test_a_short_number_needs_the_payers_name() -> None:
    short = advice(number="101")
    assert assign([short], [money(number="101")]).joined
    assert not assign([short], [money(number="101", payer="Walter Abernathy")]).joined


def test_a_wrong_payer_does_not_overrule_number_and_amount() -> None:
    assert assign([advice()], [money(payer="D D O H Claims Acct")]).joined


def test_two_checks_of_one_number_and_amount_go_by_the_payers_name() -> None:
    both = [money("p"), money("q", payer="MetLife")]
    assert assign([advice()], both).joined["r"].payment == "p"
    assert not assign([advice(payer="")], both).joined


def test_an_account_that_paid_for_the_insurer_before_is_its_own() -> None:
    check = money(number="1234567", payer="Claims Payment Acct", remembered=(PAYERS[0],))
    assert assign([advice(number="")], [check]).joined["r"].how == "amount_payer_date"
    assert not assign([advice(number="")], [replace(check, remembered=())]).joined


def test_an_835_goes_before_the_paper_and_a_person_before_both() -> None:
    paper, file = advice("a"), advice("b", electronic=True)
    joins = assign([paper, file], [money()])
    assert set(joins.joined) == {"b"}
    assert joins.copies["a"].original == "b"
    fixed = assign([replace(paper, fixed=True, payment="p"), file], [money()])
    assert fixed.copies["b"].original == "a"


@pytest.mark.parametrize("seed", [6])
def test_how_many_of_a_mass_of_joins_are_wrong(seed: int) -> None:
    """1,000 checks and their EOBs apart, amounts crowded, one number in ten and one payer in
    ten unread, one number in fifty misread, one EOB in ten without its check: none is wrong."""
    chance = random.Random(seed)
    advices, payments = [], []
    for place in range(1000):
        number, cents = str(chance.randrange(10**6, 10**7)), chance.randrange(50_00, 900_00)
        payer, on = chance.choice(PAYERS[:4]), DAY - timedelta(days=chance.randrange(12))
        said = "" if chance.random() < 0.1 else number
        if said and chance.random() < 0.02:
            said = said[:-1] + str((int(said[-1]) + 1) % 10)
        advices.append(
            advice(f"{place:04}", number=said, amount_cents=cents, explained_cents=cents,
                   payer=payer, paid_on=on)
        )  # fmt: skip
        if chance.random() < 0.9:
            shown = "" if chance.random() < 0.1 else payer.upper()
            payments.append(
                money(f"{place:04}", number=number, amount_cents=cents, payer=shown,
                      written_on=on)
            )  # fmt: skip
    joins = assign(advices, payments)
    wrong = [key for key, each in joins.joined.items() if key != each.payment]
    assert not wrong
    assert len(joins.joined) >= 0.95 * len(payments)
