"""What a reader could not prove of a remittance whose amounts add up, told beside its balance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matching import remittance_grid as grid
from matching.remittance_keying import TypedGrid, TypedRow, rekeyed
from records.money import Money
from web import remittance_form

Json = Mapping[str, Any]
SAYS: Final = "The amounts add up; what its reader doubts is to be confirmed"
_ASKS: Final = "Compare it with the picture: Save says that it is right."
_OF_ALL: Final = re.compile(r"all claims, (\w+)$")
_OF_CLAIM: Final = re.compile(r"claim (\d+), (\w+)$")
_OF_LINE: Final = re.compile(r"claim (\d+), line (\d+)$")


def as_shown(body: Json) -> TypedGrid:
    """The grid as the page shows a reading, nothing typed and nothing checked."""
    shown = grid.of_reading(body)

    def row(each: grid.Row, *origin: int) -> TypedRow:
        texts = {name: c.text for name, c in each.cells.items() if name not in each.computed}
        lines = tuple(row(line, *origin, at) for at, line in enumerate(each.lines))
        return TypedRow(texts, frozenset(), origin or None, lines)

    return TypedGrid(
        row(shown.head),
        tuple(row(each, at) for at, each in enumerate(shown.claims)),
        tuple(row(each, at) for at, each in enumerate(shown.taken)),
        str(_value(body, "as_printed") or ""),
    )


def balance(body: Json, typed: TypedGrid | None = None, actor: str = "") -> dict[str, Any]:
    """The live balance of a grid, as it stands without ``typed``; ``balanced`` is of its amounts.

    ``confirm`` says that they add up, yet the reading is not proved until somebody saves it: its
    reader saw a printed sum, say a claim's copay, that no cell of the grid holds. ``doubted`` are
    the paths of the rows at which that is said, and an empty one for what is of no row.
    """
    typed = typed or as_shown(body)
    told = remittance_form.told(rekeyed(body, typed, actor))
    doubted = doubts(body)
    told["confirm"] = bool(doubted) and told["balanced"]
    told["doubted"] = []
    if told["confirm"]:
        rows = _rows(doubted, typed)
        told["says"] = SAYS
        told["rows"] = {**rows, **told["rows"]}
        told["doubted"] = [*rows, *([] if _all_at_rows(doubted) else [""])]
    return told


def doubts(body: Json) -> list[Json]:
    """The imbalances a reading tells that the amounts of its grid do not show.

    One entry that names no place, where a reading is not proved and neither says why. Empty once
    it is proved, or a person said why it is printed so.
    """
    if _value(body, "balanced") is True or _value(body, "as_printed"):
        return []
    findings = rekeyed(body, as_shown(body), "").findings
    known = {each.where for each in findings}
    told = [each for each in _value(body, "imbalances") or () if each.get("where") not in known]
    if findings:  # the balance tells of lines and payment by itself
        return [each for each in told if _OF_ALL.match(_where(each)) or _sum_of_claim(each)]
    return told or [{}]


def sentences(body: Json) -> list[str]:
    """Each doubt in words, and at last what is asked, where nothing else is out."""
    found = doubts(body)
    told = [_sentence(each) for each in found]
    return [*told, _ASKS] if balance(body)["confirm"] else told


def _sentence(doubt: Json) -> str:
    seen, expected = _plain(doubt.get("found_cents")), _plain(doubt.get("expected_cents"))
    where = _where(doubt)
    if found := _OF_ALL.match(where):
        return f"The printed sum of {_name(found[1])} is {seen}; the lines come to {expected}."
    if found := _sum_of_claim(doubt):
        return (f"Claim {found[1]}: the printed sum of {_name(found[2])} is {seen}; its lines come "
                f"to {expected}.")  # fmt: skip
    if not where:
        return "The amounts add up, but its reader could not prove that nothing of it is missing."
    return f"{where[0].upper()}{where[1:]}: {seen} is printed; its reader expected {expected}."


def _all_at_rows(doubted: Sequence[Json]) -> bool:
    return all(_sum_of_claim(each) or _OF_LINE.match(_where(each)) for each in doubted)


def _rows(doubted: Sequence[Json], typed: TypedGrid) -> dict[str, str]:
    """What is said at the rows of doubts, by path, wherever the rows stand by now."""
    places: dict[tuple[int, ...] | None, str] = {}
    for at, claim in enumerate(each for each in typed.claims if not each.is_blank):
        places[claim.origin] = f"claims.{at}"
        for number, line in enumerate(each for each in claim.lines if not each.is_blank):
            places[line.origin] = f"claims.{at}.lines.{number}"
    said: dict[str, list[str]] = {}
    for each in doubted:
        if found := _sum_of_claim(each):
            path = places.get((int(found[1]) - 1,))
            text = f"printed {_name(found[2])} differs"
        elif found := _OF_LINE.match(_where(each)):
            path, text = places.get((int(found[1]) - 1, int(found[2]) - 1)), "doubted"
        else:
            continue
        if path is not None:
            said.setdefault(path, []).append(text)
    return {path: "; ".join(texts) for path, texts in said.items()}


def _sum_of_claim(doubt: Json) -> re.Match[str] | None:
    return _OF_CLAIM.match(_where(doubt))


def _where(doubt: Json) -> str:
    return str(doubt.get("where") or "")


def _name(role: str) -> str:
    return role.replace("_", " ")


def _plain(cents: Any) -> str:
    return str(Money(cents)) if type(cents) is int else "unread"


def _value(body: Json, name: str) -> Any:
    return ((body.get("fields") or {}).get(name) or {}).get("value")
