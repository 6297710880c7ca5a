"""An 835 without its envelope, in other encodings, with junk around it, or very large is read."""

import gc
import time
import tracemalloc

import pytest

from intake.sniff import sniff
from ocr import era835, era_reading, x12
from records.errors import UnreadableError

ISA = (
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*"
    "000000001*0*P*:~"
)
SET = (
    "ST*835*0001~BPR*I*80*C*CHK************20260105~TRN*1*88123*1123456789~"
    "N1*PR*ACME~N1*PE*ELM*XX*1234567893~LX*1~CLP*A1*1*100*80**12*C1~NM1*QC*1*DOE*JANE~"
    "SVC*AD:D1110*100*80~CAS*CO*45*20~{plb}SE*{count}*0001~"
)
PLAIN = SET.format(plb="", count=11)
GROUP = f"GS*HP*S*R*20260105*1200*1*X*005010X221A1~{PLAIN}GE*1*1~"
WHOLE = f"{ISA}{GROUP}IEA*1*000000001~"


def codes(text: str) -> list[str]:
    return [finding.code for finding in era835.check(text) if not finding.advisory]


@pytest.mark.parametrize("marks", ["*:~", "|>\n", "\x1d\x1f\x1e", "*>\r"])
@pytest.mark.parametrize(("body", "version"), [(GROUP, "5010"), (PLAIN, "")])
def test_a_file_without_isa_says_what_its_delimiters_were_taken_for(
    body: str, version: str, marks: str
) -> None:
    element, component, end = marks
    text = body.replace("*", "\0").replace(":", "\1").replace("~", "\2")
    text = text.replace("\0", element).replace("\1", component).replace("\2", end)
    [finding] = era835.check(text)
    assert finding.code == "no_isa"
    for mark in marks:
        assert repr(mark) in finding.message
    interchange = era835.parse(text)
    assert interchange.to_text() == text
    [payment] = interchange.transactions
    assert payment.version == version
    assert payment.claims[0].services[0].procedure is not None
    assert payment.claims[0].services[0].procedure.code == "D1110"
    assert sniff(text.encode()) == "x12_835"


def test_a_file_without_isa_that_shows_no_component_separator_says_so() -> None:
    [finding] = era835.check("ST*835*1~BPR*I*0*C*NON************20260105~TRN*1*8*1~SE*4*1~")
    assert finding.code == "no_isa"
    assert "no component separator is seen" in finding.message


@pytest.mark.parametrize("text", ["GS*HP*S", "ST*837*1~", "GSX", "STATEMENT OF ACCOUNT"])
def test_what_only_begins_like_one_is_refused(text: str) -> None:
    with pytest.raises(UnreadableError):
        era835.parse(text)


def test_several_interchanges_groups_and_payments_are_each_read() -> None:
    other = WHOLE.replace("*", "|").replace("~", "'\r\n").replace(":", ">")
    two = GROUP.replace("GE*1*1~", PLAIN.replace("0001", "0002") + "GE*2*1~")
    third = f"{ISA}{GROUP}{GROUP.replace('*1*X*', '*2*X*').replace('GE*1*1~', 'GE*1*2~')}"
    text = WHOLE + "\r\n" + other + f"{ISA}{two}IEA*1*000000001~" + third + "IEA*2*000000001~"
    interchange = era835.parse(text)
    assert interchange.to_text() == text
    assert codes(text) == []
    assert len(interchange.transactions) == 6
    assert len(era_reading.readings(interchange)) == 6


@pytest.mark.parametrize(("before", "after", "found"), [
    (b"\xef\xbb\xbf", b"\r\n\r\n", []),
    (b"\r\n \0", b"\x1a", []),
    (b"", b"\x1a\0\0\0", []),
    (b"", b"-- end of report --", ["trailing_junk"]),
    (b"", b"\nend\n" + WHOLE.encode(), ["trailing_junk"]),
])  # fmt: skip
def test_what_stands_around_an_interchange_is_kept_and_told(
    before: bytes, after: bytes, found: list[str]
) -> None:
    data = before + WHOLE.encode() + after
    interchange = era835.read(data)
    assert interchange.to_bytes() == data
    assert [f.code for f in era835.findings(interchange)] == found


def test_bytes_that_are_no_utf8_come_back_as_they_were() -> None:
    data = WHOLE.replace("DOE*JANE", "N\u00da\u00d1EZ*JANE").encode("latin-1")
    interchange = era835.read(data)
    assert interchange.to_bytes() == data
    [claim] = interchange.transactions[0].claims
    assert claim.parties[0].last == "N\u00da\u00d1EZ"
    again = era835.read(interchange.to_text().encode())
    assert again.transactions[0].claims[0].parties[0].last == "N\u00da\u00d1EZ"


def test_time_grows_as_the_file_does() -> None:
    """Ten times the claims take about ten times as long, not a hundred."""
    claim = PLAIN[PLAIN.index("CLP") : PLAIN.index("SE*")]

    def file(claims: int) -> str:
        body = PLAIN.replace(claim, claim * claims).replace("*80*C", f"*{80 * claims}*C")
        return (
            ISA
            + "GS*HP*S*R*20260105*1200*1*X*005010X221A1~"
            + body.replace("SE*11", f"SE*{7 + 4 * claims}")
            + "GE*1*1~IEA*1*000000001~"
        )

    def seconds(text: str) -> float:
        start = time.process_time()
        assert codes(text) == []
        return time.process_time() - start

    small, large = file(500), file(5_000)
    seconds(small)
    gc.disable()  # its passes take the longer the more the tests before this one keep
    try:
        assert seconds(large) < 40 * max(seconds(small), 0.001)
    finally:
        gc.enable()
    junk = "\x1a" * 200_000 + "~" * 200_000
    start = time.process_time()
    era835.parse(WHOLE + junk)
    x12.tokenize(ISA + "~" * 100_000)
    for long in ("CAS*PR" + "*1*0*" * 20_000 + "~", "PLB*1*20261231" + "*WO*0" * 20_000 + "~"):
        findings = era835.check(WHOLE.replace("SE*", long + "SE*"))
        assert findings
    for hostile in ("GS" + "*" * 100_000, "ST*835*" + "A*" * 50_000):
        with pytest.raises(UnreadableError):
            era835.parse(hostile)
    assert time.process_time() - start < 20


def test_of_many_payments_no_more_than_one_is_held() -> None:
    """Fifty times the payments take no more memory to check, and little per byte to read."""
    payment = PLAIN[PLAIN.index("ST*") : PLAIN.index("SE*")] + "SE*11*0001~"

    def peak(payments: int) -> tuple[int, int]:
        body = payment * payments
        text = f"{ISA}GS*HP*S*R*20260105*1200*1*X*005010X221A1~{body}GE*{payments}*1~IEA*1*1~"
        tracemalloc.start()
        era835.check(text)
        checked = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return checked, len(text)

    few, _ = peak(20)
    many, size = peak(1_000)
    assert many < few + size  # the text itself, no payment twice


EVERYTHING = (
    ISA + "GS*HP*S*R*20260105*1200*1*X*005010X221A1~"
    "ST*835*0001~BPR*I*70*C*CHK************20260105~TRN*1*88123*1123456789*SUB~CUR*PR*USD~"
    "REF*EV*R7~DTM*405*20260104~N1*PR*ACME*XV*P9~N3*1 MAIN*FL 2~N4*TOWN*OH*44101~REF*2U*U1~"
    "PER*CX*DESK*TE*5551*EX*9~PER*BL*TECH*EM*a@b.c~N1*PE*ELM*XX*1234567893~REF*TJ*123456789~"
    "LX*7~TS3*1*11*20261231*1*100~CLP*A1*2*100*80*15*MB*C1*11*7**470*1.5*0.8~"
    "CAS*PI*96*1*2*97*4~NM1*QC*1*DOE*JANE*Q**SR*MI*M1~NM1*IL*1*DOE*JO****MI*M2~"
    "NM1*74*1*DOWE*JANE****C*1~NM1*82*1*STONE*AMY****XX*1~NM1*TT*2*OTHER*****PI*77~"
    "NM1*PR*2*FIRST*****PI*78~NM1*GB*1*DOE*AL****MI*M3~MIA*3*1*2*4*N1*6*7*8*9*10*11*12*13*14*15*"
    "16*17*18*19*N2*N3*N4*N5*24~MOA*0.5*2*MA01*N6****8*9~REF*EA*E1~REF*EA*E2~DTM*232*20251201~"
    "DTM*050*20251205~PER*CX*CLAIMS*TE*5552~AMT*AU*100~AMT*I*1.5~QTY*CA*8~"
    "SVC*HC:99213:25:59:LT:RT:Visit*95*80*0450*2*HC:99214:GA::::Longer*3~DTM*150*20251202~"
    "DTM*151*20251203~CAS*PR*1*5**2*5*1*3*5~REF*6R*L1~REF*0K*POL~AMT*B6*95~AMT*KH*3~QTY*ZK*4~"
    "LQ*HE*N130~LQ*RX*70~PLB*1*20261231*WO:K1*12*L6:K2*-2~SE*48*0001~GE*1*1~IEA*1*000000001~"
)


def test_every_element_has_its_place_in_what_era_show_prints() -> None:
    assert codes(EVERYTHING) == []
    [reading] = era_reading.readings(era835.parse(EVERYTHING))
    values = {name: field.value for name, field in reading.fields.items() if field}
    whole = values["electronic"]
    assert whole["payer"]["contacts"][0]["numbers"] == [
        {"kind": "TE", "number": "5551"}, {"kind": "EX", "number": "9"},
    ]  # fmt: skip
    assert whole["payer"]["address"]["lines"] == ["1 MAIN", "FL 2"]
    assert (whole["payer_supplement"], whole["produced_on"]) == ("SUB", "2026-01-04")
    assert [each["segment"] for each in whole["others"]] == ["CUR", "TS3"]
    assert values["provider_adjustments"] == [
        {"code": "WO", "amount_cents": 1200, "reference": "K1"},
        {"code": "L6", "amount_cents": -200, "reference": "K2"},
    ]
    [claim] = values["claims"]
    assert [each["role"] for each in claim["parties"]] == ["QC", "IL", "74", "82", "TT", "PR", "GB"]
    assert claim["patient_name"] == "JANE Q DOE SR"
    assert (claim["corrected_patient_name"], claim["crossover_payer_name"]) == (
        "JANE DOWE", "OTHER",
    )  # fmt: skip
    assert claim["adjustments"] == [
        {"group": "PI", "code": "96", "amount_cents": 100, "quantity": "2"},
        {"group": "PI", "code": "97", "amount_cents": 400},
    ]
    assert len(claim["inpatient"]) == 19
    assert (claim["inpatient"]["covered_days"], claim["inpatient"]["capital_exception_cents"]) == (
        "3", 2400,
    )  # fmt: skip
    assert claim["outpatient"] == {
        "reimbursement_rate": "0.5", "hcpcs_payable_cents": 200, "esrd_cents": 800,
        "nonpayable_professional_cents": 900,
    }  # fmt: skip
    assert claim["remarks"] == ["N1", "N2", "N3", "N4", "N5", "MA01", "N6"]
    assert claim["references"] == [
        {"qualifier": "EA", "value": "E1"}, {"qualifier": "EA", "value": "E2"},
    ]  # fmt: skip
    assert claim["amounts"] == [
        {"qualifier": "AU", "amount_cents": 10000}, {"qualifier": "I", "amount_cents": 150},
    ]  # fmt: skip
    assert (claim["drg_code"], claim["drg_weight"], claim["discharge_fraction"]) == (
        "470", "1.5", "0.8",
    )  # fmt: skip
    [line] = claim["lines"]
    assert line["modifiers"] == ["25", "59", "LT", "RT"]
    assert (line["description"], line["revenue_code"], line["units"]) == ("Visit", "0450", "2")
    assert line["original"] == {
        "procedure_qualifier": "HC", "procedure_code": "99214", "modifiers": ["GA"],
        "description": "Longer",
    }  # fmt: skip
    assert (line["original_units"], line["service_on"], line["service_end_on"]) == (
        "3", "2025-12-02", "2025-12-03",
    )  # fmt: skip
    assert line["adjustments"][1] == {
        "group": "PR", "code": "2", "amount_cents": 500, "quantity": "1",
    }  # fmt: skip
    assert (line["remarks"], line["other_remarks"]) == (
        ["N130"], [{"code_list": "RX", "code": "70"}],
    )  # fmt: skip
    assert {each["qualifier"] for each in line["references"]} == {"6R", "0K"}
    assert {each["qualifier"] for each in line["amounts"]} == {"B6", "KH"}
