"""The images of a letter, decoded in processes of their own, which may die without harm.

What comes from outside may be made to break a decoder. Each batch is a process with limits; where
one dies, the batch is halved until the image that kills it stands alone.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from deposits.icl.tiff import tiff_findings

_BATCH, _BATCH_BYTES = 200, 16 << 20
_WAITING = 8
_SECONDS = 120
_KILLS = ("image_kills_decoder", "The image ends its decoder.")

Found = tuple[str, str]
Image = tuple[int, bytes, bool]
"""The record's number, the image file, and whether it is a front."""


@dataclass(slots=True)
class Pictures:
    """Images handed in record by record; memory holds no more than ``_WAITING`` batches.

    A batch is full at ``_BATCH`` images or ``_BATCH_BYTES``: an image may claim ten million bytes.
    """

    decode: bool = True
    found: list[tuple[int, Found]] = field(default_factory=list)
    waiting_bytes: int = 0
    _batch: list[Image] = field(default_factory=list)
    _running: list[Future[list[tuple[int, Found]]]] = field(default_factory=list)
    _threads: ThreadPoolExecutor | None = None

    def take(self, record: int, image: bytes, *, front: bool) -> None:
        """One image; ``front`` must show something. Undecoded, its header alone is looked at."""
        if not self.decode:
            self.found += [(record, each) for each in tiff_findings(image)]
            return
        self._batch.append((record, image, front))
        self.waiting_bytes += len(image)
        if len(self._batch) >= _BATCH or self.waiting_bytes >= _BATCH_BYTES:
            self._send()

    def finish(self) -> list[tuple[int, Found]]:
        """All that was found, ``(record, (code, message))`` in the order of the records."""
        self._send()
        while self._running:
            self.found += self._running.pop(0).result()
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        return sorted(self.found, key=lambda each: each[0])

    def _send(self) -> None:
        if not self._batch:
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))
        self._running.append(self._threads.submit(judged, tuple(self._batch)))
        self._batch, self.waiting_bytes = [], 0
        if len(self._running) >= _WAITING:
            self.found += self._running.pop(0).result()


def judged(batch: Sequence[Image]) -> list[tuple[int, Found]]:
    """What is wrong with these images, each with its record."""
    told = "".join(f"{len(image)} {int(front)}\n" for _, image, front in batch).encode()
    body = b"".join(image for _, image, _ in batch)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "deposits.icl.picture_child"],
            input=struct.pack(">I", len(told)) + told + body,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=True,
        )  # fmt: skip
        answers = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        if len(batch) == 1:
            return [(batch[0][0], _KILLS)]
        half = len(batch) // 2
        return judged(batch[:half]) + judged(batch[half:])
    return [
        (record, (code, message))
        for (record, _, _), findings in zip(batch, answers, strict=True)
        for code, message in findings
    ]
