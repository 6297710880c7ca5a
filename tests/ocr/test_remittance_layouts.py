"""A layout that a person taught is found again by payer, words and places, and by nothing less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from intake.types import Word
from ocr.remittance import read_remittance
from ocr.remittance_layouts import (
    bare_head,
    fingerprint,
    is_known,
    layout_json,
    layouts_of,
    of_payer,
    with_learned,
)
from ocr.remittance_rows import Row, rows_of
from ocr.text import PageText, from_words
from tests.ocr.laid_out import page_of

HEAD = ["When done    Item     Asked      Agreed     Yours      Ours",
        "             no.      for        upon       to bear    to bear"]  # fmt: skip
BODY = ["10/01/2026   D1110    100.00     80.00      20.00      60.00",
        "10/02/2026   D0120    50.00      40.00      10.00      30.00"]  # fmt: skip
PAGE = ["Quill Mutual Benefit", "Notice of what we settled", "", *HEAD, *BODY]
ROLES = ["service_on", "procedure_code", "charged_cents", "allowed_cents",
         "patient_responsibility_cents", "paid_cents"]  # fmt: skip


def taught(roles: list[str | None] | None = None, payer: str = "QUILL MUTUAL BENEFIT") -> Any:
    """The layout of the page above with roles given by a person."""
    shown = layout_json(bare_head(rows_of(page_of(PAGE))), payer, 800.0)
    columns = [{**each, "role": role} for each, role in
               zip(shown["columns"], roles or ROLES, strict=True)]  # fmt: skip
    return {**shown, "columns": columns}


def moved(text: PageText, scale: float, by: int, **misread: str) -> PageText:
    """The page as another scan of it has it: stretched, shifted, a word misread."""
    words = [
        Word(misread.get(word.text.strip("."), word.text),
             (round(word.box[0] * scale) + by, word.box[1] + by,
              round(word.box[2] * scale), word.box[3]), word.confidence)
        for word in text.words
    ]  # fmt: skip
    return from_words(0, "tesseract", words)


def roles_found(rows: list[Row], layout: Any) -> list[str | None]:
    heads = with_learned([], rows, layouts_of([layout]))
    return [cell.role for cell in heads[0].cells] if heads else []


def test_what_stands_like_a_head_is_shown_where_nothing_is_known() -> None:
    cells = bare_head(rows_of(page_of(PAGE)))
    assert [cell.text for cell in cells] == [
        "When done", "Item no.", "Asked for", "Agreed upon", "Yours to bear", "Ours to bear",
    ]  # fmt: skip
    assert bare_head(rows_of(page_of(["Dear doctor,", "we paid 80.00 for it."]))) == ()


def test_a_taught_head_is_found_with_the_roles_it_was_given() -> None:
    rows = rows_of(page_of(PAGE))
    assert with_learned([], rows, ()) == []
    (head,) = with_learned([], rows, layouts_of([taught()]))
    assert [cell.role for cell in head.cells] == ROLES
    assert (head.first, head.last) == (2, 3)


@pytest.mark.parametrize(("scale", "by", "misread"), [
    (1.01, 7, {}), (0.99, -11, {"Agreed": "Agreod"}), (1.5, 30, {"Yours": "Your5"}),
])  # fmt: skip
def test_another_scan_of_it_is_the_same_layout(
    scale: float, by: int, misread: dict[str, str]
) -> None:
    rows = rows_of(moved(page_of(PAGE), scale, by, **misread))
    assert roles_found(rows, taught()) == ROLES


@pytest.mark.parametrize("head", [
    ["When done    Item     Asked      Agreed     Ours       Yours",
     "             no.      for        upon       to bear    to bear"],  # the last two swapped
    ["When done    Item     Asked      Yours      Ours",
     "             no.      for        to bear    to bear"],
    ["Date         Code     Billed     Allowed    Owed       Paid", ""],
])  # fmt: skip
def test_another_head_is_not_taken_for_it(head: list[str]) -> None:
    rows = rows_of(page_of([*PAGE[:3], *head, *BODY]))
    assert roles_found(rows, taught()) == []


def test_the_newest_of_two_layouts_of_one_head_counts() -> None:
    older = taught([*ROLES[:3], None, None, "paid_cents"])
    rows = rows_of(page_of(PAGE))
    (head,) = with_learned([], rows, layouts_of([taught(), older]))
    assert [cell.role for cell in head.cells] == ROLES


def test_it_counts_for_its_own_payer_alone() -> None:
    layouts = layouts_of([taught()])
    assert of_payer(layouts, "Quill Mutual Benefit  Notice") == layouts
    assert of_payer(layouts, "QuilI Mutual Beneflt") == layouts  # as a scan may say it
    assert of_payer(layouts, "Harbor Dental Trust") == ()


@pytest.mark.parametrize(("payer", "text"), [
    ("", "Quill Mutual Benefit"),
    ("HEALTH PLAN", "Quill Health Plan of the Valley"),
    ("United Healthcare", "Harbor Healthcare"),
    ("DELTA DENTAL OF OHIO", "DELTA DENTAL OF MICHIGAN"),
    ("Quill Mutual Benefit", "Quarry Ridge Mutual Benefit"),
])  # fmt: skip
def test_a_name_that_many_payers_share_is_nobodys(payer: str, text: str) -> None:
    assert of_payer(layouts_of([taught(payer=payer)]), text) == ()


OTHERS_PAGE = ["Harbor Dental Trust", "Notice of what we settled",
               "Coordination: Quill Mutual Benefit paid first", "", *HEAD, *BODY]  # fmt: skip


@pytest.mark.parametrize("roles", [ROLES, [*ROLES[:3], ROLES[4], ROLES[3], ROLES[5]]])
def test_another_payers_page_that_names_it_is_not_read_by_its_layout(roles: list[str]) -> None:
    """The payer of the letterhead counts, though the head is the very same and its sums agree."""
    fields, warnings = read_remittance([page_of(OTHERS_PAGE)], layouts=[taught(roles)])
    plain, _ = read_remittance([page_of(OTHERS_PAGE)])
    assert fields["layout"] == plain["layout"]
    assert fields["claims"] == plain["claims"]
    assert "layout_not_applied" in {each.code for each in warnings}


def test_a_layout_that_the_sums_contradict_is_not_applied_and_told() -> None:
    own = [taught()]
    wrong = [taught([*ROLES[:2], "paid_cents", "allowed_cents", ROLES[4], "charged_cents"])]
    right, quiet = read_remittance([page_of(PAGE)], layouts=own)
    assert right["claims"] is not None
    assert right["claims"].value[0]["lines"][0]["paid_cents"] == 6000
    assert "layout_not_applied" not in {each.code for each in quiet}
    fields, warnings = read_remittance([page_of(PAGE)], layouts=wrong)
    plain, _ = read_remittance([page_of(PAGE)])
    assert fields["claims"] == plain["claims"]
    assert "layout_not_applied" in {each.code for each in warnings}


def test_the_fingerprint_is_of_payer_words_and_places() -> None:
    cells = bare_head(rows_of(page_of(PAGE)))
    same = bare_head(rows_of(moved(page_of(PAGE), 1.003, 5)))
    assert fingerprint(cells, "Quill Mutual") == fingerprint(same, "QUILL MUTUAL.")
    assert fingerprint(cells, "Quill Mutual") != fingerprint(cells, "Harbor")
    other = [replace(cells[0], text="When"), *cells[1:]]
    assert fingerprint(cells, "Quill Mutual") != fingerprint(other, "Quill Mutual")


def test_a_role_that_is_none_and_a_layout_without_any_say_nothing() -> None:
    (layout,) = layouts_of([taught(["no_such_role", *ROLES[1:]])])
    assert layout.columns[0].role is None
    assert layouts_of([taught([None] * 6)]) == ()


def test_a_payer_is_known_by_its_very_name_over_its_very_head() -> None:
    cells = bare_head(rows_of(page_of(PAGE)))
    layouts = layouts_of([taught()])
    assert is_known(layouts, cells, "Quill Mutual Benefit")
    assert not is_known(layouts, cells, "Quill Mutual Benefits Inc")
    assert not is_known(layouts, cells[:-1], "Quill Mutual Benefit")
    assert not is_known((), cells, "Quill Mutual Benefit")


def test_a_share_that_is_not_printed_has_no_place_of_its_own() -> None:
    page = ["Quill Mutual Benefit", "Explanation of Payment", "",
            "Date         Code    Billed     Discount   Paid",
            "10/01/2026   D1110   100.00     20.00      80.00"]  # fmt: skip
    fields, _ = read_remittance([page_of(page)])
    assert fields["claims"] is not None
    (line,) = fields["claims"].value[0]["lines"]
    assert (line["patient_responsibility_cents"], line["paid_cents"]) == (0, 8000)
    cell = line["evidence"]["patient_responsibility_cents"]
    assert (cell["box"], cell["source"]) == (None, "arithmetic")
