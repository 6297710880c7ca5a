"""`lockbox icl show|check|copy`: streamed, warnings apart, and nothing left over when refused."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.icl import make_letter
from deposits import icl
from tests.deposits.icl.letters import changed, data, letter
from web import cli


def _lockbox(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli.lockbox, ["icl", *arguments], standalone_mode=False)
    assert done.exception is None, done.exception
    return int(done.return_value or 0), done.stdout


def test_show_prints_one_document_with_every_record(tmp_path: Path) -> None:
    path = tmp_path / "a.x937"
    path.write_bytes(data(letter()).getvalue())
    document = json.loads(_lockbox("show", str(path), "--json")[1])
    with path.open("rb") as stream:
        records = list(icl.show(stream).records)
    assert document == {"framing": "len4", "encoding": "ascii", "records": records}
    assert len(_lockbox("show", str(path))[1].splitlines()) == len(records)


def test_showing_a_letter_ten_times_as_long_takes_no_more_memory(tmp_path: Path) -> None:
    peaks = []
    for checks in (20, 200):
        path = tmp_path / f"{checks}.x937"
        path.write_bytes(make_letter(checks))
        with path.open("rb") as stream:
            tracemalloc.start()
            count = sum(1 for _ in icl.show(stream).records)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert count == 6 * checks + 6
    assert peaks[1] < 1.5 * peaks[0] + 100_000


def test_what_some_banks_take_is_a_warning_and_no_finding(tmp_path: Path) -> None:
    path = tmp_path / "a.x937"
    path.write_bytes(data(changed(letter(), 0, file_creation_date="20261222")).getvalue())
    status, told = _lockbox("check", str(path), "--profile", "records_only", "--json")
    document = json.loads(told)
    assert (status, document["findings"]) == (0, [])
    assert [each["code"] for each in document["warnings"]] == ["date_apart"]
    assert document["warnings"][0].keys() == {"code", "record", "field", "message"}


def test_a_copy_that_is_refused_leaves_what_was_there_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = tmp_path / "a.x937", tmp_path / "b.x937"
    source.write_bytes(b"no letter at all")
    assert cli.run(["icl", "copy", str(source), str(target)]) == 3
    assert sorted(tmp_path.iterdir()) == [source]
    target.write_bytes(b"kept")
    assert cli.run(["icl", "copy", str(source), str(target)]) == 3
    assert target.read_bytes() == b"kept"
    assert sorted(tmp_path.iterdir()) == [source, target]
    assert "[unsupported_file]" in capsys.readouterr().err
    target.chmod(0o640)
    source.write_bytes(make_letter(2))
    assert cli.run(["icl", "copy", str(source), str(target)]) == 0
    assert target.read_bytes() == source.read_bytes()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sorted(tmp_path.iterdir()) == [source, target]
