"""Account changes as CSV, and the CSV that a practice-management system answers with."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from records.errors import WrongUse
from records.spreadsheets import plain
from returned_mail.outbox_lines import ChangeAnswer, ChangeLine, Outcome

COLUMNS: Final = (
    "change", "kind", "account_number", "patient_name", "care_of", "street", "city", "state",
    "zip", "bad_address", "note", "confidential", "task", "changed_on",
)  # fmt: skip
"""``bad_address`` is ``yes`` or ``no``, empty in a note; a new address is ``no``. ``confidential``
is ``yes`` where the patient is to be reached at this address alone."""
_TAKEN: Final = frozenset({"accepted", "acknowledged", "ok", "success", "done"})
_REFUSED: Final = frozenset({"failed", "rejected", "refused", "error"})
_BAD: Final = {"address_change": "no", "bad_address_set": "yes", "bad_address_cleared": "no"}
_LONGEST: Final = 200


def write(lines: Sequence[ChangeLine]) -> bytes:
    """UTF-8 with a header row; the same lines give the same bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in lines:
        writer.writerow([
            line.ref, line.kind, plain(line.account_number), plain(line.patient_name),
            plain(line.care_of), plain(line.street), plain(line.city), plain(line.state),
            plain(line.zip), _BAD.get(line.kind, ""), plain(line.note),
            "yes" if line.confidential else "no", line.task_ref, line.on.isoformat(),
        ])  # fmt: skip
    return out.getvalue().encode()


def read_answers(data: bytes) -> tuple[ChangeAnswer, ...]:
    """The columns ``change,status`` and, if it likes, ``reference,error``.

    WrongUse ``wrong_answer_file`` names the line; nothing is taken from a file that is
    understood only in part.
    """
    reader = csv.DictReader(io.StringIO(data.decode("utf-8-sig", errors="replace")))
    found: dict[str, ChangeAnswer] = {}
    try:
        titles = {(title or "").strip().lower(): title for title in reader.fieldnames or ()}
        if "change" not in titles or "status" not in titles:
            raise WrongUse(
                "wrong_answer_file", "The answer has no columns change and status.",
                "Give a CSV with the columns change,status,reference,error.",
            )  # fmt: skip
        for row in reader:
            said = {name: (row.get(title) or "").strip() for name, title in titles.items()}
            outcome = _outcome(said["status"].lower())
            if outcome is None or not said["change"] or said["change"] in found:
                raise _not_understood(reader.line_num)
            reason = said.get("error", "")[:_LONGEST]
            if outcome == "refused":
                reason = reason or "refused by the PMS"
            found[said["change"]] = ChangeAnswer(
                said["change"], outcome, said.get("reference", "")[:60], reason
            )
    except csv.Error as error:
        raise _not_understood(reader.line_num) from error
    return tuple(found.values())


def _outcome(word: str) -> Outcome | None:
    if word in _TAKEN:
        return "acknowledged"
    return "refused" if word in _REFUSED else None


def _not_understood(line: int) -> WrongUse:
    return WrongUse(
        "wrong_answer_file",
        f"Line {line} of the answer is not understood.",
        "A status is accepted or refused, and each change stands there once.",
    )
