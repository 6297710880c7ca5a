"""What one address task's page shows: pictures, what was read, whose it may be, differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Document,
    PageImage,
    Remail,
    StatementHold,
)
from returned_mail import address as addresses
from returned_mail import clocks, household, plays, remails, texts, tying
from returned_mail.reasons import play
from web import pictures, task_requests

_READ: tuple[tuple[str, str], ...] = (
    ("reason", "Reason"),
    ("endorsement_text", "On the label"),
    ("forward_address", "New address on the label"),
    ("addressee_name", "Mailed to"),
    ("addressee_address", "Mailed to this address"),
    ("return_address", "Mailed from"),
)
_LABEL = ("forward_address", "endorsement_text", "nixie", "reason")


def task_view(session: Session, task: AddressTask, caller: str) -> dict[str, Any]:
    """Everything the template needs for one task; ``caller`` stands in the call's script."""
    document = task.document
    further = _further_pieces(session, task)
    rows = pictures.rows_of(session, [p for each in (document, *further) for p in each.page_ids])
    fields = _fields(document)
    forward = str(task.evidence.get("forward_address") or "")
    works_on = [each.account for each in tying.live_accounts(task)]
    works_on = works_on or ([task.account] if task.account else [])
    kept = address_versions.confidential_among(session, [each.id for each in works_on])
    return {
        "task": task,
        "play": plays.of_task(task),
        "step": clocks.STEPS.get(task.step, task.step),
        "crops": _crops(fields, document, rows),
        "neighbours": household.at_address(session, task),
        "changeable": [each for each in works_on if each.id not in kept],
        "left": [each for each in works_on if each.id in kept],
        "confidential": (
            address_versions.confidential(session, task.account_id) if task.account_id else None
        ),
        "asked": task_requests.of_task(session, task.id),
        "proposed": task_requests.proposed(session, task),
        "remails": _remails(session, task.id),
        "repeats": remails.may_repeat(task),
        "stopped": tying.guarded(session, task),
        "scripts": _scripts(session, task, caller),
        "account": task.account,
        "current": task.account.address if task.account else None,
        "pages": _pages(document, further, rows),
        "read": _read(fields, document, rows),
        "label": _label(fields, document, rows),
        "forward": forward,
        "prefilled": addresses.parse_block(forward) if forward else None,
        "compared": _compared(task, forward),
        "candidates": _candidates(session, task.evidence.get("candidates") or ()),
        "hold": _hold(session, task.id),
        "attempts": [each for each in task.attempts if each.kind != "piece"],
    }


def _further_pieces(session: Session, task: AddressTask) -> list[Document]:
    """The pieces that came back later and joined this task."""
    refs = [str(each.note) for each in task.attempts if each.kind == "piece"]
    return list(session.scalars(select(Document).where(Document.ref.in_(refs))))


def _fields(document: Document) -> Mapping[str, Any]:
    body = document.reading.sealed if document.reading else {}
    found: Mapping[str, Any] = body.get("fields") or {}
    return found


def _pages(
    document: Document, further: list[Document], rows: Mapping[str, PageImage]
) -> list[dict[str, Any]]:
    shown: dict[str, dict[str, Any]] = {}
    for number, each in enumerate((document, *further), start=1):
        for page_id in each.page_ids:
            if page_id in rows:
                label = "returned piece" if number == 1 else f"piece {number}"
                shown.setdefault(page_id, pictures.tab(rows[page_id], label))
    return list(shown.values())


def _read(
    fields: Mapping[str, Any], document: Document, rows: Mapping[str, PageImage]
) -> list[dict[str, Any]]:
    shown = []
    for name, label in _READ:
        field = fields.get(name)
        if not field or field.get("value") in (None, ""):
            continue
        value = play(str(field["value"])).title if name == "reason" else str(field["value"])
        confidence = field.get("confidence")
        shown.append(
            {
                "label": label,
                "value": value,
                "confidence": None if confidence is None else int(float(confidence) * 100),
                **pictures.place(field, document.page_ids, rows),
            }
        )
    return shown


def _label(
    fields: Mapping[str, Any], document: Document, rows: Mapping[str, PageImage]
) -> dict[str, str]:
    """Where to put the light first: the label that says why it came back."""
    places = (pictures.place(fields.get(name), document.page_ids, rows) for name in _LABEL)
    return next((each for each in places if each["box"]), {"page": "", "box": ""})


def _compared(task: AddressTask, forward: str) -> list[dict[str, Any]]:
    """The address on file beside each one on the piece, word by word."""
    current = task.account.address if task.account else None
    if task.account is None or current is None:
        return []
    sent = str(task.evidence.get("address") or "")
    new = addresses.parse_block(forward) if forward else None
    names = [str(task.evidence.get("addressee") or ""), task.account.guarantor_name,
             task.account.patient_name]  # fmt: skip
    others = [("on the envelope", sent), ("new, on the label", new.line if new else forward)]
    compared = []
    for label, text in others:
        if not text:
            continue
        line = addresses.without_name(" ".join(text.split()), names)
        left, right = addresses.differences(current.line, line)
        same = not any(token.differs for token in (*left, *right))
        compared.append({"label": label, "file": left, "other": right, "same": same,
                         "differing": _differing(left, right)})  # fmt: skip
    return compared


def _differing(left: Sequence[addresses.Token], right: Sequence[addresses.Token]) -> list[str]:
    """In which parts two addresses differ, in words; a number with the slip between the two."""
    said: dict[str, str] = {}
    for token in (*left, *right):
        if token.differs and token.role:
            said[token.role] = token.slip or said.get(token.role, "")
    return [f"{role.replace('_', ' ')} (digits {slip})" if slip else role.replace("_", " ")
            for role, slip in said.items()]  # fmt: skip


_CROPS: Final = (
    ("The label", ("endorsement_text", "nixie", "forward_address", "reason")),
    ("The window", ("addressee_address", "addressee_name")),
)


def _crops(
    fields: Mapping[str, Any], document: Document, rows: Mapping[str, PageImage]
) -> list[dict[str, Any]]:
    """The label and the window, each cut out of its page with a margin; at most these two."""
    shown = []
    for title, names in _CROPS:
        places = [pictures.place(fields.get(name), document.page_ids, rows) for name in names]
        found = [each for each in places if each["box"] and each["page"] == _first_page(places)]
        if found:
            page = rows[found[0]["page"]]
            box = _around([each["box"] for each in found], pictures.tab(page, ""))
            shown.append(
                {
                    "title": title,
                    "page": page.id,
                    "box": found[0]["box"],
                    "crop": ",".join(map(str, box)),
                    "width": box[2],
                    "height": box[3],
                }
            )
    return shown


def _first_page(places: list[dict[str, str]]) -> str:
    return next((each["page"] for each in places if each["box"]), "")


def _around(boxes: list[str], sheet: Mapping[str, Any]) -> tuple[int, int, int, int]:
    sides = [tuple(int(part) for part in box.split(",")) for box in boxes]
    left, top = min(box[0] for box in sides), min(box[1] for box in sides)
    right = max(box[0] + box[2] for box in sides)
    foot = max(box[1] + box[3] for box in sides)
    margin = max(8, (foot - top) // 5)
    x, y = max(0, left - margin), max(0, top - margin)
    return x, y, min(sheet["width"], right + margin) - x, min(sheet["height"], foot + margin) - y


def _remails(session: Session, task_id: str) -> list[Remail]:
    return list(
        session.scalars(select(Remail).where(Remail.task_id == task_id).order_by(Remail.created_at))
    )


def _scripts(session: Session, task: AddressTask, caller: str) -> list[dict[str, str]]:
    """What to say on the telephone and in a message, in each language."""
    values = texts.values_of(task, caller)
    return [
        {
            "kind": kind,
            "language": texts.LANGUAGE_NAMES[language],
            "code": language,
            "text": texts.fill(texts.body_of(session, task.office_id, kind, language), values),
        }
        for kind in ("call", "message")
        for language in texts.LANGUAGES
    ]


def _candidates(session: Session, ranked: Any) -> list[dict[str, Any]]:
    accounts = {
        row.id: row
        for row in session.scalars(
            select(Account).where(Account.id.in_([each["account_id"] for each in ranked]))
        )
    }
    versions = {
        row.id: row
        for row in session.scalars(
            select(AddressVersion).where(
                AddressVersion.id.in_([each["address_version_id"] for each in ranked])
            )
        )
    }
    shown = []
    for each in ranked[:9]:
        account = accounts.get(each["account_id"])
        if account is not None:
            version = versions.get(each["address_version_id"])
            shown.append(
                {
                    "account": account,
                    "address": version.line if version else "",
                    "percent": min(99, int(100 * each["score"])),
                    "reasons": each["reasons"],
                }
            )
    return shown


def _hold(session: Session, task_id: str) -> StatementHold | None:
    """The task's newest hold on statements, ended or not."""
    return session.scalars(
        select(StatementHold)
        .where(StatementHold.task_id == task_id)
        .order_by(StatementHold.released_at.is_(None).desc(), StatementHold.created_at.desc())
        .limit(1)
    ).first()
