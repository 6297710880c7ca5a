"""Soft decoding of an Intelligent Mail barcode: likelihoods of half bars to digits, or nothing.

The likelihoods are 65 x 2 (descender, ascender), about -2 (surely absent) to +2 (surely there),
0 where nothing can be seen. Kept with a reading they are 130 whole numbers, ten times as large.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr import imb
from ocr.imb import Imb

STRONGEST = 2.0
KEPT_STRONGEST = 20
OPEN_PENALTY = 1.0
"""What an answer may go against when nothing else is known: one try in 2,048 passes the
barcode's own check by luck, and random bars were accepted from a penalty of 2.3 on."""
_AMBIGUOUS_WITHIN = 0.75
_OPEN_TRIES = 128
_KNOWN_TRIES = 1500
_CANDIDATES = 14
# Of 130 half bars 102 are needed: each that cannot be seen takes one of the 28 that check them.
_OPEN_UNSEEN, _KNOWN_UNSEEN = 6, 14

_Array = NDArray[np.float64]


def decode(likelihoods: _Array, mailers: Collection[str] = ()) -> Imb | None:
    """The digits behind uncertain bars, or None when a lucky hit is as likely as the truth.

    The penalty of an answer is the likelihood it goes against. Without more knowledge only
    penalties up to `OPEN_PENALTY` are believed. A mailer id among ``mailers`` is a million times
    harder to hit than the check, so answers that bear one are believed at any penalty that the
    search reaches. Either way a second answer within 0.75 of the first makes it ambiguous: None.
    """
    seen = np.asarray(likelihoods, np.float64)
    unseen = int((seen == 0.0).sum())
    ways = (np.ascontiguousarray(seen), np.ascontiguousarray(seen[::-1, ::-1]))
    rules: list[tuple[Collection[str], int]] = [((), _OPEN_UNSEEN)]
    if mailers:
        rules.append((mailers, _KNOWN_UNSEEN))
    for known, most in rules:
        if unseen > most:
            continue
        found = [one for one in (_search(way, known) for way in ways) if one is not None]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def kept(likelihoods: _Array) -> tuple[int, ...]:
    """The likelihoods as a reading keeps them: descender and ascender of bar 1, 2, ... 65."""
    whole = np.clip(np.round(np.asarray(likelihoods) * 10), -KEPT_STRONGEST, KEPT_STRONGEST)
    return tuple(int(value) for value in whole.reshape(-1))


def likelihoods(soft: Collection[int]) -> _Array:
    """What `kept` made, as 65 x 2 likelihoods; ValueError when it is not 130 numbers in range."""
    values = np.asarray(list(soft), np.float64)
    if values.shape != (2 * imb.BARS,) or np.abs(values).max() > KEPT_STRONGEST:
        raise ValueError("soft bits are 130 numbers from -20 to 20")
    return values.reshape(imb.BARS, 2) / 10.0


def _search(seen: _Array, mailers: Collection[str]) -> Imb | None:
    """The one legal answer of least penalty; None when there is none, or a second as good."""
    passed: list[tuple[float, Imb]] = []
    limit = np.inf if mailers else OPEN_PENALTY
    for cost, characters in _by_penalty(seen, _KNOWN_TRIES if mailers else _OPEN_TRIES, limit):
        if cost > (passed[0][0] + _AMBIGUOUS_WITHIN if passed else limit):
            break
        found = imb.from_characters(characters)
        if found is None or (mailers and found.mailer_id not in mailers):
            continue
        passed.append((cost, Imb(found.tracking, found.routing, _bars_against(seen, characters))))
        if len(passed) > 1:
            return None
    return passed[0][1] if passed else None


@cache
def _patterns() -> tuple[NDArray[np.int32], _Array]:
    """All 2,730 legal characters, and their bits as +1/-1 rows (bit 0 first)."""
    values = np.array(sorted(imb.codewords()), np.int32)
    bits = (values[:, None] >> np.arange(13)) & 1
    return values, (bits * 2 - 1).astype(np.float64)


@cache
def _legal() -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which patterns may stand first (up to 1,317) and last (even)."""
    words = np.array([imb.codewords()[int(value)][0] for value in _patterns()[0]])
    return words <= 1317, words % 2 == 0


@cache
def _homes() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Character and bit of each of the 130 half bars."""
    places = [place for bar in imb.bar_bits() for place in bar]
    return np.array([p[0] for p in places]), np.array([p[1] for p in places])


def _by_penalty(seen: _Array, tries: int, limit: float) -> Iterator[tuple[float, list[int]]]:
    """Ten characters at a time, best first over each one's candidates, up to the limit and some."""
    table = np.zeros((10, 13))
    table[_homes()] = seen.reshape(-1)
    values, signs = _patterns()
    penalties = (np.abs(table).sum(axis=1)[None, :] - signs @ table.T) / 2
    first, last = _legal()
    penalties[~first, 0] = np.inf
    penalties[~last, 9] = np.inf
    least = float(penalties.min(axis=0).sum())
    if least > limit:
        return
    near = np.argpartition(penalties, _CANDIDATES, axis=0)[:_CANDIDATES]
    costs = np.take_along_axis(penalties, near, axis=0)
    order = np.argsort(costs, axis=0, kind="stable")
    near, costs = np.take_along_axis(near, order, axis=0), np.take_along_axis(costs, order, axis=0)
    start: tuple[int, ...] = (0,) * 10
    heap: list[tuple[float, tuple[int, ...]]] = [(least, start)]
    known = {start}
    for _ in range(tries):
        if not heap:
            return
        cost, picks = heapq.heappop(heap)
        if cost > limit + _AMBIGUOUS_WITHIN:
            return
        yield cost, [int(values[near[pick, place]]) for place, pick in enumerate(picks)]
        for place in range(10):
            following = (*picks[:place], picks[place] + 1, *picks[place + 1 :])
            if following[place] < _CANDIDATES and following not in known:
                known.add(following)
                step = costs[following[place], place] - costs[picks[place], place]
                heapq.heappush(heap, (cost + float(step), following))


def _bars_against(seen: _Array, characters: list[int]) -> int:
    """How many bars the answer reads differently than they look."""
    wrong = 0
    for bar, places in enumerate(imb.bar_bits()):
        wrong += any(
            seen[bar, half] != 0.0 and (characters[char] >> bit & 1) != (seen[bar, half] > 0)
            for half, (char, bit) in enumerate(places)
        )
    return wrong
