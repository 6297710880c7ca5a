"""Lists of homes under hashed keys, in blocks: read at once for a payment, changed in order.

A list is kept as the bytes of ``HomeKey``; the same bytes in SQLite and in PostgreSQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
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
Ints = npt.NDArray[np.int64]


def read(session: Session, keys: Sequence[int], most: int) -> tuple[Ints, Ints, Ints]:
    """Homes, the place in ``keys`` of the key each stands under, and homes under that key.

    Three arrays of one length. A key that more than ``most`` homes share is passed over.
    """
    rows = _rows(session, keys)
    lengths: dict[int, int] = defaultdict(int)
    for key, _, homes in rows:
        lengths[key] += len(homes) >> 1
    rows = [row for row in rows if lengths[row[0]] <= most]
    if not rows:
        none = np.empty(0, dtype=np.int64)
        return none, none, none
    places = {key: place for place, key in enumerate(keys)}
    table = np.array(
        [(block << BLOCK_BITS, places[key], lengths[key], len(homes) >> 1)
         for key, block, homes in rows],
        dtype=np.int64,
    )  # fmt: skip
    within = np.frombuffer(b"".join([row[2] for row in rows]), dtype=HOME)
    whole = np.repeat(table[:, :3], table[:, 3], axis=0)
    return within + whole[:, 0], whole[:, 1], whole[:, 2]


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
