"""Records of the Postal Service's ACS files: cut, checked field by field, and understood.

The layout and its source are data (``tables/acs.toml``); it is not verified against a real file,
so a record in which any field does not fit is refused with its line and the reason, never guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from records.errors import UnreadableError

_TABLE: Final = Path(__file__).parent / "tables" / "acs.toml"
_IMB: Final = re.compile(r"\d{20}(?:\d{5}|\d{9}|\d{11})?")
_ZIP: Final = re.compile(r"\d{5}")
_MOVES: Final = {"": "", "F": "family", "I": "individual", "B": "business"}
_LONG_MAILER: Final = "9"


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not understood: its line (from 1) and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: what a returned piece would have said.

    ``imb`` are the barcode's digits, empty where it had none; ``new_address`` is empty unless the
    move order names one.
    """

    line: int
    reason: str
    code: str
    imb: str
    keyline: str
    name: str
    old_address: str
    new_address: str
    move: str
    moved_on: date | None
    made_on: date | None


@dataclass(frozen=True, slots=True)
class AcsFile:
    """A whole file; ``announced`` is how many records its header says there are."""

    announced: int | None
    notices: tuple[Notice, ...]
    refused: tuple[Refused, ...]


def split(data: bytes) -> list[bytes]:
    """The file's lines, its header first; UnreadableError ``not_acs`` for what has none of ours."""
    layout = _layout()
    lines = _lines(data, layout["length"])
    begins = str(layout["header"] + layout["version"])
    if not lines or not _text(lines[0]).startswith(begins):
        raise UnreadableError(
            "not_acs", f"This is no ACS file of version {layout['version']}.",
            "Give the file as the Postal Service sent it, unpacked.",
        )  # fmt: skip
    return lines


def announced(header: bytes) -> int | None:
    """How many records the header says there are."""
    said = _cut(_text(header), _layout()["header_fields"]).get("records", "")
    return int(said) if said.isascii() and said.isdigit() else None


def records(
    lines: Sequence[bytes], first: int
) -> tuple[tuple[Notice, ...], tuple[Refused, ...]]:  # fmt: skip
    """What these lines say, of which the first is the file's line ``first`` (from 1)."""
    notices: list[Notice] = []
    refused: list[Refused] = []
    for at, line in enumerate(lines, start=first):
        found = _notice(at, _text(line), _layout())
        if isinstance(found, Refused):
            refused.append(found)
        else:
            notices.append(found)
    return tuple(notices), tuple(refused)


def read(data: bytes) -> AcsFile:
    """Read a whole file; UnreadableError ``not_acs``."""
    lines = split(data)
    notices, refused = records(lines[1:], 2)
    return AcsFile(announced(lines[0]), notices, refused)


def imb_parts(digits: str) -> dict[str, str] | None:
    """The barcode's digits as the contract's ``imb`` value; a mailer id of 9 begins with a 9."""
    if not digits:
        return None
    mailer = 9 if digits[5] == _LONG_MAILER else 6
    return {
        "barcode_id": digits[:2], "service_type_id": digits[2:5],
        "mailer_id": digits[5 : 5 + mailer], "serial": digits[5 + mailer : 20],
        "routing_zip": digits[20:],
    }  # fmt: skip


@cache
def _layout() -> Mapping[str, Any]:
    return tomllib.loads(_TABLE.read_text(encoding="utf-8"))


def _lines(data: bytes, length: int) -> list[bytes]:
    """The records: line by line, or cut by their length where there are no line ends.

    As bytes: of a file of 50 MB a block reads a few hundred lines alone.
    """
    if b"\n" in data:
        return [line for line in data.split(b"\n") if line.strip(b"\r\x1a ")]
    return [data[at : at + length] for at in range(0, len(data), length)]


def _text(line: bytes) -> str:
    return line.decode("latin-1").rstrip("\r")


def _cut(line: str, fields: Mapping[str, list[int]]) -> dict[str, str]:
    return {
        name: line[start - 1 : start - 1 + size].strip() for name, (start, size) in fields.items()
    }


def _notice(at: int, line: str, layout: Mapping[str, Any]) -> Notice | Refused:
    if len(line) != layout["length"]:
        return Refused(at, f"the record has {len(line)} characters, not {layout['length']}")
    if line[0] not in layout["detail"]:
        return Refused(at, "it is no detail record")
    said = _cut(line, layout["fields"])
    code = said["deliverability"] or " "
    wrong = _wrong(said, code, layout)
    if wrong:
        return Refused(at, wrong)
    return Notice(
        line=at,
        reason=layout["reasons"][code],
        code=code.strip(),
        imb=said["imb"],
        keyline=said["keyline"],
        name=f"{said['first_name']} {said['last_name']}".strip(),
        old_address=_address(said, "old"),
        new_address=_address(said, "new") if code == " " else "",
        move=_MOVES[said["move_type"]],
        moved_on=_day(said["moved_on"]),
        made_on=_day(said["made_on"]),
    )


def _wrong(said: Mapping[str, str], code: str, layout: Mapping[str, Any]) -> str:
    """What does not fit first, empty when all does: words that never say what stands there."""
    dates = [said[name] for name in ("moved_on", "made_on") if said[name].strip("0")]
    zips = [said[name] for name in ("old_zip", "new_zip") if said[name]]
    whole = said["new_city"] and said["new_state"] and said["new_zip"]
    checks = (
        (said["file_version"] == layout["version"], "the record is of another version"),
        (said["sequence"].isdigit(), "the sequence number is no number"),
        (code in layout["reasons"], "the deliverability code is not known"),
        (said["move_type"] in _MOVES, "the type of move is not known"),
        (not said["imb"] or _IMB.fullmatch(said["imb"]),
         "the Intelligent Mail barcode has a wrong number of digits"),
        (said["imb"] or said["keyline"],
         "neither a barcode nor a keyline: nobody can be found by it"),
        (all(_day(each) for each in dates), "a date is none"),
        (all(_ZIP.fullmatch(each) for each in zips), "a ZIP code is none"),
        (said["flag"] in ("", "C", "N"), "it is neither a move nor a nixie"),
        (code != " " or whole, "a move with a new address, and the address is not complete"),
    )  # fmt: skip
    return next((words for fits, words in checks if not fits), "")


def _address(said: Mapping[str, str], which: str) -> str:
    """Two lines as a label has them, empty where no street or city is given."""
    parts = ("number", "predirectional", "street", "suffix", "postdirectional", "unit",
             "unit_number")  # fmt: skip
    street = " ".join(filter(None, (said[f"{which}_{part}"] for part in parts)))
    city, state, zip_code = (said[f"{which}_{part}"] for part in ("city", "state", "zip"))
    if not street or not city:
        return ""
    if said[f"{which}_urbanization"]:
        street = f"URB {said[f'{which}_urbanization']} {street}"
    plus4 = said.get(f"{which}_plus4", "")
    tail = f"{zip_code}-{plus4}" if re.fullmatch(r"\d{4}", plus4) else zip_code
    return f"{street}\n{city} {state} {tail}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}") if len(text) == 8 else None
    except ValueError:
        return None
