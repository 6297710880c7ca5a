"""What addresses that mail came back from often lack, said as a sentence with its counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from records.models import AddressRequest, AddressTask, AddressVersion, ReturnedPiece
from returned_mail.address_delivery import parse_delivery
from returned_mail.address_zip import zip_findings

PARTS: Final = {
    "unit": "lack an apartment number",
    "house": "lack a house number",
    "zip": "have a ZIP that does not agree with city or state",
}
AT_LEAST: Final = 3
"""So many returns lack the same part before anything is said: two may be chance."""
_SHARE: Final = 1 / 3
_FEW: Final = 10
_AT_A_HOUSE: Final = frozenset({"street", "rural"})


def repeats(
    session: Session, came: ColumnElement[bool], names: Mapping[str, str]
) -> tuple[str, ...]:
    """Sentences on offices, and on who entered the addresses, whose returns often lack a part.

    Only addresses that are known count; an apartment is missing where a verifier says so, or
    where the address that replaced it is the same house with one.
    """
    totals: Counter[str] = Counter()
    lacking: dict[str, Counter[str]] = defaultdict(Counter)
    for office_id, old, new, incomplete in _pieces(session, came):
        missing = tuple(_lacks(old, new, incomplete=incomplete))
        keys = [f"from {names[office_id]}"]
        if old.source != "import":
            keys.append(f"to addresses entered by {old.confirmed_by.removeprefix('user:')}")
        for key in keys:
            totals[key] += 1
            lacking[key].update(missing)
    return tuple(
        _sentence(key, count, totals[key], part)
        for key in sorted(lacking)
        for part, count in lacking[key].most_common()
        if count >= AT_LEAST and count / totals[key] >= _SHARE
    )


def _pieces(
    session: Session, came: ColumnElement[bool]
) -> Iterable[tuple[str, AddressVersion, AddressVersion | None, bool]]:
    """Office, the address mailed to, the one that replaced it, whether a verifier missed a part."""
    rows = session.execute(
        select(ReturnedPiece.office_id, AddressVersion, AddressTask)
        .join(AddressVersion, AddressVersion.id == ReturnedPiece.address_version_id)
        .outerjoin(AddressTask, AddressTask.id == ReturnedPiece.task_id)
        .where(came)
    ).all()
    task_ids = {task.id for *_, task in rows if task is not None}
    incomplete = set(
        session.scalars(
            select(AddressRequest.task_id).where(
                AddressRequest.task_id.in_(task_ids),
                AddressRequest.verdict == "missing_secondary",
                AddressRequest.address_version_id.is_not(None),
            )
        )
    )
    for office_id, old, task in rows:
        new = session.get(AddressVersion, task.new_address_id) if (
            task is not None and task.new_address_id) else None  # fmt: skip
        yield office_id, old, new, task is not None and task.id in incomplete


def _lacks(old: AddressVersion, new: AddressVersion | None, *, incomplete: bool) -> Iterable[str]:
    was = parse_delivery(old.street, old.state)
    if not was.text("unit") and (incomplete or _same_house_with_unit(old, new)):
        yield "unit"
    if was.kind in _AT_A_HOUSE and not was.text("house"):
        yield "house"
    if zip_findings(old.city, old.state, old.zip):
        yield "zip"


def _same_house_with_unit(old: AddressVersion, new: AddressVersion | None) -> bool:
    if new is None:
        return False
    was, now = parse_delivery(old.street, old.state), parse_delivery(new.street, new.state)
    same = all(
        was.text(role) == now.text(role) for role in ("house", "street", "suffix")
    ) and old.zip[:5] == new.zip[:5]  # fmt: skip
    return bool(same and was.text("house") and now.text("unit"))


def _sentence(key: str, count: int, total: int, part: str) -> str:
    few = " Few returns: look again as more come." if total < _FEW else ""
    return f"{count} of {total} returns {key} {PARTS[part]}.{few}"
