"""`lockbox statements`: barcodes printed, the vendor's file taken, the ledger shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ocr import imb
from records.installation import Installation
from tests.world import add_account, add_office
from web.cli import run


@pytest.fixture
def data(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with three statements."""
    with installation.db.write() as session:
        office = add_office(session)
        for number in range(3):
            add_account(session, office, f"30000{number:02d}")
    settings = installation.settings
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LOCKBOX_DATABASE_URL", settings.database_url)
    return settings.data_dir


def test_barcodes_are_printed_once_and_stand_in_the_ledger(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["statements", "print-imb", "--mailer", "900123456", "--mailed-on", "2026-12-01",
             "--out", str(data / "codes"), "--json"]  # fmt: skip
    assert run(asked) == 0
    made = json.loads(capsys.readouterr().out)["barcodes"]
    assert len(made) == 3
    assert all(imb.encode(each["imb"][:20], each["imb"][20:]) == each["bars"] for each in made)
    files = sorted(path.name for path in (data / "codes").iterdir())
    assert len(files) == 3
    assert run(asked) == 0
    assert json.loads(capsys.readouterr().out)["barcodes"] == made
    assert sorted(path.name for path in (data / "codes").iterdir()) == files

    assert run(["statements", "ledger", "--rebuild", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "blocks": [{"mailer_id": "900123456", "month": "2026-12", "pieces": 3, "stale": False}],
        "pieces": 3,
    }


def test_the_vendors_file_is_taken_by_the_same_command(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = data / "vendor.csv"
    file.write_text(
        "statement_number,account_number,mailed_on,imb\n"
        "S3000001,3000001,2026-12-01,0027090012345600000197201\n"
        "S3000002,3000002,2026-12-01,12\n"
    )
    assert run(["statements", "import", str(file), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["added"]) == ("mailing", 1)
    assert [(each["line"], each["column"]) for each in told["refused"]] == [(3, "imb")]
    assert run(["statements", "import", str(file), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["unchanged"] == 1


def test_without_a_mailer_nothing_is_printed(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["statements", "print-imb", "--mailed-on", "2026-12-01", "--out", str(data / "x")]
    assert run(asked) == 2
    assert "[no_mailer]" in capsys.readouterr().err
