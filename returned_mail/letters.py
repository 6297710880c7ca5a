"""A letter of a task: the text in force with its names, as PDF, written down and audited."""

from __future__ import annotations

from sqlalchemy.orm import Session

from matching import address_versions
from records.errors import Conflict, WrongUse
from records.models import AddressTask
from returned_mail import tasks, texts, tying
from returned_mail.address import parse_block
from returned_mail.letter_pdf import letter_pdf

PLACES = ("file", "label")


def make(
    session: Session, task: AddressTask, language: str, to: str, actor: str, caller: str
) -> bytes:
    """The PDF of a letter to the address on file or to the one on the label, and its attempt.

    Raises Conflict ``no_account`` or ``no_address`` where there is nobody to write to, and
    ``contact_stopped`` as an attempt does; ``guarded_task`` while a supervisor reviews the task,
    ``confidential_address`` for a letter to anywhere else than the confidential address.
    """
    lines = address_lines(task, to)
    body = texts.body_of(session, task.office_id, "letter", language)
    values = texts.values_of(task, caller)
    tying.refuse_contact(session, task)
    tying.refuse_guarded(session, task)
    _refuse_elsewhere(session, task, to)
    made = letter_pdf(_sender(task), lines, texts.fill(body, values), values["today"])
    tasks.attempt(session, task.id, actor, "letter", "sent", f"{language}, to the {to} address")
    tasks.told(session, task, actor, "task.letter_printed", language=language, to=to)
    return made


def address_lines(task: AddressTask, to: str) -> tuple[str, ...]:
    """Name and address as they show in the window."""
    if to not in PLACES:
        raise WrongUse("unknown_place", f"No such address: {to!r}.", "Choose from the list.")
    if task.account is None:
        raise Conflict("no_account", "It is not known whose envelope this is.", "Choose first.")
    name = task.account.guarantor_name
    if to == "label":
        found = parse_block(str(task.evidence.get("forward_address") or ""))
        if found is None:
            raise Conflict("no_address", "No new address was read.", "Write to the one on file.")
        care = (found.care_of,) if found.care_of else ()
        return (name, *care, found.street, f"{found.city} {found.state} {found.zip}")
    now = task.account.address
    if now is None:
        raise Conflict("no_address", "There is no address on file.", "Enter one first.")
    care = (now.care_of,) if now.care_of else ()
    return (name, *care, now.street, f"{now.city} {now.state} {now.zip}")


def _refuse_elsewhere(session: Session, task: AddressTask, to: str) -> None:
    """A patient who asked for one address alone is written to nowhere else."""
    if to == "label" and task.account_id is not None:
        held = address_versions.confidential(session, task.account_id)
        if held is not None:
            raise Conflict(
                "confidential_address",
                "This patient asked to be reached at one address alone (45 CFR 164.522(b)).",
                "Write to the address on file.",
            )


def _sender(task: AddressTask) -> tuple[str, ...]:
    said = {name: str(value) for name, value in task.office.settings.items() if value}
    last = " ".join(said[name] for name in ("city", "state", "zip") if name in said)
    return tuple(line for line in (task.office.name, said.get("street", ""), last) if line)
