"""X12 interchanges as segments: any delimiters, nothing lost, every fault named with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from records.errors import UnreadableError

_AMOUNT = re.compile(r"^(?P<sign>[+-]?)(?P<whole>\d*)(?:\.(?P<part>\d*))?$")
_ISA_ELEMENTS = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a file: a stable code, the exact place, and a sentence for a person."""

    code: str
    where: str
    message: str

    def as_json(self) -> dict[str, str]:
        """``{code, where, message}``."""
        return {"code": self.code, "where": self.where, "message": self.message}


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters one interchange uses, as its own ISA segment says."""

    element: str
    component: str
    segment: str
    repetition: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its elements (the first is its name) and its number in the file from 1.

    ``raw`` is its text without the terminator and ``tail`` all up to the next segment, so that
    the segments of a file joined give the file back.
    """

    elements: tuple[str, ...]
    number: int
    raw: str
    tail: str
    delimiters: Delimiters

    @property
    def name(self) -> str:
        """The segment id: ``CLP``, ``SVC``, ..."""
        return self.elements[0]

    def get(self, position: int) -> str:
        """Element ``position`` (1-based, as the standard counts), empty when absent."""
        return self.elements[position] if position < len(self.elements) else ""

    def components(self, position: int) -> list[str]:
        """The components of a composite element."""
        return self.get(position).split(self.delimiters.component)

    @property
    def where(self) -> str:
        """``segment 13 (CLP)``."""
        return f"segment {self.number} ({self.name})"


@dataclass(frozen=True, slots=True)
class Document:
    """All segments of a file, what stood before the first, and what is wrong with them."""

    prefix: str
    segments: tuple[Segment, ...]
    findings: tuple[Finding, ...] = field(default=())

    def to_text(self) -> str:
        """The file exactly as it came."""
        return self.prefix + "".join(segment.raw + segment.tail for segment in self.segments)


def tokenize(text: str) -> Document:
    """Split a file into segments; `UnreadableError` ``not_x12`` when it has no ISA segment.

    Each ISA sets the delimiters for what follows, as X12.5 lays down: the character after
    ``ISA`` parts elements, ISA16 is the component separator, and what follows it ends segments.
    """
    start = text.find("ISA")
    if start < 0 or text[:start].strip("\ufeff \t\r\n"):
        raise UnreadableError("not_x12", "The file does not begin with an ISA segment.")
    segments: list[Segment] = []
    findings: list[Finding] = []
    position = start
    delimiters: Delimiters | None = None
    while position < len(text):
        if text.startswith("ISA", position):
            delimiters = _delimiters(text, position, len(segments) + 1, findings)
        if delimiters is None:
            break
        end = text.find(delimiters.segment, position)
        if end < 0:
            end = len(text)
            findings.append(
                Finding("truncated", f"segment {len(segments) + 1}", "The last segment has no end.")
            )
        raw = text[position:end]
        after = min(len(text), end + 1)
        while after < len(text) and text[after] in "\r\n \t":
            after += 1
        elements = tuple(raw.split(delimiters.element))
        segments.append(Segment(elements, len(segments) + 1, raw, text[end:after], delimiters))
        position = after
    return Document(text[:start], tuple(segments), tuple(findings))


def _delimiters(text: str, at: int, number: int, findings: list[Finding]) -> Delimiters:
    """Read the delimiters off an ISA segment, also one whose fields are not of fixed width."""
    element = text[at + 3 : at + 4]
    place = at + 3
    parts: list[int] = []
    while len(parts) < _ISA_ELEMENTS and place >= 0:
        parts.append(place)
        place = text.find(element, place + 1) if element else -1
    last = parts[-1] if len(parts) == _ISA_ELEMENTS else -1
    if not element or element.isalnum() or last < 0 or last + 3 > len(text) or last - at > 400:
        raise UnreadableError("truncated_x12", "The ISA segment is cut short.")
    component, terminator = text[last + 1], text[last + 2]
    if last - at != 103:
        message = "The ISA segment is not 106 characters long."
        findings.append(Finding("isa_length", f"segment {number} (ISA)", message))
    repetition = text[parts[10] + 1 : parts[11]]
    usable = len(repetition) == 1 and not repetition.isalnum()
    return Delimiters(element, component, terminator, repetition if usable else "")


def cents(text: str) -> int:
    """An X12 decimal (``-1.27``, ``500``, ``.5``) in cents; ValueError when it is not one."""
    match = _AMOUNT.match(text.strip())
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError("not a decimal number")
    part = (match["part"] or "").rstrip("0")
    if len(part) > 2:
        raise ValueError("an amount with parts of a cent")
    value = int(match["whole"] or "0") * 100 + int(part.ljust(2, "0") or "0")
    return -value if match["sign"] == "-" else value


def decimal(value_cents: int) -> str:
    """Cents as an X12 decimal without useless zeros: ``-1.27``, ``500``, ``0.5``."""
    sign = "-" if value_cents < 0 else ""
    whole, part = divmod(abs(value_cents), 100)
    return f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
