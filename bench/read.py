"""Check fronts: what is read right, wrong and not at all, how fast, and beside plain Tesseract.

Run as ``lockbox bench read --count 60 --seed 7 --json``. The checks are drawn
(``web.demo.pieces``), not taken from life: the figures compare versions and thresholds, no more.
Milliseconds are processor time of one core. The peer is Tesseract over the whole picture, as one
would do at first.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytesseract

from intake.types import Page, Pixels
from ocr.check import CHECK_FIELDS, read_check
from ocr.classify import classify
from ocr.micr_grammar import aba_valid
from ocr.types import Field
from ocr.values import parse_cents
from web.demo.pieces import checks
from web.demo.scoring import Verdict, verdict

DEFAULT_COUNT = 60
SURE = 0.9
THRESHOLDS = (0.9, 0.95, 0.97, 0.98)
PEER_FIELDS = ("routing_number", "amount_cents")
_APART = 900_000_000  # no seed that anyone tuned on is drawn again

Row = tuple[str, Verdict, float]
"""Field, verdict, confidence (0 when unread)."""


def measure(*, seed: int = 7, count: int | None = None) -> dict[str, Any]:
    """Read ``count`` drawn checks; counts by field, rates by threshold, and the peer's figures.

    A check taken for something else counts as unread in every field.
    """
    wanted = DEFAULT_COUNT if count is None else count
    rows: list[Row] = []
    peer_rows: list[Row] = []
    steps = {"find": 0.0, "read": 0.0, "peer": 0.0}
    found = 0
    _warm_up()
    for piece in checks(_APART + seed, wanted):
        picture = piece.pages[0]
        page = Page(0, picture.pixels, float(picture.dpi))
        begun = _cpu_ms()
        seen = classify(page)
        steps["find"] += _cpu_ms() - begun
        fields: dict[str, Field | None] = {}
        if seen.kind == "check":
            found += 1
            begun = _cpu_ms()
            region = seen.regions[0] if seen.regions else None
            fields = read_check(page, region=region)[0].fields
            steps["read"] += _cpu_ms() - begun
        rows += _judged(piece.truth, CHECK_FIELDS, fields)
        begun = _cpu_ms()
        guesses = peer(page.pixels, picture.dpi)
        steps["peer"] += _cpu_ms() - begun
        peer_rows += [
            (name, verdict(name, piece.truth[name], guesses.get(name)), 0.0) for name in PEER_FIELDS
        ]
    return _figures(seed, wanted, found, rows, peer_rows, steps)


def peer(pixels: Pixels, dpi: int) -> dict[str, Any]:
    """The first valid routing number and the first sum of money in Tesseract's text of the page."""
    shown = pixels if pixels.ndim == 2 else pixels[:, :, ::-1]
    text = pytesseract.image_to_string(shown, lang="eng", config=f"--dpi {dpi}")
    routing = next((n for n in re.findall(r"(?<!\d)\d{9}(?!\d)", text) if aba_valid(n)), None)
    money = re.search(r"(?<![\d.])\d[\d,]*\.\d\d(?!\d)", text)
    return {
        "routing_number": routing,
        "amount_cents": None if money is None else parse_cents(money[0]),
    }


def rates(rows: Iterable[Row], threshold: float) -> dict[str, Any]:
    """Of all rows: the share read with at least ``threshold``, and how many of these are wrong."""
    listed = list(rows)
    sure = [row for row in listed if row[1] != "unread" and row[2] >= threshold]
    wrong = sum(row[1] == "wrong" for row in sure)
    return {
        "read_rate": round(len(sure) / max(1, len(listed)), 4),
        "wrong": wrong,
        "wrong_rate": round(wrong / max(1, len(sure)), 4),
    }


def _warm_up() -> None:
    """Load the engines before the clock runs."""
    piece = next(iter(checks(_APART - 1, 1)))
    read_check(Page(0, piece.pages[0].pixels, float(piece.pages[0].dpi)))


def _cpu_ms() -> float:
    """Processor time of this process and its children so far, in milliseconds."""
    spent = os.times()
    used = spent.user + spent.system + spent.children_user + spent.children_system
    return 1000.0 * used


def _judged(
    truth: dict[str, Any], names: Iterable[str], fields: dict[str, Field | None]
) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        if name not in truth:
            continue
        field = fields.get(name)
        value = None if field is None else field.value
        given = 0.0 if field is None else float(field.confidence)
        if value is None and truth[name] is None:
            continue  # nothing there and nothing read says nothing
        rows.append((name, verdict(name, truth[name], value), given))
    return rows


def _figures(
    seed: int,
    count: int,
    found: int,
    rows: list[Row],
    peer_rows: list[Row],
    steps: dict[str, float],
) -> dict[str, Any]:
    by_field = {name: [row for row in rows if row[0] == name] for name in CHECK_FIELDS}
    each = {name: round(spent / max(1, count), 1) for name, spent in steps.items()}
    ours = each["find"] + each["read"]
    return {
        "seed": seed,
        "checks": count,
        "found": found,
        "wrong_and_sure": sum(row[1] == "wrong" and row[2] >= SURE for row in rows),
        "fields": {name: _counts(listed) for name, listed in by_field.items() if listed},
        "thresholds": {
            f"{level:.2f}": {
                "all": rates(rows, level),
                **{name: rates(by_field[name], level) for name in ("micr_line", "amount_cents")},
            }
            for level in THRESHOLDS
        },
        "milliseconds": {"find": each["find"], "read": each["read"],
                         "front": round(ours, 1)},
        "fronts_a_minute_a_core": round(60_000 / max(ours, 0.1)),
        "peer": {
            "name": "Tesseract on the whole page (pytesseract)",
            "milliseconds": each["peer"],
            "time_ratio": round(each["peer"] / max(ours, 0.1), 2),
            "fields": {
                name: _counts([row for row in peer_rows if row[0] == name]) for name in PEER_FIELDS
            },
        },
    }  # fmt: skip


def _counts(rows: list[Row]) -> dict[str, int]:
    verdicts = Counter(row[1] for row in rows)
    return {
        "right": verdicts["right"],
        "wrong": verdicts["wrong"],
        "unread": verdicts["unread"],
        "wrong_and_sure": sum(row[1] == "wrong" and row[2] >= SURE for row in rows),
    }
