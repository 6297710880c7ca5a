"""What a person keys on a remittance's grid becomes a new reading; the one before stays as it was.

``rekeyed`` is pure, and what the live balance shows is what saving will keep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from matching import remittance_grid as grid
from matching import remittance_partners
from matching.fingerprints import lock
from matching.remittance_cells import Touched, adjustments_of, cell_of
from matching.remittance_typed import NotTypedError, value_of
from ocr import remittance_balance
from ocr.remittance_balance import Imbalance
from records import audit
from records.errors import Conflict, NotFound, WrongUse
from records.models import Document, ReadingRow, Remittance
from records.workflow import REMITTANCE_READ, move

Json = dict[str, Any]
_ARITHMETIC = "arithmetic"
MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as it stands on the page: texts by column, which were checked, and its lines.

    ``origin`` is its place in the reading, ``(claim,)``, ``(claim, line)`` or ``(adjustment,)``;
    None for one that was added. Two rows of one origin are a line that was split.
    """

    texts: Mapping[str, str]
    checked: frozenset[str] = frozenset()
    origin: tuple[int, ...] | None = None
    lines: tuple[TypedRow, ...] = ()

    @property
    def is_blank(self) -> bool:
        """Whether it was added and nothing was typed into it."""
        texts = any(text.strip() for text in self.texts.values())
        return self.origin is None and not texts and all(line.is_blank for line in self.lines)


@dataclass(frozen=True, slots=True)
class TypedGrid:
    """All rows as they stand; ``as_printed`` says why it does not balance, empty when it does."""

    head: TypedRow
    claims: tuple[TypedRow, ...] = ()
    taken: tuple[TypedRow, ...] = ()
    as_printed: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A text that is no value: the cell's path (``claims.0.lines.2.paid_cents``), what to type."""

    path: str
    message: str


@dataclass(slots=True)
class Keyed:
    """The reading as it would be kept, what does not add up in it, and what was done."""

    body: Json
    findings: list[Imbalance] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    touched: Touched = field(default_factory=Touched)
    reworded: bool = False


def rekeyed(body: Mapping[str, Any], typed: TypedGrid, actor: str) -> Keyed:
    """The reading ``body`` with the grid as typed; every changed cell says who keyed it."""
    before = grid.of_reading(body)
    keyed = Keyed({**body, "fields": dict(body.get("fields") or {})})
    keyed.touched.actor = actor
    fields = keyed.body["fields"]
    _head(keyed, typed.head, before.head)
    old = _listed(fields, "claims")
    claims = [
        _claim(keyed, row, _at(old, row.origin), _at(before.claims, row.origin), f"claims.{place}",
               old, before.claims)
        for place, row in enumerate(typed.claims) if not row.is_blank
    ]  # fmt: skip
    listed = _listed(fields, "provider_adjustments")
    taken = [
        _row(keyed, grid.TAKEN, row, _at(listed, row.origin), _at(before.taken, row.origin),
             f"taken.{place}")
        for place, row in enumerate(typed.taken) if not row.is_blank
    ]  # fmt: skip
    keyed.touched.dropped += len(old) - len({row.origin for row in typed.claims if row.origin})
    keyed.touched.dropped += len(listed) - len({row.origin for row in typed.taken if row.origin})
    _put(fields, "claims", claims, keyed.touched)
    _put(fields, "provider_adjustments", taken, keyed.touched)
    total = fields.get("total_paid_cents") or {}
    keyed.findings = remittance_balance.findings(claims, taken, total.get("value"))
    _balance(keyed, typed.as_printed.strip(), actor)
    return keyed


def save(
    session: Session, document_id: str, version: int, typed: TypedGrid, actor: str
) -> ReadingRow:
    """Keep the grid as a new reading of the document; the newest one when nothing was changed.

    Saving what adds up although its reader doubted that (a printed sum of all claims, say) is a
    person's word that it does.

    ``version`` is that of the reading the person had before them. Raises Conflict
    ``reading_changed`` when there is a newer one, ``document_replaced`` when the document is not
    live; WrongUse ``wrong_cell`` names the first cell that holds no value of its kind.
    """
    lock(session)  # before any row: what goes with the remittance is asked at once
    document = session.get(Document, document_id, with_for_update=True)
    if document is None:
        raise NotFound("unknown_document", "There is no such document.", "Reload the list.")
    session.expire(document, ["readings"])
    last = newest(document, version)
    keyed = rekeyed(last.sealed, typed, actor)
    if keyed.wrong:
        raise WrongUse("wrong_cell", keyed.wrong[0].message, "Correct it, then save again.")
    told = (last.sealed.get("fields") or {}).get("balanced") or {}
    settled = not keyed.findings and told.get("value") is not True
    if not (keyed.touched.any or keyed.reworded or settled):
        return last
    row = ReadingRow(document_id=document.id, version=last.version + 1, sealed=keyed.body,
                     made_by=actor)  # fmt: skip
    session.add(row)
    session.flush()
    session.expire(document, ["readings"])
    audit.record(session, actor=actor, action="remittance.keyed", subject_kind="document",
                 subject_id=document.id,
                 detail={"version": row.version, "changed": keyed.touched.changed,
                         "checked": keyed.touched.checked, "removed": keyed.touched.dropped,
                         "balanced": not keyed.findings})  # fmt: skip
    remittance = remittance_partners.changed(session, document, actor)
    if remittance is not None and "as_printed" in keyed.body["fields"]:
        _as_printed(remittance)
    return row


def _as_printed(remittance: Remittance) -> None:
    """Why it does not balance is said and no cell is in doubt: it is read."""
    if not remittance.doubtful and remittance.read_state != "read":
        move(remittance, REMITTANCE_READ, "read")


def newest(document: Document, version: int) -> ReadingRow:
    """The document's newest reading when it is the one of ``version``; Conflict otherwise."""
    if not document.live or not document.readings:
        raise Conflict("document_replaced", "This document was made anew in the page editor.",
                       "Open the list of remittances again.")  # fmt: skip
    last = document.reading
    if last.version != version:
        by = last.made_by.removeprefix("user:") if last.made_by.startswith("user:") else "a re-read"
        raise Conflict("reading_changed", f"This remittance was changed meanwhile, by {by}.",
                       "Reload the page; what you typed here was not saved.")  # fmt: skip
    return last


def _head(keyed: Keyed, row: TypedRow, before: grid.Row) -> None:
    fields = keyed.body["fields"]
    for column in grid.HEAD:
        value = _typed(keyed, column, row, before, "head")
        fields[column.name] = cell_of(
            keyed.touched, before.cells[column.name], fields.get(column.name), value,
            checked=column.name in row.checked,
        )  # fmt: skip


def _claim(
    keyed: Keyed, row: TypedRow, old: Mapping[str, Any] | None, before: grid.Row | None, path: str,
    claims: Sequence[Json], shown: Sequence[grid.Row],
) -> Json:  # fmt: skip
    claim = _row(keyed, grid.CLAIM, row, old, before, path)
    lines = []
    for place, line in enumerate(row.lines):
        if line.is_blank:
            continue
        origin = line.origin if line.origin and len(line.origin) == 2 else None
        source = _at(claims, origin)
        was = None if source is None or origin is None else _at(source["lines"], origin[1:])
        seen = _at(shown, origin)
        cells = None if seen is None or origin is None else _at(seen.lines, origin[1:])
        made = _row(keyed, grid.LINE, line, was, cells, f"{path}.lines.{place}")
        lines.append(_share(made, was))
    if old is not None:
        kept = {line.origin for line in row.lines if line.origin}
        keyed.touched.dropped += max(0, len(old.get("lines") or ()) - len(kept))
    claim["lines"] = lines
    claim.setdefault("remarks", [])
    if lines:
        _sum_up(claim, lines, [name for name in grid.SUMMED if name not in row.texts])
    return claim


def _share(line: Json, old: Mapping[str, Any] | None) -> Json:
    """The patient's share follows its reasons where it was their sum and nobody keyed another."""
    name = "patient_responsibility_cents"
    share, reasons = line.get(name), _patient(line["adjustments"])
    was = None if old is None else old.get(name)
    followed = was is None or was == _patient(old.get("adjustments") or () if old else ())
    if share == was and followed and reasons != was and any(
        entry.get("group") == "PR" for entry in line["adjustments"]
    ):  # fmt: skip
        evidence = {**(line["evidence"].get(name) or {}), "value": reasons, "confidence": 1.0,
                    "source": _ARITHMETIC, "alternatives": []}  # fmt: skip
        return {**line, name: reasons, "evidence": {**line["evidence"], name: evidence}}
    return line


def _patient(adjustments: Sequence[Mapping[str, Any]]) -> int:
    return sum(int(e.get("amount_cents") or 0) for e in adjustments if e.get("group") == "PR")


def _sum_up(claim: Json, lines: Sequence[Json], names: Sequence[str]) -> None:
    """What a claim's lines amount to, with the evidence of the first and the least of them all."""
    for name in names:
        claim[name] = grid.summed(claim, lines, name)
        own = [line["evidence"].get(name) for line in lines]
        known = [each for each in own if each is not None]
        claim["evidence"].pop(name, None)
        if claim[name] is not None and len(known) == len(own):
            sure = min(float(each.get("confidence") or 0.0) for each in known)
            claim["evidence"][name] = {**known[0], "value": claim[name], "confidence": sure,
                                       "alternatives": []}  # fmt: skip
    shares = [line.get("patient_responsibility_cents") for line in lines]
    if all(share is not None for share in shares):
        claim["patient_responsibility_cents"] = sum(share or 0 for share in shares)


def _row(
    keyed: Keyed, columns: Sequence[grid.Column], row: TypedRow, old: Mapping[str, Any] | None,
    before: grid.Row | None, path: str,
) -> Json:  # fmt: skip
    """One entry of the contract with the texts of its cells; what has no text stays as it was."""
    entry: Json = dict(old or {})
    evidence: Json = dict(entry.get("evidence") or {})
    empty = grid.Row({each.name: grid.Cell(each, None, "", 0.0) for each in columns})
    shown = before or empty
    for column in columns:
        checked = column.name in row.checked
        if column.kind == "adjustments":
            value = _typed(keyed, column, row, shown, path)
            entry["adjustments"] = adjustments_of(
                keyed.touched, shown.cells[column.name], value or [], evidence, checked=checked
            )
            continue
        if column.name not in row.texts and before is not None:
            continue
        value = _typed(keyed, column, row, shown, path)
        if value is None and column.kind == "codes":
            value = []
        cell = cell_of(keyed.touched, shown.cells[column.name], evidence.get(column.name), value,
                       checked=checked)  # fmt: skip
        entry[column.name] = value
        evidence.pop(column.name, None)
        if cell is not None:
            evidence[column.name] = cell
    entry["evidence"] = evidence
    return entry


def _typed(keyed: Keyed, column: grid.Column, row: TypedRow, before: grid.Row, path: str) -> Any:
    """The value of a cell: as it was read where its text stands as it was shown."""
    cell = before.cells[column.name]
    text = row.texts.get(column.name)
    if text is None or " ".join(text.split()) == cell.text:
        return cell.value
    try:
        return value_of(column, text)
    except NotTypedError as error:
        keyed.wrong.append(Wrong(f"{path}.{column.name}", str(error)))
        return None


def _put(fields: Json, name: str, entries: list[Json], touched: Touched) -> None:
    """A list of entries as a field: as sure as its least sure cell."""
    before = fields.get(name) or {}
    cells = [cell for entry in entries for part in (entry, *entry.get("lines", ()))
             for cell in part["evidence"].values() if cell.get("value") is not None]  # fmt: skip
    sure = min((float(cell.get("confidence") or 0.0) for cell in cells), default=1.0)
    fields[name] = {
        "value": entries, "confidence": round(sure, 4), "page": before.get("page") or 0,
        "box": before.get("box"), "alternatives": [],
        "source": touched.actor if touched.any else before.get("source") or "",
    }  # fmt: skip


def _balance(keyed: Keyed, as_printed: str, actor: str) -> None:
    """Whether it adds up, told as every reading tells it; why not, where a person says so."""
    fields, findings = keyed.body["fields"], keyed.findings
    said: Json = {
        "confidence": 1.0,
        "page": 0,
        "box": None,
        "source": _ARITHMETIC,
        "alternatives": [],
    }
    fields["balanced"] = {**said, "value": not findings}
    fields["imbalances"] = {**said, "value": [each.to_json() for each in findings]}
    before = (fields.pop("as_printed", None) or {}).get("value") or ""
    reason = as_printed[:200] if findings else ""
    keyed.reworded = reason != before
    if reason:
        fields["as_printed"] = {**said, "value": reason, "source": actor}
    told = {"unbalanced", "no_claims", "no_total"}
    warnings = [each for each in keyed.body.get("warnings") or () if each.get("code") not in told]
    if findings:
        places = ", ".join(each.where for each in findings[:5])
        warnings.append({"code": "unbalanced", "message": f"amounts do not add up: {places}"})
    keyed.body["warnings"] = warnings


def _listed(fields: Mapping[str, Any], name: str) -> Sequence[Json]:
    return (fields.get(name) or {}).get("value") or ()


def _at(rows: Sequence[Any], origin: tuple[int, ...] | None) -> Any:
    """The row of an origin, None for none; WrongUse where the reading has no such row."""
    if origin is None:
        return None
    if not 0 <= origin[0] < len(rows):
        raise WrongUse("wrong_grid", "The grid names a row that is not there.", "Reload the page.")
    return rows[origin[0]]
