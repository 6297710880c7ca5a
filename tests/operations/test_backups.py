"""Backup and restore: everything comes back, also from one kind of database into the other."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from records import audit, crypto, journal
from records.errors import Conflict, LockboxError, UnavailableError
from records.installation import Installation, open_installation
from records.models import BankAccount, Base, JournalLine, ReadingRow, User
from records.settings import Settings
from tests.servers import PostgresServer
from tests.world import add_account, add_document, add_office
from web import auth, backups, doctor

pytestmark = pytest.mark.both_databases


def fill(installation: Installation) -> str:
    """A little of everything that is hard to bring back; the hash of a stored file."""
    with installation.db.write() as session:
        office = add_office(session)
        add_account(session, office, "1000000017")
        add_document(session, office, "check", {"account_number": "123456789"})
        entry = journal.post(
            session,
            "received",
            [journal.debit("on_hand", 5000), journal.credit("unidentified", 5000)],
            subject_kind="payment",
            subject_id="p1",
        )
        audit.record(session, actor="user:sam", action="a", subject_kind="payment", subject_id="p1")
        journal.reverse(session, entry)
    return installation.store.put(b"a page of a patient")


def counts(installation: Installation) -> dict[str, int]:
    with installation.db.read() as session:
        return {
            table.name: int(session.scalar(select(func.count()).select_from(table)) or 0)
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_what_was_backed_up_comes_back_whole(
    installation: Installation, tmp_path: Path, postgres: PostgresServer, target: str
) -> None:
    sha256 = fill(installation)
    before = counts(installation)
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive)
    url = "" if target == "sqlite" else postgres.url(postgres.new_database())
    elsewhere = Settings(data_dir=tmp_path / "elsewhere", database_url=url)
    backups.restore(elsewhere, archive)
    restored = open_installation(elsewhere)
    assert counts(restored) == before
    assert restored.store.get(sha256) == b"a page of a patient"
    with restored.db.read() as session:
        assert audit.verify(session).ok
        assert not any(journal.balances(session).values())
        bank = session.scalars(select(BankAccount)).one()
        assert bank.sealed["account_number"].endswith(bank.account_last4)
        reading = session.scalars(select(ReadingRow)).one()
        assert reading.sealed["fields"]["account_number"]["value"] == "123456789"
    with pytest.raises(DBAPIError), restored.db.write() as session:  # the guards are back
        session.execute(JournalLine.__table__.delete())  # type: ignore[attr-defined]
    restored.close()


def test_an_archive_is_private_and_holds_no_account_number(
    installation: Installation, tmp_path: Path
) -> None:
    fill(installation)
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive)
    assert archive.stat().st_mode & 0o077 == 0
    assert b"123456789" not in archive.read_bytes()
    assert b"a page of a patient" not in archive.read_bytes()


def test_without_keys_an_archive_opens_only_beside_them(
    installation: Installation, tmp_path: Path
) -> None:
    fill(installation)
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive, with_keys=False)
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    with pytest.raises(UnavailableError) as refused:
        backups.restore(elsewhere, archive)
    assert refused.value.code == "key_file_missing"
    crypto.write_keyring(
        crypto.Keyring.from_json(installation.settings.master_key_file.read_text()),
        elsewhere.master_key_file,
    )
    assert backups.restore(elsewhere, archive).rows > 0


def test_nothing_is_restored_over_data(installation: Installation, tmp_path: Path) -> None:
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive)
    with pytest.raises(Conflict) as refused:
        backups.restore(installation.settings, archive)
    assert refused.value.code == "not_empty"


@pytest.mark.parametrize("content", [b"", b"no archive", "climbing"])
def test_another_file_is_refused(tmp_path: Path, content: bytes | str) -> None:
    path = tmp_path / "other.tar"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        with tarfile.open(path, "w") as archive:
            archive.addfile(tarfile.TarInfo("../../etc/passwd"))
    with pytest.raises(LockboxError) as refused:
        backups.restore(Settings(data_dir=tmp_path / "fresh"), path)
    assert refused.value.code == "not_a_backup"


def test_logins_do_not_come_along(installation: Installation, tmp_path: Path) -> None:
    fill(installation)
    with installation.db.write() as session:
        user = User(username="sam", role="admin", display_name="Sam", password_hash="none")
        session.add(user)
        session.flush()
        auth.open_session(session, user.id)
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive)
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    backups.restore(elsewhere, archive)
    restored = open_installation(elsewhere)
    after = counts(restored)
    restored.close()
    assert after["users"] == 1
    assert after["web_sessions"] == 0


def rewritten(source: Path, target: Path, name: str, old: str, new: str) -> None:
    """The archive with a text changed in one of its members."""
    with tarfile.open(source) as archive, tarfile.open(target, "w") as made:
        for member in archive.getmembers():
            held = archive.extractfile(member)
            assert held is not None
            content = held.read()
            if member.name == name:
                assert old.encode() in content
                content = content.replace(old.encode(), new.encode(), 1)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))


@pytest.mark.parametrize(
    ("table", "old", "new"),
    [
        ("audit_events", "user:sam", "user:eve"),
        ("journal_lines", '"credit_cents": 5000', '"credit_cents": 4000'),
    ],
)
def test_an_altered_backup_is_refused_and_leaves_no_row(
    installation: Installation, tmp_path: Path, table: str, old: str, new: str
) -> None:
    fill(installation)
    whole, altered = tmp_path / "backup.tar", tmp_path / "altered.tar"
    backups.backup(installation, whole)
    rewritten(whole, altered, f"tables/{table}.jsonl", old, new)
    elsewhere = Settings(data_dir=tmp_path / "elsewhere")
    with pytest.raises(LockboxError) as refused:
        backups.restore(elsewhere, altered)
    assert refused.value.code == "backup_altered"
    left = open_installation(elsewhere)
    after = counts(left)
    left.close()
    assert not any(after.values())


def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(
    installation: Installation, tmp_path: Path
) -> None:
    fill(installation)
    archive = tmp_path / "backup.tar"
    backups.backup(installation, archive)
    with tarfile.open(archive, "a") as made:
        made.addfile(tarfile.TarInfo("files/../../outside"))
    fresh = Settings(data_dir=tmp_path / "fresh")
    with pytest.raises(LockboxError) as refused:
        backups.restore(fresh, archive)
    assert refused.value.code == "not_a_backup"
    assert not fresh.master_key_file.exists()
    assert not fresh.files_dir.exists()


def test_nobody_else_on_the_machine_can_read_what_is_restored(
    installation: Installation, tmp_path: Path
) -> None:
    fill(installation)
    archive = tmp_path / "backup.tar"
    before = os.umask(0o022)
    try:
        backups.backup(installation, archive)
        backups.restore(Settings(data_dir=tmp_path / "elsewhere"), archive)
    finally:
        os.umask(before)
    assert (tmp_path / "elsewhere").stat().st_mode & 0o077 == 0
    for path in (tmp_path / "elsewhere").rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path.name


def test_doctor_tells_of_a_data_folder_that_others_may_read(
    installation: Installation, tmp_path: Path
) -> None:
    def told(folder: Path) -> bool:
        found = doctor.examine(Settings(data_dir=folder))
        return next(each.ok for each in found if each.name == "data folder is private")

    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    assert told(installation.settings.data_dir)
    assert not told(shared)
    shared.chmod(0o700)
    assert told(shared)


def test_what_a_command_writes_is_for_its_owner_alone() -> None:
    script = (
        "import contextlib, os\nfrom web import cli\nos.umask(0o022)\n"
        "with contextlib.suppress(SystemExit):\n    cli.main(['--version'])\n"
        "print(oct(os.umask(0)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "0o77"


def test_an_empty_folder_is_closed_to_others_and_one_in_use_keeps_its_rights(
    tmp_path: Path,
) -> None:
    empty, used = tmp_path / "empty", tmp_path / "used"
    for folder in (empty, used):
        folder.mkdir()
        folder.chmod(0o755)
    (used / "something").write_bytes(b"")
    for folder in (empty, used):
        open_installation(Settings(data_dir=folder)).close()
    assert empty.stat().st_mode & 0o777 == 0o700
    assert used.stat().st_mode & 0o777 == 0o755
