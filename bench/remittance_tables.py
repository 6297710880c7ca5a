"""Figures of the remittance bench from its verdicts: by form, layout, capture and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from bench.remittance_peers import NAMES
from bench.remittance_scores import CROSS_FOOT, SURE, Cell, DocumentScore
from bench.remittance_work import Judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """All that is told of some cases in one form."""
    scores = [score for one in judged for score in one.scores]
    amounts = [cell for score in scores for cell in score.amounts]
    return {
        "documents": _documents(scores),
        "lines": lines(scores),
        "amounts": _amounts(amounts),
        "fields": by_field(cell for score in scores for cell in (*score.amounts, *score.fields)),
        "pages": sum(one.pages for one in judged),
        "seconds_a_page": _seconds(judged),
    }


def lines(scores: Sequence[DocumentScore]) -> dict[str, Any]:
    """Lines of the truth: found, exactly right, right with no person needed; and invented ones."""
    asked = sum(score.lines for score in scores)
    found = sum(score.found for score in scores)
    exact = sum(score.exact for score in scores)
    kept = sum(score.kept for score in scores)
    return {
        "asked": asked, "found": found, "exact": exact, "untouched": kept,
        "invented": sum(score.invented for score in scores),
        "found_share": share(found, asked), "exact_share": share(exact, asked),
        "untouched_share": share(kept, asked),
    }  # fmt: skip


def _documents(scores: Sequence[DocumentScore]) -> dict[str, Any]:
    """Payments: read at all, right in all, posting by themselves rightly, and wrongly."""
    return {
        "asked": len(scores),
        "read": sum(score.read for score in scores),
        "right": sum(score.right for score in scores),
        "untouched": sum(score.untouched for score in scores),
        "posts_wrong": sum(score.posts_wrong for score in scores),
        "untouched_share": share(sum(score.untouched for score in scores), len(scores)),
    }


def _amounts(cells: Sequence[Cell]) -> dict[str, Any]:
    """Amounts that were read; those that arithmetic chose counted apart as well."""
    read = [cell for cell in cells if cell.verdict != "unread"]
    chosen = [cell for cell in read if cell.source == CROSS_FOOT]
    wrong_and_sure = sum(cell.wrong_and_sure for cell in read)
    return {
        **_verdicts(cells),
        "sure": sum(cell.confidence >= SURE for cell in read),
        "wrong_and_sure": wrong_and_sure,
        "one_wrong_and_sure_in": round(len(read) / wrong_and_sure) if wrong_and_sure else None,
        "cross_foot": {
            **_verdicts(chosen),
            "wrong_and_sure": sum(cell.wrong_and_sure for cell in chosen),
        },
    }


def by_field(cells: Iterable[Cell]) -> dict[str, dict[str, int]]:
    """Right, wrong, unread, and wrong and sure, by the name of a field."""
    by_name: dict[str, list[Cell]] = {}
    for cell in cells:
        by_name.setdefault(cell.name, []).append(cell)
    return {
        name: {**_verdicts(each), "wrong_and_sure": sum(cell.wrong_and_sure for cell in each)}
        for name, each in sorted(by_name.items())
    }


def _verdicts(cells: Sequence[Cell]) -> dict[str, int]:
    counted = Counter(cell.verdict for cell in cells)
    return {name: counted[name] for name in ("right", "wrong", "unread")}


def _seconds(judged: Sequence[Judged]) -> dict[str, float]:
    """Mean processor time of one core: decoding in its child, and reading."""
    pages = max(1, sum(one.pages for one in judged))
    decoding = sum(one.decode_seconds for one in judged) / pages
    reading = sum(one.read_seconds for one in judged) / pages
    return {"decode": round(decoding, 3), "read": round(reading, 3),
            "both": round(decoding + reading, 3)}  # fmt: skip


def split_by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Any]:
    """A short row for every value of ``key``."""
    groups: dict[str, list[Judged]] = {}
    for one in judged:
        groups.setdefault(key(one), []).append(one)
    return {name: _row(each) for name, each in sorted(groups.items())}


def _row(judged: Sequence[Judged]) -> dict[str, Any]:
    scores = [score for one in judged for score in one.scores]
    amounts = _amounts([cell for score in scores for cell in score.amounts])
    told, of_lines = _documents(scores), lines(scores)
    return {
        "documents": told["asked"], "pages": sum(one.pages for one in judged),
        "lines": of_lines["asked"], "found_share": of_lines["found_share"],
        "exact_share": of_lines["exact_share"], "lines_untouched_share":
        of_lines["untouched_share"], "amounts_wrong_and_sure": amounts["wrong_and_sure"],
        "untouched": told["untouched"], "posts_wrong": told["posts_wrong"],
    }  # fmt: skip


def peers(judged: Sequence[Judged]) -> dict[str, Any]:
    """What the peers found of the lines of the cases they were asked of, beside our reading.

    ``right`` is of date, procedure, charge and payment alone for the peers, of the whole line for
    the reading: it is asked for more.
    """
    asked = [one for one in judged if one.peers]
    ours = lines([score for one in asked for score in one.scores])
    made: dict[str, Any] = {"cases": len(asked), "reading": {
        "lines": ours["asked"], "found": ours["found"], "right": ours["exact"],
        "invented": ours["invented"]}}  # fmt: skip
    for name in sorted({rows.name for one in asked for rows in one.peers}):
        listed = [rows for one in asked for rows in one.peers if rows.name == name]
        made[name] = {
            "what": NAMES[name],
            "lines": sum(rows.lines for rows in listed),
            "found": sum(rows.found for rows in listed),
            "right": sum(rows.right for rows in listed),
            "invented": sum(rows.invented for rows in listed),
            "seconds": round(sum(rows.seconds for rows in listed), 2),
        }
    return made


def share(part: int, whole: int) -> float | None:
    """A part of a whole to four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None
