"""What the check says too is no doubt any more; what it says otherwise is one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from matching import remittance_borne_out, remittance_partners, remittance_people
from matching.remittance_agreement import Facts, agreement
from records.db import Database
from records.models import Document, ReadingRow
from tests.matching import world
from tests.matching.test_remittance_partners import DELTA, TOTAL, eob, insurers, only
from tests.matching.world import field

SAM = "user:sam"
MONEY = Facts(("0008800417",), TOTAL, (DELTA.upper(),), (date(2026, 11, 10),))
FAINT = 0.6


def faint(**other: Any) -> Any:
    """An EOB whose head was read faintly and rightly, its claims surely."""
    said = {
        "payment_number": "8800417", "payment_on": "2026-11-10", "payer_name": DELTA,
        "total_paid_cents": TOTAL, **other,
    }  # fmt: skip
    body = eob()
    body["fields"] |= {name: field(value, FAINT) for name, value in said.items()}
    return body


def test_number_total_day_and_payer_are_borne_out() -> None:
    found = agreement(faint(), MONEY)
    assert found.borne_out == {
        "payment_number", "payment_on", "payer_name", "total_paid_cents",
    }  # fmt: skip
    assert found.says("payment_number") == "the check bears it out"


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("payment_number", "8800471", "0008800417"),
        ("payment_on", "2026-10-10", "2026-11-10"),
        ("payer_name", "Cigna Health", DELTA.upper()),
        ("total_paid_cents", 250_00, "205.00"),
    ],
)
def test_what_the_check_contradicts_is_asked_however_surely_it_was_read(
    name: str, said: Any, told: str
) -> None:
    body = faint(**{name: said})
    body["fields"][name]["confidence"] = 0.999
    found = agreement(body, MONEY)
    assert found.contradicted == {name: told}
    body["fields"][name]["checked_by"] = SAM
    assert agreement(body, MONEY).contradicted == {}


def test_a_letter_misread_a_day_near_and_an_end_of_a_number_say_nothing() -> None:
    body = faint(payer_name="Delto Dental of Ohio", payment_on="2026-11-12",
                 payment_number="CK98800417")  # fmt: skip
    money = Facts(("8800417",), None, (DELTA,), (date(2026, 11, 10),))
    found = agreement(body, money)
    assert (found.borne_out, dict(found.contradicted)) == (frozenset(), {})


def test_what_the_check_bears_out_needs_nobody_and_is_asked_again_when_parted(
    group: Database,
) -> None:
    with group.write() as session:
        world.run(session, [faint()])
        row = only(session)
        assert (row.read_state, row.doubtful) == ("to_check", 4)
        world.run(session, [insurers(serial="0008800417")])
        assert (row.partner_state, row.read_state, row.doubtful) == ("joined", "read", 0)
        remittance_people.unjoin(session, row.ref, SAM, "another check")
        assert (row.partner_state, row.read_state, row.doubtful) == ("waiting", "to_check", 4)


def test_a_contradiction_is_asked_until_somebody_has_looked(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(serial="1234567"), eob("8800417")])
        row = only(session)
        assert (row.partner_state, row.read_state, row.doubtful) == ("joined", "to_check", 1)
        _keyed(session, row.document_id, "1234567")
        assert (row.read_state, row.doubtful) == ("read", 0)
        assert remittance_borne_out.of_row(session, row).borne_out >= {"payment_number"}


def _keyed(session: Session, document_id: str, number: str) -> None:
    document = session.get_one(Document, document_id)
    body = eob(number)
    body["fields"]["payment_number"] = {**field(number, 1.0), "source": SAM}
    session.add(ReadingRow(document_id=document.id, version=2, sealed=body, made_by=SAM))
    session.flush()
    session.expire_all()
    remittance_partners.changed(session, document, SAM)
