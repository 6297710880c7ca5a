"""What others read on the same checks: Tesseract on the page and on cut boxes, RapidOCR."""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytesseract

from bench.checks.cases import Case
from bench.read_peer_words import cents_of_words
from bench.read_rows import Judged
from intake.pixels import crop, gray
from intake.types import Box, Pixels
from ocr.micr_grammar import aba_valid
from ocr.values import parse_cents
from web.demo.scoring import Verdict, verdict

FIELDS = ("routing_number", "amount_cents")
NAMES = {
    "tesseract_page": "Tesseract on the whole page (pytesseract)",
    "tesseract_boxes": "Tesseract on boxes cut by the truth (pytesseract)",
    "rapidocr": "RapidOCR end to end (its own detector)",
}
_MONEY = re.compile(r"(?<![\d.])\d[\d,]*\.\d\d(?!\d)")
_MARGIN = 0.15


def ask(case: Case) -> tuple[tuple[tuple[str, str, Verdict], ...], dict[str, float]]:
    """Every peer's verdicts on one check, and the milliseconds each took.

    The peers get the page the right way up. Tesseract runs as a process of its own, so its time
    is that of the children.
    """
    pixels = case.page.pixels
    rows: list[tuple[str, str, Verdict]] = []
    spent: dict[str, float] = {}
    upright = _upright(pixels, case.turned)
    for name in NAMES:
        begun = _cpu_ms()
        if name == "tesseract_page":
            guesses = _page(upright, case.page.dpi)
        elif name == "tesseract_boxes":
            guesses = _boxes(case)
        else:
            guesses = _rapid(upright)
        spent[name] = _cpu_ms() - begun
        rows += [(name, field, verdict(field, case.truth[field], guesses.get(field)))
                 for field in FIELDS if field in case.truth]  # fmt: skip
    return tuple(rows), spent


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The peers' counts and times beside ours on the very same checks."""
    asked = [one for one in judged if one.peers]
    table: dict[str, Any] = {"checks": len(asked)}
    for name, title in NAMES.items():
        rows = [row for one in asked for row in one.peers if row[0] == name]
        spent = [one.peers_ms[name] for one in asked]
        table[name] = {
            "name": title,
            "milliseconds": round(sum(spent) / max(1, len(spent)), 1),
            "fields": {
                field: _counts([said for _, about, said in rows if about == field])
                for field in FIELDS
            },
        }
    ours = [one.front_ms for one in asked]
    table["ours"] = {
        "name": "this reader, all fields",
        "milliseconds": round(sum(ours) / max(1, len(ours)), 1),
        "fields": {
            field: _counts([r.verdict for one in asked for r in one.rows if r.field == field])
            for field in FIELDS
        },
    }
    return table


def _counts(verdicts: Sequence[Verdict]) -> dict[str, int]:
    counted = Counter(verdicts)
    return {"right": counted["right"], "wrong": counted["wrong"], "unread": counted["unread"]}


def _upright(pixels: Pixels, turned: int) -> Pixels:
    return np.ascontiguousarray(np.rot90(pixels, 2)) if turned else pixels


def _page(pixels: Pixels, dpi: float | None) -> dict[str, Any]:
    """The first valid routing number and the first sum of money in the text of the page."""
    return _first_of(
        pytesseract.image_to_string(pixels, lang="eng", config=f"--dpi {dpi or 200:g}")
    )


def _first_of(text: str) -> dict[str, Any]:
    routing = next((n for n in re.findall(r"(?<!\d)\d{9}(?!\d)", text) if aba_valid(n)), None)
    money = _MONEY.search(text)
    return {
        "routing_number": routing,
        "amount_cents": None if money is None else parse_cents(money[0]),
    }


def _boxes(case: Case) -> dict[str, Any]:
    """The numerals, else the words, from their boxes; the routing number from the MICR line's."""
    lines = {
        name: _line(_cut(case.page.pixels, box, case.turned), name)
        for name, box in case.boxes.items()
    }
    money = _MONEY.search(lines.get("numerals", ""))
    cents = None if money is None else parse_cents(money[0])
    if cents is None:
        cents = cents_of_words(lines.get("words", ""))
    return {**_first_of(lines.get("micr", "")), "amount_cents": cents}


def _cut(pixels: Pixels, box: Box, turned: int) -> Pixels:
    x, y, width, height = box
    pad = round(_MARGIN * height)
    part = crop(pixels, (x - pad, y - pad, width + 2 * pad, height + 2 * pad))
    return _upright(part, turned)


def _line(part: Pixels, name: str) -> str:
    if min(part.shape[:2]) < 8:
        return ""
    shown = gray(part)
    tall = 64.0 / shown.shape[0]
    if tall > 1:
        shown = np.asarray(cv2.resize(shown, None, fx=tall, fy=tall, interpolation=cv2.INTER_CUBIC))
    limit = "" if name == "words" else " -c tessedit_char_whitelist=0123456789.,$/"
    return str(pytesseract.image_to_string(shown, lang="eng", config=f"--psm 7{limit}"))


@cache
def _engine() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - a second to load, only where peers are asked

    return RapidOCR(
        params={
            "Global.log_level": "error",
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _rapid(pixels: Pixels) -> dict[str, Any]:
    shown = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
    found = _engine()(shown)
    lines = tuple(found.txts or ())
    said = _first_of("\n".join(lines))
    if said["amount_cents"] is None:
        said["amount_cents"] = next((c for line in lines if (c := cents_of_words(line))), None)
    return said


def _cpu_ms() -> float:
    spent = os.times()
    return 1000.0 * (time.process_time() + spent.children_user + spent.children_system)
