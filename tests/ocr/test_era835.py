"""835 files are read whole, balanced by all three rules, and written so that they balance."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr import era835, era_reading, era_writer
from records.errors import FindingError, LockboxError, UnreadableError

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "era835"
ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*"
    "000000001*0*P*:~"
)
BODY = """GS*HP*S*R*20260105*1200*1*X*005010X221A1~
ST*835*0001~
BPR*I*{total}*C*CHK************20260105~
TRN*1*88123*1999999999~
N1*PR*ACME DENTAL PLAN~
N1*PE*ELM DENTAL*XX*1234567893~
REF*TJ*123456789~
LX*1~
CLP*ACCT1*1*300*{claim}*50*12*CLM1~
NM1*QC*1*DOE*JANE*Q***MI*M123~
NM1*82*1*STONE*AMY~
DTM*232*20251201~
SVC*AD:D1110:59*100*{line}**1~
DTM*472*20251202~
CAS*CO*45*20~
AMT*B6*80~
LQ*HE*N123~
SVC*AD:D2740*200*150**1~
CAS*PR*1*25**2*25~
PLB*1234567893*20261231*WO:REF9*{plb}~
SE*20*0001~
GE*1*1~
IEA*1*000000001~
"""


def built(total: str = "220", claim: str = "230", line: str = "80", plb: str = "10") -> str:
    return ISA + "\n" + BODY.format(total=total, claim=claim, line=line, plb=plb)


def codes(text: str) -> list[str]:
    return [finding.code for finding in era835.check(text) if not finding.advisory]


def test_every_part_of_a_payment_is_read() -> None:
    (reading,) = era_reading.readings(era835.parse(built()))
    values = {name: field.value for name, field in reading.fields.items() if field}
    assert values["payer_name"] == "ACME DENTAL PLAN"
    assert values["payee_npi"] == "1234567893"
    assert values["payee_tax_id"] == "123456789"
    assert values["payment_number"] == "88123"
    assert values["payment_method"] == "CHK"
    assert values["payment_on"] == "2026-01-05"
    assert values["total_paid_cents"] == 22000
    assert values["balanced"] is True
    assert values["provider_adjustments"] == [
        {"code": "WO", "amount_cents": 1000, "reference": "REF9"}
    ]
    (claim,) = values["claims"]
    assert claim["patient_name"] == "JANE Q DOE"
    assert claim["member_id"] == "M123"
    assert claim["provider_name"] == "AMY STONE"
    first, second = claim["lines"]
    assert first["procedure_code"] == "D1110"
    assert first["modifiers"] == ["59"]
    assert first["allowed_cents"] == 8000
    assert first["service_on"] == "2025-12-02"
    assert first["remarks"] == ["N123"]
    assert second["service_on"] == "2025-12-01"
    assert second["patient_responsibility_cents"] == 5000
    assert codes(built()) == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"total": "220.01"}, [("transaction_balance", "transaction 0001")]),
        ({"plb": "9.99"}, [("transaction_balance", "transaction 0001")]),
        ({"line": "79.99"}, [("service_balance", "line 1, segment 14 (SVC)")]),
        (
            {"claim": "230.01"},
            [("claim_balance", "claim 1 ACCT1"), ("transaction_balance", "transaction 0001")],
        ),
    ],
)
def test_each_balance_rule_names_the_place(
    change: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = era835.check(built(**change))
    assert [f.code for f in found] == [code for code, _ in expected]
    for finding, (_, place) in zip(found, expected, strict=True):
        assert place in finding.where
        assert "1)" in finding.message  # off by one cent, with its sign


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*20*", "SE*21*", "segment_count"),
        ("SE*20*0001", "SE*20*0002", "control_number"),
        ("IEA*1*000000001", "IEA*1*000000002", "control_number"),
        ("GE*1*1~\n", "", "truncated"),
        ("BPR*I*220*", "BPR*I*2x0*", "bad_amount"),
        ("BPR*I*220*", "BPR*I*1e9.99*", "bad_amount"),
        ("BPR*I*220*", f"BPR*I*{'9' * 20}*", "bad_amount"),
        ("************20260105", "************20261305", "bad_date"),
        ("TRN*1*88123*1999999999~\n", "", "missing_segment"),
        ("CAS*CO*45", "CAS*XX*45", "bad_code"),
        ("AD:D1110:59", "AD>D1110>59", "component_separator"),
        ("ST*835", "ST*837", "not_835"),
    ],
)
def test_syntax_faults_are_findings(old: str, new: str, code: str) -> None:
    assert code in codes(built().replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20251201~\nSVC", "20251201\nSVC"),  # an end that was lost: the lines are part of a date
        ("TRN*1*88123*", "TRN*1*88123*1~\nTRN*1*77777*"),
        ("N1*PE*ELM DENTAL*XX*1234567893~", "N1*PE*ELM DENTAL*XX*1234567893~\nN1*PE*OAK~"),
    ],
)
def test_a_payment_whose_segments_are_not_as_many_as_it_says_is_looked_at(
    old: str, new: str
) -> None:
    (reading,) = era_reading.readings(era835.parse(built().replace(old, new, 1)))
    values = {name: field.value for name, field in reading.fields.items() if field}
    assert values["balanced"] is False
    assert (values["payment_number"], values["payee_name"]) == ("88123", "ELM DENTAL")
    assert "segment_count" in {each.code for each in reading.warnings}


@given(st.integers(0, 900), st.binary(max_size=6))
@settings(max_examples=80)
def test_damaged_files_never_end_in_a_traceback(at: int, junk: bytes) -> None:
    text = built()
    damaged = text[:at] + junk.decode("latin-1") + text[at + 3 :]
    if "ISA" not in damaged[:6] or len(damaged) < 120:
        with pytest.raises(LockboxError):
            era835.parse(damaged)
        return
    with contextlib.suppress(UnreadableError):  # the ISA itself may be what was damaged
        interchange = era835.parse(damaged)
        era_reading.readings(interchange)
        era835.check(damaged)
        assert interchange.to_text() == damaged


@pytest.mark.parametrize("name", ["managed-care", "medicare-part-a", "secondary-payment"])
def test_real_files_balance_and_come_back_byte_for_byte(name: str) -> None:
    path = SAMPLES / f"lfh_{name}.835"
    if not path.exists():
        pytest.skip("the sample files are not here")
    text = path.read_bytes().decode()
    interchange = era835.parse(text)
    assert interchange.to_text() == text
    assert [era835.imbalances(t) for t in interchange.transactions] == [[]]
    for reading in era_reading.readings(interchange):
        payment = {n: f.value if f else None for n, f in reading.fields.items()}
        payment["payment_on"] = payment["payment_on"] or "2026-01-05"
        again = era_reading.readings(era835.parse(era_writer.write(payment)))[0]
        for kept in ("total_paid_cents", "balanced", "payment_number", "payee_tax_id"):
            assert (again.fields[kept].value if again.fields[kept] else None) == payment[kept]
        for found, given_claim in zip(again.fields["claims"].value, payment["claims"], strict=True):
            assert {**found, "others": [], "filing_code": None} == {
                **given_claim, "others": [], "filing_code": None,
            }  # fmt: skip


word = st.text("ABCDEFGHIJKLMNOP", min_size=2, max_size=9)
money = st.integers(0, 500_000)


@st.composite
def service_lines(draw: st.DrawFn) -> dict[str, Any]:
    paid, share, written_off = draw(money), draw(money), draw(money)
    kinds = (("CO", "45", written_off), ("PR", "1", share))
    return {
        "service_on": draw(st.dates()).isoformat(),
        "procedure_code": draw(st.sampled_from(["D1110", "99213", "J3301"])),
        "charged_cents": paid + share + written_off,
        "allowed_cents": draw(st.none() | money),
        "paid_cents": paid,
        "patient_responsibility_cents": share,
        "adjustments": [{"group": g, "code": c, "amount_cents": a} for g, c, a in kinds if a],
    }


@st.composite
def remittances(draw: st.DrawFn) -> dict[str, Any]:
    claims = [
        {
            "patient_name": f"{draw(word)} {draw(word)}",
            "member_id": draw(word),
            "patient_account": draw(word),
            "claim_number": draw(word),
            "provider_name": draw(st.none() | word),
            "lines": lines,
        }
        | {
            name: sum(line[name] for line in lines)
            for name in ("charged_cents", "paid_cents", "patient_responsibility_cents")
        }
        for lines in draw(st.lists(st.lists(service_lines(), min_size=1, max_size=3), max_size=3))
    ]
    taken = [
        {"code": "WO", "amount_cents": draw(money), "reference": draw(word)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    paid = sum(c["paid_cents"] for c in claims) - sum(t["amount_cents"] for t in taken)
    if paid < 0:
        taken.append({"code": "FB", "amount_cents": paid, "reference": "NEXT"})
        paid = 0
    return {
        "payer_name": draw(word),
        "payee_name": draw(word),
        "payee_npi": draw(st.sampled_from([None, "1234567893"])),
        "payment_number": draw(word),
        "payment_on": "2026-02-03",
        "total_paid_cents": paid,
        "claims": claims,
        "provider_adjustments": taken,
    }


@given(remittances(), st.sampled_from(["5010", "4010"]))
@settings(max_examples=60, deadline=None)
def test_what_is_written_reads_back_and_balances(remittance: dict[str, Any], version: str) -> None:
    text = era_writer.write(remittance, version=version)
    assert codes(text) == []
    (reading,) = era_reading.readings(era835.parse(text))
    fields = {name: field.value for name, field in reading.fields.items() if field}
    assert fields["payment_method"] == ("CHK" if remittance["total_paid_cents"] else "NON")
    for name in ("payment_number", "payer_name", "total_paid_cents", "provider_adjustments"):
        assert fields[name] == remittance[name]
    assert len(fields["claims"]) == len(remittance["claims"])
    for found, given_claim in zip(fields["claims"], remittance["claims"], strict=True):
        for name in set(given_claim) - {"lines"}:
            assert found[name] == given_claim[name]
        for line, given_line in zip(found["lines"], given_claim["lines"], strict=True):
            assert {name: line[name] for name in given_line} == given_line


@given(remittances())
@settings(max_examples=30, deadline=None)
def test_paper_without_adjustments_still_balances(remittance: dict[str, Any]) -> None:
    for claim in remittance["claims"]:
        for line in claim["lines"]:
            line["adjustments"] = []
            line["procedure_code"] = None if line["paid_cents"] % 2 else line["procedure_code"]
    assert codes(era_writer.write(remittance)) == []


@pytest.mark.parametrize(
    ("allowed", "paid", "share", "said"),
    [
        (80_00, 64_00, 16_00, [("CO", "45", 20_00), ("PR", "192", 16_00)]),
        (None, 64_00, 16_00, [("OA", "192", 20_00), ("PR", "192", 16_00)]),
        (0, 0, None, [("OA", "192", 100_00)]),
        (80_00, 0, 0, [("OA", "192", 100_00)]),
    ],
)
def test_an_amount_without_a_reason_is_a_write_off_only_above_the_allowed_amount(
    allowed: int | None, paid: int, share: int | None, said: list[tuple[str, str, int]]
) -> None:
    line = {"procedure_code": "D2740", "service_on": "2026-02-01", "charged_cents": 100_00,
            "allowed_cents": allowed, "paid_cents": paid,
            "patient_responsibility_cents": share}  # fmt: skip
    claim = {"charged_cents": 100_00, "paid_cents": paid, "lines": [line]}
    text = era_writer.write(
        {"payment_on": "2026-02-03", "total_paid_cents": paid, "claims": [claim]}
    )
    [service] = era835.parse(text).transactions[0].claims[0].services
    assert sorted((e.group, e.code, e.amount_cents) for e in service.adjustments) == said


def test_amounts_that_do_not_add_up_are_refused_with_the_place() -> None:
    (reading,) = era_reading.readings(era835.parse(built()))
    document = {
        "kind": "remittance",
        "fields": {n: {"value": f.value} for n, f in reading.fields.items() if f},
    }
    assert codes(era_writer.write({"documents": [document]})) == []
    document["fields"]["total_paid_cents"] = {"value": 22001}
    with pytest.raises(FindingError) as caught:
        era_writer.write({"documents": [document]})
    assert caught.value.code == "unbalanced_remittance"
    assert "22000" in caught.value.message


def test_a_payment_below_zero_is_not_written_but_carried_forward() -> None:
    taken = [{"code": "WO", "amount_cents": 500, "reference": "R"}]
    below = {"payment_on": "2026-02-03", "claims": [], "provider_adjustments": taken}
    with pytest.raises(FindingError) as caught:
        era_writer.write(below)
    assert caught.value.code == "negative_payment"
    assert "-500 cents" in caught.value.message


@pytest.mark.parametrize(("sign", "total"), [("", 22000), ("-", -22000)])
def test_a_debit_is_a_payment_unless_only_its_negative_balances(sign: str, total: int) -> None:
    text = built()
    if sign:
        text = text.replace("WO:REF9*10~", "WO:REF9*450~")
    debit = text.replace("BPR*I*220*C", "BPR*I*220*D")
    [payment] = era835.parse(debit).transactions
    assert payment.total_paid_cents == total
    assert not era835.imbalances(payment)
    advised = [f.code for f in era835.check(debit) if f.advisory]
    assert advised == (["debit_flag", "negative_payment"] if sign else [])
