"""Sums of remittances and checks: to the cent, sure only where nothing else could be it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from matching.remittance_division import divide
from matching.remittance_joining import assign
from matching.remittance_scoring import Advice, Money
from matching.remittance_together import sums
from tests.matching.test_remittance_joining import DAY, PAYERS, advice, money


def eob(cents: int, name: str = "r", number: str = "", **more: object) -> Advice:
    return advice(name, amount_cents=cents, explained_cents=cents, number=number, **more)


def paid(cents: int, name: str, number: str = "", **more: object) -> Money:
    return money(name, amount_cents=cents, number=number or f"77{cents}", **more)


TWO = [paid(812_37, "a"), paid(704_19, "b")]
BOTH = 812_37 + 704_19


def test_one_eob_of_the_only_checks_of_its_payer_and_day_is_sure() -> None:
    (found,) = sums([eob(BOTH)], TWO)
    assert (found.payments, found.by, found.sure) == (("a", "b"), "payer_date", True)
    joins = assign([eob(BOTH)], TWO)
    assert joins.shared["r"].payments == ("a", "b")
    assert not joins.joined


def test_its_number_is_that_of_one_of_its_checks_or_it_is_none_of_theirs() -> None:
    assert sums([eob(BOTH, number="7781237")], TWO)[0].sure
    assert sums([eob(BOTH, number="5550001")], TWO) == []


def test_what_fits_alone_or_a_second_sum_leaves_it_to_a_person() -> None:
    whole = paid(BOTH, "c", number="", written_on=DAY - timedelta(days=3))
    assert not any(each.sure for each in sums([eob(BOTH)], [*TWO, replace(whole, number="")]))
    third = [*TWO, paid(812_37, "d", number="8881"), paid(704_19, "e", number="8882")]
    assert not any(each.sure for each in sums([eob(BOTH)], third))
    unread = paid(1, "u")
    hidden = replace(unread, amount_cents=None, number="")
    assert not any(each.sure for each in sums([eob(BOTH)], [*TWO, hidden]))


def test_another_payer_or_day_is_in_no_sum() -> None:
    for other in ({"payer": PAYERS[1]}, {"written_on": DAY - timedelta(days=1)}):
        assert sums([eob(BOTH)], [TWO[0], replace(TWO[1], **other)]) == []


def test_the_checks_of_one_envelope_need_no_odds_but_all_of_them() -> None:
    beside = [replace(each, envelope="e-r", amount_cents=cents, written_on=None)
              for each, cents in zip(TWO, (80_00, 70_00), strict=True)]  # fmt: skip
    (found,) = sums([eob(150_00)], beside)
    assert (found.by, found.sure) == ("envelope", True)
    third = paid(10_00, "c", envelope="e-r", written_on=None)
    assert not any(each.sure for each in sums([eob(150_00)], [*beside, third]))


def test_several_eobs_that_name_one_check_make_it_up_together_or_not_at_all() -> None:
    check = paid(BOTH, "p", number="8800417")
    pages = [eob(812_37, "r1", "0008800417"), eob(704_19, "r2", "8800417")]
    joins = assign(pages, [check])
    assert {each.how for each in joins.joined.values()} == {"together_number"}
    assert set(joins.joined) == {"r1", "r2"}
    assert not assign([*pages, eob(1_00, "r3", "8800417")], [check]).joined


def test_of_two_checks_under_one_number_neither_takes_the_documents_that_name_it() -> None:
    twins = [paid(BOTH, "p", number="8800417"), paid(BOTH, "q", number="8800417")]
    pages = [eob(812_37, "r1", "8800417"), eob(704_19, "r2", "8800417")]
    assert not any(each.sure for each in sums(pages, twins))
    assert not assign(pages, twins).joined


def test_a_page_that_came_later_joins_the_one_beside_the_check() -> None:
    check = paid(BOTH, "p", number="8800417", envelope="e-r1")
    pages = [eob(812_37, "r1", "8800417"), eob(704_19, "r2", "8800417")]
    joins = assign(pages, [check])
    assert (joins.joined["r1"].how, joins.joined["r2"].how) == ("envelope", "together_number")


def test_several_eobs_without_a_number_are_one_payers_only_sum() -> None:
    check = paid(BOTH, "p")
    pages = [eob(812_37, "r1"), eob(704_19, "r2")]
    assert {each.how for each in assign(pages, [check]).joined.values()} == {"together_payer_date"}
    rival = paid(812_37, "q", number="")
    assert "r1" not in assign(pages, [check, rival]).joined or (
        assign(pages, [check, rival]).joined["r1"].payment == "q"
    )


@given(st.integers(0, 10_000))
@example(450)
@settings(max_examples=60, deadline=None)
def test_sums_agree_to_the_cent_and_no_order_changes_them(seed: int) -> None:
    draw = random.Random(seed)
    advices = [eob(draw.randrange(1_00, 40_00), f"r{n}", draw.choice(["", "8800417", "9911"]),
                   envelope=draw.choice(["v", f"e{n}"])) for n in range(5)]  # fmt: skip
    cents = [each.amount_cents or 0 for each in advices]
    payments = [paid(sum(draw.sample(cents, 2)), f"p{n}", draw.choice(["8800417", f"10{n}00"]))
                for n in range(2)]  # fmt: skip
    payments += [paid(draw.randrange(1_00, 20_00), f"q{n}", envelope=draw.choice(["v", "w"]))
                 for n in range(4)]  # fmt: skip
    amounts = {each.id: each.amount_cents or 0 for each in [*advices, *payments]}
    found = sums(advices, payments)
    for each in found:
        assert sum(amounts[one] for one in each.advices) == sum(amounts[o] for o in each.payments)
    sure = [one for each in found if each.sure for one in each.ids]
    assert len(sure) == len(set(sure))
    joins = assign(advices, payments)
    draw.shuffle(advices)
    draw.shuffle(payments)
    again = assign(advices, payments)
    assert again.joined == joins.joined
    assert {key: set(each.payments) for key, each in again.shared.items()} == {
        key: set(each.payments) for key, each in joins.shared.items()
    }


def _fields(claims: list[int], taken: tuple[int, ...] = ()) -> dict[str, object]:
    return {
        "claims": {"value": [{"paid_cents": each} for each in claims]},
        "provider_adjustments": {"value": [{"amount_cents": each} for each in taken]},
    }


def test_claims_are_divided_in_the_only_way_that_adds_up() -> None:
    found = divide(_fields([50_00, 0, 32_00, 25_00], (7_00,)), {"a": 82_00, "b": 18_00})
    assert found is not None
    assert [(each.claims, each.adjustments) for each in found] == [((0, 1, 2), ()), ((3,), (0,))]


def test_a_division_in_doubt_is_none_and_in_order_for_a_person() -> None:
    twice = _fields([40_00, 40_00, 20_00, 20_00])
    assert divide(twice, {"a": 60_00, "b": 60_00}) is None
    runs = _fields([40_00, 20_00, 20_00, 40_00])
    assert divide(runs, {"a": 60_00, "b": 60_00}) is None
    found = divide(runs, {"a": 60_00, "b": 60_00}, in_order=True)
    assert found is not None
    assert [each.claims for each in found] == [(0, 1), (2, 3)]
    assert divide(_fields([40_00]), {"a": 30_00, "b": 10_00}) is None


@given(st.lists(st.integers(1, 500), min_size=2, max_size=9), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_every_claim_is_in_one_share_and_shares_make_their_checks(
    claims: list[int], cut_at: int
) -> None:
    at = min(cut_at, len(claims) - 1)
    payments = {"a": sum(claims[:at]), "b": sum(claims[at:])}
    for in_order in (False, True):
        found = divide(_fields(claims), payments, in_order=in_order)
        if found is None:
            continue
        places = [place for each in found for place in each.claims]
        assert sorted(places) == list(range(len(claims)))
        for each in found:
            assert sum(claims[place] for place in each.claims) == payments[each.payment]


def test_what_may_be_in_a_sum_is_joined_to_nothing_by_amount_payer_and_day() -> None:
    pages = [eob(80_00, "r1"), eob(70_00, "r2")]
    whole, single = paid(150_00, "p", number="9001"), paid(80_00, "q", number="9002")
    assert not assign(pages, [whole, single]).joined
    assert assign(pages[:1], [whole, single]).joined["r1"].payment == "q"
