"""Learned layouts as they are kept: stored by version, given to the reader, exported and imported.

A layout is JSON as a reading's ``layout`` has it: ``{fingerprint, payer, columns: [{header, left,
right, role}]}``. It holds words of a table's head and nothing that stands below them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr.remittance_head_cells import HeadCell
from ocr.remittance_layouts import fingerprint
from ocr.remittance_lexicon import ROLES, column_role
from ocr.remittance_taught import own_words
from records.errors import WrongUse
from records.models import PayerLayout

Json = dict[str, Any]
MOST_COLUMNS = 60
_MOST_LAYOUTS = 100_000
_LONGEST = 120
_PEOPLE = ("patient_name", "member_id", "patient_account", "claim_number", "provider_name")
_WIDE = 10_000  # a page's width in which its fractions are whole
_DIGITS = re.compile(r"\d{3,}")  # no head has them; an account or member number would


def live(session: Session) -> tuple[Json, ...]:
    """Every layout in force, the newest first: what the reader is given."""
    query = select(PayerLayout).where(PayerLayout.live)
    rows = session.scalars(query.order_by(PayerLayout.created_at.desc(), PayerLayout.id.desc()))
    return tuple(as_json(row) for row in rows)


def rows(session: Session) -> list[PayerLayout]:
    """The rows in force, by payer."""
    query = select(PayerLayout).where(PayerLayout.live)
    return list(session.scalars(query.order_by(PayerLayout.payer, PayerLayout.fingerprint)))


def as_json(row: PayerLayout) -> Json:
    """A row as the reader and an export have it."""
    return {"fingerprint": row.fingerprint, "payer": row.payer, "columns": row.columns}


def keep(session: Session, layout: Mapping[str, Any], actor: str) -> PayerLayout:
    """Put a layout in force as a new version of its fingerprint; the one there is when equal.

    Raises WrongUse ``wrong_layout`` when it is none.
    """
    clean = checked(layout)
    newest = session.scalars(
        select(PayerLayout)
        .where(PayerLayout.fingerprint == clean["fingerprint"])
        .order_by(PayerLayout.version.desc())
        .with_for_update()
    ).first()
    if newest is not None and newest.live and newest.columns == clean["columns"]:
        return newest
    if newest is not None and newest.live:
        newest.live = False
        session.flush()
    row = PayerLayout(**clean, made_by=actor, version=1 if newest is None else newest.version + 1)
    session.add(row)
    session.flush()
    return row


def exported(session: Session) -> Json:
    """All layouts in force as one document, the same on every machine that has the same."""
    return {"layouts": [as_json(row) for row in rows(session)]}


def imported(document: Any) -> list[Json]:
    """The layouts of an export, each checked; WrongUse ``wrong_layout`` names the first bad one."""
    listed = document.get("layouts") if isinstance(document, Mapping) else None
    if not isinstance(listed, list) or len(listed) > _MOST_LAYOUTS:
        raise _wrong("the file holds no list of layouts")
    return [checked(each) for each in listed]


def checked(layout: Any) -> Json:
    """The layout with nothing else in it; WrongUse ``wrong_layout`` says what is wrong.

    Digits that no head has are masked, so that no number of a patient is kept or exported.
    """
    if not isinstance(layout, Mapping):
        raise _wrong("it is no object")
    fingerprint, payer = layout.get("fingerprint"), layout.get("payer") or ""
    columns = layout.get("columns")
    if not isinstance(fingerprint, str) or not 1 <= len(fingerprint) <= _LONGEST:
        raise _wrong("its fingerprint is missing or too long")
    if not isinstance(payer, str) or not isinstance(columns, list):
        raise _wrong("its payer or its columns are missing")
    if not own_words(payer):
        raise _wrong(f"{payer[:40]!r} is no payer's own name, so it would be read for others'")
    if not 1 <= len(columns) <= MOST_COLUMNS:
        raise _wrong(f"it has no columns, or more than {MOST_COLUMNS}")
    return {
        "fingerprint": fingerprint,
        "payer": _masked(payer),
        "columns": [_column(each) for each in columns],
    }


def of_named_payer(layout: Mapping[str, Any], keyed: str) -> Json:
    """The layout under the payer's own name: as the page was read, else as a person keyed it.

    WrongUse ``layout_without_payer`` where neither names one: it would be read for any payer.
    """
    read = str(layout.get("payer") or "")
    if own_words(read):
        return dict(layout)
    if not own_words(keyed):
        raise WrongUse(
            "layout_without_payer",
            f"{read or keyed or 'No name'!r} names no payer of its own.",
            "Key the payer's name as it is printed, save, then say the columns.",
        )
    return {**layout, "payer": keyed, "fingerprint": refingered(layout, keyed)}


def without_people(layout: Mapping[str, Any], claims: Iterable[Mapping[str, Any]]) -> Json:
    """The layout with words masked in its heads that are a patient's or a provider's.

    Where a table's head is not known, the row above its first service may be taken for one.
    """
    said = {
        word
        for claim in claims
        for name in _PEOPLE
        for word in re.findall(r"\w{2,}", str(claim.get(name) or "").lower())
    }

    def masked(header: str) -> str:
        if column_role(header) is not None:
            return header
        return re.sub(r"\w+", lambda f: "#" * len(f[0]) if f[0].lower() in said else f[0], header)

    columns = [{**each, "header": masked(str(each["header"]))} for each in layout["columns"]]
    return {**layout, "columns": columns}


def refingered(layout: Mapping[str, Any], payer: str) -> str:
    """The fingerprint of the same columns under another payer's name."""
    cells = [
        HeadCell(str(each.get("header") or ""), None, _WIDE * each["left"], _WIDE * each["right"])
        for each in layout["columns"]
    ]
    return fingerprint(cells, payer)


def roles(columns: Iterable[Mapping[str, Any]]) -> list[str | None]:
    """The role of each column."""
    return [each.get("role") for each in columns]


def _column(column: Any) -> Json:
    if not isinstance(column, Mapping):
        raise _wrong("a column is no object")
    header, role = column.get("header"), column.get("role")
    sides = [column.get("left"), column.get("right")]
    if not isinstance(header, str):
        raise _wrong("a column has no header")
    if role is not None and role not in ROLES:
        raise _wrong(f"{str(role)[:40]!r} is no role")
    known = [float(s) for s in sides if isinstance(s, int | float) and -1 <= s <= 2]
    if len(known) != len(sides):
        raise _wrong("a column's left or right is no fraction of the page's width")
    extra = {name: column[name] for name in ("level",) if type(column.get(name)) is int}
    left, right = (round(side, 4) for side in known)
    return {"header": _masked(header), "left": left, "right": right, "role": role, **extra}


def _masked(text: str) -> str:
    clean = " ".join(text.split())[:_LONGEST]
    return _DIGITS.sub(lambda found: "#" * len(found[0]), clean)


def _wrong(why: str) -> WrongUse:
    return WrongUse("wrong_layout", f"This is no layout: {why}.",
                    "Take a file of `lockbox layouts export`.")  # fmt: skip
