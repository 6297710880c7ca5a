"""Whether an interchange closes what it opens: counts and control numbers of SE, GE and IEA."""

from __future__ import annotations

from ocr.x12 import Document, Finding, Segment

_CLOSES = {"SE": ("ST", 2), "GE": ("GS", 6), "IEA": ("ISA", 13)}
_INSIDE = {"ISA": ("GS", "ST"), "GS": ("ST",), "ST": ()}


def envelope_findings(document: Document) -> list[Finding]:
    """Counts and control numbers of SE, GE and IEA that do not agree with what they close."""
    findings: list[Finding] = []
    opened: dict[str, Segment] = {}
    counted = {"GE": 0, "IEA": 0}
    for segment in document.segments:
        name = segment.name
        if name in _INSIDE:
            still = [opened.pop(each) for each in (name, *_INSIDE[name]) if each in opened]
            findings.extend(map(_never_closed, still))
            opened[name] = segment
            if name != "ST":
                counted["GE" if name == "GS" else "IEA"] = 0
        elif name in _CLOSES:
            findings.extend(_closing(segment, opened, counted))
    findings.extend(_never_closed(segment) for segment in opened.values())
    return findings


def _never_closed(segment: Segment) -> Finding:
    return Finding("truncated", segment.where, f"The {segment.name} is never closed.")


def _closing(
    segment: Segment, opened: dict[str, Segment], counted: dict[str, int]
) -> list[Finding]:
    name = segment.name
    opener, position = _CLOSES[name]
    first = opened.pop(opener, None)
    if first is None:
        return [Finding("segment_order", segment.where, f"No {opener} is open.")]
    findings: list[Finding] = []
    if first.get(position).strip() != segment.get(2).strip():
        message = f"{name}02 does not repeat the control number of {opener}."
        findings.append(Finding("control_number", segment.where, message))
    number = segment.number - first.number + 1 if name == "SE" else counted[name]
    if segment.get(1).strip().lstrip("0") != str(number).lstrip("0"):
        message = f"{name}01 says {segment.get(1)}, counted are {number}."
        findings.append(Finding("segment_count", f"{segment.where} element 1", message))
    if name != "IEA":
        counted["GE" if name == "SE" else "IEA"] += 1
    return findings
