"""How one bank wants its cash letters, as data: ``profiles/NAME.toml``, each line with its reason.

Banks agree on the records and differ in the rest: which record makes the credit and where it
stands, whether it counts, which fields they use for themselves. Nothing here knows a bank.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from deposits.icl.limits import LIMITS, Limits, limits_of
from intake.x9.framing import Framing, FramingKind
from intake.x9.record import Encoding
from records.errors import NotFound, WrongUse

_FOLDER = Path(__file__).parent / "profiles"
CREDIT_RECORDS = ("none", "61A", "61B", "62", "25")
CREDIT_PLACES = ("letter", "bundle", "each_bundle")


@dataclass(frozen=True, slots=True)
class FileRules:
    """The file and its header (01): how records lie, which standard, what the bank adds."""

    framing: FramingKind = "len4"
    encoding: Encoding = "ebcdic"
    standard_level: str = "03"
    country_code: str = ""
    user_field: str = ""
    prelude: str = ""
    most_items: int = 20_000


@dataclass(frozen=True, slots=True)
class LetterRules:
    """Cash letter and bundle (10, 20, 70, 90)."""

    collection_type: str = "01"
    record_type_indicator: str = "I"
    documentation_type: str = "G"
    returns_indicator: str = ""
    user_field: str = ""
    cycle_number: str = ""
    institution_name: bool = True
    bundle_items: int = 300


@dataclass(frozen=True, slots=True)
class CreditRules:
    """The credit: its record (none, 61A, 61B, 62, or a 25 of documentation type 7), and its place.

    ``place``: ``letter`` after 10, ``bundle`` after the first 20, ``each_bundle`` one for each.
    ``counted``: credits are items of 70, 90 and 99; None where a bank takes either. ``in_totals``:
    their cents too. ``routing``: the bank's constant; empty, the account's own number.
    """

    record: str = "61A"
    place: str = "bundle"
    counted: bool | None = None
    in_totals: bool = False
    images: bool = True
    routing: str = ""
    routing_exempt: bool = True
    documentation_type: str = "G"
    account_type: str = ""
    source_of_work: str = ""
    work_type: str = ""
    debit_credit: str = ""
    record_usage: str = "2"
    transaction_code: str = ""
    user_field: str = ""


@dataclass(frozen=True, slots=True)
class ItemRules:
    """Each check (25) and its addenda (26, 28)."""

    documentation_type: str = "G"
    return_acceptance: str = ""
    bofd_indicator: str = "Y"
    archive_type: str = "B"
    correction_indicator: str = "0"
    addendum_a: bool = True
    addendum_c: bool = False
    truncation_indicator: str = "Y"
    conversion: str = "2"
    user_field: str = ""
    bofd_account: bool = True
    most_cents: int = 9_999_999_999


@dataclass(frozen=True, slots=True)
class ImageRules:
    """The views (50, 52, 54). ``made_back``: a white back may stand for one nobody scanned."""

    required: bool = True
    tiff: bool = True
    data_size: bool = True
    analysis: bool = False
    made_back: bool = False
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True)
class Profile:
    """All that one bank wants; ``title`` and ``source`` say which and who says so."""

    name: str
    title: str = ""
    source: str = ""
    file: FileRules = field(default_factory=FileRules)
    letter: LetterRules = field(default_factory=LetterRules)
    credit: CreditRules = field(default_factory=CreditRules)
    item: ItemRules = field(default_factory=ItemRules)
    images: ImageRules = field(default_factory=ImageRules)

    @property
    def layout_of_files(self) -> Framing:
        """How the file's records lie."""
        rules = self.file
        line_end = b"\r\n" if rules.framing == "newline" else b""
        prelude = f"{rules.prelude}\r\n".encode("ascii") if rules.prelude else b""
        return Framing(rules.framing, rules.encoding, prelude, line_end)


STANDARD = Profile("standard", "What the standard says, and nothing of one bank")

Rules = TypeVar("Rules", FileRules, LetterRules, CreditRules, ItemRules, ImageRules)
_PARTS = {"file", "letter", "credit", "item", "images"}


def names() -> tuple[str, ...]:
    """The profiles there are."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


@lru_cache(maxsize=32)
def named(name: str) -> Profile:
    """A profile by its name; NotFound ``unknown_profile``."""
    if name not in names():
        raise NotFound("unknown_profile", f"There is no bank profile {name}.",
                       f"It is one of {', '.join(names())}.")  # fmt: skip
    return parsed(name, (_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def parsed(name: str, text: str) -> Profile:
    """A profile from TOML; WrongUse ``wrong_profile`` says which line is none."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(name, str(error)) from None
    unknown = data.keys() - _PARTS - {"title", "source"}
    if unknown:
        raise _wrong(name, f"no part is called {min(unknown)}")
    profile = Profile(
        name, str(data.get("title", "")), str(data.get("source", "")),
        _rules(name, FileRules(), data.get("file", {})),
        _rules(name, LetterRules(), data.get("letter", {})),
        _rules(name, CreditRules(), data.get("credit", {})),
        _rules(name, ItemRules(), data.get("item", {})),
        _rules(name, ImageRules(), data.get("images", {})),
    )  # fmt: skip
    if profile.credit.record not in CREDIT_RECORDS:
        raise _wrong(name, f"credit.record is one of {', '.join(CREDIT_RECORDS)}")
    if profile.credit.place not in CREDIT_PLACES:
        raise _wrong(name, f"credit.place is one of {', '.join(CREDIT_PLACES)}")
    return profile


def _rules(name: str, rules: Rules, values: Mapping[str, Any]) -> Rules:
    known = {each.name: getattr(rules, each.name) for each in fields(rules)}
    made = dict(values)
    if "limits" in made:
        try:
            made["limits"] = limits_of(made["limits"])
        except (TypeError, ValueError, AttributeError) as error:
            raise _wrong(name, str(error)) from None
    for key, value in made.items():
        if key not in known:
            raise _wrong(name, f"nothing is called {key}")
        default = known[key]
        wanted = bool if default is None else type(default)
        if type(value) is not wanted:
            raise _wrong(name, f"{key} is not of the kind of {default!r}")
    return replace(rules, **made)


def _wrong(name: str, why: str) -> WrongUse:
    return WrongUse("wrong_profile", f"Bank profile {name}: {why}.", "Mend the profile's file.")
