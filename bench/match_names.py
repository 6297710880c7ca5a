"""Names, streets and ZIPs of a large seeded chart, as often as the 1990 Census found such names.

The commonest names are the demo's; the long tail is put together from roots and endings
(``match_names.json``), for what matters to a matcher is how many people share a name and how alike
names look, not who bore it.
"""

from __future__ import annotations

import json
import math
import random
from bisect import bisect_left
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from web.demo.names import FIRST, LAST, STREET_KINDS, STREETS

_FILE = Path(__file__).with_suffix(".json")

# Percent of all people at these ranks of the 1990 Census tables of names (public domain); between
# them the share falls by a power of the rank.
_LAST_SHARES = (
    (1, 1.006), (10, 0.311), (100, 0.088), (1000, 0.0125), (10_000, 0.0009), (60_000, 0.0001),
)  # fmt: skip
_FIRST_SHARES = ((1, 1.65), (10, 0.9), (100, 0.13), (300, 0.03), (900, 0.004))


class Drawn:
    """Texts with how often each is met, to draw from."""

    def __init__(self, texts: list[str], shares: list[float]) -> None:
        self.texts = texts
        self._sums = list(accumulate(shares))

    def draw(self, rng: random.Random) -> str:
        """One of them, the common ones as often as they are met."""
        return self.texts[bisect_left(self._sums, rng.random() * self._sums[-1])]


@lru_cache(maxsize=1)
def _parts() -> dict[str, list[str]]:
    """What names are put together from."""
    found: dict[str, list[str]] = json.loads(_FILE.read_text())
    return found


def last_names() -> Drawn:
    """Some forty thousand last names; the thousandth is as rare as the Census has it."""
    made = dict.fromkeys(LAST)
    rng = random.Random("last names")
    plain = [f"{root}{end}" for root in _parts()["roots"] for end in _parts()["endings"]]
    rest = [f"{lead}{name}" for lead in _parts()["leads"] for name in plain]
    rng.shuffle(plain)
    rng.shuffle(rest)
    made |= dict.fromkeys(plain) | dict.fromkeys(rest[:30_000])
    return _drawn(list(made), _LAST_SHARES)


def first_names() -> Drawn:
    """Some eight hundred first names of both sexes."""
    return _drawn(list(dict.fromkeys((*FIRST, *_parts()["first_names"]))), _FIRST_SHARES)


def streets() -> Drawn:
    """Street names with their kind: the common ones are in every town."""
    rng = random.Random("streets")
    trees = [f"{root}{end}" for root in _parts()["roots"][::3]
             for end in ("view", "crest", "haven", "wood", "brook", "dale", "ridge")]  # fmt: skip
    rng.shuffle(trees)
    names = [*dict.fromkeys((*STREETS, *trees))]
    whole = [f"{name} {STREET_KINDS[rng.randrange(len(STREET_KINDS))]}" for name in names]
    return Drawn(whole, [1.0 / (rank + 8) for rank in range(len(whole))])


def towns(count: int) -> list[str]:
    """So many names of towns, no two the same."""
    rng = random.Random("towns")
    ends = ("ville", "burg", "ton", "field", "port", " Springs", " Grove", " Heights")
    names = [f"{root}{end}" for root in _parts()["roots"] for end in ends]
    return rng.sample(names, count)


def _drawn(texts: list[str], anchors: tuple[tuple[int, float], ...]) -> Drawn:
    return Drawn(texts, [_share(rank, anchors) for rank in range(1, len(texts) + 1)])


def _share(rank: int, anchors: tuple[tuple[int, float], ...]) -> float:
    """The share at a rank: a straight line between the anchors on double logarithmic paper."""
    ends = [*pairwise(anchors)]
    (low, high) = next(((a, b) for a, b in ends if rank <= b[0]), ends[-1])
    steep = math.log(high[1] / low[1]) / math.log(high[0] / low[0])
    return float(low[1] * (rank / low[0]) ** steep)
