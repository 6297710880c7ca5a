"""Who may open which address task: a guarded one is a supervisor's, and each refusal is kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy.orm import Session

from records.models import AddressTask
from returned_mail import guarded, passing, tasks
from web.context import Context, Refused

WORKERS: Final = ("specialist", "billing", "admin")
SUPERVISORS: Final = ("billing", "admin")


def is_supervisor(ctx: Context) -> bool:
    """Whether the person sees guarded tasks."""
    return ctx.user.role in SUPERVISORS


def opened(ctx: Context, session: Session, ref: str) -> AddressTask:
    """The task by its reference; ``Refused`` (Forbidden) for a guarded one, which is audited."""
    task = tasks.find(session, ref)
    if task.queue and not is_supervisor(ctx):
        refused = Refused(
            "supervisors_only", "A supervisor reviews this task.", "Ask billing if you need it."
        )
        refused.subject = ("address_task", task.id)
        raise refused
    return task


def kept_back(ctx: Context, session: Session, page_ids: Collection[str]) -> frozenset[str]:
    """Those of these pages whose pictures are not for this person: a supervisor reviews them, or
    they show a piece that was passed on to another office."""
    elsewhere = passing.pages(session, page_ids, ctx.offices)
    return elsewhere if is_supervisor(ctx) else elsewhere | guarded.pages(session, page_ids)
