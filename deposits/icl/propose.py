"""A bank profile proposed from a file that the bank takes: each setting with where it was seen.

Banks hand out a sample more readily than an answer. What one file cannot show (whether a white
back is taken, how many items a bundle may hold) stays as the standard has it, and is said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deposits.icl.profile import Profile, parsed
from intake.x9 import Framing, Record


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of a profile: its part and name, its value, and what says so."""

    part: str
    name: str
    value: str | bool | int
    why: str

    @property
    def line(self) -> str:
        """The line as TOML, its reason behind it."""
        value = self.value
        if isinstance(value, str):  # what a profile cannot hold, a bank's record hardly means
            value = "".join(each for each in value if each.isascii() and each.isprintable())
        # JSON writes strings, numbers and truth as TOML does.
        return f"{self.name} = {json.dumps(value)}  # {self.why}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """The profile, its text, and what the file leaves open."""

    profile: Profile
    text: str
    settings: tuple[Setting, ...]
    doubts: tuple[str, ...]


@dataclass(slots=True)
class _Seen:
    """What the records told, in one pass."""

    first: dict[str, Record] = field(default_factory=dict)
    credit: Record | None = None
    credits: int = 0
    place: str = ""
    elsewhere: bool = False
    unsure: bool = False
    checks: int = 0
    bundles: int = 0
    check_cents: int = 0
    credit_cents: int = 0
    credit_views: int = 0
    analysis: bool = False
    open_credit: bool = False

    def take(self, record: Record, last: str) -> None:
        self.first.setdefault(record.type, record)
        cents = record.integer("item_amount") or 0
        if record.type in ("61", "62") or _marked(record):
            place = "letter" if last == "10" else f"bundle {self.bundles}"
            if self.credit is None:
                self.credit, self.place = record, place
            self.credits += 1
            self.elsewhere |= place != self.place
            self.unsure |= "ambiguous_credit" in record.faults
            self.credit_cents += cents
            self.open_credit = True
        elif record.type == "25":
            self.first.setdefault("check", record)
            self.checks += 1
            self.check_cents += cents
            self.open_credit = False
        elif record.type == "20":
            self.bundles += 1
        elif record.type == "50" and self.open_credit:
            self.credit_views += 1
        elif record.type == "54":
            self.analysis = True


def _marked(record: Record) -> bool:
    """A 25 that is a credit says so by documentation type 7."""
    return record.type == "25" and record.text("documentation_type") == "7"


def propose(name: str, records: Iterable[Record], framing: Framing) -> Proposal:
    """The profile that this file's records speak for."""
    seen, last = _Seen(), ""
    for record in records:
        seen.take(record, last)
        if record.type not in ("50", "52", "54"):
            last = record.type
    settings = (*_of_file(seen, framing), *_of_letter(seen), *_of_credit(seen), *_of_items(seen))
    text = _text(settings)
    return Proposal(parsed(name, text), text, settings, tuple(_doubts(seen)))


def _of_file(seen: _Seen, framing: Framing) -> Iterator[Setting]:
    yield Setting("file", "framing", framing.kind, "how the records lie")
    yield Setting("file", "encoding", framing.encoding, "the text's encoding")
    if framing.prelude:
        line = framing.prelude.decode(
            "ascii" if framing.prelude[:1] == b"$" else "cp037", "replace"
        )
        line = line.strip()
        yield Setting("file", "prelude", line.replace('"', "'"), "the line before the first record")
    yield from _copied(seen, "01", "file", ("standard_level", "country_code", "user_field"))


def _of_letter(seen: _Seen) -> Iterator[Setting]:
    yield from _copied(
        seen, "10", "letter",
        ("collection_type", "record_type_indicator", "documentation_type", "returns_indicator",
         "user_field"),
    )  # fmt: skip
    yield from _copied(seen, "20", "letter", ("cycle_number",))
    control = seen.first.get("90")
    if control is not None:
        named = bool(control.text("ece_institution_name"))
        yield Setting("letter", "institution_name", named, "90, its field")


def _of_credit(seen: _Seen) -> Iterator[Setting]:
    credit = seen.credit
    if credit is None:
        yield Setting("credit", "record", "none", "no 61, 62 or 25 of type 7")
        return
    where = f"record {credit.number}"
    yield Setting("credit", "record", "25" if credit.type == "25" else credit.layout, where)
    yield Setting("credit", "place", _place(seen), f"{seen.credits} in {seen.bundles} bundles")
    yield from _counting(seen)
    yield Setting(
        "credit", "images", seen.credit_views > 0, f"{seen.credit_views} views of credits"
    )
    routing = credit.text("posting_routing") or (
        credit.text("payor_routing8") + credit.text("payor_check_digit")
    )
    if routing not in _banks_numbers(seen):
        yield Setting("credit", "routing", routing, f"{where}: not the bank's number, a constant")
    for name in ("documentation_type", "account_type", "source_of_work", "work_type",
                 "debit_credit", "record_usage", "user_field"):  # fmt: skip
        if name in credit.fields and credit.type != "25":
            yield Setting("credit", name, credit.text(name), where)
    if credit.type == "25":
        yield Setting("credit", "documentation_type", "7", where)
    account = credit.text("account_on_us") or credit.text("on_us")
    code = account.partition("/")[2].strip()
    if code:
        yield Setting("credit", "transaction_code", code, f"{where}: behind the account")


def _banks_numbers(seen: _Seen) -> set[str]:
    """The bank's own routing numbers, as other records have them."""
    names = (("01", "immediate_destination_routing"), ("26", "bofd_routing"))
    return {seen.first[kind].text(name) for kind, name in names if kind in seen.first}


def _place(seen: _Seen) -> str:
    if seen.place == "letter":
        return "letter"
    return "each_bundle" if seen.elsewhere else "bundle"


def _counting(seen: _Seen) -> Iterator[Setting]:
    control = seen.first.get("99")
    if control is None:
        return
    items, cents = control.integer("total_items"), control.integer("total_amount")
    why = f"99 says {items} items for {seen.checks} checks and {seen.credits} credits"
    if items == seen.checks + seen.credits:
        yield Setting("credit", "counted", value=True, why=why)
    elif items == seen.checks:
        yield Setting("credit", "counted", value=False, why=why)
    both = cents == seen.check_cents + seen.credit_cents
    yield Setting("credit", "in_totals", value=both, why="99, its total")


def _of_items(seen: _Seen) -> Iterator[Setting]:
    check = seen.first.get("check")
    if check is not None:
        for name in ("documentation_type", "return_acceptance", "bofd_indicator", "archive_type",
                     "correction_indicator"):  # fmt: skip
            yield Setting("item", name, check.text(name), f"record {check.number}")
    for kind, name in (("26", "addendum_a"), ("28", "addendum_c")):
        there = kind in seen.first
        yield Setting("item", name, there, f"{kind} {'is' if there else 'is not'} there")
    first = seen.first.get("26")
    if first is not None:
        where = f"record {first.number}"
        yield Setting("item", "truncation_indicator", first.text("truncation_indicator"), where)
        yield Setting("item", "conversion", first.text("bofd_conversion"), where)
        yield Setting("item", "user_field", first.text("user_field"), where)
        yield Setting("item", "bofd_account", bool(first.text("bofd_account")), where)
    view = seen.first.get("50")
    yield Setting("images", "required", view is not None, "50 and 52")
    if view is not None:
        yield Setting("images", "data_size", bool(view.text("view_data_size")),
                      f"record {view.number}")  # fmt: skip
    yield Setting("images", "analysis", seen.analysis, "54")


def _copied(seen: _Seen, kind: str, part: str, names: tuple[str, ...]) -> Iterator[Setting]:
    record = seen.first.get(kind)
    for name in names if record is not None else ():
        assert record is not None  # noqa: S101 - narrows
        yield Setting(part, name, record.text(name), f"record {record.number}")


def _doubts(seen: _Seen) -> Iterator[str]:
    yield "How many items a bundle and a file may hold: the file shows what is, not what may be."
    yield "Whether a white back may stand for one that was not scanned."
    if seen.credits == 1 and seen.bundles == 1 and seen.place != "letter":
        yield "Whether each bundle has its own credit: the file has one bundle."
    if seen.unsure:
        yield "Which layout (61A or 61B) the credit has: it fits both."
    if seen.checks == 0:
        yield "How checks are written: the file has none."
    if "31" in seen.first:
        yield "The file holds returns; what is sent forward may differ."


def _text(settings: tuple[Setting, ...]) -> str:
    lines = ['title = "Proposed from a file; look at each line with the bank"']
    for part in ("file", "letter", "credit", "item", "images"):
        lines += ["", f"[{part}]", *(each.line for each in settings if each.part == part)]
    return "\n".join(lines) + "\n"
