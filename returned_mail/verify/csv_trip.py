"""A file out to a vendor and its answer back: change of address (NCOALink), skip tracing.

The file out has our id of each request, the name and the address. The file back has the id and
the vendor's codes: ``match_code`` as NCOALink names its return codes (A, 91, 92: moved, with the
new address; 01, 02, 03, 05, 14, 19: moved, without one; 00: no move on file), ``move_type`` (I
individual, F family, B business), ``move_on`` (YYYYMM), the new address, and ``dpv`` (Y, D, S, N)
of the address asked about where the vendor has it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, ids, row_locks
from records.errors import Conflict, NotFound, WrongUse
from records.models import AddressRequest, AddressTask
from records.spreadsheets import plain
from records.workflow import ADDRESS_REQUEST, move
from returned_mail import verified
from returned_mail.address import Address, standardise
from returned_mail.verify import asking
from returned_mail.verify.types import Question, Verdict, Verified

OUT_COLUMNS: Final = ("request_id", "name", "street", "city", "state", "zip")
BACK_COLUMNS: Final = ("request_id", "match_code")
OPTIONAL_COLUMNS: Final = ("move_type", "move_on", "new_street", "new_city", "new_state",
                           "new_zip", "dpv")  # fmt: skip
_MOVED = frozenset({"A", "91", "92"})
_GONE = frozenset({"01", "02", "03", "05", "14", "19"})
_CODES = frozenset(
    {*_MOVED, *_GONE, "00", "04", "06", "07", "08", "09", "10", "11", "12", "13", "15", "16",
     "17", "18", "20", "66", "77"}
)  # fmt: skip
_DPV: Final[Mapping[str, Verdict]] = {
    "Y": "deliverable", "D": "missing_secondary", "S": "missing_secondary", "N": "undeliverable",
    "": "unknown",
}  # fmt: skip
_MOVE_TYPES = frozenset({"", "I", "F", "B"})
_MOVE_ON = re.compile(r"(\d{4})-?(0[1-9]|1[0-2])(?:-?\d\d)?")

Refusal = tuple[int, str]
"""Line of the file (the header is line 1), and what is wrong with it; never its values."""


@dataclass(frozen=True, slots=True)
class Back:
    """What a file back did: answers taken, ones that were here already, lines refused."""

    taken: int
    unchanged: int
    refused: tuple[Refusal, ...]

    def to_json(self) -> dict[str, Any]:
        """As the command prints it."""
        return {
            "taken": self.taken,
            "unchanged": self.unchanged,
            "refused": [{"line": line, "message": message} for line, message in self.refused],
        }


def export(session: Session, actor: str) -> tuple[str, str]:
    """The file of all that waits for a vendor, and its number; all of it is now on its way.

    Raises Conflict ``nothing_to_ask``.
    """
    waiting = session.scalars(
        select(AddressRequest)
        .where(AddressRequest.verifier == "csv", AddressRequest.state == "asked")
        .order_by(AddressRequest.id)
        .with_for_update()
    ).all()
    if not waiting:
        raise Conflict("nothing_to_ask", "No address waits for a vendor.",
                       "Ask from a task first.")  # fmt: skip
    batch = ids.new_ref("VEN")
    for each in waiting:
        move(each, ADDRESS_REQUEST, "sending")
        each.batch, each.sent_at, each.code = batch, clock.now(), "in_file"
        each.attempts += 1
    session.flush()
    audit.record(session, actor=actor, action="verifier.exported", subject_kind="verifier_file",
                 subject_id=batch, detail={"count": len(waiting)})  # fmt: skip
    return batch, _text(waiting)


def again(session: Session, batch: str, actor: str) -> str:
    """A file once more, byte for byte. Raises NotFound ``unknown_file``."""
    rows = session.scalars(
        select(AddressRequest).where(AddressRequest.batch == batch).order_by(AddressRequest.id)
    ).all()
    if not rows:
        raise NotFound("unknown_file", f"There is no file {batch}.", "Check the number.")
    audit.record(session, actor=actor, action="verifier.exported_again",
                 subject_kind="verifier_file", subject_id=batch,
                 detail={"count": len(rows)})  # fmt: skip
    return _text(rows)


def bring_back(session: Session, text: str, actor: str) -> Back:
    """Take a vendor's answers; the same file again changes nothing.

    Lines that cannot be right are refused and the others taken: an unknown id, an id twice in the
    file, a code that is none, a move without its address, an answer that contradicts an earlier
    one. Raises WrongUse ``wrong_columns``.
    """
    rows = _rows(text)
    often = Counter(row["request_id"] for _, row in rows)
    taken = unchanged = 0
    refused: list[Refusal] = []
    for line, row in rows:
        if often[row["request_id"]] > 1:
            refused.append((line, "this request_id stands in the file more than once"))
            continue
        said = _take(session, row, actor)
        if said == "taken":
            taken += 1
        elif said == "unchanged":
            unchanged += 1
        else:
            refused.append((line, said))
    audit.record(session, actor=actor, action="verifier.brought_back", subject_kind="verifier",
                 subject_id="csv", detail={"taken": taken, "unchanged": unchanged,
                                           "refused": len(refused)})  # fmt: skip
    return Back(taken, unchanged, tuple(refused))


def _take(session: Session, row: Mapping[str, str], actor: str) -> str:
    """``taken``, ``unchanged``, or why not."""
    known = session.get(AddressRequest, row["request_id"])
    if known is None or known.verifier != "csv":
        return "no request of ours has this request_id"
    row_locks.locked(session, AddressTask, known.task_id)
    request = session.get_one(
        AddressRequest, known.id, with_for_update=True, populate_existing=True
    )
    answer = _answer(row)
    if isinstance(answer, str):
        return answer
    if request.state == "answered":
        same = request.answer is not None and request.answer.get("raw") == dict(row)
        return "unchanged" if same else "this request was answered otherwise before"
    if request.state != "sending":
        return "this request is in no file that was exported"
    asking.enter(session, request, answer, actor)
    verified.take(session, request)
    return "taken"


def _answer(row: Mapping[str, str]) -> Verified | str:
    code, move_type, dpv = (row[name].upper() for name in ("match_code", "move_type", "dpv"))
    code = code.zfill(2) if code.isdigit() else code
    when = _MOVE_ON.fullmatch(row["move_on"])
    if code not in _CODES:
        return "match_code is none that is known"
    if move_type not in _MOVE_TYPES:
        return "move_type is not I, F or B"
    if dpv not in _DPV:
        return "dpv is not Y, D, S or N"
    if row["move_on"] and when is None:
        return "move_on is no year and month"
    moved_to: Address | None = None
    if code in _MOVED:
        try:
            moved_to = standardise(*(row[f"new_{part}"] for part in
                                     ("street", "city", "state", "zip")))  # fmt: skip
        except WrongUse:
            return "the new address is not complete"
    verdict: Verdict = _DPV[dpv]
    if code in _MOVED:
        verdict = "moved"
    elif code in _GONE:
        verdict = "undeliverable"
    codes = {
        "ncoa": code, "move_type": move_type, "dpv": dpv,
        "move_on": f"{when[1]}-{when[2]}" if when else "",
    }  # fmt: skip
    codes = {name: text for name, text in codes.items() if text}
    return Verified(verdict, "csv", clock.now(), None, moved_to, codes, dict(row))


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    names = {str(name).strip().lower() for name in reader.fieldnames or ()}
    if not set(BACK_COLUMNS) <= names:
        raise WrongUse("wrong_columns", "This is no file of a vendor's answers.",
                       f"It needs the columns {', '.join(BACK_COLUMNS)}.")  # fmt: skip
    rows = []
    for row in reader:
        plain = {str(k).strip().lower(): str(v or "").strip() for k, v in row.items() if k}
        kept = {name: plain.get(name, "") for name in (*BACK_COLUMNS, *OPTIONAL_COLUMNS)}
        if any(kept.values()):
            rows.append((reader.line_num, kept))
    return rows


def _text(rows: Any) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(OUT_COLUMNS)
    for request in rows:
        question = Question.of(request.sealed)
        address = question.address
        values = (request.id, question.name, address.street, address.city, address.state,
                  address.zip)  # fmt: skip
        writer.writerow([plain(each) for each in values])
    return out.getvalue()
