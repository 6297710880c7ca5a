"""Columns and sums of scans of which a box or a name was misread, told by the rows' own sums."""

from dataclasses import replace

from ocr.remittance import read_remittance
from ocr.remittance_body import Body
from ocr.remittance_table import read_body
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of

TOP = ("GREAT RIVERS HEALTH FUND   Remittance Advice   Check No. 20855004", "")
ROWS = (
    "Patient        Member ID   Claim No     Date      Proc   Charged  Allowed Adjustments   Paid",
    "Ann Lee        X12345678   26267327466  10/12/26  99213   150.00   100.00 CO-45 50.00 100.00",
    "Ann Lee        X12345678   26267327466  10/13/26  80053    60.00    40.00 CO-45 20.00  40.00",
    "Bob Ray        X98765432   26267327555  10/12/26  36415    20.00    20.00              20.00",
    "Bob Ray        X98765432   26267327555  10/14/26  97140    75.00    45.00 CO-45 30.00  45.00",
    "Cy Fox         X55512345   26267327999  10/15/26  99214    90.00    90.00              90.00",
)


def scan(*rows: str) -> PageText:
    return page_of([*TOP, *rows], source="tesseract")


def body_of(text: PageText, paid: int) -> Body:
    return read_body([text], frozenset({paid}), (), lambda _: False)


def test_an_amount_whose_box_runs_on_over_a_fold_does_not_widen_its_column() -> None:
    text = scan(*ROWS, "Amount of Check $295.00")
    last = [word for word in text.words if word.text == "90.00"][1]
    wide = replace(last, box=(last.box[0], last.box[1], 5 * last.box[2], last.box[3]))
    words = [wide if word is last else word for word in text.words]
    lines = body_of(from_words(0, "tesseract", words), 29500).lines
    assert [line.money.get("allowed_cents") for line in lines[:4]] == [10000, 4000, 2000, 4500]
    assert all("adjusted" not in line.money for line in lines)


def test_a_total_of_all_claims_with_an_amount_misread_is_none_of_the_last_claim() -> None:
    total = f"{'TOTAL':56}395.00   {{}}              295.00"
    for printed in ("295.00", "205.00"):
        body = body_of(scan(*ROWS, total.format(printed), "Amount of Check $295.00"), 29500)
        assert all(not claim.totals for claim in body.claims)
        assert body.totals["charged_cents"].value == 39500


SHARES = (
    "Patient: Ann Lee   Member ID: X12345678   Claim number: 26267327466",
    "Date       Code    Billed   Discount   Net Payable   Allowed   Coinsurance   Amount Paid",
    "10/12/26   99213   150.00      50.00          0.00    100.00         20.00         80.00",
    "10/13/26   80053    60.00      20.00          0.00     40.00          8.00         32.00",
    "Amount of Check $112.00",
)


def test_of_two_columns_called_paid_the_one_by_which_the_rows_add_up_is() -> None:
    lines = body_of(scan(*SHARES), 11200).lines
    assert [line.money["paid_cents"] for line in lines] == [8000, 3200]
    fields, _ = read_remittance([scan(*SHARES)])
    assert fields["balanced"] is not None
    assert fields["balanced"].value is True


def test_two_columns_called_paid_stay_as_they_are_named_where_no_sum_tells() -> None:
    odd = [row.replace("80.00", "81.00").replace("32.00", "33.00") for row in SHARES]
    assert [line.money["paid_cents"] for line in body_of(scan(*odd), 11400).lines] == [0, 0]


PARTS = (
    "Patient: Ann Lee   Member ID: X12345678   Claim number: 26267327466",
    "Date       Code    Billed   Discount   Deductible   {:>10}   Patient owes   Amount Paid",
    "10/12/26   99213   150.00      50.00        10.00        20.00          30.00         70.00",
    "10/13/26   80053    60.00      20.00         0.00         8.00           8.00         32.00",
    "10/14/26   36415    20.00       0.00         5.00         0.00           5.00         15.00",
    "Amount of Check $117.00",
)


def _parts_read(head: str) -> list[dict[str, int]]:
    fields, _ = read_remittance([scan(PARTS[0], PARTS[1].format(head), *PARTS[2:])])
    assert fields["claims"] is not None
    (claim,) = fields["claims"].value
    return [
        {entry["code"]: entry["amount_cents"] for entry in line["adjustments"]}
        for line in claim["lines"]
    ]


def test_a_garbled_head_over_what_the_shares_lack_is_the_part_it_looks_like() -> None:
    assert _parts_read("Come am")[0] == {"45": 5000, "1": 1000, "2": 2000}
    assert _parts_read("Cobay am")[1] == {"45": 2000, "3": 800}


def test_what_an_unknown_column_may_tell_is_no_part_by_a_rate() -> None:
    fields, _ = read_remittance([scan(PARTS[0], PARTS[1].format("Xqzw"), *PARTS[2:])])
    assert fields["claims"] is not None
    for line in fields["claims"].value[0]["lines"][:2]:
        assert all(line["evidence"][name]["confidence"] < 0.9 for name in ("adjustments.0",))
