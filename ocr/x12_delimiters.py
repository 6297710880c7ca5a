"""The characters that part an X12 file: said by its ISA, or seen in a file that has none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from records.errors import UnreadableError

_ISA_ELEMENTS = 16
_ISA_LIMIT = 400  # characters; one with fields of its own widths is still far shorter
_VERSION = re.compile(r"[A-Z0-9]+")
_CONTROL = re.compile(r"[A-Za-z0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters one interchange uses; ``component`` is empty where a file shows none."""

    element: str
    component: str
    segment: str
    repetition: str = ""


def of_isa(text: str, at: int) -> tuple[Delimiters, str]:
    """The delimiters an ISA segment says, and a sentence when its width is not the standard's.

    The character after ``ISA`` parts elements, ISA16 is the component separator, and what
    follows it ends segments. Raises UnreadableError ``truncated_x12``.
    """
    element = text[at + 3 : at + 4]
    place = at + 3
    parts: list[int] = []
    limit = min(len(text), at + _ISA_LIMIT + 1)
    while len(parts) < _ISA_ELEMENTS and place >= 0:
        parts.append(place)
        place = text.find(element, place + 1, limit) if element else -1
    last = parts[-1] if len(parts) == _ISA_ELEMENTS else -1
    if not element or element.isalnum() or last < 0 or last + 3 > len(text):
        raise UnreadableError(
            "truncated_x12", "The ISA segment is cut short.", "Ask the sender for the whole file."
        )
    component, terminator = text[last + 1], text[last + 2]
    message = "" if last - at == 103 else "The ISA segment is not 106 characters long."
    repetition = text[parts[10] + 1 : parts[11]]
    usable = len(repetition) == 1 and not repetition.isalnum()
    return Delimiters(element, component, terminator, repetition if usable else ""), message


def without_isa(text: str, at: int) -> tuple[Delimiters, str]:
    """The delimiters of a file that begins with GS or ST, and a sentence that says them.

    The third character parts elements; what follows the last element of GS or ST ends segments;
    the component separator is what follows the two letters of the first SVC01, SVC06 or PLB03.
    Raises UnreadableError ``truncated_x12`` when they cannot be told.
    """
    element = text[at + 2 : at + 3]
    segment = _terminator(text[at : at + _ISA_LIMIT], element)
    if not segment:
        raise UnreadableError(
            "truncated_x12",
            f"The file begins with {text[at : at + 2]}, but how it parts its segments cannot be "
            "told.",
            "Ask the sender for the file with its ISA segment.",
        )
    component = _component(text, element, segment)
    shown = f"components by {component!r}" if component else "and no component separator is seen"
    return Delimiters(element, component, segment), (
        f"There is no ISA segment; as written, elements are parted by {element!r}, segments by "
        f"{segment!r}, {shown}."
    )


def _terminator(head: str, element: str) -> str:
    """What follows the last element of the GS (GS08) or ST (ST02, ST03) at the start of a text."""
    if not element or element.isalnum() or element in " \r\n":
        return ""
    parts = head.split(element)
    if parts[0] == "GS" and len(parts) > 8:
        found, last = _VERSION.match(parts[8]), parts[8]
    elif parts[:2] == ["ST", "835"] and len(parts) > 2:
        found, last = _CONTROL.match(parts[2]), parts[2]
        if found and found.end() == len(last) and len(parts) > 3:
            found, last = _VERSION.match(parts[3]), parts[3]
    else:
        return ""
    return last[found.end() : found.end() + 1] if found else ""


def _component(text: str, element: str, segment: str) -> str:
    """The separator that the first composite of the file shows; empty when there is none."""
    e, s = re.escape(element), re.escape(segment)
    composite = re.compile(
        rf"{s}\s*(?:SVC{e}|PLB{e}[^{e}{s}]*{e}\d*{e})[A-Z0-9]{{2}}([^A-Za-z0-9 \r\n{e}{s}])",
        re.ASCII,
    )
    found = composite.search(text)
    return found[1] if found else ""
