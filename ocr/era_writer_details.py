"""REF, DTM, AMT, QTY and PER of an 835 that is written: as many as its guide takes, no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ocr.era_guides import Some
from ocr.era_text import clean


def limited(
    segment: str,
    entries: Sequence[Mapping[str, Any]] | None,
    value: str,
    some: Some,
    left: list[str] | None,
) -> Iterator[list[str]]:
    """Segments of qualifier and value, as many as the guide takes at one place."""
    fitting = [entry for entry in entries or [] if entry["qualifier"] in some.qualifiers]
    if left is not None:
        note_others(segment, entries, (some,), left)
    for entry in fitting[: some.most]:
        if clean(entry[value]):
            yield [segment, entry["qualifier"], clean(entry[value])]


def note_others(
    segment: str,
    entries: Sequence[Mapping[str, Any]] | None,
    places: Iterable[Some],
    left: list[str],
) -> None:
    """Name in ``left`` what none of the places takes, by qualifier or by number."""
    room = {some: some.most for some in places}
    for entry in entries or []:
        taken = next((s for s in room if entry["qualifier"] in s.qualifiers and room[s] > 0), None)
        if taken is None:
            left.append(f"{segment} {entry['qualifier']}")
        else:
            room[taken] -= 1


def contacts(
    entries: Sequence[Mapping[str, Any]] | None, functions: tuple[str, ...], left: list[str]
) -> Iterator[list[str]]:
    """PER segments of the functions, in their order."""
    for function in functions:
        for entry in entries or []:
            if entry["function"] == function:
                numbers = [
                    clean(part)
                    for each in (entry.get("numbers") or [])[:3]
                    for part in (each["kind"], each["number"])
                ]
                yield ["PER", function, clean(entry.get("name")), *numbers]
    left.extend("contact PER" for entry in entries or [] if entry["function"] not in functions)
