"""Days printed over the services they are of, and days that are of something else."""

from dataclasses import replace

import pytest

from ocr.remittance import read_remittance
from ocr.remittance_head_cells import Head, HeadCell
from ocr.remittance_rows import rows_of
from ocr.remittance_same_heads import told_by_lines
from ocr.text import from_words
from tests.ocr.laid_out import page_of

TOP = [
    "MIDLAND HEALTH PLAN",
    "Explanation of Payment",
    "Check Number: 5512007     Check Amount: $270.00",
]
WHOSE = "Patient: Alice Kennedy     Member ID: X470253526     Claim Number: 26230871"
HEADS = "Code      Charge     Allowed    Not Covered   Paid"
LINES = [
    "99213     100.00     100.00       0.00        100.00",
    "80053     170.00     170.00       0.00        170.00",
]


def _days(*pages: list[str]) -> list[str | None]:
    fields, _ = read_remittance([replace(page_of(rows), page=at) for at, rows in enumerate(pages)])
    claims = fields["claims"]
    assert claims is not None
    return [line["service_on"] for claim in claims.value for line in claim["lines"]]


@pytest.mark.parametrize("label", ["Service Date(s):", "From / Through:", "Date of service:"])
def test_a_day_over_services_by_the_names_of_its_column(label: str) -> None:
    first, second = f"{label} 01/02/2026", f"{label} 01/05/2026"
    assert _days([*TOP, WHOSE, HEADS, first, LINES[0], second, LINES[1]]) == [
        "2026-01-02", "2026-01-05"
    ]  # fmt: skip


@pytest.mark.parametrize("footer", ["DATE: 01/15/2026", "Process Date: 01/15/2026"])
def test_the_payments_day_at_a_pages_foot_is_none_of_services(footer: str) -> None:
    first = [*TOP, WHOSE, HEADS, "Serv Date: 01/02/2026", LINES[0], footer]
    assert _days(first, ["Page 2", HEADS, LINES[1]]) == ["2026-01-02", "2026-01-02"]


def test_a_letterhead_right_over_a_head_that_goes_on_is_none_of_its_lines() -> None:
    names = ("DATE", "CODE", "CHARGED", "ALLOWED", "PAID")
    roles = ("service_on", "procedure_code", "charged_cents", "allowed_cents", "paid_cents")
    lines = ["DATE      CODE     CHARGED     ALLOWED     PAID"]
    first = rows_of(page_of([*TOP, *lines]))
    later = rows_of(page_of(["MIDLAND HEALTH PLAN        Page 2", *lines]))
    cells = tuple(
        HeadCell(name, role, 100.0 * at, 100.0 * at + 80.0)
        for at, (name, role) in enumerate(zip(names, roles, strict=True))
    )
    sound = Head(cells, 3, 3)
    mixed = Head((replace(cells[0], text="MIDLAND", role=None), *cells[1:]), 0, 1, 2)
    (told,), (again,) = told_by_lines([[sound], [mixed]], [first, later])
    assert (told, again.cells, again.levels) == (sound, sound.cells, 1)
    assert (again.first, again.last) == (1, 1)


def test_a_line_of_dashes_between_two_lines_of_a_head_is_none_of_it() -> None:
    page = rows_of(
        page_of(["Code      Charge", "-         -", "Number    Amount", "99213     100.00"])
    )
    assert [row.number for row in page] == [0, 2, 3]
    cells = (HeadCell("Code Number", "procedure_code", 0.0, 90.0),)
    ((told,),) = told_by_lines([[Head(cells, 0, 2, 2)]], [page])
    assert (told.first, told.last) == (0, 2)


@pytest.mark.parametrize(("said", "sure"), [
    ("Visit of Saturday, August 8, 2026", True), ("Visit of Monday, August 8, 2026", False),
    ("Visit of August 8, 2026", False),
])  # fmt: skip
def test_the_weekday_printed_with_a_day_bears_out_a_figure_that_a_scan_reads_badly(
    said: str, *, sure: bool
) -> None:
    text = page_of([*TOP, WHOSE, HEADS, said, *LINES], source="tesseract")
    words = [replace(word, confidence=0.55 if word.text == "8," else 0.97) for word in text.words]
    claims = read_remittance([from_words(0, "tesseract", words)])[0]["claims"]
    assert claims is not None
    line = claims.value[0]["lines"][0]
    assert line["service_on"] == "2026-08-08"
    assert (line["evidence"]["service_on"]["confidence"] >= 0.9) is sure
