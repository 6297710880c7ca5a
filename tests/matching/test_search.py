"""Search for people: by number, by name as typed, within one's offices; has it cleared?"""

from __future__ import annotations

import pytest

from matching import search
from records.db import Database
from records.errors import NotFound
from tests.matching.world import check, coupon, run


def test_accounts_are_found_by_number_and_by_name_as_people_type_it(group: Database) -> None:
    def found(text: str, *offices: str) -> list[str]:
        scope = frozenset(offices) if offices else None
        with group.read() as session:
            return [h.account_number for h in search.search_accounts(session, text, offices=scope)]

    assert found("2100000011") == found("8100000015") == found("walter abernathy")
    assert found("Abernathi Walter")[0] == found("abern")[0] == "2100000011"
    assert found("21000000")[:2] == ["2100000011", "2100000029"]
    assert found("X1000005") == ["3400000018"]
    assert set(found("grace okafor")) == {"2100000029", "2100000037"}
    assert found("nakamura", "NORTH") == []
    assert found("nakamura", "NORTH", "EAST") == ["3400000018"]
    assert found("zelda quist") == found("x") == found("") == found("100%") == []


def test_the_status_tells_where_a_payment_is_on_both_axes(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), coupon("2100000011", "8100000015")])
        payment.deposit_state = "credited"
        session.flush()
        told = search.account_status(session, "2100000011").to_json()
        assert told["open_cents"] == 125_00
        assert [(s["statement_number"], s["open_cents"]) for s in told["statements"]] == [
            ("8100000015", 125_00)
        ]
        (one,) = told["payments"]
        assert (one["ref"], one["part_cents"], one["cleared"]) == (payment.ref, 125_00, True)
        assert (one["deposit_state"], one["posting_state"]) == ("credited", "none")
        with pytest.raises(NotFound, match="unknown_account"):
            search.account_status(session, "999")
