"""Claims of a scan that a misread name or number in one of their rows broke apart, made whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise, permutations

from rapidfuzz.distance import Levenshtein

from ocr.remittance_body import Body
from ocr.remittance_cells import PaperClaim

_IDS = frozenset({"patient_account", "member_id", "claim_number"})
_TELLING = frozenset({"claim_number", "patient_name"})  # a letter apart, and another claim
_WHOSE = frozenset({"patient_account", "member_id"})  # both alike: the patient is the same
_LONG = 6  # characters: of a shorter value one letter is too much to be a slip
_SLIPS = 2
_DOUBTED = 0.8


def rejoin(body: Body) -> None:
    """Put claims that rows of one claim were read as together again, in place.

    Only where each row repeats whose claim it is: ``W9897`` and ``E2629`` read as one word make
    another member of it and take the claim's number away. What stands between rows of one claim
    number is of that claim. Claims that differ by a letter or two of the number stay apart, and
    no sum of theirs is sure.
    """
    kept: list[PaperClaim] = []
    ends: list[int] = []  # for each claim as read, how many are kept up to it
    for claim in body.claims:
        if kept and _same(kept[-1], claim):
            kept[-1] = _joined(kept[-1], claim)
        else:
            kept.append(claim)
            if len(kept) > 2 and _between(kept[-3], kept[-2], claim):
                first, stray, last = kept[-3:]
                kept[-3:] = [_joined(_joined(first, stray), last)]
        ends.append(len(kept))
    ends = [0, *ends]
    body.printed = [
        (text, ends[min(count, len(ends) - 1)], labelled) for text, count, labelled in body.printed
    ]
    body.claims = kept
    for one, other in pairwise(kept):
        if _hardly_apart(one.in_row, other.in_row):
            one.whole = other.whole = False


def _same(one: PaperClaim, other: PaperClaim) -> bool:
    """Whether two claims in a row are one, of which some value was glued or has a letter wrong."""
    if not (one.in_row and other.in_row) or one.totals:
        return False
    differ, alike = _compared(one.in_row, other.in_row)
    if not differ:
        return "claim_number" in alike
    if not alike & _IDS:
        return False
    numbered = {"claim_number" in each.in_row for each in (one, other)}
    same_patient = alike >= _WHOSE and len(numbered) == 1
    return all(
        _glued(one.in_row, other.in_row, role)
        or _glued(other.in_row, one.in_row, role)
        or (role not in _TELLING and len(alike) > 1 and _slipped(one, other, role))
        or (role == "patient_name" and same_patient and _slipped(one, other, role, _SLIPS))
        for role in differ
    )


def _compared(one: Mapping[str, str], other: Mapping[str, str]) -> tuple[set[str], set[str]]:
    """Roles that both have: with other values, and with the same."""
    both = (one.keys() & other.keys()) - {"provider_name"}
    alike = {role for role in both if one[role] == other[role]}
    return both - alike, alike


def _glued(one: Mapping[str, str], other: Mapping[str, str], role: str) -> bool:
    """Whether a value is two of the other claim's values read as one word, its own among them."""
    pairs = permutations(other.values(), 2)
    return any(other[role] in pair and one[role] == "".join(pair) for pair in pairs)


def _slipped(one: PaperClaim, other: PaperClaim, role: str, most: int = 1) -> bool:
    return _near(one.in_row[role], other.in_row[role], most)


def _near(one: str, other: str, most: int) -> bool:
    far = Levenshtein.distance(one, other, score_cutoff=most)
    return min(len(one), len(other)) >= _LONG and far <= most


def _between(first: PaperClaim, stray: PaperClaim, last: PaperClaim) -> bool:
    """Whether a claim stands between rows of one claim number that is not its own."""
    number = first.in_row.get("claim_number")
    if number is None or number != last.in_row.get("claim_number"):
        return False
    if first.totals or stray.totals or not stray.in_row:
        return False
    return bool(_compared(first.in_row, stray.in_row)[1] & _IDS)


def _joined(one: PaperClaim, other: PaperClaim) -> PaperClaim:
    """Both as one claim: what it is called by the one of more lines, doubtful where they differ."""
    main, rest = (one, other) if len(one.lines) >= len(other.lines) else (other, one)
    known = {**rest.known, **main.known}
    for role in _compared(one.in_row, other.in_row)[0]:
        if not (_glued(rest.in_row, main.in_row, role)):
            surest = max(main.known[role], rest.known[role], key=lambda cell: cell.confidence)
            known[role] = replace(surest, confidence=min(_DOUBTED, surest.confidence))
    return replace(
        main, where=one.where, known=known, lines=[*one.lines, *other.lines],
        totals=other.totals, reasons=[*one.reasons, *other.reasons],
        remarks=[*one.remarks, *other.remarks], sure=min(one.sure, other.sure),
    )  # fmt: skip


def _hardly_apart(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Whether a slip of the reader may be all that makes two claims of one."""
    differ, alike = _compared(one, other)
    return bool(alike & _IDS) and all(_near(one[role], other[role], _SLIPS) for role in differ)
