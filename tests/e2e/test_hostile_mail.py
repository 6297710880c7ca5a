"""Hostile and broken files among good ones: each quarantined with its code, the rest goes on."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from records.installation import open_installation
from records.settings import Settings
from tests.corpus import good, hostile
from tests.e2e.commands import environment
from web.demo import load
from web.demo.group import make_group

MEMORY_LIMIT = 1_500_000_000


def tree_memory(pid: int) -> int:
    """Resident bytes of a process and all that it started."""
    parents: dict[int, int] = {}
    resident: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
            parents[int(path.name)] = int(fields[1])
            resident[int(path.name)] = int((path / "statm").read_text().split()[1]) * 4096
        except OSError:  # it has just ended
            continue
    total, family = 0, {pid}
    while family:
        total += sum(resident.get(each, 0) for each in family)
        family = {child for child, parent in parents.items() if parent in family}
    return total


@pytest.mark.timeout(1500)
def test_each_bad_file_is_quarantined_with_its_code_and_the_good_ones_are_read(
    tmp_path: Path,
) -> None:
    files = hostile.hostile_files()
    assert len(files) >= 25
    mail = tmp_path / "mail"
    mail.mkdir()
    expected: dict[str, frozenset[str]] = {}
    for number, (name, data, codes) in enumerate(files):
        path = mail / f"{number:02d}-{name}"
        path.write_bytes(data)
        expected[path.name] = codes
    (mail / "a-good-letter.pdf").write_bytes(good.digital_pdf())
    (mail / "z-good-fax.tif").write_bytes(good.g4_tiff(2))
    data_dir = tmp_path / "data"
    code = add_office(data_dir)
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "ingest", str(mail), "--office", code, "--wait",
         "--json"],
        env=environment(data_dir), stdout=(tmp_path / "out").open("w"),
        stderr=(tmp_path / "err").open("w"),
    )  # fmt: skip
    most = 0
    while process.poll() is None:
        most = max(most, tree_memory(process.pid))
        time.sleep(0.1)
    out, err = (tmp_path / "out").read_text(), (tmp_path / "err").read_text()
    assert "Traceback" not in err, err
    found = by_name(out)
    wrong = {
        name: found[name].get("error_code")
        for name, codes in expected.items()
        if found[name]["state"] != "quarantined" or found[name]["error_code"] not in codes
    }
    assert wrong == {}
    assert all(found[name]["error_message"] for name in expected)
    assert found["a-good-letter.pdf"]["state"] == found["z-good-fax.tif"]["state"] == "done"
    assert process.returncode == 1
    assert most < MEMORY_LIMIT, f"{most / 1e6:.0f} MB"


def by_name(out: str) -> dict[str, dict[str, Any]]:
    """What became of each file. Two with the same bytes are one item, under its first name."""
    document = json.loads(out)
    states = {file["ref"]: file for file in document["files"]}
    return {each["name"]: states[each["ref"]] for each in document["received"]}


def add_office(data_dir: Path) -> str:
    """A group with its offices, without the bag of mail, which takes long to draw."""
    group = make_group(7, accounts=20)
    installation = open_installation(Settings(data_dir=data_dir))
    with installation.db.write() as session:
        load.add_group(session, group)
    installation.close()
    return group.offices[0].code
