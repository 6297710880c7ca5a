"""Votes are counted as a plain count of every list would, however little of it is looked at."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest

from matching import voting
from matching.postings import Listed


def listed(key: int, homes: set[int]) -> Listed:
    blocks: dict[int, list[int]] = {}
    for home in sorted(homes):
        blocks.setdefault(home >> 16, []).append(home & 0xFFFF)
    rows = [(block, np.array(some, "<u2").tobytes()) for block, some in blocks.items()]
    return Listed(key, len(homes), rows)


def plainly(
    lists: dict[int, set[int]], worth: dict[int, int], most: int, share: float
) -> list[int]:
    votes: Counter[int] = Counter()
    for key, homes in lists.items():
        votes.update(dict.fromkeys(homes, worth[key]))
    least = share * max(votes.values(), default=0)
    kept = [home for home in votes if votes[home] >= least]
    return sorted(kept, key=lambda home: (-votes[home], home))[:most]


def drawn(rng: random.Random, highest: int, longest: int) -> dict[int, set[int]]:
    """Lists of all lengths; one home is on many of them, as the one a payment is meant for."""
    meant = rng.randrange(1, highest)
    found = {}
    for key in range(rng.randint(1, 40)):
        length = int(longest ** rng.random())
        found[key] = {rng.randrange(1, highest) for _ in range(length)}
        if rng.random() < 0.4:
            found[key].add(meant)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_the_best_are_those_of_a_plain_count(seed: int) -> None:
    rng = random.Random(seed)
    # Few homes meet on many lists and tie; many lie in several blocks with the same low bits.
    highest = rng.choice((50, 3000, 70_000, 400_000))
    lists = drawn(rng, highest, rng.choice((20, 3000)))
    flat = rng.random() < 0.3
    worth = {
        key: 500 if flat else round(1000 * np.log2(3001 / len(homes)))
        for key, homes in lists.items()
    }
    held = [listed(key, homes) for key, homes in lists.items()]
    says = [worth[each.key] for each in held]
    for most in (1, 16, 200):
        for share in (0.0, 0.3, 1.0):
            found = voting.best(held, says, most, share)
            assert found == plainly(lists, worth, most, share)


def test_homes_in_other_blocks_with_the_low_bits_of_a_good_one_stay_out() -> None:
    good = 5
    alike = {good + (block << 16) for block in range(1, 30)}
    lists = {0: {good, 9}, 1: {good}, 2: alike | set(range(70_000, 73_000)), 3: {good} | alike}
    worth = {0: 11_000, 1: 11_000, 2: 3, 3: 6}
    held = [listed(key, homes) for key, homes in lists.items()]
    assert voting.best(held, [worth[n] for n in range(4)], 16, 0.3) == [good, 9]
    assert voting.best(held, [worth[n] for n in range(4)], 3, 0.0) == [good, 9, good + (1 << 16)]


def test_no_list_gives_no_home() -> None:
    assert voting.best([], [], 10, 0.3) == []
