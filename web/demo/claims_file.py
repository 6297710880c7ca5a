"""The claims that the demo's practice sent: those its insurers pay in the bag, as the PMS says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from matching.claim_rows import CLAIM_COLUMNS
from web.demo.codes import dollars


def claims_csv(truth: Mapping[str, Any]) -> str:
    """A claims file of each claim in the remittances of a bag's ``truth``, from number 700001."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CLAIM_COLUMNS)
    for number, (payer, claim) in enumerate(_claims(truth["files"]), start=700_001):
        for line in claim["lines"]:
            writer.writerow([
                number, "", claim["patient_account"], claim["member_id"], payer,
                line["service_on"], line["procedure_code"], "", "", 1,
                dollars(line["charged_cents"], comma=False), claim["provider_name"],
            ])  # fmt: skip
    return out.getvalue()


def _claims(files: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each claim once, with its payer, in the order of the bag."""
    seen: set[tuple[str, str]] = set()
    for file in files:
        for transaction in file["transactions"]:
            for document in transaction["documents"]:
                fields = document.get("fields") or {}
                for claim in fields.get("claims") or ():
                    key = (claim["patient_account"], claim["claim_number"])
                    if key not in seen:
                        seen.add(key)
                        yield str(fields.get("payer_name") or ""), claim
