"""Layouts from the command line: listed, exported without a patient, imported, and read by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocr import payer_layouts
from ocr.files import read_file
from tests.ocr.unknown_layout import FIRST, SECOND, TAUGHT, printed, said
from tests.web.desk import Desk, open_desk
from web.cli import run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("layouts"))
    yield made
    made.installation.close()


@pytest.fixture(autouse=True)
def _of_the_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """What a command prints with --json."""
    capsys.readouterr()
    assert run([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def taught() -> dict[str, Any]:
    """The layout of the first EOB with the roles that a person gave it."""
    (reading,) = read_file(printed("440101", FIRST), "first.pdf")
    field = reading.fields["layout"]
    assert field is not None
    columns = [{**each, "role": TAUGHT.get(each["header"], each["role"])}
               for each in field.value["columns"]]  # fmt: skip
    return {**field.value, "columns": columns}


def test_a_layout_is_exported_imported_and_read_by(
    desk: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with desk.installation.db.write() as session:
        payer_layouts.keep(session, taught(), "user:sam")
    (listed,) = told(capsys, "layouts", "list")["layouts"]
    assert (listed["payer"], listed["version"]) == ("QUILL MUTUAL DENTAL BENEFIT", 1)
    file = tmp_path / "layouts.json"
    assert told(capsys, "layouts", "export", str(file)) == {"file": str(file), "layouts": 1}
    for service in (*FIRST, *SECOND):
        for value in service[:5]:
            assert value.split()[0] not in file.read_text(), value
    same = told(capsys, "layouts", "import", str(file), "--user", "ada")
    assert same == {"added": 0, "replaced": 0, "unchanged": 1}
    document = json.loads(file.read_text())
    document["layouts"][0]["columns"][1]["role"] = None
    other = tmp_path / "other.json"
    other.write_text(json.dumps(document))
    assert told(capsys, "layouts", "import", str(other))["replaced"] == 1
    assert told(capsys, "layouts", "list")["layouts"][0]["version"] == 2
    second = tmp_path / "second.pdf"
    second.write_bytes(printed("440102", SECOND))
    (plain,) = told(capsys, "read", str(second))["documents"]
    (known,) = told(capsys, "read", str(second), "--layouts", str(file))["documents"]
    assert said(plain["fields"]) != list(SECOND)
    assert said(known["fields"]) == list(SECOND)


@pytest.mark.parametrize("content", ["", "{}", '{"layouts": [{"fingerprint": 1}]}', "[[[["])
def test_a_file_that_holds_no_layouts_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(content)
    assert run(["layouts", "import", str(file)]) == 2
    assert "[wrong_layout]" in capsys.readouterr().err
