"""Which pages belong to one remittance: those after the first, and the one that pays."""

from collections.abc import Callable

import pytest

from ocr.remittance_pages import continues, plainly_continues
from ocr.remittance_payment import payment_number
from ocr.text import PageText
from tests.ocr.laid_out import page_of

Join = Callable[[PageText, PageText], bool]

HEADS = "Date         Code      Charge     Allowed    Not Covered  Adjustments   Paid"
PAID = "01/02/2026   80053     170.00     170.00       0.00                170.00"
LETTERHEAD = ["GREAT RIVERS HEALTH FUND       Explanation of Benefits", "410 River Road, St Louis"]
PAYMENT = ["EFT Reconciliation", "EFT number: 7728387211", "Claim 26287   Ann Lee   $170.00"]


def test_a_later_page_by_its_bare_number() -> None:
    first = page_of(["MIDLAND HEALTH PLAN             1", "Explanation of Payment", HEADS, PAID])
    later = ["MIDLAND HEALTH PLAN             2", HEADS, PAID, "Check Number: 5512007"]
    assert continues(page_of(later), first)
    assert continues(page_of(later[:-1]), first)
    assert not continues(page_of(["MIDLAND HEALTH PLAN             1", *later[1:]]), first)
    assert not continues(page_of(["LAKELAND HEALTH PLAN            2", *later[1:]]), first)


@pytest.mark.parametrize("number", ["{}", "Page {}", "Page: {}", "Page {} of 2"])
def test_a_last_page_that_holds_only_the_payments_own_data(number: str) -> None:
    top = f"MIDLAND HEALTH PLAN             {number}"
    first = page_of([top.format(1), "Explanation of Payment", HEADS, PAID])
    last = ["Check Number: 5512007", "Check Date: 01/15/2026", "Check Amount: $170.00"]
    assert plainly_continues(page_of([top.format(2), *last]), first)
    assert not plainly_continues(page_of([top.format(1), *last]), first)
    assert not plainly_continues(page_of(["LAKELAND HEALTH PLAN   Page 2", *last]), first)


@pytest.mark.parametrize("goes_on", [continues, plainly_continues])
@pytest.mark.parametrize("read", ["77283B7211", "772838 7211"])
def test_a_payments_number_misread_on_a_later_page(goes_on: Join, read: str) -> None:
    def scan(number: str, page: int, top: str = LETTERHEAD[1]) -> PageText:
        lines = [LETTERHEAD[0], f"{top}   Page {page}", f"EFT number: {number}"]
        return page_of(lines, source="tesseract")

    first = scan("7728387211", 1)
    assert goes_on(scan(read, 2), first)
    assert not goes_on(scan(read, 1), first), "another payment begins"
    assert not goes_on(scan(read, 2, "2200 Benefit Parkway, Denver"), first)
    assert not goes_on(scan("5512007", 2), first)
    printed = [*LETTERHEAD, "Page 2", f"EFT number: {read}"]
    assert not goes_on(page_of(printed), page_of([*LETTERHEAD, "EFT number: 7728387211"]))


def test_a_later_page_with_its_number_misread_counts_its_claims_on() -> None:
    def scan(number: str, count: str) -> PageText:
        top = ["Remittance Image", f"EFT number: {number}", f"Claim {count}", HEADS, PAID]
        return page_of(top, source="tesseract")

    first = scan("7728387211", "1 of 3")
    assert continues(scan("7728387711", "2 of 3"), first)
    assert not continues(scan("7728387711", "1 of 3"), first)
    assert not continues(scan("7728387711", "2 of 4"), first)
    assert not continues(scan("5512007", "2 of 3"), first)


def test_a_scanned_page_that_pays_under_a_letterhead_with_letters_misread() -> None:
    def scan(top: str, street: str, *rows: str) -> PageText:
        return page_of([top, street, *rows], source="tesseract")

    services = ("Claim number: 26287", HEADS, PAID, "Benefit of this claim: $170.00")
    first = scan(*LETTERHEAD, *services)
    assert continues(scan("GREAT RlVERS HEALTH FUND  Explanation 0f Benefits",
                          "410 River Roed, St Louis", *PAYMENT), first)  # fmt: skip
    assert not continues(scan("LAKELAND HEALTH PLAN  Explanation of Benefits",
                              "12 Lake Drive, Madison", *PAYMENT), first)  # fmt: skip


def test_a_bare_page_number_that_ends_a_lower_line_of_the_letterhead() -> None:
    top = ["MIDLAND HEALTH PLAN", "2200 Benefit Parkway, Denver CO 80202  {}"]
    first = page_of([top[0], top[1].format(1), "Check Number: 5512007", HEADS, PAID])
    legend = "P10 = The fee is above what dentists have agreed to charge."
    assert plainly_continues(page_of([top[0], top[1].format(2), legend]), first)
    assert not plainly_continues(page_of([top[0], top[1].format(1), legend]), first)


@pytest.mark.parametrize("goes_on", [continues, plainly_continues])
def test_a_page_of_the_payment_goes_on_with_claims_on_sheets_of_their_own(goes_on: Join) -> None:
    sheet = page_of([*LETTERHEAD, "Patient: Ann Lee", HEADS, PAID])
    assert goes_on(page_of([*LETTERHEAD, *PAYMENT]), sheet)
    assert not goes_on(page_of([*LETTERHEAD, *PAYMENT, HEADS, PAID]), sheet)
    assert not goes_on(page_of(["LAKELAND HEALTH PLAN", *PAYMENT]), sheet)
    named = page_of([*LETTERHEAD, "EFT number: 5512007", HEADS, PAID])
    assert not goes_on(page_of([*LETTERHEAD, *PAYMENT]), named)


def test_a_payment_told_behind_the_last_claim_ends_there() -> None:
    claims = [*LETTERHEAD, "Patient: Ann Lee", HEADS, PAID]
    first, end = page_of(claims), page_of([*claims, *PAYMENT])
    assert continues(end, first)
    assert continues(page_of(claims), first)
    assert not continues(page_of(claims), first, [end])
    assert not continues(end, first, [end, page_of(claims)])
    assert continues(
        page_of([*LETTERHEAD, "Note M1: The plan has paid its maximum."]), first, [end]
    )


def test_a_scanned_page_of_the_payment_alone_ends_it() -> None:
    def scan(*rows: str) -> PageText:
        return page_of([*LETTERHEAD, *rows], source="tesseract")

    claims = ("Patient: Ann Lee", HEADS, PAID)
    first, pays = scan(*claims), scan(*PAYMENT)
    assert continues(pays, first)
    assert not continues(scan(*claims), first, [pays])
    # What looks like its number between services may be of something else.
    assert continues(scan(*claims), first, [scan(*claims, *PAYMENT)])


@pytest.mark.parametrize(
    ("printed", "number", "method"),
    [("Check voucher 7258315189", "7258315189", "CHK"), ("EFT advice 99120", "99120", "ACH"),
     ("Check voucher enclosed", None, None)],
)  # fmt: skip
def test_a_number_behind_the_name_of_the_payments_paper(
    printed: str, number: str | None, method: str | None
) -> None:
    found = payment_number([page_of([printed, "GREAT RIVERS HEALTH FUND"])])
    assert (None if found is None else (found[0].found.text, found[1])) == (
        None if number is None else (number, method)
    )
