"""How sure each field must be: one setting a field, and what each of them changes."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

import pytest

from matching import registering
from matching.readings import Document
from matching.register import Envelope, FileReadings, PaymentPlan, Thresholds, plan
from records.db import Database
from records.settings import Settings, describe
from tests.matching.world import RECEIVED, add_file, check, field

SETTINGS = {each.name: f"{each.name}_confidence" for each in fields(Thresholds)}


def planned(sure: Thresholds, **read: Any) -> PaymentPlan:
    """What becomes of a good check of which some fields were read otherwise."""
    document = Document("D", 0, "check", check(125_00, **read))
    envelope = Envelope("T", 0, ("Lakeshore Family Dental",), (document,))
    (made,) = plan(FileReadings("F", RECEIVED, sure, (envelope,)))
    return made.payments[0]


@pytest.mark.parametrize(
    ("name", "read", "asks"),
    [
        ("amount", {"amount_cents": field(125_00, 0.9)}, ("amount",)),
        ("micr", {"account_number": field("998877", 0.9)}, ("micr",)),
        ("micr", {"routing_number": field("021000021", 0.9)}, ("micr",)),
        ("check_number", {"check_number": field("101", 0.9)}, ("micr",)),
        ("payee", {"payee_name": field("Lakeshore Family Dental", 0.9)}, ("payee",)),
    ],
)
def test_what_is_less_sure_than_its_setting_is_asked(
    name: str, read: dict[str, Any], asks: tuple[str, ...]
) -> None:
    assert planned(Thresholds(**{name: 0.91}), **read).asks == asks
    assert planned(Thresholds(**{name: 0.9}), **read).asks == ()


@pytest.mark.parametrize(
    ("name", "read", "asks"),
    [
        ("unsigned", {"signed": field(False, 0.9)}, ("signature",)),
        ("date", {"date": field("2026-01-02", 0.9)}, ("date",)),
    ],
)
def test_what_speaks_against_a_check_is_asked_from_its_setting_on(
    name: str, read: dict[str, Any], asks: tuple[str, ...]
) -> None:
    assert planned(Thresholds(**{name: 0.9}), **read).asks == asks
    assert planned(Thresholds(**{name: 0.91}), **read).asks == ()


def test_a_payers_name_is_taken_over_from_its_setting_on() -> None:
    read = {"payer_name": field("Walter Abernathy", 0.6)}
    assert planned(Thresholds(payer=0.6), **read).payer_name == "Walter Abernathy"
    assert planned(Thresholds(payer=0.61), **read).payer_name == ""


def test_defaults_are_those_of_the_settings_and_doctor_lists_them() -> None:
    settings = Settings()
    listed = {line.variable: line for line in describe(settings)}
    for name, setting in SETTINGS.items():
        assert getattr(settings, setting) == getattr(Thresholds(), name)
        assert listed[f"LOCKBOX_{setting.upper()}"].description
    assert listed["LOCKBOX_AMOUNT_BY_BALANCE"].value == "True"


def test_every_setting_reaches_its_field(group: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {name: 0.51 + place / 100 for place, name in enumerate(SETTINGS)}
    for name, setting in SETTINGS.items():
        monkeypatch.setenv(f"LOCKBOX_{setting.upper()}", str(wanted[name]))
    with group.write() as session:
        file = add_file(session, [check(125_00)])
        assert asdict(registering.load(session, file.id).sure) == wanted
