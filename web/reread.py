"""A remittance read again: within the request where it is a few pages, else by a worker."""

from __future__ import annotations

from matching import rereading
from records import jobs
from web.context import Context


def again(ctx: Context, document_id: str, key: str) -> bool:
    """Read a document again, in this request where it is a few pages; else True: a job does it."""
    with ctx.read() as session:
        value = rereading.load(session, document_id)
    if not value.pages:
        return False
    if value.effort > rereading.AT_ONCE:
        with ctx.write() as session:
            jobs.follow(session, "layout_taught", document_id, key=f"{key}:{value.version}",
                        priority=10)  # fmt: skip
        return True
    made = rereading.work(value)
    with ctx.write() as session:
        rereading.save(session, document_id, made)
    return False
