"""Codes of remittances: what they mean in our own words, and which a paper's code stands for."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("claim_codes.toml")
_GROUPED = re.compile(r"(C[O0]|PR|[O0]A|P[I1L]|CR)[\s:./-]{0,3}([A-Z]{0,2}\d{1,3})")
_LONE = re.compile(r"[A-Z]{0,2}\d{1,4}[A-Z]?")
_REMARK = re.compile(r"(MA?|N)\d{1,3}")
_REASON_SHAPE = re.compile(r"\d{1,3}|[ABDPWY]\d{1,2}")
_GROUP_OF_PRINT = {"C0": "CO", "0A": "OA", "P1": "PI", "PL": "PI"}
_NOT_THE_PATIENT = re.compile(
    r"(patient|member|you|insured) (is|are|may|must|should|can|will|do|does)? ?(not|n't|never)\b"
    r"|not (be )?(billed|charged|balance.billed|collect\w*).{0,20}(patient|member|insured)"
    r"|not (the )?(patient|member|insured)('s|s)? (responsib|liab)"
    r"|contractual|provider.{0,20}write.?off|held harmless"
)
_THE_PATIENT = re.compile(
    r"(patient|member|insured|your|subscriber)('s|s)? ?(is )?(responsib|liab|share|owes?|obligat)"
    r"|(you|patient|member) (may owe|owes?|pays?)|(billed|charged) to (the )?(patient|member)"
)


@dataclass(frozen=True, slots=True)
class PrintedReason:
    """What a code printed on an EOB stands for.

    ``code`` is a CARC (or, with ``remark``, a RARC), and as printed when ``unknown``. ``group`` is
    None where neither the print, its legend nor the standard fixes who bears the amount.
    ``payer_code`` is the payer's own code that a legend gave the meaning of.
    """

    group: str | None
    code: str
    payer_code: str | None = None
    unknown: bool = False
    remark: bool = False

    def as_json(self) -> dict[str, Any]:
        """``{group, code}``, with ``payer_code`` and ``unknown`` where they apply."""
        found: dict[str, Any] = {"group": self.group, "code": self.code}
        if self.payer_code is not None:
            found["payer_code"] = self.payer_code
        if self.unknown:
            found["unknown"] = True
        return found


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    words: re.Pattern[str]
    but_not: re.Pattern[str] | None
    general: bool


@dataclass(frozen=True, slots=True)
class _Codes:
    groups: Mapping[str, str]
    only_group: Mapping[str, str]
    reasons: Mapping[str, str]
    remarks: Mapping[str, str]
    provider_adjustments: Mapping[str, str]
    rules: tuple[_Rule, ...]


@functools.cache
def _codes() -> _Codes:
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    rules = tuple(
        _Rule(
            str(each["code"]),
            re.compile(each["words"].replace("\\\n", "")),
            re.compile(each["but_not"]) if "but_not" in each else None,
            bool(each.get("general", False)),
        )
        for each in table["legend"]
    )
    return _Codes(
        table["groups"], table["only_group"], {**table["reasons"], **table["former_reasons"]},
        table["remarks"], table["provider_adjustments"], rules,
    )  # fmt: skip


def from_print(text: str, legend: Mapping[str, str] | None = None) -> PrintedReason | None:
    """What one code cell of an EOB stands for; None when the text is no code at all.

    ``text`` is ``CO-45``, ``PR 1``, ``45``, ``N130`` or a payer's own code; ``legend`` maps the
    payer's codes, as printed, to what the page says of them. A code of the legend means what the
    legend says, also where its number is a CARC too; one that nobody knows stays as printed and
    ``unknown``.
    """
    said = " ".join(text.upper().strip(" ,;()[]*#").split())
    explained = {key.strip().upper(): words for key, words in (legend or {}).items()}
    grouped = _GROUPED.fullmatch(said)
    if grouped is not None and said not in explained:
        group = _GROUP_OF_PRINT.get(grouped[1], grouped[1])
        code = grouped[2].lstrip("0") or grouped[2]
        misread = grouped[1] in _GROUP_OF_PRINT  # P10 is a payer's own code sooner than PI-0
        if is_reason(code) or not misread:
            return PrintedReason(group, code, unknown=not is_reason(code))
    if not _LONE.fullmatch(said) and said not in explained:
        return None
    if said in explained:
        return _from_legend(said, explained[said])
    if said in _codes().remarks:
        return PrintedReason(None, said, remark=True)
    if said in _codes().reasons:
        return PrintedReason(group_of(said), said)
    if _REMARK.fullmatch(said):
        return PrintedReason(None, said, remark=True, unknown=True)
    return PrintedReason(None, said, unknown=True)


def _from_legend(code: str, words: str) -> PrintedReason:
    """The reason that a legend's words say, kept beside the payer's own code."""
    found = reason_of_words(words)
    if found is None:
        grouped = _GROUPED.fullmatch(code)
        if grouped is not None and is_reason(grouped[2]):
            return PrintedReason(_GROUP_OF_PRINT.get(grouped[1], grouped[1]), grouped[2])
        if _REMARK.fullmatch(code) and code in _codes().remarks:
            return PrintedReason(None, code, remark=True)
        return PrintedReason(_group_of_words(words), code, unknown=True)
    group = _group_of_words(words) or group_of(found)
    return PrintedReason(group, found, payer_code=None if found == code else code)


def reason_of_words(words: str) -> str | None:
    """The CARC that a payer's sentence surely means; None when it may mean none or several."""
    said = " ".join(words.lower().replace("\u2019", "'").split())
    hits = [
        rule
        for rule in _codes().rules
        if rule.words.search(said) and not (rule.but_not and rule.but_not.search(said))
    ]
    chosen = {rule.code for rule in hits if not rule.general} or {rule.code for rule in hits}
    return chosen.pop() if len(chosen) == 1 else None


def _group_of_words(words: str) -> str | None:
    said = " ".join(words.lower().replace("\u2019", "'").split())
    if _NOT_THE_PATIENT.search(said):
        return "CO"
    return "PR" if _THE_PATIENT.search(said) else None


def group_of(code: str) -> str | None:
    """The one adjustment group that the standard leaves for a CARC; None when it leaves several."""
    return _codes().only_group.get(code)


def is_reason(code: str) -> bool:
    """Whether a CARC is one that we have words for."""
    return code in _codes().reasons


def has_reason_shape(code: str) -> bool:
    """Whether a code can be a CARC at all: one to three digits, or a letter of the list's."""
    return _REASON_SHAPE.fullmatch(code) is not None


def is_group(code: str) -> bool:
    """Whether a code is an adjustment group of CAS01."""
    return code in _codes().groups


def reason_text(code: str) -> str | None:
    """Our short text for a CARC."""
    return _codes().reasons.get(code)


def group_text(code: str) -> str | None:
    """Our short text for an adjustment group."""
    return _codes().groups.get(code)


def remark_text(code: str) -> str | None:
    """Our short text for a RARC."""
    return _codes().remarks.get(code)


def provider_adjustment_text(code: str) -> str | None:
    """Our short text for a PLB reason."""
    return _codes().provider_adjustments.get(code)
