"""Lists of homes under hashed keys, in blocks: read at once for a payment, changed in order.

A list is kept as the bytes of ``HomeKey``; the same bytes in SQLite and in PostgreSQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import CursorResult, select, text
from sqlalchemy.orm import Session

from records.models import HomeKey

BLOCK_BITS = 16
HOME = np.dtype("<u2")
CHUNK = 400
_STEP = 32
_PUT = text(
    "INSERT INTO home_keys (key, block, homes) VALUES (:key, :block, :homes) "
    "ON CONFLICT (key, block) DO UPDATE SET homes = excluded.homes"
)
_TOUCH = text(
    "INSERT INTO home_keys (key, block, homes) VALUES (:key, :block, :homes) "
    "ON CONFLICT (key, block) DO NOTHING"
)
_DROP = text("DELETE FROM home_keys WHERE key = :key AND block = :block")
_Pair = tuple[int, int]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listed:
    """The list of a key: how many homes are on it, and its rows, each a block and their bytes."""

    key: int
    homes: int
    rows: list[tuple[int, bytes]]


def read(session: Session, keys: Sequence[int], most: int) -> list[Listed]:
    """The lists of those of the keys that are anybody's, but of no more than ``most`` homes."""
    held: dict[int, list[tuple[int, bytes]]] = defaultdict(list)
    for key, block, homes in _rows(session, keys):
        held[key].append((block, homes))
    found = (
        Listed(key, sum([len(homes) for _, homes in rows]) // HOME.itemsize, rows)
        for key, rows in held.items()
    )
    return [each for each in found if each.homes <= most]


def _rows(session: Session, keys: Sequence[int]) -> Sequence[Any]:
    """Key, block and bytes of every list under these keys; no order."""
    return among(session, "SELECT key, block, homes FROM home_keys WHERE key", keys)


def among(session: Session, query: str, wanted: Sequence[int] | Sequence[str]) -> Sequence[Any]:
    """The rows of a ``query`` whose last column, with which it ends, is one of ``wanted``.

    It goes to the driver as it stands: a payment has a millisecond in all, and composing a
    statement costs a tenth of that.
    """
    if not wanted:
        return ()
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return _fetched(connection.exec_driver_sql(f"{query} = ANY(%s)", (list(wanted),)))
    # A few lengths only, so that statements are prepared once.
    count = 1 if len(wanted) == 1 else -(-len(wanted) // _STEP) * _STEP
    padded = (*wanted, *([wanted[0]] * (count - len(wanted))))
    return _fetched(connection.exec_driver_sql(f"{query} IN ({_marks(count)})", padded))


def _fetched(result: CursorResult[Any]) -> Sequence[Any]:
    """All rows as the driver gives them, without a name for each value."""
    cursor: Any = result.cursor
    rows: Sequence[Any] = cursor.fetchall()
    result.close()
    return rows


@lru_cache(maxsize=64)
def _marks(count: int) -> str:
    return ",".join("?" * count)


def change(session: Session, added: Iterable[_Pair], removed: Iterable[_Pair]) -> None:
    """Put homes under keys and take others away; pairs of key and home.

    Rows are locked in order of key, so that two writers do not wait for each other in a circle.
    """
    wanted: dict[_Pair, tuple[set[int], set[int]]] = defaultdict(lambda: (set(), set()))
    for place, pairs in enumerate((added, removed)):
        for key, home in pairs:
            wanted[key, home >> BLOCK_BITS][place].add(home & 0xFFFF)
    for some in chunks(sorted(wanted)):
        _change(session, {where: wanted[where] for where in some})


def _change(session: Session, wanted: dict[_Pair, tuple[set[int], set[int]]]) -> None:
    if session.get_bind().dialect.name != "sqlite":
        session.execute(_TOUCH, [{"key": k, "block": b, "homes": b""} for k, b in wanted])
    held = dict.fromkeys(wanted, b"")
    query = (
        select(HomeKey.key, HomeKey.block, HomeKey.homes)
        .where(HomeKey.key.in_({key for key, _ in wanted}))
        .where(HomeKey.block.in_({block for _, block in wanted}))
        .order_by(HomeKey.key, HomeKey.block)
        .with_for_update()
    )
    held |= {(k, b): homes for k, b, homes in session.execute(query) if (k, b) in wanted}
    put: list[dict[str, object]] = []
    drop: list[dict[str, object]] = []
    for (key, block), (added, removed) in wanted.items():
        homes = set(np.frombuffer(held[key, block], dtype=HOME).tolist())
        kept = packed((homes - removed) | added)
        (put if kept else drop).append({"key": key, "block": block, "homes": kept})
    if put:
        session.execute(_PUT, put)
    if drop:
        session.execute(_DROP, drop)


def packed(homes: Iterable[int]) -> bytes:
    """Numbers within a block as the table keeps them."""
    return np.array(sorted(homes), dtype=HOME).tobytes()


def chunks(items: Iterable[Item], most: int = CHUNK) -> Iterator[list[Item]]:
    """Lists of at most so many: databases bound the parameters of one statement."""
    left = iter(items)
    while held := list(islice(left, most)):
        yield held
