"""Lines of a scan that lack a reason which the other lines have: a code or a row was not read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from ocr.remittance_cells import MONEY, PaperClaim, Reason, ServiceLine
from ocr.remittance_sums import adjustments, owed_by_rate
from ocr.types import Field

_MOST_TELL = 0.7  # of the lines, before one that does not is doubted
_DOUBTED = 0.8
_GARBLED = 0.6  # a code's print so unsure is doubted on any page
_LONG_CODE = 3  # figures: shorter ones that were misread come out as another one too easily
_SURE = 0.9  # of a code's print on a page of bad print: three readers have it alike


def doubt_lost_reasons(
    claims: Sequence[PaperClaim],
    doubtful: Callable[[int], bool],
    legend: Collection[str] = frozenset(),
) -> None:
    """Take the sureness from lines whose reasons tell less than the other lines' do, in place.

    Allowed, patient's share and payment may prove each other on a line of which one reason was not
    read. A code that neither the list of reasons nor a legend has is doubtful, too: of print it is
    the payer's own, of a scan as likely a figure misread; one that the ``legend`` has is printed
    twice. On pages of bad print (``doubtful``) a code is sure only where its own print is: no sum
    tells 253 from 23.
    """
    lines = [line for claim in claims for line in claim.lines]
    asked = [line for line in lines if _left(line)]
    told = [line for line in asked if _told(line)]
    if len(told) >= _MOST_TELL * len(asked):
        for line in asked:
            if not _told(line):
                _doubt(line)
    for line in lines:
        bad = doubtful(line.page)
        line.reasons = [
            _doubtful(one)
            if (bad and one.sure < _SURE)
            or (0.0 < one.sure < _GARBLED and not _alone_in(legend, one.payer_code or one.code))
            or (one.unknown and one.code not in legend)
            else one
            for one in line.reasons
        ]


def _alone_in(legend: Collection[str], code: str) -> bool:
    """Whether a legend has the code as read, and none beside it that a misread figure makes it."""
    near = [other for other in legend if Levenshtein.distance(code, other, score_cutoff=1) <= 1]
    return near == [code] and len(code) >= _LONG_CODE


def _left(line: ServiceLine) -> int:
    """What of the charge was not paid, in cents."""
    return line.money.get("charged_cents", 0) - line.money.get("paid_cents", 0)


def _told(line: ServiceLine) -> bool:
    listed = sum(int(entry["amount_cents"]) for entry in adjustments(line))
    return _left(line) in {listed, listed + owed_by_rate(line)}


def _doubt(line: ServiceLine) -> None:
    for role, cell in line.cells.items():
        if role in MONEY:
            line.cells[role] = _less_sure(cell)
    line.reasons = [_doubtful(reason) for reason in line.reasons]


def _doubtful(reason: Reason) -> Reason:
    return replace(reason, amount=_less_sure(reason.amount))


def _less_sure(cell: Field) -> Field:
    return replace(cell, confidence=min(_DOUBTED, cell.confidence))
