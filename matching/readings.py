"""Readings as stored (the contract's document JSON), looked into by field name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


def value_of(fields: Mapping[str, Any], name: str) -> Any:
    """What a field of a stored reading holds; None when it was not read."""
    field = fields.get(name)
    return field.get("value") if isinstance(field, Mapping) else None


@dataclass(frozen=True, slots=True)
class Document:
    """One document of an envelope and its newest reading; ``body`` is the contract's JSON."""

    id: str
    position: int
    kind: str
    body: Mapping[str, Any]
    has_pages: bool = True

    def field(self, name: str) -> Mapping[str, Any] | None:
        """The field as read, or None."""
        found = (self.body.get("fields") or {}).get(name)
        return found if isinstance(found, Mapping) and found.get("value") is not None else None

    def value(self, name: str, least: float = 0.0) -> Any:
        """The field's value when it was read with at least this confidence, else None."""
        found = self.field(name)
        if found is None or float(found.get("confidence") or 0.0) < least:
            return None
        return found["value"]

    def text(self, name: str, least: float = 0.0) -> str:
        """The value as one text, empty when unread; lists of lines are joined."""
        found = self.value(name, least)
        if isinstance(found, list):
            return "\n".join(str(line) for line in found)
        return "" if found is None else str(found).strip()

    def cents(self, name: str, least: float = 0.0) -> int | None:
        """The value as whole cents; None for anything that is not an int."""
        found = self.value(name, least)
        return found if type(found) is int else None

    def best_guess_cents(self, name: str) -> int:
        """The value or its likeliest alternative, for ordering work by value only; 0 for none."""
        raw = (self.body.get("fields") or {}).get(name)
        if not isinstance(raw, Mapping):
            return 0
        choices = [raw.get("value")]
        choices += [a.get("value") for a in raw.get("alternatives") or [] if isinstance(a, Mapping)]
        return next((choice for choice in choices if type(choice) is int and choice > 0), 0)

    def amounts(self, name: str, part: str) -> list[int]:
        """The cents that each entry of a listed field names as ``part``; no entry without."""
        entries = self.value(name) or []
        found = [each.get(part) for each in entries if isinstance(each, Mapping)]
        return [each for each in found if type(each) is int]

    @property
    def warnings(self) -> frozenset[str]:
        """The codes of the reading's warnings."""
        found = self.body.get("warnings") or []
        return frozenset(str(w.get("code")) for w in found if isinstance(w, Mapping))

    @property
    def electronic(self) -> bool:
        """Whether this is an 835 rather than paper."""
        fields = (self.body.get("fields") or {}).values()
        sources = {str(f.get("source")) for f in fields if isinstance(f, Mapping)}
        return self.kind == "remittance" and (not self.has_pages or "x12" in sources)
