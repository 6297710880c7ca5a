"""A credit finds its 835 by trace number and amount, in whichever format the bank writes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank import import_file
from deposits.day import proof
from deposits.pairing import Expected, Movement, Pair, pair_electronic
from records.db import Database
from records.files import FileStore
from records.installation import Installation
from records.models import AuditEvent, Remittance
from tests.deposits.build import DAY, Group, check, group

TRACE = "ERA20261120CLEARINGHOUSE0099887766"
"""Longer than a check's number: a payment keeps the first twenty letters, the remittance all."""
COMPANY = "1411289245"
TOLD = f"TRN*1*{TRACE}*{COMPANY}"
_BAI2 = f"""01,1,2,261122,1800,1,80,,2/
02,2,021000021,1,261122,1700,USD,2/
03,000123456789,USD,100,8000,1,/
16,142,8000,0,,,HCCLAIMPMT DELTA DENTAL
88,{TOLD}
49,16000,4/
98,16000,1,6/
99,16000,1,8/
"""
_CAMT = f"""<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>
<Acct><Id><Othr><Id>000123456789</Id></Othr></Id><Ccy>USD</Ccy></Acct>
<Ntry><Amt Ccy="USD">80.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<BookgDt><Dt>2026-11-22</Dt></BookgDt><ValDt><Dt>2026-11-22</Dt></ValDt>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><RmtInf><Ustrd>{TOLD}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""
_CSV = f"""Account,Date,Amount,Description,Reference
123456789,2026-11-22,80.00,HCCLAIMPMT {TOLD},
"""


def _announced(session: Session, made: Group, trace: str) -> tuple[str, str]:
    payment = check(session, made, 80_00, kind="eft", number=trace[:20])
    session.add(
        Remittance(
            ref=f"REM-{trace[-4:]}", document_id=payment.document_id, office_id=made.office_id,
            payment_number=trace, company_id=COMPANY, electronic=True, amount_cents=80_00,
            partner_state="joined", payment_id=payment.id, reasons=[],
        )
    )  # fmt: skip
    session.flush()
    return payment.id, payment.ref


@pytest.mark.parametrize("name", ["a.bai", "a.xml", "a.csv"])
def test_the_trace_is_found_in_what_the_bank_adds(
    db: Database, installation: Installation, name: str
) -> None:
    store: FileStore = installation.store
    data = {"a.bai": _BAI2, "a.xml": _CAMT, "a.csv": _CSV}[name].encode()
    with db.write() as session:
        made = group(session)
        _, ref = _announced(session, made, TRACE)
        _announced(session, made, TRACE[:-4] + "1234")
        done = import_file(session, store, data, name, "user:bill")
        assert (done.new, done.settled) == (1, 1)
        assert proof(session, DAY).explained
    with db.read() as session:
        told = [
            event.detail
            for event in session.scalars(
                select(AuditEvent).where(AuditEvent.action == "bank_line_settled")
            )
        ]
    assert [(each["settles"], each["why"]) for each in told] == [(ref, "reference")]


def _line(words: str, days: int = 0) -> Movement:
    return Movement("l", "x", DAY + timedelta(days=days), 80_00, "eft_credit", words)


def test_one_trace_of_two_companies_is_told_apart_by_the_company() -> None:
    ours = Expected("p", "x", DAY, 80_00, ("99887766",), company=COMPANY)
    theirs = Expected("q", "x", DAY, 80_00, ("99887766",), company="1999999999")
    line = _line(f"HCCLAIMPMT TRN*1*99887766*{COMPANY}")
    assert pair_electronic([line], [ours, theirs]) == [Pair("l", "p", "reference")]
    assert pair_electronic([line], [theirs]) == []


def test_an_amount_alone_settles_nothing_against_the_insurers_name() -> None:
    delta = Expected("p", "x", DAY, 80_00, ("99887766",), payer="Delta Dental of Ohio")
    assert pair_electronic([_line("ACH CREDIT HCCLAIMPMT")], [delta]) == [Pair("l", "p", "amount")]
    assert pair_electronic([_line("HCCLAIMPMT DELTA DENTAL OH")], [delta])
    assert pair_electronic([_line("HCCLAIMPMT CIGNA")], [delta]) == []
