"""The reading bench's report as lines for people: the figures one asks for first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def lines(report: dict[str, Any]) -> Iterator[str]:
    """The report of ``bench.read.measure`` on a page or two of text."""
    yield (f"{report['checks']} checks drawn, seed {report['seed']}, split {report['split']}, "
           f"{report['held_out']} of held-out forms or hands; {report['found']} found, "
           f"{report['wrong_and_sure']} fields wrong and sure")  # fmt: skip
    yield from _fields(report["fields"])
    yield from _amounts(report["thresholds"], report["amount_by_evidence"])
    yield from _speed(report)
    yield from _peers(report["peers"])
    others = report["non_checks"]
    yield (f"\n{others['pages']} pages that are no checks: {others['taken_for_checks']} taken for "
           f"checks, {others['checks_with_a_routing_number']} with a routing number")  # fmt: skip
    yield from _real(report["real"])


def _fields(fields: dict[str, Any]) -> Iterator[str]:
    yield f"\n{'field':<24}{'right':>7}{'wrong':>7}{'unread':>8}{'wrong & sure':>14}"
    for name, entry in fields.items():
        each = entry["all"]
        yield (f"{name:<24}{each['right']:>7}{each['wrong']:>7}{each['unread']:>8}"
               f"{each['wrong_and_sure']:>14}")  # fmt: skip
    for name in ("micr_line", "amount_cents"):
        for part, each in fields.get(name, {}).get("capture", {}).items():
            yield (f"  {name + ' ' + part:<22}{each['right']:>7}{each['wrong']:>7}"
                   f"{each['unread']:>8}{each['wrong_and_sure']:>14}")  # fmt: skip


def _amounts(thresholds: dict[str, Any], evidence: dict[str, Any]) -> Iterator[str]:
    for name in ("amount_cents (hand)", "amount_cents (print)", "micr_line"):
        for level, at in thresholds.get(name, {}).items():
            yield (f"{name} at {level:<6} accepted {at['read_rate']:>7.1%}  "
                   f"wrong {at['wrong']} of {at['accepted']}")  # fmt: skip
    for writing, parts in evidence.items():
        yield f"\namount ({writing}) by evidence, at 0.9"
        for name, entry in parts.items():
            at = entry["at"]["0.9"]
            yield (f"  {name:<24}{entry['right']:>6} right {entry['wrong']:>5} wrong   accepted "
                   f"{at['read_rate']:.1%}, wrong {at['wrong']} of {at['accepted']}")  # fmt: skip


def _speed(report: dict[str, Any]) -> Iterator[str]:
    spent, minute = report["milliseconds"], report["checks_a_minute"]
    yield (f"\na front {spent['front']['mean']} ms, a back {spent['back']['mean']} ms of one core; "
           f"{minute['measured']} checks (front and back) a minute on {minute['processes']} "
           f"processes")  # fmt: skip
    yield "  " + ", ".join(f"{name} {each}" for name, each in spent["steps"].items())


def _peers(peers: dict[str, Any]) -> Iterator[str]:
    yield f"\nbeside others on {peers['checks']} of them (right, wrong, unread; ms)"
    for entry in peers.values():
        if not isinstance(entry, dict):
            continue
        said = "; ".join(
            f"{field} {each['right']} {each['wrong']} {each['unread']}"
            for field, each in entry["fields"].items()
        )
        yield f"  {entry['name']:<48} {said}; {entry['milliseconds']}"


def _real(real: dict[str, Any]) -> Iterator[str]:
    if "left_out" in real:
        yield f"\nreal pictures: {real['left_out']}"
        return
    pictures, micr = real["pictures"], real["micr_lines"]
    if "left_out" not in pictures:
        yield (f"\n{pictures['pictures']} real pictures: {pictures['found']} found, "
               f"{pictures['wrong_and_sure']} fields wrong and sure")  # fmt: skip
        for name, each in pictures["fields"].items():
            yield (f"  {name:<22}{each['right']:>7}{each['wrong']:>7}{each['unread']:>8}"
                   f"{each['wrong_and_sure']:>14}")  # fmt: skip
    if "left_out" not in micr:
        yield (f"{micr['lines']} real MICR lines: {micr['read_whole']} read whole, "
               f"{micr['unlike_the_truth']} unlike the truth, {micr['sure']} sure, "
               f"{micr['sure_and_unlike_the_truth']} of these unlike")  # fmt: skip
