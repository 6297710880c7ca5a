"""The command line as other tools rely on it: exit codes, one JSON document, one line of error."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from PIL import Image

from tests.corpus import good, hostile
from web import cli

COMMANDS = (
    "read", "icl", "era", "separator", "demo", "ingest", "watch", "accounts", "statements",
    "account", "queue", "task", "deposit", "posting", "bank", "day", "audit", "backup", "restore",
    "doctor", "user", "migrate", "serve", "worker", "bench",
)  # fmt: skip
LIGHT = {"queue", "task", "user", "audit"}
TOLD = {"PYTHONPROFILEIMPORTTIME": "1"}
# What draws pages, opens pictures or speaks to Redis: a third of a second each, or more.
HEAVY = {"cv2", "fastapi", "jinja2", "redis", "celery", "onnxruntime", "numba", "reportlab"}


def lockbox(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run the command with a data folder of its own."""
    environment = {**os.environ, "LOCKBOX_DATA_DIR": str(folder), **extra}
    environment.pop("LOCKBOX_DATABASE_URL", None) if "LOCKBOX_DATABASE_URL" not in extra else None
    return subprocess.run(
        [sys.executable, "-m", "web.cli", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=240,
        check=False,
    )


def here(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """The same in this process: for what has nothing to do with a process of its own."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.delenv("LOCKBOX_DATABASE_URL", raising=False)
        for name, value in {"LOCKBOX_DATA_DIR": str(folder), **extra}.items():
            patch.setenv(name, value)
        status = cli.run(list(arguments))
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The error: a single line with its code, and no traceback anywhere."""
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that exists but holds nothing."""
    path = tmp_path_factory.mktemp("cli")
    assert lockbox(path, "migrate").returncode == 0
    return path


def test_help_lists_every_command_of_the_contract() -> None:
    text = CliRunner().invoke(cli.lockbox, ["--help"]).output
    for command in COMMANDS:
        assert f"\n  {command} " in text, command


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    for name, (_, about) in cli._COMMANDS.items():
        command = cli._Commands.get_command(cli.lockbox, None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.get_short_help_str(200) == about


def loaded(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The modules that a command loaded, told by the interpreter under ``TOLD``."""
    found = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in found
    return found


def test_the_list_of_commands_waits_for_none_of_them(tmp_path: Path) -> None:
    done = lockbox(tmp_path, "--help", **TOLD)
    assert done.returncode == 0
    assert loaded(done) & (HEAVY | {"sqlalchemy", "structlog", "pydantic"}) == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = CliRunner().invoke(cli.lockbox, [command, "--help"])
    assert done.exit_code == 0
    assert "Example:" in done.output


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["ingest", "no-such-file.pdf", "--office", "X"], 2),
        (["account", "status", "404"], 2),
        (["deposit", "approve", "DEP-000-0000"], 2),
        (["day", "proof", "--date", "yesterday"], 2),
        (["queue", "confirm", "REV-000-0000"], 2),
    ],
)
def test_wrong_use_exits_with_2_and_no_traceback(
    folder: Path, arguments: list[str], status: int
) -> None:
    done = here(folder, *arguments)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_process_ends_with_the_status(tmp_path: Path) -> None:
    done = lockbox(tmp_path, "no-such-command")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_unreachable_database_exits_with_4(tmp_path: Path) -> None:
    done = lockbox(
        tmp_path, "queue", "list", LOCKBOX_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"
    )
    assert done.returncode == 4
    assert "[database_unreachable]" in one_line(done)


def test_a_missing_key_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    assert here(tmp_path, "migrate").returncode == 0
    (tmp_path / "keys" / "master.json").unlink()
    done = here(tmp_path, "queue", "list")
    assert done.returncode == 4
    assert "[key_file_missing]" in one_line(done)
    assert not (tmp_path / "keys" / "master.json").exists()


def test_an_empty_day_is_explained(folder: Path) -> None:
    done = here(folder, "day", "proof", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["unexplained_cents"] == 0


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (["queue", "list", "--json"], "items"),
        (["task", "list", "--json"], "tasks"),
        (["deposit", "list", "--json"], "deposits"),
        (["user", "list", "--json"], "users"),
        (["audit", "verify", "--json"], "ok"),
        (["doctor", "--json"], "checks"),
    ],
)
def test_json_is_one_document_and_nothing_else(
    folder: Path, arguments: list[str], key: str
) -> None:
    done = lockbox(folder, *arguments, **TOLD)
    assert key in json.loads(done.stdout)
    if arguments[0] in LIGHT:
        assert loaded(done) & HEAVY == set()


def test_read_tells_strips_and_bare_paper_and_goes_on(tmp_path: Path) -> None:
    pictures = {
        "strip.png": Image.new("L", (3000, 1), 255),
        "paper.png": Image.new("L", (1700, 2200), 250),
        "black.png": Image.new("L", (1700, 2200), 0),
    }
    for name, picture in pictures.items():
        (tmp_path / name).write_bytes(good.saved(picture, "PNG"))
    done = lockbox(tmp_path, "read", *(str(tmp_path / name) for name in pictures), "--json")
    assert done.returncode == 1
    answer: dict[str, Any] = json.loads(done.stdout)
    assert [(r["source"], r["code"]) for r in answer["rejected"]] == [("strip.png", "not_a_page")]
    assert answer["blank_pages"] == [{"source": "paper.png", "pages": [0]}]
    (black,) = answer["documents"]
    assert (black["source"], black["kind"]) == ("black.png", "unknown")
    assert "too_dark" in black["quality"]["suspect"]


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that fails when read")
def test_read_goes_on_where_reading_breaks_down(tmp_path: Path) -> None:
    (tmp_path / "good.pdf").write_bytes(good.digital_pdf())
    done = lockbox(tmp_path, "read", "/proc/self/mem", str(tmp_path / "good.pdf"), "--json")
    assert done.returncode == 1
    answer: dict[str, Any] = json.loads(done.stdout)
    assert {each["source"] for each in answer["documents"]} == {"good.pdf"}
    assert [(r["source"], r["code"]) for r in answer["rejected"]] == [("mem", "reading_failed")]


def test_read_goes_on_past_a_bad_file_and_says_why(tmp_path: Path) -> None:
    name, data, codes = hostile.hostile_files()[0]
    (tmp_path / name).write_bytes(data)
    (tmp_path / "good.pdf").write_bytes(good.digital_pdf())
    done = here(tmp_path, "read", str(tmp_path / name), str(tmp_path / "good.pdf"), "--json")
    assert done.returncode == 1
    answer: dict[str, Any] = json.loads(done.stdout)
    assert [each["source"] for each in answer["rejected"]] == [name]
    assert answer["rejected"][0]["code"] in codes
    assert {each["source"] for each in answer["documents"]} == {"good.pdf"}


def test_read_of_nothing_readable_exits_with_3(tmp_path: Path) -> None:
    name, data, _ = hostile.hostile_files()[0]
    (tmp_path / name).write_bytes(data)
    assert here(tmp_path, "read", str(tmp_path / name), "--json").returncode == 3


def test_a_person_is_added_with_a_password_that_is_shown_once(tmp_path: Path) -> None:
    done = here(
        tmp_path, "user", "add", "dana", "--role", "billing", "--name", "Dana Lee", "--all-offices"
    )
    assert done.returncode == 0
    assert "dana: password " in done.stdout
    again = here(
        tmp_path, "user", "add", "dana", "--role", "billing", "--name", "Dana Lee", "--all-offices"
    )
    assert again.returncode == 2
    assert "[user_exists]" in one_line(again)
