"""An office's column map: which column of its PMS's CSV holds what, and how it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from records.errors import WrongUse

FIELDS = (
    "posting", "kind", "account_number", "patient_name", "amount", "received_on", "payment",
    "method", "check_number", "payer_name", "statement_number", "reverses",
)  # fmt: skip
_NEEDED = ("posting", "account_number", "amount")
_ANSWERS = ("posting", "status", "reference", "error")
_DELIMITERS = (",", ";", "\t", "|")
_LONGEST = 60
_KEYS = frozenset({"columns", "delimiter", "date_format", "amounts", "reversals", "values",
                   "answer"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """A column's title, and the field it holds or the same text in every row."""

    title: str
    field: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class AnswerMap:
    """How the PMS answers: titles of its columns, and its words for each outcome (lower case)."""

    titles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {
        "posting": ("posting", "posting_ref"), "status": ("status",),
        "reference": ("reference", "pms_reference"), "error": ("error",),
    })  # fmt: skip
    posted: frozenset[str] = frozenset({"accepted", "acknowledged", "posted", "ok", "success"})
    failed: frozenset[str] = frozenset({"failed", "rejected", "refused", "error"})
    unknown: frozenset[str] = frozenset({"unknown", "pending"})
    delimiter: str = ","


USUAL_ANSWER = AnswerMap()


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """One office's CSV. ``reversals``: amounts below zero (``negative``), or told only by the
    kind (``kind``). ``values`` gives the PMS's words for ours, e.g. ``{"kind": {"payment": "P"}}``.
    """

    columns: tuple[Column, ...]
    delimiter: str = ","
    date_format: str = "%Y-%m-%d"
    amounts: Literal["dollars", "cents"] = "dollars"
    reversals: Literal["negative", "kind"] = "negative"
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    answer: AnswerMap = USUAL_ANSWER


DEFAULT = ColumnMap(tuple(Column(name, name) for name in FIELDS))


def read_map(said: Mapping[str, Any] | None) -> ColumnMap:
    """The map that an office's settings hold (key ``posting_columns``), or the default for None.

    Keys: ``columns`` (list of ``{title, field}`` or ``{title, text}``), ``delimiter``,
    ``date_format`` (strftime), ``amounts`` (``dollars``, ``cents``), ``reversals`` (``negative``,
    ``kind``), ``values`` and ``answer`` (``columns``, ``posted``, ``failed``, ``unknown``,
    ``delimiter``). WrongUse ``wrong_column_map`` says what is missing or not known.
    """
    if said is None:
        return DEFAULT
    if not isinstance(said, Mapping) or not said.keys() <= _KEYS:
        raise _wrong(f"It is a table with the keys {', '.join(sorted(_KEYS))}.")
    columns = tuple(_column(each) for each in _list(said.get("columns"), "columns"))
    titles = [each.title for each in columns]
    if len(set(titles)) != len(titles):
        raise _wrong("A title stands there twice.")
    held = {each.field for each in columns}
    missing = [name for name in _NEEDED if name not in held]
    if missing:
        raise _wrong(f"No column holds {', '.join(missing)}.")
    reversals = _one_of(said.get("reversals", "negative"), ("negative", "kind"), "reversals")
    if reversals == "kind" and "kind" not in held:
        raise _wrong("Reversals are told by the kind, and no column holds kind.")
    made = ColumnMap(
        columns,
        _one_of(said.get("delimiter", ","), _DELIMITERS, "delimiter"),
        _date_format(said.get("date_format", "%Y-%m-%d")),
        "cents" if _one_of(said.get("amounts", "dollars"), ("dollars", "cents"), "amounts")
        == "cents" else "dollars",
        "kind" if reversals == "kind" else "negative",
        _values(said.get("values", {})),
        _answer(said.get("answer", {})),
    )  # fmt: skip
    words = made.values.get("kind", {})
    if reversals == "kind" and words.get("payment", "payment") == words.get("reversal", "reversal"):
        raise _wrong("The words for payment and reversal are the same.")
    return made


def _column(said: object) -> Column:
    if not isinstance(said, Mapping) or not said.keys() <= {"title", "field", "text"}:
        raise _wrong("A column is {title, field} or {title, text}.")
    title, name, text = (str(said.get(key) or "").strip() for key in ("title", "field", "text"))
    if not title or len(title) > _LONGEST or len(text) > _LONGEST:
        raise _wrong(f"A column has a title, and no text of over {_LONGEST} symbols.")
    if bool(name) == bool(text) and "text" not in said:
        raise _wrong(f"The column {title} holds a field or a text.")
    if name and name not in FIELDS:
        raise _wrong(f"There is no field {name}; there are {', '.join(FIELDS)}.")
    return Column(title, name, text)


def _values(said: object) -> Mapping[str, Mapping[str, str]]:
    if not isinstance(said, Mapping) or not said.keys() <= {"kind", "method"}:
        raise _wrong("Words of its own may be given for kind and method.")
    return {
        str(name): {str(key): str(word)[:_LONGEST] for key, word in _table(words).items()}
        for name, words in said.items()
    }


def _answer(said: object) -> AnswerMap:
    told = _table(said)
    if not told.keys() <= {"columns", "posted", "failed", "unknown", "delimiter"}:
        raise _wrong("An answer has columns, posted, failed, unknown and delimiter.")
    usual = USUAL_ANSWER
    titles = dict(usual.titles)
    for name, title in _table(told.get("columns", {})).items():
        if name not in _ANSWERS:
            raise _wrong(f"An answer's columns are {', '.join(_ANSWERS)}.")
        titles[name] = (str(title).strip().lower(),)
    words = [
        frozenset(str(word).strip().lower() for word in _list(told[key], key))
        if key in told else getattr(usual, key)
        for key in ("posted", "failed", "unknown")
    ]  # fmt: skip
    if words[0] & words[1] or words[0] & words[2] or words[1] & words[2]:
        raise _wrong("One word of the answer stands for two outcomes.")
    delimiter = _one_of(told.get("delimiter", ","), _DELIMITERS, "delimiter")
    return AnswerMap(titles, words[0], words[1], words[2], delimiter)


def _list(said: object, name: str) -> list[Any]:
    if not isinstance(said, list) or not said:
        raise _wrong(f"{name} is a list that is not empty.")
    return said


def _table(said: object) -> Mapping[str, Any]:
    if not isinstance(said, Mapping):
        raise _wrong("A table was expected.")
    return said


def _one_of(said: object, allowed: tuple[str, ...], name: str) -> str:
    if said not in allowed:
        raise _wrong(f"{name} is one of {' '.join(repr(each) for each in allowed)}.")
    return str(said)


def _date_format(said: object) -> str:
    """A format that tells every day from every other, or two days would look the same."""
    text = str(said)
    shown = {date(year, month, day).strftime(text)
             for year in (2025, 2026) for month in (1, 11) for day in (1, 11)}  # fmt: skip
    if len(shown) != 8 or len(text) > _LONGEST:
        raise _wrong("date_format names year, month and day, as %m/%d/%Y.")
    return text


def _wrong(what: str) -> WrongUse:
    return WrongUse("wrong_column_map", f"The column map is not understood. {what}",
                    "See `lockbox posting columns --help` for an example.")  # fmt: skip
