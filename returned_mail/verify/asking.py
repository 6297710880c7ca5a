"""Questions put to a verifier: each once, sealed, waiting for a worker to send it."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, crypto, row_locks
from records.errors import NotFound, WrongUse
from records.models import AddressCandidate, AddressRequest, AddressTask, AddressVersion
from records.workflow import ADDRESS_REQUEST, move
from returned_mail.address import Address
from returned_mail.verify import setting
from returned_mail.verify.types import KINDS, NETWORK, PERSON, Question, Verified

_FIRST = {"csv": "for_file", PERSON: "for_person"}


def ask(
    session: Session,
    task: AddressTask,
    address: Address,
    actor: str,
    *,
    verifier: str | None = None,
    candidate: AddressCandidate | None = None,
    version: AddressVersion | None = None,
    name: str = "",
) -> AddressRequest:
    """Ask a verifier about an address of a task; the same question again is the same request.

    ``verifier`` defaults to the first that is set up; without any a person has to answer.
    ``candidate`` or ``version`` is what the address is of. ``name`` goes only where the service
    compares names. One that failed is asked once more. Raises WrongUse ``unknown_verifier``.
    """
    kind = verifier or setting.chosen(session) or PERSON
    if kind not in (*KINDS, PERSON):
        raise WrongUse("unknown_verifier", f"There is no verifier {kind!r}.",
                       f"Choose one of {', '.join(KINDS)}.")  # fmt: skip
    question = Question(address, name if kind == "csv" else "")
    key = _key(task.id, kind, question)
    # Everybody who asks about a task locks it first: two clicks make one request.
    row_locks.locked(session, AddressTask, task.id)
    known = session.scalar(
        select(AddressRequest)
        .where(AddressRequest.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if known is not None:
        if known.state == "failed":
            move(known, ADDRESS_REQUEST, "asked")
            known.attempts, known.next_at = 0, clock.now()
            known.code = _FIRST.get(kind, "waits")
            _audit(session, known, actor, "address_request.asked_again")
        return known
    made = AddressRequest(
        task_id=task.id,
        candidate_id=None if candidate is None else candidate.id,
        address_version_id=None if version is None else version.id,
        verifier=kind,
        key=key,
        code=_FIRST.get(kind, "waits"),
        sealed=question.to_json(),
        asked_by=actor,
        next_at=clock.now(),
    )
    session.add(made)
    session.flush()
    _audit(session, made, actor, "address_request.asked", verifier=kind)
    return made


def answered(session: Session, request_id: str) -> Verified | None:
    """A request's answer; None while there is none. Raises NotFound ``unknown_request``."""
    request = session.get(AddressRequest, request_id)
    if request is None:
        raise NotFound("unknown_request", "There is no such request.", "Reload the page.")
    return None if request.answer is None else Verified.of(request.answer)


def enter(session: Session, request: AddressRequest, answer: Verified, actor: str) -> None:
    """Keep an answer; the caller holds the row. It is applied by ``returned_mail.verified``."""
    move(request, ADDRESS_REQUEST, "answered")
    request.answer, request.verdict = answer.to_json(), answer.verdict
    request.answered_at, request.lease_until, request.code = clock.now(), None, "answered"
    session.flush()
    _audit(session, request, actor, "address_request.answered",
           verifier=request.verifier, verdict=answer.verdict)  # fmt: skip


def requests_of(session: Session, task_id: str) -> list[AddressRequest]:
    """A task's requests, the newest first."""
    return list(
        session.scalars(
            select(AddressRequest)
            .where(AddressRequest.task_id == task_id)
            .order_by(AddressRequest.created_at.desc(), AddressRequest.id.desc())
        )
    )


def fail_waiting(session: Session, kind: str, actor: str) -> int:
    """What waits for a verifier that was switched off is for a person; how many."""
    waiting = session.scalars(
        select(AddressRequest)
        .where(
            AddressRequest.verifier == kind,
            AddressRequest.state.in_(("asked", "unknown_outcome")),
        )
        .with_for_update()
    ).all()
    for each in waiting:
        move(each, ADDRESS_REQUEST, "failed")
        each.code = "switched_off"
        _audit(session, each, actor, "address_request.failed", code="switched_off")
    return len(waiting)


def over_network(kind: str) -> bool:
    """Whether a verifier is asked over the network."""
    return kind in NETWORK


def _key(task_id: str, kind: str, question: Question) -> str:
    said = f"{task_id}|{kind}|{question.address.line}|{question.name}"
    return crypto.keyring().fingerprint("address_request", said)


def _audit(
    session: Session, request: AddressRequest, actor: str, action: str, **detail: str
) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="address_task",
                 subject_id=request.task_id, detail={"request": request.id, **detail})  # fmt: skip
