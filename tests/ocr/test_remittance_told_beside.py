"""Claims whose numbers stand below the patient's name, beside the services."""

from ocr.remittance import read_remittance
from tests.ocr.laid_out import page_of

HEAD = "Patient                    Date         Code      Charge     Allowed    Paid"
ROWS = (
    "Ann Lee                    09/01/2026   99213     100.00      80.00     80.00",
    "Claim No. 26249442922      09/02/2026   80053      47.00      40.00     40.00",
    "Account No. 4096-9",
    "Ann Lee                    09/08/2026   99213     100.00      80.00     80.00",
    "Claim No. 26251552757      09/09/2026   71046      60.00      50.00     50.00",
    "Account No. 4097-7",
)


def test_a_name_below_the_numbers_of_its_last_claim_heads_another_claim() -> None:
    fields, _ = read_remittance([page_of([HEAD, *ROWS, "Amount Paid 250.00"], source="tesseract")])
    claims = fields["claims"]
    assert claims is not None
    found = [(one["claim_number"], one["patient_account"], len(one["lines"]))
             for one in claims.value]  # fmt: skip
    assert found == [("26249442922", "4096-9", 2), ("26251552757", "4097-7", 2)]
