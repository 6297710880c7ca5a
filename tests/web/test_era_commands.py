"""`lockbox era`: what it prints, what it refuses with place and cents, and its exit codes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from records.errors import LockboxError
from tests.ocr.test_era_forms import EVERYTHING, GROUP, WHOLE
from web import cli


@dataclass(frozen=True)
class Answer:
    """What a command answered: the exit code that `main` gives, its streams, and any refusal."""

    exit_code: int
    stdout: str
    stderr: str
    refused: str = ""


def run(*args: str) -> Answer:
    done = CliRunner().invoke(cli.lockbox, ["era", *args], standalone_mode=False)
    if isinstance(done.exception, LockboxError):
        refusal = done.exception
        return Answer(refusal.exit_status, done.stdout, done.stderr, refusal.message)
    assert done.exception is None, done.exception
    return Answer(int(done.return_value or 0), done.stdout, done.stderr)


def kept(folder: Path, text: str, name: str = "a.835") -> str:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return str(path)


@pytest.mark.parametrize(("text", "status", "codes"), [
    (WHOLE, 0, []),
    (GROUP, 1, ["no_isa"]),
    (WHOLE.replace("BPR*I*80*", "BPR*I*80.01*"), 1, ["transaction_balance"]),
    (WHOLE.replace("*100*80**12*", "*100*80*5*12*"), 0, ["patient_share"]),
    (WHOLE.replace("DOE*JANE", "D\u00d6E*JANE"), 0, []),
])  # fmt: skip
def test_check_exits_with_1_for_what_breaks_a_rule_and_not_for_advice(
    tmp_path: Path, text: str, status: int, codes: list[str]
) -> None:
    answer = run("check", kept(tmp_path, text), "--json")
    assert answer.exit_code == status
    found = json.loads(answer.stdout)["findings"]
    assert [each["code"] for each in found] == codes
    assert [bool(each.get("advisory")) for each in found] == [not status] * len(codes)


def test_show_prints_what_the_file_says_and_write_writes_it_again(tmp_path: Path) -> None:
    shown = run("show", kept(tmp_path, EVERYTHING), "--json")
    assert shown.exit_code == 0
    [document] = json.loads(shown.stdout)["documents"]
    [claim] = document["fields"]["claims"]["value"]
    assert claim["corrected_patient_name"] == "JANE DOWE"
    reading, out = tmp_path / "r.json", tmp_path / "out.835"
    reading.write_text(shown.stdout)
    for version, left in (("5010", "segment TS3"), ("4010", "NM1 GB")):
        answer = run("write", "--from", str(reading), "--out", str(out), "--version", version)
        assert answer.exit_code == 0, answer.stderr
        assert f"no place for: {left}" in answer.stderr
        assert f"*X*00{version}" in out.read_text()
        assert run("check", str(out)).exit_code == 0


def test_write_refuses_what_does_not_balance_with_place_and_cents(tmp_path: Path) -> None:
    claim: dict[str, Any] = {"charged_cents": 100, "paid_cents": 100, "patient_account": "A7"}
    reading = tmp_path / "r.json"
    reading.write_text(json.dumps(
        {"payment_on": "2026-01-02", "total_paid_cents": 101, "claims": [claim]}
    ))  # fmt: skip
    out = tmp_path / "out.835"
    answer = run("write", "--from", str(reading), "--out", str(out))
    assert answer.exit_code == 1
    assert not out.exists()
    assert "transaction 0001" in answer.refused
    assert "the parts give 100 cents, the remittance says 101" in answer.refused


def test_what_is_no_835_cannot_be_read(tmp_path: Path) -> None:
    assert run("check", kept(tmp_path, "%PDF-1.7")).exit_code == 3


def test_a_file_that_is_too_large_is_refused_with_what_to_raise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = kept(tmp_path, WHOLE)
    monkeypatch.setenv("LOCKBOX_ERA_BYTES", "100")
    for command in ("check", "show"):
        answer = run(command, path)
        assert answer.exit_code == 3
        assert f"{len(WHOLE):,} bytes" in answer.refused
    done = CliRunner().invoke(cli.lockbox, ["read", path, "--json"], standalone_mode=False)
    (rejected,) = json.loads(done.stdout)["rejected"]
    assert rejected["code"] == "era_too_large"
    assert "LOCKBOX_ERA_BYTES" in rejected["message"]
    monkeypatch.delenv("LOCKBOX_ERA_BYTES")
    assert run("check", path).exit_code == 0
