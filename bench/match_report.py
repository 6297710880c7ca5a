"""The matching bench's figures as text: what is single first, then a table for what repeats."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """The report of one run."""
    yield from _section(figures, ())


def _section(figures: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[str]:
    for name, value in figures.items():
        if not _repeats(value) and not isinstance(value, Mapping):
            yield f"{' '.join((*above, name)):<44} {_told(value)}"
    for name, value in figures.items():
        here = (*above, name)
        if _repeats(value):
            yield from _table(_rows(value), here)
        elif isinstance(value, Mapping):
            yield from _section(value, here)


def _repeats(value: Any) -> bool:
    """Whether the value is several of one kind: a list of mappings, or a mapping of alike ones."""
    if isinstance(value, Mapping):
        each = [*value.values()]
        return len(each) > 1 and all(isinstance(one, Mapping) and [*one] == [*each[0]]
                                     for one in each)  # fmt: skip
    return isinstance(value, Sequence) and bool(value) and isinstance(value[0], Mapping)


def _rows(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        return [{"": name, **each} for name, each in value.items()]
    return [dict(each) for each in value]


def _table(rows: Sequence[Mapping[str, Any]], here: tuple[str, ...]) -> Iterator[str]:
    names = [name for name in rows[0] if not isinstance(rows[0][name], Mapping | list)]
    cells = [names, *([_told(row.get(name)) for name in names] for row in rows)]
    wide = [max(len(line[place]) for line in cells) for place in range(len(names))]
    yield ""
    yield " ".join(here)
    for line in cells:
        told = (text.ljust(wide[0]) if not place else text.rjust(wide[place])
                for place, text in enumerate(line))  # fmt: skip
        yield "  " + "  ".join(told)
    for row in rows:
        inner = {name: row[name] for name in row if isinstance(row[name], Mapping | list)}
        label = str(next(iter(row.values()), ""))
        yield from _section(inner, (*here, label))


def _told(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value)
    return "-" if value is None else str(value)
