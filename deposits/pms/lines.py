"""The file of an export that is sent line by line: what was to be sent, kept before it is sent."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from deposits.pms.columns import USUAL_ANSWER, AnswerMap
from deposits.pms.csv import read_answers
from deposits.pms.types import (
    Claim,
    ClaimAdjustment,
    ClaimLine,
    LineAnswer,
    PostingFile,
    PostingLine,
)


@dataclass(frozen=True, slots=True)
class LinesAdapter:
    """JSON, one object a line; a sender reads it back, so that what is sent is what was kept."""

    name: str = "open_dental"
    ending: str = "json"
    answer: AnswerMap = USUAL_ANSWER

    def write(self, file: PostingFile) -> bytes:
        """The file; the same file gives the same bytes."""
        body = {
            "export": file.ref,
            "office": file.office_code,
            "made_at": file.made_at.isoformat(),
            "total_cents": file.total_cents,
            "lines": [dataclasses.asdict(line) for line in file.lines],
        }
        return json.dumps(body, indent=1, default=_plain, ensure_ascii=False).encode()

    def read_answers(self, data: bytes) -> Sequence[LineAnswer]:
        """What a person found in the PMS, as CSV."""
        return read_answers(data, self.answer)


def read_lines(data: bytes) -> dict[str, PostingLine]:
    """The lines of a file that `LinesAdapter` wrote, by reference."""
    found = [_line(each) for each in json.loads(data)["lines"]]
    return {line.ref: line for line in found}


def _line(said: Mapping[str, Any]) -> PostingLine:
    values = {
        **said,
        "received_on": date.fromisoformat(said["received_on"]),
        "last_names": tuple(said["last_names"]),
        "claims": tuple(
            Claim(**_parts({**claim, "lines": tuple(map(_claim_line, claim["lines"]))}))
            for claim in said["claims"]
        ),
    }
    return PostingLine(**values)


def _claim_line(said: Mapping[str, Any]) -> ClaimLine:
    parts = _parts(said)
    return ClaimLine(**{**parts, "modifiers": tuple(parts.get("modifiers", ()))})


def _parts(said: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of JSON as the tuples that claims and lines have."""
    return {
        **said,
        "adjustments": tuple(ClaimAdjustment(**each) for each in said.get("adjustments", ())),
        "remarks": tuple(said.get("remarks", ())),
    }


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")
