"""Fits the network that tells page kinds by their looks (``ocr/page_kinds.npz``).

``python -m bench.train.page_kinds fit --seed 6100 --count 90`` draws so many pages of each kind,
fits on four fifths and sets the temperature on the rest; ``judge --seed 6200`` prints how right
and how true it is on others. Needs no torch.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.checks.cases import cases
from intake.types import Page, Pixels
from ocr.check_kinds import NET, kind_chances, looks
from ocr.types import Kind
from web.demo import letter_art, pieces, symbols
from web.demo.check_art import draw_back
from web.demo.fonts import HANDS
from web.demo.sheet import Sheet

KINDS: tuple[Kind, ...] = (
    "check", "check_back", "remittance", "coupon", "returned_mail", "correspondence", "separator",
    "blank", "unknown",
)  # fmt: skip
_HIDDEN = 24
_EPOCHS = 400
_RATE = 0.01
_DECAY = 3e-4
Matrix = NDArray[np.float64]


def pages(kind: Kind, seed: int, count: int) -> Iterator[Page]:
    """``count`` drawn pages of a kind, as scanned or photographed, some turned."""
    rng = random.Random(f"kinds:{seed}:{kind}")
    made: Iterator[Page]
    if kind == "check":
        made = (case.page for case in cases(seed, count))
    elif kind in ("remittance", "coupon", "returned_mail"):
        source = {"remittance": pieces.eobs, "coupon": pieces.coupons,
                  "returned_mail": pieces.envelopes}[kind]  # fmt: skip
        made = (Page(0, p.pages[0].pixels, float(p.pages[0].dpi)) for p in source(seed, count))
    else:
        made = (_captured(kind, rng) for _ in range(count))
    for page in made:
        turns = rng.choice((0, 0, 0, 0, 2, 2, 1, 3)) if kind != "separator" else 0
        dpi = page.dpi if rng.random() < 0.85 else None
        yield Page(0, np.ascontiguousarray(np.rot90(page.pixels, turns)), dpi)


def _captured(kind: Kind, rng: random.Random) -> Page:
    dpi, look = pieces.some_look(rng)
    if kind == "unknown":
        return Page(0, _clutter(rng), None)
    sheet = _sheet(kind, dpi, rng)
    picture = pieces.capture(sheet, kind, look, rng)
    return Page(0, picture.pixels, float(picture.dpi))


def _sheet(kind: Kind, dpi: int, rng: random.Random) -> Sheet:
    group = pieces.demo_group()
    account, statement, office = pieces.owing(group, rng)
    if kind == "check_back":
        width, height = rng.choice(((6.0, 2.75), (6.0, 2.75), (8.5, 3.5), (7.5, 3.0)))
        by = rng.choice(office.payees) if rng.random() < 0.6 else ""
        return draw_back(width, height, dpi, rng, by, "0012345678")
    if kind == "correspondence":
        letter = rng.choice(tuple(letter_art.TOPICS))
        hand = rng.choice(HANDS) if rng.random() < 0.4 else None
        facts = letter_art.LetterFacts(account, office, letter, statement.statement_number, "57.00",
                                       "October 3, 2026", hand)  # fmt: skip
        return letter_art.draw_letter(facts, dpi, rng)
    if kind == "separator":
        return symbols.separator(dpi, f"{rng.randrange(16**8):08X}")
    size = rng.choice(((8.5, 11.0), (6.0, 2.75), (9.5, 4.1)))
    return letter_art.draw_blank(*size, dpi, rng)


def _clutter(rng: random.Random) -> Pixels:
    """Noise, gradients and blobs, as of a desk, a thumb over the lens or a torn corner."""
    chance = np.random.default_rng(rng.randrange(2**32))
    height, width = rng.choice(((900, 1200), (1200, 900), (420, 900), (1600, 1200)))
    coarse = chance.integers(30, 220, (rng.randint(2, 9), rng.randint(2, 9), 3)).astype(np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.float32)
    picture += chance.normal(0, rng.choice((3, 12, 40, 90)), picture.shape)
    for _ in range(rng.randint(0, 12)):
        colour = [int(c) for c in chance.integers(0, 255, 3)]
        centre = (int(chance.integers(0, width)), int(chance.integers(0, height)))
        cv2.circle(picture, centre, int(chance.integers(10, 260)), colour, rng.choice((-1, 3, 9)))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def gather(seed: int, count: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Looks and kind numbers of ``count`` pages of each kind."""
    rows, kinds = [], []
    for number, kind in enumerate(KINDS):
        for page in pages(kind, seed, count):
            rows.append(looks(page))
            kinds.append(number)
    return np.array(rows), np.array(kinds)


def fit(rows: Matrix, kinds: NDArray[np.int64], seed: int) -> dict[str, NDArray[np.generic]]:
    """The network's weights by Adam on four fifths, its temperature on the rest."""
    chance = np.random.default_rng(seed)
    order = chance.permutation(len(rows))
    held, used = order[: len(rows) // 5], order[len(rows) // 5 :]
    mean, scale = rows[used].mean(axis=0), np.maximum(rows[used].std(axis=0), 0.05)
    x, y = np.clip((rows - mean) / scale, -6, 6), np.eye(len(KINDS))[kinds]
    net = {
        "w1": chance.normal(0, 1 / np.sqrt(x.shape[1]), (x.shape[1], _HIDDEN)),
        "b1": np.zeros(_HIDDEN),
        "w2": chance.normal(0, 1 / np.sqrt(_HIDDEN), (_HIDDEN, len(KINDS))),
        "b2": np.zeros(len(KINDS)),
    }
    first = {name: np.zeros_like(part) for name, part in net.items()}
    second = {name: np.zeros_like(part) for name, part in net.items()}
    for step in range(1, _EPOCHS + 1):
        noisy = x[used] + chance.normal(0, 0.15, x[used].shape)
        for name, slope in _slopes(net, noisy, y[used]).items():
            pull = slope + _DECAY * len(used) * net[name] / 100
            first[name] = 0.9 * first[name] + 0.1 * pull
            second[name] = 0.999 * second[name] + 0.001 * pull**2
            net[name] -= (
                _RATE
                * (first[name] / (1 - 0.9**step))
                / (np.sqrt(second[name] / (1 - 0.999**step)) + 1e-8)
            )
    # Life is more varied than what is drawn: never surer than half as sure as the held fifth says.
    temperature = 1.4 + min(
        np.arange(0.6, 4.0, 0.1), key=lambda t: _loss(_scores(net, x[held]) / t, kinds[held])
    )
    return {
        **net, "mean": mean, "scale": scale, "temperature": np.array(temperature),
        "kinds": np.array(KINDS), "seed": np.array(seed), "pages": np.array(len(rows)),
    }  # fmt: skip


def _scores(net: dict[str, Matrix], x: Matrix) -> Matrix:
    return np.maximum(x @ net["w1"] + net["b1"], 0.0) @ net["w2"] + net["b2"]


def _slopes(net: dict[str, Matrix], x: Matrix, y: Matrix) -> dict[str, Matrix]:
    hidden = np.maximum(x @ net["w1"] + net["b1"], 0.0)
    scores = hidden @ net["w2"] + net["b2"]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    wrong = (odds / odds.sum(axis=1, keepdims=True) - y) / len(x)
    back = (wrong @ net["w2"].T) * (hidden > 0)
    return {"w1": x.T @ back, "b1": back.sum(axis=0), "w2": hidden.T @ wrong,
            "b2": wrong.sum(axis=0)}  # fmt: skip


def _loss(scores: Matrix, kinds: NDArray[np.int64]) -> float:
    shifted = scores - scores.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return float(-logs[np.arange(len(kinds)), kinds].mean())


def judge(seed: int, count: int) -> dict[str, object]:
    """Right by kind, and the share right among pages of which it was 0.9 sure and more."""
    right: dict[str, int] = {}
    sure = sure_right = 0
    least_check = 1.0
    for kind in KINDS:
        for page in pages(kind, seed, count):
            chances = kind_chances(page)
            best = max(chances, key=lambda name: chances[name])
            right[kind] = right.get(kind, 0) + (best == kind)
            if chances[best] >= 0.9:
                sure += 1
                sure_right += best == kind
            if kind == "check":
                least_check = min(least_check, chances["check"])
    return {"seed": seed, "each": count, "right": right, "sure": sure, "sure_right": sure_right,
            "least_chance_of_a_check": round(least_check, 5)}  # fmt: skip


def main() -> None:
    """Fit, or judge what was fitted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("fit", "judge"))
    parser.add_argument("--seed", type=int, default=6100)
    parser.add_argument("--count", type=int, default=90)
    asked = parser.parse_args()
    if asked.what == "fit":
        rows, kinds = gather(asked.seed, asked.count)
        np.savez_compressed(NET, **fit(rows, kinds, asked.seed))  # type: ignore[arg-type]
    else:
        print(json.dumps(judge(asked.seed, asked.count), indent=1))


if __name__ == "__main__":
    main()
