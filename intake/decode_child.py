"""The decoding child: one untrusted file in on fd 0, frames of pages out on fd 1.

Forked by ``intake.decode_starter`` for each file, never imported by the caller.
"""

from __future__ import annotations

import codecs
import gc
import os
from collections.abc import Callable
from dataclasses import fields
from typing import TYPE_CHECKING, BinaryIO, NoReturn, get_args

from intake import sandbox, wire
from intake.limits import Limits
from intake.sniff import Kind
from records.errors import UnreadableError

if TYPE_CHECKING:
    from intake.decoders.pages import Parts

_CODECS = ("ascii", "latin-1", "cp037", "cp1252", "utf-8", "utf-16", "utf-16-be", "utf-16-le")

_COLLECT_EVERY = 50_000
"""Objects between two looks for cycles, as a page of text has; the limit of memory holds beside."""


def work(kind: str, starter: int, limits: Limits, *, text: bool) -> NoReturn:
    """Decodes the file on fd 0 under all locks; exit status 0 once the last frame is out."""
    gc.set_threshold(_COLLECT_EVERY)
    held = sandbox.lock_in(starter, limits.memory_bytes, limits.cpu_seconds)
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    try:
        _decode(kind, limits, out, held, text=text)
    except MemoryError:
        out.write(wire.pack({"type": "error", "code": "decode_memory"}))
    except UnreadableError as error:
        out.write(wire.pack({"type": "error", "code": error.code}))
    except Exception as error:  # noqa: BLE001 - whatever a decoder raises, the file is at fault
        from intake.decoders.pages import problem_of

        out.write(wire.pack({"type": "error", "code": problem_of(error).code}))
    out.flush()
    # Skips the interpreter's own clean-up, in which decoders with damaged state crash.
    os._exit(0)


def _decode(kind: str, limits: Limits, out: BinaryIO, held: tuple[str, ...], *, text: bool) -> None:
    decode = load(kind, text=text)
    held += sandbox.seal()
    out.write(wire.pack({"type": "begin", "locks": held}))
    with open(0, "rb", closefd=False) as source:
        data = source.read()
    for part in decode(data, limits):
        head = {each.name: getattr(part, each.name) for each in fields(part)}
        body = head.pop("encoded", b"")
        head["type"] = "problem" if "code" in head else "page"
        out.write(wire.pack(head, body))
        out.flush()
    out.write(wire.pack({"type": "end"}))


def load(kind: str, *, text: bool) -> Callable[[bytes, Limits], Parts]:
    """The decoder for a ``Kind`` with all its code loaded: after the seal no file opens.

    ``text`` says whether a PDF may hold any. Once loaded, it takes next to no time.
    """
    # ruff: noqa: PLC0415 - each kind loads its own decoder and no other
    for name in _CODECS:
        codecs.lookup(name)
    if kind == "pdf":
        from intake.decoders import pdf

        pdf.prepare(text=text)
        return pdf.decode_pdf
    from intake.decoders import images

    if kind == "x9":
        from intake.decoders import letters

        for inner in letters.VIEW_KINDS:
            images.prepare(inner)
        return letters.decode_letter
    known = next(one for one in get_args(Kind) if one == kind)
    images.prepare(known)
    return lambda data, limits: images.decode_image(data, known, limits)
