"""The reading bench: a report of every table, whose figures add up."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from bench import read, read_real
from bench.read_evidence import balances
from bench.read_rows import Row, judged_rows
from bench.read_tables import calibration, counts, rates
from ocr.types import Field
from records.errors import WrongUse
from web.cli import lockbox


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return read.measure(seed=11, count=4, peers=1, jobs=1, others=2, real=False)


def test_the_report_begins_with_what_was_drawn(report: dict[str, Any]) -> None:
    assert list(report)[:3] == ["seed", "split", "checks"]
    assert (report["seed"], report["split"], report["checks"]) == (11, "test", 4)
    assert sum(report["designs"].values()) == sum(report["captures"].values()) == 4
    assert json.loads(json.dumps(report))


def test_no_field_of_a_drawn_check_is_wrong_and_sure(report: dict[str, Any]) -> None:
    assert report["found"] == 4
    assert report["wrong_and_sure"] == 0


def test_every_group_of_a_field_adds_up_to_all(report: dict[str, Any]) -> None:
    for entry in report["fields"].values():
        for group in ("capture", "writing", "held_out", "kind"):
            for verdict in ("right", "wrong", "unread", "wrong_and_sure"):
                parts = sum(part[verdict] for part in entry[group].values())
                assert parts == entry["all"][verdict]


def test_reading_is_timed_by_step_and_by_the_wall_clock(report: dict[str, Any]) -> None:
    spent = report["milliseconds"]
    assert spent["front"]["mean"] == pytest.approx(sum(spent["steps"].values()), abs=1.0)
    assert spent["back"]["mean"] > 0
    assert report["checks_a_minute"]["measured"] > 0


def test_peers_and_other_pages_stand_in_the_same_report(report: dict[str, Any]) -> None:
    assert report["peers"]["checks"] == 1
    for name in ("tesseract_page", "tesseract_boxes", "rapidocr", "ours"):
        assert report["peers"][name]["milliseconds"] > 0
        assert sum(report["peers"][name]["fields"]["amount_cents"].values()) == 1
    assert report["non_checks"]["pages"] == 2
    assert report["non_checks"]["checks_with_a_routing_number"] == 0


def test_evidence_is_set_apart_by_source(report: dict[str, Any]) -> None:
    for parts in report["amount_by_evidence"].values():
        assert list(parts)[:3] == ["numerals", "words", "both"]
        for entry in parts.values():
            accepted = [level["accepted"] for level in entry["at"].values()]
            assert accepted == sorted(accepted, reverse=True)


def test_people_get_the_figures_as_lines(report: dict[str, Any]) -> None:
    text = "\n".join(read.lines(report))
    assert "4 checks drawn, seed 11, split test" in text
    assert "amount_cents" in text
    assert "not asked for" in text


def test_the_rate_of_wrong_readings_is_of_those_that_were_accepted() -> None:
    rows = [Row("a", "right", 0.99), Row("a", "wrong", 0.92), Row("a", "unread", 0.0)]
    at = rates(rows, 0.9)
    assert (at["accepted"], at["wrong"], at["wrong_rate"]) == (2, 1, 0.5)
    assert rates(rows, 0.95)["wrong"] == 0
    assert counts(rows)["wrong_and_sure"] == 1


def test_calibration_tells_how_far_confidence_is_from_the_truth() -> None:
    rows = [Row("a", "right", 0.75)] * 3 + [Row("a", "wrong", 0.75), Row("a", "unread", 0.0)]
    assert calibration(rows)["expected_error"] == 0.0
    assert calibration([Row("a", "wrong", 1.0)])["expected_error"] == 1.0


def test_a_line_with_a_rejected_symbol_is_not_read() -> None:
    rows = judged_rows({"micr_line": "A012345678A"}, {"micr_line": Field("A01234?678A", 0.4)})
    assert rows == (Row("micr_line", "unread", 0.0),)


def test_balances_are_drawn_with_or_without_the_true_one() -> None:
    among = balances(random.Random(3), 12_500, present=True)
    apart = balances(random.Random(3), 12_500, present=False)
    assert 12_500 in among
    assert 12_500 not in apart
    assert len(among) in (200, 201)


def test_options_of_reading_are_refused_elsewhere() -> None:
    with pytest.raises(WrongUse, match="--jobs"):
        lockbox.main(["bench", "icl", "--jobs", "1"], standalone_mode=False)


def test_absent_real_pictures_are_named_as_the_reason(tmp_path: Path) -> None:
    assert "left_out" in read_real.figures(tmp_path / "nothing")
    assert "left_out" in read_real.pictures(tmp_path)
    assert "left_out" in read_real.lines(tmp_path)
