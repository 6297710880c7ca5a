"""Held parts and denials as people meet them: pages, API and commands, by office and role."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from matching.claim_importing import import_claims
from matching.claim_rows import CLAIM_COLUMNS
from records.models import AuditEvent, Denial, HeldPart, Office, Payment
from tests.matching.world import check, reading
from tests.web.desk import Desk, open_desk
from web import audit_scope

PAYER = "Buckeye Mutual Health Plan"


def claim(number: str, cents: int, charged: int, **more: Any) -> dict[str, Any]:
    codes = [{"group": "CO", "code": "97", "amount_cents": charged - cents}]
    line = {"service_on": "2026-10-05", "procedure_code": "D2391", "charged_cents": charged,
            "paid_cents": cents, "adjustments": codes if charged > cents else []}  # fmt: skip
    return {"claim_number": number, "paid_cents": cents, "charged_cents": charged,
            "lines": [line], **more}  # fmt: skip


EMMA = {"patient_name": "OKAFOR, EMMA", "member_id": "G100000002", "patient_account": "2100000029"}
NOBODY = {"patient_name": "Zelda Quist", "member_id": "ZZ9", "patient_account": "7777777777"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("remitted"))
    eob = reading(
        "remittance", payer_name=PAYER, payment_on="2026-11-10", payment_number="9001",
        total_paid_cents=255_10, balanced=True,
        claims=[claim("C1", 200_00, 200_00, **EMMA), claim("C2", 55_10, 55_10, **NOBODY),
                claim("C3", 0, 98_00, **EMMA)],
    )  # fmt: skip
    made.receive([check(255_10, "9001", PAYER), eob])
    yield made
    made.installation.close()


def held(desk: Desk) -> HeldPart:
    with desk.installation.db.read() as session:
        return session.scalars(select(HeldPart).order_by(HeldPart.created_at)).first()  # type: ignore[return-value]


def denial(desk: Desk) -> Denial:
    with desk.installation.db.read() as session:
        return session.scalars(select(Denial)).one()


def looks(desk: Desk, action: str) -> int:
    with desk.installation.db.read() as session:
        return len(session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all())


def keys_of(page: str) -> dict[str, str]:
    """The digit of each next step of a denial."""
    return dict(re.findall(r'name="to" value="(\w+)"[^>]* data-key="(\d)"', page))


def test_a_denial_is_listed_by_amount_worked_and_kept_with_its_words(desk: Desk) -> None:
    row = denial(desk)
    sam = desk.client("sam")
    shown = sam.get("/denials").text
    assert row.ref in shown
    assert "$98.00 at stake" in shown
    assert "Zelda" not in shown
    assert row.ref not in sam.get("/denials?reason=CO-16").text
    before = looks(desk, "denial.viewed")
    page = sam.get(f"/denials/{row.ref}").text
    assert "CO-97" in page
    assert looks(desk, "denial.viewed") == before + 1
    assert desk.client("erin").get(f"/denials/{row.ref}").status_code == 404
    assert desk.client("audrey").post(f"/denials/{row.ref}/step", data={}).status_code == 403
    keys = keys_of(page)
    done = sam.post(f"/denials/{row.ref}/step", data={"to": "appealed", "note": "sent films"})
    assert done.status_code == 303
    left = keys_of(sam.get(f"/denials/{row.ref}").text)
    assert keys["working"] == "1"
    assert left == {name: keys[name] for name in left}, "a digit is the same step in every state"
    assert "appealed" not in left
    assert "sent films" in sam.get(f"/denials/{row.ref}").text
    refused = sam.post(f"/denials/{row.ref}/step", data={"to": "overturned"})
    assert refused.status_code == 409
    assert denial(desk).state == "appealed"


def test_what_happened_to_a_denial_is_on_record_for_its_own_office(desk: Desk) -> None:
    with desk.installation.db.read() as session:
        for code, seen in (("NORTH", True), ("EAST", False)):
            office = session.scalars(select(Office.id).where(Office.code == code)).one()
            query = select(AuditEvent.action).where(audit_scope.within(frozenset({office})))
            assert ("denial.entered" in session.scalars(query).all()) is seen


def test_each_look_at_a_list_is_on_record(desk: Desk) -> None:
    """Account numbers with services and reasons are patient data, on a list as well."""
    sam = desk.client("sam")
    for name, paths in (
        ("held.listed", ("/held", "/api/v1/held")),
        ("denials.listed", ("/denials", "/api/v1/denials")),
        (
            "denials.month_viewed",
            (
                "/denials/month?month=2026-11",
                "/denials/month.csv?month=2026-11",
                "/api/v1/denials/month?month=2026-11",
            ),
        ),
    ):
        before = looks(desk, name)
        for path in paths:
            assert sam.get(path).status_code == 200
        assert looks(desk, name) == before + len(paths)


def test_a_month_of_denials_is_shown_and_downloaded(desk: Desk) -> None:
    bill = desk.client("bill")
    assert "$98.00" in bill.get("/denials/month?month=2026-11").text
    file = bill.get("/denials/month.csv?month=2026-11")
    assert file.headers["content-disposition"].endswith('"denials-2026-11.csv"')
    assert file.text.splitlines()[1].startswith(f"{PAYER},CO-97,")
    assert "No denials" in bill.get("/denials/month?month=2026-10").text
    assert desk.client("edna").get("/denials/month.csv?month=2026-11").text.count("\n") == 1
    rows = bill.get("/api/v1/denials/month?month=2026-11").json()["rows"]
    assert [(each["reason"], each["count"]) for each in rows] == [("CO-97", 1)]
    assert bill.get("/api/v1/denials").json()["at_stake_cents"] == 98_00


def test_the_desk_tells_which_sent_claims_it_may_be_and_holds_for_the_reason_given(
    desk: Desk,
) -> None:
    sent = f"""{",".join(CLAIM_COLUMNS)}
K1,,2100000045,A100000003,Buckeye,2026-10-05,D2391,,,1,196.00,
K2,,2100000052,A100000004,Buckeye,2026-10-05,D2391,,,1,196.00,
"""
    with desk.installation.db.write() as session:
        assert not import_claims(session, sent, "user:ada").refused
    smith = {"patient_name": "SMITH", "member_id": "", "patient_account": ""}
    eob = reading(
        "remittance", payer_name=PAYER, payment_number="9002", total_paid_cents=196_00,
        balanced=True, claims=[claim("C8", 196_00, 196_00, **smith)],
    )  # fmt: skip
    (ref,) = desk.receive([check(196_00, "9002", PAYER), eob])
    item, sam = desk.question(ref), desk.client("sam")
    page = sam.get(f"/review/{item.ref}").text
    assert "Claims that were sent: two candidates" in page
    assert "K1" in page
    token = re.search(r'data-token="(\d+)"', page)
    assert token is not None
    form = {"token": token[1], "amount": "196.00", "to_destination": "unidentified",
            "to_account": "unidentified", "to_statement": "", "to_amount": "196.00",
            "held_as": "two_candidates"}  # fmt: skip
    assert sam.post(f"/review/{item.ref}/confirm", data=form).status_code == 303
    with desk.installation.db.read() as session:
        payment = session.scalars(select(Payment).where(Payment.ref == ref)).one()
        (row,) = session.scalars(select(HeldPart).where(HeldPart.payment_id == payment.id))
        assert (row.reason, row.amount_cents) == ("two_candidates", 196_00)
        said = {"allocations": [{"account_number": "2100000045", "amount_cents": 196_00}]}
    assert sam.post(f"/api/v1/held/{row.ref}", json=said).status_code == 200


def test_a_held_part_shows_the_whole_sum_and_is_placed(desk: Desk) -> None:
    row, sam = held(desk), desk.client("sam")
    queue = sam.get("/held").text
    assert row.ref in queue
    assert "Zelda" not in queue
    with desk.installation.db.read() as session:
        ref = session.get_one(Payment, row.payment_id).ref
    assert f'href="/held/{row.ref}"' in sam.get(f"/payments/{ref}").text
    page = sam.get(f"/held/{row.ref}").text
    assert page.count("$255.10") == 2
    assert "make the payment to the cent" in page
    assert desk.client("erin").get(f"/held/{row.ref}").status_code == 404
    assert row.ref not in desk.client("erin").get("/held").text
    short = sam.post(f"/held/{row.ref}/place", data={"account": "2100000011", "amount": "55.00"})
    assert short.status_code in (400, 422)
    data = {"account": ["2100000011", "", ""], "amount": ["50.00", "5.10", ""], "hold": "remainder"}
    unsaid = sam.post(f"/held/{row.ref}/place", data={**data, "hold": ""})
    assert unsaid.status_code == 400
    assert "it is settled" in unsaid.text
    assert sam.post(f"/held/{row.ref}/place", data=data).status_code == 303
    listed = desk.client("bill").get("/api/v1/held").json()
    (left,) = listed["held"]
    assert (left["reason"], left["amount_cents"]) == ("remainder", 5_10)
    said = {"allocations": [{"account_number": "2100000011", "amount_cents": 5_10}]}
    done = sam.post(f"/api/v1/held/{left['ref']}", json=said)
    assert json.loads(done.text)["state"] == "placed"
    again = sam.post(f"/api/v1/held/{left['ref']}", json=said)
    assert again.json()["code"] == "held_part_ended"
    assert "Nothing is held" in sam.get("/held").text
