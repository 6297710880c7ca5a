"""Whether an interchange closes what it opens: counts and control numbers of SE, GE and IEA."""

from __future__ import annotations

from ocr.x12 import Finding, Segment

_CLOSES = {"SE": ("ST", 2), "GE": ("GS", 6), "IEA": ("ISA", 13)}
_INSIDE = {"ISA": ("GS", "ST"), "GS": ("ST",), "ST": ()}


class Envelopes:
    """What is open as the segments go by; ``findings`` are the ends that do not agree with it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._opened: dict[str, Segment] = {}
        self._counted = {"GE": 0, "IEA": 0}

    def see(self, segment: Segment) -> None:
        """The next segment of the file."""
        name = segment.name
        if name in _INSIDE:
            self._open(name, segment)
        elif name in _CLOSES:
            self._close(name, segment)

    def end(self) -> None:
        """The file is over."""
        self.findings.extend(map(_never_closed, self._opened.values()))
        self._opened.clear()

    def _open(self, name: str, segment: Segment) -> None:
        inside = (name, *_INSIDE[name])
        still = [self._opened.pop(each) for each in inside if each in self._opened]
        self.findings.extend(map(_never_closed, still))
        self._opened[name] = segment
        if name != "ST":
            self._counted["GE" if name == "GS" else "IEA"] = 0

    def _close(self, name: str, segment: Segment) -> None:
        opener, position = _CLOSES[name]
        first = self._opened.pop(opener, None)
        if first is None:
            self.findings.append(Finding("segment_order", segment.where, f"No {opener} is open."))
            return
        if first.get(position).strip() != segment.get(2).strip():
            message = f"{name}02 does not repeat the control number of {opener}."
            self.findings.append(Finding("control_number", segment.where, message))
        number = segment.number - first.number + 1 if name == "SE" else self._counted[name]
        if segment.get(1).strip().lstrip("0") != str(number).lstrip("0"):
            message = f"{name}01 says {segment.get(1)}, counted are {number}."
            place = f"{segment.where} element 1"
            self.findings.append(Finding("segment_count", place, message))
        if name != "IEA":
            self._counted["GE" if name == "SE" else "IEA"] += 1


def _never_closed(segment: Segment) -> Finding:
    return Finding("truncated", segment.where, f"The {segment.name} is never closed.")
