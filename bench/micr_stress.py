"""How MICR reading stands up to spoiled pictures: read, wrong, and wrong though sure, by kind.

Run as ``python -m bench.micr_stress [SEED [COUNT]]``: each kind spoils ``COUNT`` drawn checks of
its own, one way each, from a clean 300 dpi picture.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import cv2
import numpy as np

from intake.types import Pixels
from ocr.micr import read_micr
from web.demo.check_facts import CheckFacts
from web.demo.pieces import DRAWERS, bill_payer, demo_group, guarantor_payer, insurer_payer, owing

_DRAWN_DPI = 300
_SURE = 0.9
_PARTS = ("routing_number", "account_number", "check_number")
Spoil = Callable[[Pixels, random.Random], Pixels]


@dataclass(frozen=True, slots=True)
class Stress:
    """Counts for one kind; ``sure_wrong`` counts lines, ``parts_sure_wrong`` single fields."""

    kind: str
    checks: int
    read: int
    wrong: int
    sure: int
    sure_wrong: int
    parts_sure: int
    parts_sure_wrong: int
    cpu_ms: float


def _resized(gray: Pixels, dpi: float) -> Pixels:
    scale = dpi / _DRAWN_DPI
    return np.asarray(
        cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def _at(dpi: float) -> Spoil:
    def spoil(gray: Pixels, _: random.Random) -> Pixels:
        return _resized(gray, dpi)

    return spoil


def _grain(gray: Pixels, rng: random.Random, sigma: float) -> Pixels:
    noise = np.random.default_rng(rng.randrange(1 << 30)).normal(0, sigma, gray.shape)
    return np.asarray(np.clip(gray + noise, 0, 255), np.uint8)


def _adaptive(gray: Pixels, rng: random.Random) -> Pixels:
    small = _grain(_resized(gray, 200), rng, 4.0)
    method = cv2.ADAPTIVE_THRESH_MEAN_C
    return np.asarray(
        cv2.adaptiveThreshold(small, 255, method, cv2.THRESH_BINARY, 41, rng.uniform(10, 26)),
        np.uint8,
    )


def _otsu(gray: Pixels, rng: random.Random) -> Pixels:
    small = _grain(_resized(gray, 200), rng, 4.0)
    kind = cv2.THRESH_BINARY | cv2.THRESH_OTSU
    return np.asarray(cv2.threshold(small, 0, 255, kind)[1], np.uint8)


def _jpeg(quality: int) -> Spoil:
    def spoil(gray: Pixels, _: random.Random) -> Pixels:
        small = _resized(gray, 200)
        stored = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)

    return spoil


def _turned(degrees: float) -> Spoil:
    def spoil(gray: Pixels, rng: random.Random) -> Pixels:
        small = _resized(gray, 200)
        height, width = small.shape
        pad = round(width * 0.08)
        angle = degrees * rng.choice((-1, 1))
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
        matrix[:, 2] += pad
        size = (width + 2 * pad, height + 2 * pad)
        return np.asarray(
            cv2.warpAffine(small, matrix, size, borderValue=255.0, flags=cv2.INTER_LINEAR), np.uint8
        )

    return spoil


def _perspective(share: float) -> Spoil:
    def spoil(gray: Pixels, rng: random.Random) -> Pixels:
        small = _resized(gray, 200)
        height, width = small.shape
        pad = round(width * share)
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        moved = corners + pad + np.array(
            [[rng.uniform(-share, share) * width, rng.uniform(-share, share) * height * 2]
             for _ in range(4)], np.float32,
        )  # fmt: skip
        matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
        size = (width + 2 * pad, height + 2 * pad)
        return np.asarray(cv2.warpPerspective(small, matrix, size, borderValue=120.0), np.uint8)

    return spoil


def _blurred(sigma: float) -> Spoil:
    def spoil(gray: Pixels, rng: random.Random) -> Pixels:
        soft = np.asarray(cv2.GaussianBlur(_resized(gray, 200), (0, 0), sigma), np.uint8)
        return _grain(soft, rng, 2.0)

    return spoil


def _dark(gray: Pixels, rng: random.Random) -> Pixels:
    small = np.asarray(_resized(gray, 200) * rng.uniform(0.3, 0.45), np.uint8)
    return _grain(small, rng, 12.0)


KINDS: dict[str, Spoil] = {
    "gray 200 dpi": _at(200),
    "gray 150 dpi": _at(150),
    "gray 100 dpi": _at(100),
    "adaptive G4": _adaptive,
    "Otsu G4": _otsu,
    "JPEG q20": _jpeg(20),
    "turned 2 degrees": _turned(2),
    "turned 7 degrees": _turned(7),
    "perspective 3 %": _perspective(0.03),
    "perspective 6 %": _perspective(0.06),
    "blur 1.5": _blurred(1.5),
    "blur 2.5": _blurred(2.5),
    "dark and noisy": _dark,
}


def drawn_check(seed: int, number: int) -> tuple[Pixels, CheckFacts]:
    """One clean front, gray at 300 dpi, and what is on it."""
    group = demo_group()
    rng = random.Random(f"micr stress:{seed}:{number}")
    account, statement, office = owing(group, rng)
    style = rng.choices(tuple(DRAWERS), weights=(7, 2, 1, 1))[0]
    payer = guarantor_payer(account)
    if style == "business":
        payer = insurer_payer(rng.choice(group.payers), rng.randrange(3))
    elif style == "bill_pay":
        payer = bill_payer(account)
    facts = CheckFacts(
        payer, rng.choice(office.payees), statement.balance_cents, statement.balance_cents,
        group.as_of - timedelta(days=3), str(payer.first_serial + rng.randint(0, 300)),
    )  # fmt: skip
    sheet = DRAWERS[style](facts, _DRAWN_DPI, rng)
    return np.asarray(cv2.cvtColor(sheet.pixels(), cv2.COLOR_RGB2GRAY), np.uint8), facts


def measure(seed: int, count: int, kinds: tuple[str, ...] = tuple(KINDS)) -> tuple[Stress, ...]:
    """Read ``count`` spoiled checks of each kind."""
    return tuple(_measured(kind, seed, count) for kind in kinds)


def _measured(kind: str, seed: int, count: int) -> Stress:
    read = wrong = sure = sure_wrong = parts_sure = parts_wrong = 0
    spent = 0.0
    for number in range(count):
        gray, facts = drawn_check(seed, 1000 * list(KINDS).index(kind) + number)
        rng = random.Random(f"spoil:{seed}:{kind}:{number}")
        picture = KINDS[kind](gray, rng)
        begun = time.process_time()
        reading = read_micr(picture)
        spent += time.process_time() - begun
        if reading is None:
            continue
        truth = facts.truth()
        for name in _PARTS:
            part = getattr(reading, name)
            if part is not None and part.confidence >= _SURE:
                parts_sure += 1
                parts_wrong += part.value != truth[name]
        if "?" in reading.text:
            continue
        read += 1
        wrong += reading.text != truth["micr_line"]
        sure += reading.confidence >= _SURE
        sure_wrong += reading.confidence >= _SURE and reading.text != truth["micr_line"]
    return Stress(
        kind, count, read, wrong, sure, sure_wrong, parts_sure, parts_wrong, 1000 * spent / count
    )


def main() -> None:
    """Print one row a kind."""
    cv2.setNumThreads(1)
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    print("kind               checks  read wrong  sure sure+wrong  fields sure, wrong  CPU ms")
    for kind in KINDS:
        row = measure(seed, count, (kind,))[0]
        print(
            f"{row.kind:18} {row.checks:6} {row.read:5} {row.wrong:5} {row.sure:5} "
            f"{row.sure_wrong:10} {row.parts_sure:12} {row.parts_sure_wrong:6} {row.cpu_ms:7.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
