"""Whose piece it is: signs add up, and doubt goes to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import log

import pytest

from returned_mail.identify import Candidate, Evidence, Mailed, choose, rank
from returned_mail.identify_weights import SURE

IMB = "0030090317246800000145419"
MAILED, BACK = date(2026, 11, 2), date(2026, 11, 16)
ELM, OAK = "12 ELM ST, DAYTON OH 45419", "8 OAK LN, DAYTON OH 45419"
ROSA = Mailed(
    "s1", "8000000001", "a1", "1000000001", "Rosa Alvarez", ELM, "v1", MAILED, IMB, "m1", "north"
)
OTHER = Mailed(
    "s9", "8000000009", "a9", "1000000009", "Ingrid Okafor", OAK, "v9", MAILED, "9" * 25, "m9",
    "north",
)  # fmt: skip
WINDOW = Evidence(name="ROSA ALVAREZ", address=f"{ELM}-1234", zip5="45419", sender_is_ours=True,
                  received_on=BACK, office_id="north")  # fmt: skip
BARS = Evidence(imb=IMB, mailing_id="m1", how="ledger", received_on=BACK, office_id="north")


def of(number: int, base: Mailed = ROSA, **other: str) -> Mailed:
    """Another mailed piece, alike but for its numbers and what is given."""
    fresh = replace(base, statement_id=f"s{number}", statement_number=f"800000000{number}",
                    account_id=f"a{number}", account_number=f"100000000{number}",
                    imb=f"{number}" * 25, mailing_id=f"m{number}")  # fmt: skip
    return replace(fresh, **other)


def ranked(evidence: Evidence, *mailed: Mailed) -> list[Candidate]:
    return rank(evidence, mailed, 800)


def test_name_and_address_of_our_own_envelope_are_enough() -> None:
    found = choose(ranked(WINDOW, ROSA, OTHER))
    assert found is not None
    assert (found.account_id, found.statement_id, found.address_version_id) == ("a1", "s1", "v1")


def test_the_reasons_add_up_to_the_odds() -> None:
    best = ranked(WINDOW, ROSA, OTHER)[0]
    assert sum(weight for _, weight in best.reasons) == pytest.approx(best.log_odds, abs=0.05)
    assert {"before looking", "name", "address", "return address"} == {n for n, _ in best.reasons}


@pytest.mark.parametrize("part", ["name", "address"])
def test_one_printed_sign_alone_is_never_enough(part: str) -> None:
    alone = replace(WINDOW, **{part: ""})
    assert choose(ranked(alone, ROSA, OTHER)) is None


def test_the_bars_alone_are_enough() -> None:
    found = choose(ranked(BARS, ROSA, of(2, name="Jo Hill")))
    assert found is not None
    assert found.statement_id == "s1"


def test_bars_that_name_and_address_contradict_go_to_a_person() -> None:
    against = replace(WINDOW, imb=IMB, mailing_id="m1", how="ledger",
                      name="INGRID OKAFOR", address="8 OAK LN, DAYTON OH 45419")  # fmt: skip
    assert choose(ranked(against, ROSA, OTHER)) is None


def test_a_coupon_that_the_bars_contradict_goes_to_a_person() -> None:
    torn = replace(BARS, coupon=("1000000009", "8000000009"))
    assert choose(ranked(torn, ROSA, OTHER)) is None


@pytest.mark.parametrize(
    "twin",
    [
        of(2),  # father and son of one name, or two accounts of one guarantor
        of(3, office_id="west"),  # the same person in two offices
    ],
)
def test_two_that_look_alike_go_to_a_person_unless_the_piece_says_which(twin: Mailed) -> None:
    if twin.office_id == "north":
        assert choose(ranked(WINDOW, ROSA, twin)) is None
    both = replace(WINDOW, imb=twin.imb, mailing_id=twin.mailing_id, how="decoded")
    found = choose(ranked(both, ROSA, twin))
    assert found is not None
    assert found.account_id == twin.account_id


def test_the_same_person_in_two_offices_is_not_chosen_by_name_and_address() -> None:
    assert choose(ranked(WINDOW, ROSA, of(3, office_id="west"))) is None


def test_two_of_a_household_are_told_apart_by_the_first_name_only_when_read() -> None:
    spouse = of(2, name="Juan Alvarez")
    assert choose(ranked(WINDOW, ROSA, spouse)) is not None
    unread = replace(WINDOW, name="ALVAREZ")
    assert choose(ranked(unread, ROSA, spouse)) is None


def test_of_two_statements_of_one_account_the_account_is_sure_and_the_statement_is_not() -> None:
    again = replace(ROSA, statement_id="s5", statement_number="8000000005", imb="5" * 25,
                    mailing_id="m5")  # fmt: skip
    found = choose(ranked(WINDOW, ROSA, again))
    assert found is not None
    assert (found.account_id, found.statement_id) == ("a1", None)


def test_a_common_name_says_less_than_a_rare_one() -> None:
    namesakes = [of(n, address=f"{n}00 OAK LN, DAYTON OH 45419") for n in range(2, 8)]

    def weight(found: list[Candidate]) -> float:
        return dict(next(each for each in found if each.account_id == "a1").reasons)["name"]

    rare, common = ranked(WINDOW, ROSA), ranked(WINDOW, ROSA, *namesakes)
    assert weight(common) < weight(rare) - log(6)


def test_a_house_number_off_by_a_digit_is_another_address() -> None:
    near = replace(WINDOW, address="17 ELM ST, DAYTON OH 45419")
    assert choose(ranked(near, ROSA, OTHER)) is None


def test_a_labels_day_does_not_choose_between_two_accounts_of_one_address() -> None:
    early = replace(WINDOW, marked_on=date(2026, 10, 10))
    sibling = replace(ROSA, account_id="a9", account_number="1000000009", statement_id="s9",
                      mailing_id="m9", imb="9" * 25, mailed_on=date(2026, 10, 1))  # fmt: skip
    later = replace(ROSA, mailed_on=date(2026, 10, 20))
    assert choose(ranked(early, sibling)) is not None
    assert choose(ranked(early, sibling, later)) is None


def test_another_companys_envelope_to_our_patient_is_not_ours() -> None:
    foreign = replace(WINDOW, sender_is_ours=False)
    own = ranked(WINDOW, ROSA)[0]
    assert ranked(foreign, ROSA)[0].log_odds < own.log_odds - 7


def test_a_piece_marked_before_it_was_mailed_is_another() -> None:
    early = replace(WINDOW, marked_on=date(2026, 10, 30))
    later = replace(ROSA, mailed_on=date(2026, 10, 20), statement_id="s4",
                    statement_number="8000000004", mailing_id="m4", imb="4" * 25)  # fmt: skip
    found = choose(ranked(early, ROSA, later))
    assert found is not None
    assert found.statement_id == "s4"
    assert found.score >= SURE
