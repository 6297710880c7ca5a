"""A day on paper: the record of a day as headed tables, for the PDF and the spreadsheet alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Cell = str | int
"""Text, or whole cents."""

AXES = (
    ("received", "Received", "Checks received on this day, by where they stand"),
    ("deposited", "Deposited", "Of those, what went to the bank, by where it belongs"),
    ("bank", "Bank", "Deposits of this business date, by what the bank made of them"),
    ("bank_lines", "Bank lines", "The bank's own lines of this day, by what they settle"),
)
_TITLES = {
    "deposited": "to the bank",
    "electronic": "electronic, awaited",
    "awaiting_review": "in review",
    "allocated": "to be posted",
    "in_transit": "on the way to the bank",
    "not_approved": "not approved yet",
    "rejected": "rejected; its checks go in another deposit",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; ``red`` is what nothing explains, ``total`` a sum of the rows above."""

    cells: tuple[Cell, ...]
    red: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One table under its heading; columns whose cells are cents are right-aligned."""

    heading: str
    note: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """A whole day: a title, what is said under it, its tables, and who signed it."""

    title: str
    lines: tuple[str, ...]
    explained: bool
    summary: tuple[Section, ...]
    items: tuple[Section, ...]
    signature: tuple[str, ...]


def part_title(part: str) -> str:
    """The words for a part of an equation."""
    name, _, detail = part.partition(":")
    words = _TITLES.get(name, name.replace("_", " "))
    return f"{words}: {detail.replace('_', ' ')}" if detail else words


def day_sheet(record: Mapping[str, Any]) -> DaySheet:
    """The sheet of a day's record (``DayRecord.to_json``)."""
    account = record["bank_account"]
    offices = ", ".join(
        each["name"] + (f" (tax ID {each['tax_id']})" if each["tax_id"] else "")
        for each in account["offices"]
    )
    cents = record["unexplained_cents"]
    said = "Every cent is explained." if record["explained"] else f"{_dollars(cents)} unexplained."
    return DaySheet(
        title=f"Proof of {record['date']}",
        lines=(
            f"{account['name']} ({account['code']}), account ending in {account['last4']}",
            offices or "No office deposits here",
            said + (" Nothing of this day is left to do." if record["closed"] else ""),
        ),
        explained=record["explained"],
        summary=(
            *_axes(record),
            *_balance(record),
            _journal(record),
            *_late(record),
            _ages(record),
        ),
        items=(*_items(record), _carried(record)),
        signature=_signature(record["signature"]),
    )


def _dollars(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def _axes(record: Mapping[str, Any]) -> Iterator[Section]:
    for name, heading, note in AXES:
        equation = record[name]
        rows = [
            Row((part_title(part), str(figure["count"]), figure["amount_cents"]))
            for part, figure in equation["parts"].items()
            if figure["count"]
        ]
        if equation["unexplained_cents"]:
            count = str(equation["broken"]["count"])
            rows.append(Row(("unexplained", count, equation["unexplained_cents"]), red=True))
        total = equation["total"]
        rows.append(Row(("total", str(total["count"]), total["amount_cents"]), total=True))
        yield Section(heading, note, ("Part", "Items", "Amount"), tuple(rows))


def _balance(record: Mapping[str, Any]) -> Iterator[Section]:
    """What the bank says it holds; a day signed before that was kept has nothing of it."""
    told = record.get("bank_balance")
    if told is None:
        return
    titles = (("opening_cents", "opening balance"), ("moved_cents", "the bank's lines"))
    rows = [Row((title, told[name])) for name, title in titles if told[name] is not None]
    rows.append(Row(("closing balance", told["closing_cents"]), total=True))
    rows += [Row((each["message"], ""), red=True) for each in told["findings"]]
    note = f"What the bank says the account holds, by file {told['bank_file']}"
    yield Section("Bank balance", note, ("Balance", "Amount"), tuple(rows))


def _journal(record: Mapping[str, Any]) -> Section:
    rows = tuple(
        Row(
            (each["account"], each["journal_cents"], each["rows_cents"], each["difference_cents"]),
            red=bool(each["difference_cents"]),
        )
        for each in record["journal"]
    )
    note = (
        "The double-entry journal against the checks and deposits themselves, "
        "of the whole group and over all time"
    )
    return Section("Journal", note, ("Account", "Journal", "Items", "Difference"), rows)


def _late(record: Mapping[str, Any]) -> Iterator[Section]:
    late = record["late"]
    rows = [
        Row((line["of"], line["ref"], _move(line["moved"]), line["amount_cents"]))
        for line in late["lines"]
    ]
    if late["unexplained_cents"]:
        rows.append(Row(("", "", "unexplained", late["unexplained_cents"]), red=True))
    if rows:
        note = "What happened to signed days since they were signed"
        columns = ("Day", "Item", "What happened", "Changes the total by")
        yield Section("Late events", note, columns, tuple(rows))


def _move(moved: Mapping[str, int]) -> str:
    """``on hand to deposited, $100.00``, or the cents of each part where it is no plain move."""
    gone = [(part, cents) for part, cents in moved.items() if cents < 0]
    come = [(part, cents) for part, cents in moved.items() if cents > 0]
    if len(gone) == len(come) == 1 and gone[0][1] == -come[0][1]:
        before, after = part_title(gone[0][0]), part_title(come[0][0])
        return f"{before} to {after}, {_dollars(come[0][1])}"
    return "; ".join(f"{part_title(part)} {_dollars(cents)}" for part, cents in moved.items())


def _ages(record: Mapping[str, Any]) -> Section:
    carried = record["carried_over"]
    rows = [
        Row((each["age"], str(each["count"]), each["amount_cents"])) for each in carried["ages"]
    ]
    rows.append(Row(("total", str(carried["count"]), carried["amount_cents"]), total=True))
    note = "What is not finished, by its age at the end of the day"
    return Section("Carried over", note, ("Age", "Items", "Amount"), tuple(rows))


def _items(record: Mapping[str, Any]) -> Iterator[Section]:
    for name, heading, note in AXES:
        equation = record[name]
        rows = [
            Row((part_title(part), each["ref"], each["amount_cents"]))
            for part, figure in equation["parts"].items()
            for each in figure["refs"]
        ]
        rows += [
            Row(("unexplained", each["ref"], each["amount_cents"]), red=True)
            for each in equation["broken"]["refs"]
        ]
        yield Section(f"{heading}: items", note, ("Part", "Item", "Amount"), tuple(rows))


def _carried(record: Mapping[str, Any]) -> Section:
    rows = tuple(
        Row((part_title(each["what"]), each["ref"], each["since"], str(each["days"]),
             each["amount_cents"]))
        for each in record["carried_over"]["items"]
    )  # fmt: skip
    columns = ("What", "Item", "Since", "Days", "Amount")
    return Section("Carried over: items", "The oldest first", columns, rows)


def _signature(signed: Mapping[str, Any] | None) -> tuple[str, ...]:
    if signed is None:
        return ("Not signed.", "Name and date: ________________________________")
    name = signed["signed_by"].removeprefix("user:")
    told = () if signed["intact"] else ("THIS RECORD IS NOT WHAT WAS SIGNED.",)
    return (
        *told,
        f"Signed by {name}, {signed['signed_at'][:19].replace('T', ' ')} UTC, as {signed['ref']}.",
        f"SHA-256 {signed['sha256']}",
    )
