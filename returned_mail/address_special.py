"""Delivery lines that are no streets: boxes, routes, military units, general delivery."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from returned_mail.address_parts import Delivery, Kind, Part, Role

_ID = r"(?P<{}>[0-9A-Z]+(?:-[0-9A-Z]+)*)"
_BOX_WORD = (
    r"(?:P ?O ?BOX|POST(?:AL)? OFFICE BOX|P O B|POB|P BOX|PO|(?:PO )?(?:LOCK ?BOX|DRAWER|BIN"
    r"|CALLER(?: BOX| SERVICE)?|FIRM CALLER))"
)
_NUMBER_SIGN = r"(?: (?:#|NO|NUMBER|NUM))*"
_PO_BOX = re.compile(rf"{_BOX_WORD}{_NUMBER_SIGN} {_ID.format('box')}")
_BARE_BOX = re.compile(rf"BOX{_NUMBER_SIGN} {_ID.format('box')}")
_ROUTE_WORD = (
    r"(?:R ?R|R ?F ?D(?: ROUTE)?|R D|RURAL(?: FREE)? (?:ROUTE|RTE|RT|DELIVERY)(?: ROUTE)?"
    r"|ROUTE|RTE|RT|RD)"
)
_CONTRACT_WORD = (
    r"(?:H ?C(?: ?R)?|HIGHWAY CONTRACT(?: (?:ROUTE|RTE|RT))?|(?:HC )?STAR (?:ROUTE|RTE|RT)|H C R)"
)
_BEHIND = rf"{_NUMBER_SIGN} ?0*(?P<route>[0-9]+[A-Z]?)(?: BOX{_NUMBER_SIGN}| #) {_ID.format('box')}"
_RURAL = re.compile(_ROUTE_WORD + _BEHIND)
_CONTRACT = re.compile(_CONTRACT_WORD + _BEHIND)
_MILITARY = re.compile(
    rf"(?P<kind>PSC|CMR|UNIT|PSC UNIT){_NUMBER_SIGN} (?P<unit>[0-9]+[A-Z]?)"
    rf"(?: (?:BOX|P ?O ?BOX|#){_NUMBER_SIGN} {_ID.format('box')})?"
)
_SHIP = re.compile(
    rf"(?P<ship>US[SN][SV]? [A-Z .]+?)(?: (?P<hull>[A-Z]{{2,4}}[ -]?\d+))?"
    rf"(?: UNIT {_ID.format('unit')})?(?: BOX{_NUMBER_SIGN} {_ID.format('box')})?"
)
_GENERAL = re.compile(r"(?:GENERAL DELIVERY|GEN(?:L|ERAL)? DEL(?:IV(?:ERY)?)?|GD)")
MILITARY_STATES: Final = frozenset({"AA", "AE", "AP"})


def special(text: str, state: str = "") -> Delivery | None:
    """The line when it is one of these, None when it must be a street.

    ``text`` is folded. A bare ``UNIT 12 BOX 3`` and a bare ``BOX`` are only believed where they
    cannot be a part of a street: the whole line has to be that.
    """
    for pattern, make in _SHAPES:
        match = pattern.fullmatch(text)
        if match is not None:
            made = make(match, state)
            if made is not None:
                return made
    return None


def _po_box(match: re.Match[str], state: str) -> Delivery | None:
    del state
    if not any(letter.isdigit() for letter in match["box"]) and len(match["box"]) > 2:
        return None  # "PO BOX LANE": a street called so
    return _of("po_box", ("box", f"PO BOX {match['box']}"))


def _rural(match: re.Match[str], state: str) -> Delivery | None:
    del state
    return _of("rural", ("route", f"RR {match['route']}"), ("box", f"BOX {match['box']}"))


def _contract(match: re.Match[str], state: str) -> Delivery | None:
    del state
    return _of("contract", ("route", f"HC {match['route']}"), ("box", f"BOX {match['box']}"))


def _military(match: re.Match[str], state: str) -> Delivery | None:
    kind, box = match["kind"].split()[0], match["box"]
    if box is None and state not in MILITARY_STATES and kind == "UNIT":
        return None  # the unit of some house, whose street stands on another line
    parts: list[tuple[Role, str]] = [("route", f"{kind} {match['unit']}")]
    if box is not None:
        parts.append(("box", f"BOX {box}"))
    return _of("military", *parts)


def _ship(match: re.Match[str], state: str) -> Delivery | None:
    if state not in MILITARY_STATES:
        return None
    parts: list[tuple[Role, str]] = [("street", " ".join(match["ship"].split()))]
    if match["hull"]:
        parts.append(("street", match["hull"].replace(" ", "-")))
    if match["unit"]:
        parts.append(("route", f"UNIT {match['unit']}"))
    if match["box"]:
        parts.append(("box", f"BOX {match['box']}"))
    return _of("military", *parts)


def _general(match: re.Match[str], state: str) -> Delivery | None:
    del match, state
    return _of("general", ("street", "GENERAL DELIVERY"))


def _of(kind: Kind, *parts: tuple[Role, str]) -> Delivery:
    return Delivery(kind, tuple(Part(role, text) for role, text in parts))


_Make = Callable[[re.Match[str], str], Delivery | None]
_SHAPES: tuple[tuple[re.Pattern[str], _Make], ...] = (
    (_RURAL, _rural),
    (_CONTRACT, _contract),
    (_MILITARY, _military),
    (_PO_BOX, _po_box),
    (_BARE_BOX, _po_box),
    (_GENERAL, _general),
    (_SHIP, _ship),
)
