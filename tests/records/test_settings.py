"""Settings: from the environment, with errors that name the variable."""

from __future__ import annotations

from pathlib import Path

import pytest

from records.errors import WrongUse
from records.settings import Settings, describe, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os  # noqa: PLC0415 - only here

    for name in list(os.environ):
        if name.startswith("LOCKBOX_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_all_that_an_embedded_installation_keeps_lies_in_the_data_folder(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/lockbox.sqlite"
    assert settings.master_key_file == tmp_path / "data" / "keys" / "master.json"
    assert settings.files_dir == tmp_path / "data" / "files"
    assert settings.workers >= 1
    assert not (tmp_path / "data").exists()


def test_each_setting_can_be_set_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("LOCKBOX_REDIS_URL", "redis://localhost/0")
    monkeypatch.setenv("LOCKBOX_WORKERS", "7")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "elsewhere"
    assert (settings.redis_url, settings.workers) == ("redis://localhost/0", 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("LOCKBOX_WORKERS", "many"), ("LOCKBOX_LOG_LEVEL", "LOUD"), ("LOCKBOX_PORT", "99999")],
)
def test_a_wrong_value_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongUse, match=name) as caught:
        load_settings()
    assert caught.value.code == "wrong_setting"


def test_a_heartbeat_slower_than_the_lease_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_LEASE_SECONDS", "10")
    with pytest.raises(WrongUse, match="half of lease_seconds"):
        load_settings()


def test_the_settings_a_worker_process_gets_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(workers=3, redis_url="redis://h/1", watch_dir=Path("scans"))
    for name, value in settings.environment().items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_the_list_for_people_shows_every_setting_and_no_password() -> None:
    settings = Settings(database_url="postgresql://lockbox:s3cret@db/lockbox", workers=3)
    lines = {line.variable: line for line in describe(settings)}
    assert set(lines) == {f"LOCKBOX_{name.upper()}" for name in Settings.model_fields}
    assert lines["LOCKBOX_DATABASE_URL"].value == "postgresql://lockbox:***@db/lockbox"
    assert lines["LOCKBOX_WORKERS"].value == "3"
    assert not lines["LOCKBOX_WORKERS"].is_default
    assert lines["LOCKBOX_PORT"].is_default
    assert all(line.description for line in lines.values())
