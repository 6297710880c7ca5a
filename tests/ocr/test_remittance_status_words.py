"""What becomes of a claim, told by a word of its rows."""

import pytest

from ocr.remittance_labels import status_in


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Claim E26235 REVERSAL OF PAYMENT", "22"),
        ("Payment withdrawn", "22"),
        ("VOIDED 10/16/26", "22"),
        ("NET AMOUNT VOIDS PAID 0.00 NUMBER OF CLAIMS", None),
        ("Reversals this payment: 0", None),
        ("Denied - see notes", "4"),
    ],
)
def test_a_word_of_one_claim_tells_its_status_and_a_plural_counts_claims(
    text: str, status: str | None
) -> None:
    assert status_in(text) == status
