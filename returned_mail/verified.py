"""A verifier's answer applied to its task: once, and never to a confidential address.

An address comes into force only where it was proposed for the account, the name that stood by it
is the account's, and the verifier (or the person) says of that same place that mail is delivered
there. Everything else is written on the task for a person.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from records import audit, clock, row_locks
from records.errors import LockboxError, NotFound
from records.models import Account, AddressCandidate, AddressRequest, AddressTask, AddressVersion
from records.models import TaskAttempt as Attempt
from returned_mail import tasks, tying
from returned_mail.address import Address
from returned_mail.verify import asking
from returned_mail.verify.types import PERSON, Question, Verdict, Verified
from returned_mail.verify.words import name_of

_Said = tuple[str, str]
_DROPPED = {"91": "the new address lacks an apartment", "92": "the old address had an apartment"}
_NO_ADDRESS = {
    "01": "moved abroad", "02": "moved, left no address", "03": "post office box closed",
    "05": "moved, the new address is not clear", "14": "moved, the new address is not complete",
    "19": "moved, the new address is not deliverable",
}  # fmt: skip


def take(session: Session, request: AddressRequest) -> None:
    """Apply an answered request to its task; the second time nothing happens."""
    if request.answer is None or request.taken_at is not None:
        return
    task = tasks.locked(session, request.task_id)
    if request.candidate_id is not None:
        row_locks.locked(session, AddressCandidate, request.candidate_id)
    answer = Verified.of(request.answer)
    actor = f"verifier:{request.verifier}" if request.verifier != PERSON else answer.verifier
    request.taken_at = clock.now()
    if request.candidate is not None:
        request.candidate.verdict = answer.verdict
    try:
        with session.begin_nested():
            outcome, note = _apply(session, task, request, answer, actor)
    except LockboxError as error:  # the answer is kept, a person sees why nothing came of it
        outcome, note = "unclear", f"{name_of(request.verifier)} answered. {error.message}"
    session.add(Attempt(task_id=task.id, kind="lookup", outcome=outcome, note=note, actor=actor))
    session.flush()
    audit.record(
        session,
        actor=actor,
        action="task.verified",
        subject_kind="address_task",
        subject_id=task.id,
        detail={"request": request.id, "verdict": answer.verdict, "outcome": outcome},
    )


def answer_by_person(
    session: Session,
    request_id: str,
    actor: str,
    verdict: Verdict,
    *,
    moved_to: Address | None = None,
) -> AddressRequest:
    """A person answers instead of a verifier, and the answer is applied.

    Raises NotFound ``unknown_request``, Conflict ``transition_refused`` once it is answered.
    """
    known = session.get(AddressRequest, request_id)
    if known is None:
        raise NotFound("unknown_request", "There is no such request.", "Reload the page.")
    tasks.locked(session, known.task_id)
    request = session.get_one(
        AddressRequest, request_id, with_for_update=True, populate_existing=True
    )
    request.verifier = PERSON
    asked = Question.of(request.sealed).address
    asking.enter(session, request, Verified(verdict, actor, clock.now(), asked, moved_to), actor)
    take(session, request)
    return request


def _apply(
    session: Session, task: AddressTask, request: AddressRequest, answer: Verified, actor: str
) -> _Said:
    name = name_of(request.verifier)
    if answer.verdict == "deliverable":
        return _deliverable(session, task, request, answer, actor)
    if answer.verdict == "moved":
        return _moved(session, task, request, answer, actor)
    if answer.verdict == "undeliverable":
        why = _NO_ADDRESS.get(answer.codes.get("ncoa", ""), "no mail is delivered at this address")
        return "not_found", f"{name}: {why}."
    if answer.verdict == "missing_secondary":
        return "unclear", f"{name}: {_missing(request, answer)}"
    if answer.verdict == "ambiguous":
        return "unclear", f"{name} knows several addresses that may be meant. Complete this one."
    return "unclear", f"{name} knows nothing about this address."


def _deliverable(
    session: Session, task: AddressTask, request: AddressRequest, answer: Verified, actor: str
) -> _Said:
    name, asked = name_of(request.verifier), Question.of(request.sealed).address
    written = answer.address or asked
    vacant = " It counts as vacant." if answer.codes.get("vacant") == "Y" else ""
    if not address_candidates.same_place(_four(asked), _four(written)):
        return "unclear", f"{name} answered about another address: {written.line}. Compare them."
    candidate = request.candidate
    if candidate is None:
        _still_there(session, request, answer, actor)
        return "found", f"{name}: mail is delivered at this address.{vacant}"
    reason = _why_not(session, task, request, candidate)
    if reason:
        return "found", f"{name}: mail is delivered there.{vacant} {reason}"
    if vacant:
        return "unclear", f"{name}: the address exists.{vacant} Confirm it before mail goes there."
    version = address_candidates.confirm(
        session, candidate.id, actor, source=request.verifier, written=_new(written), at=answer.at
    )
    tasks.settle(session, task, version, actor)
    return "found", f"{name}: mail is delivered there. It is the account's address now."


def _why_not(
    session: Session, task: AddressTask, request: AddressRequest, candidate: AddressCandidate
) -> str:
    """What keeps a deliverable address from coming into force by itself; empty for nothing."""
    if candidate.state != "open" or task.state not in {"open", "in_progress"}:
        return "The task had been decided already."
    if task.account_id != candidate.account_id:
        return "It was proposed for another account: choose."
    if tying.guarded(session, task):
        return "A supervisor reviews this task first."
    if address_versions.confidential(session, candidate.account_id) is not None:
        return (
            "The patient's address is confidential and stays. Billing may replace it, with a "
            "reason."
        )
    if not candidate.names_agree and request.verifier != PERSON:
        return "The name beside the address is not the account's: confirm that it is theirs."
    return ""


def _still_there(session: Session, request: AddressRequest, answer: Verified, actor: str) -> None:
    """An address in force that was asked about is verified once more; it stays as written."""
    if request.address_version_id is not None:
        version = session.get_one(AddressVersion, request.address_version_id)
        address_versions.note_verified(session, version, actor, answer.at)


def _moved(
    session: Session, task: AddressTask, request: AddressRequest, answer: Verified, actor: str
) -> _Said:
    """Where somebody moved to is proposed, and a person or a verifier confirms it."""
    name = name_of(request.verifier)
    if answer.moved_to is None:
        return "unclear", f"{name}: moved, no new address is known."
    if task.account_id is None:
        return "unclear", f"{name}: moved. Choose the account, then ask again."
    account = session.get_one(Account, task.account_id)
    asked = Question.of(request.sealed)
    address_candidates.propose(
        session, account, _new(answer.moved_to), source="moved", actor=actor, name=asked.name,
        task_id=task.id,
    )  # fmt: skip
    dropped = _DROPPED.get(answer.codes.get("ncoa", ""))
    careful = f" Careful: {dropped}." if dropped else ""
    return "found", f"{name}: moved to {answer.moved_to.line}.{careful} Confirm it."


def _missing(request: AddressRequest, answer: Verified) -> str:
    unit = Question.of(request.sealed).address.delivery.text("unit")
    if answer.codes.get("dpv") == "S" and unit:
        return f"the building exists, but no {unit} in it. Ask for the right one."
    if unit:
        return f"the building exists; more than {unit} is needed. Ask for the rest."
    return "the building exists; the apartment or suite is missing. Ask for it."


def _four(address: Address) -> tuple[str, str, str, str]:
    return (address.street, address.city, address.state, address.zip)


def _new(address: Address) -> NewAddress:
    return NewAddress(address.street, address.city, address.state, address.zip, address.care_of)
