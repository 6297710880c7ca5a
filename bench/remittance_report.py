"""The remittance bench's report as lines for people: the figures one asks for first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The report of ``bench.remittance.measure`` on a page or two of text."""
    held = sum(report["layouts"].values())
    off = "" if report["cross_foot"] else ", sums repair nothing"
    yield (f"{report['files']} files drawn, seed {report['seed']}, {len(report['layouts'])} "
           f"layouts, {held} of them held out{off}")  # fmt: skip
    for form in ("digital", "scanned"):
        if form in report:
            yield from _form(form, report[form])


def _form(form: str, told: dict[str, Any]) -> Iterator[str]:
    name = {"digital": "born digital", "scanned": "printed and scanned"}[form]
    for part in ("all", "known", "held_out"):
        if part in told:
            yield from _figures(f"{name}, {part.replace('_', ' ')}", told[part])
    yield (f"\n{'layout':<18}{'docs':>6}{'lines':>7}{'exact':>9}{'untouched':>11}"
           f"{'docs untouched':>16}{'posts wrong':>13}{'amounts wrong & sure':>22}")  # fmt: skip
    for table in ("by_layout", "by_special", "by_capture"):
        for row, each in told.get(table, {}).items():
            yield (f"{row:<18}{each['documents']:>6}{each['lines']:>7}"
                   f"{_percent(each['exact_share']):>9}"
                   f"{_percent(each['lines_untouched_share']):>11}{each['untouched']:>16}"
                   f"{each['posts_wrong']:>13}{each['amounts_wrong_and_sure']:>22}")  # fmt: skip
        yield ""
    if "pages_a_minute" in told:
        speed = told["pages_a_minute"]
        yield (f"{speed['measured']} pages a minute on {speed['processes']} processes, "
               f"{speed['by_processor_time']} by processor time "
               f"({speed['pages']} pages)")  # fmt: skip
    yield from _peers(told["peers"])


def _figures(name: str, told: dict[str, Any]) -> Iterator[str]:
    of_lines, docs, amounts = told["lines"], told["documents"], told["amounts"]
    chosen, spent = amounts["cross_foot"], told["seconds_a_page"]
    yield (f"\n{name}: {docs['asked']} payments on {told['pages']} pages, {docs['read']} read, "
           f"{docs['right']} right, {docs['untouched']} post untouched, "
           f"{docs['posts_wrong']} would post wrong")  # fmt: skip
    yield (f"  {of_lines['asked']} lines: {_percent(of_lines['found_share'])} found, "
           f"{_percent(of_lines['exact_share'])} exactly right, "
           f"{_percent(of_lines['untouched_share'])} with no person, "
           f"{of_lines['invented']} invented")  # fmt: skip
    yield (f"  amounts: {amounts['right']} right, {amounts['wrong']} wrong, {amounts['unread']} "
           f"unread; {amounts['wrong_and_sure']} wrong and sure; by arithmetic {chosen['right']} "
           f"right, {chosen['wrong']} wrong")  # fmt: skip
    parts = f"decoding {spent['decode']}, reading {spent['read']}"
    yield f"  a page {spent['both']} s of one core: {parts}"


def _peers(told: dict[str, Any]) -> Iterator[str]:
    yield f"beside others on {told['cases']} files (lines found, right, invented)"
    for name, each in told.items():
        if isinstance(each, dict):
            yield (f"  {each.get('what', name):<72} {each['found']} {each['right']} "
                   f"{each['invented']} of {each['lines']}")  # fmt: skip


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
