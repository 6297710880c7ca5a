"""Families of a large chart kept in a file, to draw payments from without holding them all."""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import overload

from bench.match_chart import Family


class Kept(Sequence[Family]):
    """Families in the order they were added; eight bytes of memory each, the rest in a file."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - lives as long as the sequence
        self._ends = array("q")

    def add(self, family: Family) -> None:
        """Keep one more."""
        self._file.seek(self._ends[-1] if self._ends else 0)
        self._file.write(pickle.dumps(family, pickle.HIGHEST_PROTOCOL))
        self._ends.append(self._file.tell())

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, place: int) -> Family: ...
    @overload
    def __getitem__(self, place: slice) -> list[Family]: ...
    def __getitem__(self, place: int | slice) -> Family | list[Family]:
        if isinstance(place, slice):
            return [self[each] for each in range(len(self))[place]]
        at = range(len(self))[place]
        self._file.seek(self._ends[at - 1] if at else 0)
        found: Family = pickle.load(self._file)  # noqa: S301 - our own file, without a name
        return found
