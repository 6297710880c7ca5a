"""What is due next on an address task, and when: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from returned_mail.reasons import Play, due_on, open_day

STEPS: Final = {
    "triage": "look at it",
    "wait": "mail again after the wait",
    "contact": "contact the guarantor",
    "answer": "as agreed at the last contact",
    "supervisor": "a supervisor decides",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What has happened to a task. ``next_on`` is what the newest attempt agreed upon."""

    started_on: date
    triaged: bool
    contacts: int
    next_on: date | None = None
    waited: bool = False
    escalated: bool = False


@dataclass(frozen=True, slots=True)
class Due:
    """The next step (a key of ``STEPS``) and its day."""

    step: str
    on: date


def supervisor_on(play: Play, started_on: date) -> date:
    """The day on which a task becomes a supervisor's."""
    return started_on + timedelta(days=play.supervisor_day)


def next_due(play: Play, facts: Facts) -> Due:
    """The next step: triage, the agreed day, the wait, the next contact, at last the supervisor."""
    last = supervisor_on(play, facts.started_on)
    if play.queue:
        return Due("supervisor", due_on(facts.started_on, play.due_days))
    if not facts.triaged:
        return Due("triage", due_on(facts.started_on, play.due_days))
    if facts.next_on is not None:
        return Due("answer", facts.next_on)
    if facts.escalated:
        return Due("supervisor", last)
    if play.retry == "after_wait" and play.hold_days and not facts.waited:
        return Due("wait", open_day(facts.started_on + timedelta(days=play.hold_days)))
    if facts.contacts < len(play.contact_days):
        day = facts.started_on + timedelta(days=play.contact_days[facts.contacts])
        return min(Due("contact", open_day(day)), Due("supervisor", last), key=lambda due: due.on)
    return Due("supervisor", last)
