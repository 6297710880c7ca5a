"""A scanned EOB, drawn, printed, scanned and read: the check bears out what the scan left faint."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from bench.remittance_work import chosen, pages_of, read, ready
from matching import remittance_borne_out
from matching.remittance_facts import facts_of
from matching.remittance_partners import as_value
from ocr.field_json import field_json
from records.db import Database
from records.models import Payment
from records.settings import load_settings
from tests.matching import world
from tests.matching.test_remittance_partners import only


@pytest.fixture(scope="module")
def scanned() -> tuple[dict[str, Any], dict[str, Any]]:
    """What is true of a drawn EOB and how its scan is read; some seconds of reading, once."""
    ready()
    drawn = chosen(7, "all", 0)
    _, _, data = drawn.scanned()
    (reading,) = [each for each in read(pages_of(data)) if each.kind == "remittance"]
    fields = {name: field_json(value) for name, value in reading.fields.items()}
    body = {"kind": "remittance", "confidence": 0.99, "pages": [0], "warnings": [],
            "fields": {name: value for name, value in fields.items() if value}}  # fmt: skip
    return drawn.documents[0]["fields"], body


def _check(truth: dict[str, Any], **other: Any) -> Any:
    said = {"serial": truth["payment_number"], "payer": truth["payer_name"].upper(),
            "date": truth["payment_on"], **other}  # fmt: skip
    return world.check(truth["total_paid_cents"], **said)


def test_with_its_check_it_needs_nobody(
    group: Database, scanned: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    truth, body = scanned
    with group.write() as session:
        world.run(session, [body])
        row = only(session)
        alone = facts_of(as_value(row.document), load_settings().remittance_confidence)
        assert (row.read_state, row.doubtful) == ("to_check", alone.doubtful)
        assert alone.doubtful > 0
        world.run(session, [_check(truth)])
        assert (row.partner_state, row.read_state, row.doubtful) == ("joined", "read", 0)
        agreed = remittance_borne_out.of_row(session, row)
        for name in agreed.borne_out:
            assert body["fields"][name]["value"] == truth[name]
        payment = session.scalars(select(Payment)).one()
        assert row.payment_id == payment.id


def test_with_a_check_that_says_otherwise_it_is_asked(
    group: Database, scanned: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    truth, body = scanned
    with group.write() as session:
        world.run(session, [body, _check(truth, serial="1234567")])
        row = only(session)
        assert (row.partner_state, row.read_state) == ("joined", "to_check")
        agreed = remittance_borne_out.of_row(session, row)
        assert set(agreed.contradicted) == {"payment_number"}
