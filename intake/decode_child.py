"""The program of the decoding child: one untrusted file in on fd 0, frames of pages out on fd 1.

Started by ``intake.decode`` with the kind of file, the parent's process id and the limits as
JSON; never imported by it. It imports little, since each file starts one.
"""

from __future__ import annotations

import codecs
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, BinaryIO, NoReturn, get_args

from intake import sandbox, wire
from intake.limits import Limits
from intake.sniff import Kind
from records.errors import UnreadableError

if TYPE_CHECKING:
    from intake.decoders.pages import Parts

_CODECS = ("ascii", "latin-1", "cp037", "cp1252", "utf-8", "utf-16", "utf-16-be", "utf-16-le")


def main(arguments: list[str]) -> NoReturn:
    """Decodes the file on fd 0 under all locks; exit status 0 once the last frame is out."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the child at once, as every other signal
    kind, parent, limits_text = arguments
    limits = Limits(**json.loads(limits_text))
    held = sandbox.lock_in(int(parent), limits.memory_bytes, limits.cpu_seconds)
    out = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    try:
        _decode(next(k for k in get_args(Kind) if k == kind), limits, out, held)
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


def _decode(kind: Kind, limits: Limits, out: BinaryIO, held: tuple[str, ...]) -> None:
    for name in _CODECS:
        codecs.lookup(name)
    with open(0, "rb", closefd=False) as source:
        data = source.read()
    decode = _load(kind, data)
    held += sandbox.seal()
    out.write(wire.pack({"type": "begin", "locks": held}))
    for part in decode(data, limits):
        head = asdict(part)
        body = head.pop("encoded", b"")
        head["type"] = "problem" if "code" in head else "page"
        out.write(wire.pack(head, body))
        out.flush()
    out.write(wire.pack({"type": "end"}))


def _load(kind: Kind, data: bytes) -> Callable[[bytes, Limits], Parts]:
    """The decoder for ``kind`` with all its code loaded: after the seal no file opens."""
    # ruff: noqa: PLC0415 - each kind loads its own decoder and no other
    if kind == "pdf":
        from intake.decoders import pdf

        pdf.prepare(data)
        return pdf.decode_pdf
    from intake.decoders import images

    if kind == "x9":
        from intake.decoders import letters

        for inner in letters.VIEW_KINDS:
            images.prepare(inner)
        return letters.decode_letter
    images.prepare(kind)
    return lambda data, limits: images.decode_image(data, kind, limits)


if __name__ == "__main__":
    main(sys.argv[1:])
