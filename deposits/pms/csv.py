"""Postings as CSV: one row each under an office's own column map, and the CSV it answers with."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deposits.pms.columns import DEFAULT, AnswerMap, ColumnMap
from deposits.pms.types import LineAnswer, Outcome, PostingFile, PostingLine, unbalanced
from records.errors import WrongUse
from records.money import Money
from records.spreadsheets import plain


@dataclass(frozen=True, slots=True)
class CsvAdapter:
    """UTF-8 CSV with a header row, as the column map says."""

    columns: ColumnMap = DEFAULT
    name: str = "csv"
    ending: str = "csv"

    def write(self, file: PostingFile) -> bytes:
        """The file; FindingError ``posting_file_unbalanced`` when it does not read back."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.columns.delimiter, lineterminator="\r\n")
        writer.writerow([column.title for column in self.columns.columns])
        for line in file.lines:
            cells = _cells(line, self.columns)
            writer.writerow(
                [cells[c.field] if c.field else plain(c.text) for c in self.columns.columns]
            )
        text = out.getvalue()
        if _total(text, self.columns) != file.total_cents:
            raise unbalanced(file.ref)
        return text.encode()

    def read_answers(self, data: bytes) -> Sequence[LineAnswer]:
        """The PMS's answer, in the columns and words of the map."""
        return read_answers(data, self.columns.answer)


def read_answers(data: bytes, answer: AnswerMap) -> tuple[LineAnswer, ...]:
    """Read a PMS's answer: a posting and its status and, if it likes, reference and error.

    WrongUse ``wrong_answer_file`` names the line that cannot be understood; nothing is taken
    from a file that is understood only in part.
    """
    text = data.decode("utf-8-sig", errors="replace")
    reader = csv.DictReader(io.StringIO(text), delimiter=answer.delimiter)
    try:
        named = {(title or "").strip().lower(): title for title in reader.fieldnames or ()}
        titles = {
            name: next((named[each] for each in wanted if each in named), None)
            for name, wanted in answer.titles.items()
        }
        if titles["posting"] is None or titles["status"] is None:
            raise WrongUse(
                "wrong_answer_file",
                f"The answer has no columns {answer.titles['posting'][0]} and "
                f"{answer.titles['status'][0]}.",
                "Give a CSV with the columns posting,status,reference,error, or save the office's "
                "own with `lockbox posting columns`.",
            )
        return _answers(reader, titles, answer)
    except csv.Error as error:
        raise _not_understood(reader.line_num) from error


def _answers(
    reader: csv.DictReader[str], titles: Mapping[str, str | None], answer: AnswerMap
) -> tuple[LineAnswer, ...]:
    found: dict[str, LineAnswer] = {}
    for row in reader:
        values = {
            name: (row.get(title) or "").strip() if title else "" for name, title in titles.items()
        }
        ref, outcome = values["posting"], _outcome(values["status"].lower(), answer)
        if outcome is None or not ref or ref in found:
            raise _not_understood(reader.line_num)
        reason = values["error"] or ("refused by the PMS" if outcome == "failed" else "")
        found[ref] = LineAnswer(ref, outcome, values["reference"], reason)
    return tuple(found.values())


def _outcome(word: str, answer: AnswerMap) -> Outcome | None:
    if word in answer.posted:
        return "posted"
    if word in answer.failed:
        return "failed"
    return "unknown" if word in answer.unknown else None


def _not_understood(line: int) -> WrongUse:
    return WrongUse(
        "wrong_answer_file",
        f"Line {line} of the answer is not understood.",
        "A status is posted, failed or unknown, and each posting stands there once.",
    )


def _cells(line: PostingLine, columns: ColumnMap) -> dict[str, str]:
    reversal = bool(line.reverses_ref)
    cents = abs(line.amount_cents) if columns.reversals == "kind" else line.amount_cents
    kind = "reversal" if reversal else "payment"
    return {
        "posting": line.ref,
        "kind": columns.values.get("kind", {}).get(kind, kind),
        "account_number": plain(line.account_number),
        "patient_name": plain(line.patient_name),
        "amount": str(cents) if columns.amounts == "cents" else Money(cents).plain(),
        "received_on": line.received_on.strftime(columns.date_format),
        "payment": line.payment_ref,
        "method": columns.values.get("method", {}).get(line.method, line.method),
        "check_number": plain(line.check_number),
        "payer_name": plain(line.payer_name),
        "statement_number": plain(line.statement_number),
        "reverses": line.reverses_ref,
    }


def _total(text: str, columns: ColumnMap) -> int:
    """What the written file says, read back as its reader will."""
    places = {column.field: at for at, column in enumerate(columns.columns)}
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=columns.delimiter))[1:]
    undone = columns.values.get("kind", {}).get("reversal", "reversal")
    total = 0
    for row in rows:
        said = row[places["amount"]]
        cents = int(said) if columns.amounts == "cents" else Money.parse(said).cents
        backwards = columns.reversals == "kind" and row[places["kind"]] == undone
        total += -cents if backwards else cents
    return total
