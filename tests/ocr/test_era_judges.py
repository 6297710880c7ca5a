"""Every 835 we write passes two independent judges and reads back equal."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bench.remittances.cases import cases
from bench.remittances.truth import truth
from ocr import era835, era_reading, era_writer
from records.errors import FindingError
from tests.ocr.era_judges import UNKNOWN_ADDRESS_IN_4010, judged, places
from tests.ocr.era_readings import remittances

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples" / "era835"
VERSIONS = ["5010", "4010"]
_UNORDERED = {"references", "amounts", "quantities", "dates", "parties"}
# A failure here is read from the judge's own words; shrinking it asks both judges for minutes.
_FAST = [Phase.explicit, Phase.reuse, Phase.generate]


def read_back(text: str) -> list[dict[str, Any]]:
    return [
        {name: field.value if field else None for name, field in reading.fields.items()}
        for reading in era_reading.readings(era835.parse(text))
    ]


def differing(given_: dict[str, Any], found: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What was given and is not there the same; order is the guide's, not the reading's."""
    wrong = {}
    for name, value in given_.items():
        said, there = value, found[name]
        if name in _UNORDERED:
            said, there = (
                sorted(each, key=lambda e: str(sorted(e.items()))) for each in (said, there)
            )
        if name not in {"claims", "lines"} and said != there:
            wrong[name] = (said, there)
    return wrong


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_written_passes_both_judges_and_reads_back_equal(version: str) -> None:
    @given(st.lists(remittances(version), min_size=1, max_size=2))
    @settings(max_examples=12, deadline=None, phases=_FAST)
    def holds(said: list[dict[str, Any]]) -> None:
        documents = [{"kind": "remittance", "fields": each} for each in said]
        written = era_writer.compose({"documents": documents}, version=version)
        assert written.left_out == ()
        assert judged(written.text.encode()) == []
        assert [f.code for f in era835.check(written.text) if not f.advisory] == []
        for given_, found in zip(said, read_back(written.text), strict=True):
            address = given_.pop("payer_address")
            assert found["electronic"]["payer"]["address"] == {**address, "country": None}
            assert differing(given_, found) == {}
            for claim, there in zip(given_["claims"], found["claims"], strict=True):
                assert differing(claim, there) == {}
                of_claim = {each["qualifier"]: each["on"] for each in claim["dates"]}
                for line, written_line in zip(claim["lines"], there["lines"], strict=True):
                    assert (
                        differing(
                            line | {"service_on": line["service_on"] or of_claim.get("232")},
                            written_line,
                        )
                        == {}
                    )

    holds()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["managed-care", "medicare-part-a", "secondary-payment"])
def test_real_files_written_anew_pass_both_judges(name: str, version: str) -> None:
    path = SAMPLES / f"lfh_{name}.835"
    if not path.exists():
        pytest.skip("the sample files are not here")
    [said] = read_back(path.read_bytes().decode())
    said["payment_on"] = said["payment_on"] or "2005-01-05"
    text = era_writer.write(said, version=version)
    assert judged(text.encode()) == []
    [found] = read_back(text)
    for kept in set(said) - {"electronic", "claims", "payment_on"}:
        assert found[kept] == said[kept], kept
    for claim, there in zip(said["claims"], found["claims"], strict=True):
        assert {**there, "others": []} == {**claim, "others": []}


@pytest.mark.parametrize(("name", "faults"), [
    # BPR16 holds the day 20002316; there is no PER*BL, which 005010X221A1 asks of every payer.
    ("managed-care", {("BPR", 16), ("N1", None)}),
    # No PER*BL; TS309 and TS311 are elements of an older guide.
    ("medicare-part-a", {("TS3", 9), ("TS3", 11), ("N1", None)}),
    # BPR16 is missing, no PER*BL, and SVC01 is parted by > where ISA16 says : (each line after
    # an SVC that is not understood is one that pyx12 does not understand either).
    ("secondary-payment", {("BPR", 16), ("N1", None), ("SVC", 1), ("SVC", None), ("DTM", None),
                           ("CAS", None), ("REF", None), ("AMT", None)}),
])  # fmt: skip
def test_the_judges_object_to_real_files_for_their_own_faults(
    name: str, faults: set[tuple[str, int | None]]
) -> None:
    path = SAMPLES / f"lfh_{name}.835"
    if not path.exists():
        pytest.skip("the sample files are not here")
    assert places(path.read_bytes()) == faults


@pytest.mark.parametrize("version", VERSIONS)
def test_what_nobody_knows_is_said_so_and_read_as_nothing(version: str) -> None:
    said = {"payment_on": "2026-02-03", "claims": [
        {"charged_cents": 100, "paid_cents": 100, "provider_name": "A CLINIC", "lines": []},
        {"charged_cents": 500, "paid_cents": 0, "patient_responsibility_cents": 300, "lines": [
            {"procedure_code": "D1110", "charged_cents": 500, "paid_cents": 0,
             "patient_responsibility_cents": 300, "adjustments": [
                 {"group": None, "code": "96", "amount_cents": 300},
                 {"group": "CO", "code": "Q7", "unknown": True, "amount_cents": 200}]}]},
    ]}  # fmt: skip
    text = era_writer.write(said, version=version)
    expected = UNKNOWN_ADDRESS_IN_4010 if version == "4010" else set()
    assert places(text.encode()) == expected
    [found] = read_back(text)
    for name in ("payer_name", "payee_name", "payee_npi", "payee_tax_id", "payment_number"):
        assert found[name] is None, name
    assert found["electronic"]["payer"]["address"] is None
    first, second = found["claims"]
    assert (first["claim_number"], first["patient_account"], first["patient_name"]) == (None,) * 3
    assert first["provider_name"] == "A CLINIC"
    # The patient's share leaves no other group for the first; the second is paper's own code,
    # which the list has 192 for.
    assert second["lines"][0]["adjustments"] == [
        {"group": "PR", "code": "96", "amount_cents": 300},
        {"group": "CO", "code": "192", "amount_cents": 200},
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_printed_eobs_say_is_written_so_that_both_judges_pass_it(version: str) -> None:
    """Two of each layout, with the check that pays them; judged as one file, for speed."""
    payable: list[dict[str, Any]] = []
    refused: list[str] = []
    for case in cases(19, 22, "known"):
        for remittance in case.remittances:
            fields = truth(remittance, case.layout.traits)
            check = {"check_number": remittance.payment_number, "date": fields["payment_on"],
                     "amount_cents": remittance.total_paid_cents,
                     "payer_address": "1 MAIN ST, AKRON, OH 44301"}  # fmt: skip
            envelope = {"transaction": len(payable)}
            pair = [{"kind": "check", "fields": check, **envelope},
                    {"kind": "remittance", "fields": fields, **envelope}]  # fmt: skip
            try:
                era_writer.write({"documents": pair}, version=version)
            except FindingError as error:
                refused.append(error.code)
            else:
                payable += pair
    assert set(refused) <= {"unbalanced_remittance"}  # its layout leaves a reason unprinted
    text = era_writer.write({"documents": payable}, version=version)
    assert judged(text.encode()) == []
    said = [each["fields"] for each in payable if each["kind"] == "remittance"]
    assert len(said) >= 9 * len(refused)
    for fields, found in zip(said, read_back(text), strict=True):
        assert found["balanced"]
        for name in ("payment_number", "payment_on", "total_paid_cents"):
            assert found[name] == fields[name], name
        assert [c["paid_cents"] for c in found["claims"]] == [
            c["paid_cents"] for c in fields["claims"]
        ]


def test_a_check_in_the_envelope_is_the_payment() -> None:
    claim = {"charged_cents": 100, "paid_cents": 100, "patient_account": "A1", "lines": []}
    eob = {"payer_name": {"value": "ACME"}, "claims": {"value": [claim]},
           "payment_number": {"value": "77"}, "payment_on": {"value": "2026-02-01"}}  # fmt: skip
    check = {"check_number": {"value": "0042"}, "date": {"value": "2026-02-03"},
             "amount_cents": {"value": 100}, "payer_name": {"value": "ACME CO"}}  # fmt: skip
    documents = [
        {"kind": "check", "source": "a.pdf", "transaction": 3, "fields": check},
        {"kind": "remittance", "source": "a.pdf", "transaction": 3, "fields": eob},
    ]
    text = era_writer.write({"documents": documents})
    assert "\nBPR*I*1*C*CHK************20260203~\nTRN*1*0042*" in text
    assert read_back(text)[0]["payer_name"] == "ACME"
    documents[0]["fields"] = {**check, "amount_cents": {"value": 101}}
    with pytest.raises(FindingError, match="unbalanced_remittance") as refused:
        era_writer.write({"documents": documents})
    assert "100 cents, the remittance says 101" in refused.value.message
    documents[0]["source"] = "b.pdf"
    assert "TRN*1*77*" in era_writer.write({"documents": documents})


@pytest.mark.parametrize(("said", "found"), [
    ("12 Elm St Ste 4, Akron, OH 44301", ["N3*12 ELM ST STE 4~", "N4*AKRON*OH*44301~"]),
    ("PO Box 9\nSt. Paul, MN 55101-1234", ["N3*PO BOX 9~", "N4*ST. PAUL*MN*551011234~"]),
    ("12 Elm St Akron OH 44301", ["N3*NOT KNOWN~", "N4*NOT KNOWN~"]),
    ("Akron, OH", ["N3*NOT KNOWN~", "N4*NOT KNOWN~"]),
])  # fmt: skip
def test_a_printed_address_counts_only_where_it_is_surely_one(said: str, found: list[str]) -> None:
    text = era_writer.write({"payment_on": "2026-02-03", "payer_address": said, "claims": []})
    assert [each for each in text.splitlines() if each.startswith(("N3", "N4"))] == found


@pytest.mark.parametrize(
    ("npi", "said"), [("1234567893", "REF*TJ*314402817~"), (None, "*FI*314402817~")]
)
def test_a_tax_number_is_written_without_the_hyphen_that_paper_prints(
    npi: str | None, said: str
) -> None:
    claim = {"charged_cents": 100, "paid_cents": 100, "patient_account": "A1", "lines": []}
    eob = {"payer_name": "ACME", "claims": [claim], "total_paid_cents": 100, "payee_npi": npi,
           "payment_number": "77", "payment_on": "2026-02-01",
           "payee_tax_id": "31-4402817"}  # fmt: skip
    fields = {name: {"value": value} for name, value in eob.items()}
    assert said in era_writer.write({"documents": [{"kind": "remittance", "fields": fields}]})
