"""What three payers' designs print that others do not: bands, families, letters, small labels."""

from typing import Any

import pytest

from ocr.claim_codes import from_print
from ocr.remittance import read_remittance
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]


def _claims(*rows: str, paid: str = "$185.00") -> list[dict[str, Any]]:
    fields, _ = read_remittance([
        page_of([*TOP, *rows, "", "Payment Ref:   7741209", f"Net Paid to Provider:   {paid}"])
    ])  # fmt: skip
    return list((fields["claims"] or pytest.fail("no claims")).value)


def test_a_band_of_heads_without_amounts_names_the_rows_of_claims() -> None:
    claims = _claims(
        "Patient Name       Member ID      Patient Acct.    Claim Number    Performing Provider",
        "Dates      Code        Billed     Discount     Allowed     You Owe      Paid",
        "DOE, JANE          M12345678      4471-2           26267327466     Amos Field MD",
        "12/01/25   99213       150.00        50.00      100.00       15.00      85.00",
        "ROE, JOHN          M22345678      7003-4           26267327467     Amos Field MD",
        "12/02/25   80053       100.00         0.00      100.00        0.00     100.00",
    )
    assert [(c["patient_name"], c["member_id"], c["patient_account"], c["claim_number"])
            for c in claims] == [("JANE DOE", "M12345678", "4471-2", "26267327466"),
                                 ("JOHN ROE", "M22345678", "7003-4", "26267327467")]  # fmt: skip
    assert [len(claim["lines"]) for claim in claims] == [1, 1]


HEADS = "DOS         Code       Your Charge    Discount   Patient Owes     Benefit"
LINES = [
    "12/01/2025  99213         150.00         50.00          15.00       85.00",
    "12/02/2025  80053         100.00          0.00           0.00      100.00",
]


def test_a_familys_number_is_that_of_all_its_claims() -> None:
    claims = _claims(
        "Provider ID: 39-2041877",
        "FAMILY 1                     Employee ID: M12345678",
        "Patient: Jane Doe            Claim number: 26267327466", HEADS, LINES[0], "",
        "Patient: John Doe            Claim number: 26267327467", HEADS, LINES[1],
    )  # fmt: skip
    assert [claim["member_id"] for claim in claims] == ["M12345678", "M12345678"]


def test_a_number_far_above_the_claims_is_of_no_family() -> None:
    claims = _claims(
        "Member number: 39-2041877", "Elm Street Clinic", "12 Elm Street", "Salem OR 97301",
        "About this statement", "Patient: Jane Doe            Claim number: 26267327466", HEADS,
        *LINES,
    )  # fmt: skip
    assert claims[0]["member_id"] is None


def test_values_stand_under_labels_of_which_a_word_is_the_payers_own() -> None:
    (claim,) = _claims(
        "Patient          Subscriber ID     Office account     Statement claim     Dentist",
        "Jane Doe         M12345678         4471-2             26267327466         Amos Field DDS",
        HEADS, *LINES,
    )  # fmt: skip
    assert (claim["patient_account"], claim["claim_number"]) == ("4471-2", "26267327466")
    sure = [claim["evidence"][name]["confidence"] for name in ("claim_number", "patient_account")]
    assert min(sure) >= 0.9


def test_a_payers_own_code_that_looks_like_a_group_misread_is_its_own() -> None:
    assert from_print("P10") == from_print("P10", {})
    found = from_print("P10")
    assert found is not None
    assert (found.group, found.code, found.unknown) == (None, "P10", True)
    misread = from_print("P145")
    assert misread is not None
    assert (misread.group, misread.code) == ("PI", "45")


@pytest.mark.parametrize("sign", ["=", "=  ", "  =  "])
def test_codes_may_be_explained_beside_the_sums(sign: str) -> None:
    (claim,) = _claims(
        "Patient: Jane Doe   Member ID: M12345678",
        "DOS         Code       Submitted    Not Approved   See    Patient Owes     Plan Pays",
        "12/01/2025  99213         150.00         50.00     P10          15.00       85.00",
        "12/02/2025  80053         100.00          0.00                   0.00      100.00",
        "", f"P10 {sign} The fee is more than the contracted fee.        Plan payments   185.00",
    )  # fmt: skip
    (reason,) = [a for a in claim["lines"][0]["adjustments"] if a["group"] != "PR"]
    assert (reason["code"], reason.get("payer_code"), reason["amount_cents"]) == ("45", "P10", 5000)


def test_letters_behind_the_patients_share_tell_its_parts() -> None:
    (claim,) = _claims(
        "Patient: Jane Doe   Member ID: M12345678",
        "DOS         Code       Your Charge    Discount     Member Cost     Benefit",
        "12/01/2025  99213         150.00         50.00        10.00 D       85.00",
        "                                                       5.00 S",
        "12/02/2025  80053         100.00          0.00         0.00        100.00",
        "", "Member cost letters:  D deductible   C copayment   S coinsurance share",
    )  # fmt: skip
    first = claim["lines"][0]
    assert first["patient_responsibility_cents"] == 1500
    assert [(a["group"], a["code"], a["amount_cents"]) for a in first["adjustments"]] == [
        ("CO", "45", 5000), ("PR", "1", 1000), ("PR", "2", 500)
    ]  # fmt: skip


def test_a_day_printed_where_it_changes_holds_for_the_lines_below() -> None:
    (claim,) = _claims(
        "Patient: Jane Doe   Member ID: M12345678", HEADS, LINES[0],
        LINES[1].replace("12/02/2025", " " * 10),
    )  # fmt: skip
    assert [line["service_on"] for line in claim["lines"]] == ["2025-12-01", "2025-12-01"]
    assert claim["lines"][1]["evidence"]["service_on"]["confidence"] >= 0.9


def test_an_amount_beside_printed_rates_is_never_one_of_them() -> None:
    (claim,) = _claims(
        "Patient: Jane Doe   Member ID: M12345678",
        "DOS         Code       Charge    Allowed     Deduct-  Pays    Patient      Plan",
        "                                               ible    At       Owes      Pays",
        "12/01/2025  99213      150.00     100.00             85%       15.00     85.00",
        "12/02/2025  80053      100.00      38.22       38.22           38.22      0.00",
        "12/03/2025  80053      100.00     100.00            100%        0.00    100.00",
    )
    second = claim["lines"][1]["adjustments"]
    assert [(a["code"], a["amount_cents"]) for a in second if a["group"] == "PR"] == [("1", 3822)]


def test_money_taken_back_under_the_columns_of_claims_is_no_claims_reversal() -> None:
    fields, _ = read_remittance([page_of([
        *TOP, "Check Number: 7741209   Check Amount: $121.83", "",
        "PATIENT NAME  PAT CTRL #  CONTROL NO.  DATE       PROC      CHARGES   YOU MAY BILL   PAID",
        "JANE DOE      4471-2      26267327466  12/01/25   99213      150.00        65.00    85.00",
        "JOHN ROE      7003-4      26267327467  12/02/25   80053      100.00         0.00   100.00",
        "TOTAL ALL CLAIMS                                             250.00        65.00   185.00",
        "ADJUSTMENTS TO THIS PAYMENT",
        "RECOUPMENT OF OVERPAYMENT 6264493382    -63.17",
    ])])  # fmt: skip
    taken = (fields["provider_adjustments"] or pytest.fail("none")).value
    assert [(t["amount_cents"], t["reference"]) for t in taken] == [(6317, "6264493382")]
    claims = (fields["claims"] or pytest.fail("no claims")).value
    assert [claim["status"] for claim in claims] == [None, None]


def test_the_first_claims_number_may_stand_alone_above_its_labels() -> None:
    (claim,) = _claims(
        "Claim # 26278425808", "Patient: Jane Doe   Member ID: M12345678", HEADS, *LINES
    )
    assert claim["claim_number"] == "26278425808"
    (claim,) = _claims(
        "Reference # 26278425808", "Patient: Jane Doe   Member ID: M12345678", HEADS, *LINES
    )
    assert claim["claim_number"] is None


def test_a_reversal_and_the_claim_that_replaces_it_are_two_though_they_share_a_number() -> None:
    claims = _claims(
        "PATIENT NAME  CLAIM NO.    DATE      PROC        CHARGES   DISCOUNT   YOU OWE      PAID",
        "JANE DOE      26267327466  12/01/25  99213      -150.00     -50.00     -15.00    -85.00",
        "JANE DOE      26267327466  12/01/25  99213       150.00       0.00       0.00    150.00",
        "JOHN ROE      26267327467  12/02/25  80053       120.00       0.00       0.00    120.00",
    )
    assert [claim["charged_cents"] for claim in claims] == [-15000, 15000, 12000]
    assert [claim["claim_number"] for claim in claims] == ["26267327466"] * 2 + ["26267327467"]
