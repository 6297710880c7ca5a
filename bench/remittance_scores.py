"""How right the reading of one remittance is: lines, fields, amounts, and whether it would post."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.remittance_aligning import aligned
from bench.remittance_reasons import judged_adjustments, said_of_adjustments
from web.demo.scoring import Verdict, verdict

SURE = 0.9
CROSS_FOOT = "cross-foot"
HEADER = ("payer_name", "payee_name", "payee_npi", "payee_tax_id", "payment_number",
          "payment_method", "payment_on", "total_paid_cents")  # fmt: skip
WHO = ("patient_name", "member_id", "patient_account", "claim_number", "provider_name", "status")
LINE = ("service_on", "procedure_code", "charged_cents", "allowed_cents", "paid_cents",
        "patient_responsibility_cents", "adjustments")  # fmt: skip
BESIDE = ("modifiers", "units", "remarks", "service_end_on")
_LINE_MONEY = tuple(name for name in LINE if name.endswith("_cents"))
_CLAIM_MONEY = ("charged_cents", "paid_cents", "patient_responsibility_cents")
_NEEDED = ("payment_number", "total_paid_cents")  # to post at all
_LINE_NEEDED = ("service_on", "procedure_code", "charged_cents", "paid_cents")
_POSTS_TO = ("patient_name", "member_id", "patient_account", "claim_number")
_CLAIM_NEEDED = (*_POSTS_TO, "charged_cents", "paid_cents")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that was read or asked for: verdict, confidence and source of what was read."""

    name: str
    verdict: Verdict
    confidence: float
    source: str
    truth: Any
    value: Any

    @property
    def wrong_and_sure(self) -> bool:
        """Wrong, and no person would be asked."""
        return self.verdict == "wrong" and self.confidence >= SURE


@dataclass(slots=True)
class DocumentScore:
    """One payment of the truth beside its reading.

    ``lines`` are those of the truth, ``found`` of them were read as lines, ``exact`` are right in
    all that is printed, ``kept`` of these need no person as every cell is sure; ``invented`` were
    read and do not exist. ``amounts`` are all amounts that
    were read, ``fields`` all cells but amounts of lines. ``posts``: balanced and every cell sure;
    ``right``: nothing of it wrong that posting needs, and no line missing; ``missing`` are cells
    of lines and names and numbers of claims that were not read.
    """

    lines: int
    read: bool = True
    found: int = 0
    exact: int = 0
    kept: int = 0
    invented: int = 0
    amounts: list[Cell] = field(default_factory=list)
    fields: list[Cell] = field(default_factory=list)
    posts: bool = False
    right: bool = False
    faults: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def untouched(self) -> bool:
        """Posts without a person, rightly and with all that is printed of whom it is about."""
        return self.posts and self.right and not self.missing

    @property
    def posts_wrong(self) -> bool:
        """Would post without a person, and something of it is wrong: the worst outcome."""
        return self.posts and not self.right


def score_document(truth: Mapping[str, Any], fields: Mapping[str, Any] | None) -> DocumentScore:
    """Compare a payment's truth with ``fields`` of its reading as JSON; None: it was not found."""
    lines = [line for claim in truth["claims"] for line in claim["lines"]]
    made = DocumentScore(len(lines))
    if fields is None:
        made.read = False
        made.faults.append("not found")
        return made
    claims = _value(fields, "claims") or []
    sure = float((fields.get("claims") or {}).get("confidence", 0.0))
    read = [line for claim in claims for line in claim["lines"]]
    pairs = aligned(lines, read)
    made.found, made.invented = len(pairs), len(read) - len(pairs)
    _header(made, truth, fields)
    _lines(made, lines, read, pairs, sure)
    _claims(made, truth["claims"], claims, pairs, sure)
    _taken(made, truth, fields)
    made.posts = bool(_value(fields, "balanced")) and bool(read) and all(
        cell >= SURE for cell in _given(fields, claims, sure)
    )  # fmt: skip
    made.right = not made.faults
    return made


def _value(fields: Mapping[str, Any], name: str) -> Any:
    return (fields.get(name) or {}).get("value")


def _header(made: DocumentScore, truth: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    for name in HEADER:
        given = fields.get(name) or {}
        cell = _cell(name, truth[name], given.get("value"), given)
        (made.amounts if name.endswith("_cents") else made.fields).append(cell)
        if name in _NEEDED and cell.verdict != "right":
            made.faults.append(f"{name} {truth[name]} read {cell.value}")


def _cell(name: str, truth: Any, value: Any, given: Mapping[str, Any]) -> Cell:
    said = verdict(name, truth, value)
    return Cell(name, said, float(given.get("confidence", 0.0)) if value is not None else 0.0,
                str(given.get("source", "")), truth, value)  # fmt: skip


def _evidence(part: Mapping[str, Any], name: str, sure: float) -> Mapping[str, Any]:
    """What a part of the reading says of one of its cells; the whole list's sureness else."""
    given: Mapping[str, Any] | None = (part.get("evidence") or {}).get(name)
    return given or {"confidence": sure, "source": ""}


def _lines(
    made: DocumentScore,
    truth: Sequence[Mapping[str, Any]],
    read: Sequence[Mapping[str, Any]],
    pairs: Sequence[tuple[int, int]],
    sure: float,
) -> None:
    for wanted, seen in pairs:
        cells = list(_line_cells(truth[wanted], read[seen], sure))
        amounts = list(_adjustment_amounts(truth[wanted], read[seen], sure))
        made.amounts += [cell for cell in cells if cell.name in _LINE_MONEY] + amounts
        made.fields += [cell for cell in cells if cell.name not in _LINE_MONEY]
        wrong = [c for c in cells if c.name in LINE and c.verdict != "right"]
        made.exact += not wrong
        asked = [c for c in cells if c.name in LINE and c.value is not None]
        made.kept += not wrong and all(cell.confidence >= SURE for cell in asked)
        for cell in wrong:
            listed = made.faults if cell.verdict == "wrong" else made.missing
            listed.append(f"line {wanted + 1} {cell.name} {cell.truth} read {cell.value}")
    for seen in sorted(set(range(len(read))) - {pair[1] for pair in pairs}):
        made.faults.append(f"invented line {read[seen].get('procedure_code')}")
        for name in _LINE_MONEY:
            if read[seen].get(name) is not None:
                given = _evidence(read[seen], name, sure)
                made.amounts.append(Cell(name, "wrong", float(given["confidence"]),
                                         str(given["source"]), None, read[seen][name]))  # fmt: skip
    for wanted in sorted(set(range(len(truth))) - {pair[0] for pair in pairs}):
        line = truth[wanted]
        made.faults.append(f"line {wanted + 1} {line['procedure_code']} not found")
        made.amounts += [Cell(name, "unread", 0.0, "", line[name], None) for name in _LINE_MONEY
                         if name in line]  # fmt: skip


def _line_cells(truth: Mapping[str, Any], read: Mapping[str, Any], sure: float) -> Iterator[Cell]:
    for name in (*LINE, *BESIDE):
        if name not in truth:
            continue
        if name == "adjustments":
            said = said_of_adjustments(truth, read)
            yield Cell(name, said, _least(read, sure), "", truth[name], read.get(name))
        elif name in LINE or name in read:
            yield _cell(name, truth[name], read.get(name), _evidence(read, name, sure))


def _least(read: Mapping[str, Any], sure: float) -> float:
    """The sureness of a line's adjustments together: that of the least sure, or of there being
    none."""
    return min(
        (float(_evidence(read, f"adjustments.{place}", sure)["confidence"])
         for place in range(len(read.get("adjustments") or []))),
        default=float(_evidence(read, "adjustments", sure)["confidence"]),
    )  # fmt: skip


def _adjustment_amounts(
    truth: Mapping[str, Any], read: Mapping[str, Any], sure: float
) -> Iterator[Cell]:
    if "adjustments" not in truth:
        return
    left = [entry["amount_cents"] for entry in truth["adjustments"]]
    for place, entry in judged_adjustments(truth, read):
        cents = entry["amount_cents"]
        right = cents in left
        if right:
            left.remove(cents)
        given = _evidence(read, f"adjustments.{place}", sure)
        yield Cell("adjustments", "right" if right else "wrong", float(given["confidence"]),
                   str(given["source"]), None, cents)  # fmt: skip
    for cents in left:
        yield Cell("adjustments", "unread", 0.0, "", cents, None)


def _claims(
    made: DocumentScore,
    truth: Sequence[Mapping[str, Any]],
    read: Sequence[Mapping[str, Any]],
    pairs: Sequence[tuple[int, int]],
    sure: float,
) -> None:
    """Who each claim is about, its own sums, and whether its lines stand in one claim."""
    of_truth = [n for n, claim in enumerate(truth) for _ in claim["lines"]]
    of_read = [n for n, claim in enumerate(read) for _ in claim["lines"]]
    joined = Counter((of_truth[wanted], of_read[seen]) for wanted, seen in pairs)
    partner: dict[int, int] = {}
    for (wanted, seen), _ in joined.most_common():
        if wanted not in partner and seen not in partner.values():
            partner[wanted] = seen
    if len(joined) != len(partner):
        made.faults.append("lines in the wrong claim")
    for number, claim in enumerate(truth):
        found = read[partner[number]] if number in partner else None
        for name in (*WHO, *_CLAIM_MONEY):
            if name not in claim:
                continue
            value = found.get(name) if found else None
            given = _evidence(found, name, sure) if found else {}
            cell = _cell(name, claim[name], value, given)
            money = name in _CLAIM_MONEY
            (made.amounts if money else made.fields).append(cell)
            if name in _CLAIM_NEEDED and found and cell.verdict != "right":
                listed = made.faults if cell.verdict == "wrong" else made.missing
                listed.append(f"claim {number + 1} {name} {cell.truth} read {cell.value}")


def _taken(made: DocumentScore, truth: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    """Provider adjustments: right in amount and reference, none missing, none invented."""
    given = fields.get("provider_adjustments") or {}
    left = list(given.get("value") or [])
    sure = float(given.get("confidence", 0.0))
    for wanted in truth["provider_adjustments"]:
        found = next((e for e in left if e["amount_cents"] == wanted["amount_cents"]), None)
        if found is None:
            made.faults.append(f"provider adjustment {wanted['amount_cents']} not found")
            made.amounts.append(Cell("provider_adjustments", "unread", 0.0, "", wanted, None))
            continue
        left.remove(found)
        made.amounts.append(Cell("provider_adjustments", "right", sure, "", wanted, found))
        said = verdict("reference", wanted["reference"], found.get("reference"))
        made.fields.append(Cell("reference", said, sure, "", wanted, found))
        if "code" in wanted:
            said = verdict("code", wanted["code"], found.get("code"))
            made.fields.append(Cell("plb_code", said, sure, "", wanted, found))
    for extra in left:
        made.faults.append(f"invented provider adjustment {extra['amount_cents']}")
        made.amounts.append(Cell("provider_adjustments", "wrong", sure, "", None, extra))


def _given(
    fields: Mapping[str, Any], claims: Sequence[Mapping[str, Any]], sure: float
) -> Iterator[float]:
    """The confidences that all must be high before a document posts by itself."""
    for name in _NEEDED:
        yield float((fields.get(name) or {}).get("confidence", 0.0))
    for claim in claims:
        for part in (claim, *claim["lines"]):
            known = part.get("evidence") or {}
            if part is not claim and any(part.get(name) is None for name in _LINE_NEEDED):
                yield 0.0
            for name, value in part.items():
                needed = _CLAIM_NEEDED if part is claim else LINE
                if name in needed and value not in (None, []):
                    if name == "adjustments":
                        yield _least(part, sure)
                    elif name in known or not known:
                        yield float(_evidence(part, name, sure)["confidence"])
