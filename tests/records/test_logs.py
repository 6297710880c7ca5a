"""Logs: patient data fed in by any way never comes out."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import NoReturn

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from records import ids, logs
from records.errors import WrongUse

PHI = (
    "Jane Q. Patient",
    "123456789012",
    "4711 Elm Street",
    "021000021",
    "DOB 1950-01-02",
    "jane@example.org",
    "member W123456789",
    "Smith",
    "555-12-3456",
    "W1234567890",
)


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    target = io.StringIO()
    logs.configure("DEBUG", target)
    yield target
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def _fail(error: Exception) -> NoReturn:
    raise error


def _assert_clean(text: str) -> None:
    assert text
    for secret in PHI:
        assert secret not in text
    assert "Patient" not in text
    assert "example" not in text
    for line in text.splitlines():
        assert isinstance(json.loads(line), dict)


def test_phi_in_keys_values_events_and_exceptions_never_comes_out(stream: io.StringIO) -> None:
    log = structlog.get_logger()
    for secret in PHI:
        log.info("page_read", patient_name=secret, account_number=secret, kind=secret)
        log.info(secret)
        log.info("page_read", **{secret: 1})
        log.warning("page_read", subject_id=secret, reason=secret, job_id=secret, token=secret)
        log.bind(memo=secret, stage=secret).error("page_read", detail={"name": secret})
        logging.getLogger("some.library").error("cannot read %s", secret)
        try:
            _fail(ValueError(secret))
        except ValueError:
            log.exception("page_failed")
            logging.getLogger("some.library").exception("failed for %s", secret)
    _assert_clean(stream.getvalue())


def test_what_is_needed_to_find_a_fault_does_come_out(stream: io.StringIO) -> None:
    job_id = ids.new_id()
    try:
        _fail(WrongUse("some_code", "Jane Q. Patient was not found."))
    except WrongUse:
        structlog.get_logger().exception("job_failed", job_id=job_id, stage="ocr.read", attempts=2)
    line = json.loads(stream.getvalue())
    assert line["event"] == "job_failed"
    assert line["job_id"] == job_id
    assert (line["stage"], line["attempts"]) == ("ocr.read", 2)
    assert (line["error_type"], line["error_code"]) == ("WrongUse", "some_code")
    assert line["level"] == "error"
    assert line["timestamp"].endswith("Z")
    _assert_clean(stream.getvalue())


def test_dropped_keys_are_counted(stream: io.StringIO) -> None:
    structlog.get_logger().info("x", patient="a", payer="b", pages=3)
    line = json.loads(stream.getvalue())
    assert line["dropped"] == 2
    assert line["pages"] == 3


@given(
    st.dictionaries(st.text(max_size=20), st.text(alphabet="0123456789", min_size=9, max_size=17))
)
def test_no_long_run_of_digits_comes_out_under_any_key(values: dict[str, str]) -> None:
    rendered = json.dumps(dict(logs.keep_allowed(None, "", dict(values))))
    for value in values.values():
        assert value not in rendered


# Names of machines and of our own classes and modules are never taken from a document.
NEVER_FROM_MAIL = {"host", "component", "error_type"}


@pytest.mark.parametrize("key", sorted(logs.ALLOWED - NEVER_FROM_MAIL))
def test_no_allowed_key_lets_a_name_or_number_through(key: str) -> None:
    for secret in (*PHI, 123456789012, 21000021):
        if key in {"bytes", "pid", "token"} and isinstance(secret, int):
            continue
        rendered = json.dumps(dict(logs.keep_allowed(None, "", {key: secret})))
        assert str(secret) not in rendered


def test_a_library_with_a_way_out_of_its_own_is_brought_back() -> None:
    own = io.StringIO()
    library = logging.getLogger("library.of.others")
    library.addHandler(logging.StreamHandler(own))
    library.propagate = False
    stream = io.StringIO()
    logs.configure("INFO", stream)
    library.error("patient Jane Roe")
    assert own.getvalue() == ""
    assert "library_message" in stream.getvalue()
    assert "Roe" not in stream.getvalue()
