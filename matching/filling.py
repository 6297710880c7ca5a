"""The lists of an index that is empty yet: gathered in memory, then written in order of key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy.orm import Session

from matching.postings import BLOCK_BITS, HOME

_KEY = np.dtype("<i8")
_RUN = 1 << 20
_CACHE_KIB = 256 * 1024
_List = tuple[int, int, bytes]


class Gathered:
    """Pairs of key and home in runs sorted by key; twelve bytes a pair.

    Runs are merged a part of the keys at a time, so that writing needs little more than they do.
    """

    def __init__(self, run: int = _RUN) -> None:
        self._run = run
        self._waiting: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]] = []
        self._count = 0
        self._runs: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.uint32]]] = []

    def add(self, homes: Sequence[int], keys: Sequence[bytes]) -> None:
        """Homes higher than all before, in order, and the keys of each as its row holds them."""
        found = np.frombuffer(b"".join(keys), dtype=_KEY)
        times = [len(each) // _KEY.itemsize for each in keys]
        self._waiting.append((found, np.repeat(np.array(homes, dtype=np.uint32), times)))
        self._count += len(found)
        if self._count >= self._run:
            self._close()

    def _close(self) -> None:
        if self._count:
            keys = np.concatenate([each[0] for each in self._waiting])
            homes = np.concatenate([each[1] for each in self._waiting])
            order = np.argsort(keys, kind="stable")
            self._runs.append((keys[order], homes[order]))
        self._waiting, self._count = [], 0

    def lists(self) -> Iterator[_List]:
        """Key, block and homes of every list as ``HomeKey`` has them, by key and block."""
        self._close()
        parts = max(1, sum(len(keys) for keys, _ in self._runs) // self._run)
        edges = np.array([(n << 64) // parts - (1 << 63) for n in range(1, parts)], dtype=np.int64)
        cuts = [[0, *np.searchsorted(keys, edges).tolist(), len(keys)] for keys, _ in self._runs]
        for part in range(parts):
            inside = [slice(cut[part], cut[part + 1]) for cut in cuts]
            some = [(run[0][at], run[1][at]) for run, at in zip(self._runs, inside, strict=True)]
            if some:
                yield from _lists(*(np.concatenate(each) for each in zip(*some, strict=True)))


def _lists(keys: npt.NDArray[np.int64], homes: npt.NDArray[np.uint32]) -> Iterable[_List]:
    """The lists of pairs in which the homes of each key rise."""
    if not len(keys):
        return ()
    order = np.argsort(keys, kind="stable")
    keys, homes = keys[order], homes[order]
    blocks = homes >> BLOCK_BITS
    begins = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]) | (blocks[1:] != blocks[:-1])])
    within = (homes & 0xFFFF).astype(HOME).tobytes()
    places = (begins * HOME.itemsize).tolist()
    rows = map(within.__getitem__, map(slice, places, [*places[1:], len(within)]))
    return zip(keys[begins].tolist(), blocks[begins].tolist(), rows, strict=True)


def fill(session: Session, gathered: Gathered) -> None:
    """Write all lists of an empty table."""
    # Tens of millions of rows: past the layers that compose statements.
    _insert(session, "home_keys", _LIST, gathered.lists())


def put(session: Session, homes: Iterable[tuple[int, str, bytes, bytes]]) -> None:
    """Write new homes: number, label, card and keys."""
    _insert(session, "account_homes", _HOME, homes)


def point(session: Session, accounts: Sequence[tuple[int, str, str, str]]) -> None:
    """Write the home and the folded names, patient's and guarantor's, of accounts by row id."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_POINT_EACH, [*accounts])
    elif accounts:
        connection.exec_driver_sql(_POINT_ALL, tuple(list(c) for c in zip(*accounts, strict=True)))


_LIST = {"key": "int8", "block": "int4", "homes": "bytea"}
_HOME = {"id": "int4", "label": "text", "card": "bytea", "keys": "bytea"}
_POINT_EACH = "UPDATE accounts SET home_id = ?, name_key = ?, guarantor_key = ? WHERE id = ?"
_POINT_ALL = (
    "UPDATE accounts SET home_id = new.home, name_key = new.patient, guarantor_key = new.guarantor "
    "FROM unnest(%s::int4[], %s::text[], %s::text[], %s::text[]) "
    "AS new (home, patient, guarantor, one) WHERE accounts.id = new.one"
)


def _insert(
    session: Session, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> None:
    """Rows of ``columns`` (name, and type in PostgreSQL) straight to the driver."""
    cursor: Any = session.connection().connection.cursor()
    names = ", ".join(columns)
    if session.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
    else:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as target:
            target.set_types([*columns.values()])
            for row in rows:
                target.write_row(row)
    cursor.close()


@contextmanager
def roomy(session: Session) -> Iterator[None]:
    """More pages kept in memory while this session fills tables; SQLite's own measure is 2 MB.

    With few, pages of indexes in another order than the rows are written many times over.
    """
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        yield
        return
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")
