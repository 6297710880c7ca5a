"""The bank's answer to the demo's deposits: CSV and BAI2 files with one credit each."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from web.demo.codes import dollars


@dataclass(frozen=True, slots=True)
class Credit:
    """A deposit as the bank credits it."""

    on: date
    amount_cents: int
    account_number: str
    routing_number: str
    reference: str = ""


CSV_COLUMNS = ("Date", "Account", "Description", "Reference", "Amount")


def bank_csv(deposits: Iterable[Credit]) -> str:
    """The credits as the CSV that a bank's website exports."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for credit in sorted(deposits, key=lambda c: (c.on, c.account_number, c.reference)):
        writer.writerow([
            f"{credit.on:%m/%d/%Y}", credit.account_number, "REMOTE DEPOSIT", credit.reference,
            dollars(credit.amount_cents, comma=False),
        ])  # fmt: skip
    return out.getvalue()


def bank_bai2(deposits: Iterable[Credit], sender: str = "042100777", receiver: str = "LAKESHORE",
              identification: int = 1) -> str:  # fmt: skip
    """The credits as a BAI2 file (version 2): a group a day and bank, code 301 for each credit.

    The control totals of records 49, 98 and 99 follow the standard: sums of all amounts in the
    16 and 03 records below, and counts of records.
    """
    rows = sorted(deposits, key=lambda c: (c.on, c.routing_number, c.account_number, c.reference))
    latest = max((credit.on for credit in rows), default=date(2000, 1, 1))
    groups: list[list[str]] = []
    file_total = 0
    for (day, routing), of_day in groupby(rows, key=lambda c: (c.on, c.routing_number)):
        lines = [f"02,{receiver},{routing},1,{day:%y%m%d},1700,USD,2/"]
        accounts = 0
        group_total = 0
        for account, of_account in groupby(of_day, key=lambda c: c.account_number):
            listed = list(of_account)
            total = sum(credit.amount_cents for credit in listed)
            lines.append(f"03,{account},USD,100,{total},{len(listed)},/")
            lines += [f"16,301,{c.amount_cents},0,,{c.reference},REMOTE DEPOSIT/" for c in listed]
            # The account's total counts its summary amount as well as its details.
            lines.append(f"49,{2 * total},{len(listed) + 2}/")
            group_total += 2 * total
            accounts += 1
        lines.append(f"98,{group_total},{accounts},{len(lines) + 1}/")
        file_total += group_total
        groups.append(lines)
    records = sum(len(lines) for lines in groups) + 2
    head = f"01,{sender},{receiver},{latest:%y%m%d},1800,{identification},80,,2/"
    tail = f"99,{file_total},{len(groups)},{records}/"
    return "".join(f"{line}\n" for line in [head, *[x for g in groups for x in g], tail])
