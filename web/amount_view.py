"""What the review page shows of a doubtful amount: the cut-out places, what each says, one key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from matching import amounts
from matching.evidence import DocumentEvidence, Evidence
from matching.verifying import ACTOR, SOURCE, Support
from records.models import PageImage
from records.money import Money
from web import crops, split_view

# Source -> (name, its key). Courtesy, legal and encoded amount are the field's words for them.
_NAMES: Mapping[str, tuple[str, str]] = {
    "numerals": ("Numerals", "c"),
    "words": ("Words", "l"),
    "micr": ("MICR amount field", "e"),
}
_OTHER_KEYS = ("o", "p")
_OTHER_NAMES = {"reading": "Taken together", "other": "Or else"}
_SURE = (
    (0.99, "almost certain"),
    (0.95, "very likely"),
    (0.8, "likely"),
    (0.5, "uncertain"),
    (0.0, "a guess"),
)
_PLACES_TOLD = {
    "numerals": "the numerals",
    "words": "the words",
    "micr": "the MICR amount field",
    "x9_record": "the bank's record",
}


def is_doubtful(found: Evidence, main: DocumentEvidence) -> bool:
    """Whether a person must look at the amount: unread, asked about, or sure only by a balance.

    A letter that a person says is a check has no places that anybody could know.
    """
    payment = found.payment
    if payment is None or payment.kind != "check" or main.kind != "check":
        return False
    return payment.amount_cents is None or "amount" in found.asks or payment.amount_by == ACTOR


def doubt(
    session: Session, found: Evidence, main: DocumentEvidence, rows: Mapping[str, PageImage]
) -> dict[str, Any]:
    """Everything the template needs of the doubt; ``announce`` is read out when it opens."""
    values = sorted({each.cents for each in found.said if each.cents is not None})
    split = split_view.known_lines(session, found, values)
    keys = iter(_OTHER_KEYS)
    shown = []
    for said in found.said:
        name, key = _NAMES.get(said.source) or (_OTHER_NAMES[said.source], next(keys, ""))
        shown.append(
            {
                "source": said.source,
                "name": name,
                "key": key,
                "sure": in_words(said.confidence) if said.read else "",
                "percent": int(said.confidence * 100),
                "text": Money(said.cents).plain() if said.cents is not None else "",
                "agrees": [each.words for each in found.supports if each.cents == said.cents],
                "split": json.dumps(split.get(said.cents or 0, [])),
                "crop": crops.crop(said, main, rows) if said.source in _NAMES else None,
            }
        )
    differ = amounts.differ(found.said)
    contrary = amounts.contradict(found.said)
    return {
        "places": [each for each in shown if each["crop"] is not None],
        "others": [each for each in shown if each["crop"] is None and each["text"]],
        "differ": differ,
        "contrary": contrary,
        "any": any(each["text"] for each in shown),
        "announce": _announce(shown, differ=differ, contrary=contrary),
    }


def in_words(confidence: float) -> str:
    """A probability as people say it."""
    return next(words for least, words in _SURE if confidence >= least)


def told(verified: Mapping[str, Any] | None) -> str:
    """Why an amount that a balance made sure was believed; empty for any other."""
    if not verified:
        return ""
    sums = [Support(each["kind"], each["cents"], each["number"]) for each in verified["agrees"]]
    parts = [part for part in str(verified["source"]).split("+") if part != SOURCE]
    places = _both([_PLACES_TOLD.get(part, part) for part in parts]) or "the reading"
    return f"{Money(verified['cents'])} was taken from {places}: it agrees with {sums[0].words}."


def _both(names: Sequence[str]) -> str:
    return " and ".join(names)


def taken_from(found: Evidence, main: DocumentEvidence) -> str:
    """The place of the check that the known amount was taken from; empty when it was typed."""
    if found.payment is None or found.payment.amount_cents is None:
        return ""
    field = main.fields.get("amount_cents") or {}
    source = str(field.get("source") or "")
    if not source.startswith(amounts.KEYED):
        return "reading"
    return source.removeprefix(amounts.KEYED).removeprefix("+")


def _announce(shown: Sequence[Mapping[str, Any]], *, differ: bool, contrary: bool) -> str:
    said = ["The amount is in doubt."]
    if contrary:
        said = ["Numerals and words differ."]
    elif differ:
        said = ["Numerals and words were read differently, not both for sure."]
    for each in shown:
        if not each["text"]:
            said.append(f"{each['name']}: nothing was read.")
            continue
        key = f", key {each['key']}" if each["key"] else ""
        said.append(f"{each['name']}: {each['text']}, {each['sure']}{key}.")
    return " ".join(said)
