"""The group that drawn envelopes were mailed by, in the product's tables, twins included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import importing
from ocr.read import reading_to_json
from ocr.types import Reading
from records import crypto, ids, migrate
from records.db import Database
from records.models import Document, MailTransaction, Office, ReadingRow, SourceFile
from web.demo.group import AS_OF, Account, Group, accounts_csv, make_group, statements_csv
from web.demo.load import add_group

ACCOUNTS = 1500
_TWIN_EVERY = 25
_ACTOR = "system:bench"


@dataclass(frozen=True, slots=True)
class World:
    """A database that holds the group, and the folder of its mailed pieces."""

    group: Group
    database: Database
    folder: Path


def group_of(seed: int) -> Group:
    """The demo group, with a father and son of one name at one address now and then."""
    group = make_group(seed, accounts=ACCOUNTS)
    people: list[Account] = list(group.accounts)
    for place in range(0, len(people) - 1, _TWIN_EVERY):
        old, son = people[place], people[place + 1]
        people[place + 1] = replace(
            son, office_code=old.office_code, guarantor_first=old.guarantor_first,
            guarantor_last=old.guarantor_last, street=old.street, city=old.city, state=old.state,
            zip=old.zip,
        )  # fmt: skip
    return replace(group, accounts=tuple(people))


@contextmanager
def world(seed: int) -> Iterator[World]:
    """The group imported, its statements and what was mailed; removed afterwards."""
    crypto.install(crypto.Keyring.generate())
    group = group_of(seed)
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.sqlite'}")
        migrate.upgrade(database)
        with database.write() as session:
            add_group(session, group)
            importing.import_accounts(session, accounts_csv(group), _ACTOR, dry_run=False)
            importing.import_statements(session, statements_csv(group), _ACTOR, dry_run=False)
            importing.import_statements(session, pieces_csv(group), _ACTOR, dry_run=False)
        yield World(group, database, Path(folder) / "mailed")


def pieces_csv(group: Group) -> str:
    """What the print vendor reports: statement, account, mail date and barcode."""
    rows = ["statement_number,account_number,mailed_on,imb"]
    rows += [
        f"{each.statement_number},{each.account_number},{each.mailed_on},{each.imb}"
        for each in group.statements
    ]
    return "\n".join(rows) + "\n"


def received(session: Session, office: str, reading: Reading) -> Document:
    """The reading as the product keeps it, in an envelope of the office's mail."""
    home = session.scalars(select(Office).where(Office.code == office)).one()
    file = SourceFile(
        ref=ids.new_ref("ITM"), sha256=ids.new_id().replace("-", "").ljust(64, "0"),
        name="returned.tif", size_bytes=1, office_id=home.id, channel="cli",
        uploaded_by=_ACTOR, received_on=AS_OF, state="done", media_type="image",
    )  # fmt: skip
    session.add(file)
    session.flush()
    envelope = MailTransaction(ref=ids.new_ref("ENV"), source_file_id=file.id, office_id=home.id,
                               position=1000, page_ids=[], state="settled")  # fmt: skip
    session.add(envelope)
    session.flush()
    document = Document(ref=ids.new_ref("DOC"), transaction_id=envelope.id, position=0,
                        kind=reading.kind, page_ids=[], region=None)  # fmt: skip
    session.add(document)
    session.flush()
    sealed: dict[str, Any] = reading_to_json(reading, "returned.tif")
    session.add(ReadingRow(document_id=document.id, version=1, sealed=sealed, made_by="bench"))
    session.flush()
    return document
