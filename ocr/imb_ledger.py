"""Which of the pieces mailed a barcode is, though half of it lies under a label.

The soft bits of a page are laid against the packed bits of every piece (`ocr.imb_batch`): first
those whose plainly seen bits differ in few places, then these by weight. A row of bars shorter
than a code is tried at every place along it, both ways up, its ends first.

No answer rests on the barcode's own check; four rules stand instead. The answer goes against at
most a hundredth of the weight seen, and against no half bar that is seen very plainly (one, where
nearly all bars are seen, as under pen strokes): any two codes differ in three bits, those of one
mailer to one address sometimes in few more, and one that was never entered must not be taken for
its neighbour. It is ahead of every other code by 6 (units of the
likelihoods, which go to 2). And so few codes may agree as well by luck, among all pieces and
places tried, that it would happen less than once in `_LUCK` foreign barcodes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocr import imb
from ocr.imb_batch import Words, unpacked
from ocr.imb_soft import likelihoods
from ocr.machine_code import compiled

_HALVES = 2 * imb.BARS
_LEAST_SHARE = 0.98
_AGAINST_WHOLE, _WHOLE = 1, 120  # half bars
_VERY_PLAIN = 1.5
_LEAST_LEAD = 6.0
_LUCK = 100_000.0
_PLAIN = 0.8  # a likelihood from which a half bar counts as seen plainly
_FEWEST_PLAIN = 24
_MOST_HITS = 4096
_Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """The pieces (block, row) that bear the code; usually one, more when it was used again.

    ``share`` is the part of the weight seen that agrees, ``lead`` the distance to the next code,
    ``plain`` how many half bars were seen plainly, ``luck`` how many codes would fit by chance.
    """

    pieces: tuple[tuple[int, int], ...]
    share: float
    lead: float
    plain: int
    luck: float


@dataclass(frozen=True, slots=True)
class _Scored:
    """A code's score, the half bars seen plainly and very plainly it goes against, its pieces."""

    score: float
    wrong: int
    against: int
    pieces: list[tuple[int, int]]


def search(blocks: Sequence[Words], rows: Sequence[Sequence[int]]) -> Answer | None:
    """The piece that the rows of bars (130 numbers of `imb_soft.kept` each) show, or None.

    ``rows`` are what a page shows, likeliest first; more than three are not looked at. ValueError
    for rows of another form.
    """
    pieces = sum(block.shape[1] for block in blocks)
    shown = [likelihoods(row).reshape(-1) for row in rows[:3]]
    if not pieces:
        return None
    tried = 0
    answers: list[Answer] = []
    told: set[int] = set()
    for ends in (True, False):
        for number, seen in enumerate(shown):
            if number in told:
                continue
            queries = _placed(seen, ends=ends)
            tried += len(queries)
            answer = _best(blocks, queries, float(pieces) * tried) if len(queries) else None
            if answer is not None:
                told.add(number)
                answers.append(answer)
    # Two barcodes of ours in one picture name two pieces: a person says which one it is.
    return answers[0] if len({answer.pieces for answer in answers}) == 1 else None


def _placed(seen: _Array, *, ends: bool) -> _Array:
    """The row at its places along a code, both ways up: as given and at the ends, or the others."""
    shown = np.flatnonzero(np.abs(seen) >= _PLAIN)
    if len(shown) < _FEWEST_PLAIN:
        return np.zeros((0, _HALVES))
    bars = np.flatnonzero(np.any(seen.reshape(-1, 2) != 0.0, axis=1))
    shifts = list(range(-int(bars[0]), imb.BARS - int(bars[-1])))
    first = {0, shifts[0], shifts[-1]}
    chosen = [shift for shift in shifts if (shift in first) == ends]
    placed = [np.roll(seen, 2 * shift) for shift in chosen]
    return np.array([way for one in placed for way in (one, one[::-1])]).reshape(-1, _HALVES)


def _best(blocks: Sequence[Words], queries: _Array, hypotheses: float) -> Answer | None:
    """The one code that passes every rule, or None."""
    total = float(np.abs(queries[0]).sum())
    allowed = (1 - _LEAST_SHARE) / 2 * total + _LEAST_LEAD / 2  # weight against, a rival's too
    limit = int(allowed / _PLAIN)
    plain = int((np.abs(queries[0]) >= _PLAIN).sum())
    if hypotheses * _LUCK > 2.0**plain:
        return None  # nothing could agree so well that it would not be luck
    if plain < _WHOLE and not _any_exact(blocks, queries):
        return None
    masks, values = _query_words(queries, _PLAIN)
    scored: dict[tuple[int, ...], _Scored] = {}
    for number, block in enumerate(blocks):
        hits = _near(np.asarray(block), masks, values, _first_word(masks), limit, _MOST_HITS)
        if len(hits) >= _MOST_HITS:
            return None  # so many agree that none can be told from the others
        if not len(hits):
            continue
        words = np.ascontiguousarray(block[:, hits[:, 0]])
        signs = unpacked(words)
        asked = queries[hits[:, 1]]
        scores = (signs * asked).sum(axis=1)
        wrong = ((signs * asked < 0) & (np.abs(asked) >= _PLAIN)).sum(axis=1)
        against = ((signs * asked < 0) & (np.abs(asked) >= _VERY_PLAIN)).sum(axis=1)
        for place, (row, _) in enumerate(hits.tolist()):
            code = tuple(words[:, place].tolist())
            known = scored.get(code)
            pieces = known.pieces if known else []
            if (number, row) not in pieces:
                pieces.append((number, row))
            if known is None or scores[place] > known.score:
                scored[code] = _Scored(
                    float(scores[place]), int(wrong[place]), int(against[place]), pieces
                )
    return _accepted(list(scored.values()), queries[0], total, hypotheses)


def _accepted(
    scored: list[_Scored],
    seen: _Array,
    total: float,
    hypotheses: float,
) -> Answer | None:
    """The best code if it is good, ahead and no luck."""
    if not scored:
        return None
    scored.sort(key=lambda one: (-one.score, one.pieces))
    best = scored[0]
    # A code that was not near enough to be scored is behind by more than the lead asked for.
    lead = best.score - scored[1].score if len(scored) > 1 else _LEAST_LEAD
    plain = int((np.abs(seen) >= _PLAIN).sum())
    luck = hypotheses * sum(math.comb(plain, k) for k in range(best.wrong + 1)) / 2.0**plain
    most = _AGAINST_WHOLE if plain >= _WHOLE else 0
    agrees = best.score >= _LEAST_SHARE * total and best.against <= most
    if not agrees or lead < _LEAST_LEAD or luck * _LUCK > 1.0:
        return None
    return Answer(tuple(sorted(best.pieces)), best.score / total, lead, plain, luck)


def _any_exact(blocks: Sequence[Words], queries: _Array) -> bool:
    """Whether any piece goes against no bit seen very plainly; most barcodes of others end here."""
    masks, values = _query_words(queries, _VERY_PLAIN)
    firsts = _first_word(masks)
    return any(_exact(np.asarray(block), masks, values, firsts) for block in blocks)


def _query_words(queries: _Array, least: float) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Which bits are seen at least so plainly, and what they are, as 3 words for each query."""

    def words(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
        whole = np.zeros((len(bits), 192), np.bool_)
        whole[:, :_HALVES] = bits
        packed = np.packbits(whole, axis=1, bitorder="little")
        return packed.reshape(len(bits), 24).view("<u8").astype(np.uint64)

    plain = np.abs(queries) >= least
    return words(plain), words(plain & (queries > 0))


def _first_word(masks: NDArray[np.uint64]) -> NDArray[np.int64]:
    """For each query the word of the first two that has more bits seen: it rules out most."""
    counts = np.bitwise_count(masks)
    return np.asarray((counts[:, 1] > counts[:, 0]).astype(np.int64))


@compiled
def _exact(
    block: Words,
    masks: NDArray[np.uint64],
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
) -> bool:
    """Whether any piece equals any query in all bits of its mask.

    Rows are taken a few at a time, so that they stay at hand for every query, and without a
    branch, so that several are compared at once: an eighth of the time of one by one.
    """
    count = block.shape[1]
    for start in range(0, count, 1024):
        for query in range(len(masks)):
            first = firsts[query]
            mask, value = masks[query, first], values[query, first]
            part = block[first, start : start + 1024]
            some = np.uint64(0)
            for row in range(len(part)):
                some |= np.uint64((part[row] & mask) == value)
            if some:
                for row in range(start, min(start + 1024, count)):
                    differ = np.uint64(0)
                    for word in range(3):
                        differ |= (block[word, row] ^ values[query, word]) & masks[query, word]
                    if differ == 0:
                        return True
    return False


@compiled
def _near(
    block: Words,
    masks: NDArray[np.uint64],
    values: NDArray[np.uint64],
    firsts: NDArray[np.int64],
    limit: int,
    most: int,
) -> NDArray[np.int64]:
    """Pieces and queries (hits x 2) that differ in at most ``limit`` of the bits seen plainly."""
    hits = np.empty((most, 2), np.int64)
    found = 0
    count = block.shape[1]
    pairs, nibbles = np.uint64(0x5555555555555555), np.uint64(0x3333333333333333)
    bytes_, ones = np.uint64(0x0F0F0F0F0F0F0F0F), np.uint64(0x0101010101010101)
    one, two, four, top = np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(56)
    enough = np.uint64(limit)

    def bits_set(word: np.uint64) -> np.uint64:
        word = word - ((word >> one) & pairs)
        word = (word & nibbles) + ((word >> two) & nibbles)
        return (((word + (word >> four)) & bytes_) * ones) >> top

    for start in range(0, count, 1024):
        for query in range(len(masks)):
            first = firsts[query]
            mask, value = masks[query, first], values[query, first]
            part = block[first, start : start + 1024]
            some = np.uint64(0)
            for row in range(len(part)):
                some |= np.uint64(bits_set((part[row] ^ value) & mask) <= enough)
            if not some:
                continue
            for row in range(start, min(start + 1024, count)):
                differ = np.uint64(0)
                for word in range(3):
                    differ += bits_set(
                        (block[word, row] ^ values[query, word]) & masks[query, word]
                    )
                if differ <= enough:
                    hits[found, 0], hits[found, 1] = row, query
                    found += 1
                    if found == most:
                        return hits
    return hits[:found]
