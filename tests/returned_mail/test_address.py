"""Addresses: what is refused, what is standardised, what is shown as different."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.errors import WrongUse
from returned_mail.address import differences, parse_block, standardise


def test_suffixes_and_spacing_become_one_form() -> None:
    assert standardise(" 12  elm street apartment 4", "dayton", "oh", "454191234").line == (
        "12 ELM ST APT 4, DAYTON, OH 45419-1234"
    )


@pytest.mark.parametrize(
    ("street", "city", "state", "zip_code", "code"),
    [
        ("", "Dayton", "OH", "45419", "no_street"),
        ("1 Elm", " ", "OH", "45419", "no_city"),
        ("1 Elm", "Dayton", "OX", "45419", "unknown_state"),
        ("1 Elm", "Dayton", "OH", "4541", "wrong_zip"),
    ],
)
def test_each_missing_part_has_its_own_code(
    street: str, city: str, state: str, zip_code: str, code: str
) -> None:
    with pytest.raises(WrongUse) as refused:
        standardise(street, city, state, zip_code)
    assert refused.value.code == code


def test_standardising_twice_changes_nothing() -> None:
    once = standardise("4100 Holiday Street North", "Canton", "OH", "44718")
    assert standardise(once.street, once.city, once.state, once.zip) == once


@pytest.mark.parametrize(
    "text",
    ["ROSA ALVAREZ\n12 Elm St\nDayton, OH 45419", "12 Elm St, Dayton, OH 45419"],
)
def test_an_address_is_found_below_the_name_or_on_one_line(text: str) -> None:
    found = parse_block(text)
    assert found is not None
    assert found.line == "12 ELM ST, DAYTON, OH 45419"


@given(st.text(max_size=200))
def test_any_text_gives_an_address_or_none(text: str) -> None:
    found = parse_block(text)
    assert found is None or len(found.state) == 2


def test_only_the_words_that_differ_are_marked() -> None:
    old, new = differences("12 ELM ST, DAYTON, OH 45419", "21 ELM ST, DAYTON, OH 45420")
    assert [token.text for token in old if token.differs] == ["12", "45419"]
    assert [token.text for token in new if token.differs] == ["21", "45420"]


@given(st.lists(st.sampled_from(["12", "ELM", "ST", "OH", "45419"]), max_size=8))
def test_an_address_does_not_differ_from_itself(words: list[str]) -> None:
    old, new = differences(" ".join(words), " ".join(words))
    assert not any(token.differs for token in (*old, *new))
