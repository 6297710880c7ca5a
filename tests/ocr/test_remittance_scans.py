"""What is misread in one place of a scanned remittance is told by what stands elsewhere on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ocr.labels import value_of
from ocr.remittance import read_remittance
from ocr.remittance_body import Body
from ocr.remittance_cells import PaperClaim, Reason, ServiceLine
from ocr.remittance_grid_fit import fit
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_header import header_fields
from ocr.remittance_heads import heads_of
from ocr.remittance_lost_heads import told_by_days
from ocr.remittance_lost_reasons import doubt_lost_reasons
from ocr.remittance_same_claims import rejoin
from ocr.remittance_same_heads import told_by_others
from ocr.remittance_sums import line_json
from ocr.remittance_table import page_rows
from ocr.remittance_trust import settle
from ocr.text import PageText
from ocr.types import Field
from tests.ocr.laid_out import page_of

HEADS = (
    ("Service Dates", "service_on"),
    ("Procedure", "procedure_code"),
    ("Submitted Charges", "charged_cents"),
    ("Network Savings", "discount"),
    ("Plan Allowance", "allowed_cents"),
    ("Plan Paid", "paid_cents"),
)


def head(*cells: tuple[str, str | None], right: float = 0.0) -> Head:
    """A head with its columns 100 pixels apart, 70 wide."""
    return Head(
        tuple(
            HeadCell(text, role, 100.0 * at + right, 100.0 * at + 70 + right)
            for at, (text, role) in enumerate(cells)
        ),
        4,
        5,
    )


def test_a_head_with_words_lost_is_told_by_the_same_head_of_another_page() -> None:
    broken = head(*HEADS[:3], ("", None), ("Plan Allowance", "allowed_cents"), ("Pl", None),
                  right=12.0)  # fmt: skip
    (first,), (second,) = told_by_others([[broken], [head(*HEADS)]])
    assert [cell.role for cell in first.cells] == [role for _, role in HEADS]
    assert [cell.left for cell in first.cells] == [100.0 * at + 12 for at in range(6)]
    assert second == head(*HEADS)


def test_another_table_keeps_its_own_head() -> None:
    other = head(("Service Dates", "service_on"), ("Reason", "reasons"), ("Amount", "adjusted"))
    assert told_by_others([[other], [head(*HEADS)]])[0] == [other]


SERVICES = [
    "Patient    Member    Sxzq Dote     Description  Billed   Allowed   Paid",
    "Ann Lee    X12345    01/02/2026    99213        100.00   80.00     80.00",
    "Ann Lee    X12345    01/03/2026    80053        50.00    40.00     40.00",
]


def test_a_misread_head_over_days_is_told_by_the_rows_under_it() -> None:
    rows = page_rows(scanned(page_of(SERVICES)))
    (told,) = told_by_days(heads_of(rows), rows)
    assert [cell.text for cell in told.cells if cell.role == "service_on"] == ["Sxzq Dote"]


def test_days_under_a_head_without_codes_of_services_tell_nothing() -> None:
    bare = [row.replace("99213", "Visit").replace("80053", "Tests") for row in SERVICES]
    rows = page_rows(scanned(page_of(bare)))
    assert told_by_days(heads_of(rows), rows) == heads_of(rows)


def claim(lines: int, **known: str) -> PaperClaim:
    """A claim with so many lines, each repeating whose it is."""
    made = PaperClaim(where="", in_row=known)
    made.known = {role: Field(value, 0.97, 0, None, "tesseract") for role, value in known.items()}
    made.lines = [ServiceLine() for _ in range(lines)]
    return made


OWN = {"patient_name": "Ann Lee", "patient_account": "48382", "member_id": "W989773741",
       "claim_number": "E26295757509"}  # fmt: skip


def rejoined(*claims: PaperClaim, printed: Sequence[int] = ()) -> Body:
    body = Body(claims=list(claims), printed=[("", count, {}) for count in printed])
    rejoin(body)
    return body


def values(body: Body) -> list[Any]:
    return [
        (len(one.lines), {role: cell.value for role, cell in one.known.items()})
        for one in body.claims
    ]


def test_two_numbers_read_as_one_word_do_not_break_a_claim() -> None:
    glued = {**OWN, "member_id": OWN["member_id"] + OWN["claim_number"]}
    del glued["claim_number"]
    body = rejoined(claim(4, **OWN), claim(1, **glued), claim(2, **OWN), printed=[1, 3])
    assert values(body) == [(7, OWN)]
    assert [count for _, count, _ in body.printed] == [1, 1]
    assert values(rejoined(claim(1, **glued), claim(3, **OWN))) == [(4, OWN)]


def test_a_row_between_rows_of_one_claim_number_is_of_that_claim_though_misread() -> None:
    stray = {**OWN, "claim_number": "E26295757569"}
    assert values(rejoined(claim(2, **OWN), claim(1, **stray), claim(1, **OWN))) == [(4, OWN)]


def test_claims_a_letter_apart_stay_apart_and_their_sums_are_not_sure() -> None:
    other = {**OWN, "claim_number": "E26295757510"}
    body = rejoined(claim(2, **OWN), claim(1, **other))
    assert values(body) == [(2, OWN), (1, other)]
    assert not any(one.whole for one in body.claims)
    twin = {**OWN, "patient_name": "Amn Lee"}
    del twin["claim_number"]
    assert len(rejoined(claim(1, **OWN), claim(1, **twin)).claims) == 2


def test_a_name_misread_in_one_row_does_not_break_a_claim_of_the_same_account_and_member() -> None:
    own = {role: value for role, value in OWN.items() if role != "claim_number"}
    slipped = claim(1, **{**own, "patient_name": "Amn Lee"})
    slipped.known["patient_name"] = replace(slipped.known["patient_name"], confidence=0.4)
    (joined,) = rejoined(claim(1, **own), slipped).claims
    assert joined.known["patient_name"].value == "Ann Lee"
    assert joined.known["patient_name"].confidence < 0.9
    elsewhere = claim(1, **{**own, "patient_name": "Amn Lee", "patient_account": "48383"})
    assert len(rejoined(claim(1, **own), elsewhere).claims) == 2


def test_another_patients_claim_stays_apart_and_keeps_its_sums() -> None:
    other = {"patient_name": "Bo Reed", "patient_account": "71004", "member_id": "A100200300",
             "claim_number": "E26301110042"}  # fmt: skip
    body = rejoined(claim(2, **OWN), claim(1, **other))
    assert values(body) == [(2, OWN), (1, other)]
    assert all(one.whole for one in body.claims)


def test_a_payee_is_not_taken_for_a_payer() -> None:
    page = page_of(["Payee Name: Elm Street Dental", "Payee NPI: 1234567893"])
    assert value_of(scanned(page), ("payer name",), lambda _: True, most_words=3) is None


def scanned(page: PageText) -> PageText:
    return replace(page, source="tesseract")


def test_a_letterhead_that_is_hardly_larger_than_other_print_is_no_sure_payer() -> None:
    lines = ["NORTHERN DENTAL INSURANCE", "", "LAKESIDE HEALTH PLAN", "Check Number: 88123"]
    page = scanned(page_of(lines))

    def payer(page: PageText) -> Field:
        found = header_fields([page], lambda field: field.confidence, exact=False)["payer_name"]
        assert found is not None
        return found

    assert payer(page).value == "NORTHERN DENTAL INSURANCE"
    assert payer(page).confidence >= 0.9
    beside = scanned(page_of(["NORTHERN DENTAL INSURANCE          LAKESIDE HEALTH PLAN"]))
    assert payer(beside).value == "NORTHERN DENTAL INSURANCE"
    assert payer(beside).confidence < 0.9


def cents(value: int) -> Field:
    return Field(value, 0.99, 0, None, "tesseract")


def service(charged: int, paid: int, *reasons: tuple[str | None, str, int]) -> ServiceLine:
    """A line with a charge, a payment and reasons as group, code and cents."""
    line = ServiceLine({"charged_cents": cents(charged), "paid_cents": cents(paid)})
    line.reasons = [Reason(group, code, cents(amount)) for group, code, amount in reasons]
    return line


def sure(line: ServiceLine) -> bool:
    cells = [*line.cells.values(), *(reason.amount for reason in line.reasons)]
    return all(cell.confidence >= 0.9 for cell in cells)


def clean(page: int) -> bool:
    """No page is of bad print."""
    return page < 0


def test_no_code_is_sure_on_a_page_of_bad_print() -> None:
    line = service(10000, 9000, ("CO", "23", 1000))
    doubt_lost_reasons([PaperClaim(where="", lines=[line])], lambda page: page == 0)
    assert not sure(line)
    assert line.cells["paid_cents"].confidence >= 0.9


def test_a_code_that_every_reader_has_alike_is_sure_on_a_page_of_bad_print() -> None:
    line = service(10000, 9000, ("CO", "23", 1000))
    line.reasons = [replace(line.reasons[0], sure=0.99)]
    doubt_lost_reasons([PaperClaim(where="", lines=[line])], lambda page: page == 0)
    assert sure(line)


def test_a_code_whose_print_was_hardly_read_is_not_sure_on_any_page() -> None:
    line = service(10000, 9000, ("CO", "23", 1000))
    line.reasons = [replace(line.reasons[0], sure=0.48)]
    doubt_lost_reasons([PaperClaim(where="", lines=[line])], clean)
    assert not sure(line)


def test_a_payers_own_code_is_sure_where_its_legend_repeats_it() -> None:
    line = service(10000, 9000, ("CO", "45", 1000))
    line.reasons = [replace(line.reasons[0], group=None, code="9918", unknown=True)]
    doubt_lost_reasons([PaperClaim(where="", lines=[line])], clean, {"9918": "PRICING"})
    assert sure(line)


def test_a_code_of_nothing_does_not_make_sure_who_bears_what_is_not_covered() -> None:
    line = service(3200, 0, (None, "0790", 0))
    line.cells["not_covered"] = cents(3200)
    body = Body(claims=[PaperClaim(where="", lines=[line])], legend={"0790": "INCLUDED"})
    settle(body, proved=True, exact=False)
    assert line.cells["not_covered"].confidence < 0.9


def test_a_claims_total_chosen_by_sums_is_no_surer_than_the_lines_that_it_came_from() -> None:
    def total(source: str, line_sure: float) -> float:
        line = service(10000, 10000)
        line.cells["paid_cents"] = replace(line.cells["paid_cents"], confidence=line_sure)
        claim = PaperClaim(where="", lines=[line])
        claim.totals["paid_cents"] = Field(10000, 0.95, 0, None, source)
        settle(Body(claims=[claim]), proved=False, exact=False)
        return claim.totals["paid_cents"].confidence

    assert total("cross-foot", 0.3) <= 0.3
    assert total("cross-foot", 0.97) >= 0.9
    assert total("tesseract", 0.3) >= 0.9


def test_a_line_paid_whole_has_surely_no_adjustments_and_another_does_not_say() -> None:
    whole, cut = line_json(service(10000, 10000)), line_json(service(10000, 9000))
    assert whole["evidence"]["adjustments"]["value"] == []
    assert whole["evidence"]["adjustments"]["confidence"] >= 0.9
    assert "adjustments" not in cut["evidence"]


def test_a_smudged_dash_or_description_leaves_a_line_its_sureness_and_a_smudged_code_does_not() -> (
    None
):
    columns = [("Service", "description"), ("Billed", "charged_cents"), ("Why", "reasons")]
    (row,) = page_rows(scanned(page_of(["Visit     10.00     CO45"])))
    grid = fit(head(*columns), [(row, 0.0, 0)])
    for place, low in ((0, False), (2, True)):
        tokens = list(row.tokens)
        tokens[place] = replace(
            tokens[place], confidence=0.1, left=100.0 * place, right=100.0 * place + 60
        )
        assert (grid.sureness(replace(row, tokens=tuple(tokens)), 0) < 0.3) is low


def test_a_line_that_lacks_a_reason_which_the_others_have_is_not_sure() -> None:
    whole = [service(10000, 7000, ("CO", "45", 2000), ("PR", "2", 1000)) for _ in range(8)]
    lost = service(10000, 7000, ("CO", "45", 2000))
    bare = service(10000, 7000)
    paid = service(5000, 5000)
    doubt_lost_reasons([PaperClaim(where="", lines=[*whole, lost, bare, paid])], clean)
    assert [sure(line) for line in [*whole, lost, bare, paid]] == [True] * 8 + [False] * 2 + [True]


def test_where_no_line_tells_all_reasons_none_is_doubted_for_it() -> None:
    lines = [service(10000, 7000, ("CO", "45", 2000)) for _ in range(4)]
    doubt_lost_reasons([PaperClaim(where="", lines=lines)], clean)
    assert all(map(sure, lines))


def test_a_code_that_no_list_has_is_not_sure_on_a_scan() -> None:
    line = service(10000, 9000, ("CO", "45", 1000))
    line.reasons = [replace(line.reasons[0], code="4G", unknown=True)]
    doubt_lost_reasons([PaperClaim(where="", lines=[line])], clean)
    assert not sure(line)
    assert line.cells["paid_cents"].confidence >= 0.9


def test_a_code_of_a_legend_is_sure_unless_a_misread_figure_makes_another_of_it() -> None:
    def sure(code: str, legend: Sequence[str]) -> bool:
        line = ServiceLine()
        amount = Field(500, 0.97, 0, None, "tesseract")
        line.reasons = [Reason("CO", "29", amount, payer_code=code, sure=0.55)]
        doubt_lost_reasons([PaperClaim(where="", lines=[line])], lambda _: False, legend)
        return line.reasons[0].amount.confidence >= 0.9

    assert sure("0555", ["0555", "9918"])
    assert not sure("0555", ["0555", "0556"])
    assert not sure("55", ["55", "91"])
    assert not sure("0555", ["9918"])


def test_a_reason_that_all_other_lines_surely_give_for_the_same_bears_out_one_read_badly() -> None:
    def sure(others: Sequence[str], code: str = "45", cents: int = 2000) -> bool:
        def line(reason: str, of: float, taken: int) -> ServiceLine:
            cells = {"charged_cents": 10000, "allowed_cents": 8000, "paid_cents": 8000}
            amounts = {k: Field(v, 0.97, 0, None, "tesseract") for k, v in cells.items()}
            amount = Field(taken, 0.97, 0, None, "tesseract")
            return ServiceLine(amounts, [Reason("CO", reason, amount, sure=of)])

        lines = [*(line(each, 0.95, 2000) for each in others), line(code, 0.5, cents)]
        doubt_lost_reasons([PaperClaim(where="", lines=lines)], lambda _: False)
        return lines[-1].reasons[0].amount.confidence >= 0.9

    assert sure(["45", "45", "45"])
    assert not sure(["45", "45"])
    assert not sure(["45", "45", "59"])
    assert not sure(["45", "45", "45"], "253")
    assert not sure(["45", "45", "45"], cents=1000)


def test_specks_in_a_row_of_words_are_left_out_and_signs_among_amounts_stay() -> None:
    page = page_of(["AMOUNT  @  ALLOWED", "12.00  @  8.00"], source="tesseract")
    lines = tuple(
        replace(
            line,
            words=tuple(
                replace(word, confidence=0.3 if word.text == "@" else 0.96) for word in line.words
            ),
        )
        for line in page.lines
    )
    rows = page_rows(replace(page, lines=lines))
    assert [row.text for row in rows] == ["AMOUNT ALLOWED", "12.00 @ 8.00"]


def test_an_amount_whose_column_lost_its_name_is_told_by_the_sums() -> None:
    rows = [
        "MIDLAND HEALTH PLAN      STATEMENT OF REMITTANCE", "",
        "Patient: JANE DOE   Member ID: M12345678",
        "DATE        PROC    BILLED AMT   DISALLOWED       AMT    COPAY   PAID AMT",
        "12/01/2025  99213       150.00        50.00    100.00    15.00      85.00",
        "12/02/2025  99214       200.00        50.00    150.00     0.00     150.00",
        "12/03/2025  80053        40.00         0.00     40.00    10.00      30.00",
        "", "Net Paid to Provider:   $265.00",
    ]  # fmt: skip
    fields, _ = read_remittance([page_of(rows, source="tesseract")])
    assert fields["claims"] is not None
    lines = fields["claims"].value[0]["lines"]
    assert [line["allowed_cents"] for line in lines] == [10000, 15000, 4000]


def test_a_month_that_no_misread_letter_makes_another_does_not_make_a_date_doubtful() -> None:
    def sure(month: str, of: float) -> float:
        page = page_of([f"{month} 11, 2026  99213  12.00"], source="tesseract")
        (line,) = page.lines
        words = tuple(replace(w, confidence=of if w.text == month else 0.99) for w in line.words)
        (row,) = page_rows(replace(page, lines=(replace(line, words=words),)))
        return row.tokens[0].confidence

    assert sure("Sep", 0.85) >= 0.9
    assert sure("Jun", 0.85) == 0.85
    assert sure("Sep", 0.6) == 0.6
