"""Differences between two addresses: their words, roles and slips of digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returned_mail.address import differences, slip_between, without_name


@pytest.mark.parametrize(
    ("old", "new", "slip"),
    [
        ("12", "21", "swapped"),
        ("1234", "1324", "swapped"),
        ("12", "112", "inserted"),
        ("1234", "124", "deleted"),
        ("12", "13", "changed"),
        ("12", "12", ""),
        ("12", "34", ""),
        ("4B", "4D", "changed"),
        ("ELM", "ELN", ""),
        ("45419", "45491", "swapped"),
    ],
)
def test_one_slip_of_digits_is_named(old: str, new: str, slip: str) -> None:
    assert slip_between(old, new) == slip


@pytest.mark.parametrize("zip_code", ["45419", "45419-6049"])
def test_a_zip_is_the_same_with_its_add_on_and_without(zip_code: str) -> None:
    old, new = differences(f"12 Elm St, Dayton, OH {zip_code}", "12 ELM ST, DAYTON OH 45419-6049")
    assert not [each for each in (*old, *new) if each.differs]


@pytest.mark.parametrize("zip_code", ["45491", "45491-6049", "45419-6094"])
def test_another_zip_or_another_add_on_differs(zip_code: str) -> None:
    _, new = differences("12 Elm St, Dayton, OH 45419-6049", f"12 ELM ST, DAYTON OH {zip_code}")
    assert [(each.text, each.role) for each in new if each.differs] == [(zip_code, "zip")]


@given(st.text("0123456789", max_size=6), st.text("0123456789", max_size=6))
def test_a_slip_there_is_a_slip_back(old: str, new: str) -> None:
    back = {"inserted": "deleted", "deleted": "inserted"}
    there = slip_between(old, new)
    assert slip_between(new, old) == back.get(there, there)


def test_each_differing_word_has_its_role_and_slip() -> None:
    old, new = differences("12 ELM ST, DAYTON, OH 45419", "21 ELM ST APT 4, TROY, OH 45491")
    assert [(each.text, each.role, each.slip) for each in old if each.differs] == [
        ("12", "house", "swapped"),
        ("DAYTON,", "city", ""),
        ("45419", "zip", "swapped"),
    ]
    assert [(each.text, each.role) for each in new if each.differs] == [
        ("21", "house"),
        ("APT", "unit"),
        ("4,", "unit"),
        ("TROY,", "city"),
        ("45491", "zip"),
    ]


def test_long_and_short_forms_are_the_same_word() -> None:
    old, new = differences(
        "12 North Elm Street Apartment 4, Dayton, OH 45419", "12 N ELM ST APT 4, DAYTON, OH 45419"
    )
    assert not [each for each in (*old, *new) if each.differs]


def test_a_name_is_not_shortened_for_comparing() -> None:
    old, new = differences("12 COURT ST, TROY, OH 45373", "12 CT ST, TROY, OH 45373")
    assert [each.text for each in old if each.differs] == ["COURT"]
    assert [each.text for each in new if each.differs] == ["CT"]


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_two_texts_are_compared_with_all_their_words(old: str, new: str) -> None:
    left, right = differences(old, new)
    assert [each.text for each in left] == old.split()
    assert [each.text for each in right] == new.split()


@pytest.mark.parametrize(
    "front",
    ["ANNA VOSS, ", "Anna Voss ", "VOSS, ANNA, "],
)
def test_a_known_name_in_front_of_an_address_is_no_part_of_it(front: str) -> None:
    line = "12 ELM ST, DAYTON OH 45419-6049"
    bare = without_name(front + line, ["", "Anna Voss"])
    assert bare == line
    old, new = differences("12 Elm St, Dayton, OH 45419", bare)
    assert not [each for each in (*old, *new) if each.differs]


@pytest.mark.parametrize(
    "text",
    [
        "ANNA VOGEL, 12 ELM ST, DAYTON OH 45419",  # somebody else
        "ANNA VOSS",  # no address behind it
        "ELM ST, DAYTON OH 45419",
        "12 ELM ST, DAYTON OH 45419",
    ],
)
def test_what_is_no_known_name_before_an_address_stays(text: str) -> None:
    assert without_name(text, ["Anna Voss", "Elm"]) == text
