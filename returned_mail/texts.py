"""Call scripts, messages and letters: texts with a few names in them, in English and Spanish.

A text is a template that can name what ``NAMES`` lists and decide by it; it can do nothing else.
Balance, treatment and date of birth are not among the names: no text can tell them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from records import audit, clock
from records.errors import WrongUse
from records.models import AddressTask, Office, TaskText

KINDS: Final = ("call", "message", "letter")
LANGUAGES: Final = ("en", "es")
LANGUAGE_NAMES: Final = {"en": "English", "es": "Spanish"}
NAMES: Final = {
    "guarantor_name": "who pays, as on the account",
    "office_name": "the office",
    "office_phone": "its telephone",
    "caller": "who calls or writes",
    "ref": "the task's reference",
    "today": "the date",
}
LONGEST: Final = 4000
_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Const,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip


def body_of(session: Session, office_id: str | None, kind: str, language: str) -> str:
    """The text in force for an office (None: the group), the program's own where nobody wrote."""
    _known(kind, language)
    rows = session.scalars(
        select(TaskText)
        .where(
            TaskText.kind == kind,
            TaskText.language == language,
            or_(TaskText.office_id.is_(None), TaskText.office_id == office_id),
        )
        .order_by(TaskText.version)
    )
    newest = {row.office_id is not None: row.body for row in rows}
    return newest.get(True) or newest.get(False) or defaults()[kind][language]


def change(
    session: Session, office_id: str | None, kind: str, language: str, body: str, actor: str
) -> TaskText:
    """Write a text for an office or the group; an empty one goes back to the level above.

    Raises WrongUse ``wrong_text`` where it names or does what a text may not.
    """
    _known(kind, language)
    text = body.replace("\r\n", "\n").strip()
    if text:
        check(text)
    newest = session.scalar(select(func.max(TaskText.version))) or 0
    row = TaskText(
        office_id=office_id, kind=kind, language=language, version=newest + 1,
        body=f"{text}\n" if text else "", actor=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="task_text.changed" if text else "task_text.reset",
        subject_kind="task_text", subject_id=row.id,
        detail={"kind": kind, "language": language, "office": office_id or ""},
    )  # fmt: skip
    return row


def check(body: str) -> None:
    """Raise WrongUse ``wrong_text`` unless it is a text with names and conditions alone."""
    if len(body) > LONGEST:
        raise _wrong(f"At most {LONGEST} characters.")
    try:
        tree = _environment().parse(body)
    except TemplateError as error:
        raise _wrong(f"It cannot be read: {error}.") from error
    except RecursionError as error:
        raise _wrong("It is nested too deep.") from error
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            raise _wrong("Only names in {{ }} and {% if %} may stand in it.")
        if isinstance(node, nodes.Name) and node.name not in NAMES:
            raise _wrong(f"{node.name!r} is no name that a text may use.")
    _try(body)


def _try(body: str) -> None:
    """Fill it in once: what is well formed may still fail (a name less than a number, ifs too
    deep for the compiler), and must be told to who writes it, not to who prints a letter."""
    try:
        _environment().from_string(body).render(dict.fromkeys(NAMES, "x"))
    except (TemplateError, SyntaxError, TypeError, ValueError, RecursionError) as error:
        raise _wrong("It cannot be filled in: names are texts, and few ifs stand in others."
                     ) from error  # fmt: skip


def fill(body: str, values: Mapping[str, str]) -> str:
    """The text with the names filled in."""
    check(body)
    return _environment().from_string(body).render(dict(values)).strip()


def values_of(task: AddressTask, caller: str) -> dict[str, str]:
    """What the names of ``NAMES`` stand for on a task; an unknown guarantor is a blank line."""
    office: Office = task.office
    return {
        "guarantor_name": task.account.guarantor_name if task.account else "________________",
        "office_name": office.name,
        "office_phone": str(office.settings.get("phone") or "________________"),
        "caller": caller,
        "ref": task.ref,
        "today": clock.now().date().isoformat(),
    }


@cache
def defaults() -> dict[str, dict[str, str]]:
    """The program's own texts, by kind and language."""
    with (Path(__file__).parent / "texts.toml").open("rb") as file:
        read = tomllib.load(file)
    return {
        kind: {each: str(said).strip() + "\n" for each, said in read[kind].items()}
        for kind in KINDS
    }


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    # Plain text, escaped where it is shown: a page escapes it, and so does the letter.
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


def _known(kind: str, language: str) -> None:
    if kind not in KINDS or language not in LANGUAGES:
        raise WrongUse("unknown_text", "There is no such text.", "Choose one from the list.")


def _wrong(message: str) -> WrongUse:
    return WrongUse("wrong_text", message, "Change it and save again.")
