"""ACS files on the web and the command line: given in at once, taken by jobs, told by office."""

from __future__ import annotations

import json
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import select

from records import jobs
from records.installation import Installation
from records.models import AddressTask
from returned_mail.jobs import STAGES
from tests.returned_mail.acs_file import NIXIE, file_of, record
from tests.web.conftest import Clients
from tests.web.test_posting_commands import lockbox

DATA = file_of([record(NIXIE), record({**NIXIE, "imb": "123"})], announced=3)


def test_an_upload_is_answered_before_its_notices_are_taken(
    client_of: Clients, installation: Installation
) -> None:
    billing = client_of("billing.north")
    upload = {"file": ("july.dat", DATA, "application/octet-stream")}
    sent = billing.post("/returned-mail/acs", data={"office": "NORTH"}, files=upload)
    assert (sent.status_code, sent.headers["location"]) == (303, "/returned-mail/acs")
    page = billing.get("/returned-mail/acs").text
    assert "0 notices taken, 0 refused, of 2" in page
    assert "every 3s" in page
    while jobs.run_one(installation.db, "test:1:1", {s.name: s for s in STAGES}) is not None:
        pass
    page = billing.get("/returned-mail/acs/progress").text
    assert "1 notice taken, 1 refused, of 2" in page
    assert "the file is not whole" in page
    assert "Line 3" in page
    assert "every 3s" not in page
    assert "taken before" in follow(billing, upload)
    with installation.db.read() as session:
        ref = session.scalars(select(AddressTask.ref).where(AddressTask.reason == "vacant")).one()
    assert billing.get(f"/tasks/{ref}").status_code == 200


def follow(client: TestClient, upload: dict[str, tuple[str, bytes, str]]) -> str:
    """What is said where the same is given again."""
    client.post("/returned-mail/acs", data={"office": "NORTH"}, files=upload)
    return client.get("/returned-mail/acs").text


def test_another_office_sees_nothing_of_it_and_is_told_that_it_was_taken(
    client_of: Clients,
) -> None:
    south = client_of("billing.south")
    assert "july.dat" not in south.get("/returned-mail/acs").text
    upload = {"file": ("copy.dat", DATA, "application/octet-stream")}
    assert south.post("/returned-mail/acs", data={"office": "NORTH"}, files=upload).status_code in (
        400, 404,
    )  # fmt: skip
    sent = south.post("/returned-mail/acs", data={"office": "SOUTH"}, files=upload)
    assert sent.status_code == 303
    page = south.get("/returned-mail/acs").text
    assert "Another office gave in this very file before" in page
    assert "notice taken" not in page


def test_what_is_no_acs_file_is_refused_and_not_kept(client_of: Clients) -> None:
    upload = {"file": ("letter.txt", b"Dear Sirs", "text/plain")}
    sent = client_of("billing.north").post(
        "/returned-mail/acs", data={"office": "NORTH"}, files=upload
    )
    assert sent.status_code == 422


def test_the_command_takes_it_whole_and_says_when_it_was_taken_before(
    installation: Installation, client_of: Clients, tmp_path: Path
) -> None:
    source = tmp_path / "acs.dat"
    records = [record({**NIXIE, "made_on": "20261111"})]
    source.write_bytes(file_of(records, announced=3))
    words = ("acs", "import", str(source), "--office", "NORTH", "--json")
    said, exits = [], []
    for _ in range(2):
        ran = lockbox(installation.settings.data_dir, *words)
        exits.append(ran.returncode)
        said.append(json.loads(ran.stdout[ran.stdout.index("{") :]))  # after the runner's log
    assert [(each["known"], each["taken"]) for each in said] == [(False, 1), (True, 0)]
    assert (said[0]["incomplete"], exits) == (True, [1, 0])
