"""Logs: one JSON object a line, and only keys that are known to hold no patient data.

Mail is full of names and account numbers. A key that is not on the list below is dropped
and counted in ``dropped``. Values are ids, codes, counts and durations in a known form, or are
hidden; exceptions are reduced to their type and code, since their texts may quote.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog

from records.errors import LockboxError

ALLOWED: Final = frozenset(
    {
        "action",
        "actor",
        "attempts",
        "bytes",
        "code",
        "count",
        "component",
        "confidence",
        "deposit_id",
        "document_id",
        "dropped",
        "error_code",
        "error_type",
        "event",
        "file_id",
        "host",
        "item_id",
        "job_id",
        "kind",
        "level",
        "limit",
        "method",
        "milliseconds",
        "office",
        "outcome",
        "page",
        "pages",
        "pid",
        "pickup_id",
        "port",
        "processes",
        "queued",
        "reason",
        "request_id",
        "role",
        "route",
        "seconds",
        "sha256",
        "stage",
        "state",
        "status",
        "subject_id",
        "subject_kind",
        "task_id",
        "timestamp",
        "token",
        "transaction_id",
        "version",
        "worker",
    }
)
_EVENT = re.compile(r"[a-z][a-z0-9_.]{0,63}")
_CODE = re.compile(r"[a-z0-9_.:/{}*<>+-]{0,120}")  # no capitals, no spaces: no names of people
_MOST_DIGITS: Final = 6  # an account, a telephone, a date of birth all have more
_LARGEST: Final = 10**_MOST_DIGITS * 10
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}")
_IDS: Final = frozenset(
    {
        "deposit_id", "document_id", "file_id", "item_id", "job_id", "pickup_id", "request_id",
        "sha256", "subject_id", "task_id", "transaction_id",
    }
)  # fmt: skip
# Keys whose values have a form of their own.
_FORMS: Final = {
    "event": _EVENT,
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z"),
    "worker": re.compile(r"[A-Za-z0-9_.-]{1,120}:\d{1,10}:\d{1,20}"),
    "host": re.compile(r"[A-Za-z0-9_.-]{1,120}"),
    "method": re.compile(r"[A-Z]{3,7}"),
    "office": re.compile(r"[A-Z0-9_-]{1,16}"),
    "error_type": re.compile(r"[A-Za-z_]{1,60}"),
    "component": re.compile(r"[A-Za-z_.]{1,80}"),
}
_LARGE_NUMBERS: Final = frozenset({"bytes", "pid", "token"})
_HIDDEN: Final = "[hidden]"


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every log line of this process, the libraries' included, through the allow-list.

    Lines go to ``stream`` (standard error by default); ``level`` is a name as in the settings.
    """
    target = stream or sys.stderr
    number = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=target),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(_LibraryFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))
    # A library that brought a way out of its own would go around the allow-list.
    for name in list(logging.root.manager.loggerDict):
        library = logging.getLogger(name)
        if library.handlers:
            library.handlers[:] = []
            library.propagate = True


def keep_allowed(
    logger: object, method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog step that drops unknown keys and hides values that are no id or code."""
    del logger, method
    error = line.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        line.setdefault("error_type", type(error).__name__)
        if isinstance(error, LockboxError):
            line.setdefault("error_code", error.code)
    kept = {key: _safe(key, value) for key, value in line.items() if key in ALLOWED}
    if len(kept) < len(line):
        kept["dropped"] = len(line) - len(kept)
    return kept


def _safe(key: str, value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LARGEST or key in _LARGE_NUMBERS else _HIDDEN
    text = str(value)
    if key in _IDS and _ID.fullmatch(text):
        return text
    form = _FORMS.get(key, _CODE)
    if not form.fullmatch(text):
        return _HIDDEN
    few_digits = sum(symbol.isdigit() for symbol in text) <= _MOST_DIGITS
    return text if few_digits or key in {"timestamp", "worker", "host"} else _HIDDEN


class _LibraryFormatter(logging.Formatter):
    """A library's line as JSON: who and how grave, never its text, which may quote anything."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": "library_message",
            "component": record.name,
            "level": record.levelname.lower(),
            "timestamp": structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})[
                "timestamp"
            ],
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error_type"] = type(record.exc_info[1]).__name__
        rendered = structlog.processors.JSONRenderer(sort_keys=True)(
            None, "", dict(keep_allowed(None, "", line))
        )
        return rendered if isinstance(rendered, str) else rendered.decode()
