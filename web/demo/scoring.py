"""How right a reading is: ``lockbox read --json`` against ``truth.json``, field by field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["right", "wrong", "unread"]

# Free text that a reader may lay out or spell with other case and punctuation.
_LOOSE = {
    "payer_name", "payer_address", "payee_name", "memo", "bank_name", "patient_name",
    "provider_name", "addressee_name", "addressee_address", "forward_address", "return_address",
    "new_address", "payee_tax_id", "endorsement_text", "scanline",
}  # fmt: skip
# What a reader may know in addition, or may not be able to know.
_LEFT_OUT = {"corrected_bars", "endorsement_text", "balanced", "imbalances"}


@dataclass(frozen=True, slots=True)
class Score:
    """One field of one document: where it is, what was read with which confidence."""

    source: str
    page: int
    kind: str
    field: str
    verdict: Verdict
    confidence: float
    truth: Any
    value: Any


def score(truth: dict[str, Any], output: dict[str, Any]) -> Iterator[Score]:
    """Compare every document of the truth that has fields with the reading of the same page.

    A document that was not found, or was taken for another kind, counts as unread in all its
    fields. Several checks on one page are paired by their place from top to bottom.
    """
    readings: dict[tuple[str, int, str], list[dict[str, Any]]] = {}
    for document in output["documents"]:
        key = (document["source"], (document["pages"] or [0])[0], document["kind"])
        readings.setdefault(key, []).append(document)
    for file in truth["files"]:
        for transaction in file["transactions"]:
            for document in transaction["documents"]:
                page = (document["pages"] or [0])[0]
                found = readings.get((file["file"], page, document["kind"]), [])
                reading = found.pop(0) if found else {"fields": {}}
                yield from _fields(file["file"], page, document, reading["fields"])


def _fields(
    source: str, page: int, document: dict[str, Any], read: dict[str, Any]
) -> Iterator[Score]:
    for name, wanted in document["fields"].items():
        if name in _LEFT_OUT:
            continue
        field = read.get(name) or {}
        value = field.get("value")
        yield Score(source, page, document["kind"], name, verdict(name, wanted, value),
                    field.get("confidence", 0.0), wanted, value)  # fmt: skip


def verdict(name: str, truth: Any, value: Any) -> Verdict:
    """Whether ``value`` says what ``truth`` says; None, or nothing in a list, is unread."""
    if truth in (None, []) and value in (None, []):
        return "right"
    if value is None or (value == [] and truth):
        return "unread"
    return "right" if _same(name, truth, value) else "wrong"


def _same(name: str, truth: Any, value: Any) -> bool:
    if isinstance(truth, dict) and isinstance(value, dict):
        keys = truth.keys() - _LEFT_OUT
        return all(_same(key, truth[key], value.get(key)) for key in keys)
    if isinstance(truth, list) and isinstance(value, list):
        if len(truth) != len(value):
            return False
        return all(_same(name, t, v) for t, v in zip(truth, value, strict=True))
    if name == "patient_name":
        return sorted(_fold(truth).split()) == sorted(_fold(value).split())
    if name == "provider_name":  # an 835 leaves the degree out
        return _fold(truth).startswith(_fold(value)) and bool(value)
    if name in _LOOSE:
        return _fold(truth).replace(" ", "") == _fold(value).replace(" ", "")
    return bool(truth == value)


def _fold(text: Any) -> str:
    return re.sub(r"[^A-Z0-9 ]+", "", re.sub(r"[\s,]+", " ", str(text).upper())).strip()
