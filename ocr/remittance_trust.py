"""How sure the cells of a paper remittance are: by what its sums prove."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ocr.crossfoot_sums import SOURCE as CROSS_FOOT
from ocr.remittance_body import Body
from ocr.remittance_cells import MONEY, PaperClaim, ServiceLine
from ocr.remittance_claim_sums import mostly_coded
from ocr.remittance_doubt import no_person, no_provider
from ocr.remittance_signs import lost_signs
from ocr.remittance_sums import adds_up, adjustments, told_in_full, unexplained
from ocr.remittance_unsaid import of_price_alone, prices_unsaid
from ocr.types import Field

_LAYER = 0.95
_PROVED_LAYER = 0.99
_PROVED_OCR = 0.985
_UNPROVED = 0.85  # at most, for an amount of a text layer whose document is not proved
_OUT = 0.6  # at most, in a line that does not add up
_ONE_WORD = 0.8  # at most, for a name of one word, or a number with a word in it
_LETTERS = re.compile(r"[A-Za-z]{4}")  # in a row: of a name more likely than of a number
_TOLD_BY = frozenset({"discount", "not_covered", "adjusted", "reasons"})
_NO_SERVICE = 0.8  # at most, in a line of a scan without its code, or whose signs may be lost
_CONFUSED = 0.3  # at most, where two amounts stand in one column


def settle(body: Body, *, proved: bool, exact: bool, unsaid: bool = False) -> None:
    """Give the cells their confidence, in place.

    Characters of a text layer are certain, so only the columns' meaning can be wrong: proved by
    the sums of the document, doubtful in a line that does not add up. Amounts read from pixels
    keep what the sums made of them, and never more than their line allows. ``unsaid``: the pages
    say nothing that a line could add up with, and its amounts are as sure as their print.
    """
    # A payer that tells reasons by codes told this one too, and it was not read; and nothing
    # tells whose an amount is where neither a reason nor the patient's share is printed.
    told = bool(body.legend) or any("reasons" in table.roles for table in body.tables)
    asked, quiet = _asks_why(body) and not unsaid, exact and prices_unsaid(body)
    coded = not exact and mostly_coded(body.claims)
    turned = frozenset[int]() if exact or proved else lost_signs(body.claims)
    for place, claim in enumerate(body.claims):
        claim.whole = claim.whole and (proved or exact)
        for line in claim.lines:
            most = _LAYER if unsaid else _most(line, proved=proved, exact=exact)
            if place in turned or (coded and line.procedure_code is None):
                most = min(most, _NO_SERVICE)
            if not exact and _part_unknown(line):
                most = min(most, _UNPROVED)
            lost = (asked and _cause_lost(line, quiet=quiet)) or (
                exact and (line.unread or _part_unknown(line))
            )
            for role, cell in line.cells.items():
                if role in MONEY or role.startswith("?"):
                    sure = most if exact else min(cell.confidence, most)
                    untold = told and not _explained(line)
                    if (role == "not_covered" and cell.value and untold) or lost:
                        sure = min(sure, _UNPROVED)
                else:
                    sure = min(cell.confidence, 0.97)
                line.cells[role] = replace(cell, confidence=sure)
            line.reasons = [
                replace(reason, amount=replace(
                    reason.amount,
                    confidence=most if exact else min(reason.amount.confidence, most),
                ))
                for reason in line.reasons
            ]  # fmt: skip
        for role, cell in claim.known.items():
            doubted = role in claim.doubted or _run_together(role, str(cell.value))
            sure = _ONE_WORD if doubted else 0.97
            claim.known[role] = replace(cell, confidence=min(cell.confidence, sure))
        for role, cell in claim.totals.items():
            most = _most_of_total(claim, role, proved=proved, exact=exact)
            if cell.source == CROSS_FOOT:
                most = min(most, _least_sure(claim, role))
            claim.totals[role] = replace(cell, confidence=min(cell.confidence, most))


def _run_together(role: str, text: str) -> bool:
    """Whether a name lacks a part, or a number has one: columns printed into each other."""
    if role == "patient_name":
        return no_person(text)
    if role == "provider_name":
        return no_provider(text)
    return role in {"patient_account", "member_id"} and _LETTERS.search(text) is not None


def _asks_why(body: Body) -> bool:
    """Whether a column of the payment's tables tells why a service was not paid."""
    return body.asks_why or any(table.head.roles & _TOLD_BY for table in body.tables)


def _cause_lost(line: ServiceLine, *, quiet: bool) -> bool:
    """Whether a reason is missing that the payer told; ``quiet``: it tells none of prices."""
    return unexplained(line) and not (quiet and of_price_alone(line))


def _guessed(line: ServiceLine) -> bool:
    """Whether nothing printed of a line tells who bears what is not covered: no share, no code."""
    told = "patient_responsibility_cents" in line.money or "not_covered" in line.explained
    return bool(line.money.get("not_covered")) and not told


def _part_unknown(line: ServiceLine) -> bool:
    """Whether an amount that nobody knows may be the part of what is owed that no reason tells."""
    charged, paid = line.money.get("charged_cents", 0), line.money.get("paid_cents", 0)
    left = charged - paid - sum(int(each["amount_cents"]) for each in adjustments(line))
    unknown = [abs(int(c.value)) for role, c in line.cells.items() if role.startswith("?")]
    return any(0 < cents <= abs(left) for cents in unknown)


def _explained(line: ServiceLine) -> bool:
    """Whether a reason tells an amount; one of nothing says only that its amount was not read."""
    return any(reason.cents for reason in line.reasons)


def _most_of_total(claim: PaperClaim, role: str, *, proved: bool, exact: bool) -> float:
    """The most that a claim's printed total can be sure: its lines come to it or not."""
    if not claim.lines:
        return _PROVED_LAYER if proved and exact else _UNPROVED
    if claim.total(role) != claim.totals[role].value:
        return _OUT
    return _PROVED_LAYER if proved else _UNPROVED if exact else 0.97


def _least_sure(claim: PaperClaim, role: str) -> float:
    """How sure the least sure line is that a claim's total was made to agree with."""
    return min(
        (line.cells[role].confidence for line in claim.lines if role in line.cells), default=0.0
    )


def _most(line: ServiceLine, *, proved: bool, exact: bool) -> float:
    """The most that an amount of the line can be sure."""
    if _confused(line):
        return _CONFUSED
    if not adds_up(line):
        return _OUT
    if proved:
        return _PROVED_LAYER if exact else 1.0
    return _UNPROVED if exact else 0.97


def _confused(line: ServiceLine) -> bool:
    """Whether two amounts stand in one column, or a garbled word may say what nobody read.

    Where reasons tell all of the charge that was not paid, a garbled word has nothing left to say:
    it may be a speck, or the print of a cell that is doubtful by itself.
    """
    return line.sure <= _CONFUSED or (line.least <= _CONFUSED and not told_in_full(line))


def claims_sure(body: Body, *, proved: bool, exact: bool) -> float:
    """The whole list right to the letter: amounts prove each other, names and numbers do not."""
    confused = any(map(_confused, body.lines))
    if not proved or confused:
        return 0.5
    if not exact:
        words = min([claim.sure for claim in body.claims] + [body.sure])
        return 0.6 + 0.28 * words
    guessed = any(map(_guessed, body.lines))
    quiet = prices_unsaid(body)
    lost = _asks_why(body) and any(_cause_lost(line, quiet=quiet) for line in body.lines)
    return 0.88 if guessed or lost else 0.96


def total_sure(named: Sequence[Field], *, proved: bool, exact: bool) -> float:
    """The confidence of the payment's amount: proved by the claims, or printed alike twice."""
    if proved:
        return _PROVED_LAYER if exact else _PROVED_OCR
    values = [one.value for one in named]
    same = values.count(values[0])
    if same < len(values):
        return 0.5
    return (_UNPROVED if exact else 0.85 if same > 1 else 0.75) * named[0].confidence
