"""Processor time by step of reading: costs nothing unless someone measures."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Literal

Step = Literal[
    "decode", "find", "micr", "layout", "words_printed", "numerals", "words", "date", "payer",
    "payee", "memo", "signature", "void", "quality", "back",
]  # fmt: skip


class Measured:
    """Seconds of processor time by step, each without the steps inside it."""

    __slots__ = ("_since", "_stack", "seconds")

    def __init__(self) -> None:
        """Begin with nothing measured."""
        self.seconds: dict[str, float] = {}
        self._stack: list[str] = []
        self._since = 0.0

    def begin(self, name: str) -> None:
        """Stop the step now running and start ``name`` inside it."""
        self._count()
        self._stack.append(name)

    def end(self) -> None:
        """Stop the innermost step; the one around it runs on."""
        self._count()
        self._stack.pop()

    def _count(self) -> None:
        now = time.process_time()
        if self._stack:
            name = self._stack[-1]
            self.seconds[name] = self.seconds.get(name, 0.0) + now - self._since
        self._since = now


_measured: ContextVar[Measured | None] = ContextVar("ocr_steps", default=None)


class step:  # noqa: N801 - reads as a statement: ``with step("micr"):``
    """What runs inside counts as step ``name`` where ``measuring`` is on, else nothing happens."""

    __slots__ = ("_into", "_name")

    def __init__(self, name: Step) -> None:
        """Name the step that begins on entry."""
        self._name = name
        self._into: Measured | None = None

    def __enter__(self) -> None:
        """Begin the step."""
        self._into = _measured.get()
        if self._into is not None:
            self._into.begin(self._name)

    def __exit__(self, *_: object) -> None:
        """End the step, also when it raised."""
        if self._into is not None:
            self._into.end()


@contextmanager
def measuring() -> Iterator[dict[str, float]]:
    """Measure all steps of this thread's context; gives the seconds by step, filled meanwhile."""
    into = Measured()
    token: Token[Measured | None] = _measured.set(into)
    try:
        yield into.seconds
    finally:
        _measured.reset(token)
