"""EOBs of a layout that no reader knows: some heads are nobody's names, and no sum tells them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.pagesizes import landscape, letter
from reportlab.pdfgen.canvas import Canvas

# Head, where it stands, and whether amounts stand under it. Nobody calls the last but one and
# the folders so; no sum tells which of two parts of the patient's is which.
COLUMNS: tuple[tuple[str, int, bool], ...] = (
    ("Patient", 30, False), ("Folder", 150, False), ("Dossier", 215, False),
    ("Service Date", 290, False), ("Code", 365, False), ("Billed", 470, True),
    ("Allowed", 530, True), ("First Slice", 595, True), ("Next Slice", 660, True),
    ("Paid", 730, True),
)  # fmt: skip
TAUGHT = {"Folder": "patient_account", "Dossier": "claim_number", "First Slice": "deductible",
          "Next Slice": "coinsurance"}  # fmt: skip
Service = tuple[str, str, str, str, str, int, int, int, int, int]
FIRST: tuple[Service, ...] = (
    ("JANE DOE", "A7701", "CL9001", "10/01/2026", "D1110", 10000, 8000, 2000, 1200, 4800),
    ("JOHN ROE", "A7702", "CL9002", "10/02/2026", "D0120", 6000, 5000, 1000, 800, 3200),
)
SECOND: tuple[Service, ...] = (
    ("EMMA OKAFOR", "A8811", "CL9511", "11/03/2026", "D2740", 98000, 70000, 5000, 13000, 52000),
    ("NOAH OKAFOR", "A8812", "CL9512", "11/03/2026", "D1120", 7500, 6400, 400, 1500, 4500),
    ("MARY SMITH", "A8813", "CL9513", "11/04/2026", "D0274", 8200, 6150, 650, 1100, 4400),
)


def printed(number: str, services: Sequence[Service]) -> bytes:
    """The EOB as the payer prints it."""
    page = io.BytesIO()
    canvas = Canvas(page, pagesize=landscape(letter))
    total = sum(each[-1] for each in services)
    for y, size, said_there in (
        (570, 15, "QUILL MUTUAL DENTAL BENEFIT"), (548, 10, "Explanation of Payment"),
        (528, 9, f"Check Number: {number}"), (514, 9, "Check Date: 11/09/2026"),
        (500, 9, f"Check Amount: ${total / 100:,.2f}"),
    ):  # fmt: skip
        canvas.setFont("Helvetica", size)
        canvas.drawString(30, y, said_there)
    canvas.setFont("Helvetica-Bold", 8)
    for head, x, right in COLUMNS:
        (canvas.drawRightString if right else canvas.drawString)(x, 460, head)
    canvas.setFont("Helvetica", 8)
    for row, service in enumerate(services):
        for (_, x, right), value in zip(COLUMNS, service, strict=True):
            text = f"{value / 100:,.2f}" if isinstance(value, int) else str(value)
            (canvas.drawRightString if right else canvas.drawString)(x, 442 - 16 * row, text)
    canvas.save()
    return page.getvalue()


def said(read: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What was read, in the form of the truth; the patient's parts by their codes."""
    found = []
    for claim in read["claims"]["value"]:
        for line in claim["lines"]:
            codes = {f"{e['group']}-{e['code']}": e["amount_cents"] for e in line["adjustments"]}
            year, month, day = line["service_on"].split("-")
            found.append((
                claim["patient_name"], claim["patient_account"], claim["claim_number"],
                f"{month}/{day}/{year}", line["procedure_code"], line["charged_cents"],
                line["allowed_cents"], codes.get("PR-1"), codes.get("PR-2"), line["paid_cents"],
            ))  # fmt: skip
    return found
