"""Parsing and standardising: the table, and what holds of any address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from returned_mail.address import standardise
from returned_mail.address_delivery import parse_delivery
from returned_mail.address_parts import Part
from returned_mail.postal_words import SUFFIXES, UNITS
from tests.returned_mail import address_table as table


@pytest.mark.parametrize(("typed", "state", "wanted"), table.ALL)
def test_a_line_is_written_as_publication_28_does(typed: str, state: str, wanted: str) -> None:
    assert parse_delivery(typed, state).line == wanted


@pytest.mark.parametrize(("typed", "state", "wanted"), table.ALL)
def test_a_written_line_is_written_the_same_again(typed: str, state: str, wanted: str) -> None:
    first = parse_delivery(typed, state)
    assert parse_delivery(first.line, state).parts == first.parts


@pytest.mark.parametrize(("typed", "state", "care_of", "line"), table.CARE_OF)
def test_care_of_and_attention_stand_apart(typed: str, state: str, care_of: str, line: str) -> None:
    found = parse_delivery(typed, state)
    assert (found.care_of, found.line) == (care_of, line)


@pytest.mark.parametrize(
    ("rows", "kinds"),
    [
        (table.STREETS, {"street", "unparsed"}),
        (table.UNITS, {"street"}),
        (table.HIGHWAYS, {"street"}),
        (table.BOXES, {"po_box", "rural", "contract", "general"}),
        (table.MILITARY, {"military"}),
        (table.ISLANDS, {"puerto_rico", "street", "rural", "contract", "po_box"}),
        (table.UNPARSED, {"unparsed"}),
    ],
)
def test_each_line_is_of_its_kind(rows: tuple[tuple[str, str, str], ...], kinds: set[str]) -> None:
    assert {parse_delivery(typed, state).kind for typed, state, _ in rows} == kinds


def test_the_table_is_large_enough_to_say_something() -> None:
    assert len(table.ALL) + len(table.CARE_OF) >= 150
    assert len({typed for typed, _, _ in table.ALL}) == len(table.ALL)


def test_parts_have_their_roles() -> None:
    found = parse_delivery("12 1/2 north elm street southwest bldg 3 apt 4", "OH")
    assert found.parts == (
        Part("house", "12 1/2"), Part("predirectional", "N"), Part("street", "ELM"),
        Part("suffix", "ST"), Part("postdirectional", "SW"), Part("unit", "BLDG 3"),
        Part("unit", "APT 4"),
    )  # fmt: skip


_WORDS = st.sampled_from(
    (
        *("ELM", "OAK", "MAIN", "NORTH", "EAST", "COURT", "PARK", "LAKE", "AVENUE", "ST", "5TH"),
        *("BOX", "PO", "RR", "HC", "UNIT", "APT", "#", "12", "4B", "1/2", "OF", "THE", "W", "NW"),
        *("HIGHWAY", "COUNTY", "ROAD", "7", "A", "-", "C/O", "ATTN", "FL", "FRONT", "KEY", "URB"),
        *("CALLE", "PSC", "CMR", "I-10", "US", "41"),
    )
)


@given(st.lists(_WORDS, max_size=9), st.sampled_from(["OH", "PR", "AE", "DC", ""]))
def test_no_words_in_any_order_change_when_written_again(words: list[str], state: str) -> None:
    first = parse_delivery(" ".join(words), state)
    again = parse_delivery(first.line, state)
    assert again.line == first.line
    if first.kind != "unparsed":
        assert again.parts == tuple(each for each in first.parts if each.role != "care_of")


@given(st.text(max_size=120))
def test_any_text_is_parsed_to_something_stable(text: str) -> None:
    first = parse_delivery(text, "OH")
    assert parse_delivery(first.line, "OH").line == first.line


@given(
    house=st.integers(1, 99999),
    before=st.sampled_from(["", "N", "SE"]),
    name=st.sampled_from(["ELM", "MAIN", "5TH", "OLD MILL", "MARTIN LUTHER KING JR"]),
    suffix=st.sampled_from(sorted(SUFFIXES)),
    after=st.sampled_from(["", "W", "NE"]),
    unit=st.sampled_from(["", *sorted(set(UNITS) - {"KEY", "PIER", "SLIP", "STOP"})]),
    number=st.integers(1, 9999),
)
def test_what_a_street_is_made_of_is_found_again(
    house: int, before: str, name: str, suffix: str, after: str, unit: str, number: int
) -> None:
    behind = f"{unit} {number}" if unit else ""
    typed = " ".join(f"{house} {before} {name} {suffix} {after} {behind}".split())
    found = parse_delivery(typed, "OH")
    assert found.text("house") == str(house)
    assert found.text("predirectional") == before
    assert (found.text("street"), found.text("suffix")) == (name, SUFFIXES[suffix])
    assert found.text("postdirectional") == after
    assert found.text("unit") == (f"{UNITS[unit]} {number}" if unit else "")


@given(st.lists(_WORDS, min_size=1, max_size=7), st.sampled_from(["OH", "PR", "AE"]))
def test_standardising_any_address_twice_changes_nothing(words: list[str], state: str) -> None:
    once = standardise("12 " + " ".join(words), "Troy", state, "123456789")
    again = standardise(once.street, once.city, once.state, once.zip)
    assert (again.street, again.city, again.state, again.zip) == (
        once.street, once.city, once.state, once.zip,
    )  # fmt: skip
