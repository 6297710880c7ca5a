"""Real files made by others: contract JSON for each, and nothing wrong that is sure of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocr.fields import FIELDS
from ocr.types import KINDS
from tests.e2e.commands import answer, run
from tests.inputs import sample

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "samples"
SURE = 0.9
LINES = sample(12, torture=40)

pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="the folder of sample files is not beside this checkout"
)


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = json.loads((SAMPLES / "truth.json").read_text())
    return found


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What ``lockbox read`` says of all samples: one command, as each would take as long again."""
    folder = tmp_path_factory.mktemp("samples")
    paths = [*whole_files(), *(SAMPLES / "micr_lines" / name for name in lines())]
    document: dict[str, Any] = answer(run(folder, "read", *map(str, paths), "--json"))
    for each in document["documents"]:
        check_shape(each)
    for each in document["rejected"]:
        assert set(each) == {"source", "code", "message"}
        assert each["code"]
        assert each["message"]
    return document


def whole_files() -> list[Path]:
    """Pictures, letters, remittances and bank files."""
    return [
        path for folder in ("checks", "era835", "imb", "x9", "bank")
        for path in sorted((SAMPLES / folder).iterdir()) if path.suffix != ".txt"
    ]  # fmt: skip


def lines() -> dict[str, str]:
    """Some of the lines cut from real checks that are there, each with what a person read."""
    rows = [
        line.split("\t")
        for line in (SAMPLES / "micr_lines" / "truth.tsv").read_text().splitlines()
        if "\t" in line
    ]
    step = max(1, len(rows) // LINES)
    return {row[0]: row[1] for row in rows[::step] if (SAMPLES / "micr_lines" / row[0]).exists()}


def of(document: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    """What was read of the files of these names, in their order."""
    return [each for name in names for each in document["documents"] if each["source"] == name]


def check_shape(document: dict[str, Any]) -> None:
    """The contract's shape: keys, kinds, every field of the kind, boxes and probabilities."""
    assert set(document) >= {
        "source", "pages", "kind", "confidence", "transaction", "fields", "quality", "warnings",
    }  # fmt: skip
    assert document["kind"] in KINDS
    assert 0 <= document["confidence"] <= 1
    assert set(FIELDS[document["kind"]]) <= set(document["fields"])
    for name, field in document["fields"].items():
        if field is None:
            continue
        assert set(field) >= {"value", "confidence", "page", "box", "source", "alternatives"}, name
        assert field["value"] is not None, name
        assert 0 <= field["confidence"] <= 1
        assert field["box"] is None or len(field["box"]) == 4
        if name.endswith("_cents"):
            assert type(field["value"]) is int
    assert {"suspect", "skew_degrees", "dpi"} <= set(document["quality"])


def wrong_and_sure(document: dict[str, Any], known: dict[str, Any]) -> list[str]:
    """Fields at 0.9 or more that differ from what a person read."""
    expected = {
        name: known[name]
        for name in ("micr_line", "amount_cents", "date", "check_number")
        if known.get(name) is not None
    }
    if "micr_line" in known:
        parts = known["micr_line"].split("A")
        if len(parts) > 2:
            expected["routing_number"] = parts[1]
    return [
        f"{name}: {document['fields'][name]['value']} for {value}"
        for name, value in expected.items()
        if document["fields"].get(name)
        and document["fields"][name]["confidence"] >= SURE
        and document["fields"][name]["value"] != value
    ]


@pytest.mark.timeout(900)
def test_every_picture_letter_remittance_and_bank_file_gets_an_answer(
    document: dict[str, Any],
) -> None:
    paths = whole_files()
    answered = {each["source"] for each in document["documents"]}
    refused = {each["source"]: each["code"] for each in document["rejected"]}
    assert answered | set(refused) == {path.name for path in paths} | set(lines())
    assert {path.name for path in paths if path.parent.name == "era835"} <= answered
    assert {path.name for path in paths if path.parent.name in ("checks", "imb")} <= answered
    assert {"vendor_test_dstu.x9", "valid-ascii.x937", "valid-ebcdic.x937"} <= answered


@pytest.mark.timeout(900)
def test_the_vendor_checks_and_the_real_scan_have_the_right_line_and_amount_or_none(
    document: dict[str, Any], truth: dict[str, dict[str, Any]]
) -> None:
    read_right = 0
    for name in ("vendor_test_dstu.x9", "valid-ascii.x937"):
        checks = [each for each in of(document, name) if each["kind"] == "check"]
        known = [each for key, each in truth.items() if key.startswith(f"x9/{name}#")]
        assert len(checks) == len(known)
        for check, each in zip(checks, known, strict=True):
            routing = check["fields"]["routing_number"]
            amount = check["fields"]["amount_cents"]
            assert routing is None or routing["value"] == each["micr_line"].split("A")[1]
            assert amount is None or amount["value"] == each["amount_cents"]
            read_right += routing is not None and amount is not None
            assert wrong_and_sure(check, each) == []
    assert read_right == 11


@pytest.mark.timeout(900)
def test_tiny_pictures_of_checks_are_unread_rather_than_wrong(
    document: dict[str, Any], truth: dict[str, dict[str, Any]]
) -> None:
    for each in of(document, "check1.jpg", "check2.jpg", "check3.png"):
        if each["kind"] == "check":
            assert wrong_and_sure(each, truth[f"checks/{each['source']}"]) == []


@pytest.mark.timeout(900)
def test_lines_cut_from_real_checks_are_never_both_sure_and_disputed(
    document: dict[str, Any],
) -> None:
    """The truth of these is wrong in about 1 of 20, so a dispute is looked at, not counted."""
    known = lines()
    disputed = [
        (each["source"], field["value"], known[each["source"]])
        for each in of(document, *known)
        if each["kind"] == "check"
        and (field := each["fields"]["micr_line"])
        and field["confidence"] >= SURE
        and field["value"] != known[each["source"]]
    ]
    assert len(disputed) <= 1, disputed
