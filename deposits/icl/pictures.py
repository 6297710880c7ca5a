"""The images of a letter, decoded in processes of their own, which may die without harm.

What comes from outside may be made to break a decoder, or to keep it busy. Each batch is a process
with limits; where one dies, the batch is halved until the image that kills it stands alone. All
images of a file share one allowance of slow seconds; once it is used up, the rest is not looked at.
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from deposits.icl.picture_child import EACH_SECONDS
from deposits.icl.tiff import tiff_findings

_BATCH, _BATCH_BYTES = 200, 16 << 20
_WAITING = 8
_SECONDS = 120
_SLOW_SECONDS = 10.0
_KILLS = ("image_kills_decoder", "The image ends its decoder.")
_UNSEEN = "image_not_looked_at"

Found = tuple[str, str]
Image = tuple[int, bytes, bool]
"""The record's number, the image file, and whether it is a front."""


@dataclass(slots=True)
class Allowance:
    """Seconds that all images of a file may take beyond ``EACH_SECONDS`` each.

    A sound letter of any length needs none of it. Batches run beside each other, so a little more
    may be spent than there is.
    """

    left: float = _SLOW_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, seconds: float) -> None:
        """Take what a batch took beyond its own."""
        with self._lock:
            self.left -= seconds


@dataclass(slots=True)
class Pictures:
    """Images handed in record by record; memory holds no more than ``_WAITING`` batches.

    A batch is full at ``_BATCH`` images or ``_BATCH_BYTES``: an image may claim ten million bytes.
    ``found`` has what is wrong with those that were looked at; ``unseen`` the other records.
    """

    decode: bool = True
    found: list[tuple[int, Found]] = field(default_factory=list)
    unseen: list[int] = field(default_factory=list)
    waiting_bytes: int = 0
    allowance: Allowance = field(default_factory=Allowance)
    _batch: list[Image] = field(default_factory=list)
    _running: list[Future[Judged]] = field(default_factory=list)
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
        """All that was found, ``(record, (code, message))`` in the order of the records.

        One finding stands at the first of the images that were not looked at, for all of them.
        """
        self._send()
        while self._running:
            self._collect()
        if self._threads is not None:
            self._threads.shutdown()
            self._threads = None
        told = list(self.found)
        if self.unseen:
            first, count = min(self.unseen), len(self.unseen)
            message = f"{count} images were not looked at: others of this file took too long."
            told.append((first, (_UNSEEN, message)))
        return sorted(told, key=lambda each: each[0])

    def _send(self) -> None:
        if not self._batch:
            return
        if self._threads is None:
            self._threads = ThreadPoolExecutor(min(4, os.cpu_count() or 1))
        self._running.append(self._threads.submit(judged, tuple(self._batch), self.allowance))
        self._batch, self.waiting_bytes = [], 0
        if len(self._running) >= _WAITING:
            self._collect()

    def _collect(self) -> None:
        done = self._running.pop(0).result()
        self.found += done.found
        self.unseen += done.unseen


@dataclass(frozen=True, slots=True)
class Judged:
    """What is wrong with a batch's images, and the records of those not looked at."""

    found: tuple[tuple[int, Found], ...] = ()
    unseen: tuple[int, ...] = ()

    def __add__(self, other: Judged) -> Judged:
        return Judged(self.found + other.found, self.unseen + other.unseen)


def judged(batch: Sequence[Image], allowance: Allowance) -> Judged:
    """Look at these images, as far as the file's allowance goes."""
    if allowance.left <= 0:
        return Judged(unseen=tuple(record for record, _, _ in batch))
    begun = time.monotonic()
    try:
        beyond, answers = _asked(batch, allowance.left)
    except (subprocess.SubprocessError, ValueError):
        allowance.spend(time.monotonic() - begun - EACH_SECONDS * len(batch))
        if len(batch) == 1:
            return Judged(((batch[0][0], _KILLS),))
        half = len(batch) // 2
        return judged(batch[:half], allowance) + judged(batch[half:], allowance)
    allowance.spend(beyond)
    told = list(zip((record for record, _, _ in batch), answers, strict=True))
    return Judged(
        tuple((record, (code, text)) for record, each in told for code, text in each or ()),
        tuple(record for record, each in told if each is None),
    )


def _asked(batch: Sequence[Image], seconds: float) -> tuple[float, list[list[Found] | None]]:
    """What the process says of a batch; SubprocessError or ValueError where it died."""
    told = "".join(f"{len(image)} {int(front)}\n" for _, image, front in batch).encode()
    body = b"".join(image for _, image, _ in batch)
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "deposits.icl.picture_child", str(seconds)],
        input=struct.pack(">I", len(told)) + told + body,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=True,
    )  # fmt: skip
    beyond, answers = json.loads(done.stdout)
    return float(beyond), answers
