"""What a page proves by its own sums and heads, so that nobody is asked: and what it does not."""

from typing import Any

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_heads import heads_of
from ocr.remittance_rows import rows_of
from tests.ocr.laid_out import page_of

TOP = ["MIDLAND HEALTH PLAN                     STATEMENT OF REMITTANCE", ""]
WHOSE = "Patient: Jane Doe            Claim number: 26267327466"


def _read(*rows: str, paid: str = "$185.00") -> dict[str, Any]:
    end = ["", "Payment Ref:   7741209", f"Net Paid to Provider:   {paid}"]
    fields, _ = read_remittance([page_of([*TOP, *rows, *end])])
    return {name: field for name, field in fields.items() if field is not None}


def _lines(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [line for claim in fields["claims"].value for line in claim["lines"]]


def _least(fields: dict[str, Any]) -> float:
    return min(
        float(cell["confidence"])
        for line in _lines(fields)
        for name, cell in line["evidence"].items()
        if name.endswith("_cents") or name.startswith("adjustments")
    )


SHARED = "DOS         Code       Your Charge    Discount   Deductible/Copay/Coins     Benefit"


def test_a_share_of_one_column_needs_no_code_where_none_tells_its_parts() -> None:
    fields = _read(
        WHOSE,
        SHARED,
        "12/01/2025  99213         150.00         50.00          15.00                  85.00",
        "12/02/2025  80053         100.00          0.00           0.00                 100.00",
    )
    assert [line["patient_responsibility_cents"] for line in _lines(fields)] == [15_00, 0]
    assert fields["balanced"].value
    assert _least(fields) >= 0.9


BARE = "DOS         Code           Charged          Paid     Status"
BARE_LINES = [
    "12/01/2025  99213          150.00          85.00     PAID",
    "12/02/2025  80053          100.00         100.00     PAID",
]


def test_amounts_are_sure_where_the_page_says_no_more_and_they_come_to_the_payment() -> None:
    fields = _read(WHOSE, BARE, *BARE_LINES)
    assert _least(fields) >= 0.9
    assert fields["total_paid_cents"].confidence >= 0.9
    # Nobody knows who bears the rest: the payer does not say, and no sum is made up.
    assert fields["balanced"].value is False


@pytest.mark.parametrize(
    ("head", "lines", "paid"),
    [
        (BARE, BARE_LINES, "$180.00"),
        (BARE.replace("Status", "Allowed"), [line[:51] for line in BARE_LINES], "$185.00"),
        (BARE.replace("Status", "Zorble"), [line[:51] + "5.00" for line in BARE_LINES], "$185.00"),
    ],
)
def test_amounts_stay_doubtful_where_something_could_tell_why(
    head: str, lines: list[str], paid: str
) -> None:
    assert _least(_read(WHOSE, head, *lines, paid=paid)) < 0.9


HEADS = "DOS         Code       Your Charge    Discount   Patient Owes     Benefit"
LINES = [
    "12/01/2025  99213         150.00         50.00          15.00       85.00",
    "12/02/2025  80053         100.00          0.00           0.00      100.00",
]
KNOWN = "Withheld for an overpayment, 5512093            20.00-"
STRANGE = "Brought from the last voucher, {}        {}"
NET = "Net amount paid           $162.00"


def _taken(*rows: str) -> list[tuple[Any, ...]]:
    fields, _ = read_remittance([page_of([*TOP, WHOSE, HEADS, *LINES, *rows])])
    field = fields["provider_adjustments"]
    return [(e["amount_cents"], e["reference"]) for e in (field.value if field else ())]


def test_the_payment_proves_what_strange_words_keep_back() -> None:
    found = _taken(KNOWN, STRANGE.format("AB990", "3.00-"), NET)
    assert sorted(found) == [(3_00, "AB990"), (20_00, "5512093")]


@pytest.mark.parametrize("row", [
    STRANGE.format("AB990", "4.00-"),  # not what is missing
    STRANGE.format("AB990", "3.00"),  # nothing says that it is subtracted
    STRANGE.format("", "3.00-"),  # of nothing
])  # fmt: skip
def test_a_strange_row_that_proves_nothing_is_not_kept_back(row: str) -> None:
    assert _taken(KNOWN, row, NET) == [(20_00, "5512093")]


def test_two_rows_of_which_either_would_do_prove_nothing() -> None:
    strange = STRANGE.format("AB990", "3.00-"), STRANGE.format("AB991", "3.00-")
    assert _taken(KNOWN, *strange, NET) == [(20_00, "5512093")]


def test_nothing_kept_back_is_no_adjustment() -> None:
    fields = _read(WHOSE, HEADS, *LINES, "Accounts receivable recouped        0.00")
    assert fields["provider_adjustments"].value == []


def test_a_share_printed_whole_beside_a_part_of_it_and_a_reason_of_the_price() -> None:
    fields = _read(
        WHOSE,
        "DOS         Code       Billed     Allowed    Not Allowed   Deduct    Patient Owes   Paid",
        "12/01/2025  99213      150.00     100.00      50.00 (1)     10.00       15.00      85.00",
        "12/02/2025  80053      100.00     100.00                                 0.00     100.00",
        "MESSAGES:",
        "(1) CHARGE EXCEEDS THE PRICE SET BY THE PROVIDER'S AGREEMENT.",
    )
    assert fields["balanced"].value
    assert _least(fields) >= 0.9
    assert [line["patient_responsibility_cents"] for line in _lines(fields)] == [15_00, 0]


CLAIM_HEADS = [
    "                           SERVICE DATES        BILLED   ALLOWED    CO-PAY      PAID",
    "ICN          PATIENT NO    FROM      THRU       AMOUNT    AMOUNT    AMOUNT    AMOUNT",
    "             ALLW          SERVICE DATES        BILLED   ALLOWED    CO-PAY      PAID",
    "  PROC CD    UNITS         FROM      THRU       AMOUNT    AMOUNT    AMOUNT    AMOUNT",
]


def test_a_claim_under_heads_of_its_own_belongs_to_the_name_over_it() -> None:
    fields = _read(
        *CLAIM_HEADS,
        "MEMBER NAME: JANE DOE        MEMBER NO.: A12345678",
        "26267327466  44712         120125    120225     250.00    200.00     15.00    185.00",
        "  99213      1.00          120125    120125     150.00    100.00     15.00     85.00",
        "  80053      1.00          120225    120225     100.00    100.00      0.00    100.00",
        "       TOTAL CLAIMS PAID:                       250.00    200.00     15.00    185.00",
    )
    (claim,) = fields["claims"].value
    assert [claim[name] for name in ("patient_name", "member_id", "claim_number")] == [
        "JANE DOE", "A12345678", "26267327466"
    ]  # fmt: skip
    assert [line["procedure_code"] for line in claim["lines"]] == ["99213", "80053"]
    assert fields["balanced"].value is True


def test_labels_over_each_other_without_amounts_are_no_head() -> None:
    visit = [
        "{}  {}        {}         50.00          15.00       85.00",
        "    Office visit    12.00",
    ]
    rows = rows_of(
        page_of([
            *TOP, HEADS, *(line.format("12/01/2025", "99213", "150.00") for line in visit),
            "                                           Deductible applied",
            "                                           Patient balance",
            *(line.format("12/03/2025", "99214", "150.00") for line in visit),
        ])
    )  # fmt: skip
    assert len(heads_of(list(rows))) == 1


PRICES = "DOS         Code       Billed     Allowed    Not Covered   Note    Patient Owes   Paid"
PRICED = [
    "12/01/2025  99213      150.00     100.00      0.00                  15.00      85.00",
    "12/02/2025  80053      100.00     100.00      0.00                   0.00     100.00",
]
DENIED = "12/03/2025  36415       20.00       0.00     20.00       18         0.00       0.00"


def test_a_payer_that_never_tells_why_less_is_allowed_than_charged_is_not_asked() -> None:
    fields = _read(WHOSE, PRICES, *PRICED, DENIED)
    assert fields["balanced"].value
    assert _least(fields) >= 0.9
    assert [len(line["adjustments"]) for line in _lines(fields)] == [0, 0, 1]


def test_a_payer_that_tells_it_elsewhere_may_have_told_it_here() -> None:
    told = "12/04/2025  85025       50.00      40.00      0.00       45         0.00      40.00"
    fields = _read(WHOSE, PRICES, *PRICED, told, paid="$225.00")
    assert _least(fields) < 0.9


@pytest.mark.parametrize(("amount", "cents"), [("$185.00", 185_00), ("$180.00", None)])
def test_an_amount_of_nothing_named_is_the_payment_where_the_claims_come_to_it(
    amount: str, cents: int | None
) -> None:
    head = "Check Number: 5512007     Check Date: 01/15/2026"
    rows = [*TOP, head, f"Amount:    {amount}", "Net Paid   85.00", WHOSE, HEADS, *LINES]
    fields, _ = read_remittance([page_of(rows)])
    total = fields["total_paid_cents"]
    assert total is not None
    assert (total.value == cents) is (cents is not None)
    assert (total.confidence >= 0.9) is (cents is not None)


DETAILS = ["PROVIDER ADJ DETAILS: PLB REASON CODE FCN AMOUNT", "WO     1851418362     20.00"]


def test_adjustments_below_the_name_of_their_details_are_kept_back() -> None:
    assert _taken(*DETAILS, "Net amount paid    $165.00") == [(20_00, "1851418362")]


def test_a_row_that_makes_another_payment_of_the_claims_is_asked() -> None:
    strange = "Applied elsewhere   AB990     20.00"
    fields = _read(WHOSE, HEADS, *LINES, strange, "Check amount    $165.00")
    assert fields["claims"].confidence < 0.9
    assert fields["total_paid_cents"].confidence < 0.9


def test_a_mark_behind_an_amount_that_ends_in_credit_is_its_reason() -> None:
    fields = _read(
        "Patient: Jane Doe     Claim number: 26267327466",
        "DOS         Code       Billed     Allowed    Not Covered   Patient Owes   Paid",
        "12/01/2025  99213      20.00CR      0.00     20.00CR(B29)       0.00      0.00",
        "12/02/2025  80053     185.00      185.00      0.00              0.00    185.00",
    )
    first, _ = _lines(fields)
    assert [(e["amount_cents"], e["code"]) for e in first["adjustments"]] == [(-20_00, "B29")]
