"""Tables of unlike design are read by where amounts stand and by the sums they satisfy."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ocr.remittance import read_remittance
from ocr.remittance_days import date_in, days_in, first_day
from ocr.remittance_lexicon import column_role
from ocr.remittance_pages import plainly_continues
from ocr.remittance_rows import cents_in, slipped_cents
from ocr.types import Field
from tests.ocr.laid_out import page_of

HEAD = [
    "NORTHERN DENTAL INSURANCE COMPANY              EXPLANATION OF BENEFITS",
    "",
    "Payee: Elm Street Dental          Check Number: 88123",
    "NPI: 1234567893                   Check Date: 01/05/2026",
    "Tax ID: 12-3456789                Check Amount: $220.00",
    "",
    "Patient: JANE DOE     Member ID: M1234     Claim Number: C777",
]


def read(table: list[str], **kinds: Any) -> tuple[dict[str, Field | None], list[str]]:
    """The fields, and the codes of the warnings."""
    fields, warnings = read_remittance([page_of([*HEAD, *table])], **kinds)
    return fields, [warning.code for warning in warnings]


def lines(fields: dict[str, Field | None]) -> list[dict[str, Any]]:
    """All lines of all claims."""
    claims = fields["claims"]
    assert claims is not None
    return [line for claim in claims.value for line in claim["lines"]]


def money(line: dict[str, Any]) -> tuple[Any, ...]:
    """Charged, allowed, patient's share and paid, and the adjustments as code and cents."""
    names = ("charged_cents", "allowed_cents", "patient_responsibility_cents", "paid_cents")
    return (*(line[name] for name in names),
            {entry["code"]: entry["amount_cents"] for entry in line["adjustments"]})  # fmt: skip


NAMELESS = [
    "Code      Service       Zork          Blim         Quux       Frob",
    "D1110     12/01/2025    100.00        80.00        0.00       80.00",
    "D2740     12/01/2025    250.00        200.00       60.00      140.00",
    "TOTAL PAID                                                   $220.00",
]


def test_heads_that_name_nothing_are_told_by_sums_and_by_the_payment() -> None:
    fields, _ = read(NAMELESS)
    layout = fields["layout"]
    assert layout is not None
    roles = {column["header"]: column["role"] for column in layout.value["columns"]}
    assert (roles["Zork"], roles["Blim"]) == ("charged_cents", "allowed_cents")
    assert roles["Frob"] == "paid_cents"
    assert roles["Quux"] is None  # the patient's share, or a part of it: no sum can tell


def test_a_layout_that_was_taught_is_read_right_askew_too() -> None:
    first, _ = read(NAMELESS)
    assert first["layout"] is not None
    taught = first["layout"].value
    for column, role in zip(
        taught["columns"],
        ("procedure_code", "service_on", "charged_cents", "allowed_cents", "coinsurance",
         "paid_cents"),
        strict=True,
    ):  # fmt: skip
        column["role"] = role
    askew = page_of([*HEAD, *NAMELESS], slope=0.03, source="tesseract")
    fields, warnings = read_remittance([askew], layouts=[taught])
    assert not warnings
    assert [money(line) for line in lines(fields)] == [
        (10000, 8000, 0, 8000, {}), (25000, 20000, 6000, 14000, {"2": 6000}),
    ]  # fmt: skip


def test_columns_from_paid_to_charged_with_reasons_below_each_other() -> None:
    fields, warnings = read([
        "Benefit    Member Owes   Reason  Amount     Eligible     Charge      Service  Performed",
        "$80.00         $0.00     CO45    $20.00      $80.00     $100.00      D1110    Dec 1, 2025",
        "$140.00       $60.00     CO45    $50.00     $200.00     $250.00      D2740    Dec 2, 2025",
        "                         PR2     $60.00",
        "$220.00       $60.00                        $280.00     $350.00",
    ])  # fmt: skip
    assert not warnings
    assert [money(line) for line in lines(fields)] == [
        (10000, 8000, 0, 8000, {"45": 2000}),
        (25000, 20000, 6000, 14000, {"45": 5000, "2": 6000}),
    ]
    assert [line["service_on"] for line in lines(fields)] == ["2025-12-01", "2025-12-02"]


def test_a_record_of_two_lines_is_one_service() -> None:
    fields, warnings = read([
        "Date        Units     Charge        Allowed",
        "Code        Mods      Not Covered   Deductible      Paid",
        "12/01/2025  1         100.00        80.00",
        "99213       25        20.00         0.00            80.00",
        "12/01/2025  2         250.00        200.00",
        "99214                 50.00         60.00           140.00",
    ])  # fmt: skip
    assert "row_not_understood" not in warnings
    assert [(line["procedure_code"], line["modifiers"], line["charged_cents"],
             line["allowed_cents"], line["paid_cents"]) for line in lines(fields)] == [
        ("99213", ["25"], 10000, 8000, 8000), ("99214", [], 25000, 20000, 14000),
    ]  # fmt: skip


def test_a_payers_code_means_what_the_legend_says() -> None:
    fields, _ = read([
        "Date        Code    Billed     Allowed    Not Payable  Notes   Paid",
        "12/01/2025  D1110   100.00     80.00      20.00        A17     80.00",
        "12/01/2025  D2740   250.00     140.00     110.00       Q9      140.00",
        "Claim Total         350.00     220.00     130.00               220.00",
        "",
        "Notes",
        "A17 - This service is an exact duplicate of one already processed.",
    ])  # fmt: skip
    known, unknown = (line["adjustments"][0] for line in lines(fields))
    assert (known["code"], known["payer_code"], known["amount_cents"]) == ("18", "A17", 2000)
    assert (unknown["code"], unknown["unknown"], unknown["amount_cents"]) == ("Q9", True, 11000)
    assert fields["code_legend"] is not None
    assert "A17" in fields["code_legend"].value


def test_money_kept_back_is_no_claim_and_a_reversal_is_negative() -> None:
    fields, warnings = read([
        "Date        Code    Billed     Discount    Paid",
        "12/01/2025  D1110   (100.00)   (20.00)     (80.00)",
        "Claim Total         (100.00)   (20.00)     (80.00)",
        "Patient: JANE DOE     Member ID: M1234     Claim Number: C778",
        "12/01/2025  D1110   400.00     60.00       340.00",
        "Claim Total         400.00     60.00       340.00",
        "Overpayment recovery, reference 1139013077            -40.00",
        "Amount of Payment                                     220.00",
    ])  # fmt: skip
    assert not warnings
    assert [line["paid_cents"] for line in lines(fields)] == [-8000, 34000]
    assert fields["provider_adjustments"] is not None
    (taken,) = fields["provider_adjustments"].value
    assert (taken["amount_cents"], taken["reference"]) == (4000, "1139013077")


def test_a_row_of_amounts_that_nobody_understands_takes_sureness_away() -> None:
    table = [
        "Date        Code    Billed     Discount    Paid",
        "12/01/2025  D1110   300.00     80.00       220.00",
        "Something   else    17.00      3.00        12.50",
        "Claim Total         300.00     80.00       220.00",
    ]
    fields, warnings = read(table)
    assert "row_not_understood" in warnings
    assert fields["claims"] is not None
    assert fields["claims"].confidence <= 0.6
    assert all(cell["confidence"] < 0.9 for name, cell in lines(fields)[0]["evidence"].items()
               if name.endswith("_cents"))  # fmt: skip
    fields, warnings = read([row for row in table if "else" not in row])
    assert not warnings
    assert fields["claims"] is not None
    assert fields["claims"].confidence >= 0.9


def test_names_of_columns_in_payers_own_words() -> None:
    for head, role in (
        ("Deduct/Copay", "shared_cost"), ("Co- Insurance", "coinsurance"),
        ("Non- Covered", "not_covered"), ("Pald", "paid_cents"), ("Rsn 2", "reasons"),
        ("Balance due from patient", "patient_responsibility_cents"),
        ("Other Ins. Paid", "other_paid"), ("Fee Billed", "charged_cents"),
        ("Zork", None),
    ):  # fmt: skip
        assert column_role(head) == role, head


def test_amounts_and_dates_as_payers_print_them() -> None:
    for text, cents in (("12.50-", -1250), ("(1,012.50)", -101250), ("12.50CR", -1250),
                        (".00", 0), ("$1234.50", 123450), ("12.5", None)):  # fmt: skip
        assert cents_in(text) == cents, text
    for text, cents in (("11:76", 1176), ("-00", 0), ("(1,074,97}", -107497), ("10/15", None)):
        assert slipped_cents(text) == cents, text
    assert date_in("091626") == "2026-09-16"
    assert date_in("20260916") == "2026-09-16"
    for text, days in (("10/05-10/07/26", ("2026-10-05", "2026-10-07")),
                       ("12/30-01/02/2026", ("2025-12-30", "2026-01-02")),
                       ("10/05/26-10/07/26", ("2026-10-05", "2026-10-07")),
                       ("101526", ("2026-10-15", None)), ("1015", (None, None)),
                       ("02/05-10/07/26", (None, None))):  # fmt: skip
        assert days_in(text) == days, text
    assert first_day("1005", "100726") == "2026-10-05"
    for text, until in (("1005", "10/07/26"), ("0003", "100726"), ("10/05", "soon")):
        assert first_day(text, until) is None  # a number of another kind beside a date


def test_a_service_of_several_days_whose_first_is_printed_without_its_year() -> None:
    for printed in ("1202 120325", "12/02-12/03/25", "12/02 - 12/03/2025"):
        fields, _ = read([
            "Serv Date             Proc      Billed     Allowed    Coins     Paid",
            f"{printed:<22}D1110     100.00     80.00      0.00      80.00",
            f"{printed:<22}D2740     250.00     200.00     60.00     140.00",
            "TOTAL PAID                                                 220.00",
        ])  # fmt: skip
        days = {(line["service_on"], line["service_end_on"]) for line in lines(fields)}
        assert days == {("2025-12-02", "2025-12-03")}, printed
        assert [line["charged_cents"] for line in lines(fields)] == [100_00, 250_00], printed


def test_a_last_page_without_a_table_goes_on_by_its_letterhead() -> None:
    first = page_of(HEAD)
    last = [HEAD[0], "Page 3 of 3", "A17 - charge exceeds the fee schedule"]
    assert plainly_continues(page_of(last), first)
    assert not plainly_continues(page_of([HEAD[0], "Dear Sirs,"]), first)
    other = ["Check Number: 99999", *last]
    assert not plainly_continues(page_of(other), first)


WORDS = st.sampled_from(
    ["Patient:", "Paid", "Charge", "Code", "Total", "12.00", "(3.50)", "D1110", "CO-45", "45", "-",
     "01/05/2026", "DOE,", "Allowed", "M1234", "$", "Reason", "Page", "2", "Claim", "Notes", "."]
)  # fmt: skip


@given(st.lists(st.lists(WORDS, min_size=1, max_size=9), min_size=1, max_size=14))
@settings(max_examples=60, deadline=None)
def test_no_page_of_any_words_fails(rows: list[list[str]]) -> None:
    fields, _ = read_remittance([page_of(["   ".join(row) for row in rows])])
    assert "claims" in fields


def test_a_second_modifier_may_reach_below_the_head_of_the_days() -> None:
    fields, _ = read([
        "Proc      Date         Charge    Allowed   Copay     Paid",
        "17000 59 76 01/05/26   160.00    136.00    0.00      136.00",
        "99213     01/05/26     100.00    80.00     20.00     60.00",
        "TOTAL PAID                                           196.00",
    ])  # fmt: skip
    assert [line["modifiers"] for line in lines(fields)] == [["59", "76"], []]
