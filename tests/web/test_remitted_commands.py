"""Claims, held parts and denials from the command line: what is printed, refused, and by whom."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from records.models import AuditEvent
from tests.matching.world import check, reading
from tests.web.desk import Desk, open_desk
from tests.web.test_remitted import EMMA, NOBODY, PAYER, claim
from web.cli import run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("commands"))
    eob = reading(
        "remittance", payer_name=PAYER, payment_on="2026-11-10", payment_number="9001",
        total_paid_cents=255_10, balanced=True,
        claims=[claim("C1", 200_00, 200_00, **EMMA), claim("C2", 55_10, 55_10, **NOBODY),
                claim("C3", 0, 98_00, **EMMA)],
    )  # fmt: skip
    made.receive([check(255_10, "9001", PAYER), eob])
    yield made
    made.installation.close()


@pytest.fixture(autouse=True)
def _of_the_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The code that a command was refused with."""
    capsys.readouterr()
    assert run([*words]) != 0
    return capsys.readouterr().err.rsplit("[", 1)[-1].rstrip("]\n")


def test_a_held_part_is_listed_and_placed_in_somebodys_name(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = printed(capsys, "held", "list")["held"]
    assert (row["reason"], row["amount_cents"]) == ("account_not_found", 55_10)
    assert printed(capsys, "held", "list", "--reason", "takeback")["held"] == []
    assert printed(capsys, "held", "list", "--user", "erin")["held"] == []
    where = ("held", "place", row["ref"], "2100000011=55.10")
    assert refused(capsys, *where) == "name_missing"
    assert refused(capsys, *where, "--user", "audrey") == "wrong_role"
    assert refused(capsys, *where, "--user", "erin") == "unknown_held_part"
    short = ("held", "place", row["ref"], "2100000011=55", "--user", "sam")
    assert refused(capsys, *short) == "not_the_amount"
    assert run([*where, "--user", "sam"]) == 0
    assert printed(capsys, "held", "list")["amount_cents"] == 0


def test_denials_are_listed_moved_on_and_counted(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "denials", "list", "--reason", "CO-97")
    (row,) = found["denials"]
    assert (row["payer_name"], found["at_stake_cents"]) == (PAYER, 98_00)
    assert "OKAFOR" not in json.dumps(found)
    move = ("denials", "move", row["ref"], "appealed", "--user")
    assert refused(capsys, *move, "erin") == "unknown_denial"
    assert run([*move, "sam"]) == 0
    assert printed(capsys, "denials", "list")["denials"][0]["state"] == "appealed"
    (told,) = printed(capsys, "denials", "month", "2026-11")["rows"]
    assert (told["reason"], told["count"], told["at_stake_cents"]) == ("CO-97", 1, 98_00)
    assert run(["denials", "month", "2026-11", "--csv"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("payer,reason")
    with desk.installation.db.read() as session:
        query = select(AuditEvent).where(AuditEvent.action == "denials.month_viewed")
        assert len(session.scalars(query).all()) == 2
    assert refused(capsys, "denials", "term", "NORTH", "30", "--user", "sam") == "wrong_role"
    assert run(["denials", "term", "NORTH", "30", "--user", "bill"]) == 0


def test_the_template_of_claims_is_imported_and_a_wrong_row_told_by_its_code(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["claims", "template"]) == 0
    file = tmp_path / "claims.csv"
    file.write_text(capsys.readouterr().out)
    assert printed(capsys, "claims", "import", str(file), "--dry-run")["added"] == 1
    assert printed(capsys, "claims", "import", str(file))["added"] == 1
    assert printed(capsys, "claims", "import", str(file))["unchanged"] == 1
    file.write_text(file.read_text().replace("2100000029", "1"))
    assert refused(capsys, "claims", "import", str(file)) == "unknown_account"
