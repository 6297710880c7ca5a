"""The remittance bench: how a reading is scored, and a short sample that no wrong amount passes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bench import remittance
from bench.remittance_aligning import aligned
from bench.remittance_reasons import said_of_adjustments, same_adjustments
from bench.remittance_scores import DocumentScore, score_document
from bench.remittances.cases import case
from bench.remittances.layouts.every import KNOWN
from web.cli import lockbox


def _layout(name: str) -> Any:
    return next(one for one in KNOWN if one.name == name)


@pytest.fixture
def truth() -> dict[str, Any]:
    """A drawn payment of several claims, each line with reasons of groups and codes."""
    drawn = case(11, _layout("claim_blocks"), 4)
    fields: dict[str, Any] = drawn.documents[0]["fields"]
    assert len(fields["claims"]) > 1
    assert len(fields["claims"][0]["lines"]) > 1
    return fields


def _read(truth: dict[str, Any], confidence: float = 0.95) -> dict[str, Any]:
    """A reading as JSON that says all of the truth."""
    return {
        name: {"value": copy.deepcopy(value), "confidence": confidence, "source": "text_layer"}
        for name, value in truth.items()
    }


def _amounts(score: DocumentScore) -> list[str]:
    return [cell.name for cell in score.amounts if cell.verdict == "wrong"]


def test_a_reading_that_says_the_truth_posts_untouched(truth: dict[str, Any]) -> None:
    score = score_document(truth, _read(truth))
    assert (score.found, score.exact, score.kept, score.invented) == (score.lines,) * 3 + (0,)
    assert score.untouched
    assert all(cell.verdict == "right" for cell in (*score.amounts, *score.fields))


def test_an_unsure_cell_keeps_a_right_document_for_a_person(truth: dict[str, Any]) -> None:
    read = _read(truth)
    line = read["claims"]["value"][0]["lines"][0]
    line["evidence"] = {"paid_cents": {"confidence": 0.6, "source": "tesseract"}}
    score = score_document(truth, read)
    assert score.right
    assert not score.posts
    assert score.kept == score.lines - 1


def test_a_line_without_its_date_keeps_the_document_for_a_person(truth: dict[str, Any]) -> None:
    read = _read(truth)
    read["claims"]["value"][0]["lines"][0]["service_on"] = None
    score = score_document(truth, read)
    assert not score.posts
    assert score.exact == score.lines - 1


def test_a_wrong_sure_amount_is_counted_and_makes_the_worst_outcome(truth: dict[str, Any]) -> None:
    read = _read(truth)
    read["claims"]["value"][0]["lines"][1]["allowed_cents"] += 300
    score = score_document(truth, read)
    assert score.posts_wrong
    assert score.exact == score.lines - 1
    assert [cell.name for cell in score.amounts if cell.wrong_and_sure] == ["allowed_cents"]
    assert not score_document(truth, {**read, "balanced": None}).posts


def test_a_number_that_was_not_read_is_missing_and_not_wrong(truth: dict[str, Any]) -> None:
    read = _read(truth)
    read["claims"]["value"][0]["claim_number"] = None
    score = score_document(truth, read)
    assert (score.untouched, score.posts_wrong, len(score.missing)) == (False, False, 1)
    read["claims"]["value"][0]["claim_number"] = "77"
    assert score_document(truth, read).posts_wrong


def test_missing_and_invented_lines_are_told_apart(truth: dict[str, Any]) -> None:
    read = _read(truth)
    lines = read["claims"]["value"][0]["lines"]
    gone = lines.pop(0)
    lines.append({**gone, "procedure_code": "00000", "charged_cents": 1, "paid_cents": 2})
    score = score_document(truth, read)
    assert (score.found, score.invented) == (score.lines - 1, 1)
    assert {"charged_cents", "paid_cents"} <= set(_amounts(score))
    assert not score.right


def test_a_line_in_another_patients_claim_is_a_fault(truth: dict[str, Any]) -> None:
    read = _read(truth)
    first, second, *_ = read["claims"]["value"]
    second["lines"].insert(0, first["lines"].pop())
    score = score_document(truth, read)
    assert score.exact == score.lines
    assert "lines in the wrong claim" in score.faults


def test_a_payment_nobody_found_is_unread_in_all(truth: dict[str, Any]) -> None:
    score = score_document(truth, None)
    assert (score.found, score.posts, score.right) == (0, False, False)


@pytest.mark.parametrize(
    ("read", "same"),
    [
        ({"group": "CO", "code": "97", "payer_code": "A17", "amount_cents": 100}, True),
        ({"group": None, "code": "A17", "unknown": True, "amount_cents": 100}, True),
        ({"group": "CO", "code": "45", "payer_code": "A17", "amount_cents": 100}, False),
        ({"group": "CO", "code": "97", "payer_code": "A17", "amount_cents": 101}, False),
        ({"group": "CO", "code": "97", "amount_cents": 100}, True),
        ({"group": "CO", "code": "97", "payer_code": "B2", "amount_cents": 100}, False),
    ],
)
def test_a_payers_own_code_is_right_as_printed_and_never_invented(
    read: dict[str, Any], same: bool
) -> None:
    printed = {"group": None, "code": "97", "payer_code": "A17", "amount_cents": 100}
    assert same_adjustments({"adjustments": [printed]}, {"adjustments": [read]}) is same


def test_a_group_left_open_is_unread_and_another_group_wrong() -> None:
    printed = {"adjustments": [{"group": "CO", "code": "29", "amount_cents": 100}]}
    said = {
        group: said_of_adjustments(
            printed, {"adjustments": [{"group": group, "code": "29", "amount_cents": 100}]}
        )
        for group in ("CO", None, "PR")
    }
    assert said == {"CO": "right", None: "unread", "PR": "wrong"}


def test_lines_are_paired_in_print_order_around_gaps() -> None:
    lines = [
        {"procedure_code": code, "charged_cents": cents, "paid_cents": cents, "service_on": "x"}
        for code, cents in (("D0120", 100), ("D0120", 100), ("D1110", 300), ("D2740", 400))
    ]
    assert aligned(lines, [lines[0], lines[2], lines[3]]) in (
        [(0, 0), (2, 1), (3, 2)], [(1, 0), (2, 1), (3, 2)],
    )  # fmt: skip
    assert aligned(lines, list(reversed(lines))) != [(n, n) for n in range(4)]
    assert aligned(lines, []) == []


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    """Two files born digital, the first also printed and scanned."""
    digital = remittance.measure(seed=7, count=2, layouts="known", digital=True, jobs=1, peers=1)
    scanned = remittance.measure(seed=7, count=1, layouts="known", scanned=True, jobs=1, peers=0)
    return {**digital, "scanned": scanned["scanned"]}


def test_a_short_sample_finds_the_lines_and_posts_nothing_wrong(report: dict[str, Any]) -> None:
    for form in ("digital", "scanned"):
        told = report[form]["all"]
        assert told["documents"]["read"] == told["documents"]["asked"] > 0
        assert told["documents"]["posts_wrong"] == 0
        assert told["amounts"]["wrong_and_sure"] == 0
        assert told["lines"]["invented"] == 0
    assert report["digital"]["all"]["lines"]["exact_share"] >= 0.9
    assert report["scanned"]["all"]["lines"]["found_share"] >= 0.7


def test_the_report_tells_sample_seed_and_peers(report: dict[str, Any]) -> None:
    assert (report["seed"], report["files"]) == (7, 2)
    peers = report["digital"]["peers"]
    assert peers["cases"] >= 1
    assert peers["tables"]["lines"] == peers["rows"]["lines"] == peers["reading"]["lines"] > 0
    assert set(report["digital"]["by_layout"]) < set(report["layouts"])
    text = "\n".join(remittance.lines(report))
    assert "born digital" in text
    assert "printed and scanned" in text


def test_the_command_prints_the_report_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    lockbox.main(
        ["bench", "remittance", "--count", "1", "--layouts", "known", "--digital", "--jobs", "1",
         "--no-cross-foot", "--peers", "0", "--seed", "9", "--json"],
        standalone_mode=False,
    )  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert (told["seed"], told["files"], told["cross_foot"]) == (9, 1, False)
    assert "scanned" not in told
    assert told["digital"]["all"]["documents"]["asked"] >= 1
