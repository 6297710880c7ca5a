"""The parts of a MICR line weighed against the number printed on the check."""

from dataclasses import replace
from functools import cache

from bench.checks.cases import case
from intake.types import Word
from ocr.check_evidence import record_facts, weigh
from ocr.micr import MicrReading
from ocr.prepare import find_checks


@cache
def line_with_joined_serial() -> tuple[MicrReading, str]:
    """A line whose serial stands before the account with nothing but a blank between."""
    (region,) = find_checks(case(9002, 29).page)
    assert region.micr is not None
    assert region.micr.account_if_serial_first is not None
    return region.micr, region.micr.account_if_serial_first[0]


def test_the_printed_number_explains_the_blank_between_serial_and_account() -> None:
    reading, serial = line_with_joined_serial()
    bare = record_facts({})
    alone = weigh(reading, bare, (), 0).fields["micr_line"]
    assert alone is not None
    assert alone.confidence < 0.9
    printed = Word(serial, (0, 0, 60, 20), 0.95)
    settled = weigh(reading, bare, (printed,), 0).fields
    line, account = settled["micr_line"], settled["account_number"]
    assert line is not None
    assert account is not None
    assert line.confidence >= 0.95
    assert account.confidence >= 0.95
    other = Word("9" + serial, (0, 0, 60, 20), 0.95)
    still = weigh(reading, bare, (other,), 0).fields["micr_line"]
    assert still == alone


def test_a_line_with_unexplained_ink_stays_unsure_whatever_is_printed() -> None:
    reading, serial = line_with_joined_serial()
    doubtful = replace(reading, confidence=0.8)
    printed = Word(serial, (0, 0, 60, 20), 0.95)
    line = weigh(doubtful, record_facts({}), (printed,), 0).fields["micr_line"]
    assert line is not None
    assert line.confidence == 0.8
