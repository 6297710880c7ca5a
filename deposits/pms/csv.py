"""Postings as CSV: one row each, and the CSV a PMS answers with."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from deposits.pms.types import PostingFile
from deposits.types import Refusal
from records.errors import WrongUse
from records.money import Money

COLUMNS = (
    "posting", "kind", "account_number", "patient_name", "amount", "received_on", "payment",
    "method", "check_number", "payer_name", "statement_number", "reverses",
)  # fmt: skip
_TAKEN = frozenset({"accepted", "acknowledged", "posted", "ok", "success"})
_REFUSED = frozenset({"failed", "rejected", "refused", "error"})
_ALIASES = {"posting_ref": "posting", "pms_reference": "reference"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a PMS said of an export: refs it took (with its own reference), and refusals."""

    accepted: dict[str, str]
    refused: tuple[Refusal, ...]


def write_csv(file: PostingFile) -> bytes:
    """UTF-8 CSV with a header row; amounts as ``123.45``, reversals negative."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in file.lines:
        writer.writerow(
            (
                line.ref,
                "reversal" if line.reverses_ref else "payment",
                _plain(line.account_number),
                _plain(line.patient_name),
                Money(line.amount_cents).plain(),
                line.received_on.isoformat(),
                line.payment_ref,
                line.method,
                _plain(line.check_number),
                _plain(line.payer_name),
                _plain(line.statement_number),
                line.reverses_ref,
            )
        )
    return out.getvalue().encode()


def read_answer(text: str) -> Answer:
    """Read a PMS's answer: ``posting``, ``status`` and, if it likes, ``reference``, ``error``.

    ``posting_ref`` and ``pms_reference`` are taken for ``posting`` and ``reference``.

    WrongUse ``wrong_answer_file`` names the line that cannot be understood; nothing is taken
    from a file that is understood only in part.
    """
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    named = {(title or "").strip().lower(): title for title in reader.fieldnames or ()}
    titles = {_ALIASES.get(name, name): title for name, title in named.items()}
    if "posting" not in titles or "status" not in titles:
        raise WrongUse(
            "wrong_answer_file",
            "The answer has no columns posting and status.",
            "Give a CSV with the columns posting,status,reference,error.",
        )
    accepted: dict[str, str] = {}
    refused: dict[str, Refusal] = {}
    for row in reader:
        values = {name: (row.get(title) or "").strip() for name, title in titles.items()}
        ref, status = values["posting"], values["status"].lower()
        if status not in _TAKEN | _REFUSED or not ref or ref in accepted or ref in refused:
            raise WrongUse(
                "wrong_answer_file",
                f"Line {reader.line_num} of the answer is not understood.",
                "A status is accepted or failed, and each posting stands there once.",
            )
        if status in _TAKEN:
            accepted[ref] = values.get("reference", "")
        else:
            refused[ref] = Refusal(ref, values.get("error", "") or "refused by the PMS")
    return Answer(accepted, tuple(refused.values()))


def _plain(text: str) -> str:
    """Text that a spreadsheet will not take for a formula."""
    cleaned = " ".join(text.split())
    return f"'{cleaned}" if cleaned[:1] in ("=", "+", "-", "@") else cleaned
