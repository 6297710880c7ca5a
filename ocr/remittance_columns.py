"""Columns of an explanation of benefits: what payers call them, and which word stands in which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from rapidfuzz import fuzz

from intake.types import Word
from ocr.labels import tokens
from ocr.text import Line, line_of, runs

# Names in the spelling of `labels.tokens`. A payer's own words for the same thing.
ROLES: Mapping[str, tuple[str, ...]] = {
    "service_on": ("service date", "date of service", "date service", "dos", "date", "service",
                   "from date", "from", "service from", "date from"),
    "procedure_code": ("procedure", "procedure code", "code", "cpt", "cpt code", "ada code",
                       "cdt", "cdt code", "service code", "hcpcs", "cpt hcpcs", "procedure number",
                       "cpt hcpcs code", "hcpc", "rev procedure", "procedure mod"),
    "charged_cents": ("billed", "billed amount", "charge", "charge amount", "amount billed",
                      "submitted", "submitted amount", "submitted charge", "total charge",
                      "amount charge", "fee", "billed charge", "amount submitted",
                      "provider charge", "fee charge", "submitted fee", "dentist fee"),
    "allowed_cents": ("allowed", "allowed amount", "amount allowed", "approved",
                      "approved amount", "amount approved", "eligible", "eligible amount",
                      "covered amount", "covered", "plan allowance", "contract amount",
                      "negotiated rate", "allowable", "allowance", "maximum allowed",
                      "allowed fee", "approved fee", "covered charge"),
    "discount": ("discount", "contractual", "contractual adjustment", "write off", "writeoff",
                 "provider discount", "network discount", "provider responsibility",
                 "discount amount", "network savings", "contract adjustment", "savings",
                 "contractual obligation", "provider adjustment"),
    "reasons": ("adjustment", "reason code", "grp rc amount", "group reason", "adjustment code",
                "group code amount", "adjustment amount", "reason", "remark code", "remarks",
                "adjustment reason", "grp code", "grp rc", "notes", "remark"),
    "deductible": ("deductible", "deductible amount"),
    "coinsurance": ("coinsurance", "coinsurance amount"),
    "copay": ("copay", "copay amount"),
    "not_covered": ("not covered", "non covered", "noncovered", "ineligible", "not allowed",
                    "disallowed", "not payable", "ineligible amount", "non covered amount",
                    "not covered amount", "excluded"),
    "other_paid": ("other insurance", "other insurance paid", "cob", "other carrier",
                   "primary paid", "other paid", "cob paid", "other coverage"),
    "patient_responsibility_cents": (
        "patient responsibility", "you may bill", "patient owes", "patient balance",
        "member responsibility", "patient share", "your responsibility", "patient liability",
        "patient pays", "subscriber liability", "member owes", "patient amount",
        "patient portion", "subscriber responsibility", "total patient responsibility"),
    "paid_cents": ("paid", "paid amount", "payment", "plan paid", "amount paid", "benefit",
                   "benefit paid", "net paid", "provider paid", "payment amount", "plan pays",
                   "insurance paid", "benefits paid", "plan payment", "benefits", "we paid",
                   "total paid", "benefit amount", "payable", "amount payable", "net payment",
                   "paid to provider"),
    "patient_name": ("patient", "patient name", "name", "name of patient"),
    "patient_account": ("patient account", "patient account number", "account number", "account",
                        "acnt", "patient control number", "patient number"),
    "member_id": ("member id", "subscriber id", "member number", "mid", "hic", "id number",
                  "member id number", "subscriber number", "insured id", "policy number"),
    "claim_number": ("claim number", "claim", "claim id", "icn", "control number",
                     "claim control number", "document number", "claim reference number"),
    "provider_name": ("provider", "rendering provider", "treating dentist", "perf provider",
                      "provider name", "treating provider", "dentist", "performing provider",
                      "physician"),
    "units": ("units",),
    "tooth": ("tooth", "tooth number", "th", "surface", "surf", "tooth surface", "area"),
    "description": ("description", "service description", "procedure description",
                    "description of service", "type of service", "treatment"),
}  # fmt: skip

MONEY = ("charged_cents", "allowed_cents", "discount", "deductible", "coinsurance", "copay",
         "not_covered", "other_paid", "patient_responsibility_cents", "paid_cents")  # fmt: skip
CLAIM_LABELS = ("patient_name", "patient_account", "member_id", "claim_number", "provider_name")

_PHRASES: dict[tuple[str, ...], str] = {
    tuple(name.split()): role for role, names in ROLES.items() for name in names
}
_LONGEST = max(len(phrase) for phrase in _PHRASES)


@dataclass(frozen=True, slots=True)
class Named:
    """Words of a line that name a role, by their positions in it."""

    role: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its role and the span of its head in pixels."""

    role: str
    left: int
    right: int


def named_roles(line: Line) -> list[Named]:
    """The roles a line names, left to right, longest names first, never across a wide gap."""
    found: list[Named] = []
    start = 0
    for run in runs(line):
        spelled = [(start + place, token) for place, word in enumerate(run.words)
                   for token in tokens(word.text)]  # fmt: skip
        start += len(run.words)
        at = 0
        while at < len(spelled):
            for length in range(min(_LONGEST, len(spelled) - at), 0, -1):
                role = _role(tuple(token for _, token in spelled[at : at + length]))
                if role is not None:
                    found.append(Named(role, spelled[at][0], spelled[at + length - 1][0]))
                    at += length
                    break
            else:
                at += 1
    return found


@cache
def _role(spelled: tuple[str, ...]) -> str | None:
    """The role of a name, one misread letter in a long name forgiven."""
    role = _PHRASES.get(spelled)
    joined = " ".join(spelled)
    if role is not None or len(joined) < 7 or len(spelled) > _LONGEST:
        return role
    scored = [
        (fuzz.ratio(joined, " ".join(phrase)), phrase)
        for phrase in _PHRASES
        if len(phrase) == len(spelled)
    ]
    best = max(scored, default=(0.0, ()))
    return _PHRASES[best[1]] if best[0] >= 90 else None


def header_columns(lines: Sequence[Line], index: int) -> tuple[Column, ...] | None:
    """The columns when line ``index`` ends a table head (of one, two or three lines)."""
    if _has_values(lines[index]):
        return None
    for depth in (1, 2, 3):
        if index - depth + 1 < 0:
            return None
        block = lines[index - depth + 1 : index + 1]
        if depth > 1 and not _stacked(block):
            return None
        columns = _single(block[0]) if depth == 1 else _cells(block)
        roles = [column.role for column in columns]
        unique = len(set(roles)) == len(roles)
        if unique and {"charged_cents", "paid_cents"} <= set(roles) and len(roles) >= 4:
            return columns
    return None


def _stacked(block: Sequence[Line]) -> bool:
    """Whether the lines stand close under each other and hold no amounts."""
    for upper, lower in pairwise(block):
        if lower.box[1] - upper.box[1] > 2.2 * max(8, lower.box[3]):
            return False
    return not any(_has_values(line) for line in block)


def _has_values(line: Line) -> bool:
    """Whether a line holds numbers or a name in a claim's form, which heads never do."""
    return any(sum(c.isdigit() for c in word.text) >= 2 for word in line.words)


def _single(line: Line) -> tuple[Column, ...]:
    return tuple(
        _column(named.role, line.words[named.first : named.last + 1]) for named in named_roles(line)
    )


def _column(role: str, words: Sequence[Word]) -> Column:
    return Column(
        role,
        min(word.box[0] for word in words),
        max(word.box[0] + word.box[2] for word in words),
    )


def _cells(block: Sequence[Line]) -> tuple[Column, ...]:
    """Heads of several lines: words that stand over each other form one name."""
    groups: list[list[tuple[int, Line]]] = []
    for depth, line in enumerate(block):
        for run in runs(line, gap=0.9):
            left, right = run.box[0], run.box[0] + run.box[2]
            over = [
                group
                for group in groups
                if any(r.box[0] < right and left < r.box[0] + r.box[2] for _, r in group)
            ]
            if len(over) == 1:
                over[0].append((depth, run))
            else:
                groups.append([(depth, run)])
    columns: list[Column] = []
    for group in groups:
        words = [word for _, run in sorted(group, key=lambda part: part[0]) for word in run.words]
        spelled = tuple(token for word in words for token in tokens(word.text))
        role = _PHRASES.get(spelled)
        if role is not None:
            columns.append(_column(role, words))
        else:
            columns.extend(_single(line_of(words)) if len(group) == 1 else ())
    return tuple(sorted(columns, key=lambda column: column.left))


def column_of(word: Word, columns: Sequence[Column]) -> Column | None:
    """The column a word stands in: by overlap, else the nearest head."""
    left, right = word.box[0], word.box[0] + word.box[2]

    def apart(column: Column) -> tuple[float, float]:
        gap = max(column.left - right, left - column.right, 0)
        ends = min(
            abs(column.left - left),
            abs(column.right - right),
            abs((column.left + column.right - left - right) / 2),
        )
        return gap, ends

    return min(columns, key=apart, default=None)


def money_column(word: Word, columns: Sequence[Column]) -> Column | None:
    """The money column whose right edge, left edge or middle an amount stands on."""
    left, right = word.box[0], word.box[0] + word.box[2]
    money = [column for column in columns if column.role in MONEY or column.role == "reasons"]

    def apart(column: Column) -> float:
        return min(
            abs(column.right - right),
            abs(column.left - left),
            abs((column.left + column.right - left - right) / 2),
        )

    return min(money, key=apart, default=None)
