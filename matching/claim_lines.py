"""The lines of a remitted claim beside those that were sent: one by one, combined, or parted.

Insurers drop and change modifiers, combine two lines of one day into one, or part one in two;
the day and the sum of the charges outlast all of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from matching.claim_facts import ServiceFacts

_MOST = 12
"""Above so many lines of a day, combinations are not tried: some sum fits by chance."""


@dataclass(frozen=True, slots=True)
class LineMatch:
    """Places of lines that belong together: one to one, several to one, or one to several.

    ``changed``: what the payer did to it, of ``modifiers``, ``procedure``, ``units``,
    ``combined``, ``parted``.
    """

    said: tuple[int, ...]
    sent: tuple[int, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Every match of lines, and the places of those that have none."""

    matches: tuple[LineMatch, ...]
    said_alone: tuple[int, ...]
    sent_alone: tuple[int, ...]

    @property
    def level(self) -> str:
        """``all`` (one by one, same procedures), ``changed`` (all, but the payer changed codes,
        combined or parted some), ``some``, or ``none``."""
        if not self.matches:
            return "none"
        if self.said_alone:
            return "some"
        if self.sent_alone or any(set(m.changed) - {"modifiers"} for m in self.matches):
            return "changed"
        return "all"


def align(said: Sequence[ServiceFacts], sent: Sequence[ServiceFacts]) -> Lines:
    """The lines that belong together, each in one match at most; the order is of no account."""
    left, right = dict(enumerate(said)), dict(enumerate(sent))
    found: list[LineMatch] = []
    for same_code in (True, False):
        for place in list(left):
            partner = _partner(left[place], right, same_code=same_code)
            if partner is not None:
                found.append(LineMatch((place,), (partner,), _changes(left[place], right[partner])))
                del left[place], right[partner]
    found += [LineMatch((one,), several, ("combined",)) for one, several in _sums(left, right)]
    found += [LineMatch(several, (one,), ("parted",)) for one, several in _sums(right, left)]
    return Lines(tuple(found), tuple(left), tuple(right))


def _partner(
    line: ServiceFacts, among: dict[int, ServiceFacts], *, same_code: bool
) -> int | None:  # fmt: skip
    """The line of the same day and charge; with ``same_code`` of the same procedure as well."""
    if line.charged_cents is None or line.service_on is None:
        return None
    fits = [
        place
        for place, other in among.items()
        if (other.charged_cents, other.service_on) == (line.charged_cents, line.service_on)
        and (not same_code or other.procedure == line.procedure)
    ]
    if not fits:
        return None
    return max(fits, key=lambda place: (among[place].modifiers == line.modifiers, -place))


def _changes(said: ServiceFacts, sent: ServiceFacts) -> tuple[str, ...]:
    found = []
    if said.procedure and said.procedure != sent.procedure:
        found.append("procedure")
    if said.modifiers != sent.modifiers:
        found.append("modifiers")
    if said.units != sent.units:
        found.append("units")
    return tuple(found)


def _sums(
    ones: dict[int, ServiceFacts], many: dict[int, ServiceFacts]
) -> list[tuple[int, tuple[int, ...]]]:
    """Lines that are the sum of two or three of the other side's of their day; takes both out."""
    found = []
    for place, line in list(ones.items()):
        of_day = [p for p, other in many.items() if other.service_on == line.service_on
                  and other.charged_cents]  # fmt: skip
        if line.charged_cents is None or line.service_on is None or len(of_day) > _MOST:
            continue
        chosen = next(
            (
                some
                for count in (2, 3)
                for some in combinations(of_day, count)
                if sum(many[p].charged_cents or 0 for p in some) == line.charged_cents
            ),
            None,
        )
        if chosen is not None:
            found.append((place, chosen))
            del ones[place]
            for each in chosen:
                del many[each]
    return found
