"""Whose envelope came back: one posterior over the pieces mailed, its reasons in log-odds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import exp, log
from typing import Any

from rapidfuzz import fuzz

from returned_mail import identify_weights as w

_CODES = frozenset({"barcode", "bars", "coupon barcode", "scanline"})
_AGREE, _NEAR, _READABLE = 92.0, 80.0, 4


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the piece itself says; empty or None where nothing was read.

    ``imb`` is the barcode in digits; ``mailing_id`` the mailed piece that the bars single out, by
    ``how`` (``decoded`` or ``ledger``). ``coupon`` and ``scanline`` are account and statement
    number. ``sender_is_ours`` says whether the return address is one of ours.
    """

    name: str = ""
    address: str = ""
    zip5: str = ""
    imb: str = ""
    mailing_id: str = ""
    how: str = ""
    coupon: tuple[str, str] | None = None
    scanline: tuple[str, str] | None = None
    numbers: tuple[str, ...] = ()
    sender_is_ours: bool | None = None
    marked_on: date | None = None
    received_on: date | None = None
    office_id: str = ""


@dataclass(frozen=True, slots=True)
class Mailed:
    """One statement that was mailed, to whom and where; ``mailing_id`` where the ledger has it."""

    statement_id: str
    statement_number: str
    account_id: str
    account_number: str
    name: str
    address: str
    address_version_id: str
    mailed_on: date | None
    imb: str = ""
    mailing_id: str = ""
    office_id: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that may be meant: its probability, and the reasons that add up to its odds.

    ``statement_id`` and ``statement_number`` only where one piece of the account is as sure.
    """

    account_id: str
    account_number: str
    address_version_id: str
    score: float
    log_odds: float
    reasons: tuple[tuple[str, float], ...]
    statement_id: str | None = None
    statement_number: str | None = None
    office_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the task's evidence."""
        return {
            "account_id": self.account_id,
            "account_number": self.account_number,
            "address_version_id": self.address_version_id,
            "statement_id": self.statement_id,
            "score": self.score,
            "log_odds": self.log_odds,
            "reasons": [{"signal": name, "weight": weight} for name, weight in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class _Judged:
    mailed: Mailed
    reasons: tuple[tuple[str, float], ...]

    @property
    def odds(self) -> float:
        return sum(weight for _, weight in self.reasons)


def rank(evidence: Evidence, mailed: Sequence[Mailed], pieces: int) -> list[Candidate]:
    """Accounts, likeliest first, of ``mailed``: the pieces that share a sign with this one.

    ``pieces`` is how many were mailed in all, which is how likely any one was before looking.
    """
    names = Counter(_plain(each.name) for each in {m.account_id: m for m in mailed}.values())
    among = max(pieces, len(mailed), 1)
    judged = [_judge(evidence, each, names[_plain(each.name)], among) for each in mailed]
    ours = [exp(min(700.0, each.odds)) for each in judged]
    total = sum(ours) + w.NOT_OURS
    accounts: dict[str, list[tuple[float, _Judged]]] = {}
    for chance, each in zip(ours, judged, strict=True):
        accounts.setdefault(each.mailed.account_id, []).append((chance / total, each))
    ranked = [_candidate(found) for found in accounts.values()]
    shown = [each for each in ranked if each.score >= w.LEAST_SHOWN]
    return sorted(shown, key=lambda each: (-each.score, each.account_number))[:10]


def choose(ranked: Sequence[Candidate]) -> Candidate | None:
    """The account to take without asking, or None: sure by itself and far ahead of every rival.

    One printed sign is never enough: a machine's code says it, or name and address together. Nor
    is a code whose name and address are both somebody else's. A label's day chooses among the
    statements of an account, but not between two accounts at one address: a digit is soon misread.
    """
    if not ranked or ranked[0].score < w.SURE:
        return None
    first = ranked[0]
    if len(ranked) > 1 and log(first.score / ranked[1].score) < w.GAP:
        return None
    if any(_undated(first) - _undated(rival) < w.GAP for rival in ranked[1:]):
        return None
    said = {name for name, weight in first.reasons if weight > 0}
    against = {name for name, weight in first.reasons if weight < 0}
    coded = bool(said & _CODES)
    if against & _CODES or (coded and {"another name", "another address"} <= against):
        return None
    return first if coded or {"name", "address"} <= said else None


def _undated(one: Candidate) -> float:
    return one.log_odds - sum(weight for name, weight in one.reasons if name == "mail date")


def _candidate(found: Sequence[tuple[float, _Judged]]) -> Candidate:
    """One account out of its pieces; the statement where one piece alone is sure."""
    whole = sum(chance for chance, _ in found)
    chance, best = max(found, key=lambda one: (one[0], one[1].mailed.statement_number))
    sure = chance >= w.SURE
    mailed = best.mailed
    return Candidate(
        mailed.account_id, mailed.account_number, mailed.address_version_id,
        round(min(whole, 0.9999), 4), round(best.odds, 2),
        tuple((name, round(weight, 2)) for name, weight in best.reasons),
        mailed.statement_id if sure else None, mailed.statement_number if sure else None,
        mailed.office_id,
    )  # fmt: skip


def _judge(evidence: Evidence, mailed: Mailed, namesakes: int, among: int) -> _Judged:
    reasons = [("before looking", log((1 - w.NOT_OURS) / among))]
    if evidence.office_id and mailed.office_id not in {"", evidence.office_id}:
        reasons.append(("another office's mail", w.OTHER_OFFICE))
    reasons += [each for each in _codes(evidence, mailed) if each[1]]
    reasons += [_name(evidence, mailed, namesakes, among), _address(evidence, mailed)]
    if evidence.sender_is_ours is not None:
        reasons.append(("return address",
                        w.OUR_RETURN if evidence.sender_is_ours else w.OTHER_RETURN))  # fmt: skip
    reasons += [("mail date", _days(evidence, mailed))]
    return _Judged(mailed, tuple(each for each in reasons if each[1]))


def _codes(evidence: Evidence, mailed: Mailed) -> list[tuple[str, float]]:
    """What a machine printed for a machine: barcode or bars, coupon barcode, scanline, numbers."""
    found: list[tuple[str, float]] = []
    if evidence.mailing_id:
        name, weight = ("bars", w.BARS) if evidence.how == "ledger" else ("barcode", w.BARCODE)
        is_it = mailed.mailing_id == evidence.mailing_id
        found.append((name, weight if is_it else w.OTHER_BARCODE))
    elif evidence.imb and mailed.imb:
        is_it = evidence.imb == mailed.imb
        found.append(("barcode", w.BARCODE if is_it else w.OTHER_BARCODE))
    for name, said, same, other in (
        ("coupon barcode", evidence.coupon, w.COUPON, w.OTHER_COUPON),
        ("scanline", evidence.scanline, w.SCANLINE, w.OTHER_SCANLINE),
    ):
        if said is not None:
            agrees = said == (mailed.account_number, mailed.statement_number)
            found.append((name, same if agrees else other))
    if {mailed.account_number, mailed.statement_number} & set(evidence.numbers):
        found.append(("number", w.NUMBER))
    return found


def _name(evidence: Evidence, mailed: Mailed, namesakes: int, among: int) -> tuple[str, float]:
    """The name read against the addressee's: a common name says little, a wrong one much."""
    read, own = _plain(evidence.name), _plain(mailed.name)
    if len(read) < _READABLE or not own:
        return "name", 0.0
    alike = fuzz.token_sort_ratio(read, own)
    usual = max(w.RAREST_NAME, (namesakes - 1 + w.UNSEEN_NAMESAKES) / among)
    if alike >= _AGREE and _apart(read, own) <= 1:
        return "name", log(w.NAME_READ / usual)
    if alike >= _NEAR:
        return "name, nearly", log(w.NAME_NEAR / min(1.0, 20 * usual))
    return "another name", log(w.NAME_OTHER)


def _apart(read: str, own: str) -> int:
    """Characters by which two names of the same words differ."""
    first, second = sorted(read.split()), sorted(own.split())
    if len(first) != len(second):
        return abs(len(first) - len(second))
    return sum(1 for a, b in zip(first, second, strict=True) if a != b and fuzz.ratio(a, b) < 88)


def _address(evidence: Evidence, mailed: Mailed) -> tuple[str, float]:
    """The address read against the one mailed to; every number in it must be the same."""
    read, own = _plain(evidence.address), _plain(mailed.address)
    if len(read) < _READABLE or not own:
        return "address", 0.0
    alike = fuzz.token_sort_ratio(re.sub(r" \d{4}$", "", read), re.sub(r" \d{4}$", "", own))
    if alike >= _AGREE and _numbers(read) == _numbers(own):
        return "address", log(w.ADDRESS_READ / w.SAME_PLACE)
    if alike >= _NEAR:
        return "address, nearly", log(w.ADDRESS_NEAR / w.NEAR_PLACE)
    return "another address", log(w.ADDRESS_OTHER)


def _numbers(address: str) -> list[str]:
    """House, apartment and five digits of ZIP code; not the four after it, which change."""
    return re.findall(r"\d+", re.sub(r"(\d{5}) \d{4}$", r"\1", address))


def _days(evidence: Evidence, mailed: Mailed) -> float:
    if mailed.mailed_on is None:
        return 0.0
    seen = evidence.marked_on or evidence.received_on
    if seen is None:
        return 0.0
    days = (seen - mailed.mailed_on).days
    return w.BEFORE_MAILED if days < 0 else w.LONG_AGO if days > 60 else 0.0


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^A-Z0-9 ]", " ", text.upper()).split())
