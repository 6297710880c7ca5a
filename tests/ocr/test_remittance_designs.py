"""Remittances of unlike design: claims over services, columns beside them, reasons stacked."""

from collections.abc import Mapping
from typing import Any

from ocr.remittance import read_remittance
from ocr.remittance_lexicon import column_role
from ocr.types import Field
from tests.ocr.laid_out import page_of


def _read(*pages: list[str]) -> tuple[Mapping[str, Field | None], list[dict[str, Any]]]:
    fields, _ = read_remittance([page_of(rows) for rows in pages])
    claims = fields.get("claims")
    return fields, [] if claims is None else claims.value


def _value(fields: Mapping[str, Field | None], name: str) -> Any:
    field = fields[name]
    assert field is not None
    return field.value


SECTIONS = [
    "STATE AGENCY HEALTH PLAN           PROVIDER REMITTANCE STATEMENT",
    "PROVIDER EASTSIDE CLINIC           NPI 1548273642           CHECK NUMBER 5831519573",
    "                             PAID CLAIMS",
    "CLIENT NAME        CLIENT ID     PATIENT ACCT   TCN               TOT BILLED   TOT PAID",
    "   LI  SVC DATE   PROC CD   QTY     BILLED    CUTBACK   ALLOWED     COPAY      PAID  EXPL",
    "VASQUEZ NOAH       W109791002    26678          2026251506369         128.50      98.69",
    "   01  09/08/26   71046       1     110.00      25.00     85.00      0.00     85.00  9918",
    "   02  09/01/26   36415       1      18.50       4.81     13.69      0.00     13.69  9918",
    "BURNS YARA         B773959722    65496          2026251506370         400.00      55.00",
    "   01  09/08/26   99213       1     180.00     100.00     80.00     25.00     55.00  9918",
    "   02  09/01/26   93000       1     220.00     220.00      0.00      0.00      0.00  0512",
    "2 PAID CLAIMS                                                                    153.69",
    "",
    "NET PAYMENT AMOUNT                                   153.69",
    "EXPLANATION CODES ON THIS STATEMENT",
    "9918   PRICING ADJUSTMENT - MAXIMUM ALLOWABLE FEE APPLIED",
    "0512   CLAIM FILED PAST THE TIMELY FILING LIMIT",
]


def test_claims_stand_in_rows_of_their_own_heads_over_their_services() -> None:
    fields, claims = _read(SECTIONS)
    assert [claim["patient_account"] for claim in claims] == ["26678", "65496"]
    assert [claim["claim_number"] for claim in claims] == ["2026251506369", "2026251506370"]
    assert [len(claim["lines"]) for claim in claims] == [2, 2]
    assert [claim["charged_cents"] for claim in claims] == [12850, 40000]
    assert _value(fields, "balanced") is True
    assert _value(fields, "payee_name") == "EASTSIDE CLINIC"


def test_a_cutback_has_the_reason_that_the_payers_code_explains_and_no_other() -> None:
    _, claims = _read(SECTIONS)
    late = claims[1]["lines"][1]["adjustments"]
    assert [(a["code"], a["payer_code"], a["amount_cents"]) for a in late] == [
        ("29", "0512", 22000)
    ]


STACKED = [
    "Great Rivers Employee Health Fund           Explanation of payment",
    "To the order of Eastside Family Medicine                      ***157.38***",
    "Fund check no. 5324318     dated 09/21/2026",
    (
        "                      Date of                 Doctor's   Reduction  Participant's"
        "  Recognized    Fund"
    ),
    (
        "Participant           Visit       Treatment        Fee   and Cause           Part"
        "         Fee    Pays"
    ),
    (
        "Alice Kennedy         07/17/2026  85025          45.00       11.25           3.37"
        "       33.75   30.38"
    ),
    "Cert. X470253526                                                45",
    "Your ref. 4959-4                                              3.37",
    "Our ref. 26198611717                                             2",
    (
        "                      07/16/2026  99214         246.05      119.05           0.00"
        "      127.00  127.00"
    ),
    "                                                                45",
    (
        "                      Together                  291.05                       3.37"
        "      160.75  157.38"
    ),
    "Amount of this voucher                                                   ***157.38***",
]


def test_reasons_and_their_amounts_stand_over_each_other_beside_the_patients_column() -> None:
    fields, claims = _read(STACKED)
    (claim,) = claims
    assert (claim["member_id"], claim["patient_account"]) == ("X470253526", "4959-4")
    assert claim["claim_number"] == "26198611717"
    told = [
        [(a["code"], a["amount_cents"]) for a in line["adjustments"]] for line in claim["lines"]
    ]
    assert told == [[("45", 1125), ("2", 337)], [("45", 11905)]]
    assert _value(fields, "balanced") is True
    assert _value(fields, "total_paid_cents") == 15738


def test_an_amount_among_the_reasons_without_its_code_is_not_sure() -> None:
    rows = [row for row in STACKED if row.strip() != "45"]
    _, claims = _read(rows)
    evidence = claims[0]["lines"][1]["evidence"]
    assert evidence["paid_cents"]["confidence"] < 0.9


def test_names_of_columns_that_few_payers_print() -> None:
    told = {
        "Amt Billed": "charged_cents", "Submitted Chgs": "charged_cents",
        "Doctor's Fee": "charged_cents", "Plan Allow": "allowed_cents",
        "Recognized Fee": "allowed_cents", "Pt Resp": "patient_responsibility_cents",
        "Mbr Liab": "patient_responsibility_cents",
        "Participant's Part": "patient_responsibility_cents",
        "Ded/Coins/Copay": "shared_cost", "Fund Pays": "paid_cents", "Trust Paid": "paid_cents",
        "Prov Resp/Contr Adj": "discount", "TPL Amt": "other_paid", "Expl Cd": "reasons",
        "Cutback": "adjusted", "Date of Visit": "service_on", "Our Ref.": "claim_number",
        "Allw Units": "units", "Covered Units": "units", "Negotiated Fees": "allowed_cents",
        "Benefit for this patient": "paid_cents",
    }  # fmt: skip
    assert {name: column_role(name) for name in told} == told


HEAD = "  Svc Dt        CPT      Submitted Chgs   Plan Allow   Contr Adj   Copay   Plan Pays"


def test_a_row_of_a_table_of_claims_right_before_its_services_opens_their_claim() -> None:
    fields, claims = _read(
        [
            "UNITED TPA BENEFIT ADMINISTRATORS               REMITTANCE ADVICE",
            "Check Number 998877   Check Date 01-SEP-2026    Check Amount $163.00",
            "Patient           Claim No.       Mbr ID        Submitted    Plan Pays",
            "Kim, Dana         CL20260001      M11223344        200.00       90.00",
            HEAD,
            "  12-AUG-2026   99213            120.00        80.00       40.00   20.00       60.00",
            "  12-AUG-2026   36415             80.00        30.00       50.00    0.00       30.00",
            "Patient           Claim No.       Mbr ID        Submitted    Plan Pays",
            "Ray, Tom          CL20260002      M55667788        100.00       73.00",
            HEAD,
            "  13-AUG-2026   99214            100.00        83.00       17.00   10.00       73.00",
        ]
    )
    told = [(claim["patient_name"], claim["claim_number"], claim["paid_cents"]) for claim in claims]
    assert told == [("Dana Kim", "CL20260001", 9000), ("Tom Ray", "CL20260002", 7300)]
    assert [line["service_on"] for claim in claims for line in claim["lines"]] == [
        "2026-08-12", "2026-08-12", "2026-08-13",
    ]  # fmt: skip
    assert _value(fields, "balanced") is True


def test_columns_without_any_head_are_told_by_sums_and_why_nothing_was_paid_is_not_sure() -> None:
    _, claims = _read(
        [
            "ACME MUTUAL HEALTH PLAN     REMITTANCE ADVICE",
            "Check No 77001   dated 09/05/2026   Amount of check 235.00",
            "",
            "Patient: Ann Lee   Claim #: 7788991   Member ID: W123456",
            "08/01/2026   99213      150.00     100.00      50.00    20.00   80.00",
            "08/01/2026   85025       60.00      40.00      20.00     0.00   40.00",
            "Patient: Bo Cruz   Claim #: 7788992   Member ID: W123457",
            "08/02/2026   99214      200.00     140.00      60.00    25.00  115.00",
        ]
    )
    lines = [line for claim in claims for line in claim["lines"]]
    roles = ("charged_cents", "allowed_cents", "paid_cents")
    assert [tuple(line[role] for role in roles) for line in lines] == [
        (15000, 10000, 8000), (6000, 4000, 4000), (20000, 14000, 11500),
    ]  # fmt: skip
    assert all(line["evidence"]["paid_cents"]["confidence"] < 0.9 for line in lines)
