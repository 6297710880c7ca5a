"""Counting the votes that lists of homes give: exact for the best, most lists never counted whole.

Long lists say least. Once what they can still add is less than the best have already, no home
that only they name can be among them: of those lists only the homes seen before are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from matching.postings import BLOCK_BITS, HOME, Listed

_AT_FIRST = 2048
"""So many entries of the lists that say most are counted whole before a bound is tried."""
_GROWTH = 3
Ints = npt.NDArray[np.int64]


def best(lists: Sequence[Listed], worth: Sequence[int], most: int, least_share: float) -> list[int]:
    """The homes with the most votes, best first, ties by number; no two lists share a key.

    ``worth`` are votes, not negative, that each list gives every home on it. Homes with less than
    ``least_share`` of the first one's votes are left out.
    """
    order = sorted(range(len(lists)), key=lambda place: -worth[place])
    held = [lists[place] for place in order]
    says = [worth[place] for place in order]
    if not held:
        return []
    entries = [*accumulate(each.homes for each in held)]
    left = [0, *accumulate(reversed(says))][::-1]  # votes that the lists from here on can add
    limit = _AT_FIRST
    while True:
        cut = sum(count <= limit for count in entries) or 1
        homes, votes = _summed(*_entries(held[:cut], says[:cut]))
        if cut == len(held):
            return _ranked(homes, votes, most, least_share)
        bar = _bar(votes, most, least_share)
        if left[cut] < bar:
            break
        limit = max(limit * _GROWTH, entries[cut])
    kept = votes + left[cut] >= bar
    homes, votes = homes[kept], votes[kept]
    more = _entries(held[cut:], says[cut:], homes)
    both = [np.concatenate(pair) for pair in zip((homes, votes), more, strict=True)]
    return _ranked(*_summed(*both), most, least_share)


def _entries(
    lists: Sequence[Listed], worth: Sequence[int], among: Ints | None = None
) -> tuple[Ints, Ints]:
    """Every home of the lists with the votes it gets there.

    With ``among`` only these homes, and some others that no further list names.
    """
    rows = [(block << BLOCK_BITS, len(homes) // HOME.itemsize, says)
            for each, says in zip(lists, worth, strict=True)
            for block, homes in each.rows]  # fmt: skip
    table = np.array(rows, dtype=np.int64)
    within = np.frombuffer(b"".join([row[1] for each in lists for row in each.rows]), dtype=HOME)
    if among is None:
        row = np.repeat(np.arange(len(rows)), table[:, 1])
    else:
        wanted = np.zeros(1 << BLOCK_BITS, dtype=np.bool_)
        wanted[among & ((1 << BLOCK_BITS) - 1)] = True
        places = np.flatnonzero(wanted[within])
        row = np.searchsorted(np.cumsum(table[:, 1]), places, side="right")
        within = within[places]
    return within + table[row, 0], table[row, 2]


def _summed(homes: Ints, votes: Ints) -> tuple[Ints, Ints]:
    """Each home once, in order, and the sum of its votes."""
    order = np.argsort(homes)
    homes, votes = homes[order], votes[order]
    begins = np.flatnonzero(np.r_[True, homes[1:] != homes[:-1]])
    return homes[begins], np.add.reduceat(votes, begins)


def _bar(votes: Ints, most: int, least_share: float) -> float:
    """What a home must have to be among the best, as far as these votes tell."""
    least = least_share * float(votes.max())
    if len(votes) > most:
        least = max(least, float(np.partition(votes, len(votes) - most)[len(votes) - most]))
    return least


def _ranked(homes: Ints, votes: Ints, most: int, least_share: float) -> list[int]:
    kept = votes >= _bar(votes, most, least_share)
    homes, votes = homes[kept], votes[kept]
    found: list[int] = homes[np.lexsort((homes, -votes))[:most]].tolist()
    return found
