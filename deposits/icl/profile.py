"""How one bank wants its cash letters, as data: ``profiles/NAME.toml``, each line with its reason.

Banks agree on the records and differ in the rest: which record makes the credit and where it
stands, whether it counts, which fields they use for themselves. Nothing here knows a bank.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, get_args

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
    their cents too. ``routing``: the bank's constant; empty, the account's own number. ``asked``:
    a letter without this credit, or with another, is a finding (so where a profile says ``record``
    and nothing else).
    """

    record: str = "61A"
    asked: bool = False
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
_ONE_OF = {
    "record": CREDIT_RECORDS, "place": CREDIT_PLACES,
    "framing": get_args(FramingKind), "encoding": get_args(Encoding),
}  # fmt: skip
_MOST = {"bundle_items": 9_998, "most_items": 99_999_998, "most_cents": 9_999_999_999}
"""As many as the fields of 70, 99 and 25 can say, a credit counted beside the items."""
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
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _wrong(name, str(error)) from None
    unknown = data.keys() - _PARTS - {"title", "source"}
    if unknown:
        raise _wrong(name, f"no part is called {min(unknown)}")
    return Profile(
        name, str(data.get("title", "")), str(data.get("source", "")),
        _rules(name, FileRules(), data.get("file", {})),
        _rules(name, LetterRules(), data.get("letter", {})),
        _rules(name, CreditRules(), data.get("credit", {})),
        _rules(name, ItemRules(), data.get("item", {})),
        _rules(name, ImageRules(), data.get("images", {})),
    )  # fmt: skip


def _rules(name: str, rules: Rules, values: Any) -> Rules:
    known = {each.name: getattr(rules, each.name) for each in fields(rules)}
    if not isinstance(values, dict):
        raise _wrong(name, "a part is a table, such as [credit]")
    made = dict(values)
    if isinstance(rules, CreditRules):
        made.setdefault("asked", "record" in made)
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
        why = _why_not(key, value)
        if why:
            raise _wrong(name, f"{key} is {why}")
    return replace(rules, **made)


def _why_not(key: str, value: object) -> str:
    """What a setting is, where it is not what is given; a record could not hold that."""
    if key in _ONE_OF:
        return "" if value in _ONE_OF[key] else f"one of {', '.join(_ONE_OF[key])}"
    if key in _MOST and not (isinstance(value, int) and 0 < value <= _MOST[key]):
        return f"from 1 to {_MOST[key]}"
    if isinstance(value, str) and not (value.isascii() and value.isprintable()) and value:
        return "of plain letters, digits and punctuation"
    return ""


def _wrong(name: str, why: str) -> WrongUse:
    return WrongUse("wrong_profile", f"Bank profile {name}: {why}.", "Mend the profile's file.")
