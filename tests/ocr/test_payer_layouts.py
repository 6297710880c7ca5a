"""Learned layouts are kept by version, never edited, and hold nothing of a patient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ocr import payer_layouts
from records.db import Database
from records.errors import WrongUse

LAYOUT: dict[str, Any] = {
    "fingerprint": "f1", "payer": "DELTA DENTAL OF OHIO", "columns": [
        {"header": "Svc Dt", "left": 0.1, "right": 0.2, "role": "service_on"},
        {"header": "Zahlung", "left": 0.7, "right": 0.81, "role": None},
    ],
}  # fmt: skip


def with_role(role: str | None, **more: Any) -> dict[str, Any]:
    first, second = LAYOUT["columns"]
    return {**LAYOUT, "columns": [first, {**second, "role": role}], **more}


def test_a_correction_is_a_new_version_and_only_the_newest_is_in_force(db: Database) -> None:
    with db.write() as session:
        first = payer_layouts.keep(session, LAYOUT, "user:sam")
        same = payer_layouts.keep(session, LAYOUT, "user:sofia")
        second = payer_layouts.keep(session, with_role("paid_cents"), "user:sofia")
        other = payer_layouts.keep(session, {**LAYOUT, "fingerprint": "f2"}, "user:sam")
        assert same.id == first.id
        assert (first.version, first.live) == (1, False)
        assert (second.version, second.live, second.made_by) == (2, True, "user:sofia")
    with db.read() as session:
        found = payer_layouts.live(session)
        assert [each["fingerprint"] for each in found] == [other.fingerprint, "f1"]
        assert payer_layouts.roles(found[1]["columns"]) == ["service_on", "paid_cents"]


EDITS = (
    "UPDATE payer_layouts SET columns = '[]'", "UPDATE payer_layouts SET payer = 'X'",
    "UPDATE payer_layouts SET live = NOT live WHERE NOT live", "DELETE FROM payer_layouts",
)  # fmt: skip


@pytest.mark.both_databases
def test_the_database_refuses_to_edit_one(db: Database) -> None:
    with db.write() as session:
        payer_layouts.keep(session, LAYOUT, "user:sam")
        payer_layouts.keep(session, with_role("paid_cents"), "user:sam")
    for statement in EDITS:
        with pytest.raises(DBAPIError, match="layout is never"), db.write() as session:
            session.execute(text(statement))


def test_what_is_exported_is_imported_equal_elsewhere(db: Database, tmp_path: Path) -> None:
    with db.write() as session:
        payer_layouts.keep(session, with_role("paid_cents"), "user:sam")
        document = json.loads(json.dumps(payer_layouts.exported(session)))
    assert payer_layouts.imported(document) == document["layouts"]
    with db.write() as session:
        (again,) = [payer_layouts.keep(session, each, "cli:x") for each in document["layouts"]]
        assert again.version == 1


def test_numbers_that_no_head_has_are_masked() -> None:
    noisy = with_role("paid_cents", payer="DELTA 4477123", note="JANE DOE")
    noisy["columns"][0] = {**noisy["columns"][0], "header": "M100299 CPT4", "value": "JANE DOE"}
    kept = payer_layouts.checked(noisy)
    assert kept["payer"] == "DELTA #######"
    assert kept["columns"][0]["header"] == "M###### CPT4"
    assert "JANE" not in json.dumps(kept)


@pytest.mark.parametrize("wrong", [
    None, [], {}, {**LAYOUT, "fingerprint": ""}, {**LAYOUT, "columns": []},
    {**LAYOUT, "columns": [{"header": "A", "left": 0.1, "right": "x", "role": None}]},
    {**LAYOUT, "columns": [{"header": "A", "left": 0.1, "right": 77, "role": None}]},
    {**LAYOUT, "columns": [{"left": 0.1, "right": 0.2, "role": None}]},
    {**LAYOUT, "payer": ""}, {**LAYOUT, "payer": "HEALTH PLAN"},
    with_role("no_such_role"), {**LAYOUT, "columns": LAYOUT["columns"] * 40},
])  # fmt: skip
def test_what_is_no_layout_is_refused(wrong: Any) -> None:
    with pytest.raises(WrongUse, match="no layout"):
        payer_layouts.imported({"layouts": [wrong]})
    with pytest.raises(WrongUse, match="no layout"):
        payer_layouts.imported(wrong)


def test_a_page_that_names_no_payer_is_taught_under_the_keyed_name() -> None:
    nameless = {**LAYOUT, "payer": "HEALTH PLAN", "fingerprint": "f9"}
    own = payer_layouts.of_named_payer(nameless, "Quill Mutual")
    assert own["payer"] == "Quill Mutual"
    assert own["fingerprint"] not in ("f9", payer_layouts.refingered(nameless, "Harbor Trust"))
    assert payer_layouts.of_named_payer(LAYOUT, "Quill Mutual") == LAYOUT
    with pytest.raises(WrongUse) as refused:
        payer_layouts.of_named_payer(nameless, "Dental Plan")
    assert refused.value.code == "layout_without_payer"


def test_no_name_of_a_patient_is_kept_as_the_head_of_a_column() -> None:
    first, second = LAYOUT["columns"]
    columns = [{**first, "header": "Okafor Emma"}, {**second, "header": "Patient Emma"}]
    claims = [{"patient_name": "EMMA OKAFOR", "member_id": "PM-88"}]
    kept = payer_layouts.without_people({**LAYOUT, "columns": columns}, claims)
    assert [each["header"] for each in kept["columns"]] == ["###### ####", "Patient ####"]
    same = [{"patient_name": "SVC DT"}]
    assert payer_layouts.without_people(LAYOUT, same)["columns"][0]["header"] == "Svc Dt"
