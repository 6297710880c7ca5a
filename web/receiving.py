"""Uploads over HTTP: first to a temporary file, then durably into the store, then an item."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool

from intake import uploads
from intake.uploads import Kept, Receipt
from web.context import Context

_IN_MEMORY_BYTES = 2_000_000
# A body is sealed in memory: one at a time keeps the server small however many couriers send.
_one_at_a_time = threading.BoundedSemaphore(1)


async def spool(chunks: AsyncIterator[bytes]) -> IO[bytes]:
    """The whole body in a temporary file; however slow the line, it costs no memory."""
    file = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
    try:
        async for chunk in chunks:
            await run_in_threadpool(file.write, chunk)
    except BaseException:
        file.close()
        raise
    return file


def keep(ctx: Context, file: IO[bytes], name: str) -> Kept:
    """Put a received body into the store; it is durable when this returns."""
    with _one_at_a_time, file:
        file.seek(0)
        data = file.read(ctx.settings.max_upload_bytes + 1)
        return uploads.keep(ctx.store, data, name, limit_bytes=ctx.settings.max_upload_bytes)


def take(
    ctx: Context, file: IO[bytes], name: str, *, office_id: str, pickup_id: str | None, channel: str
) -> Receipt:
    """Make a received body an item; the answer may be given only after this returns."""
    kept = keep(ctx, file, name)
    with ctx.write() as session:
        return uploads.receive(
            session,
            kept,
            office_id=office_id,
            actor=ctx.actor,
            channel=channel,
            pickup_id=pickup_id,
        )


async def take_body(
    ctx: Context, *, office_id: str, pickup_id: str | None, channel: str
) -> Receipt:
    """Take the raw request body as a file named by the header ``X-File-Name`` (percent-encoded)."""
    name = unquote(ctx.request.headers.get("x-file-name", "")) or "unnamed"
    file = await spool(ctx.stream())
    return await run_in_threadpool(
        take, ctx, file, name, office_id=office_id, pickup_id=pickup_id, channel=channel
    )
