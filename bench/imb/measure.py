"""What is read of Intelligent Mail barcodes on drawn envelopes: open, mailer known, by ledger."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from bench.imb import encoders, ledger, pages, peer
from intake.types import Pixels
from ocr import imb, imb_finder, imb_ledger, imb_soft

COUNT = 1296
RESOLUTIONS = (150, 200, 300)
PIECES = 1_000_000
_WAYS = ("open", "mailer", "ledger", "peer")


@dataclass(slots=True)
class _Score:
    """Right, wrong and unread by way of reading; milliseconds of processor time of the look."""

    count: int = 0
    right: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_WAYS, 0))
    wrong: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_WAYS, 0))
    spent: list[float] = field(default_factory=list)
    peer_spent: list[float] = field(default_factory=list)

    def note(self, way: str, said: str | None, truth: str | None) -> None:
        """Count one answer."""
        if said is not None:
            counted = self.right if said == truth else self.wrong
            counted[way] += 1

    def add(self, other: _Score) -> None:
        """Take another's counts in."""
        self.count += other.count
        for way in _WAYS:
            self.right[way] += other.right[way]
            self.wrong[way] += other.wrong[way]
        self.spent += other.spent
        self.peer_spent += other.peer_spent

    def as_json(self) -> dict[str, Any]:
        """Counts by way, and times."""
        told: dict[str, Any] = {"count": self.count}
        for way in _WAYS:
            unread = self.count - self.right[way] - self.wrong[way]
            told[way] = {"right": self.right[way], "wrong": self.wrong[way], "unread": unread}
        told["ms_median"] = round(float(np.median(self.spent)), 1)
        told["ms_p95"] = round(float(np.percentile(self.spent, 95)), 1)
        told["peer_ms_median"] = round(float(np.median(self.peer_spent)), 1)
        return told


def measure(
    *,
    seed: int = 7,
    count: int | None = None,
    pieces: int = PIECES,
    resolutions: Sequence[int] = RESOLUTIONS,
) -> dict[str, Any]:
    """Draw envelopes by three encoders under every condition, and read them four ways.

    ``count`` envelopes with a barcode, and a sixth as many decoys without one, at these
    ``resolutions`` (dots an inch) in turn. WrongUse
    ``no_zint`` where that encoder is not installed.
    """
    cv2.setNumThreads(1)
    held = ledger.made(pieces, seed)
    imb_finder.look(np.full((600, 900), 255, np.uint8), 200)
    imb_ledger.search(held.blocks, [[20] * 130])  # what is compiled is compiled
    by_condition: dict[str, _Score] = {}
    by_dpi: dict[str, _Score] = {}
    groups = {name: _Score() for name in ("unobstructed", "obstructed", "decoys")}
    by_encoder = {name: _Score() for name in encoders.ENCODERS}
    for case in _cases(held, seed, count or COUNT, resolutions):
        score = _read(case, held)
        group = "decoys" if case.truth is None else (
            "unobstructed" if case.condition in pages.UNOBSTRUCTED else "obstructed")  # fmt: skip
        groups[group].add(score)
        by_condition.setdefault(case.condition, _Score()).add(score)
        by_dpi.setdefault(str(case.dpi), _Score()).add(score)
        if case.truth is not None:
            by_encoder[case.encoder].add(score)
    return {
        "seed": seed,
        "envelopes": sum(score.count for name, score in groups.items() if name != "decoys"),
        "decoys": groups["decoys"].count,
        "ledger_pieces": pieces,
        "peer": peer.NAME,
        "groups": {name: score.as_json() for name, score in groups.items() if score.count},
        "by_resolution": {name: by_dpi[name].as_json() for name in sorted(by_dpi)},
        "by_encoder": {name: score.as_json() for name, score in by_encoder.items() if score.count},
        "by_condition": {name: score.as_json() for name, score in by_condition.items()},
        "ratio_to_peer_unobstructed": _ratio(groups["unobstructed"]),
        "simulated_bars": ledger.measured(held, min(100, max(10, (count or COUNT) // 6)), seed),
    }


def lines(result: dict[str, Any]) -> Iterator[str]:
    """The result for people."""
    yield (f"{result['envelopes']} envelopes and {result['decoys']} decoys, seed {result['seed']}, "
           f"ledger of {result['ledger_pieces']}; right/wrong/unread")  # fmt: skip
    for part in ("groups", "by_resolution", "by_encoder", "by_condition"):
        for name, row in result[part].items():
            ways = "  ".join(
                f"{way} {row[way]['right']}/{row[way]['wrong']}/{row[way]['unread']}"
                for way in _WAYS
            )
            yield f"{name:<22} {row['count']:>5}  {ways}  {row['ms_median']} ms"
    for row in result["simulated_bars"]:
        yield (f"{row['kind']}, {row['bars_seen']} bars: {row['right']} right, "
               f"{row['wrong']} wrong of {row['count']}, {row['ms_median']} ms")  # fmt: skip
    yield f"peer: {result['peer']}; ratio {result['ratio_to_peer_unobstructed']}"


@dataclass(frozen=True, slots=True)
class _Case:
    """One page to read: ``truth`` is its digits, None for a decoy."""

    page: Pixels
    dpi: int
    condition: str
    encoder: str
    truth: str | None


def _cases(
    held: ledger.Ledger, seed: int, count: int, resolutions: Sequence[int]
) -> Iterator[_Case]:
    """Pages one by one: conditions, resolutions and encoders take turns."""
    chance = random.Random(seed)
    spoils = {**pages.UNOBSTRUCTED, **pages.OBSTRUCTED}
    names = list(spoils)
    codes = [held.digits(chance.randrange(len(held.routing))) for _ in range(count)]
    drawn = {name: encoders.drawn(name, codes[place::3])
             for place, name in enumerate(encoders.ENCODERS)}  # fmt: skip
    for number, code in enumerate(codes):
        encoder = encoders.ENCODERS[number % 3]
        name = names[number // 3 % len(names)]
        dpi = resolutions[(number + number // (3 * len(names))) % len(resolutions)]
        made = pages.envelope(drawn[encoder][number // 3], dpi, chance)
        yield _Case(spoils[name](made, dpi, chance), dpi, name, encoder, code)
    for number in range(max(6, count // 6)):
        dpi = resolutions[number % len(resolutions)]
        kind, page = pages.decoy(number // 3, dpi, chance)
        yield _Case(page, dpi, kind, "", None)


def _read(case: _Case, held: ledger.Ledger) -> _Score:
    """One page by every way; only the look at the page is timed."""
    score = _Score(1)
    begun = time.process_time()
    sight = imb_finder.look(case.page, case.dpi)
    score.spent.append(1000 * (time.process_time() - begun))
    found = sight.found.code if sight.found else None
    score.note("open", _digits(found), case.truth)
    for run in sight.runs:
        if found is None:
            found = imb_soft.decode(imb_soft.likelihoods(run.bits), (ledger.MAILER,))
    score.note("mailer", _digits(found), case.truth)
    # By ledger alone, as if nothing had been decoded.
    answer = imb_ledger.search(held.blocks, [run.bits for run in sight.runs])
    named = held.digits(held.piece_of(answer)) if answer else None
    score.note("ledger", named, case.truth)
    begun = time.process_time()
    plain = peer.read(case.page, case.dpi)
    score.peer_spent.append(1000 * (time.process_time() - begun))
    score.note("peer", _digits(plain), case.truth)
    return score


def _digits(code: imb.Imb | None) -> str | None:
    return None if code is None else code.tracking + code.routing


def _ratio(score: _Score) -> float | None:
    """How many we read (open) for each that the peer reads."""
    return round(score.right["open"] / score.right["peer"], 2) if score.right["peer"] else None
