"""The command for verifiers: set up, shown without its keys, switched off, files out and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from records.installation import open_installation
from records.models import AddressVerifier, User
from records.settings import load_settings
from tests.returned_mail.verify.world import World, make_world
from web.commands.verifiers import verifier


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(tmp_path))
    db = open_installation(load_settings()).db
    with db.write() as session:
        for name, role in (("root", "admin"), ("bea", "billing")):
            session.add(User(username=name, display_name=name, role=role, password_hash="x"))
    return make_world(db)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(verifier, [*arguments], standalone_mode=False)


def test_set_shown_and_switched_off(world: World) -> None:
    keys = ("--key", "Id-1", "--secret", "Secret-2")
    run("set", "usps", "--per-hour", "50", *keys, "--user", "root")
    shown = run("show", "--json").output
    (usps,) = [each for each in json.loads(shown)["verifiers"] if each["kind"] == "usps"]
    assert (usps["active"], usps["per_hour"], usps["waiting"]) == (True, 50, 0)
    assert "Secret-2" not in shown
    request_id = world.ask("usps")
    run("off", "usps", "--user", "root")
    assert world.request(request_id).code == "switched_off"


def test_only_an_administrator_sets_one_up(world: World) -> None:
    refused = run("set", "usps", "--key", "Id-1", "--secret", "Secret-2", "--user", "bea")
    assert refused.exception is not None
    with world.db.read() as session:
        assert session.query(AddressVerifier).count() == 0


def test_a_vendors_file_goes_out_and_comes_back(world: World, tmp_path: Path) -> None:
    run("set", "csv", "--user", "root")
    request_id = world.ask("csv")
    out, back = tmp_path / "out.csv", tmp_path / "back.csv"
    assert run("export", "--out", str(out), "--user", "bea").exception is None
    assert request_id in out.read_text()
    back.write_text(f"request_id,match_code\n{request_id},02\n")
    done = run("import", str(back), "--json", "--user", "bea")
    assert json.loads(done.output) == {"taken": 1, "unchanged": 0, "refused": []}
    assert world.request(request_id).verdict == "undeliverable"
