"""Errors that tell a person what happened and what to do next, each with a stable code.

Expected outcomes (a duplicate, an unread field, no match) are return values and never raised.
"""

from __future__ import annotations

from typing import ClassVar


class LockboxError(Exception):
    """An error for people: one line of what happened, one of what to do, and a stable code.

    ``exit_status`` is the command line's exit code (contract, Conventions) and ``http_status``
    the answer of the web edge; subclasses set both once.
    """

    exit_status: ClassVar[int] = 2
    http_status: ClassVar[int] = 400

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        tail = f" {self.remedy}" if self.remedy else ""
        return f"{self.message}{tail} [{self.code}]"

    def __reduce__(self) -> tuple[type[LockboxError], tuple[str, str, str]]:
        return (type(self), (self.code, self.message, self.remedy))


class WrongUse(LockboxError):
    """The caller asked for something that cannot be: a wrong flag, value or order of steps."""


class NotFound(LockboxError):
    """What was named does not exist, or the caller may not know that it does."""

    http_status: ClassVar[int] = 404


class Forbidden(LockboxError):
    """The person is known but may not do this."""

    http_status: ClassVar[int] = 403


class Conflict(LockboxError):
    """The state of the thing does not allow it now: a refused transition, a lost lease."""

    http_status: ClassVar[int] = 409


class FindingError(LockboxError):
    """The input was read and has a fault: unbalanced, invalid, unread."""

    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 422


class UnreadableError(LockboxError):
    """The file cannot be read at all: hostile, broken, encrypted, or of an unknown kind."""

    exit_status: ClassVar[int] = 3
    http_status: ClassVar[int] = 422


class UnavailableError(LockboxError):
    """The service, its database or another machine part cannot be reached."""

    exit_status: ClassVar[int] = 4
    http_status: ClassVar[int] = 503
