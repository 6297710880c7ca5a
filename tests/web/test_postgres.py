"""The pages on PostgreSQL: what SQLite forgives in a query, PostgreSQL does not."""

from __future__ import annotations

from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank import import_file
from matching import remittance_partners
from records import crypto
from records.installation import open_installation
from records.models import (
    Account,
    Denial,
    HeldPart,
    Payment,
    ReadingRow,
    Remittance,
    ReviewItem,
    SourceFile,
)
from records.settings import Settings
from tests.matching.test_remittance_partners import CLAIMS, eob, era, insurers
from tests.matching.test_remittance_people import send_out
from tests.matching.test_remittance_several import CLAIMS as THREE
from tests.matching.test_remittance_several import bulk, two_checks
from tests.matching.world import check, reading
from tests.web.conftest import ORIGIN
from tests.web.desk import BANK_NUMBER, Desk, open_desk
from tests.web.seed import PASSWORD, seed
from tests.web.test_remitted import EMMA, NOBODY, PAYER, claim
from web.app import create_app
from web.routes import GuardedRoute


def test_every_page_answers_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=postgres_url)
    crypto.load_keyring(settings.master_key_file, fresh=True)
    installation = open_installation(settings)
    names = seed(installation)["NORTH"].names
    app = create_app(installation)
    client = TestClient(
        app, base_url=ORIGIN, headers={"origin": ORIGIN}, raise_server_exceptions=False
    )
    wrong = client.post("/login", data={"username": "root", "password": "a wrong guess"})
    assert wrong.status_code == 401
    answer = client.post("/login", data={"username": "root", "password": PASSWORD})
    assert answer.status_code == 200
    for route in app.router.routes:
        if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or ()):
            continue
        if route.access.public or "admin" in route.access.roles:
            path = route.path.format(**names)
            status = client.get(path, params={"q": "Quill1"}).status_code
            assert status not in {401, 403, 404, 500}, (path, status)
    sent = client.post(f"/courier/{names['pickup_ref']}/files", content=b"%PDF on postgres")
    assert sent.status_code == 201
    again = client.post(f"/courier/{names['pickup_ref']}/files", content=b"%PDF on postgres")
    assert again.json()["duplicate"] is True
    assert client.post(f"/jobs/{names['job_id']}/retry").status_code == 200
    assert "The chain holds" in client.post("/audit/verify").text
    installation.close()


def _remitted(desk: Desk) -> None:
    """An EOB of two checks, divided anew after one was posted, one that came late, one of a denial
    and a held part, and each of what waits for its partner."""
    desk.receive(*two_checks())
    desk.receive([bulk("8800417")])
    desk.receive([insurers(serial="1000001")], [eob("7000001")])
    desk.receive([era("55512345", 310_00, claims=[{**CLAIMS[0], "paid_cents": 310_00}])])
    told = reading(
        "remittance", payer_name=PAYER, payment_on="2026-11-10", payment_number="9001",
        total_paid_cents=255_10, balanced=True,
        claims=[claim("C1", 200_00, 200_00, **EMMA), claim("C2", 55_10, 55_10, **NOBODY),
                claim("C3", 0, 98_00, **EMMA)],
    )  # fmt: skip
    desk.receive([check(255_10, "9001", PAYER), told])
    desk.work()
    credit = (
        "Account,Date,Amount,Description,Reference\n"
        f"{BANK_NUMBER},2026-11-27,99.10,HCCLAIMPMT TRN*1*777*1999999999,\n"
    )
    with desk.installation.db.write() as session:
        import_file(session, desk.installation.store, credit.encode(), "b.csv", "user:bill")
        first = session.scalars(select(Payment).where(Payment.check_number == "8800417")).one()
        send_out(session, first)
        row = session.scalars(select(Remittance).where(Remittance.payment_id == first.id)).one()
        moved = {**THREE[0], "patient_account": "2100000029", "patient_name": "Emma Okafor"}
        session.add(ReadingRow(document_id=row.document_id, version=2, made_by="user:sam",
                               sealed=bulk("8800417", claims=(moved, *THREE[1:]))))  # fmt: skip
        session.flush()
        session.expire_all()
        remittance_partners.changed(session, row.document, "user:sam")


def _names(session: Session) -> dict[str, list[str]]:
    """What the paths of pages name, all of each kind that there is."""
    found = {
        "remittance_ref": session.scalars(select(Remittance.ref)),
        "payment_ref": session.scalars(select(Payment.ref)),
        "denial_ref": session.scalars(select(Denial.ref)),
        "held_ref": session.scalars(select(HeldPart.ref)),
        "item_ref": session.scalars(select(ReviewItem.ref)),
        "file_ref": session.scalars(select(SourceFile.ref).limit(1)),
        "account_number": session.scalars(select(Account.number).limit(3)),
    }
    return {name: list(each) for name, each in found.items()}


def test_pages_of_remittances_and_their_money_answer_on_postgresql_with_rows_in_them(
    postgres_url: str, tmp_path: Path
) -> None:
    desk = open_desk(tmp_path, postgres_url)
    _remitted(desk)
    with desk.installation.db.read() as session:
        names = _names(session)
    assert all(names.values()), names
    client = desk.client("ada")
    asked = 0
    for route in client.app.router.routes:  # type: ignore[attr-defined]
        if not isinstance(route, GuardedRoute) or "GET" not in (route.methods or ()):
            continue
        needed = set(route.param_convertors)
        if len(needed) > 1 or not needed <= set(names):
            continue
        for value in [value for name in needed for value in names[name]] or [""]:
            path = route.path.format(**dict.fromkeys(needed, value))
            status = client.get(path, params={"q": "Okafor"}).status_code
            assert status < 500, (path, status)
            asked += 1
    assert asked > 60
    waits = client.get("/remittances/waiting").text
    kinds = ("without its payment", "without its EOB", "without the bank", "without its ERA")
    for told in (*kinds, "read otherwise, after the posting", "the EOB says $812.37"):
        assert told in waits
    for step, who in (("late", "bill"), ("remittance", "sam")):
        assert desk.client(who).get(f"/remittances/waiting?kind={step}").status_code == 200
    assert "together of the" in client.get("/remittances/joined").text
    (denial,) = names["denial_ref"]
    assert denial in client.get("/denials").text
    desk.installation.close()
