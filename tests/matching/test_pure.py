"""Folding, comparing, scoring, splitting: what must hold for any input."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import compare, score
from matching.allocate import nowhere, propose
from matching.clues import payments_of
from matching.decide import decide, stratum
from matching.keys import keys_of_clues, keys_of_home
from matching.model import shipped
from matching.names import Person, people, skeleton
from matching.payees import is_ours
from matching.places import Place, place
from matching.readings import Document
from matching.sums import subsets
from matching.types import Chart, Clues, Part, PaymentClues, Pool
from tests.matching.world import account, statement

CENTS = st.integers(1, 500_00)
WORDS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=9)


@pytest.mark.parametrize(("read", "printed"), [
    ("0KAF0R", "OKAFOR"), ("Srnith", "Smith"), ("WILLlAM", "William"), ("8ROWN", "Brown"),
    ("5ANCHEZ", "Sanchez"), ("Nuñez", "NUNEZ"), ("O'Brien", "OBRIEN"), ("ABERNATHV", "Abernathy"),
])  # fmt: skip
def test_letters_that_readers_confuse_fold_together(read: str, printed: str) -> None:
    assert skeleton(read) == skeleton(printed)


def test_different_names_keep_different_skeletons() -> None:
    names = ["SMITH", "JONES", "GARCIA", "BROWN", "NAKAMURA", "WILSON", "TAYLOR", "MARTINEZ"]
    assert len({skeleton(name) for name in names}) == len(names)


@given(st.text(max_size=30))
def test_any_text_folds_to_ascii_without_doubles(text: str) -> None:
    folded = skeleton(text)
    assert folded.isascii()
    assert all(a != b for a, b in pairwise(folded))


@pytest.mark.parametrize(("line", "persons"), [
    ("JOHN A & MARY SMITH", [("JOHN", "SMITH"), ("MARY", "SMITH")]),
    ("Smith, John", [("JOHN", "SMITH")]),
    ("Dr. John Smith Jr", [("JOHN", "SMITH")]),
    ("John Smith and Mary Jones", [("JOHN", "SMITH"), ("MARY", "JONES")]),
    ("Buckeye Mutual Health Plan", []),
    ("SMITH", [("", "SMITH")]),
    ("", []),
])  # fmt: skip
def test_a_name_line_names_these_persons(line: str, persons: list[tuple[str, str]]) -> None:
    assert people(line) == tuple(Person(first, last) for first, last in persons)


@given(st.text(max_size=40))
def test_any_name_line_and_address_is_taken_apart_without_error(text: str) -> None:
    assert all(person.last for person in people(text))
    assert place(text).zip == "" or len(place(text).zip) == 5


@pytest.mark.parametrize(("text", "house", "code"), [
    ("2140 Far Hills Ave, Dayton, OH 45419", "2140", "45419"),
    ("2140 Far Hills Ave\nDayton OH 45419-1234", "2140", "45419"),
    ("PO Box 8207\nColumbus, OH 43218", "BOX8207", "43218"),
    ("12345 N Main St", "12345", ""),
])  # fmt: skip
def test_an_address_has_house_number_and_zip(text: str, house: str, code: str) -> None:
    assert (place(text).house, place(text).zip) == (house, code)


def test_unit_and_kind_of_street_do_not_matter() -> None:
    one, other = place("5 Clay Pl Apt 3, Muncie IN 47302"), place("5 CLAY PLACE, MUNCIE IN 47302")
    assert one == other != Place("", "", "")


@pytest.mark.parametrize(("first", "last", "level"), [
    ("WILLIAM", "SMITH", "exact"), ("BILL", "SMITH", "short_form"), ("W", "SMITH", "short_form"),
    ("WILLIAM", "SMYTH", "close"), ("WILLAM", "SMITH", "close"), ("MARY", "SMITH", "surname"),
    ("WILLIAM", "GARCIA", "first_only"), ("MARY", "GARCIA", "different"),
    ("WILLIAM", "SMITH-JONES", "exact"),
])  # fmt: skip
def test_name_levels(first: str, last: str, level: str) -> None:
    assert compare.name_level(Person(first, last), Person("WILLIAM", "SMITH")) == level


def test_payees_as_people_write_them() -> None:
    ours = ["Lakeshore Family Dental", "Lakeshore Dental & Medical Group"]
    for written in (
        "Lakeshore Dental",
        "LAKESH0RE FAMILY DENTAL",
        "Lakeshore",
        "lake shore family dental",
    ):
        assert is_ours(written, ours), written
    for written in ("Prairie Smiles Orthodontics", "Dayton Power & Light", "Family Dental", "Cash"):
        assert not is_ours(written, ours), written


CLUES = st.builds(
    Clues,
    amount_cents=st.none() | CENTS,
    account_numbers=st.just(()) | st.just(("A1",)) | st.just(("A2", "X")),
    payer_name=st.sampled_from(["", "Walter Abernathy", "Grace Abernathy", "Zed Q", "W Abernathy"]),
    payer_address=st.sampled_from(["", "2140 Far Hills Ave, Dayton OH 45419", "9 Elm, X 11111"]),
    patient_names=st.sampled_from([(), ("Walter Abernathy",), ("Emma Okafor",)]),
    member_ids=st.sampled_from([(), ("W1",), ("Q9",)]),
    memo=st.sampled_from(["", "Walter", "acct A1"]),
    office_code=st.sampled_from(["", "NORTH", "EAST"]),
    payer_hmac=st.sampled_from([None, "f00d"]),
)
ACCOUNTS = st.lists(
    st.builds(
        lambda number, cents, first, home, seen: account(
            number, *cents, patient_first=first, household=home, confirmations=seen,
            street="2140 Far Hills Ave", city="Dayton", state="OH", zip="45419", member_id="W1",
        ),
        st.sampled_from(["A1", "A2", "A3", "A4", "A5"]),
        st.lists(CENTS, max_size=3),
        st.sampled_from(["Walter", "Emma", "Noah"]),
        st.sampled_from(["", "H1"]),
        st.integers(0, 3),
    ),
    min_size=1, max_size=5, unique_by=lambda each: each.number,
)  # fmt: skip


@given(CLUES, ACCOUNTS, st.integers(1, 10**6))
def test_reasons_add_up_to_the_score_and_probabilities_to_one(clues, accounts, count) -> None:
    ranking = score.rank(clues, Pool(tuple(accounts), Chart(count, 1, 2)), shipped())
    for candidate in ranking.candidates:
        assert math.isclose(sum(r.weight for r in candidate.reasons), candidate.score, abs_tol=1e-5)
    whole = sum(c.probability for c in ranking.candidates) + ranking.nobody
    assert math.isclose(whole, 1.0, abs_tol=1e-9)
    scores = [c.score for c in ranking.candidates]
    assert scores == sorted(scores, reverse=True)


@given(CLUES, ACCOUNTS, st.randoms())
def test_the_order_of_the_pool_does_not_matter(clues, accounts, rng) -> None:
    shuffled = list(accounts)
    rng.shuffle(shuffled)
    chart = Chart(1000, 1, 1)
    assert score.rank(clues, Pool(tuple(accounts), chart), shipped()) == score.rank(
        clues, Pool(tuple(shuffled), chart), shipped()
    )


@settings(max_examples=120)
@given(CENTS, ACCOUNTS, CLUES)
def test_every_proposal_adds_up_to_the_check(cents, accounts, clues) -> None:
    first, *family = accounts
    for proposal in propose(cents, first, family, clues):
        assert proposal.total_cents == cents
        assert all(share.amount_cents > 0 for share in proposal.shares)
        paid: dict[str, int] = {}
        for share in proposal.shares:
            if share.statement_number:
                number = share.statement_number
                paid[number] = paid.get(number, 0) + share.amount_cents
        owed = {s.number: s.open_cents for a in accounts for s in a.statements}
        assert all(cents_ <= owed[number] for number, cents_ in paid.items())
    assert nowhere(cents).total_cents == cents


@settings(max_examples=120)
@given(CLUES, ACCOUNTS, st.lists(st.none() | st.integers(-200_00, 500_00), max_size=3), CENTS)
def test_every_verdict_adds_up_and_auto_is_never_on_a_number_alone(
    clues, accounts, part_cents, cents
) -> None:
    pool = Pool(tuple(accounts), Chart(500, 1, 1))
    parts = tuple(Part("claim", clues, each, "claim") for each in part_cents) or (
        Part("check", replace(clues, amount_cents=cents), cents, "check"),
    )
    verdict = decide(PaymentClues(cents, parts), [pool] * len(parts), 0.5)
    for proposal in verdict.proposals:
        assert proposal.total_cents == cents
    if verdict.outcome == "auto":
        assert verdict.proposals[0].clear
        for ranking in verdict.rankings:
            best = ranking.candidates[0]
            assert stratum(best) not in {"number_only", "name_only", "other", "number_against"}


@given(st.lists(CENTS, min_size=2, max_size=8), st.data())
def test_subset_sums_are_all_found_and_right(amounts, data) -> None:
    chosen = data.draw(st.sets(st.integers(0, len(amounts) - 1), min_size=2))
    target = sum(amounts[place_] for place_ in chosen)
    every = {
        places
        for size in range(2, len(amounts) + 1)
        for places in combinations(range(len(amounts)), size)
        if sum(amounts[place_] for place_ in places) == target
    }
    assert set(subsets(amounts, target, most=300)) == every


def test_a_sum_over_siblings_is_one_split_and_two_solutions_are_a_doubt() -> None:
    child, sibling = account("A1", 80_00), account("A2", 61_50)
    one = propose(141_50, child, [sibling], Clues())[0]
    assert one.kind == "sum"
    assert one.clear
    assert {s.account_number for s in one.shares} == {"A1", "A2"}
    twice = account("A2", 61_50, 61_50)
    assert not propose(141_50, child, [twice], Clues())[0].clear


def test_a_sum_of_single_statements_picked_out_of_accounts_is_a_doubt() -> None:
    # what 87.00 owed and 107.00 paid look like beside a sibling who owes 20.00 among others
    own, sibling = account("A1", 12_00, 75_00), account("A2", 34_10, 20_00)
    best = propose(107_00, own, [sibling], Clues())[0]
    assert (best.kind, best.clear) == ("sum", False)


def test_overpayment_goes_to_unapplied_and_part_payment_to_the_named_statement() -> None:
    owing = account("A1", 40_00, 60_00)
    over = propose(130_00, owing, [], Clues())[0]
    assert [s.destination for s in over.shares] == ["account", "account", "unapplied"]
    assert not over.clear
    named = Clues(statement_numbers=("A1-1",))
    part = propose(25_00, owing, [], named)[0]
    assert [s.statement_number for s in part.shares] == ["A1-1"]
    assert part.clear


def test_a_number_alone_is_never_enough() -> None:
    right = account("A1", 40_00)
    clues = Clues(amount_cents=77_00, account_numbers=("A1",), payer_name="Zelda Quist")
    payment = PaymentClues(77_00, (Part("check", clues, 77_00),))
    verdict = decide(payment, [Pool((right,), Chart(100))], 0.5)
    assert verdict.outcome == "review"
    assert verdict.stratum == "number_only"


def test_a_stranger_with_a_round_amount_is_not_matched() -> None:
    clues = Clues(amount_cents=25_00, payer_name="Zelda Quist", office_code="NORTH")
    pool = Pool((account("A1", 25_00), account("A2", 25_00)), Chart(2000, 40))
    verdict = decide(PaymentClues(25_00, (Part("check", clues, 25_00),)), [pool], 0.9)
    assert verdict.outcome == "no_match"


def test_a_member_of_the_family_pays_for_both_children() -> None:
    facts = {"guarantor_first": "Grace", "guarantor_last": "Okafor", "patient_last": "Okafor",
             "household": "H2"}  # fmt: skip
    pool = Pool((account("A1", 80_00, patient_first="Emma", **facts),
                 account("A2", 61_50, patient_first="Noah", **facts)), Chart(2000, 0))  # fmt: skip
    clues = Clues(amount_cents=141_50, payer_name="Grace Okafor", account_numbers=("A1",))
    verdict = decide(PaymentClues(141_50, (Part("check", clues, 141_50),)), [pool], 0.99)
    assert verdict.outcome == "auto"
    assert {s.account_number for s in verdict.proposals[0].shares} == {"A1", "A2"}


def test_several_checks_in_doubt_are_asked_about() -> None:
    clues = Clues(amount_cents=40_00, account_numbers=("A1",), payer_name="Zelda Quist",
                  patient_names=("Walter Abernathy",))  # fmt: skip
    pool = Pool((account("A1", 90_00),), Chart(100))
    part = (Part("check", clues, 40_00),)
    assert decide(PaymentClues(40_00, part), [pool], 0.9).outcome == "auto"
    assert decide(PaymentClues(40_00, part, ambiguous=True), [pool], 0.9).outcome == "review"


@pytest.mark.parametrize(("paid", "kept_back", "outcome"), [
    (40_00, 0, "auto"), (40_00, None, "review"), (None, 0, "review"),
])  # fmt: skip
def test_nothing_goes_alone_on_an_electronic_remittance_with_an_unread_amount(
    paid: int | None, kept_back: int | None, outcome: str
) -> None:
    claims = [{"patient_account": number, "patient_name": name, "paid_cents": cents}
              for number, name, cents in (("A1", "Walter Abernathy", 40_00),
                                          ("A2", "Emma Okafor", paid))]  # fmt: skip
    said = {"claims": claims, "total_paid_cents": 80_00, "electronic": {"version": "5010"},
            "provider_adjustments": [{"code": "WO", "amount_cents": kept_back}]}  # fmt: skip
    fields = {name: {"value": value, "confidence": 0.999} for name, value in said.items()}
    file = Document("d", 0, "remittance", {"fields": fields}, has_pages=False)
    payment = payments_of([file], {"d": 80_00}, {}, "NORTH")["d"]
    accounts = (account("A1", 40_00, patient_first="Walter", patient_last="Abernathy"),
                account("A2", 40_00, patient_first="Emma", patient_last="Okafor"))  # fmt: skip
    pools = [Pool((each,), Chart(100)) for each in accounts[: len(payment.parts)]]
    assert decide(payment, pools, 0.9).outcome == outcome


@given(WORDS, WORDS, st.integers(0, 8))
def test_one_wrong_letter_leaves_a_key_in_common(first, last, at) -> None:
    right = account("A1", 40_00, patient_first=first, patient_last=last,
                    guarantor_first=first, guarantor_last=last)  # fmt: skip
    at = min(at, len(last) - 1)
    read = last[:at] + "#" + last[at + 1 :]
    clues = Clues(amount_cents=40_00, payer_name=f"{first} {read}".replace("#", "W"))
    if people(clues.payer_name) and len(first) > 2 and len(last) > 5:
        assert set(keys_of_clues(clues)) & keys_of_home([right])


def test_paid_statement_still_names_its_account() -> None:
    paid = account("A1")
    paid = replace(paid, statements=(replace(statement("S9", 0), balance_cents=5000),))
    assert compare.named_by_number(Clues(statement_numbers=("S9",)), [paid]) == {"A1"}
