"""ZIP, state and city: a disagreement is a finding with a code, and nothing is changed for it."""

from __future__ import annotations

import pytest

from returned_mail.address import findings, standardise


@pytest.mark.parametrize(
    ("city", "state", "zip_code", "code"),
    [
        ("Troy", "NY", "12180", None),
        ("Troy", "NY", "12180-1234", None),
        ("Troy", "OH", "12180", "zip_not_in_state"),
        ("Albany", "NY", "12180", "city_not_of_zip"),
        ("Troy", "NY", "00000", "unknown_zip"),
        ("St Louis", "MO", "63116", None),
        ("Saint Louis", "MO", "63116", None),
        ("APO", "AE", "09021", None),
        ("FPO", "AE", "09021", None),
        ("APO", "NY", "09021", "zip_not_in_state"),
        ("San Juan", "PR", "00926", None),
        ("Rio Piedras", "PR", "00926", None),
        ("Charlotte Amalie", "VI", "00801", None),
        ("Hagatna", "GU", "96910", None),
        ("Washington", "DC", "20500", None),
    ],
)
def test_a_disagreement_has_its_code(
    city: str, state: str, zip_code: str, code: str | None
) -> None:
    address = standardise("12 Elm St", city, state, zip_code)
    found = findings(address)
    assert [each.code for each in found] == ([code] if code else [])
    assert (address.state, address.zip) == (state, zip_code)


def test_a_finding_says_what_the_table_has() -> None:
    (found,) = findings(standardise("12 Elm St", "Albany", "NY", "12180"))
    assert found.expected[0] == "TROY"
    assert "12180" in found.message
