"""Mail with EOBs: divided, late, without a partner, with a denial and with a held part."""

from __future__ import annotations

from sqlalchemy import select

from deposits.bank import import_file
from matching import remittance_partners
from records.models import Payment, ReadingRow, Remittance
from tests.matching.test_remittance_partners import CLAIMS, eob, era, insurers
from tests.matching.test_remittance_people import send_out
from tests.matching.test_remittance_several import CLAIMS as THREE
from tests.matching.test_remittance_several import bulk, two_checks
from tests.matching.world import check, reading
from tests.web.desk import BANK_NUMBER, Desk
from tests.web.test_remitted import EMMA, NOBODY, PAYER, claim


def remitted(desk: Desk) -> None:
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
