"""X12 interchanges as segments: any delimiters, nothing lost, every fault named with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from ocr.x12_delimiters import Delimiters, of_isa, without_isa
from records.errors import UnreadableError

_AMOUNT = re.compile(r"^(?P<sign>[+-]?)(?P<whole>\d*)(?:\.(?P<part>\d*))?$", re.ASCII)
_FEW = 20  # elements; no segment of the guide has more, a hostile one has hundred thousands
_MOST_DIGITS = 15  # cents included, as `Money` has it: a longer one fits no column of a database
# Blanks, and what old systems put around a file: byte order marks (also one read as Latin-1),
# NUL and the end-of-file mark of DOS.
_BLANK = "\ufeff\u00ef\u00bb\u00bf \t\r\n\0\x1a"
_AFTER = re.compile(f"[{_BLANK}]*")
_STARTS = ("ISA", "GS", "ST")


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault of a file: a stable code, the exact place, and a sentence for a person.

    ``advisory`` marks what a careful reader should know though no rule of syntax or balance is
    broken.
    """

    code: str
    where: str
    message: str
    advisory: bool = False

    def as_json(self) -> dict[str, str | bool]:
        """``{code, where, message}``, and ``advisory: true`` where it is one."""
        found: dict[str, str | bool] = {
            "code": self.code, "where": self.where, "message": self.message,
        }  # fmt: skip
        if self.advisory:
            found["advisory"] = True
        return found


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment and its number in the file from 1.

    ``raw`` is its text without the terminator and ``tail`` all up to the next segment, so that
    the segments of a file joined give the file back.
    """

    number: int
    raw: str
    tail: str
    delimiters: Delimiters

    @property
    def elements(self) -> tuple[str, ...]:
        """The elements; the first is the segment's name."""
        return tuple(self.raw.split(self.delimiters.element))

    @property
    def name(self) -> str:
        """The segment id: ``CLP``, ``SVC``, ..."""
        return self.raw.partition(self.delimiters.element)[0]

    def get(self, position: int) -> str:
        """Element ``position`` (1-based, as the standard counts), empty when absent."""
        if position > _FEW:
            parts: Sequence[str] = _split(self.raw, self.delimiters.element)
        else:
            parts = self.raw.split(self.delimiters.element, position + 1)
        return parts[position] if position < len(parts) else ""

    def components(self, position: int) -> list[str]:
        """The components of a composite element."""
        return split_components(self.get(position), self.delimiters)

    @property
    def where(self) -> str:
        """``segment 13 (CLP)``."""
        return f"segment {self.number} ({self.name})"


@lru_cache(maxsize=4)
def _split(raw: str, element: str) -> tuple[str, ...]:
    """The elements of the segment that is being read: far down, each would be sought anew."""
    return tuple(raw.split(element))


def split_components(text: str, delimiters: Delimiters) -> list[str]:
    """The components of a composite; one where the file shows no component separator."""
    return text.split(delimiters.component) if delimiters.component else [text]


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, and what is wrong with its segments; these are split anew when asked for.

    ``encoding`` is what the bytes were read as: UTF-8, or Latin-1, which takes any byte.
    """

    text: str
    findings: tuple[Finding, ...] = field(default=())
    encoding: str = "utf-8"

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All segments of the file."""
        return tuple(scan(self.text, []))

    def to_text(self) -> str:
        """The file exactly as it came."""
        return self.text

    def to_bytes(self) -> bytes:
        """The bytes exactly as they came."""
        return self.to_text().encode(self.encoding)


def text_of(data: bytes) -> tuple[str, str]:
    """Bytes as text and the encoding that gives them back: UTF-8 where it can be, else Latin-1."""
    try:
        return data.decode(), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def tokenize(text: str, encoding: str = "utf-8") -> Document:
    """A file with all that is wrong with its segments; raises as ``scan`` does."""
    findings: list[Finding] = []
    for _ in scan(text, findings):
        pass
    return Document(text, tuple(findings), encoding)


def scan(text: str, findings: list[Finding]) -> Iterator[Segment]:
    """The segments of a file one by one; what is wrong with them is added to ``findings``.

    `UnreadableError` ``not_x12`` when it is no X12. Each ISA sets the delimiters for what follows,
    as X12.5 lays down. A file that begins with GS or ST has its delimiters taken from how it is
    written; a finding ``no_isa`` says which. Time grows as the text does; memory does not.
    """
    blank = _AFTER.match(text)
    position = start = blank.end() if blank else 0
    if not text.startswith(_STARTS, start):
        raise UnreadableError(
            "not_x12", "The file begins with none of ISA, GS and ST.", "Ask for the 835 itself."
        )
    number = 0
    delimiters: Delimiters | None = None
    if not text.startswith("ISA", start):
        delimiters, message = without_isa(text, start)
        findings.append(Finding("no_isa", f"segment 1 ({text[start : start + 2]})", message))
    while position < len(text):
        number += 1
        if text.startswith("ISA", position):
            delimiters, message = of_isa(text, position)
            if message:
                findings.append(Finding("isa_length", f"segment {number} (ISA)", message))
        if delimiters is None:
            break
        end = text.find(delimiters.segment, position)
        if end < 0:
            end = len(text)
            message = "The last segment has no end."
            findings.append(Finding("truncated", f"segment {number}", message))
        after = _next_segment(text, end, delimiters, text[position : position + 3], findings)
        yield Segment(number, text[position:end], text[end:after], delimiters)
        position = after


def _next_segment(
    text: str, end: int, delimiters: Delimiters, name: str, findings: list[Finding]
) -> int:
    """Where the segment after the terminator at ``end`` begins; passes over junk after IEA."""
    blank = _AFTER.match(text, min(len(text), end + 1))
    after = blank.end() if blank else len(text)
    if name != "IEA" or after == len(text) or text.startswith(_STARTS, after):
        return after
    again = text.find("ISA" + delimiters.element, after)
    stop = len(text) if again < 0 else again
    message = f"{stop - after} characters after the end of the interchange belong to none."
    findings.append(Finding("trailing_junk", f"character {after + 1}", message))
    return stop


def cents(text: str) -> int:
    """An X12 decimal (``-1.27``, ``500``, ``.5``) in cents; ValueError when it is not one."""
    match = _AMOUNT.match(text.strip())
    if match is None or not (match["whole"] or match["part"]):
        raise ValueError("not a decimal number")
    part = (match["part"] or "").rstrip("0")
    if len(part) > 2:
        raise ValueError("an amount with parts of a cent")
    whole = (match["whole"] or "0").lstrip("0")
    if len(whole) + 2 > _MOST_DIGITS:
        raise ValueError("more than any payment has")
    value = int(whole or "0") * 100 + int(part.ljust(2, "0") or "0")
    return -value if match["sign"] == "-" else value


def decimal(value_cents: int) -> str:
    """Cents as an X12 decimal without useless zeros: ``-1.27``, ``500``, ``0.5``."""
    sign = "-" if value_cents < 0 else ""
    whole, part = divmod(abs(value_cents), 100)
    return f"{sign}{whole}" + (f".{part:02d}".rstrip("0") if part else "")
