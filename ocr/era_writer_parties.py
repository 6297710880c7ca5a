"""NM1 segments of an 835 that is written: the patient, the insured, providers, other payers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ocr import era_unknown
from ocr.era_guides import Guide
from ocr.era_text import clean, number

_NEEDS_ID = {"IL": "MI", "82": "PC", "TT": "PI", "PR": "PI"}
_SUFFIXES = {"JR", "SR", "II", "III", "IV"}


def parties(claim: Mapping[str, Any], guide: Guide, left: list[str]) -> Iterator[list[str]]:
    """NM1 in guide order; a name or number that was corrected since takes the place of the old."""
    said = {entry["role"]: entry for entry in reversed(claim.get("parties") or [])}
    patient = _person(said.get("QC"), claim.get("patient_name"))
    member = clean(claim.get("member_id"))
    insured = said.get("IL") or {}
    if member and not (said.get("QC") and clean(insured.get("identifier")) == member):
        known = (said.get("QC") or {}).get("id_qualifier")
        patient |= {"identifier": member, "id_qualifier": known}
    yield _nm1({**patient, "role": "QC", "entity": "1"}, guide, left)
    if claim.get("provider_name"):
        said["82"] = _person(said.get("82"), claim["provider_name"], organization=True)
    for role in ("IL", "74", "82", "TT", "PR", "GB"):
        if role in said and role not in guide.party_ids:
            left.append(f"NM1 {role}")
        elif role in said:
            yield _nm1({**said[role], "role": role}, guide, left)


def _person(
    said: Mapping[str, Any] | None, name: object, *, organization: bool = False
) -> dict[str, Any]:
    """The party as it was said while its name is the same, else the name split anew.

    Last word or what stands before a comma is the last name; an organization's stays whole.
    """
    parts = ("first", "middle", "last", "suffix")
    if said is not None:
        whole = " ".join(str(said[part]) for part in parts if said.get(part))
        if clean(whole) == clean(name):
            return dict(said)
    text = str(name or "")
    if organization:
        return {**(said or {}), "entity": "2", "last": text, "first": "", "middle": "",
                "suffix": ""}  # fmt: skip
    if "," in text:
        last, _, rest = text.partition(",")
        given = clean(rest).split()
        if clean(rest).strip(".") in _SUFFIXES:
            *given, last = clean(last).split() or [""]
            return {**(said or {}), "last": last, "first": given[0] if given else "",
                    "middle": " ".join(given[1:]), "suffix": clean(rest).strip(".")}  # fmt: skip
    else:
        *given, last = clean(text).split() or [""]
    return {**(said or {}), "last": last, "first": given[0] if given else "",
            "middle": " ".join(given[1:]), "suffix": ""}  # fmt: skip


def _nm1(party: Mapping[str, Any], guide: Guide, left: list[str]) -> list[str]:
    role = party["role"]
    entity = "1" if role == "QC" else "2" if role in {"TT", "PR"} else party.get("entity") or "1"
    width = guide.widths["name"]
    last, first = clean(party.get("last"))[:width], clean(party.get("first"))
    if role in {"TT", "PR"}:
        last = last or era_unknown.TEXT
    elif role == "QC" and guide.address_needs_state:  # 004010X091A1 asks for both names
        last, first = last or era_unknown.TEXT, first or era_unknown.TEXT
    identifier = number(party.get("identifier"), 80, "number of a person")
    qualifier = clean(party.get("id_qualifier"))
    if qualifier not in guide.party_ids[role]:
        qualifier = _NEEDS_ID.get(role) or guide.party_ids[role][0]
    if len(identifier) < 2:  # NM109 takes two characters and more
        left.extend([f"NM1 {role} number of one character"] * len(identifier))
        identifier = era_unknown.TEXT if role in _NEEDS_ID else ""
    return [
        "NM1", role, str(entity), last, first[: guide.widths["first"]],
        clean(party.get("middle"))[:25], "", clean(party.get("suffix"))[:10],
        qualifier if identifier else "", identifier,
    ]  # fmt: skip
